"""``zerofactory cbam report INPUT --kind … --out FILE`` and ``zerofactory cbam plan new|check|compare``."""

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
    from collections.abc import Mapping

    from zerofactory_mappings.cbam.documents.model import Report
    from zerofactory_mappings.cbam.documents.plan import Plan
    from zerofactory_mappings.cbam.documents.write import Beside
    from zerofactory_mappings.cbam.result import CbamResult

INSTALL = "pip install 'zerofactory[report]'"
SYSTEM = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-cjk"
#: What each kind of document can be written as.
ENDINGS = {"emissions": (".html", ".pdf", ".json"), "summary": (".html", ".pdf", ".json"),
           "plan": (".html", ".pdf", ".json", ".yaml"), "verification": (".xlsx", ".html", ".pdf", ".json")}
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("input_file", metavar="INPUT", type=_FILE)
@click.option("--kind", type=click.Choice(list(ENDINGS)), required=True,
              help="Which document: emissions report, its summary, monitoring plan, verification.")
@click.option("--out", type=_OUT, required=True,
              help="File to write; its ending says what: .html, .pdf, .json, .xlsx (verification), .yaml (new plan).")
@click.option("--plan", "plan_file", type=_FILE,
              help="Monitoring plan with statements (zerofactory/cbam-monitoring-plan/1).")
@click.option("--previous", type=_FILE, help="Earlier monitoring plan, to list what changed.")
@click.option("--read", "filled", type=_FILE, help="What a verifier found: the filled workbook, or YAML or JSON of it.")
@click.option("--basis", type=click.Choice(["transitional", "definitive"]),
              help="Rules to follow; without it transitional for a Commission workbook, definitive otherwise.")
@click.option("--issued", metavar="DATE",
              help="Date that the document bears (YYYY-MM-DD); without it as the plan states.")
@common_options
def report(input_file: Path, kind: str, out: Path, plan_file: Path | None, previous: Path | None, filled: Path | None,
           basis: str | None, issued: str | None, as_json: bool, lang: str) -> None:
    """Write a document on INPUT (an installation's figures, or a filled Commission workbook) in English.

    Every item that the law asks for is present, missing, or does not apply for a stated reason; a document with a
    missing item says that it is incomplete. A PDF is PDF/A-3a and PDF/UA-1 at once and carries its data.
    """
    ending = out.suffix.lower()
    _check(kind, ending, plan_file, previous, filled, issued, lang)
    _require(ending, lang, as_json)
    with reporting(lang, as_json), progress(str(out), total=3) as advance:
        from zerofactory_mappings.cbam.input.outputs import spare_inputs

        spare_inputs([out], [input_file, plan_file, previous, filled])
        result, plan = _computed(input_file, basis), _plan(plan_file)
        advance(1)
        if kind == "plan" and plan is None:
            from zerofactory_mappings.cbam.documents.plan_new import plan_yaml

            data = plan_yaml(result, lang, _day(issued))
            write_aside(out, data)
            _say(out, data, {"document": "monitoring_plan"}, as_json)
            return
        made, beside = _made(kind, result, plan, previous, filled, issued)
        advance(1)
        data = _data(kind, ending, made, beside, lang)
        write_aside(out, data)
        advance(1)
    from zerofactory_mappings.cbam.documents.write import lines_of

    if as_json:
        _say(out, data, _told(made, beside), as_json)
        return
    for line in lines_of(made, lang):
        click.echo(line)
    print_problems(made.problems, lang)
    _say(out, data, {}, as_json)


def _check(kind: str, ending: str, plan_file: Path | None, previous: Path | None, filled: Path | None,
           issued: str | None, lang: str) -> None:
    """Refuse a command line that asks for what cannot be."""
    from zerofactory_engine.messages import render

    def refuse(code: str, option: str, **args: str) -> None:
        raise click.BadParameter(render(f"cbam-documents.{code}", lang, args), param_hint=option)

    if ending not in ENDINGS[kind] or (ending == ".yaml" and plan_file is not None):
        refuse("unknown-ending", "--out", accepted=", ".join(ENDINGS[kind]))
    if kind == "plan" and plan_file is None and ending != ".yaml":
        refuse("plan-needed", "--plan")
    if previous is not None and (kind != "plan" or plan_file is None):
        refuse("previous-needs-plan", "--previous")
    if filled is not None and kind != "verification":
        refuse("read-needs-verification", "--read")
    if issued is not None:
        _parse_day(issued)


