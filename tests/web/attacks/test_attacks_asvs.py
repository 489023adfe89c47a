"""Small requirements of OWASP ASVS that no test of a subject looks at, and that docs/security.md says what the code does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from zerofactory_engine.messages import render
from zerofactory_web import channels, serving
from zerofactory_web.accounts import invitations, oidc, passwords, secret_text, sessions, throttle, tokens, totp
from zerofactory_web.api import limits
from zerofactory_web.app import create_app
from zerofactory_web.cases import dossiers
from zerofactory_web.cases import room as case_room
from zerofactory_web.exporter import forms as exporter_forms
from zerofactory_web.exporter import inputs as exporter_inputs
from zerofactory_web.exporter import room as desk_room
from zerofactory_web.readiness import guard
from zerofactory_web.readiness import pages as readiness_pages
from zerofactory_web.register import pages as register_pages
from zerofactory_web.settings import Settings
from zerofactory_web.site import uploads
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    store = Store(Settings(data=tmp_path_factory.mktemp("asvs")))
    schema.upgrade(store.engine)
    yield create_app(store.settings, store).test_client()
    store.close()


def _mb(size: int) -> str:
    return f"{size / 1_000_000:g} MB"


#: A row of the table of decisions → what has to stand in it, from the code.
DECISIONS = {
    "passwords": (f"{passwords.LEAST} to {passwords.MOST} characters", "accounts/passwords.py",
                  f"{passwords.MEMORY_KIB // 1024} MiB, {passwords.PASSES} passes"),
    "guessing": (f"{throttle.ACCOUNT_FREE} failures at an account within {throttle.ACCOUNT_WINDOW.days * 24} h",
                 f"{throttle.ADDRESS_FREE} from an address within {throttle.ADDRESS_WINDOW.seconds // 3600} h",
                 f"{throttle.FIRST_WAIT} s", f"{throttle.LONGEST_WAIT // 60} min", f"{throttle.KNOWN.days} days"),
    "ways in": (f"{tokens.MOST_DAYS} days", f"{invitations.LIFE.days} days", f"{oidc.LIFE.seconds // 60} min", f"{totp.STEP_SECONDS} s"),
    "sessions": (f"{Settings().session_idle // 3600} h", f"{Settings().session_limit // 3600} h", f"{secret_text.SECRET_BYTES * 8} bits",
                 f"{sessions.HALF_LIFE.seconds // 60} min"),
    "uploads": (f"pre-check {_mb(readiness_pages.FILE_BYTES)}", f"submission {_mb(dossiers.LIMIT)}", f"paper of a case {_mb(case_room.FILE_BYTES)}",
                f"certificate to check {_mb(register_pages.FILE_BYTES)}",
                f"exporter's input {_mb(exporter_forms.FILE_BYTES + exporter_forms.BESIDE_BYTES)}",
                f"{_mb(exporter_inputs.OWN_BYTES)} for each organisation", f"form {_mb(uploads.FORM_BYTES)}", f"{uploads.FIELDS:,} fields"),
    "long work": (f"{guard.AT_ONCE} at once", f"{guard.SECONDS} s", f"{guard.MEMORY / 1e9:g} GB", f"after {guard.PATIENCE} s"),
    "programs": (f"{limits.MOST:,} calls a minute",),
    "slow senders": (f"{serving.CHANNEL_SECONDS} s", f"{channels.LEAST_RATE // 1000} kB a second", f"{serving.CONNECTIONS} connections"),
    "keys": ("`web-secret`", "`audit-key.pem`", "`seal.pem`", "AES-256-GCM", "Ed25519", "P-256", "HMAC-SHA-1", f"{totp.SECRET_BYTES * 8} bits"),
    "connections": ("`database`", "`timestamp_url`", "`oidc_issuer`"),
    "logs": ("standard error", "`audit`", "`/metrics`"),
    "data": ("public", "of an organisation", "of a person", "secret"),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_decisions_are_those_of_the_code(root: Path, name: str) -> None:
    text = (root / "docs" / "security.md").read_text(encoding="utf-8").partition("## Decisions")[2]
    (row,) = [line for line in text.splitlines() if line.startswith(f"| {name} |")]
    assert [said for said in DECISIONS[name] if said not in row] == []


def test_every_key_file_is_in_the_inventory(root: Path) -> None:
    files = {name for path in (root / "web" / "zerofactory_web").rglob("*.py")
             for name in re.findall(r'"keys" / "([\w.-]+)"', path.read_text(encoding="utf-8"))}
    assert files >= {"web-secret", "audit-key.pem"}
    assert [f for f in files if f"`{f}`" not in (root / "docs" / "security.md").read_text(encoding="utf-8")] == []


def test_no_other_site_reads_answers(client: FlaskClient) -> None:
    for address in ("/en/", "/api/v1/certificates", "/api/v1/openapi.json", "/static/site.js", "/healthz"):
        for method in ("GET", "OPTIONS"):
            answer = client.open(address, method=method, headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"})
            assert not [name for name, _ in answer.headers.to_wsgi_list() if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("name", ['a"; filename="b.html', "零碳.pdf", "a;b.pdf", "%0d%0aX-Probe: 1.pdf", "a\\b.pdf", "..", "x" * 200])
def test_a_download_is_an_attachment_whatever_its_name(client: FlaskClient, name: str) -> None:
    for download in (case_room.download, desk_room.download):
        with client.application.test_request_context("/en/"):
            headers = download(b"<script>", name).headers
            assert headers["Content-Type"] == "application/octet-stream"
            told = headers["Content-Disposition"]
            assert told.startswith("attachment; filename")
            assert told.isascii()
            assert "X-Probe" not in headers
            found = re.fullmatch(r"attachment; filename=\"([\w.-]*)\"(?:; filename\*=UTF-8''([\w.~%-]+))?", told, re.ASCII)
            assert found is not None
            assert name in (found[1], unquote(found[2] or ""))


@pytest.mark.parametrize("text", ["{value}", "{0}", "%s%n", "{found.__class__}", "{{7*7}}", "\\1", "\\g<0>"])
def test_what_is_put_into_a_sentence_is_not_a_form_itself(text: str) -> None:
    assert text in render("problem.found", "en", {"value": text})


@pytest.mark.parametrize("password", ["magpie lantern oxbow 47 " * 3, "magpie lantern oxbow " * 12, "Ω≈ç√∫˜µ≤ magpie 喜鹊", "        magpie lantern oxbow"])
def test_long_and_unusual_passwords_are_taken_whole(password: str) -> None:
    assert passwords.faults(password) == []
    made = passwords.make_hash(password)
    assert passwords.holds(made, password)
    assert not passwords.holds(made, password[:-1])
    assert not passwords.holds(made, password.swapcase())
