"""The row of a decision: made in one place, whatever is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_web.accounts.access import content_of
from zerofactory_web.cases.model import Case, Decision
from zerofactory_web.store.unit import Actor, Change


def record(change: Change, actor: Actor, case: Case, kind: str, reason: str, *, opinion: str | None = None,
           basis: Mapping[str, str] | None = None, report_number: str | None = None) -> Decision:
    """Write down that *actor* decided *kind* on *case* today, on the bundle that is frozen; rights were checked.

    *opinion* with its *basis* (zh, en) of a verification, *report_number* of a readiness case: see the table.
    """
    given = basis or {}
    made = Decision(case_id=case.id, kind=kind, by_person=actor.id, reason=reason, bundle=case.frozen_bundle or "",
                    effective_on=change.now.date(), opinion=opinion, basis_zh=given.get("zh", ""),
                    basis_en=given.get("en", ""), report_number=report_number, created_at=change.now)
    change.session.add(made)
    change.session.flush()
    change.record(f"decision.{kind}", "decision", made, content=content_of(made), reason=reason[:500],
                  details={"case": case.number})
    return made


def listed(session: Session, case: Case) -> Sequence[Decision]:
    """All decisions on *case*, the newest first."""
    return session.scalars(select(Decision).where(Decision.case_id == case.id)
                           .order_by(Decision.created_at.desc(), Decision.id)).all()
