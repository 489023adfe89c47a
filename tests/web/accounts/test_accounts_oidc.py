"""Signing in at a provider, linking and unlinking: the whole way through our pages and a provider on this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, Response
from flask.testing import FlaskClient
from tests.web.accounts.accounts_browser import code_at, enrolled, signed_in
from tests.web.accounts.accounts_house import SUBJECTS
from tests.web.accounts.accounts_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    House,
    asked_for,
    at_provider,
    danced,
    running,
    sent,
)
from tests.web.accounts.accounts_world import ADDRESS, PASSWORD, World, actor, founded, refusing
from tests.web.accounts.test_accounts_roles import written
from tests.web.conftest import Clock
from tests.web.portal import send, token_of
from werkzeug.test import TestResponse

from zerofactory_engine.canonical import canonical_bytes
from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import (
    gate,
    identities,
    invitations,
    oidc,
    oidc_button,
    operator,
    pages_oidc,
    people,
    sessions,
    throttle,
)
from zerofactory_web.accounts.model import Person, PersonIdentity, SpentState
from zerofactory_web.accounts.oidc_provider import Provider
from zerofactory_web.app import create_app
from zerofactory_web.settings import Settings, read_settings, safe_address
from zerofactory_web.site.context import portal_of
from zerofactory_web.store import audit, schema
from zerofactory_web.store.unit import SYSTEM, Actor, Store

CAI = "cai@works.example"


@pytest.fixture(scope="module")
def served() -> Iterator[House]:
    with running(House()) as made:
        yield made


@dataclass(frozen=True)
class Founded:
    """A founded body with Cai, who manages the works: its database and data folder, to copy for each test."""

    database: str
    data: Path
    world: World
    cai: str


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def founded_once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Founded:
    folder = tmp_path_factory.mktemp("founded")
    make: Callable[..., str] | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    store = Store(Settings(data=folder / "data", database=make() if make else f"sqlite:///{folder / 'store.sqlite'}"), clock=Clock())
    schema.upgrade(store.engine)
    world = founded(store)
    cai = world.member(CAI, world.applicant(), "manager")
    store.close()
    return Founded(store.settings.database, folder / "data", world, cai)


@pytest.fixture
def store(founded_once: Founded, clock: Clock, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A copy of the founded body."""
    if founded_once.data.exists():
        shutil.copytree(founded_once.data, tmp_path / "data")
    if founded_once.database.startswith("sqlite"):
        database = f"sqlite:///{tmp_path / 'store.sqlite'}"
        shutil.copy(founded_once.database.removeprefix("sqlite:///"), tmp_path / "store.sqlite")
    else:
        make: Callable[..., str] = request.getfixturevalue("postgres")
        database = make(founded_once.database)
    clock.now += timedelta(hours=1)                 # later than what was done in founding it
    made = Store(Settings(data=tmp_path / "data", database=database), clock=clock)
    yield made
    made.close()


class Scene:
    """A portal with a provider: Anna administers, Cai manages the works."""

    def __init__(self, world: World, cai: str, outside: House, app: Flask, settings: Settings) -> None:
        self.world, self.cai, self.outside, self.store, self.app = world, cai, outside, world.store, app
        self.set(settings)

    def set(self, settings: Settings) -> None:
        """Let the portal work with *settings*, over this test's own store."""
        here = portal_of(self.app)
        here.settings, here.store = settings, self.store
        self.app.extensions[oidc_button.KEPT] = Provider(settings, self.store.clock)

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def linked(self, person: str, subject: str = "u-1001") -> str:
        """Link an identity by the service."""
        return identities.link(self.store, actor(self.store, person), self.outside.base, subject)

    def rows(self) -> list[tuple[str, str]]:
        """Person and subject of every identity."""
        with self.store.read() as session:
            return [(r.person_id, r.subject) for r in session.scalars(sa.select(PersonIdentity).order_by(PersonIdentity.subject))]

    def last(self, action: str) -> dict[str, Any]:
        """The details of the last act of that name in the audit log."""
        with self.store.read() as session:
            found = [r.content() for r in audit.rows(session) if r.content()["action"] == action]
        details: dict[str, Any] = found[-1]["details"]
        return details


