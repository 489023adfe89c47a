"""An application by a program from its beginning to its submission, and what the audit log says of it."""

from __future__ import annotations

from sqlalchemy import select
from tests.web.api.api_world import DOSSIER, FIELDS, House, codes, form

from zerofactory_web.cases.model import Application
from zerofactory_web.store.audit import AuditRow

ACTS = ("application.begun", "application.saved", "submission.made", "application.submit")


def test_a_program_applies_from_beginning_to_submission(house: House) -> None:
    mine = house.send("qingyan", "GET", "/organisations").get_json()["organisations"]
    assert [o["kind"] for o in mine] == ["applicant"]
    begun = house.send("qingyan", "POST", "/applications", json={"organisation": mine[0]["id"]})
    assert begun.status_code == 201, begun.text
    number, at = begun.get_json()["number"], begun.headers["Location"].removeprefix("/api/v1")
    early = house.send("qingyan", "POST", f"{at}/submission")
    assert (early.status_code, codes(early)) == (422, ["cases.task-open"] * 4)
    saved = house.send("qingyan", "PUT", at, json=FIELDS, headers={"If-Match": "*"})
    assert saved.status_code == 200, saved.text
    assert house.send("qingyan", "POST", f"{at}/dossiers", **form({}, "dossier", DOSSIER)).status_code == 201
    done = house.send("qingyan", "POST", f"{at}/submission")
    assert (done.status_code, done.get_json()["state"]) == (200, "submitted"), done.text
    assert house.send("qingyan", "POST", f"{at}/submission").status_code == 409, "it is submitted once"
    _told_as_done_by_a_program(house, number)


def _told_as_done_by_a_program(house: House, number: str) -> None:
    with house.store.read() as session:
        row = session.scalars(select(Application).where(Application.number == number)).one()
        acts = session.scalars(select(AuditRow).where(AuditRow.actor == house.made.cast.persons["qingyan"])
                               .order_by(AuditRow.seq.desc()).limit(len(ACTS))).all()
    assert row.submitted_at is not None
    assert tuple(a.action for a in reversed(acts)) == ACTS
    assert {a.details["token"] for a in acts} == {"apply evaluate read"}


def test_a_person_at_the_keyboard_leaves_no_such_mark(house: House) -> None:
    with house.store.read() as session:
        acts = session.scalars(select(AuditRow).where(AuditRow.action == "decision.grant")).all()
    assert acts
    assert all("token" not in a.details for a in acts)


def test_nobody_begins_an_application_for_others(house: House) -> None:
    theirs = house.made.cast.organisations["haiyu"]
    answer = house.send("qingyan", "POST", "/applications", json={"organisation": theirs})
    assert (answer.status_code, codes(answer)) == (404, ["cases.not-found"])
    less = house.send("qingyan", "POST", "/applications", scopes=("read",), json={"organisation": theirs})
    assert (less.status_code, codes(less)) == (403, ["accounts.scope"])
