"""One row or section: from typed cells to values in base units, with the figures as written and their plain form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from zerofactory_engine.canonical import jsonable
from zerofactory_engine.decimals import plain
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.model import Basis, Evidence, Row, Stated, Uncertainty
from zerofactory_engine.dossier.structure import Column, TableShape
from zerofactory_engine.problems import Place, Problem
from zerofactory_engine.typed import Amount
from zerofactory_engine.typed_readers import NOT_KNOWN, listed
from zerofactory_engine.units import Unit, UnitError, known_units, unit

Report = Callable[[Problem], None]

_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}", re.ASCII)
#: Columns of the cross-check table that are in the row's own unit.
_IN_ROW_UNIT = ("value_a", "value_b", "value_c")
_TWO = frozenset({"amount", "unit"})


@dataclass(slots=True)
class Cells:
    """What a row or section says: values, figures as written, plain form."""

    values: dict[str, Any] = field(default_factory=dict)
    stated: dict[str, Stated] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    documents: list[tuple[str, Evidence]] = field(default_factory=list)


def read_cells(columns: Mapping[str, Column], typed: Mapping[str, Any], place: Place, report: Report,
               whole: bool = False) -> Cells:
    """The cells of *typed* (a row, section or object below one); *whole*: fields that are not stated become None."""
    cells = Cells()
    if whole:
        cells.values = {name: None for name, column in columns.items() if column.kind != "references"}
    for name, value in typed.items():
        if value is not None and (value or not isinstance(value, (dict, list)) or (whole and value == [])):
            _cell(columns[name], value, place, report, cells, whole)
    _own_unit(columns, cells, place, report)
    return cells


def _cell(column: Column, value: Any, place: Place, report: Report, cells: Cells, whole: bool) -> None:
    name = column.name
    if column.kind == "references":
        found = [_evidence(text, _at(place, name), report) for text in value]
        cells.documents.extend((name, e) for e in found if e is not None)
        cells.given[name] = [str(e) for e in found if e is not None]
    elif isinstance(value, Amount):
        cells.values[name] = value.value
        cells.stated[name] = Stated(value.stated, value.unit)
        number = plain(Decimal(value.stated))
        cells.given[name] = f"{number} {value.unit}" if value.unit is not None else number
    elif column.kind == "tri" and value == NOT_KNOWN:
        cells.given[name] = value
    elif column.kind == "object":
        below = read_cells(column.fields, value, _at(place, name), report, whole)
        cells.values[name], cells.given[name] = below.values, below.given
        cells.documents.extend((f"{name}.{n}", e) for n, e in below.documents)
    elif column.kind == "list" and column.fields:
        items = [read_cells(column.fields, v, _at(place, f"{name}/{i}"), report, True) for i, v in enumerate(value, 1)]
        cells.values[name] = tuple(i.values for i in items)
        cells.given[name] = [i.given for i in items]
        cells.documents.extend((f"{name}.{n}", e) for i in items for n, e in i.documents)
    elif column.kind == "integer":
        cells.values[name], cells.given[name] = Decimal(value), str(value)
    else:
        cells.values[name] = tuple(value) if isinstance(value, list) else value
        cells.given[name] = jsonable(value)


def _at(place: Place, name: str) -> Place:
    return Place(place.file, place.line, place.column, f"{place.path}/{name}" if place.path else name, place.sheet,
                 place.cell)


def _evidence(text: str, place: Place, report: Report) -> Evidence | None:
    """``D2#sheet=2025&cell=F14`` as a reference; None after reporting marks that cannot be read."""
    document, _, marks = text.partition("#")
    found: dict[str, str] = {}
    for mark in filter(None, marks.split("&")):
        name, _, value = mark.partition("=")
        found[name.strip().lower()] = value.strip()
    page, cell = found.pop("page", None), found.pop("cell", None)
    sheet = found.pop("sheet", None)
    if page is not None and not (page.isascii() and page.isdigit() and 0 < int(page) < 1_000_000):
        report(Problem("dossier.evidence-mark", place, found=f"page={page}", example="D1#page=3"))
        return None
    if cell is not None and _CELL.fullmatch(cell) is None:
        report(Problem("dossier.evidence-mark", place, found=f"cell={cell}", example="D2#sheet=2025&cell=F14"))
        return None
    return Evidence(document, int(page) if page is not None else None, sheet, cell, tuple(sorted(found.items())))


