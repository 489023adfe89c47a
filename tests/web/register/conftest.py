"""A store with granted cases, on each kind of database."""

from __future__ import annotations

import io

import pikepdf
import pytest
from tests.web.register.register_world import World, prepared

from zerofactory_web.store.unit import Store


@pytest.fixture
def world(store: Store) -> World:
    return prepared(store)


@pytest.fixture(scope="module")
def plain() -> bytes:
    """A small PDF to seal."""
    out = io.BytesIO()
    with pikepdf.new() as new:
        new.add_blank_page()
        new.save(out)
    return out.getvalue()
