"""Errors: a page for people, a problem for programs, never a trace of the program."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.site import errors
from zerofactory_web.site.logs import JsonLines

SECRET = "account 6222 of Mr Wang"


@pytest.fixture
def failing(app: Flask) -> FlaskClient:
    def crash() -> str:
        raise RuntimeError(SECRET)

    def refuse(code: str) -> str:
        raise ProblemsError([Problem(code, Place(file="a.yaml", line=3), found="<script>alert(1)</script>")])

    app.add_url_rule("/en/crash", "crash", crash)
    app.add_url_rule("/en/refuse/<code>", "refuse", refuse)
    return app.test_client()


@pytest.fixture
def lines() -> Iterator[list[str]]:
    found: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(JsonLines().format(record))

    handler = Keep()
    logger = logging.getLogger("zerofactory.portal")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield found
    logger.removeHandler(handler)
    logger.setLevel(before)


@pytest.mark.parametrize(("lang", "title"), [("zh", "没有这个页面"), ("en", "There is no such page")])
def test_a_page_that_is_not_there(client: FlaskClient, lang: str, title: str) -> None:
    answer = client.get(f"/{lang}/none")
    assert answer.status_code == 404
    assert title in answer.text


def test_programs_get_a_problem(client: FlaskClient) -> None:
    answer = client.get("/en/none", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.json == {"type": "about:blank", "title": "Not Found", "status": 404,
                           "detail": "The address may be wrong, or the content is not yours.",
                           "instance": f"urn:zerofactory:request:{answer.headers['X-Request-ID']}"}


def test_a_method_that_is_not_taken(client: FlaskClient) -> None:
    answer = client.delete("/en/")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_the_last_resort_tells_nothing_of_the_program(failing: FlaskClient, lines: list[str], accept: str) -> None:
    answer = failing.get("/en/crash", headers={"Accept": accept})
    assert answer.status_code == 500
    assert "RuntimeError" not in answer.text
    assert "Traceback" not in answer.text
    assert SECRET not in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    told = [json.loads(line) for line in lines]
    failed = next(t for t in told if t["event"] == "failed")
    assert failed["failure"]["type"] == "RuntimeError"
    assert failed["request"] == answer.headers["X-Request-ID"]
    assert SECRET not in "".join(lines)
    assert failing.application.extensions["zerofactory"].metrics.of("zerofactory_errors_total") == 1


def test_when_even_the_page_fails_words_remain(failing: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> str:
        raise ValueError(SECRET)

    monkeypatch.setattr(errors, "render_template", broken)
    answer = failing.get("/en/crash")
    assert (answer.status_code, answer.mimetype) == (500, "text/plain")
    assert SECRET not in answer.text
    assert "不是您的操作有误" in answer.text
    assert "It is not your doing" in answer.text


@pytest.mark.parametrize(("code", "status"), [
    ("store.stale", 409), ("store.taken", 409), ("store.busy", 503), ("store.unavailable", 503), ("store.disk-full", 507),
    ("store.document-too-large", 413), ("precheck.busy", 503), ("duty.something", 409), ("pack.not-found", 404),
    ("text.too-large", 422)])
def test_problems_have_the_status_that_fits(failing: FlaskClient, code: str, status: int) -> None:
    answer = failing.get(f"/en/refuse/{code}?format=json")
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["type"] == f"http://127.0.0.1:8765/problems/{code}"
    assert answer.json["problems"][0]["place"] == {"file": "a.yaml", "line": 3}
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_what_people_entered_is_escaped(failing: FlaskClient) -> None:
    assert "<script>alert" not in failing.get("/en/refuse/text.too-large").text


def test_the_type_of_a_problem_is_an_address_that_answers(client: FlaskClient) -> None:
    answer = client.get("/problems/store.stale?format=json")
    assert answer.json == {"code": "store.stale", "title": "别人已先修改了同一内容，请重新打开后再改"} or answer.status_code == 200
    assert client.get("/problems/no.such").status_code == 404
