"""The portal as tests use it: a client that fills forms, a live server, and a browser with axe."""

from __future__ import annotations

import contextlib
import html
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe-core" / "axe.min.js"
CHROMIUM = Path("/usr/bin/chromium")
_ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def multipart(fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]) -> dict[str, Any]:
    """Arguments of ``client.post`` for a form with files; unlike the client's own it leaves no temporary file open."""
    parts = [f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    parts += [f'--XX\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
              f'Content-Type: application/octet-stream\r\n\r\n'.encode() + data + b"\r\n" for name, (file, data) in files.items()]
    return {"data": b"".join(parts) + b"--XX--\r\n", "content_type": "multipart/form-data; boundary=XX"}


def token_of(page: str) -> str:
    """The token of the form on *page*."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None, "no form on the page"
    return found[1]


def hidden(page: str, name: str) -> str:
    """The value of a hidden field on *page*."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, f"no field {name}"
    return html.unescape(found[1])


def send(client: FlaskClient, address: str, data: Mapping[str, str], files: Mapping[str, tuple[str, bytes]] | None = None,
         *, form: str | None = None, **more: Any) -> TestResponse:
    """Open the page of the form (at *form*, by default *address*), then post *data* and *files* with its token."""
    token = token_of(client.get(form or address).text)
    return client.post(address, **multipart({"csrf_token": token, **data}, files or {}), **more)


@contextmanager
def live(app: Flask) -> Iterator[str]:
    """*app* on a free port of this machine, served as in production; gives its address."""
    from waitress.server import create_server

    server = create_server(app, host="127.0.0.1", port=0, threads=4)

    def run() -> None:
        with contextlib.suppress(OSError):             # its socket is taken away while a browser still holds a line open
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        for _ in range(500):             # closed under somebody who is still answered, its loop would end with an error
            if not server.active_channels:
                break
            time.sleep(0.01)
        server.close()
        thread.join(10)


@contextmanager
def browser(language: str = "en", *, dark: bool = False, script: bool = True, width: int = 1100,
            height: int = 900) -> Iterator[Any]:
    """A page of Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as p:
        context = p.chromium.launch_persistent_context(
            folder, executable_path=str(CHROMIUM), headless=True, args=_ARGS, java_script_enabled=script,
            locale="zh-CN" if language == "zh" else "en-GB", color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": height})
        page = context.new_page()
        try:
            yield page
        finally:
            context.close()


#: How each page is looked at: in the dark or not, and how wide.
VIEWS = ((False, 1100), (True, 380))


def looked_at(page: Any, views: Sequence[tuple[bool, int]] = VIEWS) -> list[str]:
    """What is wrong with the page that is open, however it is looked at: axe's violations, and sideways scrolling."""
    wrong = []
    for dark, width in views:
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        how = f"{'dark' if dark else 'light'}, {width} px"
        wrong += [f"{how}: {v}" for v in violations(page)]
        found = page.evaluate("document.documentElement.scrollWidth")
        if found > width:
            wrong.append(f"{how}: {found} px wide")
    return wrong


def violations(page: Any) -> list[str]:
    """What axe finds wrong with the page that is open: rule, and the first places."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({runOnly: ['wcag2a','wcag2aa','wcag21aa','wcag22aa','best-practice']})")
    return [f"{v['id']}: " + "; ".join(n["html"][:120] for n in v["nodes"][:3]) for v in found["violations"]]
