"""Schemathesis over every operation: no 5xx, no answer that the document does not name, nothing wrong that is taken.

The run by default draws a few examples a kind of request beside the systematic ones; the longer run draws many.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from requests import Request
from schemathesis import checks
from schemathesis.config import SchemathesisConfig
from tests.web.api.api_world import House
from werkzeug.wrappers import Response

from zerofactory_web.api.openapi import document
from zerofactory_web.site.render import json_text

#: What is refused for its content, not its form, is 422 too; without If-Match it is 428.
CONFIG = SchemathesisConfig.from_dict({"checks": {
    "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "412", "422", "428"]},
    "missing_required_header": {"expected-statuses": ["404", "422", "428"]}}})
QUIET = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.large_base_example)


class Later:
    """The portal once a test has one; before that only the document, from which pytest knows the operations."""

    app: Any = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        found = self.app or Response(json_text(document("http://127.0.0.1:8765")), content_type="application/json")
        return found(environ, start_response)


PORTAL = Later()
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", PORTAL, config=CONFIG)


@pytest.fixture(autouse=True, scope="module")
def served(house: House) -> Iterator[None]:
    PORTAL.app = house.app
    yield
    PORTAL.app = None


@schema.parametrize()
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=QUIET)
def test_an_applicants_program_gets_only_what_the_document_says(case: Any, house: House) -> None:
    _look(case, house, "qingyan")


@schema.include(path_regex="^/(applications|cases|jobs)").parametrize()
@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=QUIET)
def test_an_evaluators_program_gets_only_what_the_document_says(case: Any, house: House) -> None:
    _look(case, house, "lin")


@pytest.mark.full
@schema.parametrize()
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=QUIET)
def test_the_same_at_length(case: Any, house: House) -> None:
    _look(case, house, "qingyan")


@schemathesis.serializer("application/pdf")
def _pdf(context: Any, value: Any) -> bytes:
    data = getattr(value, "data", value)
    return data if isinstance(data, bytes) else str(data).encode()


#: What holds for an answer whatever was asked.
ALWAYS = (checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
          checks.response_headers_conformance, checks.response_schema_conformance)


def _wrong_as_sent(case: Any) -> bool:
    """Whether what was to be wrong still is on its way: the token is ours, and a value that is empty sends nothing."""
    phase = case.meta.phase.data
    locations = {m.parameter_location.value for m in getattr(phase, "mutations", ())}
    if not locations or not locations <= {"header", "query"}:
        return True
    known = {p.name for p in case.operation.query}
    url = Request("GET", "http://127.0.0.1/", params=case.query).prepare().url or ""
    sent = {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    return bool(sent - known) or any(m.parameter in known for m in phase.mutations)


def _look(case: Any, house: House, who: str) -> None:
    """The request as it was drawn; then the same about things that are there."""
    headers = {"Authorization": f"Bearer {house.token(who)}"}
    case.call_and_validate(headers=headers,
                           excluded_checks=[] if _wrong_as_sent(case) else [checks.negative_data_rejection])
    if case.path_parameters:
        real = house.values()
        kind = case.path.split("/")[1].rstrip("s")
        there = {"number": real.get(kind, ""), "id": real["job"], "language": "en", "code": real["code"]}
        case.path_parameters = {name: there[name] for name in case.path_parameters}
        case.validate_response(case.call(headers=headers), checks=list(ALWAYS))
