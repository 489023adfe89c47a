"""What becomes of each row of a table: a dossier states it, it is only kept, refused, or not understood."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.sources.certificate_tables.findings import Findings, Remark, folded
from zerofactory_mappings.sources.certificate_tables.sums import Sums
from zerofactory_mappings.sources.certificate_tables.tables import Line, Sheets
from zerofactory_mappings.sources.report import Entry, State
from zerofactory_mappings.sources.sheets.account import AMOUNTS, Fate, Ledger

R = TypeVar("R")
_STATES: Mapping[Fate, State] = {Fate.USED: State.USED, Fate.REFUSED: State.REFUSED}


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """What became of a row: its fate, why, and the amount that it states under which series (none when not read)."""

    line: Line[R]
    fate: Fate
    reason: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    series: str = ""
    stated: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Decision(Generic[R]):
    """Records that a dossier states, the outcome of every row that says something, and what the user should know."""

    sheets: Sheets[R]
    used: tuple[R, ...]
    outcomes: tuple[Outcome[R], ...]
    problems: tuple[Problem, ...]

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.sheets.file

    def account(self, unit: str, targets: Mapping[str, str]) -> Ledger:
        """The account of every row of the file; *unit* of the amounts, *targets*: id of a row → what states it."""
        ledger = Ledger()
        for grid in self.sheets.grids:
            ledger.open(grid)
        for found in self.sheets.found:
            ledger.layout(found.grid, found.table)
        for each in self.outcomes:
            source = each.line.source
            target = targets.get(source.id) if each.fate is Fate.USED else None
            ledger.row(source.grid, each.line.number, each.fate, each.reason, each.args, target)
            if each.stated is not None:
                ledger.amount(Entry(AMOUNTS, source.path, source.id, _STATES.get(each.fate, State.KEPT), each.reason,
                                    each.args, each.series, plain(each.stated), unit, target=target))
        ledger.close()
        return ledger


class Decider(ABC, Generic[R]):
    """Decides row by row; a reader says what a record comes to and what does not fit.

    *facility* and *year*: what the user asked for.
    """

    def __init__(self, sheets: Sheets[R], facility: str | None, year: int | None) -> None:
        self.sheets, self.facility, self.year = sheets, facility, year
        self.findings = Findings(sheets.file)
        self.used: list[R] = []
        self.outcomes: list[Outcome[R]] = []
        self.names: set[str] = set()                   # holders or buyers that the rows state
        self._sums: dict[int, Sums] = {}

    @abstractmethod
    def amount(self, record: R) -> Decimal:
        """The amount of a record, in the unit of the sums."""

    @abstractmethod
    def series(self, record: R) -> str:
        """The series under which the amount is summed."""

    @abstractmethod
    def fate(self, record: R) -> tuple[Fate, str, Mapping[str, str]]:
        """What becomes of a record, and why."""

    @abstractmethod
    def remarks(self, record: R) -> Iterable[Remark]:
        """What does not fit in a record that is used."""

    def adds(self, record: R) -> bool:
        """Whether the amount of a record is part of the rows of sums."""
        return True

    def settled(self, record: R) -> R:
        """A record that is used, as the dossier states it."""
        return record

    def asked(self, names: Iterable[str]) -> bool:
        """Whether one of *names* is the one that the user asked for, or nobody was asked for."""
        return self.facility is None or any(folded(self.facility) in folded(n) for n in names)

    def finish(self) -> None:
        """What is to be said of all records together."""

    def decide(self) -> Decision[R]:
        """Decide on every row.

        Raises:
            ProblemsError: no row is of the one that was asked for.
        """
        for line in self.sheets.lines:
            self.outcomes.append(self._outcome(line))
        self.finish()
        here = Place(file=self.sheets.file)
        if not self.used and self.facility is not None and self.names:
            raise ProblemsError([Problem("import.unknown-facility", here, found=self.facility,
                                         accepted=", ".join(sorted(self.names)[:10]))])
        nothing = [] if self.used else [Problem("import.nothing", here, Severity.WARNING)]
        return Decision(self.sheets, tuple(self.used), tuple(self.outcomes),
                        (*self.findings.problems(), *self.sheets.notes, *nothing))

    def _outcome(self, line: Line[R]) -> Outcome[R]:
        sums = self._sums.setdefault(line.source.grid.index, Sums())
        if line.sums:
            if line.total is not None and (part := sums.unlike(line.total)) is not None:
                self.findings.add("certificate-tables.total", line.source.place, plain(line.total), plain(part))
            return Outcome(line, Fate.KEPT, "certificate-tables.sums")
        record = line.record
        if record is None:
            sums.refused = True
            self.findings.tell(line.reason, line.source.place, line.args)
            return Outcome(line, Fate.REFUSED, line.reason, line.args)
        if self.adds(record):
            sums.add(self.amount(record))
        fate, reason, args = self.fate(record)
        if fate is Fate.REFUSED:
            self.findings.tell(reason, line.source.place, args)
        elif fate is Fate.USED:
            record = self.settled(record)
            told = list(self.remarks(record))
            for remark in told:
                self.findings.tell(remark.code, line.source.place, remark.args)
            reason, args = (told[0].code, told[0].args) if told else ("", {})
            self.used.append(record)
        return Outcome(line, fate, reason, args, self.series(record), self.amount(record))
