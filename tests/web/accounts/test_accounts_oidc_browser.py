"""The whole way through a provider in Debian's Chromium: our own provider on another site, and one that others wrote."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from tests.web.accounts.accounts_house import SUBJECTS
from tests.web.accounts.accounts_provider import CLIENT_ID, CLIENT_SECRET, House, running
from tests.web.accounts.accounts_world import PASSWORD, founded
from tests.web.portal import CHROMIUM, browser, live, violations

from zerofactory_web.accounts import oidc_button
from zerofactory_web.accounts.model import PersonIdentity
from zerofactory_web.accounts.oidc_provider import Provider
from zerofactory_web.app import create_app
from zerofactory_web.settings import Settings
from zerofactory_web.site.context import portal_of
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store, utc_now

pytestmark = [pytest.mark.full, pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium")]
CAI = "cai@works.example"
_PRESS = "main form button.button >> nth=0"
_OTHER = "main form button.button.second"


@contextmanager
def portal_with(issuer: str, folder: Path) -> Iterator[tuple[str, Store]]:
    """A portal on a free port that sends people to *issuer*; its address and store."""
    secret = folder / "client-secret"
    secret.write_text(CLIENT_SECRET, encoding="utf-8")
    store = Store(Settings(data=folder / "data", oidc_issuer=issuer, oidc_client_id=CLIENT_ID, oidc_client_secret_file=str(secret)),
                  clock=utc_now)
    schema.upgrade(store.engine)
    world = founded(store)
    world.member(CAI, world.applicant(), "manager")
    app: Flask = create_app(store.settings, store, SUBJECTS)
    with live(app) as base:
        here = portal_of(app)
        here.settings = replace(here.settings, public_url=base)
        app.extensions[oidc_button.KEPT] = Provider(here.settings, store.clock)
        yield base, store
    store.close()


def subjects(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(sa.select(PersonIdentity.subject)))


def with_password(page: Any, base: str, lang: str) -> None:
    page.goto(f"{base}/{lang}/sign-in")
    page.fill("#email", CAI)
    page.fill("#password", PASSWORD)
    page.click(_PRESS)


def test_linking_and_signing_in_without_a_script(tmp_path: Path) -> None:
    """Provider and portal are different sites: form-action and SameSite hold as they would in production."""
    with running(House(now=lambda: utc_now().timestamp(), page=True)) as outside:
        outside.base = outside.base.replace("127.0.0.1", "localhost")
        with portal_with(outside.base, tmp_path) as (base, store), browser("zh", script=False) as page:
            page.goto(f"{base}/zh/sign-in?next=/zh/account/tokens")
            page.click(_OTHER)
            assert page.url.startswith(f"{outside.base}/authorize?")
            page.click("button")
            assert page.url.startswith(f"{base}/sign-in/provider/callback?")
            assert "此身份尚未关联本系统的账户" in page.inner_text("main")
            with_password(page, base, "zh")
            page.goto(f"{base}/zh/account/identity")
            page.fill("#password", PASSWORD)
            page.click(_PRESS)
            page.click("button")
            assert page.url == f"{base}/zh/account/identity"
            assert "身份已关联。" in page.inner_text("main")
            assert subjects(store) == ["u-1001"]
            page.goto(f"{base}/zh/sign-out")
            page.click(_PRESS)
            page.goto(f"{base}/zh/account/tokens")
            assert page.url == f"{base}/zh/sign-in?next=%2Fzh%2Faccount%2Ftokens"
            page.click(_OTHER)
            page.click("button")
            assert page.url == f"{base}/zh/account/tokens"


def test_without_the_provider_in_form_action_nobody_gets_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chromium checks where our answer to a form sends on: the page's policy has to name the provider."""
    monkeypatch.setattr(oidc_button, "forms_lead_to", lambda origin: None)
    with running(House(now=lambda: utc_now().timestamp(), page=True)) as outside, portal_with(outside.base, tmp_path) as (
            base, _), browser("en") as page:
        page.goto(f"{base}/en/sign-in")
        with page.expect_console_message(lambda message: "form-action" in message.text):
            page.evaluate("document.querySelector('main form button.second').click()")
        assert page.url == f"{base}/en/sign-in"
        assert "/authorize" not in outside.asked


@pytest.mark.parametrize("width", [1100, 380])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(tmp_path: Path, lang: str, dark: bool, width: int) -> None:
    found: dict[str, list[str]] = {}
    with running(House(now=lambda: utc_now().timestamp())) as outside, portal_with(outside.base, tmp_path) as (base, _), browser(
            lang, dark=dark, width=width) as page:

        def look(name: str) -> None:
            wrong = violations(page)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append("scrolls sideways")
            if folder := os.environ.get("ZF_SHOTS"):
                page.screenshot(path=f"{folder}/{name}-{lang}-{'dark' if dark else 'light'}-{width}.png", full_page=True)
            if wrong:
                found[name] = wrong

        page.goto(f"{base}/{lang}/sign-in")
        look("sign-in")
        page.click(_OTHER)
        look("sign-in refused")
        with_password(page, base, lang)
        look("account")
        page.goto(f"{base}/{lang}/account/identity")
        look("identity")
        page.click(_PRESS)
        look("identity refused")
        page.fill("#password", PASSWORD)
        page.click(_PRESS)
        look("identity linked")
    assert found == {}


_OTHERS = """
import os, sys, warnings
warnings.simplefilter("ignore")
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
from oidc_provider_mock import run_server_in_thread
with run_server_in_thread(require_nonce=True) as server:
    print(server.server_port, flush=True)
    sys.stdin.read()
"""


@contextmanager
def others_provider() -> Iterator[str]:
    """A provider that we did not write, in a process of its own (it warns when it is imported)."""
    if importlib.util.find_spec("oidc_provider_mock") is None:
        pytest.skip("oidc-provider-mock is not installed")
    with subprocess.Popen([sys.executable, "-c", _OTHERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield f"http://localhost:{process.stdout.readline().strip()}"
        process.stdin.close()
        process.wait(20)


def test_a_provider_that_others_wrote(tmp_path: Path) -> None:
    with others_provider() as issuer, portal_with(issuer, tmp_path) as (base, store), browser("en") as page:

        def in_as(subject: str) -> None:
            page.fill("input[name=sub]", subject)
            page.click("text=Authorize >> nth=-1")

        with_password(page, base, "en")
        page.goto(f"{base}/en/account/identity")
        page.fill("#password", PASSWORD)
        page.click(_PRESS)
        in_as("cai-at-the-works")
        assert page.url == f"{base}/en/account/identity"
        assert subjects(store) == ["cai-at-the-works"]
        page.goto(f"{base}/en/sign-out")
        page.click(_PRESS)
        page.click(_OTHER)
        in_as("cai-at-the-works")
        assert re.fullmatch(rf"{base}/(zh|en)/account/", page.url)
        page.goto(f"{base}/en/sign-out")
        page.click(_PRESS)
        page.click(_OTHER)
        in_as("anna@body.example")                # its token says that this is the address of Anna's mail
        assert "not linked with an account here" in page.inner_text("main")
        page.goto(f"{base}/en/sign-in")
        page.click(_OTHER)
        page.click("text=Deny")                   # it forgets to send the state back, without which nothing is believed
        assert "error=access_denied" in page.url
        assert "Begin again" in page.inner_text("main")
