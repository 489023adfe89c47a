"""The decision on the site visit: a table of facts and what the rules allow (2025/2546 Articles 2 to 4)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerofactory_mappings.cbam.documents.site_visit import PHYSICAL, VISITS, VisitFacts, decide

P, V, W, N = "physical", "virtual", "waived", "none"


def facts(history: str | None = "", **more: Any) -> VisitFacts:
    """Facts for 2030; *history*: visits of 2029, 2028, … by their first letters."""
    words = {"P": P, "V": V, "W": W, "N": N}
    found = None if history is None else {2029 - i: words[c] for i, c in enumerate(history) if c != "."}
    stated: dict[str, Any] = {"first_period": False, "changes": (), "force_majeure": False, "zero_emission_plant": False}
    return VisitFacts(2030, history=found, **(stated | more))


@pytest.mark.parametrize(("given_facts", "allowed", "rules"), [
    # Article 2: the first period
    (facts(None, first_period=True), [P], ["first_period"]),
    (facts("PP", first_period=True), [P], ["first_period", "preceding_period", "two_periods"]),
    # Article 3(1): virtual after a physical visit in the preceding period, waived after two
    (facts("P"), [P, V], ["preceding_period"]),
    (facts("PP"), [P, V, W], ["preceding_period", "two_periods"]),
    (facts("PV"), [P, V], ["preceding_period"]),
    (facts("PW"), [P, V], ["preceding_period"]),
    (facts("V"), [P], []),
    (facts("VP"), [P], []),
    (facts("WPP"), [P], []),
    (facts("NP"), [P], []),
    (facts("P.P"), [P, V], ["preceding_period"]),
    # nothing known is no permission
    (facts(None), [P], ["history_unknown"]),
    (facts(".P"), [P], ["history_unknown"]),
    (facts("", first_period=None), [P], ["history_unknown"]),
    (facts("PP", changes=None), [P], ["change_unknown", "preceding_period", "two_periods"]),
    # never after a significant change
    (facts("PP", changes=("process",)), [P], ["significant_change", "preceding_period", "two_periods"]),
    (facts("P", changes=("precursors", "new_risk")), [P], ["significant_change", "preceding_period"]),
    # power plants without emissions: one physical visit within five periods
    (facts("VVVVP", zero_emission_plant=True), [P, V, W], ["zero_emission_plant"]),
    (facts("VVVVVP", zero_emission_plant=True), [P], []),
    (facts("....P", zero_emission_plant=True), [P, V, W], ["zero_emission_plant"]),
    (facts("VVVVP", zero_emission_plant=None), [P], []),
    (facts("VVVVP", zero_emission_plant=True, changes=("energy_supply",)), [P], ["significant_change", "zero_emission_plant"]),
    # Article 4: force majeure
    (facts("V", force_majeure=True), [P, V], ["force_majeure"]),
    (facts("VV", force_majeure=True), [P, V], ["force_majeure"]),
    (facts("V", force_majeure=None), [P], []),
    (facts(None, first_period=True, force_majeure=True), [P], ["first_period", "force_majeure"]),
    (facts("P", changes=("process",), force_majeure=True), [P], ["significant_change", "preceding_period", "force_majeure"]),
    (facts(None, first_period=True, force_majeure=True, reading="over_prohibitions"), [P, V], ["first_period", "force_majeure"]),
    (facts("P", changes=("process",), force_majeure=True, reading="over_prohibitions"), [P, V],
     ["significant_change", "preceding_period", "force_majeure"]),
    (facts("PP", changes=("process",), reading="over_prohibitions"), [P],
     ["significant_change", "preceding_period", "two_periods"]),
])
def test_what_the_rules_allow(given_facts: VisitFacts, allowed: list[str], rules: list[str]) -> None:
    made = decide(given_facts)
    assert list(made.allowed) == allowed
    assert made.least == allowed[-1]
    assert [r.id for r in made.rules] == rules


@pytest.mark.parametrize(("given_facts", "depends"), [
    (facts(None, first_period=True, force_majeure=True), True), (facts("V", force_majeure=True), False),
    (facts("PP"), False), (facts("P", changes=("process",), force_majeure=True), True)])
def test_it_says_whether_the_outcome_hangs_on_the_reading(given_facts: VisitFacts, depends: bool) -> None:
    assert decide(given_facts).by_reading is depends


FACTS = st.builds(
    VisitFacts, st.just(2030), st.sampled_from([True, False, None]),
    st.one_of(st.none(), st.dictionaries(st.integers(2023, 2029), st.sampled_from([P, V, W, N]))),
    st.sampled_from([None, (), ("process",)]), st.sampled_from([True, False, None]), st.sampled_from([True, False, None]),
    st.sampled_from([None, "not_over_prohibitions", "over_prohibitions"]))


@given(FACTS)
def test_a_physical_visit_always_does_and_a_waiver_needs_two_of_them(given_facts: VisitFacts) -> None:
    made = decide(given_facts)
    assert made.allowed[0] == PHYSICAL
    assert list(made.allowed) == [v for v in VISITS if v in made.allowed]
    if W in made.allowed:
        assert given_facts.changes == ()
        assert given_facts.first_period is not True
        assert (given_facts.visited(1) and given_facts.visited(2)) or given_facts.zero_emission_plant
    if V in made.allowed and not given_facts.force_majeure and not given_facts.zero_emission_plant:
        assert given_facts.visited(1)
