"""The way through the desk at a browser as narrow as a phone: from a file to an answer, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.exporter.exporter_pages import Rooms
from tests.web.exporter.exporter_world import BOLTS, EXAMPLES, sha256
from tests.web.portal import CHROMIUM, browser, live, violations

from zerofactory_engine.messages import render
from zerofactory_mappings.cbam.qreport.check import check_bytes
from zerofactory_web.accounts.gate import COOKIE
from zerofactory_web.store.audit import faults

STEEL = EXAMPLES / "steel-fasteners"
TABLE = STEEL / "ppa-2026-12.csv"


@pytest.fixture
def served(rooms: Rooms) -> Iterator[str]:
    pytest.importorskip("playwright", reason="Playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    with live(rooms.app) as base:
        yield base


class Visitor:
    """Cai at a browser: opens pages, fills forms, follows words that stand on the page."""

    def __init__(self, page: Any, rooms: Rooms, base: str, lang: str, *, axe: bool) -> None:
        self.page, self.base, self.lang, self.axe = page, base, lang, axe
        cookie = rooms.cai.get_cookie(COOKIE)
        assert cookie is not None
        page.context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": base}])

    def say(self, code: str, **args: object) -> str:
        return render(f"exporter.{code}", self.lang, args)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.base}/{self.lang}/exporter/{path}")
        self.sound()

    def follow(self, code: str, **args: object) -> None:
        self.page.locator("main").get_by_role("link", name=self.say(code, **args)).first.click()
        self.sound()

    def press(self, code: str) -> None:
        self.page.locator("main").get_by_role("button", name=self.say(code), exact=True).last.click()
        self.sound()

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.fill(f"#{name}", value)

    def sound(self) -> None:
        """The page is there, fits a phone, and shows no code in place of a sentence."""
        self.page.wait_for_load_state()
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 380, self.page.url
        if self.axe:
            assert violations(self.page) == [], self.page.url

    def fine(self) -> None:
        errors = self.page.locator(".summary-of-errors")
        assert errors.count() == 0, errors.first.inner_text()

    def download(self, locator: Any) -> bytes:
        with self.page.expect_download() as begun:
            locator.click()
        return Path(begun.value.path()).read_bytes()


@pytest.mark.parametrize(("lang", "script"), [
    ("en", False), pytest.param("zh", False, marks=pytest.mark.full), pytest.param("zh", True, marks=pytest.mark.full),
    pytest.param("en", True, marks=pytest.mark.full)])
def test_from_a_file_to_what_the_customer_got(rooms: Rooms, served: str, lang: str, script: bool, tmp_path: Path) -> None:
    said: list[str] = []
    with browser(lang, script=script, width=380, dark=script) as page:
        page.on("console", lambda message: said.append(message.text))
        cai = Visitor(page, rooms, served, lang, axe=script)
        name = f"{lang} {script}"
        _input(cai, name, tmp_path)
        _result(cai)
        sent = _files(cai)
        _cost(cai)
        _request(cai, name, sent)
        _change(cai, name)
        _registry(cai)
    assert [text for text in said if "422" not in text and "Autofocus" not in text] == []     # of forms that come back
    with rooms.store.read() as session:
        assert list(faults(session)) == []


def _input(cai: Visitor, name: str, folder: Path) -> None:
    """A file with mistakes is refused with all of them; the right one is kept."""
    wrong = folder / "wrong.yaml"
    wrong.write_bytes((STEEL / "input.yaml").read_bytes().replace(b"method: combustion", b"method: burning"))
    cai.open("")
    cai.follow("new-input")
    for file in (wrong, STEEL / "input.yaml"):
        cai.fill(name=name)
        cai.page.check('input[name="source"][value="file"]')
        cai.page.set_input_files("#file", str(file))
        cai.page.set_input_files("#beside", str(TABLE))
        cai.press("read-file")
        if file == wrong:
            assert cai.page.locator(".summary-of-errors").count() == 1
            assert cai.page.locator("#file-problems tbody tr").count() == 3
            assert cai.page.input_value("#name") == name
    cai.fine()
    assert cai.say("said-input") in cai.page.inner_text("main")


def _result(cai: Visitor) -> None:
    """Computed; a figure leads to where it comes from, and on to what was written in the file."""
    cai.press("compute")
    cai.fine()
    assert cai.page.locator("figure svg").count() == 1
    here = cai.page.url
    cai.page.get_by_role("link", name="2.80370").first.click()
    cai.sound()
    assert "2.803704243027836134453781512605041" in cai.page.inner_text("main")
    cai.page.locator("main table a").first.click()
    cai.sound()
    cai.page.goto(here)


def _files(cai: Visitor) -> bytes:
    """A table for the customer, made and taken along."""
    cai.press("make-goods")
    cai.fine()
    return cai.download(cai.page.locator("#files ~ .scroll a").first)


def _cost(cai: Visitor) -> None:
    """No price, no cost; with one, charts with a table beside."""
    result = cai.page.url
    cai.page.locator("summary", has_text=BOLTS).click()
    cai.page.locator("main details[open] a[href*='/cost']").first.click()
    cai.sound()
    assert cai.say("no-price") in cai.page.inner_text("main")
    cai.fill(low="60", price="80", high="120", tonnes="1200")
    cai.press("show-cost")
    cai.fine()
    assert cai.page.locator("figure svg").count() == 2
    assert cai.page.locator("tbody tr").count() == 18                # nine years, each and in all
    assert "110.55" in cai.page.inner_text("main")
    cai.page.goto(result)


def _request(cai: Visitor, name: str, sent: bytes) -> None:
    """A customer asks, is answered with the file, and what he got can be taken out again byte for byte."""
    cai.open("requests")
    cai.follow("new-request")
    cai.fill(company=f"Import {name}", eori="DE123456789012345", contact="A. Person", goods=f"{BOLTS}; 120.5",
             year="2026")
    cai.press("save-request")
    cai.fine()
    cai.page.locator("main table a[href*='/answer/']").first.click()
    cai.sound()
    cai.press("record-sent")
    assert cai.say("no-files") in cai.page.inner_text(".summary-of-errors")
    cai.page.locator('input[name="files"]').first.check()
    cai.fill(note="by mail")
    cai.press("record-sent")
    cai.fine()
    assert cai.say("state-answered") in cai.page.inner_text("main")
    assert sha256(cai.download(cai.page.locator(".box a[href*='/sent/']").first)) == sha256(sent)


def _change(cai: Visitor, name: str) -> None:
    """The input is changed in the page; what changed is listed."""
    cai.open("")
    cai.page.locator("main").get_by_role("link", name=name, exact=True).first.click()
    cai.follow("write-version")
    streams = cai.page.input_value("#source_streams")
    assert "\t120\t" in streams
    cai.page.fill("#source_streams", streams.replace("\t120\t", "\t130\t"))
    cai.press("read-file")
    cai.fine()
    cai.page.locator(".crumbs a").last.click()
    cai.sound()
    changes = cai.page.locator("#changes ~ .scroll").first.inner_text()
    assert "source_streams/S2/amount" in changes
    assert "130 t" in changes


def _registry(cai: Visitor) -> None:
    """By the transitional method; the draft for the registry is valid."""
    cai.page.locator("main table a[href*='/versions/']").first.click()
    cai.sound()
    cai.page.check('input[name="method"][value="transitional"]')
    cai.press("compute")
    cai.fine()
    cai.follow("make-xml")
    cai.press("make-xml")
    assert cai.page.locator(".summary-of-errors").count() == 1
    cai.page.fill("#company", "Import GmbH")
    cai.page.fill("#eori", "DE123456789012345")
    cai.page.fill("#city", "Hamburg")
    cai.page.fill("#tonnes-2", "100.5")
    cai.press("make-xml")
    cai.fine()
    assert check_bytes(cai.download(cai.page.locator("#files ~ .scroll a").first)).valid
