"""``zerofactory cbam import-defaults`` and ``zerofactory cbam scope``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zerofactory_engine.console import ExitCode, common_options, print_json, print_problems, progress, reporting


@click.command("import-defaults")
@click.argument("workbook", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", type=click.Choice(["default-values", "benchmarks", "grid-factors"]),
              help="What the file holds; otherwise its headers say so.")
@click.option("--version", help="Name of the set, for example 2025-2621-v2; otherwise kind and day of publication.")
@click.option("--published", help="Day of publication (2026-08-06); otherwise from the name of the file.")
@click.option("--purpose", type=click.Choice(["indirect", "import"]),
              help="Of grid factors: for indirect emissions (Annex II) or for imported electricity (Annex III).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder for sets; otherwise the first one of ZEROFACTORY_CBAM_DATA.")
@common_options
def import_defaults(workbook: Path, kind: str | None, version: str | None, published: str | None, purpose: str | None,
                    out: Path | None, as_json: bool, lang: str) -> None:
    """Read the Commission's WORKBOOK of default values, benchmarks or grid factors (.xlsx or .csv) and store it.

    Every row is listed as read or skipped, with the reason. Look-ups use the newest set that has the country; set
    ZEROFACTORY_CBAM_DATA to the folder that holds the sets.
    """
    with reporting(lang, as_json), progress(str(workbook), total=3) as advance:
        from zerofactory_mappings.cbam.defaults.importing import import_file

        done = import_file(workbook, kind, version, published, purpose, out, advance)
        if as_json:
            print_json(done.as_json())
        else:
            print_problems(done.reading.problems, lang)
            click.echo(done.as_text(lang))


@click.command("scope")
@click.argument("cn")
@click.option("--country", help="Country of production, by ISO code or name: adds its default value.")
@click.option("--year", type=click.IntRange(2026, 2050), default=2026, show_default=True,
              help="Year of import: mark-up, free allocation and benchmarks of that year.")
@click.option("--variant", help="Which of several rows of one code: grey or white clinker, a 10-digit code, or words.")
@click.option("--on", "on_day", type=click.DateTime(["%Y-%m-%d"]), help="Day at which the nomenclature is asked.")
@common_options
def scope(cn: str, country: str | None, year: int, variant: str | None, on_day: Any, as_json: bool, lang: str) -> None:
    """What CBAM asks of goods of code CN: category, routes, precursors, functional unit, default value, benchmarks.

    Exit code 5: a country was asked for and there is no default value at hand; the reason stands there.
    """
    with reporting(lang, as_json):
        from zerofactory_mappings.cbam.defaults.scope_view import scope_view

        view = scope_view(cn, country, year, variant, None if on_day is None else on_day.date())
        if as_json:
            print_json(view.as_json())
        else:
            print_problems(view.problems, lang)
            click.echo(view.as_text(lang))
        if view.unvalued:
            raise SystemExit(int(ExitCode.INDETERMINATE))
