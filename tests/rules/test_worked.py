"""Published claims held against the packs, and what an assessment prints as a clause."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from zerofactory_engine.accounting import shipped_library
from zerofactory_engine.dossier import dossier_from_tree, read_dossier
from zerofactory_engine.evaluation import Assessment, Request, evaluate
from zerofactory_engine.rulepack import Pack
from zerofactory_engine.rulepack.cases import Case, read_cases

CECA = "cn-ceca-0171-2022@0.1.0"


def case(pack: Pack, ident: str) -> Case:
    assert pack.folder is not None
    return {c.id: c for c in read_cases(pack.folder / "cases")[0]}[ident]


def assessed(pack: Pack, ident: str, readings: Mapping[str, str]) -> Assessment:
    found = case(pack, ident)
    dossier = (read_dossier(found.dossier).dossier if isinstance(found.dossier, Path)
               else dossier_from_tree(found.dossier, lenient=True))
    request = Request(valid_on=found.valid_on, levels=tuple(pack.levels), readings=readings, documents_assumed=True, levers=False)
    return evaluate(dossier, pack, request, shipped_library())


def figures(shared_data: Path, factory: str) -> dict[str, Decimal]:
    with (shared_data / "standards/factory_figures_given.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["factory_id"] == factory]
    return {r["figure"]: Decimal(r["value"]) for r in rows if r["figure"] not in ("certificate_date",)}


def test_delta_wujiang_score_is_the_published_one(shared_data: Path, load: Callable[[str], Pack]) -> None:
    worked = yaml.safe_load((shared_data / "standards/worked_cn_given.yaml").read_text(encoding="utf-8"))
    given: Any = next(c for c in worked["cases"] if c["id"] == "CN-TCECA-DELTA")
    assessment = assessed(load(CECA), "delta-wujiang-out-of-100", {"base_of_score": "assumed_100"})
    score = next(q for q in assessment.quantities if q.id == "CECA-STAR/score_share")
    assert score.value == Decimal(str(given["inputs"]["score"])) == figures(shared_data, "CN12")["score"]
    assert score.unit == "%"
    assert given["expected"]["grade"] == "five-star"
    assert str(assessment.level("five_star").verdict) == "indeterminate"      # neither confirmed nor contradicted


def test_astronergy_share_is_of_energy_and_so_no_share_of_electricity(shared_data: Path, load: Callable[[str], Pack]) -> None:
    published = figures(shared_data, "CN13")["renewable_energy_share"]
    found = case(load(CECA), "astronergy-yancheng-three-stars")
    assert not isinstance(found.dossier, Path)
    dossier = dossier_from_tree(found.dossier, lenient=True)
    stated = next(r for r in dossier.rows["economics"] if r.values["figure"] == "renewable_energy_share")
    assert Decimal(stated.given["amount"]) == published == Decimal("69.61")
    assessment = assessed(load(CECA), "astronergy-yancheng-three-stars", {})
    share = next(q for q in assessment.quantities if q.id == "renewable_electricity_share")
    assert share.value is None


@pytest.mark.parametrize(("name", "ident"), [
    (CECA, "type-one"), ("cn-hunan-458-2025@0.1.0", "defaults"), ("iso-14068-1-2023@0.1.0", "claim-holds"),
    ("cn-miit-guidance-2026@0.1.0", "all-in-place")])
def test_a_clause_that_was_not_read_prints_as_our_code(name: str, ident: str, load: Callable[[str], Pack]) -> None:
    pack = load(name)
    assessment = assessed(pack, ident, {})
    assert [c.clause.printed for c in assessment.criteria] == list(pack.criteria)
    assert not any(c.clause.clause_read for c in assessment.criteria)


def test_iso_clause_numbers_from_others_never_stand_in_the_place_of_a_clause(load: Callable[[str], Pack]) -> None:
    pack = load("iso-14068-1-2023@0.1.0")
    assert {pack.criteria[c].source.clause for c in ("I68-4", "I68-6", "I68-7")} == {"11.2", "11.3", "11.4"}
    printed = {c.id: c.clause.printed for c in assessed(pack, "claim-holds", {}).criteria}
    assert not {"11.2", "11.3", "11.4"} & set(printed.values())


def test_outcome_kind_goes_into_the_assessment(load: Callable[[str], Pack]) -> None:
    kinds = {n: assessed(load(n), i, {}).outcome_kind for n, i in (
        (CECA, "type-one"), ("cn-hunan-458-2025@0.1.0", "defaults"), ("iso-14068-1-2023@0.1.0", "claim-holds"))}
    assert kinds == {CECA: "certification", "cn-hunan-458-2025@0.1.0": "readiness", "iso-14068-1-2023@0.1.0": "verification"}


def test_linear_path_of_hunan_by_another_route(load: Callable[[str], Pack]) -> None:
    """Every year from 2027 to 2040, interpolated by hand from the three published pairs."""
    from zerofactory_engine.evaluation.assess import Assessor

    pack = load("cn-hunan-458-2025@0.1.0")
    dossier = read_dossier(pack.folder / "cases/plant.dossier.yaml").dossier  # type: ignore[operator]
    limits = {2027: Decimal("1.25"), 2030: Decimal("0.87"), 2035: Decimal("0.37")}
    for year in range(2027, 2041):
        low = max(y for y in limits if y <= year)
        high = min((y for y in limits if y > year), default=low)
        wanted = limits[low] if high == low else limits[low] + (limits[high] - limits[low]) * (year - low) / (high - low)
        for reading, expected in (("step", limits[low]), ("linear", wanted)):
            request = Request(valid_on=date(2026, 11, 24), readings={"years_between_targets": reading},
                              documents_assumed=True, quantities={"data_year": Decimal(year)}, levers=False)
            assessor = Assessor(dossier, pack, request, shipped_library(), None)
            found = assessor.run.raw("HN-1/path_limit", assessor.readings)
            assert abs(found - expected) < Decimal("1e-25"), (year, reading)
