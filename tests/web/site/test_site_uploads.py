"""Files of strangers: how much is taken, and how they get into the store."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from tests.web.portal import multipart
from werkzeug.datastructures import FileStorage
from werkzeug.test import create_environ, run_wsgi_app

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.app import create_app
from zerofactory_web.site.security import open_to_programs
from zerofactory_web.site.uploads import chosen, content, keep, shown_name, takes_files
from zerofactory_web.store.unit import Store


@pytest.fixture
def keeping(plain_store: Store) -> Flask:
    app = create_app(replace(plain_store.settings, max_upload=1_000_000), plain_store)

    @open_to_programs
    @takes_files(5_000_000)
    def put() -> dict[str, object]:
        file = chosen("file")
        assert file is not None
        kept = keep(file)
        return {"name": kept.name, "sha256": kept.stored.sha256, "size": kept.stored.size}

    @open_to_programs
    def fields() -> dict[str, object]:
        return {"fields": len(request.form)}

    app.add_url_rule("/en/put", "put", put, methods=["POST"])
    app.add_url_rule("/en/fields", "fields", fields, methods=["POST"])
    return app


def test_a_file_is_kept_by_its_hash_under_the_name_it_came_with(keeping: Flask, plain_store: Store) -> None:
    data = b"x" * 900_000
    told = keeping.test_client().post("/en/put", **multipart({}, {"file": ("../../账单 2025.pdf", data)})).json
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert told == {"name": "账单 2025.pdf", "sha256": digest, "size": 900_000}
    assert plain_store.documents.read(digest) == data
    assert keeping.extensions["zerofactory"].metrics.of("zerofactory_upload_bytes_total") == 900_000


def test_a_file_that_is_too_large_leaves_nothing(keeping: Flask, plain_store: Store) -> None:
    answer = keeping.test_client().post("/en/put", **multipart({}, {"file": ("a", b"x" * 1_100_000)}), headers={"Accept": "application/json"})
    assert answer.status_code == 413
    assert answer.json is not None
    assert answer.json["code"] == "store.document-too-large"
    assert list(plain_store.documents.folder.rglob("*")) == []


def test_a_body_beyond_the_limit_is_not_read(keeping: Flask) -> None:
    class Endless(io.RawIOBase):
        read_bytes = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer does here
            self.read_bytes += len(buffer)
            return len(buffer)

    source = Endless()
    environ = create_environ("/en/put", method="POST") | {
        "wsgi.input": source, "CONTENT_LENGTH": str(10**12), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    _, status, _ = run_wsgi_app(keeping, environ)
    assert status.startswith("413")
    assert source.read_bytes < 100_000


def test_a_field_and_a_number_of_fields_are_bounded(keeping: Flask) -> None:
    client = keeping.test_client()
    assert client.post("/en/fields", **multipart({"a": "x" * 100_000}, {})).json == {"fields": 1}
    assert client.post("/en/fields", **multipart({"a": "x" * 600_000}, {})).status_code == 413
    assert client.post("/en/fields", **multipart({f"f{i}": "" for i in range(5_100)}, {})).status_code == 413


@pytest.mark.parametrize(("sent", "shown"), [
    ("a.pdf", "a.pdf"), ("C:\\Users\\wang\\a.pdf", "a.pdf"), ("/etc/passwd", "passwd"), ("..", "file"), ("", "file"),
    ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"), ("fdp\u202eexe.pdf", "fdpexe.pdf"), ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ("<img src=x onerror=alert(1)>.yaml", "<img src=x onerror=alert(1)>.yaml")])
def test_a_name_is_text_to_show(sent: str, shown: str) -> None:
    assert shown_name(FileStorage(io.BytesIO(b""), sent)) == shown


def test_what_is_only_looked_at_is_bounded_too(client: FlaskClient) -> None:
    assert content(FileStorage(io.BytesIO(b"12345"), "a"), 5) == b"12345"
    for data, code in ((b"123456", "site.file-too-large"), (b"", "site.file-empty")):
        with pytest.raises(ProblemsError) as caught:
            content(FileStorage(io.BytesIO(data), "a"), 5)
        assert caught.value.problems[0].code == code
