"""The demo factory: its files are those that the tool writes, its rows those of its documents, its figures those of another route."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from tests.examples.second_route import CH4, CO2_PER_C, FUELS, GWP, N2O, Route, load
from tools.demo_factory.build import build, check_character, pack

from zerofactory_engine import feel
from zerofactory_engine.accounting import FactorLibrary, Inventory, Options, compute_inventory
from zerofactory_engine.dossier import Dossier, read_dossier
from zerofactory_engine.evaluation import Assessment, Request, Verdict, evaluate
from zerofactory_engine.evaluation.assess import Assessor
from zerofactory_engine.evaluation.cases import run_cases
from zerofactory_engine.evaluation.commands import evaluate as evaluate_command
from zerofactory_engine.evaluation.commands import verify as verify_command
from zerofactory_engine.evaluation.levels import stand
from zerofactory_engine.evaluation.request import settle_request
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.rulepack.load import find_pack


@pytest.fixture(scope="module")
def folder() -> Path:
    return Path(__file__).parents[2] / "examples" / "demo-battery-factory"


@pytest.fixture(scope="module")
def route(folder: Path) -> Route:
    return Route(folder)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.zip"
    path.write_bytes(pack(build()))
    return path


@pytest.fixture(scope="module")
def demo(packed: Path) -> Dossier:
    return read_dossier(packed).dossier


@pytest.fixture(scope="module")
def inventory(demo: Dossier) -> Inventory:
    return compute_inventory(demo, Options({}, {"exported_power": "subtract"}), FactorLibrary.shipped())


def test_the_committed_files_are_those_that_the_tool_writes(folder: Path) -> None:
    made = build()
    committed = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    by_hand = {"case.yaml", "README.md", "report-statement.yaml"}
    assert sorted(set(committed) - by_hand) == sorted(made)
    assert [name for name, data in made.items() if committed[name] != data] == []


def test_every_document_has_the_hash_that_the_dossier_states(folder: Path) -> None:
    for document in load(folder)["documents"]:
        assert hashlib.sha256((folder / document["file"]).read_bytes()).hexdigest() == document["sha256"], document["id"]


def test_the_zip_is_the_same_each_time() -> None:
    assert pack(build()) == pack(build())


def test_the_check_character_is_that_of_a_real_code() -> None:
    assert check_character("91350100M000100Y4") == "3"                  # the worked example of GB 32100-2015


def test_the_reader_finds_what_the_demo_holds_on_purpose(packed: Path, folder: Path) -> None:
    result = read_dossier(packed)
    assert all(d.present for d in result.dossier.documents.values())
    assert len(result.dossier.documents) == 48
    wanted = ["dossier.calibration-overdue", "dossier.certificate-expired", "dossier.estimated-share",
              "dossier.management-expired"]
    assert sorted(p.code for p in result.problems) == wanted
    assert sorted(p.code for p in read_dossier(folder / "dossier.yaml").problems) == wanted


def rows_of(folder: Path, file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / file).read_text(encoding="utf-8"))))


def monthly(folder: Path, file: str, column: str) -> list[Decimal]:
    return [Decimal(row[column]) for row in rows_of(folder, file)]


def stated(folder: Path, table: str, prefix: str, column: str) -> list[Decimal]:
    return [Decimal(row[column]) for row in load(folder)[table] if row["id"].startswith(prefix)]


def test_the_rows_are_those_of_the_documents(folder: Path) -> None:
    green = monthly(folder, "electricity/green-power-settlement.csv", "settled MWh")
    tenant = monthly(folder, "electricity/tenant.csv", "MWh")
    first = [kwh / 1000 for kwh in monthly(folder, "electricity/gateway-1.csv", "kWh")]
    second = [kwh / 1000 for kwh in monthly(folder, "electricity/gateway-2.csv", "kWh")]
    assert stated(folder, "electricity", "E1-", "MWh") == [a - b for a, b in zip(first, green, strict=True)]
    assert stated(folder, "electricity", "E2-", "MWh") == [a - b for a, b in zip(second, tenant, strict=True)]
    assert stated(folder, "electricity", "GP-", "MWh") == green
    assert stated(folder, "electricity", "T1-", "MWh") == tenant
    assert stated(folder, "electricity", "PV-", "MWh") == monthly(folder, "electricity/roof-pv.csv", "used on site MWh")
    assert stated(folder, "energy", "G1-", "Nm3") == monthly(folder, "fuels/gas-production.csv", "Nm3")
    assert stated(folder, "energy", "G2-", "Nm3") == monthly(folder, "fuels/gas-canteen.csv", "Nm3")
    assert stated(folder, "heat", "H1-", "t") == monthly(folder, "fuels/steam.csv", "t")


def test_readings_times_ratio_are_the_settled_energy(folder: Path) -> None:
    for file in ("electricity/gateway-1.csv", "electricity/gateway-2.csv"):
        previous = None
        for row in rows_of(folder, file):
            opening, closing = Decimal(row["opening reading"]), Decimal(row["closing reading"])
            assert (closing - opening) * Decimal(row["ratio"]) == Decimal(row["kWh"])
            assert previous in (None, opening)
            previous = closing


def same(value: Any, exact: Fraction) -> bool:
    """Equal in every digit: *value* is the exact fraction rounded to the 34 digits of the engine, to the last unit."""
    assert isinstance(value, Decimal), value
    with localcontext() as context:
        context.prec = 34
        rounded = Decimal(exact.numerator) / Decimal(exact.denominator)
        return bool(abs(value - rounded) <= rounded.copy_abs() * Decimal("1e-32"))


def sums(inventory: Inventory, column: str) -> dict[tuple[int, str, str], Decimal]:
    """Tonnes by scope, source and gas; added with digits to spare, so that no rounding of ours comes in."""
    lines = inventory.table().columns
    out: dict[tuple[int, str, str], Decimal] = {}
    with localcontext() as context:
        context.prec = 60
        for scope, source, gas, value in zip(*(lines[c] for c in ("scope", "source", "gas", column)), strict=True):
            if scope in (1, 2):
                key = (int(scope), source, gas)
                out[key] = out.get(key, Decimal(0)) + value
    return out


def test_the_inventory_by_source_and_gas_equals_the_second_route(inventory: Inventory, route: Route) -> None:
    burned = route.burned()
    mobile = burned["carrier"] != "natural_gas"
    parts = {"stationary_combustion": burned[~mobile], "mobile_combustion": burned[mobile]}
    wanted: dict[tuple[int, str, str], Fraction] = {
        (1, "abatement", "CO2"): route.process_co2(),
        (2, "purchased_electricity", "CO2"): route.grid_co2(),
        (2, "purchased_heat", "CO2"): route.heat_co2(),
    }
    for source, rows in parts.items():
        pairs = list(zip(rows["GJ"], rows["carrier"], strict=True))
        wanted[1, source, "CO2"] = sum((gj * FUELS[c][1] * FUELS[c][2] * CO2_PER_C for gj, c in pairs), Fraction(0))
        wanted[1, source, "CH4"] = sum((gj * CH4[c] for gj, c in pairs), Fraction(0)) * GWP["CH4"]
        wanted[1, source, "N2O"] = sum((gj * N2O[c] for gj, c in pairs), Fraction(0)) * GWP["N2O"]
    kg = {gas: sum(rows["top_up_kg"], Fraction(0)) for gas, rows in route.gas.groupby("gas")}
    wanted |= {(1, "fugitive", "HFC32"): kg["R410A"] / 2000 * 771, (1, "fugitive", "HFC125"): kg["R410A"] / 2000 * 3740,
               (1, "fugitive", "HFC134a"): kg["HFC134a"] / 1000 * 1530, (1, "fugitive", "SF6"): kg["SF6"] / 1000 * 25200}
    found = sums(inventory, "tCO2e_location")
    assert set(found) == set(wanted)
    assert [key for key, exact in wanted.items() if not same(found[key], exact)] == []


def test_both_bases_and_the_energy_equal_the_second_route(inventory: Inventory, route: Route) -> None:
    assert same(added(v for k, v in sums(inventory, "tCO2_location").items() if k[2] == "CO2"), route.co2())
    assert same(added(v for k, v in sums(inventory, "tCO2_market").items() if k[2] == "CO2"), route.market_co2())
    assert same(inventory.total("scopes_1_2").value, route.co2e())
    coal = [value for (_, _, column), value in inventory.derived.items() if column == "tce"]
    assert same(added(v for v in coal if isinstance(v, Decimal)), route.other_energy())


def test_the_tenant_is_counted_nowhere(demo: Dossier, inventory: Inventory, assessor: Assessor) -> None:
    """Rows behind the tenant's sub-meter are evidence: neither emissions nor energy, so that no ratio is diluted."""
    tenant = [row.id for row in demo.rows["electricity"] if row.part == "B-T"]
    assert len(tenant) == 12
    assert not {line.row for line in inventory.lines} & set(tenant)
    without = replace(demo, rows={**demo.rows, "electricity": tuple(r for r in demo.rows["electricity"] if r.part != "B-T")})
    plain = Assessor(without, assessor.pack, Request(valid_on=date(2026, 8, 15)), FactorLibrary.shipped(), None)
    with feel.decimal_context():
        for quantity in ("electricity_consumed", "comprehensive_energy", "total_emissions"):
            assert assessor.run.value(quantity, settled({})) == plain.run.value(quantity, settled({})), quantity


