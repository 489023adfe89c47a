"""Columns of a CSV table of goods: paths of elements below ``ImportedGood``, such as ``OriginCountry/Country``.

An element that may stand more than once takes a number (``GoodsEmissions[2]/ProductionCountry``); without one it is the
first. An empty cell states nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from zerofactory_engine.problems import Place, Problem
from zerofactory_engine.typed_readers import nearest
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, Scalar
from zerofactory_mappings.cbam.qreport.elements import ComplexType, Particle, table
from zerofactory_mappings.cbam.qreport.rules import GOOD

_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<number>[1-9]\d{0,4})\])?", re.ASCII)
#: Most columns of a table.
COLUMNS = 2_000


@dataclass(slots=True)
class _Branch:
    """An element of the table's goods: the columns of its values, and what stands below it by name and number."""

    columns: dict[str, int] = field(default_factory=dict)
    below: dict[str, dict[int, _Branch]] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)


def column_list() -> list[dict[str, str]]:
    """Every column that a table may have: its path, type and limits, fewest and most.

    A number in brackets is put behind an element that may stand more than once to state the second and further ones.
    """
    def below(path: str, kind: ComplexType) -> Iterator[dict[str, str]]:
        for particle in kind.particles:
            here = f"{path}{particle.name}"
            if particle.complex is not None:
                yield from below(f"{here}[n]/" if particle.repeated else f"{here}/", particle.complex)
            elif particle.simple is not None:
                yield {"column": here, "value": particle.simple.accepted(), "min": str(particle.low),
                       "max": str(particle.high)}

    return list(below("", _good_type()))


class Columns:
    """The columns of one table; *problems* says which of them are not known, stand twice or hold no value."""

    def __init__(self, header: Sequence[str], file: str) -> None:
        self.header = [name.strip() for name in header]
        while self.header and not self.header[-1]:
            self.header.pop()
        self.problems: list[Problem] = []
        self._place = Place(file, 1)
        self._root = _Branch()
        if not self.header or len(self.header) > COLUMNS:
            self._problem("qreport.csv-header", str(len(self.header)), f"1 … {COLUMNS}")
            return
        seen: dict[str, int] = {}
        for index, name in enumerate(self.header):
            place = self._steps(name)
            if place is None:
                continue
            key = "/".join(f"{particle.name}[{number}]" for particle, number in place)
            if key in seen:
                self._problem("qreport.csv-column-twice", name, None)
            seen[key] = index
            self._plant(place, index)

    def __len__(self) -> int:
        return len(self.header)

    def _problem(self, code: str, found: str, accepted: str | None, **args: str) -> None:
        self.problems.append(Problem(code, self._place, found=found, accepted=accepted, args=args))

    def _steps(self, name: str) -> list[tuple[Particle, int]] | None:
        """The elements of a path with their numbers, or None after recording what is wrong with it."""
        kind: ComplexType | None = _good_type()
        steps: list[tuple[Particle, int]] = []
        for text in name.split("/"):
            match = _STEP.fullmatch(text)
            known = {p.name: p for p in kind.particles} if kind is not None else {}
            particle = known.get(match["name"]) if match is not None else None
            if match is None or particle is None:
                near = nearest(text, list(known))
                self._problem("qreport.csv-column-near" if near else "qreport.csv-column", name[:120],
                              ", ".join(known) or None, **({"nearest": near} if near else {}))
                return None
            number = int(match["number"] or 1)
            if number > particle.high:
                self._problem("qreport.csv-column-number", name[:120], f"1 … {particle.high}")
                return None
            steps.append((particle, number))
            kind = particle.complex
        if kind is not None:
            self._problem("qreport.csv-column-part", name[:120], ", ".join(p.name for p in kind.particles))
            return None
        return steps

    def _plant(self, steps: list[tuple[Particle, int]], index: int) -> None:
        branch = self._root
        for particle, number in steps[:-1]:
            if particle.repeated:
                branch.repeated.add(particle.name)
            branch = branch.below.setdefault(particle.name, {}).setdefault(number, _Branch())
        branch.columns[steps[-1][0].name] = index

    def tree(self, cells: Sequence[str], place: Place) -> MapNode:
        """A row as the tree of a good."""
        return self._node(self._root, cells, place) or MapNode((), place)

    def _node(self, branch: _Branch, cells: Sequence[str], place: Place) -> MapNode | None:
        entries: list[tuple[Scalar, Node]] = []
        for name, index in branch.columns.items():
            text = cells[index].strip() if index < len(cells) else ""
            if text:
                at = Place(place.file, place.line, path=self.header[index])
                entries.append((Scalar(name, at), Scalar(text, at, quoted=True)))
        for name, numbered in branch.below.items():
            made = [node for number in sorted(numbered)
                    if (node := self._node(numbered[number], cells, place)) is not None]
            if made:
                below = ListNode(tuple(made), place) if name in branch.repeated else made[0]
                entries.append((Scalar(name, place), below))
        return MapNode(tuple(entries), place) if entries else None


def _good_type() -> ComplexType:
    root = table().root.complex
    assert root is not None
    found = next(p.complex for p in root.particles if p.name == GOOD)
    assert found is not None
    return found
