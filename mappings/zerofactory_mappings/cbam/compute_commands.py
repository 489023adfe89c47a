"""``zerofactory cbam compute`` and ``cbam new``: embedded emissions of an installation, and its input file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerofactory_engine.console import ExitCode, common_options, print_problems, reporting, write_aside

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.result import CbamResult

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)
SECTORS = ("steel", "aluminium", "cement", "fertilisers", "hydrogen")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--basis", type=click.Choice(["transitional", "definitive"]),
              help="Whose law counts; without it transitional for a Commission workbook, definitive for our own input.")
@click.option("--import-year", type=click.IntRange(2023, 2100), metavar="YEAR",
              help="Year in which the goods enter the EU; it decides the CBAM factor, and the mark-up by one reading.")
@click.option("--reading", "readings", multiple=True, metavar="READING=ALTERNATIVE",
              help="Settle an open question of law, such as markup_year=import; may be repeated.")
@click.option("--set", "version", metavar="VERSION", help="Set of default values to use; the newest at hand otherwise.")
@click.option("--proof", type=_OUT, help="Write every step down to source stream, factor and legal point to this file.")
@click.option("--out", type=_OUT, help="Write the result to this file: .json with exact numbers, or .yaml.")
@common_options
def compute(file: Path, basis: str | None, import_year: int | None, readings: tuple[str, ...], version: str | None,
            proof: Path | None, out: Path | None, as_json: bool, lang: str) -> None:
    """Compute embedded emissions of the goods of FILE: our YAML or workbook, or a filled Commission template.

    Exit codes: 0 every figure is known; 3 the input cannot be used or something in it is wrong; 5 a figure is not
    known.
    """
    from zerofactory_mappings.cbam.compute import compute as calculate
    from zerofactory_mappings.cbam.exact_json import exact_json
    from zerofactory_mappings.cbam.input.outputs import spare_inputs
    from zerofactory_mappings.cbam.model import Basis
    from zerofactory_mappings.cbam.read import read_installation

    with reporting(lang, as_json):
        spare_inputs([proof, out], [file])
        if out is not None:
            _suffix(out)
        chosen = _readings(readings)
        sets = _sets(version)
        installation = read_installation(file)
        result = calculate(installation, None if basis is None else Basis(basis), proof=proof is not None,
                           import_year=import_year, readings=chosen, sets=sets)
        files = {} if proof is None else {proof: _proof(result, file, sets)}
        if out is not None:
            files[out] = _written(result, out)
        for path, data in files.items():
            write_aside(path, data)
    if as_json:
        click.echo(exact_json(result))
    else:
        from rich.console import Console

        from zerofactory_mappings.cbam.show import in_words, show

        show(result, lang, Console())
        print_problems([in_words(p, lang) for p in result.problems], lang)
    raise SystemExit(int(_exit_code(result)))


def _readings(texts: tuple[str, ...]) -> dict[str, str]:
    """What ``--reading`` settles; an unknown question or answer is a problem."""
    from zerofactory_engine.problems import ProblemsError
    from zerofactory_mappings.cbam.obligation.readings import chosen_on_command, reading_problems

    chosen = chosen_on_command(texts)
    if problems := reading_problems(chosen):
        raise ProblemsError(problems)
    return {ident: alternative for ident, alternative, _ in chosen}


def _sets(version: str | None) -> Any:
    """The set of default values that was asked for; None: all at hand, the newest first."""
    if version is None:
        return None
    from zerofactory_mappings.cbam.defaults.store import default_set

    return (default_set(version),)


def _proof(result: CbamResult, file: Path, sets: Any) -> bytes:
    """The graph with what it rests on: the input's hash, the tables' hashes, the sets of default values. Decimals are
    texts, as in every proof, so that no reader can round them."""
    import json

    from zerofactory_engine.canonical import jsonable, sha256
    from zerofactory_mappings.cbam.defaults.store import default_sets
    from zerofactory_mappings.cbam.table_reader import TABLES_FOLDER

    tables = {p.name: sha256(p.read_bytes()) for p in sorted(TABLES_FOLDER.glob("*.csv"))}
    pins = {"input": {"file": file.name, "sha256": sha256(file.read_bytes())}, "tables": tables,
            "default_values": [s.version for s in (sets or default_sets())]}
    content = {"format": "zerofactory/cbam-proof/1", "basis": result.basis, "pins": pins,
               "provisional": list(result.provisional), "sources": list(result.sources),
               "steps": {} if result.proof is None else result.proof.as_json()}
    return (json.dumps(jsonable(content), ensure_ascii=False, indent=1) + "\n").encode()


def _written(result: CbamResult, out: Path) -> bytes:
    from zerofactory_mappings.cbam.exact_json import exact_json
    from zerofactory_mappings.cbam.input.emit import yaml_of_values

    return (exact_json(result) + "\n").encode() if _suffix(out) == ".json" else yaml_of_values(result).encode()


def _suffix(out: Path) -> str:
    """The ending of the file to write; asked before anything is computed or written."""
    from zerofactory_engine.problems import Place, Problem, ProblemsError

    suffix = out.suffix.lower()
    if suffix not in {".json", ".yaml", ".yml"}:
        raise ProblemsError([Problem("cbam-input.out-suffix", Place(file=out.name), found=suffix or out.name,
                                     accepted=".json, .yaml")])
    return suffix


def _exit_code(result: CbamResult) -> ExitCode:
    """3 when anything is wrong, else 5 when a figure is not known, else 0."""
    if any(p.severity == "error" for p in result.problems):
        return ExitCode.DOSSIER
    asked = list(result.installation.as_json().values())
    for p in result.processes:
        asked += [p.activity_level, p.attributed_direct, p.attributed_indirect, p.se_direct, p.see_direct,
                  p.se_indirect, p.see_indirect, p.embedded_electricity]
    for product in result.products:
        asked += [product.see_direct, product.see_indirect]
    return ExitCode.INDETERMINATE if None in asked else ExitCode.MET


@click.command()
@click.option("--format", "kind", type=click.Choice(["yaml", "xlsx"]),
              help="YAML text or workbook; without it the suffix of --out decides.")
@click.option("--sector", type=click.Choice(SECTORS),
              help="Begin with rows that fit this sector; without it empty tables.")
@click.option("--from", "source", type=_FILE,
              help="Write what this file holds (our YAML or workbook, or a filled Commission template) instead.")
@click.option("--out", type=_OUT, required=True, help="File to write.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@common_options
def new(kind: str | None, sector: str | None, source: Path | None, out: Path, force: bool, as_json: bool,
        lang: str) -> None:
    """Write a commented input file to fill in, or another file's content as our own input."""
    from zerofactory_engine.console import print_json
    from zerofactory_engine.messages import render
    from zerofactory_engine.problems import Place, Problem, ProblemsError
    from zerofactory_mappings.cbam.input.outputs import spare_inputs

    with reporting(lang, as_json):
        spare_inputs([out], [source])
        chosen = kind or out.suffix.lower().removeprefix(".").replace("yml", "yaml")
        if chosen not in {"yaml", "xlsx"}:
            raise ProblemsError([Problem("cbam-input.out-suffix", Place(file=out.name), found=out.suffix or out.name,
                                         accepted=".yaml, .xlsx")])
        if sector is not None and source is not None:
            raise click.UsageError("--sector and --from exclude each other")
        if out.exists() and not force:
            raise ProblemsError([Problem("file.exists", Place(file=str(out)), example="--force")])
        data, problems = _content(chosen, sector, source, lang)
        write_aside(out, data)
    if as_json:
        print_json({"out": str(out), "format": chosen, "sector": sector, "problems": problems})
        return
    print_problems(problems, lang)
    click.echo(render("cbam-input.written", lang, {"file": str(out)}))


def _content(kind: str, sector: str | None, source: Path | None, lang: str) -> tuple[bytes, list[Any]]:
    """The bytes of a new file, and what was found in the file it was made from."""
    if source is None:
        from zerofactory_mappings.cbam.input.template import starter_workbook, starter_yaml

        return (starter_yaml(sector, lang).encode() if kind == "yaml" else starter_workbook(sector, lang)), []
    from zerofactory_mappings.cbam.input.workbook_out import workbook_of
    from zerofactory_mappings.cbam.input.write import installation_yaml
    from zerofactory_mappings.cbam.read import read_installation

    installation = read_installation(source)
    data = installation_yaml(installation) if kind == "yaml" else workbook_of(installation, lang)
    return data, list(installation.problems)
