"""What the page template shows of a document: plain texts and tables, figures rounded as the law has their kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from markupsafe import Markup

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.messages import render
from zerofactory_mappings.cbam.documents.building import LANGUAGE, say, spaced, unit_of_goods
from zerofactory_mappings.cbam.documents.items import Field, ListOf
from zerofactory_mappings.cbam.documents.model import ItemReport, Line, Quantity, Report, State, Value
from zerofactory_mappings.cbam.documents.rounding import text
from zerofactory_mappings.cbam.documents.texts import few, lacking_texts
from zerofactory_mappings.cbam.documents.words import unit_name
from zerofactory_mappings.cbam.model import ValueSource
from zerofactory_mappings.cbam.result import ProcessResult, ProductResult
from zerofactory_mappings.publishing.charts import AMBER, NAVY, PLUM, SKY, TEAL, Bar, Segment, ranked, stacked
from zerofactory_mappings.publishing.formulas import marked_up

#: Verdict classes of the page kit that states of items borrow: mark and colour.
STATES = {State.PRESENT: ("met", "√"), State.MISSING: ("not_met", "×"), State.NOT_APPLICABLE: ("not_applicable", "–")}
#: More columns than this are drawn as one small table for each row.
COLUMNS = 8
_NBSP = "\N{NO-BREAK SPACE}"
#: Padding of a cell, in hundredths of the page.
_PADDING = 3
#: Rows of the chart of sources.
CHART_ROWS = 10
_FIGURES = frozenset({"tonnes", "see", "parameter", "derived", "share", "count"})
Table = dict[str, Any]


# --- values ----------------------------------------------------------------------------------------------------------

def value_text(value: Value, field: Field, unit: bool = True) -> str:
    """A value as it is shown; a dash where nothing is known."""
    if value is None or value == "" or value == ():
        return "—"
    if isinstance(value, bool):
        return say("answer.yes" if value else "answer.no")
    if isinstance(value, Quantity):
        figure = text(value.value, field.kind).replace(" %", f"{_NBSP}%")
        name = unit_name(value.unit) if unit and field.kind != "share" else ""
        return f"{figure} {name}".strip()
    if isinstance(value, tuple):
        return ", ".join(v.replace(" ", _NBSP) if field.id == "cn" else v for v in value)
    if field.id == "cn":
        return str(value).replace(" ", _NBSP)
    return value.isoformat() if isinstance(value, date) else str(value)


def facts(fields: Sequence[Field], values: Mapping[str, Value]) -> list[tuple[str, str]]:
    """Names with values, of the fields that are shown."""
    return [(f.names.en, value_text(values[f.id], f)) for f in fields if f.id in values]


def list_table(each: ListOf, rows: Sequence[Line]) -> Table:
    """A list as a table: a unit that all rows share stands in the head."""
    shown = [f for f in each.fields if rows and f.id in rows[0]]
    units = {f.id: _common_unit(f, rows) for f in shown}
    head = [f.names.en + (f" [{unit_name(units[f.id])}]" if units[f.id] else "") for f in shown]
    plain = [[value_text(row[f.id], f, unit=not units[f.id]) for f in shown] for row in rows]
    cells = [[_cell(row[f.id], shown_as) for f, shown_as in zip(shown, line, strict=True)]
             for row, line in zip(rows, plain, strict=True)]
    numeric = tuple(i for i, f in enumerate(shown) if f.kind in _FIGURES)
    return {"caption": each.names.en, "head": [_head(h) for h in head], "rows": cells, "numeric": numeric,
            "widths": widths(head, plain), "note": "", "wide": len(shown) > COLUMNS}


def _cell(value: Value, shown: str) -> str:
    """A value in a table: the unit of a figure stays in one piece."""
    figure, blank, unit = shown.partition(" ")
    if not isinstance(value, Quantity) or not blank:
        return shown
    return Markup('{} <span class="nowrap">{}</span>').format(figure, marked_up(unit))


def _head(name: str) -> Markup:
    """The head of a column, its unit in one piece."""
    label, bracket, unit = name.partition(" [")
    return marked_up(label) + Markup(' <span class="nowrap">{}</span>').format(marked_up("[" + unit)) if bracket else (
        marked_up(label))


def _common_unit(field: Field, rows: Sequence[Line]) -> str:
    """The unit of every figure of a column, when it is one."""
    if field.kind not in _FIGURES or field.kind in {"share", "count"}:
        return ""
    found = {v.unit for row in rows if isinstance(v := row[field.id], Quantity)}
    return next(iter(found)) if len(found) == 1 else ""


def widths(head: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Widths of columns in percent, so that no word breaks where there is room: the same table gives the same widths.

    A hundredth of the page holds about one character of the size of tables; a cell's padding takes two.
    """
    least, wanted = [], []
    for i, name in enumerate(head):
        cells = [row[i] for row in rows]
        word = max((len(w) for text in (name, *cells) for w in text.split(" ")), default=0)
        longest = max((len(c) for c in cells), default=0)
        least.append(word + _PADDING)
        wanted.append(max(longest + _PADDING, least[-1], min(len(name), 16) + _PADDING))
    room = 100 - sum(least)
    spread = [w - low for w, low in zip(wanted, least, strict=True)]
    if room <= 0:
        found = [low * 100 // sum(least) for low in least]
    elif sum(spread):
        found = [low + room * extra // sum(spread) for low, extra in zip(least, spread, strict=True)]
    else:
        found = [low * 100 // sum(least) for low in least]
    found[found.index(max(found))] += 100 - sum(found)
    return tuple(found)


# --- items -----------------------------------------------------------------------------------------------------------

def item_view(each: ItemReport, act: str) -> dict[str, Any]:
    """One item as a section."""
    item, content = each.item, each.content
    css, mark = STATES[each.state]
    return {
        "number": item.number, "anchor": f"item-{item.number.replace('.', '-')}", "title": item.names.en,
        "clause": f"{act} {item.clause}", "origin": item.origin.en, "css": css, "mark": mark,
        "state": say(f"item-state.{each.state}"), "applies": each.state is not State.NOT_APPLICABLE,
        "reason": render(each.reason, LANGUAGE) if each.reason else "",
        "lacking": lacking_texts(item, each.lacking), "facts": facts(item.fields, content.facts),
        "tables": [list_table(x, rows) for x in item.lists if (rows := content.lists.get(x.id))],
    }


# --- first page ------------------------------------------------------------------------------------------------------

def key_goods(report: Report) -> Table:
    """The goods with what counts, for the first page."""
    rows = []
    for p in report.case.result.products:
        unit = p.unit or "tCO2e/t"
        figures = [see_text(p.see_direct), see_text(p.see_indirect), see_text(_total(p)), see_text(p.sefa)]
        rows.append([spaced(p.cn_code).replace(" ", _NBSP) or "—", p.name or p.process, *figures,
                     share_text(p.default_share),
                     unit_name(unit)])
    head = [say(f"key.{k}") for k in ("cn", "good", "direct", "indirect", "total", "sefa", "default", "unit")]
    return {"caption": say("key.caption"), "head": head, "rows": rows, "numeric": (2, 3, 4, 5, 6),
            "widths": (12, 21, 11, 11, 11, 12, 10, 12), "note": "", "wide": False}


def see_text(value: Decimal | None) -> str:
    """Specific emissions as they are shown; a dash where they are not known."""
    return "—" if value is None else text(value, "see")


def share_text(value: Decimal | None) -> str:
    """A share as it is shown; a dash where it is not known."""
    return "—" if value is None else text(value, "share")


def _total(p: ProductResult) -> Decimal | None:
    return None if p.see_direct is None or p.see_indirect is None else CONTEXT.add(p.see_direct, p.see_indirect)


def completeness_table(report: Report) -> list[dict[str, Any]]:
    """Every item with its state, for the overview."""
    return [{"number": i.item.number, "title": i.item.names.en, "anchor": f"item-{i.item.number.replace('.', '-')}",
             "css": STATES[i.state][0], "mark": STATES[i.state][1], "state": say(f"item-state.{i.state}"),
             "why": "; ".join([*([render(i.reason, LANGUAGE)] if i.reason else []),
                               *few(lacking_texts(i.item, i.lacking))])}
            for i in report.items]


# --- charts ----------------------------------------------------------------------------------------------------------

def source_chart(report: Report, fonts: str) -> str:
    """The largest sources of direct emissions; nothing with fewer than two."""
    found = [(r.name, r.fossil) for r in report.case.result.streams if r.fossil is not None and r.fossil > 0]
    found.sort(key=lambda x: (-x[1], x[0]))
    if len(found) < 2:
        return ""
    rows = [(name, value, f"{text(value, 'tonnes')} t") for name, value in found[:CHART_ROWS]]
    return ranked("sources", say("chart.sources"), rows, fonts)


def goods_chart(report: Report, fonts: str) -> str:
    """What the embedded emissions of each process are made of; nothing where the parts do not add up to the whole
    (processes in a loop, averages over routes)."""
    bars: list[Bar] = []
    for result in report.case.result.products:
        process = report.case.result.process(result.process_id)
        made = _bar(report, result, process) if process is not None else None
        if made is not None and all(b.label != made.label for b in bars):
            bars.append(made)
    return stacked("goods", say("chart.goods"), bars, fonts) if bars else ""


def _bar(report: Report, result: ProductResult, process: ProcessResult) -> Bar | None:
    parts = {"own_direct": process.se_direct, "own_indirect": process.se_indirect, "inside": Decimal(0),
             "actual": Decimal(0), "default": Decimal(0)}
    with localcontext(CONTEXT):
        for share in result.precursors:
            inner = report.case.result.process(share.id) if not share.bought else None
            one, other = (share.direct, share.indirect) if share.bought else (
                (inner.se_direct, inner.se_indirect) if inner is not None else (None, None))
            if one is None or other is None:
                return None
            kind = "inside" if not share.bought else "default" if share.source == ValueSource.DEFAULT else "actual"
            parts[kind] = (parts[kind] or Decimal(0)) + share.amount * (one + other)
        known = [v for v in parts.values() if v is not None]
        if len(known) < len(parts) or process.see_direct is None or process.see_indirect is None:
            return None
        whole = process.see_direct + process.see_indirect
        if abs(sum(known, Decimal(0)) - whole) > abs(whole) * Decimal(1).scaleb(-12) or whole <= 0:
            return None
    fills = dict(zip(parts, (NAVY, SKY, PLUM, TEAL, AMBER), strict=True))
    segments = tuple(Segment(say(f"chart.{k}"), v, text(v, "see"), fills[k]) for k, v in parts.items() if v)
    label = say("chart.per", process=process.name, unit=unit_of_goods(process.functional_unit))
    return Bar(label, segments, text(whole, "see")) if segments else None
