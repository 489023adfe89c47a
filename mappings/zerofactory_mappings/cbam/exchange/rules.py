"""What leaves and stays in the CBAM boundary, and how rows of a dossier are read: ``standards/eu-cbam/boundary.yaml``.

A rule carries its act and place. Its signals say which rows of a dossier it may concern; they raise questions, they
decide nothing that only the operator can know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.typed import Schema
from zerofactory_engine.yaml_text import read_yaml

FORMAT = "zerofactory/cbam-boundary/1"
BOUNDARY = STANDARDS_ROOT / "eu-cbam" / "boundary.yaml"


class Verdict(StrEnum):
    """What a rule says of what it concerns."""

    LEAVES = "leaves"             # outside, when the operator's answer says that the rule applies
    STAYS = "stays"               # inside
    NOT_COUNTED = "not_counted"   # no quantity of CBAM
    ASKED = "asked"               # a fact that only the operator knows


@dataclass(frozen=True, slots=True)
class Signals:
    """Which rows a rule may concern: values of columns, kinds of boundary part, words in names, whole tables."""

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A rule of the boundary in our own words, with act and place, and where it applies (empty: everywhere).

    Each rule is one object: :func:`boundary` reads them once.
    """

    id: str
    verdict: Verdict
    zh: str
    en: str
    act: str
    annex: str
    confidence: str
    source: str
    signals: Signals
    sectors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def clause(self) -> str:
        """Act and place, as it is printed beside every row and question."""
        return f"{self.act}, {self.annex}"

    def text(self, language: str) -> str:
        """The rule in a language."""
        return self.zh if language == "zh" else self.en

    def concerns(self, sectors: Iterable[str], categories: Iterable[str]) -> bool:
        """Whether the rule is about goods of one of these sectors or categories."""
        return (not self.sectors or bool(set(self.sectors) & set(sectors))) and (
            not self.categories or bool(set(self.categories) & set(categories)))

    def as_json(self) -> dict[str, str]:
        """Id, clause, confidence and both texts."""
        return {"id": self.id, "verdict": self.verdict.value, "clause": self.clause, "confidence": self.confidence,
                "source": self.source, "zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Carrier:
    """An energy carrier of a dossier: *fuel* of the tables of the law (None: they hold none); *kind*: ``fuel``,
    ``waste_gas``, ``precursor`` (with its *cn*), ``medium`` or ``heat``."""

    id: str
    fuel: str | None
    kind: str
    cn: str | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """A kind of process emission: monitoring *method*, sign of a balance, material that stands in."""

    id: str
    method: str
    role: str | None = None
    factor: str | None = None


@dataclass(frozen=True, slots=True)
class Boundary:
    """All rules by id and the crosswalks from a dossier's words."""

    rules: Mapping[str, Rule]
    carriers: Mapping[str, Carrier]
    activities: Mapping[str, Activity]
    materials: Mapping[str, Mapping[str, str]]
    cells: Mapping[str, str]
    beside: tuple[str, ...]
    electricity_evidence: Mapping[str, tuple[str, ...]]

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id; a missing one is a mistake of the program."""
        return self.rules[rule_id]


def _texts(of: str = "string") -> dict[str, Any]:
    return {"type": "array", "items": {"type": of}, "minItems": 1}


def _object(**properties: Any) -> dict[str, Any]:
    """An object with exactly these keys, those with an underscore behind them optional."""
    return {"type": "object", "additionalProperties": False,
            "properties": {name.rstrip("_"): value for name, value in properties.items()},
            "required": [name for name in properties if not name.endswith("_")]}


_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_COLUMNS = {"type": "object", "additionalProperties": _texts()}
_SCHEMA = _object(
    format={"const": FORMAT}, title=_object(zh=_TEXT, en=_TEXT),
    rules={"type": "array", "items": _object(
        id={"type": "string", "pattern": "^[a-z][a-z0-9-]*$"}, verdict={"enum": [v.value for v in Verdict]}, zh=_TEXT,
        en=_TEXT, act=_TEXT, annex=_TEXT, confidence={"enum": ["confirmed", "secondary", "unconfirmed"]},
        source={"enum": ["law", "commission", "secondary", "derived", "physics", "project"]},
        sectors_=_texts(), categories_=_texts(),
        signals=_object(columns_=_COLUMNS, unless_columns_=_COLUMNS, parts_=_texts(), words_=_texts(), unless_=_texts(),
                        tables_=_texts()))},
    carriers={"type": "object", "additionalProperties": _object(
        fuel_=_TEXT, is_={"enum": ["waste_gas", "precursor", "medium", "heat"]}, cn_=_TEXT)},
    activities={"type": "object", "additionalProperties": _object(
        method={"enum": ["process", "mass_balance", "measured", "pfc"]}, role_={"enum": ["output"]}, factor_=_TEXT)},
    materials={"type": "object", "additionalProperties": _object(process_=_TEXT, mass_balance_=_TEXT)},
    cells={"type": "object", "additionalProperties": _TEXT}, beside=_texts(),
    electricity_evidence={"type": "object", "additionalProperties": _texts()})


@cache
def boundary(path: Path = BOUNDARY) -> Boundary:
    """The shipped rules, read once.

    Raises:
        ProblemsError: the file does not have the shape of this format (with every problem).
    """
    tree: dict[str, Any] = Schema(_SCHEMA).read(read_yaml(path.read_bytes(), path.name)).unwrap()
    rules = [_rule(entry) for entry in tree["rules"]]
    return Boundary(
        {rule.id: rule for rule in rules}, {k: _carrier(k, e) for k, e in tree["carriers"].items()},
        {k: Activity(k, e["method"], e.get("role"), e.get("factor")) for k, e in tree["activities"].items()},
        tree["materials"], tree["cells"], tuple(tree["beside"]),
        {k: tuple(v) for k, v in tree["electricity_evidence"].items()})


def _rule(entry: Mapping[str, Any]) -> Rule:
    given = entry["signals"]
    signals = Signals(
        {k: tuple(v) for k, v in given.get("columns", {}).items()},
        {k: tuple(v) for k, v in given.get("unless_columns", {}).items()},
        *(tuple(given.get(name, ())) for name in ("parts", "words", "unless", "tables")))
    return Rule(entry["id"], Verdict(entry["verdict"]), entry["zh"], entry["en"], entry["act"], entry["annex"],
                entry["confidence"], entry["source"], signals, tuple(entry.get("sectors", ())),
                tuple(entry.get("categories", ())))


def _carrier(name: str, entry: Mapping[str, Any]) -> Carrier:
    fuel = entry.get("fuel")
    return Carrier(name, None if fuel in (None, "none") else fuel, entry.get("is", "fuel"), entry.get("cn"))


def says(words: Iterable[str], text: str) -> bool:
    """Whether *text* holds one of *words*: a Latin word whole and in any case, a Chinese one anywhere."""
    folded = text.casefold()
    return any(_word(word).search(folded) is not None for word in words)


@cache
def _word(word: str) -> re.Pattern[str]:
    escaped = re.escape(word.casefold())
    return re.compile(rf"(?<![a-z0-9]){escaped}(?![a-z0-9])" if word.isascii() else escaped)
