"""What CBAM covers: codes to aggregated goods, routes, precursors, functional units, and countries.

A code is read as text, never as a number. Eight digits count; ten are read as their first eight, with a note; four or
six are refused with the codes that they may mean, because goods of one heading differ in what counts.

    >>> read_cn("7318 15 42").good.category.id
    'iron_or_steel_products'
    >>> country("Türkiye").id
    'TR'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.table_reader import Row, Source, table
from zerofactory_mappings.cbam.tables import simplified

#: Most codes that a problem lists.
_LISTED = 12
#: Digits, with the spaces, dots and hyphens that people type inside codes.
_CODE = re.compile(r"[0-9]+(?:[\s.\-]+[0-9]+)*")


@dataclass(frozen=True, slots=True)
class Route:
    """A production route of a category, in the order of the Commission's template."""

    id: str
    template_name: str
    zh: str
    en: str
    position: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """A sector parameter: *unit* empty for a word; asked in the transitional and definitive method."""

    id: str
    zh: str
    en: str
    unit: str
    transitional: bool
    definitive: bool
    note: str


@dataclass(frozen=True, slots=True)
class Category:
    """Aggregated goods: *indirect_definitive* is what the law says, *indirect_template* what the template flags.

    *precursors*: ids of direct precursors in the template's list; *chain*: of all along the chain.
    """

    id: str
    sector: str
    template_name: str
    zh: str
    en: str
    unit_transitional: str
    indirect_transitional: bool
    indirect_definitive: bool
    indirect_template: bool
    precursors: tuple[str, ...]
    chain: tuple[str, ...]
    routes: tuple[Route, ...]
    parameters: tuple[Parameter, ...]
    note: str
    source: Source

    def as_json(self) -> dict[str, Any]:
        """Names and flags."""
        return {"id": self.id, "sector": self.sector, "template_name": self.template_name, "zh": self.zh, "en": self.en,
                "unit_transitional": self.unit_transitional, "indirect_transitional": self.indirect_transitional,
                "indirect_definitive": self.indirect_definitive, "indirect_template": self.indirect_template,
                "precursors": list(self.precursors), "chain": list(self.chain),
                "routes": [{"id": r.id, "template_name": r.template_name, "zh": r.zh, "en": r.en} for r in self.routes],
                "parameters": [{"id": p.id, "zh": p.zh, "en": p.en, "unit": p.unit, "transitional": p.transitional,
                                "definitive": p.definitive} for p in self.parameters]}


@dataclass(frozen=True, slots=True)
class CnGood:
    """An 8-digit code in scope, and what the law asks of its goods.

    *functional_unit_definitive*: ``t``, ``t_clinker``, ``kgN`` or ``MWh`` (2025/2547 Article 4).
    """

    cn: str
    category: Category
    gases: tuple[str, ...]
    functional_unit_definitive: str
    note: str
    source: Source
    unit_source: Source

    @property
    def sector(self) -> str:
        """``cement``, ``iron_steel``, ``aluminium``, ``fertilisers``, ``hydrogen`` or ``electricity``."""
        return self.category.sector

    @property
    def indirect_definitive(self) -> bool:
        """Whether indirect emissions count for goods imported from 2026 (Regulation 2023/956 Annex II)."""
        return self.category.indirect_definitive

    @property
    def indirect_transitional(self) -> bool:
        """Whether indirect emissions count in the transitional method."""
        return self.category.indirect_transitional

    @property
    def unit_transitional(self) -> str:
        """``t`` or ``MWh``."""
        return self.category.unit_transitional


@dataclass(frozen=True, slots=True)
class CnReading:
    """What a text says of a code: the good, the TARIC code if ten digits stood there, problems and candidates."""

    good: CnGood | None
    taric: str | None
    problems: tuple[Problem, ...]
    candidates: tuple[str, ...] = ()

    def unwrap(self) -> CnGood:
        """The good; :class:`ProblemsError` when there is none."""
        if self.good is None:
            raise ProblemsError(self.problems)
        return self.good


# --------------------------------------------------------------------------------------------------------- categories

@cache
def categories() -> tuple[Category, ...]:
    """Every category in the order of the template."""
    routes, parameters = table("routes").by("category"), table("sector-parameters").by("category")
    return tuple(_category(row, routes, parameters) for row in table("categories"))


