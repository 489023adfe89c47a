"""``verify``: whether a bundle, an assessment or the bundle in a PDF is what it says, as far as that can be told.

Recomputed and equal: everything was computed again from the bundle alone and nothing differs. Hashes only: the hashes
agree, but there is nothing to compute from (an assessment alone, a public extract, a format that this version does not
read). Different: a hash or a recomputed value is another; every difference is listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from zerofactory_engine.bundle.documents import FULL, read_document, recomputed, unhashed
from zerofactory_engine.canonical import content_hash
from zerofactory_engine.problems import Problem, ProblemsError

#: Differences that are listed; the rest is counted.
LISTED = 200
#: Pins that say with what something was made, not what; another version may well compute the same.
_MAKERS = ("engine", "units")


class Outcome(StrEnum):
    """What a verification came to."""

    RECOMPUTED_EQUAL = "recomputed_equal"
    HASHES_ONLY = "hashes_only"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which the document is not what it should be."""

    path: str
    found: Any
    expected: Any

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape."""
        return {"path": self.path, "found": self.found, "expected": self.expected}


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome, every difference, and why nothing could be computed again. *id* is that of the document."""

    outcome: Outcome
    id: str
    differences: tuple[Difference, ...] = ()
    total: int = 0
    why: str | None = None
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape."""
        out: dict[str, Any] = {"outcome": str(self.outcome), "id": self.id, "differences": list(self.differences),
                               "total": self.total}
        if self.why is not None:
            out["why"] = self.why
        if self.problems:
            out["problems"] = list(self.problems)
        return out


def verify(path: Path) -> Verification:
    """Verify the file at *path*; :class:`ProblemsError` when it is no bundle, assessment or PDF with one."""
    return verify_document(read_document(path))


def verify_document(document: Mapping[str, Any]) -> Verification:
    """Verify a document that was read."""
    differences = list(_hashes(document))
    if "kind" not in document:
        return _told(document, differences, why="verify.assessment-alone")
    if document["kind"] != FULL:
        return _told(document, differences, why="verify.public-extract")
    try:
        again = recomputed(document)
    except ProblemsError as error:
        return _told(document, differences, why="verify.cannot-compute", problems=error.problems)
    pins = document["assessment"]["pins"]
    differences += _pins(document, again.run)
    expected = _comparable(again.as_json())
    differences += _compare("assessment", _comparable(document["assessment"]), expected)
    if not differences and any(again.as_json()["pins"][m] != pins[m] for m in _MAKERS):
        return Verification(Outcome.RECOMPUTED_EQUAL, document["id"], why="verify.other-maker")
    return _told(document, differences)


def _told(document: Mapping[str, Any], differences: list[Difference], why: str | None = None,
          problems: tuple[Problem, ...] = ()) -> Verification:
    equal = Outcome.HASHES_ONLY if why else Outcome.RECOMPUTED_EQUAL
    return Verification(Outcome.DIFFERENT if differences else equal, document["id"], tuple(differences[:LISTED]),
                        len(differences), why, problems)


def _hashes(document: Mapping[str, Any]) -> Iterator[Difference]:
    """Ids that are not the hash of their content. An extract's assessment has the id of the whole one."""
    expected = content_hash(unhashed(document))
    if document["id"] != expected:
        yield Difference("id", document["id"], expected)
    if document.get("kind") == FULL:
        inner = document["assessment"]
        expected = content_hash(unhashed(inner))
        if inner["id"] != expected:
            yield Difference("assessment/id", inner["id"], expected)


def _pins(document: Mapping[str, Any], assessor: Any) -> Iterator[Difference]:
    """Hashes that the bundle states of its parts and that the parts do not have."""
    pack, base = assessor.pack, assessor.pack.base or assessor.pack.pin
    parts: list[tuple[str, Any, Any]] = [("pack", document["pack"]["sha256"], base.sha256)]
    if pack.overlay is not None:
        parts.append(("overlay", document["overlay"]["sha256"], pack.overlay.sha256))
    found = {(s["id"], s["version"]): s["sha256"] for s in document["factor_sets"]}
    parts += [(f"factor_sets/{pin.id}", found.get((pin.id, pin.version)), pin.sha256)
              for pin in dict.fromkeys(assessor.inventory.pins.values())]
    for name, stated, real in parts:
        if stated != real:
            yield Difference(f"{name}/sha256", stated, real)


def _comparable(assessment: Mapping[str, Any]) -> dict[str, Any]:
    """An assessment without its id and without what made it."""
    content = unhashed(assessment)
    content["pins"] = {k: v for k, v in content["pins"].items() if k not in _MAKERS}
    return content


def _compare(path: str, found: Any, expected: Any) -> Iterator[Difference]:
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        for key in sorted({*found, *expected}):
            yield from _compare(f"{path}/{key}", found.get(key), expected.get(key))
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for number, (one, other) in enumerate(zip(found, expected, strict=True)):
            yield from _compare(f"{path}/{number}", one, other)
    elif found != expected:
        yield Difference(path, found, expected)
