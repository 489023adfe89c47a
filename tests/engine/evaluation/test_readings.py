"""Readings: product, one at a time, inconsistent combinations, settled ones, flips, levels, accounting options."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from zerofactory_engine.dossier import Dossier
from zerofactory_engine.evaluation import Assessment, Verdict
from zerofactory_engine.evaluation import sensitivity as module
from zerofactory_engine.evaluation.sensitivity import Space, vary
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.rulepack.model import Pack

Assess = Callable[..., Assessment]
PackOf = Callable[..., Pack]
TextOf = Callable[..., str]

ALTERNATIVE = "{title: {zh: 读, en: read}, confidence: unconfirmed, source: s}"


def readings(*names: str, refused: str = "") -> str:
    lines = ["readings:"]
    for name in names:
        lines.append(f"  {name}: {{ref: new, question: {{zh: 问, en: question}}, clause: c, default: a, because: {{zh: 因, en: why}}, "
                     f"alternatives: {{a: {ALTERNATIVE}, b: {ALTERNATIVE}}}}}")
    return "\n".join(lines) + (f"\ninconsistent: {refused}\n" if refused else "\n")


#: limit 30 or 10 %; the value 20 %: read b it is met.
LIMIT_B = """
  entry_share:
    title: {zh: 限, en: limit}
    unit: "%"
    values:
      by_reading: limit
      a: [{from: 2026-01-01, value: 30, clause: c, source: s, confidence: confirmed, last_confirmed: 2026-01-01}]
      b: [{from: 2026-01-01, value: 10, clause: c, source: s, confidence: confirmed, last_confirmed: 2026-01-01}]
