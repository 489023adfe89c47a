"""Verdicts: on values, applicability, unknown and absent limits, evidence, due dates, period, implausible values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine.dossier import Dossier
from zerofactory_engine.evaluation import Assessment
from zerofactory_engine.evaluation.model import LevelOutcome
from zerofactory_engine.rulepack.model import Pack

Assess = Callable[..., Assessment]
PackOf = Callable[..., Pack]
DossierOf = Callable[..., Dossier]
TextOf = Callable[..., str]


def outcome(assessment: Assessment, criterion: str = "T-1", level: str = "entry") -> LevelOutcome:
    return assessment.criterion(criterion).levels[level]


def told(found: LevelOutcome) -> tuple[str, str, list[str]]:
    return str(found.verdict), str(found.on_values), [r.code for r in found.reasons]


def electricity(solar: str | None, grid: str = "800") -> list[dict[str, Any]]:
    rows = [{"id": "E1", "flow": "consumed", "source": "grid", "MWh": grid, "from": "2025-01-01", "to": "2025-12-31"},
            {"id": "E2", "flow": "consumed", "source": "on-site", "technology": "solar", "from": "2025-01-01", "to": "2025-12-31"}]
    if solar is not None:
        rows[1]["MWh"] = solar
    return rows


def test_not_met_with_value_threshold_and_margin(assess: Assess) -> None:
    found = outcome(assess())
    assert told(found) == ("not_met", "not_met", [])
    assert found.value is not None
    assert found.threshold is not None
    assert found.margin is not None
    assert (found.value.value, found.value.unit, found.operator) == (Decimal(20), "%", ">=")
    assert (found.threshold.value, found.threshold.unit) == (Decimal(30), "%")
    assert (found.margin.value, found.margin.unit, found.margin.relative) == (Decimal(-10), "pp", CONTEXT_THIRD)
    assert (found.margin.on_threshold, found.margin.robust, found.margin.leaf) == (False, True, "share >= entry_share")
    assert found.condition == "share >= entry_share"
    assert found.proof == ("verdict:T-1/entry",)


CONTEXT_THIRD = Decimal("-0.3333333333333333333333333333333333")


def test_met_and_on_the_threshold(assess: Assess, dossier_of: DossierOf) -> None:
    above = outcome(assess(dossier=dossier_of(electricity=electricity("400", "600"))))
    assert told(above) == ("met", "met", [])
    assert above.margin is not None
    assert above.margin.value == 10
    tie = outcome(assess(dossier=dossier_of(electricity=electricity("300", "700"))))
    assert str(tie.verdict) == "met"
    assert tie.margin is not None
    assert (tie.margin.value, tie.margin.on_threshold) == (Decimal(0), True)


def test_a_missing_value_names_itself_and_the_applicant(assess: Assess, dossier_of: DossierOf) -> None:
    found = outcome(assess(dossier=dossier_of(electricity=electricity(None))))
    assert told(found) == ("indeterminate", "indeterminate", ["reason.cell-missing"])
    assert [(str(r.cause), r.subject, str(r.settled_by)) for r in found.reasons] == [("value", "electricity/E2.MWh", "applicant")]
    assert ([str(c) for c in found.causes], [str(s) for s in found.settled_by]) == (["value"], ["applicant"])
    assert found.threshold is not None
    assert found.threshold.value == 30
    assert (found.value, found.margin) == (None, None)


def test_a_table_that_is_not_declared_complete_has_no_sum(assess: Assess, dossier_of: DossierOf) -> None:
    found = outcome(assess(dossier=dossier_of(complete=[])))
    assert [str(c) for c in found.causes] == ["table"]
    assert {r.subject for r in found.reasons} == {"electricity"}


def test_an_unknown_limit_is_the_issuers(assess: Assess, pack_of: PackOf, share: str) -> None:
    found = outcome(assess(pack_of(share.replace("value: 30", "value: unknown"))))
    assert told(found) == ("indeterminate", "indeterminate", ["reason.limit-unknown"])
    assert [str(s) for s in found.settled_by] == ["issuer"]
    assert found.value is not None
    assert found.value.value == 20
    assert found.threshold is None


def test_a_limit_of_none_asks_nothing(assess: Assess, pack_of: PackOf, share: str) -> None:
    found = outcome(assess(pack_of(share.replace("value: 30", "value: none"))))
    assert told(found) == ("not_applicable", "not_applicable", ["reason.nothing-required"])
    assert found.causes == ()


def test_one_of_two_limits_of_none_leaves_the_other(assess: Assess, pack_of: PackOf, criterion_of: TextOf,
                                                    parameter_of: TextOf) -> None:
    parameters = f"parameters:\n  {parameter_of('low', '900')}\n  {parameter_of('high', 'none')}"
    text = criterion_of("T-1", "entry: consumed >= low and clean >= high", more=parameters)
    assert told(outcome(assess(pack_of(text)))) == ("met", "met", [])
    either = criterion_of("T-1", "entry: consumed <= low or clean >= high", more=parameters)
    assert told(outcome(assess(pack_of(either))))[0] == "not_applicable"


def test_a_formula_cannot_use_a_limit_of_none(assess: Assess, pack_of: PackOf, criterion_of: TextOf,
                                              parameter_of: TextOf) -> None:
    more = (f"parameters:\n  {parameter_of('base', 'none')}\n  {parameter_of('low', '1', '1')}\n"
            "quantities:\n  per_base: {title: {zh: 比, en: ratio}, unit: \"1\", value: consumed / base}")
    found = outcome(assess(pack_of(criterion_of("T-1", "entry: per_base >= low", more=more))))
    assert told(found) == ("indeterminate", "indeterminate", ["reason.parameter-none"])
    assert found.reasons[0].subject == "parameter:T-1/base"


@pytest.mark.parametrize(("condition", "applies", "verdict"), [
    ('facility.kind = "factory"', "yes", "not_met"),
    ('facility.kind = "computing facility"', "no", "not_applicable"),
    ("facility.ccus = true", "unknown", "indeterminate"),
])
def test_applicability(assess: Assess, pack_of: PackOf, share: str, condition: str, applies: str, verdict: str) -> None:
    found = assess(pack_of(share + f"applies_when: {condition}\n"))
    assert found.criterion("T-1").applies == applies
    assert told(outcome(found))[0] == verdict
    if verdict == "indeterminate":
        assert "ccus" in outcome(found).reasons[0].subject


def test_applicability_of_one_level(assess: Assess, pack_of: PackOf, share: str) -> None:
    text = share.replace("  target: share >= target_share",
                         "  target: {condition: share >= target_share, applies_when: consumed > entry_share * grid + grid}")
    found = assess(pack_of(text))  # 1000 > 0.3 * 800 + 800 is false
    assert (str(outcome(found).verdict), str(outcome(found, level="target").verdict)) == ("not_met", "not_applicable")
    assert found.criterion("T-1").applies == "yes"


def test_an_implausible_value_is_shown_but_not_judged(assess: Assess, dossier_of: DossierOf) -> None:
    rows = electricity("200", "800")
    rows.append({"id": "E3", "flow": "consumed", "source": "grid", "MWh": "-900", "from": "2025-01-01", "to": "2025-12-31",
                 "correction": True})
    found = assess(dossier=dossier_of(electricity=rows))  # 200 of 100 is 200 %
    assert told(outcome(found)) == ("indeterminate", "indeterminate", ["reason.quantity-implausible"])
    reason = outcome(found).reasons[0]
    assert (str(reason.cause), dict(reason.args)) == ("implausible", {"high": "100", "low": "0", "unit": "%", "value": "200"})
    quantity = next(q for q in found.quantities if q.id == "T-1/share")
    assert (quantity.value, quantity.unit, quantity.reasons) == (Decimal(200), "%", (reason,))


def test_division_by_zero_is_a_cause_of_its_own(assess: Assess, dossier_of: DossierOf) -> None:
    found = outcome(assess(dossier=dossier_of(electricity=[])))
    assert [str(c) for c in found.causes] == ["arithmetic"]


DUE = """
  entry: {condition: share >= entry_share, due: last_day}
  target: share >= target_share
