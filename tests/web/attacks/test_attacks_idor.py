"""Who may open which object: every address that names one, for everybody, as a table to read and to compare."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import select
from tests.web.attacks.conftest import House

from zerofactory_web.cases.model import Finding
from zerofactory_web.jobs.model import Job

GOLDEN = Path(__file__).parent / "golden" / "who-may-open-what.txt"
PEOPLE = ("", "qingyan", "haiyu", "chuanrui", "lin", "he", "zhao", "qian", "ou", "anna")


def _objects(house: House) -> dict[str, str]:
    """A name for the table → path of every kind of object, in English."""
    made = house.made
    with house.store.read() as session:
        finding = session.scalars(select(Finding.id)).first()
        job = session.scalars(select(Job.id)).first()
    sections = ("team", "plan", "evidence", "judgements", "verdicts", "fieldwork", "questions", "findings", "review", "decision",
                "after", "history")
    found = {"application of qingyan": "applications/A-2026-00001", "its dossier": "applications/A-2026-00001/dossier",
             "file of its dossier": "applications/A-2026-00001/dossier/1/file", "its draft": "applications/A-2026-00001/draft",
             "its facility form": "applications/A-2026-00001/facility", "its acceptance": "applications/A-2026-00003/accept",
             "case of qingyan": f"cases/{made.certified}", "case of haiyu": f"cases/{made.waiting}"}
    found |= {f"case of qingyan: {s}": f"cases/{made.certified}/{s}" for s in sections}
    found |= {"bundle of qingyan": f"cases/{made.certified}/evaluations/1/bundle",
              "report of qingyan": f"cases/{made.certified}/evaluations/1/report",
              "file of a finding of haiyu": f"cases/{made.waiting}/files/finding/{finding}",
              "person wu": f"administration/people/{made.cast.persons['wu']}",
              "organisation of qingyan": f"organisations/{made.cast.organisations['qingyan']}",
              "administration": "administration/", "complaints": "complaints/", "job of the certificate": f"jobs/{job}", "list of jobs": "jobs/",
              "certificate": "register/ZC-2026-00001", "own account": "account/"}
    return found


def test_who_may_open_what(house: House) -> None:
    lines = []
    clients = {name: house.client(name) for name in PEOPLE}
    for title, path in _objects(house).items():
        row = []
        for name, client in clients.items():
            answer = client.get(f"/en/{path}")
            assert answer.status_code in (200, 303, 403, 404), f"{name} {path}: {answer.status_code}"
            row.append({200: "yes", 404: "-", 403: "no", 303: "sign in"}[answer.status_code])
        lines.append(f"{title:32}" + "".join(f"{cell:10}" for cell in row).rstrip())
    table = f"{'':32}" + "".join(f"{name or 'public':10}" for name in PEOPLE).rstrip() + "\n" + "\n".join(lines) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(table, encoding="utf-8")
    assert table == GOLDEN.read_text(encoding="utf-8")


def test_an_object_that_is_not_there_looks_like_one_of_somebody_else(house: House) -> None:
    for path in ("applications/A-2026-00001", f"cases/{house.made.certified}", "applications/A-2026-00001/dossier/1/file"):
        hidden = house.client("haiyu").get(f"/en/{path}", headers={"Accept": "application/json"})
        absent = house.client("haiyu").get(f"/en/{path.replace('00001', '09999')}", headers={"Accept": "application/json"})
        told = [(a.status_code, (a.get_json() or {}).get("code")) for a in (hidden, absent)]
        assert told == [(404, "cases.not-found")] * 2
