"""Say mistakes of the typed tree in the words of this format: what a share, a decimal, an id is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from zerofactory_engine.problems import Problem
from zerofactory_mappings.cbam.input.figures import LOCALE_NUMBER, schema

_NUMBERS = frozenset({"typed.needs-unit", "typed.not-a-number", "typed.pattern"})


def refined(problems: Iterable[Problem]) -> list[Problem]:
    """The same problems, some with a sentence that helps more."""
    return [_refined(p) for p in problems]


def _refined(problem: Problem) -> Problem:
    found = problem.found or ""
    if problem.code in _NUMBERS and LOCALE_NUMBER.match(found) is not None:
        return replace(problem, code="cbam-input.locale-number", accepted=None, example="1234.5")
    if problem.code == "typed.unknown-unit" and found[:1].isdigit():     # 1 234.5 t: the unit begins behind the space
        return replace(problem, code="cbam-input.locale-number", accepted=None, example="1234.5")
    if problem.code != "typed.pattern":
        return problem
    definitions = schema().source["$defs"]
    if problem.accepted == definitions["share_given"]["pattern"]:
        return replace(problem, code="cbam-input.share", accepted="0.16, 16 %", example=None)
    if problem.accepted == definitions["attribution"]["anyOf"][3]["pattern"]:
        # The key that says how an attribution is split, with a word that is none of its answers.
        if (problem.place.path or "").endswith("/attributed") and found == "by":
            return replace(problem, code="cbam-input.attribution-rule", accepted="molar, functional_units", found=None)
        return replace(problem, code="cbam-input.id", accepted=None, example="P1")
    return problem
