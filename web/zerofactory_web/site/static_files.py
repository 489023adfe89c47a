"""Own style sheet, script and pictures: few and small, so they are held in memory and known by their hash.

An address that carries the hash may be kept for a year; without it a browser asks again and is told "not changed".
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from flask import Flask, Response, abort, request, url_for

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
          ".svg": "image/svg+xml; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file: content, hash, media type."""

    data: bytes
    tag: str
    kind: str


def load() -> Mapping[str, StaticFile]:
    """Every file of ``site/static``."""
    found: dict[str, StaticFile] = {}
    for entry in sorted((resources.files("zerofactory_web.site") / "static").iterdir(), key=lambda e: e.name):
        data = entry.read_bytes()
        ending = "." + entry.name.rpartition(".")[2]
        kind = _TYPES.get(ending) or mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
        found[entry.name] = StaticFile(data, hashlib.sha256(data).hexdigest()[:20], kind)
    return found


def install(app: Flask) -> None:
    """Serve the files under ``/static/<name>`` and let templates say ``static('site.css')``."""
    files = load()

    def send(name: str) -> Response:
        file = files.get(name)
        if file is None:
            abort(404)
        answer = Response(file.data, content_type=file.kind)
        answer.set_etag(file.tag)
        lasting = request.args.get("v") == file.tag
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "public, no-cache"
        answer.make_conditional(request)
        return answer

    def address(name: str) -> str:
        return url_for("static_file", name=name, v=files[name].tag)

    app.add_url_rule("/static/<name>", "static_file", send)
    app.add_template_global(address, "static")
