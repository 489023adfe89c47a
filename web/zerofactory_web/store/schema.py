"""The tables as this version of the portal wants them, and bringing a database there."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.store.database import is_sqlite


def _config() -> Config:
    config = Config()
    with resources.as_file(resources.files("zerofactory_web.store") / "migrations") as folder:
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def newest() -> str:
    """The newest version of the tables that this code knows."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def current(engine: Engine) -> str | None:
    """The version that a database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> Sequence[str]:
    """Bring a database to the newest version in one transaction; the versions it went through.

    Raises:
        ProblemsError: ``store.newer`` when the database is of a later version than this code.
    """
    scripts = ScriptDirectory.from_config(_config())
    known = {s.revision for s in scripts.walk_revisions()}
    before = current(engine)
    if before is not None and before not in known:
        raise ProblemsError([Problem("store.newer", found=before, accepted=newest())])
    config = _config()
    options = {"zerofactory_write": True} if is_sqlite(engine) else {}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    steps = [s.revision for s in scripts.iterate_revisions("head", before or "base")]
    return [s for s in reversed(steps) if s != before]


def require_current(engine: Engine) -> None:
    """Refuse to work on tables of another version.

    Raises:
        ProblemsError: ``store.not-current``.
    """
    if (found := current(engine)) != newest():
        raise ProblemsError([Problem("store.not-current", found=found or "0", accepted=newest(),
                                     example="zerofactory db upgrade")])
