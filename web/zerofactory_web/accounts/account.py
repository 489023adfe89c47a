"""Changing one's own password."""

from __future__ import annotations

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import passwords, sessions, throttle
from zerofactory_web.accounts.access import one, refused, require_person
from zerofactory_web.accounts.model import Person
from zerofactory_web.store.unit import Actor, Change, Store


def change_password(store: Store, actor: Actor, session_id: str, old: str, new: str, *, address: str,
                    request: str = "") -> None:
    """Take another password; every session but *session_id* ends. Tokens stay: they are listed beside.

    Raises:
        ProblemsError: ``accounts.wait``, ``accounts.password-wrong`` for the old one, all that is wrong with the new.
    """
    require_person(actor)
    with store.read() as session:
        person = one(session, Person, actor.id)
    if found := passwords.faults(new, about=(person.email, person.name), place="new",
                                    breached=store.settings.breached_passwords):
        raise ProblemsError(found)
    if passwords.normal(old) == passwords.normal(new):
        raise refused("accounts.password-same", "new")
    attempt = throttle.enter(store, person.email, address, request)
    if not passwords.holds(person.password, old):
        with store.change(actor, request) as change:
            change.record("password.refused", "person", actor.id)
        raise refused("accounts.password-wrong", "old")
    made = passwords.make_hash(new)
    with store.change(actor, request) as change:
        row = one(change.session, Person, actor.id)
        if row.password != person.password:
            raise refused("store.stale")
        throttle.succeeded(change, attempt)
        put_password(change, row, made)
        sessions.revoke_all(change, row.id, keep=session_id)
        change.record("password.changed", "person", row)


def put_password(change: Change, person: Person, made: str) -> None:
    """Set a hash that was made before the transaction began (it takes time that others would wait)."""
    person.password, person.password_at = made, change.now
