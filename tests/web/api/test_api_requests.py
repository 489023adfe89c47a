"""What is wrong with a request is told all at once, with its place; nothing that is not known is taken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from tests.web.api.api_world import BASE, DOSSIER, FIELDS, House, codes, form, places

from zerofactory_web.api.checks import json_bytes, read_json
from zerofactory_web.api.dispatch import LIMITER
from zerofactory_web.api.limits import Limiter
from zerofactory_web.api.openapi import document
from zerofactory_web.api.schemas import COMPONENTS
from zerofactory_web.site.context import portal_of
from zerofactory_web.store.unit import Store

PACK = "cn-ceca-0171-2022"


def test_every_fault_of_a_body_is_told_at_once(house: House) -> None:
    body = {"pack": 7, "levels": ["a", 2, "x" * 81], "valid_on": "2026-13-01", "readings": {"r": []}, "more": 1}
    answer = house.send("", "POST", "/precheck", json=body)
    assert answer.status_code == 422
    assert places(answer) == {
        "$.dossier": "api.missing", "$.pack": "api.wrong-type", "$.levels[1]": "api.wrong-type",
        "$.levels[2]": "api.out-of-bounds", "$.valid_on": "api.wrong-form", "$.readings.r": "api.wrong-type",
        "$.more": "api.unknown"}


def test_every_fault_of_a_query_is_told_at_once(house: House) -> None:
    answer = house.send("", "GET", "/certificates?limit=0&status=good&status=bad&kind=paper&color=red")
    assert places(answer) == {"query.limit": "api.out-of-bounds", "query.status": "api.repeated",
                              "query.kind": "api.not-among", "query.color": "api.unknown"}


def test_every_fault_of_a_form_is_told_at_once(house: House) -> None:
    sent = form({"pack": "", "valid_on": "soon", "extra": "1"}, "image", b"x")
    answer = house.send("", "POST", "/precheck", **sent)
    assert places(answer) == {"$.dossier": "api.missing", "$.pack": "api.out-of-bounds",
                              "$.valid_on": "api.wrong-form", "$.extra": "api.unknown", "$.image": "api.unknown"}
    assert places(house.send("", "POST", "/precheck", **form({"pack": PACK, "dossier": "text"}))) == {
        "$.dossier": "api.wrong-type"}


@pytest.mark.parametrize(("body", "status"), [
    (b"", 400), (b"{", 400), (b'{"a": NaN}', 400), (b'{"a": 1, "a": 2}', 400), (b"\xff", 400), (b"[" * 5000, 400),
    (b'{"pack": "\\ud800"}', 422), (b'{"pack": "\\u0000"}', 422), (b"null", 422), (b"[]", 422), (b'"text"', 422), (b"{}", 422)])
def test_a_body_that_is_no_object(house: House, body: bytes, status: int) -> None:
    answer = house.send("", "POST", "/precheck", data=body, content_type="application/json")
    assert answer.status_code == status, answer.text
    assert codes(answer)


@pytest.mark.parametrize(("method", "path", "kind", "who"), [
    ("POST", "/verify", "text/plain", ""), ("POST", "/verify", "", ""), ("POST", "/precheck", "application/xml", ""),
    ("POST", "/applications", "multipart/form-data; boundary=X", "qingyan"),
    ("POST", "/applications/A-2026-00001/submission", "application/json", "qingyan")])
def test_another_kind_of_content(house: House, method: str, path: str, kind: str, who: str) -> None:
    answer = house.send(who, method, path, data=b"{}", content_type=kind)
    assert (answer.status_code, codes(answer)) == (415, ["api.wrong-content"])
    packed = house.send("", "POST", "/verify", data=b"x", content_type="application/pdf",
                        headers={"Content-Encoding": "gzip"})
    assert packed.status_code == 415


def test_a_form_that_is_broken(house: House) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=X"):
        answer = house.send("", "POST", "/verify", data=b"nothing", content_type=kind)
        assert (answer.status_code, codes(answer)) == (400, ["api.not-form"])


def test_parts_without_a_name(house: House) -> None:
    parts = b''.join(b"--X\r\nContent-Disposition: form-data" + more + b"\r\n\r\nx\r\n" for more in (b"", b'; filename="a"'))
    answer = house.send("", "POST", "/verify", data=parts + b"--X--\r\n", content_type="multipart/form-data; boundary=X")
    assert answer.status_code in (400, 422)
    assert codes(answer)


def test_a_body_that_is_too_large(house: House) -> None:
    answer = house.send("qingyan", "POST", "/applications", data=b" " * 3_000_000, content_type="application/json")
    assert answer.status_code == 413
    assert answer.content_type == "application/problem+json"


def test_other_methods_and_addresses(house: House) -> None:
    answer = house.send("", "DELETE", "/certificates")
    assert (answer.status_code, codes(answer), answer.headers["Allow"]) == (
        405, ["api.method"], "GET, HEAD, OPTIONS")
    assert house.send("", "OPTIONS", "/verify").headers["Allow"] == "OPTIONS, POST"
    assert house.send("", "OPTIONS", "/verify").status_code == 204
    assert codes(house.send("", "GET", "/certificates/")) == ["api.not-found"]
    assert codes(house.client().post("/api/v2/things")) == ["api.not-found"]
    head = house.send("", "HEAD", "/schemes")
    assert (head.status_code, head.data) == (200, b"")


@pytest.mark.parametrize("accept", ["text/html", "*/*", "", "application/json"])
def test_every_answer_is_json_in_the_language_asked_for(house: House, accept: str) -> None:
    for lang, said in (("en-GB,zh;q=0.5", "There is nothing at this address"), ("zh-CN", "此地址没有内容")):
        answer = house.client().get(f"{BASE}/nothing", headers={
            "Accept": accept, "Accept-Language": lang, "Cookie": "zf_language=zh"})
        assert answer.get_json(force=True)["detail"].startswith(said)
        assert answer.headers["Vary"] == "Accept-Language"


def test_a_failure_tells_nothing_of_the_program(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from zerofactory_web.register import service

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret of the program")

    monkeypatch.setattr(service, "search", fail)
    answer = house.client().get(f"{BASE}/certificates", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert answer.content_type == "application/problem+json"
    assert "secret" not in answer.text


def test_without_a_database_it_says_so(house: House) -> None:
    here, kept = portal_of(house.app), house.store
    house.token("lin")
    here.store = Store(replace(kept.settings, database="postgresql://nobody@127.0.0.1:1/none"))
    try:
        for who in ("lin", ""):
            answer = house.send(who, "GET", "/certificates")
            assert (answer.status_code, codes(answer), answer.headers["Retry-After"]) == (
                503, ["store.unavailable"], "5")
    finally:
        here.store = kept


@pytest.fixture
def limited(house: House) -> Iterator[Flask]:
    before = house.app.extensions[LIMITER]
    house.app.extensions[LIMITER] = Limiter(3, clock=lambda: 100.0)
    yield house.app
    house.app.extensions[LIMITER] = before


def test_a_caller_who_asks_too_often_has_to_wait(house: House, limited: Flask) -> None:
    found = [house.send("", "GET", "/schemes") for _ in range(4)]
    assert [a.status_code for a in found] == [200, 200, 200, 429]
    assert found[3].headers["Retry-After"] == "60"
    assert codes(found[3]) == ["api.too-many"]
    assert house.send("lin", "GET", "/cases").status_code == 200, "another caller may go on"


def test_a_minute_later_it_may_go_on() -> None:
    now = [0.0]
    limiter = Limiter(2, clock=lambda: now[0])
    assert [limiter.wait("a") for _ in range(3)] == [0, 0, 60]
    now[0] = 59.5
    assert limiter.wait("a") == 1
    now[0] = 60.0
    assert limiter.wait("a") == 0


def test_numbers_of_a_json_dossier_stay_as_they_were() -> None:
    text = b'{"a":[0.1000,12345678901234567890.5,1E+3,-7,true,null,"\xe9\x9b\xb6"]}'
    assert json_bytes(read_json(text, 1_000)) == text


def test_a_dossier_is_the_same_as_file_and_as_json(house: House) -> None:
    from zerofactory_engine.dossier.read import read_bytes

    tree = read_bytes(DOSSIER, "dossier.yaml").dossier.canonical()
    as_json = house.send("", "POST", "/precheck", json={"pack": PACK, "dossier": json.loads(json.dumps(tree, default=str))})
    as_file = house.send("", "POST", "/precheck", **form({"pack": PACK}, "dossier", DOSSIER))
    assert as_json.status_code == as_file.status_code == 200, as_json.text[:600]
    assert as_json.get_json()["outcomes"] == as_file.get_json()["outcomes"]


# --- tags ------------------------------------------------------------------------------------------------------------


def test_a_change_needs_the_tag_of_the_copy(house: House) -> None:
    path = f"/applications/{house.draft}"
    tag = house.send("qingyan", "GET", path).headers["ETag"]
    without = house.send("qingyan", "PUT", path, json=FIELDS)
    assert (without.status_code, codes(without)) == (428, ["api.no-tag"])
    first = house.send("qingyan", "PUT", path, json={**FIELDS, "level": ""}, headers={"If-Match": tag})
    assert first.status_code == 200
    assert first.get_json()["level"] == ""
    for stale in (tag, '"other"', f"W/{first.headers['ETag']}", "nonsense"):
        late = house.send("qingyan", "PUT", path, json=FIELDS, headers={"If-Match": stale})
        assert (late.status_code, codes(late)) == (412, ["api.changed"]), stale
    again = house.send("qingyan", "PUT", path, json=FIELDS, headers={"If-Match": f'"x", {first.headers["ETag"]}'})
    assert again.status_code == 200
    assert house.send("qingyan", "PUT", path, json=FIELDS, headers={"If-Match": "*"}).status_code == 200


def test_a_change_in_between_is_seen_by_the_store(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody saves after the tag was compared: the version of the row refuses the second."""
    from zerofactory_web.api import cases
    from zerofactory_web.api.dispatch import tag_of
    from zerofactory_web.cases import applications

    path = f"/applications/{house.draft}"
    tag = house.send("qingyan", "GET", path).headers["ETag"]

    def slow(data: Any) -> str:
        applications.save(house.store, house.made.cast.actor("qingyan"), house.draft, {**FIELDS, "sector": "C3842"},
                          data["version"])
        return tag_of(data)

    monkeypatch.setattr(cases, "tag_of", slow)
    answer = house.send("qingyan", "PUT", path, json={**FIELDS, "level": ""}, headers={"If-Match": tag})
    assert (answer.status_code, codes(answer)) == (412, ["api.changed"])


