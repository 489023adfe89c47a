"""The importer of VERIFI accounts: every record accounted for, sums equal to those of an independent script."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mappings.sources.account import SMALL, small
from tests.mappings.sources.independent import sums

from zerofactory_engine.accounting import FactorLibrary, Options, compute_inventory
from zerofactory_engine.dossier.read import read_bytes
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.sources import Imported, commands, verifi
from zerofactory_mappings.sources.commands import import_
from zerofactory_mappings.sources.verifi import read


def run(data: bytes, **options: Any) -> Imported:
    return verifi.import_bytes(data, "account.json", {"facility": None, "year": None, **options})


def entries(imported: Imported, collection: str) -> dict[str, tuple[str, str]]:
    return {e.path.split("/", 1)[1]: (e.state.value, e.reason) for e in imported.report.entries if e.collection == collection}


@pytest.fixture(scope="module")
def account(shared_data: Path) -> bytes:
    return (shared_data / "inventory" / "VERIFI_ExampleAccount.json").read_bytes()


@pytest.fixture(scope="module")
def real(account: bytes) -> Imported:
    return verifi.import_bytes(account, "VERIFI_ExampleAccount.json", {})


def test_detects_an_account_and_nothing_else() -> None:
    assert verifi.detect(small())
    assert verifi.detect(b"\xef\xbb\xbf " + small())
    assert not verifi.detect(b'{"meters": []}')
    assert not verifi.detect(b"meterData meters facilities")


def test_every_bill_of_the_small_account_has_its_fate() -> None:
    assert entries(run(small()), "meterData") == {
        "1": ("kept", "import.verifi-no-start"),          # the first reading of a meter read backward
        "2": ("used", ""),
        "3": ("used", ""),
        "4": ("kept", "import.verifi-same-interval"),     # a second reading on the same day
        "5": ("used", ""),                                # zero is a value
        "6": ("used", ""),
        "7": ("kept", "import.verifi-no-start"),
        "8": ("used", "import.rounded"),                  # 10201.499099999999 is the noise of a binary float
        "9": ("used", ""),
        "10": ("kept", "import.verifi-source"),           # water is no energy
        "11": ("refused", "import.verifi-unknown-meter"),
        "12": ("refused", "import.verifi-no-date"),       # 30 February
        "13": ("refused", "import.verifi-same-id"),
    }


def test_every_production_record_and_piece_of_equipment_has_its_fate() -> None:
    imported = run(small())
    assert entries(imported, "predictorDataV2") == {
        "1": ("kept", "import.no-unit"), "2": ("used", ""), "3": ("used", ""), "4": ("kept", "import.verifi-weather")}
    assert entries(imported, "facilityEnergyUseEquipment") == {
        "1": ("used", ""), "2": ("kept", "import.verifi-firing-rate"), "3": ("kept", "import.verifi-retired"),
        "4": ("kept", "import.no-unit")}


def test_the_sums_equal_those_of_the_independent_script() -> None:
    assert totals(run(small())) == sums(small().decode())


def totals(imported: Imported) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """Records and total by meter and unit, of bills only."""
    meters = {e.series for e in imported.report.entries if e.collection == "meterData"}
    return {(s.series, s.unit): (s.records, s.total) for s in imported.report.sums if s.series in meters}


def test_the_sums_of_the_real_account_equal_those_of_the_independent_script(account: bytes, real: Imported) -> None:
    independent = sums(account.decode())
    assert totals(real) == independent
    assert len(independent) == 9


def test_nothing_of_the_real_account_is_lost(account: bytes, real: Imported) -> None:
    counts = real.report.counts()
    assert {name: sum(states.values()) for name, states in counts.items()} == {
        "meterData": 441, "predictorDataV2": 571, "facilityEnergyUseEquipment": 51}
    assert counts["meterData"] == {"used": 432, "kept": 9, "refused": 0}         # nine meters, nine first readings
    assert counts["predictorDataV2"] == {"used": 0, "kept": 571, "refused": 0}   # the account states no units
    assert counts["facilityEnergyUseEquipment"]["refused"] == 0
    raw = json.loads(account)
    for collection in counts:
        listed = {e.path.split("/")[1] for e in real.report.entries if e.collection == collection}
        assert listed == {str(i) for i in range(1, len(raw[collection]) + 1)}


def test_every_key_of_the_real_account_is_listed_with_its_count(account: bytes, real: Imported) -> None:
    found = Counter(leaves(json.loads(account)))
    assert {(k.collection, k.path): k.count for k in real.report.keys} == dict(found)
    assert all(k.reason for k in real.report.keys if k.state.value != "used")
    by_key = {(k.collection, k.path): (k.used, k.kept, k.refused) for k in real.report.keys}
    assert by_key["meterData", "totalEnergyUse"] == (432, 9, 0)
    assert by_key["facilityEnergyUseEquipment", "utilityData/size"] == (44, 7, 0)
    assert by_key["facilityEnergyUseEquipment", "operatingConditionsData/loadFactor"] == (0, 102, 0)
    assert by_key["predictorDataV2", "amount"] == (0, 571, 0)


def test_the_values_of_refused_records_are_refused() -> None:
    by_key = {(k.collection, k.path): (k.used, k.kept, k.refused) for k in run(small()).report.keys}
    assert by_key["meterData", "totalEnergyUse"] == (6, 4, 3)
    assert by_key["meters", "guid"] == (4, 1, 0)                        # the water meter has no bill in a dossier
    assert by_key["account", "name"] == (1, 0, 0)
    assert by_key["groups", "name"] == (0, 2, 0)


def leaves(value: Any, collection: str = "", path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, collection or key, (f"{path}/{key}" if path else key) if collection else "")
    elif isinstance(value, list):
        for below in value:
            yield from leaves(below, collection, path)
    else:
        yield collection, path


def test_the_rows_of_the_dossiers_add_up_to_what_the_report_says(account: bytes, real: Imported) -> None:
    """What stands in the written files, read as plain YAML, is the used part of the sums but for the rounding."""
    written: dict[str, Decimal] = {}
    for name, data in real.dossiers.items():
        if not name.endswith(".yaml"):
            continue
        dossier = yaml.load(data, Loader=yaml.BaseLoader)
        numbers = {m["id"]: m["note"].split()[-1] for m in dossier["meters"]}
        for table in ("electricity", "energy"):
            for row in dossier.get(table, ()):
                meter = numbers[row["meter"]]
                written[meter] = written.get(meter, Decimal(0)) + Decimal(row["amount"])
    used = {s.series: s.used for s in real.report.sums if s.series in {k[0] for k in sums(account.decode())}}
    assert set(written) == set(used)
    for meter, total in used.items():
        assert abs(written[meter] - total) < Decimal("1e-10"), meter


def test_a_year_apportions_the_bills_at_its_ends_by_days() -> None:
    imported = run(small(), year=2025)
    second = next(e for e in imported.report.entries if e.path == "meterData/2")
    assert (second.reason, second.args, second.stated) == ("import.apportioned", {"days": "20", "of": "31"}, "3100")
    assert second.amount == "2000"                         # 3100 x 20 / 31: 21 December to 20 January
    text = imported.dossiers["north-plant.yaml"].decode()
    assert re.search(r"id: B2,.*from: 2025-01-01, to: 2025-01-20,.*amount: 2000,.*obtained: apportioned", text)


def test_one_facility_can_be_chosen_by_its_name() -> None:
    imported = run(small(), facility="South / office")
    assert sorted(n for n in imported.dossiers if n.endswith(".yaml")) == ["south-office.yaml"]
    assert entries(imported, "meterData")["2"] == ("kept", "import.other-facility")


@pytest.mark.parametrize(("data", "code"), [
    (b"", "json.syntax"),
    (b"\xff\xfe", "text.not-utf8"),
    (b"[1, 2]", "import.verifi-no-account"),
    (b'{"meterData": {}}', "import.verifi-no-account"),
    (b'{"meterData": [], "x": NaN}', "json.not-a-number"),
    (b'{"meterData": ' + b"[" * 500 + b"]" * 500 + b"}", "text.too-deep"),
    (b'{"meterData": []}', "import.nothing"),
    (small(meterData=[{"guid": "x"}, 7, None]), "import.nothing"),
    (small(meterData=[{**SMALL["meterData"][1], "totalEnergyUse": "1e400"}]), "import.nothing"),
])
def test_input_that_cannot_be_used_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(ProblemsError) as error:
        run(data)
    assert code in {p.code for p in error.value.problems}


def test_an_unknown_facility_is_named_with_those_that_there_are() -> None:
    with pytest.raises(ProblemsError) as error:
        run(small(), facility="West")
    (problem,) = error.value.problems
    assert (problem.code, problem.found, problem.accepted) == ("import.unknown-facility", "West", "North plant, South / office")


def test_the_country_of_the_account_is_that_of_its_sites_and_brings_no_foreign_factor(account: bytes) -> None:
    imported = verifi.import_bytes(account, "a.json", {"year": 2025})
    dossier = read_bytes(imported.dossiers["hq-simple.yaml"], "hq-simple.yaml").dossier
    assert dossier.facility["country"] == "US"
    lines = compute_inventory(dossier, Options(), FactorLibrary.shipped()).table().columns
    power = [(a, b) for t, a, b in zip(lines["table"], lines["tCO2_location"], lines["tCO2_market"], strict=True) if t == "electricity"]
    assert power
    assert all(isinstance(a, Unknown) and isinstance(b, Unknown) for a, b in power)


def test_texts_of_strangers_stay_texts() -> None:
    facilities = [{**SMALL["facilities"][0], "name": "yes: {x: *a}\n- evil: !!python/object 💥"}, SMALL["facilities"][1]]
    imported = run(small(facilities=facilities))
    (name,) = (n for n in imported.dossiers if n.startswith("yes"))
    dossier = yaml.load(imported.dossiers[name], Loader=yaml.BaseLoader)
    assert dossier["facility"]["name"]["en"].startswith("yes: {x: *a}")


def test_the_same_account_gives_the_same_bytes() -> None:
    one, other = run(small()), run(small())
    assert one.dossiers == other.dossiers
    assert one.report == other.report


def test_the_command_writes_dossiers_and_report(tmp_path: Path) -> None:
    source, out = tmp_path / "account.json", tmp_path / "out"
    source.write_bytes(small())
    result = CliRunner().invoke(import_, ["verifi", str(source), "--out", str(out), "--lang", "en"])
    assert result.exit_code == 0, result.output
    assert "meterData: 13 records, 6 used, 4 kept, 3 refused" in result.output
    report = json.loads((out / "import-report.json").read_text(encoding="utf-8"))
    assert report["format"] == "zerofactory/import-report/1"
    assert sorted(p.name for p in out.iterdir()) == ["account.json", "import-report.json", "north-plant.yaml", "south-office.yaml"]


def test_the_command_prints_the_report_as_json(tmp_path: Path) -> None:
    source = tmp_path / "account.json"
    source.write_bytes(small())
    result = CliRunner().invoke(import_, ["verifi", str(source), "--out", str(tmp_path / "out"), "--json"])
    assert json.loads(result.stdout)["counts"]["meterData"] == {"used": 6, "kept": 4, "refused": 3}


def test_the_command_says_what_is_wrong_and_writes_nothing(tmp_path: Path) -> None:
    source, out = tmp_path / "account.json", tmp_path / "out"
    source.write_bytes(b"{}")
    result = CliRunner().invoke(import_, ["verifi", str(source), "--out", str(out), "--lang", "en"])
    assert result.exit_code == 3
    assert "no account backup of VERIFI" in result.stderr
    assert not out.exists()


def test_a_file_of_another_source_is_pointed_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Other:
        detect = staticmethod(lambda data: b"other" in data)

    monkeypatch.setattr(commands, "source_names", lambda: ["other", "verifi"])
    monkeypatch.setattr(commands, "_source", lambda name: Other if name == "other" else verifi)
    source = tmp_path / "file.json"
    source.write_bytes(b'{"other": 1}')
    result = CliRunner().invoke(import_, ["verifi", str(source), "--out", str(tmp_path / "out"), "--lang", "en"])
    assert result.exit_code == 3
    assert "looks like one of other" in result.stderr


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "FILE_BYTES", 10)
    source = tmp_path / "file.json"
    source.write_bytes(small())
    result = CliRunner().invoke(import_, ["verifi", str(source), "--out", str(tmp_path / "out"), "--json"])
    assert result.exit_code == 3
    assert json.loads(result.stdout)["problems"][0]["code"] == "text.too-large"


_VALUES = st.one_of(st.none(), st.booleans(), st.integers(-10**6, 10**6), st.text(max_size=12), st.just([]), st.just({}),
                    st.sampled_from(["1e400", "NaN", "-5", "0.1", "2025", "m-el", "b02", "kWh"]))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(sorted(SMALL)), st.integers(0, 12), st.sampled_from(
    ["guid", "meterId", "year", "month", "day", "totalEnergyUse", "energyUnit", "utilityData", "amount", "name", "facilityId",
     "size", "units", "agreementType", "meterReadingDataApplication"]), _VALUES), max_size=6))
def test_whatever_a_field_holds_every_record_is_accounted_for(changes: list[tuple[str, int, str, Any]]) -> None:
    """Damaged fields lead to reasons, never to a crash, a lost record or a dossier that does not read."""
    account = copy.deepcopy(SMALL)
    for collection, index, key, value in changes:
        records = account[collection]
        if isinstance(records, list) and index < len(records):
            records[index][key] = value
    try:
        imported = run(json.dumps(account).encode())
    except ProblemsError:
        return
    listed = Counter((e.collection, e.path.split("/")[1]) for e in imported.report.entries)
    for collection in ("meterData", "predictorDataV2", "facilityEnergyUseEquipment"):
        assert {n for c, n in listed if c == collection} == {str(i + 1) for i in range(len(account[collection]))}
    for name, data in imported.dossiers.items():
        if name.endswith(".yaml"):
            assert not [p for p in read_bytes(data, name).problems if p.severity.value == "error"]


def test_the_dossiers_of_the_real_account_read_and_their_year_has_no_hole(account: bytes) -> None:
    imported = verifi.import_bytes(account, "a.json", {"year": 2025})
    assert sorted(n for n in imported.dossiers if n.endswith(".yaml")) == ["hq-simple.yaml", "peanuts-average.yaml", "roasting-advanced.yaml"]
    for name in ("hq-simple.yaml", "peanuts-average.yaml", "roasting-advanced.yaml"):
        text = imported.dossiers[name].decode().replace("meters:", "complete: [electricity, energy]\nmeters:", 1)
        result = read_bytes(text.encode(), name)
        assert [p for p in result.problems if p.severity.value == "error"] == []
        assert result.dossier.tables["electricity"].gaps == ()
        assert result.dossier.tables["energy"].gaps == ()


def with_(collection: str, index: int, **fields: Any) -> bytes:
    """The small account with one record changed."""
    account = copy.deepcopy(SMALL)
    account[collection][index - 1].update(fields)
    return json.dumps(account).encode()


@pytest.mark.parametrize(("data", "path", "fate"), [
    (with_("meters", 1, agreementType=4), "meterData/2", ("kept", "import.verifi-instrument")),       # a virtual agreement
    (with_("meters", 1, agreementType=6), "meterData/2", ("kept", "import.verifi-instrument")),       # certificates
    (with_("meters", 1, facilityId="f-none"), "meterData/2", ("kept", "import.verifi-unknown-facility")),
    (with_("meters", 1, energyUnit="parsec"), "meterData/2", ("kept", "import.no-unit")),
    (with_("meters", 1, meterReadingDataApplication="fullMonth"), "meterData/3", ("used", "")),
    (with_("meters", 1, meterReadingDataApplication="fullMonth"), "meterData/4", ("kept", "import.verifi-same-interval")),
    (with_("meters", 1, meterReadingDataApplication="fullYear"), "meterData/1", ("used", "")),
    (with_("meters", 1, meterReadingDataApplication="fullYear"), "meterData/3", ("kept", "import.verifi-same-interval")),
    (with_("meterData", 2, day=None), "meterData/2", ("refused", "import.verifi-missing")),
    (with_("meterData", 2, year=20255), "meterData/2", ("refused", "import.verifi-no-number")),
    (with_("meterData", 2, totalEnergyUse="12,5"), "meterData/2", ("refused", "import.verifi-no-number")),
    (with_("predictors", 2, production=False), "predictorDataV2/2", ("kept", "import.verifi-no-production")),
    (with_("predictors", 2, facilityId="f-south"), "predictorDataV2/3", ("kept", "import.outside-period")),
    (with_("predictors", 2, guid="p-other"), "predictorDataV2/2", ("refused", "import.verifi-unknown-predictor")),
    (with_("predictorDataV2", 2, month=13), "predictorDataV2/2", ("refused", "import.verifi-no-date")),
    (with_("facilityEnergyUseEquipment", 1, facilityId="f-none"), "facilityEnergyUseEquipment/1",
     ("refused", "import.verifi-unknown-facility")),
    (with_("facilityEnergyUseEquipment", 1, utilityData=[]), "facilityEnergyUseEquipment/1", ("refused", "import.verifi-missing")),
])
def test_each_way_in_which_a_record_may_not_fit(data: bytes, path: str, fate: tuple[str, str]) -> None:
    collection, rest = path.split("/", 1)
    assert entries(run(data), collection)[rest] == fate


def test_equipment_that_uses_two_carriers_has_an_entry_for_each() -> None:
    use = SMALL["facilityEnergyUseEquipment"][0]["utilityData"][0]
    imported = run(with_("facilityEnergyUseEquipment", 1, utilityData=[use, {**use, "size": 5, "units": "kW"}]))
    assert entries(imported, "facilityEnergyUseEquipment")["1/utilityData/2"] == ("used", "")
    text = imported.dossiers["north-plant.yaml"].decode()
    assert "{id: Q1, name: Fan, category: fan, units: 2, rated_kW: 60 hp" in text
    assert "{id: Q1.2, name: Fan, category: fan, units: 2, rated_kW: 10 kW" in text


@pytest.mark.parametrize(("meter", "fields", "code"), [
    (1, {"name": "Solar roof"}, "import.verifi-agreement"), (3, {}, "import.verifi-gross-heat")])
def test_what_a_user_has_to_look_at_is_said(meter: int, fields: dict[str, str], code: str) -> None:
    assert (code, f"meters/{meter}") in {(p.code, p.place.path) for p in run(with_("meters", meter, **fields)).report.problems}


def test_two_facilities_of_one_name_get_two_files() -> None:
    imported = run(with_("facilities", 2, name="North plant!"))
    assert sorted(n for n in imported.dossiers if n.endswith(".yaml")) == ["north-plant-2.yaml", "north-plant.yaml"]


def test_a_facility_without_bills_is_said_and_left_out() -> None:
    imported = run(small(facilities=[*SMALL["facilities"], {"guid": "f-empty", "name": "Empty"}]))
    assert "import.verifi-no-bills" in {p.code for p in imported.report.problems}
    assert "empty.yaml" not in imported.dossiers


def test_more_records_than_are_read_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "RECORDS", 5)
    with pytest.raises(ProblemsError) as error:
        run(small())
    assert {p.code for p in error.value.problems} == {"import.verifi-too-many"}
