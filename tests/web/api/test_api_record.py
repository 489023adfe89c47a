"""What the demonstration issued fits the schema of its records."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator
from tests.web.api.api_world import House

from zerofactory_web.register import service

SCHEMA = Path(__file__).parents[3] / "standards/schemas/certificate.schema.json"


def test_an_issued_record_fits_its_schema(house: House) -> None:
    with house.store.read() as session:
        row = service.by_id(session, house.made.certificate)
        assert row is not None
        content = row.content
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert [f"{e.json_path}: {e.message}" for e in validator.iter_errors(content)] == []
