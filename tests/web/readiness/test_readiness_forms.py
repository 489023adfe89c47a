"""Start and forms: every pack on offer, in both languages, and what does not stand in them."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient
from tests.web.portal import multipart, send
from tests.web.readiness.readiness_files import STATE_LIST, small

from zerofactory_engine.messages import render
from zerofactory_engine.rulepack import pack_folders
from zerofactory_web.readiness.offer import offer, offers

REFERENCES = [o.reference for o in offers()]
PAGE = {"format": "json"}


def test_every_pack_that_the_program_knows_is_on_offer() -> None:
    assert set(REFERENCES) == {f"{name}@{version}" for name, version, _ in pack_folders()}
    assert len(REFERENCES) >= 5


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_start_lists_every_pack_with_its_notice(client: FlaskClient, lang: str) -> None:
    answer = client.get(f"/{lang}/readiness/")
    assert answer.status_code == 200
    for found in offers():
        assert html.escape(found.pack.title[lang], quote=False) in html.unescape(answer.text) or found.pack.title[lang] in html.unescape(answer.text)
        assert f'href="/{lang}/readiness/{found.reference}"' in answer.text
    assert render("precheck.notice", lang) in answer.text
    told = client.get(f"/{lang}/readiness/?format=json").json
    assert told is not None
    assert [p["reference"] for p in told["packs"]] == REFERENCES
    assert told["notice"] == render("precheck.notice", lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("reference", REFERENCES)
def test_the_form_of_every_pack_asks_for_file_levels_day_and_open_readings(client: FlaskClient, reference: str, lang: str) -> None:
    found = offer(reference)
    assert found is not None
    answer = client.get(f"/{lang}/readiness/{reference}")
    assert answer.status_code == 200
    text = html.unescape(answer.text)
    assert found.pack.title[lang] in text
    assert f'<html lang="{ {"zh": "zh-Hans", "en": "en"}[lang] }">' in text
    assert re.search(r'type="file"[^>]*name="dossier"|name="dossier"[^>]*type="file"', text)
    for level in found.pack.levels.values():
        assert f'name="level" value="{level.id}"' in text
        assert level.title[lang] in text
    lowest = min(found.pack.levels.values(), key=lambda level: level.order)
    assert re.findall(r'name="level" value="([^"]+)" checked', text) == [lowest.id]
    open_ones = {n for n, r in found.pack.readings.items() if r.settled is None}
    assert set(re.findall(r'<select[^>]* name="reading-([^"]+)"', text)) == open_ones
    for name in open_ones:
        reading = found.pack.readings[name]
        assert reading.question[lang] in text
        for alternative in reading.alternatives.values():
            assert alternative.title[lang] in text
    assert 'name="csrf_token"' in text
    told = client.get(f"/{lang}/readiness/{reference}?format=json").json
    assert told is not None
    assert told["levels"] == list(found.pack.levels)
    assert told["readings"] == {n: list(r.alternatives) for n, r in found.pack.readings.items()}


def test_a_pack_without_version_is_its_newest(client: FlaskClient) -> None:
    assert client.get("/en/readiness/cn-miit-zcf-2026").status_code == 200


@pytest.mark.parametrize("reference", [
    "none", "cn-miit-zcf-2026@9.9.9", "..", "%2e%2e%2f%2e%2e%2fetc", "..%2f..%2frules%2fcn-miit-zcf-2026", "%2fetc%2fpasswd",
    "cn-miit-zcf-2026@0.1.0%00", "@0.1.0", "@", "' OR 1=1 --", "x" * 3_000])
def test_only_packs_on_offer_never_a_path(client: FlaskClient, reference: str) -> None:
    assert client.get(f"/en/readiness/{reference}").status_code == 404
    program = client.application.test_client(use_cookies=False)
    assert program.post(f"/en/readiness/{reference}", **multipart({}, {"dossier": ("a.yaml", small())})).status_code == 404


def refused(client: FlaskClient, data: dict[str, str], files: dict[str, tuple[str, bytes]] | None = None, lang: str = "en") -> str:
    answer = send(client, f"/{lang}/readiness/{STATE_LIST}", data, files)
    assert answer.status_code == 422
    return html.unescape(answer.text)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_file_the_form_says_so_at_its_field_and_keeps_what_was_chosen(client: FlaskClient, lang: str) -> None:
    text = refused(client, {"level": "target", "reading-natural_gas_coefficient": "gas_field", "output": "pdf", "valid_on": "2026-05-01"}, lang=lang)
    assert 'href="#dossier"' in text
    assert text.count(render("precheck.no-file", lang)) >= 2
    assert re.findall(r'name="level" value="([^"]+)" checked', text) == ["target"]
    assert re.findall(r'name="output" value="([^"]+)" checked', text) == ["pdf"]
    assert 'value="2026-05-01"' in text


@pytest.mark.parametrize(("field", "value"), [
    ("valid_on", "yesterday"), ("valid_on", "2026-13-01"), ("valid_on", "1066-10-14"), ("valid_on", "２０２６-01-01"),
    ("output", "exe"), ("level", "gold"), ("reading-natural_gas_coefficient", "other")])
def test_what_is_not_offered_is_refused_at_its_field(client: FlaskClient, field: str, value: str) -> None:
    text = refused(client, {field: value}, {"dossier": ("a.yaml", small())})
    assert f'href="#{field}"' in text
    assert value in text


def test_a_reading_that_the_pack_lacks_is_refused(client: FlaskClient) -> None:
    text = refused(client, {"reading-none": "x"}, {"dossier": ("a.yaml", small())})
    assert 'href="#file-problems"' in text
    assert 'id="file-problems"' in text


def test_every_problem_of_the_form_at_once(client: FlaskClient) -> None:
    answer = client.post(f"/en/readiness/{STATE_LIST}?format=json", **multipart(
        {"valid_on": "x", "output": "exe", "level": "gold", "reading-natural_gas_coefficient": "other"}, {}))
    assert answer.status_code == 422
    assert answer.json is not None
    assert {p["code"] for p in answer.json["problems"]} == {
        "precheck.not-a-day", "precheck.output-unknown", "evaluation.level-unknown", "evaluation.alternative-unknown"}
    assert all(p["text"] for p in answer.json["problems"])


def test_what_was_entered_comes_back_escaped(client: FlaskClient) -> None:
    evil = '"><script>alert(1)</script>'
    answer = send(client, f"/en/readiness/{STATE_LIST}", {
        "valid_on": evil[:30], "output": evil, "level": evil, "reading-natural_gas_coefficient": evil, f"reading-{evil}": "x"})
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_form_of_a_browser_needs_its_token_a_program_without_cookie_does_not(client: FlaskClient) -> None:
    client.get(f"/en/readiness/{STATE_LIST}")                       # now it has a cookie
    answer = client.post(f"/en/readiness/{STATE_LIST}", **multipart({}, {"dossier": ("a.yaml", small())}))
    assert answer.status_code == 400
    stranger = client.application.test_client(use_cookies=False)
    assert stranger.post(f"/en/readiness/{STATE_LIST}?format=json", **multipart({}, {})).status_code == 422
    assert stranger.post("/en/readiness/again?format=json", data={"carried": "x"}).status_code == 400


def test_a_page_that_was_posted_leads_back_to_the_start_when_it_is_opened_again(client: FlaskClient) -> None:
    answer = client.get("/zh/readiness/again")
    assert (answer.status_code, answer.location) == (303, "/zh/readiness/")
