"""The demonstration over SQLite, made once a run and copied for each module; guarded work is done in this process."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.web.api.api_world import PASSWORD, House
from tests.web.conftest import Clock

from zerofactory_web.api.dispatch import LIMITER
from zerofactory_web.api.limits import Limiter
from zerofactory_web.api.readiness import GUARD as PRECHECK
from zerofactory_web.api.register import GUARD as REGISTER
from zerofactory_web.app import create_app
from zerofactory_web.cases import applications, dossiers, work
from zerofactory_web.demo.build import Demonstration, build
from zerofactory_web.demo.people import Cast
from zerofactory_web.readiness import work as precheck
from zerofactory_web.readiness.guard import Done
from zerofactory_web.register import examine, files
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store


class Here:
    """Does guarded work without a process of its own."""

    def __init__(self, do: Callable[[Mapping[str, Any]], Done]) -> None:
        self._do = do

    def run(self, order: Mapping[str, Any]) -> Done:
        return self._do(order)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demonstration, its certificate's file in English, and ``told.json``; the workers share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "api-template"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock, pytest.MonkeyPatch.context() as patch:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "told.json").exists():
            patch.setattr(dossiers, "GUARD", Here(work.work))
            patch.setattr(files, "ALL", (("certificate", "en"),))
            _make(folder)
    return folder


def _make(folder: Path) -> None:
    clock = Clock()
    store = Store(Settings(data=folder / "data", body_totp=False), clock=clock)
    schema.upgrade(store.engine)
    made = build(store, PASSWORD)
    files.make(store, made.certificate)
    draft = applications.start(store, made.cast.actor("qingyan"), made.cast.organisations["qingyan"])
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    (folder / "told.json").write_text(json.dumps({
        "now": clock.now.isoformat(), "draft": draft, "persons": dict(made.cast.persons),
        "organisations": dict(made.cast.organisations),
        "made": {name: getattr(made, name) for name in ("certified", "certificate", "waiting", "submitted")}}))


@pytest.fixture(scope="module")
def house(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder, told = tmp_path_factory.mktemp("api"), json.loads((template / "told.json").read_text())
    shutil.copytree(template / "data", folder / "data")
    clock = Clock()
    clock.now = datetime.fromisoformat(told["now"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dossiers, "GUARD", Here(work.work))
        store = Store(Settings(data=folder / "data", body_totp=False), clock=clock)
        app = create_app(store.settings, store)
        app.extensions |= {PRECHECK: Here(precheck.work), REGISTER: Here(examine.work), LIMITER: Limiter(10**9)}
        cast = Cast(store, told["persons"], told["organisations"])
        yield House(app, store, Demonstration(cast, **told["made"]), told["draft"])
        store.close()
