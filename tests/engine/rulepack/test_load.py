"""Finding packs: by id, version and folder; one object per content; two contents under one name."""

from __future__ import annotations

import dataclasses
import shutil
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from tests.engine.rulepack.packs import change, write_good_pack

from zerofactory_engine.feel.values import Months
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.rulepack import find_pack, load_files, load_folder, pack_folders
from zerofactory_engine.rulepack.model import ByReading, Confidence, Special, settle


@pytest.fixture
def rules(good: Path) -> Path:
    return good.parents[1]


def newer(good: Path, version: str) -> Path:
    folder = good.parent / version
    shutil.copytree(good, folder)
    change(folder / "pack.yaml", "version: 0.1.0", f"version: {version}")
    return folder


def test_by_id_the_highest_version(good: Path, rules: Path) -> None:
    newer(good, "0.9.0")
    newer(good, "0.10.0")
    assert str(find_pack("example-standard", folders=[rules]).pin) == "example-standard@0.10.0"
    assert find_pack("example-standard@0.1.0", folders=[rules]).pin.version == "0.1.0"
    assert [v for _, v, _ in pack_folders([rules])] == ["0.1.0", "0.9.0", "0.10.0"]


@pytest.mark.parametrize(("reference", "accepted"), [
    ("example-standart", "example-standard"), ("example-standard@9.9.9", "example-standard@0.1.0")])
def test_what_there_is_is_said(rules: Path, reference: str, accepted: str) -> None:
    with pytest.raises(ProblemsError) as raised:
        find_pack(reference, folders=[rules])
    (problem,) = raised.value.problems
    assert (problem.code, problem.found, problem.accepted) == ("pack.not-found", reference, accepted)


def test_one_content_is_one_object_also_for_threads(rules: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        packs = list(threads.map(lambda _: find_pack("example-standard", folders=[rules]), range(32)))
    assert all(p is packs[0] for p in packs)


def test_a_changed_file_is_another_pack(good: Path, rules: Path) -> None:
    before = find_pack("example-standard", folders=[rules])
    change(good / "criteria/EX-1.yaml", "value: 30,", "value: 31,")
    after = find_pack("example-standard", folders=[rules])
    assert after is not before
    assert after.pin.sha256 != before.pin.sha256


def test_nobody_changes_a_pack(good: Path) -> None:
    pack = load_folder(good)
    with pytest.raises(dataclasses.FrozenInstanceError):
        pack.title = {}  # type: ignore[misc]
    with pytest.raises(TypeError):
        pack.criteria["EX-2"] = pack.criteria["EX-1"]  # type: ignore[index]
    with pytest.raises(TypeError):
        pack.title["fr"] = "exemple"  # type: ignore[index]


def test_one_name_with_two_contents_is_refused(rules: Path, tmp_path: Path) -> None:
    other = write_good_pack(tmp_path / "mine")
    assert find_pack("example-standard", folders=[rules, tmp_path / "mine"]).pin.version == "0.1.0", "same content: fine"
    change(other / "criteria/EX-1.yaml", "value: 30,", "value: 31,")
    with pytest.raises(ProblemsError) as raised:
        find_pack("example-standard", folders=[rules, tmp_path / "mine"])
    (problem,) = raised.value.problems
    assert problem.code == "pack.two-contents"
    assert str(other) in str(problem.place)
    assert problem.args["first"] == str(rules / "example-standard/0.1.0")


def test_the_files_of_a_pack_give_the_same_pack(good: Path) -> None:
    pack = load_folder(good)
    again = load_files(pack.files)
    assert again.pin == pack.pin
    assert "cases/cases.yaml" not in pack.files


def test_files_of_a_shipped_pack_hold_its_question_sets() -> None:
    pack = find_pack("cn-miit-zcf-2026")
    assert "questions/miit-supply-chain.yaml" in pack.files
    assert load_files(pack.files).pin == pack.pin


def test_values_are_typed_by_the_format_not_by_yaml(good: Path) -> None:
    text = (good / "parameters.yaml").read_text(encoding="utf-8")
    (good / "parameters.yaml").write_text(text + """
wording:
  title: {zh: 文本, en: Text}
  type: text
  values: [{from: 2026-01-01, value: no, clause: "1.10", source: example, confidence: secondary, last_confirmed: 2026-11-01, clause_read: yes}]
life:
  title: {zh: 期限, en: Life}
  type: duration
  values: [{from: 2026-01-01, value: P2Y, clause: "1.10", source: example, confidence: confirmed, last_confirmed: 2026-11-01}]
needed:
  title: {zh: 是否, en: Yes or no}
  type: yes_no
  values: [{from: 2026-01-01, value: no, clause: "1.10", source: example, confidence: confirmed, last_confirmed: 2026-11-01}]
lacking:
  title: {zh: 未知, en: Lacking}
  unit: item
  values: [{from: 2026-01-01, value: unknown, clause: "1.10", source: example, confidence: confirmed, last_confirmed: 2026-11-01}]
tce:
  title: {zh: 系数, en: Coefficient}
  unit: tce/MWh
  values: [{from: 2026-01-01, recorded: 2026-02-01, value: 0.1229, unit: kgce/kWh, clause: "1.10", source: example, confidence: confirmed, last_confirmed: 2026-11-01}]
""".replace("tce:", "coefficient:"), encoding="utf-8")
    parameters = load_folder(good).parameters
    first = {name: p.values[0] for name, p in parameters.items() if not isinstance(p.values, ByReading)}
    assert first["wording"].value == "no"
    assert first["wording"].source.clause == "1.10"
    assert first["wording"].source.clause_read is True
    assert first["wording"].source.confidence is Confidence.SECONDARY
    assert first["life"].value == Months(24)
    assert first["life"].source.clause_read is False
    assert first["needed"].value is False
    assert first["lacking"].value is Special.UNKNOWN
    assert first["coefficient"].value == Decimal("0.1229")
    assert (first["coefficient"].stated, first["coefficient"].unit) == ("0.1229", "kgce/kWh")
    share = load_folder(good).criteria["EX-1"].parameters["least_share"].values
    assert not isinstance(share, ByReading)
    assert [v.value for v in share] == [Decimal("0.30"), Decimal("0.50")], "a percent is display"


def test_readings_choose(good: Path) -> None:
    options = load_folder(good).accounting.options
    assert settle(options["grid_area"], {"area": "provincial"}) == "provincial"
    assert settle(options["grid_year"], {}) == "latest"


def test_a_correction_recorded_later_is_no_overlap(good: Path) -> None:
    path = good / "criteria/EX-1.yaml"
    text = path.read_text(encoding="utf-8")
    line = next(v for v in text.splitlines() if "value: 50" in v)
    path.write_text(text.replace(line, f"{line}\n{line.replace('value: 50', 'value: 55').replace('{from', '{recorded: 2026-11-20, from')}"), encoding="utf-8")
    values = load_folder(good).criteria["EX-1"].parameters["least_share"].values
    assert isinstance(values, tuple)
    assert [str(v.value) for v in values] == ["0.30", "0.50", "0.55"]
