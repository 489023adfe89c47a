"""What emissions are divided by: production by category, value added, energy; an amount a year or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from zerofactory_engine.accounting import Inventory
from zerofactory_engine.accounting.terms import ZERO, Amount
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier import Dossier, Row
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.series import Span, holes, spans
from zerofactory_engine.messages import LANGUAGES, render
from zerofactory_engine.reasons import Unknown
from zerofactory_engine.units import unit
from zerofactory_mappings.disclosures.completeness import Said
from zerofactory_mappings.years.amounts import over, plus, unknown
from zerofactory_mappings.years.decompose import sources_of
from zerofactory_mappings.years.model import Measure

#: Money that an intensity is stated per.
MONEY = "industrial_value_added"
ENERGY = "comprehensive_energy"
_OUTPUT = "output_"


#: Kinds of a part of the boundary that make no product.
_MAKES_NOTHING = frozenset({"auxiliary unit", "ancillary unit", "non-production unit", "tenant", "sub-meter",
                            "contractor", "leased asset"})


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a year's measures rest on: its dossiers and inventories, like for like.

    *reshaped*: parts of the boundary that are taken in otherwise than the first dossier states; figures that it states
    for the whole facility are of another boundary then.
    """

    dossiers: Sequence[Dossier]
    inventories: Sequence[Inventory]
    reshaped: Sequence[str] = ()

    @property
    def id(self) -> str:
        """The first dossier's id."""
        return self.dossiers[0].id

    @property
    def making(self) -> list[str]:
        """Those of the reshaped parts that may make something, so that production and value added are of another
        boundary too."""
        kinds = {p.get("id"): p.get("kind") for p in self.dossiers[0].boundary.get("parts") or ()}
        return [part for part in self.reshaped if kinds.get(part) not in _MAKES_NOTHING]


def measures_of(years: Sequence[Evidence]) -> tuple[Measure, ...]:
    """Every measure that at least one year states, products first."""
    categories = dict.fromkeys(c for year in years for d in year.dossiers for c in _by_category(d))
    out = [_product(category, years) for category in categories]
    out += [m for m in (_money(years), _energy(years)) if any(not isinstance(a, Unknown) for a in m.amounts)]
    return tuple(out)


def chosen_measure(measures: Sequence[Measure]) -> Measure | None:
    """The measure of a decomposition: the only product that every year states, else value added; None without one."""
    products = [m for m in measures if m.id.startswith("product/")]
    if len(products) == 1 and products[0].known:
        return products[0]
    return next((m for m in measures if m.id == f"figure/{MONEY}" and m.known), None)


# -- production -------------------------------------------------------------------------------------------------------

def _by_category(dossier: Dossier) -> dict[str, list[Row]]:
    """Products inside the boundary by category, those without one by their name."""
    out: dict[str, list[Row]] = {}
    for row in dossier.rows.get("products", ()):
        if not dossier.is_outside(row):
            out.setdefault(str(row.get("category") or row.get("name") or row.id), []).append(row)
    return out


def _product(category: str, years: Sequence[Evidence]) -> Measure:
    found = [_made(year, category) for year in years]
    named = [name for _, name in found if name is not None]
    name = named[-1] if named else None
    amounts = tuple(
        amount if other in (None, name) else unknown("years.product-unit", f"{year.id}:products", category=category,
                                                     found=str(other), wanted=str(name))
        for year, (amount, other) in zip(years, found, strict=True))
    return Measure(f"product/{category}", {"zh": category, "en": category}, name or "1", amounts)


def _made(year: Evidence, category: str) -> tuple[Amount, str | None]:
    """What all dossiers of a year made of a category, and its unit."""
    found = [_output(d, category) for d in year.dossiers]
    units = list(dict.fromkeys(unit for _, unit in found if unit is not None))
    if len(units) > 1:
        return unknown("years.production-units", f"{year.id}:products", category=category, units=", ".join(units)), None
    doubts = [d for d in (_not_split(year, category),) if d is not None]
    return plus(*(amount for amount, _ in found), *doubts), units[0] if units else None


