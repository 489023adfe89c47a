"""Signing in and out through the pages, on each kind of database where it is cheap."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from tests.web.accounts.accounts_browser import code_at, enrolled, signed_in
from tests.web.accounts.accounts_house import SUBJECTS, House
from tests.web.accounts.accounts_world import PASSWORD, World, actor
from tests.web.conftest import Clock
from tests.web.portal import send, token_of

from zerofactory_web.accounts import gate, people, sessions, throttle
from zerofactory_web.app import create_app

SIGN_IN = "/en/sign-in"


def _cookie(client: FlaskClient, name: str = gate.COOKIE) -> str:
    found = client.get_cookie(name)
    return "" if found is None else found.value


def test_with_password_and_code_a_person_is_signed_in(world: World) -> None:
    client = create_app(world.store.settings, world.store, SUBJECTS).test_client()
    seed = enrolled(world.store, world.anna)
    answer = send(client, SIGN_IN, {"email": " Anna@Body.example ", "password": PASSWORD, "next": "/en/administration/"})
    assert answer.location == "/en/sign-in/code?next=/en/administration/".replace("=/en/administration/", "=%2Fen%2Fadministration%2F")
    half = _cookie(client)
    assert client.get("/en/account/").location.startswith("/en/sign-in/code?")         # half a session opens nothing
    assert client.get("/en/administration/").status_code == 303
    answer = send(client, answer.location, {"code": code_at(world.store, seed), "next": "/en/administration/"})
    assert answer.location == "/en/administration/"
    assert client.get("/en/administration/").status_code == 200
    assert _cookie(client) != half
    assert sessions.opened(world.store, half) is None                                   # it ended with the code


def test_a_recovery_code_signs_in_once(house: House) -> None:
    client = house.manager()
    send(client, "/en/account/second-factor/begin", {}, form="/en/account/second-factor")
    page = client.get("/en/account/second-factor?format=json").json
    assert page is not None
    answer = send(client, "/en/account/second-factor", {"password": PASSWORD, "code": code_at_seed(house, page["secret"])})
    codes = [line for line in answer.text.split("<code>") if "</code>" in line]
    code = codes[0].split("</code>")[0]
    for expected in (303, 422):
        fresh = house.app.test_client()
        send(fresh, SIGN_IN, {"email": "cai@works.example", "password": PASSWORD})
        assert send(fresh, "/en/sign-in/code", {"code": code.upper()}).status_code == expected


def code_at_seed(house: House, seed: str) -> str:
    """The code of a seed that is not in use yet."""
    return code_at(house.store, seed)


@pytest.mark.parametrize(("email", "password"), [("cai@works.example", "not the one"), ("nobody@works.example", PASSWORD),
                                                 ("invited@works.example", ""), ("", ""), ("\x00", "\x01"), ("a" * 900, "b" * 5_000)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_refusal_is_the_same_page(shown: House, email: str, password: str, lang: str) -> None:
    answer = send(shown.app.test_client(), f"/{lang}/sign-in", {"email": email, "password": password})
    assert answer.status_code == 422
    assert {"zh": "邮箱或密码不正确。", "en": "The address or the password is not right."}[lang] in answer.text
    assert "data-errors" in answer.text
    assert f'value="{password}"' not in answer.text or not password
    assert "Set-Cookie" not in answer.headers or gate.COOKIE not in answer.headers["Set-Cookie"]


def test_nul_in_an_address_is_no_fault_of_the_server(world: World) -> None:
    client = create_app(world.store.settings, world.store, SUBJECTS).test_client()
    assert send(client, SIGN_IN, {"email": "a\x00b@works.example", "password": "x"}).status_code == 422
    world.member("cai@works.example", world.applicant())
    signed_in(client, "cai@works.example", PASSWORD)
    assert send(client, "/en/account/sessions/a%00b/revoke", {}, form="/en/sign-out").status_code == 404


def test_a_closed_account_is_signed_out_at_once(house: House) -> None:
    client = house.manager()
    assert client.get("/en/account/").status_code == 200
    people.set_active(house.store, house.world.admin, house.cai, False, "gone")
    assert client.get("/en/account/").status_code == 303
    answer = send(house.app.test_client(), SIGN_IN, {"email": "cai@works.example", "password": PASSWORD})
    assert answer.status_code == 422


def test_after_too_many_guesses_the_page_says_how_long_to_wait(house: House, clock: Clock) -> None:
    client = house.app.test_client()
    wrong = {"email": "cai@works.example", "password": "wrong"}
    for _ in range(throttle.ACCOUNT_FREE):
        assert send(client, SIGN_IN, wrong).status_code == 422
    while (answer := send(client, SIGN_IN, wrong)).status_code == 422:      # the first waits are shorter than a request
        pass
    assert answer.status_code == 429
    seconds = int(answer.headers["Retry-After"])
    assert f"try again in {seconds} seconds" in answer.text
    clock.now += timedelta(seconds=seconds)
    assert send(client, SIGN_IN, {"email": "cai@works.example", "password": PASSWORD}).status_code == 303


def test_the_throttle_counts_the_address_that_the_server_gives(house: House) -> None:
    """The proxy's word is taken by the server, which replaces the address; a header of a stranger is not."""
    client = house.app.test_client()
    for n in range(throttle.ADDRESS_FREE + 8):
        answer = send(client, SIGN_IN, {"email": f"x{n}@works.example", "password": "wrong"},
                      headers={"X-Forwarded-For": f"198.51.100.{n}"})
    assert answer.status_code == 429
    token = token_of(client.get(SIGN_IN).text)
    answer = client.post(SIGN_IN, data={"csrf_token": token, "email": "cai@works.example", "password": PASSWORD},
                         environ_base={"REMOTE_ADDR": "198.51.100.200"})
    assert answer.status_code == 303


