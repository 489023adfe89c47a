"""The OpenAPI 3.1 document, made of the same table that routes requests."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from zerofactory_engine import __version__
from zerofactory_engine.messages import render
from zerofactory_web.api import cases, jobs, problems, readiness, register
from zerofactory_web.api.dispatch import KEY
from zerofactory_web.api.operation import JSON, Operation, Parameter
from zerofactory_web.api.schemas import COMPONENTS, DIALECT, ref

BASE = "/api/v1"
#: Every operation, in the order of the reference.
OPERATIONS: tuple[Operation, ...] = (*register.OPERATIONS, *readiness.OPERATIONS, *cases.OPERATIONS,
                                     *jobs.OPERATIONS, *problems.OPERATIONS)
#: Headers of answers, by name: the sentence that explains each, and the statuses that carry it.
_HEADERS = {"ETag": "api.header-etag", "Location": "api.header-location", "Retry-After": "api.header-retry-after",
            "WWW-Authenticate": "api.header-www-authenticate"}
_OF_STATUS = {201: ("ETag", "Location"), 200: ("ETag",), 304: ("ETag",), 401: ("WWW-Authenticate",),
              429: ("Retry-After",), 503: ("Retry-After",)}


def by_path() -> dict[str, dict[str, Operation]]:
    """Path → method → operation."""
    found: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS:
        found.setdefault(operation.path, {})[operation.method] = operation
    return found


def parameters_of(operation: Operation) -> tuple[Parameter, ...]:
    """Its parameters with those that the way through adds."""
    return (*operation.parameters, KEY) if operation.writes else operation.parameters


def told(code: str) -> dict[str, str]:
    """A sentence in both languages."""
    return {"zh": render(code, "zh"), "en": render(code, "en")}


def meaning(status: int) -> str:
    """The code of the sentence that says what a status means here."""
    return f"api.status-{status}"


@cache
def document(public_url: str) -> Mapping[str, Any]:
    """The document of an installation under *public_url*. Texts are English; ``x-zh`` beside them is Chinese."""
    paths = {path: {method.lower(): _operation(o) for method, o in ways.items()} for path, ways in by_path().items()}
    return {
        "openapi": "3.1.0", "jsonSchemaDialect": DIALECT,
        "info": {"title": render("api.title", "en"), "x-title-zh": render("api.title", "zh"), "version": __version__,
                 **_described("api.lead")},
        "servers": [{"url": public_url.rstrip("/") + BASE}],
        "tags": [{"name": tag, **_described(f"api.tag-{tag}")} for tag in dict.fromkeys(o.tag for o in OPERATIONS)],
        "paths": paths,
        "components": {
            "schemas": COMPONENTS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", **_described("api.token")}},
            "headers": {name: {"schema": {"type": "string"}, **_described(code)} for name, code in _HEADERS.items()}}}


def _described(code: str) -> dict[str, str]:
    said = told(code)
    return {"description": said["en"], "x-description-zh": said["zh"]}


def _operation(operation: Operation) -> dict[str, Any]:
    title = told(f"api.op-{operation.id}")
    made: dict[str, Any] = {
        "operationId": operation.id, "tags": [operation.tag], "summary": title["en"], "x-summary-zh": title["zh"],
        **_described(f"api.about-{operation.id}"),
        "security": [] if operation.scope is None else [{"token": [operation.scope]}],
        "parameters": [_parameter(p) for p in parameters_of(operation)], "responses": _answers(operation)}
    if operation.body is not None:
        made["requestBody"] = {"required": True, "content": {
            media: {"schema": ref(name)} if name else {"schema": {"type": "string", "format": "binary"}}
            for media, name in operation.body.content.items()}}
    return made


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {"name": parameter.name, "in": parameter.where, "required": parameter.required,
            "schema": dict(parameter.schema), **_described(parameter.about)}


def _answers(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, what in operation.answers.items():
        media, schema = (what, {"type": "string", "format": "binary"}) if "/" in what else (JSON, ref(what))
        found[str(status)] = {**_described(meaning(status)), "headers": _headers(status),
                              "content": {media: {"schema": schema}}}
    if operation.method == "GET":
        found["304"] = {**_described(meaning(304)), "headers": _headers(304)}
    for status in operation.refusals:
        found[str(status)] = {**_described(meaning(status)), "headers": _headers(status),
                              "content": {problems.PROBLEM: {"schema": ref("Problem")}}}
    return dict(sorted(found.items()))


def _headers(status: int) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in _OF_STATUS.get(status, ())}


def title_of(status: int) -> str:
    """The name of a status."""
    return HTTPStatus(status).phrase
