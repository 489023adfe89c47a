"""Own style sheet, script and pictures."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from zerofactory_web.site.static_files import load


def test_an_address_with_the_hash_may_be_kept(client: FlaskClient) -> None:
    address = re.findall(r'href="(/static/site\.css\?v=[0-9a-f]+)"', client.get("/en/").text)[0]
    answer = client.get(address)
    assert answer.content_type == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_without_the_hash_the_browser_asks_again(client: FlaskClient) -> None:
    assert client.get("/static/site.js").headers["Cache-Control"] == "public, no-cache"
    assert client.get("/static/site.js?v=old").headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "none.css", "site.css/", "/etc/passwd"])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_the_style_sheet_stays_small_and_calls_nobody() -> None:
    sheet = load()["site.css"].data
    assert 10_000 < len(sheet) < 20_000
    assert b"url(" not in sheet
    assert b"@import" not in sheet
    for wanted in (b"prefers-color-scheme: dark", b"@media print", b"max-width: 40rem", b"forced-colors", b"line-break: strict"):
        assert wanted in sheet
