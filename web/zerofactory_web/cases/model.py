"""Tables of certification: applications with their dossiers, cases with their people, evidence and decisions.

Nothing is ever deleted: a correction is a new version that names what it supersedes. Hashes are ``sha256:…``; document
columns name files of the store.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zerofactory_web.cases.states import APPLICATION, CASE, COMPLAINT, FINDING
from zerofactory_web.store.model import ID_LENGTH, Identified

HASH = 71
#: Roles on a case; each asks for the role at the body that stands beside it.
CASE_ROLES = {"lead_evaluator": "evaluator", "evaluator": "evaluator", "technical_expert": "technical_expert",
              "reviewer": "reviewer", "decider": "decider", "observer": "observer"}
BASES = ("claimed", "sighted", "cross-checked", "verified on site")
ANSWERS = ("conforms", "observation", "minor", "major", "not_assessed")
FINDING_KINDS = ("major", "minor", "observation")
DECISIONS = ("grant", "refuse", "suspend", "reinstate", "withdraw", "reduce", "extend", "reissue", "terminate",
             "continue")


def _one_of(column: str, values: tuple[str, ...] | list[str]) -> str:
    return f"{column} IN ({', '.join(repr(v) for v in values)})"


class Application(Identified):
    """An organisation asks for certification of a facility under a pack and level. *sector*: GB/T 4754."""

    __tablename__ = "application"
    __table_args__ = (CheckConstraint(_one_of("state", APPLICATION.states), name="state"),)

    number: Mapped[str] = mapped_column(String(30), unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default=APPLICATION.initial, index=True)
    facility_zh: Mapped[str] = mapped_column(String(200), default="")
    facility_en: Mapped[str] = mapped_column(String(200), default="")
    sector: Mapped[str] = mapped_column(String(10), default="")
    pack_id: Mapped[str] = mapped_column(String(80), default="")
    pack_version: Mapped[str] = mapped_column(String(20), default="")
    level: Mapped[str] = mapped_column(String(40), default="")
    scope_zh: Mapped[str] = mapped_column(Text, default="")
    scope_en: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")


class DossierVersion(Identified):
    """One submission of the dossier of an application; never changed. *found_by*: who found what changed since the
    version before (applicant, evaluator, computed); *difference*: values that changed and their effect."""

    __tablename__ = "dossier_version"
    __table_args__ = (UniqueConstraint("application_id", "number"),)

    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    file_name: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(String(HASH), info={"document": True})
    canonical_sha256: Mapped[str] = mapped_column(String(HASH))
    submitted_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    found_by: Mapped[str] = mapped_column(String(20), default="applicant")
    problems: Mapped[list[Any]] = mapped_column(default=list)
    difference: Mapped[list[Any]] = mapped_column(default=list)


class Case(Identified):
    """The evaluation of an accepted application. Pack, readings and options are frozen with the plan by *pack_sha256*
    and *readings*; *frozen_bundle* and *frozen_at* are set when the evaluation is complete and stand from then on."""

    __tablename__ = "case_file"
    __table_args__ = (CheckConstraint(_one_of("state", CASE.states), name="state"),)

    number: Mapped[str] = mapped_column(String(30), unique=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    sector: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20), default=CASE.initial, index=True)
    pack_id: Mapped[str] = mapped_column(String(80))
    pack_version: Mapped[str] = mapped_column(String(20))
    pack_sha256: Mapped[str] = mapped_column(String(HASH))
    readings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    levels: Mapped[list[Any]] = mapped_column(default=list)
    valid_on: Mapped[date]
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    frozen_bundle: Mapped[str | None] = mapped_column(String(HASH), info={"document": True})
    frozen_assessment: Mapped[str | None] = mapped_column(String(HASH))
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
    """On what a value rests: *subject* as ``electricity/E1.MWh`` or ``document/D3``; the newest row of it holds."""

    __tablename__ = "evidence_basis"
    __table_args__ = (CheckConstraint(_one_of("basis", BASES), name="basis"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    subject: Mapped[str] = mapped_column(String(200), index=True)
    basis: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(Text, default="")


class JudgementRow(Identified):
    """A qualified person's answer to a question of the pack; the newest row of a question and level holds."""

    __tablename__ = "judgement"
    __table_args__ = (CheckConstraint(_one_of("answer", ANSWERS), name="answer"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    question: Mapped[str] = mapped_column(String(200), index=True)
    level: Mapped[str] = mapped_column(String(40), default="")
    answer: Mapped[str] = mapped_column(String(20))
    grounds: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    by: Mapped[str] = mapped_column(ForeignKey("person.id"))


class Evaluation(Identified):
    """One run of the evaluation: its bundle and the hash of its assessment."""

    __tablename__ = "evaluation"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    dossier_version_id: Mapped[str] = mapped_column(ForeignKey("dossier_version.id"))
    bundle: Mapped[str] = mapped_column(String(HASH), info={"document": True})
    assessment: Mapped[str] = mapped_column(String(HASH))
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    by: Mapped[str] = mapped_column(String(ID_LENGTH))


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
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class Review(Identified):
    """The technical review of a complete evaluation."""

    __tablename__ = "review"
    __table_args__ = (CheckConstraint(_one_of("outcome", ("pass", "send_back")), name="outcome"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    bundle: Mapped[str] = mapped_column(String(HASH))


class Decision(Identified):
    """A decision on a case or certificate, by somebody who did not evaluate."""

    __tablename__ = "decision"
    __table_args__ = (CheckConstraint(_one_of("kind", DECISIONS), name="kind"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text)
    bundle: Mapped[str] = mapped_column(String(HASH))
    effective_on: Mapped[date]


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
