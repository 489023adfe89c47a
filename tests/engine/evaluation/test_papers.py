"""Evidence of a dossier: rows that are used, figures, the criterion itself, answers, rejected and differing documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zerofactory_engine.dossier import Dossier
from zerofactory_engine.evaluation import Assessment
from zerofactory_engine.evaluation.judgements import Judgements, parse_judgements
from zerofactory_engine.evaluation.model import EvidenceState
from zerofactory_engine.rulepack.model import Pack

Assess = Callable[..., Assessment]
PackOf = Callable[..., Pack]
DossierOf = Callable[..., Dossier]
TextOf = Callable[..., str]

EVIDENCE = """
rows:
  electricity:
    - {where: source = "grid", any_of: [electricity_settlement, electricity_invoice], covers: row}
    - {where: source = "on-site", any_of: [inverter_log], covers: row}
"""


def easy(share: str) -> str:
    """The share is met: 20 % of 10 %."""
    return share.replace("value: 30", "value: 10").replace("value: 60", "value: 15")


def parts(assessment: Assessment) -> dict[str, tuple[str, list[str]]]:
    return {e.subject: (str(e.state), [r.code for r in e.reasons]) for e in assessment.criterion("T-1").evidence}


def judged(**more: Any) -> Judgements:
    import json

    return parse_judgements(json.dumps({"format": "zerofactory/judgements/1", "dossier": "plant-2025", "pack": "trial@0.1.0",
                                        "judgements": [], **more}).encode())


def test_met_with_complete_evidence(assess: Assess, pack_of: PackOf, share: str) -> None:
    found = assess(pack_of(easy(share), evidence=EVIDENCE), documents_assumed=False)
    outcome = found.criterion("T-1").levels["entry"]
    assert (str(outcome.verdict), outcome.evidence) == ("met", EvidenceState.COMPLETE)
    assert parts(found) == {"electricity/E1": ("complete", []), "electricity/E2": ("complete", [])}
    first = found.criterion("T-1").evidence[0]
    assert first.documents == ({"id": "D1", "at": "page=3"},)
    assert first.needs == "any_of electricity_settlement, electricity_invoice; covers row"
    assert {d["id"]: (d["state"], d["used_by"]) for d in found.documents} == {
        "D1": ("not_attached", ("T-1",)), "D2": ("not_attached", ("T-1",))}


def test_met_on_values_with_a_document_missing_is_indeterminate(assess: Assess, pack_of: PackOf, share: str,
                                                                dossier_of: DossierOf) -> None:
    dossier = dossier_of().without_documents(["D2"])
    found = assess(pack_of(easy(share), evidence=EVIDENCE), dossier, documents_assumed=False)
    outcome = found.criterion("T-1").levels["entry"]
    assert (str(outcome.verdict), str(outcome.on_values), outcome.evidence) == ("indeterminate", "met", EvidenceState.MISSING)
    assert [(str(r.cause), r.subject, r.code) for r in outcome.reasons] == [
        ("document", "electricity/E2", "reason.document-missing")]
    assert str(found.level("entry").verdict) == "indeterminate"
    assert found.level("entry").by_settler == {"applicant": 1}
    (request,) = [f for f in found.findings if f.kind == "request"]
    assert (request.code, request.subject, str(request.settled_by)) == ("reason.document-missing", "electricity/E2", "applicant")
    assert request.args["kinds"] == "inverter_log"


def test_not_met_stands_without_documents(assess: Assess, pack_of: PackOf, share: str, dossier_of: DossierOf) -> None:
    dossier = dossier_of().without_documents(["D1", "D2"])
    outcome = assess(pack_of(share, evidence=EVIDENCE), dossier, documents_assumed=False).criterion("T-1").levels["entry"]
    assert (str(outcome.verdict), outcome.evidence, outcome.reasons) == ("not_met", EvidenceState.MISSING, ())


def test_only_rows_that_are_used_need_documents(assess: Assess, pack_of: PackOf, share: str, dossier_of: DossierOf) -> None:
    rows = [dict(r) for r in dossier_of().canonical()["electricity"]]
    rows.append({"id": "E9", "flow": "exported", "source": "on-site", "MWh": "5", "from": "2025-01-01", "to": "2025-12-31"})
    found = assess(pack_of(easy(share), evidence=EVIDENCE), dossier_of(electricity=rows), documents_assumed=False)
    assert sorted(parts(found)) == ["electricity/E1", "electricity/E2"]


def test_an_unknown_row_condition_asks_for_all_documents(assess: Assess, pack_of: PackOf, share: str, dossier_of: DossierOf) -> None:
    evidence = 'rows:\n  electricity: [{where: technology = "solar", any_of: [inverter_log]}]\n'
    found = assess(pack_of(easy(share), evidence=evidence), documents_assumed=False)
    assert parts(found) == {"electricity/E1": ("missing", ["reason.cell-missing", "reason.document-missing"]),
                            "electricity/E2": ("complete", [])}


def test_a_row_that_no_rule_concerns_needs_nothing(assess: Assess, pack_of: PackOf, share: str) -> None:
    evidence = 'rows:\n  electricity: [{where: source = "green trade", any_of: [contract]}]\n'
    found = assess(pack_of(easy(share), evidence=evidence), documents_assumed=False)
    assert parts(found) == {}
    assert found.criterion("T-1").levels["entry"].evidence is EvidenceState.NOT_NEEDED


def test_documents_that_prove_the_criterion_itself(assess: Assess, pack_of: PackOf, share: str, dossier_of: DossierOf) -> None:
    pack = pack_of(easy(share) + "evidence: [{any_of: [policy], covers: period}]\n")
    assert parts(assess(pack, documents_assumed=False)) == {"T-1": ("missing", ["reason.document-missing"])}
    documents = [*dossier_of().canonical()["documents"],
                 {"id": "P", "kind": "policy", "covers_from": "2024-01-01", "covers_to": "2026-12-31"}]
    assert parts(assess(pack, dossier_of(documents=documents), documents_assumed=False)) == {"T-1": ("complete", [])}


def test_each_row_that_an_expression_keeps(assess: Assess, pack_of: PackOf, share: str, dossier_of: DossierOf) -> None:
    pack = pack_of(easy(share) + "evidence: [{each: 'answers(\"miit-disclosure\")[met = true]', any_of: [esg_report]}]\n")
    documents = [*dossier_of().canonical()["documents"], {"id": "R", "kind": "esg_report"}]
    answers = [{"id": "A1", "checklist": "miit-disclosure", "item": "esg_report", "met": True, "documents": ["R"]},
               {"id": "A2", "checklist": "miit-disclosure", "item": "sustainability_report", "met": True},
               {"id": "A3", "checklist": "miit-disclosure", "item": "zero_carbon_report", "met": False}]
    found = assess(pack, dossier_of(checklists=answers, documents=documents), documents_assumed=False)
    assert parts(found) == {"checklists/A1": ("complete", []), "checklists/A2": ("missing", ["reason.document-missing"])}
    open_ = assess(pack, dossier_of(checklists=answers[:1], documents=documents), documents_assumed=False)
    assert {s: v[0] for s, v in parts(open_).items()} == {
        "checklists/A1": "complete", "checklists/miit-disclosure/sustainability_report": "missing",
        "checklists/miit-disclosure/zero_carbon_report": "missing"}


def test_evidence_of_a_single_figure(assess: Assess, pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf,
                                     dossier_of: DossierOf) -> None:
    more = f"parameters:\n  {parameter_of('low', '100', '10kCNY')}"
    evidence = "rows: {}\nfigures:\n  industrial_value_added: {any_of: [annual_accounts], covers: period}\n"
    pack = pack_of(criterion_of("T-1", 'entry: figure("industrial_value_added") >= low and consumed > 0', more=more),
                   evidence=evidence)
    row = {"id": "V1", "figure": "industrial_value_added", "amount": "2100", "unit": "10kCNY", "from": "2025-01-01",
           "to": "2025-12-31"}
    without = assess(pack, dossier_of(economics=[row]), documents_assumed=False)
    assert parts(without) == {"figure:industrial_value_added": ("missing", ["reason.document-missing"])}
    documents = [*dossier_of().canonical()["documents"],
                 {"id": "B", "kind": "annual_accounts", "covers_from": "2025-01-01", "covers_to": "2025-12-31"}]
    with_it = assess(pack, dossier_of(economics=[{**row, "documents": ["B"]}], documents=documents), documents_assumed=False)
    assert parts(with_it) == {"figure:industrial_value_added": ("complete", [])}
    nothing = assess(pack, dossier_of(economics=[]), documents_assumed=False)
    assert str(nothing.criterion("T-1").levels["entry"].verdict) == "indeterminate"
    assert parts(nothing)["figure:industrial_value_added"][0] == "missing"


def test_a_document_that_the_body_rejects_does_not_count(assess: Assess, pack_of: PackOf, share: str) -> None:
    body = judged(rejected_documents=[{"document": "D2", "because": "another plant", "by": "a-7", "on": "2026-04-01"}])
    found = assess(pack_of(easy(share), evidence=EVIDENCE), judgements=body, documents_assumed=False)
    assert parts(found)["electricity/E2"] == ("missing", ["reason.document-rejected", "reason.document-missing"])
    reason = found.criterion("T-1").evidence[1].reasons[0]
    assert (reason.subject, dict(reason.args)) == ("D2", {"because": "another plant", "person": "a-7"})


CERTIFICATE = "outcome: {kind: certification, concluded_by: {zh: 机构, en: the body}}"


def test_for_a_certificate_claimed_is_not_enough(assess: Assess, pack_of: PackOf, share: str, pack_text: str) -> None:
    header = pack_text.replace("outcome: {kind: readiness, concluded_by: {zh: 部委, en: the ministry}}", CERTIFICATE)
    pack = pack_of(easy(share), evidence=EVIDENCE, pack=header)
    claimed = assess(pack, documents_assumed=False)
    outcome = claimed.criterion("T-1").levels["entry"]
    assert (str(outcome.verdict), [str(c) for c in outcome.causes], [str(s) for s in outcome.settled_by]) == (
        "indeterminate", ["judgement"], ["body"])
    assert parts(claimed)["electricity/E1"] == ("missing", ["reason.basis-claimed"])
    seen = judged(basis=[{"row": "electricity/*", "basis": "sighted", "by": "a-7", "on": "2026-04-01"}])
    assert str(assess(pack, judgements=seen, documents_assumed=False).criterion("T-1").levels["entry"].verdict) == "met"
    one = judged(basis=[{"row": "electricity/E1", "basis": "verified_on_site", "by": "a-7", "on": "2026-04-01"}])
    assert parts(assess(pack, judgements=one, documents_assumed=False))["electricity/E2"] == ("missing", ["reason.basis-claimed"])
