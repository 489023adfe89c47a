"""API tokens: what a program may do on behalf of a person, until when; only a hash is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from zerofactory_engine.problems import Place, Problem
from zerofactory_web.accounts import secret_text
from zerofactory_web.accounts.access import ADMINISTRATOR, one, organisations_of, require_person, roles_in_force, touch
from zerofactory_web.accounts.model import SCOPES, ApiToken, Person
from zerofactory_web.accounts.words import Words
from zerofactory_web.store.unit import Actor, Change, Store

#: How a token begins, so that scanners of repositories recognise one that was put there by mistake.
PREFIX = "zf_"
NAME_LENGTH = 80
MOST_DAYS = 366
USED_EVERY = timedelta(seconds=60)


def create(store: Store, actor: Actor, name: str, scopes: Iterable[str], days: int, *,
           request: str = "") -> tuple[str, str]:
    """A token of one's own: its id, and the token itself, shown this once.

    Raises:
        ProblemsError: ``accounts.not-signed-in``, ``accounts.not-by-token``, every value that is of no use.
    """
    require_person(actor)
    words, wanted = Words(), sorted(set(scopes))
    name = words.text("name", name, NAME_LENGTH)
    for scope in wanted:
        words.among("scopes", scope, SCOPES)
    if not wanted:
        words.problems.append(Problem("accounts.value-missing", Place(path="scopes"), accepted=", ".join(SCOPES)))
    if not 1 <= days <= MOST_DAYS:
        words.problems.append(Problem("accounts.value", Place(path="days"), found=str(days),
                                      accepted=f"1 … {MOST_DAYS}"))
    words.done()
    secret = secret_text.new_secret(PREFIX)
    with store.change(actor, request) as change:
        made = ApiToken(secret=secret_text.hashed(secret), person_id=actor.id, name=name, scopes=wanted,
                        expires_at=change.now + timedelta(days=days), created_at=change.now)
        change.session.add(made)
        change.session.flush()
        change.record("token.created", "token", made, details={"scopes": " ".join(wanted), "days": days})
        return made.id, secret


def listed(store: Store, actor: Actor) -> Sequence[ApiToken]:
    """One's own tokens that were not revoked, expired ones too, the newest first."""
    require_person(actor)
    with store.read() as session:
        return session.scalars(select(ApiToken).where(ApiToken.person_id == actor.id, ApiToken.revoked_at.is_(None))
                               .order_by(ApiToken.created_at.desc(), ApiToken.id)).all()


def revoke(store: Store, actor: Actor, token_id: str, *, request: str = "") -> None:
    """Revoke one of one's own tokens.

    Raises:
        ProblemsError: ``accounts.not-found``.
    """
    require_person(actor)
    with store.change(actor, request) as change:
        _revoke(change, one(change.session, ApiToken, token_id, owner=actor.id))


def _revoke(change: Change, row: ApiToken) -> None:
    if row.revoked_at is None:
        row.revoked_at = change.now
        change.record("token.revoked", "token", row, details={"person": row.person_id})


def revoke_all(change: Change, person_id: str) -> int:
    """Revoke every token of a person in a running change; how many there were."""
    rows = change.session.scalars(select(ApiToken).where(ApiToken.person_id == person_id,
                                                         ApiToken.revoked_at.is_(None))).all()
    for row in rows:
        _revoke(change, row)
    return len(rows)


def actor_of_token(store: Store, secret: str) -> Actor | None:
    """Who acts with a token, or None when there is no such token, it ran out, was revoked, or the account is closed.

    The person's organisations and roles hold as they are now; administration is done at the keyboard only, and where
    the body asks for a second factor, an account without one carries no role.
    """
    with store.read() as session:
        row = session.scalar(select(ApiToken).where(ApiToken.secret == secret_text.hashed(secret)))
        now = store.clock()
        if row is None or row.revoked_at is not None or now >= row.expires_at:
            return None
        person = session.get(Person, row.person_id)
        if person is None or not person.active:
            return None
        roles = roles_in_force(session, person.id) - {ADMINISTRATOR}
        if store.settings.body_totp and person.totp_secret is None:
            roles = frozenset()
        found = Actor(person.id, person.name, organisations_of(session, person.id), roles, frozenset(row.scopes))
    if row.used_at is None or now - row.used_at >= USED_EVERY:
        _used(store, row.id, now)
    return found


def _used(store: Store, token_id: str, now: datetime) -> None:
    """Note the use, without the version: programs call at the same time."""
    touch(store, update(ApiToken).where(ApiToken.id == token_id).values(used_at=now))
