"""What a verdict rests on that is less than confirmed, whether another value of it turns the verdict, and where."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from zerofactory_engine.evaluation import Assessment
from zerofactory_engine.evaluation.confidence import weakest
from zerofactory_engine.evaluation.model import Rest
from zerofactory_engine.rulepack.model import Confidence, Pack

Assess = Callable[..., Assessment]
PackOf = Callable[..., Pack]
TextOf = Callable[..., str]


def rests(assessment: Assessment, level: str = "entry") -> dict[str, Rest]:
    return {f"{r.kind}:{r.id}": r for r in assessment.criterion("T-1").levels[level].rests_on}


def test_the_limit_that_turns_the_verdict_and_by_how_much(assess: Assess) -> None:
    """20 % against 30 %: a limit of 20 %, a third less, would be met."""
    found = rests(assess())
    limit = found["parameter:T-1/entry_share"]
    assert (limit.confidence, limit.could_flip, str(limit.flips_to)) == (Confidence.UNCONFIRMED, True, "met")
    assert limit.flips_at is not None
    assert (limit.flips_at.value, limit.flips_at.unit) == (20, "%")
    assert limit.change == Decimal("-0.3333333333333333333333333333333333")
    assert (found["clause:T-1"].confidence, found["clause:T-1"].could_flip) == (Confidence.SECONDARY, None)
    assert set(found) == {"parameter:T-1/entry_share", "clause:T-1"}


def test_the_weakest_of_all_that_is_used(assess: Assess, pack_of: PackOf, share: str) -> None:
    outcome = assess().criterion("T-1").levels
    assert (outcome["entry"].confidence, outcome["target"].confidence) == (Confidence.UNCONFIRMED, Confidence.SECONDARY)
    sure = share.replace("unconfirmed", "confirmed").replace("secondary", "confirmed")
    assert assess(pack_of(sure)).criterion("T-1").levels["entry"].confidence is Confidence.CONFIRMED
    assert rests(assess(pack_of(sure))) == {}
    assert weakest([]) is None


def test_a_level_rests_on_what_turns_it(assess: Assess) -> None:
    level = assess().level("entry")
    found = {f"{r.kind}:{r.id}": r for r in level.rests_on}
    limit = found["parameter:T-1/entry_share"]
    assert (limit.could_flip, str(limit.flips_to)) == (True, "met")
    assert level.confidence is Confidence.UNCONFIRMED


def test_a_level_that_another_criterion_holds_does_not_turn(assess: Assess, pack_of: PackOf, share: str) -> None:
    twin = share.replace("T-1", "T-2").replace("value: 30", "value: 90").replace("\n  target: share >= target_share", "")
    twin = twin[:twin.index("  target_share:")] + twin[twin.index("quantities:"):]
    level = assess(pack_of(share, twin)).level("entry")
    limit = next(r for r in level.rests_on if r.id == "T-1/entry_share")
    assert (limit.could_flip, limit.flips_at, limit.flips_to) == (False, None, None)


def test_a_strict_limit_turns_just_beyond_the_tie(assess: Assess, pack_of: PackOf, share: str) -> None:
    strict = share.replace("share >= entry_share", "share > entry_share")
    limit = rests(assess(pack_of(strict)))["parameter:T-1/entry_share"]
    assert limit.flips_at is not None
    assert (limit.could_flip, limit.flips_at.value) == (True, 20)


def test_a_coefficient_inside_the_formula(assess: Assess, pack_of: PackOf, share: str, parameter_of: TextOf) -> None:
    """Solar counted w times: 200 w / 1000 >= 30 % from w = 1.5 on."""
    text = share.replace("value: clean / consumed", "value: clean * weight / consumed").replace(
        "parameters:", "parameters:\n  " + parameter_of("weight", "1", "1", "secondary"))
    weight = rests(assess(pack_of(text)))["parameter:T-1/weight"]
    assert weight.flips_at is not None
    assert (weight.could_flip, weight.flips_at.value, weight.change, str(weight.flips_to)) == (
        True, Decimal("1.5"), Decimal("0.5"), "met")


def test_only_a_value_of_the_same_sign_counts(assess: Assess, pack_of: PackOf, share: str, parameter_of: TextOf) -> None:
    """200 + b >= 30 % of 1000 + b … a subtracted base would have to be negative to help."""
    text = share.replace("value: clean / consumed", "value: (clean - base) / consumed").replace(
        "parameters:", "parameters:\n  " + parameter_of("base", "10", "MWh", "secondary"))
    assert rests(assess(pack_of(text)))["parameter:T-1/base"].could_flip is False


def test_what_has_no_influence_cannot_turn_it(assess: Assess, pack_of: PackOf, share: str, parameter_of: TextOf) -> None:
    text = share.replace("value: clean / consumed", "value: (clean + nothing - nothing) / consumed").replace(
        "parameters:", "parameters:\n  " + parameter_of("nothing", "10", "MWh", "secondary"))
    assert rests(assess(pack_of(text)))["parameter:T-1/nothing"].could_flip is False


def test_a_crossing_behind_which_another_limit_holds(assess: Assess, pack_of: PackOf, share: str, parameter_of: TextOf) -> None:
    text = share.replace("share >= entry_share\n", "share >= entry_share and clean >= least\n").replace(
        "parameters:", "parameters:\n  " + parameter_of("least", "201"))
    assert rests(assess(pack_of(text)))["parameter:T-1/entry_share"].could_flip is False


@pytest.mark.parametrize(("codes", "flips", "at"), [
    ("[solar, wind]", True, ("wind",)), ("[wind, solar, hydro]", True, ("wind", "hydro")), ("[wind]", False, None),
])
def test_a_list_of_codes_without_one_of_them(assess: Assess, pack_of: PackOf, share: str, parameter_of: TextOf, codes: str,
                                             flips: bool, at: tuple[str, ...] | None) -> None:
    quantities = ("clean: {title: {zh: 绿, en: clean}, clause: c, unit: MWh, value: 'total(electricity[source = \"on-site\" and "
                  "(technology in good)].MWh)'}\nconsumed: {title: {zh: 电, en: el}, clause: c, unit: MWh, "
                  "value: 'total(electricity[flow = \"consumed\"].MWh)'}")
    easy = share.replace("value: 30", "value: 10").replace("value: 60", "value: 15")
    pack = pack_of(easy, quantities=quantities, parameters=parameter_of("good", codes, kind="codes", confidence="unconfirmed"))
    good = rests(assess(pack))["parameter:good"]
    assert good.could_flip is flips
    assert (None if good.flips_at is None else good.flips_at.value) == at


def test_a_yes_or_no_is_turned_round(assess: Assess, pack_of: PackOf, share: str, parameter_of: TextOf) -> None:
    text = share.replace("share >= entry_share\n", "share >= entry_share or waived = true\n").replace(
        "parameters:", "parameters:\n  " + parameter_of("waived", "no", kind="yes_no", confidence="secondary"))
    waived = rests(assess(pack_of(text)))["parameter:T-1/waived"]
    assert waived.flips_at is not None
    assert (waived.could_flip, waived.flips_at.value, str(waived.flips_to)) == (True, True, "met")


def test_dates_are_not_tried(assess: Assess, pack_of: PackOf, share: str, parameter_of: TextOf) -> None:
    text = share.replace("share >= entry_share\n", "share >= entry_share and period.end >= since\n").replace(
        "parameters:", "parameters:\n  " + parameter_of("since", "2020-01-01", kind="date", confidence="secondary"))
    assert rests(assess(pack_of(text)))["parameter:T-1/since"].could_flip is None


def test_an_unknown_limit_decides(assess: Assess, pack_of: PackOf, share: str) -> None:
    found = rests(assess(pack_of(share.replace("value: 30", "value: unknown"))))["parameter:T-1/entry_share"]
    assert (found.could_flip, found.flips_at, found.flips_to) == (True, None, None)
    from datetime import date

    early = rests(assess(valid_on=date(2025, 1, 1)))["parameter:T-1/entry_share"]
    assert (early.confidence, early.could_flip) == (Confidence.UNCONFIRMED, True)


def test_what_is_open_for_another_reason_is_not_tried(assess: Assess, dossier_of: Callable[..., object]) -> None:
    found = rests(assess(dossier=dossier_of(complete=[])))["parameter:T-1/entry_share"]
    assert (found.could_flip, found.flips_at) == (None, None)


def test_unconfirmed_values_that_decide_are_observations(assess: Assess) -> None:
    found = [f for f in assess().findings if f.code == "finding.unconfirmed-decides"]
    assert [(f.criterion, f.level, f.subject, str(f.settled_by)) for f in found] == [("T-1", "entry", "T-1/entry_share", "issuer")]