"""


def two_readings(pack_of: PackOf, share: str, refused: str = "") -> Pack:
    """``limit`` moves the limit, ``base`` whether the share is of all or of grid power (200/800 = 25 %)."""
    text = share.replace("value: clean / consumed", "value: {by_reading: base, a: clean / consumed, b: clean / grid}")
    start, end = text.index("  entry_share:"), text.index("  target_share:")
    return pack_of(text[:start] + LIMIT_B.lstrip("\n") + text[end:], readings=readings("limit", "base", refused=refused))


def test_all_combinations_are_counted_and_the_reading_that_flips_is_named(assess: Assess, pack_of: PackOf, share: str) -> None:
    found = assess(two_readings(pack_of, share))
    s = found.criterion("T-1").sensitivity
    assert (s.readings, s.combinations, s.exhaustive, s.refused) == (("base", "limit"), 4, True, 0)
    assert s.outcomes == {"entry": {"met": 2, "not_met": 2}, "target": {"not_met": 4}}
    assert [(f.reading, f.alternative, f.level, str(f.verdict)) for f in s.single_flips] == [("limit", "b", "entry", "met")]
    assert s.stable == {"entry": False, "target": True}
    level = found.level("entry")
    assert (level.stable, level.sensitivity.outcomes) == (False, {"entry": {"met": 2, "not_met": 2}})
    assert (found.level("target").stable, found.level("target").sensitivity.readings) == (True, ())
    assert found.level("target").sensitivity.combinations == 1
    uses = {r.id: r for r in found.readings}
    assert (uses["limit"].chosen, uses["limit"].chosen_by, uses["limit"].used_by) == ("a", "default", ("T-1",))


def test_a_chosen_reading_is_where_flips_start(assess: Assess, pack_of: PackOf, share: str) -> None:
    found = assess(two_readings(pack_of, share), readings={"limit": "b"})
    assert str(found.criterion("T-1").levels["entry"].verdict) == "met"
    assert [(f.alternative, str(f.verdict)) for f in found.criterion("T-1").sensitivity.single_flips] == [("a", "not_met")]
    assert {r.id: r.chosen_by for r in found.readings} == {"limit": "request", "base": "default"}


def test_inconsistent_combinations_are_refused(assess: Assess, pack_of: PackOf, share: str) -> None:
    pack = two_readings(pack_of, share, "[{when: {limit: b, base: b}, because: {zh: 不配套, en: do not fit}}]")
    s = assess(pack).criterion("T-1").sensitivity
    assert (s.combinations, s.refused, s.outcomes["entry"]) == (3, 1, {"met": 1, "not_met": 2})
    with pytest.raises(ProblemsError) as caught:
        assess(pack, readings={"limit": "b", "base": "b"})
    assert [(p.code, p.found) for p in caught.value.problems] == [("evaluation.readings-inconsistent", "limit=b, base=b")]


def test_what_is_asked_and_not_there_is_told_at_once(assess: Assess, pack_of: PackOf, share: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        assess(two_readings(pack_of, share), levels=("gold",), readings={"limit": "c", "nothing": "a"},
               quantities={"nowhere": 1, "T-9/x": 1, "T-1/x": 1})
    assert [(p.code, p.found) for p in caught.value.problems] == [
        ("evaluation.level-unknown", "gold"), ("evaluation.alternative-unknown", "limit=c"),
        ("evaluation.reading-unknown", "nothing"), ("evaluation.quantity-unknown", "nowhere"),
        ("evaluation.quantity-unknown", "T-9/x"), ("evaluation.quantity-unknown", "T-1/x")]


def test_beyond_the_limit_readings_vary_one_at_a_time(assess: Assess, pack_of: PackOf, share: str,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 3)
    s = assess(two_readings(pack_of, share)).criterion("T-1").sensitivity
    assert (s.exhaustive, s.combinations, s.outcomes["entry"]) == (False, 3, {"met": 1, "not_met": 2})
    assert [(f.reading, f.alternative) for f in s.single_flips] == [("limit", "b")]


def test_readings_of_the_inventory_count_only_where_they_change_something(assess: Assess, pack_of: PackOf, criterion_of: TextOf,
                                                                          parameter_of: TextOf,
                                                                          dossier_of: Callable[..., Dossier]) -> None:
    """Grid power 800 MWh in Hebei: the area of the factor changes CO2; how methane is weighed does not, there is none."""
    accounting = ("factor_sets: {}\noptions:\n  grid_area: {by_reading: area, a: national, b: provincial}\n"
                  "  methane_gwp: {by_reading: methane, a: by_origin, b: single}\n")
    quantities = ("co2: {title: {zh: 碳, en: CO2}, clause: c, unit: tCO2, value: 'total(lines[scope in (1, 2)].tCO2_location)'}\n"
                  "consumed: {title: {zh: 电, en: el}, clause: c, unit: MWh, value: 'total(electricity[flow = \"consumed\"].MWh)'}")
    more = f"parameters:\n  {parameter_of('cap', '430', 'tCO2')}\n  {parameter_of('least', '1')}"
    pack = pack_of(criterion_of("T-1", "entry: co2 <= cap and consumed >= least", more=more), accounting=accounting,
                   quantities=quantities, readings=readings("area", "methane"))
    hebei = dossier_of(facility={"id": "F1", "name": {"zh": "厂", "en": "Plant"}, "kind": "factory", "province": "CN-HE"})
    found = assess(pack, hebei)
    s = found.criterion("T-1").sensitivity
    assert (s.readings, s.combinations) == (("area",), 2)
    assert {q.id: dict(q.readings) for q in found.quantities} == {"co2": {"area": "a"}, "consumed": {}}
    factors = {r.id for r in found.criterion("T-1").levels["entry"].rests_on if r.kind == "factor"}
    assert found.inventory["format"] == "zerofactory/inventory/1"
    assert factors == {"generation-rates/solar"}  # unconfirmed; the national factor is confirmed, no market factor is read


def test_readings_of_the_period(assess: Assess, pack_of: PackOf, dossier_of: Callable[..., Dossier], share: str) -> None:
    from_default = pack_of(share, pack=PERIOD_PACK, readings=readings("part_year"))
    whole = assess(from_default)
    assert whole.criterion("T-1").sensitivity.readings == ()
    quarter = {"from": "2025-01-01", "to": "2025-03-31"}
    rows = [{"id": "E1", "flow": "consumed", "source": "on-site", "MWh": "100", **quarter}]
    part = assess(from_default, dossier_of(period=quarter, electricity=rows))
    assert part.criterion("T-1").sensitivity.outcomes["entry"] == {"met": 1, "indeterminate": 1}
    assert [(f.reading, str(f.verdict)) for f in part.criterion("T-1").sensitivity.single_flips if f.level == "entry"] == [
        ("part_year", "met")]


PERIOD_PACK = """
format: zerofactory/pack/1
id: trial
version: 0.1.0
standard: {id: trial, edition: "1"}
title: {zh: 试验, en: trial}
subject: facility
period: {by_reading: part_year, a: {min_months: 12, max_months: 12}, b: {min_months: 1, max_months: 12}}
status: draft
provisional: yes
published: 2026-01-01
valid: {from: 2026-01-01}
outcome: {kind: readiness, concluded_by: {zh: 部委, en: the ministry}}
dimensions: {d: {zh: 维, en: dimension}}
known_gaps: []
authors: [trial]
licence: Apache-2.0
"""


def test_a_space_leaves_settled_readings_alone(pack_of: PackOf, share: str) -> None:
    pack = two_readings(pack_of, share, "[{when: {limit: b, base: b}, because: {zh: 不, en: no}}]")
    from dataclasses import replace

    settled = replace(pack, readings={**pack.readings, "limit": replace(pack.readings["limit"], settled="b")})
    space = Space.of(settled, ["limit", "base"], {"limit": "b", "base": "a"})
    assert (space.names, space.size, space.chosen) == (("base",), 2, ("a",))
    assert [space.consistent(c) for c in (("a",), ("b",))] == [True, False]
    other = replace(pack, readings={**pack.readings, "limit": replace(pack.readings["limit"], settled="a")})
    assert Space.of(other, ["limit", "base"], {"limit": "a", "base": "a"}).consistent(("b",))


def test_vary_counts_by_hand() -> None:
    space = Space(("x", "y"), (("0", "1", "2"), ("0", "1")), ("0", "0"), (((0, "2"), (1, "1")),))
    asked: list[tuple[str, ...]] = []

    def verdict(level: str, combination: tuple[str, ...]) -> Verdict:
        asked.append(combination)
        return Verdict.MET if sum(map(int, combination)) >= int(level) else Verdict.NOT_MET

    found = vary(space, ["1", "5"], verdict)
    assert (found.combinations, found.refused, found.exhaustive) == (5, 1, True)
    assert found.outcomes == {"1": {"met": 4, "not_met": 1}, "5": {"not_met": 5}}
    assert [(f.reading, f.alternative, f.level) for f in found.single_flips] == [("x", "1", "1"), ("x", "2", "1"), ("y", "1", "1")]
    assert found.stable == {"1": False, "5": True}
    assert ("2", "1") not in asked
    assert set(asked) == set(itertools.product("012", "01")) - {("2", "1")}
