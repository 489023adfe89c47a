"""What a request says, checked against the schemas of its operation: all that is wrong at once, with JSON paths."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NoReturn, cast

from flask import request
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

from zerofactory_engine.json_text import scan_json
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_web.api.operation import FORM, JSON, Body, Operation, Parameter, Schema
from zerofactory_web.api.problems import refused
from zerofactory_web.api.schemas import COMPONENTS, ref
from zerofactory_web.site.uploads import FIELD_BYTES

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,15}", re.ASCII)
_FORMATS = FormatChecker(formats=())
#: Problems of one request that are told; of one with more, the first ones.
_MOST = 200
#: Problems of the texts in JSON that can be read.
_IN_TEXTS = ("text.control-character", "text.too-long")


@_FORMATS.checks("date")
def _is_day(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return _DAY.fullmatch(value) is not None and date.fromisoformat(value).year > 0
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Sent:
    """The body of a request: *fields* and *files* of an object or a form, or its bytes."""

    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, FileStorage] = field(default_factory=dict)
    data: bytes = b""


# --- parameters ------------------------------------------------------------------------------------------------------


def path_of(operation: Operation, given: Mapping[str, Any]) -> dict[str, str]:
    """The values of the path.

    Raises:
        ProblemsError: ``api.not-found``: nothing has such a name.
    """
    values = {name: str(value) for name, value in given.items()}
    for name, parameter in operation.named("path").items():
        if list(_problems(parameter.schema, values[name], "path")):
            raise refused("api.not-found", f"path.{name}", found=values[name][:80])
    return values


def query_of(operation: Operation) -> dict[str, Any]:
    """The values of the query, defaults for those that are not given.

    Raises:
        ProblemsError: parameters that are unknown or repeated, values that do not fit.
    """
    known, problems = operation.named("query"), list[Problem]()
    values = {name: p.schema["default"] for name, p in known.items() if "default" in p.schema}
    for name, texts in request.args.lists():
        at = f"query.{name[:80]}"
        if name not in known:
            problems.append(Problem("api.unknown", Place(path=at), found=name[:80],
                                    accepted=", ".join(known) or "—"))
        elif len(texts) > 1:
            problems.append(Problem("api.repeated", Place(path=at), found=str(len(texts)), accepted="1"))
        else:
            values[name] = _typed(known[name], texts[0])
            problems += _problems(known[name].schema, values[name], at)
    if problems:
        raise ProblemsError(problems[:_MOST])
    return values


def header_of(parameter: Parameter) -> str | None:
    """The value of a header; None when it is not given.

    Raises:
        ProblemsError: it does not fit.
    """
    text = request.headers.get(parameter.name)
    if text is not None and (problems := list(_problems(parameter.schema, text, f"header.{parameter.name}"))):
        raise ProblemsError(problems)
    return text


def _typed(parameter: Parameter, text: str) -> Any:
    return int(text) if parameter.schema.get("type") == "integer" and _INTEGER.fullmatch(text) else text


# --- the body --------------------------------------------------------------------------------------------------------


def body_of(operation: Operation) -> Sent:
    """The body of the request.

    Raises:
        ProblemsError: ``api.wrong-content``, ``api.not-json``, ``api.not-form``, everything that does not fit.
    """
    body = operation.body
    if body is None:
        if operation.method != "GET" and (request.content_length or "Transfer-Encoding" in request.headers) and (
                request.get_data(cache=False)):
            raise refused("api.wrong-content", "header.Content-Type", found=request.mimetype or "?", accepted="—")
        return Sent()
    media = request.mimetype
    if media not in body.content or request.headers.get("Content-Encoding", "identity") != "identity":
        raise refused("api.wrong-content", "header.Content-Type", found=media[:80] or "—",
                      accepted=", ".join(body.content))
    if media == FORM:
        return _form(body)
    if media == JSON:
        found = read_json(request.get_data(cache=False), max(body.limit, FIELD_BYTES))
        _require(body.content[JSON], found)
        return Sent(found)
    return Sent(data=request.get_data(cache=False))


def read_json(data: bytes, limit: int) -> Any:
    """The value of a JSON text; numbers with a fraction are exact.

    Raises:
        ProblemsError: ``api.not-json`` with every problem of the text, ``api.not-text``; for texts in it that hold
            what no text here may, ``text.…``.
    """
    found = [p for p in scan_json(data, None, limit).problems if p.severity is Severity.ERROR]
    if found and all(p.code in _IN_TEXTS for p in found):
        raise ProblemsError(found[:_MOST])
    try:
        value = None if found else json.loads(data, parse_float=Decimal, parse_constant=_no_number)
        json_bytes(value)
    except UnicodeEncodeError:
        raise refused("api.not-text") from None
    except (ValueError, ArithmeticError, RecursionError):
        found.append(Problem("api.not-json"))
    if found:
        raise ProblemsError([Problem("api.not-json"), *(p for p in found if p.code != "api.not-json")][:_MOST])
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def json_bytes(value: Any) -> bytes:
    """*value* of :func:`read_json` as JSON again, every number as it was."""
    return _text(value).encode("utf-8")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return f"[{','.join(_text(v) for v in value)}]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _form(body: Body) -> Sent:
    name = body.content[FORM]
    assert name is not None, "a form has a schema"
    known = COMPONENTS[name]["properties"]
    try:
        form, uploads = request.form, request.files
    except HTTPException:
        raise
    except ValueError:
        raise refused("api.not-form") from None
    if "boundary" not in request.mimetype_params or not (form or uploads):
        raise refused("api.not-form")
    problems: list[Problem] = []
    texts = {n or "": given for n, given in form.lists()}      # a part may have no name at all
    fields = {n: _field(n, known.get(n, {}), given, problems) for n, given in texts.items()}
    files: dict[str, FileStorage] = {}
    for each, given in ((n or "", g) for n, g in uploads.lists()):
        if len(given) > 1 or each in fields:
            problems.append(Problem("api.repeated", Place(path=f"$.{each[:80]}"), accepted="1"))
        elif known.get(each, {}).get("format", "binary") != "binary":
            problems.append(Problem("api.wrong-type", Place(path=f"$.{each[:80]}"), found="file"))
        files[each] = given[0]
    for each in [n for n in fields if known.get(n, {}).get("format") == "binary"]:
        problems.append(Problem("api.wrong-type", Place(path=f"$.{each}"), found="string", accepted="file"))
    problems += _problems(ref(name), {**fields, **dict.fromkeys(files, "")}, "$")
    if problems:
        raise ProblemsError(problems[:_MOST])
    return Sent(fields, files)


def _field(name: str, schema: Schema, texts: list[str], problems: list[Problem]) -> Any:
    """The value of a field: a list where one is wanted, an object where its text is JSON."""
    kind = schema.get("type")
    if kind == "array":
        return texts
    if len(texts) > 1:
        problems.append(Problem("api.repeated", Place(path=f"$.{name[:80]}"), found=str(len(texts)), accepted="1"))
    if kind != "object":
        return texts[0]
    try:
        return read_json(texts[0].encode("utf-8"), FIELD_BYTES)
    except ProblemsError:
        return texts[0]              # then its type is what is wrong


def _require(name: str | None, value: Any) -> None:
    assert name is not None, "a JSON body has a schema"
    if problems := list(_problems(ref(name), value, "$")):
        raise ProblemsError(problems[:_MOST])


# --- schemas ---------------------------------------------------------------------------------------------------------


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    """``pattern`` as JSON Schema means it: ``$`` is the end and nothing before it, ``\\d`` a digit of ASCII."""
    if isinstance(value, str) and not re.search(pattern.removesuffix("$") + r"\Z" * pattern.endswith("$"), value,
                                                re.ASCII):
        yield ValidationError(f"{value[:80]!r} does not match")


_EXTENDED: Any = extend      # it has no types
_VALIDATOR = _EXTENDED(Draft202012Validator, {"pattern": _pattern})


@cache
def _validator(text: str) -> Any:
    return _VALIDATOR(json.loads(text) | {"components": {"schemas": COMPONENTS}}, format_checker=_FORMATS)


def _problems(schema: Schema, value: Any, root: str) -> Iterator[Problem]:
    errors = _validator(json.dumps(schema, sort_keys=True)).iter_errors(value)
    for error in sorted(errors, key=lambda e: (e.json_path, str(e.validator))):
        yield from _told(error, root + error.json_path[1:])


_CODES = {"type": "api.wrong-type", "enum": "api.not-among", "const": "api.not-among", "pattern": "api.wrong-form",
          "format": "api.wrong-form"}


def _told(error: ValidationError, at: str) -> Iterator[Problem]:
    """An error of the validator as problems, without what the caller wrote beyond a few letters."""
    kind, bound, found = str(error.validator), error.validator_value, error.instance
    if kind == "additionalProperties" and isinstance(found, dict):
        known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
        yield from (Problem("api.unknown", Place(path=f"{at}.{name[:80]}"), found=name[:80],
                            accepted=", ".join(known)) for name in found if name not in known)
    elif kind == "required":
        name = next((n for n in cast(Sequence[str], bound) if error.message.startswith(repr(n))), "")
        yield Problem("api.missing", Place(path=f"{at}.{name}"), accepted=name)
    else:
        yield Problem(_CODES.get(kind, "api.out-of-bounds"), Place(path=at), found=_shown(found, kind),
                      accepted=_accepted(kind, bound))


def _accepted(kind: str, bound: Any) -> str:
    if kind == "enum":
        return ", ".join(str(v) for v in bound)
    return str(bound) if kind in ("type", "pattern", "format", "const") else f"{kind} {bound}"


def _shown(found: Any, kind: str) -> str:
    if kind in ("maxLength", "minLength", "maxItems", "maxProperties") and isinstance(found, Sequence | Mapping):
        return str(len(found))
    if isinstance(found, str):
        return "".join(c if c.isprintable() else "�" for c in found[:80])
    return {"dict": "object", "list": "array", "NoneType": "null"}.get(type(found).__name__, str(found)[:80])
