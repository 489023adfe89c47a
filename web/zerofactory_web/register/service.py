"""The register: issuing after the lint, status by decisions only, looking up and searching."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from zerofactory_engine.canonical import content_hash, jsonable
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts.model import Organisation
from zerofactory_web.cases.model import Case, Decision
from zerofactory_web.cases.states import CERTIFICATE
from zerofactory_web.register import serials
from zerofactory_web.register.lint import Draft, Known, lint
from zerofactory_web.register.model import STATUSES, Certificate, CertificateFile, CertificateStatus, CertificateText
from zerofactory_web.register.model import Sequence as Count
from zerofactory_web.register.order import IssueOrder
from zerofactory_web.store.audit import AuditHead
from zerofactory_web.store.unit import SYSTEM, Change, Store

#: Prefix of the number by kind.
PREFIX = {"certificate": "ZC", "statement": "ZS"}
#: Prefix of readiness reports: they have numbers of the same series and are not in the register.
REPORT_PREFIX = "ZR"
FORMAT = "zerofactory/certificate/1"
PAGE = 20
#: Statuses from which on a certificate no longer claims its serials: it is replaced, or was never right. One that
#: ran out or was given up still did claim them for its period.
RELEASES = ("superseded", "withdrawn")


def issue(change: Change, order: IssueOrder) -> Certificate:
    """Issue what the decision in this transaction granted; its files are made by a job once it is committed.

    A certificate that it supersedes ends with it (``reissue``), by the same decision.

    Raises:
        ProblemsError: every fault that the lint finds (``register.lint-…``).
    """
    session, today = change.session, change.now.date()
    name = f"{PREFIX.get(order.kind, 'XX')}-{today.year}"
    number = f"{name}-{_next(session, name):05d}"
    if (faults := lint(Draft(order, number, today, _known(session, order, number)))):
        raise ProblemsError(faults)
    if order.supersedes is not None:
        change_status(change, order.supersedes, "reissue", order.decision_id, "")
    content = record(order, number, today, _body(session), _number_of(session, order.supersedes))
    made = Certificate(
        number=number, kind=order.kind, certificate_class=order.certificate_class, status="active",
        case_id=order.case_id, decision_id=order.decision_id, organisation_id=order.organisation_id, issued_on=today,
        valid_from=order.valid_from, valid_until=order.valid_until, surveillance_due=order.surveillance_due,
        content=content, sha256=content_hash(content), bundle=order.bundle,
        supersedes=order.supersedes, created_at=change.now)
    session.add(made)
    session.flush()
    session.add(CertificateText(certificate_id=made.id, issued_on=today, number=number, text=_folded(content)))
    _status(change, made, "active", order.decision_id, "")
    serials.take(change, made, order.serials)
    change.record("certificate.issued", "certificate", made, content=content,
                  details={"number": number, "case": order.case_number})
    _enqueue_files(change, made)
    return made


def _known(session: Session, order: IssueOrder, number: str) -> Known:
    """What the lint has to know of the store."""
    case, replaced = session.get(Case, order.case_id), None
    decision = session.get(Decision, order.decision_id)
    if order.supersedes is not None and (old := session.get(Certificate, order.supersedes)) is not None:
        replaced = (old.status, old.organisation_id)
    return Known(case.outcome_kind if case is not None else None,
                 tuple(serials.conflicts(session, order.case_id, order.serials)), replaced,
                 by_number(session, number) is not None, decision.opinion if decision is not None else None)


def _number_of(session: Session, ident: str | None) -> str | None:
    return None if ident is None else session.scalar(select(Certificate.number).where(Certificate.id == ident))


def record(order: IssueOrder, number: str, today: date, body: Mapping[str, Any], supersedes: str | None
           ) -> dict[str, Any]:
    """Everything that stands on the certificate, as data; who evaluated is not public and not in it.

    *supersedes*: number of the certificate that it replaces.
    """
    content: dict[str, Any] = jsonable({
        "format": FORMAT, "number": number, "kind": order.kind, "class": order.certificate_class,
        "scheme_filing": order.scheme_filing, "body": dict(body), "client": dict(order.client),
        "sites": list(order.sites), "scope": dict(order.scope), "not_covered": dict(order.not_covered),
        "standard": dict(order.pack),
        "levels": list(order.levels), "period": dict(order.period), "values": list(order.values),
        "conditions": list(order.conditions), "case": order.case_number, "decided_on": order.decided_on.isoformat(),
        "issued_on": today.isoformat(), "valid_from": order.valid_from.isoformat(),
        "valid_until": order.valid_until.isoformat(),
        "surveillance_due": order.surveillance_due.isoformat() if order.surveillance_due else None,
        "signatory": dict(order.signatory), "bundle": order.bundle, "supersedes": supersedes,
        **({"opinion": dict(order.opinion)} if order.opinion is not None else {})})
    return content


def opinion_of(row: Certificate) -> str | None:
    """The opinion of a statement; None for a certificate, and for a statement from before opinions were kept."""
    found = row.content.get("opinion")
    return found["type"] if found else None


def _body(session: Session) -> dict[str, Any]:
    """The certification body of this installation, as it names itself."""
    found = session.scalar(select(Organisation).where(Organisation.kind == "body").order_by(Organisation.created_at))
    if found is None:
        raise ProblemsError([Problem("register.no-body")])
    return {"name": {"zh": found.name_zh, "en": found.name_en}, "address": found.address or {"zh": "", "en": ""}}


def next_report(change: Change) -> str:
    """The number of the next readiness report, taken in the transaction of its decision."""
    name = f"{REPORT_PREFIX}-{change.now.year}"
    return f"{name}-{_next(change.session, name):05d}"


def _next(session: Session, name: str) -> int:
    """The next count of *name*; the head of the audit log is held, so that two never take the same."""
    session.get(AuditHead, 1, with_for_update=True)
    count = session.get(Count, name)
    if count is None:
        session.add(Count(name=name, last=1))
        return 1
    count.last += 1
    return count.last


def _enqueue_files(change: Change, made: Certificate) -> None:
    """Have the signed files made; a crash after the commit leaves the job, so they are made then."""
    from zerofactory_web.jobs import service as jobs

    jobs.enqueue(change, "certificate/files", {"certificate": made.id}, key=f"certificate/files/{made.id}")


# --- status ----------------------------------------------------------------------------------------------------------


def change_status(change: Change, certificate_id: str, event: str, decision_id: str | None, reason: str,
                  told: Mapping[str, str] | None = None) -> None:
    """Take a certificate along an event of its machine, by a decision (``expire`` needs none).

    *reason* stays with the body; *told* (zh, en) is what the public register says of it.

    Raises:
        ProblemsError: ``register.not-found``, ``register.step`` with what may happen now, ``register.not-decided``.
    """
    row = change.session.get(Certificate, certificate_id)
    if row is None:
        raise ProblemsError([Problem("register.not-found")])
    step = CERTIFICATE.step(row.status, event)
    if step is None:
        raise ProblemsError([Problem("register.step", Place(path=row.status), found=event,
                                     accepted=", ".join(CERTIFICATE.events(row.status)) or "—")])
    if decision_id is None and step.roles != ("system",):
        raise ProblemsError([Problem("register.not-decided", Place(path=row.number))])
    _status(change, row, step.to, decision_id, reason, told)
    row.status = step.to
    if step.to in RELEASES:
        serials.release(change.session, row.id, change.now)
    change.record(f"certificate.{event}", "certificate", row, content={"status": step.to}, reason=reason[:500],
                  details={"number": row.number})


def _status(change: Change, row: Certificate, status: str, decision_id: str | None, reason: str,
            told: Mapping[str, str] | None = None) -> None:
    change.session.add(CertificateStatus(certificate_id=row.id, status=status, since=change.now,
                                         decision_id=decision_id, reason=reason, told=dict(told or {}),
                                         created_at=change.now))
    change.session.flush()


def expire_due(store: Store, *, request: str = "", beat: Callable[[int], None] = lambda thousandths: None) -> list[str]:
    """Mark certificates whose validity is over; their numbers. Each in a transaction of its own."""
    today, done = store.clock().date(), []
    with store.read() as session:
        due = list(session.scalars(select(Certificate.id).where(
            Certificate.status.in_(("active", "suspended")), Certificate.valid_until < today)))
    for n, ident in enumerate(due):
        beat(1000 * n // len(due))
        with store.change(SYSTEM, request) as change:
            row = change.session.get_one(Certificate, ident)
            if row.status in ("active", "suspended"):
                change_status(change, ident, "expire", None, "")
                done.append(row.number)
    return done


def status_on(row: Certificate, today: date) -> str:
    """What a certificate is worth on a day: a status in force before or after its validity is not yet or no longer
    valid, whether the upkeep ran or not."""
    if row.status not in ("active", "suspended"):
        return row.status
    if today > row.valid_until:
        return "expired"
    return "not-yet-valid" if row.status == "active" and today < row.valid_from else row.status


def _now(status: str, today: date) -> Any:
    """SQL: :func:`status_on` gives *status*."""
    if status == "expired":
        return or_(Certificate.status == "expired", and_(Certificate.status.in_(("active", "suspended")),
                                                         Certificate.valid_until < today))
    if status in ("active", "suspended"):
        held = and_(Certificate.status == status, Certificate.valid_until >= today)
        return held if status == "suspended" else and_(held, Certificate.valid_from <= today)
    if status == "not-yet-valid":
        return and_(Certificate.status == "active", Certificate.valid_from > today)
    return Certificate.status == status


# --- looking up ------------------------------------------------------------------------------------------------------


def by_id(session: Session, ident: str) -> Certificate | None:
    """The certificate of that id."""
    return session.get(Certificate, ident)


def by_number(session: Session, number: str) -> Certificate | None:
    """The certificate of that number."""
    return session.scalar(select(Certificate).where(Certificate.number == number[:30]))


def of_case(session: Session, case_id: str) -> Sequence[Certificate]:
    """Certificates of a case, the newest first."""
    return session.scalars(select(Certificate).where(Certificate.case_id == case_id)
                           .order_by(Certificate.number.desc())).all()


def history(session: Session, certificate_id: str) -> Sequence[CertificateStatus]:
    """Everything that it became, the oldest first."""
    return session.scalars(select(CertificateStatus).where(CertificateStatus.certificate_id == certificate_id)
                           .order_by(CertificateStatus.since, CertificateStatus.id)).all()


def files(session: Session, certificate_id: str) -> Sequence[CertificateFile]:
    """Its signed files."""
    return session.scalars(select(CertificateFile).where(CertificateFile.certificate_id == certificate_id)
                           .order_by(CertificateFile.kind, CertificateFile.language)).all()


def seals(session: Session) -> frozenset[str]:
    """Hashes of all certificates under which files of this register were sealed."""
    return frozenset(session.scalars(select(CertificateFile.seal).distinct()))


def successor(session: Session, certificate_id: str) -> Certificate | None:
    """The certificate that replaced this one."""
    return session.scalar(select(Certificate).where(Certificate.supersedes == certificate_id).limit(1))


def file_of_hash(session: Session, sha256: str) -> CertificateFile | None:
    """The file whose bytes have that hash."""
    return session.scalar(select(CertificateFile).where(CertificateFile.document == sha256).limit(1))


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search, the newest first; *after* is where the next page begins, None on the last."""

    rows: Sequence[Certificate]
    after: str | None


