"""What an operation of the API is: the one description that routing, checks and the OpenAPI document are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import FileStorage

from zerofactory_web.store.unit import Actor, Store

Schema = Mapping[str, Any]
JSON, FORM, PDF = "application/json", "multipart/form-data", "application/pdf"
#: Statuses that any operation may answer with: a token that is not good, a query that is not known, too many
#: requests, and what goes wrong on our side.
ALWAYS = (401, 422, 429, 500, 503)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the ``path``, the ``query`` or a ``header``. *about*: code of the sentence that explains it."""

    name: str
    where: str
    schema: Schema
    about: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """What may be sent: media type → name of the component schema (None: the bytes themselves), and the most bytes of
    files in it."""

    content: Mapping[str, str | None]
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One request, checked: values of the path and the query, the body's *fields* and *files*, or its bytes (*data*).
    *if_match*: the tags that the caller's copy may have."""

    store: Store
    actor: Actor
    request: str
    language: str
    path: Mapping[str, str]
    query: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, FileStorage] = field(default_factory=dict)
    data: bytes = b""
    if_match: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What an operation gives back: plain values, or the bytes of a file (*media* says of which kind)."""

    data: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    media: str = JSON


Do = Callable[[Call], Result]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. *id*: its ``operationId``; the sentences ``api.op-<id>`` and ``api.about-<id>`` describe it.

    *scope*: what a token must allow, None where nobody has to be known; *answers*: status → name of the component
    schema (or a media type of a file); *writes*: it changes something, so that it takes an ``Idempotency-Key``;
    *guarded*: it wants ``If-Match``; *more*: further statuses that it may answer with.
    """

    id: str
    method: str
    path: str
    tag: str
    scope: str | None
    do: Do
    answers: Mapping[int, str]
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    writes: bool = False
    guarded: bool = False
    more: tuple[int, ...] = ()

    @property
    def refusals(self) -> tuple[int, ...]:
        """Every status with which it may refuse."""
        found = {*ALWAYS, *self.more}
        if self.scope is not None:
            found.add(403)
        if "{" in self.path:
            found.add(404)
        if self.body is not None:
            found |= {400, 413, 415}
        if self.method != "GET" and self.body is None:
            found |= {413, 415}
        if self.writes:
            found |= {409, 413}
        if self.guarded:
            found |= {412, 428}
        return tuple(sorted(found))

    def named(self, where: str) -> dict[str, Parameter]:
        """Its parameters in the path, the query or the headers."""
        return {p.name: p for p in self.parameters if p.where == where}
