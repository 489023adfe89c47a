"""The package's own table of labels (``layout.yaml``): which item a label names, in which unit, of which fuel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from zerofactory_engine.dossier.codes import code_list
from zerofactory_mappings.sources.sheets.grid import Grid
from zerofactory_mappings.sources.sheets.text import normal

_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader    # every scalar as text

_BRACKET = re.compile(r"\(([^()]*)\)")
_NUMBERING = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,4}[.:-]?|\(?[一二三四五六七八九十]{1,3}[).:/]|\(\d{1,2}\)|其中:?)(?=\D)")
_FOOTNOTE = re.compile(r"(?:\*\d{0,2}|:)+$")


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure times a unit of ours: ``万吨`` is 10000 tCO2."""

    times: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the form. *given*: a constant, exact as printed. *units*: normal unit text → its measure for what is
    weighed and for gases."""

    name: str
    labels: tuple[str, ...]
    head: bool
    text: bool
    of_fuel: bool
    use: str
    given: bool
    unit: Measure | None
    units: Mapping[str, tuple[Measure, Measure]] = field(default_factory=dict)

    def measure(self, unit_text: str, gas: bool) -> Measure | None:
        """The measure that *unit_text* names, the item's own when it is empty; None when it is not known."""
        found = self.units.get(normal(unit_text).strip("()")) if unit_text else None
        if found is not None:
            return found[1] if gas else found[0]
        return self.unit if not unit_text else None


@dataclass(frozen=True, slots=True)
class Fuel:
    """A fuel by its *name* in the file. *general*: a kind of fuel such as 燃煤, not a carrier."""

    name: str
    carrier: str
    general: bool
    gas: bool


@dataclass(frozen=True, slots=True)
class Label:
    """What a cell names: an item, with the unit text in its brackets and the fuel in front of it when there is one."""

    item: Item
    unit_text: str = ""
    fuel: str = ""


@cache
def _data() -> Mapping[str, Any]:
    path = Path(__file__).with_name("layout.yaml")
    loaded: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - text only
    return loaded


def _measure(text: str) -> Measure:
    times, _, unit = text.partition(" ")
    return Measure(Decimal(times), unit or "1")


@cache
def items() -> Mapping[str, Item]:
    """All items by name."""
    out: dict[str, Item] = {}
    for name, raw in _data()["items"].items():
        units = {}
        for text, told in raw.get("units", {}).items():
            solid, _, gas = told.partition("|")
            units[normal(text)] = (_measure(solid), _measure(gas or solid))
        out[name] = Item(name, tuple(raw["labels"]), raw.get("level") == "head", raw.get("text") == "true",
                         raw.get("of") == "fuel", raw.get("use", ""), raw.get("given") == "true",
                         _measure(raw["unit"]) if "unit" in raw else None, units)
    return out


@cache
def _labels() -> Mapping[str, Item]:
    found: dict[str, Item] = {}
    for item in items().values():
        for label in item.labels:
            found.setdefault(normal(label), item)
            found.setdefault(_BRACKET.sub("", normal(label)), item)
    return found


@lru_cache(maxsize=4096)
def label_of(text: str) -> Label | None:
    """The item that *text* names as a label; None when it names none."""
    written = _FOOTNOTE.sub("", normal(text))
    for candidate in dict.fromkeys((written, _NUMBERING.sub("", written, count=1))):
        found = _label(candidate)
        if found is not None:
            return found
    return None


def _label(written: str) -> Label | None:
    known = _labels()
    bare = _BRACKET.sub("", written)
    for text in dict.fromkeys((written, bare, _FOOTNOTE.sub("", bare))):
        item = known.get(text)
        if item is not None:
            return Label(item, unit_in(written, item))
    for word in _fuel_words():                               # 燃煤消耗量
        item = known.get(bare[len(word):].removeprefix("的")) if bare.startswith(word) else None
        if item is not None and item.of_fuel:
            return Label(item, unit_in(written, item), word)
    return None


def unit_in(text: str, item: Item) -> str:
    """The unit of *item* that stands in brackets in *text*: a known one before any other."""
    found: list[str] = _BRACKET.findall(normal(text))
    known = [each for each in found if each in item.units]
    return known[-1] if known else ""


@cache
def _fuels() -> Mapping[str, Fuel]:
    codes = code_list("carriers").codes
    gases = {code for code, entry in codes.items() if entry.get("unit") == "Nm3"}
    found = {normal(word): Fuel(word, raw["carrier"], raw.get("general") == "true", raw["carrier"] in gases)
             for word, raw in _data()["fuels"].items()}
    for code, entry in codes.items():
        for title in (str(entry["zh"]), str(entry["en"]), code):
            found.setdefault(normal(title), Fuel(title, code, False, code in gases))
    return found


@cache
def _fuel_words() -> tuple[str, ...]:
    return tuple(sorted(_fuels(), key=lambda word: (-len(word), word)))


@lru_cache(maxsize=4096)
def fuel_of(text: str) -> Fuel | None:
    """The fuel that *text* names, numbering and brackets left aside; None when it names none."""
    written = _FOOTNOTE.sub("", normal(text))
    plain = _NUMBERING.sub("", written, count=1)
    for each in dict.fromkeys((written, plain, _BRACKET.sub("", plain))):
        if each in _fuels():
            return _fuels()[each]
    return None


@cache
def column_words(kind: str) -> frozenset[str]:
    """Headings of a vertical form: ``value``, ``unit``, ``ignored`` or ``label``."""
    return frozenset(normal(word) for word in _data()["columns"][kind])


def figures_in(grid: Grid) -> set[str]:
    """Names of the items with figures whose labels stand in *grid*."""
    labels = (label_of(cell.text) for cells in grid.rows[:400] for cell in cells if len(cell.text) < 60)
    return {label.item.name for label in labels if label is not None and not label.item.text}