@pytest.fixture
def outside(served: House, clock: Clock) -> House:
    """The provider as if nobody had been there."""
    vars(served).update(vars(House(now=lambda: clock.now.timestamp(), base=served.base)))
    return served


@pytest.fixture
def settings(outside: House, store: Store, tmp_path: Path) -> Settings:
    secret = tmp_path / "client-secret"
    secret.write_text(CLIENT_SECRET, encoding="utf-8")
    return replace(store.settings, oidc_issuer=outside.base, oidc_client_id=CLIENT_ID, oidc_client_secret_file=str(secret),
                   oidc_label_zh="单位账号", oidc_label_en="Works account")


@pytest.fixture(scope="module")
def app(served: House, founded_once: Founded) -> Flask:
    """One portal for all tests (its pages are compiled once); each gives it its own store."""
    settings = Settings(data=founded_once.data, database=founded_once.database, oidc_issuer=served.base, oidc_client_id=CLIENT_ID)
    return create_app(settings, Store(settings, engine=sa.create_engine("sqlite://")), SUBJECTS)


@pytest.fixture
def scene(founded_once: Founded, store: Store, outside: House, app: Flask, settings: Settings) -> Scene:
    return Scene(replace(founded_once.world, store=store), founded_once.cai, outside, app, settings)


def cookie(client: FlaskClient, name: str = gate.COOKIE) -> str:
    found = client.get_cookie(name)
    return "" if found is None else found.value


def asked_to_link(client: FlaskClient, **more: str) -> TestResponse:
    """Send the form that begins linking."""
    return send(client, "/en/account/identity/link", {"password": PASSWORD, **more}, form="/en/account/identity")


def test_from_linking_to_signing_in_and_unlinking(scene: Scene) -> None:
    client = signed_in(scene.client(), CAI, PASSWORD)
    assert "not linked" in client.get("/en/account/").text
    answer = asked_to_link(client)
    assert answer.status_code == 303
    answer = client.get(at_provider(answer.location))
    assert answer.location == "/en/account/identity"
    page = client.get(answer.location).text
    assert "Your identity is linked." in page
    assert scene.rows() == [(scene.cai, "u-1001")]
    assert scene.last("identity.linked") == {"person": scene.cai}

    other = scene.client()
    answer = danced(other, to="/en/account/tokens")
    assert (answer.status_code, answer.location) == (303, "/en/account/tokens")
    assert other.get("/en/account/tokens").status_code == 200
    assert cookie(other, pages_oidc.COOKIE) == ""
    assert scene.last("session.begun") == {"person": scene.cai, "method": "oidc"}

    ident = client.get("/en/account/identity?format=json").json
    assert ident is not None
    way = f"/en/account/identity/{ident['linked']['id']}/unlink"
    assert send(client, way, {"password": "wrong"}, form="/en/account/identity").status_code == 422
    answer = send(client, way, {"password": PASSWORD}, form="/en/account/identity")
    assert answer.location == "/en/account/identity"
    assert "no longer linked" in client.get(answer.location).text
    assert scene.rows() == []
    answer = danced(scene.client())
    assert answer.status_code == 422
    assert "not linked with an account here" in answer.text


def test_nobody_is_let_in_or_made_by_an_address_of_mail(scene: Scene) -> None:
    """The provider says that it is Anna and that it has verified her address; nothing comes of it."""
    scene.outside.claims = {"email": "anna@body.example", "email_verified": True}
    client = scene.client()
    for lang, said in (("zh", "此身份尚未关联本系统的账户"), ("en", "ask for an invitation")):
        answer = danced(client, lang=lang)
        assert answer.status_code == 422
        assert said in answer.text
    assert cookie(client) == ""
    assert scene.rows() == []
    with scene.store.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 3
    told = scene.last("login.refused")
    assert told == {"method": "oidc", "why": "oidc-unknown", "of": ""}


def test_a_closed_account_stays_closed(scene: Scene) -> None:
    scene.linked(scene.cai)
    people.set_active(scene.store, scene.world.admin, scene.cai, False, "left")
    assert danced(scene.client()).status_code == 422


