"""A level from the verdicts of its criteria: precedence, not applicable never alone, the known part."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from zerofactory_engine.dossier import Dossier
from zerofactory_engine.evaluation import Assessment
from zerofactory_engine.evaluation.levels import combine, stand
from zerofactory_engine.evaluation.model import Verdict
from zerofactory_engine.reasons import Cause
from zerofactory_engine.rulepack.model import Pack

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


def test_all_mandatory_leaves_the_others_out_of_the_level(assess: Callable[..., Assessment], pack_of: Callable[..., Pack],
                                                          criterion_of: Callable[..., str], pack_text: str) -> None:
    """A guiding criterion that fails keeps `all` from being met, and not `all mandatory`."""
    must = criterion_of("T-1", "entry: consumed > 0\ntarget: consumed > 0")
    guide = criterion_of("T-2", "entry: consumed < 0\ntarget: consumed < 0", kind="guiding")
    levels = ("entry: {order: 1, title: {zh: 入选, en: Entry}, needs: all}\n"
              "target: {order: 2, title: {zh: 目标, en: Target}, needs: all mandatory}\n")
    found = assess(pack_of(must, guide, levels=levels), levels=("entry", "target"))
    assert [(v.id, str(v.verdict), v.met, v.not_met) for v in found.levels] == [
        ("entry", "not_met", ("T-1",), ("T-2",)), ("target", "met", ("T-1",), ())]
    kinds = [(f.kind, f.code, f.level) for f in found.findings if f.criterion == "T-2" and f.code == "finding.not-met-guiding"]
    assert kinds == [("observation", "finding.not-met-guiding", "entry"), ("observation", "finding.not-met-guiding", "target")]


def test_a_request_names_its_criterion_only_when_there_is_one(assess: Callable[..., Assessment], pack_of: Callable[..., Pack],
                                                              dossier_of: Callable[..., Dossier], share: str) -> None:
    one = assess(pack_of(share), dossier_of(complete=[]))
    (request,) = [f for f in one.findings if f.kind == "request"]
    assert (request.criterion, request.level, request.subject) == ("T-1", "entry", "electricity")
    two = assess(pack_of(share, share.replace("T-1", "T-2")), dossier_of(complete=[]))
    (request,) = [f for f in two.findings if f.kind == "request"]
    assert (request.criterion, request.level, len(request.facts)) == (None, "entry", 2)
