"""The record of a certificate is what its published schema says, of every kind and opinion; and nothing else is."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.web.register.register_world import EXAMPLE, statement

from zerofactory_web.cases.model import OPINIONS
from zerofactory_web.register import service

ROOT = Path(__file__).parents[3]
SCHEMA = Draft202012Validator(json.loads((ROOT / "standards/schemas/certificate.schema.json").read_text(encoding="utf-8")))
BODY = {"name": {"zh": "中心", "en": "Centre"}, "address": {"zh": "", "en": ""}}


def faults(content: Any) -> list[str]:
    return [f"{e.json_path}: {e.message}" for e in SCHEMA.iter_errors(content)]


def record(opinion: str = "") -> dict[str, Any]:
    order = replace(EXAMPLE, **statement(opinion)) if opinion else EXAMPLE
    return service.record(order, "ZS-2026-00001" if opinion else "ZC-2026-00001", date(2026, 11, 2), BODY, None)


@pytest.mark.parametrize("opinion", ["", *OPINIONS])
def test_every_record_fits(opinion: str) -> None:
    assert faults(record(opinion)) == []


@pytest.mark.parametrize(("change", "at"), [
    (lambda c: c.pop("bundle"), "$"), (lambda c: c.update(evaluators=["p1"]), "$"), (lambda c: c.update(number="ZS-2026-00001"), "$.number"),
    (lambda c: c["values"][0].update(value=87.5), "$.values[0].value"), (lambda c: c.update(opinion={}), "$.opinion"),
    (lambda c: c["scope"].pop("zh"), "$.scope")])
def test_what_does_not_fit_is_found(change: Any, at: str) -> None:
    content = copy.deepcopy(record())
    change(content)
    assert any(f.startswith(f"{at}:") for f in faults(content)), faults(content)
