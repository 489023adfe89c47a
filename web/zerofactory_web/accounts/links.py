"""Declared links of persons to organisations (rule 3): for how long they keep a person from acting.

A declaration is never rewritten: it ends, once. Membership of an organisation counts as a link without a declaration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem
from zerofactory_web.accounts.access import content_of, is_administrator, one, refused, require_person
from zerofactory_web.accounts.impartiality import look_back, months_after
from zerofactory_web.accounts.model import LINK_KINDS, Link, Membership, Organisation, Person
from zerofactory_web.accounts.people import belongs_to
from zerofactory_web.accounts.words import Words
from zerofactory_web.store.unit import Actor, Store

TEXT_LENGTH = 2_000
#: The kind of a conflict that follows from membership.
MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A link that counts: of which *kind*, from when, until when it lasted (None: it goes on), and the last day on
    which it counts (None: open)."""

    kind: str
    since: date
    until: date | None
    counts_until: date | None


def declare(store: Store, actor: Actor, organisation_id: str, *, kind: str, since: date, until: date | None, text: str,
            person_id: str | None = None, request: str = "") -> str:
    """Declare a link of one's own, or, as an administrator, of *person_id*; its id.

    Raises:
        ProblemsError: ``accounts.not-found``, ``accounts.not-allowed`` for somebody outside the body, values of no use.
    """
    require_person(actor)
    whose = person_id or actor.id
    with store.change(actor, request) as change:
        if whose != actor.id and not is_administrator(change.session, actor):
            raise refused("accounts.not-found")
        if not belongs_to(change.session, actor.id, ("body", "accreditor")):
            raise refused("accounts.not-allowed")
        person, place = one(change.session, Person, whose), one(change.session, Organisation, organisation_id)
        words = Words()
        words.among("kind", kind, LINK_KINDS)
        told = words.text("text", text, TEXT_LENGTH, lines=True)
        today = change.now.date()
        if since > today:
            words.problems.append(Problem("accounts.dates", Place(path="since"), found=str(since),
                                          accepted=f"≤ {today}"))
        words.problems += _end_faults(since, until, today)
        words.done()
        made = Link(person_id=person.id, organisation_id=place.id, kind=kind, since=since, until=until, text=told,
                    recorded_by=actor.id, created_at=change.now)
        change.session.add(made)
        change.session.flush()
        change.record("link.declared", "link", made, content=content_of(made), details={"person": person.id})
        return made.id


def _end_faults(since: date, until: date | None, today: date) -> list[Problem]:
    if until is None or since <= until <= today:
        return []
    return [Problem("accounts.dates", Place(path="until"), found=str(until), accepted=f"{since} … {today}")]


def end(store: Store, actor: Actor, link_id: str, until: date, reason: str, *, request: str = "") -> None:
    """Say when a link ended: not before it began, not in the future; once.

    Raises:
        ProblemsError: ``accounts.not-found``, ``accounts.final``, ``accounts.dates``.
    """
    require_person(actor)
    with store.change(actor, request) as change:
        row = one(change.session, Link, link_id)
        if row.person_id != actor.id and not is_administrator(change.session, actor):
            raise refused("accounts.not-found")
        if row.until is not None:
            raise refused("accounts.final")
        words = Words()
        words.problems += _end_faults(row.since, until, change.now.date())
        told = words.text("reason", reason, 500)
        words.done()
        row.until = until
        change.record("link.ended", "link", row, content=content_of(row), reason=told)


def declared(store: Store, actor: Actor, person_id: str | None = None) -> Sequence[tuple[Link, Organisation]]:
    """One's own declarations, or, for an administrator, those of *person_id*, the newest first.

    Raises:
        ProblemsError: ``accounts.not-found``.
    """
    whose = person_id or actor.id
    with store.read() as session:
        if whose != actor.id and not is_administrator(session, actor):
            raise refused("accounts.not-found")
        found = session.execute(select(Link, Organisation).join(Organisation, Organisation.id == Link.organisation_id)
                                .where(Link.person_id == whose).order_by(Link.created_at.desc(), Link.id)).all()
        return [(link, place) for link, place in found]


def conflicts(session: Session, person_id: str, organisation_id: str, on: date) -> tuple[Conflict, ...]:
    """Links that count on a day: those that go on, and those that ended within the period of the table (its last day
    included). A link that begins later than *on* counts too: it is known already."""
    rows = [(r.kind, r.since, r.until) for r in session.scalars(select(Link).where(
        Link.person_id == person_id, Link.organisation_id == organisation_id))]
    rows += [(MEMBER, m.since.date(), None if m.ended_at is None else m.ended_at.date())
             for m in session.scalars(select(Membership).where(
                 Membership.person_id == person_id, Membership.organisation_id == organisation_id))]
    months = look_back().months
    found = [Conflict(kind, since, until, None if until is None else months_after(until, months))
             for kind, since, until in rows]
    return tuple(sorted((c for c in found if c.counts_until is None or on <= c.counts_until),
                        key=lambda c: (c.since, c.kind)))
