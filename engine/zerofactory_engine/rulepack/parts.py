"""Typed parts of a pack with the places of what they hold, and the leaves that are read from them.

Nothing here decides whether a pack is right; it turns texts into values, records what cannot be read and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any, TypeVar

from zerofactory_engine import feel
from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.feel.temporal import parse_date, parse_duration
from zerofactory_engine.problems import Place, Problem
from zerofactory_engine.rulepack.model import (
    ByReading,
    Choice,
    Confidence,
    DatedValue,
    Expression,
    Source,
    Special,
    Text,
)
from zerofactory_engine.typed import place_in
from zerofactory_engine.typed_readers import BOOLEANS
from zerofactory_engine.units import Unit, UnitError, unit
from zerofactory_engine.yaml_text import ListNode, MapNode, Node

T = TypeVar("T")

#: Longest accepted number of digits of a parameter: what a verdict's arithmetic carries.
_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Spot:
    """A value of a typed file with the way to it, so that its place can be told when there is something to say."""

    value: Any
    tree: Node | None
    path: tuple[str | int, ...] = ()

    def __truediv__(self, step: str | int) -> Spot:
        """The value below; None when it is not there."""
        value = self.value
        below = (value.get(step) if isinstance(value, dict) else
                 value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None)
        return Spot(below, self.tree, (*self.path, step))

    @property
    def place(self) -> Place:
        """File, line, column and path."""
        return Place() if self.tree is None else place_in(self.tree, *self.path)

    def key_place(self) -> Place:
        """Where the key of this value is written."""
        node: Any = self.tree
        at = self.place
        for step in self.path:
            if isinstance(node, MapNode):
                key = next((k for k, _ in node.entries if k.text == step), None)
                at = key.place if key is not None else at
                node = node.get(str(step))
            elif isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
        return Place(at.file, at.line, at.column, "/".join(map(str, self.path)) or None)

    def items(self) -> list[tuple[str, Spot]]:
        """Entries of a mapping."""
        return [(k, self / k) for k in self.value] if isinstance(self.value, dict) else []

    def list(self) -> list[Spot]:
        """Items of a list."""
        return [self / i for i in range(len(self.value))] if isinstance(self.value, list) else []

    def has(self, *keys: str) -> bool:
        """Whether the mapping holds all *keys* (a missing one was reported when the file was typed)."""
        return isinstance(self.value, dict) and all(self.value.get(k) is not None for k in keys)


class Leaves:
    """Reads leaves; gathers problems. *readings*: reading → its alternatives, as far as they could be read."""

    def __init__(self, readings: Mapping[str, tuple[str, ...]]) -> None:
        self.readings = readings
        self.problems: list[Problem] = []

    def report(self, code: str, place: Place, found: str | None = None, accepted: str | None = None,
               example: str | None = None, **args: str) -> None:
        """Record a problem."""
        self.problems.append(Problem(code, place, found=found, accepted=accepted, example=example, args=args))

    def choice(self, at: Spot, leaf: Callable[[Spot], T]) -> Choice[T]:
        """A thing or, by reading, one for each alternative."""
        if not isinstance(at.value, dict) or "by_reading" not in at.value:
            return leaf(at)
        reading = str(at.value["by_reading"])
        alternatives = {name: self.choice(at / name, leaf) for name in at.value if name != "by_reading"}
        known = self.readings.get(reading)
        if known is None:
            self.report("pack.reading-undefined", (at / "by_reading").place, reading, ", ".join(self.readings))
        else:
            for name in alternatives:
                if name not in known:
                    self.report("pack.alternative-unknown", (at / name).key_place(), name, ", ".join(known),
                                reading=reading)
            if missing := [name for name in known if name not in alternatives]:
                self.report("pack.alternative-missing", at.place, ", ".join(alternatives), ", ".join(missing),
                            reading=reading)
        return ByReading(reading, MappingProxyType(alternatives))

    def expression(self, at: Spot) -> Expression:
        """A parsed expression; one that cannot be parsed is recorded and stands as null."""
        text = str(at.value)
        try:
            node = feel.parse(text, place=at.place)
        except feel.FeelSyntaxError as error:
            self.problems.extend(error.problems)
            node = feel.parse("null")
        return Expression(text, node, at.place)

    def unit_text(self, at: Spot) -> str:
        """A unit that is known; an unknown one is recorded and stands as a pure number."""
        try:
            return unit(str(at.value)).text
        except UnitError as error:
            self.report("pack.unit-unknown", at.place, str(at.value), example="tCO2/tce", name=str(error))
            return "1"

    def source(self, at: Spot) -> Source:
        """Clause, source, confidence."""
        value = at.value
        return Source(clause=value["clause"], source=value["source"], confidence=Confidence(value["confidence"]),
                      last_confirmed=value["last_confirmed"], clause_read=bool(value.get("clause_read")))

    def dated_values(self, at: Spot, kind: str, units: tuple[Unit, ...]) -> tuple[DatedValue, ...]:
        """The values of a parameter by date, each in the base unit; overlaps and holes are recorded."""
        values = [found for spot in at.list() if (found := self._dated(spot, kind, units)) is not None]
        self._check_dates(at, values)
        return tuple(values)

    def _dated(self, at: Spot, kind: str, units: tuple[Unit, ...]) -> DatedValue | None:
        if not at.has("from", "value", "clause", "source", "confidence", "last_confirmed"):
            return None
        raw = at.value
        stated_unit = raw.get("unit")
        if stated_unit is not None and kind != "number":
            self.report("pack.unit-not-here", (at / "unit").place, str(stated_unit))
            stated_unit = None
        value = self._typed(at / "value", kind, units, at / "unit")
        if raw.get("to") is not None and raw["to"] < raw["from"]:
            self.report("pack.dates-backwards", at.place, f"{raw['from']} … {raw['to']}")
        stated = raw["value"] if isinstance(raw["value"], str) else ", ".join(raw["value"])
        return DatedValue(valid_from=raw["from"], valid_to=raw.get("to"), recorded=raw.get("recorded"), value=value,
                          source=self.source(at), stated=stated, unit=stated_unit)

    def _typed(self, at: Spot, kind: str, units: tuple[Unit, ...], unit_at: Spot) -> Any:
        raw = at.value
        if raw in (Special.UNKNOWN.value, Special.NONE.value):
            return Special(raw)
        if kind == "codes":
            if isinstance(raw, list):
                return tuple(raw)
        elif isinstance(raw, str):
            readers: Mapping[str, Callable[[str], Any]] = {
                "text": str, "date": parse_date, "duration": parse_duration, "number": parse_decimal,
                "yes_no": lambda text: BOOLEANS.get(text.lower()),
            }
            value = readers[kind](raw)
            if value is not None:
                return self._to_base(value, units, unit_at) if kind == "number" else value
        self.report("pack.value-type", at.place, str(raw), kind, example=_EXAMPLES[kind])
        return Special.UNKNOWN

    def _to_base(self, value: Decimal, units: tuple[Unit, ...], unit_at: Spot) -> Decimal:
        """*value* in the base unit; the alternatives of a parameter's unit have to scale alike."""
        if unit_at.value is not None:
            stated = unit(self.unit_text(unit_at))
            for wanted in units:
                if stated.dimension != wanted.dimension:
                    self.report("pack.unit-of-value", unit_at.place, f"{stated} ({stated.dimension})",
                                f"{wanted} ({wanted.dimension})")
            return stated.to_base(value)
        if len({u.factor for u in units}) > 1:
            self.report("pack.unit-scales-differ", unit_at.place, ", ".join(u.text for u in units))
        return units[0].to_base(value) if units else value

    def _check_dates(self, at: Spot, values: list[DatedValue]) -> None:
        """Overlaps (unless a later record corrects an earlier one) and holes between periods of effect."""
        ordered = sorted(values, key=lambda v: (v.valid_from, v.recorded or date.min))
        spots = {id(v): s for v, s in zip(values, at.list(), strict=False)}
        for before, after in pairwise(ordered):
            correction = after.recorded is not None and after.recorded != before.recorded
            if correction and after.valid_from == before.valid_from:
                continue
            if before.valid_to is None or before.valid_to >= after.valid_from:
                self.report("pack.dates-overlap", spots[id(after)].place, str(after.valid_from),
                            f"> {before.valid_to}" if before.valid_to else "to: …")
            elif (after.valid_from - before.valid_to).days > 1:
                self.report("pack.dates-hole", spots[id(after)].place, f"{before.valid_to} … {after.valid_from}")


_EXAMPLES = {"number": "1.8", "codes": "[solar, wind]", "text": "text", "date": "2026-07-22", "duration": "P2Y",
             "yes_no": "yes"}


def text_of(value: Any) -> Text:
    """A text in both languages; what is missing was reported when the file was typed."""
    found = value if isinstance(value, dict) else {}
    return MappingProxyType({"zh": str(found.get("zh", "")), "en": str(found.get("en", ""))})


def frozen(values: Mapping[str, T]) -> Mapping[str, T]:
    """A mapping that nobody changes."""
    return MappingProxyType(dict(values)) if values else _EMPTY