def test_a_session_that_was_put_into_the_browser_is_not_the_one_that_is_opened(house: House) -> None:
    """Session fixation: neither the cookie of a session nor that of forms lives on through signing in."""
    attacker, victim = house.stranger(), house.app.test_client()
    planted = _cookie(attacker)
    form = attacker.get("/en/account/name")
    planted_form, token = _cookie(attacker, "zf_form"), token_of(form.text)
    victim.set_cookie(gate.COOKIE, planted)
    victim.set_cookie("zf_form", planted_form)
    answer = victim.post(SIGN_IN, data={"csrf_token": token, "email": "cai@works.example", "password": PASSWORD})
    assert answer.status_code == 303
    assert _cookie(victim) not in ("", planted)
    assert sessions.opened(house.store, planted) is None
    assert victim.post("/en/account/name", data={"csrf_token": token, "name": "Attacked", "language": "zh"}).status_code == 400
    invented = house.app.test_client()
    invented.set_cookie(gate.COOKIE, "x" * 43)
    signed_in(invented, "cai@works.example", PASSWORD)
    assert _cookie(invented) != "x" * 43


def test_signing_out_takes_a_button_and_ends_the_session(house: House) -> None:
    client = house.manager()
    secret = _cookie(client)
    page = client.get("/en/sign-out")
    assert page.status_code == 200
    assert client.get("/en/account/").status_code == 200                                # the link alone did nothing
    answer = send(client, "/en/sign-out", {})
    assert answer.location == SIGN_IN
    assert _cookie(client) == ""
    assert sessions.opened(house.store, secret) is None
    assert "You are signed out." in client.get(SIGN_IN).text
    assert "You are signed out." not in client.get(SIGN_IN).text                         # said once
    client.set_cookie(gate.COOKIE, secret)
    assert client.get("/en/account/").status_code == 303
    assert "You are signed out; sign in again." in client.get(SIGN_IN).text


