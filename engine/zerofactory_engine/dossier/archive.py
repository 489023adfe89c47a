"""A submission as one zip: the dossier and its documents beside it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from types import TracebackType

from zerofactory_engine.dossier.zips import SUBMISSION, member_bytes, member_chunks, open_zip, shown
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import DOSSIER_BYTES

DOSSIER_SUFFIXES = (".yaml", ".yml", ".json", ".xlsx")


class Archive:
    """An opened submission; a context manager. Files go by their path beside the dossier."""

    #: Every file of a submission should be named by a document, and every document's file be in it.
    whole = True

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self._zip = open_zip(data, name, SUBMISSION)
        self._files = {i.filename: i for i in self._zip.infolist() if not i.is_dir()}
        self._own = ""
        self._base = ""

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._zip.close()

    def dossier(self) -> tuple[bytes, str]:
        """The dossier's own file and its name; documents are looked up beside it."""
        names = [n for n in self._files if PurePosixPath(n).suffix.lower() in DOSSIER_SUFFIXES]
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
        if info.file_size > DOSSIER_BYTES and not found[0].lower().endswith(".xlsx"):
            raise ProblemsError([Problem("text.too-large", Place(file=found[0]), found=f"{info.file_size:,} bytes",
                                         accepted=f"{DOSSIER_BYTES:,} bytes")])
        self._own = found[0]
        self._base = found[0].rpartition("/")[0]
        return member_bytes(self._zip, info, self.name), found[0]

    def _member(self, path: str) -> zipfile.ZipInfo | None:
        return self._files.get(f"{self._base}/{path}" if self._base else path)

    def size(self, path: str) -> int | None:
        """Bytes of the file at *path*; None when it is not there."""
        info = self._member(path)
        return None if info is None else info.file_size

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content of the file at *path* in pieces."""
        info = self._member(path)
        assert info is not None, "asked for after its size"
        return member_chunks(self._zip, info, self.name)

    def beside(self) -> tuple[str, ...]:
        """Paths of all files beside the dossier and below; what lies elsewhere in the zip is not among them."""
        prefix = f"{self._base}/" if self._base else ""
        return tuple(sorted(n.removeprefix(prefix) for n in self._files if n.startswith(prefix) and n != self._own))

    def others(self, used: frozenset[str]) -> tuple[str, ...]:
        """Files that are neither the dossier nor among *used*."""
        known = {f"{self._base}/{p}" if self._base else p for p in used} | {self._own}
        return tuple(sorted(shown(n) for n in self._files if n not in known))
