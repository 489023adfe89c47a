"""What is found wrong in the rows of a long table, told once for each row but not fifty thousand times."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from zerofactory_engine.problems import Place, Problem, Severity

#: Digits that a spreadsheet's number holds for certain.
DOUBLE_DIGITS = 15
#: Longest text that goes on into a dossier's cell.
TEXT = 300
#: Marks that say that there is nothing.
_NOTHING = frozenset({"-", "--", "—", "——", "/", "\\", "无", "n/a", "na", "none"})

#: Problems of one code that are told with their place; of the others only the number is told.
TOLD = 20


class Findings:
    """Collects problems; of those of one code the first :data:`TOLD` stand with their place, then their number."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._problems: list[Problem] = []
        self._count: Counter[str] = Counter()

    def add(self, code: str, place: Place, found: object = None, accepted: object = None,
            severity: Severity = Severity.WARNING, args: Mapping[str, str] | None = None) -> None:
        """One problem of one row."""
        self._count[code] += 1
        if self._count[code] <= TOLD:
            self._problems.append(Problem(
                code, place, severity, None if found is None else str(found)[:200],
                None if accepted is None else str(accepted)[:200], args=dict(args or {})))

    def tell(self, code: str, place: Place, args: Mapping[str, str]) -> None:
        """One problem whose *args* hold also what was found and what is accepted."""
        rest = {k: v for k, v in args.items() if k not in ("found", "accepted")}
        self.add(code, place, args.get("found"), args.get("accepted"), args=rest)

    def problems(self) -> tuple[Problem, ...]:
        """Those that are told, and a note for each code of which more were found."""
        rest = [Problem("certificate-tables.more", Place(file=self._file), Severity.NOTE, found=str(count - TOLD),
                        args={"what": code}) for code, count in self._count.items() if count > TOLD]
        return (*self._problems, *rest)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a row that the user has to know; the row is used all the same."""

    code: str
    found: str | None = None
    accepted: str | None = None

    @property
    def args(self) -> Mapping[str, str]:
        """What the sentence of the code names."""
        return {n: v for n, v in (("found", self.found), ("accepted", self.accepted)) if v is not None}


class Refused(Exception):    # noqa: N818 - it is an answer, not an error
    """The row cannot be read safely; *reason* is a message code."""

    def __init__(self, reason: str, args: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.reason, self.told = reason, dict(args or {})


def folded(text: str) -> str:
    """*text* for comparing: half width, small letters, one blank where there were several."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def lost_digits(text: str, number: Decimal | None) -> bool:
    """Whether an identifier of digits was stored as a number too long for one: its last digits changed."""
    return number is not None and sum(c.isdigit() for c in text) > DOUBLE_DIGITS


def clean(text: str) -> str:
    """*text* on one line, without blanks around it; a cell that says nothing (``-``, ``/``) is empty."""
    text = " ".join(text.split())[:TEXT]
    return "" if folded(text) in _NOTHING else text
