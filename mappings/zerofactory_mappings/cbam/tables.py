"""Figures of CBAM law, each with unit, act, place, confidence and dates: what every CBAM calculation takes them from.

Unknown figures are :class:`~zerofactory_mappings.cbam.table_reader.Unknown` with the reason, never None and never 0.

    >>> constant("gwp_cf4").value
    Decimal('6630')
    >>> markup("cement", 2027).value
    Decimal('0.20')
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError
from zerofactory_mappings.cbam.benchmarks import Benchmark, BenchmarkChoice, benchmarks
from zerofactory_mappings.cbam.table_reader import Cited, Row, Source, Unknown, table, weakest

__all__ = ["Benchmark", "BenchmarkChoice", "Cited", "Deadline", "Fuel", "Penalty", "PfcFactor", "PhaseIn", "Price",
           "ProcessFactor", "Source", "Unknown", "act", "benchmarks", "calendar", "constant", "constants", "deadlines",
           "fuel", "fuels", "markup", "molar_mass", "nitrogen_share", "penalties", "pfc_factor", "phase_in", "price",
           "process_factor", "process_factors", "reference_efficiency", "simplified", "weakest"]


def simplified(text: str) -> str:
    """*text* as spellings are compared: no case, accents, punctuation or double spaces.

    >>> simplified("Côte d'Ivoire") == simplified("COTE D’IVOIRE")
    True
    """
    folded = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i"))
    bare = "".join(c for c in folded if not unicodedata.combining(c) and c not in "'’`")
    return " ".join(re.findall(r"[^\W_]+", bare))


def _missing(code: str, found: str, accepted: Iterable[str], place: Place = NOWHERE) -> ProblemsError:
    return ProblemsError([Problem(f"cbam-table.{code}", place, found=found, accepted=", ".join(accepted) or None)])


# --------------------------------------------------------------------------------------------------------- constants

@cache
def _constants() -> Mapping[str, list[Row]]:
    return table("constants").by("id")


@cache
def constant(ident: str, on: date | None = None) -> Cited:
    """The constant or limit *ident* of ``constants.csv``, as in force *on* that day (the one without an end otherwise).

    Raises:
        ProblemsError: ``cbam-table.no-constant``; ``cbam-table.not-in-force`` when no row holds on that day.
    """
    rows = _constants().get(ident)
    if rows is None:
        raise _missing("no-constant", ident, ())
    for row in rows:
        if row.holds_on(on):
            found = row.cited("value", row.text("unit"))
            assert found is not None                    # the column is never empty
            return found
    raise _missing("not-in-force", f"{ident} @ {on}", (f"{r.text('valid_from')} – {r.text('valid_to')}" for r in rows))


def constants() -> tuple[Row, ...]:
    """Every row of the constants, for listings."""
    return table("constants").rows


def act(name: str) -> Row | None:
    """What is known of the act that the tables call *name*."""
    return next((r for r in table("acts") if r.text("id") == name), None)


# ------------------------------------------------------------------------------------------- fuels, materials, PFC

@dataclass(frozen=True, slots=True)
class Fuel:
    """A fuel with its standard factors (2025/2547 Annex II G Tables 1 and 2): *ef* in tCO2/TJ, *ncv* in GJ/t."""

    id: str
    zh: str
    en: str
    kind: str
    ef: Cited
    ncv: Cited | Unknown
    efficiency_class: str

    @property
    def name(self) -> str:
        """The English name."""
        return self.en

    @property
    def biomass(self) -> bool:
        """Whether it is biomass; its factor is zero only if the sustainability criteria are met."""
        return self.kind == "biomass"


@cache
def fuels() -> tuple[Fuel, ...]:
    """Every fuel of the tables."""
    return tuple(_fuel(row) for row in table("fuels"))


def _fuel(row: Row) -> Fuel:
    ef = row.cited("ef")
    assert ef is not None
    none = Unknown("cbam-table.no-ncv", {"fuel": row.text("en")}, row.source)
    return Fuel(row.text("id"), row.text("zh"), row.text("en"), row.text("kind"), ef, row.cited("ncv") or none,
                row.text("efficiency_class"))


@cache
def _fuel_names() -> Mapping[str, Fuel]:
    return {simplified(name): f for f in fuels() for name in (f.id, f.en, f.zh)}


@cache
def fuel(ident: str) -> Fuel:
    """The fuel of that id or name (either language).

    Raises:
        ProblemsError: ``cbam-table.no-fuel``.
    """
    found = _fuel_names().get(simplified(ident))
    if found is None:
        raise _missing("no-fuel", ident, (f.id for f in fuels()))
    return found


@dataclass(frozen=True, slots=True)
class ProcessFactor:
    """A material of process emissions (Annex II G Tables 3 to 5): *ef* in tCO2/t, *carbon* in tC/t for Table 5."""

    id: str
    group: str
    zh: str
    en: str
    ef: Cited
    carbon: Cited | None

    @property
    def name(self) -> str:
        """The English name or formula."""
        return self.en


@cache
def process_factors() -> tuple[ProcessFactor, ...]:
    """Every material of the tables."""
    found = []
    for row in table("process-factors"):
        ef = row.cited("ef")
        assert ef is not None
        found.append(ProcessFactor(row.text("id"), row.text("group"), row.text("zh"), row.text("en"), ef,
                                   row.cited("carbon")))
    return tuple(found)


@cache
def process_factor(material: str, group: str | None = None) -> ProcessFactor:
    """The material of that id, formula or name; *group* is ``carbonate_a``, ``oxide_b`` or ``iron_steel``.

    Raises:
        ProblemsError: ``cbam-table.no-material``.
    """
    wanted = simplified(material)
    for each in process_factors():
        if group in (None, each.group) and wanted in {simplified(n) for n in (each.id, each.en, each.zh)}:
            return each
    raise _missing("no-material", material, (f.id for f in process_factors() if group in (None, f.group)))


@dataclass(frozen=True, slots=True)
class PfcFactor:
    """Factors of one cell technology (Annex II B.7): *cf4* SEF or OVC in its unit, *c2f6* in t C2F6 per t CF4."""

    method: str
    technology: str
    zh: str
    en: str
    cf4: Cited
    c2f6: Cited
    note: str


@cache
def pfc_factor(method: str, technology: str) -> PfcFactor:
    """The factors of *technology* (``CWPB``, or a text that names it) by ``slope`` or ``overvoltage``.

    Raises:
        ProblemsError: ``cbam-table.no-technology``.
    """
    rows = [r for r in table("pfc-factors") if r.text("method") == method]
    wanted = technology.strip()
    found = [r for r in rows if _names_cell(r, wanted)]
    if len(found) != 1:
        raise _missing("no-technology", f"{method}: {technology}", (r.text("technology") for r in rows))
    row = found[0]
    cf4, c2f6 = row.cited("cf4", row.text("cf4_unit")), row.cited("c2f6_per_cf4")
    assert cf4 is not None
    assert c2f6 is not None
    return PfcFactor(method, row.text("technology"), row.text("zh"), row.text("en"), cf4, c2f6, row.text("note"))


def _names_cell(row: Row, text: str) -> bool:
    """Whether *text* names the technology: its code, its name, or a name with the code in parentheses."""
    code = row.text("technology")
    inner = re.search(r"\(([A-Za-z_ ]+)\)\s*$", text)
    spoken = {simplified(text)} | ({simplified(inner[1])} if inner else set())
    return bool(spoken & {simplified(n) for n in (code, row.text("en"), row.text("zh"))})


# ------------------------------------------------------------------------------ reference efficiencies, molar masses

@cache
def reference_efficiency(output: str, fuel_class: str, built: int | None, medium: str | None = None) -> Cited | Unknown:
    """Reference efficiency of separate production (2025/2547 Annex III C) as a share.

    *output* is ``electricity`` or ``heat``; *fuel_class* a class (``natural_gas``) or a fuel of the tables; *built* the
    year of construction; *medium* of heat: ``hot_water``, ``steam`` or ``exhaust``. Where the year or medium is not
    known but every row of the fuel says the same, that holds.

    Raises:
        ProblemsError: ``cbam-table.no-efficiency`` for an output, medium or fuel that the law does not have.
    """
    rows = [r for r in table("reference-efficiencies") if r.text("output") == output]
    classes = {r.text("fuel_class") for r in rows}
    if fuel_class not in classes:
        known = _fuel_names().get(simplified(fuel_class))
        if known is None or known.efficiency_class not in classes:
            raise _missing("no-efficiency", f"{output}: {fuel_class}", sorted(classes))
        fuel_class = known.efficiency_class
    media = {"hot_water", "steam", "exhaust"}
    if output == "heat" and medium is not None and medium not in media:
        raise _missing("no-efficiency", f"{output}: {medium}", sorted(media))
    fits = [r for r in rows if r.text("fuel_class") == fuel_class and _built_in(r, built)
            and (output == "electricity" or medium in (None, r.text("medium")))]
    if len({r.text("efficiency") for r in fits}) == 1:
        found = fits[0].cited("efficiency")
        assert found is not None
        return found
    args = {"output": output, "fuel": fuel_class, "built": "" if built is None else str(built), "medium": medium or ""}
    return Unknown("cbam-table.efficiency-ambiguous" if fits else "cbam-table.efficiency-none", args)


def _built_in(row: Row, built: int | None) -> bool:
    first, last = row.integer("built_from"), row.integer("built_to")
    return built is None or ((first is None or first <= built) and (last is None or built <= last))


@cache
def _substances() -> Mapping[str, Row]:
    return {simplified(n): r for r in table("molar-masses") for n in (r.text("id"), r.text("formula"), r.text("zh"),
                                                                      r.text("en"))}


@cache
def molar_mass(substance: str) -> Cited | Unknown:
    """Molar mass in g/mol of a substance by id, formula or name, for the molar attribution of Eq 43."""
    row = _substances().get(simplified(substance))
    found = row.cited("molar_mass") if row is not None else None
    return found or Unknown("cbam-table.no-molar-mass", {"substance": substance})


@cache
def nitrogen_share(substance: str) -> Cited | Unknown:
    """Nitrogen in the pure *substance* as a share of its mass: atoms times 14.007 over its molar mass."""
    row = _substances().get(simplified(substance))
    if row is None:
        return Unknown("cbam-table.no-molar-mass", {"substance": substance})
    atoms, mass = row.integer("nitrogen_atoms"), row.decimal("molar_mass")
    weight = next(r.decimal("weight") for r in table("atomic-weights") if r.text("symbol") == "N")
    assert atoms is not None
    assert mass is not None
    assert weight is not None
    return Cited(CONTEXT.divide(CONTEXT.multiply(Decimal(atoms), weight), mass), "1", row.source)


# --------------------------------------------------------------------------------------- phase-in, mark-ups, prices

def _of_year(rows: Iterable[Row], year: int) -> Row | None:
    """The row whose years hold *year*."""
    for row in rows:
        first, last = row.integer("first_year"), row.integer("last_year")
        if first is not None and first <= year and (last is None or year <= last):
            return row
    return None


@dataclass(frozen=True, slots=True)
class PhaseIn:
    """Free allocation in one year: *factor* (CBAM factor, share of the benchmark that is deducted) and *cscf*.

    *preliminary*: the cross-sectoral correction factor is a placeholder, because none is decided yet.
    """

    year: int
    factor: Cited | Unknown
    cscf: Cited | Unknown
    preliminary: bool

    @property
    def net_share(self) -> Decimal | None:
        """1 less the CBAM factor; None when that is not known."""
        return CONTEXT.subtract(Decimal(1), self.factor.value) if isinstance(self.factor, Cited) else None


@cache
def phase_in(year: int) -> PhaseIn:
    """CBAM factor (Directive 2003/87/EC Article 10a(1a)) and cross-sectoral correction factor of *year*."""
    rows = table("phase-in").by("factor")
    factor, cscf = _of_year(rows["cbam_factor"], year), _of_year(rows["cscf"], year)
    return PhaseIn(year, _year_figure(factor, year), _year_figure(cscf, year),
                   cscf is not None and cscf.yes("preliminary"))


def _year_figure(row: Row | None, year: int) -> Cited | Unknown:
    found = row.cited("value") if row is not None else None
    return found or Unknown("cbam-table.no-phase-in", {"year": str(year)}, row.source if row is not None else None)


@cache
def markup(sector: str, year: int) -> Cited:
    """Mark-up on default values as a share, by sector and year of import (2025/2621 Annex I).

    Raises:
        ProblemsError: ``cbam-table.no-markup``: a sector or year without one (mark-ups begin in 2026).
    """
    rows = table("markups").by("sector")
    row = _of_year(rows.get(sector, ()), year)
    found = row.cited("markup") if row is not None else None
    if found is None:
        raise _missing("no-markup", f"{sector} {year}", rows)
    return found


@dataclass(frozen=True, slots=True)
class Price:
    """Price of certificates for imports of one *period*, in EUR/tCO2e; *published* on, or due on."""

    period: str
    kind: str
    value: Cited | Unknown
    published: date | None


def price(on: date | None = None, quarter: str | None = None) -> Price:
    """The price for imports *on* a day, or of a *quarter* (``2026-Q1``): quarterly in 2026, weekly from 2027.

    Unknown until it is published; weekly prices are in no table, so they are unknown too.
    """
    for row in table("certificate-prices"):
        first, last = row.day("first_day"), row.day("last_day")
        assert first is not None
        assert last is not None
        if row.text("period") == quarter or (on is not None and first <= on <= last):
            none = Unknown("cbam-table.price-unpublished", {"period": row.text("period"),
                                                            "due": row.text("published")}, row.source)
            return Price(row.text("period"), row.text("kind"), row.cited("price") or none, row.day("published"))
    period = quarter if quarter is not None else on.isoformat() if on is not None else ""
    return Price(period, "week", Unknown("cbam-table.price-unknown", {"period": period}), None)


# -------------------------------------------------------------------------------------------- deadlines, penalties

@dataclass(frozen=True, slots=True)
class Deadline:
    """A date that concerns goods imported in the year *concerns*."""

    id: str
    date: date
    concerns: int
    zh: str
    en: str
    note: str
    source: Source

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"id": self.id, "date": self.date, "concerns": self.concerns, "zh": self.zh, "en": self.en,
                "note": self.note, "source": self.source.as_json()}


@cache
def deadlines(year: int) -> tuple[Deadline, ...]:
    """Every date that concerns goods imported in *year*, in order."""
    found = []
    for row in table("deadlines"):
        first, once = row.integer("first_year"), row.day("once")
        assert first is not None
        if once is not None:
            day: date | None = once if first == year else None
        else:
            recurring = f"{year + (row.integer('years_after') or 0)}-{row.text('month_day')}"
            day = date.fromisoformat(recurring) if first <= year else None
        if day is not None:
            found.append(Deadline(row.text("id"), day, year, row.text("zh"), row.text("en"), row.text("note"),
                                  row.source))
    return tuple(sorted(found, key=lambda d: (d.date, d.id)))


@cache
def calendar(year: int) -> tuple[Deadline, ...]:
    """Every date that falls in *year*, whichever year of import it concerns, in order."""
    longest = max(row.integer("years_after") or 0 for row in table("deadlines"))
    found = {d for concerned in range(year - longest - 1, year + 2) for d in deadlines(concerned)
             if d.date.year == year}
    return tuple(sorted(found, key=lambda d: (d.date, d.id, d.concerns)))


@dataclass(frozen=True, slots=True)
class Penalty:
    """A consequence of Article 26: figures where there are any, in ``EUR/tCO2e`` or as ``1`` (times the single one)."""

    id: str
    zh: str
    en: str
    low: Cited | None
    high: Cited | None
    note: str
    source: Source


@cache
def penalties() -> tuple[Penalty, ...]:
    """Every rule on penalties."""
    return tuple(Penalty(r.text("id"), r.text("zh"), r.text("en"), r.cited("low", r.text("unit")),
                         r.cited("high", r.text("unit")), r.text("note"), r.source) for r in table("penalties"))
