"""Ledgers of green certificates: what becomes of each row, the dossier made of them, ten messy tables, bad files."""

from __future__ import annotations

import io
import json
import subprocess
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.mappings.sources.messes.make import Made, fields_of, make_tables

from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.dossier.read import read_dossier
from zerofactory_engine.messages import catalogue
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.sources import Imported, gec_ledger
from zerofactory_mappings.sources.report import Entry

P = "11223344556677889"                                 # a project's part of a code
Q = "22223333444455556"
HEADER = "项目名称,绿证编码,绿证数量(张),电量生产年月,核发日期,有效期,权属状态,核销日期,核销用途,消费年份,消费主体,交易方式,合同编号"

LEDGER = f"""绿色电力证书台账,,,,,,,,,,,,
{HEADER}
青山一期风电,{P}202503000000001至{P}202503000000100,100,2025年3月,2025-04-20,2027-02-28,已核销,2025-12-20,绿电消费,2025,示例电池有限公司,单独,
青山一期风电,{P}202504000000001至{P}202504000000050,50,2025年4月,2025-05-20,2027-03-31,持有,,,,,单独,
河西二期光伏,{Q}202505000000001至{Q}202505000000020,20,2025年5月,2025-06-20,2027-04-30,已划转,,,,,绿电交易随电,LD-2025-1
河西二期光伏,{Q}202506000000001,1,2025年6月,2025-07-20,2027-05-31,已转出,,,,,单独,
河西二期光伏,{Q}202507000000001至{Q}202507000000010,10,2025年7月,2025-08-20,2027-06-30,过期核销,2027-07-01,,,,单独,
青山一期风电,{P}202503000000100至{P}202503000000110,11,2025年3月,2025-04-20,2027-02-28,持有,,,,,单独,
青山一期风电,{P}202508000000001至{P}202508000000010,9,2025年8月,2025-09-20,2027-07-31,持有,,,,,单独,
青山一期风电,1.12233E+31,5,2025年8月,2025-09-20,2027-07-31,持有,,,,,单独,
青山一期风电,{P}20250800000002,1,2025年8月,2025-09-20,2027-07-31,持有,,,,,单独,
青山一期风电,{P}202508000000030,1.5,2025年8月,2025-09-20,2027-07-31,持有,,,,,单独,
青山一期风电,{P}202508000000040,1,2025年8月,2025-09-20,2027-07-31,待定,,,,,单独,
合计,,208,,,,,,,,,,
注：绿证以国家核发系统为准,,,,,,,,,,,,
"""

#: Row of the file → what becomes of it.
FATES = {
    1: ("kept", "sheets.row-title"), 2: ("kept", "sheets.row-header"),
    3: ("used", ""), 4: ("used", ""), 5: ("used", ""),
    6: ("kept", "gec.transferred-out"),
    7: ("used", "gec.cancelled-expired"),
    8: ("refused", "gec.overlap"),
    9: ("refused", "gec.range-count"),
    10: ("refused", "gec.code-float"),
    11: ("refused", "gec.code-length"),
    12: ("refused", "gec.not-whole"),
    13: ("refused", "gec.status-unknown"),
    14: ("kept", "certificate-tables.sums"), 15: ("kept", "sheets.row-note"),
}


def run(data: bytes | str, name: str = "台账.csv", **options: Any) -> Imported:
    return gec_ledger.import_bytes(data.encode() if isinstance(data, str) else data, name, options)


def fates(imported: Imported) -> dict[int, tuple[str, str]]:
    """Row → what became of it, of the sheet that has the table."""
    return {n: (e.state.value, e.reason) for n, e in rows_of(imported).items()}


def rows_of(imported: Imported) -> dict[int, Entry]:
    return {int(e.path.rpartition("/")[2]): e for e in imported.report.entries
            if e.collection.startswith("rows") and "说明" not in e.collection}


def dossier_of(imported: Imported, folder: Path) -> Dossier:
    """The dossier as a user would read it, its document beside it."""
    for name, data in imported.dossiers.items():
        (folder / name).write_bytes(data)
    (name,) = [n for n in imported.dossiers if n.endswith(".yaml")]
    return read_dossier(folder / name).dossier


