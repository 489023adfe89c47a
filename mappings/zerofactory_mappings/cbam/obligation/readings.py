"""Open questions of CBAM law and the ways to read them: ``standards/eu-cbam/readings.yaml``.

    >>> readings()["factor_year"].default
    'import'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import Place, Problem

FILE = STANDARDS_ROOT / "eu-cbam" / "readings.yaml"

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to read an unclear point."""

    id: str
    title: Text
    confidence: str
    source: str


@dataclass(frozen=True, slots=True)
class Reading:
    """An unclear point: question, clause, the alternative that counts unless another is chosen, and why."""

    id: str
    ref: str
    question: Text
    clause: str
    default: str
    because: Text
    alternatives: Mapping[str, Alternative]

    def others(self, chosen: str) -> tuple[str, ...]:
        """The alternatives beside *chosen*."""
        return tuple(a for a in self.alternatives if a != chosen)

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"id": self.id, "ref": self.ref, "question": dict(self.question), "clause": self.clause,
                "default": self.default, "because": dict(self.because),
                "alternatives": {a.id: {"title": dict(a.title), "confidence": a.confidence, "source": a.source}
                                 for a in self.alternatives.values()}}


@cache
def readings() -> Mapping[str, Reading]:
    """Every open question, in the order of the file."""
    from zerofactory_engine.typed import shipped_schema
    from zerofactory_engine.yaml_text import read_yaml

    schema = shipped_schema("pack").part("#/$defs/readings")      # the format of a rule pack's readings
    raw = schema.read(read_yaml(FILE.read_bytes(), FILE.name)).unwrap()["readings"]
    return {ident: Reading(
        ident, r["ref"], r["question"], r["clause"], r["default"], r["because"],
        {a: Alternative(a, v["title"], v["confidence"], v["source"]) for a, v in r["alternatives"].items()})
        for ident, r in raw.items()}


def settled(chosen: Mapping[str, str]) -> dict[str, str]:
    """Every reading with the alternative that counts: the chosen one, else the default."""
    return {ident: chosen.get(ident, r.default) for ident, r in readings().items()}


def reading_problems(chosen: Iterable[tuple[str, str, Place]]) -> list[Problem]:
    """What is wrong with choices (reading, alternative, place): readings or alternatives that there are not."""
    problems = []
    for ident, alternative, place in chosen:
        known = readings().get(ident)
        if known is None:
            problems.append(Problem("cbam-obligation.reading-unknown", place, found=ident,
                                    accepted=", ".join(readings())))
        elif alternative not in known.alternatives:
            problems.append(Problem("cbam-obligation.alternative-unknown", place, found=alternative,
                                    accepted=", ".join(known.alternatives), args={"reading": ident}))
    return problems


def chosen_on_command(texts: Iterable[str]) -> list[tuple[str, str, Place]]:
    """Choices written ``reading=alternative``."""
    found = []
    for text in texts:
        ident, _, alternative = text.partition("=")
        found.append((ident.strip(), alternative.strip(), Place(path="--reading")))
    return found
