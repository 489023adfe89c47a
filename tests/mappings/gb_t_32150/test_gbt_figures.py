"""What the total of GB/T 32150 is made of: signs, exports, recovery, biomass, shares, and how it reconciles."""

from __future__ import annotations

import io
import json
import subprocess
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.options import Options
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.commands import written
from zerofactory_mappings.disclosures.subject import Subject, load_subject
from zerofactory_mappings.gb_t_32150 import DISCLOSURE, pages
from zerofactory_mappings.gb_t_32150.build import counts
from zerofactory_mappings.gb_t_32150.model import Gbt32150

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "examples/demo-battery-factory/dossier.yaml"
LIBRARY = FactorLibrary.shipped()

MILL = """format: zerofactory/dossier/1
id: mill
version: 1
organisation: {name: {zh: 示例, en: Example}}
facility: {id: A, name: {zh: 甲厂, en: Plant A}, kind: factory, country: CN, province: CN-JS, market_boundary: CN, ets_covered: COVERED}
period: {from: 2025-01-01, to: 2025-12-31, time_zone: Asia/Shanghai}
boundary: BOUNDARY
complete: [energy, electricity, heat, processes, fugitive, carbon_capture]
energy:
  - {id: F1, carrier: diesel, use: fuel, direction: consumed, t: DIESEL, from: 2025-01-01, to: 2025-12-31, obtained: invoiced}
  - {id: F2, carrier: wood, use: fuel, direction: consumed, t: WOOD, from: 2025-01-01, to: 2025-12-31, obtained: metered}
electricity:
  - {id: E1, from: 2025-01-01, to: 2025-12-31, flow: consumed, source: grid, MWh: GRID, obtained: invoiced}
  - {id: E2, from: 2025-01-01, to: 2025-12-31, flow: exported, source: grid, MWh: PASSED, obtained: metered}
  - {id: E3, from: 2025-01-01, to: 2025-12-31, flow: exported, source: on-site, technology: natural_gas, MWh: MADE, obtained: metered}
  - {id: E4, from: 2025-01-01, to: 2025-12-31, flow: exported, source: on-site, technology: solar, MWh: 70, obtained: metered}
heat:
  - {id: H1, from: 2025-01-01, to: 2025-12-31, flow: consumed, source: purchased, medium: steam, GJ: 300, obtained: invoiced}
  - {id: H2, from: 2025-01-01, to: 2025-12-31, flow: exported, source: own boiler, medium: steam, GJ: HEAT, obtained: metered}
carbon_capture:
  - {id: C1, from: 2025-01-01, to: 2025-12-31, stored_tCO2: STORED, fate: geological storage, obtained: metered}
"""
AMOUNTS = {"DIESEL": "10", "WOOD": "100", "GRID": "100", "PASSED": "40", "MADE": "300", "HEAT": "700", "STORED": "5"}
CONTROL = "{approach: operational control}"


def subject_of(folder: Path, *, boundary: str = CONTROL, covered: str = "no", options: dict[str, str] | None = None,
               **amounts: str) -> Subject:
    text = MILL.replace("BOUNDARY", boundary).replace("COVERED", covered)
    for name, value in {**AMOUNTS, **amounts}.items():
        text = text.replace(f": {name},", f": {value},")
    path = folder / "mill.yaml"
    path.write_text(text, encoding="utf-8")
    return load_subject(path, options=Options(options=options or {}), library=LIBRARY)


def figure(value: object) -> Decimal:
    assert isinstance(value, Decimal)
    return value


def figures(model: Gbt32150) -> dict[str, Decimal]:
    return {row.id: figure(row.total.value) for row in model.classes}


def test_each_class_by_hand(tmp_path: Path) -> None:
    """Jiangsu 0.5827 t/MWh (2023), heat 0.11 t/GJ: amounts that a reader can follow with a pocket calculator."""
    model = DISCLOSURE.build(subject_of(tmp_path))
    found = figures(model)
    assert found["purchased_electricity"] == Decimal("58.27")                   # 100 MWh × 0.5827
    assert found["exported_electricity"] == Decimal("198.118")                  # (40 + 300) × 0.5827, solar at zero
    assert found["purchased_heat"] == Decimal("33")                             # 300 GJ × 0.11
    assert found["exported_heat"] == Decimal("77")                              # 700 GJ × 0.11
    assert found["recovered"] == Decimal("5")
    assert model.total == CONTEXT.add(found["combustion"], Decimal("58.27") + 33 - 5 - Decimal("198.118") - 77)


