"""Bind a dossier to its documents: hash their files, and compare the cells that values name with the values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from zerofactory_engine.dossier.model import Dossier, Evidence, FileRead, Row
from zerofactory_engine.dossier.sheets import CellText, Sheets, sheets_of
from zerofactory_engine.dossier.zips import SUBMISSION, unsafe_name
from zerofactory_engine.problems import Collector, Place, Problem, ProblemsError, Severity

#: Largest document in which cells are looked up, and most documents that are opened for it.
_SHEET_BYTES = 30_000_000
_SHEETS = 200
_CHUNK = 1 << 20


class Files(Protocol):
    """Where the files of documents are: a zip, or the folder of the dossier.

    *whole*: everything that belongs to the submission is here, so what is missing or left over is worth saying.
    """

    whole: bool

    def size(self, path: str) -> int | None:
        """Bytes of the file at *path*; None when it is not there."""

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content of the file at *path* in pieces."""

    def others(self, used: frozenset[str]) -> tuple[str, ...]:
        """Files that are neither the dossier nor among *used*."""


class Folder:
    """The folder in which a dossier lies. Only files below it are read, never through a link that leads out of it."""

    whole = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._read = 0

    def _path(self, path: str) -> Path | None:
        if unsafe_name(path):
            return None
        found = (self._folder / path).resolve()
        return found if found.is_relative_to(self._folder) and found.is_file() else None

    def size(self, path: str) -> int | None:
        """Bytes of the file at *path*; None when it is not there, leads out of the folder or is too large to read."""
        found = self._path(path)
        size = None if found is None else found.stat().st_size
        if size is None or size > SUBMISSION.one or self._read + size > SUBMISSION.total:
            return None
        return size

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content of the file at *path* in pieces."""
        found = self._path(path)
        assert found is not None, "asked for after its size"
        with found.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                self._read += len(chunk)
                yield chunk

    def others(self, used: frozenset[str]) -> tuple[str, ...]:
        """Other files of a folder are nobody's business."""
        return ()


def bind(dossier: Dossier, files: Files, problems: Collector) -> Dossier:
    """*dossier* with its documents hashed and the cells that it names compared with its values.

    What differs is a finding of the dossier; a damaged file goes to *problems*.
    """
    named = {row.id: str(row.values["file"]) for row in dossier.rows.get("documents", ()) if row.values.get("file")}
    there = {document: path for document, path in named.items() if files.size(path) is not None}
    findings: list[Problem] = []
    read: dict[str, FileRead] = {}
    for row in dossier.rows.get("documents", ()):
        path = there.get(row.id)
        if path is None:
            if row.id in named and (files.whole or there):
                findings.append(_finding("dossier.file-missing", row, found=named[row.id], document=row.id))
            continue
        try:
            found = _hash(row.id, path, files)
        except ProblemsError as error:
            problems.extend(error.problems)
            continue
        read[row.id] = found
        stated = row.values.get("sha256")
        if stated is not None and str(stated).removeprefix("sha256:") != found.sha256:
            findings.append(_finding("dossier.hash-differs", row, found=found.sha256, accepted=str(stated),
                                     document=row.id, file=path))
    findings.extend(Problem("dossier.file-unlisted", Place(path="documents"), Severity.NOTE, found=name)
                    for name in files.others(frozenset(there.values()))[:100])
    findings.extend(_cells(dossier, there, files, problems))
    return replace(dossier, files=read, reading=(*dossier.reading, *findings))


def _hash(document: str, path: str, files: Files) -> FileRead:
    digest = hashlib.sha256()
    size = 0
    for chunk in files.chunks(path):
        digest.update(chunk)
        size += len(chunk)
    return FileRead(document, digest.hexdigest(), size)


# -- values bound to cells ------------------------------------------------------------------------------------------

def _cells(dossier: Dossier, there: dict[str, str], files: Files, problems: Collector) -> list[Problem]:
    findings: list[Problem] = []
    opened: dict[str, Sheets | None] = {}
    for rows in dossier.rows.values():
        for row in rows:
            for evidence in row.documents:
                if evidence.cell is None or evidence.document not in there:
                    continue
                if evidence.document not in opened and len(opened) < _SHEETS:
                    opened[evidence.document] = _open(there[evidence.document], files, problems)
                sheets = opened.get(evidence.document)
                if sheets is not None:
                    findings.extend(_compare(row, evidence, sheets))
    return findings


def _open(path: str, files: Files, problems: Collector) -> Sheets | None:
    size = files.size(path)
    if size is None or size > _SHEET_BYTES:
        return None
    try:
        return sheets_of(b"".join(files.chunks(path)), path)
    except ProblemsError as error:
        problems.extend(replace(p, severity=Severity.WARNING) for p in error.problems)
        return None


def _compare(row: Row, evidence: Evidence, sheets: Sheets) -> list[Problem]:
    """The cell that *evidence* names against the figures of the row, as they were written or in base units."""
    assert evidence.cell is not None
    found = sheets.cell(evidence.sheet, evidence.cell)
    if found is None:
        return [_finding("dossier.cell-missing", row, found=str(evidence), accepted=", ".join(sheets.names[:20]),
                         document=evidence.document)]
    figures = _figures(row)
    if not figures or _equal(found, figures):
        return []
    return [_finding("dossier.cell-differs", row, found=found.text or "—", accepted=", ".join(sorted(figures)),
                     document=evidence.document, at=str(evidence))]


def _figures(row: Row) -> dict[str, set[Decimal]]:
    """What a row states, by its written form: the number as written, and in base units."""
    made: dict[str, set[Decimal]] = {}
    for column, stated in row.stated.items():
        value = row.values.get(column)
        numbers = {Decimal(stated.text)}
        if isinstance(value, Decimal):
            numbers.add(value)
        made[f"{stated.text} {stated.unit}" if stated.unit else stated.text] = numbers
    return made


def _equal(found: CellText, figures: dict[str, set[Decimal]]) -> bool:
    return found.number is not None and any(found.number in numbers for numbers in figures.values())


def _finding(code: str, row: Row, found: str | None = None, accepted: str | None = None, **args: str) -> Problem:
    at = Place(path=f"{row.table}/{row.id}")
    return Problem(code, at, Severity.WARNING, found=found, accepted=accepted, args=args)