def _category(row: Row, routes: Mapping[str, list[Row]], parameters: Mapping[str, list[Row]]) -> Category:
    ident = row.text("id")
    return Category(
        ident, row.text("sector"), row.text("template_name"), row.text("zh"), row.text("en"),
                    row.text("unit_transitional"),
        row.yes("indirect_transitional"), row.yes("indirect_definitive"), row.yes("indirect_template"),
        row.words("precursors"), row.words("chain"),
        tuple(Route(r.text("id"), r.text("template_name"), r.text("zh"), r.text("en"), r.integer("position") or 0)
              for r in routes.get(ident, ())),
        tuple(Parameter(p.text("id"), p.text("zh"), p.text("en"), p.text("unit"), p.yes("transitional"),
                        p.yes("definitive"),
                        p.text("note")) for p in parameters.get(ident, ())), row.text("note"), row.source)


@cache
def _category_names() -> Mapping[str, Category]:
    return {simplified(n): c for c in categories() for n in (c.id, c.template_name, c.en, c.zh)}


def find_category(text: str) -> Category | None:
    """The category of that id, template name or name; None when there is none."""
    return _category_names().get(simplified(text))


def category(text: str, place: Place = NOWHERE) -> Category:
    """The category of that id, template name or name.

    Raises:
        ProblemsError: ``cbam-scope.category-unknown``.
    """
    found = find_category(text)
    if found is None:
        raise ProblemsError([Problem("cbam-scope.category-unknown", place, found=text,
                                     accepted=", ".join(c.id for c in categories()))])
    return found


def find_route(of: Category | str, text: str) -> Route | None:
    """The route of a category by id, template name or name; None when the category has no such route."""
    owner = category(of) if isinstance(of, str) else of
    wanted = simplified(text)
    return next((r for r in owner.routes if wanted in {simplified(n) for n in (r.id, r.template_name, r.en, r.zh)}),
                None)


def route(of: Category | str, text: str, place: Place = NOWHERE) -> Route:
    """The route of a category by id, template name or name.

    Raises:
        ProblemsError: ``cbam-scope.route-unknown``, ``cbam-scope.category-unknown``.
    """
    owner = category(of, place) if isinstance(of, str) else of
    found = find_route(owner, text)
    if found is None:
        raise ProblemsError([Problem("cbam-scope.route-unknown", place, found=text,
                                     accepted=", ".join(r.id for r in owner.routes),
                                     args={"category": owner.template_name})])
    return found


# -------------------------------------------------------------------------------------------------------------- codes

@cache
def _codes() -> Mapping[str, Row]:
    return {row.text("cn"): row for row in table("cn-codes")}


def codes() -> tuple[str, ...]:
    """Every code that is or was in scope."""
    return tuple(_codes())


def in_force(on: date | None = None) -> tuple[str, ...]:
    """The codes in scope on a day, or those without an end."""
    return tuple(c for c, row in _codes().items() if row.holds_on(on))


@cache
def _good(cn: str) -> CnGood:
    row = _codes()[cn]
    unit = max((r for r in table("functional-units") if cn.startswith(r.text("prefix"))),
               key=lambda r: len(r.text("prefix")))
    return CnGood(cn, category(row.text("category")), row.words("gases"), unit.text("unit"), row.text("note"),
                  row.source,
                  unit.source)


def digits(text: str) -> str | None:
    """The digits of a code written with or without spaces, dots or hyphens; None when anything else stands there."""
    stripped = text.strip()
    return re.sub(r"[^0-9]", "", stripped) if len(stripped) <= 40 and _CODE.fullmatch(stripped) else None


def read_cn(text: str, on: date | None = None, place: Place = NOWHERE) -> CnReading:
    """The good that a code means, as the nomenclature stands *on* a day (at any time without one).

    Problems: ``cbam-scope.cn-malformed``, ``cn-short`` (4 or 6 digits, with candidates), ``cn-taric`` (10 digits, a
    note), ``cn-out-of-scope``, ``cn-ended`` (replaced by others; a note without a day), ``cn-not-yet``, ``cn-part``
    (only part of the code is covered, a note).
    """
    code = digits(text)
    if code is None or len(code) not in (4, 6, 8, 10):
        return _refused("cn-malformed", text, place)
    if len(code) < 8:
        found = tuple(c for c in in_force(on) if c.startswith(code))
        return _refused("cn-short" if found else "cn-out-of-scope", text, place, found or nearest(code, on))
    cn, taric = code[:8], code if len(code) == 10 else None
    notes = [Problem("cbam-scope.cn-taric", place, Severity.NOTE, found=text, args={"cn": cn})] if taric else []
    row = _codes().get(cn)
    if row is None:
        return _refused("cn-out-of-scope", text, place, nearest(cn, on))
    start, end = row.source.valid_from, row.source.valid_to
    if end is not None and (on is None or on > end):
        problem = Problem("cbam-scope.cn-ended", place, Severity.ERROR if on else Severity.NOTE, found=text,
                          accepted=", ".join(row.words("replaced_by")), args={"end": end.isoformat()})
        if on is not None:
            return CnReading(None, taric, (problem,), row.words("replaced_by"))
        notes.append(problem)
    if on is not None and start is not None and on < start:
        return _refused("cn-not-yet", text, place, nearest(cn, on), start=start.isoformat())
    if row.text("note").startswith("ex"):
        notes.append(Problem("cbam-scope.cn-part", place, Severity.NOTE, found=text, args={"part": row.text("note")}))
    return CnReading(_good(cn), taric, tuple(notes))


