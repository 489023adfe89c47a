"""Log lines hold nothing about people."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from zerofactory_web.site.logs import configure, log


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root, portal = logging.getLogger(), logging.getLogger("zerofactory.portal")
    before, levels = root.handlers[:], (root.level, portal.level)
    out = io.StringIO()
    configure(out)
    yield out
    root.handlers[:] = before
    root.setLevel(levels[0])
    portal.setLevel(levels[1])


def test_a_request_is_one_line_without_address_query_or_name(client: FlaskClient, stream: io.StringIO) -> None:
    answer = client.post("/en/wang?mail=wang@example.org", data={"name": "wang"}, headers={"User-Agent": "wang", "Referer": "/wang"},
                         environ_base={"REMOTE_ADDR": "203.0.113.9"})
    (line,) = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert set(line) == {"time", "level", "event", "request", "method", "route", "status", "ms"}
    assert (line["event"], line["route"], line["status"]) == ("request", "-", 404)
    assert line["request"] == answer.headers["X-Request-ID"]
    assert "wang" not in stream.getvalue()
    assert "203.0.113.9" not in stream.getvalue()


def test_a_number_that_the_client_sends_is_not_taken(client: FlaskClient) -> None:
    assert client.get("/en/", headers={"X-Request-ID": "mine"}).headers["X-Request-ID"] != "mine"


def test_foreign_records_are_told_without_their_words(stream: io.StringIO) -> None:
    logging.getLogger("some.library").warning("could not send to %s", "wang@example.org")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"]) == ("some.library", "warning")
    assert "wang" not in stream.getvalue()


def test_a_line_break_cannot_forge_a_line(stream: io.StringIO) -> None:
    log("event", detail='a"\n{"event": "forged"}')
    assert len(stream.getvalue().splitlines()) == 1
