"""Every guard of the tables of certification, register and jobs, attacked around the services, in both databases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import DBAPIError
from tests.web.cases.cases_attacks import ALLOWED, ATTACKS, EMPTYING, Attack
from tests.web.cases.cases_world import World, drop_trigger, triggers

from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.database import is_sqlite, open_engine
from zerofactory_web.store.model import time_text
from zerofactory_web.store.unit import refusal

VERSIONS = Path(schema.__file__).parent / "migrations" / "versions"


@contextmanager
def undone(world: World) -> Iterator[sa.Connection]:
    """A transaction that comes to nothing."""
    with world.store.engine.connect().execution_options(zerofactory_write=True) as connection:
        change = connection.begin()
        try:
            yield connection
        finally:
            change.rollback()


def loosen(connection: sa.Connection, table: str) -> None:
    """Let keys from and to *table* not hold in this transaction."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        return
    keys = connection.exec_driver_sql("SELECT conname, conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND "
                                      f"('{table}'::regclass IN (conrelid, confrelid))").all()
    for name, of in keys:
        connection.exec_driver_sql(f"ALTER TABLE {of} DROP CONSTRAINT {name}")


def run(connection: sa.Connection, world: World, sql: str) -> int:
    """Run *sql* with the names of the world; how many rows it met."""
    now = world.clock.now
    known = {**world.names, "now": time_text(now), "day": now.date().isoformat(), "since": f"{now.year - 2}-{now:%m-%d}",
             "later": "2030-01-01T00:00:00.000000Z", "fresh": "0" * 26, "fresh2": "1" * 26, "fresh3": "2" * 26, "fresh4": "3" * 26}
    wanted = {name: known[name] for name in re.findall(r"(?<![:'\w]):([a-z_0-9]+)", sql)}
    return connection.execute(sa.text(re.sub(r"(?<=\d):(?=\d)", r"\\:", sql)), wanted).rowcount


def prepare(connection: sa.Connection, world: World, attack: Attack) -> str:
    """Bring the store to where the attack begins; the table that is attacked."""
    there = triggers(connection)
    for name in attack.lifted:
        drop_trigger(connection, name, there[name])
    for sql in attack.before:
        assert run(connection, world, sql) > 0, sql
    if attack.loose:
        loosen(connection, there[attack.guard])
    return there[attack.guard]


def named(attack: Attack) -> str:
    return attack.guard


def tried() -> Iterator[Any]:
    """Every attack on SQLite; on PostgreSQL the first on each guard, and the others in the long run."""
    seen: set[str] = set()
    for attack in ATTACKS:
        yield pytest.param("sqlite", attack)
        yield pytest.param("postgresql", attack, marks=[pytest.mark.full] if attack.guard in seen else [])
        seen.add(attack.guard)


def on_which(param: Any) -> str:
    return str(param.values[0])


def named_one(value: Any) -> str:
    return value if isinstance(value, str) else named(value)


@pytest.mark.parametrize(("still", "attack"), sorted(tried(), key=on_which), indirect=["still"], ids=named_one)
def test_a_guard_refuses_and_nothing_else_does(still: World, attack: Attack) -> None:
    with undone(still) as connection:
        prepare(connection, still, attack)
        with pytest.raises(DBAPIError) as caught:
            run(connection, still, attack.sql)
        assert refusal(caught.value).code == attack.code
    with undone(still) as connection:
        drop_trigger(connection, attack.guard, prepare(connection, still, attack))
        assert run(connection, still, attack.sql) > 0


@pytest.mark.parametrize("still", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True)
@pytest.mark.parametrize("allowed", ALLOWED, ids=lambda allowed: allowed[-1][:40])
def test_what_is_right_passes(still: World, allowed: tuple[str, ...]) -> None:
    with undone(still) as connection:
        for sql in allowed:
            assert run(connection, still, sql) == 1, sql


@pytest.mark.parametrize("still", ["postgresql"], indirect=True)
@pytest.mark.parametrize("attack", EMPTYING, ids=named)
def test_no_table_is_emptied(still: World, attack: Attack) -> None:
    """SQLite has no TRUNCATE."""
    with undone(still) as connection:
        prepare(connection, still, attack)
        with pytest.raises(DBAPIError) as caught:
            run(connection, still, attack.sql)
        assert refusal(caught.value).code == attack.code
    with undone(still) as connection:
        table = prepare(connection, still, attack)
        drop_trigger(connection, attack.guard, table)
        run(connection, still, attack.sql)
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0


def made_by(database: str, data: Path) -> set[str]:
    """Guards that migrations 0003 to 0005 and 0009 make, as they stand after the last of them."""
    engine = open_engine(Settings(data=data, database=database))
    found: dict[str, set[str]] = {}
    for revision in ("0002", "0005", "0008", "0009"):
        config = schema._config()
        options = {"zerofactory_write": True} if is_sqlite(engine) else {}
        with engine.connect().execution_options(**options) as connection, connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            found[revision] = set(triggers(connection))
    engine.dispose()
    return found["0009"] - found["0002"] - (found["0008"] - found["0005"])


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_guard_is_attacked(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'store.sqlite'}"
    if kind == "postgresql":
        empty: Callable[[], str] = request.getfixturevalue("postgres")
        database = empty()
    attacked = {a.guard for a in (ATTACKS if kind == "sqlite" else (*ATTACKS, *EMPTYING))}
    assert made_by(database, tmp_path) == attacked


def test_guards_are_as_the_migrations_made_them(still: World) -> None:
    """Nothing that stands in a store at work was left out of the table (guards of other migrations aside: a migration
    after 0009 has tests of its own)."""
    with still.store.engine.connect() as connection:
        there = triggers(connection)
    attacked = {a.guard for a in (*ATTACKS, *EMPTYING)}
    of_tables = {there[name] for name in attacked if name in there} - {"membership"}
    later = {name for file in sorted(VERSIONS.glob("*.py")) if file.name > "0010" for name in re.findall(r'refuse\("(\w+)"', file.read_text("utf-8"))}
    assert {name for name, table in there.items() if table in of_tables} - attacked - later == set()