@pytest.mark.parametrize("options", [
    {"exported_power": "subtract"}, {"biogenic_co2": "inside"},
    {"exported_power": "subtract", "biogenic_co2": "inside"}, {"green_power": "none"}])
def test_the_total_does_not_depend_on_how_the_inventory_treats_exports_and_biomass(
        options: dict[str, str], tmp_path: Path) -> None:
    plain = DISCLOSURE.build(subject_of(tmp_path))
    other = DISCLOSURE.build(subject_of(tmp_path, options=options))
    assert figures(other) == figures(plain)
    assert other.total == plain.total
    assert other.reconciliation.rest == 0


def test_the_enterprise_is_taken_in_whole_whatever_share_is_held(tmp_path: Path) -> None:
    plain = DISCLOSURE.build(subject_of(tmp_path))
    held = subject_of(tmp_path, boundary="{approach: equity share, share_percent: 40}")
    shared = DISCLOSURE.build(held)
    assert shared.whole is True
    assert plain.whole is False
    assert shared.total == plain.total
    step = shared.reconciliation.steps[0]
    assert step.id == "whole"
    assert step.amount == CONTEXT.subtract(figure(plain.inventory.total("scopes_1_2").value),
                                           figure(held.alone.inventory.total("scopes_1_2").value))
    assert shared.reconciliation.rest == 0


def exact(model: Gbt32150) -> tuple[Fraction, Fraction]:
    """The total, and scopes 1 and 2 with the steps, from the lines in exact fractions."""
    signs = {row.id: row.sign for row in model.classes}
    total, start = Fraction(0), Fraction(0)
    for p in model.placed:
        value = Fraction(figure(p.line.tco2e_location))
        class_id = p.places["gb_t_32150"].class_id
        total += value * counts(p.line, signs[class_id]) if class_id else 0
        start += value if p.line.scope in (1, 2) else 0
    return total, start + sum(Fraction(figure(s.amount)) for s in model.reconciliation.steps)


some = st.decimals(min_value=0, max_value=10**6, places=3).map(str)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.fixed_dictionaries(dict.fromkeys(AMOUNTS, some)), subtract=st.booleans(), inside=st.booleans())
def test_inventory_steps_and_total_agree_whatever_the_amounts(
        amounts: dict[str, str], subtract: bool, inside: bool, tmp_path: Path) -> None:
    options = {"exported_power": "subtract" if subtract else "report",
               "biogenic_co2": "inside" if inside else "separate"}
    model = DISCLOSURE.build(subject_of(tmp_path, options=options, **amounts))
    total, reconciled = exact(model)
    size = max(abs(total), Fraction(1))
    assert abs(Fraction(figure(model.total)) - total) <= size * Fraction(1, 10**31)
    assert abs(reconciled - total) <= size * Fraction(1, 10**31)
    assert abs(figure(model.reconciliation.rest)) <= Decimal("1e-24")
    by_class = sum((Fraction(v) * {"plus": 1, "minus": -1, "apart": 0}[model.row(k).sign]
                    for k, v in figures(model).items()), Fraction(0))
    assert abs(by_class - total) <= size * Fraction(1, 10**31)
    assert sum(r.lines for r in model.classes) + len(model.left_out) == len(model.placed)


def test_calculations_come_to_the_classes(tmp_path: Path) -> None:
    for model in (DISCLOSURE.build(subject_of(tmp_path)),
                  DISCLOSURE.build(load_subject(DEMO, options=Options(), library=LIBRARY))):
        for row in model.classes:
            of = [c for c in model.calculations if c.class_id == row.id]
            made = sum((figure(c.tco2e) * c.counts for c in of), Decimal(0))
            if row.sign == "apart":
                made = sum((figure(c.tco2e) for c in of), Decimal(0))
            wanted = figure(row.total.value)
            assert abs(made - (-wanted if row.sign == "minus" else wanted)) < Decimal("1e-20"), row.id


