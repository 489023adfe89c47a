"""Dossiers and answers of the tests of exchange: the fastener maker, small ones made of rows, random ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.dossier.read import dossier_from_tree, read_dossier
from zerofactory_mappings.cbam.exchange.answers import read_answers
from zerofactory_mappings.cbam.exchange.model import Answer, Kind, Prefill, Question
from zerofactory_mappings.cbam.exchange.prefill import prefill
from zerofactory_mappings.cbam.model import Given, Installation

DATA = Path(__file__).parent / "data"
GOLDEN = Path(__file__).parent / "golden"
DEMO = Path(__file__).parents[4] / "examples/demo-battery-factory/dossier.yaml"

Rows = Sequence[Mapping[str, Any]]
#: A product in scope whose sector lets nothing leave but what always may: no question of its own.
CLINKER: Rows = [{"id": "P1", "name": "clinker", "cn_code": "25231000", "output_t": "1000"}]
BOLTS: Rows = [{"id": "P1", "name": "bolts", "cn_code": "73181542", "output_t": "1000"}]


@cache
def fasteners() -> Dossier:
    return read_dossier(DATA / "fasteners.yaml").dossier


@cache
def demo() -> Dossier:
    return read_dossier(DEMO).dossier


@cache
def works_manager() -> tuple[Answer, ...]:
    return read_answers((DATA / "answers.yaml").read_bytes(), "answers.yaml", "fasteners-2026", 2026)


def small(tables: Mapping[str, Rows] | None = None, *, period: tuple[str, str] = ("2026-01-01", "2026-12-31"),
          parts: Rows = (), **more: Rows) -> Dossier:
    """A dossier of these rows; rows without dates are of the whole period."""
    tree: dict[str, Any] = {
        "format": "zerofactory/dossier/1", "id": "small",
        "facility": {"id": "F1", "name": {"en": "Small works"}, "country": "CN"},
        "period": {"from": period[0], "to": period[1]}, "boundary": {"parts": [dict(p) for p in parts]},
        "complete": ["energy", "electricity", "heat", "processes", "products"],
        **{name: [dict(row) for row in rows] for name, rows in {**(tables or {}), **more}.items()}}
    return dossier_from_tree(tree, lenient=True)


def ask(dossier: Dossier, *answers: Answer, **options: Any) -> Prefill:
    return prefill(dossier, answers=answers, **options)


def say(question: str, answer: str, **fields: Any) -> Answer:
    if "share" in fields:
        fields["share"] = Decimal(fields["share"])
    if "processes" in fields:
        fields["processes"] = {k: Decimal(v) for k, v in fields["processes"].items()}
    return Answer(question, answer, **fields)


def fates(found: Prefill, table: str) -> dict[str, tuple[str, str | None]]:
    """Row → (fate, rule)."""
    return {r.row: (r.fate.value, r.rule) for r in found.rows if r.table == table}


def some_answer(question: Question, processes: Sequence[str], choice: int = 0) -> Answer:
    """An answer that says all that its question needs: the accepted word number *choice*."""
    word = question.accepted[choice % len(question.accepted)]
    first = processes[0] if processes else None
    rule = next((r.id for r in question.rules if r.verdict.value != "stays"), None)
    fields: dict[str, Any] = {}
    if question.kind is Kind.BOUNDARY and word in ("outside", "share"):
        fields["rule"] = rule
    if word == "share":
        fields["share"] = Decimal("0.75")
    if word in ("cn", "precursor"):
        fields["cn"] = question.candidates[0] if question.candidates and len(question.candidates[0]) == 8 else "73181542"
    if word == "route":
        fields["route"] = question.candidates[choice % len(question.candidates)]
    if word == "shares" or (word in ("imported", "exported", "inside") and question.kind in (Kind.EXPORT, Kind.WASTE_GAS)):
        fields["processes"] = {first: Decimal(1)} if first is not None else {}
    return Answer(question.id, word, **fields)


def settle(dossier: Dossier, choice: int = 0) -> tuple[Prefill, tuple[Answer, ...]]:
    """Answer everything that is asked, as long as something new is."""
    answers: dict[str, Answer] = {}
    found = prefill(dossier)
    for _ in range(12):
        if not found.open:
            break
        # What the goods are decides which processes there are, so that is answered first.
        first = [q for q in found.open if q.kind in (Kind.GOOD, Kind.ROUTE, Kind.PROCESSES)] or list(found.open)
        processes = [p.id for p in found.installation.processes]
        for question in first:
            if not processes and question.kind in (Kind.EXPORT, Kind.WASTE_GAS):
                answers[question.id] = Answer(question.id, "outside")
            else:
                answers[question.id] = some_answer(question, processes, choice)
        asked = {q.id for q in prefill(dossier, answers=[a for a in answers.values() if a.question in
                                                         {q.id for q in found.questions}]).questions}
        answers = {k: v for k, v in answers.items() if k in asked}
        found = prefill(dossier, answers=tuple(answers.values()))
    return found, tuple(answers.values())


def figures(value: object) -> Iterator[Given]:
    """Every figure of an installation."""
    if isinstance(value, Given):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from figures(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from figures(each)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from figures(getattr(value, name))


def rows_in(installation: Installation) -> set[str]:
    """``energy/G1`` for every row that a figure of the input names."""
    found = set()
    for given in figures(installation):
        for reference in given.documents:
            if reference.startswith("dossier#table=") and "&row=" in reference:
                table, _, row = reference.removeprefix("dossier#table=").partition("&row=")
                found.add(f"{table}/{row}")
    return found
