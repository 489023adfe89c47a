"""What a pack's authors have to put right before they publish: everything that loading says, and more.

Unused parameters, quantities and readings, alternatives without a case, criteria that no case judges, shares without a
plausible range, a published pack without lock, values that nobody has looked at for long (by the pack's own date).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_engine.rulepack.cases import check_cases, read_cases
from zerofactory_engine.rulepack.files import LOCK_FILE
from zerofactory_engine.rulepack.graph import Graph, leaves, owners
from zerofactory_engine.rulepack.load import inspect_folder
from zerofactory_engine.rulepack.model import Criterion, Pack, Parameter, Quantity
from zerofactory_engine.yaml_text import MapNode, scan_yaml


def lint(pack: Pack | Path) -> list[Problem]:
    """Every problem of a pack, or of the folder of one."""
    folder = pack if isinstance(pack, Path) else pack.folder
    problems: list[Problem] = []
    if folder is not None:
        found, problems = inspect_folder(folder)
        pack = found if found is not None else pack
    if isinstance(pack, Path) or any(p.severity is Severity.ERROR for p in problems):
        return problems
    problems.extend(_unused(pack))
    problems.extend(_shares(pack))
    problems.extend(_dates(pack))
    problems.extend(_card(pack))
    if folder is not None:
        problems.extend(_cases(pack, folder))
        problems.extend(_lock(pack, folder))
    return problems


def _unused(pack: Pack) -> Iterator[Problem]:
    graph = Graph(pack)
    keys, readings = graph.used()
    for key, entry in graph.entries.items():
        if key not in keys and not isinstance(entry.definition, Criterion):
            code = "pack.parameter-unused" if isinstance(entry.definition, Parameter) else "pack.quantity-unused"
            yield Problem(code, entry.place, found=key)
    for reading in pack.readings.values():
        if reading.id not in readings:
            yield Problem("pack.reading-unused", reading.place, found=reading.id)
    for criterion in pack.criteria.values():
        texts = tuple(x.text for e in graph.entries.values() if e.owner is criterion for _, x in e.expressions)
        asked = {q for q in criterion.questions if any(f'"{q}"' in text for text in texts)}
        for question in criterion.questions:
            if question not in asked:
                yield Problem("pack.question-unused", criterion.place, found=f"{criterion.id}/{question}")


def _shares(pack: Pack) -> Iterator[Problem]:
    """A share that can come out above 100 % by a mistake needs a plausible range."""
    for owner in owners(pack):
        for quantity in owner.quantities.values():
            if quantity.plausible is None and _is_percent(quantity):
                yield Problem("pack.share-without-range", quantity.place, Severity.WARNING, found=quantity.id,
                              example="plausible: [0, 100]")


def _is_percent(quantity: Quantity) -> bool:
    return any(text == "%" for _, text in leaves(quantity.unit)) if quantity.unit is not None else False


def _dates(pack: Pack) -> Iterator[Problem]:
    """A pack cannot be published before a value in it was last confirmed."""
    for owner in owners(pack):
        for parameter in owner.parameters.values():
            for _, values in leaves(parameter.values):
                for value in values:
                    if value.source.last_confirmed is not None and value.source.last_confirmed > pack.published:
                        yield Problem("pack.confirmed-after-publication", parameter.place, Severity.WARNING,
                                      found=str(value.source.last_confirmed), accepted=f"≤ {pack.published}")


def _card(pack: Pack) -> Iterator[Problem]:
    """The edition that is encoded has a card, so that a report can say what it is."""
    path = STANDARDS_ROOT / pack.standard / "card.yaml"
    scanned = scan_yaml(path.read_bytes(), str(path)) if path.is_file() else None
    editions: Any = scanned.tree.get("editions") if scanned is not None and isinstance(scanned.tree, MapNode) else None
    known = [e.get("edition").text for e in editions.items if isinstance(e, MapNode)] if editions is not None else []
    if pack.edition not in known:
        yield Problem("pack.standard-without-card", Place(file=str(pack.folder or "")), Severity.WARNING,
                      found=f"{pack.standard} {pack.edition}", accepted=", ".join(known) or None)


def _cases(pack: Pack, folder: Path) -> Iterator[Problem]:
    cases, problems = read_cases(folder / "cases")
    yield from problems
    if not cases:
        yield Problem("pack.cases-missing", Place(file=str(folder / "cases")))
        return
    yield from check_cases(pack, cases)
    judged = {(level, c) for case in cases for level, wanted in case.expect_criteria.items() for c in wanted}
    for criterion in pack.criteria.values():
        for level in criterion.levels:
            if (level, criterion.id) not in judged:
                yield Problem("pack.criterion-without-case", criterion.place, found=f"{criterion.id} ({level})")


def _lock(pack: Pack, folder: Path) -> Iterator[Problem]:
    if pack.status == "published" and not (folder / LOCK_FILE).is_file():
        yield Problem("pack.lock-missing", Place(file=str(folder / LOCK_FILE)),
                      example="zerofactory pack lint --write-lock")
