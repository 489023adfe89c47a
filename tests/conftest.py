"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A slow machine must not fail a property: speed is measured in the benchmarks, never asserted by a timer.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Outside reference data (tables, test kit, example accounts) that the project may read but does not ship."""
    folder = Path(os.environ.get("ZEROFACTORY_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the outside reference data folder is not here (set ZEROFACTORY_REFERENCE_DATA)")
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", type=int, default=5, help="how often each act is killed in tests/web/faults (at most 1000)")
    parser.addoption("--fuzz-seconds", type=float, default=2.0, help="seconds per reader in tests/fuzz (at most 600)")


@pytest.fixture
def fault_count(request: pytest.FixtureRequest) -> int:
    """How often a process is killed at points of an act, and as often at any moment."""
    return min(1_000, int(request.config.getoption("--faults")))


@pytest.fixture
def fuzz_seconds(request: pytest.FixtureRequest) -> float:
    """How long a reader is fed hostile input."""
    return min(600.0, float(request.config.getoption("--fuzz-seconds")))
