"""Files for pre-checks: a small dossier that is right, and files that mean harm or are none."""

from __future__ import annotations

import io
import zipfile

STATE_LIST = "cn-miit-zcf-2026@0.1.0"
SMALL = """format: zerofactory/dossier/1
id: small
organisation: {{name: {{zh: {name}, en: {name}}}}}
facility: {{id: F1, name: {{zh: {name}, en: {name}}}}}
period: {{from: 2025-01-01, to: 2025-12-31}}
"""


def small(name: str = "Site") -> bytes:
    """A dossier that says hardly anything, of a factory called *name* (a YAML scalar)."""
    return SMALL.format(name=name).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def zip_bomb() -> bytes:
    """A gigabyte of zeros beside a dossier, in a megabyte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("dossier.yaml", small())
        with archive.open("bills/1.pdf", "w", force_zip64=True) as member:
            for _ in range(1_000):
                member.write(bytes(1_000_000))
    return out.getvalue()


_TYPES = (b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
          b'<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" '
          b'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
          b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>')
_RELS = (b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
         b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
         b'Target="xl/workbook.xml"/></Relationships>')


def xlsx_bomb() -> bytes:
    """A workbook whose sheet unpacks to half a gigabyte."""
    return zipped({"[Content_Types].xml": _TYPES, "_rels/.rels": _RELS, "xl/workbook.xml": b"<workbook/>",
                   "xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * 500_000_000 + b"</worksheet>"})


def xlsx_with_entities(target: str) -> bytes:
    """A workbook that asks for the file *target* as an external entity."""
    book = (f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file://{target}">]>'
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets>'
            '<sheet name="&x;" sheetId="1"/></sheets></workbook>').encode()
    return zipped({"[Content_Types].xml": _TYPES, "_rels/.rels": _RELS, "xl/workbook.xml": book})


def alias_bomb() -> bytes:
    """YAML of a kilobyte that repeats itself into a billion values."""
    return b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n".encode() for i in range(9))