def test_scope_3_equals_the_second_route(inventory: Inventory, route: Route) -> None:
    lines = inventory.table().columns
    rows = list(zip(lines["scope"], lines["table"], lines["tCO2e_location"], strict=True))
    found = {table: added(v for scope, t, v in rows if scope == 3 and t == table) for table in route.scope_3()}
    assert {table for table, exact in route.scope_3().items() if not same(found[table], exact)} == set()
    assert same(inventory.total("all").value, route.co2e() + sum(route.scope_3().values()))


def added(values: Iterable[Decimal]) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        return sum(values, Decimal(0))


PACK = "cn-miit-zcf-2026@0.1.0"
VALUES = {
    "ZCF-1.1": ("1.1", "unit_emissions"), "ZCF-1.2": ("1.2", "non_fossil_energy_share"), "ZCF-1.3": ("1.3", "physical_share"),
    "ZCF-2.1": ("2.1", "energy_per_value_added"), "ZCF-2.2": ("2.2", "efficient_share"), "ZCF-3.1": ("3.1", "footprint_share"),
    "ZCF-3.2": ("3.2", "measures_met"), "ZCF-4.1": ("4.1", "automatic_share"), "ZCF-4.2": ("4.2", "functions_met"),
    "ZCF-5.1": ("5.1", "disclosures_met")}
