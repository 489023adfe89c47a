"""The demonstration's exporter: what somebody finds at the desk who has just started the portal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.web.accounts.accounts_browser import signed_in
from tests.web.accounts.accounts_world import PASSWORD
from tests.web.conftest import Clock

from zerofactory_web.app import create_app
from zerofactory_web.demo import desk
from zerofactory_web.demo.desk import Desk
from zerofactory_web.demo.people import DOMAIN, EXPORTER, gather
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.audit import faults
from zerofactory_web.store.unit import Store

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    store = Store(Settings(data=tmp_path_factory.mktemp("demo"), body_totp=False), clock=Clock())
    schema.upgrade(store.engine)
    yield desk.fill(gather(store, PASSWORD), PASSWORD)
    store.close()


def test_the_desk_is_filled(made: Desk) -> None:
    store = made.cast.store
    client = signed_in(create_app(store.settings, store).test_client(), f"{EXPORTER[0]}@{DOMAIN}", PASSWORD)
    start = client.get("/en/exporter/?format=json").json
    assert start is not None
    (organisation,) = start["organisations"]
    assert (organisation["id"], organisation["name"]) == (made.organisation, EXPORTER[1][1])
    assert {r["id"] for r in organisation["results"]} == set(made.results.values())
    assert [r["id"] for r in organisation["requests"]] == [made.requests["overdue"], made.requests["open"]]
    assert "overdue" in client.get("/en/exporter/").text
    answered = client.get(f"/en/exporter/requests/{made.requests['answered']}?format=json").json
    assert answered is not None
    assert [[f["kind"] for f in c["files"]] for c in answered["sent"]] == [["goods", "proof", "summary"],
                                                                          ["goods", "summary"]]
    assert answered["sent"][0]["corrects"] == answered["sent"][1]["id"]
    for file in answered["sent"][0]["files"]:
        assert client.get(f"/en/exporter/sent/{file['id']}").status_code == 200
    declined = client.get(f"/en/exporter/requests/{made.requests['declined']}?format=json").json
    assert declined is not None
    assert declined["state"] == "declined"
    with store.read() as session:
        assert list(faults(session)) == []


def test_what_is_missing_is_unknown_and_what_is_a_default_value_says_so(made: Desk) -> None:
    store = made.cast.store
    client = signed_in(create_app(store.settings, store).test_client(), f"{EXPORTER[0]}@{DOMAIN}", PASSWORD)
    results = {name: client.get(f"/en/exporter/results/{ident}?format=json").json or {} for name, ident in made.results.items()}
    assert {name: r["unknown"] for name, r in results.items()} == {"incomplete": 1, "definitive": 0, "transitional": 0}
    assert {p["weakest"] for p in results["definitive"]["products"]} == {"default"}
    assert results["definitive"]["provisional"]                  # data of the law that are not confirmed are named
    changes = client.get(f"/en/exporter/inputs/{results['definitive']['input']['id']}?format=json").json
    assert changes is not None
    assert [c["path"] for c in changes["changes"]] == ["source_streams/S2/amount"]
