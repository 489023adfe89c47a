"""What is wrong or unlikely in the entries of a template: what the template itself flags, and what it does not see.

A name that its look-ups miss, more of a precursor used than bought, units mixed up by a thousand. What the calculation
finds by itself (production missing, streams that count nowhere, totals that differ) is not said here a second time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Context, Decimal

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import NOWHERE, Place, Problem, Severity
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.communication.addresses import cell_name, split_cell
from zerofactory_mappings.cbam.communication.cells import Cells
from zerofactory_mappings.cbam.communication.layout import Range
from zerofactory_mappings.cbam.model import (
    CarbonPrice,
    Given,
    Heat,
    Installation,
    PfcMethod,
    Precursor,
    Process,
    RouteAmount,
)

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_ZERO = Decimal(0)
#: Digits of a figure that is only shown.
_SHOWN = Context(prec=9)


def check(cells: Cells, installation: Installation) -> Iterator[Problem]:
    """Every problem of the entries."""
    checker = _Checker(cells, installation)
    yield from checker.installation_problems()
    yield from checker.name_problems()
    for process in installation.processes:
        yield from checker.process_problems(process)
    for precursor in installation.precursors:
        yield from checker.precursor_problems(precursor)
    yield from checker.source_problems()
    yield from checker.unused_entries()
    yield from checker.hidden_entries()
    yield from checker.unlikely()
    yield from checker.product_problems()
    yield from checker.price_problems()


def _total(amounts: Iterable[RouteAmount]) -> Decimal:
    return _sum(a.amount for a in amounts)


def _sum(given: Iterable[Given | None]) -> Decimal:
    total = _ZERO
    for figure in given:
        if figure is not None:
            total = CONTEXT.add(total, figure.value)
    return total


class _Checker:
    def __init__(self, cells: Cells, installation: Installation) -> None:
        self.cells, self.installation = cells, installation
        self.layout, self.blocks = cells.layout, cells.layout.blocks
        self.processes = {p.id for p in installation.processes}

    def _problem(self, code: str, place: Place, severity: Severity = Severity.WARNING, *, found: str | None = None,
                 accepted: str | None = None, example: str | None = None, **args: str) -> Problem:
        return Problem(f"cbam-template.{code}", place, severity, found, accepted, example, args)

    def _at(self, block: str, field: str, index: int) -> Place:
        at = self.blocks[block]
        return self.cells.place(at.sheet, at.cell(field, index))

    @staticmethod
    def _index(identifier: str) -> int:
        return int(identifier.lstrip("P")) - 1

    # --- installation and names -------------------------------------------------------------------------------------

    def installation_problems(self) -> Iterator[Problem]:
        """Period, name and country."""
        given = self.installation
        start, end = given.period_start, given.period_end
        place = self._at("installation", "period_start", 0)
        if start is None or end is None:
            yield self._problem("period-missing", place, example="2025-01-01 – 2025-12-31")
        elif end < start:
            yield self._problem("period-reversed", place, Severity.ERROR, found=f"{start} – {end}")
        elif (start.month, start.day, end.month, end.day, end.year) != (1, 1, 12, 31, start.year):
            yield self._problem("period-not-calendar-year", place, Severity.NOTE, found=f"{start} – {end}")
        if not given.name:
            yield self._problem("name-missing", self._at("installation", "name", 0))
        if "country_name" not in given.details:
            yield self._problem("country-missing", self._at("installation", "country", 0), example="China")

    def name_problems(self) -> Iterator[Problem]:
        """Names of processes and precursors, by which the template finds its figures."""
        from zerofactory_mappings.cbam.communication.read import folded

        seen: dict[str, tuple[str, str]] = {}
        items: list[Process | Precursor] = [*self.installation.processes, *self.installation.precursors]
        for item in items:
            block = "process_list" if isinstance(item, Process) else "precursor_list"
            place = self._at(block, "name", self._index(item.id))
            typed = self.cells.package.cell(place.sheet or "", place.cell or "").value
            exact = (typed if isinstance(typed, str) else item.name).casefold()
            first, same = seen.setdefault(folded(item.name), (item.id, exact))
            if first != item.id and same == exact:
                yield self._problem("name-duplicate", place, Severity.ERROR, found=item.name[:80], first=first)
            elif first != item.id:
                yield self._problem("name-alike", place, found=item.name[:80], first=first)
            if exact == self.layout.not_available:
                yield self._problem("name-not-available", place, Severity.ERROR, found=item.name)
            if any(c in item.name for c in self.layout.name_wildcards):
                yield self._problem("name-wildcard", place, found=item.name[:80],
                                    wildcards=" ".join(self.layout.name_wildcards))
            if len(item.name) > self.layout.name_limit:
                yield self._problem("name-too-long", place, found=str(len(item.name)),
                                    accepted=f"≤ {self.layout.name_limit}")

    # --- processes --------------------------------------------------------------------------------------------------

    def process_problems(self, process: Process) -> Iterator[Problem]:
        """What the template's completeness columns say of a process, and what they miss."""
        index = self._index(process.id)
        yield from self._balance(process, index)
        yield from self._included(process, index)
        yield from self._switches(process, index)
        yield from self._electricity(process, index)
        if process.direct is None:
            yield self._problem("direct-missing", self._at("process", "direct", index), process=process.name)
        elif process.direct.value < 0:
            yield self._problem("direct-negative", process.direct.place, found=plain(process.direct.value),
                                process=process.name)
        amounts = [*(a.amount for a in process.production), process.to_market, process.to_other,
                   *process.to_processes.values(), process.exported_electricity,
                   *(e.consumed for e in process.electricity)]
        yield from self._negative(amounts)

    def _negative(self, amounts: Iterable[Given | None]) -> Iterator[Problem]:
        for given in amounts:
            if given is not None and given.value < 0:
                yield self._problem("negative", given.place, Severity.ERROR, found=plain(given.value), accepted="≥ 0")

    def _balance(self, process: Process, index: int) -> Iterator[Problem]:
        """Production against where it goes (control (e) must be zero)."""
        produced = _total(process.production)
        used = _sum([process.to_market, *process.to_processes.values(), process.to_other])
        control = CONTEXT.subtract(produced, used)
        if control:
            at = self.blocks["process"]
            yield self._problem("production-control", self.cells.place(at.sheet, at.derived_cell("control", index)),
                                found=plain(control), accepted="0", process=process.name)
        for other, given in process.to_processes.items():
            if other not in self.processes and given.value:
                yield self._problem("consumer-absent", given.place, found=plain(given.value), process=other)

    def _included(self, process: Process, index: int) -> Iterator[Problem]:
        category = scope.find_category(process.category or "")
        for included in process.included:
            if category is not None and included not in (*category.chain, category.id):
                yield self._problem("included-not-a-precursor", self._at("process_list", "included", index),
                                    found=included, accepted=" · ".join(category.chain) or "–", process=process.name)

    def _switches(self, process: Process, index: int) -> Iterator[Problem]:
        """Heat and waste gases: the template wants both directions typed where they apply."""
        heat = process.heat
        gas = process.waste_gas
        heats = (heat.imported, heat.exported) if heat else (None, None)
        gases = (gas.imported, gas.exported) if gas else (None, None)
        pairs = (("heat_applies", process.heat_applies, heats), ("waste_gas_applies", process.waste_gas_applies, gases))
        for field, applies, both in pairs:
            if applies and None in both:
                yield self._problem("switch-without-entries", self._at("process", field, index), process=process.name)
            if applies is False and any(g is not None and g.value for g in both):
                yield self._problem("switch-off-with-entries", self._at("process", field, index), process=process.name)
        yield from self._heat_factors(process, heat, index)
        for field in ("waste_gas_imported_ef", "waste_gas_exported_ef"):
            if self.cells.filled(self.blocks["process"], field, index):
                yield self._problem("waste-gas-factor-unused", self._at("process", field, index), Severity.NOTE,
                                    process=process.name)

    def _heat_factors(self, process: Process, heat: Heat | None, index: int) -> Iterator[Problem]:
        if heat is None:
            return
        for amount, factor, field in ((heat.imported, heat.imported_ef, "heat_imported_ef"),
                                      (heat.exported, heat.exported_ef, "heat_exported_ef")):
            if amount is not None and amount.value and factor is None:
                yield self._problem("factor-missing", self._at("process", field, index), process=process.name)

    def _electricity(self, process: Process, index: int) -> Iterator[Problem]:
        category = scope.find_category(process.category or "")
        use = process.electricity[0] if process.electricity else None
        if category is not None and category.indirect_transitional:
            if use is None or use.consumed is None:
                yield self._problem("electricity-missing", self._at("process", "electricity", index),
                                    process=process.name)
            if use is not None and use.ef is None and (use.consumed is None or use.consumed.value):
                yield self._problem("factor-missing", self._at("process", "electricity_ef", index),
                                    process=process.name)
            if use is not None and use.code is None:
                yield self._problem("electricity-source-missing", self._at("process", "electricity_code", index),
                                    accepted=" · ".join(self.layout.lists["electricity_source"].values()),
                                    process=process.name)
        exported = process.exported_electricity
        if exported is not None and exported.value and process.exported_electricity_ef is None:
            yield self._problem("factor-missing", self._at("process", "exported_electricity_ef", index),
                                process=process.name)

    # --- precursors -------------------------------------------------------------------------------------------------

    def precursor_problems(self, precursor: Precursor) -> Iterator[Problem]:
        """A purchased precursor."""
        index = self._index(precursor.id)
        at = self.blocks["precursor"]
        yield from self._negative([*(a.amount for a in precursor.bought), *precursor.used_in.values(),
                                   precursor.other_use, precursor.electricity])
        bought = _total(precursor.bought)
        control = CONTEXT.subtract(bought, _sum([*precursor.used_in.values(), precursor.other_use]))
        place = self.cells.place(at.sheet, at.derived_cell("control", index))
        if not precursor.bought:
            yield self._problem("bought-missing", self._at("precursor", "bought", index), precursor=precursor.name)
        if control < 0:
            yield self._problem("precursor-overused", place, Severity.ERROR, accepted=f"≤ {plain(bought)}",
                                found=plain(CONTEXT.subtract(bought, control)), precursor=precursor.name)
        elif control:
            yield self._problem("precursor-control", place, found=plain(control), accepted="0",
                                precursor=precursor.name)
        for process, given in precursor.used_in.items():
            if process not in self.processes and given.value:
                yield self._problem("consumer-absent", given.place, found=plain(given.value), process=process)
        if precursor.country is None and not self.cells.filled(self.blocks["precursor_list"], "country", index):
            yield self._problem("country-missing", self._at("precursor_list", "country", index), example="CN")
        yield from self._values(precursor, index)

    def _values(self, precursor: Precursor, index: int) -> Iterator[Problem]:
        fields = {"direct": precursor.direct, "electricity": precursor.electricity,
                  "electricity_ef": precursor.electricity_ef, "direct_source": precursor.direct_source,
                  "electricity_source": precursor.electricity_source, "electricity_code": precursor.electricity_code}
        for field, value in fields.items():
            if value is None:
                yield self._problem("precursor-value-missing", self._at("precursor", field, index),
                                    precursor=precursor.name, field=field)
        unmeasured = any(s is not None and s.value != "default" for s in (precursor.direct_source,
                                                                         precursor.electricity_source))
        if not unmeasured and not precursor.justification and precursor.direct_source is not None:
            yield self._problem("justification-missing", self._at("precursor", "justification", index), Severity.NOTE,
                                precursor=precursor.name)

    # --- sources, plausibility --------------------------------------------------------------------------------------

    def source_problems(self) -> Iterator[Problem]:
        """Figures of sheet B that the template reads as zero when they are missing, or that cannot be negative."""
        for stream in self.installation.streams:
            yield from self._negative([stream.ncv, stream.ef, stream.carbon_content])
        for source in self.installation.pfc:
            slope = ("frequency", "duration", "slope_factor")
            needed = slope if source.method is PfcMethod.SLOPE else (
                "overvoltage_per_cell", "current_efficiency", "overvoltage_coefficient")
            lacking = [n for n in ("aluminium", *needed, "c2f6_share") if getattr(source, n) is None]
            if lacking and source.method is not None:
                yield self._problem("source-incomplete", source.place, found=source.name, accepted=", ".join(lacking))
            yield from self._negative(getattr(source, n) for n in ("aluminium", *slope, "c2f6_share"))
        for meter in self.installation.measured:
            lacking = [n for n in ("concentration", "hours", "flow") if getattr(meter, n) is None]
            if lacking:
                yield self._problem("source-incomplete", meter.place, found=meter.name, accepted=", ".join(lacking))
            yield from self._negative([meter.concentration, meter.hours, meter.flow])

    def unused_entries(self) -> Iterator[Problem]:
        """Entries that the template leaves out because what they belong to does not exist."""
        for listed, block, known in (("process_list", "process", self.processes),
                                     ("precursor_list", "precursor", {p.id for p in self.installation.precursors})):
            prefix = "P" if listed == "process_list" else "PP"
            for index in range(self.blocks[listed].count):
                if f"{prefix}{index + 1}" in known:
                    continue
                place = self._at(listed, "category", index)
                named = self.cells.filled(self.blocks[listed], "name", index)
                if named or self.cells.any_filled(self.blocks[block], index):
                    yield self._problem("category-missing", place, found=f"{prefix}{index + 1}")
        products = self.blocks["products"]
        for index in range(products.count):
            if not self.cells.filled(products, "process", index) and self.cells.any_filled(products, index):
                yield self._problem("product-without-process", self._at("products", "process", index))

    def hidden_entries(self) -> Iterator[Problem]:
        """Input cells that somebody merged into others: what is typed there stands in another cell, or nowhere."""
        entries: dict[str, set[tuple[int, int]]] = {}
        for block in self.blocks.values():
            for name in block.fields:
                for index in range(block.count):
                    places = (split_cell(c) for c in block.cells(name, index))
                    entries.setdefault(block.sheet, set()).update(p for p in places if p is not None)
        for sheet, found in entries.items():
            cells = sorted(found)
            for ref in self.cells.package.merged(sheet):
                first, last = (split_cell(c) for c in (ref.partition(":")[0], ref.rpartition(":")[2]))
                if first is None or last is None:
                    continue
                for column, row in cells:
                    inside = first[0] <= column <= last[0] and first[1] <= row <= last[1]
                    if inside and (column, row) != first:
                        place = self.cells.place(sheet, cell_name(column, row))
                        yield self._problem("cell-merged", place, found=ref[:30])

    def unlikely(self) -> Iterator[Problem]:
        """Figures so large or small that a unit was probably mixed up."""
        for rule in self.layout.plausibility:
            for given in self._figures(rule):
                if given is not None and given.value and (not rule.when or given.unit == rule.when):
                    yield from self._beyond(rule, given.value, given.place)
        for rule in self.layout.intensity:
            for process in self.installation.processes:
                produced = _total(process.production)
                figure = process.direct if rule.field == "direct" else (
                    process.electricity[0].consumed if process.electricity else None)
                if produced > 0 and figure is not None:
                    yield from self._beyond(rule, CONTEXT.divide(figure.value, produced), figure.place)

    def _figures(self, rule: Range) -> Iterator[Given | None]:
        if rule.block == "streams":
            yield from (getattr(s, rule.field) for s in self.installation.streams)
        elif rule.block == "precursor":
            yield from (getattr(p, rule.field) for p in self.installation.precursors)
        else:
            for process in self.installation.processes:
                if rule.field.startswith("heat_"):
                    yield getattr(process.heat, rule.field.removeprefix("heat_")) if process.heat else None
                elif rule.field == "electricity_ef":
                    yield from (e.ef for e in process.electricity)
                else:
                    yield getattr(process, rule.field)

    def _beyond(self, rule: Range, value: Decimal, place: Place) -> Iterator[Problem]:
        if (rule.low is not None and value < rule.low) or (rule.high is not None and value > rule.high):
            low, high = (plain(x) if x is not None else "" for x in (rule.low, rule.high))
            yield self._problem("unlikely", place, found=f"{plain(_SHOWN.plus(value))} {rule.unit}",
                                accepted=f"{low} … {high} {rule.unit}", rule=rule.id)

    # --- products and prices ----------------------------------------------------------------------------------------

    def product_problems(self) -> Iterator[Problem]:
        """What the template asks for beside the code of a good."""
        categories = {p.id: p.category for p in self.installation.processes}
        for product in self.installation.products:
            if not product.name:
                yield self._problem("product-name-missing", product.place, Severity.NOTE)
            category = scope.find_category(categories.get(product.process) or "")
            if category is None:
                continue
            lacking = [p.id for p in category.parameters if p.transitional and p.id not in product.parameters]
            if lacking:
                yield self._problem("parameter-missing", product.place, Severity.NOTE, found=product.name or product.cn,
                                    accepted=", ".join(lacking))

    def price_problems(self) -> Iterator[Problem]:
        """Carbon prices without a currency, or with one that is none."""
        given = self.installation
        prices = [*(p.carbon_price for p in given.processes), *(p.carbon_price for p in given.precursors),
                  *(p.carbon_price for p in given.products)]
        for price in prices:
            if price is None:
                continue
            place = _place_of(price)
            if price.currency is None and any(g is not None and g.value for g in (price.price, price.rebate)):
                yield self._problem("currency-missing", place, example="CNY")
            elif price.currency is not None and not _CURRENCY.fullmatch(price.currency):
                yield self._problem("currency-unknown", place, found=price.currency[:20], example="CNY")


def _place_of(price: CarbonPrice) -> Place:
    return next((g.place for g in (price.price, price.covered, price.rebate) if g is not None), NOWHERE)
