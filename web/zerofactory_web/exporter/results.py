"""Results and the files made of them: kept as they were computed, whoever asks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_web.exporter import access
from zerofactory_web.exporter.inputs import put
from zerofactory_web.exporter.model import KINDS, CbamFile, CbamInput, CbamInputVersion, CbamResult
from zerofactory_web.store.unit import Actor, Store


@dataclass(frozen=True, slots=True)
class Computed:
    """A calculation as the guarded process gave it back."""

    method: str
    import_year: int | None
    readings: Mapping[str, str]
    engine: str
    document: bytes
    proof: bytes
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A file as the guarded process gave it back."""

    kind: str
    language: str
    name: str
    data: bytes
    problems: Sequence[Mapping[str, Any]] = ()


def keep(store: Store, actor: Actor, version_id: str, computed: Computed, *, request: str = "") -> str:
    """Keep a calculation of a version; the id of the result. The same one again is the one that is there.

    Raises:
        ProblemsError: ``exporter.not-found``, ``accounts.scope``.
    """
    with store.read() as session:
        access.version_of(session, actor, version_id, access.WRITE)
    document, proof = put(store.documents, computed.document), put(store.documents, computed.proof)
    with store.change(actor, request) as change:
        access.version_of(change.session, actor, version_id, access.WRITE)
        there = change.session.scalars(select(CbamResult).where(
            CbamResult.version_id == version_id, CbamResult.document == document, CbamResult.proof == proof,
            CbamResult.method == computed.method, CbamResult.engine == computed.engine)).all()
        for old in there:
            if (old.import_year, old.readings) == (computed.import_year, dict(computed.readings)):
                return old.id
        row = CbamResult(version_id=version_id, method=computed.method, import_year=computed.import_year,
                         readings=dict(computed.readings), engine=computed.engine, document=document, proof=proof,
                         summary=dict(computed.summary), made_by=actor.id, created_at=change.now)
        change.session.add(row)
        change.record("desk.computed", "cbam_result", row, content={
            "version": version_id, "method": row.method, "import_year": row.import_year, "readings": row.readings,
            "engine": row.engine, "document": document, "proof": proof})
        return row.id


def keep_file(store: Store, actor: Actor, result_id: str, made: Made, *, request: str = "") -> str:
    """Keep a file made of a result; its id. The same bytes again are the file that is there.

    Raises:
        ProblemsError: ``exporter.not-found``, ``exporter.not-kind``, ``accounts.scope``.
    """
    if made.kind not in KINDS:
        raise access.refused("exporter.not-kind", "kind", found=made.kind[:40], accepted=", ".join(KINDS))
    with store.read() as session:
        access.result_of(session, actor, result_id, access.WRITE)
    document = put(store.documents, made.data)
    with store.change(actor, request) as change:
        access.result_of(change.session, actor, result_id, access.WRITE)
        there = change.session.scalar(select(CbamFile.id).where(
            CbamFile.result_id == result_id, CbamFile.kind == made.kind, CbamFile.document == document,
            CbamFile.name == made.name).limit(1))
        if there is not None:
            return there
        row = CbamFile(result_id=result_id, kind=made.kind, language=made.language, name=made.name, document=document,
                       size=len(made.data), problems=[dict(p) for p in made.problems], made_by=actor.id,
                       created_at=change.now)
        change.session.add(row)
        change.record("desk.file-made", "cbam_file", row, content={
            "result": result_id, "kind": row.kind, "name": row.name, "document": document, "size": row.size})
        return row.id


def of_version(session: Session, version_ids: Sequence[str]) -> Sequence[CbamResult]:
    """Results of these versions, the newest first."""
    return session.scalars(select(CbamResult).where(CbamResult.version_id.in_(version_ids)).order_by(
        CbamResult.created_at.desc(), CbamResult.id)).all()


def of_organisation(session: Session, organisation_id: str, most: int = 200) -> list[tuple[CbamResult, int, str, str]]:
    """Results of an organisation, the newest first: with the number of their version, name and id of their input."""
    return [(r, n, name, ident) for r, n, name, ident in session.execute(
        select(CbamResult, CbamInputVersion.number, CbamInput.name, CbamInput.id).join(
            CbamInputVersion, CbamInputVersion.id == CbamResult.version_id).join(
                CbamInput, CbamInput.id == CbamInputVersion.input_id).where(
                    CbamInput.organisation_id == organisation_id).order_by(
                        CbamResult.created_at.desc(), CbamResult.id).limit(most))]


def files(session: Session, result_id: str) -> Sequence[CbamFile]:
    """Files made of a result, the newest first."""
    return session.scalars(select(CbamFile).where(CbamFile.result_id == result_id).order_by(
        CbamFile.created_at.desc(), CbamFile.id)).all()


def steps(store: Store, result: CbamResult) -> dict[str, Any]:
    """The proof of a result: its steps by id, as they were written down.

    Raises:
        ProblemsError: ``store.document-lost``, ``store.document-damaged``.
    """
    found: dict[str, Any] = json.loads(store.documents.read(result.proof))["steps"]
    return found
