"""Read a registry download (CSV in UTF-8 or GB 18030, or a workbook) into records. Bounded.

What cannot be read is refused, not guessed.

Serials: ``GS1-1-KE-…-110-5463`` (Gold Standard), ``ACR-…-30932 to 35143`` and ``CAR-…-1 to 5000``, two whole serials
joined by `` - ``, ``~`` or ``至`` (CER, CCER). Dates: ISO, ``4/13/2026 7:17:56 PM`` and ``03/25/2026`` (month first).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import parse_decimal, plain
from zerofactory_engine.dossier.serials import SerialRange
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.sources.credit_registry.detect import NEEDED, Layout, layout_of
from zerofactory_mappings.sources.sheets.grid import is_workbook

if TYPE_CHECKING:
    from zerofactory_mappings.sources.sheets.grid import GridCell

#: Most rows of one download, and most characters of one cell.
ROWS, CELL = 200_000, 20_000
#: Largest download that is read, in bytes.
FILE_BYTES = 50_000_000
_PAIR = re.compile(r"(\S+)\s*(?:\s-\s|~|～|至|—)\s*(\S+)")
_TO = re.compile(r"(?P<head>\S*?)(?P<low>\d{1,18})\s+to\s+(?P<high>\d{1,18})", re.ASCII)
_DASH = re.compile(r"(?P<head>\S+-)(?P<low>\d{1,18})-(?P<high>\d{1,18})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*)?", re.ASCII)
_CHINESE = re.compile(r"(\d{4})[年/.](\d\d?)[月/.](\d\d?)日?", re.ASCII)
_US = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})(?: \d\d?:\d\d:\d\d [AP]M)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Record:
    """One row. *fate*: ``retired``, ``cancelled``, ``issued``, ``refused``; *reason*: why it is refused, a code."""

    row: int
    registry: str
    fate: str
    serials: SerialRange | None = None
    quantity: Decimal | None = None
    retired_on: date | None = None
    vintage: int | None = None
    start: date | None = None
    end: date | None = None
    text: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    args: Mapping[str, str] = field(default_factory=dict)


def range_between(first: str, last: str) -> SerialRange | None:
    """Serials from *first* to *last*, which differ in one run of digits (of any length, anywhere); else None."""
    left, right = re.split(r"([0-9]+)", first), re.split(r"([0-9]+)", last)
    if len(left) != len(right) or len(left) < 3 or max(map(len, left + right)) > 60:
        return None
    places = [i for i, pair in enumerate(zip(left, right, strict=True)) if pair[0] != pair[1]] or [len(left) - 2]
    if len(places) > 1 or not places[0] % 2:
        return None
    at = places[0]
    width = len(left[at]) if len(left[at]) == len(right[at]) else 0
    return SerialRange("".join(left[:at]), "".join(left[at + 1:]), width, int(left[at]), int(right[at]))


def shared(one: SerialRange, other: SerialRange) -> int:
    """How many serials are in both ranges; leading zeros make no difference."""
    if (one.head, one.tail) != (other.head, other.tail):
        return 0
    return max(0, min(one.high, other.high) - max(one.low, other.low) + 1)


def parse_serials(text: str) -> SerialRange | None:
    """The range that *text* states, None when it states none (or is written backwards)."""
    text = text.strip()
    if match := _PAIR.fullmatch(text):
        found = range_between(match[1], match[2])
    elif match := _TO.fullmatch(text) or _DASH.fullmatch(text):
        found = SerialRange(match["head"], "", 0, int(match["low"]), int(match["high"]))
    else:
        found = range_between(text, text) if re.fullmatch(r"\S+\d", text) else None
    return found if found is not None and found.low <= found.high else None


def parse_date(text: str) -> date | None:
    """The day that *text* states, None when there is no such day."""
    text = text.strip()
    if match := _ISO.fullmatch(text) or _CHINESE.fullmatch(text):
        year, month, day = (int(g) for g in match.groups())
    elif match := _US.fullmatch(text):
        month, day, year = (int(g) for g in match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_records(data: bytes, file: str) -> tuple[Record, ...]:
    """Every row of the download that is not blank.

    Raises:
        ProblemsError: it is no download of a registry that we know, or too large.
    """
    if len(data) > FILE_BYTES:
        raise ProblemsError([Problem("credits.too-many", Place(file=file), accepted=f"{FILE_BYTES:,} bytes")])
    rows = _workbook_rows(data, file) if is_workbook(data) else _csv_rows(data, file)
    out: list[Record] = []
    first, cells = next(rows, (1, []))
    header = [" ".join(cell.split()) for cell in cells]
    layout = layout_of(header)
    if layout is None:
        raise ProblemsError([Problem("credits.no-registry", Place(file=file, line=first),
                                     found=", ".join(header)[:200] or None)])
    issued = (layout.registry == "Gold Standard" and layout.columns["retired_on"] not in header) or (
        "serials" not in layout.columns)
    missing = [] if issued else [layout.columns[n] for n in NEEDED if layout.columns[n] not in header]
    if missing:
        raise ProblemsError([Problem("credits.columns", Place(file=file, line=first), accepted=", ".join(missing))])
    for number, cells in rows:
        if len(out) >= ROWS:
            raise ProblemsError([Problem("credits.too-many", Place(file=file), accepted=f"{ROWS:,}")])
        if any(cell.strip() for cell in cells):
            out.append(_record(number, dict(zip(header, cells, strict=False)), layout, issued,
                               len(cells) > len(header)))
    return tuple(out)


def _csv_rows(data: bytes, file: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of every row."""
    try:
        yield from enumerate(csv.reader(io.StringIO(_decoded(data, file), newline="")), 1)
    except csv.Error as error:
        raise ProblemsError([Problem("credits.no-table", Place(file=file), found=str(error))]) from None


