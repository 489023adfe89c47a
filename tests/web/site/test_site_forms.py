"""A form counts only when it comes from our own page."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from tests.web.portal import send, token_of

from zerofactory_engine.problems import Place, Problem
from zerofactory_web.site.forms import errors_of

FORM = "/en/readiness/cn-miit-zcf-2026@0.1.0"


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    client.get(FORM)
    answer = client.post(FORM, data={"source": "demo"})
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text


def test_the_token_of_another_session_is_refused(app: Flask) -> None:
    one, other = app.test_client(), app.test_client()
    token = token_of(one.get(FORM).text)
    other.get(FORM)
    assert other.post(FORM, data={"csrf_token": token}).status_code == 400
    assert one.post(FORM, data={"csrf_token": token}).status_code == 422


def test_a_program_without_cookies_may_post_to_a_page_that_changes_nothing(app: Flask) -> None:
    fresh = app.test_client()
    answer = fresh.post(FORM, data={}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "precheck.no-file"


def test_any_cookie_makes_the_token_necessary(app: Flask) -> None:
    fresh = app.test_client()
    fresh.set_cookie("other", "1")
    assert fresh.post(FORM, data={}).status_code == 400


def test_other_pages_need_the_token_also_from_programs(app: Flask) -> None:
    answer = app.test_client().post("/en/readiness/again", data={}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == "site.form-expired"


def test_the_summary_names_each_error_and_leads_to_its_field(client: FlaskClient) -> None:
    answer = send(client, FORM, {"source": "file", "level": "nonsense"})
    assert answer.status_code == 422
    assert 'data-errors' in answer.text
    assert 'href="#level"' in answer.text
    assert 'id="level-error"' in answer.text


def test_problems_become_errors_of_fields() -> None:
    problems = [Problem("site.file-empty", Place(path="a/name")), Problem("site.file-too-large", accepted="5 B")]
    errors = errors_of(problems, "en", {"name": "file"})
    assert [(e.field, e.text) for e in errors.all] == [
        ("file", "The file is empty"), ("", "The file is too large — accepted: 5 B")]
    assert errors.of("file") == ("The file is empty",)
