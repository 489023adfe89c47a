"""Does a series belong to the production processes? Signals of the rules ask; only an answer lets something leave.

A series whose names say a step that stays (galvanising, annealing …) needs no question, and neither does one in a
sector from which nothing leaves, on a site that makes nothing else. Everything else is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.exchange.goods import Goods
from zerofactory_mappings.cbam.exchange.model import Fate, Kind, Piece, Series
from zerofactory_mappings.cbam.exchange.rules import Rule, Verdict, says
from zerofactory_mappings.cbam.exchange.series import shown
from zerofactory_mappings.cbam.exchange.work import ONE, Taken, Work

#: Tables whose series a whole site may share, so that any step of it may take part of them.
_SHARED = ("energy", "electricity", "heat", "chp")


def matches(rule: Rule, series: Series) -> bool:
    """Whether a signal of *rule* is there and nothing in the series takes it back."""
    signals, first = rule.signals, series.pieces[0].row

    def column(wanted: dict[str, tuple[str, ...]]) -> bool:
        return any(name in first.values and first.values[name] is not None and shown(first.values[name]) in values
                   for name, values in wanted.items())

    if column(dict(signals.unless_columns)) or (signals.unless and says(signals.unless, series.words)):
        return False
    return (series.table in signals.tables or series.part_kind in signals.parts or column(dict(signals.columns))
            or says(signals.words, series.words))


@dataclass(frozen=True, slots=True)
class Judged:
    """The rules that a series raises: what may *leave* and what is known to *stay*."""

    leave: tuple[Rule, ...]
    stay: tuple[Rule, ...]

    @property
    def asked(self) -> bool:
        """Whether only an answer settles it."""
        return bool(self.leave)


def judge(work: Work, series: Series, made: Goods) -> Judged:
    """The rules of the boundary that concern a series, those with a signal first."""
    rules = [r for r in work.rules.rules.values() if r.concerns(made.sectors, made.categories)]
    leaving = [r for r in rules if r.verdict is Verdict.LEAVES]
    signalled = [r for r in leaving if matches(r, series)]
    stay = tuple(r for r in rules if r.verdict is Verdict.STAYS and matches(r, series))
    if any(work.dossier.is_outside(p.row) for p in series.pieces):
        signalled += [r for r in work.rule("other-installation") if r not in signalled]
    other = list(work.rule("other-goods")) if made.mixed else []
    steps = [r for r in leaving if r.categories and series.table in _SHARED]
    if signalled:
        return Judged(tuple(dict.fromkeys([*signalled, *steps, *other])), stay)
    if stay:
        return Judged(tuple(other), stay)
    return Judged(tuple(dict.fromkeys([*steps, *other])), ())


def inside(work: Work, series: Series, made: Goods, pieces: Sequence[Piece], answered: tuple[str, ...],
           more: Sequence[Rule] = ()) -> Taken | None:
    """What of the pieces stays inside; None when nothing does, or nobody has said. *more*: rules to ask beside."""
    judged = judge(work, series, made)
    leave = tuple(dict.fromkeys([*judged.leave, *more]))
    if not pieces:
        return None
    if not leave:
        return Taken(series, tuple(pieces), ONE, judged.stay[0].id if judged.stay else None, answered)
    rows = [f"{p.row.table}/{p.row.id}" for p in pieces]
    answer = work.asking.ask(Kind.BOUNDARY, series.id, rows, (*leave, *judged.stay), "left-out",
                             {"series": series.id, "named": _named(work, series)})
    questions = (*answered, f"boundary:{series.id}")
    if answer is None:
        work.decide(pieces, Fate.ASKED, "row-asked", leave[0].id, series, questions)
        return None
    if answer.answer == "outside":
        work.decide(pieces, Fate.OUTSIDE, "row-outside-by-answer", answer.rule, series, questions)
        return None
    share = ONE if answer.share is None else CONTEXT.plus(answer.share)
    return Taken(series, tuple(pieces), share, answer.rule, questions)


def _named(work: Work, series: Series) -> str:
    """What the series is called beside its id: its part of the boundary and its meter, in brackets."""
    meter = work.dossier.row("meters", series.meter) if series.meter else None
    part = next((p for p in work.dossier.boundary.get("parts") or () if p["id"] == series.part), None)
    names = [str(thing) for thing in (None if part is None else part.get("name") or part["id"],
                                      None if meter is None else meter.values.get("name") or meter.id) if thing]
    return f" [{'; '.join(names)}]" if names else ""
