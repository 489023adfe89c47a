"""The documents of the examples, item by item, as they stand in the golden files."""

from __future__ import annotations

import json

import pytest
from tests.mappings.cbam.documents.cases import GOLDEN
from tests.mappings.cbam.documents.golden import MADE


@pytest.mark.parametrize("name", MADE)
def test_documents_are_as_they_were(name: str) -> None:
    assert json.loads(MADE[name]()) == json.loads((GOLDEN / name).read_bytes())


def test_every_golden_file_is_made() -> None:
    assert {p.name for p in GOLDEN.iterdir()} == set(MADE)
