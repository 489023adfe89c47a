"""Actual values from a file that ``cbam compute`` reads: our own input, and a Commission workbook."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.mappings.cbam.obligation.lists import D, actual, codes, consignment, problems_of, run, said, text

PLANT = """
format: zerofactory/cbam-input/1
installation: {name: Example Fasteners, country: CN}
period: {start: 2026-01-01, end: 2026-12-31}
processes:
  - {id: P1, name: Screws, category: iron_or_steel_products, production: 1000 t, to_market: 1000 t, direct: 190 tCO2e}
precursors:
  - {id: B1, name: Wire rod, category: iron_or_steel_products, cn: "72139110", country: CN, bought: 1020 t, used_in: {P1: 1020 t}}
products:
  - {process: P1, cn: "73181542", name: Screws M8}
  - {process: P1, cn: "73181548", name: Bolts M8}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plant.yaml").write_text(PLANT)
    return tmp_path


def row(year: int = 2026, product: str = "Screws M8", file: str = "plant.yaml", cn: str = "73181542") -> str:
    return (f"{{id: Y{year}, date: {year}-03-01, cn: '{cn}', origin: CN, net_mass: 20, actual: {{result: {{file: {file}, product:"
            f" {product}}}, verification_report: V}}}}")


TYPED = ("{{id: T{0}, date: {0}-03-01, cn: '73181542', origin: CN, net_mass: 20, production_year: 2026, actual: {{own_direct: 0.19,"
         " verification_report: V, precursors: [{{cn: '72139110', country: CN, amount: 1.02}}]}}}}")


@pytest.mark.parametrize("choice", ["", "readings: {markup_year: import}", "readings: {factor_year: production}"])
def test_a_file_and_the_same_figures_typed_give_the_same_certificates(folder: Path, choice: str) -> None:
    """190 t / 1 000 t = 0.19; 1 020 t / 1 000 t = 1.02: the file of 2026 counts for imports of 2026 and 2027."""
    found = run(row(2026), row(2027), TYPED.format(2026), TYPED.format(2027), more=choice, folder=folder)
    for year in (2026, 2027):
        computed, typed = actual(found, f"Y{year}"), actual(found, f"T{year}")
        assert (computed.see, computed.sefa, computed.net) == (typed.see, typed.sefa, typed.net)
    assert actual(found, "Y2026").see == D("3.74537677")


def test_the_outlook_of_a_file_moves_its_year_along(folder: Path) -> None:
    found = run(row(2026), TYPED.format(2026), folder=folder, outlook=True)
    for one, other in zip(found.goods[0].outlook, found.goods[1].outlook, strict=True):
        assert one.actual is not None
        assert other.actual is not None
        assert (one.actual.see, one.actual.sefa) == (other.actual.see, other.actual.sefa), one.year


@pytest.mark.parametrize("choice", ["cscf_after_2030", "benchmarks_after_2030"])
def test_what_is_not_decided_makes_a_computed_allocation_unknown_too(folder: Path, choice: str) -> None:
    found = run(row(2026), folder=folder, outlook=True, more=f"readings: {{{choice}: unknown}}").goods[0].outlook
    known = [y.year for y in found if y.actual is not None and y.actual.sefa is not None]
    assert known == [*range(2026, 2031), 2034]


def test_a_joint_process_in_a_file_is_unknown_where_the_answer_says_so(folder: Path) -> None:
    joint = PLANT.replace("direct: 190 tCO2e", "included: [crude_steel], direct: 2000 tCO2e").replace(
        'products:\n', 'products:\n').replace('name: Screws M8}', 'name: Screws M8, route_letters: C}')
    joint = joint.replace('  - {process: P1, cn: "73181548", name: Bolts M8}\n', "")
    (folder / "plant.yaml").write_text(joint)
    assert actual(run(row(), folder=folder)).sefa is not None
    other = run(row(), folder=folder, more="readings: {joint_process_benchmark: unknown}")
    assert actual(other).sefa is None
    assert "cbam-obligation.joint-process" in said(other)


@pytest.mark.parametrize(("product", "code"), [("Screws M9", "cbam-obligation.product-not-found"), ("M8", "cbam-obligation.product-not-found")])
def test_a_product_that_is_not_there_is_told_with_those_that_are(folder: Path, product: str, code: str) -> None:
    found = [p for p in problems_of(text(row(product=product)), folder=folder) if p.code == code]
    assert found[0].accepted == "Screws M8 (73181542), Bolts M8 (73181548)"


def test_two_products_of_one_name_are_ambiguous(folder: Path) -> None:
    (folder / "plant.yaml").write_text(PLANT.replace("Bolts M8", "Screws M8"))
    assert "cbam-obligation.product-ambiguous" in codes(problems_of(text(row()), folder=folder))


def test_a_product_of_another_code_is_told(folder: Path) -> None:
    assert "cbam-obligation.product-other-code" in said(run(row(product="Bolts M8"), folder=folder))


def test_a_file_that_is_not_there_or_cannot_be_read_is_told(folder: Path) -> None:
    assert "file.not-there" in codes(problems_of(text(row(file="none.yaml")), folder=folder))
    (folder / "bad.yaml").write_text("format: zerofactory/cbam-input/1\nprocesses: 3\n")
    assert any(p.code.startswith("typed.") for p in problems_of(text(row(file="bad.yaml")), folder=folder))


def test_a_file_of_a_later_year_cannot_stand_for_an_import(folder: Path) -> None:
    (folder / "plant.yaml").write_text(PLANT.replace("2026-", "2027-"))
    assert "cbam-obligation.made-after-import" in codes(problems_of(text(row(2026)), folder=folder))


def test_a_filled_commission_workbook_is_computed_by_the_definitive_rules(shared_data: Path, tmp_path: Path) -> None:
    """Its period, 2023, is before the definitive one: taken for the year of import, and told."""
    shutil.copy(shared_data / "cbam/examples/ec_example_screws_nuts.xlsx", tmp_path / "filled.xlsx")
    found = run(row(file="filled.xlsx", product="'73181542'"), folder=tmp_path)
    assert "cbam-obligation.period-before-start" in said(found)
    assert actual(found).see_direct is not None or actual(found).reasons
    assert consignment(found).default.net == D("5.6826")
