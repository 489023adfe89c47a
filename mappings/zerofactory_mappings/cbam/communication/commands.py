"""``zerofactory cbam template fill|check`` and ``zerofactory cbam audit``: the Commission's communication template."""

from __future__ import annotations

from pathlib import Path

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

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def template() -> None:
    """Fill the Commission's communication template for installations (v2.1.x), or check a filled one."""


@template.command("fill")
@click.argument("source", type=_FILE)
@click.option("--template", "official", type=_FILE, required=True,
              help="The official template (.xlsx, V2.1.x) as the Commission publishes it, without entries.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The workbook to write.")
@click.option("--overwrite", is_flag=True,
              help="Use a template that holds entries; all of them are replaced, also formulas typed into input cells.")
@common_options
def fill_command(source: Path, official: Path, out: Path, overwrite: bool, as_json: bool, lang: str) -> None:
    """Write SOURCE (our YAML or workbook, or another filled template) into the official template.

    Only input cells are written; the workbook calculates itself when it is opened and gives the transitional figures
    that are printed here, with the definitive ones and the reasons for each difference beside them.
    """
    from zerofactory_engine.problems import ProblemsError, Severity
    from zerofactory_mappings.cbam.communication.bases import side_by_side
    from zerofactory_mappings.cbam.communication.fill import fill
    from zerofactory_mappings.cbam.communication.package import read_file
    from zerofactory_mappings.cbam.compute import compute
    from zerofactory_mappings.cbam.input.outputs import spare_inputs
    from zerofactory_mappings.cbam.model import Basis
    from zerofactory_mappings.cbam.read import read_installation

    with reporting(lang, as_json), progress(str(source), total=4) as advance:
        spare_inputs([out], [source, official])
        installation = read_installation(source)
        if any(p.severity is Severity.ERROR for p in installation.problems):
            raise ProblemsError(installation.problems)
        advance(1)
        filled = fill(read_file(official), installation, overwrite=overwrite, file=official.name)
        advance(1)
        definitive = compute(installation, Basis.DEFINITIVE)
        advance(1)
        write_aside(out, filled.data)
        advance(1)
    bases = side_by_side(filled.result, definitive)
    told = [*filled.problems, *filled.result.problems]
    if as_json:
        print_json({"out": str(out), "cells_written": filled.written, "transitional": filled.result.as_json(),
                    "definitive": definitive.as_json(), "side_by_side": bases, "problems": told})
        return
    from rich.console import Console

    from zerofactory_engine.messages import render
    from zerofactory_mappings.cbam.communication.show import show_bases

    print_problems(told, lang)
    click.echo(render("cbam-template.written", lang, {"out": str(out), "count": str(filled.written)}))
    show_bases(bases, lang, Console())


@template.command("check")
@click.argument("file", type=_FILE)
@common_options
def check_command(file: Path, as_json: bool, lang: str) -> None:
    """Read the filled template FILE and say everything that is wrong or unlikely, each with its sheet and cell."""
    from zerofactory_engine.messages import render
    from zerofactory_engine.problems import Severity
    from zerofactory_mappings.cbam.communication.package import read_file
    from zerofactory_mappings.cbam.communication.read import read_template
    from zerofactory_mappings.cbam.compute import compute
    from zerofactory_mappings.cbam.model import Basis

    with reporting(lang, as_json):
        installation = read_template(read_file(file), file.name)
        problems = compute(installation, Basis.TRANSITIONAL).problems
    errors = sum(p.severity is Severity.ERROR for p in problems)
    if as_json:
        print_json({"file": file.name, "version": installation.template_version, "errors": errors,
                    "problems": problems})
    else:
        print_problems(problems, lang)
        click.echo(render("cbam-template.checked", lang, {
            "file": file.name, "version": installation.template_version or "", "errors": str(errors),
            "others": str(len(problems) - errors)}))
    raise SystemExit(int(ExitCode.DOSSIER if errors else ExitCode.MET))


@click.command("audit")
@click.argument("file", type=_FILE)
@click.option("--all", "every", is_flag=True, help="List every printed figure, also those that agree.")
@common_options
def audit(file: Path, every: bool, as_json: bool, lang: str) -> None:
    """Compare the figures printed in the filled template FILE with our own from its entries, and explain differences.

    Exit code 6 when a printed figure differs beyond rounding, 3 when an entry cannot be used, otherwise 0.
    """
    from zerofactory_engine.problems import Severity
    from zerofactory_mappings.cbam.communication.audit import audit_template
    from zerofactory_mappings.cbam.communication.package import read_file

    with reporting(lang, as_json):
        result = audit_template(read_file(file), file.name)
    if as_json:
        print_json(result)
    else:
        from zerofactory_mappings.cbam.communication.show import show_audit

        print_problems(result.problems, lang)
        show_audit(result, lang, every=every)
    unusable = any(p.severity is Severity.ERROR for p in result.problems)
    code = ExitCode.DIFFERS if result.differences else ExitCode.DOSSIER if unusable else ExitCode.MET
    raise SystemExit(int(code))
