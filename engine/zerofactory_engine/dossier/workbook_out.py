"""The dossier as a workbook: a sheet per table, units in the headers, notes, drop-down lists, a sheet that explains.

Written with constant memory and no clock, so the same version gives the same bytes. No cell that came from outside is
ever written as a formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from zerofactory_engine.dossier import layout
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.model import FORMAT, Dossier
from zerofactory_engine.dossier.structure import SECTIONS, Column
from zerofactory_engine.dossier.template import fields_of_main_sheet
from zerofactory_engine.messages import render

#: Rows below a header that get drop-down lists and formats.
_ROWS = 1_000
_FILLED = {"format": FORMAT, "id": "my-dossier-2025", "version": "1", "facility.id": "F1",
           "facility.name.zh": "示例工厂", "facility.name.en": "Example factory", "facility.kind": "factory",
           "facility.country": "CN", "facility.province": "CN-HE", "period.from": "2025-01-01",
           "period.to": "2025-12-31", "period.time_zone": "Asia/Shanghai",
           "organisation.name.zh": "示例制造有限公司", "organisation.name.en": "Example Manufacturing Co., Ltd."}
_MADE_ON = datetime(2026, 1, 1, tzinfo=UTC)


def workbook_template(language: str) -> bytes:
    """The empty workbook in *language*."""
    return _Writer(language).bytes(_FILLED, {})


def workbook_of(dossier: Dossier, language: str) -> bytes:
    """*dossier* as a workbook that reads back to an equal dossier."""
    return workbook_with(*filled_cells(dossier), language)


def workbook_with(main: Mapping[str, str], rows: Mapping[str, list[dict[str, Any]]], language: str) -> bytes:
    """The workbook with these cells: of the main sheet by dotted key, of each table its rows by dotted column."""
    return _Writer(language).bytes(main, rows)


def filled_cells(dossier: Dossier) -> tuple[dict[str, str], dict[str, list[dict[str, Any]]]]:
    """The cells of the workbook that *dossier* fills: those of the main sheet, and the rows of each table."""
    canonical = dossier.canonical()
    main: dict[str, str] = {"format": FORMAT}
    for key in ("id", "version", "supersedes", "submitted_on"):
        if key in canonical:
            main[key] = str(canonical[key])
    if "complete" in canonical:
        main["complete"] = "; ".join(
            c if isinstance(c, str) else f"{c['table']} [{', '.join(c['documents'])}]" for c in canonical["complete"])
    sections: dict[str, Any] = {name: canonical[name] for name in SECTIONS if name in canonical}
    main.update({key: _text(value) for key, value in _flat(sections) if not _is_rows(value)})
    main.update({key: layout.NONE_WORDS[0] for key, value in _flat(sections) if value == []})
    rows: dict[str, list[dict[str, Any]]] = {}
    for key, sheet in layout.sheets().items():
        if sheet.parent is not None:
            rows[key] = [{layout.PARENT: r.get("id", f"r{i}"), **dict(_flat(entry))}
                         for i, r in enumerate(canonical.get(sheet.parent, ()), 1)
                         for entry in r.get(sheet.path[1], ())]
        elif len(sheet.path) == 2:
            rows[key] = [dict(_flat(e)) for e in canonical.get(sheet.path[0], {}).get(sheet.path[1], ())]
        else:
            rows[key] = [{k: v for k, v in _flat(r) if not _is_rows(v)} for r in canonical.get(key, ())]
    return main, rows


def cell_text(value: Any) -> str:
    """What stands in a cell for *value*: ``yes`` and ``no``, entries of a list between semicolons."""
    return _text(value)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(v, dict) for v in value)


def _flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, below in value.items():
        if isinstance(below, dict):
            yield from _flat(below, f"{before}{name}.")
        else:
            yield f"{before}{name}", below


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


class _Writer:
    def __init__(self, language: str) -> None:
        import xlsxwriter

        self.language = language
        self._buffer = io.BytesIO()
        # texts stay texts: nothing that looks like a formula, a number or an address becomes one
        self._book = xlsxwriter.Workbook(self._buffer, {
            "in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False})
        self._book.set_properties({"title": "zerofactory dossier", "created": _MADE_ON.replace(tzinfo=None)})
        add = self._book.add_format
        self._title = add({"bold": True, "font_size": 14})
        self._header = add({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DCE9E2", "border": 1})
        self._needed = add({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#F7DFA5", "border": 1})
        self._wrap = add({"text_wrap": True, "valign": "top"})
        self._as_text = add({"num_format": "@"})
        self._as_number = add({"num_format": "0.###############"})
        self._lists: dict[str, str] = {}

    def bytes(self, main: Mapping[str, str], rows: Mapping[str, list[dict[str, Any]]]) -> bytes:
        """The file with these cells filled in."""
        explain = self._book.add_worksheet("说明" if self.language == "zh" else "Read me")
        start = self._book.add_worksheet("卷宗" if self.language == "zh" else layout.MAIN)
        sheets = [(s, self._book.add_worksheet(s.sheet_name(self.language))) for s in layout.sheets().values()]
        codes = self._book.add_worksheet("代码" if self.language == "zh" else "Codes")
        self._codes(codes)
        self._explain(explain)
        self._main(start, main)
        for sheet, written in sheets:
            self._table(sheet, written, rows.get(sheet.key, []))
        for sheet in self._book.worksheets():
            sheet.set_landscape()
            sheet.set_paper(9)                      # A4
            sheet.repeat_rows(0)
        for sheet in (explain, start):
            sheet.fit_to_pages(1, 0)
        start.activate()
        start.set_first_sheet()
        self._book.close()
        return self._buffer.getvalue()

    def _explain(self, sheet: Any) -> None:
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 110, self._wrap)
        sheet.write_string(0, 0, render("dossier.workbook-title", self.language), self._title)
        line = 2
        for text in render("dossier.workbook-help", self.language).splitlines():
            sheet.write_string(line, 1, text, self._wrap)
            line += 1
        line += 1
        for shape in layout.sheets().values():
            sheet.write_url(line, 0, f"internal:'{shape.sheet_name(self.language)}'!A1",
                            string=shape.sheet_name(self.language))
            sheet.write_string(line, 1, shape.help[self.language] or shape.title[self.language], self._wrap)
            line += 1

    def _codes(self, sheet: Any) -> None:
        """One block of two columns a list: code and title; drop-down lists point at the codes."""
        wanted: dict[str, tuple[str, ...]] = {"yes_no": ("yes", "no"), "yes_no_not_known": ("yes", "no", "not known")}
        for shape in (*layout.sheets().values(),):
            for column in shape.columns.values():
                if column.codes and column.code_list:
                    wanted.setdefault(column.code_list, column.codes)
        for column in layout.main_fields().values():
            if column.codes and column.code_list:
                wanted.setdefault(column.code_list, column.codes)
        for name in ("provinces", "document_kinds", "gases"):
            wanted.setdefault(name, tuple(code_list(name).codes))
        for index, (name, codes) in enumerate(sorted(wanted.items())):
            left = index * 2
            sheet.write_string(0, left, name, self._header)
            titles = None if name.startswith("yes_no") else code_list(name)
            for line, code in enumerate(codes, 1):
                sheet.write_string(line, left, code)
                if titles is not None:
                    sheet.write_string(line, left + 1, titles.title(code, self.language))
            sheet.set_column(left, left, 24)
            sheet.set_column(left + 1, left + 1, 24)
            from xlsxwriter.utility import xl_rowcol_to_cell

            first = xl_rowcol_to_cell(1, left, row_abs=True, col_abs=True)
            last = xl_rowcol_to_cell(len(codes), left, row_abs=True, col_abs=True)
            self._lists[name] = f"='{sheet.get_name()}'!{first}:{last}"
        sheet.freeze_panes(1, 0)

    def _main(self, sheet: Any, filled: Mapping[str, str]) -> None:
        widths = (34, 40, 44, 80)
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width, self._as_text if index == 2 else None)
        heads = ("dossier.workbook-field", "dossier.workbook-name", "dossier.workbook-value", "dossier.workbook-about")
        keys = (layout.FIELD, "", layout.VALUE, "")
        for index, (head, key) in enumerate(zip(heads, keys, strict=True)):
            sheet.write_string(0, index, "\n".join(filter(None, (render(head, self.language), key))), self._header)
        sheet.set_row(0, 32)
        for line, (key, title, about, column) in enumerate(fields_of_main_sheet(self.language), 1):
            sheet.write_string(line, 0, key)
            sheet.write_string(line, 1, title, self._wrap)
            if key in filled:
                sheet.write_string(line, 2, filled[key], self._as_text)
            sheet.write_string(line, 3, about, self._wrap)
            if column is not None:
                self._choices(sheet, column, line, line, 2)
        sheet.freeze_panes(1, 1)

    def _table(self, shape: layout.Sheet, sheet: Any, rows: list[dict[str, Any]]) -> None:
        columns: dict[str, Column | None] = {**({layout.PARENT: None} if shape.parent is not None else {}),
                                             **shape.columns}
        for index, (key, column) in enumerate(columns.items()):
            kind = column.kind if column is not None else "text"
            numeric = kind in ("amount", "number", "integer")
            sheet.set_column(index, index, 16 if numeric else 20, self._as_number if numeric else self._as_text)
            title = column.title[self.language] if column is not None else f"→ {shape.parent} id"
            if column is not None and column.kind == "texts":
                title = f"{title} ({key.rsplit('.', 1)[1]})"
            needed = column is None or column.required
            sheet.write_string(0, index, f"{title}\n{key}", self._needed if needed else self._header)
            if column is not None:
                if note := self._note(column):
                    sheet.write_comment(0, index, note, {"x_scale": 2, "author": "zerofactory"})
                self._choices(sheet, column, 1, _ROWS, index)
        sheet.set_row(0, 48)
        sheet.freeze_panes(1, 1)
        for line, row in enumerate(rows, 1):
            for index, key in enumerate(columns):
                if key in row:
                    sheet.write_string(line, index, _text(row[key]), self._as_text)

    def _note(self, column: Column) -> str:
        parts = [column.help[self.language]]
        if column.unit is not None and column.kind == "amount":
            parts.append(render("dossier.workbook-unit", self.language, {"unit": column.unit.text}))
        if column.refers is not None:
            parts.append(f"→ {column.refers}")
        if column.example is not None:
            parts.append(render("problem.example", self.language, {"value": column.example}))
        return "\n".join(p for p in parts if p)

    def _choices(self, sheet: Any, column: Column, first: int, last: int, index: int) -> None:
        name = {"boolean": "yes_no", "tri": "yes_no_not_known"}.get(column.kind) or column.code_list
        if name not in self._lists:
            return
        closed = bool(column.codes)
        sheet.data_validation(first, index, last, index, {
            "validate": "list", "source": self._lists[name], "ignore_blank": True,
            "error_type": "stop" if closed else "information",
            "error_title": "zerofactory", "error_message": render("dossier.workbook-choose", self.language)})
