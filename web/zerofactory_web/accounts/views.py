"""Rows of accounts as what pages say: plain values, and never a secret."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from zerofactory_engine.messages import render
from zerofactory_web.accounts.model import (
    ApiToken,
    BodyRole,
    Competence,
    Invitation,
    Link,
    Membership,
    Organisation,
    Person,
    SessionRow,
)
from zerofactory_web.accounts.profile import Profile
from zerofactory_web.site.language import language
from zerofactory_web.store.model import time_text


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def name_of(place: Organisation) -> str:
    """The name of an organisation in the language of the page."""
    return place.name_zh if language() == "zh" else place.name_en


def word(area: str, value: str) -> str:
    """A value as people say it."""
    return render(f"account.{area}-{value}", language())


def person(row: Person) -> dict[str, Any]:
    """A person."""
    state = "closed" if not row.active else "invited" if row.password is None else "open"
    return {"id": row.id, "name": row.name, "email": row.email, "language": row.language, "state": state,
            "second_factor": row.totp_secret is not None, "password_at": _time(row.password_at)}


def organisation(row: Organisation) -> dict[str, Any]:
    """An organisation."""
    return {"id": row.id, "kind": row.kind, "name": {"zh": row.name_zh, "en": row.name_en},
            "credit_code": row.credit_code, "lei": row.lei, "address": row.address, "version": row.version}


def membership(row: Membership, place: Organisation) -> dict[str, Any]:
    """A place in an organisation."""
    return {"id": row.id, "role": row.role, "since": time_text(row.since), "organisation": place.id,
            "kind": place.kind, "name": {"zh": place.name_zh, "en": place.name_en}}


def role(row: BodyRole) -> dict[str, Any]:
    """A role at the body."""
    return {"id": row.id, "role": row.role, "in_force": row.confirmed_by is not None,
            "since": time_text(row.created_at)}


def competence(row: Competence) -> dict[str, Any]:
    """A record of competence."""
    return {"id": row.id, "sector": row.sector, "since": row.since.isoformat(), "until": row.until.isoformat(),
            "evidence": row.evidence}


def link(row: Link, place: Organisation) -> dict[str, Any]:
    """A declared link."""
    return {"id": row.id, "organisation": {"zh": place.name_zh, "en": place.name_en}, "kind": row.kind,
            "since": row.since.isoformat(), "until": _day(row.until), "text": row.text}


def session(row: SessionRow, present: str) -> dict[str, Any]:
    """A session; *present*: the id of the one that asks."""
    return {"id": row.id, "begun": time_text(row.created_at), "seen": time_text(row.seen_at),
            "ends": time_text(row.expires_at), "agent": row.agent, "second_factor": row.second_factor,
            "present": row.id == present}


def token(row: ApiToken, now: datetime) -> dict[str, Any]:
    """A token of a program."""
    return {"id": row.id, "name": row.name, "scopes": list(row.scopes), "created": time_text(row.created_at),
            "expires": time_text(row.expires_at), "used": _time(row.used_at), "expired": now >= row.expires_at}


def invitation(row: Invitation) -> dict[str, Any]:
    """A link that waits to be taken."""
    return {"id": row.id, "email": row.email, "role": row.member_role, "made": time_text(row.created_at),
            "expires": time_text(row.expires_at)}


def profile(found: Profile, on: date) -> dict[str, Any]:
    """Everything about one person that the person himself may read."""
    return {"person": person(found.person), "recovery_left": found.recovery_left,
            "memberships": [membership(m, o) for m, o in found.memberships], "roles": [role(r) for r in found.roles],
            "competence": [{**competence(c), "holds": c.since <= on <= c.until} for c in found.competence]}


def words(area: str, values: Iterable[str]) -> list[str]:
    """Several values as people say them."""
    return [word(area, v) for v in values]
