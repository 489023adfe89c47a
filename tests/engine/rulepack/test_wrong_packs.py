"""Each way a pack can be wrong: a folder with the file that is wrong, and the words its message holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from zerofactory_engine.messages import LANGUAGES, render_problem
from zerofactory_engine.problems import Problem, ProblemsError, Severity
from zerofactory_engine.rulepack import find_pack, lint

WRONG = Path(__file__).parent / "wrong"
WAYS = sorted(p.name for p in WRONG.iterdir())


def put(way: str, good: Path) -> dict[str, str]:
    for path in (WRONG / way).rglob("*"):
        if path.is_file() and path.name != "expect.yaml":
            target = good / path.relative_to(WRONG / way)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    loaded: dict[str, str] = yaml.safe_load((WRONG / way / "expect.yaml").read_text(encoding="utf-8"))
    return loaded


def test_the_pack_they_start_from_is_right(good: Path) -> None:
    assert [p.code for p in lint(good)] == []


@pytest.mark.parametrize("way", WAYS)
def test_it_is_said_with_its_place(way: str, good: Path) -> None:
    expected = put(way, good)
    problems = list(lint(good))
    found = [p for p in problems if p.code == expected["code"]]
    assert found, [f"{p.code} {p.place} {p.found}" for p in problems]
    said = [render_problem(p, "en") for p in found]
    assert any(expected["words"] in s for s in said), said
    for problem in found:
        assert all(render_problem(problem, language) for language in LANGUAGES)
    assert any((p.place.file or "").endswith(expected["file"]) for p in found if expected["code"] != "pack.lock-missing") \
        or expected["code"] in {"pack.lock-missing", "pack.level-empty"}
    if expected["code"].split(".")[0] in {"feel", "typed", "yaml", "text"}:
        assert found[0].place.line is not None, found[0].place


@pytest.mark.parametrize("way", [w for w in WAYS if "by: load" in (WRONG / w / "expect.yaml").read_text(encoding="utf-8")])
def test_it_cannot_be_used(way: str, good: Path) -> None:
    expected = put(way, good)
    with pytest.raises(ProblemsError) as raised:
        find_pack(str(good))
    codes = {p.code for p in raised.value.problems}
    assert expected["code"] in codes
    assert "pack.cannot-be-used" in codes, "the exit code of a pack that cannot be used is 4 whatever is wrong with it"


def test_all_problems_come_at_once(good: Path) -> None:
    for way in ("unknown-key", "option-unknown", "default-unknown", "table-unknown", "lever-unit"):
        put(way, good)
    codes = {p.code for p in lint(good)}
    assert {"typed.unknown-key-near", "pack.option-unknown", "pack.default-unknown", "pack.table-unknown",
            "pack.lever-unit"} <= codes


def test_every_code_of_the_package_that_stops_a_pack_has_a_folder() -> None:
    """Codes whose way is shown elsewhere (overlays, folders, sizes, cases that need other files) are listed."""
    from zerofactory_engine.messages import catalogue

    shown = {yaml.safe_load((WRONG / w / "expect.yaml").read_text(encoding="utf-8"))["code"] for w in WAYS}
    elsewhere = {"pack.cannot-be-used", "pack.not-found", "pack.two-contents", "pack.too-large", "pack.file-outside",
                 "pack.file-missing", "pack.lock-unreadable", "pack.case-dossier-missing", "pack.case-twice",
                 "pack.cases-missing", "pack.argument-literal", "pack.figure-period", "pack.question-row",
                 "pack.question-set-subject", "pack.confirmed-after-publication", "pack.level-order",
                 "pack.criterion-unknown", "pack.standard-without-card"}
    labels = ("pack.show.", "pack.function.", "pack.value.", "pack.confidence.", "pack.kind.", "pack.form.", "pack.lint.",
              "pack.test.")
    codes = {c for c in catalogue("en") if c.startswith("pack.") and not c.startswith(labels)}
    assert codes - shown - elsewhere == set()
    assert (shown & elsewhere) == set()


def errors(problems: list[Problem]) -> list[str]:
    return [p.code for p in problems if p.severity is Severity.ERROR]


def test_files_that_are_missing(good: Path) -> None:
    (good / "levels.yaml").unlink()
    (good / "accounting.yaml").unlink()
    missing = [p.accepted for p in lint(good) if p.code == "pack.file-missing"]
    assert missing == ["accounting.yaml", "levels.yaml"]


def test_a_file_too_large_is_not_read(good: Path) -> None:
    (good / "criteria/EX-9.yaml").write_bytes(b"# " + b"x" * 1_000_001)
    assert errors(lint(good)) == ["pack.too-large"]


def test_a_link_out_of_the_folder_is_refused(good: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.yaml"
    outside.write_text("id: EX-9\n", encoding="utf-8")
    (good / "criteria/EX-9.yaml").symlink_to(outside)
    assert "pack.file-outside" in errors(lint(good))


def test_levels_of_one_order(good: Path) -> None:
    text = (good / "levels.yaml").read_text(encoding="utf-8")
    (good / "levels.yaml").write_text(text + "also: {order: 1, title: {zh: 又, en: Also}, needs: all}\n", encoding="utf-8")
    assert "pack.level-order" in errors(lint(good))


@pytest.mark.parametrize(("condition", "code"), [
    ('figure(facility.id) >= 0', "pack.argument-literal"),
    ('figure("revenue", "2019") >= 0', "pack.figure-period"),
    ('count(answers("miit-disclosure", "a")) > 0', "pack.question-set-subject"),
])
def test_arguments_of_house_functions(good: Path, condition: str, code: str) -> None:
    path = good / "criteria/EX-1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(
        "pass: renewable_share >= least_share", f"pass: '{condition} and renewable_share >= least_share'"), encoding="utf-8")
    assert code in errors(lint(good))


def test_a_question_per_row_needs_the_row(good: Path) -> None:
    path = good / "criteria/EX-1.yaml"
    text = path.read_text(encoding="utf-8").replace("levels:", "questions:\n  real: {text: {zh: 真实, en: real}, per: credits}\nlevels:")
    path.write_text(text.replace("renewable_share >= least_share", 'renewable_share >= least_share and judged("real")'), encoding="utf-8")
    assert "pack.question-row" in errors(lint(good))


def test_an_edition_without_card_is_noted(good: Path) -> None:
    assert lint(good) == []
    path = good / "pack.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('edition: "2026-07"', 'edition: "1999"'), encoding="utf-8")
    (problem,) = lint(good)
    assert (problem.code, problem.severity, problem.accepted) == ("pack.standard-without-card", Severity.WARNING, "2026-07")
