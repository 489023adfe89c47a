"""Smallest changes: exact where the crossing is a line, by bisection otherwise, proved on the changed dossier."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from zerofactory_engine.evaluation import Assessment
from zerofactory_engine.evaluation.model import LeverResult
from zerofactory_engine.rulepack.model import Pack

Assess = Callable[..., Assessment]
PackOf = Callable[..., Pack]
TextOf = Callable[..., str]

#: Replace grid power by solar power: (200 + x) / 1000.
REPLACE = """
replace:
  title: {zh: 以光伏替代网电, en: Replace grid power by solar}
  unit: MWh
  step: %s
  minimum: %s
  maximum: %s
  works_for: next_period
  cost: {value: 5, unit: CNY/MWh}
  rows:
    - {table: electricity, amount: MWh, add: {flow: consumed, source: on-site, technology: solar}}
    - {table: electricity, amount: MWh, sign: "-", add: {flow: consumed, source: grid}}
"""


def lever(assessment: Assessment, level: str = "entry", name: str = "replace") -> LeverResult:
    return next(r for r in assessment.criterion("T-1").levels[level].levers if r.lever == name)


def test_exactly_a_hundred_megawatt_hours(assess: Assess, pack_of: PackOf, share: str) -> None:
    found = lever(assess(pack_of(share, levers=REPLACE % ("1", "0", "grid"))))
    assert (found.state, found.method, found.exact, found.smallest) == ("works", "exact", Decimal(100), Decimal(100))
    assert (str(found.at), str(found.before)) == ("met", "not_met")
    assert (found.minimum, found.maximum, found.works_for) == (Decimal(0), Decimal(800), "next_period")
    assert found.cost is not None
    assert (found.cost.value, found.cost.unit) == (500, "CNY")
    assert found.evaluations == 2


@pytest.mark.parametrize(("step", "smallest"), [("0.5", "100"), ("30", "120"), ("7", "105"), ("0.3", "100.2")])
def test_rounded_up_to_the_step(assess: Assess, pack_of: PackOf, share: str, step: str, smallest: str) -> None:
    found = lever(assess(pack_of(share, levers=REPLACE % (step, "0", "grid"))))
    assert (found.state, found.exact, found.smallest) == ("works", Decimal(100), Decimal(smallest))
    assert (str(found.at), str(found.before)) == ("met", "not_met")


def test_a_threshold_that_has_to_be_exceeded_takes_one_step_more(assess: Assess, pack_of: PackOf, share: str) -> None:
    strict = share.replace("share >= entry_share", "share > entry_share")
    found = lever(assess(pack_of(strict, levers=REPLACE % ("1", "0", "grid"))))
    assert (found.state, found.exact, found.smallest) == ("works", Decimal(100), Decimal(101))


def test_out_of_bounds_says_what_it_would_take(assess: Assess, pack_of: PackOf, share: str) -> None:
    found = lever(assess(pack_of(share, levers=REPLACE % ("1", "0", "300"))), "target")
    assert (found.state, found.method, found.exact, found.smallest, found.maximum) == ("out_of_bounds", "exact", Decimal(400), Decimal(400), Decimal(300))
    assert (found.at, found.before) == (None, None)
    nothing = lever(assess(pack_of(share, levers=REPLACE % ("1", "0", "0"))))
    assert (nothing.state, nothing.method) == ("out_of_bounds", "none")


def test_the_smallest_amount_that_may_be_taken(assess: Assess, pack_of: PackOf, share: str) -> None:
    found = lever(assess(pack_of(share, levers=REPLACE % ("1", "250", "grid"))))
    assert (found.state, found.method, found.exact, found.smallest, str(found.before)) == ("works", "exact", Decimal(100), Decimal(250), "not_met")


def test_what_changes_nothing_or_for_the_worse(assess: Assess, pack_of: PackOf, share: str) -> None:
    idle = """
idle: {title: {zh: 无, en: idle}, unit: MWh, step: 1, minimum: 0, works_for: next_period,
  rows: [{table: electricity, amount: MWh, add: {flow: generated, source: on-site}}]}
waste: {title: {zh: 耗, en: waste}, unit: MWh, step: 1, minimum: 0, works_for: next_period,
  rows: [{table: electricity, amount: MWh, add: {flow: consumed, source: grid}}]}
