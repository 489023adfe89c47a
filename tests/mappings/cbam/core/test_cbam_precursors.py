"""A bought precursor: actual only with a report that fits, otherwise the default with mark-up and the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.mappings.cbam.core.plant import codes, g, plant, precursor, process, product, report, run

from zerofactory_mappings.cbam.model import Basis, Precursor, ValueSource
from zerofactory_mappings.cbam.precursors import report_misfits

D = Decimal
#: China, wire rod 7213, before mark-up (2621 Annex I).
WIRE_ROD = D("3.168785")


def see(bought: Precursor, **options: Any) -> Decimal | None:
    """SEE of 1000 t with 1000 t of the precursor and no emissions of its own."""
    return run(plant(process(), precursors=(bought,)), **options).processes[0].see_direct


def test_actual_value_with_a_report_that_fits() -> None:
    assert report_misfits(precursor({"P1": "1000 t"})) == []
    assert see(precursor({"P1": "1000 t"})) == 2


@pytest.mark.parametrize(("changes", "misfit"), [
    ({"accreditation_number": None}, "accreditation_number"),
    ({"accreditation_scope": ()}, "accreditation_scope"),
    ({"accreditation_scope": ("76",)}, "accreditation_scope"),
    ({"accreditation_valid_to": None}, "accreditation_valid_to"),
    ({"accreditation_valid_to": date(2027, 2, 28)}, "accreditation_valid_to"),
    ({"reasonable_assurance": False}, "reasonable_assurance"),
    ({"reasonable_assurance": None}, "reasonable_assurance"),
    ({"document": None}, "document"),
    ({"cn_codes": ("72142000",)}, "cn_codes"),
    ({"installation": "CN-MILL-2"}, "installation"),
    ({"installation": None}, "installation"),
    ({"period_start": date(2026, 2, 1)}, "period"),
    ({"period_end": date(2026, 11, 30)}, "period"),
    ({"period_end": None}, "period"),
], ids=lambda v: v if isinstance(v, str) else next(iter(v)))
def test_a_report_that_does_not_fit_gives_way_to_the_default(changes: dict[str, object], misfit: str) -> None:
    bought = precursor({"P1": "1000 t"}, report=report(**changes))
    assert report_misfits(bought) == [misfit]
    result = run(plant(process(), precursors=(bought,)))
    assert result.processes[0].see_direct == WIRE_ROD * D("1.1")
    assert result.processes[0].default_share == 1
    use = result.precursors[0]
    assert use.source == "default"
    assert use.reason is not None
    assert use.reason.code == "cbam.actual-value-refused"
    assert misfit in (use.reason.accepted or "")


@pytest.mark.parametrize("scope", [("7213",), ("72",), ("iron_or_steel_products",), ("76", "721391")])
def test_accreditation_scopes_that_cover_the_good(scope: tuple[str, ...]) -> None:
    assert report_misfits(precursor({"P1": "1 t"}, report=report(accreditation_scope=scope))) == []


def test_no_report_at_all() -> None:
    assert report_misfits(precursor({"P1": "1 t"}, report=None)) == ["report"]


def test_the_transitional_basis_takes_what_is_stated() -> None:
    assert see(precursor({"P1": "1000 t"}, report=None), basis=Basis.TRANSITIONAL) == 2


@pytest.mark.parametrize(("year", "options", "factor"), [
    (2026, {}, "1.1"), (2027, {}, "1.2"), (2028, {}, "1.3"), (2030, {}, "1.3"),
    (2026, {"import_year": 2027}, "1.1"),                                           # by production, unless read otherwise
    (2026, {"import_year": 2027, "readings": {"markup_year": "import"}}, "1.2"),
])
def test_mark_up_of_a_default_precursor(year: int, options: dict[str, Any], factor: str) -> None:
    bought = precursor({"P1": "1000 t"}, direct=None, report=None, direct_source=ValueSource.DEFAULT)
    result = run(plant(process(), precursors=(bought,), year=year), **options)
    assert result.processes[0].see_direct == WIRE_ROD * D(factor)


def test_without_a_code_there_is_no_default_and_no_result() -> None:
    result = run(plant(process(), precursors=(precursor({"P1": "1000 t"}, cn=None, report=None),)))
    assert result.processes[0].see_direct is None
    assert "cbam.precursor-needs-cn" in codes(result)


def test_a_country_without_data_gives_no_result() -> None:
    """Thailand is in the act, its table is not loaded: never the table of other countries."""
    result = run(plant(process(), precursors=(precursor({"P1": "1000 t"}, country="TH", report=None),)))
    assert result.processes[0].see_direct is None
    assert any(c.startswith("cbam-defaults.") for c in codes(result))


def test_actual_and_default_may_be_mixed() -> None:
    """400 t actual at 2, 600 t default: share of defaults = their part of the embedded emissions."""
    actual = precursor({"P1": "400 t"})
    default = replace(precursor({"P1": "600 t"}, pid="PP2"), report=None, direct=None)
    result = run(plant(process(direct=g("100 tCO2e")), precursors=(actual, default)))
    row = result.processes[0]
    part = D("0.6") * WIRE_ROD * D("1.1")
    assert row.see_direct == D("0.1") + D("0.8") + part
    assert row.default_share is not None
    assert abs(row.default_share - part / (D("0.9") + part)) < D("1E-26")
    assert row.weakest_source == "default"


def test_actual_values_per_kilogram_of_nitrogen() -> None:
    """100 t ammonia of 822 kg N/t at 0.002 per kg N = 164.4 t in 1000 t of nitric acid."""
    ammonia = precursor({"P1": "100 t"}, category="ammonia", cn="28141000", direct=g("0.002 tCO2e/kgN"), indirect=g("0 tCO2e/kgN"),
                        content=g("822 kgN/t"), report=report(accreditation_scope=("2814",), cn_codes=("28141000",)))
    result = run(plant(process(category="nitric_acid", content=g("1 kgN/t")), precursors=(ammonia,)))
    assert result.processes[0].see_direct == D("0.1644")


def test_free_allocation_along_the_chain() -> None:
    """Screws 7318 15 42 of default wire rod, 2026: own 0.975 × 0.038, rod by column B with the letter of its default row."""
    bought = precursor({"P1": "1100 t"}, direct=None, report=None)
    result = run(plant(process(), precursors=(bought,), products=(product(cn="73181542", route_letters="(C)"),)))
    rod = result.precursors[0].sefa
    assert rod is not None
    assert result.products[0].sefa == D("0.975") * D("0.038") + D("1.1") * rod
    assert any(p.startswith(("benchmarks", "phase-in")) for p in result.provisional)


def test_free_allocation_of_an_actual_precursor_is_its_producers() -> None:
    stated = run(plant(process(), precursors=(precursor({"P1": "1000 t"}, sefa=g("1.2 tCO2e/t")),),
                       products=(product(cn="73181542", route_letters="(C)"),)))
    assert stated.products[0].sefa == D("0.975") * D("0.038") + D("1.2")
    silent = run(plant(process(), precursors=(precursor({"P1": "1000 t"}),), products=(product(cn="73181542"),)))
    assert silent.products[0].sefa is None
    assert "cbam.sefa-not-stated" in codes(silent)


def test_a_good_whose_own_code_is_also_its_default_precursor() -> None:
    """Columns A and B of one benchmark row in one proof."""
    bought = precursor({"P1": "1000 t"}, direct=None, report=None)
    result = run(plant(process(), precursors=(bought,), products=(product(cn="72139110", route_letters="(C)"),)))
    assert result.products[0].sefa is not None


@pytest.mark.parametrize(("reading", "year"), [("joint_process_benchmark", 2026), ("cscf_after_2030", 2031),
                                               ("benchmarks_after_2030", 2031)])
def test_readings_that_leave_the_allocation_unknown(reading: str, year: int) -> None:
    joint = process(category="iron_or_steel_products", included=("crude_steel",)) if year == 2026 else process()
    works = plant(joint, year=year, products=(product(cn="72139110", route_letters="(C)"),))
    assert run(works).products[0].sefa is not None
    assert run(works, readings={reading: "unknown"}).products[0].sefa is None
