"""Accounts in Debian's Chromium: the way in without a script, and axe on every page, in both languages, light and dark."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from tests.web.accounts.accounts_browser import code_at
from tests.web.accounts.accounts_house import House
from tests.web.accounts.accounts_world import PASSWORD
from tests.web.accounts.test_accounts_pages import PAGES, _address
from tests.web.portal import CHROMIUM, browser, live, looked_at

from zerofactory_web.accounts import invitations, totp

pytestmark = [pytest.mark.full, pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium")]
_PRESS = "main form button.button >> nth=0"


def _sign_in(page: Any, house: House, base: str, lang: str, email: str) -> None:
    page.goto(f"{base}/{lang}/sign-in")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click(_PRESS)
    if (seed := house.seeds.get(email)) is not None:
        page.fill("#code", code_at(house.store, seed))
        page.click(_PRESS)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_from_invitation_to_second_factor_without_a_script(house: House, lang: str) -> None:
    given = invitations.invite(house.store, house.world.admin, house.world.body, "ida@body.example")
    with live(house.app) as base, browser(lang, script=False) as page:
        page.goto(given.link(house.store.settings, lang).replace(house.store.settings.public_url, base))
        assert page.url == f"{base}/{lang}/invitation"
        page.fill("#name", "Ida 艾达")
        page.fill("#password", PASSWORD)
        page.click(_PRESS)
        _sign_in(page, house, base, lang, "ida@body.example")
        assert page.url == f"{base}/{lang}/account/"
        page.goto(f"{base}/{lang}/account/second-factor")
        page.click(_PRESS)
        seed = page.inner_text("code.secret").replace(" ", "")
        assert page.locator(".qr svg").bounding_box()["width"] > 150
        page.fill("#password", PASSWORD)
        page.fill("#code", totp.code_of(base64.b32decode(seed), totp.step_of(house.store.clock())))
        page.click(_PRESS)
        assert page.locator(".secrets li").count() == totp.RECOVERY_CODES
        page.goto(f"{base}/{lang}/sign-out")
        page.click(_PRESS)
        assert page.url == f"{base}/{lang}/sign-in"
        page.goto(f"{base}/{lang}/account/")
        assert page.url.startswith(f"{base}/{lang}/sign-in?next=")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(shown: House, lang: str) -> None:
    shown.anna()
    found: dict[str, list[str]] = {}
    with live(shown.app) as base, browser(lang) as page:

        def look(name: str) -> None:
            if wrong := looked_at(page):
                found[name] = wrong

        page.goto(f"{base}/{lang}/sign-in")
        look("sign-in")
        page.click(_PRESS)
        look("sign-in refused")
        _sign_in(page, shown, base, lang, "anna@body.example")
        for path in PAGES:
            page.goto(base + _address(shown, path, lang))
            look(path)
        for path in ("account/tokens", "administration/organisations", "administration/people/{eve}/competence"):
            page.goto(base + _address(shown, path, lang))
            page.click("main form button.button >> nth=-1")
            look(f"{path} refused")
    assert found == {}
