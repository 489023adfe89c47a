"""Overlays fill what our packs do not know: the example that we ship, and one that makes the stars of T/CECA-G 0171 tellable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zerofactory_engine.accounting import shipped_library
from zerofactory_engine.evaluation.cases import run_case, run_cases
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.rulepack import Pack, find_pack
from zerofactory_engine.rulepack.cases import read_cases
from zerofactory_engine.rulepack.graph import leaves
from zerofactory_engine.rulepack.model import Confidence, Special

BASE = "cn-miit-zcf-2026@0.1.0"
CECA = "cn-ceca-0171-2022@0.1.0"


@pytest.fixture
def folder(root: Path) -> Path:
    return root / "docs/examples/overlay"


@pytest.fixture
def filled(folder: Path, load: Callable[[str], Pack]) -> Pack:
    pin = load(BASE).pin
    assert pin.sha256 in (folder / "overlay.yaml").read_text(encoding="utf-8"), (
        f"the pack changed: look at the example overlay again and pin it to {pin.sha256}")
    return find_pack(BASE, overlay=folder / "overlay.yaml")


def filled_parameters(pack: Pack) -> dict[str, object]:
    return {f"{c.id}/{name}": value.value for c in pack.criteria.values() for name, p in c.parameters.items()
            for _, dated in leaves(p.values) for value in dated if "made up" in value.source.source}


def test_example_fills_every_limit_of_2_1_to_5_1(filled: Pack) -> None:
    open_limits = {f"{c.id}/{name}" for c in filled.criteria.values() for name, p in c.parameters.items()
                   if c.id >= "ZCF-2.1" and c.id.startswith("ZCF-")
                   for _, dated in leaves(p.values) for value in dated if value.value is Special.UNKNOWN}
    assert open_limits == set()
    assert len(filled_parameters(filled)) == 16


def test_example_says_that_its_numbers_are_made_up(filled: Pack, folder: Path) -> None:
    text = (folder / "overlay.yaml").read_text(encoding="utf-8")
    assert text.startswith("# EXAMPLE ONLY: every number below is made up.")
    assert "made up" in (folder / "README.md").read_text(encoding="utf-8")
    confidences = {value.source.confidence for c in filled.criteria.values() for p in c.parameters.values()
                   for _, dated in leaves(p.values) for value in dated if "made up" in value.source.source}
    assert confidences == {Confidence.UNCONFIRMED}


def test_example_is_private_and_deletes_nothing(filled: Pack, load: Callable[[str], Pack]) -> None:
    base = load(BASE)
    assert filled.base == base.pin
    assert filled.overlay is not None
    assert set(filled.criteria) == {*base.criteria, "EX-TITLE"}
    assert set(filled_parameters(filled)) == filled.masked
    assert {r.id for r in filled.readings.values() if r.settled} == {
        "physical_entry_value", "reported_limits", "tce_of_electricity", "grid_factor_area"}


def test_cases_of_the_example(filled: Pack, folder: Path) -> None:
    results = list(run_cases(filled, folder / "cases"))
    assert results
    assert [(r.id, r.differences) for r in results if not r.passed] == []


def test_base_cases_run_under_the_example_and_only_what_it_touches_changes(filled: Pack) -> None:
    """Limits of 1.3 and 2.1 to 5.1 are filled, R1 and R2 decide 1.1 and 1.2; nothing else may come out otherwise."""
    assert filled.folder is not None
    results = list(run_cases(filled, filled.folder / "cases"))
    if not results:
        pytest.skip("the base pack has no cases")
    touched = ("ZCF-", "level ", "evaluation.reading-settled", "comprehensive_energy", "total_emissions", "energy_without_feedstock",
               "emissions_before_last_term")
    foreign = [(r.id, d) for r in results for d in r.differences if not any(t in d for t in touched)]
    assert foreign == []
    decided = {d.split(":")[0] for r in results for d in r.differences
               if ", expected indeterminate" in d and ": indeterminate" not in d}
    assert decided, "an overlay that fills limits decides what was indeterminate"


@pytest.mark.parametrize(("was", "becomes", "code"), [
    ("version: 0.1.0, sha256", "version: 0.9.9, sha256", "overlay.base-differs"),
    ("ZCF-2.1/entry_limit", "ZCF-2.1/no_such_limit", "overlay.name-unknown"),
    ("settled: ten", "settled: eleven", None),
])
def test_an_overlay_that_does_not_fit_is_refused(folder: Path, tmp_path: Path, was: str, becomes: str, code: str | None) -> None:
    text = (folder / "overlay.yaml").read_text(encoding="utf-8")
    assert was in text
    (tmp_path / "overlay.yaml").write_text(text.replace(was, becomes), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        find_pack(BASE, overlay=tmp_path / "overlay.yaml")
    codes = [p.code for p in caught.value.problems]
    assert any(c.startswith(("overlay.", "pack.")) for c in codes)
    assert code is None or code in codes


def ceca_overlay(pack: Pack, tmp_path: Path) -> Pack:
    """Made-up bands and maxima: 20 points a group, stars from 60, 70, 80 and 90 %."""
    said = "clause: annex, source: made up for this test, confidence: unconfirmed, last_confirmed: 2026-11-24"
    numbers = {**{f"CECA-IND-{n}/maximum": "20" for n in range(1, 7)}, "CECA-STAR/band_three": "60",
               "CECA-STAR/band_four": "70", "CECA-STAR/band_five": "80", "CECA-STAR/band_six": "90",
               "CECA-6S-II/renewable_share": "100", "CECA-6S-II/removal_share": "50", "CECA-BASIC/requirements": "yes"}
    lines = "".join(f"  {name}:\n    values: [{{from: 2022-06-01, value: {v}, {said}}}]\n" for name, v in numbers.items())
    (tmp_path / "overlay.yaml").write_text(
        "format: zerofactory/overlay/1\nid: ceca-bands\nversion: 0.1.0\n"
        f"extends: {{pack: {pack.pin.id}, version: {pack.pin.version}, sha256: \"{pack.pin.sha256}\"}}\n"
        f"visibility: private\nauthors: [test]\nparameters:\n{lines}"
        f"readings:\n  six_star_second_condition: {{settled: full_offset, {said}, because: {{zh: 附录, en: annex}}}}\n", encoding="utf-8")
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases/stars.yaml").write_text(f"""
- id: four-stars
  title: {{zh: 得分 75 % 为四星, en: 75 % is four stars}}
  dossier: {pack.folder}/cases/type-one.dossier.yaml
  valid_on: 2026-11-24
  judgements:
    - {{question: CECA-ADMIN/authorised, answer: conforms}}
    - {{question: CECA-ADMIN/filed, answer: conforms}}
    - {{question: CECA-BASIC/conforms, answer: conforms}}
  documents: assumed
  expect:
    six_star: {{CECA-6S-I: met, CECA-STAR: not_met}}
    levels: {{three_star: met, four_star: met, five_star: not_met, six_star: not_met}}
- id: more-points-than-there-are
  title: {{zh: 一组得分超过满分, en: More points than the group has}}
  dossier:
    format: zerofactory/dossier/1
    id: too-many-points
    facility: {{id: F1, name: {{zh: 示例, en: Example}}, kind: factory, province: CN}}
    period: {{from: 2025-01-01, to: 2025-12-31}}
    economics: [{{id: S1, figure: score_infrastructure, amount: 21, unit: point, from: 2025-01-01, to: 2025-12-31}}]
  valid_on: 2026-11-24
  documents: assumed
  expect: {{three_star: {{CECA-IND-1: not_met}}, levels: {{three_star: not_met}}}}
""", encoding="utf-8")
    return find_pack(CECA, overlay=tmp_path / "overlay.yaml")


def test_an_overlay_makes_the_stars_tellable(load: Callable[[str], Pack], tmp_path: Path) -> None:
    pack = ceca_overlay(load(CECA), tmp_path)
    cases, problems = read_cases(tmp_path / "cases")
    assert problems == []
    assert [(c.id, d) for c in cases for d in run_case(pack, c, shipped_library()).differences] == []
