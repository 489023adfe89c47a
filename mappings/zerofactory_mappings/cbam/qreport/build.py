"""Make a report of plain values: what a person wrote (typed by the input's schema), or results of a calculation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError
from zerofactory_mappings.cbam.qreport.binding import Binding, Bound, binding, value_of
from zerofactory_mappings.cbam.qreport.codes import codes
from zerofactory_mappings.cbam.qreport.elements import table
from zerofactory_mappings.cbam.qreport.model import (
    CarbonPriceDue,
    CommodityCode,
    CommodityDetails,
    DirectEmissions,
    GoodsEmissions,
    ImportArea,
    ImportedGood,
    ImportedQuantity,
    IndirectEmissions,
    Installation,
    InstallationOperator,
    Measure,
    MeasureProcedure,
    OriginCountry,
    Procedure,
    ProdMethodQualifyingParams,
    QReport,
)
from zerofactory_mappings.cbam.qreport.rules import GOOD

#: Finds the place of what stands under a path of the input.
Places = Callable[..., Place]


def report_of(values: Mapping[str, Any], places: Places, problems: list[Problem]) -> QReport | None:
    """The head of a report (without goods) from values by element name; None after recording what is missing."""
    made = _Builder(places, problems).made(values, binding(table()), ())
    return made if isinstance(made, QReport) else None


def good_of(values: Mapping[str, Any], number: int, places: Places, problems: list[Problem]) -> ImportedGood | None:
    """The *number*-th good from values by element name; None after recording what is missing.

    Left out, ``ItemNumber`` and ``SequenceNumber`` are the position, ``HsCode`` the first six characters of ``CnCode``.
    """
    kind = next(b.below for b in binding(table()).fields if b.particle.name == GOOD)
    assert kind is not None
    made = _Builder(places, problems).made({"ItemNumber": number, **_stated(values)}, kind, ())
    return made if isinstance(made, ImportedGood) else None


def merged(under: Any, over: Any) -> Any:
    """*over* with what it leaves out filled from *under*: mappings key by key, lists position by position."""
    if over is None:
        return under
    if isinstance(under, Mapping) and isinstance(over, Mapping):
        keys = dict.fromkeys((*under, *over))
        return {key: merged(under.get(key), over.get(key)) for key in keys}
    if isinstance(under, Sequence) and isinstance(over, Sequence) and not isinstance(over, (str, bytes)):
        rest = over[len(under):] or under[len(over):]
        return [*(merged(a, b) for a, b in zip(under, over, strict=False)), *rest]
    return over


def _stated(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


class _Builder:
    """Values by element name into the dataclasses of the model."""

    def __init__(self, places: Places, problems: list[Problem]) -> None:
        self.places, self.problems = places, problems

    def made(self, values: Mapping[str, Any], kind: Binding, path: tuple[str | int, ...]) -> Any:
        """The object, or None after recording what is missing in it or wrong."""
        known = _filled(_stated(values), kind)
        found: dict[str, Any] = {}
        whole = True
        for bound in kind.fields:
            particle = bound.particle
            if particle.name == GOOD:
                continue
            value = known.get(particle.name)
            if value is None or (particle.repeated and not value):
                if not particle.optional:
                    self._problem("qreport.missing-element", path, name=particle.name)
                    whole = False
                continue
            given = self._value(value, bound, (*path, particle.name))
            whole = whole and given is not None
            found[bound.attribute] = given
        return kind.made(**found) if whole else None

    def _value(self, value: Any, bound: Bound, path: tuple[str | int, ...]) -> Any:
        if bound.below is None:
            return self._leaf(value, bound, path)
        if not bound.particle.repeated:
            return self.made(value, bound.below, path)
        numbered = bound.below.fields[0].particle.name == "SequenceNumber"
        items = []
        for index, item in enumerate(value):
            given = {"SequenceNumber": index + 1, **_stated(item)} if numbered else item
            items.append(self.made(given, bound.below, (*path, index)))
        return None if None in items else tuple(items)

    def _leaf(self, value: Any, bound: Bound, path: tuple[str | int, ...]) -> Any:
        """A value that the schema typed; moments and files are still text."""
        simple = bound.particle.simple
        assert simple is not None
        if simple.form not in ("dateTime", "base64"):
            return value
        fault = simple.fault(value)
        if fault is None:
            try:
                return value_of(value, simple)
            except OverflowError:
                self._problem("qreport.value-moment", path, found=value)
                return None
        self._problem(fault.code, path, found=fault.found, accepted=fault.accepted)
        return None

    def _problem(self, code: str, path: tuple[str | int, ...], found: str | None = None, accepted: str | None = None,
                 **args: str) -> None:
        self.problems.append(Problem(code, self.places(*path), found=found, accepted=accepted, args=args))


def _filled(values: dict[str, Any], kind: Binding) -> dict[str, Any]:
    """*values* with what follows from the rest."""
    if kind.made is CommodityCode and values:
        cn = values.get("CnCode")
        return {**({"HsCode": cn[:6]} if isinstance(cn, str) else {}), "CommodityDetails": {}, **values}
    if kind.made is ProdMethodQualifyingParams and values:
        return {"SequenceNumber": 1, **values}
    return values


def imported_good(
    cn: str,
    origin: str,
    net_mass_t: Decimal,
    see_direct: Decimal,
    see_indirect: Decimal | None = None,
    *,
    item_number: int,
    requested_procedure: str,
    methodology: str,
    previous_procedure: str | None = None,
    determination: str = "actual",
    electricity_source: str | None = None,
    emission_factor: Decimal | None = None,
    electricity_consumed: Decimal | None = None,
    description: str | None = None,
    production_country: str | None = None,
    operator: InstallationOperator | None = None,
    installation: Installation | None = None,
    route: ProdMethodQualifyingParams | None = None,
    carbon_prices: Sequence[CarbonPriceDue] = (),
) -> ImportedGood:
    """One good of one origin, imported under one procedure and made in one installation, from plain values.

    Args:
        cn: CN code of eight digits; spaces do not count.
        origin: country of origin, two letters.
        net_mass_t: net mass in tonnes.
        see_direct: specific direct embedded emissions, tonnes of CO2e per tonne of good.
        see_indirect: the same of indirect emissions; None leaves them out.
        item_number: number of the good in the report, from 1.
        requested_procedure: customs procedure, two characters; *previous_procedure* likewise.
        methodology: code of the reporting methodology (``TOM..``).
        determination: ``actual``, ``default`` or ``no_data``, for direct and indirect emissions.
        electricity_source: code (``SOE..``), needed with *see_indirect*.
        emission_factor: of the electricity, tonnes of CO2e per MWh.
        electricity_consumed: MWh.
        production_country: where it was made; *origin* when left out.

    Figures are rounded when the report is written.

    Raises:
        ProblemsError: the CN code has not eight digits, or indirect emissions have no electricity source.
    """
    known = codes()
    code = "".join(cn.split())
    problems = []
    if not known.allowed["cn_code"].knows(code):
        problems.append(Problem("qreport.rule-form", NOWHERE, found=cn, accepted=known.allowed["cn_code"].accepted(),
                                args={"list": "cn_code"}))
    if see_indirect is not None and electricity_source is None:
        problems.append(Problem("qreport.missing-element", args={"name": "ElectricitySource"}))
    if problems:
        raise ProblemsError(problems)
    tonnes, per_tonne = known.code("measurement_unit", "tonnes"), known.code("emissions_unit", "per_tonne")
    determined = known.code("determination_type", determination)
    mass = Measure(net_mass=net_mass_t, measurement_unit=tonnes)
    indirect = None
    if see_indirect is not None and electricity_source is not None:
        indirect = IndirectEmissions(
            determination_type=determined, emission_factor=emission_factor, measurement_unit=per_tonne,
            specific_embedded_emissions=see_indirect, electricity_consumed=electricity_consumed,
            electricity_source=electricity_source)
    quantity = ImportedQuantity(
        sequence_number=1, procedure=Procedure(requested_proc=requested_procedure, previous_proc=previous_procedure),
        import_area=ImportArea(import_area=known.code("import_area", "declaration")),
        measure_procedure_imported=(MeasureProcedure(
            indicator=int(known.code("indicator", "not_inward")), net_mass=net_mass_t, measurement_unit=tonnes),))
    emissions = GoodsEmissions(
        sequence_number=1, production_country=production_country or origin, installation_operator=operator,
        installation=installation, produced_measure=mass, indirect_emissions=indirect,
        direct_emissions=DirectEmissions(
            determination_type=determined, applicable_reporting_type_methodology=methodology,
            specific_embedded_emissions=see_direct, measurement_unit=per_tonne),
        prod_method_qualifying_params=route, carbon_price_due=tuple(carbon_prices))
    return ImportedGood(
        item_number=item_number, origin_country=OriginCountry(country=origin), imported_quantity=(quantity,),
        commodity_code=CommodityCode(hs_code=code[:6], cn_code=code,
                                     commodity_details=CommodityDetails(description=description)),
        measure_imported=mass, goods_emissions=(emissions,))