def _parse_day(text: str) -> None:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("YYYY-MM-DD", param_hint="--issued") from None


def _day(text: str | None) -> Any:
    from datetime import date

    return None if text is None else date.fromisoformat(text)


def _computed(path: Path, basis: str | None) -> CbamResult:
    """The calculation with its proof."""
    from zerofactory_mappings.cbam.compute import compute
    from zerofactory_mappings.cbam.model import Basis
    from zerofactory_mappings.cbam.read import read_installation

    return compute(read_installation(path), None if basis is None else Basis(basis), proof=True)


def _plan(path: Path | None) -> Plan | None:
    from zerofactory_mappings.cbam.documents.plan import read_plan

    return None if path is None else read_plan(path)


def _made(kind: str, result: CbamResult, plan: Plan | None, previous: Path | None, filled: Path | None,
          issued: str | None) -> tuple[Report, Beside]:
    """The document, and what stands beside its items."""
    from zerofactory_mappings.cbam.documents import build, build_plan, build_verification
    from zerofactory_mappings.cbam.documents.write import Beside

    day = _day(issued)
    if kind == "emissions":
        return build.emissions_report(result, plan, day), Beside()
    if kind == "summary":
        return build.summary_report(result, plan, day), Beside()
    if kind == "plan":
        assert plan is not None                 # the command line was checked
        made = build_plan.plan_report(result, plan, day)
        earlier = _plan(previous)
        if earlier is None:
            return made, Beside()
        from zerofactory_mappings.cbam.documents.plan_compare import compare

        return made, Beside(compare(earlier, plan), earlier.current.text("version") or "")
    from zerofactory_mappings.cbam.documents.verification import read_verification

    found = build_verification.verify(result, None if filled is None else read_verification(filled), plan)
    return build_verification.verification_report(found, day), Beside(evaluation=found)


def _data(kind: str, ending: str, made: Report, beside: Beside, lang: str) -> bytes:
    from zerofactory_mappings.cbam.documents.write import json_bytes, render_html, render_pdf, report_json

    if ending == ".json" and kind == "verification":
        from zerofactory_mappings.cbam.documents.verification_json import verification_json

        assert beside.evaluation is not None
        return json_bytes(verification_json(beside.evaluation, made))
    if ending == ".json":
        return json_bytes(report_json(made, beside))
    if ending == ".xlsx":
        from zerofactory_mappings.cbam.documents.build import emissions_report
        from zerofactory_mappings.cbam.documents.workbook_out import verification_workbook

        assert beside.evaluation is not None
        emissions = emissions_report(made.case.result, made.case.plan)
        return verification_workbook(beside.evaluation, emissions, lang, made.issued)
    return render_pdf(made, beside) if ending == ".pdf" else render_html(made, beside).encode("utf-8")


def _told(made: Report, beside: Beside) -> dict[str, Any]:
    """What ``--json`` says of the document beside the file."""
    from zerofactory_mappings.cbam.documents.model import State

    told: dict[str, Any] = {
        "document": made.document.id, "basis": str(made.case.result.basis), "complete": made.complete,
        "counts": {str(s): made.count(s) for s in State},
        "missing": [{"item": i.item.number, "id": i.item.id, "lacking": list(i.lacking)} for i in made.items
                    if i.state is State.MISSING],
        "problems": list(made.problems)}
    if beside.changes is not None:
        told["changes"] = list(beside.changes)
    if beside.evaluation is not None:
        told["conclusion"] = beside.evaluation.conclusion
    return told


def _say(out: Path, data: bytes, told: Mapping[str, Any], as_json: bool) -> None:
    from zerofactory_engine.canonical import sha256

    if as_json:
        print_json({"file": str(out), "bytes": len(data), "sha256": sha256(data), **told})
    else:
        click.echo(f"{out}  {len(data):,} B  {sha256(data)}")


# --- monitoring plan -------------------------------------------------------------------------------------------------

