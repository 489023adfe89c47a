"""What a ledger comes to: which rows a dossier states, which are only kept, which are refused, and what does not fit.

Held, transferred and cancelled certificates stay apart: by their status in the dossier and by series in the report.
Validity: ``standards/classification/certificates.yaml``, from and including the month of generation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from zerofactory_engine.accounting.classification import certificate_rules
from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Place
from zerofactory_mappings.sources.certificate_tables.decide import Decider, Decision
from zerofactory_mappings.sources.certificate_tables.findings import Remark
from zerofactory_mappings.sources.gec_ledger.codes import CodeRange, Taken
from zerofactory_mappings.sources.gec_ledger.layout import SYSTEM, mwh_each
from zerofactory_mappings.sources.gec_ledger.read import Ledger
from zerofactory_mappings.sources.gec_ledger.record import Certificate
from zerofactory_mappings.sources.sheets.account import Fate

#: Unit of the sums, and their series of rows whose status is not stated.
UNIT, NO_STATUS = "certificate", "no status"
_GONE = {"transferred out": "gec.transferred-out", "not issued": "gec.not-issued"}


def decide(ledger: Ledger, facility: str | None = None, year: int | None = None) -> Decision[Certificate]:
    """Decide on every row of *ledger*; *facility* (a holder or beneficiary) and *year* as the user asked for them.

    Raises:
        ProblemsError: no row is of the holder that was asked for.
    """
    return _Decider(ledger, facility, year).decide()


class _Decider(Decider[Certificate]):
    def __init__(self, sheets: Ledger, facility: str | None, year: int | None) -> None:
        super().__init__(sheets, facility, year)
        self._taken = Taken()
        self._codeless = 0

    def amount(self, record: Certificate) -> Decimal:
        return record.count

    def series(self, record: Certificate) -> str:
        return record.status or NO_STATUS

    def fate(self, record: Certificate) -> tuple[Fate, str, Mapping[str, str]]:
        names = [n for n in (record.beneficiary, record.text.get("holder")) if n]
        self.names.update(names)
        if (other := self._taken.overlap(record.ranges, record.source.id)) is not None:
            return Fate.REFUSED, "gec.overlap", {"other": other}
        self._taken.add_all(record.ranges, record.source.id)
        if record.status in _GONE:
            return Fate.KEPT, _GONE[record.status], {}
        if not self.asked(names):
            return Fate.KEPT, "gec.other-holder", {"found": " / ".join(names)}
        if self.year is not None and record.year not in (None, self.year):
            return Fate.KEPT, "gec.other-year", {"found": str(record.year)}
        return Fate.USED, "", {}

    def remarks(self, record: Certificate) -> Iterator[Remark]:
        self._codeless += not record.ranges
        yield from record.remarks
        yield from _status_remarks(record)
        yield from _day_remarks(record)

    def finish(self) -> None:
        if self._codeless:
            self.findings.add("gec.no-codes", Place(file=self.sheets.file), self._codeless)


def last_day(record: Certificate) -> date | None:
    """Last day of validity by the rules of the system; None when the generation is not known."""
    generated, rule = record.end or record.start, certificate_rules().get(SYSTEM)
    return rule.last_day(generated) if rule is not None and generated is not None else None


def _status_remarks(record: Certificate) -> Iterator[Remark]:
    if record.status in ("cancelled", "expired"):
        if record.cancelled is None:
            yield Remark("gec.cancelled-no-date")
        if record.reason is None:
            yield Remark("gec.cancelled-no-reason")
        elif record.reason == "expired":
            yield Remark("gec.cancelled-expired")
    if record.bundled and record.contract is None:
        yield Remark("gec.bundled-no-contract")
    for each in record.ranges:
        if each.step:
            yield Remark("gec.step", plain(Decimal(len(each))), str(10 ** each.step))


def _day_remarks(record: Certificate) -> Iterator[Remark]:
    until = last_day(record)
    if record.expires is not None and until is not None and record.expires != until:
        yield Remark("gec.validity", str(record.expires), str(until))
    if record.cancelled is not None and until is not None and until < record.cancelled and record.reason != "expired":
        yield Remark("gec.expired", str(record.cancelled), str(until))
    if record.start is not None:
        for day in (record.issued, record.transferred, record.cancelled):
            if day is not None and day < record.start:
                yield Remark("gec.before-generation", str(day), str(record.start))
        if record.year is not None and record.year < record.start.year:
            yield Remark("gec.year-unlike", str(record.year), str(record.start.year))


def electricity(each: CodeRange) -> Decimal:
    """MWh of the certificates of a range."""
    return CONTEXT.multiply(Decimal(len(each)), mwh_each())