@pytest.mark.parametrize(("claims", "trusted", "path"), [
    ({}, "", "/en/sign-in/code"), ({"acr": "phr"}, "", "/en/sign-in/code"), ({"acr": "phr"}, "phr", "/en/account/"),
    ({"acr": "one"}, "phr", "/en/sign-in/code")])
def test_a_second_factor_here_is_asked_for_unless_the_settings_trust_the_provider(
        scene: Scene, settings: Settings, claims: dict[str, Any], trusted: str, path: str) -> None:
    scene.set(replace(settings, oidc_trusted_acr=trusted))
    scene.linked(scene.cai)
    seed = enrolled(scene.store, scene.cai)
    scene.outside.claims = claims
    client = scene.client()
    answer = danced(client)
    assert answer.location.replace("/zh/", "/en/") == path
    if path.endswith("code"):
        half = cookie(client)
        assert client.get("/en/account/").status_code == 303
        assert send(client, "/en/sign-in/code", {"code": code_at(scene.store, seed)}).status_code == 303
        assert cookie(client) != half
    else:
        assert scene.last("session.begun") == {"person": scene.cai, "method": "oidc", "code": "provider"}
    assert client.get("/en/account/").status_code == 200


def test_a_role_at_the_body_takes_a_second_factor_here_whatever_the_provider_says(scene: Scene, settings: Settings) -> None:
    scene.set(replace(settings, oidc_trusted_amr="otp"))
    scene.linked(scene.world.anna)
    scene.outside.claims = {"amr": ["otp"]}
    client = scene.client()
    assert danced(client).location.startswith("/en/account/second-factor")
    assert client.get("/en/administration/").location.startswith("/en/account/second-factor")
    found = sessions.opened(scene.store, cookie(client))
    assert found is not None
    assert found.actor is not None
    assert found.actor.roles == frozenset()


Bend = Callable[[Scene, FlaskClient, str], str]


def _no_cookie(scene: Scene, client: FlaskClient, path: str) -> str:
    client.delete_cookie(pages_oidc.COOKIE)
    return path


def _twice(scene: Scene, client: FlaskClient, path: str) -> str:
    """Somebody has kept both cookie and address."""
    kept = cookie(client, pages_oidc.COOKIE)
    assert client.get(path).status_code == 303
    client.delete_cookie(gate.COOKIE)
    client.set_cookie(pages_oidc.COOKIE, kept)
    return path


def _late(scene: Scene, client: FlaskClient, path: str) -> str:
    clock = scene.store.clock
    assert isinstance(clock, Clock)
    clock.now += oidc.LIFE
    return path


def _code_again(scene: Scene, client: FlaskClient, path: str) -> str:
    """The code of a way that was gone, brought on a new one."""
    assert client.get(path).status_code == 303
    client.delete_cookie(gate.COOKIE)
    return f"/sign-in/provider/callback?code={asked_for(path)['code']}&state={asked_for(sent(client))['state']}"


def _down(scene: Scene, client: FlaskClient, path: str) -> str:
    scene.outside.answers = {"/token": Response("", 503)}
    return path


#: What goes wrong on the way back; the status, a word of what is said, and what the audit log keeps.
BENT: list[tuple[str, Bend, str, tuple[str, str]]] = [
    ("another state", lambda s, c, p: re.sub("state=[^&]+", "state=" + "x" * 43, p), "Begin again", ("oidc-state", "")),
    ("no state", lambda s, c, p: re.sub("&state=[^&]+", "", p), "Begin again", ("oidc-state", "")),
    ("a state of other letters", lambda s, c, p: re.sub("state=[^&]+", "state=%E7%8A%B6", p), "Begin again", ("oidc-state", "")),
    ("another browser", _no_cookie, "Begin again", ("oidc-state", "")), ("twice", _twice, "Begin again", ("oidc-state", "")),
    ("too late", _late, "Begin again", ("oidc-state", "")), ("a code twice", _code_again, "does not hold (code)", ("oidc-answer", "code")),
    ("an invented code", lambda s, c, p: re.sub("code=[^&]+", "code=guess", p), "does not hold (code)", ("oidc-answer", "code")),
    ("no code", lambda s, c, p: re.sub("code=[^&]+&", "", p), "does not hold (code)", ("oidc-answer", "code")),
    ("another issuer", lambda s, c, p: f"{p}&iss=https://evil.example", "does not hold (iss)", ("oidc-answer", "iss")),
    ("cancelled", lambda s, c, p: re.sub("code=[^&]+", "error=access_denied&error_description=%3Cb%3E", p), "you cancelled",
     ("oidc-declined", "")),
    ("the provider is gone", _down, "does not answer", ("oidc-away", "token"))]


