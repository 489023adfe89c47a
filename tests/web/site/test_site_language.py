"""Two languages by address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from zerofactory_engine.messages import catalogue


@pytest.mark.parametrize(("accepts", "cookie", "goes_to"), [
    ("", "", "/zh/"),
    ("en-US,en;q=0.8", "", "/en/"),
    ("de,en;q=0.5,zh;q=0.4", "", "/en/"),
    ("zh-TW", "", "/zh/"),
    ("fr", "", "/zh/"),
    ("en", "zh", "/zh/"),
    ("en", "<b>", "/en/"),
])
def test_the_front_door_leads_to_a_language(client: FlaskClient, accepts: str, cookie: str, goes_to: str) -> None:
    if cookie:
        client.set_cookie("zf_language", cookie)
    answer = client.get("/", headers={"Accept-Language": accepts})
    assert (answer.status_code, answer.headers["Location"]) == (302, goes_to)
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].replace(" ", "").split(","))


def test_looking_at_a_page_sets_the_default(client: FlaskClient) -> None:
    client.get("/en/")
    assert client.get("/", headers={"Accept-Language": "zh"}).headers["Location"] == "/en/"
    client.get("/zh/readiness/")
    assert client.get("/", headers={"Accept-Language": "en"}).headers["Location"] == "/zh/"


@pytest.mark.parametrize(("lang", "tag", "other"), [("zh", "zh-Hans", "en"), ("en", "en", "zh")])
def test_a_page_is_in_its_language_and_leads_to_the_other(client: FlaskClient, lang: str, tag: str, other: str) -> None:
    answer = client.get(f"/{lang}/readiness/cn-miit-zcf-2026@0.1.0?x=1&x=2")
    assert f'<html lang="{tag}">' in answer.text
    assert answer.headers["Content-Language"] == tag
    assert f'href="/{other}/readiness/cn-miit-zcf-2026@0.1.0?x=1&amp;x=2"' in answer.text
    assert len(re.findall(r'rel="alternate" hreflang="(?:zh-Hans|en)" href="http://127\.0\.0\.1:8765/', answer.text)) == 2


def test_a_query_cannot_steer_the_addresses_that_are_made(client: FlaskClient) -> None:
    answer = client.get("/en/?_external=1&_scheme=javascript&_anchor=x&lang=zh&endpoint=metrics&_method=POST")
    assert answer.status_code == 200
    assert 'href="/zh/?_external=1&amp;_scheme=javascript' in answer.text
    assert "javascript:" not in answer.text


def test_other_languages_are_no_pages(client: FlaskClient) -> None:
    assert client.get("/de/").status_code == 404
    assert client.get("/readiness/").status_code == 404


def test_every_code_of_a_template_has_a_sentence(root: Path) -> None:
    known = catalogue("en")
    missing = {f"{path.name}: {code}" for path in (root / "web" / "zerofactory_web").rglob("templates/**/*.html")
               for code in re.findall(r"\bt\('([a-z][\w.-]*)'[,)]", path.read_text(encoding="utf-8")) if code not in known}
    assert missing == set()


@pytest.mark.parametrize("address", ["", "readiness/", "readiness/iso-14068-1-2023", "none"])
def test_english_pages_hold_no_chinese_but_the_name_of_the_language(client: FlaskClient, address: str) -> None:
    text = client.get(f"/en/{address}").text.replace("中文", "")
    assert re.findall(r"[\u4e00-\u9fff]+", text) == []
