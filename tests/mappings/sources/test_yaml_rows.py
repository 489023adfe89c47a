"""Rows as YAML: whatever text goes in comes out of our own reader as the same text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.yaml_text import CONTROL, ListNode, MapNode, Scalar, read_yaml
from zerofactory_mappings.sources.yaml_rows import row, scalar, table


def read_back(text: str) -> str:
    tree = read_yaml(("rows:\n" + row({"x": text}) + "\n").encode())
    assert isinstance(tree, MapNode)
    rows = tree.get("rows")
    assert isinstance(rows, ListNode)
    (only,) = rows.items
    assert isinstance(only, MapNode)
    cell = only.get("x")
    assert isinstance(cell, Scalar)
    assert not cell.is_null
    return cell.text


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=40).filter(lambda text: CONTROL.search(text) is None))
def test_every_text_comes_back(text: str) -> None:
    assert read_back(text) == text


@pytest.mark.parametrize("text", ["", "~", "null", "yes", "- a", "a: b", "a #b", "{x}", "[1]", "*a", "&a", "!tag", "'", '"', "\\",
                                  "0.30", "1e3", "2025-01-01", " a", "a ", "D1#page=3", "℃", "\u2028", "\U00010000", "二〇二五"])
def test_texts_that_yaml_reads_in_another_way(text: str) -> None:
    assert read_back(text) == text


def test_a_number_stays_as_it_was_written() -> None:
    assert scalar("0.30") == "0.30"


def test_lists_and_mappings_stand_in_one_line() -> None:
    assert row({"documents": ["D1", "D2#row=2"], "estimate": {"method": "mean", "conservative": "no"}}) == (
        '  - {documents: [D1, "D2#row=2"], estimate: {method: mean, conservative: no}}')


def test_a_table_without_rows_is_left_out() -> None:
    assert table("energy", []) == []
    assert table("energy", [{"id": "G1"}]) == ["energy:", "  - {id: G1}"]
