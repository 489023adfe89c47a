"""Stores just before an act, made once and copied for every crash."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.web.faults.faults_child import _Here

from zerofactory_web.cases import dossiers
from zerofactory_web.demo import life
from zerofactory_web.demo.build import version_of
from zerofactory_web.demo.people import gather
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store

PASSWORD = "magpie lantern oxbow 47"


@dataclass
class Ready:
    """A store before an act, on one kind of database. *names*: ids and numbers that the act needs."""

    folder: Path
    database: str
    names: dict[str, Any] = field(default_factory=dict)
    copy: Callable[[Path], str] = lambda folder: ""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def stages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ready]:
    """Stage before each act → the store at it."""
    return {act: _stage(request, tmp_path_factory, act) for act in ("upload", "decision", "issue", "migration")}


def _stage(request: pytest.FixtureRequest, factory: pytest.TempPathFactory, act: str) -> Ready:
    folder = factory.mktemp(act) / "data"
    folder.mkdir()
    make = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    ready = Ready(folder, make() if make is not None else "")
    patch = pytest.MonkeyPatch()
    patch.setattr(dossiers, "GUARD", _Here())
    store = Store(Settings(data=folder, database=ready.database, body_totp=False))
    if act != "migration":
        schema.upgrade(store.engine)
        _fill(store, ready, act)
    store.close()
    patch.undo()
    ready.copy = lambda to: _copied(request, ready, to)
    return ready


def _fill(store: Store, ready: Ready, act: str) -> None:
    cast = gather(store, PASSWORD)
    life.install_overlay(cast)
    ready.names |= {"persons": dict(cast.persons), "organisations": dict(cast.organisations)}
    number = life.apply(cast, "qingyan", ("青岩一厂", "Qingyan plant 1"), life.SCHEME, "three_star",
                        life.FILES / "demo-body" / "dossiers" / "qingyan.yaml")
    ready.names |= {"application": number, "case": (case := life.accept(cast, number))}
    if act == "upload":
        return
    life.plan(cast, case, version_of(store, case))
    life.look_at_evidence(cast, case)
    life.complete(cast, case)
    life.review(cast, case)
    if act == "issue":
        ready.names["certificate"] = life.grant(cast, case)


def _copied(request: pytest.FixtureRequest, ready: Ready, to: Path) -> str:
    """A copy of the store in *to*; the address of its database."""
    shutil.copytree(ready.folder, to)
    if request.param == "sqlite":
        return ""
    copy: Callable[..., str] = request.getfixturevalue("postgres")
    return copy(ready.database)
