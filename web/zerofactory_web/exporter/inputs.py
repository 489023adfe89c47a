"""Inputs and their versions: the file as it came, what was read from it, and what changed from version to version.

A file is read in a guarded process before anything is kept (:func:`.guarded.read`); here stands what may be kept then.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from zerofactory_engine.canonical import canonical_bytes
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts.words import Words
from zerofactory_web.exporter import access
from zerofactory_web.exporter.compare import Change as Difference
from zerofactory_web.exporter.compare import compare
from zerofactory_web.exporter.model import CbamInput, CbamInputFile, CbamInputVersion
from zerofactory_web.store.documents import Documents
from zerofactory_web.store.unit import Actor, Change, Store

#: Letters of the name of an input, and of the note of a version.
NAME, NOTE = 200, 1_000
#: Largest document that we write ourselves, in bytes.
OWN_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A file by the name that it came with, which is text and never a path."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Given:
    """A file that was read: with the tables beside it, the *tree* of what it says, the *problems* of its substance, and
    where it is from (``upload``, ``browser``, or the name of an example)."""

    file: Piece
    beside: tuple[Piece, ...]
    tree: Mapping[str, Any]
    problems: Sequence[Mapping[str, Any]]
    source: str = "upload"


def put(documents: Documents, data: bytes) -> str:
    """Keep *data* as a document; its hash."""
    return documents.put(io.BytesIO(data), OWN_BYTES).sha256


def add(store: Store, actor: Actor, organisation_id: str, name: str, given: Given, *, request: str = "") -> str:
    """Make an input with its first version; the id of the version.

    Raises:
        ProblemsError: ``exporter.not-found``, ``exporter.name-taken``, a name of no use, ``accounts.scope``.
    """
    words = Words()
    title = words.text("name", name, NAME)
    words.done()
    with store.read() as session:                       # nobody fills the store with documents he may not add
        access.organisation(session, actor, organisation_id, access.WRITE)
    kept = _kept(store, given)
    with store.change(actor, request) as change:
        access.organisation(change.session, actor, organisation_id, access.WRITE)
        if change.session.scalar(select(CbamInput.id).where(CbamInput.organisation_id == organisation_id,
                                                            CbamInput.name == title)) is not None:
            raise access.refused("exporter.name-taken", "name", found=title)
        row = CbamInput(organisation_id=organisation_id, name=title, made_by=actor.id, created_at=change.now)
        change.session.add(row)
        change.record("desk.input-added", "cbam_input", row, content={"organisation": organisation_id, "name": title})
        return _version(change, row, 1, given, kept, "").id


def add_version(store: Store, actor: Actor, input_id: str, given: Given, note: str = "", *,
                request: str = "") -> str:
    """Add another version; the id of it. The same file once more is no version.

    Raises:
        ProblemsError: ``exporter.not-found``, ``exporter.same-file``, a note of no use, ``accounts.scope``.
    """
    words = Words()
    said = words.text("note", note, NOTE, lines=True) if note.strip() else ""
    words.done()
    with store.read() as session:
        access.input_of(session, actor, input_id, access.WRITE)
    kept = _kept(store, given)
    with store.change(actor, request) as change:
        row = access.input_of(change.session, actor, input_id, access.WRITE)
        last = _last(change.session, input_id)
        if last is not None and last.document == kept[0] and beside_of(change.session, last) == _beside(given, kept):
            raise access.refused("exporter.same-file", "file", found=str(last.number))
        return _version(change, row, 1 if last is None else last.number + 1, given, kept, said).id


def _kept(store: Store, given: Given) -> tuple[str, ...]:
    """Hashes of the file, of the tree, and of the tables beside the file; all are documents now."""
    names = [b.name for b in given.beside]
    if len(set(names)) != len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise ProblemsError([Problem("exporter.beside-twice", Place(path="beside"), found=twice)])
    return (put(store.documents, given.file.data), put(store.documents, canonical_bytes(given.tree)),
            *(put(store.documents, b.data) for b in given.beside))


def _version(change: Change, row: CbamInput, number: int, given: Given, kept: tuple[str, ...],
             note: str) -> CbamInputVersion:
    made = CbamInputVersion(
        input_id=row.id, number=number, file_name=given.file.name, document=kept[0], size=len(given.file.data),
        tree=kept[1], source=given.source, note=note, problems=[dict(p) for p in given.problems],
        made_by=change.actor.id, created_at=change.now)
    change.session.add(made)
    change.session.flush()
    for piece, document in zip(given.beside, kept[2:], strict=True):
        change.session.add(CbamInputFile(version_id=made.id, name=piece.name, document=document,
                                         size=len(piece.data), created_at=change.now))
    change.record("desk.version-added", "cbam_input_version", made, reason=note,
                  content={"input": row.id, "number": number, "document": kept[0], "tree": kept[1],
                           "beside": _beside(given, kept)})
    return made


def _beside(given: Given, kept: tuple[str, ...]) -> dict[str, str]:
    return {piece.name: document for piece, document in zip(given.beside, kept[2:], strict=True)}


def beside_of(session: Session, version: CbamInputVersion) -> dict[str, str]:
    """Tables beside a version's file: name and document."""
    found = session.scalars(select(CbamInputFile).where(CbamInputFile.version_id == version.id).order_by(
        CbamInputFile.name))
    return {row.name: row.document for row in found}


def _last(session: Session, input_id: str) -> CbamInputVersion | None:
    return session.scalar(select(CbamInputVersion).where(CbamInputVersion.input_id == input_id).order_by(
        CbamInputVersion.number.desc()).limit(1))


def listed(session: Session, organisation_id: str) -> list[tuple[CbamInput, CbamInputVersion]]:
    """Inputs of an organisation with their newest version, by name."""
    other = aliased(CbamInputVersion)
    newest = select(func.max(other.number)).where(other.input_id == CbamInput.id).correlate(CbamInput).scalar_subquery()
    return [(i, v) for i, v in session.execute(select(CbamInput, CbamInputVersion).join(
        CbamInputVersion, CbamInputVersion.input_id == CbamInput.id).where(
            CbamInput.organisation_id == organisation_id, CbamInputVersion.number == newest).order_by(
                CbamInput.name))]


def versions(session: Session, input_id: str) -> Sequence[CbamInputVersion]:
    """Versions of an input, the newest first."""
    return session.scalars(select(CbamInputVersion).where(CbamInputVersion.input_id == input_id).order_by(
        CbamInputVersion.number.desc())).all()


def content(store: Store, session: Session, version: CbamInputVersion) -> tuple[Piece, tuple[Piece, ...]]:
    """The file of a version and the tables beside it, as they came.

    Raises:
        ProblemsError: ``store.document-lost``, ``store.document-damaged``.
    """
    return (Piece(version.file_name, store.documents.read(version.document)),
            tuple(Piece(name, store.documents.read(document))
                  for name, document in beside_of(session, version).items()))


def changes(store: Store, before: CbamInputVersion, after: CbamInputVersion) -> tuple[Difference, ...]:
    """What *after* says differently from *before*, figure by figure.

    Raises:
        ProblemsError: as :func:`content`.
    """
    old, new = (json.loads(store.documents.read(v.tree)) for v in (before, after))
    return compare(old, new)
