"""The functions of the house that expressions of packs may call: their names, arguments and types.

What they compute belongs to the evaluation, which passes it as *calls*; here is what a pack is checked against.
Arguments that say which figure, unit, set or question is meant are texts written out, so that they can be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from zerofactory_engine.feel import TOTAL, HouseFunction, Refusal
from zerofactory_engine.feel.tree import Node, String
from zerofactory_engine.feel.values import BOOLEAN, STRING, FeelType, Kind, list_of, number, table_of
from zerofactory_engine.rulepack.model import QuestionSet
from zerofactory_engine.units import Dimension, UnitError, dimension, gases, unit

#: What a row of ``answers(set)`` holds.
ANSWER = table_of({"item": STRING, "met": BOOLEAN, "subject": STRING})

_CO2E = dimension("CO2e")


def figures() -> Mapping[str, FeelType]:
    """Names of single figures with the type of ``figure("name")``."""
    from zerofactory_engine.dossier import vocabulary

    return vocabulary.figures()


def _literal(nodes: Sequence[Node], index: int, what: str) -> str:
    node = nodes[index]
    if isinstance(node, String):
        return node.value
    raise Refusal("pack.argument-literal", accepted=what, argument=index)


def _infer_figure(types: Sequence[FeelType], nodes: Sequence[Node]) -> FeelType:
    name = _literal(nodes, 0, "figure")
    if name not in figures():
        raise Refusal("pack.figure-unknown", found=name, accepted=", ".join(figures()))
    if len(nodes) > 1 and (which := _literal(nodes, 1, "base")) != "base":
        raise Refusal("pack.figure-period", found=which, accepted="base", argument=1)
    return figures()[name]


def _infer_convert(types: Sequence[FeelType], nodes: Sequence[Node]) -> FeelType:
    text = _literal(nodes, 1, "unit")
    try:
        wanted = unit(text).dimension
    except UnitError:
        raise Refusal("pack.unit-unknown", found=text, example="tCO2e", argument=1) from None
    given = types[0]
    if given.kind not in (Kind.NUMBER, Kind.ANY, Kind.NULL):
        raise Refusal("feel.argument-kind", found=str(given), accepted="number")
    if given.dimension is not None and not convertible(given.dimension, wanted):
        raise Refusal("pack.not-convertible", found=f"{given.dimension.base_unit} → {text}",
                      accepted=f"{given.dimension.base_unit}, tCO2e")
    return number(wanted)


def convertible(given: Dimension, wanted: Dimension) -> bool:
    """Whether ``convert`` leads from one dimension to the other: the same, or a gas to CO2e by its GWP."""
    return given == wanted or (wanted == _CO2E and any(given == dimension(gas) for gas in gases()))


def _question_set(sets: Mapping[str, QuestionSet] | None) -> Callable[[Sequence[Node]], QuestionSet | None]:
    def find(nodes: Sequence[Node]) -> QuestionSet | None:
        name = _literal(nodes, 0, "question set")
        if sets is not None and name not in sets:
            raise Refusal("pack.question-set-unknown", found=name, accepted=", ".join(sets))
        return None if sets is None else sets[name]
    return find


def _absent(name: str) -> Callable[..., Any]:
    def call(scope: Mapping[str, Any], *arguments: Any) -> NoReturn:
        raise RuntimeError(f"{name} has no evaluation here")
    return call


def house_functions(calls: Mapping[str, Callable[..., Any]] | None = None,
                    sets: Mapping[str, QuestionSet] | None = None,
                    questions: Mapping[str, str | None] | None = None) -> Mapping[str, HouseFunction]:
    """All house functions by name.

    *calls*: what each computes (``call(scope, *arguments)``), missing ones fail when called. *sets*: question sets that
    exist (None: not checked). *questions*: the questions of the criterion with the table each is asked for (None: not
    checked).
    """
    find = _question_set(sets)

    def infer_answers(types: Sequence[FeelType], nodes: Sequence[Node]) -> FeelType:
        found = find(nodes)
        if found is not None and (found.per is None) != (len(nodes) == 1):
            raise Refusal("pack.question-set-subject", found=found.id, accepted=found.per or "–")
        return ANSWER

    def infer_items(types: Sequence[FeelType], nodes: Sequence[Node]) -> FeelType:
        find(nodes)
        return list_of(STRING)

    def infer_judged(types: Sequence[FeelType], nodes: Sequence[Node]) -> FeelType:
        name = _literal(nodes, 0, "question")
        if questions is not None:
            if name not in questions:
                raise Refusal("pack.question-unknown", found=name, accepted=", ".join(questions) or "–")
            if (questions[name] is None) != (len(nodes) == 1):
                raise Refusal("pack.question-row", found=name, accepted=questions[name] or "–")
        return BOOLEAN

    declared: list[tuple[str, tuple[str, ...], Any, bool]] = [
        ("figure", ("name", "period?"), _infer_figure, False),
        ("convert", ("value", "unit"), _infer_convert, False),
        ("answers", ("set", "subject?"), infer_answers, False),
        ("items", ("set",), infer_items, False),
        ("judged", ("question", "row?"), infer_judged, False),
    ]
    given = calls or {}
    made = {name: HouseFunction(name, parameters, infer, given.get(name, _absent(name)), takes)
            for name, parameters, infer, takes in declared}
    made["total"] = replace(TOTAL, call=given["total"]) if "total" in given else TOTAL
    return made


#: What each function is, for ``pack names``; keys are message codes ``pack.function.<name>``.
FUNCTION_NAMES: Collection[str] = ("total", "figure", "convert", "answers", "items", "judged")
