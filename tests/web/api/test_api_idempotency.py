"""A write under a key is done once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from tests.web.api.api_world import DOSSIER, FIELDS, House, codes, form
from tests.web.conftest import Clock
from werkzeug.test import TestResponse

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.accounts.model import Person
from zerofactory_web.api import idempotency
from zerofactory_web.api.idempotency import KEPT, Answered
from zerofactory_web.api.model import IdempotencyKey
from zerofactory_web.cases import applications, dossiers
from zerofactory_web.cases.model import DossierVersion
from zerofactory_web.store.audit import AuditRow
from zerofactory_web.store.unit import Actor, Store

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x9FFF, exclude_categories=("Cs", "Cc")), max_size=40)
COUNT = iter(range(10**6))


def _key() -> str:
    return f"key-{next(COUNT)}"


def _put(house: House, key: str, fields: dict[str, str], who: str = "qingyan", **more: Any) -> TestResponse:
    return house.send(who, "PUT", f"/applications/{house.draft}", json=fields, **more,
                      headers={"If-Match": "*", "Idempotency-Key": key})


def _acts(house: House) -> int:
    with house.store.read() as session:
        return session.scalar(select(func.max(AuditRow.seq))) or 0


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scope=TEXT, times=st.integers(1, 3))
def test_the_same_key_and_body_give_the_same_answer_and_one_act(house: House, scope: str, times: int) -> None:
    """Whatever is sent, whether it is taken or refused."""
    house.token("qingyan")
    key, before = _key(), _acts(house)
    first = _put(house, key, {**FIELDS, "scope_en": scope})
    once = _acts(house)
    assert once - before == (first.status_code == 200)
    for _ in range(times):
        again = _put(house, key, {**FIELDS, "scope_en": scope})
        assert (again.status_code, again.data, again.headers["ETag"] if first.status_code == 200 else "") == (
            first.status_code, first.data, first.headers.get("ETag", ""))
        assert again.headers["Idempotency-Replayed"] == "true"
    assert _acts(house) == once


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=TEXT, other=TEXT)
def test_the_same_key_with_another_body_is_refused(house: House, one: str, other: str) -> None:
    key = _key()
    _put(house, key, {**FIELDS, "scope_en": one})
    answer = _put(house, key, {**FIELDS, "scope_en": other})
    if one == other:
        assert answer.headers["Idempotency-Replayed"] == "true"
    else:
        assert (answer.status_code, codes(answer)) == (422, ["api.key-reused"])


def test_the_same_key_for_another_act_is_refused(house: House) -> None:
    key = _key()
    _put(house, key, FIELDS)
    answer = house.send("qingyan", "POST", f"/applications/{house.draft}/submission", headers={"Idempotency-Key": key})
    assert codes(answer) == ["api.key-reused"]


def test_a_file_is_told_by_its_content_not_by_the_form_around_it(house: House) -> None:
    key, path = _key(), f"/applications/{house.draft}/dossiers"
    sent = form({}, "dossier", DOSSIER)
    first = house.send("qingyan", "POST", path, headers={"Idempotency-Key": key}, **sent)
    assert first.status_code == 201, first.text
    other = {"data": sent["data"].replace(b"--XX", b"--YY"), "content_type": "multipart/form-data; boundary=YY"}
    again = house.send("qingyan", "POST", path, headers={"Idempotency-Key": key}, **other)
    assert (again.status_code, again.data, again.headers["Location"]) == (
        201, first.data, first.headers["Location"])
    with house.store.read() as session:
        assert session.scalar(select(func.count()).select_from(DossierVersion).where(
            DossierVersion.id == first.get_json()["id"])) == 1
    changed = house.send("qingyan", "POST", path, headers={"Idempotency-Key": key},
                         **form({}, "dossier", DOSSIER + b"\n# more\n"))
    assert codes(changed) == ["api.key-reused"]


def test_keys_of_two_people_have_nothing_to_do_with_each_other(house: House) -> None:
    key = _key()
    assert _put(house, key, FIELDS).status_code == 200
    other = _put(house, key, FIELDS, "haiyu")
    assert (other.status_code, codes(other)) == (404, ["cases.not-found"])


def test_a_token_that_may_not_write_does_not_hear_the_answer(house: House) -> None:
    key = _key()
    assert _put(house, key, FIELDS).status_code == 200
    assert codes(_put(house, key, FIELDS, scopes=("read",))) == ["accounts.scope"]


@pytest.mark.parametrize("key", ["", "with space", "x" * 81, "naïve"])
def test_a_key_has_a_form(house: House, key: str) -> None:
    answer = _put(house, key, FIELDS)
    assert (answer.status_code, codes(answer)) == (422, ["api.wrong-form"])


def test_two_at_the_same_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes while the first is being done: refused, and not done."""
    key, inside, go = _key(), threading.Event(), threading.Event()
    save, calls = applications.save, []

    def slow(*args: Any, **kwargs: Any) -> None:
        calls.append(1)
        inside.set()
        assert go.wait(20)
        save(*args, **kwargs)

    monkeypatch.setattr(applications, "save", slow)
    found: list[TestResponse] = []
    thread = threading.Thread(target=lambda: found.append(_put(house, key, FIELDS)))
    thread.start()
    assert inside.wait(20)
    second = _put(house, key, FIELDS)
    go.set()
    thread.join()
    assert (second.status_code, codes(second), second.headers["Retry-After"]) == (409, ["api.key-running"], "5")
    assert found[0].status_code == 200
    assert calls == [1]
    assert _put(house, key, FIELDS).data == found[0].data


