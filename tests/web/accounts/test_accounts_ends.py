"""What ends when a second factor is taken off or somebody signs out, and that refused codes are kept in the log."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from tests.web.accounts.accounts_browser import code_at, code_for, signed_in
from tests.web.accounts.accounts_house import House
from tests.web.accounts.accounts_world import PASSWORD
from tests.web.conftest import Clock
from tests.web.portal import send

from zerofactory_web.store.audit import AuditRow

EMAIL = "eve@body.example"


def _actions(house: House) -> list[str]:
    with house.store.read() as session:
        return list(session.scalars(select(AuditRow.action).where(AuditRow.object == f"person:{house.eve}").order_by(AuditRow.seq)))


def test_taking_the_second_factor_off_ends_every_other_session(house: House) -> None:
    mine = house.evaluator()
    elsewhere = signed_in(house.app.test_client(), EMAIL, PASSWORD, house.seeds[EMAIL])
    assert elsewhere.get("/en/account/").status_code == 200
    answer = send(mine, "/en/account/second-factor/remove", {"code": code_for(mine, house.seeds[EMAIL])})
    assert answer.status_code == 303
    assert mine.get("/en/account/second-factor").status_code == 200
    assert elsewhere.get("/en/account/second-factor").status_code == 303


def test_codes_that_were_refused_are_in_the_log(house: House) -> None:
    mine = house.evaluator()
    before = len(_actions(house))
    for what in ("recovery", "remove"):
        assert send(mine, f"/en/account/second-factor/{what}", {"code": "000000"}).status_code == 422
    assert _actions(house)[before:] == ["second-factor.refused"] * 2


def test_a_second_factor_is_set_up_against_the_password(house: House) -> None:
    """Whoever finds an open browser does not put his own app on the account."""
    open_browser = house.manager()
    send(open_browser, "/en/account/second-factor/begin", {}, form="/en/account/second-factor")
    page = open_browser.get("/en/account/second-factor?format=json").json
    assert page is not None
    for password in ({}, {"password": "not the password"}):
        answer = send(open_browser, "/en/account/second-factor", {**password, "code": code_at(house.store, page["secret"])})
        assert answer.status_code == 422
        assert "<code>" not in answer.text.partition('class="secrets"')[2]
        again = open_browser.get("/en/account/second-factor?format=json").json
        assert again is not None
        assert not again["set"]
    answer = send(open_browser, "/en/account/second-factor", {"password": PASSWORD, "code": code_at(house.store, page["secret"])})
    assert answer.status_code == 200


def test_a_password_has_no_date_on_which_it_ends(house: House, client: FlaskClient) -> None:
    clock = house.store.clock
    assert isinstance(clock, Clock)
    clock.now += timedelta(days=3_000)
    signed_in(client, "cai@works.example", PASSWORD)
    assert client.get("/en/account/").status_code == 200


def test_fields_of_passwords_hide_them_and_let_programs_fill_them(house: House, client: FlaskClient) -> None:
    pages = {"sign-in": client.get("/en/sign-in").text, "password": house.manager().get("/en/account/password").text}
    fields = [tag for text in pages.values() for tag in re.findall(r"<input[^>]*password[^>]*>", text)]
    assert len(fields) == 3
    for tag in fields:
        assert 'type="password"' in tag
        assert re.search(r'autocomplete="(current|new)-password"', tag)
        assert not re.search(r"onpaste|maxlength|pattern=", tag)


def test_every_page_of_somebody_who_is_signed_in_leads_to_signing_out(house: House) -> None:
    for address in ("/en/", "/en/account/", "/en/account/tokens", "/en/nothing-here", "/zh/"):
        lang = address[1:3]
        assert f'<a href="/{lang}/sign-out">' in house.manager().get(address).text, address


def test_waits_and_what_belongs_to_others_stand_in_the_log(house: House, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "zerofactory.portal")

    def told() -> dict[str, object]:
        fields: dict[str, object] = caplog.records[-1].__dict__["zerofactory_fields"]
        return {name: fields.get(name) for name in ("route", "status", "refused")}

    for _ in range(12):
        send(client, "/en/sign-in", {"email": EMAIL, "password": "not the password"})
    assert told() == {"route": "/<any(zh, en):lang>/sign-in", "status": 429, "refused": ["accounts.wait"]}
    house.manager().get(f"/en/organisations/{house.other}")
    assert told() == {"route": "/<any(zh, en):lang>/organisations/<ident>", "status": 404, "refused": ["accounts.not-found"]}
    house.manager().get("/en/administration/")
    assert (told()["route"], told()["status"]) == ("/<any(zh, en):lang>/administration/", 404)
    assert EMAIL not in caplog.text


def test_signing_out_tells_the_browser_to_forget(house: House, client: FlaskClient) -> None:
    def header() -> str | None:
        signed_in(client, EMAIL, PASSWORD, house.seeds[EMAIL])
        return send(client, "/en/sign-out", {}).headers.get("Clear-Site-Data")

    house.evaluator()
    assert header() is None                                  # browsers obey it under https only
    here = house.app.extensions["zerofactory"]
    here.settings = replace(here.settings, production=True)
    answer = client.post("/en/sign-out", headers={"Authorization": "Bearer none"})
    assert answer.status_code == 401                         # no program signs anybody out
    with house.app.test_request_context("/en/sign-out", method="POST", base_url="https://example.org"):
        from flask import Response

        from zerofactory_web.accounts import gate

        assert gate.leave(Response()).headers["Clear-Site-Data"] == '"cache", "storage"'
