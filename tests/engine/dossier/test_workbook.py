"""A workbook is one more way to write a dossier: filled in an office program it reads like the same dossier in YAML."""

from __future__ import annotations

import io
import shutil
import subprocess
import time
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from zerofactory_engine.dossier import dossier_from_tree, layout, read_dossier
from zerofactory_engine.dossier.read import ReadResult, read_bytes
from zerofactory_engine.dossier.workbook_out import workbook_of, workbook_template
from zerofactory_engine.problems import ProblemsError

WORKED = Path(__file__).parent / "examples/worked-site.yaml"


FILLED = {"format": "zerofactory/dossier/1", "id": "w", "facility.id": "F1", "facility.name.zh": "厂", "period.from": "2025-01-01",
          "period.to": "2025-12-31", "boundary.exclusions": None, "complete": None}


def template(language: str = "zh") -> Any:
    """The workbook that `dossier new` writes, as an office program opens it."""
    return load_workbook(io.BytesIO(workbook_template(language)))


def opened() -> Any:
    """A workbook of a few sheets with the same headers, which opens faster than the whole template."""
    book = Workbook()
    main = book.active
    assert main is not None
    main.title = "卷宗"
    for row in (("字段\nfield", "值\nvalue"), *FILLED.items()):
        main.append(row)
    for key in ("meters", "electricity", "heat", "certificates", "certificates.status_history", "documents"):
        shape = layout.sheets()[key]
        sheet = book.create_sheet(shape.sheet_name("zh"))
        sheet.append([f"名称\n{c}" for c in ((layout.PARENT,) if shape.parent else ()) + tuple(shape.columns)])
    return book


def read(book: Any) -> ReadResult:
    out = io.BytesIO()
    book.save(out)
    return read_bytes(out.getvalue(), "site.xlsx")


def problems(book: Any) -> list[tuple[str, str | None, str | None]]:
    with pytest.raises(ProblemsError) as caught:
        read(book)
    return [(p.code, p.place.sheet, p.place.cell) for p in caught.value.problems]


def column(sheet: Any, key: str) -> int:
    for cell in sheet[1]:
        if cell.value is not None and str(cell.value).splitlines()[-1] == key:
            return int(cell.column)
    raise AssertionError(key)


def put(book: Any, sheet: str, row: int, **cells: Any) -> None:
    for key, value in cells.items():
        book[sheet].cell(row, column(book[sheet], key.replace("__", ".")), value)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_empty_workbook_reads(language: str) -> None:
    result = read_bytes(workbook_template(language), "x.xlsx")
    assert result.problems == ()
    assert result.dossier.facility["province"] == "CN-HE"
    assert result.dossier.rows == {}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sheet_explains_itself(language: str) -> None:
    book = template(language)
    names = {layout.by_name().get(n.lower()) for n in book.sheetnames}
    assert names >= {*layout.sheets(), layout.MAIN}
    sheet = book["电力" if language == "zh" else "Electricity"]
    assert sheet.freeze_panes == "B2"
    header = sheet.cell(1, column(sheet, "MWh"))
    assert header.value == ("电量（MWh）\nMWh" if language == "zh" else "Electricity (MWh)\nMWh")
    assert header.comment is not None
    assert "MWh" in header.comment.text
    lists = {str(v.sqref).split(":")[0].rstrip("0123456789"): v for v in sheet.data_validations.dataValidation}
    from openpyxl.utils import get_column_letter

    choice = lists[get_column_letter(column(sheet, "source"))]
    target, _, cells = str(choice.formula1).lstrip("=").replace("'", "").partition("!")
    first, last = cells.replace("$", "").split(":")
    assert [c[0].value for c in book[target][first:last]] == ["grid", "on-site", "direct line", "dedicated supply", "green trade", "storage"]


def test_the_worked_site_survives_a_workbook() -> None:
    worked = read_dossier(WORKED).dossier
    for language in ("zh", "en"):
        again = read_bytes(workbook_of(worked, language), "site.xlsx")
        assert again.problems == ()
        assert again.dossier == worked


