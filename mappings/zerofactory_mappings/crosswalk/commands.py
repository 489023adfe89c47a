"""``zerofactory map crosswalk``: where lines of an inventory stand in ISO 14064-1, GHG Protocol, GB/T 32150, CBAM."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerofactory_engine.console import common_options, print_json, reporting, write_aside

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from zerofactory_mappings.crosswalk.model import Placed

ENDINGS = (".json", ".xlsx", ".svg", ".html", ".pdf")


@click.command()
@click.argument("dossier", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write; its ending says what: .json, .xlsx, .svg (the picture), .html or .pdf.")
@common_options
def crosswalk(dossier: Path | None, out: Path | None, as_json: bool, lang: str) -> None:
    """Show the crosswalk of schemes; with DOSSIER (or a group) the class of each of its lines and their totals."""
    kind = "" if out is None else out.suffix.lower()
    if out is not None and kind not in ENDINGS:
        from zerofactory_engine.messages import render

        raise click.BadParameter(render("disclosure.unknown-ending", lang, {"endings": ", ".join(ENDINGS)}),
                                 param_hint="--out")
    if kind in (".html", ".pdf"):
        from zerofactory_mappings.publishing.commands import require_installed

        require_installed(kind, lang, as_json)
    with reporting(lang, as_json):
        lines, names, issued = _lines(dossier)
        if out is not None:
            write_aside(out, _written(kind, lines, names, issued, lang))
            if not as_json:
                click.echo(str(out))
                return
        if as_json:
            from zerofactory_mappings.crosswalk.write import as_json as content

            print_json(content(lines))
            return
        _show(lines, lang)


def _lines(dossier: Path | None) -> tuple[tuple[Placed, ...], Mapping[str, str], date]:
    """Lines of a dossier or of every dossier of a group, what it is called and its last day."""
    from datetime import date

    from zerofactory_engine.accounting.library import FactorLibrary
    from zerofactory_engine.accounting.options import Options
    from zerofactory_mappings.crosswalk.build import TABLE, confirmed_on, placed
    from zerofactory_mappings.disclosures.subject import load_subject

    if dossier is None:
        return (), {}, date.fromisoformat(confirmed_on(TABLE))
    subject = load_subject(dossier, options=Options(), library=FactorLibrary.shipped())
    lines = tuple(p for m in subject.members for p in placed(m.dossier.id, m.inventory))
    return lines, subject.name, subject.end


def _written(kind: str, lines: tuple[Placed, ...], names: Mapping[str, str], issued: date, lang: str) -> bytes:
    import json

    from zerofactory_engine.canonical import jsonable
    from zerofactory_mappings.crosswalk import write

    if kind == ".json":
        return (json.dumps(jsonable(write.as_json(lines)), ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    if kind == ".svg":
        from zerofactory_mappings.crosswalk.picture import picture

        return picture(lang).encode("utf-8")
    if kind == ".xlsx":
        from zerofactory_engine.messages import render
        from zerofactory_mappings.publishing.workbook import write_workbook

        return write_workbook(write.sheets(lines, lang), issued=issued, title=render("crosswalk.title", lang))
    from zerofactory_mappings.disclosures.page import html_of, pdf_of

    document = write.document(lines, names, lang, issued)
    return pdf_of(document) if kind == ".pdf" else html_of(document)


def _show(lines: tuple[Placed, ...], lang: str) -> None:
    """The rules, or the totals of the classes, as text."""
    from decimal import Decimal

    from zerofactory_engine.accounting.totals import total
    from zerofactory_engine.messages import render
    from zerofactory_mappings.crosswalk.build import schemes
    from zerofactory_mappings.crosswalk.write import class_titles, table_rows
    from zerofactory_mappings.publishing.numbers import shown

    if not lines:
        for row in table_rows(lang):
            click.echo("  ".join(text for text in (row[0], row[1], row[2], row[3], "→", row[4], f"({row[6]})") if text))
        return
    for name, scheme in schemes().items():
        click.echo(scheme.title[lang])
        for key, title, of in class_titles(lines, name, lang):
            value = total(of, "location").value
            figure = shown(value) if isinstance(value, Decimal) else render("crosswalk.unknown", lang)
            click.echo(f"  {'–' if key.startswith('-') else ' '} {title}: {len(of)}  {figure} tCO2e")
