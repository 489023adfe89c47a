"""Factor sets: dated, cited values that anybody may swap, read from ``standards/factors/<set>/<version>/factors.yaml``.

A value keeps what its source printed, stands in the base unit of its dimension and is a fraction where the source is
one (44/12), so nothing is rounded before a line is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.units import Dimension

FORMAT = "zerofactory/factor-set/1"


@dataclass(frozen=True, slots=True)
class Value:
    """One figure of an entry.

    *above* and *below* are numerator and denominator in base units (None: the source has a value and we lack it); *low*
    and *high* bound the 95 % interval when the source states one; *stated* is what it printed.
    """

    stated: str
    unit: str
    dimension: Dimension
    above: Decimal | None
    below: Decimal = Decimal(1)
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def value(self) -> Decimal | None:
        """The figure in :attr:`unit`, rounded once at 34 digits if it is a fraction."""
        return None if self.above is None else CONTEXT.divide(self.above, self.below)

    @property
    def half_width(self) -> Decimal | None:
        """Relative half-width of the 95 % interval, the longer side of an uneven one; None when none is stated."""
        if self.above is None or self.low is None or self.high is None or not self.above:
            return None
        side = max(CONTEXT.subtract(self.high, self.above), CONTEXT.subtract(self.above, self.low))
        return CONTEXT.divide(side, self.above.copy_abs())


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an entry comes from. *published* is the day from which it could be known; None: always."""

    id: str
    title: str
    published: date | None = None
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A grid area: national, regional or provincial, the areas it lies in, and spellings that dossiers use."""

    code: str
    title: Mapping[str, str]
    level: str
    within: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One row of a factor set. *key* is a carrier, gas, area, material or technology; *year* that of the data.

    *not_with* names values of other sets that this entry must not be combined with.
    """

    set_id: str
    key: str
    values: Mapping[str, Value]
    source: Citation
    confidence: str
    title: Mapping[str, str] = field(default_factory=dict)
    year: int | None = None
    variant: str | None = None
    covers: tuple[str, ...] = ()
    biogenic: bool = False
    credit: bool = False
    not_with: Mapping[str, Value] = field(default_factory=dict)
    valid_from: date | None = None
    valid_to: date | None = None
    via: str | None = None
    note: str | None = None

    @property
    def id(self) -> str:
        """``cn-mee-grid/CN/2023/average``: stable within a version of its set."""
        parts = (self.set_id, self.key, str(self.year) if self.year is not None else None, self.variant,
                 self.valid_from.isoformat() if self.valid_from else None)
        return "/".join(p for p in parts if p)

    def holds_on(self, day: date | None) -> bool:
        """Whether the entry is in effect on *day*; without a day every entry is."""
        if day is None:
            return True
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape, also what the hash of a set covers."""
        out: dict[str, Any] = {"id": self.id, "key": self.key, "confidence": self.confidence,
                               "source": self.source.title}
        optional = {
            "year": None if self.year is None else str(self.year), "variant": self.variant,
            "via": self.via or self.source.via, "published": self.source.published, "valid_from": self.valid_from,
            "valid_to": self.valid_to, "note": self.note, "title": dict(self.title) or None,
            "covers": list(self.covers) or None, "biogenic": self.biogenic or None, "credit": self.credit or None,
            "not_with": {n: v.stated for n, v in self.not_with.items()} or None,
        }
        out.update({name: value for name, value in optional.items() if value is not None})
        out["values"] = {n: value_json(v) for n, v in self.values.items()}
        return out


def value_json(value: Value) -> dict[str, str]:
    """A value as printed and in base units."""
    out = {"stated": value.stated, "unit": value.unit}
    if value.above is not None:
        out["value"] = plain(value.above) if value.below == 1 else f"{plain(value.above)}/{plain(value.below)}"
    if value.low is not None and value.high is not None:
        out["low"], out["high"] = plain(value.low), plain(value.high)
    return out


@dataclass(frozen=True, slots=True, order=True)
class FactorPin:
    """Which version of a set was used, and the hash of its canonical content."""

    id: str
    version: str
    sha256: str

    def as_json(self) -> dict[str, str]:
        """Stable JSON shape."""
        return {"id": self.id, "version": self.version, "sha256": self.sha256}


@dataclass(frozen=True, eq=False)
class FactorSet:
    """One version of a factor set, with its entries by key; compared and cached by identity."""

    pin: FactorPin
    role: str
    title: Mapping[str, str]
    publisher: Mapping[str, str]
    licence: str
    last_confirmed: date
    entries: tuple[Entry, ...]
    areas: Mapping[str, Area] = field(default_factory=dict)
    data: bytes = b""                     # the file as published, for bundles

    @property
    def id(self) -> str:
        """Its id."""
        return self.pin.id

    @cached_property
    def _by_key(self) -> Mapping[str, tuple[Entry, ...]]:
        index: dict[str, list[Entry]] = {}
        for entry in self.entries:
            index.setdefault(entry.key, []).append(entry)
        for entry in self.entries:                       # an entry's own key comes before one that merely covers it
            for key in entry.covers:
                if not any(e.key == key for e in index.get(key, ())):
                    index.setdefault(key, []).append(entry)
        return {key: tuple(found) for key, found in index.items()}

    @cached_property
    def _area_names(self) -> Mapping[str, str]:
        names: dict[str, str] = {}
        for area in self.areas.values():
            for name in (area.code, *area.title.values(), *area.names):
                names[name.strip().lower()] = area.code
        return names

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that can be asked for, sorted."""
        return tuple(sorted(self._by_key))

    def all(self, key: str) -> tuple[Entry, ...]:
        """Entries of *key*, of every year and variant."""
        return self._by_key.get(key, ())

    def find(self, key: str, variant: str | None = None, year: int | None = None, on: date | None = None
             ) -> Entry | None:
        """The entry of *key*, of a *variant* and *year* when given, in effect *on* a day; None if there is none."""
        for entry in self._by_key.get(key, ()):
            if (variant is None or entry.variant == variant) and (year is None or entry.year == year) \
                    and entry.holds_on(on):
                return entry
        return None

    def years(self, key: str, variant: str | None = None) -> tuple[int, ...]:
        """Years for which *key* has an entry of *variant*, ascending."""
        return tuple(sorted({e.year for e in self.all(key)
                             if e.year is not None and (variant is None or e.variant == variant)}))

    def area(self, name: str) -> Area | None:
        """The grid area that *name* (code, Chinese or English name, GB/T 2260 code) means."""
        code = self._area_names.get(name.strip().lower())
        return self.areas[code] if code is not None else None

    def known(self, day: date) -> FactorSet:
        """The set as it could be known on *day*: entries published later are not there."""
        kept = tuple(e for e in self.entries if e.source.published is None or e.source.published <= day)
        return self if len(kept) == len(self.entries) else replace(self, entries=kept)


def half_width_of(values: Iterable[Value]) -> Decimal | None:
    """Relative half-width of a product of *values* (root of the sum of squares); None when none of them states one."""
    squares = [CONTEXT.multiply(w, w) for v in values if (w := v.half_width) is not None]
    if not squares:
        return None
    total = Decimal(0)
    for square in squares:
        total = CONTEXT.add(total, square)
    return CONTEXT.sqrt(total)
