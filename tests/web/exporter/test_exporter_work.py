"""What is done in the guarded process: tables that spreadsheets do not execute, results that are those recorded."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as examples_of
from hypothesis import strategies as st
from tests.web.accounts.accounts_world import refusing
from tests.web.exporter.exporter_world import computed, example, order, sha256

from zerofactory_web.exporter import guarded, made, work
from zerofactory_web.exporter.compare import compare
from zerofactory_web.exporter.inputs import Piece

ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


@examples_of(st.text(max_size=40))
def test_no_text_of_a_table_is_a_formula(text: str) -> None:
    cell = made.neutral(text)
    assert not cell.lstrip(" \u3000").startswith(ACTIVE)
    assert cell.endswith(text)


def test_names_from_a_file_are_no_formulas_in_the_table(tmp_path: Path) -> None:
    file, beside = example()
    evil = Piece(file.name, file.data.replace(b"name: hexagon nuts", b"name: '=HYPERLINK(\"http://x\")'"))
    done = computed(tmp_path / "a", evil, beside)
    table = work.work(order(tmp_path / "b", evil, beside, do="file", kind="goods", method="definitive",
                            expected=sha256(done.document)))
    assert table.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(table.data.decode("utf-8-sig"))))
    assert rows[3][6] == "'=HYPERLINK(\"http://x\")"
    assert rows[1][9] == "2.601398290816326530612244897959184"
    assert not any(cell.startswith(ACTIVE) for row in rows for cell in row)


@pytest.mark.parametrize("kind", ["goods", "xml", "workbook", "summary"])
def test_a_file_is_made_of_the_result_that_was_recorded_only(tmp_path: Path, kind: str) -> None:
    file, beside = example()
    with refusing("exporter.result-differs"):
        work.work(order(tmp_path, file, beside, do="file", kind=kind, method="definitive", expected="sha256:" + "0" * 64))


def test_the_same_calculation_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (computed(tmp_path / n, *example()) for n in "ab")
    assert (one.document, one.proof, one.summary) == (two.document, two.proof, two.summary)


def test_readings_that_there_are_not_are_told(tmp_path: Path) -> None:
    with refusing("cbam-obligation.reading-unknown"):
        work.work(order(tmp_path, *example(), do="compute", method="definitive", readings={"none": "x"}))


@pytest.mark.parametrize("name", ["a.yaml", "../a.csv", "a.csv.exe"])
def test_tables_beside_a_file_are_csv_and_stay_in_the_folder(tmp_path: Path, name: str) -> None:
    with refusing("exporter.beside-kind"):
        work.work(order(tmp_path / "w", example()[0], (Piece(name, b"x"),), do="read"))
    assert [p.name for p in tmp_path.rglob("*.csv")] == []


@pytest.mark.parametrize("name", ["aluminium", "cement", "fertilisers", "hydrogen", "steelworks"])
def test_every_example_is_computed_and_costs_something_over_the_years(tmp_path: Path, name: str) -> None:
    done = computed(tmp_path / "a", *example(name))
    assert done.summary["unknown"] == 0
    assert all(p["steps"]["see_direct"] for p in done.summary["products"])
    for number in range(1, len(done.summary["products"]) + 1):
        told = work.work(order(tmp_path / str(number), *example(name), do="cost", product=number,
                               prices={"price": "80"}, tonnes="")).told
        assert told["years"][-1]["sefa"] == "0"
        assert told["years"][0]["cost_price"] is not None


def test_the_cost_follows_the_readings_of_the_result(tmp_path: Path) -> None:
    def years(folder: str, **readings: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = work.work(order(tmp_path / folder, *example(), do="cost", product=2, prices={},
                                                      tonnes="", readings=readings)).told["years"]
        return found

    asked, other = years("a"), years("b", factor_year="production")
    assert asked[0]["sefa"] == other[0]["sefa"]          # made and imported in the same year
    assert years("c", cscf_after_2030="unknown")[5]["net"] is None
    assert asked[5]["net"] is not None


Tree = st.recursive(st.none() | st.text(max_size=5), lambda below: st.dictionaries(st.text("abc", min_size=1, max_size=2),
                                                                                   below, max_size=3), max_leaves=8)


@examples_of(Tree)
def test_nothing_changed_from_a_tree_to_itself(tree: Any) -> None:
    assert compare(tree, tree) == ()


@examples_of(Tree, Tree)
def test_changes_back_are_the_changes_reversed(one: Any, two: Any) -> None:
    there, back = compare(one, two), compare(two, one)
    assert {(c.path, c.before, c.after) for c in there} == {(c.path, c.after, c.before) for c in back}


def test_rows_keep_their_identity_when_one_is_put_before_them() -> None:
    before = {"rows": [{"id": "A", "x": "1"}, {"id": "B", "x": "2"}]}
    after = {"rows": [{"id": "N", "x": "3"}, {"id": "A", "x": "1"}, {"id": "B", "x": "2"}]}
    assert [(c.path, c.kind) for c in compare(before, after)] == [("rows/N/id", "added"), ("rows/N/x", "added")]


def test_the_names_of_files_are_plain() -> None:
    assert set(guarded.ENDINGS) == {"result", "proof", "goods", "summary", "workbook", "xml"}
