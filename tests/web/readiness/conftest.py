"""A portal for pre-checks, made once; what the demo factory gives under the pack of the State list, checked once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.web.conftest import Clock
from tests.web.portal import send
from tests.web.readiness.readiness_files import STATE_LIST
from werkzeug.test import TestResponse

from zerofactory_web.app import create_app
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store


@pytest.fixture(autouse=True)
def findable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes of the guard find the work of tests, however the tests were started."""
    monkeypatch.syspath_prepend(root)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = Store(Settings(data=tmp_path_factory.mktemp("readiness")), clock=Clock())
    schema.upgrade(made.engine)
    yield create_app(made.settings, made)
    made.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser of a stranger."""
    return app.test_client()


@pytest.fixture(scope="module")
def demo(app: Flask) -> TestResponse:
    """The page of the demo factory in English."""
    answer: Any = send(app.test_client(), f"/en/readiness/{STATE_LIST}", {"source": "demo"})
    assert answer.status_code == 200, answer.text[:2_000]
    return answer  # type: ignore[no-any-return]  # a client's answer
