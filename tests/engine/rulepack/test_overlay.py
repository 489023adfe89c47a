"""Overlays: pinned by hash, filling, settling, replacing with a reason, adding; never deleting."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.engine.rulepack.packs import EXAMPLES, change

from zerofactory_engine.console import ExitCode, exit_code_of
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.rulepack import find_pack, load_files, load_folder
from zerofactory_engine.rulepack.model import ByReading


@pytest.fixture
def overlay(good: Path, tmp_path: Path) -> Path:
    """The published example, pinned to the good pack."""
    folder = tmp_path / "overlay"
    folder.mkdir()
    text = (EXAMPLES / "overlay.yaml").read_text(encoding="utf-8")
    zeros = "sha256:" + "0" * 64
    assert zeros in text
    (folder / "overlay.yaml").write_text(text.replace(zeros, load_folder(good).pin.sha256), encoding="utf-8")
    return folder


def codes(good: Path, overlay: Path) -> set[str]:
    with pytest.raises(ProblemsError) as raised:
        find_pack(str(good), overlay)
    assert exit_code_of(raised.value.problems) is ExitCode.PACK
    return {p.code for p in raised.value.problems} - {"overlay.cannot-be-used"}


def test_it_fills_settles_and_replaces(good: Path, overlay: Path) -> None:
    base = load_folder(good)
    merged = find_pack(str(good), overlay)
    values = merged.criteria["EX-1"].parameters["least_share"].values
    assert not isinstance(values, ByReading)
    (value,) = values
    assert (value.value, value.source.clause_read, value.source.confidence) == (Decimal("0.35"), True, "confirmed")
    assert merged.readings["area"].settled == "provincial"
    assert merged.readings["area"].alternatives["provincial"].confidence == "confirmed"
    assert merged.quantities["renewable_used"].value != base.quantities["renewable_used"].value
    assert merged.quantities["renewable_used"].unit == base.quantities["renewable_used"].unit
    assert {(c.what, c.id) for c in merged.changes} == {
        ("parameter", "EX-1/least_share"), ("reading", "area"), ("quantity", "renewable_used")}
    assert all(c.because["zh"] and c.because["en"] for c in merged.changes)
    assert merged.pin == merged.base == base.pin
    assert merged.overlay is not None
    assert str(merged.overlay) == "example-overlay@0.1.0"
    assert merged.masked == {"EX-1/least_share"}, "a private overlay keeps its values back"
    assert base.criteria["EX-1"].parameters["least_share"].values != values, "the base is not touched"


def test_a_public_overlay_masks_nothing(good: Path, overlay: Path) -> None:
    change(overlay / "overlay.yaml", "visibility: private", "visibility: public")
    assert find_pack(str(good), overlay).masked == frozenset()


def test_the_file_or_its_folder(good: Path, overlay: Path) -> None:
    assert find_pack(str(good), overlay / "overlay.yaml").overlay == find_pack(str(good), overlay).overlay


def test_it_comes_back_from_a_bundle(good: Path, overlay: Path) -> None:
    merged = find_pack(str(good), overlay)
    again = load_files(merged.files, None, merged.overlay_files)
    assert (again.pin, again.overlay) == (merged.pin, merged.overlay)
    assert again.criteria["EX-1"].parameters["least_share"].values == merged.criteria["EX-1"].parameters["least_share"].values


def test_one_content_is_one_object(good: Path, overlay: Path) -> None:
    assert find_pack(str(good), overlay) is find_pack(str(good), overlay)


def test_it_belongs_to_one_content_of_one_version(good: Path, overlay: Path) -> None:
    change(good / "criteria/EX-1.yaml", "value: 30,", "value: 31,")
    assert codes(good, overlay) == {"overlay.base-differs"}


@pytest.mark.parametrize(("old", "new"), [("pack: example-standard", "pack: another-standard"), ("version: 0.1.0, sha256", "version: 0.2.0, sha256")])
def test_it_names_its_base(good: Path, overlay: Path, old: str, new: str) -> None:
    change(overlay / "overlay.yaml", old, new)
    assert codes(good, overlay) == {"overlay.base-differs"}


@pytest.mark.parametrize(("old", "new", "code"), [
    ("EX-1/least_share:", "EX-1/last_share:", "overlay.name-unknown"),
    ("EX-1/least_share:", "EX-9/least_share:", "overlay.name-unknown"),
    ("  area: {settled", "  aera: {settled", "overlay.name-unknown"),
    ("settled: provincial", "settled: regional", "pack.alternative-unknown"),
    ("  renewable_used:", "  renewable_usd:", "overlay.name-unknown"),
    ("].MWh)", "].MWh) * period.years", "pack.quantity-dimension"),
    ("value: 35,", "value: 35, unit: tce,", "pack.unit-of-value"),
    (", because: {zh: 条款5, en: clause 5 says so}", "", "typed.missing-key"),
    ("visibility: private", "visibility: secret", "typed.not-in-list"),
    ("authors: [An example body]", "authors: [An example body]\nremove: [EX-1]", "typed.unknown-key"),
])
def test_what_it_cannot_do(good: Path, overlay: Path, old: str, new: str, code: str) -> None:
    change(overlay / "overlay.yaml", old, new)
    assert code in codes(good, overlay)


def test_levels_and_conditions_are_replaced_with_a_reason(good: Path, overlay: Path) -> None:
    path = overlay / "overlay.yaml"
    path.write_text(path.read_text(encoding="utf-8") + """
