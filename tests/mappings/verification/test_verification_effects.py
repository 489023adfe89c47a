"""What misstatements do: computed anew, by line, as stated; alone and together, signed and gross."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mappings.verification.foundry import battery, filled, foundry, judged, row

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.verification.effects import of_totals, split
from zerofactory_mappings.verification.statement import planned

#: kg CO2 of a kilowatt hour of the province in the default set, as the inventory of the foundry uses it.
GRID = Decimal("0.5827")


def only(*entries: dict[str, Any]) -> dict[str, Any]:
    """The package with these misstatements and no verified figure."""
    values = filled()
    values["misstatements"] = list(entries)
    for item in values["items"]:
        item.pop("verified_tCO2e", None)
        item["confirmed"] = True
    return values


def test_a_cell_is_computed_anew() -> None:
    made = judged(only({"id": "M", "cell": "electricity/E4.MWh", "corrected": "3298.6"}))
    (m,) = made.misstatements
    assert (m.way, m.reported, m.corrected) == ("cell", "3287.0", "3298.6")
    assert m.effect == (Decimal("3287.0") - Decimal("3298.6")) * GRID                # understated
    assert [e.of for e in m.effects] == ["total", "category/2"]
    assert made.total.under == m.effect == made.total.net
    assert made.total.over == 0


def test_a_cell_with_another_unit_is_read_as_the_applicant_writes_it() -> None:
    made = judged(only({"id": "M", "cell": "electricity/E4.MWh", "corrected": "3.2986 GWh"}))
    assert made.total.net == (Decimal("3287.0") - Decimal("3298.6")) * GRID


def test_a_line_is_replaced_by_its_corrected_tonnes() -> None:
    made = judged(only({"id": "M", "line": "heat/H1/CO2", "corrected_tCO2e": Decimal("634.2")}))
    (m,) = made.misstatements
    line = foundry().by_id["heat/H1/CO2"].emissions
    assert line is not None
    assert m.effect == CONTEXT.subtract(line, Decimal("634.2"))                      # overstated
    assert (made.total.over, made.total.under) == (m.effect, Decimal(0))


def test_the_planned_figure_of_a_line_corrects_nothing() -> None:
    same = planned(foundry().by_id["heat/H1/CO2"].emissions)
    made = judged(only({"id": "M", "line": "heat/H1/CO2", "corrected_tCO2e": same}))
    assert made.misstatements[0].effect == 0


def test_an_omission_is_stated_by_category() -> None:
    made = judged(only({"id": "M", "category": "1", "effect_tCO2e": Decimal("-6.6"), "kind": "omission"}))
    assert [(e.of, e.effect) for e in made.misstatements[0].effects] == [("total", Decimal("-6.6")), ("category/1", Decimal("-6.6"))]
    assert {a.of: a.net for a in made.aggregates} == {"total": Decimal("-6.6"), "category/1": Decimal("-6.6"), "category/2": 0}


def test_a_verified_figure_that_differs_is_a_misstatement_of_its_own() -> None:
    values = only()
    row(values, "items", "line", "heat/H1/CO2")["verified_tCO2e"] = Decimal("634.2")
    (m,) = judged(values).misstatements
    assert (m.id, m.logged, m.open, m.way) == ("heat/H1/CO2", False, True, "line")
    values["misstatements"] = [{"id": "M", "line": "heat/H1/CO2", "corrected_tCO2e": Decimal("634.2")}]
    assert [m.id for m in judged(values).misstatements] == ["M"]                     # not counted twice


def test_what_the_client_corrected_is_shown_and_not_counted() -> None:
    made = judged(only({"id": "M", "category": "1", "effect_tCO2e": Decimal("18.4"), "state": "corrected"}))
    assert made.misstatements[0].effect == Decimal("18.4")
    assert (made.total.over, made.total.net) == (Decimal(0), Decimal(0))


def test_signed_and_gross() -> None:
    made = judged(only({"id": "A", "category": "1", "effect_tCO2e": Decimal(300)}, {"id": "B", "category": "1", "effect_tCO2e": Decimal(-280)}))
    assert [made.total.over, made.total.under, made.total.net, made.total.gross] == [300, -280, 20, 580]
    assert (made.total.material, made.total.gross_material) == (False, True)         # 5 % is 470 t
    assert made.total.share == CONTEXT.divide(Decimal(20), foundry().totals["total"] or Decimal(0))


def test_two_cells_are_corrected_at_once_and_the_interaction_is_shown() -> None:
    amount = {"id": "A", "cell": "heat/H1.t", "corrected": "2000"}
    state = {"id": "B", "cell": "heat/H1.enthalpy_GJ_per_t", "corrected": "2.7"}
    alone = [judged(only(each)).total.net for each in (amount, state)]
    made = judged(only(amount, state))
    assert [m.effect for m in made.misstatements] == alone
    after = foundry().corrected([("heat", "H1", "t", "2000"), ("heat", "H1", "enthalpy_GJ_per_t", "2.7")])
    expected = next(e for e in of_totals(foundry().totals, after, ()) if e.of == "total").effect
    assert made.total.net == expected
    assert made.total.interaction == CONTEXT.subtract(expected or Decimal(0), CONTEXT.add(alone[0] or Decimal(0), alone[1] or Decimal(0)))
    assert made.total.interaction != 0


def test_without_a_corrected_figure_nothing_is_summed_up() -> None:
    made = judged(only({"id": "A", "category": "1", "effect_tCO2e": Decimal(3)}, {"id": "B", "line": "heat/H1/CO2"}))
    assert (made.total.unknown, made.total.net, made.total.material) == (1, None, None)
    assert made.total.over == 3                                                      # what is known is shown


BAD: list[tuple[list[dict[str, Any]], list[str]]] = [
    ([{"id": "A", "line": "heat/H9/CO2", "corrected_tCO2e": Decimal(1)}], ["line-unknown"]),
    ([{"id": "A", "cell": "electricity/E9.MWh", "corrected": "1"}], ["cell-unknown"]),
    ([{"id": "A", "cell": "electricity/E1.kWh", "corrected": "1"}], ["cell-unknown"]),
    ([{"id": "A", "cell": "E1.MWh", "corrected": "1"}], ["cell-unknown"]),
    ([{"id": "A", "kind": "fraud", "category": "1", "effect_tCO2e": Decimal(1)}], ["kind-unknown"]),
    ([{"id": "A", "line": "heat/H1/CO2", "cell": "heat/H1.t", "corrected": "1"}], ["two-ways"]),
    ([{"id": "A", "line": "heat/H1/CO2", "corrected_tCO2e": Decimal(1), "effect_tCO2e": Decimal(1)}], ["two-ways"]),
    ([{"id": "A", "line": "heat/H1/CO2", "corrected_tCO2e": Decimal(1)}, {"id": "B", "line": "heat/H1/CO2", "corrected_tCO2e": Decimal(1)}], ["corrected-twice"]),
    ([{"id": "A", "line": "heat/H1/CO2", "corrected_tCO2e": Decimal(1)}, {"id": "B", "cell": "heat/H1.t", "corrected": "1"}], ["corrected-twice"]),
    ([{"id": "A", "line": "x/y/z"}, {"id": "B", "cell": "u/v.w"}, {"id": "C", "kind": "zeal"}], ["line-unknown", "cell-unknown", "kind-unknown"]),
]


@pytest.mark.parametrize(("entries", "codes"), BAD)
def test_what_names_nothing_or_two_things_is_refused(entries: list[dict[str, Any]], codes: list[str]) -> None:
    with pytest.raises(ProblemsError) as caught:
        judged(only(*entries))
    assert [p.code.removeprefix("verification.") for p in caught.value.problems] == codes


def test_a_text_that_the_cell_does_not_take_is_told_with_the_entry() -> None:
    with pytest.raises(ProblemsError) as caught:
        judged(only({"id": "A", "cell": "electricity/E1.MWh", "corrected": "much"}))
    assert [p.code for p in caught.value.problems] == ["typed.not-a-number"]


def test_the_same_thing_corrected_by_the_client_and_still_open_is_no_contradiction() -> None:
    entry = {"id": "A", "line": "heat/H1/CO2", "corrected_tCO2e": Decimal(1)}
    assert len(judged(only(entry, {**entry, "id": "B", "state": "corrected"})).misstatements) == 2


@pytest.mark.parametrize(("cell", "parts"), [
    ("electricity/E1.MWh", ("electricity", "E1", "MWh")), ("energy/G1.a.t", ("energy", "G1.a", "t")),
    ("energy/G1", None), ("nowhere/E1.MWh", None), ("electricity/.MWh", None), ("", None)])
def test_cells_as_they_are_written(cell: str, parts: tuple[str, str, str] | None) -> None:
    assert split(cell) == parts


lines = [c for c in battery().lines if c.emissions is not None]
corrections = st.dictionaries(st.sampled_from([c.id for c in lines]), st.decimals(-5000, 80000, places=4), max_size=6)
stated = st.lists(st.tuples(st.sampled_from("12346"), st.decimals(-5000, 5000, places=3), st.booleans()), max_size=6)


@settings(max_examples=40)
@given(corrections, stated)
def test_the_sum_of_misstatements(by_line: dict[str, Decimal], by_category: list[tuple[str, Decimal, bool]]) -> None:
    """Net is the sum of single effects; categories add up to the total; the corrected total is what is left."""
    values: dict[str, Any] = {"format": "zerofactory/verification-package/1", "subject": {}, "engagement": {"assurance": "limited"}, "materiality": [{"of": "total", "percent": Decimal(5)}]}
    values["misstatements"] = [{"id": f"L{n}", "line": k, "corrected_tCO2e": v} for n, (k, v) in enumerate(by_line.items())]
    values["misstatements"] += [{"id": f"C{n}", "category": c, "effect_tCO2e": v, "state": "open" if o else "corrected"} for n, (c, v, o) in enumerate(by_category)]
    made = judged(values, battery())
    open_ones = [m.effect or Decimal(0) for m in made.misstatements if m.open]
    total, parts = made.total, made.aggregates[1:]
    tolerance = Decimal("1e-20")                                   # 34 digits, in whatever order they are added
    assert total.net is not None
    assert total.reported is not None
    assert abs(total.net - sum(open_ones)) < tolerance
    assert total.over == pytest.approx(sum(e for e in open_ones if e > 0), abs=tolerance)
    assert total.under == pytest.approx(sum(e for e in open_ones if e < 0), abs=tolerance)
    assert abs(total.gross - sum(abs(e) for e in open_ones)) < tolerance
    assert abs(total.net) <= total.gross + tolerance
    for name in ("over", "under", "net"):
        assert abs(sum((getattr(a, name) for a in parts), Decimal(0)) - getattr(total, name)) < tolerance
    lines_now = {c.id: by_line.get(c.id, c.emissions) for c in battery().lines}
    left = sum((v for v in lines_now.values() if v is not None), Decimal(0)) - sum(v for _, v, o in by_category if o)
    same = {c.id for c in battery().lines if by_line.get(c.id) == planned(c.emissions)}
    if not same:
        assert abs((total.reported - total.net) - left) < Decimal("1e-18")
    assert total.material is (abs(total.net) > total.reported / 20)
