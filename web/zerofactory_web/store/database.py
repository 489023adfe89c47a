"""The engine of one database: SQLite in WAL mode, or PostgreSQL; and how a transaction begins in each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.settings import Settings

#: Milliseconds that a writer waits for another one.
BUSY_MS = 20_000
DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}


def open_engine(settings: Settings) -> Engine:
    """The engine of the database that *settings* name.

    Raises:
        ProblemsError: an address that is not understood, of a kind that is not kept here, or without its driver.
    """
    try:
        url = make_url(settings.database_url)
    except ArgumentError as error:
        raise ProblemsError([Problem("store.address", found=str(error)[:120], example="postgresql://user@host/name")
                             ]) from None
    kind = url.get_backend_name()
    if kind not in DRIVERS:
        raise ProblemsError([Problem("store.address", found=kind, accepted=", ".join(DRIVERS))])
    url = url.set(drivername=DRIVERS[kind])
    if kind == "sqlite":
        return _sqlite(str(url), url.database)
    try:
        return create_engine(url, pool_pre_ping=True, pool_size=settings.threads, max_overflow=4,
                             isolation_level="READ COMMITTED", connect_args={"connect_timeout": 10})
    except ModuleNotFoundError:
        raise ProblemsError([Problem("store.no-driver", found="psycopg",
                                     example="pip install 'zerofactory[postgres]'")]) from None


def _sqlite(url: str, file: str | None) -> Engine:
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        # The driver's own begin is lazy and never IMMEDIATE: transactions begin below.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}",
                       "trusted_schema=OFF", "cell_size_check=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        wanted = connection.get_execution_options().get("zerofactory_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if wanted else "BEGIN")

    return engine


def is_sqlite(engine: Engine) -> bool:
    """Whether the store is the embedded one."""
    return engine.dialect.name == "sqlite"
