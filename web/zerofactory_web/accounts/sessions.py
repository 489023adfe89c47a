"""Sessions at the keyboard: login, second factor, idle and absolute end, list, revocation.

A session is a secret in a cookie whose hash stands in a table, so that it can be revoked. After the password of an
account with a second factor there is only a half session, good for ten minutes and for giving the code; a code given
makes a new one with another secret (nothing of before the authentication lives on).

Every refusal of a login is the same sentence, whether the account exists, is closed, or the password is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import passwords, second_factor, secret_text, throttle
from zerofactory_web.accounts.access import one, organisations_of, refused, require_person, roles_in_force, touch
from zerofactory_web.accounts.model import Person, SessionRow
from zerofactory_web.accounts.words import email_form
from zerofactory_web.settings import Settings
from zerofactory_web.store.unit import PUBLIC, Actor, Change, Store

#: How long a half session waits for its code.
HALF_LIFE = timedelta(minutes=10)
#: A look at a page is written down at most so often; the idle end is kept to this.
SEEN_EVERY = timedelta(seconds=60)
AGENT_LENGTH = 200


class Stage(StrEnum):
    """How far a session is."""

    OPEN = "open"        # everything
    CODE = "code"        # the second factor is to be given: nothing else
    ENROL = "enrol"      # a role at the body asks for a second factor that is not set up: no role until it is


@dataclass(frozen=True, slots=True)
class Login:
    """A session that was begun: its *secret* for the cookie, once; how far it is; *expires_at*: its absolute end."""

    secret: str
    session_id: str
    person_id: str
    stage: Stage
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that a request came with. *actor*: who acts; None as long as the code is to be given."""

    session_id: str
    person_id: str
    name: str
    email: str
    language: str
    stage: Stage
    expires_at: datetime
    actor: Actor | None


def login(store: Store, email: str, password: str, *, address: str, agent: str = "", request: str = "") -> Login:
    """Begin a session with a password from the network *address*.

    Raises:
        ProblemsError: ``accounts.wait`` after too many failures, ``accounts.login-refused`` for every other reason.
    """
    name = email_form(email)
    attempt = throttle.enter(store, name, address, request)
    with store.read() as session:
        person = session.scalar(select(Person).where(Person.email == name))
    fits = passwords.holds(None if person is None else person.password, password)
    if person is None or not fits or not person.active:
        _note_refusal(store, person, secret_text.keyed(store.settings, name), request)
        raise refused("accounts.login-refused")
    with store.change(Actor(person.id, person.name), request) as change:
        row = one(change.session, Person, person.id)
        if not row.active or row.password != person.password:      # changed while the password was being checked
            raise refused("accounts.login-refused")
        throttle.succeeded(change, attempt)
        details = {}
        if row.password is not None and passwords.is_outdated(row.password):
            row.password = passwords.make_hash(password)
            details["cost"] = "raised"
        return begun(change, row, store.settings, agent, second=False, details=details)


def _note_refusal(store: Store, person: Person | None, account: str, request: str) -> None:
    """Who could not sign in, without the name that was typed: it may be a password in the wrong field."""
    with store.change(PUBLIC, request) as change:
        kind, ident = ("account", account.removeprefix("sha256:")[:16]) if person is None else ("person", person.id)
        change.record("login.refused", kind, ident)


def begun(change: Change, person: Person, settings: Settings, agent: str, *, second: bool,
          details: dict[str, str] | None = None) -> Login:
    """A session for *person* in a running change; a half one when a second factor is set up and was not given."""
    half = person.totp_secret is not None and not second
    secret = secret_text.new_secret()
    until = change.now + (HALF_LIFE if half else timedelta(seconds=settings.session_limit))
    made = SessionRow(secret=secret_text.hashed(secret), person_id=person.id, seen_at=change.now, expires_at=until,
                      second_factor=second, agent=_one_line(agent), created_at=change.now)
    change.session.add(made)
    change.session.flush()
    change.record("session.half-begun" if half else "session.begun", "session", made,
                  details={"person": person.id, **(details or {})})
    stage = _stage(change.session, settings, made, person)
    return Login(secret, made.id, person.id, stage, until)


def _one_line(agent: str) -> str:
    return "".join(c if c.isprintable() else " " for c in agent)[:AGENT_LENGTH]


def give_code(store: Store, secret: str, code: str, *, address: str, agent: str = "", request: str = "") -> Login:
    """Give the second factor, or a recovery code, to a half session: a whole session with another secret.

    Raises:
        ProblemsError: ``accounts.signed-out`` when the half session is over, ``accounts.wait``,
            ``accounts.code-refused`` for a code that is wrong or was used.
    """
    found = opened(store, secret)
    if found is None or found.stage is not Stage.CODE:
        raise refused("accounts.signed-out")
    attempt = throttle.enter(store, throttle.SECOND_FACTOR + found.person_id, address, request)
    try:
        with store.change(Actor(found.person_id, found.name), request) as change:
            person = one(change.session, Person, found.person_id)
            how = second_factor.spend(change, store.settings, person, code)
            throttle.succeeded(change, attempt)
            half = one(change.session, SessionRow, found.session_id)
            half.revoked_at = change.now
            return begun(change, person, store.settings, agent or half.agent, second=True, details={"code": how})
    except ProblemsError as error:
        if any(p.code == "accounts.code-refused" for p in error.problems):
            with store.change(PUBLIC, request) as change:
                change.record("login.code-refused", "person", found.person_id)
        raise


