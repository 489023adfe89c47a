"""Judgements: read, checked against dossier and pack, prevailing over answers, and what follows from them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zerofactory_engine.dossier import Dossier
from zerofactory_engine.evaluation import Assessment
from zerofactory_engine.evaluation.judgements import Judgements, parse_judgements, read_judgements
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.rulepack.model import Pack

Assess = Callable[..., Assessment]
PackOf = Callable[..., Pack]
DossierOf = Callable[..., Dossier]
TextOf = Callable[..., str]

HEAD = {"format": "zerofactory/judgements/1", "dossier": "plant-2025", "pack": "trial@0.1.0"}
BY = {"because": "seen", "by": "a-7", "on": "2026-04-02"}


def body(*answers: dict[str, Any], **more: Any) -> Judgements:
    return parse_judgements(json.dumps({**HEAD, "judgements": [{**BY, **a} for a in answers], **more}).encode())


@pytest.fixture
def judged_pack(pack_of: PackOf, criterion_of: TextOf) -> Pack:
    """Each meter is judged; the minutes are judged once."""
    more = ("questions:\n  sound: {text: {zh: 可靠, en: sound}, per: meters}\n  minutes: {text: {zh: 记录, en: minutes}}")
    return pack_of(criterion_of("J-1", 'entry: (every m in meters satisfies judged("sound", m)) and judged("minutes")',
                                form="judged", more=more))


METERS = [{"id": "M1", "carrier": "electricity"}, {"id": "M2", "carrier": "electricity"}]
ALL = [{"question": "J-1/sound", "row": "M1", "answer": "conforms"}, {"question": "J-1/sound", "row": "M2", "answer": "observation"},
       {"question": "J-1/minutes", "answer": "conforms"}]


def told(assessment: Assessment) -> tuple[str, list[str]]:
    outcome = assessment.criterion("J-1").levels["entry"]
    return str(outcome.verdict), [r.subject for r in outcome.reasons]


def test_without_answers_the_body_has_to_act(assess: Assess, judged_pack: Pack, dossier_of: DossierOf) -> None:
    found = assess(judged_pack, dossier_of(meters=METERS))
    assert told(found) == ("indeterminate", ["question:J-1/sound@M1", "question:J-1/sound@M2", "question:J-1/minutes"])
    assert found.level("entry").by_cause == {"judgement": 1}
    requests = [f for f in found.findings if f.kind == "request"]
    assert {str(f.settled_by) for f in requests} == {"body"}
    assert len(requests) == 3
    assert found.pins.judgements is None


def test_conforming_answers_meet_it_and_stand_in_the_record(assess: Assess, judged_pack: Pack, dossier_of: DossierOf) -> None:
    judgements = body(*ALL)
    found = assess(judged_pack, dossier_of(meters=METERS), judgements)
    assert told(found) == ("met", [])
    assert [(j.question, j.row, j.answer, j.grounds, j.person) for j in found.criterion("J-1").judgements] == [
        ("J-1/sound", "M1", "conforms", "seen", "a-7"), ("J-1/sound", "M2", "observation", "seen", "a-7"),
        ("J-1/minutes", None, "conforms", "seen", "a-7")]
    assert [(f.kind, f.code, f.subject) for f in found.findings if f.criterion] == [
        ("observation", "finding.judged-observation", "J-1/sound@M2")]
    assert found.pins.judgements == {"sha256": judgements.sha256}


@pytest.mark.parametrize(("answer", "kind", "severity"), [("minor", "nonconformity", "minor"), ("major", "nonconformity", "major")])
def test_a_nonconformity_is_graded_by_the_person(assess: Assess, judged_pack: Pack, dossier_of: DossierOf, answer: str, kind: str,
                                                 severity: str) -> None:
    found = assess(judged_pack, dossier_of(meters=METERS), body(*ALL[:2], {"question": "J-1/minutes", "answer": answer}))
    assert told(found)[0] == "not_met"
    graded = [(f.kind, f.severity, f.subject) for f in found.findings if f.severity]
    assert graded == [(kind, severity, "J-1/minutes")]


def test_not_assessed_stays_open(assess: Assess, judged_pack: Pack, dossier_of: DossierOf) -> None:
    found = assess(judged_pack, dossier_of(meters=METERS), body(*ALL[:2], {"question": "J-1/minutes", "answer": "not_assessed"}))
    assert told(found) == ("indeterminate", ["question:J-1/minutes"])


def test_the_bodys_answer_to_a_checklist_prevails(assess: Assess, pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf,
                                                  dossier_of: DossierOf) -> None:
    more = f"parameters:\n  {parameter_of('least', '2', 'item')}"
    pack = pack_of(criterion_of("J-1", 'entry: count(answers("miit-disclosure")[met = true]) >= least', form="checklist", more=more))
    answers = [{"id": f"A{n}", "checklist": "miit-disclosure", "item": item, "met": met} for n, (item, met) in enumerate(
        [("sustainability_report", True), ("esg_report", True), ("zero_carbon_report", False)])]
    dossier = dossier_of(checklists=answers)
    assert told(assess(pack, dossier))[0] == "met"
    no = {"checklist": "miit-disclosure", "item": "esg_report", "answer": "major"}
    assert told(assess(pack, dossier, body(no)))[0] == "not_met"
    yes = {"checklist": "miit-disclosure", "item": "zero_carbon_report", "answer": "conforms"}
    found = assess(pack, dossier, body(no, yes))
    assert told(found)[0] == "met"
    assert [j.question for j in found.criterion("J-1").judgements] == ["miit-disclosure/esg_report", "miit-disclosure/zero_carbon_report"]
    open_ = {"checklist": "miit-disclosure", "item": "esg_report", "answer": "not_assessed"}
    assert told(assess(pack, dossier, body(open_))) == ("indeterminate", ["question:miit-disclosure/esg_report"])


def test_unanswered_items_are_unknown_not_no(assess: Assess, pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf,
                                             dossier_of: DossierOf) -> None:
    more = f"parameters:\n  {parameter_of('least', '2', 'item')}"
    pack = pack_of(criterion_of("J-1", 'entry: count(answers("miit-disclosure")[met = true]) >= least', form="checklist", more=more))
    one = [{"id": "A1", "checklist": "miit-disclosure", "item": "esg_report", "met": True}]
    assert told(assess(pack, dossier_of(checklists=one))) == ("indeterminate", [
        "checklists/miit-disclosure/sustainability_report.met", "checklists/miit-disclosure/zero_carbon_report.met"])


def test_items_are_counted_whoever_answers(assess: Assess, pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf) -> None:
    more = f"parameters:\n  {parameter_of('least', '3', 'item')}"
    assert told(assess(pack_of(criterion_of("J-1", 'entry: count(items("miit-disclosure")) >= least', more=more)))) == ("met", [])


@pytest.mark.parametrize(("change", "codes"), [
    ({"dossier": "other"}, ["evaluation.judgements-other-dossier"]),
    ({"pack": "other@1.0.0"}, ["evaluation.judgements-other-pack"]),
    ({"judgements": [{**BY, "question": "J-9/x", "answer": "minor"}]}, ["evaluation.judgement-unknown"]),
    ({"judgements": [{**BY, "checklist": "miit-x", "item": "y", "answer": "minor"}]}, ["evaluation.judgement-unknown"]),
    ({"judgements": [{**BY, "question": "J-1/sound", "answer": "minor"}]}, ["evaluation.judgement-row-missing"]),
    ({"judgements": [{**BY, "question": "J-1/sound", "row": "M9", "answer": "minor"}]}, ["evaluation.judgement-row-unknown"]),
])
def test_judgements_that_do_not_belong_here(assess: Assess, judged_pack: Pack, dossier_of: DossierOf, change: dict[str, Any],
                                            codes: list[str]) -> None:
    judgements = parse_judgements(json.dumps({**HEAD, "judgements": [], **change}).encode())
    with pytest.raises(ProblemsError) as caught:
        assess(judged_pack, dossier_of(meters=METERS), judgements)
    assert [p.code for p in caught.value.problems] == codes


def test_an_answer_that_stands_twice_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "j.yaml"
    entry = "  - {question: J-1/minutes, answer: conforms, because: x, by: y, on: 2026-04-02}\n"
    path.write_text("format: zerofactory/judgements/1\ndossier: d\npack: p@1\njudgements:\n" + entry * 2, encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        read_judgements(path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.found, problem.place.line) == ("evaluation.judgement-twice", "J-1/minutes", 6)


def test_the_published_example_reads(root: Path) -> None:
    found = read_judgements(root / "standards/schemas/examples/judgements.yaml")
    assert found.pack == "iso-14068-1-2023@0.1.0"
    assert found.answers["I68-4/additional", None, "K1"].evidence == ("D6#page=4",)
    assert found.answers["I68-4/baseline", None, "K1"].value is False
    assert found.answers["iso-14068-1-plan", "targets", None].value is True
    assert found.basis_of("electricity", "E7") == "sighted"
    assert found.basis_of("energy", "G1") == "verified_on_site"
    assert found.basis_of("energy", "G2") is None
    assert found.rejected["D9"].code == "reason.document-rejected"
    assert found.sha256.startswith("sha256:")
