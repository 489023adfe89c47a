"""An obligation on a terminal: headlines, tables, remarks, in zh or en."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerofactory_mappings.cbam.obligation.result import ObligationResult
from zerofactory_mappings.cbam.obligation.views import Block, Words, blocks, facts, heading, remarks

if TYPE_CHECKING:
    from rich.console import Console

#: Blanks between columns, and characters that a title may be broken to.
_GAP, _TITLE = 3, 12
#: Tables that a terminal leaves to files.
_ELSEWHERE = frozenset({"deadlines", "penalties"})


def show(result: ObligationResult, view: str, lang: str) -> None:
    """Print the view to standard output."""
    from rich.console import Console

    console = Console(highlight=False)
    words = Words(lang)
    console.print(heading(result, view, lang), style="bold", markup=False)
    for fact in facts(result, lang):
        remark = f"  ({fact.remark})" if fact.remark else ""
        console.print(f"{fact.title}: {fact.value}{remark}", markup=False)
    for block in blocks(result, view, lang):
        if block.id not in _ELSEWHERE:
            console.print()
            if block.id == "readings":
                _listed(console, block, words)
            else:
                _table(console, block, words)
    for title, lines in remarks(result, lang):
        console.print()
        console.print(title, style="bold", markup=False)
        for line in lines:
            console.print(f"- {line}", markup=False)


def _listed(console: Console, block: Block, words: Words) -> None:
    """A table of sentences, one paragraph a row: it reads better than narrow columns."""
    console.print(block.title, style="bold", markup=False)
    for row in block.rows:
        first, *rest = (words.shown(value, c.kind) for value, c in zip(row, block.columns, strict=True))
        titles = [c.title for c in block.columns[1:]]
        console.print(f"- {first}", markup=False)
        console.print("  " + "; ".join(f"{t}: {v}" for t, v in zip(titles, rest, strict=True) if v), markup=False)
    for note in block.notes:
        console.print(note, style="dim", markup=False)


def _table(console: Console, block: Block, words: Words) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    kept = _kept(block, words, console.width)
    table = Table(title=Text(block.title, style="bold"), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for i in kept:
        figures = block.columns[i].kind not in {"text", "date"}
        table.add_column(Text(block.columns[i].title), justify="right" if figures else "left", overflow="fold")
    for row in block.rows:
        table.add_row(*(Text(words.shown(row[i], block.columns[i].kind)) for i in kept))
    console.print(table)
    for note in block.notes:
        console.print(note, style="dim", markup=False)


def _kept(block: Block, words: Words, room: int) -> list[int]:
    """Positions of the columns that fit into *room* without breaking a value; those that can be spared go first."""
    from rich.cells import cell_len

    needed = [max([min(cell_len(c.title), _TITLE), *(cell_len(words.shown(row[i], c.kind)) for row in block.rows)])
              for i, c in enumerate(block.columns)]
    kept = list(range(len(block.columns)))
    while sum(needed[i] + _GAP for i in kept) > room:
        spare = max(kept, key=lambda i: block.columns[i].spare)
        if not block.columns[spare].spare:
            break
        kept.remove(spare)
    return kept
