"""Ten lists of CCER with the mess that such files have, what one cell of a cancellation says, and bad rows."""

from __future__ import annotations

import subprocess
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.mappings.sources.messes.make import Made, fields_of, make_tables

from zerofactory_engine.dossier.read import read_dossier
from zerofactory_mappings.sources import Imported, credit_registry

HEADER = "项目编号,批次/序列号区间,核证减排量(tCO2e),减排量年份(vintage),注销日期/数量/用途"


def run(data: bytes, name: str) -> Imported:
    return credit_registry.import_bytes(data, name, {})


def messy(shared_data: Path) -> tuple[Made, ...]:
    return make_tables("ccer", fields_of(shared_data, "ccer"))


def as_promised(made: Made, imported: Imported, folder: Path) -> None:
    """Rows read + refused + not understood = rows of the file, and the credits are those of *made*."""
    below = {int(e.path.rpartition("/")[2]): e for e in imported.report.entries if "说明" not in e.collection}
    below = {n: e for n, e in below.items() if n >= made.first}
    states = Counter(e.state.value for e in below.values())
    assert (states["used"], states["refused"], states["kept"]) == (len(made.rows), made.refused, made.not_understood)
    assert len(below) == made.total_rows
    assert [n for n, e in below.items() if e.state == "used"] == list(made.places)
    folder.mkdir()
    for name, data in imported.dossiers.items():
        (folder / name).write_bytes(data)
    dossier = read_dossier(folder / "credits.yaml").dossier
    assert not [c for c in dossier.checks if c.code.startswith("dossier.serials")]
    for row, wanted in zip(dossier.rows["credits"], made.rows, strict=True):
        day, size, purpose = wanted["注销日期/数量/用途(抵销, 碳中和)"].split("；")
        assert (row.values["quantity"], str(row.values["retired_on"]), row.values["purpose"]) == (Decimal(size), day, purpose)
        assert row.values["serials"]["first"] == wanted["批次/序列号区间"][:18]
        assert (row.values["vintage_from"], row.values["vintage_to"]) == (date(2024, 1, 1), date(2024, 12, 31))
        assert row.values["project"] == wanted["项目编号"]


@pytest.mark.parametrize("number", range(10))
def test_messy_list(number: int, shared_data: Path, tmp_path: Path) -> None:
    made = messy(shared_data)[number]
    assert credit_registry.detect(made.data)
    as_promised(made, run(made.data, f"{made.name}.{made.suffix}"), tmp_path / "made")


@pytest.mark.full
def test_messy_lists_saved_by_libreoffice(shared_data: Path, tmp_path: Path) -> None:
    made = [m for m in messy(shared_data) if m.suffix == "xlsx"]
    for each in made:
        (tmp_path / f"{each.name}.xlsx").write_bytes(each.data)
    subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
                    "xlsx", "--outdir", str(tmp_path / "saved"), *(str(tmp_path / f"{m.name}.xlsx") for m in made)],
                   check=True, capture_output=True, timeout=300)
    for each in made:
        as_promised(each, run((tmp_path / "saved" / f"{each.name}.xlsx").read_bytes(), f"{each.name}.xlsx"),
                    tmp_path / each.name)


@pytest.mark.parametrize(("row", "fate"), [
    ("CCER-1,C-001~C-300,300,2024,2026年1月20日；300吨；碳中和", ("used", "")),
    ("CCER-1,C-001~C-300,300,2024,2026.1.20 自愿注销", ("used", "")),
    ("CCER-1,C-001~C-300,300,2024,", ("kept", "credits.is-held")),
    ("CCER-1,C-001~C-300,300,2024,—", ("kept", "credits.is-held")),
    ("CCER-1,C-001~C-300,300,2024,2026-01-20；100；碳中和", ("refused", "credits.quantity")),
    ("CCER-1,C-001~C-300,299,2024,2026-01-20", ("refused", "credits.quantity")),
    ("CCER-1,C-001~C-300,,2024,2026-01-20；碳中和", ("refused", "credits.quantity")),
    ("CCER-1,C-001~C-300,约300,2024,2026-01-20；300", ("refused", "credits.no-quantity")),
    ("CCER-1,C-001~C-300,300,2024,待定", ("refused", "credits.no-date")),
    ("CCER-1,C-001~C-300,300,2024,2026-02-30；300", ("refused", "credits.no-date")),
    ("CCER-1,C-300~C-001,300,2024,2026-01-20；300", ("refused", "credits.no-serials")),
    ("CCER-1,,300,2024,2026-01-20；300", ("refused", "credits.no-serials")),
    ("CCER-1,,,2024,", ("kept", "sheets.row-not-understood"))])
def test_one_row(row: str, fate: tuple[str, str]) -> None:
    report = run(f"{HEADER}\n{row}\n".encode(), "ccer.csv").report
    assert [(e.state.value, e.reason) for e in report.entries[1:]] == [fate]
