"""The table of elements (``standards/eu-cbam/qreport/23.00.yaml``), compiled for checking, writing and reading.

Every complex type of the QReport is a sequence of elements with a name, a type, a fewest and a most; there are no
attributes, choices or wildcards. That makes judging a list of children simple: all names known, none before an earlier
one of the sequence, each as often as its bounds say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, read_yaml
from zerofactory_mappings.cbam.qreport.values import FORMS, SimpleType

FORMAT = "zerofactory/cbam-qreport-table/1"
FOLDER = STANDARDS_ROOT / "eu-cbam" / "qreport"
#: The version of the QReport that is written.
VERSION = "23.00"

#: Patterns are XML Schema's; of those only this much is taken, which means the same to Python.
_SAFE_PATTERN = re.compile(r"(?:\\d(?:\{\d+(?:,\d+)?\})?|[-:TZ])+")


@dataclass(slots=True, eq=False)
class Particle:
    """An element as a child: its place in the sequence, how often it may stand there, and what it holds.

    Exactly one of *simple* and *complex* is set. *known*: texts that were judged to be values, so that a text that
    comes a thousand times is judged once.
    """

    name: str
    tag: str
    index: int
    low: int
    high: int
    simple: SimpleType | None = None
    complex: ComplexType | None = None
    known: set[str] = field(default_factory=set)

    @property
    def repeated(self) -> bool:
        """Whether it may stand more than once."""
        return self.high > 1

    @property
    def optional(self) -> bool:
        """Whether it may be left out."""
        return self.low == 0


@dataclass(slots=True, eq=False)
class ComplexType:
    """A complex type: its sequence. *plans*: lists of children already found valid, with the particle of each."""

    name: str
    particles: tuple[Particle, ...] = ()
    by_tag: Mapping[str, Particle] = field(default_factory=dict)
    plans: dict[tuple[str, ...], tuple[Particle, ...]] = field(default_factory=dict)

    def plan(self, tags: tuple[str, ...]) -> tuple[Particle, ...] | None:
        """The particle of each child when a list of children with these *tags* is valid, else None."""
        if any(tag not in self.by_tag for tag in tags):
            return None
        plan = tuple(self.by_tag[tag] for tag in tags)
        counts = dict.fromkeys(self.particles, 0)
        for particle in plan:
            counts[particle] += 1
        ordered = all(a.index <= b.index for a, b in pairwise(plan))
        if not ordered or any(not p.low <= n <= p.high for p, n in counts.items()):
            return None
        if len(self.plans) < _PLANS and len(tags) <= _PLAN_LENGTH:
            self.plans[tags] = plan
        return plan


#: How many valid lists of children are remembered, and how long they may be.
_PLANS = 2_000
_PLAN_LENGTH = 400


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A version of the QReport: its namespace, root element and types, and where the table was taken from."""

    version: str
    namespace: str
    root: Particle
    simple: Mapping[str, SimpleType]
    complex: Mapping[str, ComplexType]
    source: Mapping[str, str]

    def paths(self) -> Iterator[tuple[str, Particle]]:
        """Every element by its path (``QReport/Declarant/Name``), in document order, the root left out."""

        def below(path: str, kind: ComplexType) -> Iterator[tuple[str, Particle]]:
            for particle in kind.particles:
                here = f"{path}/{particle.name}"
                yield here, particle
                if particle.complex is not None:
                    yield from below(here, particle.complex)

        assert self.root.complex is not None
        yield from below(self.root.name, self.root.complex)


@cache
def table(version: str = VERSION, qualified: bool = True) -> Table:
    """The shipped table of *version*, read once.

    Not *qualified*: its tags are names without the namespace, for elements that are written below a root which declares
    it as the default one (lxml would repeat the declaration on every good).
    """
    return read_table(FOLDER / f"{version}.yaml", qualified)


def read_table(path: Path, qualified: bool = True) -> Table:
    """The table in *path*.

    Raises:
        ProblemsError: ``qreport.table`` with the place, when the file is not what it should be.
    """
    tree = plain_tree(read_yaml(path.read_bytes(), path.name))
    try:
        return _table(tree, qualified)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problem = Problem("qreport.table", Place(file=path.name), found=str(error), accepted=FORMAT)
        raise ProblemsError([problem]) from None


def plain_tree(node: Node) -> Any:
    """A tree of YAML as dicts, lists and texts."""
    if isinstance(node, MapNode):
        return {key: plain_tree(below) for key, below in node.items()}
    return [plain_tree(item) for item in node.items] if isinstance(node, ListNode) else node.text


def _table(tree: Mapping[str, Any], qualified: bool) -> Table:
    if tree["format"] != FORMAT:
        raise ValueError(tree["format"])
    simple = _built_in(tree["built_in"])
    for name, facets in tree["simple_types"].items():
        simple[name] = _restricted(name, facets, simple[f"xs:{facets['base']}"])
    prefix = f"{{{tree['namespace']}}}" if qualified else ""
    kinds = {name: ComplexType(name) for name in tree["complex_types"]}
    for name, rows in tree["complex_types"].items():
        kind = kinds[name]
        kind.particles = tuple(_particle(i, row, prefix, simple, kinds) for i, row in enumerate(rows))
        kind.by_tag = {p.tag: p for p in kind.particles}
        if len(kind.by_tag) != len(kind.particles):
            raise ValueError(f"{name}: an element twice in one sequence")
    root = tree["root"]
    return Table(tree["version"], tree["namespace"],
                 Particle(root["name"], prefix + root["name"], 0, 1, 1, complex=kinds[root["type"]]),
                 simple, kinds, tree["source"])


def _built_in(tree: Mapping[str, Any]) -> dict[str, SimpleType]:
    found: dict[str, SimpleType] = {}
    for name, entry in tree.items():
        if entry["form"] not in FORMS or entry["whitespace"] not in ("preserve", "collapse"):
            raise ValueError(f"{name}: {entry}")
        base = found[f"xs:{entry['base']}"] if "base" in entry else None
        low, high = _whole(entry, "low"), _whole(entry, "high")
        found[f"xs:{name}"] = SimpleType(
            f"xs:{name}", entry["form"], entry["whitespace"] == "collapse",
            (f"xs:{name}", *(base.ancestors if base is not None else ())),
            low=base.low if low is None and base is not None else low,
            high=base.high if high is None and base is not None else high)
    return found


def _restricted(name: str, facets: Mapping[str, str], base: SimpleType) -> SimpleType:
    pattern = facets.get("pattern")
    if pattern is not None and _SAFE_PATTERN.fullmatch(pattern) is None:
        raise ValueError(f"{name}: pattern {pattern}")
    if base.form in ("date", "dateTime") and pattern is None:
        raise ValueError(f"{name}: a date without a pattern is not carried out")
    return SimpleType(name, base.form, base.collapse, (name, *base.ancestors), _whole(facets, "min_length"),
                      _whole(facets, "max_length"), _whole(facets, "total_digits"), _whole(facets, "fraction_digits"),
                      base.low, base.high, re.compile(pattern) if pattern is not None else None)


def _whole(entry: Mapping[str, str], name: str) -> int | None:
    return int(entry[name]) if name in entry else None


def _particle(index: int, row: Mapping[str, str], prefix: str, simple: Mapping[str, SimpleType],
              kinds: Mapping[str, ComplexType]) -> Particle:
    name, kind = row["name"], row["type"]
    made = Particle(name, prefix + name, index, int(row["min"]), int(row["max"]), simple.get(kind),
                    kinds.get(kind))
    if (made.simple is None) == (made.complex is None):
        raise ValueError(f"{name}: type {kind}")
    return made
