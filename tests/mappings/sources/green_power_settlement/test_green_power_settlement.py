"""Settlements of green power: what becomes of each row, the identities, the dossier made of them, ten messy tables."""

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

from zerofactory_engine.accounting import FactorLibrary, Options, compute_inventory
from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.dossier.read import read_dossier
from zerofactory_engine.messages import catalogue
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.sources import Imported, green_power_settlement
from zerofactory_mappings.sources.report import Entry

P = "11223344556677889"
HEADER = ("交易合同编号,售电方,购电方,项目名称,项目类型,结算月份,合同电量(MWh),结算电量(MWh),上网电量(MWh),用电量(MWh),"
          "电能量价格(元/MWh),绿色环境价值(元/MWh),电费合计(元),绿证编码,绿证张数")

STATEMENT = f"""绿色电力交易结算单
{HEADER}
LD-1,青山新能源有限公司,示例电池有限公司,青山一期,风电,2025年1月,120,100.6,101,150,350,20,37222,{P}202501000000001至{P}202501000000100,100
LD-1,青山新能源有限公司,示例电池有限公司,青山一期,风电,2025年2月,120,100.6,101,150,350,20,37222,{P}202502000000001至{P}202502000000101,101
LD-1,青山新能源有限公司,示例电池有限公司,青山一期,风电,2025年3月,90,100.6,100,150,350,20,37000,见附件,100
LD-1,青山新能源有限公司,示例电池有限公司,青山一期,风电,2025年,,301.8,,,,,,,
LD-2,河西光电有限公司,示例电池有限公司,河西二期,,2025年1月,50,40,,,350,20,14800,{P}202501000000100,
LD-2,河西光电有限公司,示例电池有限公司,河西二期,,2025年1月,50,40,,,350,20,14800,{P}202501000000100,
,河西光电有限公司,示例电池有限公司,河西二期,光伏,2025年2月,50,40,,,350,20,14800,,
LD-2,河西光电有限公司,示例电池有限公司,河西二期,光伏,2025年3月,50,约40,,,350,20,14800,,
LD-2,河西光电有限公司,示例电池有限公司,河西二期,光伏,春节,50,40,,,350,20,14800,,
LD-2,河西光电有限公司,别的公司,河西二期,光伏,2025年4月,50,-4,,,350,20,-1480,,
合计,,,,,,,341.8
备注：电量以交易中心结算为准
"""

#: Row of the file → what becomes of it.
FATES = {
    1: ("kept", "sheets.row-title"), 2: ("kept", "sheets.row-header"),
    3: ("used", ""), 4: ("used", ""),
    5: ("used", "green-power.codes"),
    6: ("kept", "green-power.year-row"),
    7: ("used", "green-power.technology"),
    8: ("refused", "green-power.same-month"),
    9: ("refused", "green-power.no-contract"),
    10: ("refused", "green-power.no-quantity"),
    11: ("refused", "green-power.no-period"),
    12: ("refused", "green-power.negative"),
    13: ("kept", "certificate-tables.sums"), 14: ("kept", "sheets.row-note"),
}


def run(data: bytes | str, name: str = "结算单.csv", **options: Any) -> Imported:
    return green_power_settlement.import_bytes(data.encode() if isinstance(data, str) else data, name, options)


def fates(imported: Imported) -> dict[int, tuple[str, str]]:
    """Row → what became of it, of the sheet that has the table."""
    return {n: (e.state.value, e.reason) for n, e in rows_of(imported).items()}


def rows_of(imported: Imported) -> dict[int, Entry]:
    return {int(e.path.rpartition("/")[2]): e for e in imported.report.entries
            if e.collection.startswith("rows") and "说明" not in e.collection}


def dossier_of(imported: Imported, folder: Path) -> Dossier:
    for name, data in imported.dossiers.items():
        (folder / name).write_bytes(data)
    (name,) = [n for n in imported.dossiers if n.endswith(".yaml")]
    return read_dossier(folder / name).dossier


def found(imported: Imported) -> dict[str, tuple[str | None, str | None]]:
    return {p.code: (p.found, p.accepted) for p in imported.report.problems}


def statement(*months: str) -> str:
    """A small statement: month, contracted, settled, total, count for each of *months*, separated by blanks."""
    head = "合同编号,购电方,项目类型,结算月份,合同电量(MWh),结算电量(MWh),电能量价格,环境价值,电费合计,绿证张数\n"
    rows = []
    for month in months:
        period, contracted, settled, total, count = month.split()
        rows.append(f"LD-1,示例公司,风电,{period},{contracted},{settled},300,20,{total},{count}\n".replace(",?", ","))
    return head + "".join(rows)


