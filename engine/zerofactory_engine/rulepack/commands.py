"""``zerofactory pack``: list, show, lint, test, names, try."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerofactory_engine.console import ExitCode, common_options, print_json, print_problems, reporting

if TYPE_CHECKING:
    from zerofactory_engine.rulepack.model import Pack

_overlay = click.option("--overlay", type=click.Path(path_type=Path), help="Folder of an overlay to apply.")


@click.group()
def pack() -> None:
    """Show, check, test and try rule packs."""


@pack.command("list")
@common_options
def list_(as_json: bool, lang: str) -> None:
    """List every rule pack with version, standard, status and hash."""
    from zerofactory_engine.problems import ProblemsError
    from zerofactory_engine.rulepack import load_folder, pack_folders

    rows: list[dict[str, Any]] = []
    broken = False
    for pack_id, version, folder in pack_folders():
        try:
            found = load_folder(folder)
        except ProblemsError as error:
            broken = True
            print_problems(error.problems[-1:], lang)
            rows.append({"id": pack_id, "version": version, "folder": str(folder), "usable": False})
            continue
        rows.append({"id": pack_id, "version": version, "folder": str(folder), "usable": True, "title": found.title,
                     "standard": found.standard, "edition": found.edition, "status": found.status,
                     "provisional": found.provisional, "outcome_kind": found.outcome_kind, "sha256": found.pin.sha256,
                     "criteria": str(len(found.criteria)), "levels": list(found.levels)})
    if as_json:
        print_json({"packs": rows})
    else:
        for row in rows:
            click.echo(f"{row['id']}@{row['version']}" + (
                f"  {row['title'][lang]}  [{row['status']}, {row['outcome_kind']}]  {row['sha256'][7:19]}"
                if row["usable"] else "  !"))
    if broken:
        raise SystemExit(int(ExitCode.PACK))


@pack.command()
@click.argument("reference", metavar="ID[@VERSION]")
@_overlay
@click.option("--criterion", help="Show this criterion only.")
@common_options
def show(reference: str, overlay: Path | None, criterion: str | None, as_json: bool, lang: str) -> None:
    """Print the criteria as sentences, with parameters, sources and the readings they rest on."""
    from zerofactory_engine.rulepack import find_pack
    from zerofactory_engine.rulepack.graph import Graph
    from zerofactory_engine.rulepack.show import as_json as plain
    from zerofactory_engine.rulepack.show import criterion_lines, pack_lines

    with reporting(lang, as_json):
        found = find_pack(reference, overlay)
        chosen = _criterion(found, criterion)
    if as_json:
        shown = plain(found)
        print_json(shown if criterion is None else next(c for c in shown["criteria"] if c["id"] == criterion))
        return
    for line in pack_lines(found, lang) if chosen is None else criterion_lines(found, Graph(found), chosen, lang):
        click.echo(line)


def _criterion(found: Pack, criterion: str | None) -> Any:
    from zerofactory_engine.problems import Problem, ProblemsError

    if criterion is not None and criterion not in found.criteria:
        raise ProblemsError([Problem("pack.criterion-unknown", found=criterion, accepted=", ".join(found.criteria))])
    return None if criterion is None else found.criteria[criterion]


@pack.command()
@click.argument("path", metavar="PATH|ID")
@click.option("--write-lock", is_flag=True, help="Write pack.lock when there is no problem and none is there yet.")
@common_options
def lint(path: str, write_lock: bool, as_json: bool, lang: str) -> None:
    """Report every problem of a pack at once, with file, line and column."""
    from zerofactory_engine.problems import Severity
    from zerofactory_engine.rulepack.files import PACK_FILE
    from zerofactory_engine.rulepack.linting import lint as run
    from zerofactory_engine.rulepack.load import find_pack

    with reporting(lang, as_json):
        folder = Path(path) if (Path(path) / PACK_FILE).is_file() or Path(path).is_dir() else find_pack(path).folder
    assert folder is not None, "a pack that was found has a folder"
    problems = [*run(folder), *_rules(folder)]
    if write_lock:
        problems = [p for p in problems if p.code != "pack.lock-missing"]
    errors = [p for p in problems if p.severity is Severity.ERROR]
    written = _write_lock(folder, lang) if write_lock and not errors else None
    if as_json:
        print_json({"problems": problems, "lock": written})
    else:
        print_problems(problems, lang)
        if not problems:
            from zerofactory_engine.messages import render

            click.echo(render("pack.lint.clean", lang, {"id": str(folder)}))
    if errors:
        raise SystemExit(int(ExitCode.PACK))


def _rules(folder: Path) -> list[Any]:
    """What is wrong with the pack's rules of findings as a set."""
    from zerofactory_engine.findings.facts import check_rules
    from zerofactory_engine.rulepack.load import inspect_folder

    found, _ = inspect_folder(folder)
    return [] if found is None else check_rules(found.findings)


