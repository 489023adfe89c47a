"""Tables of accounts. What a person may do follows from memberships (own organisation) and roles at the body.

Rule numbers are those of the portal's separation of duties (ISO/IEC 17065 and ISO/IEC 17029, in practice of bodies):
3 nobody acts for an organisation with which a link was declared in the last 24 months; 6 a member of the applicant
never holds a role of the body on its case; 7 administrators grant themselves nothing, a second one confirms; 11 a role
on a case needs a competence record that has not run out.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from zerofactory_web.store.model import ID_LENGTH, Identified

#: Kinds of organisations, and what a member of one is.
ORGANISATION_KINDS = ("applicant", "body", "accreditor")
MEMBER_ROLES = ("manager", "member")
#: Roles at the certification body.
BODY_ROLES = ("evaluator", "technical_expert", "reviewer", "decider", "rule_editor", "rule_approver",
              "complaints_handler", "administrator", "observer")
#: Ways in which a person is linked to an organisation.
LINK_KINDS = ("employed", "consulted", "owner", "family", "other")
#: What an API token may do.
SCOPES = ("read", "apply", "evaluate")
#: What a link that is given to somebody opens: a place in an organisation, the first administration, a new password.
PURPOSES = ("join", "administrator", "reset")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(v) for v in values)})"


class Organisation(Identified):
    """An applicant, the body itself, or an accreditation body that looks on. *credit_code*: 统一社会信用代码."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint(_one_of("kind", ORGANISATION_KINDS), name="kind"),)

    kind: Mapped[str] = mapped_column(String(20))
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    lei: Mapped[str | None] = mapped_column(String(20), unique=True)
    address: Mapped[dict[str, Any] | None]


class Person(Identified):
    """A human being with an account. *email* in small letters; *password*: an Argon2id hash, None until an invitation
    is taken; *totp_secret*: base32, sealed with a key that is not in the database, None without a second factor;
    *totp_pending*: one that waits for its first code; *totp_step*: the last time step that was used; *recovery*: hashes
    of the codes that are left."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint(_one_of("language", ("zh", "en")), name="language"),
                      CheckConstraint("email = lower(email)", name="email"))

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password: Mapped[str | None] = mapped_column(String(200))
    password_at: Mapped[datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(String(200))
    totp_pending: Mapped[str | None] = mapped_column(String(200))
    totp_step: Mapped[int | None] = mapped_column(Integer)
    recovery: Mapped[list[Any] | None]
    language: Mapped[str] = mapped_column(String(2), default="zh")
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Membership(Identified):
    """A person in an organisation from *since* until *ended_at*."""

    __tablename__ = "membership"
    __table_args__ = (CheckConstraint(_one_of("role", MEMBER_ROLES), name="role"),
                      UniqueConstraint("person_id", "organisation_id", "since"))

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str] = mapped_column(String(20), default="member")
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BodyRole(Identified):
    """A role at the body: granted by an administrator, in force once a second one confirmed it, until *ended_at*.

    *granted_by* ``system``: the operator at the server named an administrator. The database refuses a role that
    somebody grants or confirms to himself, or that one person does both (rule 7).
    """

    __tablename__ = "body_role"
    __table_args__ = (CheckConstraint(_one_of("role", BODY_ROLES), name="role"),
                      CheckConstraint("granted_by <> person_id", name="granted"),
                      CheckConstraint("confirmed_by IS NULL OR "
                                      "(confirmed_by <> person_id AND confirmed_by <> granted_by)", name="confirmed"),
                      CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed_at"),
                      Index("uq_body_role_open", "person_id", "role", unique=True,
                            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")))

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    granted_by: Mapped[str] = mapped_column(String(ID_LENGTH))
    confirmed_by: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Competence(Identified):
    """What a person is competent for at the body: a sector (prefix of GB/T 4754, ``C38``; ``*``: any), until *until*
    or until it was ended. Nobody records his own."""

    __tablename__ = "competence"
    __table_args__ = (CheckConstraint("recorded_by <> person_id", name="recorded"),
                      CheckConstraint("since <= until", name="dates"))

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    sector: Mapped[str] = mapped_column(String(10))
    since: Mapped[date]
    until: Mapped[date]
    evidence: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]


class Link(Identified):
    """A declared link of a person to an organisation: *kind*, from *since* until *until* (None: it goes on)."""

    __tablename__ = "link"
    __table_args__ = (CheckConstraint(_one_of("kind", LINK_KINDS), name="kind"),
                      CheckConstraint("until IS NULL OR since <= until", name="dates"))

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    since: Mapped[date]
    until: Mapped[date | None]
    text: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(ForeignKey("person.id"))


class SessionRow(Identified):
    """A session at the keyboard: only the hash of its secret is kept. *second_factor*: it was given."""

    __tablename__ = "session"

    secret: Mapped[str] = mapped_column(String(71), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    second_factor: Mapped[bool] = mapped_column(Boolean, default=False)
    revoked_at: Mapped[datetime | None]
    agent: Mapped[str] = mapped_column(String(200))


class ApiToken(Identified):
    """A token for programs: only its hash is kept; *scopes* is what it may do on behalf of the person."""

    __tablename__ = "api_token"

    secret: Mapped[str] = mapped_column(String(71), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    scopes: Mapped[list[Any]]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class Invitation(Identified):
    """A link that is given to a person, taken once: into an organisation, into the first administration, or to a new
    password. Roles at the body never travel with it; *person_id*: the account that it is for where there is one."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint(_one_of("purpose", PURPOSES), name="purpose"),
                      CheckConstraint(_one_of("member_role", MEMBER_ROLES), name="member_role"))

    secret: Mapped[str] = mapped_column(String(71), unique=True)
    purpose: Mapped[str] = mapped_column(String(20), default="join")
    email: Mapped[str] = mapped_column(String(254))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    member_role: Mapped[str] = mapped_column(String(20), default="member")
    invited_by: Mapped[str] = mapped_column(String(ID_LENGTH))
    expires_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class PersonIdentity(Identified):
    """Who a person is at a provider outside: what its *issuer* calls him (*subject*). It belongs to one person for as
    long as it is here, and a person has one of each issuer. Unlinking deletes the row; the audit log keeps that it was.
    """

    __tablename__ = "person_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("person_id", "issuer"))

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))


class SpentState(Identified):
    """A way to the provider and back that was used: by the hash of its state, until it would have ended anyway."""

    __tablename__ = "spent_state"

    state: Mapped[str] = mapped_column(String(71), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Attempt(Identified):
    """A failed or successful login, by hash of the account's name and of the address, to slow guessing down."""

    __tablename__ = "attempt"

    account: Mapped[str] = mapped_column(String(71), index=True)
    address: Mapped[str] = mapped_column(String(71), index=True)
    at: Mapped[datetime]
    succeeded: Mapped[bool] = mapped_column(Boolean)
