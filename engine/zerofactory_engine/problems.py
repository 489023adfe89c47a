"""What is wrong with an input, where, what would be accepted: one frozen value for every reader, lint and check.

A problem is data. Its sentence lives in ``messages/{zh,en}.yaml`` of the package that raises it and is
rendered at the edge (terminal, page, SARIF) by :mod:`zerofactory_engine.messages`.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a problem matters."""

    ERROR = "error"      # the input cannot be used as it stands
    WARNING = "warning"  # it can be used; the reader has to know
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem or a value stands; only the fields that apply are set.

    ``line`` and ``column`` count from 1; ``path`` is a slash path such as ``electricity/E2/MWh``;
    ``cell`` is ``F14``; ``page`` counts from 1.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    path: str | None = None
    sheet: str | None = None
    cell: str | None = None
    page: int | None = None
    xpath: str | None = None

    def __str__(self) -> str:
        head = self.file or ""
        if self.line is not None:
            head += f":{self.line}" + (f":{self.column}" if self.column is not None else "")
        if self.sheet is not None:
            head += f"[{self.sheet}{'!' + self.cell if self.cell else ''}]"
        if self.page is not None:
            head += f"#page={self.page}"
        tail = self.path or self.xpath or ""
        return f"{head} {tail}".strip()

    def as_json(self) -> dict[str, str | int]:
        """The fields that are set."""
        names = ("file", "line", "column", "path", "sheet", "cell", "page", "xpath")
        return {n: v for n in names if (v := getattr(self, n)) is not None}


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a stable *code* (``area.what``), its place, what was found and what is accepted."""

    code: str
    place: Place = NOWHERE
    severity: Severity = Severity.ERROR
    found: str | None = None
    accepted: str | None = None
    example: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Stable JSON shape (``standards/schemas/problem.schema.json``)."""
        out: dict[str, object] = {"code": self.code, "severity": str(self.severity), "place": self.place.as_json()}
        for name in ("found", "accepted", "example"):
            if (value := getattr(self, name)) is not None:
                out[name] = value
        if self.args:
            out["args"] = dict(self.args)
        return out


#: What the operating system says, by the code that we say it with.
_SYSTEM = {errno.ENOENT: "not-there", errno.ENOTDIR: "not-there", errno.EISDIR: "is-folder", errno.EEXIST: "exists",
           errno.EACCES: "not-allowed", errno.EPERM: "not-allowed", errno.EROFS: "not-allowed",
           errno.ENOSPC: "no-space", errno.EDQUOT: "no-space", errno.ENAMETOOLONG: "name-too-long"}


def system_problem(error: OSError, file: str | None = None) -> Problem:
    """What the operating system said about a file (of its own account, else *file*) as a problem ``file.…``."""
    kind = _SYSTEM.get(error.errno or 0)
    place = Place(file=file if file is not None else None if error.filename is None else str(error.filename))
    return Problem(f"file.{kind}", place) if kind else Problem(
        "file.unusable", place, found=error.strerror or type(error).__name__)


class ProblemsError(Exception):
    """An input cannot be used; carries every problem found in it, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("; ".join(f"{p.code} @ {p.place}" for p in self.problems[:5]))


class Collector:
    """Gathers problems so that a reader can report all of them together."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def add(self, problem: Problem) -> None:
        """Record one problem."""
        self._problems.append(problem)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Record several."""
        self._problems.extend(problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._problems)

    def __len__(self) -> int:
        return len(self._problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Only those that make the input unusable."""
        return tuple(p for p in self._problems if p.severity is Severity.ERROR)

    def raise_errors(self) -> None:
        """Raise :class:`ProblemsError` with everything gathered if there is any error among it."""
        if self.errors:
            raise ProblemsError(self._problems)
