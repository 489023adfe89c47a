"""The door: where people are sent, what programs may, cookies, tokens of forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from tests.web.accounts.accounts_browser import signed_in
from tests.web.accounts.accounts_house import SUBJECTS, House
from tests.web.accounts.accounts_world import PASSWORD, World, actor, founded
from tests.web.conftest import Clock
from tests.web.portal import send, token_of

from zerofactory_web.accounts import gate, tokens
from zerofactory_web.app import create_app
from zerofactory_web.settings import Settings
from zerofactory_web.site import context
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store

EVIL = ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "http:evil.example",
        "javascript:alert(1)", "evil.example", "/zh//evil.example", "/../evil", "/zh/./x", "/ /evil.example", " /zh/", "/zh/\r\nX: y",
        "", "/" + "a" * 2_000, "///evil.example", "/\x00", "/zh/账户"]
OWN = ["/zh/", "/en/account/tokens", "/en/administration/people?q=a%20b&page=2", "/zh/?next=https://evil.example/",
       "/en/readiness/cn-miit-zcf-2026@0.1.0"]


@pytest.mark.parametrize("given_path", EVIL)
def test_nobody_is_sent_to_another_place(shown: House, given_path: str) -> None:
    assert gate.own_path(given_path) is None
    client = shown.app.test_client()
    answer = send(client, "/en/sign-in", {"email": "cai@works.example", "password": PASSWORD, "next": given_path})
    assert (answer.status_code, answer.location) == (303, "/zh/account/")         # the language that Cai chose


@pytest.mark.parametrize("given_path", OWN)
def test_own_paths_are_gone_on_to(shown: House, given_path: str) -> None:
    assert gate.own_path(given_path) == given_path
    answer = send(shown.app.test_client(), "/en/sign-in", {"email": "cai@works.example", "password": PASSWORD, "next": given_path})
    assert answer.location == given_path


@given(st.text(alphabet="/\\.:@?#ab\t\n \x00%e", max_size=12))
@example("/\\a")
def test_a_path_of_this_site_never_has_a_host_as_a_browser_reads_it(text: str) -> None:
    """A browser drops tabs and line ends and reads a backslash as a slash."""
    if gate.own_path(text) is not None:
        read = "".join(c for c in text if c not in "\t\r\n").strip().replace("\\", "/")
        assert read.startswith("/")
        assert not urlsplit(read).netloc
        assert not read.startswith("//")


def test_a_stranger_is_sent_to_sign_in_and_comes_back(house: House, client: FlaskClient) -> None:
    answer = client.get("/en/account/tokens?a=b%20c")
    assert answer.status_code == 303
    to = urlsplit(answer.location)
    assert (to.path, parse_qs(to.query)) == ("/en/sign-in", {"next": ["/en/account/tokens?a=b%20c"]})
    answer = send(client, answer.location, {"email": "cai@works.example", "password": PASSWORD, "next": "/en/account/tokens?a=b%20c"})
    assert answer.location == "/en/account/tokens?a=b%20c"
    assert client.get(answer.location).status_code == 200


def test_the_form_of_signing_in_carries_where_to_go(client: FlaskClient) -> None:
    assert '<input type="hidden" name="next" value="/en/account/">' in client.get("/en/sign-in?next=/en/account/").text
    assert 'name="next"' not in client.get("/en/sign-in?next=//evil.example/").text


def test_what_was_posted_after_the_end_leads_back_to_its_form(house: House) -> None:
    client = house.manager()
    token = token_of(client.get("/en/account/name").text)
    client.delete_cookie(gate.COOKIE)
    answer = client.post("/en/account/name", data={"csrf_token": token, "name": "x"},
                         headers={"Referer": "http://localhost/en/account/name"})
    assert parse_qs(urlsplit(answer.location).query) == {"next": ["/en/account/name"]}
    answer = client.post("/en/account/name", data={"csrf_token": token}, headers={"Referer": "https://evil.example/en/x"})
    assert answer.location == "/en/sign-in"


def test_a_program_without_a_token_is_told_what_to_send(client: FlaskClient) -> None:
    answer = client.get("/en/account/", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="zerofactory"'
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "accounts.not-signed-in"


def _token(house: House, *scopes: str, days: int = 30) -> dict[str, str]:
    _, secret = tokens.create(house.store, actor(house.store, house.cai), "t", scopes or ("read",), days)
    return {"Authorization": f"Bearer {secret}"}


def _with_views(house: House) -> FlaskClient:
    """A page that takes programs, one that does not, and one for everybody."""
    app = create_app(house.store.settings, house.store, SUBJECTS)

    def who() -> str:
        found = context.actor()
        return f"{found.id} {sorted(found.scopes) if found.scopes is not None else '-'}"

    app.add_url_rule("/open", "open_view", who, methods=["GET", "POST"])
    app.add_url_rule("/either", "either_view", gate.required(who), methods=["GET", "POST"])
    app.add_url_rule("/person", "person_view", gate.keyboard(who), methods=["GET", "POST"])
    return app.test_client()


def test_a_token_acts_for_its_person_and_needs_no_token_of_a_form(house: House) -> None:
    client, sent = _with_views(house), _token(house, "read", "apply")
    for address in ("/open", "/either"):
        assert client.get(address, headers=sent).text == f"{house.cai} ['apply', 'read']"
        assert client.post(address, headers=sent).text == f"{house.cai} ['apply', 'read']"
    assert client.post("/open").status_code == 400             # without it the form's token is asked for


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_token_is_refused_where_a_person_is_needed(shown: House, method: str) -> None:
    answer = getattr(_with_views(shown), method)("/person", headers=_token(shown))
    assert answer.status_code == 403
    assert answer.json["code"] == "accounts.not-by-token"


@pytest.mark.parametrize("address", ["/en/account/", "/zh/account/tokens", "/en/account/sessions", "/en/organisations/{works}",
                                     "/en/administration/", "/en/account/second-factor", "/en/account/password"])
def test_no_page_of_accounts_takes_a_token(shown: House, address: str) -> None:
    answer = shown.app.test_client().get(address.format(works=shown.works), headers=_token(shown, "read", "apply", "evaluate"))
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")


def test_a_token_makes_no_token_and_signs_nobody_in(house: House) -> None:
    client, sent = house.app.test_client(), _token(house)
    assert client.post("/en/account/tokens", data={"name": "x", "scopes": "read", "days": "30"}, headers=sent).status_code == 403
    assert client.post("/en/account/sessions/others", headers=sent).status_code == 403
    assert len(tokens.listed(house.store, actor(house.store, house.cai))) == 1


@pytest.mark.parametrize("sent", ["zf_nothing", "", "x" * 300, "\u00e9"])
@pytest.mark.parametrize("address", ["/en/sign-in", "/open", "/en/account/", "/healthz"])
def test_a_token_that_is_none_is_told_everywhere(shown: House, sent: str, address: str) -> None:
    for method in ("get", "post"):
        answer = getattr(_with_views(shown), method)(address, headers={"Authorization": f"Bearer {sent}"})
        if method == "post" and address == "/healthz":
            assert answer.status_code in (401, 405)
            continue
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="zerofactory", error="invalid_token"'


def test_a_token_that_ran_out_or_was_revoked_is_none(house: House, clock: Clock) -> None:
    client, old, gone = _with_views(house), _token(house, days=1), _token(house)
    who = actor(house.store, house.cai)
    tokens.revoke(house.store, who, tokens.listed(house.store, who)[0].id)
    assert client.get("/either", headers=gone).status_code == 401
    assert client.get("/either", headers=old).status_code == 200
    clock.now += timedelta(days=1)
    assert client.get("/either", headers=old).status_code == 401


def test_beside_a_token_the_cookie_counts_for_nothing(house: House) -> None:
    client = signed_in(_with_views(house), "dan@other.example", PASSWORD)
    assert client.get("/either").text == f"{house.dan} -"
    assert client.get("/either", headers=_token(house)).text == f"{house.cai} ['read']"
    assert client.post("/either", headers={"Authorization": "Bearer none"}).status_code == 401
    assert client.get("/either", headers={"Authorization": "Basic eDp5"}).text == f"{house.dan} -"    # not ours to read


def test_with_a_token_nobody_signs_the_cookie_out(house: House) -> None:
    client = house.stranger()
    cookie = client.get_cookie(gate.COOKIE)
    assert cookie is not None
    client.post("/en/sign-out", headers=_token(house))
    client.set_cookie(gate.COOKIE, cookie.value)
    assert client.get("/en/account/").status_code == 200


FORMS = ["/en/sign-in", "/en/sign-in/code", "/en/sign-out", "/en/invitation", "/en/invitation/accept", "/en/account/name",
         "/en/account/password", "/en/account/tokens", "/en/account/sessions/others", "/en/account/sessions/x/revoke",
         "/en/account/tokens/x/revoke", "/en/account/links", "/en/account/links/x/end", "/en/account/second-factor",
         "/en/account/second-factor/begin", "/en/account/second-factor/recovery", "/en/account/second-factor/remove",
         "/en/organisations/x/invitations", "/en/organisations/x/invitations/y/revoke", "/en/organisations/x/members/y/role",
         "/en/organisations/x/members/y/end", "/en/organisations/x/particulars", "/en/administration/organisations",
         "/en/administration/people/x/grant", "/en/administration/people/x/competence",
         "/en/administration/people/x/competence/y/end", "/en/administration/people/x/links",
         "/en/administration/people/x/links/y/end", "/en/administration/people/x/close", "/en/administration/people/x/open",
         "/en/administration/roles/x/confirm", "/en/administration/roles/x/end"]


def test_every_form_without_its_token_is_refused(shown: House) -> None:
    client = shown.anna()
    assert {address: client.post(address).status_code for address in FORMS} == dict.fromkeys(FORMS, 400)


def test_no_form_is_missing_in_that_list(shown: House) -> None:
    """Every rule that takes a post, with its parts as ``x`` and ``y``."""
    rules = {str(r.rule) for r in shown.app.url_map.iter_rules() if "POST" in (r.methods or ())}
    told = {a.replace("/en/", "/<any(zh, en):lang>/", 1) for a in FORMS}
    assert {_plain(r) for r in rules} == {_plain(t) for t in told}


def _plain(rule: str) -> str:
    parts = rule.split("/")
    return "/".join("*" if p in ("x", "y") or (p.startswith("<") and "lang" not in p) else p for p in parts)


@pytest.fixture
def safe(tmp_path: Path, clock: Clock) -> World:
    store = Store(Settings(data=tmp_path / "data", production=True, public_url="https://portal.example"), clock=clock)
    schema.upgrade(store.engine)
    return founded(store)


def test_in_production_the_cookie_is_for_this_host_only(safe: World) -> None:
    client = create_app(safe.store.settings, safe.store, SUBJECTS).test_client()
    at = {"base_url": "https://portal.example", "headers": {"Referer": "https://portal.example/en/sign-in"}}
    token = token_of(client.get("/en/sign-in", base_url="https://portal.example").text)
    sent = {"csrf_token": token, "email": "anna@body.example", "password": PASSWORD}
    answer = client.post("/en/sign-in", data=sent, **at)
    [cookie] = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("__Host-zf_session=")]
    parts = {p.strip().lower() for p in cookie.split(";")[1:]}
    assert parts == {"secure", "httponly", "path=/", "samesite=lax"}
    assert client.get("/en/account/second-factor", base_url="https://portal.example").status_code == 200
    assert client.get("/en/account/second-factor").status_code == 303                # not sent in the clear


def test_elsewhere_the_cookie_has_its_plain_name(house: House, client: FlaskClient) -> None:
    answer = send(client, "/en/sign-in", {"email": "cai@works.example", "password": PASSWORD})
    [cookie] = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("zf_session=")]
    assert {p.strip().lower() for p in cookie.split(";")[1:]} == {"httponly", "path=/", "samesite=lax"}


def test_without_a_database_the_page_says_so(house: House) -> None:
    client = house.manager()
    gone = Store(replace(house.store.settings, database="postgresql://nobody@127.0.0.1:1/none"))
    context.portal_of(house.app).store, kept = gone, context.portal_of(house.app).store
    try:
        answer = client.get("/en/account/")
    finally:
        context.portal_of(house.app).store = kept
    assert answer.status_code == 503
    assert "127.0.0.1:1" not in answer.text