def test_nested_lists_survive_a_workbook() -> None:
    dossier = dossier_from_tree({
        "format": "zerofactory/dossier/1", "id": "n", "facility": {"id": "F1", "name": {"zh": "厂"}, "land_parcels": ["a", "b"]},
        "period": {"from": "2025-01-01", "to": "2025-12-31"}, "complete": ["energy", {"table": "credits", "documents": ["D1"]}],
        "boundary": {"approach": "operational control", "parts": [{"id": "T1", "kind": "tenant", "inside": "no", "reason": "own meter", "documents": ["D1#page=2"]}]},
        "certificates": [{"id": "C1", "serials": {"first": "A-1", "last": "A-2"}, "status_history": [{"status": "issued", "on": "2025-01-01"}, {"status": "cancelled", "on": "2025-02-01"}]}],
        "crosschecks": [{"id": "X1", "unit": "MWh", "value_a": "1", "value_b": "1", "reconciling": [{"what": "losses", "amount": "0"}]}],
        "documents": [{"id": "D1", "kind": "declaration"}]})
    assert read_bytes(workbook_of(dossier, "zh"), "n.xlsx").dossier == dossier


def test_filled_in_by_hand_and_saved_again() -> None:
    book = template("zh")
    put(book, "计量器具", 2, id="M1", carrier="electricity", in_service_from=datetime(2020, 1, 1))  # noqa: DTZ001 - as an office program stores it
    for number, (source, amount) in enumerate([("grid", 0.1), ("on-site", "1200000 kWh"), ("green trade", 1e-3)], 2):
        put(book, "电力", number + number // 3, id=f"E{number}", flow="consumed", source=source, MWh=amount, meter="M1",
            **{"from": date(2025, 1, 1), "to": "2025-12-31"}, correction=False, documents="D1#page=3；D2", uncertainty__half_width_percent=5)
    put(book, "证明材料", 2, id="D1", kind="electricity_settlement", file="a.pdf")
    put(book, "证明材料", 3, id="D2", kind="electricity_settlement")
    put(book, "绿色电力证书", 2, id="C1", serials__first="110101234567890120000000001", serials__last="110101234567890120000000003")
    main = book["卷宗"]
    fields = {main.cell(r, 1).value: r for r in range(1, main.max_row + 1)}
    main.cell(fields["complete"], 3, "electricity; 绿色电力证书; credits [D1]")
    dossier = read(book).dossier
    assert [r.values["MWh"] for r in dossier.rows["electricity"]] == [Decimal("0.1"), Decimal(1200), Decimal("0.001")]
    row = dossier.rows["electricity"][0]
    assert (row.start, row.end, row.correction) == (date(2025, 1, 1), date(2025, 12, 31), False)
    assert [str(e) for e in row.documents] == ["D1#page=3", "D2"]
    assert row.uncertainty is not None
    assert row.uncertainty.half_width == Decimal("0.05")
    assert dossier.rows["certificates"][0].values["serials"]["last"] == "110101234567890120000000003"
    assert set(dossier.complete) == {"electricity", "certificates", "credits"}
    assert [e.document for e in dossier.complete["credits"]] == ["D1"]


def stored(text: str) -> bytes:
    """The workbook with this very text as the stored number of a cell."""
    book = opened()
    put(book, "电力", 2, id="E1", MWh=987654321)
    out, patched = io.BytesIO(), io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(patched, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info).replace(b"<v>987654321</v>", f"<v>{text}</v>".encode()))
    return patched.getvalue()


@pytest.mark.parametrize(("text", "read_as"), [
    ("0.1", "0.1"), ("0.10000000000000001", "0.1"), ("0.30000000000000004", "0.30000000000000004"), ("1200", "1200"),
    ("1.2E3", "1200"), ("1E-7", "0.0000001"), ("123456789.123456", "123456789.123456"), ("2.2999999999999998", "2.3")])
def test_a_number_is_the_shortest_decimal_of_the_stored_double(text: str, read_as: str) -> None:
    dossier = read_bytes(stored(text), "n.xlsx").dossier
    assert dossier.rows["electricity"][0].values["MWh"] == Decimal(read_as)
    assert dossier_from_tree(dossier.canonical()) == dossier


def test_a_list_can_be_said_to_be_empty() -> None:
    book = opened()
    main = book["卷宗"]
    fields = {main.cell(r, 1).value: r for r in range(1, main.max_row + 1)}
    assert read(book).dossier.boundary["exclusions"] is None
    main.cell(fields["boundary.exclusions"], 2, "无")
    assert read(book).dossier.boundary["exclusions"] == ()
    main.cell(fields["boundary.exclusions"], 2, "septic tank")
    assert problems(book)[0][0] == "workbook.list-elsewhere"


