"""Sampling by contribution: the largest first until the coverage is reached, the same order every time."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mappings.cbam.documents.cases import HERE, changed, everything, fasteners, result_of

from zerofactory_mappings.cbam.documents.build import case_of
from zerofactory_mappings.cbam.documents.figures import figures
from zerofactory_mappings.cbam.documents.sampling import Contribution, contributions, default_coverage, sample


def of(**emissions: str | None) -> list[Contribution]:
    return [Contribution(f"streams/{k}", "streams", k, None if v is None else Decimal(v)) for k, v in emissions.items()]


@pytest.mark.parametrize(("emissions", "coverage", "taken"), [
    ({"a": "60", "b": "30", "c": "10"}, "0.6", "a"),             # exactly reached
    ({"a": "60", "b": "30", "c": "10"}, "0.600001", "a b"),
    ({"a": "60", "b": "30", "c": "10"}, "0.9", "a b"),
    ({"a": "60", "b": "30", "c": "10"}, "1", "a b c"),
    ({"a": "60", "b": "30", "c": "10"}, "0", ""),
    ({"a": "-60", "b": "30", "c": "10"}, "0.6", "a"),            # an output of a mass balance weighs by its size
    ({"a": "10", "b": "10", "c": "10"}, "0.5", "a b"),           # ties by name
    ({"a": "60", "b": None, "c": "10"}, "0.8", "b a"),           # not known: always
    ({"a": "0", "b": "10"}, "1", "b"),                           # nothing to look at where nothing is emitted
    ({"a": "0", "b": "0"}, "0.95", "a b"),                       # nothing can be weighed
    ({}, "0.95", ""),
])
def test_the_largest_are_taken_until_the_coverage_is_reached(emissions: dict[str, str | None], coverage: str, taken: str) -> None:
    plan = sample(of(**emissions), Decimal(coverage))
    assert " ".join(c.name for c in plan.selected) == taken


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(-1000, 1000), max_size=12),
       st.decimals("0", "1", places=3), st.integers(0, 10))
def test_the_plan_reaches_its_coverage_with_as_few_as_needed(emissions: dict[str, int], coverage: Decimal, seed: int) -> None:
    found = of(**{k: str(v) for k, v in emissions.items()})
    plan = sample(found, coverage)
    mixed = list(found)
    random.Random(seed).shuffle(mixed)
    assert sample(mixed, coverage) == plan
    whole = sum(abs(v) for v in emissions.values())
    if not whole:
        return
    sizes = [abs(c.emissions or Decimal(0)) for c in plan.selected]
    covered = sum(sizes, Decimal(0))
    assert covered >= coverage * whole
    if sizes:
        smallest = min(sizes)
        assert covered - smallest < coverage * whole
    cumulative = [r.cumulative for r in plan.rows if r.cumulative is not None]
    assert cumulative == sorted(cumulative)


def test_the_coverage_is_the_projects_own() -> None:
    assert default_coverage() == Decimal("0.95")


def test_contributions_of_an_installation_are_its_emissions() -> None:
    """Streams, precursors in tonnes taken in, electricity that counts, flows across the border."""
    case = everything()
    found = {c.path: c for c in contributions(case)}
    kinds = {c.kind for c in found.values()}
    assert kinds == {"streams", "pfc", "measured", "direct", "electricity", "precursors", "heat", "waste_gas",
                     "exported_electricity"}
    assert found["streams/SLAG"].emissions == Decimal("-16488")
    # 4000 t × (2.3 + 0.5) t/t, used whole in one process
    ammonia = found["precursors/NH3B"].emissions
    assert ammonia is not None
    assert abs(ammonia - Decimal(11200)) < Decimal("1e-20")
    # steel and aluminium count no indirect emissions, sinter and nitric acid do
    assert {c.path.split("/")[1] for c in found.values() if c.kind == "electricity"} == {"SIN", "ACID"}


def test_every_contribution_stands_over_figures_of_the_input() -> None:
    """So that what the verifier looked at can be told from the figures that he ticked."""
    known = figures(everything().installation)
    for each in contributions(everything()):
        assert any(p == each.path or p.startswith(f"{each.path}/") for p in known), each.path


def test_the_largest_contributions_of_the_fastener_maker_are_its_wire_rod() -> None:
    plan = sample(contributions(fasteners()), default_coverage())
    assert [c.path for c in plan.selected] == ["precursors/B2", "precursors/B1"]


def test_a_stream_without_its_figures_is_always_looked_at() -> None:
    data = changed(HERE / "everything.yaml", ("source_streams/2/amount", None))
    plan = sample(contributions(case_of(result_of(data))), Decimal("0.1"))
    assert plan.rows[0].of.path == "streams/LIME"
    assert plan.rows[0].reason == "unknown"
