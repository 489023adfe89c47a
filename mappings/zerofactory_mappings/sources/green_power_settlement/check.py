"""What a settlement comes to: rows that a dossier states, rows that are only kept or refused, and what does not fit.

Identities: settled ≤ contracted; settled ≤ the lower of generation and consumption; total charge = settled × (energy
price + environmental value) with or without the other parts; certificates = whole MWh, the remainder carried on; months
come to their year and rows to their total.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Place, Severity
from zerofactory_mappings.sources.certificate_tables.decide import Decider, Decision
from zerofactory_mappings.sources.certificate_tables.findings import Remark
from zerofactory_mappings.sources.certificate_tables.tables import Sheets
from zerofactory_mappings.sources.gec_ledger.codes import Taken
from zerofactory_mappings.sources.gec_ledger.layout import mwh_each
from zerofactory_mappings.sources.green_power_settlement.identities import total_fits, whole_certificates
from zerofactory_mappings.sources.green_power_settlement.record import Settlement
from zerofactory_mappings.sources.sheets.account import Fate

#: The series of the sums and their unit.
SERIES, UNIT = "settled", "MWh"


def decide(sheets: Sheets[Settlement], facility: str | None = None, year: int | None = None) -> Decision[Settlement]:
    """Decide on every row; *facility* (a buyer) and *year* as the user asked for them.

    Raises:
        ProblemsError: no row is of the buyer that was asked for.
    """
    return _Decider(sheets, facility, year).decide()


class _Decider(Decider[Settlement]):
    def __init__(self, sheets: Sheets[Settlement], facility: str | None, year: int | None) -> None:
        super().__init__(sheets, facility, year)
        self._taken = Taken()
        self._rows: dict[tuple[tuple[str, str], ...], str] = {}
        self._months: dict[tuple[object, int], Decimal] = {}
        for each in (line.record for line in sheets.lines):
            if each is not None and each.monthly:
                at = (each.key, each.start.year)
                self._months[at] = CONTEXT.add(self._months.get(at, Decimal(0)), each.settled)

    def amount(self, record: Settlement) -> Decimal:
        return record.settled

    def series(self, record: Settlement) -> str:
        return SERIES

    def adds(self, record: Settlement) -> bool:
        return not (record.yearly and self._has_months(record))

    def _has_months(self, record: Settlement) -> bool:
        return (record.key, record.start.year) in self._months

    def fate(self, record: Settlement) -> tuple[Fate, str, Mapping[str, str]]:
        buyer, name = record.text.get("buyer", ""), record.source.id
        self.names |= {buyer} if buyer else set()
        same = (*sorted(record.text.items()), ("period", f"{record.start}/{record.end}"))
        if (other := self._rows.setdefault(same, name)) != name:
            return Fate.REFUSED, "green-power.same-month", {"other": other}
        if not self.adds(record):
            months = self._months[record.key, record.start.year]
            if months != record.settled:
                self.findings.add("green-power.months-year", record.source.place, plain(record.settled), plain(months))
            return Fate.KEPT, "green-power.year-row", {}
        if not self.asked([buyer]):
            return Fate.KEPT, "green-power.other-buyer", {"found": buyer}
        if self.year is not None and not record.start.year == record.end.year == self.year:
            return Fate.KEPT, "green-power.other-year", {}
        return Fate.USED, "", {}

    def settled(self, record: Settlement) -> Settlement:
        """The record without certificates that another row has already."""
        other = self._taken.overlap(record.ranges, record.source.id)
        if other is not None:
            self.findings.tell("green-power.overlap", record.source.place, {"other": other})
            return replace(record, ranges=())
        self._taken.add_all(record.ranges, record.source.id)
        return record

    def remarks(self, record: Settlement) -> Iterator[Remark]:
        yield from record.remarks
        if record.technology is None:
            yield Remark("green-power.technology", record.text.get("technology") or record.text.get("project"))
        limits = (("green-power.above-contract", record.contracted), ("green-power.above-lower", record.lower))
        for code, limit in limits:
            if limit is not None and record.settled > limit:
                yield Remark(code, plain(record.settled), plain(limit))
        if (charge := expected_charge(record)) is not None:
            yield Remark("green-power.charge", plain((record.money or {})["total"]), plain(charge))

    # --- over the months of a contract ---------------------------------------------------------------------------

    def finish(self) -> None:
        """Whole certificates over the months of each contract whose rows state how many they are."""
        groups: dict[tuple[str, str, str], list[Settlement]] = {}
        for record in self.used:
            groups.setdefault(record.key, []).append(record)
        for group in groups.values():
            for run in _runs(sorted(group, key=lambda r: (r.start, r.end))):
                self._whole(run)
        if self.used:
            self.findings.add("green-power.part", Place(file=self.sheets.file), severity=Severity.NOTE)

    def _whole(self, run: list[tuple[Settlement, int]]) -> None:
        amounts = [CONTEXT.divide(r.settled, mwh_each()) for r, _ in run]
        found = whole_certificates(amounts, [n for _, n in run])
        last = run[-1][0]
        if found.wrong is not None:
            record, count = run[found.wrong]
            self.findings.add("green-power.count", record.source.place, count, " / ".join(map(str, found.expected)))
        elif found.carried:
            self.findings.add("green-power.carried", last.source.place, last.contract,
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
