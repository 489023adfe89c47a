"""What persons are competent for at the body (rule 11): records with evidence that run out; nobody records his own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem
from zerofactory_web.accounts.access import content_of, one, refused, require_administrator
from zerofactory_web.accounts.model import Competence, Person
from zerofactory_web.accounts.words import Words
from zerofactory_web.store.unit import Actor, Store

ANY = "*"
EVIDENCE_LENGTH = 2_000


def record(store: Store, actor: Actor, person_id: str, *, sector: str, since: date, until: date, evidence: str,
           request: str = "") -> str:
    """Note a competence; by an administrator for somebody else. *sector*: prefix of GB/T 4754 (``C38``) or ``*``.

    Raises:
        ProblemsError: ``accounts.not-allowed``, ``accounts.not-found``, ``duty.competence-self``, values of no use.
    """
    with store.change(actor, request) as change:
        require_administrator(change.session, actor)
        person, words = one(change.session, Person, person_id), Words()
        if person.id == actor.id:
            raise refused("duty.competence-self")
        for_sector, text = words.sector(sector), words.text("evidence", evidence, EVIDENCE_LENGTH, lines=True)
        if until < since:
            words.problems.append(Problem("accounts.dates", Place(path="until"), found=str(until),
                                          accepted=f"≥ {since}"))
        words.done()
        made = Competence(person_id=person.id, sector=for_sector, since=since, until=until, evidence=text,
                          recorded_by=actor.id, created_at=change.now)
        change.session.add(made)
        change.session.flush()
        change.record("competence.recorded", "competence", made, content=content_of(made),
                      details={"person": person.id, "sector": for_sector})
        return made.id


def end(store: Store, actor: Actor, competence_id: str, reason: str, *, request: str = "") -> None:
    """End a record before its time.

    Raises:
        ProblemsError: ``accounts.not-allowed``, ``accounts.not-found``, ``accounts.final`` when it ended already.
    """
    with store.change(actor, request) as change:
        require_administrator(change.session, actor)
        row = one(change.session, Competence, competence_id)
        if row.ended_at is not None:
            raise refused("accounts.final")
        row.ended_at = change.now
        change.record("competence.ended", "competence", row, content=content_of(row), reason=reason[:500])


def records(session: Session, person_id: str) -> Sequence[Competence]:
    """All records of a person that were not ended, the newest first."""
    return session.scalars(select(Competence).where(Competence.person_id == person_id, Competence.ended_at.is_(None))
                           .order_by(Competence.until.desc(), Competence.id)).all()


def covers(recorded: str, sector: str) -> bool:
    """Whether a record for the sector *recorded* covers a case of *sector*: ``*`` any, ``C38`` also ``C3841``, never
    the other way round."""
    return recorded == ANY or sector.strip().upper().startswith(recorded)


def is_competent(session: Session, person_id: str, sector: str, on: date) -> bool:
    """Whether a record that holds on that day (both ends included) covers the sector."""
    return any(r.since <= on <= r.until and covers(r.sector, sector) for r in records(session, person_id))
