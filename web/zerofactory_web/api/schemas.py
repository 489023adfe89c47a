"""Component schemas (JSON Schema 2020-12) of what is sent and answered. Answers are open: fields may be added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_web.accounts.model import ORGANISATION_KINDS
from zerofactory_web.cases.applications import FIELDS
from zerofactory_web.cases.model import FINDING_KINDS, FOUND_BY, OPINIONS
from zerofactory_web.cases.states import APPLICATION, CASE, FINDING
from zerofactory_web.jobs.model import STATES as JOB_STATES
from zerofactory_web.register.model import FILE_KINDS, LANGUAGES
from zerofactory_web.register.service import ASKED, PREFIX

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
HASH: Schema = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
OPEN: Schema = {"type": "object"}
FILE: Schema = {"type": "string", "format": "binary"}
#: One line of text, and text of several; control characters and marks that turn text around stand in neither.
_TURNING = r"\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff"
LINE: Schema = {"type": "string", "pattern": rf"^[^\x00-\x1f\x7f-\x9f{_TURNING}]*$"}
LINES: Schema = {"type": "string", "pattern": rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f{_TURNING}]*$"}
#: Fields of an application that may hold several lines.
_LONG = ("scope", "not_covered")


def ref(name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def listed(items: Schema) -> Schema:
    """A list of *items*."""
    return {"type": "array", "items": items}


def empty(schema: Schema) -> Schema:
    """*schema*, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(values: tuple[str, ...] | list[str]) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(values)}


