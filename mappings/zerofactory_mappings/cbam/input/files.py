"""Series of hours in CSV files beside an input: only inside its folder, bounded, every bad line named.

Texts are UTF-8 (or GB 18030, which Chinese offices export), separated by comma, semicolon or tab; numbers have a
decimal point.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.dossier.bind import Folder
from zerofactory_engine.problems import Place, Severity
from zerofactory_mappings.cbam.input.figures import Notes

#: Largest file, most rows, most problems that are listed of one file.
FILE_BYTES = 8_000_000
ROWS = 120_000
_LISTED = 20
_HOUR = timedelta(hours=1)
#: Column names; case and spaces do not matter.
HOURLY = {"time": ("time", "hour", "start", "时间"), "concentration": ("g/Nm3", "g_per_Nm3", "concentration", "浓度"),
          "volume": ("Nm3", "volume", "烟气量"), "valid": ("valid", "valid_share", "有效份额")}
MATCH = {"start": ("start", "time", "时间"), "generated": ("generated_MWh", "generated", "发电量"),
         "consumed": ("consumed_MWh", "consumed", "用电量")}
Hours = tuple[tuple[Decimal | None, Decimal | None, Decimal], ...]
Periods = tuple[tuple[str, Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: texts by our name of their column."""

    number: int
    cells: Mapping[str, str]


class Beside:
    """Files that lie beside an input."""

    def __init__(self, folder: Folder | None, notes: Notes) -> None:
        self._folder, self._notes = folder, notes

    def hours(self, name: str, place: Place) -> Hours:
        """Concentration (g/Nm3), flue gas (Nm3) and share of valid readings of each hour; an hour that the file leaves
        out is there without values, so that it is filled as a gap."""
        out: list[tuple[Decimal | None, Decimal | None, Decimal]] = []
        before: datetime | None = None
        left_out = 0
        for line in self._lines(name, place, HOURLY, ("time", "concentration", "volume")):
            where = Place(file=name, line=line.number)
            moment = self._moment(line.cells.get("time", ""), where)
            if moment is None:
                continue
            if before is not None and (moment <= before or (moment - before) % _HOUR):
                self._notes.refuse("cbam-input.hour-order", where, found=line.cells["time"],
                                   accepted=(before + _HOUR).isoformat())
                continue
            if before is not None:
                missing = (moment - before) // _HOUR - 1
                left_out += missing
                if len(out) + missing > ROWS:
                    self._notes.refuse("cbam-input.file-too-large", where, found=name, accepted=f"{ROWS:,}")
                    return ()
                out += [(None, None, Decimal(0))] * missing
            before = moment
            values = [self._number(line, key, where, empty=True) for key in ("concentration", "volume")]
            out.append((values[0], values[1], self._valid(line, where)))
        if left_out:
            self._notes.note("cbam-input.hours-left-out", place, Severity.WARNING, found=str(left_out), accepted="0",
                             file=name)
        return tuple(out)

    def periods(self, name: str, place: Place) -> Periods:
        """Start, generated and consumed MWh of each period of metering."""
        out: list[tuple[str, Decimal, Decimal]] = []
        for line in self._lines(name, place, MATCH, tuple(MATCH)):
            where = Place(file=name, line=line.number)
            made, used = self._number(line, "generated", where), self._number(line, "consumed", where)
            if made is not None and used is not None:
                out.append((line.cells["start"], made, used))
        return tuple(out)

    def compare(self, name: str, stated: str | None, place: Place) -> None:
        """Say when the file of a document is not there, or is not the one whose hash was stated."""
        if self._folder is None:
            return
        if self._folder.size(name) is None:
            self._notes.note("cbam-input.document-not-there", place, Severity.NOTE, found=name[:80])
            return
        digest = hashlib.sha256()
        for chunk in self._folder.chunks(name):
            digest.update(chunk)
        if stated is not None and stated.removeprefix("sha256:") != digest.hexdigest():
            self._notes.note("cbam-input.document-differs", place, Severity.WARNING, found=digest.hexdigest(),
                             accepted=stated)

    # --- one file ---------------------------------------------------------------------------------------------------

    def _lines(self, name: str, place: Place, columns: Mapping[str, Sequence[str]],
               needed: Sequence[str]) -> Iterator[Line]:
        text = self._text(name, place)
        if text is None:
            return
        head = text[:4000].partition("\n")[0]
        separator = max(",;\t", key=head.count)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            found = _header(next(rows, []), columns)
            missing = [n for n in needed if n not in found.values()]
            if missing:
                self._notes.refuse("cbam-input.csv-columns", Place(file=name, line=1), found=head.strip()[:80],
                                   accepted=", ".join(columns[n][0] for n in missing))
                return
            listed = len(self._notes.refused) + _LISTED
            for number, row in enumerate(rows, 2):
                if not any(c.strip() for c in row):
                    continue
                if number > ROWS:
                    self._notes.refuse("cbam-input.file-too-large", place, found=name, accepted=f"{ROWS:,}")
                    return
                yield Line(number, {found[i]: c.strip() for i, c in enumerate(row) if i in found})
                if len(self._notes.refused) >= listed:
                    return
        except csv.Error:
            self._notes.refuse("cbam-input.csv-damaged", Place(file=name))

    def _text(self, name: str, place: Place) -> str | None:
        size = None if self._folder is None else self._folder.size(name)
        if self._folder is None or size is None:
            self._notes.refuse("cbam-input.file-not-found", place, found=name[:80])
            return None
        if size > FILE_BYTES:
            self._notes.refuse("cbam-input.file-too-large", place, found=f"{name}: {size:,}",
                               accepted=f"{FILE_BYTES:,}")
            return None
        data = b"".join(self._folder.chunks(name))
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return data.decode("gb18030", errors="replace")

    def _moment(self, text: str, where: Place) -> datetime | None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self._notes.refuse("cbam-input.moment", where, found=text[:40], example="2026-01-01T00:00+08:00")
            return None
        return moment

    def _number(self, line: Line, key: str, where: Place, *, empty: bool = False) -> Decimal | None:
        text = line.cells.get(key, "")
        if not text and empty:
            return None
        value = parse_decimal(text)
        if value is None:
            self._notes.refuse("cbam-input.csv-number", where, found=text[:40], example="1234.5", column=key)
        return value

    def _valid(self, line: Line, where: Place) -> Decimal:
        text = line.cells.get("valid", "")
        if not text:
            return Decimal(1)
        bare = text.rstrip("%％").strip()
        value = parse_decimal(bare)
        if value is not None and bare != text:
            value = value.scaleb(-2)
        if value is None or not 0 <= value <= 1:
            self._notes.refuse("cbam-input.csv-number", where, found=text[:40], accepted="0 … 1, 0 % … 100 %",
                               column="valid")
            return Decimal(0)
        return value


def _header(row: Sequence[str], columns: Mapping[str, Sequence[str]]) -> dict[int, str]:
    """Our name of each column by its position."""
    names = {text.lower(): name for name, texts in columns.items() for text in texts}
    return {i: names[key] for i, cell in enumerate(row) if (key := cell.strip().lower().replace(" ", "")) in names}
