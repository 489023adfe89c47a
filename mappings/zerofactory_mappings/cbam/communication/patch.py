"""Change cells of a workbook in place: bytes of the sheet's XML are spliced, every other part is carried over."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from xml.sax.saxutils import escape

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import CONTROL
from zerofactory_mappings.cbam.communication.package import Cell, Package, relations_of

#: A formula that shows a label out of the template's own table of texts: no entry changes what it gives.
_LABEL = re.compile(r"Translations!\$?B\$?\d+", re.ASCII)
#: The sheet with that table: what it gives depends on the language chosen in it, which is not touched.
_LABELS = "Translations"
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?(?:/>|>.*?</(?:\w+:)?v>)", re.DOTALL)
_TYPE = re.compile(rb"""\s+t=(?:"[^"]*"|'[^']*')""")
_START = re.compile(rb"<((?:\w+:)?)c(\s[^>]*?)/?>", re.DOTALL)
_CALC = re.compile(rb"<((?:\w+:)?)calcPr\b([^>]*?)(/?)>")
_FULL = re.compile(rb"""\s+fullCalcOnLoad=(?:"[^"]*"|'[^']*')""")
_CHAIN_TYPE = "/calcChain"
_CHAINED = re.compile(rb"<(?:\w+:)?(?:Override|Relationship)\b[^>]*/calcChain\b[^>]*/>|"
                      rb"<(?:\w+:)?(?:Override|Relationship)\b[^>]*calcChain\+xml[^>]*/>")

Content = str | bool | Decimal | None


def patched(package: Package, cells: Mapping[tuple[str, str], Content]) -> bytes:
    """The workbook with *cells* set (None: emptied), without stored results, calculated when it is opened."""
    changes: dict[str, dict[str, Content]] = {}
    for (sheet, cell), content in cells.items():
        changes.setdefault(sheet, {})[cell] = content
    parts: dict[str, bytes] = {package.root: _calculated(package.part(package.root))}
    replaced_formula = False
    for sheet, part in package.sheet_parts.items():
        wanted = changes.get(sheet, {})
        _check_shared(package, sheet, wanted)
        replaced_formula |= any(package.cell(sheet, c).formula is not None for c in wanted)
        new = _sheet(package, sheet, wanted)
        if new is not None:
            parts[part] = new
    dropped = _without_chain(package, parts) if replaced_formula else frozenset()
    return _zip(package, parts, dropped)


def _sheet(package: Package, sheet: str, wanted: Mapping[str, Content]) -> bytes | None:
    """The sheet's XML with the changes; None when there is none."""
    if not wanted and sheet == _LABELS:
        return None
    data = package.part(package.sheet_parts[sheet])
    edits: list[tuple[int, int, bytes]] = []
    cells = package.sheet(sheet, every=bool(wanted))
    for name, cell in cells.items():
        old = data[cell.start:cell.end]
        if name in wanted:
            edits.append((cell.start, cell.end, _cell(old, wanted[name])))
        elif _stale(sheet, cell):
            edits.append((cell.start, cell.end, _without_result(old)))
    if not edits:
        return None
    edits.sort()
    pieces, at = [], 0
    for start, end, new in edits:
        pieces += [data[at:start], new]
        at = end
    pieces.append(data[at:])
    return b"".join(pieces)


def _stale(sheet: str, cell: Cell) -> bool:
    """Whether a cell holds a result that entries may change."""
    if cell.formula is None or cell.value is None or sheet == _LABELS:
        return False
    return _LABEL.fullmatch(cell.formula.text) is None


def _without_result(cell: bytes) -> bytes:
    match = _START.match(cell)
    assert match is not None, cell[:80]
    start = _TYPE.sub(b"", cell[:match.end()], count=1)
    return start + _VALUE.sub(b"", cell[match.end():])


def _cell(old: bytes, content: Content) -> bytes:
    """The cell with another content; its place and format stay."""
    match = _START.match(old)
    assert match is not None, old[:80]
    prefix, attributes = match[1], _TYPE.sub(b"", match[2], count=1).rstrip()
    if content is None:
        return b"<%sc%s/>" % (prefix, attributes)
    if isinstance(content, str):
        text = escape(CONTROL.sub(" ", content)).encode("utf-8")
        inner = b'<%sis><%st xml:space="preserve">%s</%st></%sis>' % (prefix, prefix, text, prefix, prefix)
        return b'<%sc%s t="inlineStr">%s</%sc>' % (prefix, attributes, inner, prefix)
    if isinstance(content, bool):
        return b'<%sc%s t="b"><%sv>%d</%sv></%sc>' % (prefix, attributes, prefix, content, prefix, prefix)
    return b"<%sc%s><%sv>%s</%sv></%sc>" % (prefix, attributes, prefix, number_text(content).encode("ascii"), prefix,
                                            prefix)


def number_text(value: Decimal) -> str:
    """The shortest text that gives back the double nearest to *value*."""
    return repr(float(value)).removesuffix(".0")


def _check_shared(package: Package, sheet: str, wanted: Mapping[str, Content]) -> None:
    """A formula that others share cannot be replaced while they stay."""
    from zerofactory_mappings.cbam.communication.addresses import cell_name

    if not wanted:
        return
    for name, cell in package.sheet(sheet).items():
        if cell.formula is not None and cell.formula.kind == "shared" and name not in wanted:
            master = cell_name(cell.formula.column, cell.formula.row)
            if master in wanted:
                raise ProblemsError([Problem("cbam-template.shared-formula",
                                             Place(file=package.file, sheet=sheet, cell=name), found=master)])


def _calculated(workbook: bytes) -> bytes:
    """The workbook part that asks for a full calculation when it is opened."""
    match = _CALC.search(workbook)
    if match is not None:
        attributes = _FULL.sub(b"", match[2])
        new = b'<%scalcPr%s fullCalcOnLoad="1"%s>' % (match[1], attributes, match[3])
        return workbook[:match.start()] + new + workbook[match.end():]
    for tag in (b"definedNames>", b"sheets>"):
        at = re.search(rb"</(\w+:)?" + tag, workbook)
        if at is not None:
            new = b'<%scalcPr fullCalcOnLoad="1"/>' % (at[1] or b"")
            return workbook[:at.end()] + new + workbook[at.end():]
    return workbook


def _without_chain(package: Package, parts: dict[str, bytes]) -> frozenset[str]:
    """Leave the order of calculation away (spreadsheets make it anew) when a formula has gone out of a cell."""
    relations = relations_of(package.root)
    chain = next((part for kind, part in package.relations(package.root).values() if kind.endswith(_CHAIN_TYPE)), None)
    if chain is None or not package.has(chain):
        return frozenset()
    for name in (relations, "[Content_Types].xml"):
        parts[name] = _CHAINED.sub(b"", package.part(name))
    return frozenset({chain})


def _zip(package: Package, parts: Mapping[str, bytes], dropped: frozenset[str]) -> bytes:
    """A zip with the same entries in the same order and with the same dates."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in package.infos():
            if info.filename in dropped:
                continue
            entry = zipfile.ZipInfo(info.filename, info.date_time)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            entry.external_attr = info.external_attr
            target.writestr(entry, parts.get(info.filename) or package.part(info.filename))
    return out.getvalue()
