"""Inputs written in the browser: what a version says comes back unchanged, and what is wrong is told where it stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.web.exporter.exporter_pages import Rooms, last
from tests.web.exporter.exporter_world import example, given, order
from tests.web.portal import hidden, send

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.cbam.input import sheets as layout
from zerofactory_web.exporter import sheets, work
from zerofactory_web.exporter.compare import compare
from zerofactory_web.exporter.inputs import Piece

NAMES = ("steel-fasteners", "aluminium", "cement", "fertilisers", "hydrogen", "steelworks")


def _texts(tree: Any, language: str) -> dict[str, Any]:
    return dict(work.work({"do": "texts", "tree": tree, "language": language}).told)


@pytest.mark.parametrize(("name", "language"), [
    pytest.param(n, lang, marks=() if (n, lang) in (("aluminium", "zh"), ("cement", "en")) else pytest.mark.full)
    for n in NAMES for lang in ("zh", "en")])
def test_an_input_taken_into_the_form_and_sent_back_is_the_same(name: str, language: str, tmp_path: Path) -> None:
    file, beside = example(name)
    first = given(tmp_path / "a", file, beside)
    told = _texts(first.tree, language)
    written = sheets.read(told["main"], told["tables"])
    data = sheets.workbook(written, language)
    assert data == sheets.workbook(written, language)
    second = given(tmp_path / "b", Piece(sheets.FILE, data), beside)
    assert compare(first.tree, second.tree) == ()
    assert [p["code"] for p in second.problems if p["severity"] == "error"] == []


@pytest.mark.parametrize("sector", [None, "steel", *(pytest.param(s, marks=pytest.mark.full) for s in (
    "aluminium", "cement", "fertilisers", "hydrogen"))])
def test_what_a_sector_begins_with_can_be_sent(sector: str | None, tmp_path: Path) -> None:
    told = work.work({"do": "texts", "sector": sector, "language": "zh"}).told
    data = sheets.workbook(sheets.read(told["main"], told["tables"]), "zh")
    assert work.work(order(tmp_path, Piece(sheets.FILE, data), do="read")).told["tree"]["period"]["start"]


TABLES = {
    "keys": "id\tname\nS1\tgas", "titles": "编号\t名称\nS1\tgas", "title and key": "Id id\t名称 name\nS1\tgas",
    "columns in another order": "name\tid\ngas\tS1", "blank lines": "\n\nid\tname\n\nS1\tgas\n\t\n",
    "lines of Windows": "id\tname\r\nS1\tgas\r\n", "quoted": 'id\tname\nS1\t"gas"', "short rows": "id\tname\tncv\nS1\tgas",
    "tabs behind": "id\tname\t\t\nS1\tgas\t\t", "blanks": " id \t name\n S1 \t gas "}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_however_it_was_pasted(name: str) -> None:
    found = sheets.read({}, {"source_streams": TABLES[name]})
    assert found.rows == {"source_streams": [{"id": "S1", "name": "gas"}]}
    assert found.main == {}


def test_a_cell_keeps_its_lines_and_quotes() -> None:
    sheet = layout.sheets()["source_streams"]
    rows = [{"id": "S1", "name": 'a "b"\tc'}, {"id": "S2", "name": "d\ne"}]
    assert sheets.read({}, {"source_streams": sheets.shown(sheet, rows)}).rows["source_streams"] == rows


WRONG = {
    "nonsense\tid\n1\t2": [("exporter.column-unknown", "nonsense", None)],
    "id\tid\n1\t2": [("exporter.column-twice", "id", None)],
    "id\tname\nS1\tx\ty\nS2\tx\ty": [("exporter.row-long", "3", "2"), ("exporter.row-long", "3", "3")],
    "id\nS\x01": [("exporter.cell-unusable", "S\x01", "2")],
    "id\n" + "x" * (sheets.MOST_CELL + 1): [("exporter.cell-unusable", "x" * 40, "2")],
    "id\n" + "S\n" * (sheets.MOST_ROWS + 1): [("exporter.rows-many", str(sheets.MOST_ROWS + 1), None)]}


@pytest.mark.parametrize("text", WRONG, ids=lambda t: t[:12].encode("unicode_escape").decode())
def test_everything_wrong_in_a_table_is_told_with_its_line(text: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        sheets.read({}, {"source_streams": text})
    assert [(p.code, p.found, p.args.get("line")) for p in caught.value.problems] == WRONG[text]
    assert {p.place.path for p in caught.value.problems} == {"source_streams"}


@pytest.mark.parametrize("tables", [{}, {"source_streams": ""}, {"source_streams": "id\tname\n"}, {"unknown": "a\tb\n1\t2"}])
def test_nothing_written_is_no_input(tables: dict[str, str]) -> None:
    with pytest.raises(ProblemsError) as caught:
        sheets.read({"installation.name": " ", "nonsense": "x"}, tables)
    assert [p.code for p in caught.value.problems] == ["exporter.nothing-written"]


def test_a_problem_of_the_workbook_is_told_at_the_line_that_was_typed() -> None:
    """Empty lines do not count in the workbook; they do in what was typed."""
    text = "id\tname\n\nS1\tgas\n\nS2\toil"
    written = sheets.read({"period.start": "2026", "installation.name": "x"}, {"source_streams": text})
    wrong = Problem("x.y", Place(file=sheets.FILE, sheet="源流", cell="B3"))
    assert sheets.placed(wrong, written).place == Place(path="source_streams", line=5, cell="name")
    in_field = replace(wrong, place=Place(file=sheets.FILE, sheet="CBAM input", cell="B4"))
    assert sheets.placed(in_field, written).place == Place(path="period.start")
    assert sheets.placed(replace(wrong, place=Place(file=sheets.FILE)), written).place == Place()
    beside = replace(wrong, place=Place(file="hours.csv", line=7))
    assert sheets.placed(beside, written) == beside


# --- on the pages ----------------------------------------------------------------------------------------------------

def _fields(text: str) -> dict[str, str]:
    """Everything that a browser would send back of the form of an input."""
    from lxml import html

    seen: Any = html.fromstring(text)
    form = seen.xpath("//form[@method='post']")[0]
    return {k: v.removeprefix("\n") for k, v in form.form_values() if k not in ("csrf_token", "beside")}




def test_an_input_is_written_then_changed_without_a_file(rooms: Rooms) -> None:
    begun = rooms.cai.get("/zh/exporter/inputs/write?sector=steel")
    assert begun.status_code == 200
    sent = {**_fields(begun.text), "name": "紧固件一厂", "installation.name": "Bolts 1"}
    assert hidden(begun.text, "organisation") == rooms.desk.works
    answer = send(rooms.cai, "/zh/exporter/inputs/write", sent)
    assert answer.status_code == 303, answer.text
    version = rooms.cai.get(f"/zh/exporter/versions/{last(answer.location)}?format=json").json
    assert version is not None
    assert (version["source"], version["file"]) == ("browser", "browser.xlsx")
    ident = version["input"]["id"]
    form = rooms.cai.get(f"/en/exporter/inputs/{ident}/write")
    fields = _fields(form.text)
    assert fields["installation.name"] == "Bolts 1"
    changed = fields["source_streams"].splitlines()
    head, first = changed[0].split("\t"), changed[1].split("\t")
    first[head.index("amount")] = "4321"
    fields["source_streams"] = "\n".join([changed[0], "\t".join(first), *changed[2:]])
    answer = send(rooms.cai, f"/en/exporter/inputs/{ident}/write", {**fields, "note": "counted again"})
    assert answer.status_code == 303, answer.text
    seen = rooms.cai.get(f"/en/exporter/inputs/{ident}?format=json").json
    assert seen is not None
    assert [(c["path"], c["before"], c["after"]) for c in seen["changes"]] == [
        ("source_streams/S1/amount", "1000 kNm3", "4321 kNm3")]
    assert "written in the browser" in rooms.cai.get(f"/en/exporter/inputs/{ident}").text


@pytest.mark.full
def test_tables_beside_the_version_before_stay(rooms: Rooms) -> None:
    version = rooms.desk.version("With hours")
    data = rooms.cai.get(f"/en/exporter/versions/{version}?format=json").json
    assert data is not None
    page = f"/en/exporter/inputs/{data['input']['id']}/write"
    fields = _fields(rooms.cai.get(page).text)
    assert "ppa-2026-12.csv" in rooms.cai.get(page).text
    fields["operator.city"] = "Ningbo"
    answer = send(rooms.cai, page, fields)
    assert answer.status_code == 303, answer.text
    after = rooms.cai.get(f"/en/exporter/versions/{last(answer.location)}?format=json").json
    assert after is not None
    assert [(b["name"], b["sha256"]) for b in after["beside"]] == [(b["name"], b["sha256"]) for b in data["beside"]]


def test_what_cannot_be_read_is_told_beside_its_table_with_its_line(rooms: Rooms) -> None:
    fields = {"organisation": rooms.desk.works, "name": "x", "period.start": "2026-01-01", "period.end": "2026-12-31",
              "source_streams": "id\tname\tmethod\tamount\tamount_unit\nS1\tgas\tburning\t1\tt\n\nS2\toil\tcombustion\tmuch\tt"}
    answer = send(rooms.cai, "/en/exporter/inputs/write", fields)
    assert answer.status_code == 422
    assert "Source streams: Line 2, method:" in answer.text
    assert "Line 4, amount:" in answer.text
    assert "browser.xlsx" not in answer.text
