"""The shipped tables: every row has a source, figures are exact, keys are unique, and they come from where they say."""

from __future__ import annotations

import importlib.util
import itertools
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.table_reader import CONFIDENCES, TABLES_FOLDER, TAGS, Layout, layouts, parse_table, table

NAMES = sorted(layouts())
GENERATED = ["fuels.csv", "process-factors.csv", "pfc-factors.csv", "categories.csv", "routes.csv", "cn-codes.csv", "markups.csv",
             "phase-in.csv", "certificate-prices.csv", "benchmarks.csv", "default-values/2025-2621-v1/default-values.csv"]


@pytest.mark.parametrize("name", NAMES)
def test_every_table_loads_and_states_the_source_of_each_row(name: str) -> None:
    acts = {row.text("id") for row in table("acts")}
    for row in table(name):
        assert row.source.act in acts, row.cells
        assert row.source.confidence in CONFIDENCES
        assert row.source.tag in TAGS
        assert (row.source.tag in ("law", "commission")) <= (row.source.confidence == "confirmed"), row.cells
        assert (row.source.tag == "secondary") <= (row.source.confidence != "confirmed"), row.cells


@pytest.mark.parametrize("name", NAMES)
def test_every_table_has_titles_units_and_a_licence(name: str) -> None:
    layout = layouts()[name]
    assert layout.title["zh"]
    assert layout.title["en"]
    assert layout.licence
    assert all(c.title["zh"] and c.title["en"] for c in layout.columns.values())
    figures = [c for c in layout.columns.values() if c.kind.startswith("decimal")]
    free = {"constants.value", "pfc-factors.cf4", "penalties.low", "penalties.high"}     # their unit stands in a column
    assert [c.name for c in figures if not c.unit and f"{name}.{c.name}" not in free] == []


def test_files_are_utf8_with_line_feeds_and_end_with_one() -> None:
    for path in TABLES_FOLDER.rglob("*.csv"):
        data = path.read_bytes()
        assert b"\r" not in data
        assert data.endswith(b"\n")
        data.decode("utf-8")


def test_every_csv_file_is_a_table_and_no_grid_factor_ships() -> None:
    """Annexes II and III of 2025/2621 are under a non-commercial licence."""
    files = {str(p.relative_to(TABLES_FOLDER)) for p in TABLES_FOLDER.rglob("*.csv")}
    assert files == {layout.file for layout in layouts().values()}
    assert not any("grid" in f for f in files)
    assert "MWh" not in "".join(r.text("unit") for r in table("constants")).replace("gCO2/kWh", "")


def test_no_sentence_of_the_commission_is_shipped() -> None:
    """Descriptions of goods do not carry over: their column is empty, and headings are short titles."""
    assert {row.text("description") for row in table("default-values")} == {""}
    assert all(len(row.text("en")) <= 60 for row in table("headings"))


