"""Documents of a draft: those of the newest version's archive are carried on, others are put in or left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.dossier.zips import unsafe_name
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.cases import access, dossiers, drafts
from zerofactory_web.cases.model import Application, DossierVersion, DraftFile
from zerofactory_web.store.unit import Actor, Store

#: Where files that are put in lie beside the dossier, and how many there may be.
FOLDER = "documents"
MOST_FILES = 500
_TABLE = "documents"


@dataclass(frozen=True, slots=True)
class File:
    """A file that the draft has: *path* beside the dossier, *size* in bytes (0: not known here), the ids of the
    *documents* whose file it is, and whether it was *carried* on from the newest version."""

    path: str
    size: int
    documents: tuple[str, ...]
    carried: bool


def listed(store: Store, actor: Actor, number: str) -> tuple[File, ...]:
    """The files of the draft by path.

    Raises:
        ProblemsError: ``cases.not-found``, ``cases.not-yours``.
    """
    row, cells = drafts.cells_of(store, actor, number)
    with store.read() as session:
        last, own = dossiers.newest(session, row.id), _own(session, row)
    found = dict.fromkeys(_carried(last), 0)
    for each in own:
        _without(found, each.path)
        if each.document is not None:
            found[each.path] = each.size
    put_in = {f.path for f in own}
    return tuple(File(path, size, _named(cells, path), path not in put_in) for path, size in sorted(found.items()))


def add(store: Store, actor: Actor, number: str, document: str, name: str, stream: BinaryIO, *,
        request: str = "") -> str:
    """Put a file called *name* into the draft, as the file of the row *document* of its table of documents; the path.
    The row then says the file and its SHA-256.

    Raises:
        ProblemsError: ``cases.document-unknown``, ``cases.file-name``, ``cases.files-many``,
            ``store.document-too-large``, ``cases.application-closed``, ``store.stale``.
    """
    row, cells = drafts.cells_of(store, actor, number)
    path = f"{FOLDER}/{name}"
    rows = [dict(r) for r in cells["rows"].get(_TABLE, ())]
    wanted = [r for r in rows if r.get("id") == document]
    problems = [] if wanted else [Problem("cases.document-unknown", Place(path="document"), found=document[:80] or "—",
                                          accepted=", ".join(r.get("id", "") for r in rows)[:400] or "—")]
    if unsafe_name(path) or len(path) > DraftFile.path.type.length:
        problems.append(Problem("cases.file-name", Place(path="file"), found=name[:80], example="settlement-2025.pdf"))
    if problems:
        raise ProblemsError(problems)
    stored = store.documents.put(stream, min(dossiers.LIMIT, store.settings.max_upload))
    wanted[0] |= {"file": path, "sha256": stored.sha256.removeprefix("sha256:")}
    with drafts.keeping(store, actor, row, {**cells, "rows": {**cells["rows"], _TABLE: rows}}, request) as change:
        own = _own(change.session, row)
        if len(own) >= MOST_FILES:
            raise access.refused("cases.files-many", "file", accepted=str(MOST_FILES))
        _forget(change.session, own, path)
        change.session.add(DraftFile(application_id=row.id, path=path, document=stored.sha256, size=stored.size,
                                     created_at=change.now))
    return path


def leave_out(store: Store, actor: Actor, number: str, path: str, *, request: str = "") -> None:
    """Take a file out of the draft; rows of documents then name no file.

    Raises:
        ProblemsError: ``cases.file-unknown``, and as :func:`add`.
    """
    if path not in {f.path for f in listed(store, actor, number)}:
        raise access.refused("cases.file-unknown", "path", found=path[:200])
    row, cells = drafts.cells_of(store, actor, number)
    rows = [{k: v for k, v in r.items() if k not in ("file", "sha256") or r.get("file") != path}
            for r in cells["rows"].get(_TABLE, ())]
    with store.read() as session:
        carried = path in _carried(dossiers.newest(session, row.id))
    kept = {**cells["rows"], **({_TABLE: rows} if rows else {})}
    with drafts.keeping(store, actor, row, {**cells, "rows": kept}, request) as change:
        _forget(change.session, _own(change.session, row), path)
        if carried:
            change.session.add(DraftFile(application_id=row.id, path=path, document=None, size=0,
                                         created_at=change.now))


def read(store: Store, actor: Actor, number: str, language: str) -> dossiers.Reading:
    """Read the draft as it would be submitted.

    Raises:
        ProblemsError: ``cases.not-found``, ``cases.not-yours``; everything that cannot be read, with sheet and cell.
    """
    row, cells = drafts.cells_of(store, actor, number)
    name, data = _packed(store, row, drafts.workbook(cells, language))
    return dossiers.read(store, name, BytesIO(data))


def _packed(store: Store, row: Application, workbook: bytes) -> tuple[str, bytes]:
    """Name and bytes of what is submitted: the *workbook* alone, or an archive of it with the files of the draft.

    Raises:
        ProblemsError: the archive of the version cannot be read, or it became too large.
    """
    with store.read() as session:
        last, own = dossiers.newest(session, row.id), _own(session, row)
    base = b"" if last is None or not _is_archive(last) else store.documents.read(last.document)
    if not base and not any(f.document for f in own):
        return "dossier.xlsx", workbook
    done = dossiers.GUARD.run({
        "do": "pack", "workbook": workbook, "base": base, "name": last.file_name if last is not None else "",
        "left_out": [f.path for f in own], "most": min(dossiers.LIMIT, store.settings.max_upload),
        "added": [(f.path, store.documents.read(f.document)) for f in own if f.document]})
    return "dossier.zip", done.data


def _is_archive(version: DossierVersion) -> bool:
    return version.file_name.lower().endswith(".zip")


def _carried(last: DossierVersion | None) -> list[str]:
    """Files of documents in the archive of the newest version."""
    if last is None or not _is_archive(last):
        return []
    told: Sequence[Mapping[str, Any]] = last.summary.get("documents", ())
    return sorted({d["file"] for d in told if d.get("file") and d.get("present")})


def _own(session: Session, row: Application) -> Sequence[DraftFile]:
    return session.scalars(select(DraftFile).where(DraftFile.application_id == row.id).order_by(DraftFile.path)).all()


def _named(cells: drafts.Cells, path: str) -> tuple[str, ...]:
    return tuple(r.get("id", "") for r in cells["rows"].get(_TABLE, ()) if r.get("file") == path)


def _without(found: dict[str, int], path: str) -> None:
    """Take *path* out, however its letters are written: in an archive no two names may differ in case alone."""
    for name in [n for n in found if n.casefold() == path.casefold()]:
        del found[name]


def _forget(session: Session, own: Sequence[DraftFile], path: str) -> None:
    for each in own:
        if each.path.casefold() == path.casefold():
            session.delete(each)
    session.flush()
