"""``/healthz`` (the process answers), ``/readyz`` (it can do its work), ``/version``, ``/metrics``. For machines."""

from __future__ import annotations

import shutil

from flask import Flask, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from zerofactory_engine import __version__
from zerofactory_web.site.context import Portal, portal
from zerofactory_web.site.logs import log
from zerofactory_web.store import schema

#: Free bytes below which nothing more is taken in: room for one largest upload and what is written about it.
_RESERVE = 200_000_000


def database(of: Portal) -> str | None:
    """Whether the database answers."""
    try:
        with of.store.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError:
        return "unavailable"
    return None


def migrations(of: Portal) -> str | None:
    """Whether the tables are those of this program."""
    try:
        return None if schema.current(of.store.engine) == schema.newest() else "not-current"
    except DBAPIError:
        return "unavailable"


def disk(of: Portal) -> str | None:
    """Whether there is room for documents."""
    folder = of.settings.data
    try:
        free = shutil.disk_usage(folder if folder.exists() else folder.parent).free
    except OSError:
        return "unavailable"
    return None if free > of.settings.max_upload + _RESERVE else "full"


def install(app: Flask, of: Portal) -> None:
    """Add the addresses and the three checks that every installation has."""
    of.checks.update(database=database, migrations=migrations, disk=disk)

    def alive() -> Response:
        return jsonify(status="ok")

    def ready() -> tuple[Response, int]:
        found = {name: check(portal()) for name, check in portal().checks.items()}
        wrong = {name: said for name, said in found.items() if said is not None}
        if wrong:
            log("not-ready", checks=wrong)
        return jsonify(status="not-ready" if wrong else "ok",
                       checks={name: said or "ok" for name, said in found.items()}), 503 if wrong else 200

    def version() -> Response:
        return jsonify(program="zerofactory", version=__version__, tables=schema.newest())

    def metrics() -> Response:
        free = shutil.disk_usage(of.settings.data).free if of.settings.data.exists() else 0
        told = {"zerofactory_disk_free_bytes": float(free)}
        for gauges in portal().gauges:
            told |= gauges(portal())
        return Response(portal().metrics.text(told),
                        content_type="text/plain; version=0.0.4; charset=utf-8")

    for path, view in (("/healthz", alive), ("/readyz", ready), ("/version", version), ("/metrics", metrics)):
        app.add_url_rule(path, path.strip("/"), view)
