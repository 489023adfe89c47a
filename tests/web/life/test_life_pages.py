"""Every page that somebody can reach: no violation of accessibility, no sideways scrolling, nothing on the console."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from tests.web.exporter import exporter_world
from tests.web.life.conftest import PASSWORD, Shown
from tests.web.portal import browser, looked_at
from werkzeug.exceptions import HTTPException

from zerofactory_web.accounts import invitations, links, roles
from zerofactory_web.app import create_app
from zerofactory_web.cases import applications, complaints, findings, surveying
from zerofactory_web.demo.people import DOMAIN, Cast
from zerofactory_web.exporter import inputs, requests, results
from zerofactory_web.store.unit import PUBLIC, Store

#: People who between them see everything, the public first.
PEOPLE = ("", "qingyan", "haiyu", "lin", "zhao", "he", "qian", "anna")
#: Pages that no walk over links reaches, and why.
UNREACHED = {
    "front_door": "sends on", "door.sign_out": "changes nothing before it is sent", "door.code": "only for accounts with a second factor; tests of accounts walk it",
    "door.invitation": "only from a link that was given", "door.invited": "only from a link that was given",
    "me.recovery": "only with a second factor", "me.remove": "only with a second factor",
    "deskrequest.sent": "of an answered request; tests of the exporter walk it", "api_short": "sends on",
    "office.end_link": "of one person among many; tests of accounts walk it",
    "office.reopen": "of a closed account; tests of accounts walk it", "readiness.again_start": "sends on", "verify_short": "sends on",
    "verify_number": "sends on", "problem_type": "for programs"}
#: Answers that are no pages: files, streams, what machines read.
FILES = ("dossier_file", "bundle", "report_file", "readiness_report", "casefile.file", "download", "export", "events", "healthz", "metrics", "readyz",
         "version", "static_file", "openapi", "draft_workbook", "original", "blank",
         "beside", "deskresult.file", "deskresult.xml", "sent_file")
MOST_PAGES = 90


@pytest.fixture(scope="module")
def rich(demonstration: Shown, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The demonstration with more of what may lie about: a draft, an open question, a complaint, things to confirm."""
    store, cast = demonstration.store, demonstration.made.cast
    applications.start(store, cast.actor("qingyan"), cast.organisations["qingyan"])
    findings.ask(store, cast.actor("lin"), demonstration.made.waiting, "D3", "请补充 / please add", "2099-01-01")
    complaints.receive(store, PUBLIC, "投诉 / complaint", "某人 / somebody")
    surveying.schedule(store, cast.actor("he"), demonstration.made.certified, demonstration.made.certificate, "2099-01-01")
    invitations.invite(store, cast.actor("anna"), cast.organisations["haiyu"], "new@body.example")
    roles.grant(store, cast.actor("bo"), cast.persons["wu"], "technical_expert")
    _desk(store, cast, tmp_path_factory.mktemp("desk"))
    links.declare(store, cast.actor("lin"), cast.organisations["chuanrui"], kind="consulted",
                  since=store.clock().date(), until=None, text="咨询 / advised")
    return demonstration


def _desk(store: Store, cast: Cast, folder: Path) -> None:
    """An exporter's input with a result, and requests of customers, one of them declined."""
    who, place = cast.actor("qingyan"), cast.organisations["qingyan"]
    file, beside = exporter_world.example()
    version = inputs.add(store, who, place, "螺栓 / bolts", exporter_world.given(folder / "a", file, beside))
    results.keep(store, who, version, exporter_world.computed(folder / "b", file, beside))
    requests.add(store, who, place, exporter_world.asked())
    other = requests.add(store, who, place, exporter_world.asked(company="Other GmbH"))
    requests.decline(store, who, other, "无此货物 / no such goods")


def _key(app: Flask, path: str) -> tuple[str, str] | None:
    """Endpoint and section of a path of this site; None when it is none or no page."""
    try:
        endpoint, values = app.url_map.bind("x").match(path, "GET")
    except HTTPException:
        return None
    if endpoint.endswith(FILES) or endpoint.startswith("api."):
        return None
    return endpoint, str(values.get("section") or values.get("step") or "")


def _links(page: Any, lang: str) -> Iterator[str]:
    for href in page.eval_on_selector_all("a[href]", "found => found.map(a => a.getAttribute('href'))"):
        parts = urlsplit(href)
        if not parts.netloc and parts.path.startswith(f"/{lang}/"):
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def _sign_in(page: Any, base: str, lang: str, who: str) -> None:
    page.context.clear_cookies()
    if who:
        page.goto(f"{base}/{lang}/account/")
        page.fill("#email", f"{who}@{DOMAIN}")
        page.fill("#password", PASSWORD)
        page.locator("main form button").first.click()
        page.wait_for_load_state()


def _walk(rich: Shown, page: Any, lang: str) -> tuple[set[str], list[str]]:
    app = create_app(rich.store.settings, rich.store)
    reached: set[str] = set()
    wrong: list[str] = []
    seen: set[tuple[str, str, str]] = set()
    for who in PEOPLE:
        _sign_in(page, rich.base, lang, who)
        kind = {"": "public", "qingyan": "applicant", "haiyu": "applicant", "qian": "handler", "anna": "administrator"}.get(who, "staff")
        todo = [f"/{lang}/", f"/{lang}/complaints/new"]
        done: set[str] = set()
        visits = 0
        while todo and visits < MOST_PAGES:
            path = todo.pop(0)
            key = _key(app, path.partition("?")[0])
            if key is None or path in done:
                continue
            done.add(path)
            mark = (*key, kind + ("?" if "?" in path else ""))
            if mark in seen:
                continue
            seen.add(mark)
            visits += 1
            try:
                answer = page.goto(rich.base + path)
            except Exception as error:
                if "Download is starting" not in str(error):
                    raise
                reached.add(key[0])            # a file that is given out is no page
                continue
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            reached.add(key[0])
            if answer.status != 200:
                wrong.append(f"{who} {path}: {answer.status}")
                continue
            wrong += [f"{who} {path}: {v}" for v in looked_at(page)]
            text = page.inner_text("body")
            if re.search(r"\b(casework|account|precheck|register|jobs|exporter|site)\.[a-z][a-z0-9-]+", text):
                wrong.append(f"{who} {path}: a code is shown")
            todo += [x for x in _links(page, lang) if x not in done and not x.endswith("/sign-out")]
    return reached, wrong


@pytest.mark.full
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_is_sound(rich: Shown, lang: str) -> None:
    said: list[str] = []
    with browser(lang) as page:
        page.on("console", lambda message: said.append(message.text))
        reached, wrong = _walk(rich, page, lang)
    assert wrong == []
    assert said == []
    app = create_app(rich.store.settings, rich.store)
    pages = {r.endpoint for r in app.url_map.iter_rules() if "GET" in (r.methods or ()) and not r.endpoint.endswith(FILES)
             and not r.endpoint.startswith("api.")}
    assert sorted(pages - reached - set(UNREACHED)) == []
    assert reached & set(UNREACHED) == set()
