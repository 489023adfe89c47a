"""The reference page: made of the document, in both languages, without script or other hosts; clean for axe."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import html
from tests.web.api.api_world import House
from tests.web.portal import CHROMIUM, browser, live, looked_at

from zerofactory_engine.messages import render
from zerofactory_web.api.openapi import OPERATIONS, parameters_of
from zerofactory_web.api.schemas import COMPONENTS


def _ids(page: str) -> tuple[set[str], set[str]]:
    root: Any = html.fromstring(page)
    return {str(i) for i in root.xpath("//@id")}, {str(h)[1:] for h in root.xpath("//main//a/@href") if h.startswith("#")}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_says_everything_that_the_document_says(house: House, lang: str) -> None:
    page = house.client().get(f"/{lang}/api/").text
    ids, links = _ids(page)
    assert {o.id for o in OPERATIONS} | {f"schema-{name}" for name in COMPONENTS} <= ids
    assert links <= ids
    root: Any = html.fromstring(page)
    text = " ".join(root.text_content().split())
    for operation in OPERATIONS:
        for code in (f"api.op-{operation.id}", f"api.about-{operation.id}", *(p.about for p in parameters_of(operation))):
            assert " ".join(render(code, lang).split()) in text, code


def test_no_other_host_and_no_script_of_its_own(house: House) -> None:
    page = house.client().get("/en/api/").text
    assert set(re.findall(r'(?:src|href)="(https?://[^/"]+)', page)) <= {house.store.settings.public_url}
    assert len(re.findall(r"<script", page)) == 1, "that of every page"


def test_the_short_address_leads_to_the_language_of_the_browser(house: House) -> None:
    answer = house.client().get("/api/", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/api/")


def test_it_is_data_too(house: House) -> None:
    told = house.client().get("/en/api/?format=json").get_json()
    assert [o["id"] for g in told["groups"] for o in g["operations"]] == [
        o.id for tag in dict.fromkeys(o.tag for o in OPERATIONS) for o in OPERATIONS if o.tag == tag]


@pytest.mark.full
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium is installed")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing(house: House, lang: str) -> None:
    with live(house.app) as host, browser(lang) as page:
        page.goto(f"{host}/{lang}/api/")
        assert looked_at(page) == []
