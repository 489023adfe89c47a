"""The empty dossier as commented YAML: every section and table with what it is for, its columns, units and codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from zerofactory_engine.dossier import layout, structure
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.model import FORMAT
from zerofactory_engine.dossier.structure import Column, TableShape
from zerofactory_engine.messages import render

_WIDTH = 118
#: Where a line may break: around words, and behind every Chinese character.
_PIECES = re.compile(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+|\s+")
#: Punctuation that never opens a line.
_NEVER_FIRST = frozenset("，。；：、）」』”")
#: Most codes that a comment lists one by one.
_CODES = 24
#: Examples of columns whose kind does not say enough.
_EXAMPLES = {"id": "E1", "meter": "M1", "from": "2025-01-01", "to": "2025-01-31", "documents": "[D1#page=3]",
             "unit": "GWh", "amount": "10", "obtained": "metered"}
#: Columns that an example row shows, beside those that are required.
_SHOWN = ("id", "documents", "meter", "from", "to", "obtained")


def yaml_template(language: str) -> str:
    """The template in *language*; it reads as a dossier once its required fields are filled."""
    out = [*_comment(render("dossier.template-head", language)), "",
           f"format: {FORMAT}", "id: my-dossier-2025", "version: 1", ""]
    for name in ("organisation", "facility", "period", "boundary"):
        out += _section(name, structure.sections()[name], language)
    out += [*_comment(render("dossier.template-complete", language)),
            "complete: []", "# complete: [energy, electricity, {table: credits, documents: [D9]}]", ""]
    for name in ("base_year", "plan", "claim"):
        out += _section(name, structure.sections()[name], language)
    for shape in structure.tables().values():
        out += _table(shape, language)
    return "\n".join(out)


def _comment(text: str, indent: str = "") -> list[str]:
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines += _wrapped(paragraph, f"{indent}# ")
    return lines


def _wrapped(text: str, before: str) -> list[str]:
    """*text* in lines of bounded width; a Chinese character is two wide, and a line may break behind each."""
    lines, line, used = [], "", len(before)
    for piece in _PIECES.findall(text):
        width = len(piece) + sum(ord(c) > 0x2E80 for c in piece)
        if used + width > _WIDTH and line.strip() and piece not in _NEVER_FIRST:
            lines.append(line.rstrip())
            line, used = "", len(before)
        line += piece if line else piece.lstrip()
        used += width
    return [before + found for found in (*lines, line.rstrip()) if found] or [before.rstrip()]


def _section(name: str, shape: TableShape, language: str) -> list[str]:
    required = name in ("organisation", "facility", "period")
    out = ["", *_comment(f"{shape.title[language]}: {shape.help[language]}")]
    mark = "" if required else "# "
    out.append(f"{mark}{name}:")
    for column in shape.columns.values():
        value = _section_value(name, column)
        out += _wrapped(_about(column, language), f"{mark}  # ")
        live = required and value is not None
        out.append(f"{'  ' if live else ('  # ' if required else '#   ')}{column.name}: {value or _example(column)}")
    out.append("")
    return out


#: What a template fills in, so that it reads as it is.
_FILLED = {("facility", "id"): "F1", ("facility", "name"): '{zh: 示例工厂, en: Example factory}',
           ("facility", "kind"): "factory", ("facility", "country"): "CN", ("facility", "province"): "CN-HE",
           ("period", "from"): "2025-01-01", ("period", "to"): "2025-12-31", ("period", "time_zone"): "Asia/Shanghai",
           ("organisation", "name"): '{zh: 示例制造有限公司, en: "Example Manufacturing Co., Ltd."}'}


def _section_value(section: str, column: Column) -> str | None:
    return _FILLED.get((section, column.name))


def _about(column: Column, language: str) -> str:
    """One line on a column: title, help, unit, codes."""
    parts = [f"{column.name}: {column.title[language]}"]
    if (text := column.help[language].rstrip("。.")) and text != column.title[language]:
        parts.append(text)
    if codes := _codes(column, language):
        parts.append(codes)
    if column.refers is not None:
        parts.append(f"→ {column.refers}")
    if column.fields:
        parts.append("{" + ", ".join(column.fields) + "}")
    joined = "；" if language == "zh" else "; "
    return joined.join(parts)


def _codes(column: Column, language: str) -> str:
    if not column.codes:
        return f"codes: {column.code_list}" if column.code_list else ""
    if len(column.codes) > _CODES:
        return f"standards/codes/{column.code_list}.yaml"
    if column.code_list is None:
        return " | ".join(column.codes)
    titles = {c: code_list(column.code_list).title(c, language) for c in column.codes}
    return " | ".join(f"{c} ({t})" if t != c else c for c, t in titles.items())


def _table(shape: TableShape, language: str) -> list[str]:
    out = ["", *_comment(f"{shape.title[language]}: {shape.help[language]}")]
    for column in shape.columns.values():
        if not column.common:
            out += _wrapped(_about(column, language), "#   ")
    common = [c.name for c in shape.columns.values() if c.common and c.name != "basis"]
    out += _wrapped(render("dossier.template-common", language, {"columns": ", ".join(common)}), "#   ")
    cells = ", ".join(f"{name}: {value}" for name, value in _example_row(shape))
    out += [f"# {shape.name}:", f"#   - {{{cells}}}", ""]
    return out


def _example_row(shape: TableShape) -> Iterator[tuple[str, str]]:
    shown = 0
    for column in shape.columns.values():
        if column.name in _SHOWN and not (column.name == "meter" and not shape.metered):
            yield column.name, _example(column)
        elif column.required or (not column.common and not column.closed and shown < 5
                                 and column.kind in ("code", "amount", "boolean", "date", "number")):
            shown += 1
            yield column.name, _example(column)


def _example(column: Column) -> str:
    """An example of a cell that reads without a problem."""
    if column.name in _EXAMPLES and column.kind not in ("code", "amount"):
        return _EXAMPLES[column.name]
    if column.kind == "code":
        return column.codes[0]
    by_kind: Mapping[str, str] = {
        "amount": "12.5" if column.unit is not None and column.unit.text == "%" else "1200", "number": "1",
        "integer": "2025" if "year" in column.name else "1", "date": "2025-01-31", "boolean": "yes", "tri": "no",
        "quantity": "0.45 tCO2/MWh", "references": "[D1]", "texts": "{zh: 名称, en: Name}", "list": "[]",
        "object": "{}", "text": column.example or "…",
    }
    if column.kind == "object" and column.name == "serials":
        return "{first: GEC-0001, last: GEC-0100}"
    return by_kind[column.kind]


def fields_of_main_sheet(language: str) -> Iterator[tuple[str, str, str, Column | None]]:
    """Key, title, help and column of every line of the main sheet of a workbook."""
    for key in layout.HEADER_FIELDS:
        declared = structure.schema().source["properties"][key]
        yield (key, structure.bilingual(declared["title"], " / ")[language],
               structure.bilingual(declared["description"], "\n")[language], None)
    for key, column in layout.main_lists().items():
        section = structure.sections()[key.split(".")[0]]
        about = render("dossier.workbook-list", language, {"sheet": layout.sheets()[key].sheet_name(language)})
        yield key, f"{section.title[language]}: {column.title[language]}", about, None
    for key, column in layout.main_fields().items():
        name = key.rsplit(".", 1)[1]
        suffix = f" ({name})" if column.kind == "texts" else ""
        section = structure.sections()[key.split(".")[0]]
        yield key, f"{section.title[language]}: {column.title[language]}{suffix}", column.help[language], column
