"""What changes a pack's hash and what does not; locks."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.rulepack.packs import change, write_good_pack

from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.rulepack import lint, load_folder
from zerofactory_engine.rulepack.files import lock_text, natural


def hash_of(folder: Path) -> str:
    return load_folder(folder).pin.sha256


def test_natural_order_of_names() -> None:
    assert sorted(["1.10.yaml", "1.2.yaml", "2.1.yaml", "1.1.yaml"], key=natural) == ["1.1.yaml", "1.2.yaml", "1.10.yaml", "2.1.yaml"]


def test_comments_layout_and_order_of_keys_do_not_count(good: Path) -> None:
    before = hash_of(good)
    path = good / "quantities.yaml"
    blocks = path.read_text(encoding="utf-8").split("renewable_used:")
    path.write_text("# another remark\n\nrenewable_used:" + blocks[1].rstrip() + "   # here too\n\n" + blocks[0], encoding="utf-8")
    change(good / "pack.yaml", "period: {min_months: 12, max_months: 12}", "period:\n  max_months: 12\n  min_months: 12")
    assert hash_of(good) == before


@pytest.mark.parametrize(("file", "old", "new"), [
    ("criteria/EX-1.yaml", "value: 30,", "value: 30.0,"),           # another text, even of the same number
    ("criteria/EX-1.yaml", "kind: mandatory", "kind: scored"),
    ("criteria/EX-1.yaml", "renewable_share >= least_share", "renewable_share > least_share"),
    ("criteria/EX-1.yaml", "en: Least share", "en: Smallest share"),
    ("parameters.yaml", "[solar, wind, hydro]", "[solar, wind]"),
    ("readings.yaml", "default: national", "default: provincial"),
    ("accounting.yaml", "grid_year: latest", "grid_year: data_year"),
    ("evidence.yaml", "covers: row}", "covers: any}"),
    ("levels.yaml", "needs: all", "needs: all mandatory"),
    ("levers.yaml", "step: 1", "step: 2"),
    ("findings.yaml", "verdict: not_met", "verdict: indeterminate"),
    ("pack.yaml", "status: draft", "status: superseded"),
])
def test_whatever_may_change_an_outcome_counts(good: Path, file: str, old: str, new: str) -> None:
    before = hash_of(good)
    change(good / file, old, new)
    assert hash_of(good) != before


def test_cases_do_not_count(good: Path) -> None:
    before = hash_of(good)
    change(good / "cases/cases.yaml", "40 %", "40.0 %")
    assert hash_of(good) == before


def test_question_sets_that_expressions_name_count_and_others_do_not(good: Path) -> None:
    (good / "questions").mkdir()
    text = (Path(__file__).parents[3] / "standards/schemas/examples/question-set.yaml").read_text(encoding="utf-8")
    for name in ("asked", "idle"):
        (good / f"questions/{name}.yaml").write_text(text.replace("id: question-set", f"id: {name}"), encoding="utf-8")
    change(good / "criteria/EX-1.yaml", "pass: renewable_share >= least_share",
           "pass: 'renewable_share >= least_share and count(answers(\"asked\")[met = true]) > 0'")
    before = hash_of(good)
    assert set(load_folder(good).question_pins) == {"asked"}
    change(good / "questions/idle.yaml", "There is training", "There was training")
    assert hash_of(good) == before
    change(good / "questions/asked.yaml", "There is training", "There was training")
    assert hash_of(good) != before


def test_a_locked_pack_loads_until_it_changes(good: Path) -> None:
    pin = load_folder(good).pin
    (good / "pack.lock").write_text(lock_text(pin.id, pin.version, pin.sha256), encoding="utf-8")
    assert lint(good) == []
    change(good / "criteria/EX-1.yaml", "value: 30,", "value: 31,")
    with pytest.raises(ProblemsError) as raised:
        load_folder(good)
    assert {p.code for p in raised.value.problems} == {"pack.lock-differs", "pack.cannot-be-used"}


@pytest.mark.parametrize("text", ["", "- a\n", "sha256: [\n"])
def test_a_broken_lock_is_no_lock(good: Path, text: str) -> None:
    (good / "pack.lock").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsError):
        load_folder(good)


def test_two_versions_have_two_hashes(tmp_path: Path) -> None:
    first = write_good_pack(tmp_path / "a")
    second = write_good_pack(tmp_path / "b", "other-standard")
    assert hash_of(first) != hash_of(second)
