"""What a ledger comes to: which rows a dossier states, which are only kept, which are refused, and what does not fit.

Held, transferred and cancelled certificates stay apart: by their status in the dossier and by series in the report.
Validity: ``standards/classification/certificates.yaml``, from and including the month of generation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zerofactory_engine.accounting.classification import certificate_rules
from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.sources.gec_ledger.codes import CodeRange, Taken
from zerofactory_mappings.sources.gec_ledger.findings import Findings
from zerofactory_mappings.sources.gec_ledger.layout import SYSTEM, folded, mwh_each
from zerofactory_mappings.sources.gec_ledger.read import Ledger, Line
from zerofactory_mappings.sources.gec_ledger.record import Certificate
from zerofactory_mappings.sources.gec_ledger.sums import Sums
from zerofactory_mappings.sources.report import Entry, State

#: The collection under which the rows stand in the report, and the unit of its sums.
COLLECTION, UNIT = "certificates", "certificate"
#: Series of rows whose status is not stated, and of rows that were refused before it was read.
NO_STATUS, NOT_READ = "no status", "not read"
_GONE = {"transferred out": "gec.transferred-out", "not issued": "gec.not-issued"}


@dataclass(frozen=True, slots=True)
class Decision:
    """Certificates that a dossier states, an entry for every row, and what the user should know."""

    file: str
    used: tuple[Certificate, ...]
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def decide(ledger: Ledger, facility: str | None = None, year: int | None = None) -> Decision:
    """Decide on every row of *ledger*; *facility* and *year* as the user asked for them.

    Raises:
        ProblemsError: no row is of the holder that was asked for.
    """
    decider = _Decider(ledger.file, facility, year)
    for line in ledger.lines:
        decider.line(line)
    for place, title in ledger.unknown:
        decider.findings.add("gec.unknown-column", place, title, severity=Severity.NOTE)
    if decider.codeless:
        decider.findings.add("gec.no-codes", Place(file=ledger.file), decider.codeless)
    if not decider.used:
        problem = Problem("gec.nothing", Place(file=ledger.file), Severity.WARNING)
        holders = sorted({h for h in decider.holders if h})
        if facility is not None and holders:
            raise ProblemsError([Problem("import.unknown-facility", Place(file=ledger.file), found=facility,
                                         accepted=", ".join(holders[:10]))])
        return Decision(ledger.file, (), tuple(decider.entries), (*decider.findings.problems(), problem))
    return Decision(ledger.file, tuple(decider.used), tuple(decider.entries), decider.findings.problems())


class _Decider:
    def __init__(self, file: str, facility: str | None, year: int | None) -> None:
        self.facility, self.year = facility, year
        self.findings = Findings(file, "gec.more")
        self.entries: list[Entry] = []
        self.used: list[Certificate] = []
        self.holders: set[str] = set()
        self.taken = Taken()
        self.sums: dict[str, Sums] = {}
        self.codeless = 0

    def line(self, line: Line[Certificate]) -> None:
        """The entry of one row below the header."""
        sums = self.sums.setdefault(line.sheet, Sums())
        if line.what == "total":
            self._total(line, sums)
        elif line.record is None:
            state = State.REFUSED if line.what == "refused" else State.KEPT
            reason = line.reason or "gec.not-understood"
            sums.refused |= line.what == "refused"
            self.entries.append(Entry(COLLECTION, line.path, line.id, state, reason, line.args, NOT_READ))
            if state is State.REFUSED:
                self.findings.tell(line.reason, line.place, line.args)
        else:
            sums.add(line.record.count)
            self._record(line, line.record)

    def _total(self, line: Line[Certificate], sums: Sums) -> None:
        """A row of sums: compared with the rows since the last one, or with all; then listed as no record."""
        if line.total is not None and (part := sums.unlike(line.total)) is not None:
            self.findings.add("gec.total", line.place, plain(line.total), plain(part))
        self.entries.append(Entry(COLLECTION, line.path, line.id, State.KEPT, "gec.not-understood", {}, NOT_READ))

    def _record(self, line: Line[Certificate], record: Certificate) -> None:
        state, reason, args = self._fate(record)
        if state is not State.REFUSED:
            for each in record.ranges:
                self.taken.add(each, record.row)
        if state is State.USED:
            reason = self._remark(record) or reason
            self.used.append(record)
            self.codeless += not record.ranges
        elif state is State.REFUSED:
            self.findings.tell(reason, record.place, args)
        self.entries.append(Entry(COLLECTION, line.path, line.id, state, reason, args, record.status or NO_STATUS,
                                  plain(record.count), UNIT))

    def _fate(self, record: Certificate) -> tuple[State, str, Mapping[str, str]]:
        names = [n for n in (record.beneficiary, record.text.get("holder")) if n]
        self.holders.update(names)
        other = self._overlap(record)
        if other is not None:
            return State.REFUSED, "gec.overlap", {"other": other}
        if record.status in _GONE:
            return State.KEPT, _GONE[record.status], {}
        if self.facility is not None and not any(folded(self.facility) in folded(n) for n in names):
            return State.KEPT, "gec.other-holder", {"found": " / ".join(names)}
        if self.year is not None and record.year not in (None, self.year):
            return State.KEPT, "gec.other-year", {"found": str(record.year)}
        return State.USED, "", {}

    def _overlap(self, record: Certificate) -> str | None:
        """The row that has a certificate of *record* already; the row itself when its own ranges share one."""
        own: list[CodeRange] = []
        for each in record.ranges:
            if (other := self.taken.find(each)) is not None:
                return other
            if any(each.shares_with(before) for before in own):
                return record.row
            own.append(each)
        return None

    # --- remarks -------------------------------------------------------------------------------------------------

    def _remark(self, record: Certificate) -> str:
        """Tell what does not fit in a row that is used; the first of it stands in its entry."""
        told = [(r.code, r.found, r.accepted) for r in record.remarks]
        told += [*_status_remarks(record), *_day_remarks(record)]
        for code, found, accepted in told:
            self.findings.add(code, record.place, found, accepted)
        return told[0][0] if told else ""


_Told = tuple[str, str | None, str | None]


def last_day(record: Certificate) -> date | None:
    """Last day of validity by the rules of the system; None when the generation is not known."""
    generated, rule = record.end or record.start, certificate_rules().get(SYSTEM)
    return rule.last_day(generated) if rule is not None and generated is not None else None


def _status_remarks(record: Certificate) -> list[_Told]:
    out: list[_Told] = []
    if record.status in ("cancelled", "expired"):
        if record.cancelled is None:
            out.append(("gec.cancelled-no-date", None, None))
        if record.reason is None:
            out.append(("gec.cancelled-no-reason", None, None))
        elif record.reason == "expired":
            out.append(("gec.cancelled-expired", None, None))
    if record.bundled and record.contract is None:
        out.append(("gec.bundled-no-contract", None, None))
    for each in record.ranges:
        if each.step:
            out.append(("gec.step", plain(Decimal(len(each))), str(10 ** each.step)))
    return out


def _day_remarks(record: Certificate) -> list[_Told]:
    out: list[_Told] = []
    until = last_day(record)
    if record.expires is not None and until is not None and record.expires != until:
        out.append(("gec.validity", str(record.expires), str(until)))
    if record.cancelled is not None and until is not None and until < record.cancelled and record.reason != "expired":
        out.append(("gec.expired", str(record.cancelled), str(until)))
    if record.start is not None:
        days = (record.issued, record.transferred, record.cancelled)
        out += [("gec.before-generation", str(day), str(record.start))
                for day in days if day is not None and day < record.start]
        if record.year is not None and record.year < record.start.year:
            out.append(("gec.year-unlike", str(record.year), str(record.start.year)))
    return out


def electricity(record: Certificate, each: CodeRange) -> Decimal:
    """MWh of one of the ranges of *record*."""
    return CONTEXT.multiply(Decimal(len(each)), mwh_each())
