"""An input as a workbook: a sheet per table, units in the headings, notes, drop-down lists, a sheet that explains.

No clock, so the same input gives the same bytes. Texts stay texts (nothing becomes a formula); a figure is written as a
number only if the sheet's double gives the very same decimal back, otherwise as text, which reads back exactly.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.messages import render
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.input import sheets
from zerofactory_mappings.cbam.input.emit import COMMENT
from zerofactory_mappings.cbam.input.figures import schema
from zerofactory_mappings.cbam.input.sheets import OF, Column, Form, Sheet
from zerofactory_mappings.cbam.input.write import installation_tree
from zerofactory_mappings.cbam.model import Installation
from zerofactory_mappings.cbam.table_reader import table
from zerofactory_mappings.publishing.workbook import fits_a_double

#: Rows below a header that get drop-down lists.
_ROWS = 1_000
_MADE_ON = datetime(2026, 1, 1, tzinfo=UTC)
_YES_NO = ("yes", "no")
HUNDRED = Decimal(100)
Cells = dict[str, str]


def workbook_of(installation: Installation, language: str) -> bytes:
    """*installation* as a workbook that reads back to an equal one."""
    return workbook_of_tree(installation_tree(installation), language)


def empty_workbook(language: str) -> bytes:
    """A workbook to fill in."""
    properties = schema().source["properties"]
    return workbook_of_tree({"format": properties["format"]["const"]}, language)


def workbook_of_tree(tree: Mapping[str, Any], language: str) -> bytes:
    """The tree of an input (:func:`installation_tree`) as a workbook."""
    return _Writer(language).bytes(_main_cells(tree), _Rows(tree).by_sheet)


# --------------------------------------------------------------------------------------------------- tree to cells

def _main_cells(tree: Mapping[str, Any]) -> Cells:
    cells = {name: _text(tree[name]) for name in sheets.SINGLE if name in tree}
    for section in sheets.SECTIONS:
        if section in tree:
            cells |= {key: _text(value) for key, value in _flat(tree[section], f"{section}.")}
    return cells


def _flat(tree: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Values by dotted key; a figure with documents of its own is one value."""
    for name, value in tree.items():
        if isinstance(value, Mapping) and "value" not in value:
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{value['value']} [{'; '.join(value['documents'])}]"
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


