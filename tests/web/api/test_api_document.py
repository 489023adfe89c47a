"""The OpenAPI document: valid, whole, and the very table that requests are routed by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi import definitions
from tests.web.api.api_world import BASE, House

from zerofactory_engine.messages import catalogue
from zerofactory_web.api.openapi import OPERATIONS, document, parameters_of
from zerofactory_web.api.schemas import COMPONENTS

GOLDEN = Path(__file__).parent / "golden" / "operations.txt"
DOCUMENT = document("https://body.example")


def test_it_is_openapi_3_1() -> None:
    plain = json.loads(json.dumps(DOCUMENT))
    assert [str(e) for e in Draft202012Validator(definitions.OPENAPI_31).iter_errors(plain)] == []
    assert str(definitions.OPENAPI_31["$id"]).startswith("https://spec.openapis.org/oas/3.1/")


def test_a_document_that_is_none_is_seen() -> None:
    broken = json.loads(json.dumps(DOCUMENT))
    broken["paths"]["/schemes"]["get"]["responses"]["200"].pop("description")
    assert list(Draft202012Validator(definitions.OPENAPI_31).iter_errors(broken))


@pytest.mark.parametrize("name", COMPONENTS)
def test_each_component_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(COMPONENTS[name])


def _references(thing: Any) -> list[str]:
    if isinstance(thing, dict):
        own = [thing["$ref"]] if isinstance(thing.get("$ref"), str) else []
        return own + [r for value in thing.values() for r in _references(value)]
    return [r for value in thing for r in _references(value)] if isinstance(thing, list | tuple) else []


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    known = {f"#/components/{kind}/{name}" for kind in ("schemas", "headers") for name in DOCUMENT["components"][kind]}
    used = set(_references(DOCUMENT))
    assert used - known == set()
    assert known - used == set()


def test_the_operations_are_those_that_were_agreed() -> None:
    lines = [f"{o.method:4} {o.path:45} {o.scope or '-':8} {' '.join(str(s) for s in sorted({*o.answers, *o.refusals}))}"
             for o in OPERATIONS]
    assert "\n".join(lines) + "\n" == GOLDEN.read_text(encoding="utf-8")


def test_every_operation_names_what_it_may_refuse_with() -> None:
    for operation in OPERATIONS:
        named = set(DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"])
        wanted = {"401", "422", "429", "500", "503"}
        wanted |= {"403"} if operation.scope else set()
        wanted |= {"404"} if "{" in operation.path else set()
        wanted |= {"400", "413", "415"} if operation.body else set()
        wanted |= {"409"} if operation.writes else set()
        assert wanted <= named, operation.id


def test_texts_stand_in_both_languages() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    for operation in OPERATIONS:
        assert {f"api.op-{operation.id}", f"api.about-{operation.id}"} <= zh.keys() & en.keys()
        assert all(p.about in zh for p in parameters_of(operation))


def test_it_is_served_and_known_again(house: House) -> None:
    answer = house.client().get(f"{BASE}/openapi.json")
    assert answer.content_type == "application/json"
    assert answer.get_json() == json.loads(json.dumps(document(house.store.settings.public_url)))
    again = house.client().get(f"{BASE}/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_every_operation_is_routed_to_itself(house: House) -> None:
    """Each path of the document is an address of the portal, and no other method is taken there."""
    for path, ways in DOCUMENT["paths"].items():
        answer = house.client().open(BASE + path.replace("{", "").replace("}", ""), method="TRACE")
        assert answer.status_code == 405
        allowed = {m.strip().lower() for m in answer.headers["Allow"].split(",")}
        assert allowed - {"head", "options"} == set(ways), path
