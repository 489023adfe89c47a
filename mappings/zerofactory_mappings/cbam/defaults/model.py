"""Default values of embedded emissions as they were published: sets, rows, and what a look-up gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Problem
from zerofactory_mappings.cbam.table_reader import Cited, Row, Source

#: Key of the table that stands in for countries and goods without a value of their own.
OTHER = "other"
#: Lengths of codes, from the most exact.
LENGTHS = (10, 8, 6, 4)


class RowKind(StrEnum):
    """What a row says."""

    VALUE = "value"
    MISSING = "missing"    # a dash or nothing: the value of the other countries counts
    HEADING = "heading"    # "see below": matches nothing
    REFUSED = "refused"    # a figure that cannot be read or cannot be: stands for nothing, and no fallback hides it


@dataclass(frozen=True, slots=True)
class DefaultRow:
    """One row: *code* of 4 to 10 digits, *variant* where one code has several rows, *total* in tCO2e/t before mark-up.

    *direct* and *indirect* are text as published (a figure, ``missing``, ``n/a``) and for information only. *note* is a
    message code of what is wrong with the row in its source.
    """

    country: str
    sector: str
    code: str
    variant: str
    description: str
    kind: RowKind
    direct: str
    indirect: str
    total: Decimal | None
    routes: tuple[str, ...]
    sheet: str
    row: int
    note: str
    source: Source

    @property
    def choice(self) -> str:
        """How a caller may name the row among several of its code."""
        return self.variant or self.code

    def part(self, name: str) -> Decimal | None:
        """The figure of ``direct`` or ``indirect``; None when it is missing or not applicable."""
        text: str = getattr(self, name)
        return None if text in ("", "missing", "n/a") else Decimal(text)


def row_of(row: Row) -> DefaultRow:
    """A row of the table ``default-values`` as :class:`DefaultRow`."""
    total = row.text("total")
    return DefaultRow(
        row.text("country"), row.text("sector"), row.text("code"), row.text("variant"), row.text("description"),
        RowKind(row.text("kind")), row.text("direct"), row.text("indirect"),
        None if total in ("", "missing", "n/a") else Decimal(total), row.words("routes"), row.text("sheet"),
        row.integer("row") or 0, row.text("note"), row.source)


class DefaultSet:
    """One edition of default values, as far as it is loaded: rows by country and code."""

    __slots__ = ("_index", "act", "file", "published", "reasons", "rows", "sha256", "version")

    def __init__(self, version: str, act: str, published: date, file: str, sha256: str, rows: Iterable[DefaultRow],
                 reasons: Sequence[str] = ()) -> None:
        self.version = version
        self.act = act
        self.published = published
        self.file = file
        self.sha256 = sha256
        self.rows = tuple(rows)
        #: Message codes that say why its values are provisional.
        self.reasons = tuple(reasons)
        self._index: dict[str, dict[str, list[DefaultRow]]] = {}
        for row in self.rows:
            codes = self._index.setdefault(row.country, {})
            codes.setdefault(row.code, []).append(row)
            if len(row.code) == LENGTHS[0]:             # "2523100010" also stands for CN 2523 10 00
                codes.setdefault(row.code[:8], []).append(row)

    @property
    def provisional(self) -> bool:
        """Whether there is a reason not to rely on its values."""
        return bool(self.reasons)

    @property
    def countries(self) -> tuple[str, ...]:
        """Ids of the countries whose tables are loaded, ``other`` among them."""
        return tuple(self._index)

    def has(self, country: str) -> bool:
        """Whether the table of that country is loaded."""
        return country in self._index

    def codes(self, country: str) -> Mapping[str, Sequence[DefaultRow]]:
        """Rows of a country by code."""
        return self._index.get(country, {})

    def matching(self, country: str, code: str) -> tuple[DefaultRow, ...]:
        """The rows of the longest listed beginning of *code* (10, 8, 6, 4 digits); headings never match."""
        codes = self._index.get(country, {})
        for length in LENGTHS:
            if len(code) >= length and (found := codes.get(code[:length])):
                rows = tuple(r for r in found if r.kind is not RowKind.HEADING)
                if length == 8 and len(code) == LENGTHS[0]:     # other splits of the same code are other goods
                    rows = tuple(r for r in rows if len(r.code) == length)
                if rows:
                    return rows
        return ()


@dataclass(frozen=True, slots=True)
class DefaultValue:
    """What counts for a good from a country in a year of import, and how it was found.

    *total* before and *value* after the mark-up, both tCO2e per tonne of the good; *direct* and *indirect* are parts of
    *total* for information. *routes* choose the benchmark of column B. *table* is the country whose table gave the row
    (``other`` where it stood in, then *fallback* is true; ``unknown`` for an unknown origin). *reasons* are notes on
    the way to the value; *provisional* says that act, set or rule is not confirmed.
    """

    cn: str
    country: str | None
    year: int
    total: Cited
    markup: Cited
    value: Decimal
    direct: Decimal | None
    indirect: Decimal | None
    routes: tuple[str, ...]
    sector: str
    table: str
    matched: str
    variant: str
    fallback: bool
    act: str
    version: str
    provisional: bool
    reasons: tuple[Problem, ...]

    @property
    def confidence(self) -> str:
        """The confidence of the weaker of value and mark-up."""
        from zerofactory_mappings.cbam.table_reader import weakest

        return weakest((self.total.source, self.markup.source))

    def as_json(self) -> dict[str, Any]:
        """All fields; figures as text."""
        return {"cn": self.cn, "country": self.country, "year": self.year, "total": self.total.as_json(),
                "markup": self.markup.as_json(), "value": plain(self.value),
                "direct": None if self.direct is None else plain(self.direct),
                "indirect": None if self.indirect is None else plain(self.indirect), "routes": list(self.routes),
                "sector": self.sector, "table": self.table, "matched": self.matched, "variant": self.variant,
                "fallback": self.fallback, "act": self.act, "version": self.version, "provisional": self.provisional,
                "confidence": self.confidence, "reasons": [p.as_json() for p in self.reasons]}