PERCENT = {"ZCF-1.2", "ZCF-1.3", "ZCF-2.2", "ZCF-3.1", "ZCF-4.1"}


@pytest.fixture(scope="module")
def assessment(demo: Dossier) -> Assessment:
    """The whole assessment under the readings as shipped."""
    return evaluate(demo, find_pack(PACK), Request(valid_on=date(2026, 8, 15)), FactorLibrary.shipped())


@pytest.fixture(scope="module")
def assessor(demo: Dossier) -> Assessor:
    """Verdicts and values one by one, without the sensitivity and levers of a whole assessment."""
    return Assessor(demo, find_pack(PACK), Request(valid_on=date(2026, 8, 15)), FactorLibrary.shipped(), None)


def settled(readings: Mapping[str, str]) -> Mapping[str, str]:
    return settle_request(Request(valid_on=date(2026, 8, 15), readings=readings), find_pack(PACK)).readings


@pytest.mark.parametrize(("readings", "area", "convention"), [
    ({}, "provincial", "calorific"),
    ({"grid_factor_area": "regional"}, "regional", "calorific"),
    ({"tce_of_electricity": "equivalent_2024"}, "provincial", "equivalent_2024"),
    ({"grid_factor_area": "national", "tce_of_electricity": "equivalent_tbea"}, "national", "equivalent_tbea"),
])
def test_the_eleven_indicators_equal_the_second_route(assessor: Assessor, route: Route, readings: dict[str, str],
                                                      area: str, convention: str) -> None:
    wanted, chosen = route.indicators(area, convention), settled(readings)
    with feel.decimal_context():
        for criterion, (indicator, quantity) in VALUES.items():
            value = assessor.run.value(f"{criterion}/{quantity}", chosen)
            # per 10 000 CNY as printed; money is kept in yuan
            assert same(value * 10000 if indicator == "2.1" else value, wanted[indicator]), criterion


def test_the_indicators_are_shown_as_the_scheme_prints_them(assessment: Assessment, route: Route) -> None:
    wanted = route.indicators()
    found = {c.id: c.levels["entry"] for c in assessment.criteria}
    assert sorted(found) == sorted([*VALUES, "ZCF-2.3"])
    assert found["ZCF-2.3"].verdict is Verdict.NOT_APPLICABLE           # nothing is captured
    for criterion, (indicator, _) in VALUES.items():
        shown = found[criterion].value
        assert shown is not None
        assert same(shown.value, wanted[indicator] * (100 if criterion in PERCENT else 1)), criterion


