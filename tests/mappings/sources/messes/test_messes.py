"""The generator of messy tables keeps its promises; looked at with nothing but csv and openpyxl."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
import yaml
from tests.mappings.sources.messes.make import KINDS, Made, fields_of, make_tables


def grid(made: Made) -> list[list[str]]:
    """All rows of the sheet as text."""
    if made.suffix == "csv":
        text = made.data.decode("gb18030" if "gb18030" in made.messes else "utf-8-sig")
        delimiter = ";" if "semicolons" in made.messes else "\t" if "tabs" in made.messes else ","
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    sheet = openpyxl.load_workbook(io.BytesIO(made.data)).worksheets[-1]
    return [["" if v is None else str(v) for v in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("kind", KINDS)
def test_ten_tables_whose_counts_hold(kind: str, shared_data: Path) -> None:
    tables = make_tables(kind, fields_of(shared_data, kind))
    assert len(tables) == 10
    assert [m.suffix for m in tables].count("xlsx") == 6
    for made in tables:
        assert len(made.rows) + made.refused + made.not_understood == made.total_rows
        assert bool(made.refused) == ("broken-rows" in made.messes)
        rows = grid(made)
        blank_free = [n for n, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
        first = next(iter(made.places))
        assert first in blank_free
        heads = 2 if {"two-row-header", "unit-row"} & set(made.messes) else 1
        titles = 2 if "title-lines" in made.messes else 0
        assert len(blank_free) - heads - titles == made.total_rows, made.name


@pytest.mark.parametrize("kind", KINDS)
def test_plain_table_says_what_it_promises(kind: str, shared_data: Path) -> None:
    made = make_tables(kind, fields_of(shared_data, kind))[0]
    rows = grid(made)
    for place, wanted in zip(made.places, made.rows, strict=True):
        assert dict(zip(rows[0], rows[place - 1], strict=True)) == dict(wanted)


def test_same_seed_same_bytes_and_another_seed_other_bytes(shared_data: Path) -> None:
    fields = fields_of(shared_data, "gec")
    assert make_tables("gec", fields) == make_tables("gec", fields)
    assert make_tables("gec", fields, 1) != make_tables("gec", fields, 2)


def test_every_mess_of_the_list_is_used_where_it_can_stand() -> None:
    spec = yaml.safe_load(Path(__file__).with_name("messes.yaml").read_text(encoding="utf-8"))
    used = set()
    for table in spec["tables"]:
        for mess in table["messes"]:
            assert table["suffix"] in spec["messes"][mess]["stands_in"], (table["name"], mess)
            used.add(mess)
    assert used == set(spec["messes"])
