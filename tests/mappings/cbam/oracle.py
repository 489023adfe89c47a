"""Recalculate filled templates with LibreOffice and read what they print: an oracle that shares no code with ours.

One call of LibreOffice converts many files, and each call has a profile of its own, so that several tests may run at
the same time and no setting of the user counts.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

#: Seconds for one call, beside those for each file.
_START, _EACH = 120, 60


def libreoffice() -> str:
    """The program; the test is skipped when it is not installed."""
    found = shutil.which("soffice")
    if found is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    return found


def recalculate(data: bytes) -> bytes:
    """The workbook as LibreOffice stores it after calculating it."""
    return recalculate_many([data])[0]


def recalculate_many(workbooks: Sequence[bytes]) -> list[bytes]:
    """Several workbooks in one call, in the same order."""
    program = libreoffice()
    with tempfile.TemporaryDirectory(prefix="zerofactory-oracle-") as folder:
        base = Path(folder)
        (base / "in").mkdir()
        (base / "out").mkdir()
        names = [f"book{number:04d}.xlsx" for number in range(len(workbooks))]
        for name, data in zip(names, workbooks, strict=True):
            (base / "in" / name).write_bytes(data)
        environment = {**os.environ, "HOME": folder, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [program, f"-env:UserInstallation=file://{base}/profile", "--headless", "--norestore", "--convert-to", "xlsx",
             "--outdir", str(base / "out"), *[str(base / "in" / n) for n in names]],
            capture_output=True, text=True, timeout=_START + _EACH * len(names), env=environment, check=False)
        missing = [n for n in names if not (base / "out" / n).is_file()]
        assert not missing, f"LibreOffice gave nothing for {missing}: {done.stdout[-500:]} {done.stderr[-500:]}"
        return [(base / "out" / n).read_bytes() for n in names]


def opened(data: bytes, *, values: bool = True) -> openpyxl.Workbook:
    """A workbook read with openpyxl: stored results (*values*) or formulas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(io.BytesIO(data), data_only=values)


def printed(data: bytes) -> dict[str, Any]:
    """What the workbook prints, with the labels of the template as keys of the figures.

    ``{"installation": {"co2", "biomass_co2", "n2o", "pfc", "direct", "indirect", "total"},
    "processes": {name: {"direct_own", "heat", "waste_gas", "attributed_direct", "attributed_indirect",
    "activity_level", "se_direct", "see_direct", "se_indirect", "see_indirect", "electricity",
    "embedded_electricity"}},
    "precursors": {name: {"see_direct", "see_indirect", "electricity"}},
    "products": [{"process", "cn", "name", "see_direct", "see_indirect", "see_total", "default_share",
    "electricity_code", "embedded_electricity"}]}`` - a figure that is not printed is None.
    """
    book = opened(data)
    balance = book["C_Emissions&Energy"]
    summary, products = book["Summary_Processes"], book["Summary_Products"]
    totals = {n: _number(balance[c]) for n, c in (("co2", "H27"), ("biomass_co2", "I27"), ("n2o", "J27"), ("pfc", "K27"),
                                                  ("direct", "L27"), ("indirect", "M27"), ("total", "N27"))}
    processes: dict[str, dict[str, float | None]] = {}
    for number in range(10):
        name = summary[f"E{71 + number}"].value
        if not name:
            continue
        row = processes.setdefault(str(name), {})
        for key, column in (("direct_own", "H"), ("heat", "I"), ("waste_gas", "J"), ("attributed_direct", "K"),
                            ("attributed_indirect", "L"), ("activity_level", "N")):
            row[key] = _number(summary[f"{column}{71 + number}"])
        for key, column in (("se_direct", "G"), ("see_direct", "H"), ("se_indirect", "I"), ("see_indirect", "J"),
                            ("electricity", "K"), ("embedded_electricity", "L")):
            row[key] = _number(summary[f"{column}{102 + number}"])
    precursors = {str(summary[f"E{115 + n}"].value): {
        "see_direct": _number(summary[f"H{115 + n}"]), "see_indirect": _number(summary[f"J{115 + n}"]),
        "electricity": _number(summary[f"K{115 + n}"])} for n in range(20) if summary[f"E{115 + n}"].value}
    rows = [{"process": products[f"D{r}"].value, "cn": products[f"F{r}"].value, "name": products[f"H{r}"].value,
             "see_direct": _number(products[f"I{r}"]), "see_indirect": _number(products[f"J{r}"]),
             "see_total": _number(products[f"K{r}"]), "default_share": _number(products[f"M{r}"]),
             "electricity_code": products[f"N{r}"].value, "embedded_electricity": _number(products[f"O{r}"])}
            for r in range(10, 110) if products[f"D{r}"].value]
    return {"installation": totals, "processes": processes, "precursors": precursors, "products": rows}


def _number(cell: Any) -> float | None:
    return float(cell.value) if isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool) else None
