"""A dossier as values: amounts in base units with what was written beside them, equal after every detour, never changed."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.canonical import canonical_bytes
from zerofactory_engine.decimals import plain
from zerofactory_engine.dossier import Dossier, Evidence, Period, Stated, dossier_from_tree, read_dossier
from zerofactory_engine.dossier.read import read_bytes
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.reasons import Cause, Unknown
from zerofactory_engine.yaml_text import read_yaml

WORKED = Path(__file__).parent / "examples/worked-site.yaml"
BASE: dict[str, Any] = {"format": "zerofactory/dossier/1", "id": "d", "facility": {"id": "F1", "name": {"en": "Site"}},
                        "period": {"from": "2025-01-01", "to": "2025-12-31"}}


def made(**more: Any) -> Dossier:
    return dossier_from_tree({**BASE, **more}, lenient=True)


@pytest.fixture(scope="module")
def worked() -> Dossier:
    return read_dossier(WORKED).dossier


def test_the_worked_site_reads_without_a_finding(worked: Dossier) -> None:
    result = read_dossier(WORKED)
    assert result.problems == ()
    assert result.format == "zerofactory/dossier/1"
    assert {n: len(t) for n, t in worked.tables.items() if t.rows} == {
        "meters": 3, "energy": 1, "electricity": 2, "certificates": 1, "credits": 1, "economics": 1, "products": 2,
        "equipment": 2, "checklists": 2, "documents": 10}


def test_amounts_are_in_base_units_and_keep_what_was_written(worked: Dossier) -> None:
    grid, solar = worked.rows["electricity"]
    assert (grid.values["MWh"], grid.stated["MWh"]) == (Decimal(10000), Stated("10", "GWh"))
    assert (solar.values["MWh"], solar.stated["MWh"]) == (Decimal(1200), Stated("1200000", "kWh"))
    assert worked.rows["economics"][0].values["amount"] == Decimal(210_000_000)
    assert (grid.start, grid.end, grid.meter, grid.obtained) == (date(2025, 1, 1), date(2025, 12, 31), "M1", "invoiced")
    assert grid.documents == (Evidence("D1", page=3),)
    assert str(solar.documents[0]) == "D2#sheet=2025&cell=F14"
    assert grid.basis.level == "claimed"


def test_scope_holds_tables_and_contexts(worked: Dossier) -> None:
    scope = worked.scope()
    assert scope["electricity"].columns["MWh"] == [Decimal(10000), Decimal(1200)]
    assert scope["electricity"].columns["technology"] == [None, "solar"]
    assert scope["facility"]["ccus"] is False
    assert scope["facility"]["latitude"] is None
    assert scope["plan"]["residual_from"] is None
    assert scope["claim"]["report_public"] is True
    assert scope["boundary"]["exclusions"] == ()
    assert scope["period"] == {"start": date(2025, 1, 1), "end": date(2025, 12, 31), "years": Decimal(1),
                               "months": Decimal(12), "days": Decimal(365), "time_zone": "Asia/Shanghai"}
    assert set(worked.scope(["energy"])) == {"energy", "facility", "organisation", "period", "boundary", "base_year", "plan", "claim"}


def test_every_column_of_the_vocabulary_is_in_the_scope(worked: Dossier) -> None:
    from zerofactory_engine.dossier.vocabulary import types

    scope = worked.scope()
    for root, kind in types().items():
        cells = scope[root].columns if kind.element is not None else scope[root]
        assert set((kind.element or kind).fields) <= set(cells), root


def test_uncertainty_estimate_and_basis_are_read() -> None:
    row = made(electricity=[{
        "id": "E1", "MWh": "10", "obtained": "estimated", "estimate": {"method": "average", "conservative": "yes"},
        "uncertainty": {"half_width_percent": "5", "coverage_factor": "2", "basis": "certificate"},
        "basis": {"level": "sighted", "by": "assessor-7", "on": "2026-02-01"}, "correction": "no"}]).rows["electricity"][0]
    assert row.uncertainty is not None
    assert (row.uncertainty.half_width, row.uncertainty.coverage_factor) == (Decimal("0.05"), Decimal(2))
    assert (row.basis.level, row.basis.by, row.basis.on) == ("sighted", "assessor-7", date(2026, 2, 1))
    assert row.estimate == {"method": "average", "conservative": True}


def test_not_known_is_no_value_and_stays_said() -> None:
    row = made(certificates=[{"id": "C1", "claimed_elsewhere": "not known"}]).rows["certificates"][0]
    assert row.get("claimed_elsewhere") is None
    assert row.given["claimed_elsewhere"] == "not known"


def test_rows_without_id_go_by_their_order() -> None:
    assert [r.id for r in made(electricity=[{"MWh": "1"}, {"id": "X", "MWh": "2"}, {"MWh": "3"}]).rows["electricity"]] == ["r1", "X", "r3"]


# -- equal after every detour --------------------------------------------------------------------------------------

def test_json_and_yaml_give_equal_dossiers(worked: Dossier) -> None:
    as_json = json.dumps(worked.canonical(), ensure_ascii=False).encode()
    again = read_bytes(as_json, "dossier.json").dossier
    assert again == worked
    assert again.sha256 == worked.sha256
    assert again.rows["electricity"][0].values == worked.rows["electricity"][0].values


def test_canonical_form_is_plain_json_and_stable(worked: Dossier) -> None:
    assert dossier_from_tree(worked.canonical()).canonical() == worked.canonical()
    assert canonical_bytes(worked.canonical()) == canonical_bytes(read_dossier(WORKED).dossier.canonical())


def test_places_and_order_of_keys_do_not_matter() -> None:
    one = read_bytes(b"format: zerofactory/dossier/1\nid: d\nfacility: {id: F1, name: {en: S}}\nperiod: {from: 2025-01-01, to: 2025-12-31}\n"
                     b"electricity:\n  - {id: E1, MWh: 1.50}\n", "a.yaml").dossier
    other = read_bytes(b"id: d\nperiod: {to: 2025-12-31, from: 2025-01-01}\nelectricity: [{MWh: 1.5, id: E1}]\n\nfacility: {name: {en: S}, id: F1}\n"
                       b"format: zerofactory/dossier/1\n", "b.yaml").dossier
    assert one == other
    assert one.sha256 == other.sha256


amounts = st.decimals(min_value=Decimal(-10**9), max_value=Decimal(10**9), places=4, allow_nan=False)
rows = st.lists(st.fixed_dictionaries(
    {"flow": st.sampled_from(["consumed", "exported", "generated"])},
    optional={"MWh": amounts.map(plain), "note": st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=12),
              "ct_ratio": st.integers(1, 10**6).map(str), "commissioned": st.dates(date(1990, 1, 1), date(2030, 1, 1)).map(date.isoformat),
              "correction": st.booleans(), "attributes_claimed_elsewhere": st.sampled_from(["yes", "no", "not known"]),
              "supplier_factor": amounts.map(lambda d: f"{plain(d)} kgCO2/kWh"),
              "uncertainty": st.fixed_dictionaries({}, optional={"half_width_percent": st.integers(0, 100).map(str)})}), max_size=6)


@settings(deadline=None, max_examples=120)
@given(rows)
def test_any_dossier_survives_its_canonical_form(cells: list[dict[str, Any]]) -> None:
    dossier = made(electricity=cells, complete=["electricity"])
    again = dossier_from_tree(json.loads(json.dumps(dossier.canonical())), lenient=True)
    assert again == dossier
    assert [r.values for r in again.rows.get("electricity", ())] == [r.values for r in dossier.rows.get("electricity", ())]


# -- pure changes --------------------------------------------------------------------------------------------------

def test_added_rows_read_like_those_that_stand_there(worked: Dossier) -> None:
    changed = worked.with_rows("certificates", [{"system": "GEC", "technology": "wind", "MWh": Decimal("12.5"), "bundled": False,
                                                 "issued_on": date(2025, 12, 31)}])
    row = changed.rows["certificates"][-1]
    assert (row.id, row.values["MWh"], row.values["bundled"], row.values["issued_on"]) == ("new1", Decimal("12.5"), False, date(2025, 12, 31))
    assert len(worked.rows["certificates"]) == 1
    assert dossier_from_tree(changed.canonical()) == changed


def test_a_decimal_is_in_base_units_and_a_text_in_those_of_the_column(worked: Dossier) -> None:
    shares = worked.with_rows("heat", [{"non_fossil_percent": Decimal("0.3")}, {"non_fossil_percent": "30"}, {"GJ": "2 TJ"}])
    first, second, third = shares.rows["heat"]
    assert first.values["non_fossil_percent"] == second.values["non_fossil_percent"] == Decimal("0.3")
    assert third.values["GJ"] == 2000


def test_added_rows_are_checked(worked: Dossier) -> None:
    with pytest.raises(ProblemsError, match=r"typed\.unknown-key"):
        worked.with_rows("electricity", [{"mwh": "1"}])
    with pytest.raises(ProblemsError, match=r"dossier\.duplicate-id"):
        worked.with_rows("electricity", [{"id": "E1", "MWh": "1"}])


def test_a_cell_is_replaced_or_emptied(worked: Dossier) -> None:
    changed = worked.replace_cell("electricity", "E1", "MWh", "5 GWh")
    assert changed.rows["electricity"][0].values["MWh"] == 5000
    assert "amount" not in changed.rows["electricity"][0].given
    assert worked.replace_cell("electricity", "E2", "technology", None).rows["electricity"][1].get("technology") is None
    assert worked.rows["electricity"][0].values["MWh"] == 10000


def test_without_documents_nothing_refers_to_them(worked: Dossier) -> None:
    changed = worked.without_documents(["D1", "D9"])
    assert "D1" not in changed.documents
    assert changed.rows["electricity"][0].documents == ()
    assert changed.rows["products"][0].get("footprint_report") is None
    assert dossier_from_tree(changed.canonical()) == changed


def test_without_a_table_nothing_is_known_of_it(worked: Dossier) -> None:
    changed = worked.without_table("electricity")
    assert not changed.tables["electricity"].rows
    assert [r.code for r in changed.tables["electricity"].gaps] == ["dossier.reason-not-complete"]
    assert worked.declared_complete("heat").tables["heat"].gaps == ()
    assert worked.without_rows("electricity", ["E1"]).rows["electricity"][0].id == "E2"


# -- figures and periods ---------------------------------------------------------------------------------------------

def test_figures_of_period_base_year_and_history() -> None:
    dossier = made(
        economics=[{"figure": "revenue", "amount": "3000", "unit": "万元"}],
        base_year={"year": "2020", "figures": [{"figure": "total_emissions", "amount": "5", "unit": "tCO2e"}]},
        history=[{"figure": "revenue", "amount": "1", "unit": "100MCNY", "from": "2020-01-01", "to": "2020-12-31"}])
    assert dossier.figure("revenue") == 30_000_000
    assert dossier.figure("total_emissions", "base") == 5
    assert dossier.figure("revenue", "base") == 100_000_000
    assert dossier.figure("revenue", "2020") == 100_000_000
    missing = dossier.figure("gross_output_value")
    assert isinstance(missing, Unknown)
    assert [(r.cause, r.code) for r in missing.reasons] == [(Cause.VALUE, "dossier.reason-no-figure")]


def test_figures_of_parts_of_the_year_are_added_only_if_they_tile_it_and_can_be_added() -> None:
    def halves(figure: str, second: str) -> Any:
        return made(economics=[{"figure": figure, "amount": "10", "from": "2025-01-01", "to": "2025-06-30"},
                               {"figure": figure, "amount": "20", "from": second, "to": "2025-12-31"}]).figure(figure)

    assert halves("revenue", "2025-07-01") == 300_000
    assert [r.code for r in halves("revenue", "2025-08-01").reasons] == ["dossier.reason-figure-part"]
    assert [r.code for r in halves("revenue", "2025-06-01").reasons] == ["dossier.reason-figure-ambiguous"]
    assert [r.code for r in halves("renewable_energy_share", "2025-07-01").reasons] == ["dossier.reason-figure-ambiguous"]
    assert [r.code for r in halves("employees", "2025-07-01").reasons] == ["dossier.reason-figure-ambiguous"]


@pytest.mark.parametrize(("start", "end", "years", "months"), [
    ("2025-01-01", "2025-12-31", "1", "12"), ("2024-01-01", "2024-12-31", "1", "12"), ("2025-04-01", "2026-03-31", "1", "12"),
    ("2025-01-01", "2025-06-30", "0.5", "6"), ("2023-01-01", "2025-12-31", "3", "36"), ("2025-01-15", "2025-02-14", None, "1"),
    ("2025-01-01", "2025-03-14", "0.2", None)])
def test_years_of_a_period(start: str, end: str, years: str | None, months: str | None) -> None:
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    assert period.months == (None if months is None else Decimal(months))
    if years is not None:
        assert period.years == Decimal(years)


def test_a_period_of_days_counts_them_in_their_own_year() -> None:
    total = Period(date(2024, 12, 31), date(2025, 1, 2)).years
    assert abs(total - (Decimal(1) / 366 + Decimal(2) / 365)) < Decimal("1e-25")


# -- many rows -------------------------------------------------------------------------------------------------------

def test_five_hundred_rows_are_all_read(tmp_path: Path) -> None:
    row = "  - {id: E%d, flow: consumed, source: grid, MWh: %d.25, meter: N%d, from: 2025-%02d-01, to: 2025-%02d-28, obtained: metered, documents: [D1]}"
    lines = ["format: zerofactory/dossier/1", "id: big", "facility: {id: F1, name: {en: Site}}", "period: {from: 2025-01-01, to: 2025-12-31}",
             "meters:", *(f"  - {{id: N{i}}}" for i in range(50)), "electricity:",
             *(row % (i, i, i // 12, i % 12 + 1, i % 12 + 1) for i in range(500)), "documents: [{id: D1, kind: electricity_settlement}]"]
    path = tmp_path / "big.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert len(read_dossier(path).dossier.rows["electricity"]) == 500


def test_a_tree_that_was_read_elsewhere_keeps_its_places() -> None:
    text = WORKED.read_bytes().replace(b"Nm3: 200000", b"Nm3: many")
    with pytest.raises(ProblemsError) as caught:
        dossier_from_tree(read_yaml(text, "case.yaml"))
    place = caught.value.problems[0].place
    assert (place.file, place.path) == ("case.yaml", "energy/G1/Nm3")
    assert place.line is not None


def test_tables_and_columns_are_made_when_asked_for(worked: Dossier) -> None:
    table = worked.tables["electricity"]
    assert worked.tables["electricity"] is table
    assert table.row("E2") is not None
    assert table.row("E9") is None
    columns = table.feel.columns
    assert columns["MWh"] is columns["MWh"]
    assert "mwh" not in columns
    assert "documents" not in columns
    with pytest.raises(KeyError):
        columns["documents"]
    with pytest.raises(KeyError):
        worked.tables["nothing"]
    assert len(worked.tables) == len(list(worked.tables))
    assert len(columns) == len(dict(columns))


def test_what_a_document_covers(worked: Dossier) -> None:
    bill, ledger = worked.documents["D1"], worked.documents["D8"]
    assert bill.covers(date(2025, 1, 1), date(2025, 12, 31)) is True
    assert bill.covers(date(2024, 12, 31), date(2025, 12, 31)) is False
    assert ledger.covers(date(2025, 1, 1), date(2025, 12, 31)) is None


def test_equality_is_that_of_content(worked: Dossier) -> None:
    assert worked != worked.without_table("energy")
    assert len({worked, read_dossier(WORKED).dossier}) == 1
    assert worked.rows["electricity"][0] == read_dossier(WORKED).dossier.rows["electricity"][0]
    assert len(set(worked.rows["electricity"])) == 2