def problems(imported: Imported) -> set[str]:
    return {p.code for p in imported.report.problems}


def xlsx(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_every_row_has_its_fate() -> None:
    assert fates(run(LEDGER)) == FATES


def test_held_transferred_and_cancelled_stay_apart_in_the_sums() -> None:
    sums = {s.series: (int(s.used), int(s.kept), int(s.refused)) for s in run(LEDGER).report.sums}
    assert sums["cancelled"] == (100, 0, 0)
    assert sums["held"] == (50, 0, 11)
    assert sums["transferred"] == (20, 0, 0)
    assert sums["transferred out"] == (0, 1, 0)
    assert sums["expired"] == (10, 0, 0)


def test_dossier_loads_with_the_certificates(tmp_path: Path) -> None:
    dossier = dossier_of(run(LEDGER), tmp_path)
    rows = {r.id: r for r in dossier.rows["certificates"]}
    assert sorted(rows) == ["R3", "R4", "R5", "R7"]
    used = rows["R3"].values
    assert (used["serials"]["first"], used["serials"]["last"]) == (f"{P}202503000000001", f"{P}202503000000100")
    assert (used["MWh"], used["technology"], used["registration_code"]) == (Decimal(100), "wind", P)
    assert (used["generated_from"], used["generated_to"]) == (date(2025, 3, 1), date(2025, 3, 31))
    assert (used["issued_on"], used["expires_on"], used["retired_on"]) == (
        date(2025, 4, 20), date(2027, 2, 28), date(2025, 12, 20))
    assert (used["cancellation_reason"], used["beneficiary"], used["consumption_year"]) == (
        "consumption claim", "示例电池有限公司", 2025)
    assert [(s["status"], s["on"]) for s in used["status_history"]] == [
        ("issued", date(2025, 4, 20)), ("cancelled", date(2025, 12, 20))]
    assert used["bundled"] is False
    assert "retired_on" not in rows["R4"].values
    assert (rows["R5"].values["bundled"], rows["R5"].values["contract"]) == (True, "LD-2025-1")
    assert rows["R7"].values["cancellation_reason"] == "expired"
    assert not dossier.complete
    (document,) = dossier.documents.values()
    assert document.present
    assert document.kind == "gec_ledger"
    assert {str(e).split("#")[0] for r in rows.values() for e in r.documents} == {document.id}
    assert {c.code for c in dossier.checks} <= {"dossier.certificate-expired", "dossier.not-complete"}


def test_validity_is_that_of_the_rules() -> None:
    late = LEDGER.replace("2027-02-28,已核销,2025-12-20", "2027-04-19,已核销,2027-03-01")
    found = {p.code: (p.found, p.accepted) for p in run(late).report.problems}
    assert found["gec.validity"] == ("2027-04-19", "2027-02-28")
    assert found["gec.expired"] == ("2027-03-01", "2027-02-28")
    assert not {"gec.validity", "gec.expired"} & problems(run(LEDGER))


def test_total_row_is_compared_where_every_row_could_be_read() -> None:
    lines = LEDGER.splitlines()
    good = "\n".join([*lines[:5], "合计,,170"])
    assert "certificate-tables.total" not in problems(run(good))
    assert "certificate-tables.total" in problems(run(good.replace("170", "171")))


def test_holder_and_year_that_were_asked_for() -> None:
    found = fates(run(LEDGER, facility="示例电池有限公司"))
    assert (found[3], found[4]) == (("used", ""), ("kept", "gec.other-holder"))
    assert fates(run(LEDGER, year=2026))[3] == ("kept", "gec.other-year")
    with pytest.raises(ProblemsError) as error:
        run(LEDGER, facility="别的公司")
    assert [p.code for p in error.value.problems] == ["import.unknown-facility"]


CODE_CELLS: dict[str, tuple[Any, str, str]] = {
    "text": (f"{P}202503000000001", "used", ""),
    "a number": (float(f"{P}202503000000001"), "refused", "gec.code-float"),
    "a whole number": (int(f"{P}202503000000001"), "refused", "gec.code-float"),
    "that number as text": ("11223344556677900000000000000000", "refused", "gec.code-rounded"),
    "two lines": (f"{P}\n202503000000001", "used", ""),
    "full width": (f"{P}202503000000001".translate(str.maketrans("0123456789", "０１２３４５６７８９")), "used", ""),
    "empty": (None, "used", ""),
}


@pytest.mark.parametrize("case", CODE_CELLS)
def test_code_cells_of_a_workbook(case: str) -> None:
    value, state, reason = CODE_CELLS[case]
    data = xlsx([["项目名称", "绿证编码", "绿证数量(张)", "电量生产年月"], ["青山一期风电", value, 1, "2025-03"]])
    assert fates(run(data, "台账.xlsx"))[2] == (state, reason)


@pytest.mark.parametrize(("unit", "amount", "mwh"), [
    ("张", "1,200", 1200), ("MWh", "1200", 1200), ("兆瓦时", "１２００", 1200), ("kWh", "1200000", 1200),
    ("万千瓦时", "120", 1200), ("千瓦时", "1,200,000", 1200), ("1张=1000kWh", "1200", 1200)])
def test_units_in_the_header(unit: str, amount: str, mwh: int, tmp_path: Path) -> None:
    data = f'项目名称,电量({unit}),电量生产年月\n青山一期风电,"{amount}",2025-03\n'
    (row,) = dossier_of(run(data), tmp_path).rows["certificates"]
    assert row.values["MWh"] == Decimal(mwh)


def test_first_and_last_code_in_two_columns(tmp_path: Path) -> None:
    data = f"项目名称,起始编码,截止编码,张数\n青山风电,{P}202503000000001,{P}202503000000030,30\n"
    with pytest.raises(ProblemsError) as error:
        run(data)
    assert error.value.problems[-1].code == "gec.no-year"
    (row,) = dossier_of(run(data, year=2025), tmp_path).rows["certificates"]
    assert row.values["serials"]["last"] == f"{P}202503000000030"


def test_several_ranges_of_a_row_become_a_row_each(tmp_path: Path) -> None:
    data = (f'项目名称,绿证编码,张数,生产年月\n青山风电,"{P}202503000000001至{P}202503000000030、{P}202503000000041至'
            f'{P}202503000000045",35,2025-03\n')
    rows = dossier_of(run(data), tmp_path).rows["certificates"]
    assert [(r.id, r.values["MWh"]) for r in rows] == [("R2-1", Decimal(30)), ("R2-2", Decimal(5))]


def test_registration_code_stored_as_a_number_is_left_out(tmp_path: Path) -> None:
    data = xlsx([["项目名称", "建档立卡编码", "绿证数量(张)", "电量生产年月"], ["青山风电", 11223344556677889, 1, "2025-03"]])
    found = run(data, "台账.xlsx")
    assert fates(found)[2] == ("used", "gec.registration-float")
    (row,) = dossier_of(found, tmp_path).rows["certificates"]
    assert "registration_code" not in row.values


@pytest.mark.parametrize(("header", "cells", "references"), [
    ("绿证数量(张)", [7], ["D1#sheet=Sheet&cell=B3"]),
    ("绿证数量(张)", ["1,200"], ["D1#sheet=Sheet&at=B3"]),            # a reader of dossiers would not see 1200
    ("电量(kWh)", [7000], ["D1#sheet=Sheet&from=B3"]),                # 7 MWh do not stand there
    ("绿证编码", [f"{P}202503000000001"], ["D1#sheet=Sheet&from=A3"])])
def test_row_of_a_workbook_names_its_sheet_and_cell(header: str, cells: list[Any], references: list[str], tmp_path: Path) -> None:
    data = xlsx([["绿证台账"], ["项目名称", header, "电量生产年月"], ["青山风电", *cells, "2025-03"]])
    dossier = dossier_of(run(data, "台账.xlsx"), tmp_path)
    (row,) = dossier.rows["certificates"]
    assert [str(e) for e in row.documents] == references
    assert not {c.code for c in dossier.checks} & {"dossier.cell-differs", "dossier.cell-missing"}


def test_every_row_of_every_sheet_is_accounted_for() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx([["项目名称", "绿证数量(张)", "电量生产年月"], ["青山风电", 7, "2025-03"], [None],
                                                   [None, None, "第二页"], ["合计", 7], ["填表人：张三"]])))
    book.create_sheet("通讯录").append(["张三", "电话"])
    out = io.BytesIO()
    book.save(out)
    report = run(out.getvalue(), "台账.xlsx").report
    assert [(e.path, e.state.value, e.reason) for e in report.entries if e.collection.startswith("rows")] == [
        ("Sheet/1", "kept", "sheets.row-header"), ("Sheet/2", "used", ""),
        ("Sheet/4", "kept", "sheets.row-not-understood"), ("Sheet/5", "kept", "certificate-tables.sums"),
        ("Sheet/6", "kept", "sheets.row-note"), ("通讯录/1", "kept", "sheets.row-not-understood")]
    assert [(p.code, p.args["rows"]) for p in report.problems if "rows" in p.args] == [
        ("certificate-tables.not-understood", "2")]
    text = report.as_text("zh")
    assert "rows of Sheet：共 5 条记录，采用 1 条，保留 3 条，拒收 0 条，未理解 1 条" in text
    assert "Sheet/4" in text
    assert "通讯录/1" in text