def _refused(code: str, text: str, place: Place, candidates: tuple[str, ...] = (), **args: str) -> CnReading:
    shown = ", ".join(candidates[:_LISTED]) + (" …" if len(candidates) > _LISTED else "")
    problem = Problem(f"cbam-scope.{code}", place, found=text, accepted=shown or None, example="73181542",
                      args={"count": str(len(candidates)), **args})
    return CnReading(None, None, (problem,), candidates)


def nearest(code: str, on: date | None = None) -> tuple[str, ...]:
    """The codes in scope that share the longest beginning with *code*, of at least four digits; else the headings of
    its chapter."""
    for length in range(min(len(code), 7), 3, -1):
        if found := tuple(c for c in in_force(on) if c.startswith(code[:length])):
            return found
    return tuple(sorted({c[:4] for c in in_force(on) if c.startswith(code[:2])}))


def heading(cn: str) -> dict[str, str]:
    """Short title of the 4-digit heading in both languages, in our own words; empty when it is not in scope."""
    row = _headings().get(cn[:4])
    return row.names() if row is not None else {}


@cache
def _headings() -> Mapping[str, Row]:
    return {r.text("heading"): r for r in table("headings")}


def multifunctional_group(cn: str) -> str | None:
    """The group of goods that may share one process with *cn* (Commission Q&A 4.5); None when there is none."""
    fits = [r for r in table("multifunctional-groups") if cn.startswith(r.text("prefix"))]
    return max(fits, key=lambda r: len(r.text("prefix"))).text("group") if fits else None


# ---------------------------------------------------------------------------------------------------------- countries

@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory: *eu* member state, *exempt* origin (Regulation 2023/956 Annex III point 1), *listed* with
    a table of its own in 2025/2621 Annex I."""

    id: str
    iso2: str | None
    zh: str
    en: str
    eu: bool
    exempt: bool
    listed: bool
    source: Source

    @property
    def outside(self) -> bool:
        """Whether goods made there fall outside CBAM, so that a precursor from there counts as zero."""
        return self.eu or self.exempt


@cache
def countries() -> tuple[Country, ...]:
    """Every country and territory of the tables."""
    return tuple(Country(r.text("id"), r.text("iso2") or None, r.text("zh"), r.text("en"), r.yes("eu"), r.yes("exempt"),
                         r.yes("listed"), r.source) for r in table("countries"))


@cache
def _country_names() -> Mapping[str, Country]:
    by_id = {c.id: c for c in countries()}
    found = {simplified(n): c for c in countries() for n in (c.id, c.en, c.zh)}
    return found | {simplified(r.text("name")): by_id[r.text("country")] for r in table("country-names")}


#: Length to which a workbook cuts the name of a sheet.
_SHEET_NAME = 31


@cache
def find_country(text: str) -> Country | None:
    """The country of that ISO code or name, in any spelling of the tables; a name that a workbook cut off at 31
    characters counts when only one begins so. None when there is none."""
    wanted = simplified(text)
    if (found := _country_names().get(wanted)) is not None:
        return found
    if len(text.strip()) >= _SHEET_NAME - 1:
        begun = {c.id: c for name, c in _country_names().items() if name.startswith(wanted)}
        if len(begun) == 1:
            return next(iter(begun.values()))
    return None


def country(text: str, place: Place = NOWHERE) -> Country:
    """The country of that ISO code or name.

    Raises:
        ProblemsError: ``cbam-scope.country-unknown``.
    """
    found = find_country(text)
    if found is None:
        raise ProblemsError([Problem("cbam-scope.country-unknown", place, found=text, example="CN, China, 中国")])
    return found
