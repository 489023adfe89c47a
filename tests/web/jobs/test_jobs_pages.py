"""The page of a job and its events: whose they are, what they say, how many there may be; readiness and numbers."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.web.accounts.accounts_house import House
from tests.web.conftest import Clock
from tests.web.jobs.jobs_world import ask, claimed, pass_by
from tests.web.portal import CHROMIUM, browser, live, violations

from zerofactory_engine.problems import Problem
from zerofactory_web.accounts import tokens
from zerofactory_web.accounts.gate import COOKIE
from zerofactory_web.app import create_app
from zerofactory_web.jobs import service
from zerofactory_web.jobs.pages import LATE, STREAMS
from zerofactory_web.jobs.stream import Streams
from zerofactory_web.settings import Settings
from zerofactory_web.store.unit import Actor, Store


@pytest.fixture(scope="module")
def app(house: House) -> Flask:
    """The portal over the house with every subject; people signed in to the house are signed in here."""
    return create_app(house.store.settings, house.store)


def of(app: Flask, signed_in: FlaskClient) -> FlaskClient:
    """A browser of *app* with the session of *signed_in*."""
    client = app.test_client()
    client.set_cookie(COOKIE, session_of(signed_in))
    return client


def session_of(client: FlaskClient) -> str:
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


@pytest.fixture
def mine(house: House) -> str:
    """A job of Cai, who manages the works."""
    return ask(house.store, "certificate/files", actor=Actor(house.cai, "Cai"), for_thing="certificate:1")


# --- whose it is -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/en/jobs/{}", "/zh/jobs/{}", "/en/jobs/{}/events", "/en/jobs/{}?format=json"])
def test_a_job_is_its_persons_and_the_bodys_and_for_all_others_not_there(house: House, app: Flask, mine: str,
                                                                        path: str) -> None:
    streams = app.extensions[STREAMS] = Streams(8, seconds=0)
    for client in (house.manager(), house.evaluator(), house.anna()):
        assert of(app, client).get(path.format(mine)).status_code == 200
    stranger = of(app, house.stranger())
    for ident in (mine, "a" * 26, "%00", "x" * 3_000, "..%2f..", "'"):
        answer = stranger.get(path.format(ident))
        assert answer.status_code == 404, ident
        assert mine not in answer.text or ident == mine
        assert "certificate" not in answer.text
    assert streams.place() is not None


def test_who_is_not_signed_in_is_sent_to_sign_in_and_comes_back(app: Flask, mine: str) -> None:
    answer = app.test_client().get(f"/en/jobs/{mine}")
    assert answer.status_code == 303
    assert answer.location.endswith(f"/en/sign-in?next=%2Fen%2Fjobs%2F{mine}")
    assert app.test_client().get(f"/en/jobs/{mine}?format=json").status_code == 401
    assert app.test_client().get(f"/en/jobs/{mine}/events", headers={"Accept": "text/event-stream"}).status_code in (303, 401)


@pytest.mark.parametrize(("scopes", "status"), [(["read"], 200), (["apply"], 404)])
def test_a_program_needs_a_token_that_may_read(house: House, app: Flask, mine: str, scopes: list[str], status: int) -> None:
    _, secret = tokens.create(house.store, Actor(house.cai, "Cai"), "test", scopes, 1)
    answer = app.test_client().get(f"/en/jobs/{mine}", headers={
        "Authorization": f"Bearer {secret}", "Accept": "application/json"})
    assert answer.status_code == status


# --- what it says ----------------------------------------------------------------------------------------------------


def test_the_page_looks_again_by_itself_without_a_script_until_the_job_has_ended(house: House, app: Flask) -> None:
    ident = ask(house.store, "test/page", actor=Actor(house.cai, "Cai"), key="page")
    client = of(app, house.manager())
    text = client.get(f"/en/jobs/{ident}").text
    assert '<noscript><meta http-equiv="refresh" content="4"></noscript>' in text
    assert f'data-job="/en/jobs/{ident}/events"' in text
    assert "Waits for its turn." in text
    leased = _mine(house.store, ident)
    service.beat(house.store, leased, 420)
    text = client.get(f"/zh/jobs/{ident}").text
    assert "正在处理：42 %。" in text
    assert '<progress max="1000" value="420"' in text
    service.finish(house.store, leased, {"made": ["a"]})
    text = client.get(f"/en/jobs/{ident}").text
    assert "Done." in text
    assert "http-equiv" not in text
    assert "data-job" not in text
    assert "<script" not in text.split("site.js", 1)[1]


def _mine(store: Store, ident: str) -> service.Leased:
    while (leased := claimed(store)).id != ident:
        pass
    return leased


def test_the_same_as_json_with_every_problem_in_a_sentence(house: House, app: Flask) -> None:
    ident = ask(house.store, "test/json", actor=Actor(house.cai, "Cai"), payload={"secret": "payload"})
    service.fail(house.store, _mine(house.store, ident), [Problem("store.busy")])
    told = of(app, house.manager()).get(f"/en/jobs/{ident}?format=json").json
    assert told is not None
    assert (told["state"], told["ended"], told["attempts"], told["text"]) == (
        "queued", False, 1, "Did not succeed; will be tried again.")
    assert [p["code"] for p in told["problems"]] == ["store.busy"]
    assert told["problems"][0]["text"]
    assert re.fullmatch(r"2026-11-\d\dT[\d:.]+Z", told["next_at"])
    assert set(told) == {"id", "kind", "name", "state", "ended", "progress", "step", "step_text", "text", "attempts",
                         "about", "asked_at", "ended_at", "next_at", "problems", "result"}
    page = of(app, house.manager()).get(f"/en/jobs/{ident}").text
    assert told["problems"][0]["text"] in page
    assert "Next try not before" in page


def test_what_a_problem_quotes_is_escaped(house: House, app: Flask) -> None:
    ident = ask(house.store, "<b>kind", actor=Actor(house.cai, "Cai"), for_thing="<i>")
    service.fail(house.store, _mine(house.store, ident), [Problem("jobs.lost", found="<script>alert(1)</script>")])
    text = of(app, house.manager()).get(f"/en/jobs/{ident}").text
    assert "<script>alert" not in text
    assert "<b>kind" not in text
    assert "<i>" not in text


@pytest.mark.parametrize(("onward", "there"), [("/en/cases/1?x=2", True), ("https://evil.example/", False),
                                               ("//evil.example", False), ("javascript:alert(1)", False)])
def test_the_way_onward_stays_on_this_site(house: House, app: Flask, mine: str, onward: str, there: bool) -> None:
    text = of(app, house.manager()).get(f"/en/jobs/{mine}", query_string={"next": onward}).text
    assert (">Continue</a>" in text) is there
    assert "evil" not in text.split("<main", 1)[1]
    assert "javascript:" not in text.split("<main", 1)[1]


# --- events ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    app.extensions[STREAMS] = Streams(2, seconds=20, look=0.02, beat=0.1)
    with live(app) as address:
        yield address


class Stream:
    """A browser that follows a job."""

    def __init__(self, address: str, path: str, session: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        self._connection.request("GET", path, headers={"Cookie": f"{COOKIE}={session}", "Accept": "text/event-stream"})
        self.answer = self._connection.getresponse()

    def next(self) -> tuple[str, dict[str, object]]:
        """The next event; signs of life are passed over."""
        name = ""
        while line := self.answer.readline().decode().rstrip("\n"):
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))
        return self.next() if not self.answer.isclosed() else ("", {})

    def line(self) -> str:
        return self.answer.readline().decode()

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


def test_a_stream_tells_every_change_and_the_end(house: House, served: str) -> None:
    ident = ask(house.store, "test/stream", actor=Actor(house.cai, "Cai"))
    stream = Stream(served, f"/en/jobs/{ident}/events", session_of(house.manager()))
    assert stream.answer.status == 200
    assert stream.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert stream.answer.headers["X-Accel-Buffering"] == "no"
    assert "no-store" in stream.answer.headers["Cache-Control"]
    assert stream.line() == "retry: 1000\n"
    assert stream.line() == "\n"
    name, told = stream.next()
    assert (name, told["state"], told["ended"], told["text"]) == ("job", "queued", False, "Waits for its turn.")
    leased = _mine(house.store, ident)
    assert stream.next()[1]["state"] == "running"
    service.beat(house.store, leased, 250, "jobs.progress")
    name, told = stream.next()
    assert (name, told["progress"], told["step_text"], told["text"]) == ("job", 250, "Progress", "Under way: 25 %.")
    service.finish(house.store, leased, {})
    name, told = stream.next()
    assert (name, told["state"], told["ended"], told["progress"]) == ("end", "done", True, 1000)
    assert stream.line() == "\n"
    assert stream.line() == ""                        # and closes
    stream.close()


def test_a_job_that_has_ended_is_told_at_once(house: House, served: str) -> None:
    ident = ask(house.store, "test/ended", actor=Actor(house.cai, "Cai"))
    service.finish(house.store, _mine(house.store, ident), {})
    stream = Stream(served, f"/zh/jobs/{ident}/events", session_of(house.manager()))
    stream.line(), stream.line()
    assert stream.next()[0] == "end"
    stream.close()


def test_signs_of_life_while_nothing_changes(house: House, served: str, mine: str) -> None:
    stream = Stream(served, f"/en/jobs/{mine}/events", session_of(house.manager()))
    lines = [stream.line() for _ in range(7)]
    assert lines[5:] == [": .\n", "\n"]
    stream.close()


def test_as_many_streams_as_there_are_places_and_the_site_still_answers(house: House, app: Flask, served: str, mine: str) -> None:
    session = session_of(house.manager())
    path = f"/en/jobs/{mine}/events"
    open_ones = [Stream(served, path, session) for _ in range(2)]
    third = Stream(served, path, session)
    assert (third.answer.status, third.answer.headers["Retry-After"]) == (503, "5")
    third.close()
    page = Stream(served, f"/en/jobs/{mine}", session)
    assert page.answer.status == 200
    page.close()
    for stream in open_ones:
        stream.close()
    _until_free(app)                                  # who left gives the place back, with the next sign of life


def _until_free(app: Flask) -> None:
    streams: Streams = app.extensions[STREAMS]
    found = threading.Event()

    def look() -> None:
        while not found.is_set():
            first, second = streams.place(), streams.place()
            for give_back in (first, second):
                if give_back is not None:
                    give_back()
            if first and second:
                found.set()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    assert found.wait(30)
    thread.join()


def test_a_place_is_given_back_once_however_often_it_is_left() -> None:
    streams = Streams(1)
    give_back = streams.place()
    assert give_back is not None
    assert streams.place() is None
    give_back()
    give_back()
    assert streams.place() is not None
    assert streams.place() is None


def test_a_stream_is_bounded_in_time() -> None:
    streams = Streams(1, seconds=0.05, look=0.01, beat=0.02)
    lines = list(streams.events(lambda: {"ended": False, "progress": 1}))
    assert lines[0] == "retry: 1000\n\n"
    assert lines[1] == 'event: job\ndata: {"ended": false, "progress": 1}\n\n'
    assert set(lines[2:]) <= {": .\n\n"}


def test_streams_end_at_once_when_the_server_stops() -> None:
    streams = Streams(1, seconds=600, look=600)
    events = streams.events(lambda: {"ended": False})
    assert [next(events) for _ in range(2)][1].startswith("event: job")
    streams.end()
    assert list(events) == []


def test_of_the_threads_of_the_server_most_stay_free_of_streams(house: House) -> None:
    for threads, places in ((8, 2), (1, 1), (40, 10)):
        made = create_app(Settings(data=house.store.settings.data, threads=threads), house.store)
        assert made.extensions[STREAMS].at_once == places


# --- readiness and numbers -------------------------------------------------------------------------------------------


def test_jobs_that_wait_too_long_are_not_ready_and_counted(store: Store) -> None:
    client = create_app(store.settings, store).test_client()
    ask(store)
    assert client.get("/readyz").status_code == 200
    pass_by(store, LATE + 10)
    answer = client.get("/readyz")
    assert answer.json is not None
    assert (answer.status_code, answer.json["checks"]["jobs"]) == (503, "late")
    text = client.get("/metrics").text
    assert "zerofactory_jobs_queued 1\n" in text
    assert re.search(r"^zerofactory_job_lag_seconds 3\d\d$", text, re.M)
    service.finish(store, claimed(store), {})
    assert client.get("/readyz").status_code == 200
    assert "zerofactory_jobs_done 1\n" in client.get("/metrics").text


def test_without_tables_the_check_says_so_and_the_numbers_are_left_out(database: str, tmp_path: Path) -> None:
    empty = Store(Settings(data=tmp_path / "data", database=database), clock=Clock())
    client = create_app(empty.settings, empty).test_client()
    answer = client.get("/readyz")
    assert answer.json is not None
    assert answer.json["checks"]["jobs"] == "unavailable"
    metrics = client.get("/metrics")
    assert metrics.status_code == 200
    assert "zerofactory_job" not in metrics.text
    empty.close()


# --- in a browser ----------------------------------------------------------------------------------------------------


@pytest.mark.full
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium")
@pytest.mark.parametrize("script", [True, False])
def test_the_page_follows_its_job_to_the_end(house: House, served: str, script: bool) -> None:
    ident = ask(house.store, "certificate/files", actor=Actor(house.cai, "Cai"))
    with browser("en", script=script, width=380) as page:
        page.context.add_cookies([{"name": COOKIE, "value": session_of(house.manager()), "url": served}])
        page.goto(f"{served}/en/jobs/{ident}")
        page.wait_for_selector("text=Waits for its turn.")
        leased = _mine(house.store, ident)
        service.beat(house.store, leased, 420)
        page.wait_for_selector("text=Under way: 42 %.")
        service.finish(house.store, leased, {})
        page.wait_for_selector("text=Done.")
        assert page.locator("meta[http-equiv]").count() == 0


@pytest.mark.full
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_accessible_and_fits_a_phone(house: House, served: str, lang: str, dark: bool) -> None:
    ident = ask(house.store, "certificate/files", actor=Actor(house.cai, "Cai"))
    service.fail(house.store, _mine(house.store, ident), [Problem("store.busy")])
    with browser(lang, dark=dark, width=380) as page:
        page.context.add_cookies([{"name": COOKIE, "value": session_of(house.manager()), "url": served}])
        page.goto(f"{served}/{lang}/jobs/{ident}?next=/{lang}/")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 380
