"""LibreOffice recalculates workbooks now, and its figures are compared with ours: no stored number takes part.

Which cases are taken changes with the day, so that all have their turn; ``ZEROFACTORY_ORACLE_TURN`` repeats a day.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from tests.mappings.cbam.oracle import opened, recalculate_many
from tests.mappings.cbam.workbook_oracle import golden, perturb
from tests.mappings.cbam.workbook_oracle.cases import CASES
from tests.mappings.cbam.workbook_oracle.hostile import HOSTILE
from tests.mappings.cbam.workbook_oracle.plan import Plan, Precursor, Process, Product, rows
from tests.mappings.cbam.workbook_oracle.printed import compare, ours, printed
from tests.mappings.cbam.workbook_oracle.random_plans import CODES, plan
from tests.mappings.cbam.workbook_oracle.sheets import CATEGORIES, entries
from tests.mappings.cbam.workbook_oracle.workbook import EXAMPLES, TEMPLATE, Blank

from zerofactory_mappings.cbam.communication.fill import fill_template
from zerofactory_mappings.cbam.communication.read import read_template
from zerofactory_mappings.cbam.compute import compute

T = TypeVar("T")
pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def turn() -> int:
    """The number of the day."""
    stated = os.environ.get("ZEROFACTORY_ORACLE_TURN")
    return int(stated) if stated else datetime.now(UTC).toordinal()


@pytest.fixture(scope="module")
def blank(shared_data: Path) -> Blank:
    return Blank(shared_data / TEMPLATE)


def some(items: Sequence[T], count: int, turn: int) -> list[T]:
    """*count* items, others on another day."""
    return [items[(turn * count + n) % len(items)] for n in range(count)]


def test_examples_with_other_figures(shared_data: Path, turn: int) -> None:
    alone = list(perturb.GROUPS)[1:]
    wanted = [(name, group) for n, name in enumerate(EXAMPLES) for group in ("all", alone[(turn + n) % len(alone)])]
    books, changes = zip(*[perturb.perturbed(perturb.example(shared_data, name), group, turn) for name, group in wanted],
                         strict=True)
    assert all(changes[::2])              # something was changed in every example
    for (name, group), data, recalculated in zip(wanted, books, recalculate_many(books), strict=True):
        found = compare(ours(compute(read_template(data, name))), printed(recalculated))
        assert found.differences == (), f"{name}, {group}, turn {turn}"
        assert found.compared > 25


def test_cases_and_random_installations(blank: Blank, turn: int) -> None:
    first = 1_000 + turn % 1_000_000 * 4
    plans = {n: CASES[n] for n in some(list(CASES), 3, turn)} | {f"random-{s}": plan(s) for s in range(first, first + 4)}
    books = [blank.filled(entries(p)) for p in plans.values()]
    for (name, of), data, recalculated in zip(plans.items(), books, recalculate_many(books), strict=True):
        theirs = printed(recalculated)
        assert compare(ours(compute(read_template(data, name))), theirs, of.unknown).differences == (), f"{name}, turn {turn}"
        if name in CASES:                 # the numbers that are kept are still what LibreOffice gives
            kept = golden.figures(name, of)
            assert theirs == pytest.approx({k: v for k, v in kept.items() if v is not None}, rel=1e-12, abs=1e-12)


def test_a_template_that_this_project_filled_knows_every_category(blank: Blank, shared_data: Path) -> None:
    """Look-ups of the template by category (unit, route) find what was written, names that it makes itself included."""
    names = list(CATEGORIES)
    made = Plan("Every category", processes=rows(*(
        Process(c, None if n % 2 else f"Process {n}", {1: "10"}, to_market="10", direct="1", power="1", power_ef="0.5")
        for n, c in enumerate(names[:10]))), precursors=rows(*(
            Precursor(c, None, "CN", {1: "5"}, {1: "5"}, direct="1", power="1", power_ef="1") for c in names[10:])),
        products=rows(*(Product(p + 1, CODES[c]) for p, c in enumerate(names[:10]))))
    template = (shared_data / TEMPLATE).read_bytes()
    data = fill_template(template, read_template(blank.filled(entries(made)), "entries.xlsx"))
    recalculated = recalculate_many([data])[0]
    assert compare(ours(compute(read_template(data, "filled.xlsx"))), printed(recalculated)).differences == ()
    book = opened(recalculated)
    units = [book["D_Processes"][f"K{16 + 65 * n}"].value for n in range(10)]
    units += [book["E_PurchPrec"][f"K{17 + 44 * n}"].value for n in range(len(names) - 10)]
    assert units == ["MWh" if c == "electricity" else "t" for c in names]
    assert [book["Summary_Products"][f"L{10 + n}"].value for n in range(10)] == ["tCO2e/t"] * 10


def test_odd_workbooks(blank: Blank, turn: int) -> None:
    names = some(list(HOSTILE), 5, turn)
    books = [blank.filled(entries(HOSTILE[n].plan)) for n in names]
    for name, data, recalculated in zip(names, books, recalculate_many(books), strict=True):
        case = HOSTILE[name]
        result = compute(read_template(data, name))
        found = compare(ours(result), printed(recalculated), case.plan.unknown)
        assert [d for d in found.differences if not d.startswith(case.differs or ("-",))] == [], f"{name}, turn {turn}"
        assert set(case.told) <= {p.code for p in result.problems}, f"{name}, turn {turn}"