CANCELLATIONS = {
    "day and purpose, no status": (",2025-12-20；2025年度消费；示例电池有限公司", "2025-12-20", "consumption claim", 2025),
    "expired": ("已核销,2027年3月1日 过期核销", "2027-03-01", "expired", None),
    "instead of a CCER": ("已核销,2025.6.1 申请CCER", "2025-06-01", "credit issued instead", None),
    "no day": ("已核销,2025年度消费", None, "consumption claim", 2025),
    "held, purpose planned": ("持有,2025年度消费", None, None, None),
    "not cancelled": ("未核销,", None, None, None),
}


@pytest.mark.parametrize("case", CANCELLATIONS)
def test_cancellation_in_one_cell(case: str, tmp_path: Path) -> None:
    cells, day, reason, year = CANCELLATIONS[case]
    data = f"项目名称,张数,生产年月,权属状态,核销日期与用途\n青山风电,7,2025-03,{cells}\n"
    (row,) = dossier_of(run(data), tmp_path).rows["certificates"]
    stated = row.values.get("retired_on")
    assert (None if stated is None else str(stated), row.values.get("cancellation_reason"),
            row.values.get("consumption_year")) == (day, reason, year)


BAD: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "台账.csv", "sheets.empty"),
    "no table": ("说明,无\n".encode(), "台账.csv", "gec.no-table"),
    "another table": ("能源名称,消费量\n原煤,12\n".encode(), "台账.csv", "gec.no-table"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "台账.csv", "sheets.not-a-table"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "台账.xls", "sheets.old-workbook"),
    "a broken workbook": (b"PK\x03\x04" + bytes(200), "台账.xlsx", "zip.damaged"),
    "an open quote": ('项目名称,"' .encode() + b"x" * 200_000, "台账.csv", "sheets.csv-damaged"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_file_gets_problems(case: str) -> None:
    data, name, code = BAD[case]
    assert not gec_ledger.detect(data)
    with pytest.raises(ProblemsError) as error:
        run(data, name)
    assert [p.code for p in error.value.problems] == [code]
    for problem in error.value.problems:
        assert problem.code in catalogue("zh")
        assert problem.code in catalogue("en")


def test_all_reasons_have_sentences_and_the_report_is_the_same_twice() -> None:
    one, other = run(LEDGER), run(LEDGER)
    assert one.dossiers == other.dossiers
    assert json.dumps(one.report.as_json()) == json.dumps(other.report.as_json())
    for language in ("zh", "en"):
        text = one.report.as_text(language)
        assert not [word for word in ("gec.", "certificate-tables.", "（）", "()") if word in text]


def test_gb18030_reads_like_utf8() -> None:
    assert fates(run(LEDGER.encode("gb18030"))) == FATES
    assert fates(run(b"\xef\xbb\xbf" + LEDGER.encode())) == FATES


# -- tables with the mess that such files have ------------------------------------------------------------------------


def messy(shared_data: Path) -> tuple[Made, ...]:
    return make_tables("gec", fields_of(shared_data, "gec"))


def as_promised(made: Made, imported: Imported, folder: Path) -> None:
    """Counts and the certificates of *made* are those of the import: rows read + refused + not understood = rows."""
    below = {n: e for n, e in rows_of(imported).items() if n >= made.first}
    states = Counter(e.state.value for e in below.values())
    assert (states["used"], states["refused"], states["kept"]) == (len(made.rows), made.refused, made.not_understood)
    assert len(below) == made.total_rows
    assert [n for n, e in below.items() if e.state == "used"] == list(made.places)
    missed = dict(imported.report.not_understood())
    assert missed.pop("rows of 填报说明", []) == (["填报说明/1"] if "second-sheet" in made.messes else [])
    notes = [int(path.rpartition("/")[2]) for paths in missed.values() for path in paths]     # that no word marks as one
    assert len(notes) <= made.other.get("note", 0)
    assert all(n > max(made.places) for n in notes)
    folder.mkdir()
    rows = dossier_of(imported, folder).rows["certificates"]
    for row, wanted in zip(rows, made.rows, strict=True):
        assert row.values["MWh"] == Decimal(wanted["电量(1张=1000kWh)"]), made.name
        assert row.values["project"] == wanted["项目名称"]
        assert row.values["generated_from"].isoformat()[:7] == wanted["电量生产年月"]
        assert row.values["issued_on"].isoformat() == wanted["核发日期"]
        assert row.values["expires_on"].isoformat() == wanted["有效期"]
        assert row.values["bundled"] is ("随电" in wanted["交易方式(单独/绿电交易随电)"])
        assert row.values.get("cancellation_reason") == (
            "consumption claim" if wanted["权属状态(持有/已划转/已核销)"] == "已核销" else None)


@pytest.mark.parametrize("number", range(10))
def test_messy_table(number: int, shared_data: Path, tmp_path: Path) -> None:
    made = messy(shared_data)[number]
    assert gec_ledger.detect(made.data)
    as_promised(made, run(made.data, f"{made.name}.{made.suffix}"), tmp_path / "made")


@pytest.mark.full
def test_messy_workbooks_saved_by_libreoffice(shared_data: Path, tmp_path: Path) -> None:
    made = [m for m in messy(shared_data) if m.suffix == "xlsx"]
    for each in made:
        (tmp_path / f"{each.name}.xlsx").write_bytes(each.data)
    subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
                    "xlsx", "--outdir", str(tmp_path / "saved"), *(str(tmp_path / f"{m.name}.xlsx") for m in made)],
                   check=True, capture_output=True, timeout=300)
    for each in made:
        as_promised(each, run((tmp_path / "saved" / f"{each.name}.xlsx").read_bytes(), f"{each.name}.xlsx"),
                    tmp_path / each.name)


@pytest.mark.full
def test_ledger_of_fifty_thousand_rows(tmp_path: Path) -> None:
    rows = [f"青山风电,{P}2025{n // 5000 + 1:02d}{n:09d},1,2025-{n // 5000 + 1:02d},持有" for n in range(50_000)]
    found = run("\n".join(["项目名称,绿证编码,张数,生产年月,状态", *rows]))
    assert found.report.counts()["rows"] == {"used": 50_000, "kept": 1, "refused": 0}
    parts = {n: d for n, d in found.dossiers.items() if n.endswith(".yaml")}
    assert sum(d.count(b"  - {id: R") for d in parts.values()) == 50_000
    for name, data in found.dossiers.items():
        (tmp_path / name).write_bytes(data)
    last = max(parts)                                   # the shortest of them
    assert len(read_dossier(tmp_path / last).dossier.rows["certificates"]) == parts[last].count(b"  - {id: R")
