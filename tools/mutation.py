"""Mutation score of packages of the engine: how many small changes of the code do the tests notice?

Per package a fixed sample of mutants is drawn (seeded, the same on every run). For each mutant only the tests that
run the changed line are run, taken from coverage contexts; a mutant is killed when one of them fails or hangs.

    python tools/mutation.py [--packages feel evaluation accounting] [--sample 150] [--workers 2] [--out FILE]
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).parent.parent
ENGINE = ROOT / "engine/zerofactory_engine"
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or, ast.Or: ast.And,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}


def variants(node: ast.AST) -> Iterator[ast.AST]:
    """Mutated copies of one node."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in SWAPS:
        yield from _with(node, ops=[SWAPS[type(node.ops[0])]()])
    elif (isinstance(node, ast.BinOp) and type(node.op) in SWAPS) or isinstance(node, ast.BoolOp):
        yield from _with(node, op=SWAPS[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield from _with(node, value=not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield from _with(node, value=node.value + 1)
    elif isinstance(node, ast.IfExp):
        yield from _with(node, body=node.orelse, orelse=node.body)
    elif isinstance(node, ast.If):
        yield from _with(node, test=ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test))
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield from _with(node, value=ast.copy_location(ast.Constant(None), node.value))


def _with(node: ast.AST, **changes: object) -> Iterator[ast.AST]:
    changed = copy.copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    yield changed


@dataclass(frozen=True)
class Mutant:
    """One small change: the file, the line, which node and which variant of it, and what changes in words."""

    path: Path
    line: int
    node: int
    variant: int
    what: str

    def source(self) -> str:
        """The file with the change made."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        target = list(ast.walk(tree))[self.node]
        new = ast.copy_location(list(variants(target))[self.variant], target)
        for parent in ast.walk(tree):
            for name, value in ast.iter_fields(parent):
                if value is target:
                    setattr(parent, name, new)
                elif isinstance(value, list) and any(v is target for v in value):
                    setattr(parent, name, [new if v is target else v for v in value])
        return ast.unparse(ast.fix_missing_locations(tree))


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutation of a file; annotations and type-checking blocks are left alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    idle: list[ast.AST] = [t for a in ast.walk(tree) for part in ("annotation", "returns")
                           if (t := getattr(a, part, None)) is not None]
    idle += [b for b in ast.walk(tree) if isinstance(b, ast.If) and "TYPE_CHECKING" in ast.unparse(b.test)]
    skip = {id(n) for t in idle for n in ast.walk(t)}
    for index, node in enumerate(ast.walk(tree)):
        line = getattr(node, "lineno", None)
        if line is None or id(node) in skip:
            continue
        for number, new in enumerate(variants(node)):
            shown = (ast.unparse(ast.fix_missing_locations(ast.copy_location(n, node)))[:60] for n in (node, new))
            yield Mutant(path, line, index, number, " -> ".join(shown))


def contexts(tests: list[str], work: Path) -> dict[str, dict[int, set[str]]]:
    """file → line → tests that run it, from one run of the tests under coverage."""
    data = work / "coverage.sqlite"
    env = {**os.environ, "COVERAGE_FILE": str(data)}
    subprocess.run([sys.executable, "-m", "pytest", "-q", "-n0", "-m", "not full", "--no-header",
                    "-p", "no:cacheprovider", "--cov=zerofactory_engine", "--cov-context=test", "--cov-report=",
                    *tests],
                   cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    from coverage import CoverageData

    found = CoverageData(str(data))
    found.read()
    out: dict[str, dict[int, set[str]]] = {}
    for file in found.measured_files():
        lines: dict[int, set[str]] = defaultdict(set)
        for line, names in found.contexts_by_lineno(file).items():
            lines[line] |= {n.split("|")[0] for n in names if n}
        out[file] = lines
    return out


def sandbox(folder: Path) -> Path:
    """A copy of the engine whose data folders are those of the checkout."""
    shutil.copytree(ROOT / "engine", folder / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("rules", "standards", "examples"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def killed(box: Path, relative: Path, source: str, tests: list[str]) -> bool:
    """Whether some test notices the mutant."""
    target = box / relative
    original = target.read_text(encoding="utf-8")
    try:
        target.write_text(source, encoding="utf-8")
        env = {**os.environ, "PYTHONPATH": str(box / "engine"), "PYTHONDONTWRITEBYTECODE": "1"}
        run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-x", "-n0", "--no-header",
                              "-p", "no:cacheprovider", *tests],
                             cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        return run.returncode != 0
    except subprocess.TimeoutExpired:
        return True
    finally:
        target.write_text(original, encoding="utf-8")


def outcome(boxes: Queue[Path], lines: dict[str, dict[int, set[str]]], mutant: Mutant) -> tuple[bool, str]:
    """Whether the mutant was killed, and its description."""
    names = sorted(lines[str(mutant.path)][mutant.line])[:60]
    box = boxes.get()
    try:
        dead = killed(box, mutant.path.relative_to(ROOT), mutant.source(), names)
    finally:
        boxes.put(box)
    return dead, f"{mutant.path.relative_to(ENGINE)}:{mutant.line} {mutant.what}"


def main() -> int:
    """Measure and print; exit 1 when a package is below the wanted score."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--packages", nargs="*", default=["feel", "evaluation", "accounting"])
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--wanted", type=float, default=80.0)
    parser.add_argument("--out", type=Path, default=ROOT / "out/mutation.json")
    options = parser.parse_args()
    report: dict[str, object] = {}
    low = False
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        boxes: Queue[Path] = Queue()
        for i in range(options.workers):
            boxes.put(sandbox(work / str(i)))
        for package in options.packages:
            tests = [f"tests/engine/{package}"] + (["tests/published"] if package == "accounting" else [])
            lines = contexts(tests, work)
            chosen = [m for path in sorted((ENGINE / package).rglob("*.py")) if path.name != "commands.py"
                      for m in mutants(path) if lines.get(str(path), {}).get(m.line)]
            random.Random(20261124).shuffle(chosen)
            chosen = chosen[: options.sample]
            run = partial(outcome, boxes, lines)
            with ThreadPoolExecutor(options.workers) as pool:
                results = list(pool.map(run, chosen))
            dead = sum(k for k, _ in results)
            score = 100 * dead / max(1, len(results))
            low = low or score < options.wanted
            print(f"{package}: {dead} of {len(results)} mutants killed, {score:.1f} %", flush=True)
            report[package] = {"mutants": len(results), "killed": dead, "survivors": [w for k, w in results if not k]}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    return int(low)


if __name__ == "__main__":
    sys.exit(main())
