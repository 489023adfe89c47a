"""The base year: what is stated, the recalculation run, and the threshold that triggers it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.mappings.iso14064_1.iso_cases import both, plant, report, said_of, statement

from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.iso14064_1.base_year import difference


def base(**changes: Any) -> dict[str, Any]:
    """The same plant in 2023."""
    tree = plant(id="plant-2023", period={"from": "2023-01-01", "to": "2023-12-31", "time_zone": "Asia/Shanghai"},
                 certificates=None, credits=None, **changes)
    for name, rows in tree.items():
        if isinstance(rows, list) and rows and isinstance(rows[0], dict):
            tree[name] = [{k: v.replace("2025", "2023") if k in ("from", "to") else v for k, v in row.items()} for row in rows]
    return tree


def with_base(**more: Any) -> dict[str, Any]:
    said = statement()
    said["base_year"] = {**said["base_year"], **more}
    return said


def test_without_its_dossier_no_run_is_made(tmp_path: Path) -> None:
    found = report(tmp_path, said=statement()).base_year
    assert (found.year, found.threshold, found.recalculation) == (2023, Decimal("0.05"), None)
    assert [(f.name, str(f.value)) for f in found.reported] == [
        ("iso_category/1", "250"), ("iso_category/2", "700"), ("iso_category/4", "610")]
    assert found.has_inventory
    assert found.compared == ()


def test_with_nothing_changed_nothing_is_called_for(tmp_path: Path) -> None:
    model, found = both(tmp_path, said=statement(previous=None), bases=[base()])
    assert model.base_year.recalculation is not None
    assert model.base_year.recalculation.steps == ()
    assert model.base_year.recalculation.triggered is False
    assert [e.label for e in model.earlier] == ["2023"]
    assert found.result("k").key == "present"
    assert found.result("previous").key == "present"


def test_reported_figures_stand_against_those_computed_now(tmp_path: Path) -> None:
    found = report(tmp_path, said=statement(), bases=[base()]).base_year
    assert [name for name, _, _ in found.compared] == ["iso_category/1", "iso_category/2", "iso_category/4"]
    _, stated, computed = found.compared[2]
    assert [stated, computed] == [610, 600]
    effect = difference(stated, computed)
    assert effect is not None
    assert effect[0] == -10
    assert effect[1] is not None
    assert round(effect[1], 6) == Decimal("-0.016393")


#: What changed since the base year was reported, the kind of step, and whether 5 % (the base year comes to some 1,500 t) is exceeded.
CHANGED: list[tuple[dict[str, Any], dict[str, Any], list[str], bool | None]] = [
    ({"reported_with": {"factor_sets": {"gwp": "ipcc-ar5"}}}, {}, ["factors"], False),
    ({"reported_with": {"options": {"grid_area": "national"}}}, {}, ["method"], None),
    ({"corrections": [{"row": "energy/G1", "column": "amount", "value": "100100", "reason": "a slip"}]}, {}, ["error"], False),
    ({"corrections": [{"row": "energy/G1", "column": "amount", "value": "900000", "reason": "a month was missing"}]}, {}, ["error"],
     True),
    ({"corrections": [{"row": "electricity/E1", "column": "MWh", "value": "2 GWh", "reason": "second meter"}]}, {}, ["error"], True),
]


@pytest.mark.parametrize(("stated", "dossier", "kinds", "triggered"), CHANGED)
def test_each_cause_makes_a_step_and_the_threshold_decides(tmp_path: Path, stated: dict[str, Any], dossier: dict[str, Any],
                                                          kinds: list[str], triggered: bool | None) -> None:
    found = report(tmp_path, plant(**dossier), with_base(**stated), bases=[base()]).base_year.recalculation
    assert found is not None
    assert [s.change.kind for s in found.steps] == kinds
    assert found.effect("location") != 0
    if triggered is not None:
        assert found.triggered is triggered


def test_another_threshold_gives_another_answer(tmp_path: Path) -> None:
    slip = [{"row": "energy/G1", "column": "amount", "value": "120000", "reason": "a slip"}]
    answers = {}
    for threshold in ("0.5", "5"):
        found = report(tmp_path, said=with_base(corrections=slip, threshold_percent=threshold), bases=[base()]).base_year
        assert found.recalculation is not None
        answers[threshold] = found.recalculation.triggered
    assert answers == {"0.5": True, "5": False}


def test_the_potentials_named_by_the_dossier_are_those_of_then(tmp_path: Path) -> None:
    dossier = plant(base_year={"year": "2023", "gwp_set": "AR5", "policy": "p", "threshold_percent": "5"})
    found = report(tmp_path, dossier, statement(base_year=None, previous=None), bases=[base()]).base_year
    assert found.threshold == Decimal("0.05")
    assert found.recalculation is not None
    assert [s.change.kind for s in found.recalculation.steps] == ["factors"]
    assert "ipcc-ar5" in found.recalculation.steps[0].change.what.text("en")


def test_without_a_threshold_the_answer_is_unknown(tmp_path: Path) -> None:
    slip = [{"row": "energy/G1", "column": "amount", "value": "900000", "reason": "a slip"}]
    said = with_base(corrections=slip)
    del said["base_year"]["threshold_percent"]
    model, found = both(tmp_path, said=said, bases=[base()])
    assert model.base_year.recalculation is not None
    assert isinstance(model.base_year.recalculation.triggered, Unknown)
    assert "whether a recalculation is called for is not known" in said_of(found, "l")


def test_a_part_that_was_sold_leaves_the_base_year_too(tmp_path: Path) -> None:
    was = base(boundary={"approach": "operational control", "parts": [{"id": "P1", "inside": "yes"}, {"id": "P3", "inside": "yes"}]})
    was["energy"].append({**was["energy"][0], "id": "G2", "part": "P3"})
    now = plant(boundary={"approach": "operational control", "parts": [{"id": "P1", "inside": "yes"}],
                          "changes": [{"id": "Z1", "on": "2025-03-01", "kind": "divestment", "part": "P3", "what": "hall 3 sold"},
                                      {"id": "Z2", "on": "2025-03-01", "kind": "divestment", "part": "P9", "what": "never there"}]})
    found = report(tmp_path, now, statement(), bases=[was]).base_year
    assert found.recalculation is not None
    assert [s.change.kind for s in found.recalculation.steps] == ["boundary"]
    effect = found.recalculation.effect("location")
    assert isinstance(effect, Decimal)
    assert effect < 0
    assert any("P9" in limit.text("en") for limit in found.limits)


def test_a_facility_that_was_bought_joins_the_base_year(tmp_path: Path) -> None:
    other = base()
    other["id"], other["facility"] = "other-2023", {**other["facility"], "id": "B"}
    model = report(tmp_path, said=statement(), bases=[base(), other])
    found = model.base_year.recalculation
    assert found is not None
    assert [e.dossier.id for e in model.earlier] == ["plant-2023"]
    assert found.effect("location") == found.total("location")            # the same plant once more


def test_dossiers_of_another_facility_or_year_are_told_not_to_be_used(tmp_path: Path) -> None:
    other = base()
    other["facility"] = {**other["facility"], "id": "B"}
    for tree, earlier in ((other, 0), (base() | {"base_year": {"year": "2022"}}, 1)):
        found = report(tmp_path, said=with_base(year="2022" if earlier else "2023"), bases=[tree])
        assert found.base_year.recalculation is None
        assert len(found.earlier) == earlier
        assert [limit.code for limit in found.base_year.limits] == ["iso14064.base-not-given"]


def test_rows_to_be_corrected_that_are_not_there_are_refused_with_their_place(tmp_path: Path) -> None:
    wrong = [{"row": f"energy/{row}", "column": "amount", "value": "1", "reason": "x"} for row in ("N1", "N2")]
    with pytest.raises(ProblemsError) as caught:
        report(tmp_path, said=with_base(corrections=wrong), bases=[base()])
    assert [(p.code, p.found) for p in caught.value.problems] == [
        ("iso14064.no-such-row", "energy/N1"), ("iso14064.no-such-row", "energy/N2")]
    assert all(p.place.line for p in caught.value.problems)


def test_two_base_years_are_a_conflict(tmp_path: Path) -> None:
    dossier = plant(base_year={"year": "2022", "policy": "p", "threshold_percent": "5"})
    _, found = both(tmp_path, dossier=dossier, said=statement())
    assert found.result("k").key == "partly"
    assert said_of(found, "k") == "statement and dossier name different base years"
