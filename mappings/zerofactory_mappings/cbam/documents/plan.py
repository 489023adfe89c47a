"""The monitoring plan of an installation (``zerofactory/cbam-monitoring-plan/1``): read, with all problems of a file
at once.

A section that stands in the file and is empty says that there is none; a section that does not stand there says
nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.json_text import read_json
from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError, Severity
from zerofactory_engine.typed import place_in, shipped_schema
from zerofactory_engine.yaml_text import DOSSIER_BYTES, Node, read_yaml

FORMAT = "zerofactory/cbam-monitoring-plan/1"
#: Sections whose rows have ids of their own.
WITH_ID = ("processes", "other_processes", "streams", "measured", "pfc", "meters", "sampling", "heat", "waste_gases",
           "co2", "data_flow")


@dataclass(frozen=True, slots=True)
class Row:
    """One part of a file as typed values, with its place."""

    values: Mapping[str, Any]
    tree: Node | None = None
    path: tuple[str | int, ...] = ()

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.place_of()

    def place_of(self, *below: str | int) -> Place:
        """Where a value of it stands."""
        return NOWHERE if self.tree is None else place_in(self.tree, *self.path, *below)

    @property
    def id(self) -> str:
        """Its id; empty when it has none."""
        return str(self.values.get("id", ""))

    def has(self, name: str) -> bool:
        """Whether anything is stated under *name*, be it an empty list."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str | None:
        """The text; None when none is stated."""
        value = self.values.get(name)
        return None if value is None else str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list; none when nothing is stated."""
        return tuple(str(v) for v in self.values.get(name) or ())

    def flag(self, name: str) -> bool | None:
        """Yes, no, or None when nobody says."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else None

    def day(self, name: str) -> date | None:
        """The date; None when none is stated."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def number(self, name: str) -> Decimal | None:
        """The figure; None when none is stated."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return None
        return Decimal(value) if isinstance(value, (Decimal, int)) else None

    def amount(self, name: str) -> tuple[Decimal, str] | None:
        """Figure and unit; None when none is stated."""
        value = self.values.get(name)
        return (value["value"], str(value["unit"])) if isinstance(value, Mapping) else None

    def part(self, name: str) -> Row | None:
        """A mapping below; None when none is stated."""
        value = self.values.get(name)
        return Row(value, self.tree, (*self.path, name)) if isinstance(value, Mapping) else None

    def rows(self, name: str) -> tuple[Row, ...] | None:
        """The rows of a list: None when nothing is stated, empty when there are none."""
        value = self.values.get(name)
        if value is None:
            return None
        return tuple(Row(v, self.tree, (*self.path, name, i)) for i, v in enumerate(value))

    def each(self, name: str) -> tuple[Row, ...]:
        """The rows of a list; none when nothing is stated."""
        return self.rows(name) or ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A monitoring plan. *notes*: problems that do not make it unusable."""

    root: Row
    file: str
    notes: tuple[Problem, ...] = ()

    @property
    def sha256(self) -> str:
        """The hash of what it says."""
        return content_hash(self.root.values)

    @property
    def current(self) -> Row:
        """The version that stands last."""
        return self.root.each("versions")[-1]

    def version_on(self, day: date) -> Row | None:
        """The version in force on a day; None when none was yet."""
        found = [v for v in self.root.each("versions") if (start := v.day("valid_from") or v.day("date")) is not None
                 and start <= day]
        return found[-1] if found else None

    def find(self, section: str, ident: str) -> Row | None:
        """The row of that id in a section."""
        return next((r for r in self.root.each(section) if r.id == ident), None)

    def statement(self, start: date | None, end: date | None) -> Row | None:
        """What is stated for exactly that period; None when nothing is."""
        for row in self.root.each("statements"):
            if row.day("period_start") == start and row.day("period_end") == end:
                return row
        return None


def read_plan(path: Path) -> Plan:
    """Read a monitoring plan (YAML or JSON).

    Raises:
        ProblemsError: everything that is wrong with the file.
    """
    return parse_plan(path.read_bytes(), path.name)


def parse_plan(data: bytes, file: str = "plan.yaml") -> Plan:
    """:func:`read_plan` of bytes; *file* is the name that problems show."""
    tree = read_json(data, file) if data.lstrip()[:1] == b"{" else read_yaml(data, file, DOSSIER_BYTES)
    value = shipped_schema("cbam-monitoring-plan").read(tree).unwrap()
    root = Row(value, tree)
    found = [*_twice(root), *_versions(root), *_references(root), *_periods(root)]
    if any(p.severity is Severity.ERROR for p in found):
        raise ProblemsError(found)
    return Plan(root, file, tuple(found))


def _twice(root: Row) -> Iterator[Problem]:
    """Rows of one section with the same id."""
    for section in WITH_ID:
        seen: set[str] = set()
        for row in root.each(section):
            if row.id and row.id in seen:
                yield Problem("cbam-documents.plan-id-twice", row.place, found=row.id, args={"section": section})
            seen.add(row.id)


def _versions(root: Row) -> Iterator[Problem]:
    """Versions out of order, or twice the same."""
    rows = root.each("versions")
    for before, after in itertools.pairwise(rows):
        if (one := before.day("date")) and (other := after.day("date")) and other < one:
            yield Problem("cbam-documents.plan-version-order", after.place, found=f"{after.text('version')}: {other}",
                          accepted=f"≥ {one}")
    names = [r.text("version") for r in rows]
    for row in rows:
        if names.count(row.text("version")) > 1:
            yield Problem("cbam-documents.plan-id-twice", row.place, found=row.text("version"),
                          args={"section": "versions"})
    for row in rows[1:]:
        if not row.has("reason"):
            yield Problem("cbam-documents.plan-version-reason", row.place, Severity.WARNING, found=row.text("version"))


def _references(root: Row) -> Iterator[Problem]:
    """Ids that name nothing in the plan."""
    ids = {section: {r.id for r in root.each(section)} for section in WITH_ID}
    sources = ids["streams"] | ids["measured"] | ids["pfc"]
    processes = ids["processes"] | ids["other_processes"]
    for row in root.each("processes"):
        yield from _unknown(row, "sources", row.texts("sources"), sources)
    for section in ("streams", "measured"):
        for row in root.each(section):
            yield from _unknown(row, "meters", row.texts("meters"), ids["meters"])
    for row in root.each("streams"):
        yield from _unknown(row, "sampling", row.texts("sampling"), ids["sampling"])
    for row in root.each("sampling"):
        yield from _unknown(row, "streams", row.texts("streams"), sources)
    for row in root.each("zero_rated"):
        yield from _unknown(row, "stream", _one(row, "stream"), sources)
    for section in ("heat", "waste_gases", "indirect_factors"):
        for row in root.each(section):
            yield from _unknown(row, "process", _one(row, "process"), processes)
    for statement in root.each("statements"):
        yield from _of_statement(statement, sources, processes)


def _of_statement(statement: Row, sources: set[str], processes: set[str]) -> Iterator[Problem]:
    for row in statement.each("gaps"):
        yield from _unknown(row, "stream", _one(row, "stream"), sources)
    for name in ("electricity", "waste_gases", "inside"):
        for row in statement.each(name):
            yield from _unknown(row, "process", _one(row, "process"), processes)


def _one(row: Row, name: str) -> tuple[str, ...]:
    text = row.text(name)
    return () if text is None else (text,)


def _unknown(row: Row, name: str, given: Sequence[str], known: set[str]) -> Iterator[Problem]:
    for each in given:
        if each not in known:
            yield Problem("cbam-documents.plan-reference", row.place_of(name), found=each,
                          accepted=", ".join(sorted(known)) or None, args={"field": name})


def _periods(root: Row) -> Iterator[Problem]:
    """Statements on a period that ends before it begins, or twice on the same."""
    seen: set[tuple[date | None, date | None]] = set()
    for row in root.each("statements"):
        start, end = row.day("period_start"), row.day("period_end")
        if start is not None and end is not None and end < start:
            yield Problem("cbam-documents.plan-period", row.place, found=f"{start} – {end}")
        if (start, end) in seen:
            yield Problem("cbam-documents.plan-id-twice", row.place, found=f"{start} – {end}",
                          args={"section": "statements"})
        seen.add((start, end))
    for meter in root.each("meters"):
        done, due = meter.day("calibrated_on"), meter.day("next_calibration")
        if done is not None and due is not None and due <= done:
            yield Problem("cbam-documents.plan-calibration", meter.place, found=f"{meter.id}: {due}",
                          accepted=f"> {done}")
