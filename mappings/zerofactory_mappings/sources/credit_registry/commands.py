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
        ProblemsError: it is no download of a registry that we know, or no retirement is on behalf of ``facility``.
    """
    from zerofactory_mappings.sources.credit_registry.read import read_records
    from zerofactory_mappings.sources.credit_registry.write import imported

    return imported(read_records(data, file), data, file, options.get("facility"), options.get("year"))


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
        from zerofactory_engine.problems import Place, Problem, ProblemsError
        from zerofactory_mappings.sources.credit_registry.match import match_credits
        from zerofactory_mappings.sources.credit_registry.read import FILE_BYTES, read_records

        large = [f for f in files if f.stat().st_size > FILE_BYTES]
        if large:
            raise ProblemsError([Problem("text.too-large", Place(file=f.name), accepted=f"{FILE_BYTES:,} bytes")
                                 for f in large])
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