class _Rows:
    """The cells of every sheet, taken from a tree."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self.by_sheet: dict[str, list[Cells]] = {}
        for key, shape in sheets.sheets().items():
            if not shape.parents and key in tree:
                self._take(shape, tree[key], None)

    def _take(self, shape: Sheet, value: Any, parent: str | None) -> None:
        into = self.by_sheet.setdefault(shape.key, [])
        head = {} if parent is None else {OF: parent}
        if shape.form is Form.ROWS:
            for number, row in enumerate(value, 1):
                label = str(row.get("id") or f"{parent}/{number}")
                into.append(head | {k: _text(v) for k, v in _flat(row) if k.removeprefix(COMMENT) in shape.columns})
                self._inside(shape, row, label)
        elif shape.form is Form.ATTRIBUTION:
            into += [head | cells for cells in _attribution(value)]
        elif isinstance(value, str) or "value" in value:
            into.append(head | {"amount": _text(value)})
        else:
            first, second = shape.columns
            into += [head | {first: key, second: _text(below)} for key,
                     below in value.items() if not key.startswith(COMMENT)]

    def _inside(self, shape: Sheet, row: Mapping[str, Any], label: str) -> None:
        for child in sheets.child_sheets(shape.key):
            found: Any = row
            for step in child.path:
                found = found.get(step) if isinstance(found, Mapping) else None
            if found:
                self._take(child, found, label)


def _attribution(value: Any) -> Iterator[Cells]:
    if isinstance(value, str):
        yield {"process": value, "share": "1"}
    elif value.get("by") == "functional_units":
        yield from ({"process": p} for p in value["processes"])
    elif value.get("by") == "molar":
        yield from ({"process": p, "mass": _text(m["mass"]), "substance": m["substance"]} for p,
                    m in value["masses"].items())
    else:
        yield from ({"process": p, "share": _text(share)} for p, share in value.items())


# --------------------------------------------------------------------------------------------------- cells to a file

class _Writer:
    def __init__(self, language: str) -> None:
        import xlsxwriter

        self.language = language
        self._buffer = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._buffer, {
            "in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False})
        self._book.set_properties({"title": "zerofactory CBAM input", "created": _MADE_ON.replace(tzinfo=None)})
        add = self._book.add_format
        head = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
        self._title = add({"bold": True, "font_size": 14})
        self._header, self._needed = add({**head, "bg_color": "#DCE9E2"}), add({**head, "bg_color": "#F7DFA5"})
        self._help = add({"italic": True, "text_wrap": True, "valign": "top", "font_color": "#55626D", "font_size": 9})
        self._wrap = add({"text_wrap": True, "valign": "top"})
        self._as_text = add({"num_format": "@"})
        self._as_number = add({"num_format": "0.###############"})
        self._as_share = add({"num_format": "0.#############%"})
        self._lists: dict[str, str] = {}
        self._names: dict[tuple[str, ...], str] = {}

    def bytes(self, main: Cells, rows: Mapping[str, list[Cells]]) -> bytes:
        """The file with these cells filled in."""
        read_me, codes_name = sheets.NOT_DATA[self.language]
        explain = self._book.add_worksheet(read_me)
        start = self._book.add_worksheet(sheets.MAIN_NAMES[self.language])
        made = [(s, self._book.add_worksheet(s.names[self.language])) for s in sheets.sheets().values()]
        self._codes(self._book.add_worksheet(codes_name))
        self._explain(explain)
        self._main(start, main)
        for shape, page in made:
            self._table(shape, page, rows.get(shape.key, []))
        for page in self._book.worksheets():
            page.set_landscape()
            page.set_paper(9)                       # A4
            page.fit_to_pages(1, 0)
            page.repeat_rows(0)
        start.activate()
        start.set_first_sheet()
        self._book.close()
        return self._buffer.getvalue()

    def _explain(self, page: Any) -> None:
        page.set_column(0, 0, 30)
        page.set_column(1, 1, 110, self._wrap)
        page.write_string(0, 0, render("cbam-input.workbook-title", self.language), self._title)
        line = 2
        for text in render("cbam-input.workbook-help", self.language).splitlines():
            page.write_string(line, 1, text, self._wrap)
            line += 1
        for shape in sheets.sheets().values():
            line += 1
            name = shape.names[self.language]
            page.write_url(line, 0, f"internal:'{name}'!A1", string=name)
            page.write_string(line, 1, shape.help[self.language], self._wrap)

    def _codes(self, page: Any) -> None:
        """One block of two columns a list: code and meaning; drop-down lists point at the codes."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        for index, (name, entries) in enumerate(self._wanted().items()):
            left = index * 2
            page.write_string(0, left, name, self._header)
            page.write_blank(0, left + 1, None, self._header)
            for line, (code, meaning) in enumerate(entries.items(), 1):
                page.write_string(line, left, code)
                page.write_string(line, left + 1, meaning)
            page.set_column(left, left + 1, 24)
            first, last = (xl_rowcol_to_cell(n, left, row_abs=True, col_abs=True) for n in (1, len(entries)))
            self._lists[name] = f"='{page.get_name()}'!{first}:{last}"
        page.freeze_panes(1, 0)

    def _wanted(self) -> dict[str, dict[str, str]]:
        """Every list that a drop-down needs: code → meaning."""
        out = {"yes_no": dict.fromkeys(_YES_NO, "")} | words(self.language)
        for column in (*sheets.main_columns().values(),
                       *(c for s in sheets.sheets().values() for c in s.all_columns().values())):
            if column.choices and column.choices not in self._names:
                name = column.key.rpartition(".")[2]
                name = name if name not in out else column.key if column.key not in out else f"{name} {len(out)}"
                self._names[column.choices] = name
                out[name] = {c: column.meanings.get(c, {}).get(self.language, "") for c in column.choices}
        return out

    def _main(self, page: Any, filled: Mapping[str, str]) -> None:
        for index, width in enumerate((36, 34, 44, 80)):
            page.set_column(index, index, width, self._as_text if index == 2 else None)
        heads = (("field", sheets.FIELD), ("name", ""), ("value", sheets.VALUE), ("about", ""))
        for index, (head, key) in enumerate(heads):
            title = render(f"cbam-input.workbook-{head}", self.language)
            page.write_string(0, index, "\n".join(filter(None, (title, key))), self._header)
        page.set_row(0, 32)
        for line, (key, column) in enumerate(sheets.main_columns().items(), 1):
            page.write_string(line, 0, key, self._needed if column.required else None)
            page.write_string(line, 1, _heading(column, self.language), self._wrap)
            page.write_string(line, 3, self._about(column), self._wrap)
            self._cell(page, line, 2, column, filled.get(key))
            self._choices(page, column, line, line, 2)
        page.freeze_panes(1, 1)

    def _table(self, shape: Sheet, page: Any, rows: Sequence[Cells]) -> None:
        columns = shape.all_columns()
        looks = {"figure": self._as_number, "decimal": self._as_number, "integer": self._as_number,
                 "share": self._as_share}
        for index, (key, column) in enumerate(columns.items()):
            page.set_column(index, index, 16 if column.kind in looks else 20, looks.get(column.kind, self._as_text))
            head = f"{_heading(column, self.language)}\n{key}"
            page.write_string(1, index, head, self._needed if column.required else self._header)
            page.write_string(0, index, self._about(column), self._help)
            self._choices(page, column, 2, 1 + max(_ROWS, len(rows)), index)
        page.set_row(0, 60)
        page.set_row(1, 48)
        page.freeze_panes(2, 1)
        for line, row in enumerate(rows, 2):
            cells = _with_units(shape, row)
            for index, (key, column) in enumerate(columns.items()):
                self._cell(page, line, index, column, cells.get(key))
                if COMMENT + key in row:
                    page.write_comment(line, index, row[COMMENT + key], {"author": "zerofactory"})

    def _cell(self, page: Any, line: int, index: int, column: Column, text: str | None) -> None:
        if text is None:
            return
        number = _number(text, column)
        if number is not None and fits_a_double(number):
            page.write_number(line, index, float(number))
        else:
            page.write_string(line, index, text, self._as_text)

    def _about(self, column: Column) -> str:
        parts = [column.help[self.language]]
        if len(column.units) > 1 and not column.unit_column and column.per is None:
            parts.append(render("cbam-input.workbook-units", self.language, {"units": ", ".join(column.units)}))
        if column.refers is not None:
            parts.append(f"→ {sheets.sheets()[column.refers].names[self.language]}")
        if column.example is not None and column.kind not in {"figure", "share", "decimal"}:
            parts.append(render("problem.example", self.language, {"value": column.example}))
        return "\n".join(p for p in parts if p)

    def _choices(self, page: Any, column: Column, first: int, last: int, index: int) -> None:
        """A drop-down list; what refers to another sheet is helped, not forced."""
        name = "yes_no" if column.kind == "boolean" else self._names.get(column.choices, column.words)
        source = self._lists.get(name or "")
        if source is None and column.refers in sheets.sheets():
            source = f"='{sheets.sheets()[column.refers or ''].names[self.language]}'!$A$3:$A${_ROWS}"
        if source is None or column.kind == "list":
            return
        page.data_validation(first, index, last, index, {
            "validate": "list", "source": source, "ignore_blank": True,
            "error_type": "stop" if column.choices or column.kind == "boolean" else "information",
            "error_title": "zerofactory", "error_message": render("cbam-input.workbook-choose", self.language)})


