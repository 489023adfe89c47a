"""Pages of the desk: each in both languages and as data, the way from a file to an answer, what is refused and how."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from tests.web.exporter.exporter_pages import Rooms, last
from tests.web.exporter.exporter_world import BOLTS, example, sha256
from tests.web.portal import send, token_of

from zerofactory_web.exporter import guarded, work
from zerofactory_web.readiness.guard import Guard

STEEL, BESIDE = example()
EVIL = "<script>alert(1)</script>"


def _upload(rooms: Rooms, name: str, data: bytes = STEEL.data, file: str = "input.yaml") -> str:
    """Upload an input; the id of its version."""
    answer = send(rooms.cai, "/en/exporter/inputs/new", {"organisation": rooms.desk.works, "name": name,
                                                         "source": "file"},
                  {"file": (file, data), "beside": (BESIDE[0].name, BESIDE[0].data)})
    assert answer.status_code == 303, answer.text
    return last(answer.location)


def _compute(rooms: Rooms, version: str, method: str = "definitive") -> str:
    answer = send(rooms.cai, f"/en/exporter/versions/{version}/compute", {"method": method},
                  form=f"/en/exporter/versions/{version}")
    assert answer.status_code == 303, answer.text
    return last(answer.location)


def _make(rooms: Rooms, result: str, kind: str) -> str:
    """Make a file; its id."""
    answer = send(rooms.cai, f"/en/exporter/results/{result}/files", {"kind": kind},
                  form=f"/en/exporter/results/{result}")
    assert answer.status_code == 303, answer.text
    files = rooms.cai.get(f"/en/exporter/results/{result}?format=json").json["files"]  # type: ignore[index]  # it is JSON
    return str(next(f["id"] for f in files if f["kind"] == kind))


@pytest.fixture(scope="module")
def things(rooms: Rooms) -> dict[str, str]:
    """One of everything, made through the pages."""
    version = _upload(rooms, "Plant 1")
    result = _compute(rooms, version)
    transitional = _compute(rooms, version, "transitional")
    files = {kind: _make(rooms, result, kind) for kind in ("goods", "result", "proof")}
    request = last(send(rooms.cai, "/en/exporter/requests/new", {
        "organisation": rooms.desk.works, "company": f"Import {EVIL}", "eori": "DE123456789012345", "contact": EVIL,
        "goods": f"{BOLTS}; 120.5", "year": "2026", "note": EVIL}).location)
    page = f"/en/exporter/requests/{request}/answer/{result}"
    token = token_of(rooms.cai.get(page).text)
    assert rooms.cai.post(page, data={"csrf_token": token, "files": [files["goods"], files["proof"]],
                                      "note": EVIL}).status_code == 303
    sent = rooms.cai.get(f"/en/exporter/requests/{request}?format=json").json["sent"][0]  # type: ignore[index]  # it is JSON
    seen = rooms.cai.get(f"/en/exporter/versions/{version}?format=json").json
    assert seen is not None
    return {"input": seen["input"]["id"], "version": version, "part": seen["beside"][0]["id"], "result": result,
            "transitional": transitional, "file": files["goods"], "request": request, "sent": sent["files"][0]["id"]}


PAGES = {
    "start": "", "input-new": "inputs/new", "input": "inputs/{input}", "input-version": "inputs/{input}/version",
    "write-new": "inputs/write", "write": "inputs/{input}/write",
    "version": "versions/{version}", "result": "results/{result}", "transitional": "results/{transitional}",
    "proof": "results/{result}/proof?step=process:P2/see-direct", "xml": "results/{transitional}/xml",
    "cost": "results/{result}/cost?product=2&price=80&low=60&high=120&tonnes=1200",
    "no-price": "results/{result}/cost?product=2", "requests": "requests", "request-new": "requests/new",
    "request": "requests/{request}", "answer": "requests/{request}/answer/{result}"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_in_both_languages_and_as_data(rooms: Rooms, things: dict[str, str], name: str,
                                                  language: str) -> None:
    address = f"/{language}/exporter/{PAGES[name].format(**things)}"
    answer = rooms.cai.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert not re.search(r"exporter\.[a-z-]+", answer.text), "a sentence is missing"
    assert EVIL not in answer.text
    chinese = re.findall(r"[\u4e00-\u9fff]+", re.sub(r"<option.*?</option>|电池厂|中文|示例\w+", "", answer.text))
    assert bool(chinese) == (language == "zh"), chinese[:5]
    data = rooms.cai.get(address + ("&" if "?" in address else "?") + "format=json")
    assert data.mimetype == "application/json"
    assert isinstance(data.json, dict)


def test_a_figure_on_the_page_is_the_engines_and_leads_to_its_proof(rooms: Rooms, things: dict[str, str]) -> None:
    data = rooms.cai.get(f"/en/exporter/results/{things['result']}?format=json").json
    assert data is not None
    bolts = next(p for p in data["products"] if p["cn"] == BOLTS)
    assert bolts["see_direct"] == "2.803704243027836134453781512605041"
    page = rooms.cai.get(f"/en/exporter/results/{things['result']}").text
    assert "2.80370" in page
    assert "proof?step=process:P2/see-direct" in page or "proof?step=process%3AP2/see-direct" in page
    step = rooms.cai.get(f"/en/exporter/results/{things['result']}/proof?step=stream:S2/amount&format=json").json
    assert step is not None
    assert (step["step"]["value"], step["step"]["unit"], step["step"]["documents"]) == ("120", "t", ["D2"])
    assert step["step"]["place"]["path"] == "source_streams/S2/amount"


def test_indirect_emissions_that_do_not_count_are_not_shown_as_zero(rooms: Rooms, things: dict[str, str]) -> None:
    page = rooms.cai.get(f"/en/exporter/results/{things['result']}").text
    assert "not counted" in page
    assert not re.search(r">\s*0\.00000\s*<", page)
    assert "0.56723" in rooms.cai.get(f"/en/exporter/results/{things['transitional']}").text


def test_what_was_sent_comes_back_byte_for_byte(rooms: Rooms, things: dict[str, str]) -> None:
    data = rooms.cai.get(f"/en/exporter/requests/{things['request']}?format=json").json
    assert data is not None
    assert data["state"] == "answered"
    for file in data["sent"][0]["files"]:
        answer = rooms.cai.get(f"/en/exporter/sent/{file['id']}")
        assert sha256(answer.data) == file["sha256"]
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.mimetype == "application/octet-stream"


def test_the_original_file_comes_back_as_it_was(rooms: Rooms, things: dict[str, str]) -> None:
    assert rooms.cai.get(f"/en/exporter/versions/{things['version']}/file").data == STEEL.data
    assert rooms.cai.get(f"/en/exporter/versions/{things['version']}/beside/{things['part']}").data == BESIDE[0].data


def test_a_new_version_lists_what_changed(rooms: Rooms) -> None:
    version = _upload(rooms, "Plant to change")
    one = rooms.cai.get(f"/en/exporter/versions/{version}?format=json").json
    assert one is not None
    ident = one["input"]["id"]
    data = STEEL.data.replace(b"amount: 120 t,", b"amount: 130 t,")
    answer = send(rooms.cai, f"/en/exporter/inputs/{ident}/version", {"note": "one invoice more"},
                  {"file": ("new.yaml", data), "beside": (BESIDE[0].name, BESIDE[0].data)})
    assert answer.status_code == 303
    found = rooms.cai.get(f"/zh/exporter/inputs/{ident}?format=json").json
    assert found is not None
    assert found["changes"] == [{"path": "source_streams/S2/amount", "kind": "changed", "before": "120 t",
                                 "after": "130 t"}]
    assert "从第 1 版到第 2 版" in rooms.cai.get(f"/zh/exporter/inputs/{ident}").text
    same = send(rooms.cai, f"/en/exporter/inputs/{ident}/version", {}, {
        "file": ("new.yaml", data), "beside": (BESIDE[0].name, BESIDE[0].data)})
    assert (same.status_code, "same file" in same.text) == (422, True)


def test_an_example_begins_an_input(rooms: Rooms) -> None:
    answer = send(rooms.cai, "/en/exporter/inputs/new", {"organisation": rooms.desk.works, "name": "Cement",
                                                         "source": "cement"})
    assert answer.status_code == 303
    assert rooms.cai.get(answer.location).status_code == 200


# --- what is not known, what is wrong --------------------------------------------------------------------------------

def test_a_missing_value_is_never_zero(rooms: Rooms) -> None:
    data = STEEL.data.replace(b"amount: 120 t, factor: lpg,", b"factor: lpg,")
    assert data != STEEL.data
    result = _compute(rooms, _upload(rooms, "Lacks an amount", data))
    found = rooms.cai.get(f"/en/exporter/results/{result}?format=json").json
    assert found is not None
    bolts = next(p for p in found["products"] if p["cn"] == BOLTS)
    assert bolts["see_direct"] is None
    assert found["unknown"] > 0
    page = rooms.cai.get(f"/en/exporter/results/{result}").text
    assert "Figures of emissions that are unknown" in page
    row = re.search(r'<a href="#product-2">.*?</tr>', page, re.S)
    assert row is not None
    assert "unknown" in row[0]
    assert "0.00000" not in row[0]
    cost = rooms.cai.get(f"/en/exporter/results/{result}/cost?product=2&price=80&format=json").json
    assert cost is not None
    assert {y["cost_price"] for y in cost["years"]} == {None}
    assert cost["reasons"]


def test_without_a_price_there_are_certificates_and_no_cost(rooms: Rooms, things: dict[str, str]) -> None:
    data = rooms.cai.get(f"/en/exporter/results/{things['result']}/cost?product=2&format=json").json
    assert data is not None
    assert all(y["net"] is not None and y["cost_price"] is None for y in data["years"])
    assert "No price is assumed" in rooms.cai.get(f"/en/exporter/results/{things['result']}/cost?product=2").text


def test_cost_lies_between_its_bounds_and_rises_as_free_allocation_ends(rooms: Rooms, things: dict[str, str]) -> None:
    address = f"/en/exporter/results/{things['result']}/cost?product=2&price=80&low=60&high=120&tonnes=1000&format=json"
    data = rooms.cai.get(address).json
    assert data is not None
    years = {y["year"]: y for y in data["years"]}
    assert all(float(y["cost_low"]) < float(y["cost_price"]) < float(y["cost_high"]) for y in years.values())
    assert years[2034]["sefa"] == "0"
    assert years[2026]["cost_price"] == "110.5534318792016806722689075630252"
    assert data["carried"] == ["wire rod of mill A"]           # stated for one year: the page says that it is carried on
    assert "wire rod of mill A" in rooms.cai.get(address.removesuffix("&format=json")).text
    assert years[2026]["total_price"] == "110553.4318792016806722689075630252"


@pytest.mark.parametrize("query", ["price=x", "price=-1", "price=1e99", "low=90&price=80", "tonnes=nan&price=1",
                                   "price=80&product=99"])
def test_prices_that_are_none_are_told(rooms: Rooms, things: dict[str, str], query: str) -> None:
    for end, kind in (("", "text/html"), ("&format=json", "application/problem+json")):
        answer = rooms.cai.get(f"/zh/exporter/results/{things['result']}/cost?{query}{end}")
        assert (answer.status_code, answer.mimetype) == (422, kind)


WRONG = {
    "not-a-file.yaml": b"\x00\x01\x02", "list.yaml": b"- 1\n", "other.yaml": b"format: zerofactory/other/1\n",
    "broken.json": b"{", "broken.xlsx": b"PK\x03\x04broken", "empty-zip.xlsx": b"PK\x05\x06" + b"\0" * 18,
    "entities.yaml": b"a: &a [1]\nb: *a\n", "method.yaml": STEEL.data.replace(b"method: combustion", b"method: burning"),
    "unit.yaml": STEEL.data.replace(b"amount: 120 t", b"amount: 120")}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_cannot_be_read_is_told_with_everything_wrong_in_it(rooms: Rooms, name: str) -> None:
    for language in ("zh", "en"):
        answer = send(rooms.cai, f"/{language}/exporter/inputs/new", {
            "organisation": rooms.desk.works, "name": "x", "source": "file"},
            {"file": (name, WRONG[name]), "beside": (BESIDE[0].name, BESIDE[0].data)})
        assert answer.status_code == 422
        assert "data-errors" in answer.text
    if name == "method.yaml":
        assert answer.text.count("source_streams/S") >= 3      # every place, not the first alone
        assert 'id="file-error"' not in answer.text            # the field is right; what is in the file is not


def test_no_file_an_empty_one_and_a_table_that_is_none(rooms: Rooms) -> None:
    fields = {"organisation": rooms.desk.works, "name": "x", "source": "file"}
    assert "No file was chosen" in send(rooms.cai, "/en/exporter/inputs/new", fields).text
    assert send(rooms.cai, "/en/exporter/inputs/new", fields, {"file": ("a.yaml", b"")}).status_code == 422
    answer = send(rooms.cai, "/en/exporter/inputs/new", fields, {"file": ("a.yaml", STEEL.data),
                                                                "beside": ("../../evil.sh", b"x")})
    assert (answer.status_code, "have to be CSV" in answer.text) == (422, True)


def test_a_workbook_that_is_not_the_commissions_is_refused(rooms: Rooms, things: dict[str, str]) -> None:
    page = f"/en/exporter/results/{things['result']}"
    for files in ({}, {"template": ("t.xlsx", b"PK\x03\x04no")}):
        assert send(rooms.cai, f"{page}/files", {"kind": "workbook"}, files, form=page).status_code == 422
    assert send(rooms.cai, f"{page}/files", {"kind": "nothing"}, form=page).status_code == 422


@pytest.mark.full
def test_the_commissions_workbook_is_filled(rooms: Rooms, things: dict[str, str], shared_data: Path) -> None:
    (template,) = (shared_data / "cbam/template").glob("*.xlsx")
    page = f"/en/exporter/results/{things['transitional']}"
    answer = send(rooms.cai, f"{page}/files", {"kind": "workbook"}, {"template": (template.name, template.read_bytes())},
                  form=page)
    assert answer.status_code == 303, answer.text


XML = {"company": "Import & <Co>", "eori": "DE123456789012345", "city": "Hamburg", "role": "01", "year": "2025",
       "quarter": "Q4", "procedure": "40", "methodology": "TOM01", "electricity_source": "SOE02", "tonnes-2": "100.5"}


def test_the_registrys_xml_is_a_valid_draft(rooms: Rooms, things: dict[str, str]) -> None:
    from zerofactory_mappings.cbam.qreport.check import check_bytes

    page = f"/en/exporter/results/{things['transitional']}/xml"
    assert send(rooms.cai, page, XML).status_code == 303
    data = rooms.cai.get(f"/en/exporter/results/{things['transitional']}?format=json").json
    assert data is not None
    file = next(f for f in data["files"] if f["kind"] == "xml")
    made = rooms.cai.get(f"/en/exporter/files/{file['id']}").data
    assert check_bytes(made).valid
    assert b"Import &amp; &lt;Co&gt;" in made


@pytest.mark.parametrize(("change", "result"), [
    ({"quarter": "Q1", "year": "2026"}, "transitional"), ({"tonnes-2": ""}, "transitional"),
    ({"tonnes-2": "x"}, "transitional"), ({"methodology": "<x>"}, "transitional"), ({"eori": ""}, "transitional"),
    ({}, "result")])
def test_the_registrys_xml_is_refused(rooms: Rooms, things: dict[str, str], change: dict[str, str],
                                      result: str) -> None:
    answer = send(rooms.cai, f"/zh/exporter/results/{things[result]}/xml", XML | change)
    assert (answer.status_code, "data-errors" in answer.text) == (422, True)


def test_a_form_that_is_wrong_comes_back_filled_with_everything_told(rooms: Rooms) -> None:
    answer = send(rooms.cai, "/zh/exporter/requests/new", {"organisation": rooms.desk.works, "company": EVIL,
                                                           "eori": "?", "goods": "1", "year": "x"})
    assert answer.status_code == 422
    assert "&lt;script&gt;" in answer.text
    assert EVIL not in answer.text
    for field in ("eori", "contact", "goods", "year"):
        assert f'href="#{field}"' in answer.text


def test_names_in_files_are_text_on_pages_and_charts(rooms: Rooms) -> None:
    data = STEEL.data.replace(b"name: hexagon nuts", b'name: "<img src=x onerror=alert(1)>"').replace(
        b"name: wire rod of mill A", b'name: "<script>alert(1)</script>"')
    version = _upload(rooms, EVIL, data, "<b>x.yaml")
    result = _compute(rooms, version)
    for address in ("", f"versions/{version}", f"results/{result}", f"results/{result}/cost?product=3&price=80",
                    f"results/{result}/proof?step=precursor:B1/direct"):
        page = rooms.cai.get(f"/en/exporter/{address}").text
        assert EVIL not in page
        assert "<img src=x" not in page
        assert "<b>x.yaml" not in page


def test_a_field_that_was_left_empty_is_named(rooms: Rooms, things: dict[str, str]) -> None:
    for language, words in (("zh", ("请填写“公司”", "请填写“EORI”", "请填写“城市”")), ("en", ("“Company” is missing", "“EORI” is missing"))):
        answer = send(rooms.cai, f"/{language}/exporter/results/{things['transitional']}/xml", {"quarter": "Q4", "year": "2025"})
        assert answer.status_code == 422
        assert all(w in answer.text for w in words)


# --- who may ---------------------------------------------------------------------------------------------------------

def _rules(rooms: Rooms) -> list[tuple[str, str]]:
    """(method, rule) of every address of the desk that names a thing."""
    return sorted({(m, r.rule) for r in rooms.app.url_map.iter_rules() for m in (r.methods or set()) & {"GET", "POST"}
                   if r.endpoint.startswith("desk") and r.arguments - {"lang"}})


def _filled(rule: str, things: dict[str, str]) -> str:
    kind = {"inputs": "input", "versions": "version", "results": "result", "files": "file", "requests": "request",
            "sent": "sent"}[rule.split("/")[3]]
    return (rule.replace("<any(zh, en):lang>", "en").replace("<ident>", things[kind])
            .replace("<result>", things["result"]).replace("<part>", things["part"]))


def test_what_is_another_organisations_is_not_found_on_every_address(rooms: Rooms, things: dict[str, str]) -> None:
    rules = _rules(rooms)
    assert len(rules) >= 19
    token = token_of(rooms.dan.get("/en/exporter/inputs/new").text)
    for method, rule in rules:
        address = _filled(rule, things)
        assert "<" not in address
        mine = rooms.cai.get(address).status_code if method == "GET" else None
        assert mine in (200, None), address
        data = {"csrf_token": token, "method": "definitive", "kind": "goods", "reason": "x", "files": things["file"], **XML}
        theirs = rooms.dan.open(address, method=method, data=data if method == "POST" else None)
        assert theirs.status_code == 404, (method, address)


def test_a_stranger_is_sent_to_sign_in_and_may_add_nothing_for_others(rooms: Rooms, things: dict[str, str]) -> None:
    nobody = rooms.app.test_client()
    for method, rule in _rules(rooms):
        if method == "GET":
            assert nobody.get(_filled(rule, things)).status_code == 303
    for address, fields in (("inputs/new", {"name": "x", "source": "cement"}),
                            ("requests/new", {"company": "x", "eori": "DE1", "contact": "x", "goods": BOLTS,
                                              "year": "2026"})):
        answer = send(rooms.dan, f"/en/exporter/{address}", {"organisation": rooms.desk.works, **fields})
        assert answer.status_code == 404, address


def test_a_form_needs_its_token(rooms: Rooms, things: dict[str, str]) -> None:
    assert rooms.cai.post(f"/en/exporter/requests/{things['request']}/decline", data={"reason": "x"}).status_code == 400


@pytest.mark.parametrize("ident", ["x", "0" * 26, "%00" * 26, "' OR 1=1 --", "../../etc/passwd"])
def test_ids_that_are_none_are_not_found(rooms: Rooms, ident: str) -> None:
    for kind in ("inputs", "versions", "results", "files", "requests", "sent"):
        assert rooms.cai.get(f"/en/exporter/{kind}/{ident}").status_code == 404


def test_programs_get_problems(rooms: Rooms, things: dict[str, str]) -> None:
    answer = rooms.cai.get("/en/exporter/results/none?format=json")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert json.loads(answer.data)["code"] == "exporter.not-found"
    assert _client(rooms).get(f"/en/exporter/results/{things['result']}?format=json").status_code == 401


def test_the_way_through_the_desk_with_a_process_of_its_own_for_every_file(rooms: Rooms) -> None:
    """As it is when the portal serves: the other tests of pages do the work at once."""
    extensions = rooms.app.extensions
    before = extensions["zerofactory.exporter-guard"]
    try:
        guarded.install(rooms.app)
        result = _compute(rooms, _upload(rooms, "With a process of its own"))
        assert _make(rooms, result, "goods")
        assert rooms.cai.get(f"/en/exporter/results/{result}/cost?product=2&price=80").status_code == 200
        assert send(rooms.cai, "/en/exporter/inputs/new", {"organisation": rooms.desk.works, "name": "x", "source": "file"},
                    {"file": ("x.yaml", b"- 1\n")}).status_code == 422
    finally:
        extensions["zerofactory.exporter-guard"] = before


def test_a_file_that_takes_too_long_and_a_busy_desk_are_told(rooms: Rooms) -> None:
    extensions, fields = rooms.app.extensions, {"organisation": rooms.desk.works, "name": "x", "source": "cement"}
    before = extensions["zerofactory.exporter-guard"]
    try:
        guard = Guard(work.work, at_once=1, patience=0.01)
        guarded.install(rooms.app, guard)
        assert guard._turns.acquire(timeout=1)          # somebody else's turn
        answer = send(rooms.cai, "/en/exporter/inputs/new", fields)
        assert (answer.status_code, "Many files are being worked on" in answer.text) == (503, True)
        guarded.install(rooms.app, Guard(work.work, seconds=0))
        answer = send(rooms.cai, "/en/exporter/inputs/new", fields)
        assert (answer.status_code, "longer than allowed" in answer.text) == (422, True)
    finally:
        extensions["zerofactory.exporter-guard"] = before


def _client(rooms: Rooms) -> FlaskClient:
    return rooms.app.test_client()
