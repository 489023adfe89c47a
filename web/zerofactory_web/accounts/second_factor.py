"""Setting up the second factor, giving it, and the recovery codes for the day on which the app is lost."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import secret_text, throttle, totp
from zerofactory_web.accounts.access import one, refused, require_person, roles_in_force
from zerofactory_web.accounts.model import Person, SessionRow
from zerofactory_web.settings import Settings
from zerofactory_web.store.unit import Actor, Change, Store


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app needs: the seed in base32 (for typing) and the address that its QR code holds."""

    secret: str
    address: str


def begin(store: Store, actor: Actor, *, request: str = "") -> Enrolment:
    """A new seed that waits for its first code; one that is in use stays until then.

    Raises:
        ProblemsError: ``accounts.not-signed-in``, ``accounts.second-factor-set`` when there is one already.
    """
    require_person(actor)
    with store.change(actor, request) as change:
        person = one(change.session, Person, actor.id)
        if person.totp_secret is not None:
            raise refused("accounts.second-factor-set")
        seed = totp.new_secret()
        person.totp_pending = secret_text.seal(store.settings, seed, person.id)
        change.record("second-factor.begun", "person", person)
        return Enrolment(seed, totp.address(seed, person.email))


def waiting(store: Store, actor: Actor) -> Enrolment | None:
    """The seed that waits for its first code, for a page that is shown again."""
    require_person(actor)
    with store.read() as session:
        person = one(session, Person, actor.id)
    if person.totp_pending is None:
        return None
    seed = secret_text.opened(store.settings, person.totp_pending, person.id)
    return Enrolment(seed, totp.address(seed, person.email))


def finish(store: Store, actor: Actor, session_id: str, code: str, *, address: str,
           request: str = "") -> tuple[str, ...]:
    """Set the second factor up with its first code; recovery codes, shown this once.

    The session counts as opened with it. Every other session ends: it was opened without.

    Raises:
        ProblemsError: ``accounts.not-found``, ``accounts.wait``, ``accounts.code-refused``.
    """
    require_person(actor)
    attempt = throttle.enter(store, throttle.SECOND_FACTOR + actor.id, address, request)
    with _noted(store, actor, request), store.change(actor, request) as change:
        person = one(change.session, Person, actor.id)
        session = one(change.session, SessionRow, session_id, owner=actor.id)
        if person.totp_pending is None or person.totp_secret is not None:
            raise refused("accounts.not-found")
        seed = secret_text.opened(store.settings, person.totp_pending, person.id)
        step = totp.matching_step(seed, code, change.now, None)
        if step is None:
            raise refused("accounts.code-refused", "code")
        throttle.succeeded(change, attempt)
        codes = totp.recovery_codes()
        person.totp_secret, person.totp_pending, person.totp_step = person.totp_pending, None, step
        person.recovery = [secret_text.hashed(c) for c in codes]
        session.second_factor = True
        _end_others(change, actor.id, session_id)
        change.record("second-factor.set", "person", person)
        return codes


def _end_others(change: Change, person_id: str, session_id: str) -> None:
    """End every session of a person but one: they were opened with what no longer holds."""
    for other in change.session.scalars(select(SessionRow).where(
            SessionRow.person_id == person_id, SessionRow.id != session_id, SessionRow.revoked_at.is_(None))):
        other.revoked_at = change.now


@contextmanager
def _noted(store: Store, actor: Actor, request: str) -> Iterator[None]:
    """Keep in the audit log that a code was refused; the change in which it was is rolled back."""
    try:
        yield
    except ProblemsError as error:
        if any(p.code == "accounts.code-refused" for p in error.problems):
            with store.change(actor, request) as change:
                change.record("second-factor.refused", "person", actor.id)
        raise


def spend(change: Change, settings: Settings, person: Person, code: str) -> str:
    """Use up a code of the app (``app``) or a recovery code (``recovery``) of *person* in a running change.

    Raises:
        ProblemsError: ``accounts.code-refused``.
    """
    if person.totp_secret is None:
        raise refused("accounts.code-refused", "code")
    seed = secret_text.opened(settings, person.totp_secret, person.id)
    step = totp.matching_step(seed, code, change.now, person.totp_step)
    if step is not None:
        person.totp_step = step
        return "app"
    kept = list(person.recovery or ())
    given = secret_text.hashed(totp.recovery_normal(code))
    left = [h for h in kept if not hmac.compare_digest(h, given)]
    if len(left) == len(kept):
        raise refused("accounts.code-refused", "code")
    person.recovery = left
    change.record("second-factor.recovery-used", "person", person, details={"left": len(left)})
    return "recovery"


def new_recovery_codes(store: Store, actor: Actor, code: str, *, address: str, request: str = "") -> tuple[str, ...]:
    """New recovery codes in place of those that are left, against a code of the app.

    Raises:
        ProblemsError: ``accounts.wait``, ``accounts.code-refused``.
    """
    require_person(actor)
    attempt = throttle.enter(store, throttle.SECOND_FACTOR + actor.id, address, request)
    with _noted(store, actor, request), store.change(actor, request) as change:
        person = one(change.session, Person, actor.id)
        spend(change, store.settings, person, code)
        throttle.succeeded(change, attempt)
        codes = totp.recovery_codes()
        person.recovery = [secret_text.hashed(c) for c in codes]
        change.record("second-factor.recovery-renewed", "person", person)
        return codes


def remove(store: Store, actor: Actor, code: str, *, address: str, session_id: str = "", request: str = "") -> None:
    """Do without, or make room for another app, against a code. Whoever has a role at a body that asks for a second
    factor has none of his roles at work until a new one is set up. Every session but *session_id*, where one is named,
    ends.

    Raises:
        ProblemsError: ``accounts.wait``, ``accounts.code-refused``.
    """
    require_person(actor)
    attempt = throttle.enter(store, throttle.SECOND_FACTOR + actor.id, address, request)
    with _noted(store, actor, request), store.change(actor, request) as change:
        person = one(change.session, Person, actor.id)
        spend(change, store.settings, person, code)
        throttle.succeeded(change, attempt)
        cleared(person)
        if session_id:
            _end_others(change, actor.id, session_id)
        change.record("second-factor.removed", "person", person,
                      details={"roles": " ".join(sorted(roles_in_force(change.session, person.id)))})


def cleared(person: Person) -> None:
    """Take the second factor off an account."""
    person.totp_secret = person.totp_pending = person.totp_step = person.recovery = None
