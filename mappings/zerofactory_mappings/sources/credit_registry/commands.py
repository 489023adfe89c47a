"""Run the import of a registry download, and ``zerofactory credits match DOSSIER FILE…``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from zerofactory_engine.console import common_options, print_json, reporting
from zerofactory_mappings.sources import Imported

#: Options that ``zerofactory import credit_registry`` takes beside those of every source.
OPTIONS = ("facility", "year")


def import_bytes(data: bytes, file: str, options: Mapping[str, Any]) -> Imported:
    """The retirements of a download as a dossier's table of credits, and the report of every row.

    *options*: ``facility`` (only retirements whose beneficiary bears this name), ``year`` (of the retirement).

    Raises:
        ProblemsError: it is no download of a registry that we know.
    """
    from zerofactory_engine.canonical import sha256
    from zerofactory_mappings.sources.credit_registry.check import entries_of, left_out, overlap_problems
    from zerofactory_mappings.sources.credit_registry.read import read_records
    from zerofactory_mappings.sources.credit_registry.write import dossier_yaml
    from zerofactory_mappings.sources.report import ImportReport, sum_up
    from zerofactory_mappings.sources.sheets.grid import is_workbook

    records = read_records(data, file)
    asked = options.get("facility"), options.get("year")
    retired = [r for r in records if r.fate == "retired" and left_out(r, *asked) is None]
    copy = "registry.xlsx" if is_workbook(data) else "registry.csv"
    files = {"credits.yaml": dossier_yaml(retired, copy, data)} if retired else {}
    files |= {copy: data}
    entries = entries_of(records, *asked)
    report = ImportReport("credit_registry", file, sha256(data), entries, (), sum_up(entries, {}), tuple(files),
                          tuple(overlap_problems(records, file)))
    return Imported(files, report)


@click.group("credits")
def credits_() -> None:
    """Credits of a dossier against the registries."""


@credits_.command("match")
@click.argument("dossier", type=click.Path(exists=True, path_type=Path))
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common_options
def match(dossier: Path, files: tuple[Path, ...], as_json: bool, lang: str) -> None:
    """Match the credits of DOSSIER with registry downloads FILES by their serials."""
    with reporting(lang, as_json):
        from zerofactory_engine.dossier.read import read_dossier
        from zerofactory_engine.messages import render
        from zerofactory_mappings.sources.credit_registry.match import match_credits
        from zerofactory_mappings.sources.credit_registry.read import read_records

        downloads = {str(f): read_records(f.read_bytes(), f.name) for f in files}
        found = match_credits(read_dossier(dossier).dossier, downloads)
        if as_json:
            print_json({"matches": [m.as_json() for m in found]})
            return
        for each in found:
            click.echo(f"credits/{each.row}: " + render(f"credits.status-{each.status}", lang, {
                "credits": "" if each.credits is None else each.credits, "retired": each.retired,
                "cancelled": each.cancelled}))
            for code in each.findings:
                click.echo(f"  {render(code, lang)}")
            for name in each.rows:
                click.echo(f"  {name}")
