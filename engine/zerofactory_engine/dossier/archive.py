"""A submission as one zip: the dossier and its documents, which are hashed; cells that values name are read."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import PurePosixPath
from types import TracebackType

from zerofactory_engine.dossier.model import Dossier, Evidence, FileRead, Row
from zerofactory_engine.dossier.sheets import CellText, Sheets, sheets_of
from zerofactory_engine.dossier.zips import SUBMISSION, member_bytes, member_chunks, open_zip, shown
from zerofactory_engine.problems import Collector, Place, Problem, ProblemsError, Severity
from zerofactory_engine.yaml_text import DOSSIER_BYTES

_DOSSIER_SUFFIXES = (".yaml", ".yml", ".json", ".xlsx")
#: Largest document in which cells are looked up, and most documents that are opened for it.
_SHEET_BYTES = 30_000_000
_SHEETS = 200


class Archive:
    """An opened submission; a context manager."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self._zip = open_zip(data, name, SUBMISSION)
        self._files = {i.filename: i for i in self._zip.infolist() if not i.is_dir()}
        self._base = ""

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._zip.close()

    def dossier(self) -> tuple[bytes, str]:
        """The dossier's own file and its name; documents are looked up beside it."""
        names = [n for n in self._files if PurePosixPath(n).suffix.lower() in _DOSSIER_SUFFIXES]
        called = [n for n in names if PurePosixPath(n).stem.lower() == "dossier"]
        depth = min((n.count("/") for n in called), default=0)
        found = [n for n in called if n.count("/") == depth] or [
            n for n in names if "/" not in n and not n.lower().endswith(".xlsx")]
        if len(found) != 1:
            listed = ", ".join(shown(n) for n in sorted(found)[:10])
            raise ProblemsError([Problem("zip.no-dossier" if not found else "zip.several-dossiers",
                                         Place(file=self.name), found=listed or None,
                                         accepted="dossier.yaml, dossier.json, dossier.xlsx")])
        info = self._files[found[0]]
        if info.file_size > SUBMISSION.one or (info.file_size > DOSSIER_BYTES and not found[0].endswith(".xlsx")):
            raise ProblemsError([Problem("text.too-large", Place(file=found[0]), found=f"{info.file_size:,} bytes",
                                         accepted=f"{DOSSIER_BYTES:,} bytes")])
        self._base = found[0].rpartition("/")[0]
        return member_bytes(self._zip, info, self.name), found[0]

    def bind(self, dossier: Dossier, problems: Collector) -> Dossier:
        """*dossier* with its documents hashed and the cells that it names compared with its values.

        What differs is a finding of the dossier; a damaged member goes to *problems*.
        """
        findings: list[Problem] = []
        files: dict[str, FileRead] = {}
        used: set[str] = set()
        for row in dossier.rows.get("documents", ()):
            info = self._member(row, findings)
            if info is None:
                continue
            used.add(info.filename)
            try:
                found = self._hash(row.id, info)
            except ProblemsError as error:
                problems.extend(error.problems)
                continue
            files[row.id] = found
            stated = row.values.get("sha256")
            if stated is not None and str(stated).removeprefix("sha256:") != found.sha256:
                findings.append(_finding("dossier.hash-differs", row, found=found.sha256, accepted=str(stated),
                                         document=row.id, file=info.filename))
        findings.extend(self._unlisted(used))
        findings.extend(self._cells(dossier, problems))
        return replace(dossier, files=files, reading=(*dossier.reading, *findings))

    def _member(self, row: Row, findings: list[Problem]) -> zipfile.ZipInfo | None:
        name = row.values.get("file")
        if name is None:
            return None
        path = f"{self._base}/{name}" if self._base else str(name)
        info = self._files.get(path)
        if info is None:
            findings.append(_finding("dossier.file-missing", row, found=str(name), document=row.id))
        return info

    def _hash(self, document: str, info: zipfile.ZipInfo) -> FileRead:
        digest = hashlib.sha256()
        for chunk in member_chunks(self._zip, info, self.name):
            digest.update(chunk)
        return FileRead(document, digest.hexdigest(), info.file_size)

    def _unlisted(self, used: set[str]) -> list[Problem]:
        own = {n for n in self._files if n.rpartition("/")[0] == self._base
               and PurePosixPath(n).stem.lower() == "dossier"}
        rest = sorted(set(self._files) - used - own)
        inside = [n for n in rest if PurePosixPath(n).suffix.lower() not in _DOSSIER_SUFFIXES or "/" in n]
        return [Problem("dossier.file-unlisted", Place(path="documents"), Severity.NOTE, found=shown(n))
                for n in inside[:100]]

    # -- values bound to cells ----------------------------------------------------------------------------------

    def _cells(self, dossier: Dossier, problems: Collector) -> list[Problem]:
        findings: list[Problem] = []
        opened: dict[str, Sheets | None] = {}
        names = {r.id: r.values.get("file") for r in dossier.rows.get("documents", ())}
        for rows in dossier.rows.values():
            for row in rows:
                for evidence in row.documents:
                    if evidence.cell is None:
                        continue
                    if evidence.document not in opened and len(opened) < _SHEETS:
                        opened[evidence.document] = self._open(names.get(evidence.document), problems)
                    sheets = opened.get(evidence.document)
                    if sheets is not None:
                        findings.extend(_compare(row, evidence, sheets))
        return findings

    def _open(self, name: object, problems: Collector) -> Sheets | None:
        path = f"{self._base}/{name}" if self._base else str(name)
        info = self._files.get(path)
        if info is None or info.file_size > _SHEET_BYTES:
            return None
        try:
            return sheets_of(member_bytes(self._zip, info, self.name), path)
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
