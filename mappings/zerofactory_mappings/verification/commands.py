"""``zerofactory verification plan DOSSIER …`` and ``zerofactory verification check FILE --dossier DOSSIER``."""

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
    from collections.abc import Mapping, Sequence
    from datetime import date

    from zerofactory_engine.problems import Problem
    from zerofactory_mappings.verification.model import Evaluation
    from zerofactory_mappings.verification.statement import Statement

PLAN_ENDINGS = (".xlsx", ".yaml", ".json", ".pdf", ".html")
CHECK_ENDINGS = (".xlsx", ".json", ".pdf", ".html")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)


@click.group()
def verification() -> None:
    """Verification of an inventory after ISO 14064-3: plan and sample, then findings and the opinion that follows."""


@verification.command()
@click.argument("dossier", type=_FILE)
@click.option("--assurance", type=click.Choice(["reasonable", "limited"]), required=True, help="Level of assurance.")
@click.option("--materiality", "materiality", multiple=True, required=True, metavar="THRESHOLD",
              help="5%, 500t, 2:5% (of category 2) or a rule of standards/iso-14064-3-2019/materiality.yaml "
                   "(market_custom, eu_ets); may be repeated, the smallest holds.")
@click.option("--out", type=_OUT, required=True,
              help="File to write; its ending says what: .xlsx or .yaml to fill in, .json, .pdf or .html to read.")
@click.option("--basis", type=click.Choice(["location", "market"]), default="location", show_default=True,
              help="Which total is verified.")
@click.option("--category", "categories", multiple=True, type=click.Choice(list("123456")),
              help="ISO 14064-1 category that is verified; may be repeated; without it all.")
@click.option("--coverage", metavar="SHARE", help="Coverage that the largest contributions reach together, 0 to 1; "
              "without it this project's for the level of assurance.")
@click.option("--sample", "units", type=click.IntRange(0, 20000), default=0, show_default=True,
              help="Points drawn at equal intervals of tonnes from the lines below the coverage.")
@click.option("--tolerance", metavar="PERCENT", help="Tolerance of cross-checks in percent, such as 0.5.")
@click.option("--plan-date", type=click.DateTime(["%Y-%m-%d"]), help="Date that the plan bears.")
@click.option("--read", "filled", type=_FILE, help="Earlier package of the same dossier whose entries are handed on.")
@click.option("--option", "choices", multiple=True, metavar="NAME=VALUE",
              help="Set an option of the accounting, such as grid_area=national; may be repeated.")
@click.option("--factor-set", "factor_sets", multiple=True, metavar="ROLE=ID",
              help="Use another factor set for a role, such as gwp=ipcc-ar5; may be repeated.")