def test_a_revoked_session_is_signed_out(house: House) -> None:
    here, there = house.manager(), signed_in(house.app.test_client(), "cai@works.example", PASSWORD)
    listed = here.get("/en/account/sessions?format=json").json
    assert listed is not None
    [other] = [s["id"] for s in listed["sessions"] if not s["present"]]
    assert there.get("/en/account/").status_code == 200
    assert send(here, f"/en/account/sessions/{other}/revoke", {}, form="/en/account/sessions").status_code == 303
    assert there.get("/en/account/").status_code == 303
    assert here.get("/en/account/").status_code == 200
    third = signed_in(house.app.test_client(), "cai@works.example", PASSWORD)
    send(here, "/en/account/sessions/others", {}, form="/en/account/sessions")
    assert third.get("/en/account/").status_code == 303
    assert here.get("/en/account/").status_code == 200


def test_revoking_the_present_session_signs_out(house: House) -> None:
    client = house.manager()
    listed = client.get("/en/account/sessions?format=json").json
    assert listed is not None
    answer = send(client, f"/en/account/sessions/{listed['sessions'][0]['id']}/revoke", {}, form="/en/account/sessions")
    assert answer.location == SIGN_IN
    assert client.get("/en/account/").status_code == 303


def test_an_idle_session_ends(house: House, clock: Clock) -> None:
    client = house.manager()
    clock.now += timedelta(seconds=house.store.settings.session_idle + 1)
    assert client.get("/en/account/").status_code == 303


def test_whoever_is_signed_in_goes_on_from_the_form(house: House) -> None:
    client = house.manager()
    assert client.get("/en/sign-in?next=/en/account/tokens").location == "/en/account/tokens"
    assert client.get("/en/sign-in?next=//evil.example").location == "/en/account/"
    assert client.get("/en/sign-in/code").location == "/en/sign-in"


def test_a_role_at_the_body_needs_a_second_factor_first(house: House) -> None:
    client = house.app.test_client()
    answer = send(client, SIGN_IN, {"email": "eve@body.example", "password": PASSWORD, "next": "/en/account/tokens"})
    assert urlsplit(answer.location).path == "/en/account/second-factor"
    for address in ("/en/account/", "/en/account/tokens", f"/en/organisations/{house.works}"):
        assert client.get(address).location.startswith("/en/account/second-factor?next="), address
    told = client.get("/en/account/", headers={"Accept": "application/json"})
    assert told.status_code == 401
    assert told.json is not None
    assert told.json["code"] == "account.second-factor-first"
    page = client.get(answer.location)
    assert "set up a second factor first" in page.text
    begun = client.post("/en/account/second-factor/begin", data={"csrf_token": token_of(page.text), "next": "/en/account/tokens"})
    page = client.get(begun.location)
    assert '<svg' in page.text
    assert "otpauth://totp/" in page.text
    assert "style=" not in page.text
    data = client.get("/en/account/second-factor?format=json").json
    assert data is not None
    sent = {"csrf_token": token_of(page.text), "code": code_at(house.store, data["secret"]), "next": "/en/account/tokens"}
    assert client.post("/en/account/second-factor", data={**sent, "code": "000000"}).status_code == 422
    done = client.post("/en/account/second-factor", data=sent)
    assert done.status_code == 200
    assert done.text.count("<li><code>") == 10
    assert 'href="/en/account/tokens"' in done.text
    assert client.get("/en/account/tokens").status_code == 200
    again = client.get("/en/account/second-factor").text
    assert "Recovery codes left: 10" in again                                          # counted, never shown again
    assert data["secret"] not in again
    assert house.store.settings.body_totp
    assert "evaluator" in actor(house.store, house.eve).roles


def test_new_recovery_codes_and_removal_take_a_code(house: House) -> None:
    client, seed = house.evaluator(), house.seeds["eve@body.example"]
    for what in ("recovery", "remove"):
        refused = send(client, f"/en/account/second-factor/{what}", {"code": "123"})
        assert (refused.status_code, 'id="code-error"' in refused.text) == (422, True)
    answer = send(client, "/en/account/second-factor/recovery", {"code": code_at(house.store, seed)})
    assert answer.text.count("<li><code>") == 10
    answer = send(client, "/en/account/second-factor/remove", {"code": code_at(house.store, seed)})
    assert answer.location == "/en/account/second-factor"
    assert client.get("/en/account/").location.startswith("/en/account/second-factor")     # the role asks for a new one
