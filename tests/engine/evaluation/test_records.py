"""What an assessment tells: pins, subject, clauses, parameters, estimates, gaps, cross-checks, documents, readings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from zerofactory_engine.dossier import Dossier
from zerofactory_engine.evaluation import Assessment
from zerofactory_engine.evaluation.records import count, units_hash
from zerofactory_engine.evaluation.shown import shown
from zerofactory_engine.feel.values import Months, Seconds
from zerofactory_engine.reasons import Unknown
from zerofactory_engine.rulepack.load import find_pack
from zerofactory_engine.rulepack.model import Pack, Special
from zerofactory_engine.units import unit

Assess = Callable[..., Assessment]
PackOf = Callable[..., Pack]
DossierOf = Callable[..., Dossier]


def test_pins_subject_and_pack(assess: Assess, dossier_of: DossierOf) -> None:
    found = assess()
    assert found.pins.dossier == {"id": "plant-2025", "sha256": dossier_of().sha256}
    assert found.pins.pack["id"] == "trial"
    assert (found.pins.overlay, found.pins.judgements) == (None, None)
    assert found.pins.units == {"sha256": units_hash()}
    assert {s["role"] for s in found.pins.factor_sets} >= {"grid", "gwp", "fuel"}
    assert found.subject["period"] == {"start": date(2025, 1, 1), "end": date(2025, 12, 31), "zone": "Asia/Shanghai", "months": 12}
    assert found.subject["facility"]["id"] == "F1"
    assert (found.outcome_kind, found.pack["provisional"], found.pack["id"]) == ("readiness", True, "trial")
    assert found.asked == ("entry",)
    assert assess(levels=("target",)).asked == ("target",)
    odd = assess(dossier=dossier_of(period={"from": "2025-01-10", "to": "2025-03-04"}, electricity=[]))
    assert "months" not in odd.subject["period"]


def test_a_clause_that_was_not_read_prints_as_our_code(assess: Assess, pack_of: PackOf, share: str) -> None:
    assert (assess().criterion("T-1").clause.ref, assess().criterion("T-1").clause.printed) == ("clause 1", "T-1")
    read = assess(pack_of(share + "clause_read: yes\n")).criterion("T-1").clause
    assert (read.printed, read.clause_read) == ("clause 1", True)


def test_parameters_as_the_standard_printed_them(assess: Assess, pack_of: PackOf, share: str) -> None:
    text = share.replace("value: 30, clause", "to: 2030-12-31, recorded: 2026-02-01, value: 0.3, unit: \"1\", clause")
    limit = {p.id: p for p in assess(pack_of(text)).parameters}["T-1/entry_share"]
    assert (limit.value, limit.unit, limit.stated, limit.valid_from, limit.valid_to) == (
        Decimal(30), "%", "0.3", date(2026, 1, 1), date(2030, 12, 31))
    assert (limit.recorded, limit.source, str(limit.confidence), limit.used_by) == (date(2026, 2, 1), "press", "unconfirmed", ("T-1",))
    unknown = assess(pack_of(share.replace("value: 30", "value: unknown")))
    assert [(p.state, p.value) for p in unknown.parameters if p.id == "T-1/entry_share"] == [("unknown", None)]
    none = assess(pack_of(share.replace("value: 30", "value: none")))
    assert [(p.state, p.value) for p in none.parameters if p.id == "T-1/entry_share"] == [("none", None)]


def test_estimates_with_their_share(assess: Assess, dossier_of: DossierOf) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "E1", "flow": "consumed", "source": "grid", "MWh": "600", "from": "2025-01-01", "to": "2025-12-31"},
        {"id": "E2", "flow": "consumed", "source": "on-site", "amount": "200000", "unit": "kWh", "from": "2025-01-01",
         "to": "2025-12-31", "obtained": "estimated", "estimate": {"method": "inverter rating", "conservative": True}},
        {"id": "E3", "flow": "exported", "source": "on-site", "MWh": "5", "from": "2025-01-01", "to": "2025-12-31"}]
    found = assess(dossier=dossier_of(electricity=rows, products=[{"id": "P1", "obtained": "default"}])).estimates
    assert found == (
        {"row": "electricity/E2", "obtained": "estimated", "method": "inverter rating", "conservative": True, "column": "MWh",
         "value": Decimal(200), "unit": "MWh", "share": Decimal("0.25")},
        {"row": "products/P1", "obtained": "default"})


def test_gaps_and_crosschecks_stand_as_stated(assess: Assess, dossier_of: DossierOf) -> None:
    dossier = dossier_of(meters=[{"id": "M1", "carrier": "electricity"}],
                         gaps=[{"id": "G1", "meter": "M1", "from": "2025-07-01", "to": "2025-07-31", "reason": "replaced"}],
                         crosschecks=[{"id": "X1", "quantity": "electricity", "unit": "MWh"}])
    found = assess(dossier=dossier)
    assert [(g["id"], g["meter"], g["reason"]) for g in found.gaps] == [("G1", "M1", "replaced")]
    assert [(x["id"], x["quantity"]) for x in found.crosschecks] == [("X1", "electricity")]


def test_documents_with_their_state(assess: Assess, dossier_of: DossierOf) -> None:
    from dataclasses import replace

    from zerofactory_engine.dossier.model import FileRead

    stated = "sha256:" + "a" * 64
    documents = [{"id": "D1", "kind": "policy", "sha256": stated}, {"id": "D2", "sha256": stated}, {"id": "D3"}]
    dossier = dossier_of(documents=documents, electricity=[])
    files = {"D1": FileRead("D1", stated, 3), "D2": FileRead("D2", "sha256:" + "b" * 64, 3)}
    found = assess(dossier=replace(dossier, files=files))
    assert [(d["id"], d["state"]) for d in found.documents] == [("D1", "present"), ("D2", "hash_differs"), ("D3", "not_attached")]


def test_an_overlay_settles_readings_and_masks_its_values(root: Path, assess: Assess, dossier_of: DossierOf) -> None:
    pack = find_pack("cn-miit-zcf-2026@0.1.0", root / "docs/examples/overlay")
    found = assess(pack, dossier_of(), levers=False)
    assert found.pins.overlay is not None
    assert found.pins.overlay["id"] == pack.overlay.id if pack.overlay else False
    settled = [r for r in found.readings if r.chosen_by == "overlay"]
    assert settled
    assert all(r.id not in c.sensitivity.readings for r in settled for c in found.criteria)
    assert {p.id for p in found.parameters if p.masked} == set(pack.masked) & {p.id for p in found.parameters}
    other = next(a for a in settled[0].alternatives if a != settled[0].chosen)
    from zerofactory_engine.problems import ProblemsError

    with pytest.raises(ProblemsError) as caught:
        assess(pack, dossier_of(), readings={settled[0].id: other})
    assert [(p.code, p.accepted) for p in caught.value.problems] == [("evaluation.reading-settled", settled[0].chosen)]


@pytest.mark.parametrize(("value", "in_unit", "expected"), [
    (Decimal("0.3"), "%", Decimal(30)), (Decimal(5), None, Decimal(5)), (None, None, None), (Unknown(), None, None),
    (Special.NONE, None, None), (Months(24), None, "P2Y"), (Months(14), None, "P1Y2M"), (Months(0), None, "P0M"),
    (Seconds(Decimal(90)), None, "PT90S"), (["a", "b"], None, ("a", "b")), (True, None, True),
    (date(2026, 1, 2), None, date(2026, 1, 2)), (2.5, None, "2.5"),
])
def test_values_as_they_are_shown(value: Any, in_unit: str | None, expected: Any) -> None:
    assert shown(value, unit(in_unit) if in_unit else None) == expected


def test_counting_names() -> None:
    assert count(["b", "a", "b"]) == {"a": 1, "b": 2}
    assert list(count(["b", "a"])) == ["a", "b"]


def test_a_comparison_without_a_named_limit_is_shown_in_base_units(assess: Assess, pack_of: PackOf, criterion_of: Callable[..., str]) -> None:
    found = assess(pack_of(criterion_of("T-1", "entry: consumed - clean > 0"))).criterion("T-1").levels["entry"]
    assert found.value is not None
    assert (found.value.value, found.value.unit) == (Decimal(800), "MWh")
    ratio = assess(pack_of(criterion_of("T-1", "entry: -clean / consumed < 1"))).criterion("T-1").levels["entry"]
    assert ratio.value is not None
    assert (ratio.value.value, ratio.value.unit) == (Decimal("-0.2"), None)
    negated = assess(pack_of(criterion_of("T-1", "entry: -clean < 0"))).criterion("T-1").levels["entry"]
    assert negated.value is not None
    assert (negated.value.value, negated.value.unit) == (Decimal(-200), "MWh")
