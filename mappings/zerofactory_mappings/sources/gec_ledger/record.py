"""One row of a ledger as a typed record: certificates, days, status. What decides the claim is read or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_mappings.sources.certificate_tables.findings import Refused, Remark, clean, folded, lost_digits
from zerofactory_mappings.sources.certificate_tables.tables import Cells, Source, Units
from zerofactory_mappings.sources.gec_ledger.amounts import certificates_in, span_of
from zerofactory_mappings.sources.gec_ledger.codes import (
    CodeRange,
    CodeTrouble,
    range_of,
    read_codes,
    split_count,
    with_counts,
)
from zerofactory_mappings.sources.gec_ledger.layout import (
    is_bundled,
    layout,
    meaning,
    mwh_each,
    technology_of,
)

if TYPE_CHECKING:
    from zerofactory_mappings.sources.sheets.grid import GridCell

_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?(?!\d)"
                  r"|(?<!\d)(20\d\d)([01]\d)([0-3]\d)(?!\d)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:\s*年度?|(?=\D|$))")
_PURPOSE = re.compile(r"消费主体|受益方|核销主体|使用主体|beneficiary|consumer", re.IGNORECASE)
_ENTITY = re.compile(r"公司|厂|集团|中心|院|银行|学校|大学|\b(?:co|ltd|inc|gmbh|plc|corp|company|limited)\b",
                     re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Certificates of one row. *count*: their number; *status*: one of ``layout.yaml``, empty when none is stated."""

    source: Source
    count: Decimal
    ranges: tuple[CodeRange, ...]
    text: Mapping[str, str]
    status: str
    start: date | None = None
    end: date | None = None
    issued: date | None = None
    expires: date | None = None
    transferred: date | None = None
    cancelled: date | None = None
    reason: str | None = None
    beneficiary: str | None = None
    year: int | None = None
    technology: str | None = None
    bundled: bool | None = None
    contract: str | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def mwh(self) -> Decimal:
        """Electricity of the certificates: number × 1 MWh (``standards/codes/certificate_systems.yaml``)."""
        return CONTEXT.multiply(self.count, mwh_each())


def read_record(source: Source, cells: Cells, units: Units) -> Certificate:
    """The record in *cells* (column → cell) at *source*; *units*: what the headers of the amounts state.

    Raises:
        Refused: the certificates, their number or their status cannot be read safely.
    """
    text = {name: clean(cell.text) for name, cell in cells.items() if clean(cell.text)}
    for name in ("codes", "first", "last", "quantity", "energy", "status"):
        if name in cells and cells[name].state in ("error", "unevaluated"):
            raise Refused("gec.unevaluated", {"found": clean(cells[name].text) or name})
    if not text.get("project") and not any(text.get(n) for n in ("codes", "first", "last")):
        raise Refused("gec.no-project")
    remarks = []
    if "registration" in text and lost_digits(text["registration"], cells["registration"].number):
        remarks.append(Remark("gec.registration-float", text.pop("registration")))
    ranges, beside = _ranges(cells, text)
    count = _count(cells, units, beside)
    held = _with_counts(ranges, count)
    if count is None and not held:
        raise Refused("gec.no-quantity", {"found": ""})
    if text.get("registration") and held and not held[0].project == re.sub(r"\D", "", text["registration"]):
        raise Refused("gec.registration", {"found": text["registration"], "accepted": held[0].project})
    number = Decimal(sum(len(r) for r in held)) if count is None else count
    made = Certificate(source, number, held, text, _status(text),
                       technology=technology_of(text.get("technology", ""), text.get("project", "")),
                       bundled=is_bundled(text.get("trading", "")), contract=text.get("contract"),
                       remarks=tuple(remarks))
    return _cancellation(_days(made, cells), cells)


# -- certificates -----------------------------------------------------------------------------------------------------


def _ranges(cells: Cells, text: Mapping[str, str]) -> tuple[tuple[CodeRange, ...], int | None]:
    """Ranges of codes of the row and the count that stands beside them in the cell."""
    beside: int | None = None
    if text.get("codes"):
        cell = cells["codes"]
        rest, beside = split_count(cell.text)
        found = read_codes(rest, cell.number)
        if not isinstance(found, CodeTrouble) and text.get("last") and not text.get("first"):
            found = _ends(found, cells["last"])
    elif text.get("first") or text.get("last"):
        ends = [n for n in ("first", "last") if text.get(n)]
        if len(ends) == 1:
            found = read_codes(cells[ends[0]].text, cells[ends[0]].number)
            if not isinstance(found, CodeTrouble):
                found = CodeTrouble("gec.code-text", {"found": text[ends[0]][:60]})
        else:
            start = read_codes(cells["first"].text, cells["first"].number)
            found = start if isinstance(start, CodeTrouble) else _ends(start, cells["last"])
    else:
        return (), None
    if isinstance(found, CodeTrouble):
        raise Refused(found.reason, found.args)
    return found, beside


def _ends(first: tuple[CodeRange, ...], cell: GridCell) -> tuple[CodeRange, ...] | CodeTrouble:
    last = read_codes(cell.text, cell.number)
    return last if isinstance(last, CodeTrouble) else range_of(first, last)


