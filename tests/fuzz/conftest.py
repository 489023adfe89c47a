"""Hostile input for a bounded time; `make fuzz` raises the seconds, the ordinary test run keeps to a few."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz-seconds", type=float, default=2.0, help="seconds per reader (bounded at 600)")


@pytest.fixture
def fuzz_seconds(request: pytest.FixtureRequest) -> float:
    return min(600.0, float(request.config.getoption("--fuzz-seconds")))