def test_a_cell_shown_as_a_percentage_is_a_share() -> None:
    book = opened()
    put(book, "热力", 2, id="H1", non_fossil_percent=0.3)
    put(book, "热力", 3, id="H2", non_fossil_percent=30)
    sheet = book["热力"]
    sheet.cell(2, column(sheet, "non_fossil_percent")).number_format = "0.0%"
    assert [r.values["non_fossil_percent"] for r in read(book).dossier.rows["heat"]] == [Decimal("0.3"), Decimal("0.3")]


def test_columns_may_be_moved_and_sheets_named_in_another_language() -> None:
    book = opened()
    book["电力"].title = "Electricity"
    sheet = book["Electricity"]
    sheet.delete_rows(1)
    for index, text in enumerate(["任意文字\nMWh", "id", "flow"], 3):
        sheet.cell(4, index, text)
    for index, value in enumerate([7, "E7", "consumed"], 3):
        sheet.cell(6, index, value)
    found = read(book).dossier.rows["electricity"][0]
    assert (found.id, found.values["MWh"], found.place.sheet) == ("E7", 7, "Electricity")


def test_a_sheet_that_is_not_ours_is_left_alone_and_said_so() -> None:
    book = opened()
    book.create_sheet("my notes")["A1"] = "remember"
    assert [p.code for p in read(book).problems] == ["workbook.sheet-not-read"]


def test_a_formula_counts_with_its_last_value_and_not_without() -> None:
    book = opened()
    put(book, "电力", 2, id="E1", MWh="=5*2")
    cell = book["电力"].cell(2, column(book["电力"], "MWh")).coordinate
    assert problems(book)[0] == ("workbook.formula-without-value", "电力", cell)


def test_merged_and_blank_rows_are_tolerated() -> None:
    book = opened()
    put(book, "电力", 4, id="E1", MWh=3)
    put(book, "电力", 900, id="E2", MWh=4)
    book["电力"].merge_cells("A10:D12")
    assert [r.id for r in read(book).dossier.rows["electricity"]] == ["E1", "E2"]


def broken(sheet: str, key: str, value: Any) -> list[tuple[str, str | None, str | None]]:
    book = opened()
    put(book, sheet, 2, **{key: value})
    wanted = book[sheet].cell(2, column(book[sheet], key)).coordinate
    return [(code, name, "here" if cell == wanted else cell) for code, name, cell in problems(book)]


@pytest.mark.parametrize(("sheet", "key", "value", "code"), [
    ("电力", "MWh", "many", "typed.not-a-number"), ("电力", "MWh", "10 GJ", "typed.wrong-dimension"),
    ("电力", "source", "gird", "typed.not-in-list-near"), ("电力", "from", "first of May", "typed.not-a-date"),
    ("电力", "from", 45658, "typed.not-a-date"), ("电力", "correction", 1, "typed.not-yes-or-no"),
    ("电力", "note", "x" * 5000, "typed.length")])
def test_problems_name_sheet_and_cell(sheet: str, key: str, value: Any, code: str) -> None:
    assert broken(sheet, key, value) == [(code, sheet, "here")]


def test_an_error_in_a_cell_is_named() -> None:
    book = opened()
    put(book, "电力", 2, id="E1", MWh="#REF!")
    book["电力"].cell(2, column(book["电力"], "MWh")).data_type = "e"
    assert ("workbook.error-value", "电力") in [p[:2] for p in problems(book)]


def test_unknown_headers_values_without_header_and_missing_sheets_are_named() -> None:
    book = opened()
    sheet = book["电力"]
    sheet.cell(1, column(sheet, "MWh")).value = "MHw"
    sheet.cell(2, 200, "stray")
    put(book, "电力", 2, id="E1")
    assert [p[0] for p in problems(book)] == ["typed.unknown-key-near", "workbook.cell-without-header"]
    book = opened()
    del book["卷宗"]
    assert problems(book)[0][0] == "workbook.no-main-sheet"
    book = opened()
    book["电力"].delete_rows(1)
    put_anywhere(book["电力"])
    assert ("workbook.no-header", "电力", None) in problems(book)


def put_anywhere(sheet: Any) -> None:
    sheet["A1"], sheet["B1"] = "something", 5


