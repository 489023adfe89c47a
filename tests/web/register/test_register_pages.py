"""The public register through its pages: search, a certificate, its files, the check of a dropped file, the directory."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.web.conftest import Clock
from tests.web.portal import AXE, CHROMIUM, browser, live, multipart, send, token_of, violations
from tests.web.register.register_world import World, demo_bundle, prepared

from zerofactory_web.app import create_app
from zerofactory_web.register import directory, files, service
from zerofactory_web.register.pages import FILE_BYTES
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import SYSTEM, Store

NUMBER = "ZC-2026-00001"
FORMULA = '=HYPERLINK("http://x")'


@pytest.fixture(scope="module")
def portal() -> Iterator[tuple[World, Flask]]:
    """Four certificates: one with its files, one suspended, one with words that spreadsheets and pages must not obey,
    one that runs out."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="zf-reg-") as folder:
        settings = Settings(data=Path(folder), public_url="https://zc.example")
        store = Store(settings, clock=Clock())
        schema.upgrade(store.engine)
        world = prepared(store, 4, bundle=demo_bundle())
        with store.change(SYSTEM) as change:
            change.after_commit.clear()
        files.make(store, world.issue().id)
        world.act(world.issue(), "suspend", told={"zh": "监督逾期", "en": "Surveillance overdue"})
        bad = "<script>alert(1)</script>"
        world.issue(sites=[{"name": {"zh": FORMULA, "en": FORMULA}, "address": {"zh": bad, "en": bad}}], scope={"zh": bad, "en": bad},
                    conditions=[{"clause": bad, "text": bad, "due": "2027-01-01"}])
        yield world, create_app(settings, store)
        store.close()


@pytest.fixture
def world(portal: tuple[World, Flask]) -> World:
    return portal[0]


@pytest.fixture
def app(portal: tuple[World, Flask]) -> Flask:
    return portal[1]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def certificate_pdf(client: FlaskClient, kind: str = "certificate", language: str = "en") -> bytes:
    answer = client.get(f"/en/register/{NUMBER}/{kind}-{language}.pdf")
    assert answer.status_code == 200
    data: bytes = answer.data
    return data


