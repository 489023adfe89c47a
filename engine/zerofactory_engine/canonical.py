"""Canonical JSON (RFC 8785) and content hashes. Decimals travel as strings in plain notation."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import rfc8785

from zerofactory_engine.decimals import plain


def jsonable(value: Any) -> Any:
    """*value* with decimals, dates, tuples and enumerations turned into plain JSON values."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(v) for v in value]
    if hasattr(value, "as_json"):
        return jsonable(value.as_json())
    raise TypeError(f"no canonical JSON for {type(value).__name__}")


def canonical_bytes(value: Any) -> bytes:
    """The bytes that are hashed: RFC 8785 of :func:`jsonable`."""
    return rfc8785.dumps(jsonable(value))


def sha256(data: bytes) -> str:
    """``sha256:`` and 64 hex digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def content_hash(value: Any) -> str:
    """Hash of the canonical JSON of *value*."""
    return sha256(canonical_bytes(value))
