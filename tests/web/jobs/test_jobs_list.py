"""The list of jobs and putting a job back: what an administrator sees and may do, and nobody else."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select
from tests.web.accounts.accounts_house import House
from tests.web.accounts.accounts_world import World, founded, refusing
from tests.web.jobs.jobs_world import acts, ask, claimed, job, jobs
from tests.web.jobs.test_jobs_pages import of
from tests.web.portal import CHROMIUM, browser, live, looked_at, token_of

from zerofactory_engine.problems import Problem
from zerofactory_web.accounts import roles
from zerofactory_web.accounts.gate import COOKIE
from zerofactory_web.app import create_app
from zerofactory_web.jobs import listing, service
from zerofactory_web.jobs.worker import do_all
from zerofactory_web.store.audit import AuditRow, faults
from zerofactory_web.store.unit import PUBLIC, SYSTEM, Actor, Store

WRONG = [Problem("store.disk-full")]


@pytest.fixture(scope="module")
def app(house: House) -> Flask:
    return create_app(house.store.settings, house.store)


@pytest.fixture
def world(store: Store) -> World:
    return founded(store)


def given_up(store: Store, kind: str = "test/one", **more: object) -> str:
    """A job that was given up; its id."""
    ident = ask(store, kind, **more)  # type: ignore[arg-type]  # as `ask` takes them
    while (leased := claimed(store)).id != ident:
        service.finish(store, leased, {})
    service.fail(store, leased, WRONG, final=True)
    return ident


# --- the service, on each kind of database ---------------------------------------------------------------------------


def test_what_was_given_up_is_done_after_all(world: World) -> None:
    store = world.store
    first = given_up(store, payload={"a": "1"}, key="k", for_thing="case:7", for_person="cai")
    before = job(store, first)
    second = service.revive(store, world.admin, first, request="r1")
    row = job(store, second)
    assert (row.kind, row.payload, row.key, row.for_thing, row.for_person, row.state, row.attempts) == (
        "test/one", {"a": "1"}, "k", "case:7", "cai", "queued", 0)
    after = job(store, first)
    assert (after.state, after.problems, after.ended_at, after.version) == (
        "given_up", before.problems, before.ended_at, before.version)          # a record stays what it was
    assert do_all(store, {"test/one": lambda s, payload, beat: {"done": payload["a"]}}) == 1
    assert job(store, second).result == {"done": "1"}
    assert job(store, second).state == "done"
    with store.read() as session:
        assert list(faults(session)) == []
        written = session.scalars(select(AuditRow).where(AuditRow.action == "job.revived")).one()
        assert (written.actor, written.object, written.request) == (world.anna, f"job:{first}", "r1")
        assert written.details == {"kind": "test/one", "attempts": 1, "again": second}
    assert acts(store)[-3:] == ["job.asked", "job.revived", "job.done"]


def test_only_what_was_given_up_is_put_back_and_only_once(world: World) -> None:
    store, admin = world.store, world.admin
    with refusing("jobs.not-found"):
        service.revive(store, admin, "a" * 26)
    for ident in ("'", "\x00", "x" * 3_000, ""):
        with refusing("jobs.not-found"):
            service.revive(store, admin, ident)
    queued = ask(store)
    with refusing("jobs.not-given-up"):
        service.revive(store, admin, queued)
    leased = claimed(store)
    with refusing("jobs.not-given-up"):
        service.revive(store, admin, queued)
    service.fail(store, leased, WRONG)
    with refusing("jobs.not-given-up"):                   # it waits for its next try by itself
        service.revive(store, admin, queued)
    first = given_up(store, "test/two")
    again = service.revive(store, admin, first)
    with refusing("jobs.asked-again"):
        service.revive(store, admin, first)
    while (leased := claimed(store)).id != again:
        service.finish(store, leased, {})
    service.fail(store, leased, WRONG, final=True)
    with refusing("jobs.asked-again"):                    # the newest one is the one to put back
        service.revive(store, admin, first)
    service.revive(store, admin, again)
    assert len(jobs(store)) == 4


def test_nobody_but_an_administrator_lists_or_puts_back(world: World) -> None:
    store = world.store
    ident = given_up(store)
    eve = world.member("eve@body.example", world.body)
    world.role(eve, "evaluator")
    kai = world.member("kai@body.example", world.body)
    granted = world.role(kai, "administrator")
    was = Actor(kai, "Kai", roles=frozenset({"administrator"}))
    roles.end(store, world.admin, granted, "left")
    count = len(acts(store))
    program = Actor(world.anna, "Anna", roles=frozenset({"administrator"}), scopes=frozenset({"read", "apply"}))
    for who in (Actor(eve, "Eve", roles=frozenset({"evaluator"})), was, program, SYSTEM, PUBLIC):
        with refusing("accounts.not-allowed"):
            service.revive(store, who, ident)
        with refusing("accounts.not-allowed"):
            service.listed(store, who)
    assert len(acts(store)) == count


def test_the_list_is_by_state_newest_first_in_pages(world: World) -> None:
    store, admin = world.store, world.admin
    idents = [ask(store, f"test/{n}") for n in range(5)]
    service.fail(store, claimed(store), WRONG, final=True)
    service.finish(store, claimed(store), {})
    found = service.listed(store, admin)
    assert [row.id for row in found.rows] == idents[::-1]
    assert (found.found, dict(found.counts)) == (5, {"queued": 3, "running": 0, "done": 1, "given_up": 1})
    assert [row.id for row in service.listed(store, admin, "given_up").rows] == [idents[0]]
    second = service.listed(store, admin, "queued", start=2, most=2)
    assert ([row.id for row in second.rows], second.found) == ([idents[2]], 3)


# --- the pages -------------------------------------------------------------------------------------------------------


def test_an_administrator_finds_the_list_and_puts_a_job_back(house: House, app: Flask) -> None:
    store = house.store
    ident = given_up(store, "certificate/files", payload={"certificate": "none"}, actor=Actor(house.cai, "Cai"))
    client = of(app, house.anna())
    assert 'href="/en/jobs/"' in client.get("/en/").text
    text = client.get("/en/jobs/?state=given_up").text
    assert "Signed files of a certificate" in text
    assert ">given up</strong>" in text
    assert "disk" in text
    token = token_of(text)
    answer = client.post(f"/en/jobs/{ident}/revive", data={"csrf_token": token})
    assert answer.status_code == 303
    there = client.get(answer.location)
    assert "The work was put back into the queue." in there.text
    assert "Waits for its turn." in there.text
    assert "Asked for again since" in client.get(f"/en/jobs/{ident}").text
    wrong = client.post(f"/zh/jobs/{ident}/revive", data={"csrf_token": token})
    assert (wrong.status_code, "同一工作此后已重新提出" in wrong.text) == (422, True)
    told = client.post(f"/en/jobs/{ident}/revive", data={"csrf_token": token}, headers={"Accept": "application/json"})
    assert (told.status_code, told.json["code"] if told.json else "") == (422, "jobs.asked-again")
    service.finish(store, claimed(store), {})


def test_the_list_as_data_says_what_the_page_says(house: House, app: Flask) -> None:
    given_up(house.store, "audit/checkpoint", payload={"day": "2026-11-02", "secret": "not told"})
    answer = of(app, house.anna()).get("/zh/jobs/?state=given_up&format=json")
    assert answer.json is not None
    assert set(answer.json) == {"jobs", "state", "found", "page", "pages", "counts"}
    row = answer.json["jobs"][0]
    assert set(row) == {"id", "kind", "name", "state", "ended", "progress", "text", "attempts", "asked_at", "seen_at",
                        "ended_at", "next_at", "problems", "waits_again", "subject", "again"}
    assert (row["name"], row["subject"], row["attempts"], row["again"]) == (
        "签署审计日志检查点", {"text": "2026-11-02", "page": ""}, 1, None)
    assert [p["code"] for p in row["problems"]] == ["store.disk-full"]
    assert row["problems"][0]["text"] in of(app, house.anna()).get("/zh/jobs/?state=given_up").text
    assert "not told" not in answer.text


@pytest.mark.parametrize("query", ["state=nothing", "page=0", "page=-3", "page=999999", "page=x", "state=done&page=%00"])
def test_a_list_that_was_asked_for_oddly_is_a_list(house: House, app: Flask, query: str) -> None:
    answer = of(app, house.anna()).get(f"/en/jobs/?{query}&format=json")
    assert answer.status_code == 200
    assert answer.json is not None
    assert 1 <= answer.json["page"] <= answer.json["pages"]


def test_the_list_has_pages(house: House, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    for n in range(5):
        given_up(house.store, f"test/page-{n}")
    client = of(app, house.anna())
    seen: list[str] = []
    address = "/en/jobs/?state=given_up"
    while address:
        text = client.get(address).text
        seen += re.findall(r'href="/en/jobs/([0-9a-z]{26})"', text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        address = following[1].replace("&amp;", "&") if following else ""
    wanted = [row.id for row in reversed(jobs(house.store)) if row.state == "given_up"]
    assert [x for x in seen if x in wanted] == wanted


def test_the_list_is_not_there_for_others_and_a_button_needs_its_token(house: House, app: Flask) -> None:
    ident = given_up(house.store, "test/others", actor=Actor(house.cai, "Cai"))
    for client in (house.manager(), house.evaluator(), house.stranger()):
        inside = of(app, client)
        assert inside.get("/en/jobs/").status_code == 404
        assert "/en/jobs/" not in inside.get("/en/").text
        token = token_of(inside.get("/en/sign-out").text)
        assert inside.post(f"/en/jobs/{ident}/revive", data={"csrf_token": token}).status_code == 404
    assert "Put back" not in of(app, house.manager()).get(f"/en/jobs/{ident}").text
    assert "Put back" in of(app, house.anna()).get(f"/en/jobs/{ident}").text
    assert app.test_client().get("/en/jobs/").status_code == 303
    assert of(app, house.anna()).post(f"/en/jobs/{ident}/revive").status_code == 400
    assert job(house.store, ident).state == "given_up"
    assert len([row for row in jobs(house.store) if row.kind == "test/others"]) == 1


def test_what_a_job_quotes_is_escaped_in_the_list(house: House, app: Flask) -> None:
    ident = ask(house.store, "<b>kind", for_thing="<i>x")
    while (leased := claimed(house.store)).id != ident:
        service.finish(house.store, leased, {})
    service.fail(house.store, leased, [Problem("jobs.lost", found="<script>alert(1)</script>")], final=True)
    text = of(app, house.anna()).get("/en/jobs/?state=given_up").text
    assert "&lt;i&gt;x" in text
    for raw in ("<b>kind", "<i>x", "<script>alert"):
        assert raw not in text


@pytest.mark.full
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_list_is_accessible_and_fits_a_phone(house: House, app: Flask, lang: str) -> None:
    given_up(house.store, "certificate/files", payload={"certificate": "x"})
    with live(app) as base, browser(lang) as page:
        cookie = house.anna().get_cookie(COOKIE)
        assert cookie is not None
        page.context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": base}])
        page.goto(f"{base}/{lang}/jobs/")
        assert looked_at(page) == []
        page.locator("main form button").first.click()
        page.wait_for_load_state()
        assert page.locator(".banner.good").count() == 1
