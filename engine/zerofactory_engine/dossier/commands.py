"""``zerofactory dossier``: write an empty dossier, check a filled one."""

from __future__ import annotations

from pathlib import Path

import click

from zerofactory_engine.console import (
    ExitCode,
    common_options,
    print_json,
    print_problems,
    reporting,
    stop,
    write_aside,
)

#: What the ending of ``--out`` says.
_SUFFIXES = {".yaml": "yaml", ".yml": "yaml", ".xlsx": "xlsx"}


@click.group()
def dossier() -> None:
    """Write an empty dossier, or check a filled one."""


@dossier.command()
@click.option("--format", "kind", type=click.Choice(["yaml", "xlsx"]), default=None,
              help="YAML text or workbook; without it the suffix of --out decides.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@common_options
def new(kind: str | None, out: Path, force: bool, lang: str, as_json: bool) -> None:
    """Write an empty dossier with every table, its units, codes and help."""
    kind = kind or _SUFFIXES.get(out.suffix.lower())
    with reporting(lang, as_json):
        from zerofactory_engine.problems import Place, Problem

        if out.exists() and not force:
            stop([Problem("dossier.file-exists", Place(file=str(out)), accepted="--force")], lang, as_json)
        if kind is None:
            stop([Problem("usage.bad-value", found=str(out), accepted=", ".join([*_SUFFIXES, "--format"]),
                          args={"name": "--out"})], lang, as_json)
        if kind == "xlsx":
            from zerofactory_engine.dossier.workbook_out import workbook_template

            data = workbook_template(lang)
        else:
            from zerofactory_engine.dossier.template import yaml_template

            data = yaml_template(lang).encode()
        write_aside(out, data)
        if as_json:
            print_json({"written": str(out), "format": kind, "bytes": str(len(data))})
        else:
            click.echo(str(out))


@dossier.command()
@click.argument("file", type=click.Path(path_type=Path))
@common_options
def check(file: Path, lang: str, as_json: bool) -> None:
    """Read FILE and report everything found: what stops it, what becomes a finding, what is not known.

    Exit code 3 when the dossier cannot be used, 0 otherwise.
    """
    with reporting(lang, as_json):
        from zerofactory_engine.dossier.read import read_dossier

        result = read_dossier(file)
        found = result.dossier
        gaps = {name: table.gaps for name, table in found.tables.items() if table.gaps and table.complete}
        undeclared = [n for n, t in found.tables.items()
                      if not t.complete and t.rows and n not in ("documents", "gaps", "crosschecks", "history")]
        if as_json:
            print_json({
                "dossier": found.id, "sha256": result.sha256, "format": result.format, "canonical_sha256": found.sha256,
                "rows": {n: str(len(t)) for n, t in found.tables.items() if t.rows}, "complete": sorted(found.complete),
                "gaps": {n: [r.as_json() for r in g] for n, g in gaps.items()}, "undeclared": undeclared,
                "problems": result.problems, "exit_code": int(ExitCode.MET)})
            return
        from zerofactory_engine.messages import render, render_reason

        print_problems(result.problems, lang)
        for reasons in gaps.values():
            for reason in reasons:
                click.echo(render_reason(reason, lang), err=True)
        rows = sum(len(t) for t in found.tables.values())
        if undeclared:
            click.echo(render("dossier.check-undeclared", lang, {"tables": ", ".join(undeclared)}))
        click.echo(render("dossier.check-read", lang, {
            "id": found.id, "rows": str(rows), "documents": str(len(found.documents)), "sha256": found.sha256,
            "findings": str(sum(p.severity.value == "warning" for p in result.problems))}))
