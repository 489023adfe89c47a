"""From the typed tree of an input to the model: names resolved, figures in its units, series of hours read.

What is written is kept as written where a table does not know it (a category, a route, a country), so that the problem
that says so can be understood and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from zerofactory_engine.problems import Place
from zerofactory_engine.typed import Typed
from zerofactory_engine.typed_readers import Amount
from zerofactory_engine.yaml_text import MapNode
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.input.figures import Notes, Row, schema
from zerofactory_mappings.cbam.input.files import Beside, Hours, Periods
from zerofactory_mappings.cbam.model import (
    Attribution,
    AttributionRule,
    CarbonPrice,
    ElectricitySource,
    ElectricityUse,
    EnergyUnit,
    FuelUse,
    Given,
    GoodProduced,
    Heat,
    HeatFlow,
    HeatKind,
    HourlyMatch,
    Installation,
    MeasuredSource,
    Method,
    Origin,
    PfcMethod,
    PfcSource,
    Precursor,
    Process,
    Product,
    RouteAmount,
    SourceStream,
    Stated,
    ValueSource,
    VerificationReport,
    WasteGas,
)

ONE = Decimal(1)
#: Fields of the section ``installation`` that the model has itself; the others go to its details under their own names.
OWN_FIELDS = frozenset({"name", "registry_id", "country"})
#: What stands before a section's field names in the details of the model.
PREFIXES = {"installation": "", "operator": "operator_", "verifier": "verifier_", "remarks": "", "other": ""}
CLINKER_OUTPUT = ("cement", "cement_stock_change", "clinker_ratio", "clinker_supplied", "clinker_dispatched",
                  "clinker_stock_change")
POWER_PLANT = "power_plant"
_MASSES = schema().definition("#/$defs/attribution")["anyOf"][0]["properties"]["masses"]
ALL_ROUTES = "all"


def detail_key(section: str, field: str) -> str:
    """The name that a field of a section has in ``Installation.details``."""
    return field if field.startswith("accreditation_") else PREFIXES[section] + field


def document_key(document: str, field: str) -> str:
    """The name that a field of a document has in ``Installation.details``."""
    return f"document.{document}.{field}"


def document_ids(details: Mapping[str, str]) -> dict[str, None]:
    """The documents that the details list, in their order."""
    return dict.fromkeys(k.removeprefix("document.").rpartition(".")[0] for k in details if k.startswith("document."))


def build(typed: Typed, file: str, beside: Beside, notes: Notes) -> Installation:
    """The installation in *typed*; what is wrong goes to *notes*."""
    assert isinstance(typed.value, dict)
    top = Row(typed.value, typed.tree, schema().source["properties"], "", notes)
    return _Builder(top, file, beside, notes).installation()


class _Builder:
    def __init__(self, top: Row, file: str, beside: Beside, notes: Notes) -> None:
        self.top, self.file, self.beside, self.notes = top, file, beside, notes

    def installation(self) -> Installation:
        top = self.top
        about, period, stated = top.row("installation"), top.row("period"), top.row("stated")
        country = None if about is None else about.text("country")
        found = scope.find_country(country) if country else None
        return Installation(
            origin=Origin(top.text("origin") or Origin.OWN),
            name="" if about is None else about.text("name") or "",
            country=found.id if found is not None else country or None,
            period_start=None if period is None else period.day("start"),
            period_end=None if period is None else period.day("end"),
            details=self._details(), registry_id=None if about is None else about.text("registry_id"),
            template_version=top.text("template_version"),
            streams=tuple(self._stream(r) for r in top.rows("source_streams")),
            pfc=tuple(self._pfc(r) for r in top.rows("pfc")),
            measured=tuple(self._measured(r) for r in top.rows("measured")),
            units=tuple(self._unit(r) for r in top.rows("energy_units")),
            processes=tuple(self._process(r) for r in top.rows("processes")),
            precursors=tuple(self._precursor(r) for r in top.rows("precursors")),
            products=tuple(self._product(r) for r in top.rows("products")),
            stated=Stated() if stated is None else Stated(*(stated.given(n) for n in (
                "co2", "biomass_co2", "n2o", "pfc", "indirect"))),
            reconcile=top.yes("reconcile") is True,
            readings={k: str(v) for k, v in (top.values.get("readings") or {}).items()},
            place=Place(file=self.file))

    def _details(self) -> dict[str, str]:
        out: dict[str, str] = {}
        for section in PREFIXES:
            own = self.top.values.get(section)
            for field, value in (own.items() if isinstance(own, Mapping) else ()):
                if value is not None and not (section == "installation" and field in OWN_FIELDS):
                    out[detail_key(section, field)] = str(value)
        for row in self.top.rows("documents"):
            document = row.text("id")
            if document is not None:
                out |= {document_key(document, f): text for f in ("title", "file", "sha256")
                        if (text := row.text(f)) is not None}
                out.setdefault(document_key(document, "title"), document)
                if (name := row.text("file")) is not None:
                    self.beside.compare(name, row.text("sha256"), row.place("file"))
        return out

    # --- emission sources -------------------------------------------------------------------------------------------

    def _stream(self, row: Row) -> SourceStream:
        method, clinker, dust = row.text("method"), row.row("clinker_output"), row.row("dust")
        output = [] if clinker is None else [g for n in CLINKER_OUTPUT if (g := clinker.given(n)) is not None]
        parts = [] if dust is None else [g for n in ("clinker_ef", "calcination") if (g := dust.given(n)) is not None]
        return SourceStream(
            id=row.ident, name=_name(row), method=Method(method) if method else None, amount=row.given("amount"),
            ncv=row.given("ncv"), ef=row.given("ef"), carbon_content=row.given("carbon_content"),
            oxidation=row.given("oxidation"), conversion=row.given("conversion"), biomass=row.given("biomass"),
            ash_carbon=row.given("ash_carbon"), factor=row.text("factor"), output_based=row.yes("output_based") is True,
            clinker_output=tuple(output) if len(output) == len(CLINKER_OUTPUT) else (),
            dust=(parts[0], parts[1]) if len(parts) == 2 else None, evidence=row.texts("evidence"),
            attributed=self._attribution(row), place=row.place())

    def _pfc(self, row: Row) -> PfcSource:
        method = row.text("method")
        return PfcSource(
            id=row.ident, name=_name(row), method=PfcMethod(method) if method else None,
            technology=row.text("technology"), aluminium=row.given("aluminium"), frequency=row.given("frequency"),
            duration=row.given("duration"), slope_factor=row.given("slope_factor"),
            overvoltage_per_cell=row.given("overvoltage_per_cell"), current_efficiency=row.given("current_efficiency"),
            overvoltage_coefficient=row.given("overvoltage_coefficient"), c2f6_share=row.given("c2f6_share"),
            collection_efficiency=row.given("collection_efficiency"), attributed=self._attribution(row),
            place=row.place())

    def _measured(self, row: Row) -> MeasuredSource:
        return MeasuredSource(
            id=row.ident, name=_name(row), gas=row.text("gas"), concentration=row.given("concentration"),
            hours=row.given("hours"), flow=row.given("flow"), air=row.given("air"), oxygen=row.given("oxygen"),
            biomass=row.given("biomass"), hourly=self._hours(row), evidence=row.texts("evidence"),
            attributed=self._attribution(row), place=row.place())

    def _hours(self, row: Row) -> Hours:
        file = row.text("hourly_file")
        if file is not None:
            if row.has("hourly"):
                self.notes.refuse("cbam-input.twice", row.place("hourly_file"), found="hourly, hourly_file",
                                  accepted="1")
            return self.beside.hours(file, row.place("hourly_file"))
        out = []
        for hour in row.rows("hourly"):
            valid = hour.text("valid")
            share = ONE if valid is None else hour.share(valid, hour.place("valid"))
            out.append((_decimal(hour, "g_per_Nm3"), _decimal(hour, "Nm3"), ONE if share is None else share))
        return tuple(out)

    def _attribution(self, row: Row) -> Attribution:
        """To one process, by shares, by molar masses, or by functional units."""
        found = row.values.get("attributed")
        node, place = row.node_of("attributed"), row.place("attributed")
        if isinstance(found, str):
            return Attribution(AttributionRule.SHARES, shares={found: Given(ONE, "1", place, row.documents)})
        if not isinstance(found, Mapping):
            return Attribution()
        rule = found.get("by")
        if rule == "functional_units":
            return Attribution(AttributionRule.FUNCTIONAL_UNITS, processes=tuple(found.get("processes") or ()))
        if rule == "molar":
            masses = found.get("masses") or {}
            below = node.get("masses") if isinstance(node, MapNode) else None
            declared = _MASSES["additionalProperties"]
            molar = {}
            for process, entry in masses.items():
                own = below.get(process) if isinstance(below, MapNode) else None
                part = Row(entry, own, declared["properties"], f"{place.path}/{process}", self.notes, row.documents)
                mass = part.given("mass")
                if mass is not None:
                    molar[process] = (mass, part.text("substance") or "")
            return Attribution(AttributionRule.MOLAR, molar=molar)
        return Attribution(AttributionRule.SHARES, shares=row.figures(found, {"$ref": "#/$defs/share"}, node, place))

    # --- energy -----------------------------------------------------------------------------------------------------

    def _unit(self, row: Row) -> EnergyUnit:
        kind = row.text("kind")
        fuels = tuple(FuelUse(name=_name(f, f.text("factor") or ""), energy=f.given("energy"), ef=f.given("ef"),
                              factor=f.text("factor"), amount=f.given("amount"), waste_gas=f.yes("waste_gas") is True)
                      for f in row.rows("fuels"))
        flows = tuple(HeatFlow(enthalpy=enthalpy, mass=f.given("mass"), volume=f.given("volume"),
                               specific_volume=f.given("specific_volume"), return_enthalpy=f.given("return_enthalpy"))
                      for f in row.rows("flows") if (enthalpy := f.given("enthalpy")) is not None)
        return EnergyUnit(
            id=row.ident, name=_name(row), fuels=fuels,
            kind=None if kind in {None, POWER_PLANT} else HeatKind(kind),
            heat=row.given("heat"), electricity=row.given("electricity"),
            flue_gas_cleaning=row.given("flue_gas_cleaning"),
            efficiency=row.given("efficiency"), heat_efficiency=row.given("heat_efficiency"),
            electricity_efficiency=row.given("electricity_efficiency"), reference_heat=row.given("reference_heat"),
            reference_electricity=row.given("reference_electricity"), reference_fuel=row.text("reference_fuel"),
            built=row.integer("built"), medium=row.text("medium"), ef=row.given("ef"), flows=flows,
            maximum_energy=row.given("maximum_energy"), documents=row.texts("documents"), place=row.place())

    # --- processes --------------------------------------------------------------------------------------------------

    def _process(self, row: Row) -> Process:
        category = scope.find_category(row.text("category") or "")
        heat, gas = row.row("heat"), row.row("waste_gas")
        return Process(
            id=row.ident, name=_name(row), category=category.id if category else row.text("category"),
            production=self._by_route(row, "production", category),
            included=tuple(c.id if (c := scope.find_category(t)) else t for t in row.texts("included")),
            goods=tuple(GoodProduced(good.text("cn") or "", amount, good.given("content")) for good in row.rows("goods")
                        if (amount := good.given("amount")) is not None),
            content=row.given("content"), to_market=row.given("to_market"), to_processes=row.mapping("to_processes"),
            to_other=row.given("to_other"), direct=row.given("direct"),
            heat=None if heat is None else Heat(
                heat.given("imported"), heat.given("exported"), heat.given("imported_ef"), heat.given("exported_ef"),
                heat.text("imported_from"), heat.text("exported_from")),
            waste_gas=None if gas is None else WasteGas(
                gas.given("imported"), gas.given("exported"), gas.texts("evidence")),
            electricity=tuple(self._electricity(r) for r in row.rows("electricity")),
            exported_electricity=row.given("exported_electricity"),
            exported_electricity_ef=row.given("exported_electricity_ef"),
            exported_electricity_from=row.text("exported_electricity_from"), heat_applies=row.yes("heat_applies"),
            waste_gas_applies=row.yes("waste_gas_applies"), carbon_price=self._price(row), place=row.place())

    def _by_route(self, row: Row, name: str, category: scope.Category | None) -> tuple[RouteAmount, ...]:
        """Amounts by route; one amount stands for the category's only route."""
        found = row.values.get(name)
        if found is None:
            return ()
        one, by_route = row.declared[name]["anyOf"][:2]
        if isinstance(found, Amount) or "value" in found:
            amount = row.figure(found, one, row.place(name))
            return () if amount is None else (RouteAmount(self._only_route(row, name, category), amount),)
        amounts = row.figures(found, by_route["additionalProperties"], row.node_of(name), row.place(name))
        return tuple(RouteAmount(_route(text, category), amount) for text, amount in amounts.items())

    def _only_route(self, row: Row, name: str, category: scope.Category | None) -> str:
        routes = [] if category is None else [r.id for r in category.routes]
        if len(routes) > 1:
            self.notes.note("cbam-input.route-needed", row.place(name), accepted=", ".join(routes),
                            example=f"{name}: {{{routes[0]}: 1000 t}}", category=category.id if category else "")
        return routes[0] if len(routes) == 1 else ALL_ROUTES

    def _electricity(self, row: Row) -> ElectricityUse:
        match = row.row("match")
        return ElectricityUse(
            consumed=row.given("consumed"), source=ElectricitySource(row.text("source") or ElectricitySource.STATED),
            ef=row.given("ef"), unit=row.text("unit"), code=row.text("code"),
            match=None if match is None else self._match(match), documents=row.texts("documents"), place=row.place())

    def _match(self, row: Row) -> HourlyMatch:
        file, place = row.text("file"), row.place()
        rows: Periods
        if file is not None:
            if row.has("rows"):
                self.notes.refuse("cbam-input.twice", row.place("file"), found="file, rows", accepted="1")
            rows, place = self.beside.periods(file, row.place("file")), Place(file=file)
        else:
            rows = tuple((r.text("start") or "", made, used) for r in row.rows("rows")
                         if (made := _decimal(r, "generated_MWh")) is not None
                         and (used := _decimal(r, "consumed_MWh")) is not None)
        return HourlyMatch(rows=rows, minutes=row.integer("minutes"), generator_meter=row.text("generator_meter"),
                           consumer_meter=row.text("consumer_meter"), contract=row.text("contract"),
                           line_diagram=row.text("line_diagram"), grid_connection=row.text("grid_connection"),
                           place=place)

    def _price(self, row: Row) -> CarbonPrice | None:
        price = row.row("carbon_price")
        if price is None:
            return None
        currency = price.text("currency")
        unit = f"{currency or '?'}/tCO2e"

        def per_tonne(name: str) -> Given | None:
            given = price.given(name)
            return None if given is None else Given(given.value, unit, given.place, given.documents)

        return CarbonPrice(covered=price.given("covered"), price=per_tonne("price"), rebate=per_tonne("rebate"),
                           currency=currency, instrument=price.text("instrument"), legal_act=price.text("legal_act"),
                           certified_by=price.text("certified_by"))

    # --- precursors and products ------------------------------------------------------------------------------------

    def _precursor(self, row: Row) -> Precursor:
        category = scope.find_category(row.text("category") or "")
        cn = row.text("cn")
        by_code = scope.read_cn(cn).good if cn and category is None else None
        country = row.text("country")
        found = scope.find_country(country) if country else None
        return Precursor(
            id=row.ident, name=_name(row), category=category.id if category else row.text("category"), cn=cn,
            country=found.id if found is not None else country, installation=row.text("installation"),
            bought=self._by_route(row, "bought", category or (by_code.category if by_code is not None else None)),
            used_in=row.mapping("used_in"), other_use=row.given("other_use"), direct=row.given("direct"),
            indirect=row.given("indirect"), electricity=row.given("electricity"),
            electricity_ef=row.given("electricity_ef"),
            direct_source=_source(row, "direct_source"), electricity_source=_source(row, "electricity_source"),
            electricity_code=row.text("electricity_code"), content=row.given("content"), grade=row.text("grade"),
            route_letters=row.text("route_letters"), sefa=row.given("sefa"), period_start=row.day("period_start"),
            period_end=row.day("period_end"), report=self._report(row), justification=row.text("justification"),
            carbon_price=self._price(row), place=row.place())

    def _report(self, row: Row) -> VerificationReport | None:
        report = row.row("report")
        if report is None:
            return None
        words = tuple(c.id if (c := scope.find_category(t)) else t for t in report.texts("accreditation_scope"))
        return VerificationReport(
            id=report.text("id") or "", verifier=report.text("verifier") or "",
            accreditation_number=report.text("accreditation_number"), accreditation_scope=words,
            accreditation_valid_to=report.day("accreditation_valid_to"), installation=report.text("installation"),
            cn_codes=report.texts("cn_codes"), period_start=report.day("period_start"),
            period_end=report.day("period_end"),
            reasonable_assurance=report.yes("reasonable_assurance"), issued=report.day("issued"),
            document=report.text("document"), place=report.place())

    def _product(self, row: Row) -> Product:
        parameters: Any = row.values.get("parameters") or {}
        return Product(
            process=row.text("process") or "", cn=row.text("cn"), name=row.text("name") or "",
            content=row.given("content"),
            parameters={k: str(v) for k,
                        v in parameters.items() if v is not None}, route_letters=row.text("route_letters"),
            carbon_price=self._price(row), place=row.place())


def _name(row: Row, otherwise: str | None = None) -> str:
    """The name of a row; its id (or *otherwise*) where none is given."""
    name = row.text("name")
    return (row.ident if otherwise is None else otherwise) if name is None else name


def _route(text: str, category: scope.Category | None) -> str:
    """The id of a route; the text itself where the category has no such route."""
    found = None if category is None else scope.find_route(category, text)
    return text if found is None else found.id


def _decimal(row: Row, name: str) -> Decimal | None:
    found = row.values.get(name)
    return found if isinstance(found, Decimal) else None


def _source(row: Row, name: str) -> ValueSource | None:
    found = row.text(name)
    return ValueSource(found) if found else None


