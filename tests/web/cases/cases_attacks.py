"""What somebody with the database in his hands tries, and which guard refuses it with which code.

An attack is SQL over names of the world (``:lin``, ``:in_review``). *before*: what has to be there, which is allowed;
*lifted*: other guards that stand in the way as well, taken away so that only this one is left; *loose*: keys between
tables hold the row too and are loosened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

_DEFAULTS: dict[str, dict[str, str]] = {
    "case_role": {"assigned_by": ":he", "links_since": ":since", "statement_at": "NULL", "ended_at": "NULL"},
    "evidence_basis": {"subject": "'electricity/E1'", "basis": "'sighted'", "note": "''"},
    "judgement": {"question": "'q'", "item": "''", "subject": "''", "answer": "'conforms'", "grounds": "'g'",
                  "evidence": "'[]'"},
    "evaluation": {"number": "9", "inputs": "'sha256:0'", "bundle": "'sha256:0'", "assessment": "'sha256:0'",
                   "summary": "'{}'"},
    "finding": {"kind": "'major'", "state": "'open'", "clause": "'c'", "text": "'t'", "cause": "''",
                "correction": "''", "evidence_name": "''", "answer": "''"},
    "field_note": {"kind": "'visit'", "day": ":day", "text": "'t'", "content": "'{}'", "document_name": "''"},
    "review": {"outcome": "'pass'", "text": "'t'"},
    "decision": {"reason": "'r'", "effective_on": ":day"},
    "dossier_version": {"number": "9", "file_name": "'f'", "document": "'sha256:0'", "canonical_sha256": "'sha256:0'",
                        "submitted_by": ":qingyan", "found_by": "'applicant'", "reason": "''", "summary": "'{}'",
                        "problems": "'[]'", "difference": "'[]'"},
    "membership": {"role": "'member'", "since": ":now"},
    "link": {"kind": "'consulted'", "since": ":since", "text": "'t'"},
    "competence": {},
    "certificate": {"kind": "'certificate'", "certificate_class": "'service'", "status": "'active'",
                    "issued_on": ":day", "valid_from": ":day", "valid_until": "'2029-01-01'", "content": "'{}'",
                    "sha256": "'sha256:0'", "number": "'ZC-2026-90000'", "organisation_id": ":org"},
    "certificate_status": {"since": ":later", "reason": "''", "told": "'{}'"},
    "certificate_file": {"kind": "'certificate'", "language": "'en'", "document": "'sha256:0'", "size": "1",
                         "attached": "'sha256:0'", "signer": "'s'", "seal": "'sha256:0'"},
    "complaint_step": {"by_person": ":fang"},
    "reopening": {"complaint_id": "NULL", "by_person": ":he"},
    "case_file": {"number": "'C-2026-90000'", "organisation_id": ":org", "sector": "'C3841'", "state": "'planned'", "pack": "'p'",
                  "outcome_kind": "'certification'", "pack_sha256": "'sha256:0'", "readings": "'{}'", "levels": "'[]'", "valid_on": ":day",
                  "two_persons": "FALSE", "plan": "'{}'"},
    "serial_use": {"system": "'CCER'", "serial": "'S-1 … S-9'", "series": "'S-#1#'", "low": "'001'", "high": "'009'"},
}


def row(table: str, **columns: str) -> str:
    """SQL that adds a row; values are SQL."""
    values = {"id": ":fresh", "version": "1", "created_at": ":now", **_DEFAULTS[table], **columns}
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())})"


def put(table: str, ident: str, **columns: str) -> str:
    """SQL that changes a row."""
    return f"UPDATE {table} SET {', '.join(f'{c} = {v}' for c, v in columns.items())} WHERE id = {ident}"


@dataclass(frozen=True)
class Attack:
    """One attack; *sql* is what the guard refuses with *code*."""

    guard: str
    code: str
    sql: str
    before: tuple[str, ...] = ()
    lifted: tuple[str, ...] = ()
    loose: bool = False


#: Other values of columns, where not just any text will do.
_OTHER = {"number": "'X-1'", "two_persons": "NOT two_persons", "role": "'observer'", "kind": "'minor'", "valid_on": "'2020-01-01'",
          "day": "'2020-01-01'", "due": "'2020-01-01'", "links_since": "'2020-01-01'", "created_at": "'2020-01-01T00:00:00.000000Z'",
          "statement_at": "'2020-01-01T00:00:00.000000Z'", "ended_at": "'2020-01-01T00:00:00.000000Z'",
          "frozen_at": "'2020-01-01T00:00:00.000000Z'", "answered_at": "'2020-01-01T00:00:00.000000Z'",
          "released_at": "'2020-01-01T00:00:00.000000Z'", "issued_on": "'2020-01-01'", "valid_from": "'2020-01-01'",
          "valid_until": "'2040-01-01'", "surveillance_due": "'2040-01-01'", "certificate_class": "'product'",
          "low": "'000'", "high": "'999'"}


def fixed(guard: str, table: str, ident: str, code: str, *columns: str, once: tuple[str, ...] = (),
          before: tuple[str, ...] = (), lifted: tuple[str, ...] = (), **special: str) -> Iterator[Attack]:
    """None of *columns* changes, and what is in *once* is neither changed nor emptied."""
    for name in columns:
        yield Attack(guard, code, put(table, ident, **{name: special.get(name) or _OTHER.get(name, "'another'")}), before,
                     lifted, loose=True)
    for name in once:
        for value in ("NULL", special.get(name) or _OTHER.get(name, "'another'")):
            yield Attack(guard, code, put(table, ident, **{name: value}), before, lifted, loose=True)


def kept(guard: str, table: str, code: str, where: str, before: tuple[str, ...] = ()) -> Iterator[Attack]:
    """A row is not deleted."""
    yield Attack(guard, code, f"DELETE FROM {table} WHERE {where}", before, loose=True)


def written(table: str, ident: str, code: str, column: str, before: tuple[str, ...] = (), key: str = "id") -> Iterator[Attack]:
    """A row is neither changed nor deleted."""
    yield Attack(f"{table}_final_update", code, f"UPDATE {table} SET {column} = 'sha256:9' WHERE {key} = {ident}", before, loose=True)
    yield from kept(f"{table}_final_delete", table, code, f"{key} = {ident}", before)


_SIGNED = {"statement_at": ":now"}


def people() -> Iterator[Attack]:
    """Rules 1, 2, 3, 6, 11: who takes which role."""
    team, deciding = ("evaluator", "technical_expert", "lead_evaluator"), ("reviewer", "decider")
    for had in team:
        for wants in deciding:
            first = row("case_role", id=":fresh2", case_id=":planned", person_id=":fang", role=f"'{had}'")
            attack = row("case_role", case_id=":planned", person_id=":fang", role=f"'{wants}'")
            yield Attack("case_role_reviewer", "duty.evaluated-it", attack, (first,))
            yield Attack("case_role_evaluator", "duty.reviews-it", row(
                "case_role", case_id=":planned", person_id=":fang", role=f"'{had}'"),
                (first.replace(f"'{had}'", f"'{wants}'"),))
    ended = put("case_role", ":fresh2", ended_at=":now")
    yield Attack("case_role_reviewer", "duty.evaluated-it", attack, (first, ended))
    strict = "UPDATE case_file SET two_persons = TRUE WHERE id = :planned"
    for had, wants in (deciding, deciding[::-1]):
        yield Attack("case_role_strict", "duty.strict", row("case_role", case_id=":planned", person_id=":fang", role=f"'{wants}'"),
                     (strict, row("case_role", id=":fresh2", case_id=":planned", person_id=":fang", role=f"'{had}'")))
    takes = row("case_role", case_id=":planned", person_id=":fang", role="'reviewer'")
    joins = row("membership", id=":fresh2", person_id=":fang", organisation_id=":org")
    yield Attack("case_role_member", "duty.member", takes, (joins,))
    yield Attack("case_role_member", "duty.member", takes, (joins, put("membership", ":fresh2", ended_at=":now")))
    linked = row("link", id=":fresh2", person_id=":fang", organisation_id=":org", recorded_by=":anna")
    yield Attack("case_role_linked", "duty.linked", takes, (linked,))
    yield Attack("case_role_linked", "duty.linked", takes, (linked, put("link", ":fresh2", until=":since")))
    for who, role in (("zhao", "reviewer"), ("he", "evaluator"), ("wu", "technical_expert"), ("he", "lead_evaluator"),
                      ("lin", "observer")):
        yield Attack("case_role_missing", "duty.role-missing", row("case_role", case_id=":bare", person_id=f":{who}", role=f"'{role}'"))
    for end in (put("body_role", "(SELECT id FROM body_role WHERE person_id = :zhao AND role = 'decider')", ended_at=":now"),
                "UPDATE person SET active = FALSE WHERE id = :zhao"):
        yield Attack("case_role_missing", "duty.role-missing", row("case_role", case_id=":bare", person_id=":zhao", role="'decider'"), (end,))
    yield Attack("case_role_competence", "duty.not-competent", row("case_role", case_id=":bare", person_id=":xu", role="'evaluator'"))
    yield Attack("case_role_competence", "duty.not-competent", row("case_role", case_id=":bare", person_id=":fang", role="'reviewer'"),
                 ("UPDATE competence SET ended_at = :now WHERE person_id = :fang",))
    yield Attack("case_role_competence", "duty.not-competent", row(
        "case_role", case_id=":bare", person_id=":fang", role="'reviewer'", created_at="'2029-06-01T00:00:00.000000Z'"))
    yield Attack("membership_case", "duty.member", row("membership", person_id=":lin", organisation_id=":org"))
    yield Attack("membership_case", "duty.member", row("membership", person_id=":he", organisation_id=":org"))
    role = "(SELECT id FROM case_role WHERE case_id = :started AND person_id = :wu)"
    yield from fixed("case_role_final", "case_role", role, "cases.final", "id", "case_id", "person_id", "role", "assigned_by",
                     "links_since", "created_at", once=("statement_at", "ended_at"), before=(put("case_role", role, ended_at=":now"),))


def states() -> Iterator[Attack]:
    """What may follow what, and what stands still from when on."""
    for case, to in (("planned", "findings_open"), ("started", "in_review"), ("evaluated", "corrective_action"), ("in_review", "in_evaluation"),
                     ("granted", "planned"), ("refused", "in_evaluation"), ("sent_back", "in_review")):
        yield Attack("case_file_steps", "cases.step", put("case_file", f":{case}", state=f"'{to}'"))
    for application, to in (("draft", "accepted"), ("submitted", "draft"), ("granted", "submitted"), ("returned", "accepted")):
        yield Attack("application_steps", "cases.step", put("application", f":app_{application}", state=f"'{to}'"))
    for finding, to in (("findings_open", "closed"), ("findings_open", "planned"), ("corrective_action", "shown")):
        yield Attack("finding_steps", "cases.step", put("finding", f":finding_{finding}", state=f"'{to}'"))
    yield Attack("surveillance_steps", "cases.step", put("surveillance", ":surveillance", state="'continued'"))
    yield Attack("surveillance_steps", "cases.step", put("surveillance", ":surveillance_done", state="'scheduled'"))
    for to in ("decided", "closed", "upheld"):
        yield Attack("complaint_steps", "cases.step", put("complaint", ":complaint", state=f"'{to}'"),
                     lifted=("complaint_handled", "complaint_decided", "complaint_upheld"))
    yield from fixed("case_file_pack", "case_file", ":started", "cases.pack-frozen", "pack", "pack_sha256", "outcome_kind", "readings",
                     "levels", "valid_on", "two_persons", "sector")
    yield from fixed("case_file_whose", "case_file", ":planned", "cases.final", "id", "number", "application_id", "organisation_id",
                     "created_at")
    for case in ("in_review", "granted"):
        yield from fixed("case_file_frozen", "case_file", f":{case}", "cases.frozen", once=("frozen_bundle", "frozen_assessment", "frozen_at"))
    bundle = "(SELECT bundle FROM evaluation WHERE id = :run_evaluated)"
    complete = {"state": "'evaluation_complete'", "frozen_bundle": bundle, "frozen_assessment": "'sha256:0'", "frozen_at": ":now"}
    for wrong in ({"frozen_bundle": "NULL"}, {"frozen_assessment": "NULL"}, {"frozen_bundle": ":bundle_in_review"}):
        yield Attack("case_file_complete", "cases.not-evaluated", put("case_file", ":evaluated", **{**complete, **wrong}))
    passed = put("case_file", ":in_review", state="'review_passed'")
    yield Attack("case_file_reviewed", "cases.not-reviewed", passed)
    yield Attack("case_file_reviewed", "cases.not-reviewed", passed, (row(
        "review", case_id=":in_review", by_person=":he", bundle=":bundle_in_review", outcome="'send_back'"),))
    for state, other in (("granted", "refuse"), ("refused", "grant")):
        decided = put("case_file", ":review_passed", state=f"'{state}'")
        yield Attack(f"case_file_{state}", "cases.not-decided", decided)
        yield Attack(f"case_file_{state}", "cases.not-decided", decided, (row(
            "decision", case_id=":review_passed", by_person=":zhao", kind=f"'{other}'", bundle=":bundle_review_passed"),))
    grant = row("decision", case_id=":review_passed", by_person=":zhao", kind="'grant'", bundle=":bundle_review_passed")
    major = row("finding", id=":fresh2", case_id=":review_passed", raised_by=":lin")
    yield Attack("case_file_majors", "cases.major-open", put("case_file", ":review_passed", state="'granted'"), (grant, major))
    yield Attack("case_file_majors", "cases.major-open", put("case_file", ":review_passed", state="'granted'"),
                 (grant, major, put("finding", ":fresh2", state="'answered'"), put("finding", ":fresh2", state="'planned'")))


def acts() -> Iterator[Attack]:
    """Who did it held the role and had signed, and the case was where such a thing is done."""
    unsigned = row("case_role", id=":fresh2", case_id=":evaluated", person_id=":fang", role="'evaluator'")
    signed = unsigned.replace("NULL, NULL", ":now, NULL")
    assert signed != unsigned
    of_fang = "(SELECT id FROM body_role WHERE person_id = :fang AND role = 'evaluator')"
    linked = row("link", id=":fresh3", person_id=":fang", organisation_id=":org", recorded_by=":anna")
    for table, who in (("evidence_basis", "by_person"), ("judgement", "by_person"), ("finding", "raised_by"), ("field_note", "by_person")):
        for name in ("he", "zheng", "qingyan"):
            yield Attack(f"{table}_team", "duty.not-in-team", row(table, case_id=":evaluated", **{who: f":{name}"}))
        attack = row(table, case_id=":evaluated", **{who: ":fang"})
        for before in ((unsigned,), (signed, put("case_role", ":fresh2", ended_at=":now")), (signed, linked),
                       (signed, put("body_role", of_fang, ended_at=":now"))):
            yield Attack(f"{table}_team", "duty.not-in-team", attack, before)
    for case in ("evaluation_complete", "in_review", "review_passed", "granted", "refused"):
        for table in ("evidence_basis", "judgement"):
            yield Attack(f"{table}_frozen", "cases.frozen", row(table, case_id=f":{case}", by_person=":lin"))
        yield Attack("evaluation_frozen", "cases.frozen", row("evaluation", case_id=f":{case}", by_person=":lin",
                                                              dossier_version_id=":version_in_review"))
        yield Attack("dossier_version_frozen", "cases.frozen", row("dossier_version", application_id=f":app_{case}"))
    review = {"case_id": ":in_review", "bundle": ":bundle_in_review"}
    for name in ("zhao", "fang", "qingyan"):
        yield Attack("review_reviewer", "duty.not-reviewer", row("review", by_person=f":{name}", **review))
    yield Attack("review_bundle", "cases.not-in-review", row("review", by_person=":he", **{**review, "bundle": ":bundle_granted"}))
    for case in ("review_passed", "evaluation_complete"):
        yield Attack("review_bundle", "cases.not-in-review", row("review", by_person=":he", case_id=f":{case}", bundle=f":bundle_{case}"))
    decision = {"case_id": ":review_passed", "bundle": ":bundle_review_passed", "kind": "'grant'"}
    for name in ("he", "fang", "anna"):
        yield Attack("decision_decider", "duty.not-decider", row("decision", by_person=f":{name}", **decision))
    suspend = {"case_id": ":granted", "bundle": ":bundle_granted", "kind": "'suspend'"}
    yield Attack("decision_decider", "duty.not-decider", row("decision", by_person=":he", **suspend))
    for role, table, case, more in (("reviewer", "review", "in_review", review), ("decider", "decision", "review_passed", decision)):
        both = (row("case_role", id=":fresh2", case_id=f":{case}", person_id=":fang", role="'evaluator'"),
                put("case_role", ":fresh2", ended_at=":now"),
                row("case_role", id=":fresh3", case_id=f":{case}", person_id=":fang", role=f"'{role}'", **_SIGNED))
        yield Attack(f"{table}_evaluated", "duty.evaluated-it", row(table, by_person=":fang", **more), both,
                     ("case_role_reviewer", "case_role_frozen", "case_role_ended"))
    for case in ("in_review", "sent_back", "granted"):
        yield Attack("decision_reviewed", "cases.not-reviewed", row(
            "decision", by_person=":zhao", case_id=f":{case}", bundle=f":bundle_{case}" if case != "sent_back" else "'sha256:0'", kind="'refuse'"))
    yield Attack("decision_reviewed", "cases.not-reviewed", row("decision", by_person=":zhao", **{**decision, "bundle": ":bundle_granted"}))
    for kind in ("suspend", "reinstate", "withdraw", "reduce", "extend", "reissue", "terminate", "continue"):
        yield Attack("decision_granted", "cases.not-decided", row("decision", by_person=":zhao", **{**decision, "kind": f"'{kind}'"}))
    yield Attack("decision_granted", "cases.not-decided", row("decision", by_person=":zhao", **{**suspend, "bundle": ":bundle_refused"}))


def history() -> Iterator[Attack]:
    """Nothing is deleted; what was written once is not rewritten."""
    one = {name: f"(SELECT min(id) FROM {name} WHERE case_id = :in_review)" for name in ("evidence_basis", "judgement", "field_note", "evaluation")}
    yield from written("dossier_version", ":version_evaluated", "cases.final", "document")
    for name, column in (("evidence_basis", "note"), ("judgement", "grounds"), ("evaluation", "bundle"), ("field_note", "text")):
        yield from written(name, one[name], "cases.final", column)
    yield from written("review", "(SELECT min(id) FROM review)", "cases.final", "text")
    yield from written("decision", ":decision_refused", "cases.final", "reason")
    for table, ident in (("application", ":app_draft"), ("case_file", ":bare"), ("case_role", "(SELECT min(id) FROM case_role)"),
                         ("finding", ":finding_findings_open"), ("clarification", ":question"), ("surveillance", ":surveillance"),
                         ("complaint", ":complaint")):
        yield from kept(f"{table}_kept", table, "cases.final", f"id = {ident}")
    yield from fixed("application_whose", "application", ":app_draft", "cases.final", "id", "number", "organisation_id", "made_by")
    yield from fixed("finding_whose", "finding", ":finding_findings_open", "cases.final", "id", "case_id", "kind", "clause", "text", "raised_by")
    yield from fixed("clarification_whose", "clarification", ":answered", "cases.final", "id", "case_id", "subject", "text", "due", "asked_by",
                     once=("answered_by", "answered_at", "document"), before=(put("clarification", ":answered", document="'sha256:0'"),))
    yield from fixed("complaint_whose", "complaint", ":appeal", "cases.final", "id", "number", "text", "received_from",
                     once=("case_id", "appeal", "decided_by"), before=(put("complaint", ":appeal", decided_by=":fang"),),
                     lifted=("complaint_decided",))
    yield from fixed("surveillance_whose", "surveillance", ":surveillance_done", "cases.final", "id", "case_id", "certificate_id", "due",
                     once=("document", "done_by", "decision_id"),
                     before=(put("surveillance", ":surveillance_done", document="'sha256:0'", decision_id=":decision_refused"),))


def register() -> Iterator[Attack]:
    """Certificates only from grants; their status by decisions; serials once."""
    yield Attack("certificate_granted", "register.not-granted", row("certificate", **ISSUE), GRANT[:1])
    for wrong in ({"bundle": ":bundle_granted"}, {"organisation_id": ":other_org"}, {"case_id": ":granted"}, {"decision_id": ":decision_refused"},
                  {"kind": "'statement'"}):
        yield Attack("certificate_granted", "register.not-granted", row("certificate", **{**ISSUE, **wrong}), GRANT, _OPINION)
    for kind in ("'certificate'", "'statement'"):
        yield Attack("certificate_granted", "register.not-granted", row("certificate", **{
            **ISSUE, "case_id": ":readiness", "decision_id": ":fresh3", "bundle": ":bundle_readiness", "kind": kind}), READY, _OPINION)
    yield Attack("certificate_replaces", "register.not-replaced", row("certificate", supersedes=":certificate", **ISSUE), GRANT)
    yield Attack("certificate_replaces", "register.not-replaced", row("certificate", supersedes=":certificate", **ISSUE),
                 (*GRANT, *READY, *superseded(":fresh3")))
    suspend = row("decision", id=":fresh2", case_id=":granted", by_person=":zhao", kind="'suspend'", bundle=":bundle_granted")
    yield Attack("certificate_granted", "register.not-granted", row("certificate", case_id=":granted", decision_id=":fresh2", bundle=":bundle_granted"),
                 (suspend,))
    became = {s: row("certificate_status", id=f":fresh{n}", certificate_id=":certificate", status=f"'{s}'", decision_id=":fresh2",
                     since=f"'2030-01-0{n}T00:00:00.000000Z'") for n, s in ((3, "suspended"), (4, "superseded"))}
    suspended = put("certificate", ":certificate", status="'suspended'")
    yield Attack("certificate_steps", "register.step", put("certificate", ":certificate", status="'superseded'"),
                 (suspend, became["suspended"], suspended, became["superseded"]), ("certificate_decided",))
    yield Attack("certificate_decided", "register.not-decided", suspended)
    yield Attack("certificate_decided", "register.not-decided", suspended, (became["suspended"].replace(":fresh2", "NULL"),))
    yield Attack("certificate_decided", "register.not-decided", suspended, (suspend, became["suspended"], became["superseded"]))
    yield Attack("certificate_decided", "register.not-decided", suspended, (became["suspended"].replace(":fresh2", ":decision_refused"),))
    yield Attack("certificate_decided", "register.not-decided", suspended, (became["suspended"].replace(":fresh2", ":decision_granted"),))
    for to, kinds in (("suspended", ("withdraw", "terminate", "reinstate", "continue")), ("withdrawn", ("suspend", "terminate")),
                      ("terminated", ("withdraw",)), ("superseded", ("extend", "reduce", "reissue")), ("expired", ("terminate",))):
        for kind in kinds:
            yield Attack("certificate_decided", "register.not-decided", put("certificate", ":certificate", status=f"'{to}'"), (
                suspend.replace("'suspend'", f"'{kind}'"), became["suspended"].replace("'suspended'", f"'{to}'")))
    for decision in (":decision_granted", ":decision_refused"):
        status, change = superseded(decision)
        yield Attack("certificate_decided", "register.not-decided", change, (status,))
    status, change = superseded(":fresh2")
    yield Attack("certificate_decided", "register.not-decided", change, (GRANT[0], status))
    yield from fixed("certificate_final", "certificate", ":certificate", "register.final", "id", "number", "kind", "certificate_class", "case_id",
                     "decision_id", "organisation_id", "issued_on", "valid_from", "valid_until", "content", "sha256", "bundle",
                     once=("supersedes", "surveillance_due"), before=(put("certificate", ":certificate", supersedes=":certificate"),),
                     kind="'statement'")
    yield from kept("certificate_kept", "certificate", "register.final", "id = :certificate")
    yield from written("certificate_status", "(SELECT min(id) FROM certificate_status)", "register.final", "reason")
    yield from written("certificate_text", ":certificate", "register.final", "text", key="certificate_id")
    yield from written("certificate_file", ":fresh", "register.final", "document", (row("certificate_file", certificate_id=":certificate"),))
    first = row("serial_use", id=":fresh2", case_id=":granted", certificate_id=":certificate")
    for low, high in (("001", "009"), ("009", "020"), ("000", "001"), ("003", "004"), ("000", "999")):
        yield Attack("serial_use_twice", "register.serial-twice", row(
            "serial_use", case_id=":refused", certificate_id=":certificate", low=f"'{low}'", high=f"'{high}'"), (first,))
    yield from fixed("serial_use_final", "serial_use", ":fresh2", "register.final", "id", "system", "serial", "series", "low", "high", "case_id",
                     "certificate_id", once=("released_at",), before=(first, put("serial_use", ":fresh2", released_at=":now")))
    yield from kept("serial_use_kept", "serial_use", "register.final", "id = :fresh2", (first,))
    for change in ("last = last + 2", "last = last - 1", "last = last + 1, name = 'ZC-2020'"):
        yield Attack("number_sequence_up", "register.final", f"UPDATE number_sequence SET {change}")
    yield from kept("number_sequence_kept", "number_sequence", "register.final", "name = 'ZC-2026'")


#: A grant that a certificate can follow, and one of a readiness case, that none follows.
GRANT = (row("decision", id=":fresh2", case_id=":review_passed", by_person=":zhao", kind="'grant'", bundle=":bundle_review_passed"),
         put("case_file", ":review_passed", state="'granted'"))
READY = (row("decision", id=":fresh3", case_id=":readiness", by_person=":zhao", kind="'grant'", bundle=":bundle_readiness"),
         put("case_file", ":readiness", state="'granted'"))
ISSUE = {"case_id": ":review_passed", "decision_id": ":fresh2", "bundle": ":bundle_review_passed"}
_OPINION = ("certificate_opinion",)


def superseded(decision: str) -> tuple[str, str]:
    """The certificate is superseded by a decision."""
    return (row("certificate_status", id=":fresh4", certificate_id=":certificate", status="'superseded'", decision_id=decision),
            put("certificate", ":certificate", status="'superseded'"))


def step(state: str, who: str = "fang", of: str = "appeal", ident: str = ":fresh") -> str:
    """SQL: *who* took a complaint to *state*."""
    return row("complaint_step", id=ident, complaint_id=f":{of}", state=f"'{state}'", by_person=f":{who}")


def handled(*states: str, of: str = "appeal") -> tuple[str, ...]:
    """SQL: 方 takes a complaint from state to state."""
    found: list[str] = []
    for n, state in enumerate(states):
        decided = {"decided_by": ":fang"} if state == "decided" else {}
        found += [step(state, of=of, ident=f"'{n + 5:026d}'"), put("complaint", f":{of}", state=f"'{state}'", **decided)]
    return tuple(found)


UPHELD = handled("acknowledged", "investigating", "decided", "upheld")
AFTER_APPEAL = row("reopening", case_id=":fresh2", follows=":refused", why="'appeal'", complaint_id=":appeal")
EXTENDED = row("reopening", case_id=":fresh2", follows=":granted", why="'extend'")
FOLLOWING = {"id": ":fresh2", "application_id": ":app_granted", "follows": ":granted"}


def complaints() -> Iterator[Attack]:
    """Rule 5: who takes which step of a complaint."""
    for who in ("zheng", "anna", "qingyan"):
        yield Attack("complaint_step_handler", "duty.not-handler", step("acknowledged", who))
    for end in ("UPDATE person SET active = FALSE WHERE id = :fang",
                put("body_role", "(SELECT id FROM body_role WHERE person_id = :fang AND role = 'complaints_handler')", ended_at=":now")):
        yield Attack("complaint_step_handler", "duty.not-handler", step("acknowledged"), (end,))
    for of, case in (("complaint", "granted"), ("appeal", "refused")):
        reviews = row("case_role", id=":fresh2", case_id=f":{case}", person_id=":fang", role="'reviewer'")
        for state in ("acknowledged", "investigating", "decided", "closed", "upheld"):
            yield Attack("complaint_step_part", "duty.complaint-part", step(state, of=of), (reviews,))
        yield Attack("complaint_step_part", "duty.complaint-part", step("decided", of=of), (reviews, put("case_role", ":fresh2", ended_at=":now")))
        for role in ("reviewer", "decider", "observer"):
            takes = row("case_role", id=":fresh2", case_id=f":{case}", person_id=":fang", role=f"'{role}'")
            yield Attack("case_role_complaint", "duty.handles-complaint", takes, (step("acknowledged", of=of, ident=":fresh3"),))
    yield from written("complaint_step", ":fresh", "cases.final", "by_person", (step("acknowledged"),))
    so_far: tuple[str, ...] = ()
    for state in ("acknowledged", "investigating", "decided", "closed", "upheld"):
        lifted = ("complaint_decided",) if state == "decided" else ()
        yield Attack("complaint_handled", "cases.not-handled", put("complaint", ":appeal", state=f"'{state}'"), so_far, lifted)
        if state in ("acknowledged", "investigating", "decided"):
            so_far = handled(*("acknowledged", "investigating", "decided")[:len(so_far) // 2 + 1])
    decides = put("complaint", ":appeal", state="'decided'", decided_by=":qian")
    investigated = handled("acknowledged", "investigating")
    yield Attack("complaint_decided", "cases.not-handled", decides, (*investigated, step("decided")))
    yield Attack("complaint_decided", "cases.not-handled", put("complaint", ":appeal", state="'decided'"), (*investigated, step("decided")))
    for who in ("he", "fang"):
        yield Attack("complaint_decided", "cases.not-handled", put("complaint", ":complaint", decided_by=f":{who}"))
    yield Attack("complaint_upheld", "cases.not-an-appeal", put("complaint", ":complaint", state="'upheld'"), (
        *handled("acknowledged", "investigating", "decided", of="complaint"), step("upheld", of="complaint")))


def reopened() -> Iterator[Attack]:
    """A case follows another for a reason on record; nobody comes to a team or leaves it once its work is complete."""
    for before in ((), UPHELD[:-2], (*UPHELD[:-2], *(s.replace("'upheld'", "'closed'") for s in UPHELD[-2:]))):
        yield Attack("reopening_upheld", "cases.appeal-not-upheld", AFTER_APPEAL, before)
    yield Attack("reopening_upheld", "cases.appeal-not-upheld", AFTER_APPEAL.replace(":refused", ":granted"), UPHELD)
    yield Attack("reopening_upheld", "cases.appeal-not-upheld", AFTER_APPEAL.replace(":appeal", ":complaint").replace(":refused", ":granted"),
                 (*handled("acknowledged", "investigating", "decided", "upheld", of="complaint"),), ("complaint_upheld",))
    for case in ("planned", "in_review", "review_passed", "sent_back"):
        yield Attack("reopening_over", "cases.case-open", EXTENDED.replace(":granted", f":{case}"))
    yield from written("reopening", ":fresh", "cases.final", "follows", (EXTENDED,))
    yield Attack("case_file_follows", "cases.not-reopened", row("case_file", **FOLLOWING))
    for wrong in ({"follows": "NULL"}, {"follows": ":refused"}, {"id": ":fresh3"}, {"application_id": ":app_refused"}):
        yield Attack("case_file_follows", "cases.not-reopened", row("case_file", **{**FOLLOWING, **wrong}), (EXTENDED,))
    follows = (EXTENDED, row("case_file", **FOLLOWING))
    for value in ("NULL", ":refused"):
        yield Attack("case_file_followed", "cases.final", put("case_file", ":fresh2", follows=value), follows)
    yield Attack("case_file_followed", "cases.final", put("case_file", ":granted", follows=":refused"))
    for case in ("evaluation_complete", "in_review", "review_passed", "granted", "refused"):
        for role in ("evaluator", "technical_expert", "lead_evaluator"):
            yield Attack("case_role_frozen", "cases.team-frozen", row("case_role", case_id=f":{case}", person_id=":fang", role=f"'{role}'"))
        for who in ("lin", "wu"):
            yield Attack("case_role_ended", "cases.team-frozen", put(
                "case_role", f"(SELECT id FROM case_role WHERE case_id = :{case} AND person_id = :{who})", ended_at=":now"))


#: What the guards let pass: the acts that they are not meant for.
ALLOWED: tuple[tuple[str, ...], ...] = (
    (*GRANT, row("certificate", **ISSUE)), (*GRANT, *superseded(":fresh2"), row("certificate", supersedes=":certificate", **ISSUE)),
    *(tuple(s.replace("'suspend'", f"'{kind}'").replace("'suspended'", f"'{to}'") for s in (
        row("decision", id=":fresh2", case_id=":granted", by_person=":zhao", kind="'suspend'", bundle=":bundle_granted"),
        row("certificate_status", certificate_id=":certificate", status="'suspended'", decision_id=":fresh2"),
        put("certificate", ":certificate", status="'suspended'")))
      for kind, to in (("suspend", "suspended"), ("withdraw", "withdrawn"), ("terminate", "terminated"))),
    (row("certificate_status", certificate_id=":certificate", status="'expired'", decision_id="NULL"),
     put("certificate", ":certificate", status="'expired'")),
    UPHELD, (*UPHELD, AFTER_APPEAL, row("case_file", **{**FOLLOWING, "application_id": ":app_refused", "follows": ":refused"})),
    (EXTENDED, row("case_file", **FOLLOWING)),
    (*handled("acknowledged", "investigating", "decided", "closed", of="complaint"),
     row("case_role", id=":fresh2", case_id=":granted", person_id=":fang", role="'decider'")),
    *((row("case_role", id=":fresh2", case_id=f":{case}", person_id=":fang", role=f"'{role}'"), put("case_role", ":fresh2", ended_at=":now"))
      for case, role in (("in_review", "reviewer"), ("granted", "decider"), ("refused", "observer"), ("sent_back", "evaluator"))))


def jobs() -> Iterator[Attack]:
    """Jobs are evidence too."""
    job = "(SELECT min(id) FROM job)"
    yield from fixed("job_whose", "job", job, "jobs.final", "id", "kind", "key", "payload", "created_at")
    for state in ("done", "given_up"):
        yield Attack("job_ended", "jobs.final", put("job", job, state="'queued'"), (put("job", job, state=f"'{state}'"),))
        yield Attack("job_ended", "jobs.final", put("job", job, result="'other'"), (put("job", job, state=f"'{state}'"),))
    yield from kept("job_kept", "job", "jobs.final", f"id = {job}")


ATTACKS: tuple[Attack, ...] = tuple(a for part in (people, states, acts, history, register, complaints, reopened, jobs) for a in part())
#: On PostgreSQL a table can be emptied at once: whatever refuses a DELETE refuses that too.
EMPTYING: tuple[Attack, ...] = tuple(dict.fromkeys(
    replace(a, guard=f"{a.guard}_all", sql=f"TRUNCATE {a.sql.split()[2]}", before=()) for a in ATTACKS if a.sql.startswith("DELETE")))
