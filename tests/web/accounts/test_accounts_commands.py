"""The operator's commands: name the first two, list, close and open, sign out, let in again; in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.web.accounts.accounts_world import ADDRESS, PASSWORD

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import invitations, sessions
from zerofactory_web.accounts.commands import user
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store

BODY = ("--body-zh", "认证中心", "--body-en", "The Body")


def run(here: dict[str, str], *words: str, lang: str = "en") -> Result:
    return CliRunner().invoke(user, [*words, "--lang", lang], env={
        **{f"ZEROFACTORY_{k.upper()}": v for k, v in here.items()}, "ZEROFACTORY_CONFIG": "", "COLUMNS": "160"})


def secrets_in(done: Result) -> list[str]:
    return [line.rsplit("/", 1)[1] for line in done.stdout.splitlines()]


def test_from_nothing_to_two_administrators_who_sign_in(database: str, tmp_path: Path) -> None:
    here = {"data": str(tmp_path / "data"), "database": database, "public_url": "https://cert.example/"}
    assert "store.not-current" in run(here, "list").output
    store = Store(Settings(data=tmp_path / "data", database=database))
    schema.upgrade(store.engine)
    assert "[accounts.body-names]" in run(here, "add", "anna@body.example", "bo@body.example").output
    done = run(here, "add", "anna@body.example", "bo@body.example", *BODY)
    assert done.exit_code == 0, done.output
    assert "Each link is good once" in done.stderr
    assert done.stdout.startswith("anna@body.example  https://cert.example/en/invitation/")
    for secret, name in zip(secrets_in(done), ("Anna", "博"), strict=True):
        invitations.take(store, secret, name=name, password=PASSWORD, language="zh")
    listed = json.loads(run(here, "list", "--json").output)["users"]
    assert [(u["email"], u["name"], u["state"], u["roles"], u["organisations"]) for u in listed] == [
        ("anna@body.example", "Anna", "open", ["administrator"], ["The Body"]),
        ("bo@body.example", "博", "open", ["administrator"], ["The Body"])]
    login = sessions.login(store, "anna@body.example", PASSWORD, address=ADDRESS)
    assert run(here, "revoke-sessions", "anna@body.example").output == "Sessions that were ended: 1\n"
    assert sessions.opened(store, login.secret) is None
    login = sessions.login(store, "bo@body.example", PASSWORD, address=ADDRESS)
    assert json.loads(run(here, "revoke-sessions", "--all", "--json").output) == {"revoked": 1}
    assert run(here, "disable", "bo@body.example", "--reason", "left", lang="zh").output == "账户已停用，所有登录和令牌已失效：bo@body.example\n"
    with pytest.raises(ProblemsError):
        sessions.login(store, "bo@body.example", PASSWORD, address=ADDRESS)
    assert "停用" in run(here, "list", lang="zh").output
    assert run(here, "enable", "bo@body.example").exit_code == 0
    [secret] = secrets_in(run(here, "reset", "bo@body.example"))
    invitations.take(store, secret, name="博", password="sextant gravel 19 pylon", language="zh")
    sessions.login(store, "bo@body.example", "sextant gravel 19 pylon", address=ADDRESS)
    store.close()


@pytest.fixture
def here(tmp_path: Path) -> dict[str, str]:
    """An installation with tables and nobody."""
    store = Store(Settings(data=tmp_path))
    schema.upgrade(store.engine)
    store.close()
    return {"data": str(tmp_path)}


@pytest.mark.parametrize(("words", "code"), [
    (("add", "anna@body.example", *BODY), "accounts.two-administrators"),
    (("add", "anna", "bo@", *BODY), "accounts.value"), (("disable", "nobody@x.example"), "accounts.nobody"),
    (("reset", "nobody@x.example"), "accounts.nobody"), (("revoke-sessions", "nobody@x.example"), "accounts.nobody"),
    (("add", "a@x.example", "--organisation", "none"), "accounts.not-found")])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_cannot_be_done_is_said(here: dict[str, str], words: tuple[str, ...], code: str, lang: str) -> None:
    done = run(here, *words, lang=lang)
    assert done.exit_code == 3
    assert f"[{code}]" in done.output
    assert "Traceback" not in done.output
    assert json.loads(run(here, "list", "--json").output) == {"users": []}


def test_an_invitation_into_an_organisation(here: dict[str, str]) -> None:
    run(here, "add", "anna@body.example", "bo@body.example", *BODY)
    store = Store(Settings(data=Path(here["data"])))
    with store.read() as session:
        from zerofactory_web.accounts.model import Organisation

        [body] = session.query(Organisation).all()
    done = run(here, "add", "chen@body.example", "--organisation", body.id, "--as", "member", "--json")
    [link] = json.loads(done.output)["links"]
    assert invitations.look(store, link["link"].rsplit("/", 1)[1]).member_role == "member"
    store.close()


@pytest.mark.parametrize("words", [("revoke-sessions",), ("revoke-sessions", "a@x.example", "--all"), ("add",), ("disable",)])
def test_wrong_use(here: dict[str, str], words: tuple[str, ...]) -> None:
    assert run(here, *words).exit_code == 2
