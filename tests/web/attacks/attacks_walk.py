"""Walking a portal in this process: pages that somebody reaches, and the forms on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.exceptions import HTTPException

#: Forms that end what the walk stands on, by the end of their address.
LEFT_ALONE = ("/sign-out", "/password", "/sessions", "/close", "/second-factor", "/remove", "/withdraw", "/languages")


@dataclass
class Form:
    """A form of a page: where it goes, what it carries, and which of its fields take free text."""

    page: str
    action: str
    values: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    has_files: bool = False


def found(text: str, path: str) -> list[Any]:
    """What an XPath finds on a page."""
    root: Any = html.fromstring(text)
    return list(root.xpath(path))


def endpoint(app: Flask, path: str) -> str | None:
    try:
        return str(app.url_map.bind("x").match(urlsplit(path).path, "GET")[0])
    except HTTPException:
        return None


def pages(app: Flask, client: FlaskClient, lang: str = "en", most: int = 120, start: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """(path, text) of every page that links lead to; of a kind of page (endpoint and section) at most three."""
    todo, kinds = [f"/{lang}/", f"/{lang}/complaints/new", *start], dict[str, int]()
    done: set[str] = set()
    while todo and len(done) < most:
        path = todo.pop(0)
        kind = endpoint(app, path)
        if kind is None or path in done or path.endswith("/sign-out"):
            continue
        mark = kind + (path.rsplit("/", 1)[1].partition("?")[0] if kind == "casefile.section" else "")
        kinds[mark] = kinds.get(mark, 0) + 1
        done.add(path)
        if kinds[mark] > 3:
            continue
        answer = client.get(path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        yield path, answer.text
        for href in found(answer.text, "//a/@href"):
            target = urlsplit(urljoin(path, href))
            if not target.netloc and target.path.startswith(f"/{lang}/"):
                todo.append(target.path + (f"?{target.query}" if target.query else ""))


def forms(path: str, text: str) -> Iterator[Form]:
    """The forms of a page that are posted."""
    for each_form in found(text, "//form[@method='post']"):
        action = urlsplit(urljoin(path, each_form.get("action") or path)).path
        if action.endswith(LEFT_ALONE):
            continue
        form = Form(path, action)
        for each in each_form.xpath(".//input|.//textarea|.//select|.//button"):
            _field(form, each)
        yield form


def _field(form: Form, each: Any) -> None:
    name, kind = each.get("name"), (each.get("type") or "text").lower()
    if not name:
        return
    if each.tag == "textarea" or (each.tag == "input" and kind in ("text", "search", "email", "url")):
        form.texts.append(name)
        form.values[name] = each.text or each.get("value") or ""
    elif each.tag == "select":
        options = each.xpath("./option")
        form.values.setdefault(name, (options[-1].get("value") or options[-1].text or "") if options else "")
    elif kind in ("radio", "checkbox"):
        if each.get("checked") is not None or name not in form.values:
            form.values[name] = each.get("value") or "on"
    elif kind == "file":
        form.has_files = True
    elif kind == "date":
        form.values[name] = "2030-01-01"
    elif kind == "password":
        form.values[name] = ""
    elif each.tag == "button":
        form.values.setdefault(name, each.get("value") or "")
    else:
        form.values[name] = each.get("value") or ""