"""
    found = assess(pack_of(share, levers=idle))
    assert (lever(found, name="idle").state, lever(found, name="idle").smallest) == ("no_effect", None)
    assert (lever(found, name="waste").state, lever(found, name="waste").method) == ("cannot_meet", "exact")


def test_what_is_no_line_is_searched_and_labelled(assess: Assess, pack_of: PackOf, share: str) -> None:
    """A share rounded down to whole percent by the clause is no line in the amount: 30 % needs 100 MWh all the same."""
    curved = share.replace("share >= entry_share", "floor(share * 100) / 100 >= entry_share")
    found = lever(assess(pack_of(curved, levers=REPLACE % ("1", "0", "grid"))))
    assert (found.state, found.method, found.exact, found.smallest) == ("works", "bisection", None, Decimal(100))
    assert (str(found.at), str(found.before)) == ("met", "not_met")
    assert found.evaluations > 5
    unreachable = lever(assess(pack_of(curved, levers=REPLACE % ("1", "0", "50"))))
    assert (unreachable.state, unreachable.method) == ("cannot_meet", "bisection")


def test_bounds_that_are_not_known(assess: Assess, pack_of: PackOf, share: str) -> None:
    quantities = ("consumed: {title: {zh: 电, en: el}, clause: c, unit: MWh, value: 'total(electricity[flow = \"consumed\"].MWh)'}\n"
                  "clean: {title: {zh: 绿, en: clean}, clause: c, unit: MWh, value: 'total(electricity[source = \"on-site\"].MWh)'}\n"
                  "grid: {title: {zh: 储, en: store}, clause: c, unit: MWh, value: 'total(storage.charged_MWh)'}\n")
    found = assess(pack_of(share, levers=REPLACE % ("1", "0", "grid"), quantities=quantities))
    assert (lever(found).state, lever(found).method, lever(found).maximum) == ("cannot_meet", "none", None)


def test_a_second_condition_in_the_way_is_seen_by_evaluating(assess: Assess, pack_of: PackOf, share: str) -> None:
    """The share crosses at 100 MWh, but at least 350 MWh of solar power are asked for beside it."""
    both = share.replace("share >= entry_share", "share >= entry_share and clean >= least").replace(
        "parameters:", "parameters:\n  least: {title: {zh: 限, en: least}, unit: MWh, values: [{from: 2026-01-01, value: 350, clause: c, "
        "source: s, confidence: confirmed, last_confirmed: 2026-01-01}]}")
    found = lever(assess(pack_of(both, levers=REPLACE % ("1", "0", "grid"))))
    assert (found.state, found.smallest, str(found.before)) == ("works", Decimal(150), "not_met")


def test_levers_are_looked_for_only_when_asked_and_unmet(assess: Assess, pack_of: PackOf, share: str) -> None:
    pack = pack_of(share, levers=REPLACE % ("1", "0", "grid"))
    assert assess(pack, levers=False).criterion("T-1").levels["entry"].levers == ()
    met = pack_of(share.replace("value: 30", "value: 10"), levers=REPLACE % ("1", "0", "grid"))
    assert assess(met).criterion("T-1").levels["entry"].levers == ()


def test_working_levers_are_actions_and_stand_with_the_nonconformity(assess: Assess, pack_of: PackOf, share: str) -> None:
    found = assess(pack_of(share, levers=REPLACE % ("1", "0", "grid")))
    by_kind = {f.kind: f for f in found.findings if f.criterion == "T-1" and f.level == "entry"}
    assert by_kind["nonconformity"].levers == ("replace",)
    assert (by_kind["action"].code, by_kind["action"].subject) == ("finding.lever", "replace")
    assert {k: by_kind["action"].args[k] for k in ("amount", "unit")} == {"amount": "100", "unit": "MWh"}


ADD = """
add: {title: {zh: 增, en: add}, unit: MWh, step: 1, minimum: 0, maximum: 500, works_for: next_period,
  rows: [{table: electricity, amount: MWh, add: {flow: consumed, source: on-site}}]}
"""


def test_what_is_no_comparison_of_numbers_is_searched(assess: Assess, pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf) -> None:
    """A single row of solar power above 220 MWh is asked for; the leaf that decides belongs to a row."""
    more = f"parameters:\n  {parameter_of('cap', '220')}"
    condition = """entry: some e in electricity satisfies e.source = "on-site" and e.MWh > cap"""
    found = lever(assess(pack_of(criterion_of("T-1", condition, more=more), levers=ADD)), name="add")
    assert (found.state, found.method, found.exact, found.smallest, str(found.before)) == (
        "works", "bisection", None, Decimal(221), "not_met")


def test_a_quotient_of_quotients_is_still_a_line(assess: Assess, pack_of: PackOf, share: str) -> None:
    nested = share.replace("value: clean / consumed", "value: (clean / consumed) / (grid / grid)")
    found = lever(assess(pack_of(nested, levers=REPLACE % ("1", "0", "grid - 1"))))
    assert (found.state, found.smallest, str(found.before)) == ("works", Decimal(100), "not_met")


def test_a_value_that_the_lever_makes_unknown_cannot_be_solved(assess: Assess, pack_of: PackOf, share: str) -> None:
    bound = share.replace("plausible: [0, 100]", "plausible: [0, 20.3]")
    found = lever(assess(pack_of(bound, levers=REPLACE % ("1", "0", "grid"))))
    assert (found.state, found.method) == ("cannot_meet", "bisection")
