"""The desk on each kind of database, and its pages over SQLite with everybody signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.web.conftest import Clock
from tests.web.exporter.exporter_pages import Rooms, rooms_of
from tests.web.exporter.exporter_world import Desk, desk_of

from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_of(store, tmp_path / "work")


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    """One portal for the tests of a module; each test that writes makes things of its own."""
    folder = tmp_path_factory.mktemp("desk")
    store = Store(Settings(data=folder / "data"), clock=Clock())
    schema.upgrade(store.engine)
    yield rooms_of(desk_of(store, folder / "work"))
    store.close()
