"""Audits and filled templates as text on a terminal, in zh or en."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Context, Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import plain
from zerofactory_engine.messages import render, render_problem
from zerofactory_mappings.cbam.communication.audit import Audit, Compared, Verdict
from zerofactory_mappings.cbam.communication.bases import Bases, Beside

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

#: Digits of a figure on the terminal; files and JSON have all of them.
_SHOWN = Context(prec=9)


def shown(value: Decimal | None) -> str:
    """A figure with nine digits, or a dash."""
    return "–" if value is None else plain(_SHOWN.plus(value))


def show_audit(audit: Audit, lang: str, *, every: bool) -> None:
    """Print how many figures agree, every one that does not (or every one at all), and the definitive figures."""
    from rich.console import Console

    console = Console()
    counts = Counter(c.verdict for c in audit.compared)
    console.print(_say("audit-title", lang, file=audit.file, version=audit.version), style="bold", markup=False)
    for verdict in Verdict:
        if counts[verdict]:
            console.print("  " + _say(f"audit-{verdict}", lang, count=str(counts[verdict])), markup=False)
    rows = [c for c in audit.compared if every or c.verdict is not Verdict.EQUAL]
    if rows:
        console.print(_compared(rows, lang))
        for line in dict.fromkeys(_reasons(rows, lang)):
            console.print("  " + line, markup=False)
    show_bases(audit.bases, lang, console)


def _compared(rows: list[Compared], lang: str) -> Table:
    table = _table(lang, "audit-table", {"cell": False, "figure": False, "subject": False, "printed": True, "own": True,
                                         "verdict": False})
    for row in rows:
        table.add_row(f"{row.place.sheet}!{row.place.cell}", _say(f"figure-{row.figure}", lang), row.subject,
                      shown(row.printed), shown(row.own), _say(f"verdict-{row.verdict}", lang))
    return table


def _reasons(rows: list[Compared], lang: str) -> Iterator[str]:
    for row in rows:
        if row.reason is not None:
            yield f"{_say(f'verdict-{row.verdict}', lang)}: {render(row.reason, lang, dict(row.args))}"


def show_bases(bases: Bases, lang: str, console: Console) -> None:
    """Print both methods side by side, with the reasons by process and what only the definitive method says."""
    if bases.figures:
        console.print(_beside(bases.figures, lang))
    names = {f.process: f.name for f in bases.figures}
    for process, reasons in bases.reasons.items():
        if reasons:
            console.print(names.get(process, process), style="bold", markup=False)
        for reason in reasons:
            console.print("  " + render(reason.code, lang, dict(reason.args)), markup=False)
    if bases.problems:
        console.print(_say("only-definitive", lang), style="bold", markup=False)
        for problem in bases.problems:
            console.print("  " + render_problem(problem, lang), markup=False, soft_wrap=True)


def _beside(figures: tuple[Beside, ...], lang: str) -> Table:
    table = _table(lang, "bases-table", {"subject": False, "figure": False, "transitional": True, "definitive": True,
                                         "unit": False})
    before = None
    for figure in figures:
        subject = figure.product or figure.name
        if before is not None and before != (figure.process, figure.product):
            table.add_section()
        before = (figure.process, figure.product)
        unit = figure.unit if figure.unit == figure.unit_definitive else f"{figure.unit} → {figure.unit_definitive}"
        table.add_row(subject, _say(f"figure-{figure.figure}", lang), shown(figure.transitional),
                      shown(figure.definitive), unit)
    return table


def _table(lang: str, title: str, columns: dict[str, bool]) -> Table:
    """A table whose columns are messages; true: figures, set to the right."""
    from rich.table import Table

    table = Table(title=_say(title, lang), title_justify="left", pad_edge=False)
    for name, figures in columns.items():
        table.add_column(_say(f"column-{name}", lang), justify="right" if figures else "left", overflow="fold")
    return table


def _say(code: str, lang: str, **args: str) -> str:
    return render(f"cbam-template.{code}", lang, args)
