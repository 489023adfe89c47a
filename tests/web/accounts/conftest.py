"""A founded body on each kind of database, and its portal over SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from tests.web.accounts.accounts_house import House, house_of
from tests.web.accounts.accounts_world import World, founded
from tests.web.conftest import Clock

from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store


@pytest.fixture
def world(store: Store) -> World:
    return founded(store)


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    """The portal with two administrators, staff and two applicants."""
    store = Store(Settings(data=tmp_path / "data"), clock=clock)
    schema.upgrade(store.engine)
    yield house_of(founded(store))
    store.close()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """As *house*, for tests that change nothing; Anna is signed in."""
    store = Store(Settings(data=tmp_path_factory.mktemp("house")), clock=Clock())
    schema.upgrade(store.engine)
    made = house_of(founded(store))
    made.anna()
    yield made
    store.close()


@pytest.fixture
def client(house: House) -> FlaskClient:
    """A browser of a stranger."""
    return house.app.test_client()
