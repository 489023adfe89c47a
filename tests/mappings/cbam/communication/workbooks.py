"""Change workbooks as a user, another program or an attacker would; with regular expressions, sharing no code with ours."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

#: Sheets without entries or results that a lean workbook keeps empty.
_HEAVY = ("c_CodeLists", "b_Guidelines", "G_FurtherGuidance", "InputOutput", "Parameters_CNCodes", "Parameters_Constants",
          "a_Contents", "VersionDocumentation")
#: Sheets with entries on top and a long tail of helping cells: the last row that is kept.
_LONG = {"Summary_Processes": 135, "Summary_Products": 110}


def parts(data: bytes) -> dict[str, bytes]:
    """Every part of a workbook by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {i.filename: package.read(i) for i in package.infolist()}


def zipped(content: Mapping[str, bytes]) -> bytes:
    """A workbook of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, part in content.items():
            package.writestr(name, part)
    return out.getvalue()


def sheet_parts(content: Mapping[str, bytes]) -> dict[str, str]:
    """Name of a sheet → part."""
    targets = dict(re.findall(r'Id="([^"]+)"[^>]*Target="([^"]+)"', content["xl/_rels/workbook.xml.rels"].decode()))
    found = re.findall(r'<sheet [^>]*?name="([^"]+)"[^>]*?r:id="([^"]+)"', content["xl/workbook.xml"].decode())
    return {name.replace("&amp;", "&"): f"xl/{targets[rid]}" for name, rid in found}


def each_sheet(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The workbook with every sheet's XML changed by a function of its name and XML."""
    content = parts(data)
    for name, part in sheet_parts(content).items():
        content[part] = change(name, content[part])
    return zipped(content)


def lean(data: bytes) -> bytes:
    """Without the cells of sheets that no entry stands in, and without an order of calculation."""
    def change(name: str, xml: bytes) -> bytes:
        if name == "Translations":
            return re.sub(rb'<row r="(\d+)"[^>]*?(?:/>|>.*?</row>)', lambda m: m[0] if len(m[0]) < 3_000 else b"", xml, flags=re.DOTALL)
        if name.startswith(_HEAVY):
            return re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData/>", xml, flags=re.DOTALL)
        if name in _LONG:
            return re.sub(rb'<row r="(\d+)"[^>]*?(?:/>|>.*?</row>)', lambda m: m[0] if int(m[1]) <= _LONG[name] else b"", xml,
                          flags=re.DOTALL)
        return xml

    return each_sheet(data, change)


def typed(data: bytes, changes: Mapping[tuple[str, str], object]) -> bytes:
    """The workbook with cells as a user would leave them: a number, a text, a truth value, None, or raw XML (bytes) for
    what stands inside the cell, or a pair (type, raw XML)."""
    content = parts(data)
    names = sheet_parts(content)
    for (sheet, cell), value in changes.items():
        part = names[sheet]
        found = re.search(rb'<c r="%s"((?: [a-su-z]\w*="[^"]*")*)[^>]*?(?:/>|>.*?</c>)' % cell.encode(), content[part], re.DOTALL)
        assert found is not None, f"{sheet}!{cell}"
        content[part] = content[part][:found.start()] + _cell(cell, found[1], value) + content[part][found.end():]
    return zipped(content)


def _cell(name: str, attributes: bytes, value: object) -> bytes:
    start = b'<c r="%s"%s' % (name.encode(), attributes)
    if value is None:
        return start + b"/>"
    if isinstance(value, tuple):
        return b'%s t="%s">%s</c>' % (start, value[0].encode(), value[1])
    if isinstance(value, bytes):
        return b"%s>%s</c>" % (start, value)
    if isinstance(value, bool):
        return b'%s t="b"><v>%d</v></c>' % (start, value)
    if isinstance(value, (int, float, Decimal)):
        return b"%s><v>%s</v></c>" % (start, str(value).encode())
    text = str(value)
    if text.startswith("="):
        return b"%s><f>%s</f></c>" % (start, escape(text[1:]).encode())
    return b'%s t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>' % (start, escape(text).encode())


def without_results(data: bytes) -> bytes:
    """No formula cell stores a result, neither those of the template nor those that a user typed."""
    return each_sheet(data, lambda name, xml: re.sub(rb"(</f>|<f [^>]*/>)<v>[^<]*</v>", rb"\1", xml))


def garbage_results(data: bytes, keep: frozenset[tuple[str, str]]) -> bytes:
    """Every formula cell but those of *keep* stores nonsense: numbers where texts were, and the other way round."""
    def change(sheet: str, xml: bytes) -> bytes:
        def swap(match: re.Match[bytes]) -> bytes:
            if (sheet, match[1].decode()) in keep:
                return match[0]
            kept = re.sub(rb' t="[a-z]+"', b"", match[2])
            value = b"<v>987654.25</v>" if b't="str"' in match[2] else b"<v>nonsense</v>"
            return b'<c r="%s"%s%s>%s%s</c>' % (match[1], kept, b"" if b"98" in value else b' t="str"', match[3], value)

        return re.sub(rb'<c r="([A-Z]+\d+)"([^>]*)>(<f[^>]*/>|<f[^>]*>[^<]*</f>)<v>[^<]*</v></c>', swap, xml)

    return each_sheet(data, change)


def renamed_version(data: bytes, version: str) -> bytes:
    """The last version listed in 0_Versions is another one."""
    content = parts(data)
    part = sheet_parts(content)["0_Versions"]
    cells = [c for c in ("E38", "E36") if re.search(rb'<c r="%s"[^>]*><v>' % c.encode(), content[part])]
    return typed(data, {("0_Versions", cells[0]): version})


def differences(first: Any, second: Any, path: str = "", tolerance: Decimal = Decimal(0)) -> list[str]:
    """Where two models differ; places, problems and the template's version aside."""
    if is_dataclass(first) and type(first) is type(second):
        return [d for f in fields(first) if f.name not in ("place", "problems", "template_version")
                for d in differences(getattr(first, f.name), getattr(second, f.name), f"{path}.{f.name}", tolerance)]
    if isinstance(first, tuple) and isinstance(second, tuple) and len(first) == len(second):
        return [d for n, (a, b) in enumerate(zip(first, second, strict=True)) for d in differences(a, b, f"{path}[{n}]", tolerance)]
    if isinstance(first, dict) and isinstance(second, dict):
        return [d for k in sorted({*first, *second}) for d in differences(first.get(k), second.get(k), f"{path}.{k}", tolerance)]
    if isinstance(first, Decimal) and isinstance(second, Decimal):
        return [] if abs(first - second) <= tolerance * max(abs(first), abs(second)) else [f"{path}: {first} ≠ {second}"]
    return [] if first == second else [f"{path}: {first!r} ≠ {second!r}"]
