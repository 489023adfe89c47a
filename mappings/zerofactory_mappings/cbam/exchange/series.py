"""Rows of a dossier in series, laid over the calendar year: what lies inside, across its ends, twice, or nowhere.

The reporting period is the calendar year (2025/2547 Article 1(5)). A row without dates of its own is of the whole
period of the dossier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier.model import Dossier, Row
from zerofactory_engine.dossier.series import Span, holes, overlap
from zerofactory_mappings.cbam.exchange.model import MeterCover, Piece, Series

#: Columns that make rows of one meter and part different series.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "energy": ("carrier", "use", "direction", "origin", "mobile", "equipment_id"),
    "electricity": ("flow", "source", "technology", "contract", "asset_owner"),
    "heat": ("medium", "flow", "source", "supplier"),
    "chp": ("name", "carrier"),
    "processes": ("activity", "material", "role", "gas", "abatement_unit", "cell_technology"),
    "fugitive": ("category", "gas"),
    "carbon_capture": ("fate",),
    "products": ("name", "cn_code", "hs_code"),
    "purchased": ("category", "what", "supplier"),
}
#: Of those, the columns in the id of a series, with the value that goes without saying.
_ID_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "energy": {"carrier": "", "use": "fuel", "direction": "consumed", "mobile": "no", "equipment_id": ""},
    "electricity": {"source": "", "flow": "consumed", "contract": ""},
    "heat": {"medium": "", "flow": "consumed", "source": "purchased"},
    "chp": {"carrier": ""},
    "processes": {"activity": "", "material": ""},
    "fugitive": {"category": "", "gas": ""},
    "carbon_capture": {"fate": ""},
}
#: What goes without saying where a row says nothing.
_USUAL: Mapping[str, Mapping[str, str]] = {
    "energy": {"use": "fuel", "direction": "consumed"}, "electricity": {"flow": "consumed", "source": "grid"},
    "heat": {"flow": "consumed"}}
#: Tables whose rows are read as series.
TABLES = tuple(_KEYS)
#: Of those, the tables in which the days of a meter must neither be missing nor stand twice.
COVERED = ("energy", "electricity", "heat")
_UNSAFE = re.compile(r"[\s/#;,&=:]+")
_ID_LENGTH = 52


def year_span(year: int) -> Span:
    """The calendar year as days."""
    return Span(date(year, 1, 1), date(year, 12, 31))


def shown(value: Any) -> str:
    """A value as a word: yes and no for booleans."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def series_of(dossier: Dossier, table: str, year: int) -> tuple[Series, ...]:
    """The rows of *table* in series, in the order of their first rows."""
    groups: dict[tuple[str | None, ...], list[Row]] = {}
    for row in dossier.rows.get(table, ()):
        said = _said(table, row)
        key = (*(said.get(c) for c in _KEYS[table]), row.meter, row.part)
        groups.setdefault(key, []).append(row)
    taken: dict[str, int] = {}
    return tuple(_series(dossier, table, rows, year, taken) for rows in groups.values())


def _said(table: str, row: Row) -> dict[str, str]:
    """The values of a row that tell its series apart."""
    stated = {c: shown(v) for c in _KEYS[table] if (v := row.values.get(c)) is not None}
    return {**_USUAL.get(table, {}), **stated}


def _series(dossier: Dossier, table: str, rows: list[Row], year: int, taken: dict[str, int]) -> Series:
    first = rows[0]
    key = _said(table, first)
    part = next((p for p in dossier.boundary.get("parts") or () if p["id"] == first.part), None)
    if part is None and first.meter is not None:    # a part names its own meter
        part = next((p for p in dossier.boundary.get("parts") or () if p.get("meter") == first.meter), None)
    series_id = _identifier(table, key, first, taken)
    whole = year_span(year)
    pieces = tuple(_piece(dossier, row, whole) for row in rows)
    return Series(series_id, table, key, pieces, first.meter, None if part is None else str(part["id"]),
                  None if part is None else part.get("kind"), _words(dossier, rows, part))


def _identifier(table: str, key: Mapping[str, str], first: Row, taken: dict[str, int]) -> str:
    """A name that stays the same while the row's words do: ``energy.natural_gas.M-G1``."""
    if table in _ID_COLUMNS:
        said = [(c, key.get(c, "")) for c, usual in _ID_COLUMNS[table].items() if key.get(c, usual) != usual]
        parts = ["mobile" if c == "mobile" else v for c, v in said]
        parts += [p for p in (first.meter, first.part) if p is not None]
    else:
        parts = [first.id]
    made = _UNSAFE.sub("_", ".".join([table, *parts]))[:_ID_LENGTH]
    taken[made] = taken.get(made, 0) + 1
    return made if taken[made] == 1 else f"{made}.{taken[made]}"


