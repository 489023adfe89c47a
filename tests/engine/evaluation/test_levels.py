"""A level from the verdicts of its criteria: precedence, not applicable never alone, the known part."""

from __future__ import annotations

import itertools

import pytest

from zerofactory_engine.evaluation.levels import combine, stand
from zerofactory_engine.evaluation.model import Verdict
from zerofactory_engine.reasons import Cause

V = {"m": Verdict.MET, "x": Verdict.NOT_MET, "?": Verdict.INDETERMINATE, "-": Verdict.NOT_APPLICABLE, "!": Verdict.ERROR}


@pytest.mark.parametrize(("criteria", "level"), [
    ("m", "m"), ("mm", "m"), ("m-", "m"), ("-", "-"), ("--", "-"), ("", "-"),
    ("m?", "?"), ("?-", "?"), ("m?x", "x"), ("x-", "x"), ("m?x!", "!"), ("!-", "!"), ("mx", "x"), ("?!", "!"),
])
def test_level(criteria: str, level: str) -> None:
    for order in itertools.permutations(criteria):
        assert combine(V[c] for c in order) is V[level]


def test_an_unknown_limit_keeps_the_level_open_but_leaves_the_known_part() -> None:
    standing = stand({"A": Verdict.MET, "B": Verdict.INDETERMINATE, "C": Verdict.NOT_APPLICABLE},
                     {"B": [Cause.LIMIT]})
    assert standing.verdict is Verdict.INDETERMINATE
    assert standing.known_part is Verdict.MET
    assert standing.by_verdict[Verdict.INDETERMINATE] == ("B",)
    assert standing.by_verdict[Verdict.NOT_MET] == ()


def test_another_cause_belongs_to_the_known_part() -> None:
    standing = stand({"A": Verdict.MET, "B": Verdict.INDETERMINATE}, {"B": [Cause.DOCUMENT]})
    assert standing.known_part is Verdict.INDETERMINATE
    both = stand({"A": Verdict.MET, "B": Verdict.INDETERMINATE}, {"B": [Cause.DOCUMENT, Cause.LIMIT]})
    assert both.known_part is Verdict.MET


def test_without_any_known_limit_there_is_no_known_part() -> None:
    assert stand({"B": Verdict.INDETERMINATE}, {"B": [Cause.LIMIT]}).known_part is None
    assert stand({}, {}).known_part is None


def test_an_error_stays_whatever_is_known() -> None:
    standing = stand({"A": Verdict.ERROR, "B": Verdict.INDETERMINATE}, {"B": [Cause.LIMIT]})
    assert (standing.verdict, standing.known_part) == (Verdict.ERROR, Verdict.ERROR)
