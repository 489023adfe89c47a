"""The register for programs: pages that hold every certificate once, the signed file, the check of a file."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from tests.web.api.api_world import House, codes, form

from zerofactory_web.register.model import Certificate

MANY = 57


@pytest.fixture(scope="module")
def numbers(house: House) -> Iterator[set[str]]:
    """Many certificates, several of a day, copied from the one that there is; beside the guards, for none of them was
    granted."""
    with closing(sqlite3.connect(house.store.settings.data / "zerofactory.sqlite")) as db, db:
        db.execute("DROP TRIGGER certificate_granted")
        names = [c.name for c in Certificate.__table__.columns]
        for n in range(MANY):
            number, day = f"ZC-2025-{n + 1:05d}", date(2025, 1, 1) + timedelta(days=n // 7)
            new = {"id": f"{n:026d}", "number": number, "decision_id": f"{n:026d}", "issued_on": day.isoformat()}
            db.execute(f"INSERT INTO certificate ({', '.join(names)}) SELECT "
                       f"{', '.join('?' if c in new else c for c in names)} FROM certificate WHERE id = ?",
                       [*(new[c] for c in names if c in new), house.made.certificate])
            db.execute("INSERT INTO certificate_text (certificate_id, issued_on, number, text) VALUES (?, ?, ?, ?)",
                       [f"{n:026d}", day.isoformat(), number, number.lower()])
    with house.store.read() as session:
        yield set(session.scalars(select(Certificate.number)))


def _walk(house: House, limit: int, more: str = "") -> list[str]:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = f"limit={limit}{more}" + (f"&cursor={cursor}" if cursor else "")
        page = house.send("", "GET", f"/certificates?{query}").get_json()
        assert 0 < len(page["certificates"]) <= limit
        found += [c["number"] for c in page["certificates"]]
        cursor = page["next"]
    return found


@settings(max_examples=12, deadline=None)
@given(limit=st.integers(1, 100), more=st.sampled_from(["", "&kind=certificate", "&q=zc-2025", "&status=active"]))
def test_pages_hold_every_certificate_once(house: House, numbers: set[str], limit: int, more: str) -> None:
    found = _walk(house, limit, more)
    assert len(found) == len(set(found))
    assert set(found) == {n for n in numbers if "2025" not in more or n.startswith("ZC-2025")}


def test_the_newest_come_first(house: House, numbers: set[str]) -> None:
    assert _walk(house, 10) == sorted(numbers, reverse=True)


def test_a_cursor_of_ones_own_making(house: House) -> None:
    assert codes(house.send("", "GET", "/certificates?cursor=tomorrow")) == ["register.bad-page"]
    assert codes(house.send("", "GET", "/certificates?cursor=%27;--")) == ["api.wrong-form"]


def test_lists_of_applications_and_cases_come_in_pages(house: House) -> None:
    for name in ("applications", "cases"):
        whole = house.send("lin", "GET", f"/{name}?limit=100").get_json()
        assert whole["next"] is None
        found, more = list[Any](), ""
        for _ in whole[name]:
            page = house.send("lin", "GET", f"/{name}?limit=1{more}").get_json()
            found += page[name]
            more = f"&cursor={page['next']}"
        assert more == "&cursor=None"
        assert found == whole[name]


def test_the_signed_file_is_given_and_known_again(house: House) -> None:
    number = house.values()["certificate"]
    told = house.send("", "GET", f"/certificates/{number}").get_json()
    [file] = told["files"]
    answer = house.client().get(file["address"])
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert f"sha256:{hashlib.sha256(answer.data).hexdigest()}" == file["sha256"]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{number}-certificate-en.pdf"'
    again = house.client().get(file["address"], headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    for sent in ({"data": answer.data, "content_type": "application/pdf"}, form({}, "file", answer.data, "a.pdf")):
        found = house.send("", "POST", "/verify", **sent).get_json()
        assert (found["verdict"], found["number"], found["status"]) == ("genuine", number, told["status"])
    bent = house.send("", "POST", "/verify", data=answer.data[:-1] + b"x", content_type="application/pdf").get_json()
    assert bent["verdict"] != "genuine"


def test_nothing_of_a_checked_file_is_kept(house: House) -> None:
    before = sorted((house.store.settings.data / "documents").rglob("*"))
    house.send("", "POST", "/verify", data=b"%PDF-1.7 something", content_type="application/pdf")
    house.send("", "POST", "/precheck", json={"pack": "cn-ceca-0171-2022", "dossier": {"format": "none"}})
    assert sorted((house.store.settings.data / "documents").rglob("*")) == before
    with house.store.read() as session:
        assert session.scalar(text("SELECT count(*) FROM idempotency_key")) == 0