def _number(text: str, column: Column) -> Decimal | None:
    """The number that a cell of *column* may hold in place of *text*; None: it stays text."""
    if column.kind == "share" and text.endswith(" %"):
        percent = parse_decimal(text.removesuffix(" %"))
        return percent.scaleb(-2) if percent is not None and 0 <= percent <= HUNDRED else None
    if column.kind == "figure" and not column.unit_column and column.per is None:
        text = text.removesuffix(f" {column.units[0]}")
    return parse_decimal(text) if column.kind in {"figure", "decimal", "integer", "share"} else None


def _heading(column: Column, language: str) -> str:
    """The title with the unit of a bare number."""
    title = column.title[language]
    if column.kind == "share":
        return f"{title} [%]"
    if column.per is not None:
        return f"{title} [{column.units[0].partition('/')[0]}/…]"
    if column.units and not column.unit_column:
        return f"{title} [{column.units[0]}]"
    return title


def _with_units(shape: Sheet, row: Cells) -> Cells:
    """The cells with figures and their units apart, where the unit stands in a column of its own or follows an
    amount."""
    out = {k: v.replace("kNm3", "1000Nm3") if k in shape.columns and shape.columns[k].kind == "figure" else v
           for k, v in row.items()}
    for key, column in shape.columns.items():
        number, _, unit = out.get(key, "").partition(" ")
        if column.unit_column and unit in column.units:
            out[key], out[f"{key}_unit"] = number, unit
    for key, column in shape.columns.items():
        number, _, unit = out.get(key, "").partition(" ")
        if column.per is not None and unit == f"{column.units[0].partition('/')[0]}/{out.get(f'{column.per}_unit')}":
            out[key] = number
    return out


def words(language: str) -> dict[str, dict[str, str]]:
    """The words of the law's tables that a column may take: list → code → name."""
    def named(entry: Any) -> str:
        return str(entry.zh if language == "zh" else entry.en)

    cells = {r.text("technology"): r.text(language) for r in table("pfc-factors")}
    routes = {r.id: named(r) for c in scope.categories() for r in c.routes}
    factors = {f.id: named(f) for f in tables.fuels()} | {m.id: named(m) for m in tables.process_factors()}
    return {"categories": {c.id: named(c) for c in scope.categories()}, "routes": routes, "factors": factors,
            "technologies": cells, "countries": {c.id: named(c) for c in scope.countries()}}
