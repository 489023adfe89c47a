"""A portal over an SQLite store; the tests of health use both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.web.conftest import Clock

from zerofactory_web.app import create_app
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store


@pytest.fixture
def plain_store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    made = Store(Settings(data=tmp_path / "data"), clock=clock)
    schema.upgrade(made.engine)
    yield made
    made.close()


@pytest.fixture
def app(plain_store: Store) -> Flask:
    return create_app(plain_store.settings, plain_store)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
