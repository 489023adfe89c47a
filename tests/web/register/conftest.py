"""A store with granted cases, on each kind of database."""

from __future__ import annotations

import pytest
from tests.web.register.register_world import World, prepared

from zerofactory_web.store.unit import Store


@pytest.fixture
def world(store: Store) -> World:
    return prepared(store)