def _workbook_rows(data: bytes, file: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of every row of the first sheet that has a registry's columns, else of the first sheet."""
    from zerofactory_mappings.sources.sheets.grid import read_grids

    grids = read_grids(data, file)
    chosen = next((g for g in grids if g.rows and layout_of(c.text for c in g.rows[0])), grids[0] if grids else None)
    for number, cells in enumerate(chosen.rows if chosen is not None else (), 1):
        width = cells[-1].column if cells else 0
        texts = [""] * width
        for cell in cells:
            texts[cell.column - 1] = _text(cell)
        yield number, texts


def _text(cell: GridCell) -> str:
    """What a cell of a workbook says, a day in ISO form, a number in plain digits."""
    if cell.day is not None:
        return cell.day.isoformat()
    return plain(cell.number) if cell.number is not None else cell.text


def _decoded(data: bytes, file: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ProblemsError([Problem("credits.no-table", Place(file=file))])


def _record(number: int, cells: Mapping[str, str], layout: Layout, issued: bool, ragged: bool) -> Record:
    """One row; the first thing that is wrong with it refuses it."""
    text = {ours: " ".join(cells.get(theirs, "").split())[:4000] for ours, theirs in layout.columns.items()}

    def refused(reason: str, **args: str) -> Record:
        return Record(number, layout.registry, "refused", text=text, reason=reason, args=args)

    if ragged or any(len(cell) > CELL for cell in cells.values()):
        return refused("credits.ragged")
    if issued:
        if text.get("status", "issued").lower() != "issued":       # a retirement without its day is not an issuance
            return refused("credits.no-status", found=text["status"][:40])
        return Record(number, layout.registry, "issued", text=text)
    serials, quantity = parse_serials(text["serials"]), parse_decimal(text["quantity"].replace(",", ""))
    if serials is None:
        return refused("credits.no-serials", found=text["serials"][:80])
    if quantity is None or quantity <= 0 or quantity != int(quantity):
        return refused("credits.no-quantity", found=text["quantity"][:40])
    if quantity != serials.high - serials.low + 1:
        return refused("credits.quantity", found=text["quantity"], accepted=str(serials.high - serials.low + 1))
    fate = _fate(text, layout.columns.get("cancelled") in cells)
    if not fate:
        return refused("credits.no-status", found=text["status"][:40])
    day = parse_date(text["retired_on"])
    if day is None and (text["retired_on"] or fate == "retired"):
        return refused("credits.no-date", found=text["retired_on"][:40])
    year = int(v) if re.fullmatch(r"(19|20)\d\d", v := text["vintage"], re.ASCII) else None
    start, end = parse_date(text.get("from", "")), parse_date(text.get("to", ""))
    return Record(number, layout.registry, fate, serials, quantity, day, year, start, end, text)


def _fate(text: Mapping[str, str], cancellations: bool) -> str:
    """Retired or cancelled: by the status where there is one, otherwise by the kind of download."""
    if "status" in text:
        known = {"retired": "retired", "canceled": "cancelled", "cancelled": "cancelled"}
        return known.get(text["status"].lower(), "")
    return "cancelled" if cancellations else "retired"