def test_every_row_has_its_fate() -> None:
    assert fates(run(STATEMENT)) == FATES


def test_dossier_loads_with_power_and_bundled_certificates(tmp_path: Path) -> None:
    dossier = dossier_of(run(STATEMENT), tmp_path)
    power = {r.id: r.values for r in dossier.rows["electricity"]}
    assert sorted(power) == ["R3", "R4", "R5", "R7"]
    one = power["R3"]
    assert (one["flow"], one["source"], one["technology"], one["contract"], one["supplier"]) == (
        "consumed", "green trade", "wind", "LD-1", "青山新能源有限公司")
    assert one["MWh"] == Decimal("100.6")
    row = dossier.row("electricity", "R3")
    assert row is not None
    assert (row.start, row.end, row.obtained) == (date(2025, 1, 1), date(2025, 1, 31), "invoiced")
    certificates = {r.id: r.values for r in dossier.rows["certificates"]}
    assert {n: v["MWh"] for n, v in certificates.items()} == {"R3-C1": Decimal(100), "R4-C1": Decimal(101)}
    assert all(v["bundled"] is True and v["contract"] == "LD-1" for v in certificates.values())
    assert {c.code for c in dossier.checks} <= {"dossier.not-complete", "dossier.series-gap"}
    (document,) = dossier.documents.values()
    assert document.present
    assert document.kind == "green_power_settlement"


def test_traded_power_and_its_certificates_are_one_claim(tmp_path: Path) -> None:
    dossier = dossier_of(run(STATEMENT), tmp_path)
    inventory = compute_inventory(dossier, Options(), FactorLibrary.shipped())
    instruments = {i["row"]: i["counts"] for i in inventory.notes["instruments"]}
    assert instruments == {"electricity/R3": "yes", "electricity/R4": "yes", "electricity/R5": "yes",
                           "electricity/R7": "unknown"}        # nobody says how the project of R7 generates
    assert dossier.rows["certificates"]


def test_numbers_too_long_for_a_number_are_not_taken(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["合同编号", "户号", "项目类型", "结算月份", "结算电量(MWh)"])
    sheet.append([20250123456789012, "0310012345", "风电", "2025-01", 12])
    sheet.append(["LD-1", 12345678901234567, "风电", "2025-01", 12])
    out = io.BytesIO()
    book.save(out)
    imported = run(out.getvalue(), "结算单.xlsx")
    assert fates(imported) == {1: ("kept", "sheets.row-header"), 2: ("refused", "green-power.contract-float"),
                               3: ("used", "green-power.user-float")}
    (row,) = dossier_of(imported, tmp_path).rows["electricity"]
    assert "user_number" not in row.values
    assert [str(e) for e in row.documents] == ["D1#sheet=Sheet&cell=E3"]


def test_what_does_not_fit_is_told() -> None:
    told = found(run(STATEMENT))
    assert told["green-power.above-contract"] == ("100.6", "90")
    assert told["green-power.above-lower"] == ("100.6", "100")
    assert told["green-power.charge"] == ("37000", "37222")
    assert told["green-power.count"] == ("1", "40")           # one code for 40 MWh
    assert told["green-power.carried"] == ("LD-1", "0.8")
    assert told["green-power.overlap"][0] is None
    assert "green-power.months-year" not in told
    assert found(run(STATEMENT.replace("301.8", "300")))["green-power.months-year"] == ("300", "301.8")


@pytest.mark.parametrize(("months", "codes"), [
    (["2025-01 10 10 3200 10"], set()),
    (["2025-01 10 10.001 3200.32 10"], {"green-power.above-contract", "green-power.carried"}),
    (["2025-01 20 10.6 3392 10", "2025-02 20 10.6 3392 11"], {"green-power.carried"}),
    (["2025-01 20 10.6 3392 10", "2025-02 20 10.4 3328 11"], set()),
    (["2025-01 20 10.6 3392 10", "2025-02 20 10.6 3392 10", "2025-03 20 10.6 3392 10"], {"green-power.count"}),
    (["2025-01 20 10.6 3392 12"], {"green-power.count"}),
    (["2025-01 20 10 3201 10"], {"green-power.charge"}),
    (["2025-01 20 10 ? 10"], set())])
def test_identities_of_a_statement(months: list[str], codes: set[str]) -> None:
    assert set(found(run(statement(*months)))) - {"green-power.part"} == codes


