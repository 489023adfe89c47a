"""What a level comes to from the verdicts of its criteria. Pure: names and verdicts in, names and verdicts out.

A level needs every criterion that has a condition for it (``needs: all``), or every mandatory one (``all mandatory``).
Error beats not met, not met beats indeterminate, indeterminate beats met; a criterion that does not apply fulfils,
but never alone: a level none of whose criteria applies is itself not applicable, never met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zerofactory_engine.evaluation.model import Verdict
from zerofactory_engine.reasons import Cause
from zerofactory_engine.rulepack.model import Level, Pack

#: From the verdict that decides alone to the one that decides last.
_PRECEDENCE = (Verdict.ERROR, Verdict.NOT_MET, Verdict.INDETERMINATE, Verdict.MET)


def combine(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a level from those of the criteria it needs; without any, not applicable."""
    present = set(verdicts)
    return next((v for v in _PRECEDENCE if v in present), Verdict.NOT_APPLICABLE)


def needed(pack: Pack, level: Level) -> tuple[str, ...]:
    """Criteria that *level* needs, in the pack's order."""
    mandatory_only = level.needs == "all mandatory"
    return tuple(c.id for c in pack.criteria.values()
                 if level.id in c.levels and (not mandatory_only or c.kind == "mandatory"))


@dataclass(frozen=True, slots=True)
class Standing:
    """A level's verdict and its criteria by verdict."""

    verdict: Verdict
    known_part: Verdict | None
    by_verdict: Mapping[Verdict, tuple[str, ...]]


def stand(verdicts: Mapping[str, Verdict], causes: Mapping[str, Iterable[Cause]]) -> Standing:
    """Combine *verdicts* (criterion → verdict) of one level.

    *causes* says why indeterminate criteria are so. The known part leaves out those whose limit is not known; it is
    None when nothing is left.
    """
    groups: dict[Verdict, list[str]] = {}
    for criterion, verdict in verdicts.items():
        groups.setdefault(verdict, []).append(criterion)
    known = [v for c, v in verdicts.items()
             if not (v is Verdict.INDETERMINATE and Cause.LIMIT in set(causes.get(c, ())))]
    return Standing(
        verdict=combine(verdicts.values()),
        known_part=combine(known) if known else None,
        by_verdict={v: tuple(groups.get(v, ())) for v in Verdict},
    )
