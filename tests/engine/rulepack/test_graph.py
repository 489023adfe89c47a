"""Order of computation, cycles, readings reached."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zerofactory_engine.rulepack import find_pack
from zerofactory_engine.rulepack.graph import Graph, leaves
from zerofactory_engine.rulepack.load import build
from zerofactory_engine.rulepack.model import ByReading, Pack

EXAMPLES = Path(__file__).parents[3] / "standards/schemas/examples"


def pack_of(quantities: str) -> tuple[Pack | None, set[str]]:
    """The example pack with other quantities; electricity_used and renewable_used have to be among them."""
    from tests.engine.rulepack.packs import PARTS

    files = {name: (EXAMPLES / example).read_bytes() for name, example in PARTS.items() if not name.startswith("cases")}
    pack, problems = build({**files, "quantities.yaml": quantities.encode()}, None)
    return pack, {p.code for p in problems}


def quantities(edges: dict[str, set[str]]) -> str:
    names = [*edges, "electricity_used", "renewable_used"]
    lines = []
    for name in names:
        needed = sorted(edges.get(name, set(list(edges)[-1:]) if name == "electricity_used" else set()))
        value = " + ".join([*needed, 'total(electricity[flow = "consumed"].MWh)'])
        lines.append(f"{name}:\n  title: {{zh: 量, en: Q}}\n  clause: c\n  unit: MWh\n  value: {value}\n")
    return "".join(lines)


@st.composite
def dags(draw: st.DrawFn) -> dict[str, set[str]]:
    size = draw(st.integers(1, 12))
    order = draw(st.permutations([f"q{i}" for i in range(size)]))
    edges = {name: draw(st.sets(st.sampled_from(list(order[:i])), max_size=3)) if i else set() for i, name in enumerate(order)}
    return dict(sorted(edges.items()))


@given(dags())
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_everything_stands_behind_what_it_needs(edges: dict[str, set[str]]) -> None:
    pack, codes = pack_of(quantities(edges))
    assert pack is not None
    assert codes == set()
    graph = Graph(pack)
    position = {key: i for i, key in enumerate(graph.order)}
    assert set(position) == set(graph.entries)
    assert all(position[below] < position[key] for key in graph.entries for below in graph.needs[key])
    assert {k: set(graph.needs[k]) for k in edges} == edges
    assert graph.cycles == ()


@given(dags(), st.data())
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_a_way_back_is_found_as_a_chain(edges: dict[str, set[str]], data: st.DataObject) -> None:
    def below(name: str) -> set[str]:
        return {name}.union(*(below(n) for n in edges[name]))

    start = data.draw(st.sampled_from(sorted(edges)))
    end = data.draw(st.sampled_from(sorted(below(start))))
    edges = {**edges, end: edges[end] | {start}}                 # end is reached from start; now start from end
    pack, codes = pack_of(quantities(edges))
    assert pack is not None
    assert "pack.cycle" in codes
    for chain in Graph(pack).cycles:
        assert chain[0] == chain[-1]
        assert all(b in edges[a] for a, b in pairwise(chain))


def test_contradicting_ways_are_left_out() -> None:
    inner = ByReading("r", {"a": 1, "b": 2})
    assert [(dict(s), v) for s, v in leaves(ByReading("r", {"a": inner, "b": 3}))] == [({"r": "a"}, 1), ({"r": "b"}, 3)]


@pytest.fixture(scope="module")
def miit() -> Graph:
    return Graph(find_pack("cn-miit-zcf-2026"))


def test_which_readings_an_indicator_reaches(miit: Graph) -> None:
    assert miit.readings_of("ZCF-1.1") == (
        "tce_of_electricity", "grid_factor_area", "green_power_in_C", "grid_factor_year", "gas_scope", "self_generation_in_E",
        "last_term_of_C", "biomass_co2", "exported_power", "feedstock_in_1_1", "natural_gas_coefficient", "stage_values")
    assert miit.readings_of("ZCF-2.2") == ("efficient_equipment", "reported_limits")
    assert miit.period_readings == ("part_year",)
    assert "green_power_in_C" not in miit.readings_of("ZCF-1.2"), "standard coal does not feel the grid factor"
    assert "green_power_in_C" not in miit.readings_of("ZCF-2.3"), "location-based columns do not feel contracts"


def test_combinations_are_counted_without_the_inconsistent_ones(miit: Graph) -> None:
    def product(criterion: str) -> int:
        return math.prod(len(miit.pack.readings[r].alternatives) for r in miit.readings_of(criterion))

    assert miit.combinations_of("ZCF-1.1") == product("ZCF-1.1") == 3 * 3 * 3 * 2 ** 9
    assert miit.combinations_of("ZCF-1.1") >= 288
    assert miit.combinations_of("ZCF-1.2") == product("ZCF-1.2") * 3 // 4      # solar above but not below the line