@click.option("--factors", "folders", multiple=True, type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Further folder with factor sets (ID/VERSION/factors.yaml); may be repeated.")
@click.option("--known-on", type=click.DateTime(["%Y-%m-%d"]),
              help="Compute as it could have been known on that day: factors published later are not used.")
@common_options
def plan(dossier: Path, assurance: str, materiality: tuple[str, ...], out: Path, basis: str,
         categories: tuple[str, ...], coverage: str | None, units: int, tolerance: str | None, plan_date: object,
         filled: Path | None, choices: tuple[str, ...], factor_sets: tuple[str, ...], folders: tuple[Path, ...],
         known_on: object, as_json: bool, lang: str) -> None:
    """Plan the verification of DOSSIER: which lines to look at, and sheets for all that a verifier finds."""
    kind = _ending(out, PLAN_ENDINGS, lang, as_json)
    share = _number(coverage, "--coverage", lang, most=1)
    percent = _number(tolerance, "--tolerance", lang)
    with reporting(lang, as_json), progress(str(out), total=3) as advance:
        from zerofactory_mappings.verification.build import new_package
        from zerofactory_mappings.verification.check import evaluate
        from zerofactory_mappings.verification.materiality import written
        from zerofactory_mappings.verification.package import read_package

        _spare(out, [dossier, filled])
        thresholds = written(materiality)
        before = None if filled is None else read_package(filled)
        told = () if before is None else before.notes
        statement = _statement(dossier, basis, categories, _pairs(choices, "--option"),
                               _pairs(factor_sets, "--factor-set"), _day(known_on), folders)
        advance(1)
        root, notes = new_package(
            statement, assurance=assurance, materiality=thresholds, language=lang, coverage=share, monetary_units=units,
            tolerance=percent, plan_date=_day(plan_date), before=None if before is None else before.root)
        made = evaluate(root, statement)
        advance(1)
        data = _bytes(made, kind, lang, findings=False)
        write_aside(out, data)
    _tell_plan(out, data, made, (*told, *notes), as_json, lang)


@verification.command()
@click.argument("file", type=_FILE)
@click.option("--dossier", type=_FILE, required=True, help="The dossier that the package is about, as it is now.")
@click.option("--out", type=_OUT, help="Report to write: .pdf, .html, .json, or .xlsx (the workbook with results).")
@click.option("--factors", "folders", multiple=True, type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Further folder with factor sets (ID/VERSION/factors.yaml); may be repeated.")
@common_options
def check(file: Path, dossier: Path, out: Path | None, folders: tuple[Path, ...], as_json: bool, lang: str) -> None:
    """Evaluate the filled package FILE (.xlsx, .yaml, .json): misstatements against materiality, and the opinion.

    Exit code 0 when an unmodified opinion follows, 1 when another one does, 5 while it is open.
    """
    kind = None if out is None else _ending(out, CHECK_ENDINGS, lang, as_json)
    with reporting(lang, as_json), progress(str(file), total=3) as advance:
        from zerofactory_mappings.verification.check import evaluate
        from zerofactory_mappings.verification.package import read_package

        if out is not None:
            _spare(out, [dossier, file])
        package = read_package(file)
        advance(1)
        subject = package.root.part("subject")
        statement = _statement(dossier, subject.text("basis") or "location", subject.texts("categories"),
                               dict(subject.values.get("options") or {}), dict(subject.values.get("factor_sets") or {}),
                               subject.day("known_on"), folders)
        made = evaluate(package.root, statement)
        advance(1)
        data = b""
        if out is not None and kind is not None:
            data = _bytes(made, kind, lang, findings=True)
            write_aside(out, data)
    _tell_check(out, data, made, package.notes, as_json, lang)
    raise SystemExit(int(_exit(made)))


def _exit(made: Evaluation) -> ExitCode:
    if made.opinion.follows == "open":
        return ExitCode.INDETERMINATE
    return ExitCode.MET if made.opinion.follows == "unmodified" else ExitCode.NOT_MET


# --- options ----------------------------------------------------------------------------------------------------------

def _ending(out: Path, accepted: Sequence[str], lang: str, as_json: bool) -> str:
    kind = out.suffix.lower()
    if kind not in accepted:
        from zerofactory_engine.messages import render

        raise click.BadParameter(render("verification.unknown-ending", lang, {"endings": ", ".join(accepted)}),
                                 param_hint="--out")
    if kind in (".pdf", ".html"):
        from zerofactory_mappings.publishing.commands import require_installed

        require_installed(kind, lang, as_json)
    return kind


def _number(text: str | None, option: str, lang: str, most: int | None = None) -> Any:
    """The exact number of an option."""
    from zerofactory_engine.decimals import parse_decimal
    from zerofactory_engine.messages import render

    if text is None:
        return None
    number = parse_decimal(text)
    if number is None or number < 0 or (most is not None and number > most):
        raise click.BadParameter(render("verification.not-a-share" if most else "verification.not-a-percent", lang,
                                        {"found": text[:40]}), param_hint=option)
    return number


def _pairs(given: tuple[str, ...], what: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not (name.strip() and sign and value.strip()):
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint=what)
        out[name.strip()] = value.strip()
    return out


def _day(stated: object) -> date | None:
    from datetime import date, datetime

    if isinstance(stated, datetime):
        return stated.date()
    return stated if isinstance(stated, date) else None


def _spare(out: Path, inputs: Sequence[Path | None]) -> None:
    """Refuse to replace an input by an output."""
    from zerofactory_engine.problems import Place, Problem, ProblemsError

    for path in inputs:
        if path is not None and path.resolve() == out.resolve():
            raise ProblemsError([Problem("usage.verification-same-file", Place(file=str(out)))])


def _statement(dossier: Path, basis: str, categories: Sequence[str], options: Mapping[str, str],
               factor_sets: Mapping[str, str], known_on: date | None, folders: tuple[Path, ...]) -> Statement:
    from zerofactory_engine.accounting.library import FactorLibrary
    from zerofactory_engine.accounting.options import Options
    from zerofactory_engine.dossier.read import read_dossier
    from zerofactory_mappings.verification.statement import statement_of

    asked = Options(dict(factor_sets), dict(options), known_on)
    asked.settled()
    return statement_of(read_dossier(dossier).dossier, basis=basis, categories=categories, options=asked,
                        library=FactorLibrary.shipped(folders))


# --- what comes out ---------------------------------------------------------------------------------------------------

def _bytes(made: Evaluation, kind: str, lang: str, *, findings: bool) -> bytes:
    """The package or report as bytes of the *kind* of file that an ending names."""
    from zerofactory_mappings.verification import write

    if kind == ".json":
        return write.json_bytes(made)
    if kind == ".yaml":
        return write.yaml_bytes(made.root, lang)
    if kind == ".xlsx":
        return write.workbook(made, lang)
    from zerofactory_mappings.disclosures.page import html_of, pdf_of
    from zerofactory_mappings.verification.pages import document

    page = document(made, lang, findings=findings)
    return pdf_of(page) if kind == ".pdf" else html_of(page)


def _file(out: Path, data: bytes) -> dict[str, Any]:
    from zerofactory_engine.canonical import sha256

    return {"file": str(out), "bytes": len(data), "sha256": sha256(data)}


def _tell_plan(out: Path, data: bytes, made: Evaluation, notes: Sequence[Problem], as_json: bool, lang: str) -> None:
    told = _file(out, data)
    if as_json:
        print_json({**told, "thresholds": list(made.thresholds), "selected": str(len(made.sampling.selected)),
                    "lines": str(len(made.sampling.rows)), "reached": made.sampling.reached, "problems": list(notes)})
        return
    from zerofactory_mappings.verification.pages import summary_lines

    click.echo(f"{out}  {told['bytes']:,} B  {told['sha256']}")
    for line in summary_lines(made, lang):
        click.echo(line)
    print_problems(notes, lang)


def _tell_check(out: Path | None, data: bytes, made: Evaluation, notes: Sequence[Problem], as_json: bool, lang: str
                ) -> None:
    told = {} if out is None else _file(out, data)
    if as_json:
        print_json({**told, "opinion": made.opinion, "aggregates": list(made.aggregates),
                    "misstatements": list(made.misstatements), "changes_since_plan": list(made.changes),
                    "problems": [*notes, *made.problems], "exit_code": int(_exit(made))})
        return
    from zerofactory_mappings.verification.pages import finding_lines, summary_lines

    if out is not None:
        click.echo(f"{out}  {told['bytes']:,} B  {told['sha256']}")
    for line in (*summary_lines(made, lang), *finding_lines(made, lang)):
        click.echo(line)
    print_problems((*notes, *made.problems), lang)
