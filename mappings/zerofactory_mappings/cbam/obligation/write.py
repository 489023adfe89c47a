"""An obligation as a file: JSON, workbook, self-contained page or the chart alone; the ending of the name says
which."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from zerofactory_engine.canonical import jsonable
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_mappings.cbam.obligation.result import ObligationResult
from zerofactory_mappings.cbam.obligation.views import Block, Cell, Words, blocks, facts, heading, remarks

#: Endings that can be written, and what each needs beside the base install.
ENDINGS = {".json": (), ".xlsx": (), ".html": ("jinja2",), ".svg": ("markupsafe",)}
FONTS = ('system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", '
         '"WenQuanYi Micro Hei", sans-serif')
LANGUAGE_TAGS = {"zh": "zh-Hans", "en": "en"}
#: Longest text of a column that is kept on one line.
_SHORT = 13
#: Significant digits of a figure in a cell: what a sheet's double holds for certain.
_CELL_DIGITS = 15


def written(result: ObligationResult, ending: str, view: str, lang: str) -> bytes:
    """The file with that *ending*; the same result gives the same bytes.

    Raises:
        ProblemsError: ``cbam-obligation.unknown-ending``; ``cbam-obligation.no-chart``; ``report.…`` of a workbook.
    """
    match ending:
        case ".json":
            return (json.dumps(jsonable(result.as_json() | {"view": view}), ensure_ascii=False,
                               indent=1) + "\n").encode()
        case ".xlsx":
            return workbook(result, view, lang)
        case ".html":
            return page(result, view, lang).encode()
        case ".svg":
            return chart_file(result, view, lang).encode()
    raise ProblemsError([Problem("cbam-obligation.unknown-ending", found=ending, accepted=", ".join(ENDINGS))])


def workbook(result: ObligationResult, view: str, lang: str) -> bytes:
    """An XLSX file with one sheet per table; figures are rounded to what a sheet holds, every digit is in the JSON."""
    from zerofactory_mappings.publishing.workbook import Sheet, write_workbook

    w, title = Words(lang), heading(result, view, lang)
    head = [w.t(f"column-{name}") for name in ("fact", "value", "remark")]
    sheets = [Sheet(w.t("sheet-summary"), head, [(f.title, f.value, f.remark) for f in facts(result, lang)], title,
                    (28, 30, 70))]
    for number, block in enumerate(blocks(result, view, lang), 1):
        sheets.append(Sheet(_sheet_name(number, block), [c.title for c in block.columns],
                            [tuple(_cell(v, w) for v in row) for row in block.rows], block.title,
                            tuple(_width(block, i, w) for i in range(len(block.columns))), block.notes))
    lines = [(title, line, "") for title, found in remarks(result, lang) for line in found]
    sheets.append(Sheet(w.t("sheet-remarks"), head[:2], [line[:2] for line in lines], widths=(28, 110)))
    return write_workbook(sheets, issued=_issued(result), title=title)


def _sheet_name(number: int, block: Block) -> str:
    """The title as far as a sheet's name may hold it; the number keeps names apart."""
    bare = "".join(" " if c in "[]:*?/\\" else c for c in block.title)
    return f"{number} {bare}"[:31].strip()


def _width(block: Block, index: int, w: Words) -> int:
    column = block.columns[index]
    texts = [column.title[:24], *(w.shown(row[index], column.kind) for row in block.rows[:200])]
    return min(60, max(9, 2 + max(sum(2 if ord(c) > 0x2E80 else 1 for c in t) for t in texts)))


def _cell(value: Cell, w: Words) -> Any:
    if value is None:
        return w.t("unknown")
    if isinstance(value, Decimal):
        context = CONTEXT.copy()
        context.prec = _CELL_DIGITS
        return context.plus(value)
    return value


def _issued(result: ObligationResult) -> date:
    """The date inside a file, which has to be the same for the same input: the last day of import."""
    return max((c.when.last_day for c in result.given.consignments), default=date(result.given.years[-1], 12, 31))


def page(result: ObligationResult, view: str, lang: str) -> str:
    """A self-contained HTML page: no script, nothing from another host."""
    from markupsafe import Markup

    from zerofactory_mappings.cbam.obligation.chart import charts

    w = Words(lang)
    svg = charts(result, view, lang, FONTS)
    drawn = {name: Markup(text) for name, text in svg.items()}  # noqa: S704 - charts escape what they draw
    css = Markup(_resource("page.css"))  # noqa: S704 - the style sheet is ours
    out: str = _environment().get_template("page.html.j2").render(
        lang_tag=LANGUAGE_TAGS[lang], title=heading(result, view, lang), facts=facts(result, lang), charts=drawn,
        blocks=blocks(result, view, lang), remarks=remarks(result, lang), w=w, numeric=_numeric,
        firm=lambda block, index: _firm(block, index, w), css=css)
    return out


def _firm(block: Block, index: int, w: Words) -> bool:
    """Whether the texts of a column are so short that none is broken."""
    column = block.columns[index]
    return all(len(w.shown(row[index], column.kind)) <= _SHORT for row in block.rows)


def _numeric(kind: str) -> bool:
    return kind not in {"text", "date"}


@cache
def _resource(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    from zerofactory_mappings.publishing.formulas import marked_up

    return Environment(loader=FunctionLoader(_resource), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                       lstrip_blocks=True, finalize=marked_up)


def chart_file(result: ObligationResult, view: str, lang: str) -> str:
    """The first chart of a view as a file of its own."""
    from zerofactory_mappings.cbam.obligation.chart import charts

    found = charts(result, view, lang, FONTS)
    if not found:
        raise ProblemsError([Problem("cbam-obligation.no-chart")])
    return next(iter(found.values())) + "\n"
