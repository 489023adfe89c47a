"""What a settlement comes to: rows that a dossier states, rows that are only kept or refused, and what does not fit.

Identities: settled ≤ contracted; settled ≤ the lower of generation and consumption; total charge = settled × (energy
price + environmental value) with or without the other parts; certificates = whole MWh, the remainder carried on; months
come to their year and rows to their total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.sources.gec_ledger.codes import Taken
from zerofactory_mappings.sources.gec_ledger.findings import Findings
from zerofactory_mappings.sources.gec_ledger.layout import folded, mwh_each
from zerofactory_mappings.sources.gec_ledger.read import Line, Sheets
from zerofactory_mappings.sources.gec_ledger.sums import Sums
from zerofactory_mappings.sources.green_power_settlement.identities import total_fits, whole_certificates
from zerofactory_mappings.sources.green_power_settlement.record import Settlement
from zerofactory_mappings.sources.report import Entry, State

#: The collection under which the rows stand in the report, the series of its sums and their unit.
COLLECTION, SERIES, UNIT = "settlements", "settled", "MWh"


@dataclass(frozen=True, slots=True)
class Decision:
    """Settlements that a dossier states, an entry for every row, and what the user should know."""

    file: str
    used: tuple[Settlement, ...]
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def decide(sheets: Sheets[Settlement], facility: str | None = None, year: int | None = None) -> Decision:
    """Decide on every row; *facility* (a buyer) and *year* as the user asked for them.

    Raises:
        ProblemsError: no row is of the buyer that was asked for.
    """
    decider = _Decider(sheets, facility, year)
    for line in sheets.lines:
        decider.line(line)
    for place, title in sheets.unknown:
        decider.findings.add("green-power.unknown-column", place, title, severity=Severity.NOTE)
    decider.contracts()
    here = Place(file=sheets.file)
    if not decider.used and facility is not None and decider.buyers:
        raise ProblemsError([Problem("import.unknown-facility", here, found=facility,
                                     accepted=", ".join(sorted(decider.buyers)[:10]))])
    last = Problem("green-power.part", here, Severity.NOTE) if decider.used else Problem(
        "green-power.nothing", here, Severity.WARNING)
    return Decision(sheets.file, tuple(decider.used), tuple(decider.entries), (*decider.findings.problems(), last))


class _Decider:
    def __init__(self, sheets: Sheets[Settlement], facility: str | None, year: int | None) -> None:
        self.facility, self.year = facility, year
        self.findings = Findings(sheets.file, "green-power.more")
        self.entries: list[Entry] = []
        self.used: list[Settlement] = []
        self.buyers: set[str] = set()
        self.taken = Taken()
        self.sums: dict[str, Sums] = {}
        self.rows: dict[tuple[tuple[str, str], ...], str] = {}
        records = [line.record for line in sheets.lines if line.record is not None]
        self.months: dict[tuple[object, int], Decimal] = {}
        for each in records:
            if each.monthly:
                at = (each.key, each.start.year)
                self.months[at] = CONTEXT.add(self.months.get(at, Decimal(0)), each.settled)

    def line(self, line: Line[Settlement]) -> None:
        """The entry of one row below the header."""
        sums = self.sums.setdefault(line.sheet, Sums())
        if line.record is not None:
            if not (line.record.yearly and self._has_months(line.record)):
                sums.add(line.record.settled)
            self._record(line, line.record)
            return
        if line.what == "total" and line.total is not None and (part := sums.unlike(line.total)) is not None:
            self.findings.add("green-power.total", line.place, plain(line.total), plain(part))
        refused = line.what == "refused"
        sums.refused |= refused
        if refused:
            self.findings.tell(line.reason, line.place, line.args)
        self.entries.append(Entry(COLLECTION, line.path, line.id, State.REFUSED if refused else State.KEPT,
                                  line.reason or "green-power.not-understood", line.args))

    def _has_months(self, record: Settlement) -> bool:
        return (record.key, record.start.year) in self.months

    def _record(self, line: Line[Settlement], record: Settlement) -> None:
        state, reason, args = self._fate(record)
        target = None
        if state is State.REFUSED:
            self.findings.tell(reason, record.place, args)
        elif state is State.USED:
            record = self._certificates(record)
            reason = self._remark(record)
            self.used.append(record)
            target = f"electricity/{record.row}" + (f", certificates/{record.row}" if record.ranges else "")
        self.entries.append(Entry(COLLECTION, line.path, line.id, state, reason, args, SERIES, plain(record.settled),
                                  UNIT, target=target))

    def _fate(self, record: Settlement) -> tuple[State, str, Mapping[str, str]]:
        buyer = record.text.get("buyer", "")
        if buyer:
            self.buyers.add(buyer)
        same = (*sorted(record.text.items()), ("period", f"{record.start}/{record.end}"))
        if (other := self.rows.setdefault(same, record.row)) != record.row:
            return State.REFUSED, "green-power.same-month", {"other": other}
        if record.yearly and self._has_months(record):
            months = self.months[record.key, record.start.year]
            if months != record.settled:
                self.findings.add("green-power.months-year", record.place, plain(record.settled), plain(months))
            return State.KEPT, "green-power.year-row", {}
        if self.facility is not None and folded(self.facility) not in folded(buyer):
            return State.KEPT, "green-power.other-buyer", {"found": buyer}
        if self.year is not None and not record.start.year == record.end.year == self.year:
            return State.KEPT, "green-power.other-year", {}
        return State.USED, "", {}

    def _certificates(self, record: Settlement) -> Settlement:
        """The record without certificates that another row has already."""
        for number, each in enumerate(record.ranges):
            other = self.taken.find(each)
            if other is None and any(each.shares_with(r) for r in record.ranges[:number]):
                other = record.row
            if other is not None:
                self.findings.tell("green-power.overlap", record.place, {"other": other})
                return replace(record, ranges=())
        for each in record.ranges:
            self.taken.add(each, record.row)
        return record

    def _remark(self, record: Settlement) -> str:
        """Tell what does not fit in a row that is used; the first of it stands in its entry."""
        told = [(r.code, r.found, r.accepted) for r in record.remarks]
        if record.technology is None:
            told.append(("green-power.technology", record.text.get("technology") or record.text.get("project"), None))
        limits = (("green-power.above-contract", record.contracted), ("green-power.above-lower", record.lower))
        for code, limit in limits:
            if limit is not None and record.settled > limit:
                told.append((code, plain(record.settled), plain(limit)))
        if (charge := expected_charge(record)) is not None:
            told.append(("green-power.charge", plain((record.money or {})["total"]), plain(charge)))
        for code, found, accepted in told:
            self.findings.add(code, record.place, found, accepted)
        return told[0][0] if told else ""

    # --- over the months of a contract ---------------------------------------------------------------------------

    def contracts(self) -> None:
        """Whole certificates over the months of each contract whose rows state how many they are."""
        groups: dict[tuple[str, str, str], list[Settlement]] = {}
        for record in self.used:
            groups.setdefault(record.key, []).append(record)
        for group in groups.values():
            for run in _runs(sorted(group, key=lambda r: (r.start, r.end))):
                self._whole(run)

    def _whole(self, run: list[tuple[Settlement, int]]) -> None:
        amounts = [CONTEXT.divide(r.settled, mwh_each()) for r, _ in run]
        found = whole_certificates(amounts, [n for _, n in run])
        last = run[-1][0]
        if found.wrong is not None:
            record, count = run[found.wrong]
            self.findings.add("green-power.count", record.place, count, " / ".join(map(str, found.expected)))
        elif found.carried:
            self.findings.add("green-power.carried", last.place, last.contract,
                              plain(CONTEXT.multiply(found.carried, mwh_each())), Severity.NOTE)


def _runs(records: Iterable[Settlement]) -> list[list[tuple[Settlement, int]]]:
    """Records that follow each other and state a count; one without a count breaks the chain of remainders."""
    out: list[list[tuple[Settlement, int]]] = [[]]
    for record in records:
        if record.count is None:
            out.append([])
        else:
            out[-1].append((record, record.count))
    return [run for run in out if run]


def expected_charge(record: Settlement) -> Decimal | None:
    """Settled × (energy price + environmental value) when the stated total is not this, whatever else is in it."""
    money = record.money or {}
    if not {"energy_price", "green_price", "total"} <= set(money):
        return None
    needed = [CONTEXT.multiply(record.settled, money[name]) for name in ("energy_price", "green_price")]
    optional = [money[n] for n in ("deviation", "transmission", "funds") if n in money]
    optional += [CONTEXT.multiply(record.settled, money[n]) for n in ("transmission", "funds") if n in money]
    if total_fits(money["total"], needed, optional):
        return None
    return CONTEXT.add(needed[0], needed[1])
