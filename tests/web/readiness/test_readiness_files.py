"""Files that are none, that are wrong, or that mean harm; and that nothing of any file is kept."""

from __future__ import annotations

import hashlib
import html
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.web.portal import hidden, multipart, send, token_of
from tests.web.readiness import readiness_work
from tests.web.readiness.readiness_files import (
    STATE_LIST,
    alias_bomb,
    small,
    xlsx_bomb,
    xlsx_with_entities,
    zip_bomb,
    zipped,
)

from zerofactory_web.app import create_app
from zerofactory_web.readiness import pages
from zerofactory_web.readiness.guard import Done, Guard
from zerofactory_web.settings import Settings
from zerofactory_web.site.context import portal_of
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store

ADDRESS = f"/en/readiness/{STATE_LIST}"

WRONG = [
    ("a note", "a.yaml", lambda: b"hello", ""),
    ("another YAML", "a.yaml", lambda: b"a: 1\n", ""),
    ("a picture called YAML", "a.yaml", lambda: b"\x89PNG\r\n\x1a\n" + bytes(500), "text."),
    ("a program called xlsx", "a.xlsx", lambda: b"\x7fELF" + bytes(500), ""),
    ("an unknown ending", "a.exe", small, ""),
    ("no ending", "dossier", small, ""),
    ("an empty zip", "a.zip", lambda: zipped({}), ""),
    ("a zip without dossier", "a.zip", lambda: zipped({"x.txt": b"x"}), ""),
    ("a zip that climbs out", "a.zip", lambda: zipped({"../../dossier.yaml": small()}), ""),
    ("a zip bomb", "a.zip", zip_bomb, ""),
    ("a workbook bomb", "a.xlsx", xlsx_bomb, ""),
    ("a workbook with entities", "a.xlsx", lambda: xlsx_with_entities("/etc/passwd"), ""),
    ("aliases without end", "a.yaml", alias_bomb, "yaml.alias-bomb"),
    ("a tag that runs", "a.yaml", lambda: b"a: !!python/object/apply:os.system ['true']\n", "yaml.tag"),
    ("deep JSON", "a.json", lambda: b"[" * 100_000 + b"]" * 100_000, ""),
    ("a public extract", "a.json", lambda: b'{"format": "zerofactory/bundle/1", "kind": "public_extract"}', ""),
    ("a bundle of nothing", "a.json", lambda: b'{"format": "zerofactory/bundle/1"}', ""),
]


@pytest.mark.parametrize(("name", "make", "code"), [pytest.param(*row[1:], id=row[0]) for row in WRONG])
def test_what_is_no_dossier_is_refused_quickly_with_its_problems(client: FlaskClient, name: str, make: Callable[[], bytes], code: str) -> None:
    data = make()
    begun = time.monotonic()
    answer = client.post(f"{ADDRESS}?format=json", **multipart({}, {"dossier": (name, data)}))
    assert time.monotonic() - begun < 30
    assert answer.status_code == 422, answer.text[:500]
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["problems"]
    assert any(p["code"].startswith(code) for p in answer.json["problems"]), answer.json["problems"][:3]
    assert all(p["text"] and p["text"] != p["code"] for p in answer.json["problems"])
    assert "root:" not in answer.text
    assert "Traceback" not in answer.text
    assert "zerofactory_engine/" not in answer.text                    # no place of the program either


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_form_with_a_wrong_file_lists_every_problem_with_its_place(client: FlaskClient, lang: str) -> None:
    data = small().replace(b"2025-12-31", b"2024-12-31") + b"unknown: 1\nmeters: [{id: M1, kind: magic}]\n"
    answer = send(client, f"/{lang}/readiness/{STATE_LIST}", {"level": "target"}, {"dossier": ("<b>a.yaml", data)})
    assert answer.status_code == 422
    text = html.unescape(answer.text)
    told = client.application.test_client(use_cookies=False).post(
        f"/{lang}/readiness/{STATE_LIST}?format=json", **multipart({}, {"dossier": ("<b>a.yaml", data)})).json
    assert told is not None
    assert len(told["problems"]) >= 2
    for problem in told["problems"]:
        assert str(problem["found"]) in text
    assert "<b>a.yaml" not in answer.text
    assert 'href="#file-problems"' in text
    assert 'name="level" value="target" checked' in text


