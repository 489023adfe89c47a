"""What a check gives: the same verdicts as the command, on the page, in files and as JSON; readings; the other language."""

from __future__ import annotations

import html
import io
import json
import re
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from tests.web.portal import hidden, multipart, send, token_of
from tests.web.readiness.readiness_files import STATE_LIST, small
from werkzeug.test import TestResponse

from zerofactory_engine.evaluation.commands import evaluate, verify
from zerofactory_engine.messages import render
from zerofactory_web.readiness.offer import demo as demo_file
from zerofactory_web.readiness.offer import offer, offers

DAY = "2026-05-01"
GAS = "reading-natural_gas_coefficient"


@pytest.fixture(scope="module")
def page(app: Any) -> str:
    """The page of a small dossier."""
    return send(app.test_client(), f"/en/readiness/{STATE_LIST}", {}, {"dossier": ("a.yaml", small())}).text


def again(client: FlaskClient, page: str, lang: str = "en", **wish: str) -> TestResponse:
    """What the buttons of the result *page* send."""
    return client.post(f"/{lang}/readiness/again", data={
        "csrf_token": token_of(page), "carried": hidden(page, "carried"), **wish})


def command(tmp_path: Path, reference: str, *more: str) -> dict[str, Any]:
    """The assessment of the demo by ``zerofactory evaluate``."""
    bundle = tmp_path / "bundle.json"
    result = CliRunner().invoke(evaluate, [str(demo_file()), "--pack", reference, "--valid-on", DAY, *more, "--bundle", str(bundle)])
    assert result.exit_code in (0, 1, 5), result.output
    found: dict[str, Any] = json.loads(bundle.read_bytes())
    return found


@pytest.mark.parametrize("reference", [STATE_LIST, *(pytest.param(o.reference, marks=pytest.mark.full) for o in offers() if o.reference != STATE_LIST)])
def test_the_demo_gets_the_verdicts_of_the_command_under_every_pack(client: FlaskClient, tmp_path: Path, reference: str) -> None:
    found = offer(reference)
    assert found is not None
    levels = list(found.pack.levels)
    answer = client.post(f"/en/readiness/{reference}?format=json", data={"source": "demo", "valid_on": DAY, "level": levels})
    assert answer.status_code == 200
    told = answer.json
    assert told is not None
    expected = command(tmp_path, reference, *(a for level in levels for a in ("--level", level)))["assessment"]
    assert told["assessment"] == expected                  # all of it, byte for byte the same content
    assert told["id"] == expected["id"]
    assert {v["id"]: v["verdict"] for v in told["levels"]} == {v["id"]: v["verdict"] for v in expected["levels"]}
    shown = sorted(o["verdict"] for c in told["criteria"] for o in c["levels"])
    assert shown == sorted(o["verdict"] for c in expected["criteria"] for o in c["levels"].values())
    assert told["kind"] == "self-assessment"


def test_the_page_says_what_it_is_and_what_came_out(demo: TestResponse) -> None:
    text = html.unescape(demo.text)
    assert text.count(render("precheck.notice", "en")) >= 2
    assert render("precheck.notice-text", "en") in text
    for part in ("outcome", "missing", "distances", "levers", "readings", "further"):
        assert f'id="{part}"' in text
    assert "<svg" in demo.text
    assert demo.text.count("<svg") >= 3
    assert len(re.findall(r"<table", demo.text)) >= 4                    # every drawing has its table beside it
    assert "certificate number" not in text.lower()
    assert demo.headers["Cache-Control"] == "no-store"