@pytest.mark.parametrize(("name", "bend", "said", "kept"), BENT, ids=[name for name, _, _, _ in BENT])
def test_what_goes_wrong_on_the_way_back(scene: Scene, name: str, bend: Bend, said: str, kept: tuple[str, str]) -> None:
    scene.linked(scene.cai)
    client = scene.client()
    path = bend(scene, client, at_provider(sent(client)))
    answer = client.get(path)
    assert answer.status_code == 422
    assert said in answer.text
    assert "<b>" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert cookie(client) == cookie(client, pages_oidc.COOKIE) == ""
    told = scene.last("login.refused")
    assert told == {"method": "oidc", "why": kept[0], "of": kept[1]}


def test_a_provider_that_names_itself_in_answers_has_to(scene: Scene) -> None:
    scene.linked(scene.cai)
    scene.outside.bent = {"authorization_response_iss_parameter_supported": True}
    client = scene.client()
    path = at_provider(sent(client))
    assert "does not hold (iss)" in client.get(path).text
    assert client.get(f"{at_provider(sent(client))}&iss={scene.outside.base}").status_code == 303


def test_a_provider_that_is_down_leaves_the_password(scene: Scene, clock: Clock) -> None:
    scene.outside.answers = {"/.well-known/openid-configuration": Response("", 500)}
    client = scene.client()
    for lang, said in (("en", "The sign-in service does not answer"), ("zh", "统一身份登录服务目前无法正常应答")):
        token = token_of(client.get(f"/{lang}/sign-in").text)
        answer = client.post(f"/{lang}/sign-in/provider", data={"csrf_token": token})
        assert answer.status_code == 422
        assert said in answer.text
    assert scene.outside.asked == {"/.well-known/openid-configuration": 1}
    signed_in(client, CAI, PASSWORD)
    scene.outside.answers.clear()
    clock.now += timedelta(minutes=1)
    scene.linked(scene.cai)
    assert danced(scene.client()).status_code == 303


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example/", "/\\evil.example", "/en/../x", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(scene: Scene, to: str) -> None:
    scene.linked(scene.cai)
    assert danced(scene.client(), to=to).location == "/zh/account/"           # the language that Cai chose


def test_a_session_that_was_put_into_the_browser_does_not_live_on(scene: Scene) -> None:
    scene.linked(scene.cai)
    attacker, victim = signed_in(scene.client(), "anna@body.example", PASSWORD), scene.client()
    planted = cookie(attacker)
    victim.set_cookie(gate.COOKIE, planted)
    token = token_of(attacker.get("/en/account/second-factor").text)
    victim.set_cookie("zf_form", cookie(attacker, "zf_form"))
    answer = victim.post("/en/sign-in/provider", data={"csrf_token": token})
    assert victim.get(at_provider(answer.location)).status_code == 303
    assert cookie(victim) not in ("", planted)
    assert sessions.opened(scene.store, planted) is None
    assert victim.post("/en/account/name", data={"csrf_token": token, "name": "X", "language": "en"}).status_code == 400


def test_the_button_takes_the_token_of_the_form(scene: Scene) -> None:
    assert scene.client().post("/en/sign-in/provider").status_code == 400
    assert scene.client().get("/en/sign-in/provider").status_code == 405


