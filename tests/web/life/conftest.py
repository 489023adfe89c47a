"""A portal of the demonstration body on a free port of this machine, with workers, as people would use it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.web.portal import CHROMIUM, live

from zerofactory_web.app import create_app
from zerofactory_web.demo import life
from zerofactory_web.demo.build import Demonstration, build
from zerofactory_web.demo.people import Cast, gather
from zerofactory_web.jobs.worker import Workers
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store

PASSWORD = "magpie lantern oxbow 47"


def _require_browser() -> None:
    pytest.importorskip("playwright", reason="Playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")


@dataclass(frozen=True)
class Running:
    """A portal at an address."""

    base: str
    store: Store
    cast: Cast


def _store(folder: Path) -> Store:
    store = Store(Settings(data=folder, body_totp=False))
    schema.upgrade(store.engine)
    return store


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Running]:
    """People, and nothing done yet."""
    _require_browser()
    store = _store(tmp_path / "data")
    cast = gather(store, PASSWORD)
    life.install_overlay(cast)
    workers = Workers(store)
    with live(create_app(store.settings, store)) as base:
        workers.start()
        yield Running(base, store, cast)
        workers.stop()
    store.close()


@dataclass(frozen=True)
class Shown:
    """The demonstration at an address."""

    base: str
    store: Store
    made: Demonstration


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Three cases at three stages, and a certificate with its files."""
    from zerofactory_web.register import files

    _require_browser()
    store = _store(tmp_path_factory.mktemp("demo"))
    made = build(store, PASSWORD)
    files.make(store, made.certificate)
    with live(create_app(store.settings, store)) as base:
        yield Shown(base, store, made)
    store.close()
