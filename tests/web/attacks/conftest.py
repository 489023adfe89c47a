"""The demonstration in this process, with clients of everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.web.accounts.accounts_browser import signed_in

from zerofactory_web.app import create_app
from zerofactory_web.cases import dossiers
from zerofactory_web.cases.work import work
from zerofactory_web.demo.build import Demonstration, build
from zerofactory_web.demo.people import DOMAIN
from zerofactory_web.readiness.guard import Done
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store

PASSWORD = "magpie lantern oxbow 47"


class Here:
    def run(self, order: Mapping[str, Any]) -> Done:
        return work(order)


@dataclass(frozen=True)
class House:
    """A portal of the demonstration; *client* signs somebody in."""

    app: Flask
    store: Store
    made: Demonstration
    client: Callable[[str], FlaskClient]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    patch = pytest.MonkeyPatch()
    patch.setattr(dossiers, "GUARD", Here())
    store = Store(Settings(data=tmp_path_factory.mktemp("attacked"), body_totp=False))
    schema.upgrade(store.engine)
    made = build(store, PASSWORD)
    app = create_app(store.settings, store)

    def client(name: str) -> FlaskClient:
        found = app.test_client()
        if name:
            signed_in(found, f"{name}@{DOMAIN}", PASSWORD)
        return found

    yield House(app, store, made, client)
    store.close()
    patch.undo()
