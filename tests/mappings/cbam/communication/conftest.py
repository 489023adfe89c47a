"""The official files, where the reference data is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.mappings.cbam.communication.workbooks import lean

EXAMPLES = ("aluminium", "blast_furnace", "screws_nuts")


@pytest.fixture(scope="session")
def blank(shared_data: Path) -> bytes:
    """The official blank template V2.1.1."""
    (found,) = (shared_data / "cbam/template").glob("*.xlsx")
    return found.read_bytes()


@pytest.fixture(scope="session")
def blank_lean(blank: bytes) -> bytes:
    """The blank template without the cells of sheets that hold no entries: quick to read, not to be calculated."""
    return lean(blank)


@pytest.fixture(scope="session")
def examples(shared_data: Path) -> dict[str, bytes]:
    """The three filled examples V2.1 of the Commission."""
    return {name: (shared_data / f"cbam/examples/ec_example_{name}.xlsx").read_bytes() for name in EXAMPLES}


@pytest.fixture(scope="session")
def screws(examples: dict[str, bytes]) -> bytes:
    """The example of a maker of screws and nuts."""
    return examples["screws_nuts"]


@pytest.fixture(scope="session")
def screws_lean(screws: bytes) -> bytes:
    """The same, quick to read."""
    return lean(screws)
