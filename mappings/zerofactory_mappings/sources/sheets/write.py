"""Write the dossier that a table becomes: every row points at its cell, and nothing is declared complete."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from zerofactory_engine.decimals import parse_decimal
from zerofactory_mappings.sources.sheets.grid import Grid, GridCell, is_workbook
from zerofactory_mappings.sources.yaml_rows import Cell, scalar, table

#: Order in which tables stand in a dossier; those that are not named here follow in their own order.
ORDER = ("meters", "energy", "electricity", "heat", "certificates", "credits", "products", "documents")
#: The name under which a copy of the source file lies beside the dossier.
STEM = "source"


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the tables. *comment*: how the dossier came about, a sentence. Only what is known is set."""

    id: str
    comment: str
    start: date | None = None
    end: date | None = None
    organisation: str | None = None
    credit_code: str | None = None
    facility: str | None = None
    country: str | None = "CN"
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A file that rows refer to: it is copied beside the dossier under :attr:`file`, its hash stands in the dossier."""

    id: str
    kind: str
    title: str
    data: bytes
    covers: tuple[date, date] | None = None
    stem: str = STEM

    @property
    def file(self) -> str:
        """``source.xlsx`` or ``source.csv``."""
        return f"{self.stem}.{'xlsx' if is_workbook(self.data) else 'csv'}"

    @property
    def sha256(self) -> str:
        """Hash of the file's bytes."""
        return hashlib.sha256(self.data).hexdigest()

    def cells(self) -> Mapping[str, Cell]:
        """Row of the table of documents."""
        row: dict[str, Cell] = {"id": self.id, "kind": self.kind, "title": self.title, "file": self.file,
                                "sha256": self.sha256}
        if self.covers is not None:
            row |= {"covers_from": str(self.covers[0]), "covers_to": str(self.covers[1])}
        return row


def evidence(document: str, grid: Grid, *cells: GridCell) -> list[str]:
    """References to cells: ``D1#sheet=2025&cell=B7``; of a CSV file ``D1#cell=B7``.

    The reader of dossiers compares a ``cell`` with the amount of the row. Where it could not read the cell as we do (a
    number with decoration, a CSV file with other separators), the mark is ``at``. A sheet whose name cannot stand in a
    reference (``&``, outer blanks) is named by its number.
    """
    if grid.sheet is None:
        return [f"{document}#{'cell' if grid.usual and _plain(c, ',') else 'at'}={c.ref}" for c in cells]
    if grid.sheet == grid.sheet.strip() and not set(grid.sheet) & set("&;；"):
        return [f"{document}#sheet={grid.sheet}&{'cell' if _plain(c, '') else 'at'}={c.ref}" for c in cells]
    return [f"{document}#sheet-number={grid.index}&at={c.ref}" for c in cells]


def _plain(cell: GridCell, separator: str) -> bool:
    """Whether any reader takes the cell for the same number."""
    if cell.merged or cell.percent:
        return False
    return cell.number is not None or parse_decimal(cell.text.replace(separator, "") if separator else cell.text
                                                    ) is not None


def derived(document: str, grid: Grid, *cells: GridCell) -> list[str]:
    """Reference for an amount that was computed from several cells: ``D1#sheet=2025&from=H7+J7``.

    It bears no mark ``cell``, because the reader of dossiers compares the amount with a cell that is named so.
    """
    mark = f"from={'+'.join(c.ref for c in cells)}"
    sheet = "" if grid.sheet is None else evidence(document, grid, cells[0])[0].partition("#")[2].rpartition("&")[0]
    return [f"{document}#{sheet}&{mark}" if sheet else f"{document}#{mark}"]


def dossier_yaml(head: Head, tables: Mapping[str, Iterable[Mapping[str, Cell]]], documents: Sequence[SourceDocument]
                 ) -> bytes:
    """The dossier file: head, tables and documents, one line for each row; UTF-8, the same bytes for the same input."""
    lines = [f"# {' '.join(head.comment.split())}", "format: zerofactory/dossier/1", f"id: {scalar(head.id)}"]
    if head.organisation or head.credit_code:
        lines.append("organisation:")
        if head.organisation:
            lines.append(f"  name: {_named(head.organisation)}")
        if head.credit_code:
            lines.append(f"  unified_social_credit_code: {_quoted(head.credit_code)}")
    lines += ["facility:", "  id: F1"]
    lines.append(f"  name: {_named(head.facility or head.organisation or head.id)}")
    lines.append("  kind: factory")
    if head.country:
        lines.append(f"  country: {head.country}")
    if head.start is not None and head.end is not None:
        lines.append(f"period: {{from: {head.start}, to: {head.end}, time_zone: {scalar(head.time_zone)}}}")
    names = [*(n for n in ORDER if n in tables), *(n for n in tables if n not in ORDER)]
    for name in names:
        lines += table(name, tables[name])
    lines += table("documents", (d.cells() for d in documents))
    return ("\n".join(lines) + "\n").encode()


def _named(text: str) -> str:
    """A name under the language that it is written in."""
    language = "zh" if re.search("[\u3400-\u9fff]", text) else "en"
    return f"{{{language}: {_quoted(text)}}}"


def _quoted(text: str) -> str:
    """A scalar that stays text however it looks."""
    made = scalar(text)
    return made if made.startswith('"') else f'"{made}"'