def test_too_many_failures_wait(scene: Scene) -> None:
    client = scene.client()
    for _ in range(throttle.ACCOUNT_FREE):
        assert client.get("/sign-in/provider/callback?code=x&state=y").status_code == 422
    while (answer := client.get("/sign-in/provider/callback?code=x&state=y")).status_code == 422:
        pass                                                 # the first waits are shorter than a request
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_an_identity_belongs_to_one_person(scene: Scene) -> None:
    dan = scene.world.member("dan@works.example", scene.world.applicant("Other"))
    first, second = signed_in(scene.client(), CAI, PASSWORD), signed_in(scene.client(), "dan@works.example", PASSWORD)
    assert first.get(at_provider(asked_to_link(first).location)).status_code == 303
    for _ in range(2):
        answer = second.get(at_provider(asked_to_link(second).location))
        assert answer.status_code == 422
        assert "linked with another account here" in answer.text
        assert scene.last("identity.refused") == {"method": "oidc", "why": "identity-taken", "of": ""}
    assert scene.rows() == [(scene.cai, "u-1001")]
    for subject in ("u-1001", "u-2"):
        with refusing("accounts.identity-set"):
            scene.linked(scene.cai, subject)
    with pytest.raises(ProblemsError), scene.store.change(SYSTEM) as change:
        change.session.add(PersonIdentity(person_id=dan, issuer=scene.outside.base, subject="u-1001", created_at=change.now))
    assert written(scene.store, f"UPDATE person_identity SET person_id = '{dan}'", {}) == "accounts.final"
    assert written(scene.store, "UPDATE spent_state SET expires_at = '2020'", {}) == "accounts.final"


def test_linking_takes_password_and_code_of_now(scene: Scene) -> None:
    seed = enrolled(scene.store, scene.cai)
    client = signed_in(scene.client(), CAI, PASSWORD, seed)
    for password, code in (("wrong", code_at(scene.store, seed)), (PASSWORD, "000000"), (PASSWORD, "")):
        answer = asked_to_link(client, password=password, code=code)
        assert answer.status_code == 422
        assert cookie(client, pages_oidc.COOKIE) == ""
    assert asked_to_link(client, code=code_at(scene.store, seed)).status_code == 303
    assert scene.client().get("/en/account/identity").status_code == 303             # a stranger is sent to sign in


@pytest.mark.parametrize("change", ["signed out", "somebody else", "another session"])
def test_linking_ends_in_the_session_in_which_it_was_begun(scene: Scene, change: str) -> None:
    scene.world.member("dan@works.example", scene.world.applicant("Other"))
    client = signed_in(scene.client(), CAI, PASSWORD)
    path = at_provider(asked_to_link(client).location)
    kept = cookie(client, pages_oidc.COOKIE)
    send(client, "/en/sign-out", {})
    if change != "signed out":
        signed_in(client, CAI if change == "another session" else "dan@works.example", PASSWORD)
    client.set_cookie(pages_oidc.COOKIE, kept)
    answer = client.get(path)
    assert answer.status_code == 422
    assert "Begin again" in answer.text
    assert scene.rows() == []


def test_the_way_for_signing_in_links_nothing(scene: Scene) -> None:
    """Whoever lures a signed-in person onto the attacker's way signs him in anew at most, and only as whom he came."""
    client = signed_in(scene.client(), CAI, PASSWORD)
    token = token_of(client.get("/en/account/name").text)
    answer = client.post("/en/sign-in/provider", data={"csrf_token": token})
    assert client.get(at_provider(answer.location)).status_code == 422
    assert scene.rows() == []
    assert client.get("/en/account/").status_code == 200


def test_the_last_way_in_stays(scene: Scene) -> None:
    ident = scene.linked(scene.cai)
    with scene.store.change(SYSTEM) as change:
        change.session.get_one(Person, scene.cai).password = None
    with refusing("accounts.identity-last"):
        identities.unlink(scene.store, actor(scene.store, scene.cai), ident, PASSWORD, "", address=ADDRESS)
    dan = scene.world.member("dan@works.example", scene.world.applicant("Other"))
    with refusing("accounts.not-found"):
        identities.unlink(scene.store, actor(scene.store, dan), ident, PASSWORD, "", address=ADDRESS)
    with refusing("accounts.not-by-token"):
        identities.unlink(scene.store, Actor(scene.cai, scopes=frozenset()), ident, PASSWORD, "", address=ADDRESS)
    assert scene.rows() == [(scene.cai, "u-1001")]


