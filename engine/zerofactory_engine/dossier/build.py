"""Make a dossier from the typed tree, and changed dossiers from a dossier; report what makes it unreadable.

What is refused here cannot be read safely: two rows with one id, a reference to nothing, a row or period whose dates
run backwards, an amount whose unit is missing or of another dimension. Everything else loads and is checked later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from zerofactory_engine.decimals import plain
from zerofactory_engine.dossier import structure
from zerofactory_engine.dossier.cells import Report, make_row, read_cells
from zerofactory_engine.dossier.model import Dossier, Evidence, FileRead, Period, Row
from zerofactory_engine.json_text import tree_of
from zerofactory_engine.problems import NOWHERE, Collector, Place, Problem, Severity
from zerofactory_engine.typed import place_in
from zerofactory_engine.yaml_text import ListNode, MapNode, Node


def build(typed: Mapping[str, Any], tree: Node, problems: Collector, lenient: bool = False) -> Dossier | None:
    """The dossier of a typed tree; None when not even its period can be read. Problems go to *problems*."""
    report = problems.add
    period = _period(typed.get("period") or {}, place_in(tree, "period"), report)
    sections: dict[str, Mapping[str, Any]] = {}
    given: dict[str, Any] = {"id": typed.get("id", "")}
    for name in ("version", "supersedes", "submitted_on"):
        if typed.get(name) is not None:
            given[name] = str(typed[name])
    references: list[tuple[Place, Evidence]] = []
    for name, shape in structure.sections().items():
        place = place_in(tree, name)
        cells = read_cells(shape.columns, typed.get(name) or {}, place, report, whole=True)
        sections[name] = cells.values
        if cells.given:
            given[name] = cells.given
        references.extend((place, e) for _, e in cells.documents)
    rows: dict[str, tuple[Row, ...]] = {}
    for name, shape in structure.tables().items():
        made = _rows(shape, typed.get(name) or (), _items(tree, name), report)
        if made:
            rows[name] = made
    if period is None:
        return None
    sections["period"] = period.context()
    complete = _complete(typed.get("complete") or (), place_in(tree, "complete"), report)
    references.extend((place_in(tree, "complete"), e) for found in complete.values() for e in found)
    reading = typed.get("reading") or {}
    dossier = Dossier(id=str(typed.get("id", "")), period=period, sections=sections, given=given, complete=complete,
                      rows=rows, files=_files(reading), reading=_findings(reading), lenient=lenient)
    if not lenient:
        _references(dossier, references, report)
    return dossier


def _period(typed: Mapping[str, Any], place: Place, report: Report) -> Period | None:
    start, end = typed.get("from"), typed.get("to")
    if not isinstance(start, date) or not isinstance(end, date):
        return None
    if start > end:
        report(Problem("dossier.dates-backwards", place, found=f"{start} … {end}"))
        return None
    return Period(start, end, typed.get("time_zone") or "Asia/Shanghai")


def _items(tree: Node, name: str) -> tuple[Node, ...]:
    node = tree.get(name) if isinstance(tree, MapNode) else None
    return node.items if isinstance(node, ListNode) else ()


def _rows(shape: structure.TableShape, typed: Iterable[Mapping[str, Any]], nodes: tuple[Node, ...],
          report: Report) -> tuple[Row, ...]:
    made: list[Row] = []
    seen: dict[str, Row] = {}
    for index, cells in enumerate(typed):
        place = nodes[index].place if index < len(nodes) else NOWHERE
        row = make_row(shape, cells, str(cells.get("id") or f"r{index + 1}"), place, report)
        if row.id in seen:
            report(Problem("dossier.duplicate-id", row.place, found=row.id, args={"first": _where(seen[row.id])}))
            continue
        seen[row.id] = row
        made.append(row)
    return tuple(made)


def _where(row: Row) -> str:
    at = row.place
    return str(at.line or at.cell or row.place.path or "")


def _complete(typed: Iterable[Any], place: Place, report: Report) -> dict[str, tuple[Evidence, ...]]:
    found: dict[str, tuple[Evidence, ...]] = {}
    for entry in typed:
        table = entry if isinstance(entry, str) else entry.get("table")
        if table is None:
            continue
        if table in found:
            report(Problem("dossier.duplicate-id", place, found=table, args={"first": "complete"}))
        texts = [] if isinstance(entry, str) else entry.get("documents") or []
        found[table] = tuple(Evidence(t.partition("#")[0]) if "#" in t else Evidence(t) for t in texts)
    return found


def _files(reading: Mapping[str, Any]) -> dict[str, FileRead]:
    return {f["document"]: FileRead(f["document"], f["sha256"], f["bytes"]) for f in reading.get("files") or ()
            if {"document", "sha256", "bytes"} <= f.keys()}       # one that cannot be read is a problem already


def _findings(reading: Mapping[str, Any]) -> tuple[Problem, ...]:
    """What the first reading found in files that are not here any more."""
    made = []
    for p in reading.get("findings") or ():
        if not {"code", "severity"} <= p.keys():
            continue
        at: dict[str, Any] = dict(p.get("place") or {})
        made.append(Problem(p["code"], Place(**at), Severity(p["severity"]), p.get("found"), p.get("accepted"),
                            p.get("example"), p.get("args") or {}))
    return tuple(made)


def _references(dossier: Dossier, sections: Iterable[tuple[Place, Evidence]], report: Report) -> None:
    """Every document, meter, part and row that is named has to be there."""
    known = {row.id for row in dossier.rows.get("documents", ())}
    named = [(place, e.document) for place, e in sections]
    for rows in dossier.rows.values():
        for row in rows:
            named.extend((row.place, document) for document in documents_of(row))
    for place, document in named:
        if document not in known:
            report(Problem("dossier.unknown-document", place, found=document, accepted=_some(known)))
    parts = {p["id"] for p in dossier.boundary.get("parts") or () if p.get("id") is not None}
    for name, shape in structure.tables().items():
        referring = [c for c in shape.columns.values() if c.refers not in (None, "documents")]
        for row in dossier.rows.get(name, ()):
            for column in referring:
                wanted = row.values.get(column.name)
                if wanted is None:
                    continue
                there = parts if column.refers == "boundary.parts" else {
                    r.id for r in dossier.rows.get(str(column.refers), ())}
                if wanted not in there:
                    report(Problem("dossier.unknown-reference", row.place, found=f"{column.name}: {wanted}",
                                   accepted=_some(there), args={"table": str(column.refers)}))


def documents_of(row: Row) -> list[str]:
    """Ids of all documents that a row names, in whichever column."""
    shape = structure.tables()[row.table]
    found = [e.document for e in row.documents]
    for name, column in shape.columns.items():
        value = row.given.get(name)
        if column.kind == "references" and name != "documents" and value:
            found.extend(str(v).partition("#")[0] for v in value)
        elif column.refers == "documents" and value:
            found.append(str(value).partition("#")[0])
    return found


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    return ", ".join(found[:20]) + (", …" if len(found) > 20 else "")


# -- pure changes ---------------------------------------------------------------------------------------------------

def new_rows(dossier: Dossier, table: str, rows: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Rows read as if they stood in the dossier, behind those that are there."""
    shape = structure.tables()[table]
    taken = {r.id for r in dossier.rows.get(table, ())}
    made: list[Row] = []
    problems = Collector()
    for cells in rows:
        row_id = str(cells["id"]) if cells.get("id") is not None else _free(taken)
        if row_id in taken:
            problems.add(Problem("dossier.duplicate-id", Place(path=f"{table}/{row_id}"), found=row_id,
                                 args={"first": table}))
        taken.add(row_id)
        written = {name: _written(shape.columns.get(name), value) for name, value in cells.items() if value is not None}
        made.append(_read_row(shape, {**written, "id": row_id}, row_id, problems))
    problems.raise_errors()
    return tuple(made)


