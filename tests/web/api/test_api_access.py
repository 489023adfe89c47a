"""Who gets what: strangers, the other applicant, tokens with less than all scopes, cookies."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from tests.web.accounts.accounts_browser import signed_in
from tests.web.api.api_world import DOSSIER, FIELDS, PASSWORD, House, address, codes, form
from werkzeug.test import TestResponse

from zerofactory_web.api.openapi import BASE, OPERATIONS
from zerofactory_web.api.operation import Operation
from zerofactory_web.demo.people import DOMAIN

NAMES = [o.id for o in OPERATIONS]
BY_ID = {o.id: o for o in OPERATIONS}
#: What may be sent to each operation that takes a body.
BODIES = {
    "verify-file": {"data": b"%PDF-1.7 nothing", "content_type": "application/pdf"},
    "precheck": form({"pack": "cn-ceca-0171-2022"}, "dossier", DOSSIER),
    "begin-application": {"json": {"organisation": "0" * 26}},
    "save-application": {"json": FIELDS, "headers": {"If-Match": "*"}},
    "submit-dossier": form({}, "dossier", DOSSIER)}
#: What each person's program, with every scope, gets of the things of 青岩 (certified, closed to further filling in).
MATRIX = {
    "list-organisations": (401, 200, 200, 200),
    "list-applications": (401, 200, 200, 200), "begin-application": (401, 404, 404, 404),
    "get-application": (401, 200, 404, 200), "save-application": (401, 422, 404, 403),
    "submit-dossier": (401, 409, 404, 403), "submit-application": (401, 409, 404, 403),
    "list-cases": (401, 200, 200, 200), "get-case": (401, 200, 404, 200), "list-verdicts": (401, 200, 404, 200),
    "list-findings": (401, 200, 404, 200), "list-questions": (401, 200, 404, 200),
    "list-history": (401, 404, 404, 200), "get-job": (401, 404, 404, 200)}
PEOPLE = ("", "qingyan", "haiyu", "lin")


def _ask(house: House, who: str, operation: Operation, scopes: tuple[str, ...] = ("read", "apply", "evaluate")
         ) -> TestResponse:
    return house.send(who, operation.method, address(operation.path, house.values("qingyan")), scopes=scopes,
                      **BODIES.get(operation.id, {}))


@pytest.mark.parametrize("name", NAMES)
def test_the_matrix_of_people_and_operations(house: House, name: str) -> None:
    operation = BY_ID[name]
    found = tuple(_ask(house, who, operation).status_code for who in PEOPLE)
    if operation.scope is None:
        assert len(set(found)) == 1, "what is open is the same for everybody"
        assert found[0] in (200, 404, 422)
    else:
        assert found == MATRIX[name]


def test_what_is_of_others_is_as_if_it_were_not_there(house: House) -> None:
    """The two answers differ in nothing but the number and the request."""
    for path, missing in (("/applications/{}", "A-2026-99999"), ("/cases/{}", "C-2026-99999")):
        theirs = house.values("qingyan")["application" if "app" in path else "case"]
        found, nothing = (house.send("haiyu", "GET", path.format(n)) for n in (theirs, missing))
        texts = [a.text.replace(n, "*").split('"instance"')[0] for a, n in ((found, theirs), (nothing, missing))]
        assert found.status_code == nothing.status_code == 404
        assert texts[0] == texts[1]


def test_lists_hold_only_what_one_sees(house: House) -> None:
    for who in ("qingyan", "haiyu", "chuanrui"):
        names = {a["organisation"]["zh"] for a in house.send(who, "GET", "/applications").get_json()["applications"]}
        assert len(names) == 1
    seen = house.send("lin", "GET", "/applications?limit=100").get_json()["applications"]
    assert house.draft not in {a["number"] for a in seen}, "the body does not see what was not submitted"
    assert len({a["organisation"]["zh"] for a in seen}) == 3


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scope", ["read", "apply", "evaluate"])
def test_a_token_does_only_what_its_scope_says(house: House, name: str, scope: str) -> None:
    operation = BY_ID[name]
    answer = _ask(house, "qingyan", operation, (scope,))
    refused = answer.status_code == 403 and codes(answer) == ["accounts.scope"]
    assert refused == (operation.scope is not None and operation.scope != scope)


def _session(house: House) -> FlaskClient:
    client = house.app.test_client()
    signed_in(client, f"qingyan@{DOMAIN}", PASSWORD)
    return client


def test_a_session_counts_for_nothing(house: House) -> None:
    """Somebody who is signed in is nobody here; so nothing can be forged, and no form's token is asked for."""
    client = _session(house)
    assert client.get("/en/applications/").status_code == 200
    for operation in OPERATIONS:
        if operation.scope is not None:
            answer = client.open(BASE + address(operation.path, house.values()), method=operation.method,
                                 **BODIES.get(operation.id, {}))
            assert answer.status_code == 401, operation.id
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer zf_nonsense", "Bearer ", "Bearer"])
def test_a_token_that_is_not_good_is_refused_everywhere(house: House, header: str) -> None:
    client = _session(house)
    for path in ("/schemes", "/cases", "/certificates"):
        answer = client.get(BASE + path, headers={"Authorization": header})
        if header != "Bearer":
            assert codes(answer) == ["accounts.not-signed-in"]
        assert answer.status_code in ((401,) if header != "Bearer" or path == "/cases" else (200, 401))


def test_nothing_is_answered_with_a_cookie(house: House) -> None:
    for operation in OPERATIONS:
        assert "Set-Cookie" not in _ask(house, "qingyan", operation).headers, operation.id