def test_what_was_not_possible_at_the_moment_may_come_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    key, path = _key(), f"/applications/{house.draft}/dossiers"

    def busy(*_: Any, **__: Any) -> None:
        raise ProblemsError([Problem("store.busy")])

    with monkeypatch.context() as patch:
        patch.setattr(dossiers, "read", busy)
        first = house.send("qingyan", "POST", path, headers={"Idempotency-Key": key}, **form({}, "dossier", b"a: 1"))
    assert (first.status_code, first.headers["Retry-After"]) == (503, "5")
    again = house.send("qingyan", "POST", path, headers={"Idempotency-Key": key}, **form({}, "dossier", b"a: 1"))
    assert again.status_code == 422
    assert "Idempotency-Replayed" not in again.headers


def test_what_ended_in_between_is_not_done_twice(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program dies after the act and before its answer is kept: nobody knows, so nothing is done again."""
    key = _key()

    def dies(*_: Any, **__: Any) -> None:
        raise RuntimeError("the power is out")

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "keep", dies)
        assert _put(house, key, FIELDS).status_code == 500
    before = _acts(house)
    answer = _put(house, key, FIELDS)
    assert (answer.status_code, codes(answer)) == (409, ["api.key-running"])
    assert _acts(house) == before


# --- the table, on each kind of database -----------------------------------------------------------------------------


@pytest.fixture
def anna(store: Store) -> Actor:
    with store.change(Actor("system")) as change:
        person = Person(name="Anna", email="anna@body.example", language="en", password="", created_at=change.now)
        change.session.add(person)
        change.session.flush()
        return Actor(person.id, "Anna")


def test_a_day_later_the_key_is_free(store: Store, clock: Clock, anna: Actor) -> None:
    assert idempotency.reserve(store, anna, "k", "sha256:" + "0" * 64) is None
    idempotency.keep(store, anna, "k", Answered(200, {"ETag": '"x"'}, "{}"))
    assert idempotency.reserve(store, anna, "k", "sha256:" + "0" * 64) == Answered(200, {"ETag": '"x"'}, "{}")
    clock.now += KEPT
    assert idempotency.reserve(store, anna, "k", "sha256:" + "1" * 64) is None
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1


def test_an_answer_stays_as_it_was_given(store: Store, anna: Actor) -> None:
    idempotency.reserve(store, anna, "k", "sha256:" + "0" * 64)
    idempotency.keep(store, anna, "k", Answered(200, {}, "{}"))
    with pytest.raises(ProblemsError) as caught:
        idempotency.keep(store, anna, "k", Answered(201, {}, "{}"))
    assert [p.code for p in caught.value.problems] == ["api.key-final"]


def test_of_many_at_once_one_takes_the_key(store: Store, anna: Actor) -> None:
    taken: list[object] = []

    def reserve() -> None:
        try:
            taken.append(idempotency.reserve(store, anna, "k", "sha256:" + "0" * 64))
        except ProblemsError as error:
            taken.append(error.problems[0].code)

    threads = [threading.Thread(target=reserve) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(None) == 1
    assert taken.count("api.key-running") == 5


def test_keys_are_forgotten_after_a_day() -> None:
    assert timedelta(hours=24) == KEPT
