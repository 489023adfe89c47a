"""Amounts of a ledger in certificates, electricity in MWh, spans of days: what a cell says in its unit."""

from __future__ import annotations

import calendar
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.units import is_unit, unit
from zerofactory_mappings.sources.certificate_tables.findings import Refused, clean, folded
from zerofactory_mappings.sources.gec_ledger.layout import layout, mwh_each

if TYPE_CHECKING:
    from zerofactory_mappings.sources.sheets.grid import GridCell

#: Spellings of units of electricity beside those of ``standards/units.yaml``, folded.
_SPELLINGS = {"mwh": "MWh", "kwh": "kWh", "gwh": "GWh", "万kwh": "万千瓦时", "万度": "万千瓦时", "度": "kWh",
              "mw·h": "MWh", "kw·h": "kWh", "mw.h": "MWh", "kw.h": "kWh", "10mwh": "万千瓦时", "104kwh": "万千瓦时"}
_TRAILING = re.compile(r"[\d.)）]\s*([^\d\s.,()（）%-][^\d()（）]*)$")


def mwh_per(text: str) -> Decimal | None:
    """MWh of one unit of electricity; None when *text* is none."""
    name = folded(text).replace(" ", "")
    for candidate in (_SPELLINGS.get(name, ""), text.strip(), name):
        if candidate and is_unit(candidate) and unit(candidate).dimension == unit("MWh").dimension:
            return CONTEXT.divide(unit(candidate).factor, unit("MWh").factor)
    return None


def own_unit(text: str) -> str:
    """The unit that a figure bears itself (``100张``, ``12.5 MWh``); empty when it bears none."""
    match = _TRAILING.search(text.strip())
    return match[1].strip() if match else ""


def certificates_in(cell: GridCell, header: str, name: str) -> Decimal | None:
    """The amount in *cell* in certificates; *header*: unit of its column. None when the cell says nothing.

    Raises:
        Refused: no number, or no unit that is certificates or electricity.
    """
    value = figure(cell, "gec.no-quantity")
    if value is None:
        return None
    borne = own_unit(cell.text)
    factors = {_each(u) for u in (borne, header) if u} or {Decimal(1) if name == "quantity" else None}
    if len(factors) != 1 or None in factors:
        raise Refused("gec.no-unit", {"found": " / ".join(u for u in (header, borne) if u) or clean(cell.text)})
    factor = factors.pop()
    assert factor is not None
    return CONTEXT.multiply(value, factor)


def _each(text: str) -> Decimal | None:
    """Certificates in one unit."""
    if folded(text).replace(" ", "") in layout().pieces:
        return Decimal(1)
    mwh = mwh_per(text)
    return None if mwh is None else CONTEXT.divide(mwh, mwh_each())


def figure(cell: GridCell, code: str) -> Decimal | None:
    """The number in *cell*, None when it is empty or says that there is none; Refused with *code* otherwise."""
    from zerofactory_mappings.sources.sheets.text import number_of

    if cell.state in ("error", "unevaluated"):
        raise Refused("gec.unevaluated" if cell.state == "unevaluated" else code, {"found": clean(cell.text)})
    value = number_of(cell)
    if value is None or isinstance(value, Decimal):
        return value
    raise Refused(code, {"found": clean(cell.text)[:60]})


def span_of(cell: GridCell) -> tuple[date, date] | None:
    """First and last day of the month, year, day or span in *cell*; None when it states none."""
    from zerofactory_mappings.sources.sheets.text import period_of

    if cell.day is not None:                        # a month is stored as its first day
        first = cell.day
        return (first, month_end(first)) if first.day == 1 else (first, first)
    text = clean(cell.text)
    ends = [e for e in re.split(r"\s*(?:至|到|~|～|—+|–| - | to )\s*", text) if e]
    spans = [period_of(end) for end in ends]
    if not spans or len(spans) > 2 or any(s is None for s in spans):
        return None
    known = [s for s in spans if s is not None]
    return (known[0][0], known[-1][1]) if known[0][0] <= known[-1][1] else None


def month_end(day: date) -> date:
    """Last day of the month of *day*."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
