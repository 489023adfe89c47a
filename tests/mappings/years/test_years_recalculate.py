"""Recalculation of the base year: each kind of change, the threshold, and what cannot be told from the evidence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.mappings.years.years_sites import codes, known, parts, site

from zerofactory_engine.accounting import Options, compute_inventory
from zerofactory_engine.dossier import dossier_from_tree
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.years.boundary import Cell, cells_of, with_boundary, with_part
from zerofactory_mappings.years.changes import Acquired, Change, Correction, Sold, alignments
from zerofactory_mappings.years.recalculate import recalculate

D = Decimal
P1 = {"id": "P1", "kind": "production unit", "inside": True, "relationship": "own"}
P2 = {"id": "P2", "kind": "ancillary unit", "inside": True, "relationship": "own"}
#: tCO2 a MWh of Sichuan's latest factor, as the site's inventory shows it.
GRID = known(compute_inventory(site(2023, gas="0")).total("all").value) / 1000


def test_correction_by_hand() -> None:
    """200 MWh more than were entered: 200 times the grid factor."""
    found = recalculate(site(2023), changes=[Correction.of("electricity", "E1", "MWh", "1200", "bill found")])
    assert found.effect("location") == 200 * GRID
    assert [s.change.kind for s in found.steps] == ["error"]


def test_factor_set_is_a_change_of_its_own() -> None:
    found = recalculate(site(2023), Options({"gwp": "ipcc-ar5"}), Options())
    assert [(s.change.kind, s.change.what.code) for s in found.steps] == [("factors", "years.change-factors")]
    assert found.effect("location") == found.steps[0].cumulative["location"] != 0


def test_option_is_a_method() -> None:
    found = recalculate(site(2023), Options(options={"grid_area": "national"}), Options())
    assert [s.change.kind for s in found.steps] == ["method"]
    assert known(found.effect("location")) < 0             # the power of Sichuan is cleaner than the national mix


def test_sold_part_goes_out_with_its_rows() -> None:
    base = site(2023)
    found = recalculate(base, changes=[Sold.of("P1", "sold")])
    assert found.recalculated.total("scope/1", "location") == 0
    assert found.original.total("scope/1", "location") == -known(found.effect("location"))
    assert any(s.code == "years.limit-part-tables" and s.args["tables"] == "energy" for s in found.limits)


def test_sold_part_without_rows_is_unknown_with_its_reason() -> None:
    base = site(2023, boundary=parts(P1, P2))
    found = recalculate(base, changes=[Sold.of("P2", "sold")], threshold=D("0.05"))
    assert codes(found.effect("location")) == ["years.part-not-told-apart"]
    assert codes(found.triggered) == ["years.part-not-told-apart"]
    assert found.total("location") == compute_inventory(base).total("all").value


def test_acquired_adds_its_own_inventory() -> None:
    other = site(2023, mwh="300", gas="0", facility={"id": "F2", "name": {"zh": "乙厂", "en": "Plant B"}, "province": "CN-SC", "country": "CN"})
    found = recalculate(site(2023), changes=[Acquired.of(other, "bought")])
    assert found.effect("location") == 300 * GRID


def test_acquired_of_another_time_is_unknown() -> None:
    found = recalculate(site(2023), changes=[Acquired.of(site(2022), "bought")])
    assert codes(found.effect("location")) == ["years.acquired-other-time"]


# -- threshold --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("mwh", "answer"), [("1000", False), ("1001", False), ("1900", True)])
def test_threshold_of_the_dossier(mwh: str, answer: bool) -> None:
    base = site(2023, base_year={"year": 2023, "threshold_percent": "5", "policy": "five"})
    found = recalculate(base, changes=[Correction.of("electricity", "E1", "MWh", mwh, "")])
    assert found.triggered is answer
    assert (found.threshold, found.threshold_from, found.policy) == (D("0.05"), "d2023", "five")


def test_effect_of_just_the_threshold_does_not_exceed_it() -> None:
    change = Correction.of("electricity", "E1", "MWh", "1100", "")
    share = recalculate(site(2023), changes=[change]).share(100 * GRID, "location")
    market = recalculate(site(2023), changes=[change])
    limit = max(known(share), known(market.share(market.effect("market"), "market")))
    assert recalculate(site(2023), changes=[change], threshold=limit).triggered is False
    assert recalculate(site(2023), changes=[change], threshold=limit - D("1E-20")).triggered is True


def test_two_changes_that_cancel_still_trigger() -> None:
    changes = [Correction.of("electricity", "E1", "MWh", mwh, "") for mwh in ("1500", "1000")]
    found = recalculate(site(2023), changes=changes, threshold=D("0.05"))
    assert found.effect("location") == 0
    assert found.triggered is True


def test_one_change_alone_triggers_though_the_sum_never_does() -> None:
    """More power and then less gas: after both, and after the first, less is changed than by the second alone."""
    changes = [Correction.of("electricity", "E1", "MWh", "1100", ""), Correction.of("energy", "G1", "Nm3", "35000", "")]
    found = recalculate(site(2023), changes=changes)
    alone = known(found.share(found.steps[1].alone["location"], "location"))
    cumulative = max(known(found.share(step.cumulative[b], b)) for step in found.steps for b in ("location", "market"))
    assert cumulative < alone
    assert recalculate(site(2023), changes=changes, threshold=(alone + cumulative) / 2).triggered is True
    assert recalculate(site(2023), changes=changes, threshold=alone).triggered is False


def test_without_threshold_the_answer_is_unknown() -> None:
    found = recalculate(site(2023), changes=[Correction.of("electricity", "E1", "MWh", "1500", "")])
    assert codes(found.triggered) == ["years.no-threshold"]
    assert recalculate(site(2023)).triggered is False          # nothing changed: no threshold is needed


def test_the_threshold_in_force_is_that_of_the_latest_dossier() -> None:
    base, latest = (site(y, base_year={"year": 2023, "threshold_percent": t}) for y, t in ((2023, "5"), (2025, "3")))
    found = recalculate(base, latest=latest)
    assert (found.threshold, found.threshold_from) == (D("0.03"), "d2025")
    given = recalculate(base, latest=latest, threshold=D("0.1"), threshold_from="statement.yaml")
    assert (given.threshold, given.threshold_from) == (D("0.1"), "statement.yaml")


# -- boundary of the latest year --------------------------------------------------------------------------------------

def test_boundary_of_the_latest_year_is_a_change_by_itself() -> None:
    latest = site(2025, boundary=parts({**P1, "inside": False}))
    found = recalculate(site(2023), latest=latest)
    assert [s.change.what.code for s in found.steps] == ["years.change-part-out"]
    assert found.recalculated.total("scope/1", "location") == 0


def test_a_part_that_comes_in() -> None:
    base = site(2023, boundary=parts({**P1, "inside": False}))
    found = recalculate(base, latest=site(2025))
    assert [s.change.what.code for s in found.steps] == ["years.change-part-in"]
    assert found.original.total("scope/1", "location") == 0
    assert found.recalculated.total("scope/1", "location") == found.effect("location")


def test_equity_share_of_the_latest_year() -> None:
    latest = site(2025, boundary={**parts(P1), "approach": "equity share", "share_percent": "40"})
    found = recalculate(site(2023), latest=latest)
    assert [s.change.what.code for s in found.steps] == ["years.change-consolidation"]
    assert found.recalculated.total("all", "location") == known(found.total("location")) * D("0.4")


@pytest.mark.parametrize("cells", [{"operated": True}, {"controlled": False}, {"relationship": "leased"}])
def test_what_calculators_do_not_see_is_no_change(cells: dict[str, Any]) -> None:
    assert alignments(site(2023), site(2025, boundary=parts({**P1, **cells}))) == ()


def test_a_sold_part_is_not_dealt_with_twice() -> None:
    latest = site(2025, boundary=parts({**P1, "inside": False}))
    found = recalculate(site(2023), changes=[Sold.of("P1", "sold")], latest=latest)
    assert [s.change.what.code for s in found.steps] == ["years.change-sold"]


def test_a_changed_boundary_is_in_the_canonical_form_too() -> None:
    """What was changed is read again from the canonical form: no hash of a dossier that says something else."""
    base = site(2023, boundary={**parts(P1, P2), "approach": "equity share", "share_percent": "40"})
    for changed in (with_part(base, "P1", {"inside": Cell(False, False)}),
                    with_part(base, "P2", cells_of(site(2025, boundary=parts({**P2, "operated": True})), "P2")),
                    with_boundary(base, cells_of(site(2025)))):
        again = dossier_from_tree(changed.canonical(), lenient=True)
        assert again == changed != base
        assert again.boundary == changed.boundary
        assert changed.sha256 != base.sha256


# -- what is refused --------------------------------------------------------------------------------------------------

def test_everything_wrong_at_once() -> None:
    changes: list[Change] = [Correction.of("electricity", "E9", "MWh", "1", ""), Sold.of("P9", ""),
                             Correction.of("electricity", "E1", "MWh", "much", ""),
                             Correction.of("electricity", "E1", "colour", "red", "")]
    with pytest.raises(ProblemsError) as raised:
        recalculate(site(2023), changes=changes)
    found = {p.code for p in raised.value.problems}
    assert {"years.no-such-row", "years.no-such-part", "years.no-such-column"} <= found
    assert len(raised.value.problems) == 4


def test_stated_figures_of_the_base_year_limit_it_when_they_differ() -> None:
    figures = [{"id": "B", "figure": "total_emissions", "amount": "1", "unit": "tCO2e"}]
    base = site(2023, base_year={"year": 2023, "figures": figures})
    assert "years.limit-stated-differs" in [s.code for s in recalculate(base).limits]