def _free(taken: Iterable[str]) -> str:
    known = set(taken)
    number = 1
    while f"new{number}" in known:
        number += 1
    return f"new{number}"


def _written(column: structure.Column | None, value: Any) -> Any:
    """*value* as an applicant would write it; a Decimal is in base units, the column has its own."""
    if isinstance(value, Decimal) and column is not None and column.unit is not None:
        return plain(column.unit.from_base(value))
    return value.isoformat() if isinstance(value, date) else value


def _read_row(shape: structure.TableShape, written: Mapping[str, Any], row_id: str, problems: Collector) -> Row:
    typed = structure.row_schema(shape.name).read(tree_of(dict(written)))
    problems.extend(replace(p, place=Place(path=f"{shape.name}/{row_id}/{p.place.path or ''}".rstrip("/")))
                    for p in typed.problems)
    return make_row(shape, typed.value or {}, row_id, NOWHERE, problems.add)


def changed_row(dossier: Dossier, row: Row, column: str, value: Any) -> Row:
    """*row* with one cell replaced (None: emptied)."""
    shape = structure.tables()[row.table]
    written = {k: v for k, v in row.given.items() if k != column}
    if shape.columns[column].target and "amount" in row.given and column in row.stated:
        written = {k: v for k, v in written.items() if k not in ("amount", "unit")}
    if value is not None:
        written[column] = _written(shape.columns[column], value)
    problems = Collector()
    made = _read_row(shape, written, row.id, problems)
    problems.raise_errors()
    return replace(made, place=row.place)


def drop_documents(dossier: Dossier, ids: frozenset[str]) -> Dossier:
    """*dossier* without the documents *ids* and without every reference to them."""

    def kept(value: Any) -> Any:
        if isinstance(value, dict):
            out = {k: kept(v) for k, v in value.items()}
            return {k: v for k, v in out.items() if v != [] or value[k] == []}
        if isinstance(value, list):
            return [kept(v) for v in value if not (isinstance(v, str) and v.partition("#")[0] in ids)]
        return value

    rows: dict[str, tuple[Row, ...]] = {}
    for table, old in dossier.rows.items():
        if table == "documents":
            rows[table] = tuple(r for r in old if r.id not in ids)
            continue
        rows[table] = tuple(_without(r, ids, kept) for r in old)
    given = {k: kept(v) if isinstance(v, dict) else v for k, v in dossier.given.items()}
    complete = {t: tuple(e for e in d if e.document not in ids) for t, d in dossier.complete.items()}
    return replace(dossier, rows=rows, given=given, complete=complete,
                   files={n: f for n, f in dossier.files.items() if n not in ids},
                   reading=tuple(p for p in dossier.reading if p.args.get("document") not in ids))


def _without(row: Row, ids: frozenset[str], kept: Any) -> Row:
    if not any(d in ids for d in documents_of(row)):
        return row
    given = kept(dict(row.given))
    values = dict(row.values)
    for name, column in structure.tables()[row.table].columns.items():
        if column.refers == "documents" and str(values.get(name, "")).partition("#")[0] in ids:
            del values[name], given[name]
    return replace(row, given=given, values=values, documents=tuple(e for e in row.documents if e.document not in ids))
