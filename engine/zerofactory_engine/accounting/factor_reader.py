"""Read a factor set from its YAML file; every problem of the file at once, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from zerofactory_engine.accounting.factors import FORMAT, Area, Citation, Entry, FactorPin, FactorSet, Value
from zerofactory_engine.canonical import content_hash
from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.problems import Collector, Problem
from zerofactory_engine.typed import Typed, shipped_schema
from zerofactory_engine.units import UnitError, unit
from zerofactory_engine.yaml_text import read_yaml


def read_factor_set(data: bytes, file: str | None = None) -> FactorSet:
    """The factor set that *data* holds (``standards/schemas/factor-set.schema.json``).

    Raises:
        ProblemsError: areas ``factors``, ``typed``, ``yaml`` or ``text``, with every problem found.
    """
    typed = shipped_schema("factor-set").read(read_yaml(data, file))
    content: Mapping[str, Any] = typed.unwrap()
    reader = _Reader(typed)
    found = reader.factor_set(content)
    reader.problems.raise_errors()
    return replace(found, data=data)


class _Reader:
    """Checks what a schema cannot say and makes the frozen set."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        self.problems = Collector()

    def wrong(self, code: str, *path: str | int, found: str | None = None, accepted: str | None = None) -> None:
        self.problems.add(Problem(code, self.typed.place(*path), found=found, accepted=accepted))

    def factor_set(self, content: Mapping[str, Any]) -> FactorSet:
        sources = {key: Citation(key, c["title"], c.get("published"), c.get("via"))
                   for key, c in content["sources"].items()}
        areas = {code: Area(code, {"zh": a["zh"], "en": a["en"]}, a["level"], tuple(a.get("within", ())),
                            tuple(a.get("names", ()))) for code, a in content.get("areas", {}).items()}
        for area in areas.values():
            for above in (a for a in area.within if a not in areas):
                self.wrong("factors.unknown-area", "areas", area.code, found=above, accepted=", ".join(areas))
        entries = self.entries(content, sources, areas)
        last: date = content["last_confirmed"]
        hashed = {name: content[name] for name in ("id", "version", "role", "title", "publisher", "licence")}
        hashed |= {"format": FORMAT, "last_confirmed": last, "entries": entries,
                   "areas": {a.code: [dict(a.title), a.level, a.within, a.names] for a in areas.values()}}
        pin = FactorPin(content["id"], content["version"], content_hash(hashed))
        return FactorSet(pin, content["role"], content["title"], content["publisher"], content["licence"], last,
                         entries, areas)

    def entries(self, content: Mapping[str, Any], sources: Mapping[str, Citation], areas: Mapping[str, Area]
                ) -> tuple[Entry, ...]:
        out: dict[str, Entry] = {}
        for index, item in enumerate(content["entries"]):
            if item["source"] not in sources:
                self.wrong("factors.unknown-source", "entries", index, "source", found=item["source"],
                           accepted=", ".join(sources))
                continue
            if areas and item["key"] not in areas:
                self.wrong("factors.unknown-area", "entries", index, "key", found=item["key"],
                           accepted=", ".join(areas))
            entry = self.entry(index, item, content["id"], sources[item["source"]])
            if entry.id in out:
                self.wrong("factors.duplicate-entry", "entries", index, found=entry.id)
            out[entry.id] = entry
        return tuple(out.values())

    def entry(self, index: int, item: Mapping[str, Any], set_id: str, source: Citation) -> Entry:
        year = item.get("year")
        return Entry(
            set_id, item["key"], self.values(index, item, "values"), source, item["confidence"],
            title=item.get("title", {}), year=int(year) if year else None, variant=item.get("variant"),
            covers=tuple(item.get("covers", ())), biogenic=item.get("biogenic") == "yes",
            credit=item.get("credit") == "yes", not_with=self.values(index, item, "not_with"),
            valid_from=item.get("valid_from"), valid_to=item.get("valid_to"), via=item.get("via"),
            note=item.get("note"))

    def values(self, index: int, item: Mapping[str, Any], where: str) -> Mapping[str, Value]:
        ranges = item.get("ranges", {}) if where == "values" else {}
        stated: Mapping[str, str] = item.get(where, {})
        for name in (n for n in ranges if n not in stated):
            self.wrong("factors.range-without-value", "entries", index, "ranges", name, found=name,
                       accepted=", ".join(stated))
        out: dict[str, Value] = {}
        for name, text in stated.items():
            value = self.value(text, ranges.get(name), ("entries", index, where, name))
            if value is not None:
                out[name] = value
        return out

    def value(self, text: str, bounds: list[str] | None, path: tuple[str | int, ...]) -> Value | None:
        """``24.515 GJ/t``, ``44/12 tCO2/tC``, ``94 %``, ``2`` or ``unknown kgce/Nm3``."""
        number, _, unit_text = text.partition(" ")
        try:
            of = unit(unit_text or "1")
        except UnitError as error:
            self.wrong("factors.unknown-unit", *path, found=str(error))
            return None
        low, high = (of.to_base(Decimal(bound)) for bound in bounds) if bounds else (None, None)
        if low is not None and high is not None and low > high:
            self.wrong("factors.not-a-range", *path, found=" … ".join(bounds or ()))
        base = of.dimension.base_unit
        if number == "unknown":
            return Value(text, base, of.dimension, None, low=low, high=high)
        above, _, below = number.partition("/")
        top, bottom = parse_decimal(above), parse_decimal(below or "1")
        if top is None or not bottom:
            self.wrong("factors.not-a-number", *path, found=number)
            return None
        value = of.to_base(top)
        if low is not None and high is not None and not low <= value <= high:
            self.wrong("factors.outside-range", *path, found=text, accepted=" … ".join(bounds or ()))
        return Value(text, base, of.dimension, value, bottom, low, high)
