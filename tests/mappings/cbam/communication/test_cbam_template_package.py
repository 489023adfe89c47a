"""Hostile and damaged workbooks: refused with a sentence, at once, and nothing of them is run, expanded or fetched."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from tests.mappings.cbam.communication.test_cbam_template_read import codes, read, refused
from tests.mappings.cbam.communication.workbooks import differences, parts, sheet_parts, typed, zipped

from zerofactory_engine.problems import ProblemsError, Severity
from zerofactory_mappings.cbam.communication import package
from zerofactory_mappings.cbam.communication.addresses import cell_name, run, shifted, split_cell
from zerofactory_mappings.cbam.communication.fill import fill_template
from zerofactory_mappings.cbam.communication.package import CellError, Package, read_file, stored_number


def test_a_workbook_of_200_megabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.xlsx"
    with file.open("wb") as stream:
        stream.truncate(200_000_000)       # a file with a hole: nothing of it is on the disk
    with pytest.raises(ProblemsError) as error:
        read_file(file)
    (only,) = error.value.problems
    assert (only.code, only.found) == ("cbam-template.too-large", "200,000,000")


def test_bytes_that_are_too_many(screws_lean: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "FILE_BYTES", 1000)
    assert refused(screws_lean)[0].code == "cbam-template.too-large"


def test_a_zip_bomb(screws_lean: bytes) -> None:
    content = parts(screws_lean)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name, part in content.items():
            bomb.writestr(name, part)
        bomb.writestr("xl/worksheets/sheet99.xml", b"0" * 55_000_000)
    assert {p.code for p in refused(out.getvalue())} <= {"zip.bomb", "zip.too-large"}


def test_many_members() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as many:
        for number in range(3_000):
            many.writestr(f"xl/{number}.xml", b"")
    assert refused(out.getvalue())[0].code == "zip.too-many"


def test_encrypted_or_old_workbooks() -> None:
    (only,) = refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000))
    assert only.code == "cbam-template.encrypted-or-old"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04", b"\x00" * 100, "姓名,排放".encode()])
def test_what_is_no_workbook(data: bytes) -> None:
    assert refused(data)[0].code in {"cbam-template.not-a-workbook", "zip.damaged"}


def test_another_zip() -> None:
    assert refused(zipped({"readme.txt": b"hello", "[Content_Types].xml": b"<Types/>"}))[0].code == "cbam-template.not-a-workbook"
    assert refused(zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}))[0].code == \
        "cbam-template.not-a-workbook"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet8.xml", "xl/styles.xml", "_rels/.rels"])
def test_entities_and_document_types_are_refused(screws_lean: bytes, part: str) -> None:
    content = parts(screws_lean)
    attack = (b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>')
    head, _, rest = content[part].partition(b"?>")
    content[part] = head + b"?>" + attack + rest
    (only,) = refused(zipped(content))
    assert only.code == "cbam-template.unsafe-xml"


def test_damaged_xml_names_the_sheet(screws_lean: bytes) -> None:
    content = parts(screws_lean)
    part = sheet_parts(content)["D_Processes"]
    content[part] = content[part][:5_000]
    (only,) = refused(zipped(content))
    assert (only.code, only.place.sheet) == ("cbam-template.damaged-xml", "D_Processes")


def test_a_cut_file(screws_lean: bytes) -> None:
    assert refused(screws_lean[:100_000])[0].code == "zip.damaged"


def test_macros_are_read_with_a_warning_and_not_filled(screws_lean: bytes, blank_lean: bytes) -> None:
    content = parts(screws_lean)
    content["[Content_Types].xml"] = content["[Content_Types].xml"].replace(
        b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml").replace(b"application/vnd.openxmlformats-officedocument.sheet", b"application/vnd.ms-excel.sheet")
    content["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0 Auto_Open"
    made = read(zipped(content))
    told = [p for p in made.problems if p.code == "cbam-template.macros"]
    assert [p.severity for p in told] == [Severity.WARNING]
    assert differences(made, read(screws_lean)) == []
    template = parts(blank_lean) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}
    with pytest.raises(ProblemsError) as error:
        fill_template(zipped(template), made)
    assert error.value.problems[0].code == "cbam-template.macros-refused"


def test_a_missing_part(screws_lean: bytes) -> None:
    content = parts(screws_lean)
    del content[sheet_parts(content)["D_Processes"]]
    assert refused(zipped(content))[0].code == "cbam-template.part-missing"


def test_external_relations_are_never_followed(screws_lean: bytes) -> None:
    content = parts(screws_lean)
    rels = "xl/_rels/workbook.xml.rels"
    content[rels] = content[rels].replace(b"</Relationships>", (
        b'<Relationship Id="rId900" TargetMode="External" Target="http://127.0.0.1:1/x" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>'))
    assert differences(read(zipped(content)), read(screws_lean)) == []


# --- what other programs write ---------------------------------------------------------------------------------------

def test_texts_in_cells_shared_rich_and_phonetic(screws_lean: bytes) -> None:
    content = parts(screws_lean)
    part = "xl/sharedStrings.xml"
    count = content[part].count(b"<si>") + content[part].count(b"<si ")
    rich = ('<si><r><t>Bolts </t></r><r><rPr><b/></rPr><t>&amp; screws</t></r><rPh sb="0" eb="2"><t>ボルト</t></rPh></si>').encode()
    content[part] = content[part].replace(b"</sst>", rich + b"</sst>")
    made = read(typed(zipped(content), {("A_InstData", "L83"): ("s", b"<v>%d</v>" % count)}))
    assert made.processes[0].name == "Bolts & screws"


def test_prefixed_names_and_cells_without_addresses(screws_lean: bytes) -> None:
    """Other programs write namespaces with a prefix, and leave out addresses of cells and rows."""
    content = parts(screws_lean)
    part = sheet_parts(content)["D_Processes"]
    row = (b'<row r="54"><c r="K54"/><c><v>3337.95</v></c></row>')
    start = content[part].index(b'<row r="54"')
    end = content[part].index(b"</row>", start) + 6
    content[part] = content[part][:start] + row + content[part][end:]
    made = read(zipped(content))
    assert made.processes[0].direct is not None
    assert made.processes[0].direct.value == Decimal("3337.95")


@pytest.mark.parametrize(("text", "expected"), [
    ("311000", "311000"), ("0.1", "0.1"), ("0.10000000000000001", "0.1"), ("3337.9500000000003", "3337.9500000000003"),
    ("1E-3", "0.001"), ("-0", "0"), ("1e22", "1E+22"), ("12345678901234567890", "1.2345678901234567E+19")])
def test_a_number_is_the_shortest_decimal_of_its_double(text: str, expected: str) -> None:
    assert stored_number(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["NaN", "inf", "1e400", "1e308", "", "12a"])
def test_what_is_no_number_is_an_error(text: str) -> None:
    assert isinstance(stored_number(text), CellError)


def test_truth_values_errors_and_dates(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {
        ("D_Processes", "K50"): True, ("D_Processes", "L50"): ("str", b"<f>FALSE()</f><v>FALSE</v>"),
        ("D_Processes", "L66"): ("e", b"<v>#N/A</v>"), ("A_InstData", "I9"): ("d", b"<v>2023-01-01</v>")}))
    assert (made.processes[0].heat_applies, made.processes[0].waste_gas_applies) == (True, False)
    assert codes(made)["cell-error"] == "D_Processes!L66"
    assert made.period_start is not None


def test_addresses() -> None:
    assert [split_cell(c) for c in ("A1", "L16", "XFD1048576")] == [(1, 1), (12, 16), (16384, 1048576)]
    assert [split_cell(c) for c in ("", "A0", "XFE1", "A1048577", "1A", "AAAA1", "a1", "A01")] == [None] * 8
    assert all(split_cell(cell_name(c, 7)) == (c, 7) for c in (1, 26, 27, 52, 702, 703, 16384))
    assert run("L16:L18") == ("L16", "L17", "L18")
    assert run("F83:H83") == ("F83", "G83", "H83")
    assert shifted("L16", 65) == "L81"


def test_overlapping_members_of_a_zip(screws_lean: bytes) -> None:
    """Two entries of the index that point at one place: no program writes that."""
    data = bytearray(screws_lean)
    at = data.rfind(b"PK\x05\x06")
    count, size, start = struct.unpack("<HLL", bytes(data[at + 10:at + 20]))
    entry = bytes(data[start:start + 46 + sum(struct.unpack("<HHH", bytes(data[start + 28:start + 34])))])
    twin = entry.replace(b"[Content_Types].xml", b"[Content_Typez].xml")
    broken = bytes(data[:at]) + twin + bytes(data[at:])
    end = bytearray(broken[at + len(twin):])
    struct.pack_into("<HHL", end, 8, count + 1, count + 1, size + len(twin))
    whole = broken[:at + len(twin)] + bytes(end)
    assert differences(read(whole), read(screws_lean)) == [], "what the twin hides is not read"


@pytest.mark.parametrize("change", [lambda d: d[:-30], lambda d: d[50:], lambda d: d + b"PK\x05\x06" + bytes(18)])
def test_broken_ends(screws_lean: bytes, change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ProblemsError):
        read(change(screws_lean))
    assert Package(screws_lean, "x").macros is False


def test_merged_input_cells_are_told(screws_lean: bytes) -> None:
    content = parts(screws_lean)
    part = sheet_parts(content)["D_Processes"]
    content[part] = content[part].replace(b'<mergeCell ref="J45:M45"/>', b'<mergeCell ref="J45:M45"/><mergeCell ref="K54:L54"/><mergeCell ref="L16:L18"/>')
    made = read(zipped(content))
    assert codes(made) == {"cell-merged": "D_Processes!L54 D_Processes!L17 D_Processes!L18"}
    assert codes(read(screws_lean)) == {}