def test_files_are_named_by_their_record_and_hold_the_same_one(client: FlaskClient, page: str, tmp_path: Path) -> None:
    data = {"csrf_token": token_of(client.get("/en/readiness/" + STATE_LIST).text), "carried": hidden(page, "carried")}
    bundle = client.post("/en/readiness/again", data={**data, "output": "bundle"})
    assert (bundle.status_code, bundle.content_type) == (200, "application/json")
    record = json.loads(bundle.data)["assessment"]["id"].removeprefix("sha256:")
    name = f"self-assessment-{record[:12]}"
    assert bundle.headers["Content-Disposition"] == f'attachment; filename="{name}.json"'
    assert record[:16] in page

    file = tmp_path / "bundle.json"
    file.write_bytes(bundle.data)
    checked = CliRunner().invoke(verify, [str(file)])
    assert checked.exit_code == 0, checked.output

    report = client.post("/zh/readiness/again", data={**data, "output": "html"})
    assert report.headers["Content-Disposition"] == f'attachment; filename="{name}.html"'
    assert render("precheck.notice", "zh") in report.text
    assert "<script" not in report.text
    assert "http://" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", report.text)      # nothing is loaded from anywhere

    pdf = client.post("/en/readiness/again", data={**data, "output": "pdf"})
    assert (pdf.status_code, pdf.content_type) == (200, "application/pdf")
    assert pdf.headers["Content-Disposition"] == f'attachment; filename="{name}.pdf"'
    with pikepdf.open(io.BytesIO(pdf.data)) as read:
        inside = {n: a.get_file().read_bytes() for n, a in read.attachments.items()}
    assert bundle.data in inside.values()


def test_a_bundle_of_before_is_taken_as_a_file_and_gives_the_same(client: FlaskClient, demo: TestResponse) -> None:
    data = {"csrf_token": token_of(client.get("/en/readiness/" + STATE_LIST).text), "carried": hidden(demo.text, "carried")}
    bundle = client.post("/en/readiness/again", data={**data, "output": "bundle"}).data
    was = json.loads(bundle)
    program = client.application.test_client(use_cookies=False)
    answer = program.post(f"/en/readiness/{STATE_LIST}?format=json", **multipart(
        {"valid_on": was["request"]["valid_on"]}, {"dossier": ("bundle.json", bundle)}))
    assert answer.json is not None
    assert answer.json["id"] == was["assessment"]["id"]

    changed = json.loads(bundle)
    changed["dossier"]["facility"]["id"] = "F9"
    refused = program.post(f"/en/readiness/{STATE_LIST}?format=json", **multipart(
        {}, {"dossier": ("bundle.json", json.dumps(changed).encode())}))
    assert refused.status_code == 422
    assert refused.json is not None
    assert [p["code"] for p in refused.json["problems"]] == ["report.differs"]


def test_another_reading_of_a_clause_changes_the_outcome(client: FlaskClient, demo: TestResponse) -> None:
    client.get("/en/readiness/" + STATE_LIST)
    page = client.get("/en/readiness/" + STATE_LIST).text
    answer = client.post("/en/readiness/again?format=json", data={
        "csrf_token": token_of(page), "carried": hidden(demo.text, "carried"), "level": "entry", GAS: "gas_field"})
    assert answer.status_code == 200
    assert answer.json is not None
    assert "not met" in html.unescape(demo.text).lower()
    assert {v["id"]: v["verdict"] for v in answer.json["levels"]}["entry"] == "indeterminate"
    assert {r["id"]: r["chosen"] for r in answer.json["assessment"]["readings"]}["natural_gas_coefficient"] == "gas_field"
    # the page of the first check had announced just that
    assert "1.2143" in html.unescape(demo.text)


def test_the_other_language_keeps_levels_readings_day_and_content(client: FlaskClient) -> None:
    first = send(client, f"/en/readiness/{STATE_LIST}", {"level": "target", GAS: "gas_field", "valid_on": DAY},
                 {"dossier": ("a.yaml", small("Schloss Zwölf"))})
    assert first.status_code == 200
    button = re.search(r'<button class="as-link" form="again" name="output" value="page" formaction="([^"]+)" lang="zh-Hans">', first.text)
    assert button is not None
    assert button[1] == "/zh/readiness/again"
    # the switch stands in the form of further choices, so those are sent along
    second = again(client, first.text, "zh", output="page", level="target", valid_on=DAY, **{GAS: "gas_field"})
    assert second.status_code == 200
    assert '<html lang="zh-Hans">' in second.text
    for page in (first.text, second.text):
        assert "Schloss Zwölf" in page
        assert re.findall(r'name="level" value="([^"]+)" checked', page) == ["target"]
        assert f'value="{DAY}"' in page
        assert re.search(r'<option value="gas_field" selected', page)
    ids = [re.search(r"[0-9a-f]{16}", p.split("<dl", 1)[1])[0] for p in (first.text, second.text)]  # type: ignore[index]
    assert ids[0] == ids[1]
    bare = again(client, first.text, "zh", output="page")               # without them: those of the first check
    assert re.findall(r'name="level" value="([^"]+)" checked', bare.text) == ["target"]
    assert re.search(r'<option value="gas_field" selected', bare.text)


