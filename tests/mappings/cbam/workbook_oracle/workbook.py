"""Write cells into the official template with openpyxl, and change workbooks as other programs do.

Nothing here is shared with the code that is tested. The template is loaded once; cells are put back after each copy.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook
from tests.mappings.cbam.workbook_oracle.plan import Formula
from tests.mappings.cbam.workbook_oracle.sheets import Cells

TEMPLATE = "cbam/template/CBAM_Communication_template_for_installations_en_20241213.xlsx"
EXAMPLES = ("blast_furnace", "screws_nuts", "aluminium")


class Blank:
    """The official template, to be filled again and again."""

    def __init__(self, path: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")     # openpyxl says what it does not keep: no figure is among it
            self.book: Workbook = openpyxl.load_workbook(path)

    def filled(self, cells: Mapping[tuple[str, str], object]) -> bytes:
        """A copy with these cells; what a formula gives is stored where the formula says so."""
        before: Cells = {}
        stored: dict[tuple[str, str], str] = {}
        for (sheet, name), value in cells.items():
            cell: Any = self.book[sheet][name]
            before[sheet, name] = cell.value
            if isinstance(value, Formula):
                cell.value = value.text
                if value.stored and value.gives is not None:
                    stored[sheet, name] = repr(float(Decimal(value.gives)))
            elif isinstance(value, str) and value.startswith("="):
                cell.value = value
                cell.data_type = "s"
            else:
                cell.value = value
        out = io.BytesIO()
        self.book.save(out)
        for (sheet, name), value in before.items():
            self.book[sheet][name].value = value
        data = out.getvalue()
        return with_results(data, stored) if stored else data


def sheet_parts(data: bytes) -> dict[str, str]:
    """Sheets and their parts of the zip, from the workbook's own relations."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        relations = package.read("xl/_rels/workbook.xml.rels").decode()
        targets = {}
        for element in re.findall(r"<Relationship\b[^>]*>", relations):
            ident, target = re.search(r'\bId="([^"]+)"', element), re.search(r'Target="([^"]+)"', element)
            assert ident is not None
            assert target is not None
            targets[ident[1]] = target[1].lstrip("/") if target[1].startswith("/") else f"xl/{target[1]}"
        found = {}
        for element in re.findall(r"<sheet\b[^>]*>", package.read("xl/workbook.xml").decode()):
            name, ident = re.search(r'name="([^"]+)"', element), re.search(r'r:id="([^"]+)"', element)
            assert name is not None
            assert ident is not None
            found[name[1].replace("&amp;", "&")] = targets[ident[1]]
        return found


def changed(data: bytes, change: Callable[[str, str], str]) -> bytes:
    """The workbook with the XML of every worksheet put through *change*(sheet, xml)."""
    parts = {part: sheet for sheet, part in sheet_parts(data).items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for info in package.infolist():
            content = package.read(info.filename)
            if info.filename in parts:
                content = change(parts[info.filename], content.decode()).encode()
            made.writestr(info, content)
    return out.getvalue()


#: A cell that holds a formula.
_FORMULA_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)>(<f\b(?:[^>]*/>|[^>]*>.*?</f>))(.*?)</c>', re.DOTALL)
_TYPE = re.compile(r'\st="[a-zA-Z]+"')


def with_results(data: bytes, stored: Mapping[tuple[str, str], str]) -> bytes:
    """Stored results beside formulas."""
    def change(sheet: str, xml: str) -> str:
        def one(match: re.Match[str]) -> str:
            value = stored.get((sheet, match[1]))
            if value is None:
                return match[0]
            return f'<c r="{match[1]}"{_TYPE.sub("", match[2])}>{match[3]}<v>{value}</v></c>'

        return _FORMULA_CELL.sub(one, xml) if any(s == sheet for s, _ in stored) else xml

    return changed(data, change)


def without_results(data: bytes) -> bytes:
    """Every formula without its stored result."""
    return changed(data, lambda _, xml: _FORMULA_CELL.sub(
        lambda m: f'<c r="{m[1]}"{_TYPE.sub("", m[2])}>{m[3]}</c>', xml))


def with_garbage(data: bytes, typed: set[tuple[str, str]]) -> bytes:
    """Every formula with a wrong stored result; the *typed* ones (of the user) without any."""
    def change(sheet: str, xml: str) -> str:
        def one(match: re.Match[str]) -> str:
            attributes = _TYPE.sub("", match[2])
            value = "" if (sheet, match[1]) in typed else "<v>-98765.4321</v>"
            return f'<c r="{match[1]}"{attributes}>{match[3]}{value}</c>'

        return _FORMULA_CELL.sub(one, xml)

    return changed(data, change)


def formulas(book: Workbook, sheets: tuple[str, ...]) -> set[tuple[str, str]]:
    """Unlocked cells in which a formula stands."""
    return {(sheet, cell.coordinate) for sheet in sheets for row in book[sheet].iter_rows() for cell in row
            if cell.data_type == "f" and not cell.protection.locked}
