"""The OpenAPI document as the reference page shows it, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_web.api.openapi import title_of
from zerofactory_web.site.language import language

#: From this status on an answer is a refusal.
_REFUSED = 400
#: Patterns that begin so keep control characters out of texts; the page says so once for all of them.
_TEXT_PATTERN = r"^[^\x00"
_BOUNDS = (("minLength", "≥ {} "), ("maxLength", "≤ {} "), ("minimum", "≥ {}"), ("maximum", "≤ {}"),
           ("maxItems", "≤ {}"), ("maxProperties", "≤ {}"), ("default", "= {}"), ("const", "= {}"))


def told(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the page says: operations by tag, schemas, how to sign in."""
    groups = [{"tag": tag["name"], "about": _text(tag, "description"),
               "operations": [_operation(method, path, o) for path, ways in document["paths"].items()
                              for method, o in ways.items() if tag["name"] in o["tags"]]}
              for tag in document["tags"]]
    return {"title": _text(document["info"], "title"), "about": _text(document["info"], "description"),
            "version": document["info"]["version"], "server": document["servers"][0]["url"],
            "token": _text(document["components"]["securitySchemes"]["token"], "description"), "groups": groups,
            "statuses": _statuses(document),
            "schemas": [_schema(name, schema) for name, schema in document["components"]["schemas"].items()]}


def _text(thing: Mapping[str, Any], name: str) -> str:
    return str(thing[f"x-{name}-zh"] if language() == "zh" else thing[name])


def _statuses(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every status with which an operation refuses, once: they mean the same everywhere."""
    found = {status: answer for ways in document["paths"].values() for o in ways.values()
             for status, answer in o["responses"].items() if int(status) >= _REFUSED}
    return [_status(status, found[status]) for status in sorted(found)]


def _status(status: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    return {"status": int(status), "title": title_of(int(status)), "about": _text(answer, "description"),
            "headers": list(answer.get("headers", {}))}


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    security = operation["security"]
    return {
        "id": operation["operationId"], "method": method.upper(), "path": path, "summary": _text(operation, "summary"),
        "about": _text(operation, "description"), "scope": security[0]["token"][0] if security else None,
        "parameters": [{"name": p["name"], "in": p["in"], "required": p["required"], "about": _text(p, "description"),
                        **kind(p["schema"])} for p in operation["parameters"]],
        "body": [{"media": media, **kind(content["schema"])}
                 for media, content in operation.get("requestBody", {}).get("content", {}).items()],
        "answers": [{**_status(status, a),
                     **next(({"media": m, **kind(c["schema"])} for m, c in a.get("content", {}).items()),
                            {"media": "", "kind": "", "of": None})}
                    for status, a in operation["responses"].items() if int(status) < _REFUSED],
        "refusals": [int(status) for status in operation["responses"] if int(status) >= _REFUSED]}


def _schema(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    _rows("", schema, rows)
    return {"name": name, "closed": schema.get("additionalProperties") is False, "rows": rows}


def _rows(above: str, schema: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
    """The properties of an object, those of objects inside it below them."""
    for name, each in schema.get("properties", {}).items():
        rows.append({"name": above + name, "required": name in schema.get("required", ()), **kind(each)})
        inner = _bare(each)
        if inner.get("type") == "array":
            _rows(f"{above}{name}[].", _bare(inner["items"]), rows)
        else:
            _rows(f"{above}{name}.", inner, rows)


def _bare(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """*schema* without its "or null"."""
    return next((s for s in schema.get("anyOf", ()) if s.get("type") != "null"), schema)


def kind(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What a value is, in a few words: *kind*, and *of*, the component that it is or holds."""
    bare = _bare(schema)
    word = str(bare.get("type", "")) or ("" if "$ref" in bare or "const" in bare else "any")
    inner = _bare(bare.get("items", {})) if word == "array" else bare
    if word == "array":
        word = f"array of {inner['type']}" if "type" in inner else "array" if "$ref" not in inner else "array of"
    parts = [word, str(bare.get("format") or inner.get("format") or ""), ", ".join(inner.get("enum", ())),
             *(shape.format(bare[name]).strip() for name, shape in _BOUNDS if name in bare),
             _form(str(bare.get("pattern") or "")), "null" if bare is not schema else ""]
    reference = inner.get("$ref")
    return {"kind": " · ".join(p for p in parts if p), "of": reference.rsplit("/", 1)[1] if reference else None}


def _form(pattern: str) -> str:
    return "" if pattern.startswith(_TEXT_PATTERN) else pattern
