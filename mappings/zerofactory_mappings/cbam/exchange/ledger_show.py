"""The ledger of disclosures on the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from zerofactory_engine.messages import render

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.exchange.disclosed import Entry, Ledger


def show_entries(ledger: Ledger, entries: Iterable[Entry], language: str) -> None:
    """Each entry on two lines, with the hash of the last one."""
    corrected = ledger.corrected()
    for entry in entries:
        click.echo(render("cbam-exchange.ledger-entry", language, {
            "number": entry.number, "on": entry.on, "to": entry.to, "file": entry.file, "basis": entry.basis.value,
            "start": entry.start, "end": entry.end}))
        click.echo("  " + render("cbam-exchange.ledger-what", language, {
            "goods": ", ".join(entry.goods), "figures": ", ".join(
                render(f"cbam-exchange.figure-{f}", language) for f in entry.figures)}))
        if entry.corrects is not None:
            click.echo("  " + render("cbam-exchange.ledger-is-correction", language, {"number": entry.corrects}))
        if entry.number in corrected:
            click.echo("  " + render("cbam-exchange.ledger-was-corrected", language))
    click.echo(render("cbam-exchange.ledger-last", language, {"head": ledger.head or "–"}))


def show_holders(ledger: Ledger, number: int, language: str) -> None:
    """Who received a figure of an entry, and whether they have the correction."""
    click.echo(render("cbam-exchange.ledger-holders", language, {"number": number}))
    for holder in ledger.holders(number):
        code = "ledger-told" if holder.told is not None else "ledger-not-told"
        click.echo("  " + render(f"cbam-exchange.{code}", language, {
            "to": holder.to, "on": holder.entry.on, "number": holder.entry.number, "told": holder.told or ""}))
