"""Ten supplementary data sheets with the mess that such files have, made without a look at the reader."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from tests.mappings.sources.messes.make import Made, fields_of, make_tables

from zerofactory_engine.dossier.read import read_dossier
from zerofactory_mappings.sources import Imported, mee_supplement


@cache
def tables(shared_data: Path) -> dict[str, Made]:
    made = make_tables("mee-supplement", fields_of(shared_data, "mee-supplement"))
    return {m.name: m for m in made}


def run(made: Made) -> Imported:
    return mee_supplement.import_bytes(made.data, f"{made.name}.{made.suffix}", {})


@pytest.mark.parametrize("number", range(10))
def test_rows_read_refused_and_not_understood_are_the_rows_of_the_file(number: int, shared_data: Path, tmp_path: Path
                                                                       ) -> None:
    made = list(tables(shared_data).values())[number]
    imported = run(made)
    rows = {int(e.path.rpartition("/")[2]): e for e in imported.report.entries
            if e.collection.startswith("rows") and "说明" not in e.collection}
    first = min(n for n, e in rows.items() if e.state in ("used", "refused"))
    below = {n: e for n, e in rows.items() if n >= first}
    states = Counter(e.state.value for e in below.values())
    assert (states["used"], states["refused"], states["kept"]) == (len(made.rows), made.refused, made.not_understood)
    assert len(below) == made.total_rows
    assert [n for n, e in rows.items() if e.state == "used"] == list(made.places)
    for name, data in imported.dossiers.items():
        (tmp_path / name).write_bytes(data)
    dossier = read_dossier(tmp_path / "mee-2025.yaml").dossier
    bought = [r for r in dossier.rows["electricity"] if r.values["flow"] == "consumed"]
    assert [r.values["MWh"] for r in bought] == [Decimal(r["购入电量(MWh)"]) for r in made.rows]
    burnt = [(r.values["t"], r.values["oxidation_percent"] * 100) for r in dossier.rows["energy"]]
    assert burnt == [(Decimal(r["消耗量(t 或 万Nm3) 燃煤/辅助燃油"]), Decimal(r["碳氧化率(%)"])) for r in made.rows]
    heat = [r.values["GJ"] for r in dossier.rows["heat"]]
    assert heat == [Decimal(r["供热量(GJ)"]) for r in made.rows]


def test_purchased_electricity_of_the_generator_agrees_with_its_factor(shared_data: Path) -> None:
    for made in tables(shared_data).values():
        told = Counter(p.code for p in run(made).report.problems)
        assert not told["mee.power-emission"], made.name
        assert not told["mee.total"], made.name
