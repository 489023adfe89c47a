"""Documents on disk, named by their SHA-256: written aside, synced, then renamed; never changed."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from zerofactory_engine.problems import Problem, ProblemsError

_HASH = re.compile(r"sha256:([0-9a-f]{64})")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A document that is there: its hash (``sha256:…``) and size in bytes."""

    sha256: str
    size: int


class Documents:
    """The folder of all documents of an installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, stream: BinaryIO, limit: int) -> Stored:
        """Keep what *stream* gives; the same content is kept once.

        Raises:
            ProblemsError: ``store.document-too-large`` beyond *limit* bytes, ``store.disk-full``; nothing is left.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.folder / f".{secrets.token_hex(12)}.part"
        try:
            digest, size = hashlib.sha256(), 0
            with aside.open("xb") as file:
                while block := stream.read(_BLOCK):
                    size += len(block)
                    if size > limit:
                        raise ProblemsError([Problem("store.document-too-large", found=f"> {limit:,} B",
                                                     accepted=f"{limit:,} B")])
                    digest.update(block)
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            name = f"sha256:{digest.hexdigest()}"
            target = self.path(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            aside.replace(target)
            _sync(target.parent)
            return Stored(name, size)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise ProblemsError([Problem("store.disk-full")]) from None
            raise
        finally:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where a document of that hash lies, whether it is there or not.

        Raises:
            ValueError: it is no hash.
        """
        found = _HASH.fullmatch(sha256)
        if found is None:
            raise ValueError("not a hash")
        return self.folder / found[1][:2] / found[1]

    def has(self, sha256: str) -> bool:
        """Whether the document is there."""
        return self.path(sha256).is_file()

    def read(self, sha256: str) -> bytes:
        """The content, checked against its hash.

        Raises:
            ProblemsError: ``store.document-lost`` when it is not there, ``store.document-damaged`` when it has
                another hash.
        """
        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise ProblemsError([Problem("store.document-lost", found=sha256)]) from None
        if f"sha256:{hashlib.sha256(data).hexdigest()}" != sha256:
            raise ProblemsError([Problem("store.document-damaged", found=sha256)])
        return data

    def all(self) -> Iterator[str]:
        """Hashes of all documents, sorted."""
        for path in sorted(self.folder.glob("??/*")):
            if re.fullmatch(r"[0-9a-f]{64}", path.name):
                yield f"sha256:{path.name}"


def _sync(folder: Path) -> None:
    """Make a rename last: the folder's entry has to reach the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
