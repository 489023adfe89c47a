"""What stands in which input cell when an installation is written into the template, and what the template cannot say.

Everything goes into cells of the layout; what has no cell is told (``not-in-template``), what has to be put in another
form (several sources of electricity, an hourly series, a standard factor) is told with the figure that stands for it.
Figures of our own calculation are used only there, under the transitional basis, so that the workbook gives them again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT, parse_decimal, plain
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.communication.layout import Block, Layout, layout
from zerofactory_mappings.cbam.model import CarbonPrice, Given, Installation, Origin, Precursor, Process, RouteAmount
from zerofactory_mappings.cbam.result import CbamResult, PrecursorUse, ProcessResult

#: What a cell can be given.
Entry = Decimal | str | bool | date
HUNDRED = Decimal(100)


@dataclass(slots=True)
class Entries:
    """Cells with what they are given, and what there is to say about it."""

    layout: Layout
    cells: dict[tuple[str, str], Entry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def put(self, block: Block, name: str, index: int, value: Entry | Given | None) -> None:
        """Give a field its value; nothing when there is none. Shares of fields in per cent are multiplied."""
        self.put_at(block, name, block.cell(name, index), value)

    def put_at(self, block: Block, name: str, cell: str, value: Entry | Given | None) -> None:
        """The same for one cell of a run."""
        if isinstance(value, Given):
            value = value.value
            if block.fields[name].kind == "percent":
                value = CONTEXT.multiply(value, HUNDRED)
        if block.fields[name].kind == "category" and isinstance(value, str):
            value = self.layout.category_text(value)
        if value is not None and value != "":
            self.cells[block.sheet, cell] = value

    def code(self, block: Block, name: str, index: int, code: str | None, where: str) -> None:
        """Give a field the template's text of one of our codes; a code that it does not have is told."""
        if not code:
            return
        codes = block.fields[name].codes
        text = self.layout.text_of(codes, code)
        if text is None:
            self.say("code-not-in-template", where, Severity.WARNING, found=code,
                     accepted=", ".join(self.layout.lists[codes]))
            return
        self.put(block, name, index, text)

    def say(self, code: str, where: str, severity: Severity = Severity.NOTE, *, found: str | None = None,
            accepted: str | None = None, **args: str) -> None:
        """Tell something about the part of the input at *where*."""
        self.problems.append(Problem(f"cbam-template.{code}", Place(path=where), severity, found, accepted, None, args))


def positions(ids: Sequence[str], prefix: str, count: int) -> dict[str, int]:
    """Which block each id gets: its own number where all are numbered (``P3``), otherwise by order."""
    numbers = [i.removeprefix(prefix) for i in ids]
    if all(n.isascii() and n.isdigit() and 1 <= int(n) <= count for n in numbers) and len(set(numbers)) == len(numbers):
        return {i: int(n) - 1 for i, n in zip(ids, numbers, strict=True)}
    return {identifier: number for number, identifier in enumerate(ids)}


def entries_of(installation: Installation, result: CbamResult) -> Entries:
    """The entries for an installation; *result* is its own calculation under the transitional basis."""
    from zerofactory_mappings.cbam.communication.entries_sources import put_sources
    from zerofactory_mappings.cbam.communication.expressed import tell_unexpressed

    entries = Entries(layout())
    if not _fits(installation, entries):
        return entries
    _check_names(installation, entries)
    writer = _Writer(installation, result, entries)
    writer.head()
    writer.lists()
    for process in installation.processes:
        writer.process(process)
    for precursor in installation.precursors:
        writer.precursor(precursor)
    writer.products()
    writer.prices()
    put_sources(installation, result, entries)
    tell_unexpressed(installation, entries)
    return entries


def _fits(installation: Installation, entries: Entries) -> bool:
    """Whether everything finds room; each list that does not is told."""
    blocks = entries.layout.blocks
    lists = {"process_list": len(installation.processes), "precursor_list": len(installation.precursors),
             "streams": len(installation.streams), "pfc": len(installation.pfc), "measured": len(installation.measured),
             "products": len(installation.products), "goods": len(_goods(installation))}
    full = True
    for name, wanted in lists.items():
        if wanted > blocks[name].count:
            entries.say("capacity", name, Severity.ERROR, found=str(wanted), accepted=f"≤ {blocks[name].count}",
                        list=name)
            full = False
    return full


