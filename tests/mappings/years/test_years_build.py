"""Several years side by side: what may be compared, trend, intensities, like for like, and what is unknown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.mappings.years.years_sites import TABLES, codes, known, parts, site

from zerofactory_engine.accounting import Options, compute_inventory
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.years.amounts import over, plus
from zerofactory_mappings.years.build import build
from zerofactory_mappings.years.changes import Acquired, Correction, Sold
from zerofactory_mappings.years.check import INDETERMINATE, MET, NOT_MET, check
from zerofactory_mappings.years.measures import bought_energy
from zerofactory_mappings.years.model import LIKE, REPORTED, Comparison

D = Decimal
P1 = {"id": "P1", "kind": "production unit", "inside": True, "relationship": "own"}
OTHER = {"id": "F2", "name": {"zh": "乙厂", "en": "Plant B"}, "province": "CN-SC", "country": "CN"}


def verdicts(comparison: Comparison) -> dict[str, str]:
    return {c.code.removeprefix("years.check-"): c.verdict for c in check(comparison)}


def test_three_years_in_any_order() -> None:
    found = build([site(2025, "1100", "40000", "130"), site(2023), site(2024, "1200", "50000", "110")])
    assert [y.label for y in found.years] == ["2023", "2024", "2025"]
    totals = found.of(LIKE, "all", "location")
    assert totals.values[1] == compute_inventory(site(2024, "1200", "50000", "110")).total("all").value
    assert totals.change(2, 0) == known(totals.values[2]) - known(totals.values[0])
    per_mwh = next(s for s in found.intensities if (s.group, s.basis) == ("scopes_1_2", "location"))
    assert per_mwh.values[0] == known(totals.values[0]) / 100
    assert [(d.first, d.second, d.group) for d in found.decompositions if d.basis == "location"] == [
        (a, b, g) for g in ("scopes_1_2", "all") for a, b in (("2023", "2024"), ("2024", "2025"), ("2023", "2025"))]
    assert set(verdicts(found).values()) == {MET}


def test_reported_and_like_for_like_differ_by_the_options_of_then() -> None:
    found = build([site(2023), site(2024)], then=Options({"gwp": "ipcc-ar5"}))
    assert found.differs
    assert found.of(REPORTED, "all", "location").values[0] != found.of(LIKE, "all", "location").values[0]
    assert found.of(REPORTED, "all", "location").values[1] == found.of(LIKE, "all", "location").values[1]
    assert not build([site(2023), site(2024)]).differs


# -- acquired and sold ------------------------------------------------------------------------------------------------

def test_production_energy_and_value_of_a_bought_facility_are_added() -> None:
    """The plant made 100 MWh of cells and the bought one 40 of cells and 7 of packs: 140 and 7."""
    money: dict[str, Any] = {"figure": "industrial_value_added", "unit": "10kCNY"}
    base = site(2023, economics=[{"id": "V", "amount": "900", **money}])
    bought = site(2023, "300", "10000", "40", facility=OTHER, id="other",
                  economics=[{"id": "V", "amount": "100", **money}])
    bought = bought.with_rows("products", [{"id": "P9", "category": "pack", "output_MWh": "7"}])
    base = base.declared_complete("products")
    latest = site(2024, "1300", "60000", "140", economics=[{"id": "V", "amount": "1100", **money}]).with_rows(
        "products", [{"id": "P9", "category": "pack", "output_MWh": "8"}])
    found = build([base, latest], changes={"d2023": [Acquired.of(bought, "")]})
    measures = {m.id: m.amounts for m in found.measures}
    assert measures["product/cell"] == (D(140), D(140))
    assert measures["product/pack"] == (D(7), D(8))
    assert measures["figure/industrial_value_added"] == (D(1000), D(1100))
    assert measures["energy/tce"][0] == plus(*(bought_energy(compute_inventory(d)) for d in (base, bought)))
    per_cell = next(s for s in found.intensities
                    if (s.measure, s.group, s.basis) == ("product/cell", "all", "location"))
    total = found.of(LIKE, "all", "location").values[0]
    assert per_cell.values[0] == over(total, D(140), "")
    power = [s for d in found.decompositions for s in d.sources if s.key[0] == "electricity" and d.basis == "location"]
    assert all(s.own_activity for s in power)           # both dossiers have a row E1: two rows, not one
    assert verdicts(found)["base-year"] == MET


def test_a_bought_facility_without_production_makes_it_unknown() -> None:
    bought = site(2023, "300", "0", None, facility=OTHER, id="other")
    found = build([site(2023), site(2024)], changes={"d2023": [Acquired.of(bought, "")]})
    assert codes(found.measures[0].amounts[0]) == ["years.no-production"]
    assert "years.no-production" in codes(found.intensities[0].values[0])


def test_an_unclear_change_makes_trend_intensity_and_decomposition_unknown() -> None:
    boundary = parts(P1, {"id": "P2", "kind": "tenant", "inside": True, "relationship": "own"})
    years = [site(2023, boundary=boundary), site(2024, boundary=boundary)]
    sold = {d.id: [Sold.of("P2", "sold")] for d in years}
    found = build(years, changes=sold, threshold=D("0.05"))
    for d in found.decompositions:
        for amount in (*d.effects.values(), d.before, d.after, d.change):
            assert codes(amount) == ["years.part-not-told-apart"]
        assert all(isinstance(e, Unknown) for s in d.sources for e in s.effects.values())
    assert all(isinstance(v, Unknown) for s in found.series if s.view == LIKE for v in s.values)
    assert not any(isinstance(v, Unknown) for s in found.series if s.view == REPORTED for v in s.values)
    assert all(isinstance(v, Unknown) for s in found.intensities for v in s.values)
    assert isinstance(found.recalculation.triggered, Unknown)
    shown = verdicts(found)
    assert {shown[n] for n in ("effects", "scopes", "trend", "base-year", "threshold")} == {INDETERMINATE}


def test_production_of_a_part_that_went_out_is_unknown_unless_rows_tell_it_apart() -> None:
    latest = site(2024, boundary=parts({**P1, "inside": False}))
    found = build([site(2023), latest])
    assert codes(found.measures[0].amounts[0]) == ["years.production-not-split"]
    split = [{"id": "A", "category": "cell", "output_MWh": "60", "part": "P1"},
             {"id": "B", "category": "cell", "output_MWh": "40", "part": "P3"}]
    listed = parts(P1, {"id": "P3", "inside": True, "relationship": "own"})
    told = build([site(2023, products=split, boundary=listed),
                  site(2024, boundary=parts({**P1, "inside": False}, listed["parts"][1]))])
    assert told.measures[0].amounts[0] == 40


def test_figures_of_another_boundary_are_not_used() -> None:
    energy = [{"id": "V", "figure": "comprehensive_energy", "amount": "900", "unit": "tce"}]
    latest = site(2024, boundary=parts({**P1, "inside": False}), economics=energy)
    found = build([site(2023, economics=energy), latest])
    measure = next(m for m in found.measures if m.id == "energy/tce")
    assert measure.amounts[0] != 900
    assert measure.note is not None
    assert measure.note.code == "years.note-energy"


def test_zero_output_is_a_value_when_products_are_complete() -> None:
    none = site(2023, made=None).declared_complete("products")
    found = build([none, site(2024)])
    assert found.measures[0].amounts == (D(0), D(100))
    assert codes(found.intensities[0].values[0]) == ["years.divided-by-zero"]
    assert found.measure is None
    assert codes(found.decompositions[0].effects["activity"])[0] == "years.no-measure"


# -- periods ----------------------------------------------------------------------------------------------------------

def test_half_a_year_is_not_compared_unless_annualised() -> None:
    half = site(2024, "500", "25000", "50", period={"from": "2024-01-01", "to": "2024-06-30"})
    found = build([site(2023), half])
    assert codes(found.of(LIKE, "all", "location").change(1, 0)) == ["years.part-year"]
    assert isinstance(found.of(LIKE, "all", "location").values[1], D)
    assert verdicts(found)["periods"] == NOT_MET
    scaled = build([site(2023), half], annualise=True)
    assert scaled.of(LIKE, "all", "location").change(1, 0) == 0
    assert scaled.decompositions[0].change == 0
    assert "years.limit-annualised" in [s.code for s in scaled.limits]
    assert verdicts(scaled)["periods"] == MET


@pytest.mark.parametrize(("dossiers", "expected"), [
    ([site(2023)], {"years.too-few"}),
    ([site(2023), site(2024, facility=OTHER)], {"years.other-facility"}),
    ([site(2023), site(2023)], {"years.overlapping", "years.same-id"}),
])
def test_what_is_not_compared(dossiers: list[Any], expected: set[str]) -> None:
    with pytest.raises(ProblemsError) as raised:
        build(dossiers)
    assert {p.code for p in raised.value.problems} == expected


def test_gap_and_new_name_are_warnings() -> None:
    found = build([site(2023), site(2025, facility={"id": "F1", "name": {"zh": "丙厂", "en": "Plant C"}, "province": "CN-SC", "country": "CN"})])
    assert {p.code for p in found.problems} == {"years.gap", "years.renamed"}


def test_changes_and_measures_that_do_not_exist() -> None:
    with pytest.raises(ProblemsError) as raised:
        build([site(2023), site(2024)], changes={"d1999": [Correction.of("energy", "G1", "Nm3", "1", "")]})
    assert [p.code for p in raised.value.problems] == ["years.no-such-dossier"]
    with pytest.raises(ProblemsError) as raised:
        build([site(2023), site(2024)], measure="product/cars")
    assert [p.code for p in raised.value.problems] == ["years.no-such-measure"]
    assert raised.value.problems[0].accepted == "product/cell, energy/tce"


def test_parts_that_one_year_does_not_name_are_told() -> None:
    listed = parts(P1, {"id": "P7", "inside": True, "relationship": "own"})
    told = [s for s in build([site(2023), site(2024, boundary=listed)]).limits if s.code == "years.limit-part-new"]
    assert [dict(s.args) for s in told] == [{"parts": "P7", "label": "2023"}]


def test_unknown_tables_stay_unknown() -> None:
    """A year whose fugitive gases nobody declared complete has no total, and no check of it passes."""
    found = build([site(2023, complete=[t for t in TABLES if t != "fugitive"]), site(2024)])
    assert isinstance(found.of(LIKE, "all", "location").values[0], Unknown)
    assert isinstance(found.decompositions[0].effects["factor"], Unknown)
    assert {verdicts(found)[n] for n in ("effects", "trend")} == {INDETERMINATE}