@click.group()
def plan() -> None:
    """Monitoring plan of an installation: begin one from an input, check it against the input, compare two of them."""


@plan.command("new")
@click.argument("input_file", metavar="INPUT", type=_FILE)
@click.option("--out", type=_OUT, required=True, help="YAML file to write.")
@click.option("--issued", metavar="DATE",
              help="Date of the first version (YYYY-MM-DD); without it the first day of the period.")
@common_options
def plan_new(input_file: Path, out: Path, issued: str | None, as_json: bool, lang: str) -> None:
    """Begin a monitoring plan from INPUT: what it says is filled in, what is missing is listed in the file."""
    if issued is not None:
        _parse_day(issued)
    with reporting(lang, as_json):
        from zerofactory_mappings.cbam.documents.plan_new import plan_yaml
        from zerofactory_mappings.cbam.input.outputs import spare_inputs

        spare_inputs([out], [input_file])
        data = plan_yaml(_computed(input_file, None), lang, _day(issued))
        write_aside(out, data)
    _say(out, data, {"document": "monitoring_plan"}, as_json)


@plan.command("check")
@click.argument("input_file", metavar="INPUT", type=_FILE)
@click.argument("plan_file", metavar="PLAN", type=_FILE)
@common_options
def plan_check(input_file: Path, plan_file: Path, as_json: bool, lang: str) -> None:
    """Check PLAN against INPUT: items of the law, and what one names and the other does not."""
    with reporting(lang, as_json):
        from zerofactory_mappings.cbam.documents.build_plan import plan_report
        from zerofactory_mappings.cbam.documents.write import Beside, lines_of

        found = _plan(plan_file)
        assert found is not None
        made = plan_report(_computed(input_file, None), found)
    if as_json:
        print_json(_told(made, Beside()))
        return
    for line in lines_of(made, lang):
        click.echo(line)
    print_problems(made.problems, lang)


@plan.command("compare")
@click.argument("previous", metavar="OLD", type=_FILE)
@click.argument("plan_file", metavar="NEW", type=_FILE)
@common_options
def plan_compare(previous: Path, plan_file: Path, as_json: bool, lang: str) -> None:
    """List what changed from the plan OLD to the plan NEW, and whether it is significant."""
    with reporting(lang, as_json):
        from zerofactory_mappings.cbam.documents.plan_compare import compare, significant_kinds

        old, new = _plan(previous), _plan(plan_file)
        assert old is not None
        assert new is not None
        changes = compare(old, new)
    if as_json:
        print_json({"changes": list(changes), "significant": list(significant_kinds(changes))})
        return
    from zerofactory_engine.messages import render

    for c in changes:
        words = [render(f"cbam-documents.{area}.{word}", lang)
                 for area, word in (("significant", c.significant), ("change", c.kind))]
        click.echo(f"{c.path}: {c.before or '—'} → {c.after or '—'}  [{', '.join(words)}]")


def _require(ending: str, lang: str, as_json: bool) -> None:
    """Say in one sentence what is not installed and the commands that install it."""
    missing, commands = _absent(ending)
    if not missing:
        return
    from zerofactory_engine.messages import render_problem
    from zerofactory_engine.problems import Problem

    problem = Problem("cbam-documents.not-installed",
                      args={"missing": ", ".join(missing), "command": " && ".join(commands)})
    if as_json:
        print_json({"problems": [problem], "exit_code": int(ExitCode.USAGE)})
    else:
        click.echo(render_problem(problem, lang), err=True)
    raise SystemExit(int(ExitCode.USAGE))


def _absent(ending: str) -> tuple[list[str], list[str]]:
    """What is not there for this ending, and the commands that bring it."""
    import importlib.util

    wanted = {".html": ["jinja2"], ".pdf": ["jinja2", "weasyprint", "pikepdf", "fontTools"]}.get(ending, [])
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    commands = [INSTALL] if missing else []
    if ending == ".pdf" and "weasyprint" not in missing:
        try:
            import weasyprint  # noqa: F401 - loads the system libraries
        except OSError as error:
            missing.append(str(error).split("\n")[0][:80])
            commands.append(SYSTEM)
    return missing, commands
