"""The portal with everybody in it (see the accounts' house), all subjects registered, and jobs of several people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.web.accounts.accounts_house import House, house_of
from tests.web.accounts.accounts_world import founded
from tests.web.conftest import Clock

from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A portal whose people are signed in; tests make jobs of their own in it."""
    store = Store(Settings(data=tmp_path_factory.mktemp("jobs")), clock=Clock())
    schema.upgrade(store.engine)
    made = house_of(founded(store))
    yield made
    store.close()
