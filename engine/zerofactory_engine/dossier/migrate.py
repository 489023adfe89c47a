"""Older majors of the dossier format, brought to the present one by a chain of pure steps.

A step takes the tree of major *n* and gives that of *n* + 1; majors that were released stay readable for good, each
step with a golden file in the tests. The hash of what was submitted is taken before, so no migration changes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from zerofactory_engine.problems import Collector, Place, Problem
from zerofactory_engine.yaml_text import MapNode, Node, Scalar

CURRENT = 1
_FORMAT = re.compile(r"zerofactory/dossier/(\d{1,4})", re.ASCII)

Step = Callable[[MapNode], MapNode]

#: From which major the step leads to the next. Nothing was released before 1.
STEPS: Mapping[int, Step] = {}


def migrate(tree: Node, problems: Collector, file: str | None = None, steps: Mapping[int, Step] = STEPS,
            current: int = CURRENT) -> Node:
    """*tree* in the present format; a format that is not known is a problem, and the tree is left as it is."""
    declared = tree.get("format") if isinstance(tree, MapNode) else None
    if not isinstance(tree, MapNode) or not isinstance(declared, Scalar):
        return tree                                     # the schema reports what is missing
    match = _FORMAT.fullmatch(declared.text)
    if match is None:
        return tree
    major = int(match[1])
    if major > current or any(m not in steps for m in range(major, current)):
        known = [f"zerofactory/dossier/{m}" for m in sorted({*steps, current})]
        at = declared.place
        problems.add(Problem("dossier.unknown-major", Place(at.file or file, at.line, at.column, "format"),
                             found=declared.text, accepted=", ".join(known)))
        return _with_format(tree, declared, current)    # so that nothing else is said of the format
    for step in range(major, current):
        tree = steps[step](tree)
    return _with_format(tree, declared, current)


def _with_format(tree: MapNode, declared: Scalar, major: int) -> MapNode:
    wanted = Scalar(f"zerofactory/dossier/{major}", declared.place, declared.quoted)
    return MapNode(tuple((k, wanted if k.text == "format" else n) for k, n in tree.entries), tree.place)
