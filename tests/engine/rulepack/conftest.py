"""A small pack that is right."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.rulepack.packs import write_good_pack


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """The folder of a pack without any problem."""
    return write_good_pack(tmp_path / "rules")