@pytest.mark.parametrize(("path", "kind"), [("tables/tables.yaml", "cbam-tables"), ("tables/default-values/2025-2621-v1/set.yaml", "cbam-set")])
def test_what_ships_follows_its_schema(root: Path, path: str, kind: str) -> None:
    schema = json.loads((root / f"standards/schemas/{kind}.schema.json").read_text(encoding="utf-8"))
    tree = yaml.load((root / "standards/eu-cbam" / path).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert [f"{e.json_path}: {e.message}" for e in Draft202012Validator(schema).iter_errors(tree)] == []


def _tool(root: Path) -> Any:
    spec = importlib.util.spec_from_file_location("cbam_tables_tool", root / "tools/cbam_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", GENERATED)
def test_a_derived_table_is_what_the_tool_makes_of_the_reference(root: Path, shared_data: Path, name: str) -> None:
    assert set(_tool(root).MAKERS) == set(GENERATED)
    assert _tool(root).MAKERS[name](shared_data) == (TABLES_FOLDER / name).read_bytes()


def test_the_tool_says_what_differs(root: Path, shared_data: Path, capsys: pytest.CaptureFixture[str],
                                    tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = _tool(root)
    assert tool.main([str(shared_data), "--check"]) == 0
    monkeypatch.setattr(tool, "OUT", tmp_path)
    assert tool.main([str(shared_data)]) == 0
    (tmp_path / "fuels.csv").write_bytes(b"other")
    capsys.readouterr()
    assert tool.main([str(shared_data), "--check"]) == 1
    assert capsys.readouterr().out == "differs: fuels.csv\n"


# ------------------------------------------------------------------------------------------------- tables fit together

def test_categories_routes_parameters_and_codes_belong_together() -> None:
    ids = {c.id for c in scope.categories()}
    assert len(ids) == 18
    for name in ("routes", "sector-parameters", "cn-codes"):
        assert {r.text("category") for r in table(name)} <= ids
    assert {p for c in scope.categories() for p in (*c.precursors, *c.chain)} <= ids
    assert all(set(c.precursors) <= set(c.chain) for c in scope.categories())
    assert {r.text("category") for r in table("cn-codes")} == ids
    assert all(c.routes for c in scope.categories())


def test_the_chain_is_the_closure_of_the_direct_precursors() -> None:
    direct = {c.id: set(c.precursors) for c in scope.categories()}
    for each in scope.categories():
        found: set[str] = set()
        todo = set(each.precursors)
        while todo:
            found |= todo
            todo = set().union(*(direct[t] for t in todo)) - found
        assert found == set(each.chain), each.id


def test_every_heading_has_a_short_title_in_both_languages() -> None:
    assert {c[:4] for c in scope.codes()} == {r.text("heading") for r in table("headings")}


def test_molar_masses_are_sums_of_atomic_weights() -> None:
    weights = {r.text("symbol"): r.decimal("weight") for r in table("atomic-weights")}

    def total(formula: str) -> Decimal:
        while (group := re.search(r"\(([^()]+)\)(\d*)", formula)) is not None:      # Ca(NO3)2 -> CaNO3NO3
            formula = formula[:group.start()] + group[1] * int(group[2] or 1) + formula[group.end():]
        return sum((weights[symbol] or Decimal(0)) * int(count or 1) for symbol, count in re.findall(r"([A-Z][a-z]?)(\d*)", formula)) \
            or Decimal(0)

    for row in table("molar-masses"):
        assert row.decimal("molar_mass") == total(row.text("formula")), row.text("id")
    assert weights["N"] == Decimal("14.007")


def test_dates_of_effect_follow_each_other() -> None:
    """Rows of one constant do not overlap."""
    for ident, rows in table("constants").by("id").items():
        spans = sorted((r.source.valid_from or date.min, r.source.valid_to or date.max) for r in rows)
        assert all(a[1] < b[0] for a, b in itertools.pairwise(spans)), ident


# ----------------------------------------------------------------------------------------------------- strict reading

SHARED = "act,annex,confidence,source,valid_from,valid_to"
GOOD = f"sector,limit,zh,en,{SHARED}\ncement,5,上限,limit,project,,unconfirmed,project,,\n"


def layout() -> Layout:
    return layouts()["plausibility"]


def codes(data: str | bytes) -> list[str]:
    with pytest.raises(ProblemsError) as caught:
        parse_table(layout(), data.encode() if isinstance(data, str) else data)
    return [p.code for p in caught.value.problems]


def test_a_good_table_reads() -> None:
    (row,) = parse_table(layout(), GOOD.encode())
    assert row.decimal("limit") == 5
    assert row.source.row == "cement"
    assert row.source.provisional


@pytest.mark.parametrize(("change", "code"), [
    (("sector,limit", "sector,colour,limit"), "cbam-table.column-unknown"),
    (("sector,limit,zh", "sector,zh"), "cbam-table.column-missing"),
    (("sector,limit", "sector,sector,limit"), "cbam-table.column-twice"),
    ((",5,", ",5 ,"), "cbam-table.cell"),
    ((",5,", ",five,"), "cbam-table.cell"),
    ((",5,", ",1e3,"), "cbam-table.cell"),
    ((",5,", ',"5,0",'), "cbam-table.cell"),
    ((",5,", ",NaN,"), "cbam-table.cell"),
    ((",5,", ",,"), "cbam-table.cell-missing"),
    ((",project,,", ",,,"), "cbam-table.source-missing"),
    (("unconfirmed", "sure"), "cbam-table.cell"),
    (("unconfirmed,project,,", "unconfirmed,project,2026-02-30,"), "cbam-table.cell"),
    (("unconfirmed,project,,", "unconfirmed,hearsay,,"), "cbam-table.cell"),
    (("unconfirmed,project,,", "unconfirmed,project,"), "cbam-table.cells"),
])
def test_a_bad_table_is_refused_with_the_line(change: tuple[str, str], code: str) -> None:
    assert change[0] in GOOD
    assert code in codes(GOOD.replace(*change, 1))


def test_a_key_that_stands_twice_is_refused() -> None:
    assert codes(GOOD + GOOD.split("\n")[1] + "\n") == ["cbam-table.duplicate"]


def test_all_problems_of_a_table_come_at_once() -> None:
    row = GOOD.split("\n")[1]
    assert codes(GOOD + row.replace("cement,5", "steel,x") + "\n" + row.replace("cement,5", "iron,") + "\n") == [
        "cbam-table.cell", "cbam-table.cell-missing"]


def test_bytes_that_are_no_text_and_torn_quotes_are_refused() -> None:
    assert codes(GOOD.encode() + b"\xff\xfe") == ["cbam-table.encoding"]
    assert codes(GOOD + '"torn') == ["cbam-table.damaged"]


def test_a_table_without_its_description_is_refused() -> None:
    with pytest.raises(ProblemsError) as caught:
        table("no-such-table")
    assert caught.value.problems[0].code == "cbam-table.unknown-table"


def test_a_foreign_description_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tables.yaml").write_text("format: something/1\n", encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        layouts(tmp_path)
    assert caught.value.problems[0].code == "cbam-table.format"


# ---------------------------------------------------------------------------------------------------------- sentences

def test_every_code_of_this_area_has_a_sentence(root: Path) -> None:
    """Also codes that are put together from a prefix and a word (``row-{refusal}``): their words are in the catalogue."""
    from zerofactory_engine.messages import catalogue

    known = {c for c in catalogue("en") if c.startswith(("cbam-table.", "cbam-scope.", "cbam-defaults."))}
    package = root / "mappings/zerofactory_mappings/cbam"
    own = [package / f"{n}.py" for n in ("tables", "table_reader", "benchmarks", "scope")] + sorted((package / "defaults").glob("*.py"))
    text = "\n".join(p.read_text(encoding="utf-8") for p in own)
    literal = set(re.findall(r"[\"'](cbam-(?:table|scope|defaults)\.[a-z][a-z0-9_-]*[a-z0-9])[\"']", text))
    assert literal - known == set()
    words = set(re.findall(r"[\"']([A-Za-z][A-Za-z0-9_-]+)[\"']", text)) | {
        s for c in scope.categories() for s in (c.sector,)} | {"t", "t_clinker", "kgN", "MWh"}
    assembled = {c for c in known - literal if c.split(".")[1] not in words
                 and not any(c.split(".")[1] == f"{head}-{w}" for w in words for head in (
                     "benchmark", "row", "skip", "read", "rule", "unit", "sector", "kind"))}
    assert assembled == set(), "sentences that no code raises"
