"""Who may act on which case: competence (11), declared links and their 24 months (3), members of the applicant (6)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.web.accounts.accounts_world import World, actor, refusing
from tests.web.conftest import Clock

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_web.accounts import competence, fitness, links, people
from zerofactory_web.accounts.impartiality import FILE, look_back, months_after
from zerofactory_web.accounts.model import LINK_KINDS, Person

TODAY = date(2026, 11, 2)


@pytest.mark.parametrize(("day", "months", "after"), [
    (date(2024, 11, 2), 24, date(2026, 11, 2)), (date(2024, 2, 29), 24, date(2026, 2, 28)), (date(2023, 12, 31), 2, date(2024, 2, 29)),
    (date(2024, 12, 1), 1, date(2025, 1, 1)), (date(2024, 1, 31), 0, date(2024, 1, 31))])
def test_months_after(day: date, months: int, after: date) -> None:
    assert months_after(day, months) == after


def test_the_period_has_its_source() -> None:
    found = look_back()
    assert FILE.is_relative_to(STANDARDS_ROOT)
    assert (found.months, found.standard, found.confidence) == (24, "iso-iec-17065-2012", "unconfirmed")
    assert found.source
    assert found.last_confirmed


@pytest.fixture
def chen(world: World) -> str:
    made = world.member("chen@body.example", world.body)
    world.role(made, "evaluator")
    return made


#: until (None: goes on) and whether a case on 2026-11-02 is barred; the last day of 24 months counts.
LINKS = [(None, True), (date(2026, 11, 2), True), (date(2025, 1, 1), True), (date(2024, 11, 2), True), (date(2024, 11, 1), False),
         (date(2019, 5, 5), False)]


def test_a_link_counts_for_24_months_after_its_end(world: World, chen: str) -> None:
    other = world.applicant("Other")
    for number, (until, barred) in enumerate(LINKS):
        works = world.applicant(f"Works {number}")
        links.declare(world.store, actor(world.store, chen), works, kind=LINK_KINDS[number % len(LINK_KINDS)],
                      since=date(2018, 1, 1), until=until, text="advice on meters")
        with world.store.read() as session:
            found = links.conflicts(session, chen, works, TODAY)
            assert bool(found) is barred, until
            assert links.conflicts(session, chen, other, TODAY) == ()
            assert links.conflicts(session, world.anna, works, TODAY) == ()
            if barred and until is not None:
                assert found[0].counts_until == months_after(until, 24)


def test_declaring(world: World, chen: str) -> None:
    works, who = world.applicant(), actor(world.store, chen)
    cai = world.member("cai@works.example", works)
    fine = {"kind": "employed", "since": date(2020, 1, 1), "until": None, "text": "engineer"}
    for wrong, codes in (({"kind": "enemy"}, ["accounts.value"]), ({"text": " "}, ["accounts.value-missing"]),
                         ({"since": TODAY + timedelta(days=1)}, ["accounts.dates"]),
                         ({"until": date(2019, 1, 1)}, ["accounts.dates"]), ({"until": TODAY + timedelta(days=1)}, ["accounts.dates"]),
                         ({"kind": "x", "text": "", "until": date(2019, 1, 1)}, ["accounts.value", "accounts.value-missing", "accounts.dates"])):
        with refusing(*codes):
            links.declare(world.store, who, works, **{**fine, **wrong})  # type: ignore[arg-type] # a table of cases
    with refusing("accounts.not-allowed"):
        links.declare(world.store, actor(world.store, cai), works, **fine)  # type: ignore[arg-type] # a table of cases
    with refusing("accounts.not-found"):
        links.declare(world.store, who, works, person_id=world.anna, **fine)  # type: ignore[arg-type] # a table of cases
    made = links.declare(world.store, world.admin, works, person_id=chen, **fine)  # type: ignore[arg-type] # a table of cases
    with refusing("accounts.not-found"):
        links.end(world.store, actor(world.store, cai), made, TODAY, "left")
    with refusing("accounts.dates"):
        links.end(world.store, who, made, TODAY + timedelta(days=1), "left")
    links.end(world.store, who, made, date(2026, 6, 30), "left")
    with refusing("accounts.final"):
        links.end(world.store, who, made, date(2021, 1, 1), "earlier after all")
    assert [(link.id, place.id, link.until) for link, place in links.declared(world.store, who)] == [(made, works, date(2026, 6, 30))]
    assert len(links.declared(world.store, world.admin, chen)) == 1
    with refusing("accounts.not-found"):
        links.declared(world.store, who, world.anna)


@pytest.mark.parametrize(("recorded", "sector", "covered"), [
    ("*", "C3841", True), ("C38", "C3841", True), ("C38", "C38", True), ("C", "C3841", True), ("C3841", "C38", False),
    ("C39", "C3841", False), ("D", "C3841", False), ("C38", " c3841 ", True), ("C3841", "C3842", False)])
def test_a_competence_covers_what_its_sector_begins(recorded: str, sector: str, covered: bool) -> None:
    assert competence.covers(recorded, sector) is covered


def test_competence_runs_out_and_ends(world: World, chen: str) -> None:
    fine = {"sector": "c38", "since": date(2026, 1, 1), "until": date(2026, 12, 31), "evidence": "training record 12"}
    for wrong, codes in (({"sector": "Z9"}, ["accounts.value"]), ({"sector": "C3"}, ["accounts.value"]), ({"evidence": ""}, ["accounts.value-missing"]),
                         ({"until": date(2025, 1, 1)}, ["accounts.dates"])):
        with refusing(*codes):
            competence.record(world.store, world.admin, chen, **{**fine, **wrong})  # type: ignore[arg-type] # a table of cases
    with refusing("duty.competence-self"):
        competence.record(world.store, world.admin, world.anna, **fine)  # type: ignore[arg-type] # a table of cases
    with refusing("accounts.not-allowed"):
        competence.record(world.store, actor(world.store, chen), world.anna, **fine)  # type: ignore[arg-type] # a table of cases
    made = competence.record(world.store, world.admin, chen, **fine)  # type: ignore[arg-type] # a table of cases
    with world.store.read() as session:
        assert [competence.is_competent(session, chen, "C3841", day) for day in (
            date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))] == [False, True, True, False]
    competence.end(world.store, world.admin, made, "the certificate was void")
    with world.store.read() as session:
        assert not competence.is_competent(session, chen, "C3841", TODAY)
    with refusing("accounts.final"):
        competence.end(world.store, world.admin, made, "again")


def codes(world: World, person: str, works: str, role: str = "evaluator", on: date = TODAY) -> list[str]:
    with world.store.read() as session:
        return [p.code for p in fitness.obstacles(session, person, role=role, organisation_id=works, sector="C3841", on=on)]


def test_what_keeps_a_person_from_a_case(world: World, chen: str, clock: Clock) -> None:
    works, other = world.applicant(), world.applicant("Other")
    assert codes(world, chen, works) == ["duty.not-competent"]
    competence.record(world.store, world.admin, chen, sector="C", since=date(2026, 1, 1), until=date(2030, 1, 1), evidence="x")
    assert codes(world, chen, works) == []
    assert codes(world, chen, works, "reviewer") == ["duty.role-missing"]
    people.set_active(world.store, world.admin, chen, False, "leave")
    assert codes(world, chen, works) == ["duty.role-missing"]
    people.set_active(world.store, world.admin, chen, True, "back")
    with world.store.change(world.admin) as change:            # member of the applicant too: elsewhere that excludes nothing
        person = change.session.get(Person, chen)
        assert person is not None
        people.join(change, person, works, "member")
    assert codes(world, chen, works) == ["duty.member"]
    assert codes(world, chen, other) == []
    [row] = [m for m, p in people.members(world.store, world.admin, works)]
    people.end_membership(world.store, actor(world.store, chen), row.id, "left")
    assert codes(world, chen, works) == ["duty.linked"]
    assert actor(world.store, chen).roles == {"evaluator"}
    assert codes(world, chen, works, on=date(2028, 11, 2)) == ["duty.linked"]
    assert codes(world, chen, works, on=date(2028, 11, 3)) == []
    clock.now = datetime(2028, 11, 3, tzinfo=UTC)
    assert [(p.id, o) for p, o in fitness.candidates(world.store, role="evaluator", organisation_id=works, sector="C3841")] == [(chen, ())]
    assert codes(world, world.anna, works) == ["duty.role-missing", "duty.not-competent"]
