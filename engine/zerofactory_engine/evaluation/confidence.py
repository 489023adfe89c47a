"""What a verdict rests on that is less than confirmed, and whether another value of it would turn the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.evaluation.levers import quotient
from zerofactory_engine.evaluation.margins import Leaf
from zerofactory_engine.evaluation.model import Amount, Rest, Sensitivity, Verdict
from zerofactory_engine.evaluation.program import CellKind
from zerofactory_engine.evaluation.run import Readings, Run, display_unit
from zerofactory_engine.evaluation.shown import amount
from zerofactory_engine.evaluation.solve import fit_line, to_decimal
from zerofactory_engine.evaluation.verdicts import on_values
from zerofactory_engine.feel import tree
from zerofactory_engine.rulepack.model import Confidence, Criterion, Parameter

_RANK = {Confidence.CONFIRMED: 0, Confidence.SECONDARY: 1, Confidence.UNCONFIRMED: 2}
#: How far beyond the crossing a flip is tried: a millionth of the way there.
_BEYOND = Decimal("0.000001")
_TURNED = {Verdict.MET: Verdict.NOT_MET, Verdict.NOT_MET: Verdict.MET}


def weakest(confidences: Iterable[Confidence]) -> Confidence | None:
    """The weakest of *confidences*; None without any."""
    return max(confidences, key=_RANK.__getitem__, default=None)


class Confidences:
    """What the verdicts of one run rest on under chosen readings."""

    def __init__(self, run: Run, readings: Readings) -> None:
        self.run = run
        self.readings = readings

    def keys(self, criterion: Criterion, level: str) -> tuple[str, ...]:
        """Keys of everything that the verdict at *level* rests on."""
        program = self.run.program
        heads = (f"{criterion.id}?", f"{criterion.id}?{level}", f"{criterion.id}#{level}", f"{criterion.id}!{level}")
        return tuple(dict.fromkeys(k for h in heads if h in program.cells for k in program.reached(h, self.readings)))

    def of(self, criterion: Criterion, level: str, leaf: Leaf | None, sensitivity: Sensitivity,
           factors: Iterable[tuple[str, Confidence]]) -> tuple[Confidence | None, tuple[Rest, ...]]:
        """The weakest confidence of all that the verdict uses, and what is less than confirmed."""
        used = [*self._parameters(criterion, level, leaf), *self._readings(level, sensitivity),
                Rest("clause", criterion.id, criterion.source.confidence),
                *(Rest("factor", name, confidence) for name, confidence in factors)]
        return weakest(r.confidence for r in used), tuple(r for r in used if r.confidence is not Confidence.CONFIRMED)

    def _readings(self, level: str, sensitivity: Sensitivity) -> Iterator[Rest]:
        flips = {f.reading: f.verdict for f in reversed(sensitivity.single_flips) if f.level == level}
        for name in sensitivity.readings:
            chosen = self.run.program.pack.readings[name].alternatives[self.readings[name]]
            yield Rest("reading", name, chosen.confidence, name in flips, flips_to=flips.get(name))

    def _parameters(self, criterion: Criterion, level: str, leaf: Leaf | None) -> Iterator[Rest]:
        verdict = on_values(self.run, criterion, level, self.readings).verdict
        for key in self.keys(criterion, level):
            cell = self.run.program.cells[key]
            if cell.kind is not CellKind.PARAMETER:
                continue
            settled = self.run.parameter(key, self.readings)
            if settled.dated is None:
                yield Rest("parameter", key, Confidence.UNCONFIRMED, True)
                continue
            rest = Rest("parameter", key, settled.dated.source.confidence)
            if settled.state != "value":
                yield replace(rest, could_flip=True)
            elif rest.confidence is Confidence.CONFIRMED or verdict not in _TURNED:
                yield rest
            else:
                assert isinstance(cell.definition, Parameter)
                yield self._flip(rest, cell.definition, settled.value, criterion, level, leaf, verdict)

    def _flip(self, rest: Rest, parameter: Parameter, value: Any, criterion: Criterion, level: str, leaf: Leaf | None,
              verdict: Verdict) -> Rest:
        """*rest* with whether another value of *parameter* turns the verdict, and which."""
        if isinstance(value, Decimal):
            return self._number(rest, parameter, value, criterion, level, leaf, verdict)
        others: list[Any] = []
        if isinstance(value, bool):
            others = [not value]
        elif isinstance(value, (list, tuple)):
            others = [type(value)(v for v in value if v != gone) for gone in value]
        for other in others:
            found = self._verdict(rest.id, other, criterion, level)
            if found is not verdict:
                return replace(rest, could_flip=True, flips_at=amount(other, None), flips_to=found)
        return replace(rest, could_flip=False) if others else rest

    def _verdict(self, key: str, value: Any, criterion: Criterion, level: str) -> Verdict:
        return on_values(self.run.with_given({key: value}), criterion, level, self.readings).verdict

    def _number(self, rest: Rest, parameter: Parameter, value: Decimal, criterion: Criterion, level: str,
                leaf: Leaf | None, verdict: Verdict) -> Rest:
        """Where the deciding comparison crosses when the parameter moves, if that turns the verdict.

        Only values of the same sign count: a limit, share or coefficient does not become negative.
        """
        if leaf is None or leaf.distance is None or leaf.row is not None or not isinstance(leaf.node, tree.Compare):
            return rest
        left, right = leaf.node.left, leaf.node.right

        def sample(candidate: Decimal) -> Fraction | None:
            run = self.run.with_given({rest.id: candidate})
            sides = [quotient(run, side, criterion, self.readings) for side in (left, right)]
            if sides[0] is None or sides[1] is None:
                return None
            return sides[0][0] * sides[1][1] - sides[1][0] * sides[0][1]

        line = fit_line(sample, abs(value) if value else Decimal(1))
        if line is None or line.root is None:
            return replace(rest, could_flip=False) if line is not None else rest
        crossing = to_decimal(line.root)
        if value and (crossing < 0) != (value < 0) and crossing:
            return replace(rest, could_flip=False)
        beyond = CONTEXT.add(crossing, CONTEXT.multiply(CONTEXT.subtract(crossing, value), _BEYOND))
        found = next((v for candidate in (crossing, beyond)
                      if (v := self._verdict(rest.id, candidate, criterion, level)) is not verdict), None)
        if found is None:
            return replace(rest, could_flip=False)
        shown_in = display_unit(parameter, self.readings)
        change = CONTEXT.divide(CONTEXT.subtract(crossing, value), abs(value)) if value else None
        at = Amount(crossing if shown_in is None else shown_in.from_base(crossing), shown_in.text if shown_in else None)
        return replace(rest, could_flip=True, flips_at=at, change=change, flips_to=found)
