"""What the functions of the house compute for one dossier: figures, answers to question sets, judgements, conversions.

A function finds what belongs to the case in its scope, under a name that no expression can write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.feel import HouseFunction
from zerofactory_engine.feel.values import Row, Table
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.rulepack.functions import house_functions
from zerofactory_engine.units import Dimension, dimension, unit

if TYPE_CHECKING:
    from zerofactory_engine.evaluation.run import Readings, Run

#: Where the case stands in a scope.
CASE = "\0case"
#: Functions that look there.
OF_CASE = frozenset({"figure", "convert", "answers", "items", "judged"})
#: The table whose rows are answers to question sets.
CHECKLISTS = "checklists"

_CO2E = dimension("CO2e")


class Case(NamedTuple):
    """What a function may look at: the run, the readings, and the criterion whose expression is evaluated."""

    run: Run
    readings: Readings
    owner: str | None


@cache
def functions() -> Mapping[str, HouseFunction]:
    """The functions of the house with what they compute; ``convert`` also gets the number of its place in the pack."""
    made = dict(house_functions({"figure": _figure, "convert": _convert, "answers": _answers, "items": _items,
                                 "judged": _judged}))
    made["convert"] = replace(made["convert"], parameters=("value", "unit", "place?"))
    return made


def _figure(scope: Mapping[str, Any], name: str, period: str | None = None) -> Any:
    case: Case = scope[CASE]
    return case.run.figure(name, period)


def _convert(scope: Mapping[str, Any], value: Decimal, wanted: str, place: str = "") -> Any:
    """*value* in the dimension of *wanted*: a gas becomes CO2e by the inventory's warming potential."""
    case: Case = scope[CASE]
    given = case.run.program.converted(place, case.readings)
    if given == unit(wanted).dimension:
        return value
    return case.run.as_co2e(value, given, case.readings)


def _answers(scope: Mapping[str, Any], question_set: str, subject: str | None = None) -> Table:
    """One row for each item of the set: ``item``, ``met``, ``subject``; the body's answer prevails."""
    case: Case = scope[CASE]
    run = case.run
    items = tuple(run.program.pack.checklists[question_set].items)
    given = run.checklist(question_set, subject)
    row_ids: list[str] = []
    met: list[Any] = []
    for item in items:
        row_id, answer = given.get(item, (None, None))
        row_ids.append(row_id or "/".join(p for p in (question_set, subject, item) if p))
        judgement = run.judgements.answers.get((question_set, item, subject)) if run.judgements else None
        if judgement is None:
            met.append(answer)
        elif judgement.value is None:
            met.append(_not_assessed(f"{question_set}/{item}" + (f"@{subject}" if subject else "")))
        else:
            met.append(judgement.value)
    return Table(CHECKLISTS, row_ids, {"item": items, "met": met, "subject": [subject] * len(items)})


def _items(scope: Mapping[str, Any], question_set: str) -> Any:
    case: Case = scope[CASE]
    return list(case.run.program.pack.checklists[question_set].items)


def _judged(scope: Mapping[str, Any], question: str, row: Any = None) -> Any:
    """Whether a qualified person found conformity; unknown until one has answered."""
    case: Case = scope[CASE]
    subject = row.id if isinstance(row, Row) else row
    name = f"{case.owner}/{question}"
    judgement = case.run.judgements.answers.get((name, None, subject)) if case.run.judgements else None
    if judgement is None or judgement.value is None:
        return _not_assessed(name + (f"@{subject}" if subject is not None else ""))
    return judgement.value


def _not_assessed(subject: str) -> Unknown:
    return Unknown(Reason(Cause.JUDGEMENT, f"question:{subject}", "reason.judgement-missing"))


def gas_of(given: Dimension) -> str:
    """The gas that a dimension is a mass of."""
    return given.powers[0][0]


def warmed(value: Decimal, potential: Any) -> Any:
    """A mass of a gas times its warming potential."""
    return potential if isinstance(potential, Unknown) else CONTEXT.multiply(value, potential)


__all__ = ["CASE", "CHECKLISTS", "OF_CASE", "Case", "functions", "gas_of", "warmed"]