def test_a_reset_unlinks(scene: Scene) -> None:
    scene.linked(scene.cai)
    given = operator.reset(scene.store, CAI)
    invitations.take(scene.store, given.secret, name="Cai", password="sextant gravel 19 pylon", language="en")
    assert scene.rows() == []


def test_states_that_are_over_are_forgotten(scene: Scene, clock: Clock) -> None:
    scene.linked(scene.cai)
    for _ in range(2):
        assert danced(scene.client()).status_code == 303
        clock.now += timedelta(hours=1)
    with scene.store.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SpentState)) == 1


def test_neither_secrets_nor_identities_stand_in_the_log(scene: Scene) -> None:
    scene.linked(scene.cai, "somebody@idp.example")
    scene.outside.subject = "somebody@idp.example"
    client = scene.client()
    address = sent(client)
    path = at_provider(address)
    kept = cookie(client, pages_oidc.COOKIE)
    assert client.get(path).status_code == 303
    scene.outside.subject = "nobody@idp.example"
    assert danced(scene.client()).status_code == 422
    with scene.store.read() as session:
        log = canonical_bytes([r.content() for r in audit.rows(session)]).decode()
        assert list(audit.faults(session)) == []
    given = {**asked_for(address), **asked_for(path)}
    assert [x for x in ("@", kept, given["state"], given["nonce"], given["code"], CLIENT_SECRET) if x in log] == []


def test_only_pages_with_the_button_may_lead_to_the_provider(scene: Scene) -> None:
    client = scene.client()

    def leads(address: str) -> str:
        found = re.search("form-action ([^;]+);", client.get(address).headers["Content-Security-Policy"])
        assert found is not None
        return found[1]

    assert leads("/en/sign-in") == f"'self' {scene.outside.base}"
    assert leads("/en/nothing") == "'self'"
    assert leads("/sign-in/provider/callback") == f"'self' {scene.outside.base}"
    signed_in(client, CAI, PASSWORD)
    assert leads("/en/account/identity") == f"'self' {scene.outside.base}"
    assert leads("/en/account/") == "'self'"
    scene.linked(scene.cai)
    assert leads("/en/account/identity") == "'self'"


def test_the_button_says_what_the_settings_say(scene: Scene, settings: Settings) -> None:
    assert "Works account</button>" in scene.client().get("/en/sign-in").text
    assert "单位账号</button>" in scene.client().get("/zh/sign-in").text
    scene.set(replace(settings, oidc_label_zh="", oidc_label_en=""))
    assert "使用单位统一身份登录</button>" in scene.client().get("/zh/sign-in").text


