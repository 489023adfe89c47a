"""Dated tables of figures of the law (``zerofactory/cbam-tables/1``): strict reading, each row with its source.

``standards/eu-cbam/tables/tables.yaml`` says for each table which columns there are, of which kind and unit, and what
tells rows apart; the rows stand in one CSV file per table (UTF-8, LF). Every table has the columns of
:data:`SOURCE_COLUMNS` beside its own. Nothing is guessed: a column too many or too few, a figure that is none, a row
without act or twice the same key is a problem with its line, and all problems of a table come at once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from zerofactory_engine.decimals import parse_decimal, plain
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import Place, Problem, ProblemsError

FORMAT = "zerofactory/cbam-tables/1"
#: Where the shipped tables lie.
TABLES_FOLDER = STANDARDS_ROOT / "eu-cbam" / "tables"

#: How well a row is known, best first (design §3).
CONFIDENCES = ("confirmed", "secondary", "unconfirmed")
#: What a row was taken from. ``law``: read in the legal text; ``commission``: read in a file of the Commission;
#: ``secondary``: second-hand; ``derived``: worked out from such files; ``physics``: a constant of nature; ``project``:
#: set by this project.
TAGS = ("law", "commission", "secondary", "derived", "physics", "project")
#: Columns that every table has.
SOURCE_COLUMNS = ("act", "annex", "confidence", "source", "valid_from", "valid_to")
#: Word for a figure that exists and that we lack.
UNKNOWN = "unknown"

_KINDS = frozenset({"text", "decimal", "integer", "date", "yesno", "list", "decimal_or_unknown"})
#: Largest table, in bytes and rows.
_FILE_BYTES = 16_000_000
_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure stands: act, place in it, how well that is known, and the row of our table that holds it."""

    act: str
    annex: str
    confidence: str
    tag: str
    table: str
    row: str
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""

    @property
    def provisional(self) -> bool:
        """Whether the figure is not confirmed."""
        return self.confidence != "confirmed"

    def __str__(self) -> str:
        return f"{self.act}, {self.annex}" if self.annex else self.act

    def as_json(self) -> dict[str, str]:
        """The fields that are set."""
        out = {"act": self.act, "annex": self.annex, "confidence": self.confidence, "source": self.tag,
               "table": self.table, "row": self.row, "note": self.note}
        for name in ("valid_from", "valid_to"):
            day: date | None = getattr(self, name)
            out[name] = day.isoformat() if day else ""
        return {k: v for k, v in out.items() if v}


@dataclass(frozen=True, slots=True)
class Cited:
    """A figure with its unit and source."""

    value: Decimal
    unit: str
    source: Source

    def as_json(self) -> dict[str, Any]:
        """All fields; the figure as text."""
        return {"value": plain(self.value), "unit": self.unit, "source": self.source.as_json()}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A figure that exists and that we lack; *reason* is a message code."""

    reason: str
    args: Mapping[str, str] = field(default_factory=dict)
    source: Source | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields that are set; *value* is null."""
        return {"value": None, "reason": self.reason, "args": dict(self.args)} | (
            {"source": self.source.as_json()} if self.source else {})


