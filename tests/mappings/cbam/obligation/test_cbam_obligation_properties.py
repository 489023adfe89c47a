"""Laws that hold for any import: never negative, monotone, no netting, sums, order, and an independent calculation."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mappings.cbam.obligation.lists import D, actual, consignment, default, read, run

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_mappings.cbam.obligation.build import obligation
from zerofactory_mappings.cbam.obligation.result import ObligationResult

ALL = "importer: {name: Example, all_imports: yes}"
figures = st.decimals(min_value=0, max_value=20, places=4, allow_nan=False, allow_infinity=False)
LEAST = D("0.001")
masses = st.decimals(min_value=LEAST, max_value=100000, places=3, allow_nan=False, allow_infinity=False)
codes = st.sampled_from(["72083900", "73181542", "76042910", "72071114", "31021019", "28041000"])
days = st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 9, 30))
TEN = D(10)
fast = settings(max_examples=30, deadline=None)


def good(see: Decimal, sefa: Decimal, mass: Decimal = TEN, ident: str = "A", extra: str = "") -> str:
    return (f"{{id: {ident}, date: 2026-05-10, cn: '73181542', origin: CN, net_mass: {plain(mass)}, actual: {{see_direct: {plain(see)},"
            f" sefa: {plain(sefa)}, verification_report: V}}{extra}}}")


def net(result: ObligationResult, ident: str = "A") -> Decimal:
    found = actual(result, ident).net
    assert found is not None
    return found


@fast
@given(figures, figures, figures)
def test_certificates_rise_with_emissions_and_fall_with_allocation(see: Decimal, more: Decimal, sefa: Decimal) -> None:
    base, dirtier, freer = (net(run(good(*pair))) for pair in ((see, sefa), (see + more, sefa), (see, sefa + more)))
    assert 0 <= freer <= base <= dirtier


@fast
@given(figures, figures, masses)
def test_certificates_are_the_floored_difference_times_the_mass(see: Decimal, sefa: Decimal, mass: Decimal) -> None:
    found = actual(run(good(see, sefa, mass)))
    assert found.certificates == CONTEXT.multiply(max(D(0), see - sefa), mass)
    assert found.cost == CONTEXT.multiply(found.certificates, D("75.28"))


@fast
@given(figures, st.decimals(min_value=0, max_value=300, places=2), st.decimals(min_value=0, max_value=1, places=3))
def test_a_carbon_price_never_raises_certificates_nor_makes_them_negative(see: Decimal, amount: Decimal, share: Decimal) -> None:
    paid = (f", carbon_price: [{{amount: {plain(amount)}, per: tCO2e, currency: EUR, rebate: 0, covered_share: {plain(share)},"
            " free_share: 0, certified_by: X}]")
    assert 0 <= net(run(good(see, D(1), extra=paid))) <= net(run(good(see, D(1))))


@fast
@given(st.lists(st.tuples(figures, figures, masses), min_size=1, max_size=6))
def test_no_good_pays_for_another_and_totals_are_sums(goods: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    found = run(*(good(see, sefa, mass, f"A{i}") for i, (see, sefa, mass) in enumerate(goods)), more=ALL)
    with localcontext(CONTEXT):
        floored = sum((max(D(0), see - sefa) * mass for see, sefa, mass in goods), D(0))
        netted = max(D(0), sum(((see - sefa) * mass for see, sefa, mass in goods), D(0)))
    year = found.years[0]
    assert year.certificates is not None
    assert abs(year.certificates - floored) < D("1e-15")
    assert year.certificates >= netted - D("1e-15")
    assert sum((g.declared or D(0) for g in found.goods), D(0)) == sum((q.certificates or D(0) for q in year.quarters), D(0))
    assert year.cheapest is not None
    assert year.cheapest <= year.certificates


@fast
@given(st.lists(st.tuples(codes, days, masses), min_size=1, max_size=6))
def test_the_order_of_the_list_changes_no_total_and_splitting_a_consignment_neither(rows: list[tuple[str, date, Decimal]]) -> None:
    def row(i: int, cn: str, day: date, mass: Decimal) -> str:
        return f"{{id: A{i}, date: {day}, cn: '{cn}', origin: CN, net_mass: {plain(mass)}}}"

    listed = [row(i, *r) for i, r in enumerate(rows)]
    base, turned = run(*listed, more=ALL).years[0], run(*reversed(listed), more=ALL).years[0]
    cn, day, mass = rows[0]
    halves = [row(90, cn, day, mass / 2), row(91, cn, day, mass / 2), *listed[1:]]
    split = run(*halves, more=ALL).years[0]
    for other in (turned, split):
        assert other.threshold.crossed == base.threshold.crossed
        assert other.due is not None
        assert base.due is not None
        assert abs(other.due - base.due) < D("1e-15")


@fast
@given(st.lists(masses, min_size=1, max_size=8))
def test_below_the_threshold_nothing_is_due_and_above_it_everything(tonnes: list[Decimal]) -> None:
    rows = [f"{{id: A{i}, date: 2026-01-{i + 1:02}, cn: '72083900', origin: CN, net_mass: {plain(m)}}}" for i, m in enumerate(tonnes)]
    year = run(*rows, more=ALL).years[0]
    assert year.due == (year.certificates if sum(tonnes) > 50 else 0)
    if sum(tonnes) > 50:
        upto = int((year.threshold.crossing or "A0")[1:])
        assert sum(tonnes[:upto]) <= 50 < sum(tonnes[:upto + 1])


@fast
@given(codes, st.integers(2026, 2033))
def test_free_allocation_ends_step_by_step_and_default_goods_never_get_cheaper_by_the_year(cn: str, year: int) -> None:
    years = obligation(read(f"{{date: {year}-05-10, cn: '{cn}', origin: CN, net_mass: 10}}")).goods[0].outlook
    nets = [y.default.net for y in years]
    sefas = [y.default.sefa for y in years]
    assert nets == sorted(nets, key=lambda v: v or D(0))
    assert sefas == sorted(sefas, key=lambda v: v or D(0), reverse=True)
    assert sefas[-1] == 0


def test_every_plain_default_of_china_equals_a_calculation_from_the_raw_files(shared_data: Path) -> None:
    """An independent reading of the two published tables: codes with one default row of eight digits and one benchmark
    row for its letter (or without letters), iron and steel, aluminium and fertilisers, 2026."""
    folder = shared_data / "cbam/definitive"
    rows: dict[str, list[tuple[str, str]]] = {}
    for r in csv.DictReader((folder / "default_values_China.csv").read_text(encoding="utf-8").splitlines()):
        if len(r["cn_code"]) == 8 and r["sector"] in {"Iron and steel", "Aluminium", "Fertilisers"}:
            rows.setdefault(r["cn_code"], []).append((r["total"], r["benchmark_route"]))
    marks: dict[str, list[tuple[str, str]]] = {}
    for r in csv.DictReader((folder / "benchmarks_2025-2620.csv").read_text(encoding="utf-8").splitlines()):
        marks.setdefault(r["cn_code"], []).append((r["colB_BMg"], r["colB_route"]))
    wanted: dict[str, tuple[Decimal, Decimal]] = {}
    for cn, values in rows.items():
        fits = [b for b, route in marks.get(cn, []) if route == values[0][1]]
        if len(values) == 1 and len(fits) == 1 and values[0][0][:1].isdigit():
            mark_up = D("1.01") if cn.startswith(("28", "31")) else D("1.1")
            wanted[cn] = (D(values[0][0]) * mark_up, D("0.975") * D(fits[0]))
    assert len(wanted) > 30
    found = run(*(f"{{id: N{cn}, date: 2026-05-10, cn: '{cn}', origin: CN, net_mass: 1}}" for cn in wanted))
    differing = {cn: (default(found, f"N{cn}").see, default(found, f"N{cn}").sefa) for cn in wanted
                 if (default(found, f"N{cn}").see, default(found, f"N{cn}").sefa) != wanted[cn]}
    assert differing == {}
    assert all(consignment(found, f"N{cn}").declared.net == max(D(0), see - sefa) for cn, (see, sefa) in wanted.items())


@pytest.mark.full
def test_ten_thousand_consignments_are_settled() -> None:
    rows = [f"{{id: A{i}, date: 2026-{1 + i % 9:02}-10, cn: '{cn}', origin: CN, net_mass: {1 + i % 7}}}"
            for i in range(10_000) for cn in [["72083900", "73181542", "76042910", "31021019"][i % 4]]]
    imports = read(*rows, more=ALL)
    found = obligation(imports)
    assert len(found.goods) == 4
