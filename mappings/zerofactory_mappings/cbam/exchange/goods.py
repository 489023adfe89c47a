"""Goods of the dossier that CBAM covers, their production processes and amounts (2025/2547 Articles 4, 7, Annex II E).

The CN code decides, and only the operator knows it: a product without a readable code of eight digits is asked about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.exchange.model import Fate, Kind, Series
from zerofactory_mappings.cbam.exchange.series import series_of
from zerofactory_mappings.cbam.exchange.work import Taken, Work
from zerofactory_mappings.cbam.model import Given, GoodProduced, Process, Product, RouteAmount

#: Column of the amount by the unit of a category.
_AMOUNT = {"t": "output_t", "MWh": "output_MWh"}


@dataclass(frozen=True, slots=True)
class Made:
    """A product in scope: its code, and its amount where one is known in the unit of the category."""

    series: Series
    good: scope.CnGood
    amount: Given | None
    route: str | None

    @property
    def name(self) -> str:
        """What the dossier calls it."""
        return self.series.key.get("name", self.series.id)


@dataclass(frozen=True, slots=True)
class Goods:
    """What the site makes. *mixed*: it makes, or may make, goods outside CBAM; *processes* before energy is added."""

    made: tuple[Made, ...]
    mixed: bool
    processes: Mapping[str, Process] = field(default_factory=dict)
    members: Mapping[str, tuple[Made, ...]] = field(default_factory=dict)

    @property
    def sectors(self) -> frozenset[str]:
        """Sectors of the goods."""
        return frozenset(m.good.sector for m in self.made)

    @property
    def categories(self) -> frozenset[str]:
        """Categories of the goods."""
        return frozenset(m.good.category.id for m in self.made)

    @property
    def gases(self) -> frozenset[str]:
        """Gases that count for the goods; all that CBAM knows while no good is known."""
        found = {g for m in self.made for g in m.good.gases}
        return frozenset(found or {"CO2", "N2O", "PFC"})

    def products(self) -> tuple[Product, ...]:
        """One product for each product of the dossier."""
        return tuple(Product(process, m.good.cn, m.name) for process, members in self.members.items() for m in members)


def goods(work: Work) -> Goods:
    """The goods in scope with their processes; rows of the others are settled."""
    made: list[Made] = []
    mixed = not work.dossier.rows.get("products")
    for series in series_of(work.dossier, "products", work.year):
        work.series.append(series)
        good, asked = _code(work, series)
        if good is None:
            mixed = True
            continue
        made.append(_amount(work, series, good, asked))
    if not made:
        work.lack("goods", "products", "good-in-annex-i")
    members = _grouped(work, made)
    processes = {name: _process(name, group) for name, group in members.items()}
    for name, group in members.items():
        _missing(work, name, group)
    return Goods(tuple(made), mixed, processes, members)


def _code(work: Work, series: Series) -> tuple[scope.CnGood | None, tuple[str, ...]]:
    """The good of a product: by the dossier's code, else by the answer; the rows of others are settled."""
    stated, hs = series.key.get("cn_code", ""), series.key.get("hs_code", "")
    reading = scope.read_cn(stated, date(work.year, 12, 31)) if stated else None
    if reading is not None and reading.good is not None:
        return reading.good, ()
    digits = scope.digits(stated) if stated else None
    if digits is not None and len(digits) in (8, 10) and reading is not None and any(
            p.code == "cbam-scope.cn-out-of-scope" for p in reading.problems):
        work.decide(series.pieces, Fate.OUTSIDE, "row-not-in-scope", "not-in-annex-i", series)
        return None, ()
    candidates = (reading or scope.read_cn(hs, date(work.year, 12, 31))).candidates if stated or hs else ()
    answer = work.asking.ask(Kind.GOOD, series.id, series.rows, work.rule("good-in-annex-i"), "left-out", {
        "name": series.key.get("name", series.id), "stated": stated or hs or "–"}, candidates=candidates)
    question = (f"good:{series.id}",)
    if answer is None:
        work.decide(series.pieces, Fate.ASKED, "row-asked", "good-in-annex-i", series, question)
        return None, question
    if answer.answer == "outside":
        work.decide(series.pieces, Fate.OUTSIDE, "row-outside-by-answer", "not-in-annex-i", series, question)
        return None, question
    return work.asking.read_cn(answer).unwrap(), question


