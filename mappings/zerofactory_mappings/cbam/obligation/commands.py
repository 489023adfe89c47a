"""``zerofactory cbam obligation``: certificates and cost of imports, for an importer or an exporter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerofactory_engine.console import (
    ExitCode,
    common_options,
    print_json,
    print_problems,
    progress,
    reporting,
    write_aside,
)

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.obligation.model import Imports
    from zerofactory_mappings.cbam.obligation.result import ObligationResult

INSTALL = "pip install 'zerofactory[report]'"


@click.command()
@click.argument("file", metavar="[INPUT]", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--view", type=click.Choice(["importer", "exporter"]), default=None,
              help="importer: consignments, threshold, dates; exporter: cost per tonne over the years. Importer for an "
                   "INPUT, exporter without one.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write; its ending says what: .json, .xlsx, .html or .svg (the chart).")
@click.option("--cn", help="Without INPUT: CN code of 8 digits.")
@click.option("--country", help="Without INPUT: country of origin, ISO code or name.")
@click.option("--mass", help="Without INPUT: net mass in t.")
@click.option("--energy", help="Without INPUT: electricity (2716) in MWh.")
@click.option("--year", help="Without INPUT: year of import, where no more is known.")
@click.option("--quarter", help="Without INPUT: quarter of import, as in 2026-Q1.")
@click.option("--date", help="Without INPUT: day of import, as in 2026-03-02.")
@click.option("--see", "--see-direct", "see_direct", help="Without INPUT: actual embedded direct emissions in tCO2e/t.")
@click.option("--see-indirect",
              help="Without INPUT: actual embedded indirect emissions in tCO2e/t (cement, fertilisers).")
@click.option("--sefa", help="Without INPUT: free allocation that the operator reports, in tCO2e/t.")
@click.option("--variant", help="Without INPUT: which default value, where a code has several (grey, white, …).")
@click.option("--route", help="Without INPUT: letters of the benchmark's production route.")
@click.option("--production-year", help="Without INPUT: year of production; that of import when left out.")
@click.option("--clinker-share", help="Without INPUT: clinker in cement, t/t.")
@click.option("--price", "prices", multiple=True, metavar="[PERIOD=]EUR",
              help="Assumed certificate price: for every year, or for a year, quarter or week (2028=90). Repeatable.")
@click.option("--reading", "readings", multiple=True, metavar="QUESTION=ANSWER",
              help="Choice on an open question of law, as in factor_year=production. Repeatable.")
@click.option("--proof", is_flag=True, help="Keep every step of the calculation in the JSON.")
@common_options
def obligation(file: Path | None, view: str | None, out: Path | None, prices: tuple[str, ...],
               readings: tuple[str, ...], proof: bool, as_json: bool, lang: str, **options: str | None) -> None:
    """Certificates and cost of imports of CBAM goods by default and by actual data, over the years, with dates.

    INPUT is a list of consignments (zerofactory/cbam-obligation/1, YAML or JSON). Without it, --cn, --country, --mass
    and one of --date, --quarter and --year describe one consignment.
    """
    view = view or ("importer" if file is not None else "exporter")
    ending = _ending(out, lang)
    with reporting(lang, as_json):
        from zerofactory_mappings.cbam.input.outputs import spare_inputs

        spare_inputs([out], [file])
        with progress("cbam obligation", total=2) as advance:
            imports = _imports(file, options, prices, readings, lang)
            advance(1)
            from zerofactory_mappings.cbam.obligation.build import obligation as compute

            result = compute(imports, proof=proof)
            advance(1)
        if out is not None and ending is not None:
            from zerofactory_mappings.cbam.obligation.write import written

            write_aside(out, written(result, ending, view, lang))
        _print(result, view, lang, out, as_json=as_json)
    raise SystemExit(int(ExitCode.MET if _certain(result) else ExitCode.INDETERMINATE))


def _imports(file: Path | None, options: dict[str, str | None], prices: tuple[str, ...], readings: tuple[str, ...],
             lang: str) -> Imports:
    """The input: of the file, with prices and readings of the command beside its own, or of the options."""
    from zerofactory_engine.messages import render
    from zerofactory_mappings.cbam.obligation.quick import imports_of, with_command
    from zerofactory_mappings.cbam.obligation.read import read_obligation

    given = {k.replace("_", "-"): v for k, v in options.items() if v is not None}
    if file is not None:
        if given:
            raise click.UsageError(render("cbam-obligation.not-with-input", lang,
                                          {"found": ", ".join(f"--{k}" for k in given)}))
        return with_command(read_obligation(file), prices, readings)
    if not {"cn", "country"} <= given.keys() or not {"mass", "energy"} & given.keys():
        raise click.UsageError(render("cbam-obligation.input-or-cn", lang))
    return imports_of(given, prices, readings)


def _ending(out: Path | None, lang: str) -> str | None:
    """The ending of the file to write; a usage error where it cannot be written."""
    if out is None:
        return None
    import importlib.util

    from zerofactory_engine.messages import render
    from zerofactory_mappings.cbam.obligation.write import ENDINGS

    ending = out.suffix.lower()
    if ending not in ENDINGS:
        raise click.BadParameter(render("cbam-obligation.unknown-ending", lang), param_hint="--out")
    missing = [name for name in ENDINGS[ending] if importlib.util.find_spec(name) is None]
    if missing:
        args = {"missing": ", ".join(missing), "command": INSTALL}
        raise click.UsageError(render("cbam-obligation.not-installed", lang, args))
    return ending


def _print(result: ObligationResult, view: str, lang: str, out: Path | None, *, as_json: bool) -> None:
    if as_json:
        about: dict[str, Any] = {"view": view} | ({} if out is None else {"file": str(out)})
        print_json(result.as_json() | about)
        return
    if out is not None:
        from zerofactory_mappings.cbam.obligation.views import Words

        print_problems(result.problems, lang)
        click.echo(Words(lang).t("saved", file=str(out)))
        return
    from zerofactory_mappings.cbam.obligation.terminal import show

    show(result, view, lang)


def _certain(result: ObligationResult) -> bool:
    """Whether the declared certificates of every year are known."""
    return all(y.certificates is not None for y in result.years)