def test_in_production_the_cookie_is_of_this_host_and_under_https(scene: Scene, settings: Settings) -> None:
    scene.app = create_app(replace(settings, production=True, public_url="https://zf.example"), scene.store, SUBJECTS)
    client = scene.client()
    more: dict[str, Any] = {"base_url": "https://zf.example", "headers": {"Referer": "https://zf.example/en/sign-in"}}
    token = token_of(client.get("/en/sign-in", base_url="https://zf.example").text)
    answer = client.post("/en/sign-in/provider", data={"csrf_token": token}, **more)
    assert asked_for(answer.location)["redirect_uri"] == "https://zf.example/sign-in/provider/callback"
    [way] = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith(f"{pages_oidc.SAFE_COOKIE}=")]
    assert all(part in way for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"))
    assert "Domain" not in way


def test_without_the_setting_there_is_nothing_of_it(store: Store) -> None:
    app = create_app(store.settings, store, SUBJECTS)
    client = app.test_client()
    assert "provider" not in client.get("/en/sign-in").text
    assert client.get("/en/sign-in?format=json").json == {"fields": ["email", "password"], "next": None, "ended": False}
    for address in ("/sign-in/provider/callback", "/en/account/identity"):
        assert client.get(address).status_code == 404


_OFF = """
import sys
from pathlib import Path
from zerofactory_web.app import create_app
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store
{before}
store = Store(Settings(data=Path(sys.argv[1]), {settings}))
schema.upgrade(store.engine)
try:
    app = create_app(store.settings, store)
    print(app.test_client().get("/en/sign-in").status_code)
except Exception as error:
    print(error.problems[0].code)
print(sorted(m for m in ("authlib", "joserfc", "requests", "zerofactory_web.accounts.oidc") if m in sys.modules))
"""


def told_by(tmp_path: Path, before: str, settings: str) -> list[str]:
    """What a process of its own says."""
    done = subprocess.run([sys.executable, "-c", _OFF.format(before=before, settings=settings), str(tmp_path)], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.full
def test_without_the_setting_nothing_of_the_extra_is_imported(tmp_path: Path) -> None:
    assert told_by(tmp_path, "", "") == ["200", "[]"]


@pytest.mark.full
def test_without_the_extra_the_setting_says_what_to_install(tmp_path: Path) -> None:
    assert told_by(tmp_path, "sys.modules['authlib'] = None", "oidc_issuer='https://idp.example', oidc_client_id='x'")[0] == (
        "accounts.oidc-extra")


@pytest.mark.parametrize(("given", "wrong"), [
    ({}, []), ({"ISSUER": "https://idp.example/realms/a", "CLIENT_ID": "x"}, []),
    ({"ISSUER": "http://localhost:9400", "CLIENT_ID": "x"}, []), ({"ISSUER": "http://idp.example", "CLIENT_ID": "x"}, ["ISSUER"]),
    ({"ISSUER": "https://idp.example"}, ["CLIENT_ID"]), ({"CLIENT_ID": "x"}, ["ISSUER"]), ({"LABEL_EN": "x"}, ["CLIENT_ID", "ISSUER"]),
    ({"ISSUER": "https://idp.example/?a=b", "CLIENT_ID": "x"}, ["ISSUER"]), ({"ISSUER": "https://" + "a" * 250 + ".example", "CLIENT_ID": "x"}, ["ISSUER"]),
    ({"ISSUER": "https://idp.example", "CLIENT_ID": "x", "CLIENT_SECRET_FILE": "/nothing/here"}, ["CLIENT_SECRET_FILE"]),
    ({"ISSUER": "https://idp.example", "CLIENT_ID": "x", "CA_FILE": "/nothing/here"}, ["CA_FILE"])])
def test_settings_of_no_use_refuse_to_start(given: dict[str, str], wrong: list[str]) -> None:
    told = []
    try:
        read_settings({f"ZEROFACTORY_OIDC_{name}": value for name, value in given.items()})
    except ProblemsError as error:
        told = [(p.code, p.place.path) for p in error.problems]
    assert told == [("web.setting-value", f"ZEROFACTORY_OIDC_{name}") for name in wrong]


def test_the_settings_hold_the_path_of_the_secret_and_not_the_secret(settings: Settings) -> None:
    given = {"ZEROFACTORY_OIDC_ISSUER": "https://idp.example", "ZEROFACTORY_OIDC_CLIENT_ID": "x",
             "ZEROFACTORY_OIDC_CLIENT_SECRET_FILE": settings.oidc_client_secret_file}
    found = read_settings(given)
    assert found.oidc_client_secret_file == settings.oidc_client_secret_file
    assert CLIENT_SECRET not in str(found.shown())


@pytest.mark.parametrize(("address", "safe"), [
    ("https://idp.example", True), ("https://idp.example:8443/a?b=c", True), ("http://127.0.0.1:9/", True), ("http://[::1]:9/", True),
    ("http://127.0.0.1.evil.example/", False), ("http://idp.example", False), ("ftp://idp.example", False), ("//idp.example", False),
    ("https://u@idp.example", False), ("https://idp.example#x", False), ("https://idp.example\\@evil.example", False), ("https://", False),
    ("https://idp.example\n", False), ("https://例.example", False), ("https://[", False), ("https://a:b", False), ("https://a b.example", False)])
def test_which_addresses_secrets_are_sent_to(address: str, safe: bool) -> None:
    assert safe_address(address) is safe
