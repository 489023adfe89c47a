"""Actual electricity factors: only over a direct link or a physical agreement with hour-matched metering."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from tests.mappings.cbam.core.plant import codes, g, plant, process, run

from zerofactory_mappings.cbam.electricity import check_match
from zerofactory_mappings.cbam.model import Basis, ElectricitySource, ElectricityUse, HourlyMatch

D = Decimal
LINK, PPA = ElectricitySource.DIRECT_LINK, ElectricitySource.PPA


def rows(count: int = 24, made: str = "2", used: str = "1.5", minutes: int = 60) -> tuple[tuple[str, Decimal, Decimal], ...]:
    start = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=8)))
    return tuple(((start + timedelta(minutes=minutes * i)).isoformat(), D(made), D(used)) for i in range(count))


MATCH = HourlyMatch(rows(), 60, "m1.pdf", "m2.pdf", "contract.pdf", "diagram.pdf", "grid.pdf")


@pytest.mark.parametrize("source", [LINK, PPA])
def test_a_full_match_is_accepted(source: ElectricitySource) -> None:
    assert check_match(MATCH, source, D(36)) == []


@pytest.mark.parametrize(("change", "source", "code"), [
    ({"generator_meter": None}, LINK, "cbam.match-document"),
    ({"consumer_meter": None}, PPA, "cbam.match-document"),
    ({"contract": None}, PPA, "cbam.match-document"),
    ({"line_diagram": None}, LINK, "cbam.match-document"),
    ({"grid_connection": None}, PPA, "cbam.match-document"),
    ({"minutes": 61}, LINK, "cbam.match-interval"),
    ({"minutes": 0}, LINK, "cbam.match-interval"),
    ({"minutes": None}, LINK, "cbam.match-interval"),
    ({"rows": ()}, LINK, "cbam.match-missing"),
    ({"rows": rows()[:5] + rows()[6:] + ((rows(25)[-1]),)}, LINK, "cbam.match-gap"),
    ({"rows": rows()[:5] + rows()[4:5] + rows()[5:]}, LINK, "cbam.match-gap"),
    ({"rows": (*rows()[:-1], (rows()[-1][0], D(1), D("1.5")))}, LINK, "cbam.match-short"),
    ({"rows": (*rows()[:-1], (rows()[-1][0], D(2), D("-1.5")))}, LINK, "cbam.match-negative"),
    ({"rows": (("yesterday", D(2), D(36)),)}, LINK, "cbam.match-time"),
    ({"rows": (("2026-01-01T00:00", D(40), D(36)),)}, LINK, "cbam.match-time"),
], ids=lambda v: v if isinstance(v, str) else None)
def test_what_is_missing_is_named(change: dict[str, object], source: ElectricitySource, code: str) -> None:
    found = check_match(replace(MATCH, **change), source, None)  # type: ignore[arg-type]
    assert code in {p.code for p in found}


def test_generation_of_another_hour_does_not_count() -> None:
    """As much in the sum, but at night."""
    series = tuple((start, D(0) if i % 2 else D(3), D("1.5")) for i, (start, _, _) in enumerate(rows()))
    assert [p.code for p in check_match(replace(MATCH, rows=series), LINK, D(36))] == ["cbam.match-short"]


def test_the_series_adds_up_to_the_consumption() -> None:
    assert [p.code for p in check_match(MATCH, LINK, D(37))] == ["cbam.match-sum"]


def test_quarter_hours_are_finer_than_needed() -> None:
    assert check_match(replace(MATCH, rows=rows(96, "0.5", "0.375", 15), minutes=15), LINK, D(36)) == []


def use(source: ElectricitySource, match: HourlyMatch | None = None, **fields: object) -> ElectricityUse:
    return ElectricityUse(g("36 MWh"), source, g("0.02 tCO2e/MWh"), match=match, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(("given", "indirect", "code"), [
    (use(LINK, MATCH), "0.72", None),
    (use(PPA, MATCH), "0.72", None),
    (use(PPA, replace(MATCH, contract=None)), None, "cbam.actual-factor-refused"),
    (use(PPA), None, "cbam.actual-factor-refused"),
    (use(ElectricitySource.STATED, code="D.4.3.2"), None, "cbam.actual-factor-refused"),
    (use(ElectricitySource.STATED, code="D.4(b)"), "0.72", "cbam.grid-factor-unchecked"),
    (use(ElectricitySource.STATED, code="D.4.1"), "0.72", None),
    (use(ElectricitySource.GRID_DEFAULT), "0.72", "cbam.grid-factor-unchecked"),
    (use(ElectricitySource.ALTERNATIVE_DEFAULT), "0.72", "cbam.alternative-default-without-evidence"),
    (use(ElectricitySource.ALTERNATIVE_DEFAULT, documents=("x",)), "0.72", None),
])
def test_factor_by_source(given: ElectricityUse, indirect: str | None, code: str | None) -> None:
    """Without a loaded grid table a refused factor leaves the emissions unknown; a stated grid factor stands, with a warning."""
    result = run(plant(process(category="cement_clinker", electricity=(given,))))
    assert result.processes[0].attributed_indirect == (None if indirect is None else D(indirect))
    assert (codes(result) & {"cbam.actual-factor-refused", "cbam.grid-factor-unchecked",
                             "cbam.alternative-default-without-evidence"}) == ({code} if code else set())


def test_the_transitional_workbook_takes_any_stated_factor() -> None:
    result = run(plant(process(electricity=(use(PPA),))), Basis.TRANSITIONAL)
    assert result.processes[0].attributed_indirect == D("0.72")


def test_several_sources_are_weighted() -> None:
    """36 MWh at 0.02 matched, 64 MWh of the grid at 0.6: 0.72 + 38.4."""
    grid = ElectricityUse(g("64 MWh"), ElectricitySource.GRID_DEFAULT, g("0.6 tCO2e/MWh"))
    result = run(plant(process(category="cement_clinker", electricity=(use(LINK, MATCH), grid))))
    assert result.processes[0].attributed_indirect == D("39.12")
    assert result.processes[0].electricity == 100