def test_months_with_one_factor_are_one_calculation() -> None:
    model = DISCLOSURE.build(load_subject(DEMO, options=Options(), library=LIBRARY))
    gas = next(c for c in model.calculations if c.carrier == "natural_gas" and c.gas == "CO2")
    assert len(gas.rows) == 24
    assert [t.name for t in gas.factors] == ["ncv", "carbon", "oxidation", "co2"]
    assert gas.obtained == ("metered", "estimated")


def test_an_unknown_amount_leaves_only_its_own_calculation_unknown(tmp_path: Path) -> None:
    model = DISCLOSURE.build(subject_of(tmp_path, PASSED="null"))
    assert isinstance(model.total, Unknown)
    assert isinstance(model.row("exported_electricity").total.value, Unknown)
    assert model.row("exported_electricity").total.known == Decimal("174.81")    # 300 × 0.5827
    unknown = [c for c in model.calculations if isinstance(c.tco2e, Unknown)]
    assert [c.rows for c in unknown] == [("electricity/E2",)]
    assert isinstance(model.reconciliation.rest, Unknown)


@pytest.mark.parametrize(("covered", "key"), [("no", "present"), ("yes", "partly"), ("null", "missing")])
def test_enterprises_inside_the_trading_scheme_are_told(covered: str, key: str, tmp_path: Path) -> None:
    subject = subject_of(tmp_path, covered=covered)
    model = DISCLOSURE.build(subject)
    found = DISCLOSURE.check(model)
    assert found.result("applicability").key == key
    notices = DISCLOSURE.document(model, found, "en", subject.issued).notices
    assert any("inside the trading scheme" in n for n in notices) is (covered == "yes")
    assert any("edition of 2025" in n for n in notices)


def test_an_inventory_of_co2_alone_is_not_seven_gases(tmp_path: Path) -> None:
    found = DISCLOSURE.check(DISCLOSURE.build(subject_of(tmp_path, options={"gases": "co2"})))
    assert found.result("gases").key == "partly"


def test_data_in_a_pdf_leave_out_the_lines_of_a_large_inventory(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = subject_of(tmp_path)
    model = DISCLOSURE.build(subject)
    found = DISCLOSURE.check(model)
    assert len(json.loads(DISCLOSURE.document(model, found, "en", subject.issued).json)["lines"]) == len(model.placed)
    monkeypatch.setattr(pages, "ATTACHED_LINES", 3)
    data = json.loads(DISCLOSURE.document(model, found, "en", subject.issued).json)
    assert data["lines"] == []
    assert data["lines_left_out"] == str(len(model.placed))


@pytest.mark.full
@pytest.mark.parametrize("demo", [True, False])
def test_libreoffice_comes_to_the_same_figures(demo: bool, tmp_path: Path) -> None:
    """Every formula, recalculated from blank."""
    subject = load_subject(DEMO, options=Options(), library=LIBRARY) if demo else subject_of(
        tmp_path, options={"exported_power": "subtract"})
    model = DISCLOSURE.build(subject)
    data = written(DISCLOSURE, model, DISCLOSURE.check(model), ".xlsx", "zh", subject)
    ours = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    live = openpyxl.load_workbook(io.BytesIO(data))
    live.save(tmp_path / "blank.xlsx")                       # openpyxl writes formulas without their values
    subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
                    "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(tmp_path / "blank.xlsx")],
                   check=True, capture_output=True, timeout=300)
    theirs = openpyxl.load_workbook(tmp_path / "out/blank.xlsx", data_only=True)
    compared = 0
    for sheet in live:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    mine, other = (b[sheet.title][cell.coordinate].value for b in (ours, theirs))
                    assert other == pytest.approx(mine, rel=1e-12, abs=1e-12), f"{sheet.title}!{cell.coordinate}"
                    compared += 1
    assert compared > 30
