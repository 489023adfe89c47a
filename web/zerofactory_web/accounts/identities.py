"""Who a person is at a provider outside: linked by the person, who proves once more who he is, unlinked by him.

Nothing here believes what a provider says about addresses of mail: an identity opens the account that it was linked
with, and no other, and none is made for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import passwords, second_factor, secret_text, throttle
from zerofactory_web.accounts.access import content_of, one, refused, require_person
from zerofactory_web.accounts.model import Person, PersonIdentity, SpentState
from zerofactory_web.store.unit import PUBLIC, Actor, Change, Store


def person_of(session: Session, issuer: str, subject: str) -> Person | None:
    """Whose identity it is, where the account is open."""
    return session.scalar(select(Person).join(PersonIdentity, PersonIdentity.person_id == Person.id).where(
        PersonIdentity.issuer == issuer, PersonIdentity.subject == subject, Person.active))


def listed(store: Store, actor: Actor) -> Sequence[PersonIdentity]:
    """One's own identities, the newest first."""
    require_person(actor)
    with store.read() as session:
        return session.scalars(select(PersonIdentity).where(PersonIdentity.person_id == actor.id).order_by(
            PersonIdentity.created_at.desc(), PersonIdentity.id)).all()


def prove(store: Store, actor: Actor, password: str, code: str, *, address: str, request: str = "") -> None:
    """Prove once more who sits there: the password, and a code where there is a second factor.

    Raises:
        ProblemsError: ``accounts.wait``, ``accounts.password-wrong``, ``accounts.code-refused``.
    """
    require_person(actor)
    with store.read() as session:
        person = one(session, Person, actor.id)
    attempt = throttle.enter(store, person.email, address, request)
    if not passwords.holds(person.password, password):
        with store.change(actor, request) as change:
            change.record("password.refused", "person", actor.id)
        raise refused("accounts.password-wrong", "password")
    try:
        with store.change(actor, request) as change:
            row = one(change.session, Person, actor.id)
            if row.password != person.password:
                raise refused("store.stale")
            if row.totp_secret is not None:
                second_factor.spend(change, store.settings, row, code)
            throttle.succeeded(change, attempt)
    except ProblemsError as error:
        if any(p.code == "accounts.code-refused" for p in error.problems):
            with store.change(PUBLIC, request) as change:
                change.record("login.code-refused", "person", actor.id)
        raise


def link(store: Store, actor: Actor, issuer: str, subject: str, *, attempt: str = "", request: str = "") -> str:
    """Link an identity with one's own account; its id. *attempt*: of the throttle, which ends well.

    Raises:
        ProblemsError: ``accounts.identity-taken`` when it is somebody else's, ``accounts.identity-set`` when one has an
            identity of this provider already.
    """
    require_person(actor)
    try:
        with store.change(actor, request) as change:
            person = one(change.session, Person, actor.id)
            _refuse_taken(change.session, person.id, issuer, subject)
            made = PersonIdentity(person_id=person.id, issuer=issuer, subject=subject, created_at=change.now)
            change.session.add(made)
            change.session.flush()
            if attempt:
                throttle.succeeded(change, attempt)
            change.record("identity.linked", "identity", made, content=content_of(made),
                          details={"person": person.id})
            return made.id
    except ProblemsError as error:
        if any(p.code == "store.taken" for p in error.problems):       # somebody was quicker
            raise refused("accounts.identity-taken") from None
        raise


def _refuse_taken(session: Session, person_id: str, issuer: str, subject: str) -> None:
    whose = session.scalar(select(PersonIdentity.person_id).where(
        PersonIdentity.issuer == issuer, PersonIdentity.subject == subject))
    if whose is not None and whose != person_id:
        raise refused("accounts.identity-taken")
    if whose is not None or session.scalar(select(PersonIdentity.id).where(
            PersonIdentity.person_id == person_id, PersonIdentity.issuer == issuer)) is not None:
        raise refused("accounts.identity-set")


def unlink(store: Store, actor: Actor, identity_id: str, password: str, code: str, *, address: str,
           request: str = "") -> None:
    """Take one of one's own identities off the account, against password and code.

    Raises:
        ProblemsError: ``accounts.not-found``; ``accounts.identity-last`` when the account has no password: nothing else
            would open it; what :func:`prove` raises.
    """
    require_person(actor)
    with store.read() as session:
        one(session, PersonIdentity, identity_id, owner=actor.id)
        _keep_a_way_in(session, actor.id)
    prove(store, actor, password, code, address=address, request=request)
    with store.change(actor, request) as change:
        row = one(change.session, PersonIdentity, identity_id, owner=actor.id)
        _keep_a_way_in(change.session, actor.id)
        _remove(change, row)


def _keep_a_way_in(session: Session, person_id: str) -> None:
    """An account without a password keeps its last identity."""
    count = session.scalar(select(func.count()).select_from(PersonIdentity).where(
        PersonIdentity.person_id == person_id)) or 0
    if one(session, Person, person_id).password is None and count < 2:
        raise refused("accounts.identity-last")


def remove_all(change: Change, person_id: str) -> int:
    """Unlink every identity of a person in a running change (a reset leaves nothing of before); how many."""
    rows = change.session.scalars(select(PersonIdentity).where(PersonIdentity.person_id == person_id)).all()
    for row in rows:
        _remove(change, row)
    return len(rows)


def _remove(change: Change, row: PersonIdentity) -> None:
    change.record("identity.unlinked", "identity", row, content=content_of(row), details={"person": row.person_id})
    change.session.delete(row)
    change.session.flush()


def spend(store: Store, state: str, until: datetime, *, request: str = "") -> None:
    """Use up the *state* of one way to the provider and back, which ends at *until* anyway.

    Raises:
        ProblemsError: ``accounts.oidc-state`` when it was used before.
    """
    try:
        with store.change(PUBLIC, request) as change:
            change.session.execute(delete(SpentState).where(SpentState.expires_at < change.now))
            change.session.add(SpentState(state=secret_text.hashed(state), expires_at=until, created_at=change.now))
            change.session.flush()
    except ProblemsError as error:
        if any(p.code == "store.taken" for p in error.problems):
            raise refused("accounts.oidc-state") from None
        raise
