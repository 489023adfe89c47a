"""The desk's pages as browsers see them: Cai of the works and Dan of another exporter, signed in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from tests.web.accounts.accounts_browser import signed_in
from tests.web.accounts.accounts_world import PASSWORD
from tests.web.exporter.exporter_world import Desk

from zerofactory_web.app import create_app
from zerofactory_web.exporter import guarded, work
from zerofactory_web.readiness.guard import Done
from zerofactory_web.store.unit import Store

SUBJECTS = tuple(f"zerofactory_web.{name}.pages" for name in ("readiness", "exporter", "accounts"))


class Here:
    """Work without a process of its own, for tests of pages: the guard has tests of its own."""

    def run(self, order: Mapping[str, Any]) -> Done:
        return work.work(order)


@dataclass(frozen=True)
class Rooms:
    """A portal with browsers in which people are signed in."""

    desk: Desk
    app: Flask
    cai: FlaskClient
    dan: FlaskClient

    @property
    def store(self) -> Store:
        return self.desk.store


def rooms_of(desk: Desk) -> Rooms:
    app = create_app(desk.store.settings, desk.store, SUBJECTS)
    guarded.install(app, Here())  # type: ignore[arg-type]  # all that is asked of a guard
    return Rooms(desk, app, signed_in(app.test_client(), "cai@works.example", PASSWORD),
                 signed_in(app.test_client(), "dan@other.example", PASSWORD))


def last(address: str) -> str:
    """The last part of an address, which is an id."""
    found = re.search(r"/([0-9a-z]{26})(?:[#?].*)?$", address)
    assert found is not None, address
    return found[1]
