"""The services of the desk on both databases: versions, results, requests, what was sent; and who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from tests.web.accounts.accounts_world import refusing
from tests.web.exporter.exporter_world import BOLTS, Desk, asked, example, given, sha256

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.exporter import access, inputs, requests, results
from zerofactory_web.exporter.inputs import Piece
from zerofactory_web.exporter.model import CbamInputVersion, DataRequest, SentFile
from zerofactory_web.exporter.results import Made
from zerofactory_web.store import audit
from zerofactory_web.store.unit import PUBLIC, Actor


def test_an_input_keeps_the_file_as_it_came_with_the_tables_beside_it(desk: Desk) -> None:
    file, beside = example()
    made = desk.version()
    with desk.store.read() as session:
        row, owner = access.version_of(session, desk.cai, made)
        kept, tables = inputs.content(desk.store, session, row)
        assert (kept.data, tables) == (file.data, beside)
        assert (row.number, row.document, owner.name) == (1, sha256(file.data), "Plant 1")
        assert [(i.id, v.id) for i, v in inputs.listed(session, desk.works)] == [(owner.id, made)]


def test_versions_count_up_and_say_what_changed(desk: Desk) -> None:
    file, beside = example()
    with desk.store.read() as session:
        first, owner = access.version_of(session, desk.cai, desk.version())
    changed = Piece(file.name, file.data.replace(b"amount: 120 t,", b"amount: 130 t,"))
    assert changed.data != file.data
    second = inputs.add_version(desk.store, desk.cai, owner.id, given(desk.folder, changed, beside), "an invoice more")
    with desk.store.read() as session:
        row, _ = access.version_of(session, desk.cai, second)
        found = inputs.changes(desk.store, first, row)
    assert (row.number, row.note) == (2, "an invoice more")
    assert [(c.path, c.kind, c.before, c.after) for c in found] == [
        ("source_streams/S2/amount", "changed", "120 t", "130 t")]


def test_the_same_file_once_more_is_no_version_and_a_name_stands_once(desk: Desk) -> None:
    with desk.store.read() as session:
        _, owner = access.version_of(session, desk.cai, desk.version())
    with refusing("exporter.same-file"):
        inputs.add_version(desk.store, desk.cai, owner.id, given(desk.folder, *example()))
    with refusing("exporter.name-taken"):
        desk.version()


def test_a_calculation_is_kept_once_and_proves_its_figures(desk: Desk) -> None:
    version = desk.version()
    made = desk.result(version)
    assert desk.result(version) == made
    assert desk.result(version, "transitional") != made
    with desk.store.read() as session:
        row, _, _ = access.result_of(session, desk.cai, made)
    bolts = next(p for p in row.summary["products"] if p["cn"] == BOLTS)
    assert bolts["see_direct"] == "2.803704243027836134453781512605041"      # every digit, as the engine gives it
    assert results.steps(desk.store, row)[bolts["steps"]["see_direct"]]["value"] == bolts["see_direct"]
    assert desk.store.documents.read(row.document).startswith(b"{")


def _answered(desk: Desk) -> tuple[str, str, str, str]:
    """Request, result, file, communication."""
    result = desk.result(desk.version())
    file, request = desk.file(result), desk.request()
    return request, result, file, requests.answer(desk.store, desk.cai, request, result, [file], "by mail")


def test_an_answer_records_the_hash_of_what_was_sent_and_gives_it_back_byte_for_byte(desk: Desk) -> None:
    request, result, file, _ = _answered(desk)
    with desk.store.read() as session:
        row = access.request_of(session, desk.cai, request)
        ((sent, files),) = requests.communications(session, request)
        (one,) = files
    assert (row.state, row.closed_by) == ("answered", desk.cai_id)
    assert (sent.company, sent.sent_by, sent.result_id, sent.corrects) == ("Import GmbH", desk.cai_id, result, None)
    assert (one.file_id, one.document, one.size) == (file, sha256(b"a,b\r\n"), 5)
    assert desk.store.documents.read(one.document) == b"a,b\r\n"


def test_a_correction_is_another_communication_that_names_the_first(desk: Desk) -> None:
    request, result, _, first = _answered(desk)
    better = desk.file(result, b"a,c\r\n", "better.csv")
    second = requests.answer(desk.store, desk.cai, request, result, [better])
    with desk.store.read() as session:
        found = requests.communications(session, request)
    assert [(c.id, c.corrects) for c, _ in found] == [(second, first), (first, None)]


def test_a_declined_request_has_a_reason_and_gets_no_answer(desk: Desk) -> None:
    result = desk.result(desk.version())
    file, request = desk.file(result), desk.request()
    with refusing("accounts.value-missing"):
        requests.decline(desk.store, desk.cai, request, "  ")
    requests.decline(desk.store, desk.cai, request, "not ours")
    with refusing("exporter.closed"):
        requests.answer(desk.store, desk.cai, request, result, [file])
    with refusing("exporter.closed"):
        requests.decline(desk.store, desk.cai, request, "again")


def test_an_answer_needs_files_of_a_result_that_has_the_goods(desk: Desk) -> None:
    version = desk.version()
    result, other = desk.result(version), desk.result(version, "transitional")
    file, foreign, request = desk.file(result), desk.file(other), desk.request()
    with refusing("exporter.no-files"):
        requests.answer(desk.store, desk.cai, request, result, [])
    with refusing("exporter.file-other-result"):
        requests.answer(desk.store, desk.cai, request, result, [foreign])
    steel = desk.request(goods="72083900")
    with refusing("exporter.covers-nothing"):
        requests.answer(desk.store, desk.cai, steel, result, [file])
    with refusing("store.stale"):
        requests.answer(desk.store, desk.cai, request, result, [file], version=99)


def test_everything_wrong_with_a_request_is_told_at_once(desk: Desk) -> None:
    wrong = asked(company="", eori="12", contact="\x00", email="nobody", goods="12345678\n73181542; many\n73181542",
                  year="1999", quarter="5", received=date(2027, 1, 1), due=date(2026, 1, 1))
    with pytest.raises(ProblemsError) as caught:
        requests.add(desk.store, desk.cai, desk.works, wrong)
    assert sorted(p.code for p in caught.value.problems) == sorted([
        "accounts.value-missing", "exporter.eori", "accounts.value", "accounts.value", "exporter.not-cn",
        "exporter.not-tonnes", "exporter.cn-twice", "exporter.not-year", "exporter.not-quarter",
        "exporter.received-later", "exporter.due-earlier"])


def test_a_quantity_that_is_not_said_stays_unsaid(desk: Desk) -> None:
    request = desk.request(goods="73181542\n7318 1692； 0.50")
    with desk.store.read() as session:
        assert access.request_of(session, desk.cai, request).goods == [
            {"cn": "73181542", "tonnes": None}, {"cn": "73181692", "tonnes": "0.5"}]


def test_open_requests_come_first_and_the_most_urgent_on_top(desk: Desk) -> None:
    late, soon = desk.request(due=None), desk.request(due=date(2026, 11, 20))
    done = desk.request()
    requests.decline(desk.store, desk.cai, done, "no")
    with desk.store.read() as session:
        assert [r.id for r in requests.listed(session, desk.works)] == [soon, late, done]


def test_every_act_stands_in_the_audit_log(desk: Desk) -> None:
    _answered(desk)
    with desk.store.read() as session:
        acts = [a for a in session.scalars(text("SELECT action FROM audit ORDER BY seq")) if a.startswith("desk.")]
    assert acts == ["desk.input-added", "desk.version-added", "desk.computed", "desk.file-made", "desk.request-added",
                    "desk.sent", "desk.request-answered"]


# --- who may ---------------------------------------------------------------------------------------------------------

Reach = Callable[[Any, Actor, dict[str, str]], object]
READS: dict[str, Reach] = {
    "organisation": lambda s, a, t: access.organisation(s, a, t["organisation"]),
    "input": lambda s, a, t: access.input_of(s, a, t["input"]),
    "version": lambda s, a, t: access.version_of(s, a, t["version"]),
    "result": lambda s, a, t: access.result_of(s, a, t["result"]),
    "file": lambda s, a, t: access.file_of(s, a, t["file"]),
    "request": lambda s, a, t: access.request_of(s, a, t["request"]),
    "sent": lambda s, a, t: access.sent_file_of(s, a, t["sent"]),
}


def _things(desk: Desk) -> dict[str, str]:
    request, result, file, _ = _answered(desk)
    with desk.store.read() as session:
        found, version, owner = access.result_of(session, desk.cai, result)
        sent = session.query(SentFile).one()
    return {"organisation": desk.works, "input": owner.id, "version": version.id, "result": found.id, "file": file,
            "request": request, "sent": sent.id}


def test_members_reach_everything_and_nobody_else_anything(desk: Desk) -> None:
    things = _things(desk)
    for reach in READS.values():
        with desk.store.read() as session:
            reach(session, desk.cai, things)
        for who in (desk.dan, desk.eve, desk.world.admin, PUBLIC, Actor(desk.dan_id, "", frozenset({desk.works}))):
            with desk.store.read() as session, refusing("exporter.not-found"):
                reach(session, who, things)


def test_strangers_change_nothing(desk: Desk) -> None:
    t, dan = _things(desk), desk.dan
    before = _count(desk)
    file = given(desk.folder, *example())
    for act in (
            lambda: inputs.add(desk.store, dan, t["organisation"], "x", file),
            lambda: inputs.add_version(desk.store, dan, t["input"], file),
            lambda: results.keep_file(desk.store, dan, t["result"], Made("goods", "en", "x.csv", b"x")),
            lambda: requests.add(desk.store, dan, t["organisation"], asked()),
            lambda: requests.answer(desk.store, dan, t["request"], t["result"], [t["file"]]),
            lambda: requests.decline(desk.store, dan, t["request"], "no")):
        with refusing("exporter.not-found"):
            act()
    assert _count(desk) == before


def test_a_strangers_result_answers_no_request_of_ones_own(desk: Desk) -> None:
    t = _things(desk)
    mine = requests.add(desk.store, desk.dan, desk.other, asked())
    with refusing("exporter.not-found"):
        requests.answer(desk.store, desk.dan, mine, t["result"], [t["file"]])


def test_a_member_who_has_left_reaches_nothing(desk: Desk) -> None:
    who = desk.cai
    made = desk.version()
    with desk.store.change(desk.world.admin) as change:
        change.session.execute(text("UPDATE membership SET ended_at = :now WHERE person_id = :p"),
                               {"now": "2026-11-02T09:00:00.000000Z", "p": desk.cai_id})
    with desk.store.read() as session, refusing("exporter.not-found"):
        access.version_of(session, who, made)


def test_a_token_reads_by_its_scope_and_never_answers_a_customer(desk: Desk) -> None:
    t = _things(desk)
    reader = replace(desk.cai, scopes=frozenset({"read"}))
    with desk.store.read() as session:
        access.result_of(session, reader, t["result"])
    with refusing("accounts.scope"):
        requests.add(desk.store, reader, desk.works, asked())
    writer = replace(desk.cai, scopes=frozenset({"read", "apply"}))
    requests.add(desk.store, writer, desk.works, asked())
    with refusing("accounts.not-by-token"):
        requests.answer(desk.store, writer, t["request"], t["result"], [t["file"]])


def _count(desk: Desk) -> int:
    with desk.store.read() as session:
        return int(session.scalar(text("SELECT count(*) FROM audit")))


# --- the database keeps it too ---------------------------------------------------------------------------------------

FINAL = ("cbam_input", "cbam_input_version", "cbam_input_file", "cbam_result", "cbam_file", "sent_communication",
         "sent_file")


def _sql(desk: Desk, statement: str, **values: object) -> None:
    with desk.store.change(desk.cai) as change:
        change.session.execute(text(statement), values)


def test_the_database_refuses_to_change_or_delete_what_was_kept(desk: Desk) -> None:
    _things(desk)
    for name in FINAL:
        for statement in (f"UPDATE {name} SET version = version + 1", f"DELETE FROM {name}"):
            with refusing("exporter.final"):
                _sql(desk, statement)
    with refusing("exporter.final"):
        _sql(desk, "DELETE FROM data_request")
    with refusing("exporter.final"):
        _sql(desk, "UPDATE data_request SET reason = 'x', state = 'declined'")      # it is answered already


def test_the_database_keeps_what_a_request_asked_for(desk: Desk) -> None:
    desk.request(due=None)
    for change in ("company = 'x'", "eori = 'FR1'", "goods = '[]'", "year = 2027", "quarter = 2", "due = '2027-01-01'",
                   "received = '2026-01-01'", "organisation_id = (SELECT id FROM organisation WHERE name_en = 'Other Works')"):
        with refusing("exporter.final"):
            _sql(desk, f"UPDATE data_request SET {change}")


def test_the_database_knows_no_answer_without_a_communication(desk: Desk) -> None:
    desk.request()
    with refusing("exporter.nothing-sent"):
        _sql(desk, "UPDATE data_request SET state = 'answered', closed_at = '2026-11-02T09:00:00.000000Z', "
                   "closed_by = :p", p=desk.cai_id)


_SEND = ("INSERT INTO sent_communication (id, version, created_at, request_id, result_id, company, contact, note, "
         "corrects, sent_by) VALUES (:id, 1, '2026-11-02T09:00:00.000000Z', :q, :r, 'x', 'x', '', :c, :p)")


def test_the_database_refuses_to_send_what_is_not_the_organisations_own(desk: Desk) -> None:
    t = _things(desk)
    foreign = requests.add(desk.store, desk.dan, desk.other, asked())
    with refusing("exporter.not-own"):
        _sql(desk, _SEND, id="a" * 26, q=foreign, r=t["result"], c=None, p=desk.dan_id)
    with refusing("exporter.corrects-nothing"):
        _sql(desk, _SEND, id="a" * 26, q=t["request"], r=t["result"], c=None, p=desk.cai_id)
    declined = desk.request()
    requests.decline(desk.store, desk.cai, declined, "no")
    with refusing("exporter.closed"):
        _sql(desk, _SEND, id="a" * 26, q=declined, r=t["result"], c=None, p=desk.cai_id)


def test_the_database_refuses_another_hash_than_that_of_the_file(desk: Desk) -> None:
    t = _things(desk)
    with desk.store.read() as session:
        communication = session.query(SentFile).one().communication_id
    other = desk.file(t["result"], b"other", "other.csv")
    with refusing("exporter.not-own"):
        _sql(desk, "INSERT INTO sent_file (id, version, created_at, communication_id, file_id, kind, name, document, "
                   "size) VALUES (:id, 1, '2026-11-02T09:00:00.000000Z', :c, :f, 'goods', 'other.csv', :d, 5)",
             id="b" * 26, c=communication, f=other, d=sha256(b"forged"))


def test_rows_are_versioned_and_the_audit_chain_holds(desk: Desk) -> None:
    _things(desk)
    with desk.store.read() as session:
        assert re.fullmatch("[0-9a-z]{26}", session.query(CbamInputVersion).first().id)  # type: ignore[union-attr]  # there is one
        assert session.query(DataRequest).one().version == 2
        assert list(audit.faults(session)) == []
