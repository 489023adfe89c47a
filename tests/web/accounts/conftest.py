"""A founded body on each kind of database."""

from __future__ import annotations

import pytest
from tests.web.accounts.accounts_world import World, founded

from zerofactory_web.store.unit import Store


@pytest.fixture
def world(store: Store) -> World:
    return founded(store)
