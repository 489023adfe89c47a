"""Read a filled communication template of the Commission into the model: from its input cells alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.communication.cells import Cells
from zerofactory_mappings.cbam.communication.derived import Derived
from zerofactory_mappings.cbam.communication.layout import Layout, layout
from zerofactory_mappings.cbam.communication.package import Package, Stored, severity_of_macros
from zerofactory_mappings.cbam.communication.rows import measured_row, pfc_row, stream_row
from zerofactory_mappings.cbam.communication.version import template_version
from zerofactory_mappings.cbam.model import (
    CarbonPrice,
    ElectricitySource,
    ElectricityUse,
    EnergyUnit,
    FuelUse,
    Given,
    Heat,
    HeatKind,
    Installation,
    Origin,
    Precursor,
    Process,
    Product,
    RouteAmount,
    Stated,
    ValueSource,
    WasteGas,
)

#: Fields of the installation that are no details, and those that stand elsewhere.
_OWN = ("period_start", "period_end", "name", "country")
#: Parameters of products that are figures or choices of sectors; other fields of a product are read by themselves.
_PRODUCT_OWN = ("process", "cn", "name", "price_instrument", "price_covered", "price_currency", "price", "rebate_type",
                "rebate_covered", "rebate")
#: Nitrogen of a fertiliser by form; their sum is the content where the total is not stated.
_NITROGEN = ("nitrogen_ammonium", "nitrogen_nitrate", "nitrogen_urea", "nitrogen_other")
_KG_PER_T = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Opened:
    """A workbook that is the template: its cells, version, and problems found so far."""

    package: Package
    cells: Cells
    version: str
    problems: tuple[Problem, ...]


def open_template(data: bytes, file: str) -> Opened:
    """Open a workbook and find out which version of the template it is.

    Raises:
        ProblemsError: it cannot be read safely, is no communication template, or is of another version.
    """
    package = Package(data, file)
    version, problems = template_version(package, layout())
    cells = Cells(package, layout())
    cells.locked = Derived(cells).value
    return Opened(package, cells, version, (*severity_of_macros(package), *problems))


def read_template(data: bytes, file: str) -> Installation:
    """The installation that was entered in a communication template v2.1.x; nothing of it is computed.

    What is wrong with entries comes with the installation (``problems``), each at its cell.

    Raises:
        ProblemsError: the workbook cannot be read safely, is no communication template, or is of another version.
    """
    return read_opened(open_template(data, file))


def read_opened(opened: Opened) -> Installation:
    """The installation in a workbook that was opened; see :func:`read_template`."""
    from zerofactory_mappings.cbam.communication.check import check

    installation = Reader(opened).installation()
    found = (*opened.problems, *opened.cells.problems)
    return _with(installation, (*found, *check(opened.cells, installation)))


def _with(installation: Installation, problems: tuple[Problem, ...]) -> Installation:
    told: list[Problem] = []
    for problem in problems:
        if problem not in told:
            told.append(problem)
    return replace(installation, problems=tuple(told))


class Reader:
    """Makes the model of one opened workbook."""

    def __init__(self, opened: Opened) -> None:
        self.cells, self.version = opened.cells, opened.version
        self.layout: Layout = opened.cells.layout
        self.blocks = self.layout.blocks
        self.details: dict[str, str] = {}
        self.names: dict[str, tuple[str, str]] = {}          # name of a process, folded → (its id, name as stored)
        self.exact: dict[str, tuple[str, str]] = {}          # the same by the name as the template compares it

    def installation(self) -> Installation:
        """Everything that was entered."""
        block = self.blocks["installation"]
        for name in block.fields:
            if name not in _OWN and (text := self.cells.text(block.sheet, block.cell(name))):
                self.details[name] = text
        country = self._country()
        name = self.cells.text(block.sheet, block.cell("name")) or self.details.get("name_local", "")
        streams = [s for i in range(self.blocks["streams"].count) if (s := stream_row(self.cells, i)) is not None]
        pfc = [p for i in range(self.blocks["pfc"].count) if (p := pfc_row(self.cells, i)) is not None]
        measured = [m for i in range(self.blocks["measured"].count) if (m := measured_row(self.cells, i)) is not None]
        self._energy_of_meters()
        self._goods()
        categories = [self._category("process_list", i) for i in range(self.blocks["process_list"].count)]
        for index, found in enumerate(categories):
            if found is not None:
                called = self._process_name(index, found[1])
                known = (f"P{index + 1}", self._stored_name(index) or called)
                self.names.setdefault(folded(called), known)
                self.exact.setdefault(known[1].casefold(), known)
        prices = self._prices()
        processes = [self._process(i, c, prices) for i, c in enumerate(categories) if c is not None]
        bought = [b for i in range(self.blocks["precursor_list"].count)
                  if (b := self._precursor(i, prices)) is not None]
        start, end = self.cells.day(block, "period_start"), self.cells.day(block, "period_end")
        return Installation(
            origin=Origin.COMMISSION, name=name, country=country, period_start=start, period_end=end,
            template_version=self.version, streams=tuple(streams), pfc=tuple(pfc), measured=tuple(measured),
            units=self._units(), processes=tuple(processes), precursors=tuple(bought), products=self._products(),
            stated=self._stated(), details=self._remarks(),
            place=Place(file=self.cells.package.file, sheet=block.sheet))

    # --- installation -----------------------------------------------------------------------------------------------

    def _country(self) -> str | None:
        block = self.blocks["installation"]
        cell = block.cell("country")
        text = self.cells.text(block.sheet, cell)
        if text is None:
            return None
        self.details["country_name"] = text
        found = scope.find_country(text)
        if found is None:
            self.cells.report("country-unknown", block.sheet, cell, Severity.WARNING, found=text, example="China")
            return None
        return found.iso2 or found.id

    def _stated(self) -> Stated:
        block = self.blocks["balance"]
        return Stated(**{n: self.cells.given(block, n) for n in ("co2", "biomass_co2", "n2o", "pfc", "indirect")})

    def _remarks(self) -> Mapping[str, str]:
        """Entries that no figure needs, among the details."""
        block = self.blocks["balance"]
        for name in ("fuel_total", "fuel_direct", "fuel_electricity", "fuel_other"):
            if (given := self.cells.given(block, name)) is not None:
                self.details[f"{name}_TJ"] = plain(given.value)
        for name in ("data_quality", "quality_justification", "quality_assurance"):
            if (code := self.cells.code(block, name)) is not None:
                self.details[name] = code
        remarks = self.blocks["remarks"]
        for name in remarks.fields:
            if text := self.cells.text(remarks.sheet, remarks.cell(name)):
                self.details[name] = text
        return self.details

    def _energy_of_meters(self) -> None:
        block = self.blocks["measured"]
        for index in range(block.count):
            for name in ("energy_fossil", "energy_biomass"):
                if (given := self.cells.given(block, name, index)) is not None:
                    self.details[f"measured-{index + 1}.{name}_TJ"] = plain(given.value)

    def _goods(self) -> None:
        """The list of goods with their routes; processes and precursors say the same again, so it stays a detail."""
        block = self.blocks["goods"]
        for index in range(block.count):
            found = self._category("goods", index)
            routes = [r for c in block.cells("routes", index) if (r := self._route(found, block.sheet, c)) is not None]
            if found is not None:
                self.details[f"good-{index + 1}"] = " ".join([found[0].id, *routes])

    def _route(self, category: tuple[scope.Category, str] | None, sheet: str, cell: str) -> str | None:
        text = self.cells.text(sheet, cell)
        if text is None or category is None:
            return None
        if folded(text) == folded(self.layout.all_routes):
            return None
        found = scope.find_route(category[0], text) or scope.find_route(category[0], self.cells.english(text))
        if found is None:
            self.cells.report("route-absent", sheet, cell, found=text, category=category[1],
                              accepted=" · ".join(r.template_name for r in category[0].routes))
            return None
        return found.id

    def _category(self, name: str, index: int) -> tuple[scope.Category, str] | None:
        """The category chosen in a list, with its text."""
        block = self.blocks[name]
        return self._category_at(block.sheet, block.cell("category", index))

    def _category_at(self, sheet: str, cell: str) -> tuple[scope.Category, str] | None:
        text = self.cells.text(sheet, cell)
        if text is None:
            return None
        found = scope.find_category(text) or scope.find_category(self.cells.english(text))
        if found is None:
            self.cells.report("category-unknown", sheet, cell, found=text[:80],
                              accepted=" · ".join(c.template_name.strip() for c in scope.categories()))
            return None
        return found, text

    # --- processes --------------------------------------------------------------------------------------------------

    def _process_name(self, index: int, category: str) -> str:
        block = self.blocks["process_list"]
        return self.cells.text(block.sheet, block.cell("name", index)) or f"P{index + 1} - {category}"

    def _stored_name(self, index: int) -> str | None:
        """The name as the template has it, with whatever spaces stand around it or around the category."""
        block = self.blocks["process_list"]
        value = self.cells.package.cell(block.sheet, block.cell("name", index)).value
        if value is None:
            category = self.cells.package.cell(block.sheet, block.cell("category", index)).value
            return f"P{index + 1} - {category}" if isinstance(category, str) else None
        return value if isinstance(value, str) else None

    def _process(self, index: int, category: tuple[scope.Category, str], prices: Mapping[str, CarbonPrice]) -> Process:
        listed, block = self.blocks["process_list"], self.blocks["process"]
        given = {n: self.cells.given(block, n, index) for n in block.fields
                 if block.fields[n].kind == "number" and len(block.fields[n].cells) == 1}
        included = []
        for cell in listed.cells("included", index):
            text = self.cells.text(listed.sheet, cell)
            if text is None or folded(text) == folded(self.layout.only_direct):
                continue
            found = self._category_at(listed.sheet, cell)
            if found is not None:
                included.append(found[0].id)
        others = [n for n in range(1, block.count + 1) if n != index + 1]
        to_processes = {f"P{n}": g for n, cell in zip(others, block.cells("to_processes", index), strict=True)
                        if (g := self.cells.given_at(block, block.fields["to_processes"], cell,
                                                     category[0].unit_transitional)) is not None}
        identifier = f"P{index + 1}"
        return Process(
            id=identifier, name=self._process_name(index, category[1]), category=category[0].id,
            production=self._by_route(block.name, "production", index, category[0]), included=tuple(included),
            to_market=self._amount(given["to_market"], category[0]), to_processes=to_processes,
            to_other=self._amount(given["to_other"], category[0]), direct=given["direct"], heat=_heat(given),
            waste_gas=_waste_gas(given), electricity=self._electricity(index, given),
            exported_electricity=given["exported_electricity"],
            exported_electricity_ef=given["exported_electricity_ef"],
            heat_applies=self.cells.flag(block, "heat_applies", index),
            waste_gas_applies=self.cells.flag(block, "waste_gas_applies", index),
            carbon_price=prices.get(identifier),
            place=self.cells.place(listed.sheet, listed.cell("category", index)))

    def _amount(self, given: Given | None, category: scope.Category) -> Given | None:
        return None if given is None else Given(given.value, category.unit_transitional, given.place, given.documents)

    def _by_route(self, name: str, field: str, index: int, category: scope.Category) -> tuple[RouteAmount, ...]:
        """Amounts by route: the rows of the block are the routes of the category in order."""
        block = self.blocks[name]
        found = []
        for number, cell in enumerate(block.cells(field, index)):
            given = self.cells.given_at(block, block.fields[field], cell, category.unit_transitional)
            if given is None:
                continue
            if number < len(category.routes):
                found.append(RouteAmount(category.routes[number].id, given))
                continue
            if given.value:
                self.cells.report("route-row-absent", block.sheet, cell, found=plain(given.value),
                                  category=category.template_name,
                                  accepted=" · ".join(r.template_name for r in category.routes))
            found.append(RouteAmount("unknown", given))
        return tuple(found)

    def _electricity(self, index: int, given: Mapping[str, Given | None]) -> tuple[ElectricityUse, ...]:
        block = self.blocks["process"]
        code = self.cells.code(block, "electricity_code", index)
        if given["electricity"] is None and given["electricity_ef"] is None and code is None:
            return ()
        return (ElectricityUse(given["electricity"], ElectricitySource.STATED, given["electricity_ef"], code=code,
                               place=self.cells.place(block.sheet, block.cell("electricity", index))),)

    # --- precursors -------------------------------------------------------------------------------------------------

    def _precursor(self, index: int, prices: Mapping[str, CarbonPrice]) -> Precursor | None:
        listed, block = self.blocks["precursor_list"], self.blocks["precursor"]
        category = self._category("precursor_list", index)
        if category is None:
            return None
        for cell in listed.cells("routes", index):
            self._route(category, listed.sheet, cell)
        code = self.cells.text(listed.sheet, listed.cell("country", index))
        country = scope.find_country(code) if code else None
        if code and country is None:
            self.cells.report("country-unknown", listed.sheet, listed.cell("country", index), Severity.WARNING,
                              found=code, example="CN")
        identifier = f"PP{index + 1}"
        unit = category[0].unit_transitional
        used = {f"P{n}": g for n, cell in enumerate(block.cells("used_in", index), 1)
                if (g := self.cells.given_at(block, block.fields["used_in"], cell, unit)) is not None}
        name = self.cells.text(listed.sheet, listed.cell("name", index)) or f"{identifier} - {category[1]}"
        sources = [self.cells.code(block, n, index) for n in ("direct_source", "electricity_source")]
        return Precursor(
            id=identifier, name=name, category=category[0].id,
            country=None if country is None else country.iso2 or country.id,
            bought=self._by_route("precursor", "bought", index, category[0]), used_in=used,
            other_use=self._amount(self.cells.given(block, "other_use", index), category[0]),
            direct=self._per_unit(self.cells.given(block, "direct", index), category[0]),
            electricity=self._per_unit(self.cells.given(block, "electricity", index), category[0]),
            electricity_ef=self.cells.given(block, "electricity_ef", index),
            direct_source=ValueSource(sources[0]) if sources[0] else None,
            electricity_source=ValueSource(sources[1]) if sources[1] else None,
            electricity_code=self.cells.code(block, "electricity_code", index),
            justification=self.cells.text(block.sheet, block.cell("justification", index)),
            carbon_price=prices.get(identifier), place=self.cells.place(listed.sheet, listed.cell("category", index)))

    def _per_unit(self, given: Given | None, category: scope.Category) -> Given | None:
        if given is None:
            return None
        return Given(given.value, f"{given.unit}/{category.unit_transitional}", given.place, given.documents)

    # --- tools ------------------------------------------------------------------------------------------------------

    def _units(self) -> tuple[EnergyUnit, ...]:
        """The two cogeneration tools, where anything but the preset reference efficiencies stands."""
        found = []
        for number, name in enumerate(("chp", "chp_second"), 1):
            block = self.blocks[name]
            if not self.cells.any_filled(block, 0, "reference_heat", "reference_electricity"):
                continue
            given = {n: self.cells.given(block, n) for n in block.fields}
            energy, emissions = given["fuel_energy"], given["fuel_emissions"]
            factor = None
            if energy is not None and energy.value and emissions is not None:
                factor = Given(CONTEXT.divide(emissions.value, energy.value), "tCO2/TJ", emissions.place)
            elif emissions is not None:
                self.details[f"chp-{number}.fuel_emissions_tCO2"] = plain(emissions.value)
            fuels = () if energy is None else (FuelUse(name="", energy=energy, ef=factor),)
            found.append(EnergyUnit(
                id=f"chp-{number}", name=f"CHP {number}", kind=HeatKind.CHP, fuels=fuels, heat=given["heat"],
                electricity=given["electricity"], flue_gas_cleaning=given["flue_gas_cleaning"],
                reference_heat=given["reference_heat"], reference_electricity=given["reference_electricity"],
                place=self.cells.place(block.sheet, block.cell("fuel_energy"))))
        return tuple(found)

    def _prices(self) -> dict[str, CarbonPrice]:
        """Carbon prices by process and precursor: rows 1 to 10 are the processes, the rest the precursors."""
        head, block = self.blocks["carbon_price_currency"], self.blocks["carbon_price"]
        currency = self.cells.text(head.sheet, head.cell("currency"))
        if currency:
            self.details["carbon_price_currency"] = currency
        processes = self.blocks["process_list"].count
        found = {}
        for index in range(block.count):
            if not self.cells.any_filled(block, index):
                continue
            unit = f"{currency or ''}/tCO2e"
            price = CarbonPrice(self.cells.given(block, "covered", index),
                                self.cells.given(block, "price", index, unit),
                                self.cells.given(block, "rebate", index, unit), currency)
            found[f"P{index + 1}" if index < processes else f"PP{index - processes + 1}"] = price
        return found

    # --- products ---------------------------------------------------------------------------------------------------

    def _products(self) -> tuple[Product, ...]:
        block = self.blocks["products"]
        found = []
        for index in range(block.count):
            name = self.cells.text(block.sheet, block.cell("process", index))
            if name is None:
                continue
            found.append(self._product(index, name))
        return tuple(found)

    def _product(self, index: int, process_name: str) -> Product:
        block = self.blocks["products"]
        cell = block.cell("process", index)
        typed = self.cells.package.cell(block.sheet, cell).value
        known = self.exact.get(typed.casefold()) if isinstance(typed, str) else None
        if known is None:
            known = self.names.get(folded(process_name))
        process, stored = (None, None) if known is None else known
        if process is None:
            self.cells.report("process-unknown", block.sheet, cell, found=process_name[:80],
                              accepted=" · ".join(n for _, n in self.names.values()) or "–")
        elif _differs(typed, stored):
            self.cells.report("process-name-spaces", block.sheet, cell, Severity.WARNING, found=repr(process_name)[:80])
        parameters: dict[str, str] = {}
        figures: dict[str, Given] = {}
        for name, field in block.fields.items():
            if name in _PRODUCT_OWN:
                continue
            value = self._parameter(name, field.kind, index, figures)
            if value is not None:
                parameters[name] = value
        for name in ("rebate_type",):
            if (code := self.cells.code(block, name, index)) is not None:
                parameters[name] = code
        if (covered := self.cells.given(block, "rebate_covered", index)) is not None:
            parameters["rebate_covered"] = plain(covered.value)
        return Product(
            process=process or process_name, cn=self._cn(index),
            name=self.cells.text(block.sheet, block.cell("name", index)) or "", content=_content(figures),
            parameters=parameters, carbon_price=self._product_price(index),
            place=self.cells.place(block.sheet, block.cell("process", index)))

    def _parameter(self, name: str, kind: str, index: int, figures: dict[str, Given]) -> str | None:
        block = self.blocks["products"]
        if kind == "code":
            return self.cells.code(block, name, index)
        if kind == "flag":
            flag = self.cells.flag(block, name, index)
            return None if flag is None else "yes" if flag else "no"
        if kind == "text":
            return self.cells.text(block.sheet, block.cell(name, index))
        given = self.cells.given(block, name, index)
        if given is None:
            return None
        figures[name] = given
        return plain(given.value)

    def _cn(self, index: int) -> str | None:
        block = self.blocks["products"]
        text = self.cells.text(block.sheet, block.cell("cn", index))
        if text is None:
            return None
        reading = scope.read_cn(text, None, self.cells.place(block.sheet, block.cell("cn", index)))
        self.cells.problems.extend(reading.problems)
        return reading.good.cn if reading.good is not None else text

    def _product_price(self, index: int) -> CarbonPrice | None:
        block = self.blocks["products"]
        currency = self.cells.text(block.sheet, block.cell("price_currency", index))
        unit = f"{currency or ''}/t"
        price = CarbonPrice(self.cells.given(block, "price_covered", index),
                            self.cells.given(block, "price", index, unit),
                            self.cells.given(block, "rebate", index, unit), currency,
                            self.cells.code(block, "price_instrument", index))
        return None if price == CarbonPrice() else price


def folded(text: str) -> str:
    """A name as the template compares it, spaces around it apart: without regard to case."""
    return " ".join(text.split()).casefold()


def _differs(typed: Stored, stored: str | None) -> bool:
    """Whether the template's own look-up misses the name: it ignores case, but no spaces."""
    return isinstance(typed, str) and stored is not None and typed.casefold() != stored.casefold()


def _heat(given: Mapping[str, Given | None]) -> Heat | None:
    heat = Heat(given["heat_imported"], given["heat_exported"], given["heat_imported_ef"], given["heat_exported_ef"])
    return None if heat == Heat() else heat


def _waste_gas(given: Mapping[str, Given | None]) -> WasteGas | None:
    gas = WasteGas(given["waste_gas_imported"], given["waste_gas_exported"])
    return None if gas == WasteGas() else gas


def _content(figures: Mapping[str, Given]) -> Given | None:
    """Functional units per tonne where the parameters say it: t clinker per t, kg N per t."""
    if (clinker := figures.get("clinker_factor")) is not None:
        return Given(clinker.value, "tClinker/t", clinker.place)
    parts = [figures["nitrogen"]] if "nitrogen" in figures else [figures[n] for n in _NITROGEN if n in figures]
    if not parts:
        return None
    total = Decimal(0)
    for part in parts:
        total = CONTEXT.add(total, part.value)
    return Given(CONTEXT.multiply(total, _KG_PER_T), "kgN/t", parts[0].place)