"""


def due_pack(pack_of: PackOf, share: str) -> Pack:
    last = "quantities:\n  last_day: {title: {zh: 末日, en: last day}, type: date, value: 'period.end + duration(\"P6M\")'}"
    text = share[:share.index("levels:")] + "levels:" + DUE
    return pack_of(text.replace("quantities:", last))


@pytest.mark.parametrize(("valid_on", "verdict", "cause"), [
    ("2026-06-30", "indeterminate", ["not_yet_due"]), ("2026-07-01", "not_met", []), ("2026-01-01", "indeterminate", ["not_yet_due"]),
])
def test_a_shortfall_before_its_date_is_not_yet_due(assess: Assess, pack_of: PackOf, share: str, valid_on: str, verdict: str,
                                                    cause: list[str]) -> None:
    found = outcome(assess(due_pack(pack_of, share), valid_on=date.fromisoformat(valid_on)))
    assert (str(found.verdict), str(found.on_values), [str(c) for c in found.causes]) == (verdict, "not_met", cause)
    assert found.due == date(2026, 6, 30)


def test_what_is_met_does_not_wait_for_its_date(assess: Assess, pack_of: PackOf, share: str, dossier_of: DossierOf) -> None:
    enough = dossier_of(electricity=electricity("400", "600"))
    assert str(outcome(assess(due_pack(pack_of, share), enough, valid_on=date(2026, 1, 1))).verdict) == "met"


def test_a_date_that_is_not_known_leaves_it_open(assess: Assess, pack_of: PackOf, share: str) -> None:
    day = "quantities:\n  day: {title: {zh: 日, en: day}, type: date, value: claim.residual_from}"
    pack = pack_of(share.replace("  entry: share >= entry_share", "  entry: {condition: share >= entry_share, due: day}")
                   .replace("quantities:", day))
    found = outcome(assess(pack))
    assert (str(found.verdict), str(found.on_values), found.due) == ("indeterminate", "not_met", None)
    assert [str(c) for c in found.causes] == ["value"]


@pytest.mark.parametrize(("period", "length"), [
    ({"from": "2025-01-01", "to": "2025-03-31"}, "3"), ({"from": "2025-01-01", "to": "2026-12-31"}, "24"),
    ({"from": "2025-01-01", "to": "2025-07-15"}, "6.44"),
])
def test_a_period_of_another_length_decides_nothing(assess: Assess, dossier_of: DossierOf, period: dict[str, str], length: str) -> None:
    rows = [{**r, **period} for r in electricity("200")]
    found = outcome(assess(dossier=dossier_of(period=period, electricity=rows)))
    assert (str(found.verdict), str(found.on_values)) == ("indeterminate", "not_met")
    assert [(r.code, dict(r.args)) for r in found.reasons] == [
        ("reason.period-length", {"high": "12", "low": "12", "months": length})]


def test_law_date_and_knowledge_date_choose_the_limit(assess: Assess, pack_of: PackOf, share: str) -> None:
    text = share.replace("values: [{from: 2026-01-01, value: 30, clause: clause 1, source: press, confidence: unconfirmed, last_confirmed: 2026-01-01}]",
                         """values:
      - {from: 2026-01-01, to: 2026-06-30, value: 10, clause: c, source: s, confidence: confirmed, last_confirmed: 2026-01-01}
      - {from: 2026-07-01, recorded: 2026-09-01, value: 25, clause: c, source: s, confidence: confirmed, last_confirmed: 2026-01-01}""")
    pack = pack_of(text)
    assert str(outcome(assess(pack, valid_on=date(2026, 3, 1))).verdict) == "met"
    assert str(outcome(assess(pack, valid_on=date(2026, 8, 1))).verdict) == "not_met"
    assert told(outcome(assess(pack, valid_on=date(2026, 8, 1), known_on=date(2026, 8, 1))))[2] == ["reason.limit-not-known-then"]
    early = assess(pack, valid_on=date(2025, 12, 31))
    assert told(outcome(early))[2] == ["reason.limit-not-in-force"]
    assert {p.id: p.state for p in early.parameters}["T-1/entry_share"] == "not_in_force"
    assert "evaluation.pack-not-in-force" in {f.code for f in early.findings}


def test_conditions_of_several_leaves_report_the_one_that_decides(assess: Assess, pack_of: PackOf, criterion_of: TextOf,
                                                                  parameter_of: TextOf) -> None:
    more = f"parameters:\n  {parameter_of('low', '100')}\n  {parameter_of('cap', '900')}"
    both = outcome(assess(pack_of(criterion_of("T-1", "entry: clean >= low and consumed <= cap", more=more))))
    assert both.margin is not None
    assert (str(both.verdict), both.margin.leaf, both.margin.value, both.margin.unit) == ("not_met", "consumed <= cap", Decimal(-100), "MWh")
    one = outcome(assess(pack_of(criterion_of("T-1", "entry: clean >= low or consumed <= cap", more=more))))
    assert one.margin is not None
    assert (str(one.verdict), one.margin.leaf, one.margin.value) == ("met", "clean >= low", Decimal(100))
    turned = outcome(assess(pack_of(criterion_of("T-1", "entry: cap >= consumed and low <= clean", more=more))))
    assert turned.value is not None
    assert turned.threshold is not None
    assert (turned.value.value, turned.operator, turned.threshold.value) == (1000, "<=", 900)
    within = outcome(assess(pack_of(criterion_of("T-1", "entry: consumed between low and cap", more=more))))
    assert within.margin is not None
    assert (within.margin.value, within.operator) == (Decimal(-100), "<=")
    negated = outcome(assess(pack_of(criterion_of("T-1", "entry: not(consumed <= cap) and clean >= low", more=more))))
    assert negated.margin is not None
    assert (str(negated.verdict), negated.margin.value) == ("met", Decimal(100))


def test_every_row_names_the_worst(assess: Assess, pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf) -> None:
    more = f"parameters:\n  {parameter_of('cap', '500')}"
    found = outcome(assess(pack_of(criterion_of("T-1", "entry: every e in electricity satisfies e.MWh <= cap", more=more))))
    assert found.margin is not None
    assert (str(found.verdict), found.margin.row, found.margin.value) == ("not_met", "electricity/E1", Decimal(-300))
    some = outcome(assess(pack_of(criterion_of("T-1", "entry: some e in electricity satisfies e.MWh <= cap", more=more))))
    assert some.margin is not None
    assert (str(some.verdict), some.margin.row, some.margin.value) == ("met", "electricity/E2", Decimal(300))


def test_if_and_in_lead_to_the_leaf_that_is_asked(assess: Assess, pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf) -> None:
    more = f"parameters:\n  {parameter_of('low', '100')}\n  {parameter_of('cap', '900')}"
    chosen = outcome(assess(pack_of(criterion_of(
        "T-1", 'entry: if facility.kind = "factory" then consumed <= cap else clean >= low', more=more))))
    assert chosen.margin is not None
    assert (str(chosen.verdict), chosen.margin.value) == ("not_met", Decimal(-100))
    ranged = outcome(assess(pack_of(criterion_of("T-1", "entry: consumed in [low..cap]", more=more))))
    assert ranged.margin is not None
    assert (str(ranged.verdict), ranged.margin.value) == ("not_met", Decimal(-100))
    either = outcome(assess(pack_of(criterion_of("T-1", "entry: consumed in (< low, > cap)", more=more))))
    assert either.margin is not None
    assert (str(either.verdict), either.margin.value) == ("met", Decimal(100))
    flag = outcome(assess(pack_of(criterion_of("T-1", 'entry: facility.kind in ("factory", "park")'))))
    assert (str(flag.verdict), flag.margin, flag.value, flag.operator) == ("met", None, None, None)
    text = outcome(assess(pack_of(criterion_of("T-1", 'entry: facility.kind = "park"'))))
    assert text.value is not None
    assert (str(text.verdict), text.value.value, text.margin) == ("not_met", "factory", None)