def weakest(sources: Iterable[Source]) -> str:
    """The confidence of the least known of *sources*; ``confirmed`` when there is none."""
    return max((s.confidence for s in sources), key=CONFIDENCES.index, default=CONFIDENCES[0])


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its kind, the unit of its figures and what it is called."""

    name: str
    kind: str
    unit: str
    optional: bool
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells as text, checked, and its source."""

    cells: Mapping[str, str]
    source: Source
    units: Mapping[str, str]

    def text(self, column: str) -> str:
        """The cell as it stands; empty when nothing is stated."""
        return self.cells[column]

    def words(self, column: str) -> tuple[str, ...]:
        """The parts of a list."""
        return tuple(w for w in self.cells[column].split(";") if w)

    def yes(self, column: str) -> bool:
        """Whether the cell says yes."""
        return self.cells[column] == "yes"

    def decimal(self, column: str) -> Decimal | None:
        """The figure; None when nothing is stated, or ``unknown``."""
        text = self.cells[column]
        return None if text in ("", UNKNOWN) else Decimal(text)

    def integer(self, column: str) -> int | None:
        """The whole number; None when nothing is stated."""
        return int(text) if (text := self.cells[column]) else None

    def day(self, column: str) -> date | None:
        """The date; None when nothing is stated."""
        return date.fromisoformat(text) if (text := self.cells[column]) else None

    def cited(self, column: str, unit: str | None = None) -> Cited | None:
        """The figure with unit and source; None when nothing is stated, or ``unknown``."""
        value = self.decimal(column)
        return None if value is None else Cited(value, self.units[column] if unit is None else unit, self.source)

    def names(self) -> dict[str, str]:
        """What the row is called in both languages."""
        return {"zh": self.cells["zh"], "en": self.cells["en"]}

    def holds_on(self, day: date | None) -> bool:
        """Whether the row is in force on *day*; without a day, whether it has no end."""
        start, end = self.source.valid_from, self.source.valid_to
        if day is None:
            return end is None
        return (start is None or start <= day) and (end is None or day <= end)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its rows in the order of the file, and what its columns mean."""

    name: str
    title: Mapping[str, str]
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    licence: str
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def by(self, column: str) -> dict[str, list[Row]]:
        """Rows by the text of one column."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.cells[column], []).append(row)
        return found


@dataclass(frozen=True, slots=True)
class Layout:
    """What ``tables.yaml`` says of one table."""

    name: str
    file: str
    title: Mapping[str, str]
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    licence: str


def bad_table(what: str, place: Place, **args: str) -> Problem:
    """A problem ``cbam-table.…`` of a table of ours."""
    return Problem(f"cbam-table.{what}", place, args=args)


@cache
def layouts(folder: Path = TABLES_FOLDER, part: str = "tables") -> Mapping[str, Layout]:
    """What ``tables.yaml`` in *folder* says, by name of the table; part ``loaded``: of those that users load."""
    from zerofactory_engine.yaml_text import ListNode, MapNode, read_yaml

    path = folder / "tables.yaml"

    def value(node: Any) -> Any:
        if isinstance(node, MapNode):
            return {k: value(v) for k, v in node.items()}
        return [value(n) for n in node.items] if isinstance(node, ListNode) else node.text

    tree = value(read_yaml(path.read_bytes(), path.name))
    place = Place(file=path.name)
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        raise ProblemsError([bad_table("format", place, accepted=FORMAT)])
    shared = _columns(tree["shared"])
    missing = [c for c in SOURCE_COLUMNS if c not in shared]
    problems = [bad_table("column-missing", place, column=c) for c in missing]
    found: dict[str, Layout] = {}
    for name, entry in tree[part].items():
        columns = {**_columns(entry["columns"]), **shared}
        problems += [bad_table("kind", place, column=f"{name}.{c.name}", found=c.kind)
                     for c in columns.values() if c.kind not in _KINDS]
        problems += [bad_table("column-missing", place, column=f"{name}.{k}") for k in entry["key"] if k not in columns]
        found[name] = Layout(name, entry.get("file", f"{name}.csv"), entry["title"], tuple(entry["key"]), columns,
                             entry["licence"])
    if problems:
        raise ProblemsError(problems)
    return found


def _columns(tree: Mapping[str, Any]) -> dict[str, Column]:
    return {name: Column(name, e["kind"], e.get("unit", ""), e.get("optional", "no") == "yes",
                         {"zh": e["zh"], "en": e["en"]}) for name, e in tree.items()}


@cache
def table(name: str, folder: Path = TABLES_FOLDER) -> Table:
    """The table *name*, read once.

    Raises:
        ProblemsError: ``cbam-table.…``, with every problem of the table.
    """
    layout = layouts(folder).get(name)
    if layout is None:
        raise ProblemsError([bad_table("unknown-table", Place(file="tables.yaml"), found=name)])
    return parse_table(layout, (folder / layout.file).read_bytes())


