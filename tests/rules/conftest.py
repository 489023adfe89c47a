"""The project's own packs, each read once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from zerofactory_engine.locate import RULES_ROOT
from zerofactory_engine.rulepack import Pack, load_folder, pack_folders

#: Every shipped pack as ``id@version`` → folder.
FOLDERS = {f"{ident}@{version}": folder for ident, version, folder in pack_folders((RULES_ROOT,))}


@cache
def _load(name: str) -> Pack:
    return load_folder(FOLDERS[name])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "pack_name" in metafunc.fixturenames:
        metafunc.parametrize("pack_name", sorted(FOLDERS))


@pytest.fixture
def load() -> Callable[[str], Pack]:
    """A shipped pack by its name."""
    return _load


@pytest.fixture
def pack(pack_name: str) -> Pack:
    """Each shipped pack in turn."""
    return _load(pack_name)