def _amount(work: Work, series: Series, good: scope.CnGood, asked: tuple[str, ...]) -> Made:
    """A good with its production in the year, by route."""
    pieces, answered = work.in_time(series)
    column = _AMOUNT[good.category.unit_transitional]
    without = [p for p in pieces if p.row.values.get(column) is None]
    work.decide(without, Fate.UNUSABLE, "row-without-amount", "good-in-annex-i", series)
    pieces = tuple(p for p in pieces if p not in without)
    if without or not pieces:
        work.lack("production", series.id, "good-in-annex-i", series.rows, name=series.key.get("name", series.id),
                  unit=good.category.unit_transitional)
    if not pieces:
        return Made(series, good, None, None)
    route = good.category.routes[0].id if len(good.category.routes) == 1 else None
    questions = (*asked, *answered)
    if route is None:
        answer = work.asking.ask(
            Kind.ROUTE, series.id, series.rows, work.rule("production-route"), "left-out",
            {"name": series.key.get("name", series.id), "category": good.category.id},
            candidates=[r.id for r in good.category.routes])
        questions = (*questions, f"route:{series.id}")
        if answer is None:
            work.decide(pieces, Fate.ASKED, "row-asked", "production-route", series, questions)
            return Made(series, good, None, None)
        route = answer.route
    taken = Taken(series, pieces, rule="good-in-annex-i", questions=questions)
    work.use(taken)
    return Made(series, good, work.given(work.total(taken, column), good.category.unit_transitional, pieces), route)


def _grouped(work: Work, made: Sequence[Made]) -> dict[str, tuple[Made, ...]]:
    """Goods by production process: each code its own (Article 4(2)), or one for all of a category where the answer says
    that they share it (Annex II A.4)."""
    by_category: dict[str, list[Made]] = {}
    for each in made:
        by_category.setdefault(each.good.category.id, []).append(each)
    found: dict[str, tuple[Made, ...]] = {}
    for category, group in by_category.items():
        codes = list(dict.fromkeys(m.good.cn for m in group))
        if len(codes) == 1:
            found[category] = tuple(group)
            continue
        answer = work.asking.ask(
            Kind.PROCESSES, category, [r for m in group for r in m.series.rows], work.rule("joint-process"), "per-code",
            {"category": category, "codes": ", ".join(codes)})
        if answer is not None and answer.answer == "one":
            found[category] = tuple(group)
        else:
            found |= {f"P{cn}": tuple(m for m in group if m.good.cn == cn) for cn in codes}
    return found


def _process(name: str, group: Sequence[Made]) -> Process:
    """A process with its production by route; goods by code where there are several or the functional unit is not t."""
    category = group[0].good.category
    routes: dict[str, list[Given]] = {}
    for made in group:
        if made.amount is not None and made.route is not None:
            routes.setdefault(made.route, []).append(made.amount)
    production = tuple(RouteAmount(route, _sum(amounts)) for route, amounts in routes.items())
    codes = {m.good.cn for m in group}
    by_code = len(codes) > 1 or group[0].good.functional_unit_definitive != category.unit_transitional
    produced = tuple(GoodProduced(cn, _sum([m.amount for m in group if m.good.cn == cn and m.amount is not None]))
                     for cn in sorted(codes) if any(m.good.cn == cn and m.amount is not None for m in group))
    title = category.en if len(codes) > 1 else f"{category.en}, CN {group[0].good.cn}"
    return Process(name, title, category.id, production, goods=produced if by_code else ())


def _sum(amounts: Sequence[Given]) -> Given:
    total = Decimal(0)
    for amount in amounts:
        total = CONTEXT.add(total, amount.value)
    documents = tuple(dict.fromkeys(d for a in amounts for d in a.documents))
    return Given(total, amounts[0].unit, amounts[0].place, documents)


def _missing(work: Work, name: str, group: Sequence[Made]) -> None:
    """What a process needs beside its production."""
    good = group[0].good
    if good.functional_unit_definitive not in ("t", "MWh"):
        work.lack("content", name, clause=f"{good.unit_source.act}, {good.unit_source.annex}",
                  unit=good.functional_unit_definitive)
    for made in group:
        parameters = [p.id for p in made.good.category.parameters if p.definitive]
        if parameters:
            work.lack("parameters", made.series.id, clause="IR (EU) 2025/2547, Annex IV 2", name=made.name,
                      parameters=", ".join(parameters))