def _write_lock(folder: Path, lang: str) -> str | None:
    from zerofactory_engine.console import write_aside
    from zerofactory_engine.messages import render
    from zerofactory_engine.rulepack.files import LOCK_FILE, lock_text
    from zerofactory_engine.rulepack.load import load_folder

    path = folder / LOCK_FILE
    if path.exists():
        click.echo(render("pack.lint.lock-exists", lang, {"path": str(path)}), err=True)
        return None
    pin = load_folder(folder).pin
    write_aside(path, lock_text(pin.id, pin.version, pin.sha256).encode())
    click.echo(render("pack.lint.locked", lang, {"path": str(path)}), err=True)
    return str(path)


@pack.command()
@click.argument("reference", metavar="ID[@VERSION]")
@_overlay
@click.option("--case", "only", multiple=True, help="Run only this case (may be given several times).")
@common_options
def test(reference: str, overlay: Path | None, only: tuple[str, ...], as_json: bool, lang: str) -> None:
    """Run the pack's cases; under an overlay, list the cases whose verdicts change."""
    from zerofactory_engine.evaluation.cases import run_cases
    from zerofactory_engine.messages import render
    from zerofactory_engine.rulepack import find_pack

    with reporting(lang, as_json):
        base = find_pack(reference)
        folder = (base.folder or Path()) / "cases"
        found = base if overlay is None else find_pack(reference, overlay)
        results = list(run_cases(found, folder))
        own = (overlay if overlay.is_dir() else overlay.parent) / "cases" if overlay is not None else None
        own_results = list(run_cases(found, own)) if own is not None and own.is_dir() else []
        _known_cases(only, [r.id for r in (*results, *own_results)])
        if only:
            results, own_results = ([r for r in some if r.id in only] for some in (results, own_results))
    failed = [r for r in (results if overlay is None else own_results) if not r.passed]
    changed = [r for r in results if not r.passed] if overlay is not None else []
    if as_json:
        print_json({"cases": [*results, *own_results], "failed": [r.id for r in failed],
                    "changed": [r.id for r in changed]})
    else:
        total = results if overlay is None else own_results
        for result in (*failed, *changed):
            click.echo(render("pack.test.failed", lang, {"id": result.id}))
            for difference in result.differences:
                click.echo(f"  {difference}")
        click.echo(render("pack.test.passed", lang, {"passed": str(len(total) - len(failed)),
                                                     "total": str(len(total))}))
        if overlay is not None:
            click.echo(render("pack.test.changed", lang, {"count": str(len(changed))}))
    if failed:
        raise SystemExit(int(ExitCode.PACK))


def _known_cases(only: tuple[str, ...], known: list[str]) -> None:
    """A case that is asked for and not there must not look like one that passes."""
    from zerofactory_engine.problems import Problem, ProblemsError

    wrong = [Problem("usage.bad-value", found=case, accepted=", ".join(known), args={"name": "--case"})
             for case in only if case not in known]
    if wrong:
        raise ProblemsError(wrong)


@pack.command()
@click.argument("reference", metavar="ID[@VERSION]")
@_overlay
@common_options
def names(reference: str, overlay: Path | None, as_json: bool, lang: str) -> None:
    """List everything that an expression of the pack may use, with type and unit."""
    from zerofactory_engine.rulepack import find_pack
    from zerofactory_engine.rulepack.show import names_lines, names_of

    with reporting(lang, as_json):
        known = names_of(find_pack(reference, overlay))
    if as_json:
        print_json(known)
        return
    for line in names_lines(known, lang):
        click.echo(line)


@pack.command("try")
@click.argument("reference", metavar="ID[@VERSION]")
@click.argument("expression")
@click.option("--dossier", "dossier_path", type=click.Path(path_type=Path), required=True,
              help="Dossier to evaluate on.")
@_overlay
@click.option("--criterion", help="Evaluate as in this criterion, with its own parameters and quantities.")
@click.option("--valid-on", type=click.DateTime(["%Y-%m-%d"]),
              help="Law date; default: the end of the dossier's period.")
@click.option("--reading", "chosen", multiple=True, metavar="R=ALTERNATIVE",
              help="Choose an alternative of a reading.")