@pytest.mark.parametrize(("unit", "amount", "mwh"), [
    ("MWh", "1,200.5", "1200.5"), ("兆瓦时", "１２００．５", "1200.5"), ("kWh", "1200500", "1200.5"),
    ("万千瓦时", "120.05", "1200.5"), ("万kWh", "120.05", "1200.5"), ("GWh", "1.2005", "1200.5")])
def test_units_in_the_header(unit: str, amount: str, mwh: str, tmp_path: Path) -> None:
    data = f'合同编号,结算月份,项目类型,结算电量({unit})\nLD-1,2025-03,光伏,"{amount}"\n'
    (row,) = dossier_of(run(data), tmp_path).rows["electricity"]
    assert row.values["MWh"] == Decimal(mwh)
    assert row.values["technology"] == "solar"


def test_amount_without_a_unit_is_no_amount() -> None:
    data = "合同编号,结算月份,项目类型,结算电量\nLD-1,2025-03,光伏,12\n"
    assert fates(run(data))[2] == ("refused", "green-power.no-unit")


def test_buyer_and_year_that_were_asked_for() -> None:
    assert fates(run(STATEMENT, facility="示例电池有限公司"))[3] == ("used", "")
    assert fates(run(STATEMENT, year=2024))[3] == ("kept", "green-power.other-year")
    with pytest.raises(ProblemsError) as error:
        run(STATEMENT, facility="第三方公司")
    assert [p.code for p in error.value.problems] == ["import.unknown-facility"]


@pytest.mark.parametrize(("data", "code"), [
    (b"", "sheets.empty"), ("说明,无\n".encode(), "green-power.no-table"), (b"%PDF-1.4", "sheets.not-a-table"),
    ("能源名称,消费量\n原煤,12\n".encode(), "green-power.no-table"), (b"PK\x03\x04" + bytes(99), "zip.damaged")])
def test_bad_file_gets_problems(data: bytes, code: str) -> None:
    assert not green_power_settlement.detect(data)
    with pytest.raises(ProblemsError) as error:
        run(data, "结算单.xlsx" if data[:2] == b"PK" else "结算单.csv")
    assert [p.code for p in error.value.problems] == [code]
    assert code in catalogue("zh")
    assert code in catalogue("en")


def test_the_cell_of_a_row_shows_what_the_row_states(tmp_path: Path) -> None:
    data = "合同编号,结算月份,项目类型,结算电量(kWh)\nLD-1,2025-03,光伏,12000\n".encode()
    (row,) = dossier_of(run(data), tmp_path).rows["electricity"]
    assert [str(e) for e in row.documents] == ["D1#from=D2"]        # 12 MWh do not stand there
    stated = data.replace(b"(kWh)", b"(MWh)")
    (row,) = dossier_of(run(stated), tmp_path).rows["electricity"]
    assert [str(e) for e in row.documents] == ["D1#cell=D2"]


def test_report_is_the_same_twice_and_has_sentences() -> None:
    one, other = run(STATEMENT), run(STATEMENT)
    assert one.dossiers == other.dossiers
    assert json.dumps(one.report.as_json()) == json.dumps(other.report.as_json())
    for language in ("zh", "en"):
        assert not [c for _, _, c in one.report.reasons() if c in one.report.as_text(language)]
    assert fates(run(STATEMENT.encode("gb18030"))) == FATES


# -- tables with the mess that such files have ------------------------------------------------------------------------


def messy(shared_data: Path) -> tuple[Made, ...]:
    return make_tables("settlement", fields_of(shared_data, "settlement"))


def as_promised(made: Made, imported: Imported, folder: Path) -> None:
    """Counts and rows of *made* are those of the import: rows read + refused + not understood = rows."""
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
    rows = dossier_of(imported, folder).rows["electricity"]
    assert len(rows) == len(made.rows), made.name
    for row, wanted in zip(rows, made.rows, strict=True):
        assert row.values["MWh"] == Decimal(wanted["结算电量(MWh)"]), made.name
        assert row.values["contract"] == wanted["交易合同编号"]
        assert row.start is not None
        assert row.start.isoformat()[:7] == wanted["交易周期(年/月)"]
        assert row.values["supplier"] == wanted["售电方/发电企业"]
    told = {p.code for p in imported.report.problems}
    assert not told & {"green-power.above-contract", "green-power.above-lower", "green-power.charge"}, made.name
    if not made.refused:
        assert "certificate-tables.total" not in told, made.name


@pytest.mark.parametrize("number", range(10))
def test_messy_statement(number: int, shared_data: Path, tmp_path: Path) -> None:
    made = messy(shared_data)[number]
    assert green_power_settlement.detect(made.data)
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