def parse_table(layout: Layout, data: bytes) -> Table:
    """The rows of *data* as *layout* wants them; :class:`ProblemsError` with every problem otherwise."""
    place = Place(file=layout.file)
    if len(data) > _FILE_BYTES:
        raise ProblemsError([bad_table("too-large", place, accepted=f"{_FILE_BYTES:,}")])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProblemsError([bad_table("encoding", place, found=f"byte {error.start}")]) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise ProblemsError([bad_table("damaged", Place(file=layout.file, line=reader.line_num),
                                       found=str(error))]) from None
    header = lines[0][1] if lines else []
    problems = [bad_table("column-unknown", place, column=c) for c in header if c not in layout.columns]
    problems += [bad_table("column-missing", place, column=c) for c in layout.columns if c not in header]
    problems += [bad_table("column-twice", place, column=c) for c in set(header) if header.count(c) > 1]
    if len(lines) > _ROWS:
        problems.append(bad_table("too-large", place, accepted=f"{_ROWS:,}"))
    if problems:
        raise ProblemsError(problems)
    return _rows(layout, header, lines[1:])


def _rows(layout: Layout, header: list[str], lines: list[tuple[int, list[str]]]) -> Table:
    rows: list[Row] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, ...], int] = {}
    units = {c.name: c.unit for c in layout.columns.values()}
    for line, cells in lines:
        place = Place(file=layout.file, line=line)
        if len(cells) != len(header):
            problems.append(bad_table("cells", place, found=str(len(cells)), accepted=str(len(header))))
            continue
        row = dict(zip(header, cells, strict=True))
        wrong = list(_cell_problems(layout, row, place))
        problems += wrong
        key = tuple(row[k] for k in layout.key)
        if key in seen:
            problems.append(bad_table("duplicate", place, found=" ".join(key), first=str(seen[key])))
        seen[key] = line
        if not wrong:
            rows.append(Row(row, _source(layout.name, row, key), units))
    if problems:
        raise ProblemsError(problems)
    return Table(layout.name, layout.title, layout.columns, layout.key, layout.licence, tuple(rows))


def _cell_problems(layout: Layout, row: Mapping[str, str], place: Place) -> Iterator[Problem]:
    for name, column in layout.columns.items():
        text = row[name]
        if not text:
            if not column.optional:
                yield bad_table("source-missing" if name in SOURCE_COLUMNS else "cell-missing", place, column=name)
        elif text != text.strip():
            yield bad_table("cell", place, column=name, found=repr(text), accepted=column.kind)
        elif not _fits(column.kind, text):
            yield bad_table("cell", place, column=name, found=text[:80], accepted=column.kind)
    for name, accepted in (("confidence", CONFIDENCES), ("source", TAGS)):
        if row[name] and row[name] not in accepted:
            yield bad_table("cell", place, column=name, found=row[name][:80], accepted=", ".join(accepted))


def _fits(kind: str, text: str) -> bool:
    """Whether *text* is a value of *kind*."""
    if kind == "decimal_or_unknown" and text == UNKNOWN:
        return True
    if kind in ("decimal", "decimal_or_unknown"):
        return parse_decimal(text) is not None and "e" not in text.lower()
    if kind == "integer":
        return text.isascii() and text.lstrip("-").isdigit() and len(text) < 10
    if kind == "yesno":
        return text in ("yes", "no")
    if kind == "date":
        try:
            return date.fromisoformat(text).isoformat() == text
        except ValueError:
            return False
    return True


def _source(name: str, row: Mapping[str, str], key: tuple[str, ...]) -> Source:
    days = [date.fromisoformat(row[c]) if row[c] else None for c in ("valid_from", "valid_to")]
    return Source(row["act"], row["annex"], row["confidence"], row["source"], name, "/".join(k for k in key if k),
                  days[0], days[1], row.get("note", ""))
