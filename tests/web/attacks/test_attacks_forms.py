"""Every form: without its token nothing happens; what is typed into it is text wherever it is shown."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select
from tests.web.attacks.attacks_walk import forms, pages
from tests.web.attacks.conftest import House

from zerofactory_web.store import audit
from zerofactory_web.store.audit import AuditRow

PEOPLE = ("qingyan", "haiyu", "lin", "he", "zhao", "qian", "anna")
MARK = "zfprobe"
#: Breaks out of attributes and elements, of scripts, and of templates, where nothing escapes.
PAYLOAD = f"{MARK}\"'><script>{MARK}()</script><img src=x onerror={MARK}()>{{{{7*7}}}}${{7*7}}"
_RAW = re.compile(rf"<script>{MARK}|<img src=x onerror={MARK}|{MARK}\"'>|{MARK}[^<]{{0,200}}49\$")


def _seq(house: House) -> int:
    with house.store.read() as session:
        return session.scalar(select(func.max(AuditRow.seq))) or 0


def test_no_form_is_taken_without_its_token(house: House) -> None:
    """Every address that is posted to, by whoever is signed in, with and without a wrong token."""
    rules = [r for r in house.app.url_map.iter_rules() if "POST" in (r.methods or ()) and not r.endpoint.startswith("api.")]
    assert len(rules) > 25
    for name in ("qingyan", "lin", "anna"):
        client = house.client(name)
        before = _seq(house)
        for rule in rules:
            path = re.sub(r"<[^>]*lang>", "en", str(rule))
            path = re.sub(r"<any\(([a-z_-]+)[^>]*>", r"\1", path)
            path = re.sub(r"<int:[^>]+>", "1", path)
            path = re.sub(r"<[^>]+>", "C-2026-00001" if "cases" in path else "A-2026-00001", path)
            for token in ({}, {"csrf_token": "nonsense"}):
                answer = client.post(path, data={"act": "start", **token})
                assert answer.status_code in (400, 404), f"{name} {path}: {answer.status_code}"
        assert _seq(house) == before


@pytest.mark.full
def test_what_is_typed_is_shown_as_text(house: House) -> None:
    """The payload in every field of every form that anybody reaches, then every page by everybody."""
    asked: set[tuple[str, tuple[str, ...]]] = set()
    for name in PEOPLE:
        client = house.client(name)
        for path, text in pages(house.app, client):
            for form in forms(path, text):
                key = (re.sub(r"[A-Z]-\d{4}-\d{5}|[0-9a-z]{26}", "*", form.action) + form.values.get("act", ""), tuple(form.texts))
                if key in asked or not form.texts:
                    continue
                asked.add(key)
                values = {**form.values, **dict.fromkeys(form.texts, PAYLOAD)}
                fresh = client.get(form.page)
                values["csrf_token"] = _token(fresh.text) or values.get("csrf_token", "")
                answer = client.post(form.action, data=values, follow_redirects=True)
                assert answer.status_code < 500, f"{name} {form.action}: {answer.status_code}"
                assert not _RAW.search(answer.text), f"{name} {form.action}"
    assert len(asked) > 20
    stored = 0
    for name in ("", *PEOPLE):
        client = house.client(name)
        for lang in ("zh", "en"):
            for path, text in pages(house.app, client, lang):
                stored += MARK in text
                assert not _RAW.search(text), f"{name} {path}"
    assert stored > 5                      # it was kept somewhere, and is shown there
    with house.store.read() as session:
        assert list(audit.faults(session)) == []


def _token(text: str) -> str | None:
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    return found[1] if found else None


@pytest.mark.parametrize("text", ["' OR '1'='1", "%' --", "\"; DROP TABLE certificate; --", "\\", "_", "%", "\x00", "\ud7ff" * 50])
def test_a_search_is_a_search(house: House, text: str) -> None:
    answer = house.client("").get("/en/register/", query_string={"q": text, "status": text, "after": text, "format": "json"})
    assert answer.status_code in (200, 400, 422)
    found = house.client("").get("/en/register/", query_string={"q": text, "format": "json"})
    if found.status_code == 200 and text != "\x00":          # which is nothing to look for
        assert "ZC-2026-00001" not in found.text
    assert "ZC-2026-00001" in house.client("").get("/en/register/?format=json").text


def test_asking_for_the_head_of_a_page_sends_no_form(house: House) -> None:
    """A form in a HEAD request needs no token, so nothing may come of it."""
    tried = set()
    for name, start in (("", ()), ("qingyan", ("/en/applications/A-2026-00001/draft", "/en/applications/A-2026-00001/dossier")),
                        ("lin", (f"/en/cases/{house.made.waiting}/findings",))):
        client = house.client(name)
        before = _seq(house)
        for path, text in pages(house.app, client, most=12, start=start):
            for form in forms(path, text):
                shown = client.get(form.action)
                if shown.status_code == 200:
                    head = client.head(form.action, data={**form.values, **dict.fromkeys(form.texts, "x")})
                    assert (head.status_code, head.data) == (200, b""), form.action
                    tried.add(form.action)
        assert _seq(house) == before, name
    assert len(tried) > 3, tried


@pytest.mark.full
def test_looking_changes_nothing(house: House) -> None:
    """Whatever is opened, nothing is done by it: the audit log says of nobody that he acted."""
    for name in ("", "qingyan", "lin", "zhao", "anna"):
        client = house.client(name)
        before, seen = _seq(house), 0
        for path, _ in pages(house.app, client):
            seen += 1
            assert client.head(path).status_code == 200
        assert seen > 5
        assert _seq(house) == before, name