def _own_unit(columns: Mapping[str, Column], cells: Cells, place: Place, report: Report) -> None:
    """Carry out ``amount`` and ``unit``: into the column of the dimension, or by the unit that a figure has."""
    if "unit" not in columns:
        return
    wanted = cells.values.get("unit")
    if "figure" in columns:
        _figure(cells, wanted, place, report)
    elif "value_a" in columns:
        given = _unit(wanted, place, report) if wanted is not None else None
        for name in _IN_ROW_UNIT:
            if given is not None and isinstance(cells.values.get(name), Decimal):
                cells.values[name] = given.to_base(cells.values[name])
        if given is not None and cells.values.get("reconciling"):
            cells.values["reconciling"] = tuple(
                {**item, "amount": given.to_base(item["amount"])} for item in cells.values["reconciling"])
    elif cells.values.get("amount") is not None or wanted is not None:
        _target(columns, cells, wanted, place, report)


def _unit(text: str, place: Place, report: Report, accepted: str | None = None) -> Unit | None:
    try:
        return unit(text)
    except UnitError:
        report(Problem("typed.unknown-unit", _at(place, "unit"), found=text,
                       accepted=accepted or listed(known_units())))
        return None


def _figure(cells: Cells, wanted: str | None, place: Place, report: Report) -> None:
    name, amount = cells.values.get("figure"), cells.values.get("amount")
    if name is None or amount is None:
        return
    own = unit(code_list("figures").codes[name]["unit"])
    given = _unit(wanted, place, report) if wanted is not None else own
    if given is None:
        return
    if given.dimension != own.dimension:
        report(Problem("typed.wrong-dimension", _at(place, "unit"), found=f"{given} ({given.dimension})",
                       accepted=f"{own} ({own.dimension})"))
        return
    cells.stated["amount"] = Stated(plain(amount), wanted)
    cells.values["amount"] = given.to_base(amount)


def _target(columns: Mapping[str, Column], cells: Cells, wanted: str | None, place: Place, report: Report) -> None:
    amount = cells.values.get("amount")
    targets = [c for c in columns.values() if c.target and c.unit is not None]
    accepted = listed([n for c in targets if c.unit is not None for n in known_units(c.unit.dimension)])
    if amount is None or wanted is None:
        missing = "amount" if amount is None else "unit"
        report(Problem("dossier.amount-alone", _at(place, "amount"), accepted=missing, example="amount: 10, unit: GWh"))
        return
    given = _unit(wanted, place, report, accepted)
    if given is None:
        return
    column = next((c for c in targets if c.unit is not None and c.unit.dimension == given.dimension), None)
    if column is None:
        report(Problem("typed.wrong-dimension", _at(place, "unit"), found=f"{given} ({given.dimension})",
                       accepted=accepted))
    elif column.name in cells.values and cells.values[column.name] is not None:
        report(Problem("dossier.amount-twice", _at(place, "amount"), found=f"amount, {column.name}",
                       accepted="1"))
    else:
        cells.values[column.name] = given.to_base(amount)
        cells.stated[column.name] = Stated(plain(amount), given.text)


def make_row(shape: TableShape, typed: Mapping[str, Any], row_id: str, place: Place, report: Report) -> Row:
    """The row *row_id* of a table from its typed cells."""
    at = Place(place.file, place.line, place.column, f"{shape.name}/{row_id}", place.sheet, place.cell)
    cells = read_cells(shape.columns, typed, at, report)
    values = cells.values
    values["id"] = row_id
    estimate, start, end = values.get("estimate"), values.get("from"), values.get("to")
    if isinstance(start, date) and isinstance(end, date) and start > end:
        report(Problem("dossier.dates-backwards", at, found=f"{start} … {end}"))
    return Row(
        id=row_id, table=shape.name, values=values, stated=cells.stated, given=cells.given,
        documents=tuple(e for name, e in cells.documents if name == "documents"),
        obtained=values.get("obtained"), estimate=estimate, uncertainty=_uncertainty(values.get("uncertainty")),
        basis=_basis(values.get("basis")), start=start, end=end, meter=values.get("meter"), part=values.get("part"),
        correction=values.get("correction") is True, place=at,
    )


def _uncertainty(cells: Mapping[str, Any] | None) -> Uncertainty | None:
    if not cells:
        return None
    return Uncertainty(cells.get("half_width_percent"), cells.get("coverage_factor"), cells.get("basis"))


def _basis(cells: Mapping[str, Any] | None) -> Basis:
    if not cells or cells.get("level") is None:
        return Basis()
    return Basis(cells["level"], cells.get("by"), cells.get("on"))
