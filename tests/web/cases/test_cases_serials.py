"""Serials are looked for in one place: among what certificates in force rest on, and what dossiers claim."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.web.cases.cases_world import World, add_dossier, dossier

from zerofactory_web.cases import serials, surveying
from zerofactory_web.register import serials as register
from zerofactory_web.register import service

#: On PostgreSQL the first test, and all of them in the long run.
on_sqlite = ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)]
still_on_sqlite = pytest.mark.parametrize("still", on_sqlite, indirect=True)
world_on_sqlite = pytest.mark.parametrize("world", on_sqlite, indirect=True)


def used(world: World, stage: str, *given: str, kind: str = "credits", issued_only: bool = False) -> Sequence[tuple[str, str, bool]]:
    """Where else *given* are used, asked for the case of *stage*: what is shared, the other case, whether a certificate rests on it."""
    with world.store.read() as session:
        found = register.elsewhere(session, world.names[stage], [{"registry": kind, "serial": s} for s in given], issued_only=issued_only)
    stages = {number: name for name, number in world.cases.items()}
    return [(use.shared, stages[use.case], use.certificate is not None) for use in found]


@pytest.mark.parametrize(("given", "found"), [
    ("CCER-2101-000001", [("CCER-2101-000001", "granted", True)]),
    ("CCER-2101-000390 … CCER-2101-000500", [("CCER-2101-000390 … CCER-2101-000400", "granted", True)]),
    ("CCER-1201-000005", [("CCER-1201-000005", "planned", False)]),
    ("CCER-1201-000400 … CCER-1201-000900", [("CCER-1201-000400", "planned", False)]),
    ("CCER-1201-000401", []), ("CCER-1201-0005", []), ("CCER-2201-000005", [])])       # another length; what was refused claims nothing
def test_what_another_case_uses_is_found_once(still: World, given: str, found: list[tuple[str, str, bool]]) -> None:
    assert used(still, "bare", given) == found
    assert used(still, "bare", given, issued_only=True) == [each for each in found if each[2]]
    assert used(still, "bare", given, kind="certificates") == []


@still_on_sqlite
def test_a_case_does_not_meet_itself(still: World) -> None:
    assert used(still, "planned", "CCER-1201-000005") == []
    assert used(still, "granted", "CCER-2101-000001") == []
    with still.store.read() as session:
        assert [serials.conflicts(session, still.case(stage)) for stage in still.cases] == [[]] * len(still.cases)
        assert [c.serials for c in serials.claims(session, still.case("planned")) if c.kind == "credits"] == [
            "CCER-1201-000001 … CCER-1201-000400", "CCER-1202-000001 … CCER-1202-000131"]


@still_on_sqlite
def test_each_of_many_is_told_by_its_place(still: World) -> None:
    assert used(still, "bare", "CCER-1301-000001", "X-1", "CCER-2101-000001 … CCER-2101-000002", "CCER-1301-000001") == [
        ("CCER-1301-000001", "started", False), ("CCER-2101-000001 … CCER-2101-000002", "granted", True),
        ("CCER-1301-000001", "started", False)]


@world_on_sqlite
def test_what_a_certificate_rests_on_is_taken_though_its_newest_dossier_claims_it_no_more(world: World) -> None:
    surveying.reopen(world.store, world.actor("he"), world.cases["granted"], "extend", "other credits")
    add_dossier(world.cast, world.applications["granted"], dossier(93), "other credits")
    assert used(world, "bare", "CCER-2101-000007") == [("CCER-2101-000007", "granted", True)]
    surveying.change_certificate(world.store, world.actor("zhao"), world.cases["granted"], world.names["certificate"], "withdraw", "wrong")
    assert used(world, "bare", "CCER-2101-000007") == []


@still_on_sqlite
def test_lint_and_case_say_it_in_their_own_words(still: World) -> None:
    with still.store.read() as session:
        [certificate] = service.of_case(session, still.names["granted"])
        [found] = register.conflicts(session, still.names["bare"], [{"registry": "credits", "serial": "CCER-2101-000007"}])
    assert (found.code, found.place.path, found.found, found.args) == (
        "register.lint-serial", "serials.0", "CCER-2101-000007", {"number": certificate.number})
