"""Who may see and do what at the desk: members of the organisation, nobody else. What is others' is "not found"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts.access import organisations_of, require_scope
from zerofactory_web.accounts.model import Organisation, Person
from zerofactory_web.exporter.model import (
    CbamFile,
    CbamInput,
    CbamInputVersion,
    CbamResult,
    DataRequest,
    SentCommunication,
    SentFile,
)
from zerofactory_web.store.model import ID_LENGTH, Identified
from zerofactory_web.store.unit import Actor

#: What a token needs to look at the desk, and to write there.
READ, WRITE = "read", "apply"
R = TypeVar("R", bound=Identified)


def refused(code: str, path: str | None = None, *, found: str | None = None, accepted: str | None = None,
            example: str | None = None) -> ProblemsError:
    """One problem as an error."""
    return ProblemsError([Problem(code, Place(path=path), found=found, accepted=accepted, example=example)])


def not_found() -> ProblemsError:
    """There is no such thing, or it is somebody else's: nobody is told which."""
    return refused("exporter.not-found")


def exporters(session: Session, actor: Actor) -> Sequence[Organisation]:
    """Organisations that export, whose member the actor is: as he came in, and still."""
    if not actor.known:
        return ()
    mine = actor.organisations & organisations_of(session, actor.id)
    return session.scalars(select(Organisation).where(
        Organisation.id.in_(mine), Organisation.kind == "applicant").order_by(Organisation.name_en,
                                                                              Organisation.id)).all()


def organisation(session: Session, actor: Actor, ident: str, scope: str = READ) -> Organisation:
    """The organisation with that id, one of the actor's.

    Raises:
        ProblemsError: ``exporter.not-found``, ``accounts.scope``.
    """
    require_scope(actor, scope)
    found = next((o for o in exporters(session, actor) if o.id == ident), None)
    if found is None:
        raise not_found()
    return found


def input_of(session: Session, actor: Actor, ident: str, scope: str = READ) -> CbamInput:
    """An input of one of the actor's organisations; raises as :func:`organisation`."""
    row = _one(session, CbamInput, ident)
    organisation(session, actor, row.organisation_id, scope)
    return row


def version_of(session: Session, actor: Actor, ident: str, scope: str = READ) -> tuple[CbamInputVersion, CbamInput]:
    """A version with its input; raises as :func:`organisation`."""
    row = _one(session, CbamInputVersion, ident)
    return row, input_of(session, actor, row.input_id, scope)


def result_of(session: Session, actor: Actor, ident: str,
              scope: str = READ) -> tuple[CbamResult, CbamInputVersion, CbamInput]:
    """A result with its version and input; raises as :func:`organisation`."""
    row = _one(session, CbamResult, ident)
    return row, *version_of(session, actor, row.version_id, scope)


def file_of(session: Session, actor: Actor, ident: str) -> CbamFile:
    """A file made of a result of the actor's organisations; raises as :func:`organisation`."""
    row = _one(session, CbamFile, ident)
    result_of(session, actor, row.result_id)
    return row


def request_of(session: Session, actor: Actor, ident: str, scope: str = READ) -> DataRequest:
    """A request to one of the actor's organisations; raises as :func:`organisation`."""
    row = _one(session, DataRequest, ident)
    organisation(session, actor, row.organisation_id, scope)
    return row


def sent_file_of(session: Session, actor: Actor, ident: str) -> SentFile:
    """A file that was sent by one of the actor's organisations; raises as :func:`organisation`."""
    row = _one(session, SentFile, ident)
    communication = session.get_one(SentCommunication, row.communication_id)
    request_of(session, actor, communication.request_id)
    return row


def name_of(session: Session, person_id: str | None) -> str:
    """A person's name; empty for nobody."""
    found = session.get(Person, person_id) if person_id else None
    return found.name if found is not None else ""


def _one(session: Session, kind: type[R], ident: str) -> R:
    row = session.get(kind, ident) if len(ident) == ID_LENGTH and ident.isalnum() else None
    if row is None:
        raise not_found()
    return row
