"""Whether the dossier of an application may still change, and who may change it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_web.accounts.access import require_person
from zerofactory_web.cases import access
from zerofactory_web.cases.model import Application, Case
from zerofactory_web.cases.states import APPLICANT, FROZEN
from zerofactory_web.store.unit import Actor

#: States of an application in which its dossier may still change.
OPEN = ("draft", "returned", "accepted")


def require_open_dossier(session: Session, actor: Actor, row: Application) -> None:
    """A member of the applicant, while the application is open and its evaluation is not complete.

    Raises:
        ProblemsError: ``cases.not-yours``, ``cases.application-closed``, ``cases.frozen``.
    """
    if actor.scopes is None:
        require_person(actor)
    if not access.is_applicant(session, actor, row.organisation_id):
        raise access.refused("cases.not-yours", accepted=APPLICANT)
    case = session.scalar(select(Case).where(Case.application_id == row.id).order_by(Case.created_at.desc()).limit(1))
    if row.state not in OPEN:
        raise access.refused("cases.application-closed", found=row.state)
    if case is not None and case.state in FROZEN:
        raise access.refused("cases.frozen")
