"""A CBAM calculation as tables on a terminal of eighty columns, in zh or en.

Rounded for reading only: emissions to full tonnes as a report states them, specific embedded emissions to five decimals
(2025/2547 Annex II A.1), half away from zero. Files and JSON have all digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.messages import render
from zerofactory_engine.problems import Problem
from zerofactory_mappings.cbam.model import Basis
from zerofactory_mappings.cbam.result import CbamResult, ProcessResult, ProductResult

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_SPECIFIC = Decimal("0.00001")
_TONNES = Decimal(1)
_PERCENT = Decimal("0.1")
#: Reasons for a provisional result that are listed; the rest is counted.
_LISTED = 6
UNKNOWN = "–"


def show(result: CbamResult, lang: str, console: Console) -> None:
    """Print basis, totals, processes, products, loops, and how far the result is provisional."""
    given = result.given
    console.print(_say("basis", lang, basis=_say(str(result.basis), lang)), style="bold", markup=False)
    period = " … ".join(d.isoformat() if d else "?" for d in (given.period_start, given.period_end))
    console.print(_say("subject", lang, name=given.name or "?", period=period), markup=False)
    console.print(_totals(result, lang))
    if result.processes:
        console.print(_processes(result.processes, lang))
    if result.products:
        console.print(_products(result.products, result.basis, lang))
    for loop in result.loops:
        console.print(_say("loop", lang, processes=" ⇄ ".join(_name(result, p) for p in loop.processes),
                           residual=f"{loop.residual:.2E}" if loop.residual else "0"), markup=False)
    for line in _notes(result, lang):
        console.print(line, markup=False)


def in_words(problem: Problem, lang: str) -> Problem:
    """A problem for people: why a verification report does not carry a value, in sentences."""
    if problem.code != "cbam.actual-value-refused" or problem.accepted is None:
        return problem
    why = "; ".join(render(f"cbam.report.{name}", lang) for name in problem.accepted.split("; "))
    return replace(problem, accepted=None, found=f"{problem.found} ({why})")


def specific(value: Decimal | None) -> str:
    """A specific figure with five decimals; a dash when it is not known."""
    return UNKNOWN if value is None else plain_places(value, _SPECIFIC)


def tonnes(value: Decimal | None) -> str:
    """Emissions in full tonnes with thousands apart; a dash when they are not known."""
    return UNKNOWN if value is None else f"{_rounded(value, _TONNES):,f}"


def plain_places(value: Decimal, places: Decimal) -> str:
    """*value* rounded to *places*, zeros kept; never minus zero."""
    return format(_rounded(value, places), "f")


def _rounded(value: Decimal, places: Decimal) -> Decimal:
    return value.quantize(places, rounding=ROUND_HALF_UP, context=CONTEXT) + 0


def _share(value: Decimal | None) -> str:
    return UNKNOWN if value is None else f"{_rounded(value * 100, _PERCENT)} %"


def _say(code: str, lang: str, **args: str) -> str:
    return render(f"cbam.show.{code}", lang, args)


def _name(result: CbamResult, process_id: str) -> str:
    found = result.process(process_id)
    return process_id if found is None else found.name


def _table(lang: str, title: str, heads: Iterable[tuple[str, bool]]) -> Table:
    """A table whose columns are messages; true: figures, set to the right."""
    from rich.table import Table

    table = Table(title=_say(title, lang), title_justify="left", pad_edge=False)
    for head, figures in heads:
        table.add_column(_say(head, lang), justify="right" if figures else "left", overflow="fold")
    return table


def _totals(result: CbamResult, lang: str) -> Table:
    table = _table(lang, "totals", (("figure", False), ("tonnes", True)))
    totals = result.installation
    for name, value in (*totals.as_json().items(), ("indirect_processes", totals.indirect_processes)):
        table.add_row(_say(name, lang), tonnes(value))
    return table


def _processes(processes: Iterable[ProcessResult], lang: str) -> Table:
    heads = (("process", False), ("level", True), ("attributed", True), ("se", True), ("see", True), ("power", True),
             ("defaults", True))
    table = _table(lang, "processes", heads)
    for p in processes:
        unit = p.functional_unit or "?"
        level = UNKNOWN if p.activity_level is None else f"{_short(p.activity_level)} {unit}"
        table.add_row(p.name, level, _two(tonnes(p.attributed_direct), tonnes(p.attributed_indirect)),
                      _two(specific(p.se_direct), specific(p.se_indirect)),
                      _two(specific(p.see_direct), specific(p.see_indirect)), specific(p.embedded_electricity),
                      _share(p.default_share))
    return table


def _products(products: Iterable[ProductResult], basis: Basis, lang: str) -> Table:
    definitive = basis is Basis.DEFINITIVE
    heads = [("product", False), ("cn", False), ("see", True), ("unit", False)]
    heads += [("sefa", True)] if definitive else []
    table = _table(lang, "products", [*heads, ("weakest", False)])
    for p in products:
        cells = [p.name or p.process, p.cn_code or UNKNOWN, _two(specific(p.see_direct), specific(p.see_indirect)),
                 p.unit or UNKNOWN]
        cells += [specific(p.sefa)] if definitive else []
        weakest = UNKNOWN if p.weakest_source is None else _say(f"source-{p.weakest_source}", lang)
        table.add_row(*cells, weakest)
    return table


def _two(direct: str, indirect: str) -> str:
    """Direct above indirect."""
    return f"{direct}\n{indirect}"


def _short(value: Decimal) -> str:
    large = abs(value) >= 1000 or value == value.to_integral_value()
    return f"{_rounded(value, _TONNES):,f}" if large else plain(value)


def _notes(result: CbamResult, lang: str) -> Iterable[str]:
    yield _say("direct-indirect", lang)
    if result.provisional:
        shown = ", ".join(result.provisional[:_LISTED])
        more = len(result.provisional) - _LISTED
        yield _say("provisional", lang, rows=shown + (f" … (+{more})" if more > 0 else ""))
    if result.sources:
        yield _say("sources", lang, acts="; ".join(result.sources))
