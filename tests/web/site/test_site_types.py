"""What kind of thing an answer says it is, what is not answered at all, and what the line of a refused request tells."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from zerofactory_web.app import create_app
from zerofactory_web.settings import Settings
from zerofactory_web.site.logs import configure
from zerofactory_web.site.static_files import load
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A stranger's browser, for all of this file: nothing here changes anything."""
    store = Store(Settings(data=tmp_path_factory.mktemp("types")))
    schema.upgrade(store.engine)
    yield create_app(store.settings, store).test_client()
    store.close()


ADDRESSES = ("/en/", "/en/sign-in", "/en/nothing-here", "/healthz", "/readyz", "/metrics", "/en/?format=json", "/api/v1/openapi.json",
             "/api/v1/nothing", "/zh/register/", "/en/register/?format=json", *(f"/static/{name}" for name in load()))


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_says_what_it_is_and_how_its_letters_are_written(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    kind = answer.headers["Content-Type"]
    assert answer.data
    if re.match(r"text/|[^;]*[/+]xml", kind):
        assert "charset=utf-8" in kind
        answer.data.decode("utf-8")
    else:
        assert kind in ("application/json", "application/problem+json")
        json.loads(answer.data)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "TRACK"])
@pytest.mark.parametrize("address", ["/", "/en/", "/en/sign-in", "/static/site.css", "/healthz", "/api/v1/certificates"])
def test_methods_of_no_use_are_refused_and_nothing_is_sent_back(client: FlaskClient, method: str, address: str) -> None:
    answer = client.open(address, method=method, headers={"X-Probe": "zfprobe"})
    assert answer.status_code in (404, 405)
    assert "zfprobe" not in answer.text


@pytest.mark.parametrize("address", ["/static/", "/static", "/.git/config", "/.git/HEAD", "/en/.git/config", "/static/../app.py",
                                     "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/%252e%252e%252fapp.py", "/keys/", "/documents/", "/pyproject.toml"])
def test_no_folder_is_listed_and_no_file_beside_the_site_given(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "create_app" not in answer.text


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root, portal = logging.getLogger(), logging.getLogger("zerofactory.portal")
    before, levels = root.handlers[:], (root.level, portal.level)
    out = io.StringIO()
    configure(out)
    yield out
    root.handlers[:] = before
    root.setLevel(levels[0])
    portal.setLevel(levels[1])


#: method, address, more, status, what the line tells.
REFUSED = [
    ("POST", "/en/sign-in", {"data": {"email": "wang@example.org"}}, 400, ["site.form-expired"]),
    ("GET", "/api/v1/cases", {}, 401, ["accounts.not-signed-in"]),
    ("GET", "/api/v1/cases", {"headers": {"Authorization": "Bearer zf_wang"}}, 401, ["accounts.not-signed-in"]),
    ("GET", "/en/account/", {"headers": {"Accept": "application/json"}}, 401, ["accounts.not-signed-in"]),
    ("GET", "/api/v1/certificates?wang=1", {}, 422, ["api.unknown"]),
    ("GET", "/en/register/ZC-2026-99999", {"headers": {"Accept": "application/json"}}, 404, ["register.not-found"]),
]


@pytest.mark.parametrize(("method", "address", "more", "status", "codes"), REFUSED)
def test_the_line_of_a_refused_request_says_why(client: FlaskClient, lines: io.StringIO, method: str, address: str,
                                                more: dict[str, object], status: int, codes: list[str]) -> None:
    answer = client.open(address, method=method, **more)  # type: ignore[arg-type]
    (line,) = [json.loads(text) for text in lines.getvalue().splitlines()]
    assert (answer.status_code, line["status"], line["refused"]) == (status, status, codes)
    assert "wang" not in lines.getvalue()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])         # UTC, and says so


def test_the_line_of_a_request_that_is_answered_says_nothing_more(client: FlaskClient, lines: io.StringIO) -> None:
    client.get("/en/")
    assert "refused" not in json.loads(lines.getvalue())
