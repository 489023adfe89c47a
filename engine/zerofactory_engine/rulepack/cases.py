"""The cases of a pack: dossiers, whole or partial, with what has to come out. Read here, run by the evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.feel.temporal import parse_date, parse_duration
from zerofactory_engine.problems import NOWHERE, Place, Problem
from zerofactory_engine.rulepack.files import natural
from zerofactory_engine.rulepack.model import Pack, Text
from zerofactory_engine.rulepack.parts import Spot, frozen, text_of
from zerofactory_engine.rulepack.schemas import part_schema
from zerofactory_engine.typed_readers import BOOLEANS
from zerofactory_engine.units import UnitError, unit
from zerofactory_engine.yaml_text import Node, Scalar, scan_yaml

#: Files of the folder ``cases`` that are dossiers and no cases.
DOSSIER_END = ".dossier.yaml"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a criterion has to come to at a level; None is not looked at. *cause*, *settled_by*: among those named."""

    verdict: str
    on_values: str | None = None
    cause: str | None = None
    settled_by: str | None = None


@dataclass(frozen=True, slots=True)
class CaseJudgement:
    """An answer of the body that a case gives."""

    question: str
    answer: str
    row: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One case. *dossier*: a file, or the tree of one that stands in the case (possibly partial).

    *quantities*: values given in place of computed ones, as written (``30 tce``, ``unknown``; :func:`value_of` reads
    them). *expect_quantities* likewise. *expect_criteria*: level → criterion → what is expected.
    """

    id: str
    title: Text
    dossier: Path | Node
    valid_on: date
    known_on: date | None = None
    readings: Mapping[str, str] = field(default_factory=dict)
    documents_assumed: bool = False
    without_documents: tuple[str, ...] = ()
    judgements: tuple[CaseJudgement, ...] = ()
    quantities: Mapping[str, str] = field(default_factory=dict)
    expect_quantities: Mapping[str, str] = field(default_factory=dict)
    expect_applies: Mapping[str, str] = field(default_factory=dict)
    expect_criteria: Mapping[str, Mapping[str, Expected]] = field(default_factory=dict)
    expect_levels: Mapping[str, str] = field(default_factory=dict)
    place: Place = NOWHERE


def read_cases(folder: Path) -> tuple[tuple[Case, ...], list[Problem]]:
    """Every case in the ``*.yaml`` files of *folder*, in the order of their names, and what is wrong with them."""
    cases: list[Case] = []
    problems: list[Problem] = []
    seen: dict[str, Place] = {}
    for path in sorted(folder.glob("*.yaml"), key=lambda p: natural(p.name)) if folder.is_dir() else []:
        if path.name.endswith(DOSSIER_END):
            continue
        found, wrong = _read_file(path)
        problems.extend(wrong)
        for case in found:
            if case.id in seen:
                problems.append(Problem("pack.case-twice", case.place, found=case.id,
                                        args={"first": str(seen[case.id])}))
            seen.setdefault(case.id, case.place)
            cases.append(case)
    return tuple(cases), problems


def _read_file(path: Path) -> tuple[list[Case], list[Problem]]:
    scanned = scan_yaml(path.read_bytes(), str(path))
    if scanned.tree is None:
        return [], list(scanned.problems)
    typed = part_schema("cases").read(scanned.tree)
    problems = [*scanned.problems, *typed.problems]
    cases = [_case(spot, path) for spot in Spot(typed.value, scanned.tree).list()
             if spot.has("id", "title", "dossier", "valid_on", "expect")]
    for case in cases:
        if isinstance(case.dossier, Path) and not case.dossier.is_file():
            problems.append(Problem("pack.case-dossier-missing", case.place, found=str(case.dossier)))
    return cases, problems


def _case(at: Spot, path: Path) -> Case:
    raw = at.value
    node: Any = _node(at)
    inline = node.get("dossier")
    expect = raw["expect"]
    named = ("quantities", "applies", "levels")
    return Case(
        id=raw["id"], title=text_of(raw["title"]),
        dossier=(path.parent / inline.text).resolve() if isinstance(inline, Scalar) else inline,
        valid_on=raw["valid_on"], known_on=raw.get("known_on"), readings=frozen(raw.get("readings") or {}),
        documents_assumed=raw.get("documents") == "assumed",
        without_documents=tuple(raw.get("without_documents") or ()),
        judgements=tuple(CaseJudgement(j["question"], j["answer"], j.get("row")) for j in raw.get("judgements") or ()
                         if j.get("question") and j.get("answer")),
        quantities=frozen(raw.get("quantities") or {}), expect_quantities=frozen(expect.get("quantities") or {}),
        expect_applies=frozen(expect.get("applies") or {}),
        expect_criteria=frozen({level: frozen({c: _expected(v) for c, v in wanted.items()})
                                for level, wanted in expect.items() if level not in named}),
        expect_levels=frozen(expect.get("levels") or {}), place=at.place)


def _node(at: Spot) -> Node:
    node: Any = at.tree
    for step in at.path:
        node = node.items[step] if isinstance(step, int) else node.get(step)
    found: Node = node
    return found


def _expected(value: Any) -> Expected:
    return Expected(value) if isinstance(value, str) else Expected(
        value["verdict"], value.get("on_values"), value.get("cause"), value.get("settled_by"))


def value_of(text: str) -> Decimal | bool | date | str | None:
    """A value as a case writes it, in base units: ``30 tce``, ``29.2 %``, ``5``, ``yes``, a date; None: unknown.

    Raises:
        UnitError: the unit is not known.
    """
    text = text.strip()
    if text == UNKNOWN:
        return None
    number, _, unit_text = text.partition(" ")
    if (value := parse_decimal(number)) is not None:
        return unit(unit_text.strip() or "1").to_base(value)
    if text.lower() in BOOLEANS:
        return BOOLEANS[text.lower()]
    found: Any = parse_date(text) or parse_duration(text)
    return text if found is None else found


def check_cases(pack: Pack, cases: Iterable[Case]) -> list[Problem]:
    """Names in cases that the pack does not have, units that do not fit, alternatives that no case chooses."""
    problems: list[Problem] = []
    chosen: set[tuple[str, str]] = set()
    for case in cases:
        chosen |= set(case.readings.items()) | {(r.id, r.default) for r in pack.readings.values()
                                                if r.id not in case.readings}
        problems.extend(_case_problems(pack, case))
    for reading in pack.readings.values():
        problems.extend(Problem("pack.alternative-without-case", reading.place, found=f"{reading.id}: {name}")
                        for name in reading.alternatives if (reading.id, name) not in chosen)
    return problems


def _case_problems(pack: Pack, case: Case) -> Iterable[Problem]:
    def wrong(code: str, found: str, accepted: Iterable[str] = ()) -> Problem:
        return Problem(code, case.place, found=found, accepted=", ".join(accepted) or None, args={"case": case.id})

    for name, alternative in case.readings.items():
        if name not in pack.readings:
            yield wrong("pack.case-name", name, pack.readings)
        elif alternative not in pack.readings[name].alternatives:
            yield wrong("pack.case-name", f"{name}: {alternative}", pack.readings[name].alternatives)
    quantities = {**pack.quantities, **{q.id: q for c in pack.criteria.values() for q in c.quantities.values()}}
    for key, text in (*case.quantities.items(), *case.expect_quantities.items()):
        if key not in quantities:
            yield wrong("pack.case-name", key, quantities)
            continue
        try:
            value_of(text)
        except UnitError as error:
            yield wrong("pack.unit-unknown", str(error))
    for level, wanted in case.expect_criteria.items():
        if level not in pack.levels:
            yield wrong("pack.case-name", level, pack.levels)
        for criterion in wanted:
            if criterion not in pack.criteria:
                yield wrong("pack.case-name", criterion, pack.criteria)
    for criterion in case.expect_applies:
        if criterion not in pack.criteria:
            yield wrong("pack.case-name", criterion, pack.criteria)
    for level in case.expect_levels:
        if level not in pack.levels:
            yield wrong("pack.case-name", level, pack.levels)
