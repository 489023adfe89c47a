"""One workbook, saved by different programs: stored results of formulas never count, and the result is the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.mappings.cbam.oracle import recalculate_many
from tests.mappings.cbam.workbook_oracle import perturb
from tests.mappings.cbam.workbook_oracle.cases import CASES
from tests.mappings.cbam.workbook_oracle.printed import compare, ours, printed
from tests.mappings.cbam.workbook_oracle.sheets import entries
from tests.mappings.cbam.workbook_oracle.workbook import (
    EXAMPLES,
    TEMPLATE,
    Blank,
    formulas,
    with_garbage,
    without_results,
)

from zerofactory_mappings.cbam.communication.read import read_template
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.model import Installation


def entered(data: bytes) -> Installation:
    """What was entered, without the notes on it."""
    return replace(read_template(data, "one.xlsx"), problems=())


@pytest.mark.parametrize("name", ["screws_nuts", *(pytest.param(n, marks=pytest.mark.full) for n in EXAMPLES
                                                   if n != "screws_nuts")])
def test_official_example_whatever_its_formulas_store(name: str, shared_data: Path) -> None:
    path = perturb.example(shared_data, name)
    data = path.read_bytes()
    typed = formulas(perturb.opened(path), perturb.SHEETS)
    as_stored = entered(data)
    assert compare(ours(compute(as_stored)), printed(data)).differences == ()     # what Excel printed
    stripped, garbage = without_results(data), with_garbage(data, typed)
    assert printed(stripped) == {}
    assert set(printed(garbage).values()) == {-98765.4321}
    mine = ours(compute(as_stored))
    for other in (stripped, garbage):
        # Formulas that users typed are evaluated exactly where no result is stored: the last digits may differ.
        found = compare(ours(compute(entered(other))), {k: None if v is None else float(v) for k, v in mine.items()})
        assert found.differences == ()
        assert found.largest < 1e-14


@pytest.mark.full
def test_saved_by_libreoffice_once_and_twice(shared_data: Path) -> None:
    """Shared strings, styles and formulas are written anew; results are stored with formulas that users typed."""
    blank = Blank(shared_data / TEMPLATE)
    books = [blank.filled(entries(CASES[n])) for n in ("references", "formulas", "names")]
    books.append(perturb.example(shared_data, "blast_furnace").read_bytes())
    once = recalculate_many(books)
    twice = recalculate_many(once[:1])
    for first, second in [*zip(books, once, strict=True), (once[0], twice[0])]:
        mine = ours(compute(entered(first)))
        found = compare(ours(compute(entered(second))), {k: None if v is None else float(v) for k, v in mine.items()})
        assert found.differences == ()
        assert compare(mine, printed(second)).differences == ()