def _not_split(year: Evidence, category: str) -> Unknown | None:
    """Why production is not known when a part that may make something was taken in or out and no row names its part."""
    own = year.dossiers[0]
    parts = year.making
    if not parts or any(row.part is not None for row in own.rows.get("products", ())):
        return None
    return unknown("years.production-not-split", f"{own.id}:products", category=category, parts=", ".join(parts))


def _output(dossier: Dossier, category: str) -> tuple[Amount, str | None]:
    """Output of a category and its unit; zero where products are declared complete and none is of the category.

    Unknown: no row, a row without output, two units, days without a row.
    """
    subject = f"{dossier.id}:products"
    rows = _by_category(dossier).get(category, [])
    if not rows and "products" in dossier.complete:
        return ZERO, None
    stated = [{n: v for n, v in row.values.items() if n.startswith(_OUTPUT) and isinstance(v, Decimal)} for row in rows]
    if not rows or not all(stated):
        return unknown("years.no-production", subject, category=category), None
    units = {name.removeprefix(_OUTPUT) for found in stated for name in found}
    if len(units) != 1:
        return unknown("years.production-units", subject, category=category, units=", ".join(sorted(units))), None
    dated = [r for r in rows if r.start is not None and r.end is not None]
    missing = holes(Span(dossier.period.start, dossier.period.end), spans(dated)) if len(dated) == len(rows) else ()
    name = {"items": "item"}.get(next(iter(units)), next(iter(units)))
    if missing:
        return unknown("years.production-part", subject, category=category, span=", ".join(map(str, missing))), name
    return plus(*(v for found in stated for v in found.values())), name


# -- figures ----------------------------------------------------------------------------------------------------------

def _figure(year: Evidence, name: str, parts: Sequence[str]) -> Amount:
    """A figure of the facility as a whole, in its base unit, of all dossiers of a year; unknown when *parts* of it
    are taken in otherwise."""
    found = plus(*(d.figure(name) for d in year.dossiers))
    if parts and isinstance(found, Decimal):
        return unknown("years.figure-other-boundary", f"{year.id}:{name}", parts=", ".join(parts))
    return found


def _money(years: Sequence[Evidence]) -> Measure:
    shown = code_list("figures").codes[MONEY]
    per = unit(str(shown["unit"]))
    amounts = tuple(over(_figure(year, MONEY, year.making), per.factor, f"{year.id}:{MONEY}") for year in years)
    return Measure(f"figure/{MONEY}", {"zh": str(shown["zh"]), "en": str(shown["en"])}, str(shown["unit"]), amounts,
                   Said("years.note-prices"))


def _energy(years: Sequence[Evidence]) -> Measure:
    """Comprehensive energy as stated; where a year does not state it, all years use what was bought and burned."""
    shown = code_list("figures").codes[ENERGY]
    stated = tuple(_figure(year, ENERGY, year.reshaped) for year in years)
    if all(isinstance(a, Decimal) for a in stated):
        return Measure("energy/tce", {"zh": str(shown["zh"]), "en": str(shown["en"])}, "tce", stated)
    title = {lang: render("years.energy-bought", lang) for lang in LANGUAGES}
    return Measure("energy/tce", title, "tce", tuple(plus(*(bought_energy(i) for i in year.inventories))
                                                     for year in years), Said("years.note-energy"))


def bought_energy(inventory: Inventory) -> Amount:
    """Standard coal of fuels, heat and biomass as the accounting derives it, and of bought electricity (calorific)."""
    derived: list[Amount] = [value for (_, _, column), value in inventory.derived.items() if column == "tce"]
    entry = inventory.sets["standard_coal"].find("electricity", "calorific")
    power = [s for (table, source, _), s in sources_of(
        [x for x in inventory.lines if x.scope != 0], "location").items()
        if table == "electricity" and source == "purchased_electricity"]
    for source in power:
        per = None if entry is None else entry.values["tce"].value
        if per is None or source.activity is None or source.unit != "MWh":
            return unknown("years.no-energy", f"{inventory.dossier_id}:electricity")
        derived.append(CONTEXT.multiply(source.activity, per) if isinstance(source.activity, Decimal)
                       else source.activity)
    if not derived:
        return unknown("years.no-energy", f"{inventory.dossier_id}:energy")
    return plus(*derived)