def test_an_unchanged_thing_is_not_sent_again(house: House) -> None:
    for path in ("/certificates", "/schemes", f"/applications/{house.draft}", "/cases"):
        first = house.send("qingyan", "GET", path)
        again = house.send("qingyan", "GET", path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


# --- answers ---------------------------------------------------------------------------------------------------------


def _closed(thing: Any) -> Any:
    """The schema with nothing allowed beside what it names."""
    if isinstance(thing, list):
        return [_closed(v) for v in thing]
    if not isinstance(thing, dict):
        return thing
    made = {k: _closed(v) for k, v in thing.items()}
    return made | {"additionalProperties": False} if "properties" in made and "required" in made else made


def test_answers_hold_exactly_what_the_document_names(house: House) -> None:
    from jsonschema import Draft202012Validator
    from tests.web.api.api_world import address

    from zerofactory_web.api.openapi import OPERATIONS

    root = {"components": {"schemas": _closed(COMPONENTS)}}
    paths = document(house.store.settings.public_url)["paths"]
    seen = 0
    for operation in OPERATIONS:
        for who, whose in (("lin", "qingyan"), ("lin", "haiyu"), ("qingyan", "qingyan"), ("haiyu", "haiyu")):
            if operation.method != "GET" or operation.id == "get-certificate-file":
                continue
            answer = house.send(who, "GET", address(operation.path, house.values(whose)))
            content = paths[operation.path]["get"]["responses"][str(answer.status_code)]["content"]
            [(media, said)] = content.items()
            assert answer.mimetype == media
            errors = list(Draft202012Validator({**said["schema"], **root}).iter_errors(answer.get_json()))
            assert errors == [], f"{operation.id}: {errors[0].json_path} {errors[0].message[:200]}"
            seen += answer.status_code == 200
    assert seen > 35
