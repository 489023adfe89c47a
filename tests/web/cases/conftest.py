"""The demonstration's people on each kind of database; computing in this process, so that a test takes a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from zerofactory_web.cases import dossiers
from zerofactory_web.cases.work import work
from zerofactory_web.demo import life
from zerofactory_web.demo.people import Cast, gather
from zerofactory_web.readiness.guard import Done
from zerofactory_web.store.unit import Store

PASSWORD = "magpie lantern oxbow 47"


class Here:
    """Does the guarded work here, without a process of its own (the guard has tests of its own)."""

    def run(self, order: Mapping[str, Any]) -> Done:
        return work(order)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dossiers, "GUARD", Here())


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
