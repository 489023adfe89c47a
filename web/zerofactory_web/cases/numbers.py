"""Numbers of applications, cases and complaints: a letter, the year, and a count without gaps."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zerofactory_web.cases.model import Application, Case, Complaint
from zerofactory_web.store.audit import AuditHead


def next_number(session: Session, kind: type[Application] | type[Case] | type[Complaint], letter: str,
                year: int) -> str:
    """The number after the highest of its letter and year.

    The head of the audit log is held until the transaction ends, so two never take the same number.
    """
    session.get(AuditHead, 1, with_for_update=True)
    start = f"{letter}-{year}-"
    last = session.scalar(select(func.max(kind.number)).where(kind.number.like(start + "%")))
    return f"{start}{int(last[len(start):]) + 1 if last else 1:05d}"
