"""Proofs: every step gives its value back from its operands; rows, documents, parameters and readings are there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from zerofactory_engine.canonical import jsonable
from zerofactory_engine.dossier import Dossier, read_dossier
from zerofactory_engine.evaluation import Assessment, Request, evaluate
from zerofactory_engine.evaluation.judgements import parse_judgements
from zerofactory_engine.evaluation.proof import proof_json, prove, ranges
from zerofactory_engine.evaluation.recompute import recompute
from zerofactory_engine.proof import Graph, Step
from zerofactory_engine.rulepack.load import find_pack, pack_folders
from zerofactory_engine.rulepack.model import Pack

Assess = Callable[..., Assessment]
PackOf = Callable[..., Pack]
DossierOf = Callable[..., Dossier]
TextOf = Callable[..., str]


def wrong(assessment: Assessment, graph: Graph) -> list[tuple[str, Any, Any]]:
    return [(s.id, s.value, again) for s in graph if (again := recompute(s, graph, assessment.run)) != s.value]


def test_a_proof_down_to_rows_and_documents(assess: Assess) -> None:
    found = assess()
    graph = prove(found)
    assert wrong(found, graph) == []
    verdict = graph["verdict:T-1/entry"]
    assert (verdict.value, verdict.operands) == ("not_met", ("condition:T-1#entry",))
    condition = graph["condition:T-1#entry"]
    assert (condition.value, condition.operands) == (False, ("parameter:T-1/entry_share", "quantity:T-1/share"))
    share = graph["quantity:T-1/share"]
    assert (share.value, share.unit, share.operands) == (20, "%", ("quantity:clean", "quantity:consumed"))
    assert share.detail["expression"] == "clean / consumed"
    assert graph["parameter:T-1/entry_share"].value == 30
    assert graph["parameter:T-1/entry_share"].detail["confidence"] == "unconfirmed"
    rows = graph["filter:consumed@0"]
    assert (rows.value, rows.operands) == (["E1…E2"], ("table:electricity",))
    assert rows.detail["documents"] == ["D1#page=3", "D2"]
    assert graph["filter:clean@0"].value == ["E2"]
    assert (graph["table:electricity"].value, graph["table:electricity"].detail) == (2, {"complete": True})


def test_shared_steps_stand_once_and_one_criterion_can_be_proved_alone(assess: Assess, pack_of: PackOf, share: str) -> None:
    twin = share.replace("T-1", "T-2")
    found = assess(pack_of(share, twin))
    whole = [s.id for s in prove(found)]
    assert len(whole) == len(set(whole))
    one = [s.id for s in prove(found, "T-2")]
    assert "verdict:T-2/entry" in one
    assert not any("T-1" in i for i in one)
    assert set(one) < set(whole)


def test_the_proof_as_published(assess: Assess, root: Path) -> None:
    found = assess()
    told = jsonable(proof_json(prove(found), found.as_json()["id"]))
    schema = json.loads((root / "standards/schemas/proof.schema.json").read_text(encoding="utf-8"))
    assert [e.message for e in Draft202012Validator(schema).iter_errors(told)] == []
    assert told["roots"] == ["verdict:T-1/entry", "verdict:T-1/target"]
    assert told["steps"]["quantity:T-1/share"]["value"] == "20"
    order = list(told["steps"])
    assert all(order.index(o) < order.index(s) for s, step in told["steps"].items() for o in step.get("operands", ()))


def test_what_is_not_known_carries_its_reasons_into_the_proof(assess: Assess, dossier_of: DossierOf) -> None:
    found = assess(dossier=dossier_of(complete=[]))
    graph = prove(found)
    assert wrong(found, graph) == []
    told = jsonable(proof_json(graph, found.as_json()["id"]))
    assert [r["subject"] for r in told["steps"]["quantity:consumed"]["value"]["unknown"]] == ["electricity"]
    assert told["steps"]["table:electricity"]["detail"] == {"complete": False}


def test_given_values_stand_as_given(assess: Assess) -> None:
    found = assess(quantities={"clean": 500})
    graph = prove(found)
    assert wrong(found, graph) == []
    assert (graph["quantity:clean"].value, graph["quantity:clean"].operands, graph["quantity:clean"].detail["given"]) == (500, (), True)


def test_limits_of_none_due_dates_and_applicability_are_proved(assess: Assess, pack_of: PackOf, share: str, criterion_of: TextOf,
                                                               parameter_of: TextOf) -> None:
    none = share.replace("value: 30", "value: none")
    found = assess(pack_of(none))
    graph = prove(found)
    assert wrong(found, graph) == []
    assert (graph["condition:T-1#entry"].value, graph["verdict:T-1/entry"].value) == ("nothing_required", "not_applicable")
    day = "quantities:\n  day: {title: {zh: 日, en: day}, type: date, value: 'period.end + duration(\"P9M\")'}"
    due = (share.replace("  entry: share >= entry_share", "  entry: {condition: share >= entry_share, due: day}")
           .replace("quantities:", day) + 'applies_when: facility.kind = "factory"\n')
    waiting = assess(pack_of(due))
    graph = prove(waiting)
    assert wrong(waiting, graph) == []
    assert (graph["verdict:T-1/entry"].value, graph["verdict:T-1/target"].value) == ("indeterminate", "not_met")
    assert (graph["applies:T-1?"].value, str(graph["due:T-1!entry"].value)) == (True, "2026-09-30")
    more = (f"parameters:\n  {parameter_of('base', 'none')}\n  {parameter_of('low', '1', '1')}\n"
            "quantities:\n  per_base: {title: {zh: 比, en: ratio}, unit: \"1\", value: consumed / base}")
    formula = assess(pack_of(criterion_of("T-1", "entry: per_base >= low", more=more)))
    assert wrong(formula, prove(formula)) == []
    both = (f"parameters:\n  {parameter_of('low', '900')}\n  {parameter_of('high', 'none')}")
    partly = assess(pack_of(criterion_of("T-1", "entry: consumed >= low and clean >= high", more=both)))
    graph = prove(partly)
    assert wrong(partly, graph) == []
    assert graph["condition:T-1#entry"].value is True


def test_figures_and_judgements_are_steps(assess: Assess, pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf,
                                          dossier_of: DossierOf) -> None:
    more = (f"parameters:\n  {parameter_of('low', '1', '10kCNY')}\n"
            "questions:\n  sound: {text: {zh: 可靠, en: sound}, per: meters}\n  minutes: {text: {zh: 录, en: minutes}}")
    pack = pack_of(criterion_of(
        "T-1", 'entry: figure("industrial_value_added") >= low and (every m in meters satisfies judged("sound", m)) and judged("minutes")',
        more=more))
    row = {"figure": "industrial_value_added", "amount": "2000", "unit": "10kCNY", "from": "2025-01-01", "to": "2025-12-31",
           "documents": ["D1#page=9"]}
    by = {"because": "seen", "by": "a-7", "on": "2026-04-02"}
    judgements = parse_judgements(json.dumps({
        "format": "zerofactory/judgements/1", "dossier": "plant-2025", "pack": "trial@0.1.0", "judgements": [
            {"question": "T-1/sound", "row": "M1", "answer": "conforms", **by},
            {"question": "T-1/minutes", "answer": "minor", **by}]}).encode())
    found = assess(pack, dossier_of(economics=[row], meters=[{"id": "M1", "carrier": "electricity"}]), judgements)
    graph = prove(found)
    assert wrong(found, graph) == []
    assert graph["figure:industrial_value_added"].detail == {"documents": ["D1#page=9"]}
    assert graph["judgement:T-1/sound@M1"].detail["person"] == "a-7"
    assert graph["judgement:T-1/minutes"].value == "minor"
    assert {"figure:industrial_value_added", "judgement:T-1/minutes", "judgement:T-1/sound@M1", "table:meters"} <= set(
        graph["condition:T-1#entry"].operands)


@pytest.mark.parametrize(("indices", "expected"), [
    ([], []), ([2], ["c"]), ([0, 1, 2], ["a…c"]), ([0, 2, 3], ["a", "c…d"]), ([0, 1, 3], ["a…b", "d"]),
])
def test_neighbouring_rows_are_joined(indices: list[int], expected: list[str]) -> None:
    assert ranges(["a", "b", "c", "d"], indices) == expected


def test_a_changed_step_does_not_give_its_value_back(assess: Assess) -> None:
    """The recomputation is one: with another operand it gives another value."""
    found = assess()
    graph = prove(found)
    forged = Graph()
    for step in graph:
        forged.add(Step(step.id, step.kind, 900 if step.id == "quantity:clean" else step.value, step.unit, step.operands,
                        step.detail))
    assert {s[0] for s in wrong(found, forged)} == {"quantity:clean", "quantity:T-1/share"}
    flipped = Graph()
    for step in graph:
        flipped.add(Step(step.id, step.kind, True if step.kind == "condition" else step.value, step.unit, step.operands, step.detail))
    assert {s[0] for s in wrong(found, flipped)} == {"condition:T-1#entry", "condition:T-1#target", "verdict:T-1/entry",
                                                     "verdict:T-1/target"}


PACKS = [f"{i}@{v}" for i, v, _ in pack_folders()]


@pytest.mark.parametrize("reference", PACKS)
def test_every_step_of_every_pack_on_the_worked_site(root: Path, reference: str) -> None:
    from datetime import date

    dossier = read_dossier(root / "tests/engine/dossier/examples/worked-site.yaml").dossier
    for table in ("heat", "processes", "fugitive", "biomass"):
        dossier = dossier.declared_complete(table)
    found = evaluate(dossier, find_pack(reference), Request(date(2026, 8, 15), levers=False))
    graph = prove(found)
    assert len(graph) > 40
    assert wrong(found, graph) == []