criteria:
  EX-1:
    levels: {pass: renewable_share > least_share}
    evidence: [{any_of: [report]}]
    because: {zh: 原文为大于, en: the text says more than}
levels:
  pass: {needs: all mandatory, because: {zh: 原文, en: the text}}
""", encoding="utf-8")
    merged = find_pack(str(good), overlay)
    condition = merged.criteria["EX-1"].levels["pass"].condition
    assert not isinstance(condition, ByReading)
    assert condition.text == "renewable_share > least_share"
    assert merged.levels["pass"].needs == "all mandatory"
    assert len(merged.criteria["EX-1"].evidence) == 1


def test_evidence_is_never_reduced(good: Path, overlay: Path) -> None:
    change(good / "criteria/EX-1.yaml", "levels:", "evidence:\n  - {any_of: [report]}\n  - {any_of: [policy]}\nlevels:")
    zeros = load_folder(good).pin.sha256
    path = overlay / "overlay.yaml"
    text = path.read_text(encoding="utf-8")
    start = text.index("sha256:", text.index("sha256:") + 7)
    path.write_text(text[:start] + zeros + text[start + 71:] + """
criteria:
  EX-1: {evidence: [{any_of: [report]}], because: {zh: 原文, en: the text}}
""", encoding="utf-8")
    assert codes(good, overlay) == {"overlay.deletes"}


def test_it_adds_criteria(good: Path, overlay: Path) -> None:
    (overlay / "criteria").mkdir()
    text = (EXAMPLES / "pack-criterion.yaml").read_text(encoding="utf-8").replace("id: EX-1", "id: EX-2")
    (overlay / "criteria/EX-2.yaml").write_text(text, encoding="utf-8")
    merged = find_pack(str(good), overlay)
    assert list(merged.criteria) == ["EX-1", "EX-2"]
    assert ("added", "EX-2") in {(c.what, c.id) for c in merged.changes}
    assert "EX-2/least_share" in merged.masked
    (overlay / "criteria/EX-1.yaml").write_text(text.replace("id: EX-2", "id: EX-1"), encoding="utf-8")
    assert codes(good, overlay) == {"overlay.criterion-exists"}


def test_other_files_do_not_belong_in_it(good: Path, overlay: Path) -> None:
    (overlay / "levels.yaml").write_text("pass: {order: 1, title: {zh: 通过, en: Pass}, needs: all}\n", encoding="utf-8")
    assert codes(good, overlay) == {"overlay.file-not-allowed"}


def test_there_has_to_be_one(good: Path, tmp_path: Path) -> None:
    assert codes(good, tmp_path / "nothing") == {"overlay.not-found"}