def _piece(dossier: Dossier, row: Row, whole: Span) -> Piece:
    start, end = row.start or dossier.period.start, row.end or dossier.period.end
    span = Span(min(start, end), max(start, end))
    return Piece(row, span, overlap(span, whole), row.start is None or row.end is None)


def _words(dossier: Dossier, rows: Iterable[Row], part: Mapping[str, Any] | None) -> str:
    """Names that may say what a series serves."""
    found: list[str] = []
    for row in rows:
        meter = dossier.row("meters", row.meter) if row.meter else None
        equipment = dossier.row("equipment", str(row.values.get("equipment_id"))) \
            if row.values.get("equipment_id") else None
        found += [str(v) for v in (
            *(row.values.get(c) for c in ("note", "equipment_name", "what", "name", "abatement_unit")),
            None if meter is None else meter.values.get("name"),
            None if equipment is None else equipment.values.get("name")) if v]
    if part is not None:
        found += [str(part[c]) for c in ("name", "reason") if part.get(c)]
    return "\n".join(dict.fromkeys(found))


# --- over the year ---------------------------------------------------------------------------------------------------

def cover(dossier: Dossier, series: Series, year: int) -> MeterCover | None:
    """Gaps, overlaps and straddling bills of a series of measured or billed amounts; None when nothing is amiss.

    Corrections lie over other rows by their nature; days that a gap entry of the dossier fills with a row are no gap.
    """
    straddling = tuple((f"{p.row.table}/{p.row.id}", p.span, *p.days) for p in series.pieces if p.straddles)
    gaps: tuple[Span, ...] = ()
    overlapping: tuple[tuple[str, str, Span], ...] = ()
    if series.table in COVERED:
        counted = [p for p in series.pieces if not p.row.correction]
        overlapping = tuple(_overlaps(counted))
        if series.meter is not None:
            gaps = tuple(rest for hole in holes(_service(dossier, series.meter, year), [p.span for p in counted])
                         for rest in _unfilled(dossier, series, hole))
    if not (straddling or gaps or overlapping):
        return None
    return MeterCover(series.id, series.meter, gaps, overlapping, straddling)


def _service(dossier: Dossier, meter_id: str, year: int) -> Span:
    """The part of the year in which the meter is in service."""
    whole = year_span(year)
    meter = dossier.row("meters", meter_id)
    if meter is None:
        return whole
    start, end = meter.values.get("in_service_from") or whole.start, meter.values.get("in_service_to") or whole.end
    return (overlap(whole, Span(start, end)) if start <= end else None) or Span(whole.end, whole.start)


def _unfilled(dossier: Dossier, series: Series, hole: Span) -> tuple[Span, ...]:
    filled = [Span(g.start, g.end) for g in dossier.rows.get("gaps", ())
              if g.meter == series.meter and g.start is not None and g.end is not None
              and g.values.get("substitution") not in (None, "none")
              and g.values.get("row") and dossier.row(series.table, str(g.values["row"])) is not None]
    return holes(hole, filled)


def _overlaps(pieces: Iterable[Piece]) -> Iterator[tuple[str, str, Span]]:
    """Pairs of rows of one meter that cover the same days of the year."""
    metered = sorted((p for p in pieces if p.row.meter is not None and not p.undated), key=lambda p: (p.span, p.row.id))
    widest: Piece | None = None
    for one, other in pairwise(metered):
        if widest is None or one.span.end > widest.span.end:
            widest = one
        shared = overlap(widest.span, other.span)
        if shared is not None:
            yield f"{widest.row.table}/{widest.row.id}", f"{other.row.table}/{other.row.id}", shared


def inside_share(piece: Piece) -> Decimal:
    """Days inside the year over days of the row."""
    inside, of = piece.days
    return CONTEXT.divide(Decimal(inside), Decimal(of))


def apportioned(amount: Decimal, piece: Piece) -> Decimal:
    """The part of *amount* that falls on the days inside the year; exact where the row lies inside it."""
    inside, of = piece.days
    return amount if inside == of else CONTEXT.divide(CONTEXT.multiply(amount, Decimal(inside)), Decimal(of))
