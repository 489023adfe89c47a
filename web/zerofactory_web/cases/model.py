"""Tables of certification: applications with their dossiers, cases with their people, evidence and decisions.

Nothing is ever deleted: a correction is a new version that names what it supersedes. Hashes are ``sha256:…``; document
columns name files of the store.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zerofactory_mappings.verification.model import ADVERSE, DISCLAIMED, MODIFIED, UNMODIFIED
from zerofactory_web.cases.states import APPLICATION, CASE, COMPLAINT, FINDING, SURVEILLANCE
from zerofactory_web.store.model import ID_LENGTH, Identified

HASH = 71
#: Roles on a case; each asks for the role at the body that stands beside it.
CASE_ROLES = {"lead_evaluator": "evaluator", "evaluator": "evaluator", "technical_expert": "technical_expert",
              "reviewer": "reviewer", "decider": "decider", "observer": "observer"}
BASES = ("claimed", "sighted", "cross_checked", "verified_on_site", "rejected")
ANSWERS = ("conforms", "observation", "minor", "major", "not_assessed")
FINDING_KINDS = ("major", "minor", "observation")
NOTE_KINDS = ("visit", "sample", "interview", "photograph", "document_review")
FOUND_BY = ("applicant", "evaluator")
DECISIONS = ("grant", "refuse", "suspend", "reinstate", "withdraw", "reduce", "extend", "reissue", "terminate",
             "continue")
#: Opinions of a verification, from the mildest to the gravest.
OPINIONS = (UNMODIFIED, MODIFIED, ADVERSE, DISCLAIMED)


def _one_of(column: str, values: tuple[str, ...] | list[str]) -> str:
    return f"{column} IN ({', '.join(repr(v) for v in values)})"


class Application(Identified):
    """An organisation asks for certification of a facility under a pack and level. *sector*: GB/T 4754; *pack*: as
    ``id@version`` or, with an overlay of the body, ``id@version+overlay``; *draft*: the dossier as it is worked on in
    the browser; *answer*: why it was returned or declined; *checks*: what the body looked at before accepting."""

    __tablename__ = "application"
    __table_args__ = (CheckConstraint(_one_of("state", APPLICATION.states), name="state"),)

    number: Mapped[str] = mapped_column(String(30), unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default=APPLICATION.initial, index=True)
    facility_zh: Mapped[str] = mapped_column(String(200), default="")
    facility_en: Mapped[str] = mapped_column(String(200), default="")
    sector: Mapped[str] = mapped_column(String(10), default="")
    pack: Mapped[str] = mapped_column(String(120), default="")
    level: Mapped[str] = mapped_column(String(40), default="")
    scope_zh: Mapped[str] = mapped_column(Text, default="")
    scope_en: Mapped[str] = mapped_column(Text, default="")
    not_covered_zh: Mapped[str] = mapped_column(Text, default="")
    not_covered_en: Mapped[str] = mapped_column(Text, default="")
    draft: Mapped[str | None] = mapped_column(String(HASH), info={"document": True})
    checks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")


class DraftFile(Identified):
    """A file beside the draft of a dossier: *path* in its archive, *size* in bytes; without a *document* the file of
    that path in the newest version is left out."""

    __tablename__ = "draft_file"
    __table_args__ = (UniqueConstraint("application_id", "path"),)

    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"))
    path: Mapped[str] = mapped_column(String(300))
    document: Mapped[str | None] = mapped_column(String(HASH), info={"document": True})
    size: Mapped[int] = mapped_column(Integer)


class DossierVersion(Identified):
    """One submission of the dossier of an application; never changed. *found_by*: who found what changed since the
    version before; *reason*: why; *difference*: what changed; *summary*: what it is about and how many rows it has."""

    __tablename__ = "dossier_version"
    __table_args__ = (UniqueConstraint("application_id", "number"),
                      CheckConstraint(_one_of("found_by", FOUND_BY), name="found_by"))

    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    file_name: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(String(HASH), info={"document": True})
    canonical_sha256: Mapped[str] = mapped_column(String(HASH))
    submitted_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    found_by: Mapped[str] = mapped_column(String(20), default="applicant")
    reason: Mapped[str] = mapped_column(Text, default="")
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problems: Mapped[list[Any]] = mapped_column(default=list)
    difference: Mapped[list[Any]] = mapped_column(default=list)


class Case(Identified):
    """The evaluation of an accepted application. Pack (*pack_sha256*: with its overlay), readings, levels and law date
    are frozen with the plan; *frozen_bundle* and *frozen_at* are set when the evaluation is complete and stand from
    then on. *two_persons*: reviewer and decision maker have to differ; *follows*: the case that this one continues
    after an appeal or for a changed scope."""

    __tablename__ = "case_file"
    __table_args__ = (CheckConstraint(_one_of("state", CASE.states), name="state"),)

    number: Mapped[str] = mapped_column(String(30), unique=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    sector: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20), default=CASE.initial, index=True)
    pack: Mapped[str] = mapped_column(String(120))
    outcome_kind: Mapped[str] = mapped_column(String(20))
    pack_sha256: Mapped[str] = mapped_column(String(HASH))
    readings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    levels: Mapped[list[Any]] = mapped_column(default=list)
    valid_on: Mapped[date]
    two_persons: Mapped[bool] = mapped_column(Boolean, default=False)
    follows: Mapped[str | None] = mapped_column(ForeignKey("case_file.id"))
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    frozen_bundle: Mapped[str | None] = mapped_column(String(HASH), info={"document": True})
    frozen_assessment: Mapped[str | None] = mapped_column(String(80))
    frozen_at: Mapped[datetime | None]


class CaseRole(Identified):
    """A person's role on a case. *links_since*: links to the applicant that ended before that day no longer count
    (rule 3); *statement_at*: when the statement on conflicts of interest was signed."""

    __tablename__ = "case_role"
    __table_args__ = (CheckConstraint(_one_of("role", list(CASE_ROLES)), name="role"),
                      UniqueConstraint("case_id", "person_id", "role"))

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    assigned_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    links_since: Mapped[date]
    statement_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class EvidenceBasis(Identified):
    """How the body saw a thing: *subject* is a row (``electricity/E1``, ``electricity/*``) or a document (``D3``), of
    which ``rejected`` says that it is no evidence and *note* why. The newest row of a subject holds."""

    __tablename__ = "evidence_basis"
    __table_args__ = (CheckConstraint(_one_of("basis", BASES), name="basis"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    subject: Mapped[str] = mapped_column(String(200), index=True)
    basis: Mapped[str] = mapped_column(String(20))
    by_person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(Text, default="")


class JudgementRow(Identified):
    """A qualified person's answer: to a criterion's question (*question*; *subject* is the row) or to an *item* of a
    published question set. The newest row of (question, item, subject) holds."""

    __tablename__ = "judgement"
    __table_args__ = (CheckConstraint(_one_of("answer", ANSWERS), name="answer"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    question: Mapped[str] = mapped_column(String(200), index=True)
    item: Mapped[str] = mapped_column(String(120), default="")
    subject: Mapped[str] = mapped_column(String(120), default="")
    answer: Mapped[str] = mapped_column(String(20))
    grounds: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    by_person: Mapped[str] = mapped_column(ForeignKey("person.id"))


class Evaluation(Identified):
    """One run of the evaluation: its bundle and the hash of its assessment. *inputs*: hash of all that it was computed
    from, so that a later run is known to be of the same evidence."""

    __tablename__ = "evaluation"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    dossier_version_id: Mapped[str] = mapped_column(ForeignKey("dossier_version.id"))
    inputs: Mapped[str] = mapped_column(String(HASH))
    bundle: Mapped[str] = mapped_column(String(HASH), info={"document": True})
    assessment: Mapped[str] = mapped_column(String(80))
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    by_person: Mapped[str] = mapped_column(String(ID_LENGTH))


class Finding(Identified):
    """A nonconformity or observation with its correction."""

    __tablename__ = "finding"
    __table_args__ = (CheckConstraint(_one_of("kind", FINDING_KINDS), name="kind"),
                      CheckConstraint(_one_of("state", FINDING.states), name="state"))

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default=FINDING.initial)
    clause: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    raised_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    cause: Mapped[str] = mapped_column(Text, default="")
    correction: Mapped[str] = mapped_column(Text, default="")
    due: Mapped[date | None]
    evidence: Mapped[str | None] = mapped_column(String(HASH), info={"document": True})
    evidence_name: Mapped[str] = mapped_column(String(200), default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class FieldNote(Identified):
    """What the team did and saw: a site visit, a sample, an interview, a photograph. *day*: when; *content*: its
    fields; *document*: a file that belongs to it."""

    __tablename__ = "field_note"
    __table_args__ = (CheckConstraint(_one_of("kind", NOTE_KINDS), name="kind"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    document: Mapped[str | None] = mapped_column(String(HASH), info={"document": True})
    document_name: Mapped[str] = mapped_column(String(200), default="")
    by_person: Mapped[str] = mapped_column(ForeignKey("person.id"))


class Clarification(Identified):
    """A question of the body to the applicant about evidence, with a day until which it is to be answered."""

    __tablename__ = "clarification"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    due: Mapped[date]
    asked_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    document: Mapped[str | None] = mapped_column(String(HASH), info={"document": True})
    document_name: Mapped[str] = mapped_column(String(200), default="")


class Review(Identified):
    """The technical review of a complete evaluation."""

    __tablename__ = "review"
    __table_args__ = (CheckConstraint(_one_of("outcome", ("pass", "send_back")), name="outcome"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    by_person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    bundle: Mapped[str] = mapped_column(String(HASH))


class Decision(Identified):
    """A decision on a case or certificate, by somebody who did not evaluate.

    *opinion*: in which a granted verification ends, with *basis_zh* and *basis_en*: why it is not an unmodified one;
    *report_number*: of the readiness report in which a granted readiness case ends.
    """

    __tablename__ = "decision"
    __table_args__ = (CheckConstraint(_one_of("kind", DECISIONS), name="kind"),
                      CheckConstraint(_one_of("opinion", OPINIONS), name="opinion"))

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    by_person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text)
    bundle: Mapped[str] = mapped_column(String(HASH))
    effective_on: Mapped[date]
    opinion: Mapped[str | None] = mapped_column(String(20))
    basis_zh: Mapped[str] = mapped_column(Text, default="")
    basis_en: Mapped[str] = mapped_column(Text, default="")
    report_number: Mapped[str | None] = mapped_column(String(30), unique=True, index=True)


class Surveillance(Identified):
    """A surveillance of a certificate: what is due when, what was found, which decision followed."""

    __tablename__ = "surveillance"
    __table_args__ = (CheckConstraint(_one_of("state", SURVEILLANCE.states), name="state"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    certificate_id: Mapped[str] = mapped_column(String(ID_LENGTH), index=True)
    state: Mapped[str] = mapped_column(String(20), default=SURVEILLANCE.initial)
    due: Mapped[date]
    report: Mapped[str] = mapped_column(Text, default="")
    deviation: Mapped[str] = mapped_column(Text, default="")
    document: Mapped[str | None] = mapped_column(String(HASH), info={"document": True})
    document_name: Mapped[str] = mapped_column(String(200), default="")
    done_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decision.id"))


class Complaint(Identified):
    """A complaint or an appeal (*appeal* names the decision that it is against)."""

    __tablename__ = "complaint"
    __table_args__ = (CheckConstraint(_one_of("state", COMPLAINT.states), name="state"),)

    number: Mapped[str] = mapped_column(String(30), unique=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    appeal: Mapped[str | None] = mapped_column(ForeignKey("decision.id"))
    state: Mapped[str] = mapped_column(String(20), default=COMPLAINT.initial)
    text: Mapped[str] = mapped_column(Text)
    received_from: Mapped[str] = mapped_column(String(200))
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str] = mapped_column(Text, default="")
