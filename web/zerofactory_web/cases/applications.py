"""Applications: begun and saved by the applicant, submitted, then returned, accepted or declined by the body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.evaluation.request import Request, settle_request
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts.access import content_of, refused, require_person, require_scope
from zerofactory_web.accounts.model import Organisation
from zerofactory_web.cases import access, dossiers
from zerofactory_web.cases.model import Application, Case
from zerofactory_web.cases.moves import move
from zerofactory_web.cases.numbers import next_number
from zerofactory_web.cases.schemes import Scheme, scheme, schemes
from zerofactory_web.cases.states import APPLICANT, APPLICATION
from zerofactory_web.cases.words import Words
from zerofactory_web.store.unit import Actor, Store

#: What the applicant fills in, with the longest text of each.
FIELDS = {"facility_zh": 200, "facility_en": 200, "sector": 10, "pack": 120, "level": 40, "scope_zh": 2_000,
          "scope_en": 2_000, "not_covered_zh": 2_000, "not_covered_en": 2_000}
#: Kinds of outcome on which a body concludes; a self-claim is nobody's but the claimant's.
CONCLUDED = ("certification", "verification", "readiness")
_EDITABLE = ("draft", "returned")


@dataclass(frozen=True, slots=True)
class Task:
    """One task of the list: its code, and whether it is done."""

    code: str
    done: bool


def start(store: Store, actor: Actor, organisation_id: str, *, request: str = "") -> str:
    """Begin an application of one's organisation; its number.

    Raises:
        ProblemsError: ``accounts.not-signed-in``, ``accounts.scope``; ``cases.not-found`` when the actor is no member.
    """
    with store.change(actor, request) as change:
        if not actor.known:
            raise refused("accounts.not-signed-in")
        require_scope(actor, "apply")
        place = change.session.get(Organisation, organisation_id)
        if place is None or place.kind != APPLICANT or not access.is_applicant(change.session, actor, organisation_id):
            raise access.refused("cases.not-found", found=organisation_id[:40])
        made = Application(number=next_number(change.session, Application, "A", change.now.year),
                           organisation_id=place.id, made_by=actor.id, created_at=change.now, checks={})
        change.session.add(made)
        change.record("application.begun", "application", made, content=content_of(made))
        return made.number


def save(store: Store, actor: Actor, number: str, values: Mapping[str, str], version: int, *,
         request: str = "") -> None:
    """Keep what was filled in so far; anything may still be empty. *version*: that which the page showed.

    Raises:
        ProblemsError: ``cases.application-closed``, ``store.stale`` when somebody else saved in between, values that
            are too long or hold control characters, an unknown scheme or level.
    """
    with store.change(actor, request) as change:
        row = _mine(change.session, actor, number)
        if row.state not in _EDITABLE:
            raise access.refused("cases.application-closed", found=row.state)
        if row.version != version:
            raise ProblemsError([Problem("store.stale")])
        words = Words()
        for name, given in values.items():
            if name not in FIELDS:
                continue
            text = words.optional(name, given, FIELDS[name], lines=name.startswith(("scope", "not_covered")))
            setattr(row, name, words.sector(text) if name == "sector" and text else text)
        if row.pack:
            words.problems += _unknown_level(store, row)
        words.done()
        change.record("application.saved", "application", row, content=content_of(row))


def _unknown_level(store: Store, row: Application) -> list[Problem]:
    try:
        pack = scheme(store.settings, row.pack).pack
    except ProblemsError as error:
        return list(error.problems)
    if row.level and row.level not in pack.levels:
        return [Problem("evaluation.level-unknown", Place(path="level"), found=row.level,
                        accepted=", ".join(pack.levels))]
    return []


def _mine(session: Session, actor: Actor, number: str) -> Application:
    row = access.application(session, actor, number, scope="apply")
    if not access.is_applicant(session, actor, row.organisation_id):
        raise access.refused("cases.not-yours", accepted=APPLICANT)
    return row


def tasks(session: Session, row: Application) -> tuple[Task, ...]:
    """What has to be done before an application can be submitted, in the order in which it is usually done."""
    last = dossiers.newest(session, row.id)
    return (Task("facility", bool(row.facility_zh and row.facility_en and row.sector)),
            Task("standard", bool(row.pack and row.level)),
            Task("scope", bool(row.scope_zh and row.scope_en)),
            Task("dossier", last is not None and not dossiers.has_errors(last)))


def submit(store: Store, actor: Actor, number: str, *, request: str = "") -> None:
    """Hand the application in; a program may, whose token says that it applies.

    Raises:
        ProblemsError: ``cases.task-open`` for every task that is not done, ``cases.step``.
    """
    with store.change(actor, request) as change:
        row = _mine(change.session, actor, number)
        open_tasks = [Problem("cases.task-open", Place(path=t.code)) for t in tasks(change.session, row) if not t.done]
        row.submitted_at = change.now
        move(change, APPLICATION, row, "submit", missing=open_tasks)


def withdraw(store: Store, actor: Actor, number: str, *, request: str = "") -> None:
    """Take the application back before it was accepted."""
    with store.change(actor, request) as change:
        require_person(actor)
        move(change, APPLICATION, _mine(change.session, actor, number), "withdraw")


def answer(store: Store, actor: Actor, number: str, event: str, reason: str, *, request: str = "") -> None:
    """``return`` it for completion, or ``decline`` it, with a reason that the applicant reads."""
    with store.change(actor, request) as change:
        row = access.application(change.session, actor, number, scope="evaluate")
        access.require_planner(change.session, actor, row.organisation_id, change.now.date())
        words = Words()
        words.among("event", event, ("return", "decline"))
        row.answer = words.text("reason", reason, 2_000, lines=True)
        words.done()
        move(change, APPLICATION, row, event, reason=row.answer)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the body settles when it takes an application on: *levels* asked for, *readings* of unclear clauses, the law
    date, the scope in both languages, and what it looked at: that it is competent, impartial, and able (*capable*).
    *open_minors*: whether the scheme allows a certificate while a minor nonconformity is open, with its clause."""

    pack: str
    levels: Sequence[str]
    readings: Mapping[str, str]
    valid_on: str
    scope_zh: str
    scope_en: str
    competence: str
    impartiality: str
    capable: str
    open_minors: str = ""