def checked(client: FlaskClient, data: bytes, name: str = "x.pdf") -> dict[str, object]:
    """What a program without account hears of a file."""
    answer = client.post("/en/verify/", **multipart({}, {"pdf": (name, data)}), headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = json.loads(answer.data)
    return told


@pytest.mark.parametrize(("query", "numbers"), [
    ("", [3, 2, 1]), ("?status=suspended", [2]), ("?status=active", [3, 1]), ("?q=常州", [2, 1]), ("?q=%3D", [3]),
    ("?kind=statement", []), ("?q=nothing", []), ("?status=", [3, 2, 1])])
def test_the_register_is_searched(client: FlaskClient, query: str, numbers: list[int]) -> None:
    told = client.get(f"/zh/register/{query}", headers={"Accept": "application/json"}).get_json()
    assert [int(c["number"][-5:]) for c in told["certificates"]] == numbers
    page = client.get(f"/zh/register/{query}").text
    assert all(f"ZC-2026-{n:05d}" in page for n in numbers)


def test_a_filter_that_is_none_is_told_on_the_page_and_to_programs(client: FlaskClient) -> None:
    page = client.get("/en/register/?status=fine")
    assert (page.status_code, "no value to filter by" in page.text) == (422, True)
    told = client.get("/en/register/?status=fine", headers={"Accept": "application/json"})
    assert (told.status_code, told.get_json()["code"]) == (422, "register.bad-filter")
    assert client.get("/en/register/?after=x").status_code == 422


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_certificate_tells_everything_that_is_public(client: FlaskClient, world: World, lang: str) -> None:
    page, told = client.get(f"/{lang}/register/{NUMBER}"), client.get(f"/{lang}/register/{NUMBER}?format=json").get_json()
    with world.store.read() as session:
        row = service.by_number(session, NUMBER)
        assert row is not None
    assert told["certificate"] == row.content
    assert (told["status"], told["sha256"]) == ("active", row.sha256)
    assert len(told["files"]) == 4
    for text in (row.content["scope"][lang], row.content["client"]["name"][lang], row.sha256, f'id="{row.sha256[7:23]}"'):
        assert text in page.text
    assert "内部理由" not in client.get(f"/{lang}/register/ZC-2026-00002").text
    assert {"zh": "监督逾期", "en": "Surveillance overdue"}[lang] in client.get(f"/{lang}/register/ZC-2026-00002").text


@pytest.mark.parametrize("address", ["/en/register/ZC-2026-99999", "/en/register/ZC-2026-00002/certificate-en.pdf",
                                     f"/en/register/{NUMBER}/certificate-fr.pdf", f"/en/register/{NUMBER}/bundle-en.pdf",
                                     "/en/register/ZC-2026-99999/report-zh.pdf", "/en/register/..%2f..%2fetc"])
def test_what_is_not_there_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_names_are_text(client: FlaskClient) -> None:
    for lang in ("zh", "en"):
        page = client.get(f"/{lang}/register/ZC-2026-00003").text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
        assert "<script>alert" not in client.get(f"/{lang}/register/?q=%3Cscript%3Ealert").text


@pytest.mark.parametrize(("language", "onward"), [("zh-CN,zh", "/zh/"), ("en-GB", "/en/"), ("fr", "/zh/")])
def test_short_addresses_lead_to_the_page_in_the_readers_language(app: Flask, language: str, onward: str) -> None:
    client = app.test_client()
    answer = client.get(f"/verify/{NUMBER}", headers={"Accept-Language": language})
    assert (answer.status_code, answer.location) == (302, f"{onward}register/{NUMBER}")
    assert "Accept-Language" in answer.headers["Vary"]
    assert client.get("/verify", headers={"Accept-Language": language}).location == f"{onward}verify/"


def test_files_are_given_as_they_were_sealed(client: FlaskClient, world: World) -> None:
    told = client.get(f"/en/register/{NUMBER}?format=json").get_json()
    for f in told["files"]:
        answer = client.get(f["address"])
        assert answer.data == world.store.documents.read(f["sha256"])
        assert answer.content_type == "application/pdf"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{NUMBER}-{f["kind"]}-{f["language"]}.pdf"'


# --- checking a file -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["certificate", "report"])
def test_a_file_of_ours_is_genuine(client: FlaskClient, world: World, kind: str) -> None:
    documents = set(world.store.documents.all())
    told = checked(client, certificate_pdf(client, kind, "zh"))
    assert (told["verdict"], told["number"], told["status"]) == ("genuine", NUMBER, "active")
    found = {c["id"]: c["result"] for c in told["checks"]}          # type: ignore[attr-defined]  # JSON
    record = "good" if kind == "certificate" else "none"
    assert found == {"hash": "good", "seal": "good", "sealed-at": "none", "timestamp": "none", "record": record,
                     "bundle": "good", "extract": "good"}
    assert set(world.store.documents.all()) == documents            # nothing was kept


def test_one_flipped_byte_is_detected_wherever_it_is(client: FlaskClient) -> None:
    data = certificate_pdf(client)
    for place in (len(data) // 3, len(data) // 2, 2 * len(data) // 3, len(data) - 400):
        wrong = data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]
        assert checked(client, wrong)["verdict"] == "changed", place


def test_what_was_added_or_printed_anew_is_detected(client: FlaskClient) -> None:
    data = certificate_pdf(client)
    assert checked(client, data + b"\n% more\n")["verdict"] == "changed"
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:     # saved again: the seal is over other bytes
        pdf.save(out)
    told = checked(client, out.getvalue())
    assert told["verdict"] == "changed"
    with pikepdf.open(io.BytesIO(data)) as pdf:     # without any seal
        del pdf.Root.AcroForm
        del pdf.Root.Perms
        for page in pdf.pages:
            if "/Annots" in page:
                del page.Annots
        out = io.BytesIO()
        pdf.save(out)
    told = checked(client, out.getvalue())
    assert (told["verdict"], told["number"]) == ("changed", NUMBER)


def test_a_file_of_somebody_else_is_none_of_ours(client: FlaskClient) -> None:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out)
    told = checked(client, out.getvalue())
    assert (told["verdict"], told["number"], told["seal"]) == ("unknown", None, None)


def test_a_forged_certificate_under_another_seal_is_not_ours(client: FlaskClient, world: World, tmp_path_factory: pytest.TempPathFactory
                                                              ) -> None:
    from zerofactory_web.register import paper, seal_key, sign

    with world.store.read() as session:
        row = service.by_number(session, NUMBER)
        assert row is not None
    forged = {**row.content, "valid_until": "2039-01-01"}
    elsewhere = Settings(data=tmp_path_factory.mktemp("forger"))
    now = world.store.clock()
    with seal_key.opened(elsewhere, "East China Zero Carbon Centre", now) as seal:
        sheet = paper.Sheet(forged, row.sha256, b"{}", seal.subject, True, "https://zc.example")
        data = sign.seal_pdf(paper.render(sheet, "en"), seal, now, elsewhere, "Issue")
    told = checked(client, data)
    assert told["verdict"] == "changed"
    found = {c["id"]: c["result"] for c in told["checks"]}          # type: ignore[attr-defined]  # JSON
    assert (found["hash"], found["seal"], found["record"]) == ("bad", "open", "bad")


