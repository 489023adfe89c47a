"""Every row of the outside default values is reachable by code and country as the rules say: 11 691 rows, another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.mappings.cbam.reference.workbooks import read_rows

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.defaults import store as sets
from zerofactory_mappings.cbam.defaults.grid import read_file
from zerofactory_mappings.cbam.defaults.lookup import lookup
from zerofactory_mappings.cbam.defaults.model import DefaultSet
from zerofactory_mappings.cbam.defaults.read import read
from zerofactory_mappings.cbam.defaults.store import shipped_set
from zerofactory_mappings.cbam.defaults.write import store

Row = Mapping[str, str]
DASHES = ("–", "_", "-")
OTHERS = "Other Countries and Territories"
FIRST_YEAR = {"Fertilisers": Decimal("1.01")}


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> list[dict[str, str]]:
    return read_rows(shared_data / "cbam/definitive/default_values_2025-2621_v20260204.csv")


@pytest.fixture(scope="module")
def loaded(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> DefaultSet:
    """The whole set as the import stores it and the store reads it back."""
    path = shared_data / "cbam/definitive/default_values_2025-2621_v20260204.csv"
    data, root = path.read_bytes(), tmp_path_factory.mktemp("sets")
    store(read(read_file(data, path.name)), root, "whole", date(2026, 2, 4), path.name, data)
    patch = pytest.MonkeyPatch()
    patch.setenv(sets.DATA_SETTING, str(root))
    (found,) = [s for s in sets.default_sets() if s.version == "whole"]
    patch.undo()
    return found


# The oracle: the rules of 2025/2621 Annex I once more, over the raw CSV rows, in thirty lines of its own.

def candidates(table: Sequence[Row], cn: str) -> list[Row]:
    for length in (8, 6, 4):
        found = [r for r in table if r["cn_code"] == cn[:length] and r["total"] != "see below"]
        if found:
            return found
    return []


def oracle(tables: Mapping[str, Sequence[Row]], country: str, cn: str, description: str) -> tuple[Row, bool]:
    for name in (country, OTHERS):
        found = candidates(tables[name], cn)
        if len(found) > 1:
            found = [r for r in found if r["description"].split()[0] == description.split()[0]]
        if found and found[0]["total"] not in DASHES:
            return found[0], name != country
    raise LookupError(cn)


def asked(row: Row, table: Sequence[Row]) -> str:
    """An 8-digit code for which *row* is the longest match: one in scope if there is one, else one made up."""
    code = row["cn_code"]
    for cn in (code, *(c for c in scope.codes() if c.startswith(code)), *(f"{code}{'99' * n}" for n in (1, 2))):
        if len(cn) == 8 and row in candidates(table, cn):
            return cn
    raise LookupError(code)


def test_every_row_is_reachable(rows: list[dict[str, str]], loaded: DefaultSet) -> None:
    tables: dict[str, list[Row]] = {}
    for row in rows:
        tables.setdefault(row["country"], []).append(row)
    fates: Counter[str] = Counter()
    for row in rows:
        if row["total"] == "see below":
            fates["heading"] += 1
            continue
        cn = asked(row, tables[row["country"]])
        wanted, fallback = oracle(tables, row["country"], cn, row["description"])
        variant = row["description"].split()[0] if len(candidates(tables[OTHERS], cn)) > 1 else None
        found = lookup(cn, row["country"], year=2026, variant=variant, sets=[loaded])
        assert found.total.value == Decimal(wanted["total"]), (row, cn)
        assert found.value == Decimal(wanted["total"]) * FIRST_YEAR.get(row["sector"], Decimal("1.10"))
        letters = "".join(c for c in wanted["benchmark_route"] if c in "ABCDEFGHJKL" and wanted["benchmark_route"] != "N/A")
        assert "".join(found.routes) == letters, row
        assert found.fallback == (fallback and row["country"] != OTHERS)
        assert found.matched == wanted["cn_code"]
        fates["fallback" if found.fallback else "value"] += 1
    assert fates == {"value": 10212, "fallback": 673, "heading": 806}


def test_every_code_in_scope_has_a_default_value_for_every_loaded_country(loaded: DefaultSet) -> None:
    """But electricity, and the code that ended with 2025: both are told as problems."""
    missing: Counter[str] = Counter()
    for country in loaded.countries:
        for cn in scope.codes():
            variant = "grey" if cn in ("25231000", "25239000") else None
            if cn in ("27160000", "31021010"):
                with pytest.raises(ProblemsError) as caught:
                    lookup(cn, country, year=2026, sets=[loaded])
                assert [p.code for p in caught.value.problems] == ["cbam-defaults.no-row"]
                missing[cn] += 1
                continue
            assert lookup(cn, country, year=2026, variant=variant, sets=[loaded]).total.value >= 0
    assert missing == {"27160000": 117, "31021010": 117}


def test_the_printed_totals_with_mark_up_of_2026_come_out_but_are_never_read(rows: list[dict[str, str]]) -> None:
    """They are printed with three decimals or more; in all comparable rows of 2026 they agree."""
    compared = 0
    for row in rows:
        if row["total"][:1].isdigit() and row["total_2026_with_markup"][:1].isdigit():
            factor = FIRST_YEAR.get(row["sector"], Decimal("1.10"))
            assert abs(Decimal(row["total"]) * factor - Decimal(row["total_2026_with_markup"])) <= Decimal("0.00101"), row
            compared += 1
    assert compared > 10_000


def test_the_shipped_rows_equal_the_loaded_ones(loaded: DefaultSet) -> None:
    mine = {(r.country, r.code, r.variant): (r.kind, r.total, r.routes) for r in shipped_set().rows}
    theirs = {(r.country, r.code, r.variant): (r.kind, r.total, r.routes) for r in loaded.rows if r.country in ("CN", "other")}
    assert mine == theirs


def test_countries_of_the_act_that_the_file_lacks_have_no_data(loaded: DefaultSet) -> None:
    assert [c.en for c in scope.countries() if c.listed and not loaded.has(c.id)] == ["Thailand", "Taiwan", "United States"]
    for name in ("Taiwan", "Thailand", "United States"):
        with pytest.raises(ProblemsError) as caught:
            lookup("72083900", name, year=2026, sets=[loaded])
        assert caught.value.problems[0].code == "cbam-defaults.no-data"
