"""What every answer tells the browser not to do."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from zerofactory_web.app import create_app
from zerofactory_web.store.unit import Store

PAGES = ("/zh/", "/en/", "/en/readiness/", "/zh/readiness/cn-miit-zcf-2026@0.1.0", "/en/nothing-here")
EVERYWHERE = (*PAGES, "/", "/healthz", "/readyz", "/version", "/metrics", "/static/site.css", "/static/none", "/en/?format=json")


@pytest.mark.parametrize("address", EVERYWHERE)
def test_every_answer_bears_the_headers(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Server" not in headers
    assert re.fullmatch(r"[0-9a-z]{26}", headers["X-Request-ID"])
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == policy["object-src"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "http" not in headers["Content-Security-Policy"]


def test_the_nonce_is_that_of_the_page_and_of_one_answer_only(client: FlaskClient) -> None:
    seen = set()
    for _ in range(3):
        answer = client.get("/en/")
        found = re.search(r"script-src 'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        assert found is not None
        assert set(re.findall(r'nonce="([^"]+)"', answer.text)) == {found[1]}
        seen.add(found[1])
    assert len(seen) == 3


@pytest.mark.parametrize("address", PAGES)
def test_pages_hold_no_inline_code_and_name_no_other_host(client: FlaskClient, address: str) -> None:
    text = client.get(address).text
    assert not re.search(r"\s(style|on\w+)=", re.sub(r'value="[^"]*"', "", text))
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "<style" not in text
    own = "http://127.0.0.1:8765"
    assert [u for u in re.findall(r'(?:href|src|action)="([^"]+)"', text) if not u.startswith(("/", "#", own))] == []


def test_only_production_promises_https(client: FlaskClient, plain_store: Store) -> None:
    assert "Strict-Transport-Security" not in client.get("/en/").headers
    settings = replace(plain_store.settings, production=True, public_url="https://example.org")
    answer = create_app(settings, plain_store).test_client().get("/en/readiness/cn-miit-zcf-2026", base_url="https://example.org")
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all("Secure" in c and "HttpOnly" in c and "SameSite=Lax" in c for c in cookies)
    assert all("Path=/" in c and "Domain" not in c for c in cookies)
    assert {c.partition("=")[0] for c in cookies} == {"__Host-zf_form", "__Host-zf_language"}
    assert 'href="https://example.org/zh/' in answer.text


def test_pages_are_not_kept_by_caches(client: FlaskClient) -> None:
    assert client.get("/en/").headers["Cache-Control"] == "no-store"


def test_the_host_that_a_client_names_is_never_repeated(client: FlaskClient) -> None:
    answer = client.get("/en/readiness/", headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text
    assert "evil.example" not in client.get("/", headers={"Host": "evil.example"}).headers["Location"]