def test_a_genuine_file_of_a_certificate_that_no_longer_holds_says_so(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    data = certificate_pdf(client)
    monkeypatch.setattr(service, "status_on", lambda row, today: "withdrawn")
    told = checked(client, data)
    assert (told["verdict"], told["status"]) == ("genuine", "withdrawn")
    page = send(client, "/en/verify/", {}, {"pdf": ("c.pdf", data)})
    assert "Mind: the certificate is now “Withdrawn”" in page.text


@pytest.mark.parametrize(("data", "status", "code"), [
    (b"not a pdf", 422, "register.not-pdf"), (b"%PDF-1.7\n" + b"\x00" * 400, 422, "register.not-pdf"), (b"", 422, "site.file-empty"),
    (b"%PDF-" + b"x" * (FILE_BYTES + 10), 413, "site.file-too-large")])
def test_what_is_no_pdf_is_refused(client: FlaskClient, data: bytes, status: int, code: str) -> None:
    answer = client.post("/en/verify/", **multipart({}, {"pdf": ("x.pdf", data)}), headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_a_form_without_file_tells_it_beside_the_field(client: FlaskClient) -> None:
    answer = send(client, "/zh/verify/", {})
    assert answer.status_code == 422
    assert 'href="#pdf"' in answer.text
    assert token_of(answer.text)


# --- the directory ---------------------------------------------------------------------------------------------------


def test_the_directory_as_csv(client: FlaskClient) -> None:
    answer = client.get("/en/register/export.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert [(r["certificate_number"], r["status"]) for r in rows] == [
        ("ZC-2026-00003", "active"), ("ZC-2026-00002", "suspended"), (NUMBER, "active")]
    assert tuple(rows[0]) == directory.COLUMNS
    assert rows[0]["sites_en"] == "'" + FORMULA
    assert rows[2]["address"] == f"https://zc.example/verify/{NUMBER}"
    assert rows[2]["valid_until"] == "2029-11-01"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\n=x"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert directory.guarded(text) == "'" + text
    assert directory.guarded("a" + text) == "a" + text


def test_the_directory_as_json(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "_AT_ONCE", 2)          # more than one page of the register
    told = json.loads(client.get("/zh/register/export.json").data)
    assert (told["format"], told["as_of"]) == ("zerofactory/register/1", "2026-11-02")
    assert [c["certificate_number"] for c in told["certificates"]] == ["ZC-2026-00003", "ZC-2026-00002", NUMBER]
    assert told["certificates"][0]["sites_en"] == FORMULA


# --- in a browser ----------------------------------------------------------------------------------------------------

needs_browser = pytest.mark.skipif(not CHROMIUM.exists() or not AXE.exists(), reason="Chromium is not installed")


@pytest.mark.full
@needs_browser
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_are_accessible_and_work_without_script(app: Flask, tmp_path_factory: pytest.TempPathFactory, lang: str, dark: bool) -> None:
    file = tmp_path_factory.mktemp("dropped") / "certificate.pdf"
    file.write_bytes(certificate_pdf(app.test_client(), "certificate", lang))
    with live(app) as base, browser(lang, dark=dark, width=380) as page:
        for address in ("register/", "register/?status=fine", f"register/{NUMBER}", "register/ZC-2026-00002", "verify/"):
            page.goto(f"{base}/{lang}/{address}")
            assert violations(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= 380, address
        page.set_input_files("#pdf", str(file))
        page.click("form[method=post] button")
        page.wait_for_selector("#verdict-title")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 380
        code = app.test_client().get(f"/en/register/{NUMBER}?format=json").get_json()["code"]
        page.goto(f"{base}/verify/{NUMBER}#{code}")
        assert page.url.endswith(f"/{lang}/register/{NUMBER}#{code}")
        assert page.is_visible(".record-code .matches")
        page.goto(f"{base}/verify/{NUMBER}#0000000000000000")
        assert not page.is_visible(".record-code .matches")
    with live(app) as base, browser(lang, script=False) as page:
        page.goto(f"{base}/{lang}/verify/")
        page.set_input_files("#pdf", str(file))
        page.click("form[method=post] button")
        page.wait_for_selector("#verdict-title")