def _check_names(installation: Installation, entries: Entries) -> None:
    """Names by which the template would mix up processes and precursors."""
    at, seen = entries.layout, dict[str, str]()
    named = [*((p.id, p.name) for p in installation.processes), *((p.id, p.name) for p in installation.precursors)]
    for ident, name in named:
        first = seen.setdefault(name.casefold(), ident)
        if first != ident:
            entries.say("name-duplicate", ident, Severity.ERROR, found=name[:80], first=first)
        if name.casefold() == at.not_available:
            entries.say("name-not-available", ident, Severity.ERROR, found=name)
        if any(c in name for c in at.name_wildcards):
            entries.say("name-wildcard", ident, Severity.WARNING, found=name[:80],
                        wildcards=" ".join(at.name_wildcards))
        if len(name) > at.name_limit:
            entries.say("name-too-long", ident, Severity.WARNING, found=str(len(name)), accepted=f"≤ {at.name_limit}")


def _goods(installation: Installation) -> dict[str, list[str]]:
    """Categories made in the installation in the order of the processes, each with its routes."""
    found: dict[str, list[str]] = {}
    for process in installation.processes:
        for category in (*process.included, process.category):
            if category:
                routes = found.setdefault(category, [])
                if category == process.category:
                    routes += [r.route for r in process.production if r.amount.value and r.route not in routes]
    return found


def _category_of(precursor: Precursor) -> scope.Category | None:
    """The category as stated, else that of the CN code."""
    if precursor.category:
        return scope.find_category(precursor.category)
    good = scope.read_cn(precursor.cn).good if precursor.cn else None
    return None if good is None else good.category


def _figure(text: str) -> Decimal | None:
    """The number in a text, which may be in per cent."""
    bare = text.strip()
    number = parse_decimal(bare.removesuffix("%"))
    return CONTEXT.divide(number, HUNDRED) if number is not None and bare.endswith("%") else number