def opened(store: Store, secret: str) -> Opened | None:
    """The session of a cookie, or None when there is none, it ended, was revoked, or the account is closed.

    A look is written down at most every :data:`SEEN_EVERY`, beside the audit log: it is no act.
    """
    with store.read() as session:
        row = session.scalar(select(SessionRow).where(SessionRow.secret == secret_text.hashed(secret)))
        now = store.clock()
        if row is None or not _lives(row, store.settings, now):
            return None
        person = session.get(Person, row.person_id)
        if person is None or not person.active:
            return None
        stage = _stage(session, store.settings, row, person)
        actor = None if stage is Stage.CODE else actor_of(session, store.settings, row, person)
    if now - row.seen_at >= min(SEEN_EVERY, timedelta(seconds=store.settings.session_idle / 10)):
        _seen(store, row.id, now)
    return Opened(row.id, person.id, person.name, person.email, person.language, stage, row.expires_at, actor)


def _lives(row: SessionRow, settings: Settings, now: datetime) -> bool:
    return (row.revoked_at is None and now < row.expires_at
            and now - row.seen_at < timedelta(seconds=settings.session_idle))


def _seen(store: Store, session_id: str, now: datetime) -> None:
    """Move the idle end, without the version: two pages at once are no conflict."""
    touch(store, update(SessionRow).where(SessionRow.id == session_id, SessionRow.revoked_at.is_(None))
          .values(seen_at=now))


def _stage(session: Session, settings: Settings, row: SessionRow, person: Person) -> Stage:
    if person.totp_secret is not None and not row.second_factor:
        return Stage.CODE
    if settings.body_totp and person.totp_secret is None and roles_in_force(session, person.id):
        return Stage.ENROL
    return Stage.OPEN


def actor_of(session: Session, settings: Settings, row: SessionRow, person: Person) -> Actor:
    """Who acts in a session: member of which organisations, with which roles at the body that are in force.

    Where the body asks for a second factor, a session in which none was given carries no role.
    """
    roles = roles_in_force(session, person.id)
    if settings.body_totp and not row.second_factor:
        roles = frozenset()
    return Actor(person.id, person.name, organisations_of(session, person.id), roles)


def logout(store: Store, secret: str, *, request: str = "") -> None:
    """End the session of a cookie, half or whole; nothing happens when it has ended."""
    with store.read() as session:
        row = session.scalar(select(SessionRow).where(SessionRow.secret == secret_text.hashed(secret)))
        person = None if row is None else session.get(Person, row.person_id)
    if row is None or person is None or row.revoked_at is not None:
        return
    with store.change(Actor(person.id, person.name), request) as change:
        _revoke(change, one(change.session, SessionRow, row.id), "session.ended")


def _revoke(change: Change, row: SessionRow, action: str = "session.revoked") -> None:
    if row.revoked_at is None:
        row.revoked_at = change.now
        change.record(action, "session", row, details={"person": row.person_id})


def listed(store: Store, actor: Actor) -> Sequence[SessionRow]:
    """One's own sessions that are alive, the newest first."""
    require_person(actor)
    with store.read() as session:
        now = store.clock()
        rows = session.scalars(select(SessionRow).where(
            SessionRow.person_id == actor.id, SessionRow.revoked_at.is_(None)).order_by(
                SessionRow.created_at.desc(), SessionRow.id)).all()
        return [r for r in rows if _lives(r, store.settings, now)]


def revoke(store: Store, actor: Actor, session_id: str, *, request: str = "") -> None:
    """End one of one's own sessions.

    Raises:
        ProblemsError: ``accounts.not-found``.
    """
    require_person(actor)
    with store.change(actor, request) as change:
        _revoke(change, one(change.session, SessionRow, session_id, owner=actor.id))


def revoke_others(store: Store, actor: Actor, keep: str, *, request: str = "") -> int:
    """End all of one's own sessions but the one with the id *keep*; how many."""
    require_person(actor)
    with store.change(actor, request) as change:
        return revoke_all(change, actor.id, keep=keep)


def revoke_all(change: Change, person_id: str, *, keep: str | None = None) -> int:
    """End every session of a person in a running change; how many there were."""
    rows = [r for r in change.session.scalars(select(SessionRow).where(
        SessionRow.person_id == person_id, SessionRow.revoked_at.is_(None), SessionRow.expires_at > change.now))
        if r.id != keep]
    for row in rows:
        _revoke(change, row)
    return len(rows)
