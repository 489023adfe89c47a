"""From a complete evaluation to its technical review: what was evaluated is frozen, somebody else looks at it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts.access import content_of
from zerofactory_web.cases import access, evaluating, findings, serials
from zerofactory_web.cases.model import Case, Review
from zerofactory_web.cases.moves import move, step_of
from zerofactory_web.cases.states import CASE
from zerofactory_web.cases.words import Words
from zerofactory_web.store.unit import Actor, Store


def complete(store: Store, actor: Actor, number: str, *, request: str = "") -> None:
    """The lead evaluator signs the newest result: from here on evidence, judgements and pack stand still.

    Raises:
        ProblemsError: ``cases.evaluation-outdated`` when something changed since it was computed,
            ``cases.question-open`` for questions that were not answered and are not past their day,
            ``cases.serial-twice``, ``cases.findings-in-hand`` while the applicant has them; all at once.
    """
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        access.require_on(change.session, actor, case, step_of(CASE, case, "complete").roles)
        last = evaluating.newest(change.session, case)
        missing = _incomplete(store, change.session, case, change.now.date().isoformat())
        case.frozen_at = change.now
        case.frozen_bundle, case.frozen_assessment = (last.bundle, last.assessment) if last else (None, None)
        move(change, CASE, case, "complete", missing=missing)


def _incomplete(store: Store, session: Session, case: Case, today: str) -> Sequence[Problem]:
    found: list[Problem] = []
    last = evaluating.newest(session, case)
    try:
        if last is None or evaluating.inputs(store, session, case).sha256 != last.inputs:
            found.append(Problem("cases.evaluation-outdated"))
    except ProblemsError as error:
        found += error.problems
    found += [Problem("cases.question-open", Place(path=q.subject), found=q.due.isoformat())
              for q in findings.questions(session, case) if q.answered_at is None and q.due.isoformat() >= today]
    return [*found, *serials.conflicts(session, case)]


def take_up(store: Store, actor: Actor, number: str, *, request: str = "") -> None:
    """The reviewer takes the case up."""
    _step(store, actor, number, "take_up", request)


def resume(store: Store, actor: Actor, number: str, *, request: str = "") -> None:
    """The lead evaluator takes a case up again that the review sent back; the old bundle stays on record."""
    _step(store, actor, number, "resume", request)


def _step(store: Store, actor: Actor, number: str, event: str, request: str) -> None:
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        access.require_on(change.session, actor, case, step_of(CASE, case, event).roles)
        if event == "resume" and case.state != "sent_back":      # from the applicant it comes back with a reason
            raise access.refused("cases.step", case.state, found=event, accepted="sent_back")
        if event == "resume":
            case.frozen_bundle = case.frozen_assessment = case.frozen_at = None
        move(change, CASE, case, event)


def review(store: Store, actor: Actor, number: str, outcome: str, text: str, *, request: str = "") -> str:
    """Write the technical review: ``pass``, or ``send_back`` with what is to be done; the id.

    Raises:
        ProblemsError: ``cases.not-yours``, ``duty.evaluated-it``, ``cases.step``, a text that is missing.
    """
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        words = Words()
        words.among("outcome", outcome, ("pass", "send_back"))
        told = words.text("text", text, 8_000, lines=True)
        words.done()
        access.require_on(change.session, actor, case, step_of(CASE, case, outcome).roles)
        require_no_part(change.session, case, actor.id)
        made = Review(case_id=case.id, by_person=actor.id, outcome=outcome, text=told, bundle=case.frozen_bundle or "",
                      created_at=change.now)
        change.session.add(made)
        change.session.flush()
        change.record("review.written", "review", made, content=content_of(made), details={"case": case.number})
        move(change, CASE, case, outcome, reason=told[:500])
        return made.id


def require_no_part(session: Session, case: Case, person_id: str) -> None:
    """Somebody who never was in the team of the case (rules 1 and 2).

    Raises:
        ProblemsError: ``duty.evaluated-it``.
    """
    from zerofactory_web.cases.planning import people
    from zerofactory_web.cases.states import TEAM

    if any(h.person_id == person_id and h.role in TEAM for h in people(session, case)):
        raise ProblemsError([Problem("duty.evaluated-it", Place(path=person_id))])


def reviews(session: Session, case: Case) -> Sequence[Review]:
    """All reviews, the newest first."""
    return session.scalars(select(Review).where(Review.case_id == case.id)
                           .order_by(Review.created_at.desc(), Review.id)).all()
