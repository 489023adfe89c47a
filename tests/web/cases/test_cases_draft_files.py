"""Files beside a draft: carried on from the newest archive, put in, left out, submitted as one archive."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping

import pytest

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.cases import access, applications, dossiers, draft_files, drafts
from zerofactory_web.cases.packing import packed
from zerofactory_web.demo.people import Cast

BILL, METER, NEW = b"%PDF-1.7 bill", b"meter;1\n", b"%PDF-1.7 corrected bill"
DOSSIER = f"""format: zerofactory/dossier/1
id: files-2025
facility: {{id: F1, name: {{zh: 厂}}, kind: factory}}
period: {{from: 2025-01-01, to: 2025-12-31}}
complete: [electricity, documents]
electricity:
  - {{id: E1, flow: consumed, source: grid, MWh: 1200.5, from: 2025-01-01, to: 2025-12-31, documents: [D1]}}
documents:
  - {{id: D1, kind: electricity_settlement, title: 结算单, file: bills/2025.pdf, sha256: {hashlib.sha256(BILL).hexdigest()}}}
  - {{id: D2, kind: meter_reading, title: 抄表, file: meter.csv}}
"""


def archive(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def content(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        return {n: made.read(n) for n in made.namelist() if n != "dossier.xlsx"}


@pytest.fixture
def number(cast: Cast) -> str:
    """An application whose first version is an archive, all in a folder of its own."""
    who = cast.actor("qingyan")
    made = applications.start(cast.store, who, cast.organisations["qingyan"])
    sent = archive({"sent/dossier.yaml": DOSSIER.encode(), "sent/bills/2025.pdf": BILL, "sent/meter.csv": METER,
                    "sent/notes.txt": b"beside"})
    reading = dossiers.read(cast.store, "sent.zip", io.BytesIO(sent))
    assert reading.about["documents"], reading.about
    dossiers.add(cast.store, who, made, reading)
    return made


def submit(cast: Cast, number: str) -> tuple[dict[str, bytes], dossiers.Reading]:
    who = cast.actor("qingyan")
    reading = draft_files.read(cast.store, who, number, "zh")
    dossiers.add(cast.store, who, number, reading, reason="another file", drafted=True)
    return content(cast.store.documents.read(reading.stored.sha256)), reading


def test_the_files_of_the_newest_version_are_carried_on(cast: Cast, number: str) -> None:
    who = cast.actor("qingyan")
    found = draft_files.listed(cast.store, who, number)
    assert [(f.path, f.documents, f.carried) for f in found] == [("bills/2025.pdf", ("D1",), True),
                                                                 ("meter.csv", ("D2",), True)]
    drafts.save_main(cast.store, who, number, {**drafts.cells_of(cast.store, who, number)[1]["main"], "facility.name.en": "Plant"})
    files, reading = submit(cast, number)
    assert files == {"bills/2025.pdf": BILL, "meter.csv": METER, "notes.txt": b"beside"}
    assert reading.name == "dossier.zip"
    assert {(d["id"], d["present"]) for d in reading.about["documents"]} == {("D1", True), ("D2", True)}


def test_a_file_put_in_takes_the_place_of_the_one_before_and_its_row_says_so(cast: Cast, number: str) -> None:
    who = cast.actor("qingyan")
    path = draft_files.add(cast.store, who, number, "D1", "2025 更正.pdf", io.BytesIO(NEW))
    draft_files.leave_out(cast.store, who, number, "bills/2025.pdf")
    rows = {r["id"]: r for r in drafts.cells_of(cast.store, who, number)[1]["rows"]["documents"]}
    assert (path, rows["D1"]["file"], rows["D1"]["sha256"]) == ("documents/2025 更正.pdf", path, hashlib.sha256(NEW).hexdigest())
    files, reading = submit(cast, number)
    assert files == {path: NEW, "meter.csv": METER, "notes.txt": b"beside"}
    assert not [p for p in reading.about["problems"] if p["severity"] == "error"]
    with cast.store.read() as session:
        row = access.application(session, who, number)
        version = dossiers.newest(session, row.id)
        assert version is not None
        assert (row.draft, version.number, version.file_name) == (None, 2, "dossier.zip")
    assert {f.path for f in draft_files.listed(cast.store, who, number) if f.carried} == {path, "meter.csv"}


def test_a_file_that_is_left_out_is_named_by_no_row(cast: Cast, number: str) -> None:
    who = cast.actor("qingyan")
    draft_files.leave_out(cast.store, who, number, "meter.csv")
    rows = {r["id"]: r for r in drafts.cells_of(cast.store, who, number)[1]["rows"]["documents"]}
    assert "file" not in rows["D2"]
    assert [f.path for f in draft_files.listed(cast.store, who, number)] == ["bills/2025.pdf"]
    assert "meter.csv" not in submit(cast, number)[0]


def test_names_that_differ_in_case_alone_are_one_file(cast: Cast, number: str) -> None:
    who = cast.actor("qingyan")
    for name, data in (("Bill.pdf", BILL), ("BILL.PDF", NEW)):
        draft_files.add(cast.store, who, number, "D1", name, io.BytesIO(data))
    assert [f.path for f in draft_files.listed(cast.store, who, number) if not f.carried] == ["documents/BILL.PDF"]


def test_what_is_thrown_away_with_the_draft(cast: Cast, number: str) -> None:
    who = cast.actor("qingyan")
    draft_files.add(cast.store, who, number, "D1", "new.pdf", io.BytesIO(NEW))
    drafts.discard(cast.store, who, number)
    assert [f.path for f in draft_files.listed(cast.store, who, number)] == ["bills/2025.pdf", "meter.csv"]


@pytest.mark.parametrize(("document", "name", "codes"), [
    ("D9", "a.pdf", ["cases.document-unknown"]), ("", "a/../b", ["cases.document-unknown", "cases.file-name"]),
    ("D1", "x" * 300, ["cases.file-name"])])
def test_what_is_refused_says_all_of_it_and_keeps_nothing(cast: Cast, number: str, document: str, name: str,
                                                          codes: list[str]) -> None:
    who = cast.actor("qingyan")
    before = draft_files.listed(cast.store, who, number)
    with pytest.raises(ProblemsError) as caught:
        draft_files.add(cast.store, who, number, document, name, io.BytesIO(NEW))
    assert [p.code for p in caught.value.problems] == codes
    assert draft_files.listed(cast.store, who, number) == before


def test_nobody_else_sees_or_changes_the_files(cast: Cast, number: str) -> None:
    for act in (lambda who: draft_files.listed(cast.store, who, number),
                lambda who: draft_files.add(cast.store, who, number, "D1", "a.pdf", io.BytesIO(NEW)),
                lambda who: draft_files.leave_out(cast.store, who, number, "meter.csv")):
        with pytest.raises(ProblemsError) as caught:
            act(cast.actor("haiyu"))
        assert [p.code for p in caught.value.problems] == ["cases.not-found"]


def test_the_same_files_make_the_same_archive() -> None:
    base = archive({"dossier.yaml": DOSSIER.encode(), "b": b"2", "a": b"1"})
    other = archive({"a": b"1", "dossier.yaml": DOSSIER.encode(), "b": b"2"})
    assert packed(b"book", base, "x.zip", [], [("c", b"3")], 100) == packed(b"book", other, "y.zip", [], [("c", b"3")], 100)
    with pytest.raises(ProblemsError):
        packed(b"book", base, "x.zip", [], [("c", b"3" * 99)], 100)
