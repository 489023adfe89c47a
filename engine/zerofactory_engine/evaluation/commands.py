"""``zerofactory evaluate`` and ``zerofactory verify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerofactory_engine.console import ExitCode, common_options, print_json, progress, reporting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from zerofactory_engine.bundle import Verification
    from zerofactory_engine.evaluation.model import Assessment

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.argument("dossier", type=_FILE)
@click.option("--pack", "reference", required=True, metavar="ID[@VERSION]",
              help="Rule pack; `zerofactory pack list` shows them.")
@click.option("--overlay", type=click.Path(exists=True, path_type=Path), help="Overlay of a body: its file or folder.")
@click.option("--judgements", "judgements_file", type=_FILE,
              help="What qualified persons found (zerofactory/judgements/1); prevails over the applicant's answers.")
@click.option("--level", "levels", multiple=True,
              help="Level asked for, may be given several times; default: the lowest.")
@click.option("--valid-on", type=_DAY, help="Law date: the limits in force on this day count. Default: today.")
@click.option("--known-on", type=_DAY,
              help="Knowledge date: what we came to know later is left out. Default: all that we know.")
@click.option("--reading", "chosen", multiple=True, metavar="READING=ALTERNATIVE",
              help="Choose an alternative of a reading, may be given several times.")
@click.option("--factors", "folders", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder with further factor sets, may be given several times.")
@click.option("--bundle", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the assessment with all that it used to this file.")
@click.option("--proof", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the proof of every verdict to this file.")
@common_options
def evaluate(dossier: Path, reference: str, overlay: Path | None, judgements_file: Path | None, levels: tuple[str, ...],
             valid_on: Any, known_on: Any, chosen: tuple[str, ...], folders: tuple[Path, ...], bundle: Path | None,
             proof: Path | None, as_json: bool, lang: str) -> None:
    """Evaluate DOSSIER under a rule pack: a verdict for every criterion, levels, what is missing and what would help.

    Exit codes: 0 every asked level is met, 1 one is not, 5 one is indeterminate; 3 the dossier, 4 the pack cannot be
    used.
    """
    with reporting(lang, as_json), progress(str(dossier), total=3) as advance:
        from zerofactory_engine.accounting import FactorLibrary
        from zerofactory_engine.dossier import read_dossier
        from zerofactory_engine.evaluation.assess import evaluate as run
        from zerofactory_engine.evaluation.judgements import read_judgements
        from zerofactory_engine.evaluation.request import Request
        from zerofactory_engine.rulepack import find_pack

        pack = find_pack(reference, overlay)
        request = Request(valid_on=valid_on.date() if valid_on else _today(), levels=levels,
                          known_on=known_on.date() if known_on else None, readings=_readings(chosen))
        read = read_dossier(dossier)
        advance(1)
        assessment = run(read.dossier, pack, request, FactorLibrary.shipped(folders) if folders else None,
                         read_judgements(judgements_file) if judgements_file else None)
        advance(1)
        _write(assessment, bundle, proof)
        advance(1)
    code = exit_code(assessment)
    if as_json:
        print_json(assessment.as_json())
    else:
        from zerofactory_engine.evaluation.summary import print_summary

        print_summary(assessment, lang, bundle)
    raise SystemExit(int(code))


def _today() -> date:
    """The civil date of this computer: the only clock that is looked at, and only here; the assessment records it."""
    from datetime import datetime

    return datetime.now().astimezone().date()


def _readings(chosen: Iterable[str]) -> dict[str, str]:
    from zerofactory_engine.problems import Problem, ProblemsError

    wrong = [Problem("evaluation.reading-syntax", found=text, example="tce_of_electricity=calorific")
             for text in chosen if not all(text.partition("=")[::2])]
    if wrong:
        raise ProblemsError(wrong)
    return dict(text.partition("=")[::2] for text in chosen)


def _write(assessment: Assessment, bundle: Path | None, proof: Path | None) -> None:
    from zerofactory_engine.bundle import write_bundle
    from zerofactory_engine.canonical import canonical_bytes
    from zerofactory_engine.console import write_aside

    if bundle is not None:
        write_bundle(assessment, bundle)
    if proof is not None:
        from zerofactory_engine.evaluation.proof import proof_json, prove

        write_aside(proof, canonical_bytes(proof_json(prove(assessment), assessment.as_json()["id"])))


def exit_code(assessment: Assessment) -> ExitCode:
    """4 before 1 before 5 before 0 over the asked levels; a level of which nothing applies is not met."""
    from zerofactory_engine.evaluation.model import Verdict

    codes = {Verdict.ERROR: ExitCode.PACK, Verdict.NOT_MET: ExitCode.NOT_MET, Verdict.NOT_APPLICABLE: ExitCode.NOT_MET,
             Verdict.INDETERMINATE: ExitCode.INDETERMINATE, Verdict.MET: ExitCode.MET}
    found = {codes[level.verdict] for level in assessment.levels if level.asked}
    order = (ExitCode.PACK, ExitCode.NOT_MET, ExitCode.INDETERMINATE)
    return next((code for code in order if code in found), ExitCode.MET)


@click.command()
@click.argument("file", type=_FILE)
@common_options
def verify(file: Path, as_json: bool, lang: str) -> None:
    """Verify FILE: a bundle, an assessment, or a PDF that carries a bundle. Exit code 6 when it differs.

    A bundle is computed again from nothing but what it holds and compared value by value.
    """
    with reporting(lang, as_json), progress(str(file)):
        from zerofactory_engine.bundle import Outcome
        from zerofactory_engine.bundle import verify as run

        result = run(file)
    if as_json:
        print_json(result)
    else:
        _tell(result, lang)
    raise SystemExit(int(ExitCode.DIFFERS if result.outcome is Outcome.DIFFERENT else ExitCode.MET))


def _tell(result: Verification, lang: str) -> None:
    from zerofactory_engine.console import print_problems
    from zerofactory_engine.messages import render

    click.echo(render(f"verify.{result.outcome}", lang, {"count": result.total}))
    click.echo(result.id)
    if result.why is not None:
        click.echo(render(result.why, lang))
    for difference in result.differences:
        click.echo(f"  {difference.path}: {_short(difference.found)} ≠ {_short(difference.expected)}")
    print_problems(result.problems, lang)


def _short(value: Any) -> str:
    text = "–" if value is None else str(value)
    return text if len(text) <= 80 else text[:77] + "…"
