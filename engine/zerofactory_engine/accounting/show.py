"""The inventory as tables on a terminal, in zh or en."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.accounting.inventory import Inventory
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import Total
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.messages import render, render_reason
from zerofactory_engine.reasons import Unknown

if TYPE_CHECKING:
    from rich.table import Table

_CENT = Decimal("0.01")
_BREAKDOWNS = ("scope", "source", "gas", "iso_category", "ghgp_category", "obtained")


def shown(amount: Amount, lang: str) -> str:
    """A figure with two decimals and thousands marks, or the word for unknown."""
    if isinstance(amount, Unknown):
        return render("accounting.show.unknown", lang)
    return f"{amount.quantize(_CENT, rounding=ROUND_HALF_EVEN, context=CONTEXT):,f}"


def show(inventory: Inventory, lang: str) -> None:
    """Print totals, lines, what is outside the scopes, the factor sets, and why totals are unknown."""
    from rich.console import Console

    console = Console()
    title = render("accounting.show.title", lang, {"dossier": inventory.dossier_id, "from": inventory.start.isoformat(),
                                                   "to": inventory.end.isoformat()})
    console.print(title, markup=False, style="bold")
    console.print(_totals(inventory, lang))
    console.print(_lines(inventory, lang))
    if inventory.totals["location"]["outside"]:
        console.print(_outside(inventory, lang))
    if inventory.offsets:
        console.print(_offsets(inventory, lang))
    console.print(_sets(inventory, lang))
    overall = inventory.total("all").value
    if isinstance(overall, Unknown):
        console.print(render("accounting.show.reasons", lang), markup=False)
        for reason in overall.reasons:
            console.print(f"  {reason.subject}: {render_reason(reason, lang)}", markup=False)


def _table(heads: Mapping[str, bool], lang: str, title: str) -> Table:
    """A table whose columns are messages; true: figures, set to the right."""
    from rich.table import Table

    table = Table(title=render(title, lang), title_justify="left", pad_edge=False)
    for head, figures in heads.items():
        table.add_column(render(f"accounting.show.{head}", lang), justify="right" if figures else "left",
                         overflow="fold")
    return table


def _totals(inventory: Inventory, lang: str) -> Table:
    table = _table({"group": False, "location": True, "market": True, "half_width": True}, lang,
                   "accounting.show.totals")
    both = inventory.totals
    for name in ("scopes_1_2", "all"):
        _row(table, render(f"accounting.show.{name}", lang), both["location"][name], both["market"][name], lang)
    for breakdown in _BREAKDOWNS:
        groups = both["location"]["by"][breakdown]
        if groups:
            table.add_section()
        for key, total in groups.items():
            _row(table, _label(breakdown, key, lang), total, both["market"]["by"][breakdown][key], lang)
    return table


def _sum(total: Total, lang: str) -> str:
    """A total, or what is known of one that is not."""
    if isinstance(total.value, Unknown):
        return render("accounting.show.known_part", lang, {"known": shown(total.known, lang)})
    return shown(total.value, lang)


def _row(table: Table, label: str, location: Total, market: Total, lang: str) -> None:
    table.add_row(label, _sum(location, lang), _sum(market, lang), _spread(location, lang))


def _spread(total: Total, lang: str) -> str:
    """The interval of a total and how much of the total states one: a narrow interval must not hide a gap."""
    width = total.uncertainty
    if width is None or width.relative is None or width.not_stated is None:
        return ""
    covered = CONTEXT.subtract(Decimal(1), width.not_stated) * 100
    return render("accounting.show.spread", lang, {"width": f"{width.relative * 100:.1f}", "covered": f"{covered:.0f}"})


def _label(breakdown: str, key: str, lang: str) -> str:
    if breakdown == "source":
        return classification().sources[key].title[lang]
    if breakdown == "obtained":
        return render(f"accounting.obtained.{key}", lang)
    return key if breakdown == "gas" else render(f"accounting.show.{breakdown}", lang, {"key": key})


def _lines(inventory: Inventory, lang: str) -> Table:
    table = _table({"row": False, "source": False, "gas": False, "iso": False, "scope_head": False, "mass": True,
                    "location": True, "market": True}, lang, "accounting.show.lines")
    for line in inventory.lines:
        table.add_row(f"{line.table}/{line.row}" if line.row else line.table, line.source.title[lang], line.gas,
                      line.iso_subcategory, str(line.scope or "–"), _mass(line.location.value, lang),
                      shown(line.tco2e_location, lang), shown(line.tco2e_market, lang))
    return table


def _mass(amount: Amount, lang: str) -> str:
    if isinstance(amount, Unknown) or not amount or abs(amount) >= 1:
        return shown(amount, lang)
    return f"{amount:.3g}"


def _outside(inventory: Inventory, lang: str) -> Table:
    table = _table({"group": False, "location": True, "market": True}, lang, "accounting.show.outside")
    for key, total in inventory.totals["location"]["outside"].items():
        market = inventory.totals["market"]["outside"][key]
        table.add_row(classification().outside[key][lang], _sum(total, lang), _sum(market, lang))
    return table


def _offsets(inventory: Inventory, lang: str) -> Table:
    table = _table({"row": False, "programme": False, "kind": False, "credits": True, "retired": False}, lang,
                   "accounting.show.offsets")
    for offset in inventory.offsets:
        retired = offset.retired_on.isoformat() if offset.retired_on is not None else ""
        table.add_row(f"credits/{offset.row}", offset.programme or "", offset.kind or "", shown(offset.quantity, lang),
                      retired)
    return table


def _sets(inventory: Inventory, lang: str) -> Table:
    table = _table({"role": False, "set": False, "version": False, "hash": False}, lang, "accounting.show.sets")
    for role, pin in inventory.pins.items():
        table.add_row(role, pin.id, pin.version, pin.sha256.removeprefix("sha256:")[:12])
    return table
