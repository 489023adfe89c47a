"""Structured logs: one JSON object a line. Routes, never paths; no address, name, query or text that people sent.

An exception is told by its type and the places it passed, not by its message, which may quote what somebody entered.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import Any, TextIO

from flask import Flask, Response, g, has_request_context, request

from zerofactory_web.site.context import portal_of, request_id
from zerofactory_web.store.model import new_id

LOGGER = logging.getLogger("zerofactory.portal")
_FIELDS = "zerofactory_fields"
_FRAMES = 12
#: Codes of one refusal that are told.
_CODES = 5
_Failure = tuple[type[BaseException], BaseException, TracebackType | None]


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; foreign records are told by their logger and level only."""
        told: dict[str, Any] = {"time": self.formatTime(record), "level": record.levelname.lower()}
        fields: dict[str, Any] | None = getattr(record, _FIELDS, None)
        told |= {"event": record.getMessage(), **fields} if fields is not None else {"event": record.name}
        if record.exc_info and record.exc_info[0] is not None:
            told["failure"] = failure(record.exc_info)
        return json.dumps(told, ensure_ascii=False)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        """UTC with milliseconds."""
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"


def failure(found: _Failure) -> dict[str, Any]:
    """Type of an exception and where it passed."""
    frames = traceback.extract_tb(found[2])[-_FRAMES:]
    return {"type": found[0].__name__, "at": [f"{f.filename}:{f.lineno} {f.name}" for f in frames]}


def log(event: str, level: int = logging.INFO, *, error: BaseException | None = None, **fields: Any) -> None:
    """Write what happened; *fields* hold codes, counts and sizes, nothing about people."""
    if number := request_id():
        fields = {"request": number, **fields}
    LOGGER.log(level, event, exc_info=error, extra={_FIELDS: fields})


def configure(stream: TextIO | None = None) -> None:
    """Send every log line of the process to *stream*, standard error by default."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    LOGGER.setLevel(logging.INFO)


def install(app: Flask) -> None:
    """Number every request, count it and write a line for it."""

    @app.before_request
    def begin() -> None:
        g.request_id = new_id()
        g.started = time.monotonic()

    @app.after_request
    def end(answer: Response) -> Response:
        answer.headers["X-Request-ID"] = request_id()
        seconds = time.monotonic() - g.get("started", time.monotonic())
        route = request.url_rule.rule if request.url_rule is not None else "-"
        metrics = portal_of(app).metrics
        metrics.count("zerofactory_requests_total", method=known_method(), route=route, status=str(answer.status_code))
        metrics.duration(seconds)
        why = {"refused": g.refused} if answer.status_code >= 400 and "refused" in g else {}
        log("request", method=known_method(), route=route, status=answer.status_code, ms=round(seconds * 1000), **why)
        return answer


def note_refusal(codes: Iterable[str]) -> None:
    """Let the line of the present request say why it is refused: codes of problems, the program's own words."""
    if has_request_context():
        g.refused = sorted(set(codes))[:_CODES]


def known_method() -> str:
    """The method, or ``other``: what strangers invent is neither logged nor counted by name."""
    sent = str(request.environ.get("REQUEST_METHOD", ""))       # a view may be told GET where HEAD was sent
    return sent if sent in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