def accept(store: Store, actor: Actor, number: str, terms: Terms, *, request: str = "") -> str:
    """Take an application on; the number of the case that is made for it.

    Raises:
        ProblemsError: ``cases.not-yours``, ``cases.step``, levels or readings that the scheme does not have, texts that
            are missing; all at once.
    """
    with store.change(actor, request) as change:
        row = access.application(change.session, actor, number, scope="evaluate")
        access.require_planner(change.session, actor, row.organisation_id, change.now.date())
        words = Words()
        row.scope_zh = words.text("scope_zh", terms.scope_zh, 2_000, lines=True)
        row.scope_en = words.text("scope_en", terms.scope_en, 2_000, lines=True)
        row.checks = {name: words.text(name, getattr(terms, name), 2_000, lines=True)
                      for name in ("competence", "impartiality", "capable")}
        row.checks["open_minors"] = words.optional("open_minors", terms.open_minors, 500)
        valid_on = words.day("valid_on", terms.valid_on)
        found = scheme(store.settings, terms.pack)
        if found.pack.outcome_kind not in CONCLUDED:
            words.problems.append(Problem("cases.kind-not-concluded", Place(path="pack"),
                                          found=found.pack.outcome_kind, accepted=", ".join(CONCLUDED)))
        if not terms.levels:
            words.problems.append(Problem("cases.level-missing", Place(path="level")))
        if valid_on is not None:
            words.problems += _unsettled(found, terms, valid_on)
        words.done()
        assert valid_on is not None
        move(change, APPLICATION, row, "accept")
        made = Case(number=next_number(change.session, Case, "C", change.now.year), application_id=row.id,
                    organisation_id=row.organisation_id, sector=row.sector, pack=found.reference,
                    outcome_kind=found.pack.outcome_kind, pack_sha256=found.sha256, readings=dict(terms.readings),
                    levels=list(terms.levels), valid_on=valid_on, two_persons=store.settings.strict_duties, plan={},
                    created_at=change.now)
        change.session.add(made)
        change.record("case.planned", "case", made, content=content_of(made), details={"application": row.number})
        return made.number


def _unsettled(found: Scheme, terms: Terms, valid_on: date) -> list[Problem]:
    try:
        settle_request(Request(valid_on, tuple(terms.levels), readings=dict(terms.readings)), found.pack)
    except ProblemsError as error:
        return list(error.problems)
    return []


def listed(store: Store, actor: Actor) -> list[tuple[Application, Organisation, Case | None]]:
    """Applications that the actor sees, the newest first, with their organisation and the newest case.

    Raises:
        ProblemsError: ``accounts.scope``.
    """
    require_scope(actor, "read")
    with store.read() as session:
        looking = bool(access.staff_roles(session, actor) & access.LOOKING)
        query = select(Application, Organisation).join(Organisation, Organisation.id == Application.organisation_id)
        if not looking:
            query = query.where(Application.organisation_id.in_(actor.organisations))
        rows = [(a, o) for a, o in session.execute(query.order_by(Application.created_at.desc(), Application.id))
                if access.may_see(session, actor, a)]
        newest: dict[str, Case] = {}
        for case in session.scalars(select(Case).where(Case.application_id.in_([a.id for a, _ in rows]))
                                    .order_by(Case.created_at)):
            newest[case.application_id] = case
        return [(a, o, newest.get(a.id)) for a, o in rows]


def offered(store: Store) -> list[tuple[str, str]]:
    """(reference, kind of outcome) of every scheme that can be applied for."""
    return [(s.reference, s.pack.outcome_kind) for s in schemes(store.settings)]