def cases() -> list[dict[str, Any]]:
    path = Path(__file__).parents[2] / "examples" / "demo-battery-factory" / "case.yaml"
    loaded: list[dict[str, Any]] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return loaded


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_the_verdicts_are_those_worked_out_by_hand(assessor: Assessor, case: dict[str, Any]) -> None:
    chosen = settled(case.get("readings", {}))
    for level in assessor.pack.levels:
        wanted = case["expect"][level]
        with feel.decimal_context():
            judged = {c.id: assessor.judge.judge(c, level, chosen) for c in assessor.pack.criteria.values()}
        assert {name: j.verdict.value for name, j in judged.items()} == {
            name: v if isinstance(v, str) else v["verdict"] for name, v in wanted.items()}
        for name, outcome in judged.items():
            if isinstance(wanted[name], dict):
                assert [(str(r.cause), str(r.settled_by)) for r in outcome.reasons] == [
                    (wanted[name]["cause"], wanted[name]["settled_by"])]
        standing = stand({name: j.verdict for name, j in judged.items()}, {name: j.causes for name, j in judged.items()})
        assert standing.verdict.value == case["expect"]["levels"][level]


@pytest.mark.parametrize("name", cases()[0]["expect"]["quantities"])
def test_the_quantities_worked_out_by_hand(assessor: Assessor, name: str) -> None:
    value, unit = cases()[0]["expect"]["quantities"][name].split()
    assert unit == "MWh"
    with feel.decimal_context():
        assert assessor.run.value(name, settled({})) == Decimal(value)


def test_the_whole_assessment_as_shipped_says_the_same(assessment: Assessment) -> None:
    wanted = cases()[0]["expect"]
    for level in ("entry", "target"):
        assert {c.id: c.levels[level].verdict.value for c in assessment.criteria} == {
            name: v if isinstance(v, str) else v["verdict"] for name, v in wanted[level].items()}
    assert {level.id: level.verdict.value for level in assessment.levels} == wanted["levels"]
    flips = {(c.id, f.reading, f.alternative) for c in assessment.criteria for f in c.sensitivity.single_flips
             if f.level == "entry" and c.id in ("ZCF-1.1", "ZCF-1.2")}
    assert {("ZCF-1.1", "grid_factor_area", "regional"), ("ZCF-1.1", "grid_factor_area", "national"),
            ("ZCF-1.1", "green_power_in_C", "contractual_zero"), ("ZCF-1.2", "tce_of_electricity", "equivalent_tbea"),
            ("ZCF-1.2", "tce_of_electricity", "equivalent_2024")} <= flips


def test_the_smallest_purchase_of_certificates_that_meets_the_share(assessment: Assessment, route: Route) -> None:
    """(30 % x E) / 0.1229 - 25 181.7 MWh, rounded up to whole certificates."""
    share = next(c for c in assessment.criteria if c.id == "ZCF-1.2")
    lever = next(v for v in share.levels["entry"].levers if v.lever == "buy_certificates")
    exact = route.energy() * Fraction("0.3") / Fraction("0.1229") - Fraction("25181.7")
    assert lever.smallest == math.ceil(exact) == 539
    assert lever.exact is not None
    assert same(lever.exact, exact)


@pytest.mark.full
def test_the_case_file_passes_in_the_runner_of_packs(folder: Path, tmp_path: Path) -> None:
    """The same file, run as the pack's own cases are, with the dossier beside the folder of cases."""
    (tmp_path / "cases").mkdir()
    text = (folder / "case.yaml").read_text(encoding="utf-8")
    (tmp_path / "cases" / "case.yaml").write_text(text.replace("dossier: dossier.yaml", "dossier: ../dossier.yaml"), encoding="utf-8")
    (tmp_path / "dossier.yaml").write_bytes((folder / "dossier.yaml").read_bytes())
    results = list(run_cases(find_pack(PACK), tmp_path / "cases", FactorLibrary.shipped()))
    assert [r for r in results if not r.passed] == []
    assert len(results) == len(cases())


def test_the_cases_cover_every_alternative_of_every_shipped_reading() -> None:
    readings = find_pack(PACK).readings
    tried = {(name, alternative) for case in cases() for name, alternative in case.get("readings", {}).items()}
    wanted = {(r.id, alternative) for r in readings.values() for alternative in r.alternatives if alternative != r.default}
    assert tried == wanted


def test_solar_outside_the_denominator_alone_is_refused() -> None:
    with pytest.raises(ProblemsError):
        settled({"self_generation_in_E": "excluded"})


@pytest.mark.full
def test_the_bundle_of_the_demo_verifies(packed: Path, tmp_path: Path) -> None:
    """What the readers found in YAML with its lines is found again in the canonical dossier of the bundle."""
    bundle = tmp_path / "bundle.json"
    runner = CliRunner()
    made = runner.invoke(evaluate_command, [str(packed), "--pack", PACK, "--level", "entry", "--valid-on", "2026-08-15",
                                            "--bundle", str(bundle), "--json"])
    assert made.exit_code == 1, made.output                              # the entry level is not met
    verified = runner.invoke(verify_command, [str(bundle), "--json"])
    assert verified.exit_code == 0, verified.output