def answer(properties: Mapping[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    """An object that is answered; every property is always there except *optional* ones."""
    return {"type": "object", "properties": dict(properties), "required": [n for n in properties if n not in optional]}


def sent(properties: Mapping[str, Schema], required: tuple[str, ...]) -> Schema:
    """An object that is sent: nothing else may stand in it."""
    return {"type": "object", "properties": dict(properties), "required": list(required),
            "additionalProperties": False}


def page_of(name: str, component: str) -> Schema:
    """A page of a list: *next* is the cursor of the page after, null on the last one."""
    return answer({name: listed(ref(component)), "next": empty(STRING)})


def _register() -> dict[str, Schema]:
    common = {
        "number": STRING, "kind": one_of(list(PREFIX)), "class": STRING, "status": one_of(list(ASKED)),
        "opinion": empty(one_of(list(OPINIONS))), "as_of": DAY,
        "client": ref("Text"), "sites": listed(ref("Text")), "scope": ref("Text"),
        "standard": answer({"id": STRING, "title": ref("Text"), "edition": STRING}),
        "levels": listed(answer({"id": STRING, "title": ref("Text")})), "issued_on": DAY, "valid_from": DAY,
        "valid_until": DAY, "surveillance_due": empty(DAY), "page": {"type": "string", "format": "uri"}}
    return {
        "CertificateBrief": answer(common),
        "CertificatePage": page_of("certificates", "CertificateBrief"),
        "Certificate": answer({
            **common, "sha256": HASH, "superseded_by": empty(STRING), "record": OPEN,
            "history": listed(answer({"status": STRING, "since": MOMENT, "told": OPEN})),
            "files": listed(answer({"kind": one_of(FILE_KINDS), "language": one_of(LANGUAGES), "sha256": HASH,
                                    "size": COUNT, "signer": STRING, "address": STRING}))}),
        "VerifyForm": sent({"file": FILE}, ("file",)),
        "Verified": answer({
            "verdict": one_of(["genuine", "unlisted", "changed", "unknown"]), "number": empty(STRING),
            "status": empty(STRING), "checked_at": MOMENT, "file": answer({"size": COUNT, "sha256": HASH}),
            "seal": empty(OPEN), "record": empty(OPEN), "bundle": empty(OPEN),
            "checks": listed(answer({"id": STRING, "result": one_of(["good", "bad", "open", "none"]),
                                     "text": STRING}))}),
        "SchemeList": answer({"schemes": listed(ref("Scheme"))}),
        "Scheme": answer({
            "reference": STRING, "sha256": HASH, "title": ref("Text"), "edition": STRING, "outcome_kind": STRING,
            "concluded_by": ref("Text"), "provisional": FLAG, "criteria": COUNT,
            "levels": listed(answer({"id": STRING, "title": ref("Text"), "order": COUNT})),
            "readings": listed(answer({"id": STRING, "clause": STRING, "question": ref("Text"), "default": STRING,
                                       "settled": FLAG, "alternatives": listed(STRING)}))})}


def _precheck() -> dict[str, Schema]:
    what: dict[str, Schema] = {
        "pack": LINE | {"minLength": 1, "maxLength": 120},
        "levels": listed(LINE | {"maxLength": 80}) | {"maxItems": 40, "uniqueItems": True},
        "readings": {"type": "object", "additionalProperties": LINE | {"maxLength": 80}, "maxProperties": 200},
        "valid_on": DAY}
    return {
        "PrecheckForm": sent({"dossier": FILE, **what}, ("dossier", "pack")),
        "PrecheckRequest": sent({"dossier": OPEN, **what}, ("dossier", "pack")),
        "Precheck": answer({
            "kind": {"const": "self-assessment"}, "notice": ref("Text"), "pack": STRING, "id": STRING,
            "outcomes": {"type": "object", "additionalProperties": STRING}, "problems": listed(ref("NotedProblem")),
            "assessment": OPEN})}


def _applications() -> dict[str, Schema]:
    fields = {name: (LINES if name.startswith(_LONG) else LINE) | {"maxLength": most}
              for name, most in FIELDS.items()}
    brief = {"number": STRING, "state": one_of(APPLICATION.states), "organisation": ref("Text"),
             "facility": ref("Text"), "pack": STRING, "submitted_at": empty(MOMENT)}
    return {
        "Organisations": answer({"organisations": listed(answer(
            {"id": STRING, "kind": one_of(ORGANISATION_KINDS), "name": ref("Text")}))}),
        "NewApplication": sent({"organisation": LINE | {"minLength": 1, "maxLength": 26}}, ("organisation",)),
        "ApplicationFields": sent(fields, tuple(fields)),
        "ApplicationBrief": answer(brief),
        "ApplicationPage": page_of("applications", "ApplicationBrief"),
        "Application": answer({
            **brief, "version": COUNT, "sector": STRING, "level": STRING, "scope": ref("Text"),
            "not_covered": ref("Text"), "answer": STRING, "checks": OPEN,
            "tasks": listed(answer({"code": STRING, "done": FLAG})), "dossiers": listed(ref("Dossier")),
            "cases": listed(answer({"number": STRING, "state": one_of(CASE.states)}))}),
        "NewDossier": sent({"dossier": FILE, "reason": LINES | {"maxLength": 1000}, "found_by": one_of(FOUND_BY)},
                           ("dossier",)),
        "Dossier": answer({
            "id": STRING, "number": COUNT, "file": STRING, "sha256": HASH, "submitted_at": MOMENT, "by": STRING,
            "found_by": one_of(FOUND_BY), "reason": STRING, "rows": {"type": "object", "additionalProperties": COUNT},
            "period": empty(OPEN), "problems": listed(ref("NotedProblem")), "changes": listed(ref("Change"))}),
        "Change": answer({"at": STRING, "before": {}, "after": {}}, optional=("before", "after"))}


def _cases() -> dict[str, Schema]:
    brief = {"number": STRING, "state": one_of(CASE.states), "application": STRING, "organisation": ref("Text"),
             "facility": ref("Text"), "pack": STRING, "outcome_kind": STRING}
    return {
        "CaseBrief": answer(brief),
        "CasePage": page_of("cases", "CaseBrief"),
        "Case": answer({
            **brief, "version": COUNT, "pack_sha256": HASH, "levels": listed(STRING),
            "readings": {"type": "object", "additionalProperties": STRING}, "valid_on": DAY, "roles": listed(STRING),
            "frozen_bundle": empty(HASH), "frozen_assessment": empty(STRING),
            "certificates": listed(answer({"number": STRING, "status": STRING, "kind": STRING, "valid_until": DAY})),
            "team": empty(listed(answer({"name": STRING, "role": STRING, "statement_at": empty(MOMENT),
                                         "ended_at": empty(MOMENT)})))}),
        "Verdicts": answer({"evaluations": listed(answer({
            "id": STRING, "number": COUNT, "at": MOMENT, "by": STRING, "levels": {}, "assessment": STRING,
            "bundle": HASH, "changed": listed({})}))}),
        "Findings": answer({"findings": listed(answer({
            "id": STRING, "kind": one_of(FINDING_KINDS), "state": one_of(FINDING.states), "clause": STRING,
            "text": STRING, "raised_at": MOMENT, "by": STRING, "cause": STRING, "correction": STRING,
            "due": empty(DAY), "document": empty(HASH), "document_name": empty(STRING), "answer": STRING,
            "closed_by": STRING}))}),
        "Questions": answer({"questions": listed(answer({
            "id": STRING, "subject": STRING, "text": STRING, "due": empty(DAY), "asked_at": MOMENT, "by": STRING,
            "answer": empty(STRING), "answered_at": empty(MOMENT), "answered_by": STRING, "document": empty(HASH),
            "document_name": empty(STRING)}))}),
        "History": answer({"most": COUNT, "acts": listed(answer({
            "seq": COUNT, "at": MOMENT, "by": STRING, "action": STRING, "reason": STRING, "hash": STRING}))})}


def _other() -> dict[str, Schema]:
    place = {"file": STRING, "line": COUNT, "column": COUNT, "path": STRING, "sheet": STRING, "cell": STRING,
             "page": COUNT, "xpath": STRING}
    noted = {"code": STRING, "severity": one_of(["error", "warning", "note"]),
             "place": answer(place, tuple(place)), "found": STRING, "accepted": STRING, "example": STRING,
             "args": {"type": "object", "additionalProperties": STRING}, "text": STRING}
    spare = ("found", "accepted", "example", "args", "text")
    return {
        "Text": answer({"zh": empty(STRING), "en": empty(STRING)}),
        "Job": answer({
            "id": STRING, "kind": STRING, "name": STRING, "state": one_of(JOB_STATES), "ended": FLAG,
            "progress": COUNT | {"maximum": 1000}, "step": STRING, "step_text": STRING, "text": STRING,
            "attempts": COUNT, "about": STRING, "asked_at": MOMENT, "ended_at": empty(MOMENT),
            "next_at": empty(MOMENT), "problems": listed(ref("NotedProblem")), "result": OPEN}),
        "ProblemType": answer({"code": STRING, "status": COUNT, "title": ref("Text")}),
        "NotedProblem": answer(noted, spare),
        "Problem": answer({
            "type": {"type": "string", "format": "uri-reference"}, "title": STRING, "status": COUNT, "detail": STRING,
            "instance": STRING, "code": STRING, "problems": listed(ref("NotedProblem"))}, ("code", "problems"))}


#: Every component by name.
COMPONENTS: dict[str, Schema] = dict(sorted(
    (_register() | _precheck() | _applications() | _cases() | _other()).items()))
