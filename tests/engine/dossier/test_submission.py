"""A zip with the dossier and its documents: hashed, bound to cells, and refused quickly when it means harm."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from zerofactory_engine.dossier.read import ReadResult, read_bytes, read_dossier
from zerofactory_engine.dossier.zips import SUBMISSION, member_bytes, open_zip
from zerofactory_engine.problems import ProblemsError

HEAD = """format: zerofactory/dossier/1
id: z
facility: {id: F1, name: {en: Site}}
period: {from: 2025-01-01, to: 2025-12-31}
"""
BILL = b"%PDF-1.7 a bill"
SHA = hashlib.sha256(BILL).hexdigest()


def sheet(value: Any, cell: str = "F14", name: str = "2025") -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active.title = name
    book.active[cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def read(files: dict[str, bytes | str]) -> ReadResult:
    return read_bytes(zipped(files), "submission.zip")


def found(result: ReadResult) -> list[str]:
    return [p.code for p in result.problems]


def documents(*cells: str) -> str:
    return HEAD + "documents:\n" + "".join(f"  - {{kind: photo, {c}}}\n" for c in cells)


def test_documents_are_hashed() -> None:
    result = read({"dossier.yaml": documents("id: D1, file: bills/1.pdf"), "bills/1.pdf": BILL})
    document = result.dossier.documents["D1"]
    assert (document.sha256, document.present, document.size) == (SHA, True, len(BILL))
    assert found(result) == []


def test_a_hash_that_differs_is_a_finding() -> None:
    result = read({"dossier.yaml": documents(f"id: D1, file: bills/1.pdf, sha256: {'ab' * 32}"), "bills/1.pdf": BILL})
    assert found(result) == ["dossier.hash-differs"]
    assert (result.problems[0].found, result.problems[0].accepted) == (SHA, "ab" * 32)
    assert result.dossier.documents["D1"].sha256 == SHA


def test_a_hash_that_agrees_is_none_with_or_without_prefix() -> None:
    for stated in (SHA, f"sha256:{SHA}"):
        assert found(read({"dossier.yaml": documents(f'id: D1, file: bills/1.pdf, sha256: "{stated}"'), "bills/1.pdf": BILL})) == []


def test_a_file_that_is_missing_and_one_that_nobody_names() -> None:
    result = read({"dossier.yaml": documents("id: D1, file: bills/1.pdf"), "bills/2.pdf": BILL})
    assert found(result) == ["dossier.file-missing", "dossier.file-unlisted"]
    assert result.dossier.documents["D1"].present is False


def test_findings_of_files_survive_the_canonical_form() -> None:
    from zerofactory_engine.dossier import dossier_from_tree

    dossier = read({"dossier.yaml": documents(f"id: D1, file: bills/1.pdf, sha256: {'ab' * 32}"), "bills/1.pdf": BILL}).dossier
    again = dossier_from_tree(dossier.canonical())
    assert again == dossier
    assert [p.code for p in again.checks] == ["dossier.hash-differs"]
    assert again.documents["D1"].sha256 == SHA


def test_a_submission_cannot_say_what_its_files_hold() -> None:
    text = documents("id: D1, file: bills/1.pdf") + f"reading:\n  files: [{{document: D1, sha256: {'ab' * 32}, bytes: 3}}]\n"
    result = read({"dossier.yaml": text})
    assert found(result) == ["dossier.reading-ignored", "dossier.file-missing"]
    assert result.dossier.documents["D1"].present is False


def test_a_folder_inside_the_zip_is_fine() -> None:
    result = read({"factory/dossier.yaml": documents("id: D1, file: bills/1.pdf"), "factory/bills/1.pdf": BILL})
    assert result.dossier.documents["D1"].present


def test_json_and_workbooks_inside_a_zip(tmp_path: Path) -> None:
    import json

    from zerofactory_engine.dossier.workbook_out import workbook_template

    plain = {"format": "zerofactory/dossier/1", "id": "j", "facility": {"id": "F1", "name": {"en": "S"}}, "period": {"from": "2025-01-01", "to": "2025-12-31"}}
    assert read({"dossier.json": json.dumps(plain)}).dossier.id == "j"
    assert read({"dossier.xlsx": workbook_template("zh")}).dossier.id == "my-dossier-2025"


# -- values bound to cells -------------------------------------------------------------------------------------------

def bound(cells: str, content: bytes, file: str = "pv/2025.xlsx", mark: str = "sheet=2025&cell=F14") -> list[str]:
    text = HEAD + f'electricity:\n  - {{id: E1, {cells}, documents: ["D2#{mark}"]}}\ndocuments:\n  - {{id: D2, kind: inverter_log, file: {file}}}\n'
    return found(read({"dossier.yaml": text, file: content}))


@pytest.mark.parametrize(("cells", "value"), [
    ("MWh: 1200", 1200), ("MWh: 1200000 kWh", 1200000), ("MWh: 1200000 kWh", 1200), ("amount: 1.2, unit: GWh", 1.2),
    ("MWh: 0.1", 0.1), ("MWh: 1200", "1200"), ("MWh: 1200", 1200.0)])
def test_a_cell_that_shows_the_value(cells: str, value: object) -> None:
    assert bound(cells, sheet(value)) == []


@pytest.mark.parametrize("value", [1201, "about 1200", None, True, 0.3])
def test_a_cell_that_shows_something_else_is_a_finding(value: object) -> None:
    assert bound("MWh: 1200", sheet(value)) == ["dossier.cell-differs"]


def test_a_sheet_that_is_not_there_is_a_finding() -> None:
    assert bound("MWh: 1200", sheet(1200), mark="sheet=2024&cell=F14") == ["dossier.cell-missing"]


def test_without_a_sheet_the_first_one_is_meant() -> None:
    assert bound("MWh: 1200", sheet(1200), mark="cell=F14") == []


def test_csv_in_the_encodings_of_chinese_offices() -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        content = "月份,电量\n2025-01,\"1,200\"\n".encode(encoding)
        assert bound("MWh: 1200", content, "pv/a.csv", "cell=B2") == []
        assert bound("MWh: 1200", content, "pv/a.csv", "cell=B1") == ["dossier.cell-differs"]
        assert bound("MWh: 1200", content, "pv/a.csv", "cell=B3") == ["dossier.cell-missing"]


def test_a_damaged_sheet_does_not_stop_the_reading() -> None:
    assert bound("MWh: 1200", b"PK no workbook") == ["zip.damaged"]


# -- harm --------------------------------------------------------------------------------------------------------

def bomb(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("dossier.yaml", HEAD)
        with archive.open("bills/1.pdf", "w") as stream:
            for _ in range(size // (1 << 20)):
                stream.write(bytes(1 << 20))
    return out.getvalue()


def named(name: str) -> bytes:
    """A zip with a member of any name, also one that zipfile would tidy up."""
    placeholder = "x" * len(name.encode())
    data = zipped({"dossier.yaml": HEAD, placeholder: b"x"})
    return data.replace(placeholder.encode(), name.encode())


def encrypted() -> bytes:
    data = bytearray(zipped({"dossier.yaml": HEAD}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        data[at + offset] |= 1
    return bytes(data)


def link() -> bytes:
    info = zipfile.ZipInfo("bills/1.pdf")
    info.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("dossier.yaml", HEAD)
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()


def twice() -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("dossier.yaml", HEAD)
        archive.writestr("a.pdf", b"1")
        archive.writestr("A.pdf", b"2")
    return out.getvalue()


def said_to_be(size: int) -> bytes:
    """A member of four megabytes whose entry in the index says another size."""
    data = bytearray(bomb(4 << 20))
    at = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, size)
    return bytes(data)


def lzma() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("dossier.yaml", HEAD)
    return out.getvalue()


HARM: dict[str, tuple[Callable[[], bytes], str]] = {
    "a gigabyte of nothing": (lambda: said_to_be(1 << 30), "zip.too-large"),
    "a hundred megabytes of nothing": (lambda: bomb(100 << 20), "zip.bomb"),
    "a name that leads out": (lambda: named("../../etc/cron.d/x"), "zip.unsafe-name"),
    "an absolute name": (lambda: named("/etc/cron.d/xx"), "zip.unsafe-name"),
    "a drive": (lambda: named("C:/windows/x"), "zip.unsafe-name"),
    "a backslash": (lambda: named("..\\windows\\x"), "zip.unsafe-name"),
    "a name in two cases": (twice, "zip.name-twice"),
    "an encrypted member": (encrypted, "zip.encrypted"),
    "a link": (link, "zip.link"),
    "another compression": (lzma, "zip.method"),
    "too many members": (lambda: zipped({"dossier.yaml": HEAD, **{f"d/{i}.txt": b"" for i in range(5001)}}), "zip.too-many"),
    "no zip at all": (lambda: b"this is no zip", "zip.damaged"),
    "a zip that was cut": (lambda: zipped({"dossier.yaml": HEAD, "a.pdf": BILL * 100})[:-60], "zip.damaged"),
    "no dossier in it": (lambda: zipped({"a.pdf": BILL}), "zip.no-dossier"),
    "two dossiers in it": (lambda: zipped({"a.yaml": HEAD, "b.yaml": HEAD}), "zip.several-dossiers"),
}


@pytest.mark.parametrize(("made", "code"), HARM.values(), ids=HARM.keys())
def test_harm_is_refused(made: Callable[[], bytes], code: str) -> None:
    data = made()
    with pytest.raises(ProblemsError) as caught:
        read_bytes(data, "harm.zip")
    assert code in [p.code for p in caught.value.problems]


def test_a_member_that_is_larger_than_it_says_is_not_unpacked() -> None:
    with open_zip(said_to_be(10), "harm.zip", SUBMISSION) as opened, pytest.raises(ProblemsError, match=r"zip\.damaged"):
        member_bytes(opened, opened.getinfo("bills/1.pdf"), "harm.zip")


def test_a_workbook_that_is_a_bomb_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/worksheets/sheet1.xml", "w") as stream:
        for _ in range(30):
            stream.write(b" " * (1 << 20))
    with pytest.raises(ProblemsError) as caught:
        read_bytes(out.getvalue(), "harm.xlsx")
    assert {p.code for p in caught.value.problems} <= {"zip.too-large", "zip.bomb"}


def test_a_workbook_with_entities_is_refused() -> None:
    source = sheet(1)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content
            new.writestr(info.filename, content)
    with pytest.raises(ProblemsError, match=r"workbook\.doctype"):
        read_bytes(out.getvalue(), "harm.xlsx")


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    read({"dossier.yaml": documents("id: D1, file: bills/1.pdf"), "bills/1.pdf": BILL})
    assert list(tmp_path.iterdir()) == []


# -- documents beside a file -----------------------------------------------------------------------------------------

def beside(folder: Path, *cells: str) -> ReadResult:
    (folder / "dossier.yaml").write_text(documents(*cells), encoding="utf-8")
    return read_dossier(folder / "dossier.yaml")


def test_documents_in_the_folder_of_the_dossier_are_hashed(tmp_path: Path) -> None:
    (tmp_path / "bills").mkdir()
    (tmp_path / "bills/1.pdf").write_bytes(BILL)
    result = beside(tmp_path, "id: D1, file: bills/1.pdf", f"id: D2, file: bills/1.pdf, sha256: {'ab' * 32}", "id: D3, file: bills/3.pdf")
    assert result.dossier.documents["D1"].sha256 == SHA
    assert found(result) == ["dossier.hash-differs", "dossier.file-missing", "dossier.document-twice"]


def test_a_dossier_without_any_file_beside_it_says_nothing(tmp_path: Path) -> None:
    assert found(beside(tmp_path, "id: D1, file: bills/1.pdf")) == []


def test_no_file_outside_the_folder_is_read(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.pdf").write_bytes(b"secret")
    (inside / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    (inside / "folder").symlink_to(tmp_path)
    result = beside(inside, "id: D1, file: ../secret.pdf", "id: D2, file: link.pdf", f'id: D3, file: "{tmp_path}/secret.pdf"', "id: D4, file: folder/secret.pdf")
    assert [d.sha256 for d in result.dossier.documents.values()] == [None] * 4