#: Statuses that a search may ask for.
ASKED = ("active", "not-yet-valid", *STATUSES[1:])


def search(session: Session, text: str = "", status: str = "", kind: str = "", after: str = "", size: int = PAGE, *,
           today: date) -> Found:
    """Certificates whose number, client, site, scope or standard contains every word of *text*, and that are worth
    *status* today.

    *after*: ``2026-11-02~ZC-2026-00017``, the last row of the page before.

    Raises:
        ProblemsError: ``register.bad-page``, ``register.bad-filter``.
    """
    words = folded(text[:200]).split()[:8]
    day: Any = CertificateText.issued_on if words else Certificate.issued_on
    number: Any = CertificateText.number if words else Certificate.number
    query = select(Certificate)
    if words:
        query = query.join(CertificateText, CertificateText.certificate_id == Certificate.id)
    for word in words:
        query = query.where(CertificateText.text.contains(word, autoescape=True))
    if status:
        query = query.where(_now(_known_one(status, ASKED, "status"), today))
    if kind:
        query = query.where(Certificate.kind == _known_one(kind, tuple(PREFIX), "kind"))
    if after:
        on, last_number = _cursor(after)
        query = query.where(or_(day < on, and_(day == on, number < last_number)))
    rows = session.scalars(query.order_by(day.desc(), number.desc()).limit(size + 1)).all()
    last = rows[size - 1] if len(rows) > size else None
    return Found(rows[:size], f"{last.issued_on.isoformat()}~{last.number}" if last else None)


def _known_one(value: str, accepted: tuple[str, ...], path: str) -> str:
    if value not in accepted:
        raise ProblemsError([Problem("register.bad-filter", Place(path=path), found=value[:40],
                                     accepted=", ".join(accepted))])
    return value


def _cursor(after: str) -> tuple[date, str]:
    day, _, number = after.partition("~")
    try:
        return date.fromisoformat(day), number[:30]
    except ValueError:
        raise ProblemsError([Problem("register.bad-page", Place(path="after"), found=after[:60])]) from None


def folded(text: str) -> str:
    """*text* for searching: compatibility forms, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _folded(content: dict[str, Any]) -> str:
    names = [content["client"]["name"], *(s["name"] for s in content["sites"]), content["scope"],
             content["standard"]["title"]]
    parts = [content["number"], content["client"].get("credit_code") or "", content["standard"]["id"],
             *(str(n.get(lang) or "") for n in names for lang in ("zh", "en"))]
    return folded(" ".join(parts))
