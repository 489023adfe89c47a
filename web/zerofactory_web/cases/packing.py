"""An archive of a dossier with its files, made from one that was submitted and what was put in and left out since."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from zipfile import ZipInfo

from zerofactory_engine.dossier.archive import Archive
from zerofactory_engine.problems import Problem, ProblemsError

DOSSIER = "dossier.xlsx"


def packed(workbook: bytes, base: bytes, name: str, left_out: Sequence[str], added: Sequence[tuple[str, bytes]],
           most: int) -> bytes:
    """The archive: *workbook* as the dossier, the files of the archive *base* (called *name*; empty: there is none) but
    those *left_out*, and those that were *added*. The same input gives the same bytes.

    Raises:
        ProblemsError: *base* cannot be read; ``store.document-too-large`` beyond *most* bytes of files.
    """
    files = {path: data for path, data in _files(base, name) if path.casefold() != DOSSIER} if base else {}
    gone = {path.casefold() for path in (*left_out, *(path for path, _ in added))}
    files = {path: data for path, data in files.items() if path.casefold() not in gone} | dict(added)
    if sum(map(len, files.values())) > most:
        raise ProblemsError([Problem("store.document-too-large", found=f"> {most:,} B", accepted=f"{most:,} B")])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for path, data in ((DOSSIER, workbook), *sorted(files.items())):
            member = ZipInfo(path)
            member.external_attr = 0o644 << 16
            made.writestr(member, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _files(base: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Path beside the dossier, content."""
    with Archive(base, name) as archive:
        archive.dossier()
        for path in archive.beside():
            yield path, b"".join(archive.chunks(path))
