"""Importing the Commission's workbooks in all their dirt: every row has a fate, nothing is guessed, nothing is lost."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.mappings.cbam.reference.workbooks import (
    HEADERS,
    NBSP,
    benchmark_workbook,
    country_rows,
    default_workbook,
    parts,
    read_rows,
    sheet_workbook,
    with_part,
)

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.defaults import grid, store
from zerofactory_mappings.cbam.defaults.commands import import_defaults
from zerofactory_mappings.cbam.defaults.figures import Mark, figure
from zerofactory_mappings.cbam.defaults.grid import Cell, read_file
from zerofactory_mappings.cbam.defaults.importing import import_file
from zerofactory_mappings.cbam.defaults.lookup import lookup
from zerofactory_mappings.cbam.defaults.read import Reading, read
from zerofactory_mappings.cbam.table_reader import Cited, Unknown

DEFAULTS = "cbam/definitive/default_values_2025-2621_v20260204.csv"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(store.DATA_SETTING, raising=False)
    store.forget()


def one_sheet(*rows: Sequence[Any], title: str = "China", sector: str | None = "Iron and steel", sheet: str | None = None) -> Reading:
    data = sheet_workbook({sheet or title: country_rows(*rows, title=title, sector=sector)})
    return read(read_file(data, "DVs_v20260204.xlsx"))


def steel(code: Any, total: Any = "3.186893", route: Any = "(C)", printed: Sequence[Any] = (None, None, None), direct: Any = None,
          indirect: Any = "N/A", name: str = "goods") -> list[Any]:
    return [code, name, total if direct is None else direct, indirect, total, *printed, route]


def reasons(reading: Reading) -> dict[str, int]:
    return {k.removeprefix("cbam-defaults."): v for k, v in reading.reasons().items()}


def codes(error: pytest.ExceptionInfo[ProblemsError]) -> list[str]:
    return [p.code for p in error.value.problems]


# ------------------------------------------------------------------------------------------------------- single cells

@pytest.mark.parametrize("text", ["–", "-", "—", "_", "−", "‐", "--", "", NBSP, " – ", "\u2007"])
def test_trap_9_1_every_dash_means_that_no_value_is_published(text: str) -> None:
    assert figure(Cell(text)).mark is Mark.MISSING


@pytest.mark.parametrize("text", ["N/A", "N.A.", "N/a", "N/(A", "n/a", "NA", "n.a."])
def test_trap_9_1_every_not_applicable_is_told_from_missing(text: str) -> None:
    assert figure(Cell(text)).mark is Mark.NOT_APPLICABLE


@pytest.mark.parametrize("cell", [Cell("#VALUE!"), Cell("#VALUE!", error=True), Cell("#REF!", error=True), Cell("#N/A", error=True)])
def test_trap_9_1_an_error_of_the_source_is_neither(cell: Cell) -> None:
    assert figure(cell).mark is Mark.ERROR


@pytest.mark.parametrize("text", ["see below", "See below", "see below ", "SEE  BELOW"])
def test_trap_9_1_a_heading_is_a_heading(text: str) -> None:
    assert figure(Cell(text)).mark is Mark.HEADING


@pytest.mark.parametrize(("text", "value"), [("0,870", "0.870"), ("3.186893", "3.186893"), ("1,300", "1.300"), ("0", "0"), ("26.64" + NBSP, "26.64"),
                                             ("870", "870"), (" 2,85 ", "2.85")])
def test_trap_9_5_figures_as_text(text: str, value: str) -> None:
    found = figure(Cell(text))
    assert (found.mark, found.value) == (Mark.NUMBER, Decimal(value))
    assert found.comma == ("," in text)


@pytest.mark.parametrize("text", ["1.234,56", "1,234.5", "~0.87", "0.87*", "-1", "1e", "0,8,7", "1 234,5", "+1", "NaN", "Infinity", "approx. 3"])
def test_a_figure_that_may_mean_two_things_is_not_guessed(text: str) -> None:
    assert figure(Cell(text)).mark is Mark.UNREADABLE


@settings(deadline=None)
@given(st.text(max_size=12))
def test_any_cell_is_one_of_the_marks(text: str) -> None:
    found = figure(Cell(text.strip()))
    assert (found.value is not None) == (found.mark is Mark.NUMBER)


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=9999, places=6))
def test_a_figure_reads_the_same_with_comma_and_point(value: Decimal) -> None:
    assert figure(Cell(str(value))).value == figure(Cell(str(value).replace(".", ","))).value == value


@pytest.mark.parametrize(("stored", "shown"), [("3.1867929999999998", "3.186793"), ("0.30000000000000004", "0.3"), ("1E-3", "0.001"),
                                               ("25231000", "25231000"), ("26.640000000000001", "26.64")])
def test_a_stored_double_is_the_figure_that_the_workbook_shows(stored: str, shown: str) -> None:
    assert grid.shortest(stored) == shown


# --------------------------------------------------------------------------------------------- rows of default values

def test_a_sheet_in_the_layout_of_the_commission() -> None:
    reading = one_sheet(steel("7208"), steel("7206", "see below", "", direct="see below", indirect="see below"), steel("7203", "–", ""))
    assert reading.kind == "default-values"
    assert [(r["country"], r["sector"], r["code"], r["kind"], r["total"], r["routes"]) for r in reading.rows] == [
        ("CN", "iron_steel", "7208", "value", "3.186893", "C"), ("CN", "iron_steel", "7206", "heading", "", ""),
        ("CN", "iron_steel", "7203", "missing", "missing", "")]
    assert reasons(reading) == {"skip-title": 1, "skip-header": 1, "skip-sector": 1, "read-value": 1, "read-heading": 1, "read-missing": 1}


@pytest.mark.parametrize("header", HEADERS)
def test_trap_headers_in_several_spellings(header: Sequence[str]) -> None:
    data = sheet_workbook({"China": [["China"], list(header), ["Iron and steel"], steel("7208")]})
    assert [r["total"] for r in read(read_file(data, "x.xlsx")).rows] == ["3.186893"]


def test_trap_a_header_of_two_rows() -> None:
    upper = ["Product", "Description", "Default values", None, None, "With mark-up", None, None, "Production"]
    lower = ["CN code", None, "direct", "indirect", "total", "2026", "2027", "2028", "route"]
    data = sheet_workbook({"China": [upper, lower, ["Iron and steel"], steel("7208", printed=(3.5, 3.8, 4.1))]})
    reading = read(read_file(data, "x.xlsx"))
    assert [(r["direct"], r["total"], r["routes"]) for r in reading.rows] == [("3.186893", "3.186893", "C")]
    assert reasons(reading)["skip-header"] == 2


def test_trap_9_4_a_workbook_without_mark_up_columns() -> None:
    header = ["Product CN Code", "Description", "Default Value (direct emissions)", "Default Value (indirect emissions)",
              "Default Value (total emissions)", "Underlying production route determining CBAM BM"]
    rows: list[Sequence[Any]] = [["China"], header, ["Cement"], [2523100010, "White clinker", "1,24", "0,06", "1,300", "(B)"],
                                 ["2523 10 00 90", "Grey clinker", "1,35", "0,04", "1,390", "(A)"],
                                 ["2507 00 80 80", "Calcined clay", "0,21", "0,11", "0,320", NBSP]]
    reading = read(read_file(sheet_workbook({"China": rows}), "x.xlsx"))
    assert [(r["code"], r["variant"], r["total"], r["routes"]) for r in reading.rows] == [
        ("2523100010", "white", "1.3", "B"), ("2523100090", "grey", "1.39", "A"), ("2507008080", "", "0.32", "")]


@pytest.mark.parametrize("code", [72083900, "72083900", "7208 39 00", f"7208{NBSP}39{NBSP}00", "7208.39.00", " 72083900 "])
def test_trap_9_5_codes_as_numbers_and_as_text_with_and_without_spaces(code: Any) -> None:
    assert one_sheet(steel(code)).rows[0]["code"] == "72083900"


@pytest.mark.parametrize("code", ["72083", "7208390", 720839001, "72o8", "ex 7208", "7304 11, 7304 19"])
def test_trap_9_5_a_code_that_is_none_is_told_and_its_row_skipped(code: Any) -> None:
    reading = one_sheet(steel("7201", "1.66", ""), steel(code))
    assert [r["code"] for r in reading.rows] == ["7201"]
    assert reasons(reading)["skip-code"] == 1
    (problem,) = [p for p in reading.problems if p.code == "cbam-defaults.row-code"]
    assert (problem.place.sheet, problem.place.cell, problem.found) == ("China", "A5", str(code))


def test_a_blank_code_below_a_code_that_cannot_be_read_inherits_nothing() -> None:
    reading = one_sheet(steel("7201", "1.66", ""), steel("72o8", "3"), steel(None, "4"))
    assert [r["total"] for r in reading.rows] == ["1.66"]
    assert reasons(reading)["skip-no-code"] == 1


def test_trap_merged_codes_give_both_rows_their_code() -> None:
    data = sheet_workbook({"China": country_rows([None, "White clinker", 1.24, 0.06, 1.3, 1.43, 1.56, 1.69, "(B)"],
                                                 [None, "Grey clinker", 1.35, 0.04, 1.39, 1.529, 1.668, 1.807, "(A)"], sector="Cement")},
                          lambda sheet: sheet.merge_range("A4:A5", "2523 10 00"))
    assert [(r["code"], r["variant"], r["total"]) for r in read(read_file(data, "x.xlsx")).rows] == [
        ("25231000", "white", "1.3"), ("25231000", "grey", "1.39")]


def test_trap_a_merged_value_counts_for_both_rows_and_is_no_dash() -> None:
    data = sheet_workbook({"China": country_rows(steel("7208", None), steel("7209", None))},
                          lambda sheet: sheet.merge_range("E4:E5", 3.2))
    assert [(r["code"], r["total"]) for r in read(read_file(data, "x.xlsx")).rows] == [("7208", "3.2"), ("7209", "3.2")]


def test_trap_continuation_rows_without_code_belong_to_the_code_above() -> None:
    reading = one_sheet(["25231000", "White clinker", 1.24, 0.06, 1.3, None, None, None, "(B)"],
                        [None, "Grey clinker", 1.35, 0.04, 1.39, None, None, None, "(A)"], sector="Cement")
    assert [(r["code"], r["variant"]) for r in reading.rows] == [("25231000", "white"), ("25231000", "grey")]


def test_trap_9_1_an_error_value_is_kept_as_missing_and_told() -> None:
    data = sheet_workbook({"China": country_rows(steel("7208", None))},
                          lambda sheet: sheet.write_formula("E4", "=A1+1", None, "#VALUE!"))
    reading = read(read_file(data, "x.xlsx"))
    assert [(r["kind"], r["note"]) for r in reading.rows] == [("missing", "cbam-defaults.row-error")]
    assert [(p.code, p.place.cell) for p in reading.problems] == [("cbam-defaults.row-error", "E4")]


def test_trap_9_3_the_shifted_row_is_missing_and_flagged() -> None:
    reading = one_sheet(["2523 21 00", "White Portland cement", "–", "–", "–", "1,230", "0,140", "1,370", ""], title="Albania", sector="Cement")
    assert [(r["country"], r["kind"], r["total"], r["note"]) for r in reading.rows] == [
        ("AL", "missing", "missing", "cbam-defaults.row-shifted")]
    assert [p.found for p in reading.problems] == ["1,230, 0,140, 1,370"]


@pytest.mark.parametrize(("sector", "code", "total"), [("Cement", "25232900", "870"), ("Iron and steel", "7208", 3186893), ("Aluminium", "7601", "3000"),
                                                       ("Fertilisers", "31021019", "2850"), ("Hydrogen", "28041000", "2664")])
def test_trap_9_5_a_figure_that_lost_its_comma_is_refused(sector: str, code: str, total: Any) -> None:
    reading = one_sheet(steel(code, total, ""), sector=sector)
    assert [(r["kind"], r["note"]) for r in reading.rows] == [("refused", "cbam-defaults.row-implausible")]
    (problem,) = [p for p in reading.problems if p.code == "cbam-defaults.row-implausible"]
    assert problem.place.cell == "E4"
    assert problem.accepted is not None


def test_trap_an_unreadable_figure_is_kept_as_refused_so_that_no_fallback_hides_it() -> None:
    reading = one_sheet(steel("7208", "1.234,56"))
    assert [(r["kind"], r["total"]) for r in reading.rows] == [("refused", "missing")]
    assert [p.code for p in reading.problems] == ["cbam-defaults.row-unreadable"]


@pytest.mark.parametrize(("route", "letters"), [("(C)/(F)", "C;F"), ("(E)/(H)", "E;H"), ("N/A", ""), (NBSP, ""), ("", ""), ("(C) / (F)", "C;F"), ("C", "C")])
def test_trap_9_1_routes(route: str, letters: str) -> None:
    assert one_sheet(steel("7208", route=route)).rows[0]["routes"] == letters


def test_trap_9_5_the_printed_mark_ups_are_never_used_and_contradictions_are_told(tmp_path: Path) -> None:
    """Compounded as in Angola: 1.21 and 1.331 instead of 1.20 and 1.30."""
    data = default_workbook([{"country": "Angola", "sector": "Cement", "cn_code": "25232900", "description": "Grey Portland cement",
                              "direct_tco2e_per_t": "0.8", "indirect": "0.1", "total": "1.0", "total_2026_with_markup": "1.1",
                              "total_2027_with_markup": "1.21", "total_2028plus_with_markup": "1.331", "benchmark_route": ""}])
    path = tmp_path / "DVs_v20260204.xlsx"
    path.write_bytes(data)
    done = import_file(path, out=tmp_path / "sets")
    told = {p.code: p.found for p in done.reading.problems}
    assert told["cbam-defaults.markup-differs"] == "AO 25232900 grey"
    assert told["cbam-defaults.sum-differs"] == "AO 25232900 grey"
    assert done.reading.rows[0]["total"] == "1"


def test_trap_the_same_row_twice_is_skipped_and_two_that_contradict_are_both_refused() -> None:
    reading = one_sheet(steel("7208"), steel("7208"), steel("7209", "1"), steel("7209", "2"))
    assert [(r["code"], r["kind"]) for r in reading.rows] == [("7208", "value"), ("7209", "refused")]
    assert reasons(reading)["skip-duplicate"] == 1
    assert reasons(reading)["skip-conflict"] == 1
    assert [p.code for p in reading.problems] == ["cbam-defaults.row-conflict"]


def test_rows_of_one_code_are_told_apart_by_their_description() -> None:
    reading = one_sheet(steel("73181542", "7.0", name="Of stainless steel"), steel("73181542", "2.7", name="Other"))
    assert [(r["variant"], r["total"]) for r in reading.rows] == [("of_stainless_steel", "7"), ("other", "2.7")]


def test_trap_9_5_the_country_comes_from_the_sheet_and_else_from_the_title() -> None:
    for sheet, title, ident in (("Democratic Republic of the Cong", "Democratic Republic of the Congo", "CD"), ("Sheet7", "Myanmar/Burma", "MM"),
                                ("Other Countries and Territories", "Other Countries and Territories", "other"), ("Annex IV", "Annex IV", "unknown"),
                                ("Côte d'Ivoire", "Ivory Coast", "CI")):
        assert {r["country"] for r in one_sheet(steel("7208"), sheet=sheet, title=title).rows} == {ident}


def test_a_sheet_whose_title_names_another_country_is_told() -> None:
    reading = one_sheet(steel("7208"), sheet="India", title="China")
    assert [r["country"] for r in reading.rows] == ["IN"]
    assert [p.code for p in reading.problems] == ["cbam-defaults.sheet-title"]


def test_a_sheet_of_no_country_is_not_read_and_told_once() -> None:
    reading = one_sheet(steel("7208"), steel("7209"), sheet="Atlantis", title="Atlantis")
    assert reading.rows == []
    assert reasons(reading)["skip-country"] == 2
    assert [p.code for p in reading.problems] == ["cbam-defaults.sheet-country"]


def test_a_missing_sector_heading_follows_from_the_code() -> None:
    reading = one_sheet(steel("7208"), steel("2804", "10", ""), steel("9999", "1", ""), sector=None)
    assert [(r["code"], r["sector"]) for r in reading.rows] == [("7208", "iron_steel"), ("2804", "hydrogen")]
    assert [p.code for p in reading.problems] == ["cbam-defaults.row-sector"]


def test_sheets_without_a_table_and_blank_rows_have_their_fate_too() -> None:
    data = sheet_workbook({"Overview": [["text"], [None], ["more"]], "China": [*country_rows(steel("7208")), [None], ["Note: see the act"]]})
    reading = read(read_file(data, "x.xlsx"))
    assert reading.counts() == {"Overview": {"rows": 3, "read": 0, "skipped": 3}, "China": {"rows": 6, "read": 1, "skipped": 5}}
    assert reasons(reading) == {"skip-no-table": 3, "skip-title": 2, "skip-header": 1, "skip-sector": 1, "read-value": 1, "skip-blank": 1}


# ------------------------------------------------------------------------------------------------- the whole workbook

def test_the_whole_workbook_in_its_dirt_gives_the_rows_that_it_was_made_of(shared_data: Path) -> None:
    """117 sheets, 11 691 rows, written by a generator of its own: codes and figures as numbers and text, merged codes,
    three spellings of the header, hard spaces."""
    rows = read_rows(shared_data / DEFAULTS)
    reading = read(read_file(default_workbook(rows), "DVs as adopted_v20260204 .xlsx"))
    counts = reading.counts()
    assert len(counts) == 119                           # 116 countries, the others, two sheets of notes
    assert sum(c["read"] for c in counts.values()) == len(rows) == 11691
    assert all(c["read"] + c["skipped"] == c["rows"] for c in counts.values())
    assert [p.code for p in reading.problems] == ["cbam-defaults.row-shifted"]
    for made, found in zip(rows, reading.rows, strict=True):
        assert (found["code"], found["kind"]) == (made["cn_code"], _kind(made["total"]))
        if found["kind"] == "value":
            assert Decimal(found["total"]) == Decimal(made["total"])
        letters = [] if made["benchmark_route"] == "N/A" else [c for c in made["benchmark_route"] if c in "ABCDEFGHJKL"]
        assert [r for r in found["routes"].split(";") if r] == letters


def _kind(total: str) -> str:
    return "heading" if total == "see below" else "missing" if total in ("–", "_", "-") else "value"


def test_workbook_and_csv_of_the_same_rows_give_the_same_table(shared_data: Path) -> None:
    rows = [r for r in read_rows(shared_data / DEFAULTS) if r["country"] in ("Angola", "China", "Türkiye", "Myanmar_Burma")]
    from_book = read(read_file(default_workbook(rows, title_rows=2, merge_codes=False), "x.xlsx"))
    lines = (shared_data / DEFAULTS).read_text(encoding="utf-8").splitlines(keepends=True)
    text = lines[0] + "".join(line for line in lines[1:] if line.split(",")[0] in {r["country"] for r in rows})
    from_csv = read(read_file(text.encode(), "x.csv"))
    drop = {"sheet", "row"}
    assert [{k: v for k, v in r.items() if k not in drop} for r in from_book.rows] == [
        {k: v for k, v in r.items() if k not in drop} for r in from_csv.rows]


def test_the_shipped_set_is_what_the_import_gives_without_descriptions(shared_data: Path) -> None:
    reading = read(read_file((shared_data / DEFAULTS).read_bytes(), "x.csv"))
    found = [r for r in reading.rows if r["country"] in ("CN", "other")]
    for shipped, imported in zip(store.shipped_set().rows, found, strict=True):
        assert (shipped.country, shipped.sector, shipped.code, shipped.variant, shipped.kind.value, shipped.routes, shipped.row) == (
            imported["country"], imported["sector"], imported["code"], imported["variant"], imported["kind"],
            tuple(r for r in imported["routes"].split(";") if r), int(imported["row"]))
        assert (shipped.total is None) == (imported["total"] in ("missing", ""))
        assert shipped.total is None or shipped.total == Decimal(imported["total"])


# ------------------------------------------------------------------------------------------------ benchmarks and grids

def test_the_benchmark_workbook_gives_all_rows_and_continuations_inherit(shared_data: Path) -> None:
    rows = read_rows(shared_data / "cbam/definitive/benchmarks_2025-2620.csv")
    reading = read(read_file(benchmark_workbook(rows), "CBAM Benchmarks_20260206.xlsx"))
    assert reading.kind == "benchmarks"
    assert len(reading.rows) == 1804
    assert reading.problems == []
    assert {r["sector"] for r in reading.rows} == {"cement", "hydrogen", "fertilisers", "iron_steel", "aluminium"}
    for made, found in zip(rows, reading.rows, strict=True):
        assert found["cn"] == made["cn_code"]
        assert (found["column_a"] == "") == (made["colA_BMg"] == "")
        assert Decimal(found["column_b"]) == Decimal(made["colB_BMg"])
        assert "".join(f"({c})" for c in (*found["routes_b"].split(";"), found["period_b"]) if c) == made["colB_route"]
    assert all(c["read"] + c["skipped"] == c["rows"] for c in reading.counts().values())


def test_a_benchmark_with_its_indicator_behind_the_figure() -> None:
    data = sheet_workbook({"Benchmarks": [["CN code", "Description", "Column A", "Column B"], ["2523 30 00", "x", "0,717 (1)", "0,717 (1)"],
                                          [None, None, "0,686 (2)", "0,686 (2)"], ["7318 15 42", "y", "0,038", "1,364 (C)"], [None, None, None, "870"]]})
    reading = read(read_file(data, "x.xlsx"))
    assert [(r["cn"], r["column_a"], r["period_a"], r["column_b"], r["routes_b"], r["period_b"]) for r in reading.rows] == [
        ("25233000", "0.717", "1", "0.717", "", "1"), ("25233000", "0.686", "2", "0.686", "", "2"), ("73181542", "0.038", "", "1.364", "C", "")]
    assert [(p.code, p.place.cell) for p in reading.problems] == [("cbam-defaults.row-benchmark", "D5")]


def test_loaded_benchmarks_of_a_later_day_take_the_place_of_those_that_ship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = sheet_workbook({"Benchmarks": [["CN code", "Description", "Column A", "Route", "Column B", "Route"], ["72083900", "x", 0.05, "", 1.25, "(C)"]]})
    path = tmp_path / "benchmarks.xlsx"
    path.write_bytes(data)
    import_file(path, published="2027-01-15", out=tmp_path / "sets", version="2025-2620-v2")
    monkeypatch.setenv(store.DATA_SETTING, str(tmp_path / "sets"))
    found = tables.benchmarks("72083900", "B", "C", 2027)
    assert found.version == "2025-2620-v2"
    assert isinstance(found.value, Cited)
    assert (found.value.value, found.value.source.confidence) == (Decimal("1.25"), "secondary")
    assert store.benchmark_set("2025-2620-v1").version == "2025-2620-v1"
    with pytest.raises(ProblemsError):
        store.benchmark_set("v9")


def test_trap_9_6_a_grid_factor_of_zero_is_a_value(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shared_data / "cbam/tables/noncommercial"
    for name in ("grid_ef_indirect_AnnexII_2025-2621.csv", "electricity_import_ef_AnnexIII_2025-2621.csv"):
        done = import_file(folder / name, published="2025-12-31", out=tmp_path, version=name[:8].replace("_", "-"))
        assert done.reading.kind == "grid-factors"
    monkeypatch.setenv(store.DATA_SETTING, str(tmp_path))

    def factor(country: str, purpose: str) -> Decimal:
        found = store.grid_factor(country, purpose)
        assert isinstance(found, Cited)
        assert found.source.annex == ("Annex III" if purpose == "import" else "Annex II")
        return found.value

    assert factor("Albania", "indirect") == factor("Ethiopia", "indirect") == 0
    assert (factor("China", "indirect"), factor("Viet Nam", "indirect"), factor("Bhutan", "indirect")) == (
        Decimal("0.605"), Decimal("0.581"), Decimal("0.465"))
    assert factor("EU", "import") == factor("Norway", "import") == Decimal("0.612")
    assert (factor("Albania", "import"), factor("Belarus", "import"), factor("China", "import")) == (
        Decimal(0), Decimal("0.383"), Decimal("0.612"))


def test_grid_factors_do_not_ship() -> None:
    found = store.grid_factor("China", "indirect")
    assert isinstance(found, Unknown)
    assert found.reason == "cbam-defaults.grid-not-loaded"


def test_the_purpose_of_grid_factors_is_asked_when_nothing_says_it() -> None:
    data = sheet_workbook({"Factors": [["Country", "Emission factor (tCO2eq/MWh)"], ["China", 0.605], ["Atlantis", 1], ["India", 726]]})
    with pytest.raises(ProblemsError) as error:
        read(read_file(data, "x.xlsx"))
    assert codes(error) == ["cbam-defaults.purpose"]
    reading = read(read_file(data, "x.xlsx"), purpose="indirect")
    assert [(r["country"], r["ef"]) for r in reading.rows] == [("CN", "0.605")]
    assert [p.code for p in reading.problems] == ["cbam-defaults.row-country", "cbam-defaults.row-grid"]


# ---------------------------------------------------------------------------------------------------- files as a whole

@cache
def book() -> bytes:
    return sheet_workbook({"China": country_rows(steel("7208"))})


@pytest.mark.parametrize(("name", "data", "code"), [
    ("x.xlsm", b"PK", "file-macros"), ("x.xlsb", b"PK", "file-macros"), ("x.xls", b"\xd0\xcf\x11\xe0", "file-old"),
    ("x.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file-old"), ("x.ods", b"PK", "file-kind"), ("x.xlsx", b"hello", "file-kind"),
    ("x.pdf", b"%PDF", "file-kind"), ("x.csv", b"a\x00b", "file-damaged"),
])
def test_files_that_are_refused_with_a_sentence(name: str, data: bytes, code: str) -> None:
    with pytest.raises(ProblemsError) as error:
        read_file(data, name)
    assert codes(error) == [f"cbam-defaults.{code}"]


def test_trap_a_workbook_with_macros_under_an_innocent_name_is_refused() -> None:
    with pytest.raises(ProblemsError) as error:
        read_file(with_part(book(), "xl/vbaProject.bin", b"code"), "x.xlsx")
    assert codes(error) == ["cbam-defaults.file-macros"]


def test_trap_a_workbook_of_200_mb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.xlsx"
    with path.open("wb") as stream:
        stream.truncate(200_000_000)
    with pytest.raises(ProblemsError) as error:
        import_file(path, out=tmp_path / "sets")
    assert codes(error) == ["cbam-defaults.file-too-large"]


def test_entities_and_document_types_are_refused() -> None:
    attack = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst>&a;</sst>'
    with pytest.raises(ProblemsError) as error:
        read_file(with_part(book(), "xl/sharedStrings.xml", attack), "x.xlsx")
    assert codes(error) == ["cbam-defaults.file-entities"]


def test_a_zip_bomb_and_a_damaged_file_are_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", b"\0" * 70_000_000)
    with pytest.raises(ProblemsError) as error:
        read_file(out.getvalue(), "x.xlsx")
    assert "zip.bomb" in codes(error)
    for data in (book()[:-200], with_part(book(), "xl/workbook.xml", b"<broken"), with_part(book(), "xl/worksheets/sheet1.xml", b"<a/><b/>")):
        with pytest.raises(ProblemsError) as error:
            read_file(data, "x.xlsx")
        assert codes(error)[0] in ("zip.damaged", "cbam-defaults.file-damaged")


def test_a_file_without_a_known_header_is_refused_and_one_of_another_kind_too() -> None:
    with pytest.raises(ProblemsError) as error:
        read(read_file(sheet_workbook({"A": [["a", "b"], [1, 2]]}), "x.xlsx"))
    assert codes(error) == ["cbam-defaults.kind-unknown"]
    with pytest.raises(ProblemsError) as error:
        read(read_file(book(), "x.xlsx"), "benchmarks")
    assert codes(error) == ["cbam-defaults.kind-absent"]


def test_a_workbook_of_default_values_with_grid_factors_is_read_for_either() -> None:
    data = sheet_workbook({"China": country_rows(steel("7208")), "Annex II": [["Country", "Emission factor (t CO2eq/MWh)"], ["Albania", 0]],
                           "Annex III": [["Country", "Emission factor (t CO2eq/MWh)"], ["Belarus", "0,383"]]})
    values = read(read_file(data, "x.xlsx"))
    assert (values.kind, len(values.rows), [p.code for p in values.problems]) == ("default-values", 1, ["cbam-defaults.kind-others"])
    grids = read(read_file(data, "x.xlsx"), "grid-factors")
    assert [(r["purpose"], r["country"], r["ef"]) for r in grids.rows] == [("indirect", "AL", "0"), ("import", "BY", "0.383")]
    assert all(c["read"] + c["skipped"] == c["rows"] for r in (values, grids) for c in r.counts().values())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_its_delimiter_and_in_another_encoding(delimiter: str) -> None:
    text = "\n".join(delimiter.join(r) for r in (("Country", "Sector", "Product CN Code", "Default Value (total emissions)", "Route"),
                                                 ("Türkiye", "Iron and steel", "7208", "1.9", "(E)"), ("Côte d'Ivoire", "Iron and steel", "7208", "2.9", "")))
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        reading = read(read_file(text.encode(encoding), "x.csv"))
        assert [(r["country"], r["total"]) for r in reading.rows] == [("TR", "1.9"), ("CI", "2.9")]
        assert [p.code for p in reading.problems] == (["cbam-defaults.encoding-guessed"] if encoding == "cp1252" else [])


# ------------------------------------------------------------------------------------------------------ storing a set

def imported(path: Path, *more: str) -> Result:
    return CliRunner().invoke(import_defaults, [str(path), "--lang", "en", *more])


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "DVs_v20260806.xlsx"
    path.write_bytes(sheet_workbook({"Viet Nam": country_rows(steel("7208", "2.5"), steel("7203", "–"), title="Viet Nam"),
                                     "Other Countries and Territories": country_rows(steel("7208", "4.0"), steel("7203", "1.4", ""))}))
    return path


def test_an_imported_set_is_used_and_named(workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sets = tmp_path / "sets"
    assert imported(workbook, "--out", str(sets), "--version", "2025-2621-v2").exit_code == 0
    with pytest.raises(ProblemsError):
        lookup("72083900", "Vietnam", year=2026)        # the setting does not name the folder yet
    monkeypatch.setenv(store.DATA_SETTING, os.pathsep.join([str(tmp_path / "nothing"), str(sets)]))
    found = lookup("72083900", "Vietnam", year=2026)
    assert (found.value, found.version, found.act) == (Decimal("2.75"), "2025-2621-v2", "IR (EU) 2026/1740")
    assert found.confidence == "secondary"              # what a user loads is not confirmed by the project
    assert "cbam-defaults.provisional-unread" in {p.code for p in found.reasons}
    dash = lookup("72031000", "Vietnam", year=2026)
    assert (dash.total.value, dash.version, dash.fallback) == (Decimal("1.4"), "2025-2621-v2", True)
    assert lookup("72083900", "China", year=2026).version == "2025-2621-v1"      # not in the loaded set
    assert store.default_set().version == "2025-2621-v2"
    assert [s.version for s in store.default_sets()] == ["2025-2621-v2", "2025-2621-v1"]


def test_a_set_holds_its_origin_and_the_fate_of_every_row(workbook: Path, tmp_path: Path, root: Path) -> None:
    assert imported(workbook, "--out", str(tmp_path / "sets"), "--version", "v2").exit_code == 0
    folder = tmp_path / "sets/default-values/v2"
    card = store.read_card(folder)
    assert (card.kind, card.version, card.published.isoformat(), card.file) == ("default-values", "v2", "2026-08-06", "DVs_v20260806.xlsx")
    assert card.sha256.startswith("sha256:")
    schema = json.loads((root / "standards/schemas/cbam-set.schema.json").read_text(encoding="utf-8"))
    tree = yaml.load((folder / "set.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert list(Draft202012Validator(schema).iter_errors(tree)) == []
    told = json.loads((folder / "import-report.json").read_text(encoding="utf-8"))
    assert told["read"] + told["skipped"] == told["rows"] == len(told["fates"])
    assert str(tmp_path) not in (folder / "import-report.json").read_text(encoding="utf-8")


def test_the_same_import_gives_the_same_bytes(workbook: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert imported(workbook, "--out", str(tmp_path / name)).exit_code == 0
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / n).rglob("*") if p.is_file()} for n in ("a", "b"))
    assert one == two
    assert set(one) == {"set.yaml", "default-values.csv", "import-report.json"}


def test_another_content_under_the_same_version_is_refused_and_the_old_one_stays(workbook: Path, tmp_path: Path) -> None:
    sets = tmp_path / "sets"
    assert imported(workbook, "--out", str(sets), "--version", "v2").exit_code == 0
    again = imported(workbook, "--out", str(sets), "--version", "v2", "--json")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["set"]["unchanged"] is True
    before = (sets / "default-values/v2/default-values.csv").read_bytes()
    workbook.write_bytes(sheet_workbook({"Viet Nam": country_rows(steel("7208", "2.6"), title="Viet Nam")}))
    other = imported(workbook, "--out", str(sets), "--version", "v2")
    assert other.exit_code == 3
    assert "cbam-defaults.version-taken" in other.stderr
    assert (sets / "default-values/v2/default-values.csv").read_bytes() == before
    assert [p.name for p in (sets / "default-values").iterdir()] == ["v2"]       # nothing half-written


@pytest.mark.parametrize(("more", "code"), [
    ((), "no-folder"), (("--out", "SETS", "--version", "../x"), "version-name"), (("--out", "SETS", "--published", "August"), "published")])
def test_what_has_to_be_stated(workbook: Path, tmp_path: Path, more: Sequence[str], code: str) -> None:
    found = imported(workbook, *(str(tmp_path / "sets") if m == "SETS" else m for m in more))
    assert found.exit_code == 3
    assert f"cbam-defaults.{code}" in found.stderr
    assert not (tmp_path / "sets").exists()


def test_the_day_of_publication_must_be_known(workbook: Path, tmp_path: Path) -> None:
    path = workbook.rename(tmp_path / "values.xlsx")
    assert "cbam-defaults.published" in imported(path, "--out", str(tmp_path / "sets")).stderr
    assert imported(path, "--out", str(tmp_path / "sets"), "--published", "2026-08-06").exit_code == 0


def test_a_file_without_a_readable_row_is_not_stored(tmp_path: Path) -> None:
    path = tmp_path / "DVs_v20260806.xlsx"
    path.write_bytes(sheet_workbook({"Atlantis": country_rows(steel("7208"), title="Atlantis")}))
    found = imported(path, "--out", str(tmp_path / "sets"))
    assert found.exit_code == 3
    assert "cbam-defaults.nothing-read" in found.stderr
    assert not (tmp_path / "sets").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_text_counts_rows_and_lists_what_was_skipped(workbook: Path, tmp_path: Path, lang: str) -> None:
    workbook.write_bytes(sheet_workbook({"Viet Nam": country_rows(steel("7208", "2.5"), steel("72o9", "1"), title="Viet Nam")}))
    found = CliRunner().invoke(import_defaults, [str(workbook), "--out", str(tmp_path / "sets"), "--lang", lang])
    assert found.exit_code == 0
    assert "Viet Nam!A5" in found.stdout
    assert "cbam-defaults." not in found.stdout         # every code has its sentence
    assert ("跳过：编码无法读取" if lang == "zh" else "skipped: the code cannot be read") in found.stdout


def test_a_set_with_a_broken_card_is_told_with_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "default-values/x"
    folder.mkdir(parents=True)
    (folder / "set.yaml").write_text("format: zerofactory/cbam-set/1\nkind: bread\nrows: ../x.csv\npublished: soon\n", encoding="utf-8")
    monkeypatch.setenv(store.DATA_SETTING, str(tmp_path))
    with pytest.raises(ProblemsError) as error:
        store.default_sets()
    assert {"cbam-defaults.set-kind", "cbam-defaults.set-key"} <= set(codes(error))
    assert str(folder / "set.yaml") in str(error.value.problems[0].place)


# --------------------------------------------------------------------------------------------------- hostile contents

_WORDS = st.sampled_from(["", "China", "CN code", "Description", "total", "direct", "indirect", "Route", "Iron and steel", "7208", "72083900",
                          "2523100010", "see below", "–", "N/A", "#VALUE!", "0,87", "3.1", "870", "(C)/(F)", "Column A", "Column B", "Country", "factor MWh",
                          "2026", "Annex II", "Other Countries and Territories", "\u00a0", "1.234,5", "grey clinker"])


@settings(deadline=None)
@given(st.lists(st.lists(_WORDS, max_size=7), max_size=14), st.sampled_from(["", "China", "Overview", "Annex IV"]))
def test_whatever_a_sheet_holds_every_row_has_a_fate(cells: list[list[str]], name: str) -> None:
    lines = tuple(grid.Line(n, tuple(Cell(t) for t in row)) for n, row in enumerate(cells, 1))
    reading = attempt(lambda: read(grid.File("x.xlsx", (grid.Sheet(name, lines),)), purpose="indirect"))
    if isinstance(reading, set):
        assert reading == {"cbam-defaults.kind-unknown"}
        return
    assert sorted(f.row for f in reading.fates) == list(range(1, len(lines) + 1))
    assert sum(f.read for f in reading.fates) >= len(reading.rows)
    assert all(p.code.startswith("cbam-defaults.") for p in reading.problems)


T = TypeVar("T")


def attempt(call: Callable[[], T]) -> T | set[str]:
    """What the call gives, or the codes of its problems."""
    try:
        return call()
    except ProblemsError as error:
        return {p.code for p in error.problems}


@settings(deadline=None)
@given(st.data())
def test_a_workbook_with_changed_bytes_is_read_or_refused(data: st.DataObject) -> None:
    original = bytearray(book())
    for _ in range(data.draw(st.integers(1, 6))):
        original[data.draw(st.integers(0, len(original) - 1))] = data.draw(st.integers(0, 255))
    file = attempt(lambda: read_file(bytes(original), "x.xlsx"))
    assert isinstance(file, set) or all(line.number > 0 for sheet in file.sheets for line in sheet.lines)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_a_csv_file_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    file = attempt(lambda: read_file(data, "x.csv"))
    assert isinstance(file, set) or len(file.sheets) == 1


@pytest.mark.parametrize("change", [
    lambda part: part.replace(b'r="E4"', b'r="XFD4"'), lambda part: part.replace(b'<row r="4"', b'<row r="99999999"'),
    lambda part: part.replace(b"<v>", b"<v>x"), lambda part: part.replace(b't="s"', b't="s" s="9999"').replace(b"<v>0</v>", b"<v>999999</v>")])
def test_a_sheet_with_impossible_places_or_values_is_refused_or_ignored(change: Any) -> None:
    made = {name: content for name, content in parts(book()) if name == "xl/worksheets/sheet1.xml"}
    changed = with_part(book(), "xl/worksheets/sheet1.xml", change(made["xl/worksheets/sheet1.xml"]))
    file = attempt(lambda: read_file(changed, "x.xlsx"))
    if isinstance(file, set):
        assert file <= {"cbam-defaults.file-damaged", "cbam-defaults.file-too-large"}
        return
    assert max((len(line.cells) for line in file.sheets[0].lines), default=0) <= grid.COLUMNS
