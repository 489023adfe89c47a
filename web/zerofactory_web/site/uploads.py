"""What people send: how much of it, and how a file gets into the store without ever being held in memory whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import quote

from flask import Flask, current_app, request
from werkzeug.datastructures import FileStorage

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.site.context import portal
from zerofactory_web.store.documents import Stored

View = TypeVar("View", bound=Callable[..., Any])

#: What an ordinary form may hold: bytes in all, bytes of one field, fields.
FORM_BYTES = 2_000_000
FIELD_BYTES = 500_000
FIELDS = 5_000
#: Longest name of a file that is kept; a name is text that is shown, never a path.
NAME_LENGTH = 200
_LIMITS = "zerofactory_limits"
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]")
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class _Limits:
    upload: int
    field: int


def takes_files(limit: int, field: int = FIELD_BYTES) -> Callable[[View], View]:
    """Let a view take files of *limit* bytes in all (never more than the installation allows) and fields of *field*."""
    def mark(view: View) -> View:
        setattr(view, _LIMITS, _Limits(limit, field))
        return view
    return mark


def install(app: Flask) -> None:
    """Bound every request before anything of it is read."""

    @app.before_request
    def bound() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        limits = getattr(view, _LIMITS, None) or _Limits(0, FIELD_BYTES)
        request.max_content_length = min(limits.upload, portal().settings.max_upload) + limits.field + FORM_BYTES
        request.max_form_memory_size = max(limits.field, FIELD_BYTES)
        request.max_form_parts = FIELDS


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store with the name that its sender gave it (text to show, not a path)."""

    name: str
    stored: Stored


def chosen(name: str) -> FileStorage | None:
    """The file of the form's field *name*; None when none was chosen."""
    found = request.files.get(name)
    return found if found is not None and (found.filename or "") else None


def shown_name(file: FileStorage) -> str:
    """The last part of the name that the sender gave, without control characters and marks that turn text around."""
    last = PureWindowsPath(PurePosixPath(file.filename or "").name).name
    name = _NOT_IN_NAMES.sub("", last)[-NAME_LENGTH:]
    return "file" if name in ("", ".", "..") else name


def attachment(name: str) -> str:
    """``Content-Disposition`` of a download under *name*: in letters that every header takes, and as it is (RFC 6266).

    A header holds no Chinese: a server that is given one in it does not answer at all.
    """
    plain = _NOT_PLAIN.sub("_", name)
    return f'attachment; filename="{plain}"' + ("" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}")


def keep(file: FileStorage, limit: int | None = None) -> Kept:
    """Stream *file* into the store's documents; the same content is kept once.

    Raises:
        ProblemsError: ``store.document-too-large``, ``store.disk-full``; nothing is kept then.
    """
    most = min(limit or portal().settings.max_upload, portal().settings.max_upload)
    stored = portal().store.documents.put(cast(BinaryIO, file.stream), most)
    portal().metrics.count("zerofactory_upload_bytes_total", by=stored.size)
    return Kept(shown_name(file), stored)


def content(file: FileStorage, limit: int) -> bytes:
    """The bytes of *file*, for what is looked at and not kept.

    Raises:
        ProblemsError: ``site.file-too-large``, ``site.file-empty``.
    """
    data = file.stream.read(limit + 1)
    if len(data) > limit:
        raise ProblemsError([Problem("site.file-too-large", Place(file=shown_name(file)), accepted=f"{limit:,} B")])
    if not data:
        raise ProblemsError([Problem("site.file-empty", Place(file=shown_name(file)))])
    return data