@common_options
def try_(reference: str, expression: str, dossier_path: Path, overlay: Path | None, criterion: str | None,
         valid_on: Any, chosen: tuple[str, ...], as_json: bool, lang: str) -> None:
    """Evaluate one expression on a dossier and print its trace."""
    from zerofactory_engine.rulepack import find_pack

    with reporting(lang, as_json):
        found = find_pack(reference, overlay)
        result = _try(found, expression, dossier_path, _criterion(found, criterion), valid_on, chosen)
    if as_json:
        print_json(result)
        return
    for line in _trace_lines(result["trace"], 0):
        click.echo(line)
    click.echo(f"= {result['value']}" + (f" {result['unit']}" if result["unit"] else ""))
    for reason in result["reasons"]:
        click.echo(f"  {reason[lang]}")


def _try(found: Pack, text: str, dossier_path: Path, owner: Any, valid_on: Any,
         chosen: tuple[str, ...]) -> dict[str, Any]:
    from zerofactory_engine import feel
    from zerofactory_engine.accounting import FactorLibrary
    from zerofactory_engine.dossier import read_dossier
    from zerofactory_engine.evaluation.functions import functions
    from zerofactory_engine.evaluation.program import program_of
    from zerofactory_engine.evaluation.request import Request, settle_request
    from zerofactory_engine.evaluation.run import Run
    from zerofactory_engine.messages import render_reason
    from zerofactory_engine.problems import Place, ProblemsError
    from zerofactory_engine.reasons import Unknown
    from zerofactory_engine.rulepack.check import Checker
    from zerofactory_engine.rulepack.graph import Graph
    from zerofactory_engine.rulepack.model import Expression
    from zerofactory_engine.rulepack.questions import question_set, shipped

    place = Place(file="EXPRESSION", line=1, column=1)
    try:
        node = feel.parse(text, place=place)
    except feel.FeelSyntaxError as error:
        raise ProblemsError(error.problems) from None
    dossier = read_dossier(dossier_path).dossier
    day = valid_on.date() if valid_on is not None else dossier.period.end
    readings = settle_request(Request(valid_on=max(day, found.valid_from) if valid_on is None else day,
                                      readings=dict(r.partition("=")[::2] for r in chosen)), found)
    sets = {**{name: question_set(name) for name in shipped()}, **found.checklists}
    checker = Checker(found, Graph(found), sets)
    expression = Expression(text, node, place)
    kinds = [checker.infer(expression, types, owner, None, "EXPRESSION")
             for types, _ in checker.scopes(expression, owner, readings.readings, None)]
    if checker.problems:
        raise ProblemsError(list(checker.problems.values()))
    program = program_of(found)
    run = Run(program, dossier, FactorLibrary.shipped(), readings.request.valid_on)
    with feel.decimal_context():
        step = program.step_of(expression, owner)
        trace = feel.explain(step.node, run.scope(step, readings.readings), functions())
    reasons = trace.value.reasons if isinstance(trace.value, Unknown) else ()
    dimension = kinds[0].dimension
    from zerofactory_engine.rulepack.show import shown_value

    return {"expression": text, "type": str(kinds[0]), "value": "unknown" if reasons else shown_value(trace.value),
            "unit": dimension.base_unit if dimension is not None and dimension.powers else None,
            "reasons": [{**r.as_json(), "zh": render_reason(r, "zh"), "en": render_reason(r, "en")} for r in reasons],
            "trace": _trace_json(trace)}


def _trace_json(trace: Any) -> dict[str, Any]:
    from zerofactory_engine import feel
    from zerofactory_engine.feel.values import Selection, Table
    from zerofactory_engine.reasons import Unknown
    from zerofactory_engine.rulepack.show import shown_value

    value = trace.value
    if isinstance(value, Unknown):
        shown = "unknown"
    elif isinstance(value, (Table, Selection, list, tuple)):
        table = value if isinstance(value, Table) else getattr(value, "table", None)
        rows = range(len(value)) if trace.rows is None else trace.rows
        ids = [str(table.row_ids[i]) for i in list(rows)[:20]] if table is not None and not isinstance(value, list) \
            and (trace.rows is not None or isinstance(value, Table)) else []
        shown = f"[{len(value)}]" + (f" {', '.join(ids)}" if ids else "")
    else:
        shown = shown_value(value)
    return {"part": feel.to_text(trace.node), "value": shown, "parts": [_trace_json(c) for c in trace.children]}


def _trace_lines(trace: dict[str, Any], depth: int) -> Any:
    for part in trace["parts"]:
        yield from _trace_lines(part, depth + 1)
    yield f"{'  ' * depth}{trace['part']}  →  {trace['value']}"
