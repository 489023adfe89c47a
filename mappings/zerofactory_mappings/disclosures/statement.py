"""What a report has to say and no dossier states: ``zerofactory/report-statement/1``, with texts in zh and en."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zerofactory_engine.canonical import sha256
from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError
from zerofactory_engine.typed import Typed, read_typed, shipped_schema
from zerofactory_engine.yaml_text import read_yaml

FORMAT = "zerofactory/report-statement/1"
_BYTES = 2_000_000


@dataclass(frozen=True, eq=False)
class Statement:
    """The *values* of a statement by section; empty when none was given. *sha256* of the file as it was read."""

    values: Mapping[str, Any] = field(default_factory=dict)
    file: str | None = None
    sha256: str | None = None
    typed: Typed | None = None

    def get(self, path: str) -> Any | None:
        """The value at a *path* (``responsible/name``), or None when nobody stated it."""
        value: Any = self.values
        for key in re.split(r"[./]", path):
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def rows(self, path: str) -> Sequence[Mapping[str, Any]]:
        """The list at *path*; empty when nobody stated it (use :meth:`get` to tell an empty list from none)."""
        found = self.get(path)
        return found if isinstance(found, list) else ()

    def place(self, *path: str | int) -> Place:
        """Where the value at *path* stands in the file."""
        return NOWHERE if self.typed is None else self.typed.place(*path)

    @property
    def date(self) -> date | None:
        """The day on which the report is dated."""
        found = self.get("report/date")
        return found if isinstance(found, date) else None

    def notation(self, path: str) -> Mapping[str, Any] | None:
        """What is stated under ``notation`` for a category, source or item (``category: "4.3"``, ``item: k``)."""
        kind, _, key = path.partition("/")
        return next((n for n in self.rows("notation") if n.get(kind) == key), None)


EMPTY = Statement()


def read_statement(data: bytes, file: str) -> Statement:
    """The statement in *data*, a file called *file*.

    Raises:
        ProblemsError: everything that is wrong with it, each with its line.
    """
    if len(data) > _BYTES:
        raise ProblemsError([Problem("text.too-large", Place(file=file), found=f"{len(data):,} bytes",
                                     accepted=f"{_BYTES:,} bytes")])
    typed = read_typed(read_yaml(data, file, _BYTES), shipped_schema("report-statement"))
    values = typed.unwrap()
    return Statement({k: v for k, v in values.items() if v is not None}, file, sha256(data), typed)


def picked(text: object, language: str) -> str:
    """A text of a statement in *language*: one text for both, or the one of that language, else the other."""
    if isinstance(text, Mapping):
        return str(text.get(language) or next((v for v in text.values() if v), ""))
    return "" if text is None else str(text)
