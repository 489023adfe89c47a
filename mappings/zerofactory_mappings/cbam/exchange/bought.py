"""Purchased goods of the dossier → precursors (2025/2547 Article 1(7), Annex II E, F).

A dossier says what was bought in its own words; whether that is a good of Annex I, of which code and country, is asked.
The embedded emissions come from its producer: see the request pack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.exchange.bounds import matches
from zerofactory_mappings.cbam.exchange.goods import Goods
from zerofactory_mappings.cbam.exchange.model import Answer, Fate, Kind, Piece, Series
from zerofactory_mappings.cbam.exchange.rules import Rule, Verdict
from zerofactory_mappings.cbam.exchange.work import Taken, Work
from zerofactory_mappings.cbam.model import Given, Precursor, RouteAmount

#: Route of goods whose maker has not said by which one they were made.
_UNKNOWN = "unknown"


@dataclass
class Bought:
    """The precursors found so far."""

    precursors: list[Precursor] = field(default_factory=list)

    def purchased(self, work: Work, made: Goods, purchases: Sequence[Series]) -> None:
        """Every series of purchased goods."""
        for series in purchases:
            rule = _not_counted(work, series)
            if rule is not None:
                work.decide(series.pieces, Fate.OUTSIDE, "row-not-counted", rule.id, series)
                continue
            pieces, answered = work.in_time(series)
            self.ask(work, made, series, pieces, answered, None)
        if made.made and not self.precursors:
            wanted = sorted({p for m in made.made for p in m.good.category.precursors})
            if wanted:
                work.lack("precursors", "precursors", "precursor", categories=", ".join(wanted))

    def ask(self, work: Work, made: Goods, series: Series, pieces: tuple[Piece, ...], answered: tuple[str, ...],
            cn: str | None) -> None:
        """One purchase: is it a precursor, and of which code and country?"""
        if not pieces:
            return
        name = series.key.get("what") or series.key.get("carrier") or series.id
        answer = work.asking.ask(
            Kind.PRECURSOR, series.id, [f"{p.row.table}/{p.row.id}" for p in pieces], work.rule("precursor"),
            "left-out", {"name": name, "supplier": series.key.get("supplier", "–")},
            candidates=() if cn is None else (cn,))
        questions = (*answered, f"precursor:{series.id}")
        if answer is None:
            work.decide(pieces, Fate.ASKED, "row-asked", "precursor", series, questions)
            return
        if answer.answer == "outside":
            work.decide(pieces, Fate.OUTSIDE, "row-outside-by-answer", "not-in-annex-i", series, questions)
            return
        good = work.asking.read_cn(answer).unwrap()
        with_mass = [p for p in pieces if p.row.values.get("t") is not None]
        work.decide([p for p in pieces if p not in with_mass], Fate.UNUSABLE, "row-without-mass", "precursor", series,
                    questions)
        taken = Taken(series, tuple(with_mass), rule="precursor", questions=questions)
        work.use(taken)
        self.precursors.append(_precursor(work, made, taken, good, answer, name))


def _not_counted(work: Work, series: Series) -> Rule | None:
    """The rule that says that this kind of purchase is no quantity of CBAM."""
    return next((r for r in work.rules.rules.values()
                 if r.verdict is Verdict.NOT_COUNTED and r.signals.columns and matches(r, series)), None)


def _precursor(work: Work, made: Goods, taken: Taken, good: scope.CnGood, answer: Answer, name: str) -> Precursor:
    series, category = taken.series, good.category
    country = scope.find_country(answer.country) if answer.country else None
    if country is None:
        work.lack("precursor-country", series.id, "precursor", series.rows, name=name)
    route = answer.route if answer.route and scope.find_route(category, answer.route) else None
    if route is None and len(category.routes) == 1:
        route = category.routes[0].id
    amount = work.given(work.total(taken, "t"), "t", taken.pieces) if taken.pieces else None
    if amount is None or good.unit_transitional != "t":
        work.lack("precursor-amount", series.id, "precursor", series.rows, name=name, unit=good.unit_transitional)
    if route is None:
        work.lack("precursor-route", series.id, "production-route", series.rows, name=name,
                  routes=", ".join(r.id for r in category.routes))
        route = _UNKNOWN if scope.find_route(category, _UNKNOWN) else None
    used = {k: Given(CONTEXT.multiply(amount.value, v), "t", amount.place, amount.documents)
            for k, v in answer.processes.items() if v} if amount is not None else {}
    if not used:
        work.lack("precursor-use", series.id, "precursor", series.rows, name=name)
    if country is None or not (country.eu or country.exempt):
        work.lack("precursor-report", series.id, clause="IR (EU) 2025/2547, Annex II A.1 point 4", rows=series.rows,
                  name=name)
    supplier = series.key.get("supplier")
    return Precursor(
        series.id, name if supplier is None else f"{name} ({supplier})", category.id, good.cn,
        None if country is None else country.iso2 or country.id, answer.installation,
        (RouteAmount(route, amount),) if route is not None and amount is not None else (), used)