def test_entries_of_a_row_that_is_not_there_are_named() -> None:
    book = opened()
    put(book, "绿色电力证书·状态记录", 2, of="C9", status="issued", on="2025-01-01")
    assert problems(book)[0][:2] == ("dossier.unknown-reference", "绿色电力证书·状态记录")


def test_texts_never_become_formulas() -> None:
    dossier = dossier_from_tree({
        "format": "zerofactory/dossier/1", "id": "f", "facility": {"id": "F1", "name": {"en": "=cmd|' /C calc'!A0"}},
        "period": {"from": "2025-01-01", "to": "2025-12-31"},
        "electricity": [{"id": "E1", "note": "=1+1", "MWh": "1"}, {"id": "E2", "note": "@SUM(A1)", "contract": "+7"}]})
    data = workbook_of(dossier, "en")
    book = load_workbook(io.BytesIO(data))
    assert [c.coordinate for sheet in book for row in sheet for c in row if c.data_type == "f"] == []
    assert read_bytes(data, "f.xlsx").dossier == dossier


def test_the_same_version_writes_the_same_bytes() -> None:
    first = workbook_template("zh")
    time.sleep(0.01)
    assert workbook_template("zh") == first


def test_a_large_workbook_is_read_whole() -> None:
    rows = [{"id": f"E{i}", "flow": "consumed", "source": "grid", "MWh": str(i)} for i in range(1000)]
    dossier = dossier_from_tree({"format": "zerofactory/dossier/1", "id": "l", "facility": {"id": "F1", "name": {"en": "S"}},
                                 "period": {"from": "2025-01-01", "to": "2025-12-31"}, "electricity": rows})
    data = workbook_of(dossier, "en")
    assert read_bytes(data, "l.xlsx").dossier == dossier


@pytest.mark.full
@pytest.mark.parametrize("language", ["zh", "en"])
def test_opened_and_saved_in_libreoffice_it_still_reads(language: str, tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    worked = read_dossier(WORKED).dossier
    source = tmp_path / "in" / "dossier.xlsx"
    source.parent.mkdir()
    source.write_bytes(workbook_of(worked, language))
    subprocess.run([office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
                    "--outdir", str(tmp_path), str(source)], check=True, capture_output=True, timeout=240)
    saved = tmp_path / "dossier.xlsx"
    result = read_dossier(saved)
    assert result.problems == ()
    assert result.dossier == worked
    book = load_workbook(saved)
    assert book["电力" if language == "zh" else "Electricity"].data_validations.dataValidation


def test_two_sheets_of_one_table_and_columns_twice_are_named() -> None:
    book = opened()
    book.create_sheet("Electricity")
    assert problems(book)[0][:2] == ("workbook.sheet-twice", "Electricity")
    book = opened()
    sheet = book["电力"]
    sheet.cell(1, sheet.max_column + 1, "again\nMWh")
    assert [p[0] for p in problems(book)] == ["text.duplicate-key"]


def test_unknown_fields_of_the_main_sheet_are_named() -> None:
    book = opened()
    book["卷宗"].append(("facility.nam.zh", "x"))
    assert [p[:2] for p in problems(book)] == [("typed.unknown-key-near", "卷宗")]


def test_a_day_with_a_time_of_day_is_no_day() -> None:
    book = opened()
    put(book, "电力", 2, id="E1", **{"from": datetime(2025, 1, 1, 12, 30)})  # noqa: DTZ001 - as an office program stores it
    assert [p[0] for p in problems(book)] == ["typed.not-a-date"]


def test_a_main_sheet_without_its_header_is_named() -> None:
    book = opened()
    book["卷宗"].delete_rows(1)
    assert ("workbook.no-header", "卷宗", None) in problems(book)


def test_a_cut_sheet_is_damaged_and_not_half_read() -> None:
    out, cut = io.BytesIO(), io.BytesIO()
    book = opened()
    put(book, "电力", 2, id="E1", MWh=1)
    book.save(out)
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(cut, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, content[: len(content) // 2] if info.filename == "xl/worksheets/sheet3.xml" else content)
    with pytest.raises(ProblemsError) as caught:
        read_bytes(cut.getvalue(), "cut.xlsx")
    assert [p.code for p in caught.value.problems] == ["workbook.damaged"]
