"""One row of a settlement as a typed record. The contract, the month and the settled amount are read or refused."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.sources.certificate_tables.findings import Refused, Remark, clean, folded, lost_digits
from zerofactory_mappings.sources.certificate_tables.tables import Cells, Source, Units
from zerofactory_mappings.sources.gec_ledger.amounts import figure, mwh_per, own_unit, span_of
from zerofactory_mappings.sources.gec_ledger.codes import (
    CodeRange,
    CodeTrouble,
    read_codes,
    split_count,
    with_counts,
)
from zerofactory_mappings.sources.gec_ledger.layout import technology_of
from zerofactory_mappings.sources.gec_ledger.record import days_in

if TYPE_CHECKING:
    pass

#: Columns of money: unit when the header states none is that of the form, so none is assumed; they are only compared.
_MONEY = ("energy_price", "green_price", "deviation", "transmission", "funds", "total")


@dataclass(frozen=True, slots=True)
class Settlement:
    """Green power of one contract, project and month or year. Electricity in MWh; money as stated, in yuan."""

    source: Source
    contract: str
    start: date
    end: date
    settled: Decimal
    stated: tuple[str, str]
    text: Mapping[str, str]
    contracted: Decimal | None = None
    lower: Decimal | None = None
    technology: str | None = None
    transferred: date | None = None
    money: Mapping[str, Decimal] | None = None
    ranges: tuple[CodeRange, ...] = ()
    count: int | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def yearly(self) -> bool:
        """Whether the row is of a whole calendar year."""
        return (self.start, self.end) == (date(self.start.year, 1, 1), date(self.start.year, 12, 31))

    @property
    def monthly(self) -> bool:
        """Whether the row is of one calendar month."""
        last = calendar.monthrange(self.start.year, self.start.month)[1]
        return self.start.day == 1 and self.end == self.start.replace(day=last)

    @property
    def key(self) -> tuple[str, str, str]:
        """What is settled together: contract, project and buyer."""
        return tuple(folded(t) for t in (self.contract, self.text.get("project", ""),     # type: ignore[return-value]  # three
                                         self.text.get("buyer", "")))


def read_record(source: Source, cells: Cells, units: Units) -> Settlement:
    """The record in *cells* (column → cell) at *source*; *units*: what the headers of the amounts state.

    Raises:
        Refused: contract, period or settled electricity cannot be read safely.
    """
    text = {name: clean(cell.text) for name, cell in cells.items() if clean(cell.text)}
    for name in ("contract", "period", "settled"):
        if name in cells and cells[name].state in ("error", "unevaluated"):
            raise Refused("green-power.unevaluated", {"found": text.get(name, name)})
    if not text.get("contract"):
        raise Refused("green-power.no-contract")
    if lost_digits(text["contract"], cells["contract"].number):
        raise Refused("green-power.contract-float", {"found": text["contract"]})
    settled = energy(cells, units, "settled")
    if settled is None:
        raise Refused("green-power.no-quantity", {"found": ""})
    if settled < 0:
        raise Refused("green-power.negative", {"found": text["settled"]})
    span = span_of(cells["period"]) if "period" in cells and text.get("period") else None
    if span is None:
        raise Refused("green-power.no-period", {"found": text.get("period", "")})
    remarks: list[Remark] = []
    if "user_number" in text and lost_digits(text["user_number"], cells["user_number"].number):
        remarks.append(Remark("green-power.user-float", text.pop("user_number")))
    ranges, count = _certificates(cells, text, remarks)
    return Settlement(
        source, text["contract"], *span, settled, (text["settled"], units.get("settled", "")), text,
        _or_none(cells, units, "contracted"), _lower(cells, units),
        technology_of(text.get("technology", ""), text.get("project", "")), _day(cells, text, remarks),
        _money(cells, units, text, remarks), ranges, count, tuple(remarks))


def energy(cells: Cells, units: Units, name: str) -> Decimal | None:
    """Electricity in MWh; None when the cell says nothing.

    Raises:
        Refused: no number, or no unit of electricity.
    """
    cell = cells.get(name)
    value = figure(cell, "green-power.no-quantity") if cell is not None else None
    if cell is None or value is None:
        return None
    stated = [u for u in (own_unit(cell.text), units.get(name, "")) if u]
    factors = {mwh_per(u) for u in stated}
    factor = factors.pop() if len(factors) == 1 else None
    if factor is None:
        raise Refused("green-power.no-unit", {"found": " / ".join(stated) or clean(cell.text)})
    return CONTEXT.multiply(value, factor)


def _or_none(cells: Cells, units: Units, name: str) -> Decimal | None:
    """An amount that is only compared; when it cannot be read there is nothing to compare with."""
    units = units if units.get(name) else {**units, name: units.get("settled", "")}
    try:
        return energy(cells, units, name)
    except Refused:
        return None


def _lower(cells: Cells, units: Units) -> Decimal | None:
    """The lower of generation and consumption: stated as such, or of both columns."""
    stated = _or_none(cells, units, "lower")
    both = [_or_none(cells, units, name) for name in ("generated", "consumed")]
    known = [v for v in (stated, *both) if v is not None]
    return min(known) if known else None


def _day(cells: Cells, text: Mapping[str, str], remarks: list[Remark]) -> date | None:
    cell = cells.get("transferred")
    if cell is None or not (cell.day or text.get("transferred")):
        return None
    found = [cell.day] if cell.day is not None else days_in(folded(cell.text))
    if not found:
        remarks.append(Remark("green-power.no-date", text["transferred"][:60]))
    return found[-1] if found else None


def _money(cells: Cells, units: Units, text: Mapping[str, str], remarks: list[Remark]
           ) -> Mapping[str, Decimal]:
    """Prices in yuan per MWh and charges in yuan; what is no number is left out, and said where it is needed."""
    out: dict[str, Decimal] = {}
    for name in _MONEY:
        cell = cells.get(name)
        if cell is None or not text.get(name):
            continue
        factor = money_factor(units.get(name, ""))
        try:
            value = figure(cell, "green-power.no-price")
        except Refused:
            value = None
        if value is not None and factor is not None:
            out[name] = CONTEXT.multiply(value, factor)
    return out


def money_factor(text: str) -> Decimal | None:
    """Yuan, or yuan per MWh, in one unit of a header; 1 without a unit; None when it is neither."""
    amount, _, per = folded(text).replace(" ", "").replace("cny", "元").replace("rmb", "元").partition("/")
    yuan = {"": Decimal(1), "元": Decimal(1), "人民币元": Decimal(1), "yuan": Decimal(1), "万元": Decimal(10_000),
            "千元": Decimal(1000), "分": Decimal("0.01"), "厘": Decimal("0.001")}.get(amount)
    if yuan is None or not per:
        return yuan
    each = mwh_per(per)
    return None if each is None else CONTEXT.divide(yuan, each)


def _certificates(cells: Cells, text: Mapping[str, str], remarks: list[Remark]
                  ) -> tuple[tuple[CodeRange, ...], int | None]:
    """Codes that a row lists and their number; what is no code is told, the electricity stands without it."""
    count: int | None = None
    cell = cells.get("count")
    if cell is not None and text.get("count"):
        try:
            value = figure(cell, "green-power.count")
        except Refused:
            value = None
        count = int(value) if value is not None and value >= 0 and value == value.to_integral_value() else None
        if count is None:
            remarks.append(Remark("green-power.codes", text["count"][:60]))
    stated = cells.get("certificates")
    if stated is None or not text.get("certificates"):
        return (), count
    rest, beside = split_count(stated.text)
    count = beside if count is None else count
    if not rest.strip(" ;,，、。.共计合"):
        return (), count
    found = read_codes(rest, stated.number)
    if not isinstance(found, CodeTrouble):
        found = with_counts(found, count)
    if isinstance(found, CodeTrouble):
        remarks += [Remark("green-power.codes", text["certificates"][:60]),
                    Remark(found.reason, found.args.get("found"), found.args.get("accepted"))]
        return (), count
    return found, sum(len(r) for r in found)
