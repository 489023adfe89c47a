"""The demonstration's people on each kind of database; computing in this process, so that a test takes a second."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.web.cases.cases_world import (
    PASSWORD,
    Remembering,
    Schemes,
    Template,
    World,
    copy_of,
    make_template,
    on_server,
)

from zerofactory_web.cases import dossiers, schemes
from zerofactory_web.demo import life
from zerofactory_web.demo.people import Cast, gather
from zerofactory_web.store.unit import Store

__all__ = ["PASSWORD"]
#: Works without a process of its own (the guard has tests of its own).
HERE, SCHEMES = Remembering(), Schemes()


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dossiers, "GUARD", HERE)
    monkeypatch.setattr(schemes, "schemes", SCHEMES)


@pytest.fixture
def cast(store: Store) -> Cast:
    made = gather(store, PASSWORD)
    life.install_overlay(made)
    return made


@pytest.fixture
def case(cast: Cast) -> str:
    """A planned case of the factory that meets everything, with its roles."""
    number = life.apply(cast, "qingyan", ("青岩一厂", "Qingyan plant 1"), life.SCHEME, "three_star",
                        life.FILES / "demo-body" / "dossiers" / "qingyan.yaml")
    return life.accept(cast, number)


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Template]:
    """A store of each kind with a case at every stage, made when it is first asked for; the workers of a run share it."""
    made: dict[str, Template] = {}
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def of(kind: str) -> Template:
        if not made:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(dossiers, "GUARD", HERE)
                patch.setattr(schemes, "schemes", SCHEMES)
                made["sqlite"] = make_template(shared / "cases-template")
        if kind not in made:
            empty: Callable[[], str] = request.getfixturevalue("postgres")
            made[kind] = on_server(made["sqlite"], empty())
        return made[kind]

    return of


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, templates: Callable[[str], Template], tmp_path: Path) -> Iterator[World]:
    """A store of its own with a case at every stage, on each kind of database."""
    made = copy_of(templates(request.param), tmp_path)
    yield made
    made.store.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def still(request: pytest.FixtureRequest, templates: Callable[[str], Template],
          tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same, shared by the tests of a module, which leave it as it is."""
    made = copy_of(templates(request.param), tmp_path_factory.mktemp("still"))
    yield made
    made.store.close()