def _with_counts(ranges: tuple[CodeRange, ...], count: Decimal | None) -> tuple[CodeRange, ...]:
    if not ranges:
        return ()
    found = with_counts(ranges, None if count is None else int(count))
    if isinstance(found, CodeTrouble):
        raise Refused(found.reason, found.args)
    return found


def _count(cells: Cells, units: Units, beside: int | None) -> Decimal | None:
    """Number of certificates by the columns of their number and of their electricity and beside the codes."""
    stated = {n: v for n in ("quantity", "energy") if (v := _amount(n, cells, units)) is not None}
    if beside is not None:
        stated["codes"] = Decimal(beside)
    numbers = list(stated.values())
    if not numbers:
        return None
    for number in numbers:
        if number <= 0 or number != number.to_integral_value():
            raise Refused("gec.not-whole", {"found": plain(number)})
    if len(set(numbers)) > 1:
        raise Refused("gec.count-energy", {"found": plain(numbers[0]),
                                           "accepted": plain(CONTEXT.multiply(numbers[1], mwh_each()))})
    return numbers[0]


def _amount(name: str, cells: Cells, units: Units) -> Decimal | None:
    """An amount in certificates, None when the cell says nothing."""
    cell = cells.get(name)
    return None if cell is None else certificates_in(cell, units.get(name, ""), name)


def _status(text: Mapping[str, str]) -> str:
    stated = text.get("status", "")
    if not stated:
        return ""
    found = meaning(stated, layout().status)
    if found is None:
        raise Refused("gec.status-unknown", {"found": stated[:60]})
    return found


# -- days -------------------------------------------------------------------------------------------------------------


def days_in(text: str) -> list[date]:
    """All days that stand in *text*, in their order."""
    out = []
    for match in _DAY.finditer(text):
        try:
            out.append(date(*(int(g) for g in match.groups() if g)))
        except ValueError:
            continue
    return out


def _day(cells: Cells, name: str) -> date | Remark | None:
    """The day in a cell (of two, the last: a validity is written from and to), None when it says nothing."""
    cell = cells.get(name)
    if cell is None or not (cell.day or clean(cell.text)):
        return None
    found = [cell.day] if cell.day is not None else days_in(folded(cell.text))
    return found[-1] if found else Remark("gec.no-date", clean(cell.text)[:60])


def _days(made: Certificate, cells: Cells) -> Certificate:
    remarks = list(made.remarks)
    days: dict[str, date | None] = {}
    for name, column in (("issued", "issued"), ("expires", "valid"), ("transferred", "transferred"),
                         ("cancelled", "cancelled"), ("start", "generated_from"), ("end", "generated_to")):
        found = _day(cells, column)
        if isinstance(found, Remark):
            remarks.append(found)
        days[name] = None if isinstance(found, Remark) else found
    month = cells.get("generated")
    if month is not None and (month.day or clean(month.text)):
        span = span_of(month)
        if span is None:
            remarks.append(Remark("gec.no-period", clean(month.text)[:60]))
        else:
            days["start"], days["end"] = days["start"] or span[0], days["end"] or span[1]
    return replace(made, remarks=tuple(remarks), **days)      # type: ignore[arg-type]  # names of days only


# -- cancellation -----------------------------------------------------------------------------------------------------


def _cancellation(made: Certificate, cells: Cells) -> Certificate:
    """Day, reason, year and beneficiary of a cancellation; left out, and said, where the status is another."""
    text = made.text
    told = text.get("cancellation", "")
    day = made.cancelled or next(iter(days_in(folded(told))), None)
    year = _year(text.get("year", "")) or _year(_DAY.sub(" ", folded(told)))
    reason = meaning(" ".join((text.get("purpose", ""), told, text.get("status", ""))), layout().reasons)
    beneficiary = text.get("beneficiary") or _beneficiary(told)
    if not made.status and day is not None:                    # no status, but the day on which it was cancelled
        made = replace(made, status="cancelled")
    if made.status not in ("cancelled", "expired"):
        stated = told or (str(made.cancelled) if made.cancelled else "") or text.get("purpose", "")
        left_out = [Remark("gec.purpose-not-cancelled", stated[:60])]
        return replace(made, cancelled=None, remarks=(*made.remarks, *(left_out if stated else [])))
    if made.status == "expired":
        reason = "expired"
    return replace(made, cancelled=day, reason=reason, year=year, beneficiary=beneficiary)


def _year(text: str) -> int | None:
    found = {int(m[1]) for m in _YEAR.finditer(folded(text))}
    return found.pop() if len(found) == 1 else None


def _beneficiary(told: str) -> str | None:
    """The organisation that a text on a cancellation names, when it names one."""
    found = [_PURPOSE.sub("", piece).strip(" :：") for piece in _pieces(told) if _ENTITY.search(piece)]
    return found[0] if len(found) == 1 else None


def _pieces(text: str) -> Iterator[str]:
    return (p.strip() for p in re.split(r"[;；，、|/\n()（）]|,\s", text) if p.strip())