# --- what the page carries -------------------------------------------------------------------------------------------


def _flipped(text: str, at: int) -> str:
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1:]


@pytest.mark.parametrize("spoil", [
    pytest.param(lambda t: "", id="empty"), pytest.param(lambda t: "x", id="not ours"),
    pytest.param(lambda t: _flipped(t, 10), id="content"), pytest.param(lambda t: _flipped(t, len(t) - 3), id="signature"),
    pytest.param(lambda t: t[:-1], id="cut"), pytest.param(lambda t: t.rpartition(".")[0], id="without signature"),
    pytest.param(lambda t: t + "中", id="not ASCII"), pytest.param(lambda t: t.replace(".", "", 1), id="without dot"),
    pytest.param(lambda t: t + "\x00", id="NUL")])
def test_what_a_page_carries_cannot_be_changed(client: FlaskClient, page: str, spoil: Any) -> None:
    token = token_of(client.get("/en/readiness/" + STATE_LIST).text)
    for lang in ("zh", "en"):
        answer = client.post(f"/{lang}/readiness/again?format=json", data={
            "csrf_token": token, "carried": spoil(hidden(page, "carried"))})
        assert answer.status_code == 422
        assert answer.json is not None
        assert [p["code"] for p in answer.json["problems"]] == ["precheck.carried-broken"]
    shown = client.post("/en/readiness/again", data={"csrf_token": token, "carried": spoil(hidden(page, "carried"))})
    assert shown.status_code == 422
    assert render("precheck.carried-broken", "en") in html.unescape(shown.text)


def test_what_another_installation_signed_is_not_ours(client: FlaskClient, page: str, tmp_path: Path) -> None:
    from zerofactory_web.app import create_app
    from zerofactory_web.settings import Settings
    from zerofactory_web.store import schema
    from zerofactory_web.store.unit import Store

    store = Store(Settings(data=tmp_path / "other"))
    schema.upgrade(store.engine)
    other = create_app(store.settings, store).test_client()
    token = token_of(other.get("/en/readiness/" + STATE_LIST).text)
    answer = other.post("/en/readiness/again", data={"csrf_token": token, "carried": hidden(page, "carried")})
    store.close()
    assert answer.status_code == 422


def test_choices_of_the_result_page_that_are_not_offered_are_a_problem(client: FlaskClient, page: str) -> None:
    token = token_of(client.get("/en/readiness/" + STATE_LIST).text)
    answer = client.post("/en/readiness/again", data={
        "csrf_token": token, "carried": hidden(page, "carried"), "level": "gold", "valid_on": "x"})
    assert answer.status_code == 422
    assert "gold" in answer.text


# --- names that mean harm --------------------------------------------------------------------------------------------

EVIL = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "</title><svg onload=alert(1)>", "{{ 7*7 }}<b>", "]]><i>&amp;"]


@pytest.mark.parametrize("name", [*EVIL[:2], *(pytest.param(e, marks=pytest.mark.full) for e in EVIL[2:])])
def test_names_in_a_dossier_are_text_wherever_they_stand(client: FlaskClient, name: str) -> None:
    quoted = "'" + name.replace("'", "''") + "'"
    shown = send(client, f"/en/readiness/{STATE_LIST}", {}, {
        "dossier": (name.replace('"', "'") + ".yaml", small(quoted))})
    assert shown.status_code == 200, shown.text[:3_000]
    reports = [again(client, shown.text, lang, output="html").text for lang in ("zh", "en")]
    for text in (shown.text, *reports):
        assert name not in re.sub(r'<input type="hidden"[^>]*>', "", text)
        assert "49<b>" not in text
        assert not re.search(r"<(script|img|svg)[^>]*alert", text)
    assert html.escape(name, quote=False).split("&gt;")[0][:12] in shown.text.replace("&#34;", '"')