class _Writer:
    def __init__(self, installation: Installation, result: CbamResult, entries: Entries) -> None:
        self.given, self.result, self.entries = installation, result, entries
        self.layout, self.blocks = entries.layout, entries.layout.blocks
        self.process_at = positions([p.id for p in installation.processes], "P", self.blocks["process"].count)
        self.precursor_at = positions([p.id for p in installation.precursors], "PP", self.blocks["precursor"].count)
        self.results: Mapping[str, ProcessResult] = {p.id: p for p in result.processes}
        self.uses: Mapping[str, PrecursorUse] = {p.id: p for p in result.precursors}

    # --- sheet A, totals, remarks -----------------------------------------------------------------------------------

    def head(self) -> None:
        """Period, names, addresses, totals typed by hand, remarks."""
        block, given = self.blocks["installation"], self.given
        self.entries.put(block, "period_start", 0, given.period_start)
        self.entries.put(block, "period_end", 0, given.period_end)
        if given.name != given.details.get("name_local"):
            self.entries.put(block, "name", 0, given.name)
        for name in block.fields:
            if name not in ("period_start", "period_end", "name", "country"):
                self.entries.put(block, name, 0, given.details.get(name))
        self._country(block)
        self._totals()
        remarks = self.blocks["remarks"]
        for name in remarks.fields:
            self.entries.put(remarks, name, 0, given.details.get(name))

    def _country(self, block: Block) -> None:
        text = self.given.details.get("country_name")
        if text is None and self.given.country:
            found = scope.find_country(self.given.country)
            text = found.en if found is not None else self.given.country
        self.entries.put(block, "country", 0, text)

    def _totals(self) -> None:
        block, stated = self.blocks["balance"], self.given.stated
        for name in ("co2", "biomass_co2", "n2o", "pfc", "indirect"):
            self.entries.put(block, name, 0, getattr(stated, name))
        if stated.indirect is None and self.given.origin is Origin.OWN:
            total = self.result.installation.indirect_processes
            if total is not None:
                self.entries.put(block, "indirect", 0, total)
                self.entries.say("indirect-written", "stated/indirect", found=plain(total))
        for name in ("fuel_total", "fuel_direct", "fuel_electricity", "fuel_other"):
            if (text := self.given.details.get(f"{name}_TJ")) is not None:
                self.entries.put(block, name, 0, Decimal(text))
        for name in ("data_quality", "quality_justification", "quality_assurance"):
            self.entries.code(block, name, 0, self.given.details.get(name), name)

    def lists(self) -> None:
        """The lists of goods, processes and precursors."""
        goods, block = self.blocks["goods"], self.blocks["process_list"]
        for index, (ident, routes) in self._listed_goods().items():
            category = scope.find_category(ident)
            if category is None:
                continue
            self.entries.put(goods, "category", index, category.template_name)
            self._routes(goods, "routes", index, category, routes)
        for process in self.given.processes:
            index = self.process_at[process.id]
            category = scope.find_category(process.category or "")
            if category is None:
                self.entries.say("process-without-category", process.id, Severity.ERROR, found=process.name)
                continue
            self.entries.put(block, "category", index, category.template_name)
            default = f"P{index + 1} - {self.layout.category_text(category.template_name)}"
            self._name(block, index, process.name, default)
            included = [c.template_name for i in process.included if (c := scope.find_category(i)) is not None]
            for cell, text in zip(block.cells("included", index), included or [self.layout.only_direct], strict=False):
                self.entries.put_at(block, "included", cell, text)

    def _listed_goods(self) -> dict[int, tuple[str, list[str]]]:
        block = self.blocks["goods"]
        if self.given.origin is Origin.COMMISSION:
            kept = {i: self.given.details[f"good-{i + 1}"].split() for i in range(block.count)
                    if f"good-{i + 1}" in self.given.details}
            return {i: (words[0], words[1:]) for i, words in kept.items()}
        return dict(enumerate(_goods(self.given).items()))

    def _routes(self, block: Block, field_name: str, index: int, category: scope.Category,
                routes: Sequence[str]) -> None:
        named = [r.template_name for r in category.routes if r.id in routes]
        if len(category.routes) > 1:
            for cell, text in zip(block.cells(field_name, index), named, strict=False):
                self.entries.put_at(block, field_name, cell, text)

    def _name(self, block: Block, index: int, name: str, default: str) -> None:
        """A name, unless the template makes the same of an empty one."""
        if name != default:
            self.entries.put(block, "name", index, name)

    # --- processes --------------------------------------------------------------------------------------------------

    def process(self, process: Process) -> None:
        """The block of a process."""
        block, index = self.blocks["process"], self.process_at[process.id]
        category = scope.find_category(process.category or "")
        if category is None:
            return
        self._by_route("process", "production", index, category, process.production, process.id)
        self.entries.put(block, "to_market", index, process.to_market)
        self.entries.put(block, "to_other", index, process.to_other)
        others = [n for n in range(block.count) if n != index]
        for other, given in process.to_processes.items():
            number = self._number_of(other)
            if number is None or number == index:
                self.entries.say("consumer-not-written", process.id, Severity.WARNING, found=other)
                continue
            self.entries.put_at(block, "to_processes", block.cells("to_processes", index)[others.index(number)], given)
        for name in ("heat_applies", "waste_gas_applies"):
            self.entries.put(block, name, index, getattr(process, name))
        self._direct(block, index, process)
        self._heat(block, index, process)
        self._electricity(block, index, process)

    def _number_of(self, process_id: str) -> int | None:
        """The block of a process; one that a workbook names although the process is not there keeps its place."""
        number = self.process_at.get(process_id)
        if number is None and self.given.origin is Origin.COMMISSION and process_id[1:].isdigit():
            number = int(process_id[1:]) - 1
        return number

    def _by_route(self, name: str, field_name: str, index: int, category: scope.Category,
                  amounts: Sequence[RouteAmount], where: str) -> None:
        block = self.blocks[name]
        cells = dict(zip((r.id for r in category.routes), block.cells(field_name, index), strict=False))
        sums: dict[str, Decimal] = {}
        for amount in amounts:
            cell = cells.get(amount.route)
            if cell is None:
                self.entries.say("route-not-written", where, Severity.ERROR, found=amount.route,
                                 accepted=", ".join(cells))
                continue
            sums[cell] = CONTEXT.add(sums.get(cell, Decimal(0)), amount.amount.value)
        for cell, total in sums.items():
            self.entries.put_at(block, field_name, cell, total)

    def _direct(self, block: Block, index: int, process: Process) -> None:
        own = self.results[process.id].direct_own
        if process.direct is not None:
            self.entries.put(block, "direct", index, process.direct)
        elif own is not None and self._attributed(process.id):
            self.entries.put(block, "direct", index, own)
            self.entries.say("direct-written", process.id, found=plain(own))

    def _attributed(self, process_id: str) -> bool:
        given = self.given
        attributions = [*(s.attributed for s in given.streams), *(s.attributed for s in given.pfc),
                        *(s.attributed for s in given.measured)]
        return any(process_id in a.ids for a in attributions)

    def _heat(self, block: Block, index: int, process: Process) -> None:
        heat, gas = process.heat, process.waste_gas
        if heat is not None:
            self.entries.put(block, "heat_imported", index, heat.imported)
            self.entries.put(block, "heat_exported", index, heat.exported)
            for name, factor, unit in (("heat_imported_ef", heat.imported_ef, heat.imported_from),
                                       ("heat_exported_ef", heat.exported_ef, heat.exported_from)):
                self._factor(block, name, index, factor, unit, "ef_heat", process.id)
        if gas is not None:
            self.entries.put(block, "waste_gas_imported", index, gas.imported)
            self.entries.put(block, "waste_gas_exported", index, gas.exported)

    def _factor(self, block: Block, name: str, index: int, factor: Given | None, unit: str | None, kind: str,
                where: str) -> None:
        """A factor as stated, or that of an energy unit."""
        made = self.result.units.get(unit or "", {}).get(kind)
        if made is not None:
            self.entries.put(block, name, index, made)
            self.entries.say("unit-factor-written", where, found=plain(made), unit=unit or "")
        else:
            self.entries.put(block, name, index, factor)

    def _electricity(self, block: Block, index: int, process: Process) -> None:
        uses, result = process.electricity, self.results[process.id]
        if len(uses) == 1 and uses[0].unit is None:
            self.entries.put(block, "electricity", index, uses[0].consumed)
            self.entries.put(block, "electricity_ef", index, uses[0].ef)
        elif uses and result.electricity is not None:
            self.entries.put(block, "electricity", index, result.electricity)
            if result.electricity and result.attributed_indirect is not None:
                average = CONTEXT.divide(result.attributed_indirect, result.electricity)
                self.entries.put(block, "electricity_ef", index, average)
                self.entries.say("electricity-averaged", process.id, found=plain(average), sources=str(len(uses)))
        codes = {u.code or self.layout.electricity_codes.get(str(u.source), "") for u in uses} - {""}
        if codes:
            code = codes.pop() if len(codes) == 1 else self.layout.electricity_codes["several"]
            self.entries.code(block, "electricity_code", index, code, process.id)
        self.entries.put(block, "exported_electricity", index, process.exported_electricity)
        self._factor(block, "exported_electricity_ef", index, process.exported_electricity_ef,
                     process.exported_electricity_from, "ef_electricity", process.id)

    # --- precursors -------------------------------------------------------------------------------------------------

    def precursor(self, precursor: Precursor) -> None:
        """The line and the block of a purchased precursor."""
        listed, block, index = self.blocks["precursor_list"], self.blocks["precursor"], self.precursor_at[precursor.id]
        category = _category_of(precursor)
        if category is None:
            self.entries.say("process-without-category", precursor.id, Severity.ERROR, found=precursor.name)
            return
        self.entries.put(listed, "category", index, category.template_name)
        self.entries.put(listed, "country", index, precursor.country)
        self._routes(listed, "routes", index, category, [r.route for r in precursor.bought if r.amount.value])
        default = f"PP{index + 1} - {self.layout.category_text(category.template_name)}"
        self._name(listed, index, precursor.name, default)
        self._by_route("precursor", "bought", index, category, precursor.bought, precursor.id)
        for process, given in precursor.used_in.items():
            number = self._number_of(process)
            if number is None:
                self.entries.say("consumer-not-written", precursor.id, Severity.WARNING, found=process)
                continue
            self.entries.put_at(block, "used_in", block.cells("used_in", index)[number], given)
        self.entries.put(block, "other_use", index, precursor.other_use)
        self._precursor_values(block, index, precursor)
        for name, code in (("direct_source", precursor.direct_source),
                           ("electricity_source", precursor.electricity_source),
                           ("electricity_code", precursor.electricity_code)):
            self.entries.code(block, name, index, None if code is None else str(code), precursor.id)
        self.entries.put(block, "justification", index, precursor.justification)

    def _precursor_values(self, block: Block, index: int, precursor: Precursor) -> None:
        used = self.uses.get(precursor.id)
        direct = precursor.direct.value if precursor.direct is not None else used.direct if used is not None else None
        if precursor.direct is None and direct:
            self.entries.say("precursor-value-written", precursor.id, found=plain(direct), field="direct")
        elif direct is None and self.given.origin is Origin.OWN:
            self.entries.say("precursor-blank-is-zero", precursor.id, Severity.WARNING, found=precursor.name)
        self.entries.put(block, "direct", index, direct if precursor.direct is not None or direct else None)
        electricity, factor = precursor.electricity, precursor.electricity_ef
        if precursor.indirect is None:
            self.entries.put(block, "electricity", index, electricity)
            self.entries.put(block, "electricity_ef", index, factor)
            return
        indirect = precursor.indirect.value
        if electricity is not None and electricity.value:
            # The template multiplies: the factor that gives the stated emissions stands in for it.
            stands_in = CONTEXT.divide(indirect, electricity.value)
            self.entries.put(block, "electricity", index, electricity)
            self.entries.put(block, "electricity_ef", index, stands_in)
            if factor is None or factor.value != stands_in:
                self.entries.say("precursor-factor-written", precursor.id, found=plain(stands_in))
            return
        self.entries.put(block, "electricity", index, indirect)
        self.entries.put(block, "electricity_ef", index, Decimal(1))
        self.entries.say("precursor-electricity-stands-in", precursor.id, Severity.WARNING, found=plain(indirect))

    # --- products and prices ----------------------------------------------------------------------------------------

    def products(self) -> None:
        """One row for each product."""
        block = self.blocks["products"]
        names = {p.id: p.name for p in self.given.processes}
        own = ("process", "cn", "name", "price_instrument", "price_covered", "price_currency", "price", "rebate")
        for index, product in enumerate(self.given.products):
            where = f"products/{index + 1}"
            self.entries.put(block, "process", index, names.get(product.process, product.process))
            self.entries.put(block, "cn", index, product.cn)
            self.entries.put(block, "name", index, product.name)
            for name, text in product.parameters.items():
                if name in block.fields and name not in own:
                    self._parameter(block, name, index, text, where)
                else:
                    self.entries.say("parameter-not-in-template", where, found=name)
            price = product.carbon_price
            if price is not None:
                self.entries.code(block, "price_instrument", index, price.instrument, where)
                for name, value in (("price_covered", price.covered), ("price_currency", price.currency),
                                    ("price", price.price), ("rebate", price.rebate)):
                    self.entries.put(block, name, index, value)

    def _parameter(self, block: Block, name: str, index: int, text: str, where: str) -> None:
        kind = block.fields[name].kind
        if kind == "code":
            self.entries.code(block, name, index, text, where)
        elif kind == "flag":
            self.entries.put(block, name, index, text.casefold() in ("yes", "true", "1"))
        elif kind == "text":
            number = parse_decimal(text)
            self.entries.put(block, name, index, text if number is None or plain(number) != text else number)
        elif (figure := _figure(text)) is not None:
            self.entries.put(block, name, index, figure)
        else:
            self.entries.say("parameter-no-number", where, Severity.WARNING, found=f"{name}: {text[:40]}")

    def prices(self) -> None:
        """The tool for carbon prices: one currency, a row for each process and precursor."""
        head, block = self.blocks["carbon_price_currency"], self.blocks["carbon_price"]
        shift = self.blocks["process_list"].count
        rows: list[tuple[int, str, CarbonPrice]] = [(self.process_at[p.id], p.id, p.carbon_price)
                                                    for p in self.given.processes if p.carbon_price is not None]
        rows += [(shift + self.precursor_at[p.id], p.id, p.carbon_price) for p in self.given.precursors
                 if p.carbon_price is not None]
        stated = self.given.details.get("carbon_price_currency")
        currency = stated or next((r[2].currency for r in rows if r[2].currency), "")
        self.entries.put(head, "currency", 0, currency)
        for index, where, price in rows:
            if price.currency not in (None, currency):
                self.entries.say("currency-not-written", where, Severity.WARNING, found=price.currency,
                                 accepted=currency)
                continue
            for name in ("covered", "price", "rebate"):
                self.entries.put(block, name, index, getattr(price, name))