def test_a_program_finds_the_document_that_an_entity_asks_for_nowhere(client: FlaskClient, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the-secret-of-the-house")
    answer = client.post(f"{ADDRESS}?format=json", **multipart({}, {"dossier": ("a.xlsx", xlsx_with_entities(str(secret)))}))
    assert "the-secret-of-the-house" not in answer.text
    assert answer.status_code == 422


def test_an_empty_file_and_one_that_is_too_large(client: FlaskClient) -> None:
    empty = client.post(f"{ADDRESS}?format=json", **multipart({}, {"dossier": ("a.yaml", b"")}))
    assert empty.json is not None
    assert (empty.status_code, empty.json["code"]) == (422, "site.file-empty")
    large = client.post(f"{ADDRESS}?format=json", **multipart({}, {"dossier": ("a.yaml", b"#" * (pages.FILE_BYTES + 1))}))
    assert large.json is not None
    assert (large.status_code, large.json["code"]) == (413, "site.file-too-large")
    assert client.post(ADDRESS, **multipart({}, {"dossier": ("a.yaml", b"#" * (pages.FILE_BYTES + 5_000_000))})).status_code == 413


def test_an_installation_may_take_less(tmp_path: Path) -> None:
    store = Store(Settings(data=tmp_path, max_upload=1_000))
    schema.upgrade(store.engine)
    client = create_app(store.settings, store).test_client()
    answer = client.post(f"{ADDRESS}?format=json", **multipart({}, {"dossier": ("a.yaml", small() + b"#" * 1_000)}))
    store.close()
    assert answer.status_code == 413


@pytest.mark.parametrize(("act", "status", "code"), [
    ("sleep", 422, "precheck.too-long"), ("die", 422, "precheck.too-much"), ("fail", 500, None)])
def test_what_the_guard_ends_is_told_on_the_page_and_to_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str,
                                                                 status: int, code: str | None) -> None:
    class Misbehaving(Guard):
        def run(self, order: Mapping[str, Any]) -> Done:
            return super().run({"do": act})

    store = Store(Settings(data=tmp_path))
    schema.upgrade(store.engine)
    app = create_app(store.settings, store)
    app.extensions["zerofactory.guard"] = Misbehaving(readiness_work.work, seconds=1)
    told = app.test_client().post(f"{ADDRESS}?format=json", **multipart({}, {"dossier": ("a.yaml", small())}))
    shown = send(app.test_client(), ADDRESS, {}, {"dossier": ("a.yaml", small())})
    store.close()
    assert (told.status_code, shown.status_code) == (status, status)
    assert told.json is not None
    assert told.json.get("code") == code
    assert "Wang" not in told.text + shown.text
    assert "ZeroDivision" not in told.text + shown.text
    if code is not None:
        assert portal_of(app).metrics.of("zerofactory_prechecks_total", outcome=code) == 2


# --- nothing is kept -------------------------------------------------------------------------------------------------


def state_of(folder: Path) -> dict[str, str]:
    """Every file of a data folder by its hash; the database by what stands in it (its shared memory file is no content)."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if not name.endswith(("-shm", "-wal")):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    with sqlite3.connect(folder / "zerofactory.sqlite") as connection:
        found["tables"] = hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()
        found["audit"] = str(connection.execute("SELECT count(*) FROM audit").fetchone())
    connection.close()
    return found


def test_of_all_that_is_sent_nothing_is_kept(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = portal_of(app).settings.data
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = state_of(folder)
    assert before["audit"] == "(0,)"
    client = app.test_client()
    large = small("mark-of-wang") + b"#" * 3_000_000                  # more than is held in memory while it comes in
    assert send(client, ADDRESS, {}, {"dossier": ("mark-of-wang.yaml", large)}).status_code == 200
    page = send(client, ADDRESS, {}, {"dossier": ("mark-of-wang.yaml", small("mark-of-wang"))})
    assert "mark-of-wang" in page.text
    for output in ("page", "html", "bundle"):
        answer = client.post("/zh/readiness/again", data={
            "csrf_token": token_of(page.text), "carried": hidden(page.text, "carried"), "output": output})
        assert answer.status_code == 200
    assert send(client, ADDRESS, {}, {"dossier": ("a.zip", zipped({"dossier.yaml": small(), "b.pdf": b"%PDF-" + bytes(900_000)}))}).status_code == 200
    assert send(client, ADDRESS, {}, {"dossier": ("a.xlsx", b"\x00" * 2_000_000)}).status_code == 422
    assert state_of(folder) == before
    assert list(tmp_path.rglob("*")) == []
    for path in folder.rglob("*"):
        assert path.is_dir() or b"mark-of-wang" not in path.read_bytes()


def test_no_cookie_holds_anything_of_a_check(app: Flask) -> None:
    client = app.test_client()
    answer = send(client, ADDRESS, {}, {"dossier": ("a.yaml", small())})
    assert all("zf_language" in c or "zf_form" in c for c in answer.headers.getlist("Set-Cookie"))
    cookie = client.get_cookie("zf_form")
    assert cookie is not None
    assert len(cookie.value) < 300
