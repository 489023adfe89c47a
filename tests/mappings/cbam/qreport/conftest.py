"""The Commission's XSD, where the reference folder is; without it the tests that need it skip."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from tests.mappings.cbam.qreport.xsd_documents import Schema, read_schema


@pytest.fixture(scope="session")
def xsd_folder(shared_data: Path) -> Path:
    """The folder with the Commission's schema files."""
    folder = shared_data / "cbam/xsd"
    if not (folder / "QReport_ver23.00.xsd").is_file():
        pytest.skip("the Commission's XSD is not in the reference folder")
    return folder


@pytest.fixture(scope="session")
def xsd(xsd_folder: Path) -> etree.XMLSchema:
    """The Commission's schema, compiled."""
    return etree.XMLSchema(etree.parse(xsd_folder / "QReport_ver23.00.xsd"))


@pytest.fixture(scope="session")
def schema(xsd_folder: Path) -> Schema:
    """The Commission's schema as plain data."""
    return read_schema(xsd_folder)
