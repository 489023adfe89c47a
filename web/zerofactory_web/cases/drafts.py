"""A dossier filled in in the browser: cells as texts, table by table, kept until they are submitted as a version.

Tables are pasted as they come from a spreadsheet: lines with tabs, the names of the columns first. A draft is read and
submitted as the workbook of its cells, so that its problems have a sheet and a cell.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from zerofactory_engine.canonical import canonical_bytes
from zerofactory_engine.dossier import dossier_from_tree, layout
from zerofactory_engine.dossier.model import FORMAT
from zerofactory_engine.dossier.workbook_out import cell_text, filled_cells, workbook_with
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import CONTROL
from zerofactory_web.accounts.access import content_of
from zerofactory_web.cases import access, dossiers, opening
from zerofactory_web.cases.model import Application
from zerofactory_web.cases.words import Words
from zerofactory_web.store.unit import Actor, Change, Store

MAIN = layout.MAIN
#: What a pasted table may hold.
MOST_ROWS, MOST_TEXT, MOST_CELL = 5_000, 2_000_000, 2_000
_HEADER = ("id", "complete")
Cells = dict[str, Any]


def empty(row: Application) -> Cells:
    """The cells of a new draft: what the application says already."""
    known = {"id": "", "facility.id": "F1", "facility.name.zh": row.facility_zh, "facility.name.en": row.facility_en,
             "facility.kind": "factory", "facility.country": "CN", "facility.gb_t_4754": row.sector,
             "period.time_zone": "Asia/Shanghai"}
    return {"main": {k: v for k, v in known.items() if v}, "rows": {}}


def cells_of(store: Store, actor: Actor, number: str) -> tuple[Application, Cells]:
    """The draft of an application of one's own organisation, else the cells of its newest version, else a new one.

    Raises:
        ProblemsError: ``cases.not-found``, ``cases.not-yours``.
    """
    with store.read() as session:
        row = access.application(session, actor, number, scope="apply")
        if not access.is_applicant(session, actor, row.organisation_id):
            raise access.refused("cases.not-yours", accepted="applicant")
        last = dossiers.newest(session, row.id)
    if row.draft is not None:
        found: Cells = json.loads(store.documents.read(row.draft))
        return row, found
    if last is None:
        return row, empty(row)
    main, rows = filled_cells(dossier_from_tree(dossiers.tree_of(store, last)))
    texts = {key: [{c: cell_text(v) for c, v in each.items()} for each in given]
             for key, given in rows.items() if given}
    return row, {"main": {k: v for k, v in main.items() if k != "format"}, "rows": texts}


def save_main(store: Store, actor: Actor, number: str, values: Mapping[str, str], *, request: str = "") -> None:
    """Keep the fields of the main sheet; empty ones are left out.

    Raises:
        ProblemsError: texts that are too long or hold control characters; ``cases.application-closed``.
    """
    row, cells = cells_of(store, actor, number)
    words = Words()
    main = {}
    for name in (*_HEADER, *layout.main_fields()):
        if text := words.optional(name, values.get(name, ""), MOST_CELL, lines=True):
            main[name] = text
    words.done()
    with keeping(store, actor, row, {**cells, "main": main}, request):
        pass


def save_table(store: Store, actor: Actor, number: str, key: str, text: str, *, request: str = "") -> int:
    """Keep a pasted table in place of what stood there; the number of its rows.

    Raises:
        ProblemsError: ``cases.table-unknown``; columns that the table does not have, rows that are too long; all at
            once, with line and column.
    """
    row, cells = cells_of(store, actor, number)
    pasted = parse(key, text)
    rows = {**cells["rows"], key: pasted} if pasted else {k: v for k, v in cells["rows"].items() if k != key}
    with keeping(store, actor, row, {**cells, "rows": rows}, request):
        pass
    return len(pasted)


@contextmanager
def keeping(store: Store, actor: Actor, row: Application, cells: Cells, request: str) -> Iterator[Change]:
    """Keep *cells* as the draft of the application as it was read; what is done inside is part of the same change.

    Raises:
        ProblemsError: ``cases.application-closed``; ``store.stale`` when somebody else saved in between.
    """
    stored = store.documents.put(BytesIO(canonical_bytes(cells)), dossiers.LIMIT)
    with store.change(actor, request) as change:
        fresh = access.application(change.session, actor, row.number, scope="apply")
        opening.require_open_dossier(change.session, actor, fresh)
        if fresh.version != row.version:
            raise ProblemsError([Problem("store.stale")])
        yield change
        fresh.draft = stored.sha256
        change.record("draft.saved", "application", fresh, content=content_of(fresh))


def discard(store: Store, actor: Actor, number: str, *, request: str = "") -> None:
    """Throw the draft away; the versions stay."""
    with store.change(actor, request) as change:
        row = access.application(change.session, actor, number, scope="apply")
        opening.require_open_dossier(change.session, actor, row)
        dossiers.clear_draft(change.session, row)
        change.record("draft.discarded", "application", row, content=content_of(row))


# --- tables as text --------------------------------------------------------------------------------------------------


def sheet_of(key: str) -> layout.Sheet:
    """The table called *key*.

    Raises:
        ProblemsError: ``cases.table-unknown``.
    """
    found = layout.sheets().get(key)
    if found is None:
        raise access.refused("cases.table-unknown", found=key[:80], accepted=", ".join(layout.sheets()))
    return found


def columns_of(sheet: layout.Sheet) -> list[str]:
    """Its columns by dotted key; of a list inside rows the id of its row first."""
    return [*([layout.PARENT] if sheet.parent is not None else []), *sheet.columns]


def shown(sheet: layout.Sheet, rows: Sequence[Mapping[str, str]]) -> str:
    """*rows* as text with tabs under the columns that hold anything, for pasting into a spreadsheet and back."""
    used = [c for c in columns_of(sheet) if any(c in r for r in rows)] or columns_of(sheet)[:12]
    lines = ["\t".join(used), *("\t".join(_quoted(r.get(c, "")) for c in used) for r in rows)]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in '\t\n"') else text


def parse(key: str, text: str) -> list[dict[str, str]]:
    """The rows of a pasted table.

    Raises:
        ProblemsError: as :func:`save_table`.
    """
    import csv

    sheet = sheet_of(key)
    if len(text) > MOST_TEXT:
        raise access.refused("cases.table-large", "table", accepted=f"{MOST_TEXT:,}")
    if not text.strip():
        return []
    lines = list(csv.reader(text.replace("\r\n", "\n").splitlines(keepends=True), dialect="excel-tab"))
    problems: list[Problem] = []
    names = [_column(sheet, cell, n, problems) for n, cell in enumerate(lines[0], 1)]
    if len(lines) - 1 > MOST_ROWS:
        problems.append(Problem("cases.table-large", Place(path="table"), found=str(len(lines) - 1),
                                accepted=f"{MOST_ROWS:,}"))
    found = []
    for n, line in enumerate(lines[1:MOST_ROWS + 1], 2):
        if len(line) > len(names):
            problems.append(Problem("cases.row-long", Place(path=f"table:{n}"), found=str(len(line)),
                                    accepted=str(len(names))))
        made = {name: _cell(cell, n, name, problems) for name, cell in zip(names, line, strict=False)
                if name and cell.strip()}
        if made:
            found.append(made)
    if problems:
        raise ProblemsError(problems[:200])
    return found


def _column(sheet: layout.Sheet, cell: str, position: int, problems: list[Problem]) -> str:
    """The column that a heading names: by its key, or by its title in either language."""
    heading = " ".join(cell.split())
    if not heading:
        return ""
    last = heading.rsplit(" ", 1)[-1]            # the heading of our workbook: title, then key
    for name in columns_of(sheet):
        column = sheet.columns.get(name)
        titles = tuple(column.title.values()) if column is not None and column.kind != "texts" else ()
        if name in (heading, last) or heading in titles:
            return name
    problems.append(Problem("cases.column-unknown", Place(path=f"table:1:{position}"), found=heading[:80],
                            accepted=", ".join(columns_of(sheet)[:40])))
    return ""


def _cell(cell: str, line: int, name: str, problems: list[Problem]) -> str:
    text = cell.strip()
    if CONTROL.search(text) or len(text) > MOST_CELL:
        problems.append(Problem("cases.cell-unusable", Place(path=f"table:{line}:{name}"), found=text[:40]))
    return text


# --- as a workbook ------------------------------------------------------------------------------------------


def workbook(cells: Cells, language: str) -> bytes:
    """The draft as our workbook."""
    return workbook_with({"format": FORMAT, **cells["main"]}, cells["rows"], language)


