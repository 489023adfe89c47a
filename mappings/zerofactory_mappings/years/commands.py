"""``zerofactory years DOSSIER DOSSIER… [--out FILE]``: several years of one facility side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerofactory_engine.console import common_options, print_json, print_problems, progress, reporting, write_aside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from zerofactory_engine.accounting.options import Options
    from zerofactory_engine.problems import Problem
    from zerofactory_mappings.years.check import Check
    from zerofactory_mappings.years.model import Comparison

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("dossiers", metavar="DOSSIER DOSSIER…", nargs=-1, required=True, type=_FILE)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write; its ending says what: .pdf, .html, .xlsx or .json. Without it a short text.")
@click.option("--statement", type=_FILE,
              help="What a report says and no dossier states, such as the base-year policy, corrections, and what the "
                   "base year was reported with (zerofactory/report-statement/1).")
@click.option("--acquired", multiple=True, type=_FILE,
              help="Dossier of a facility that was bought, of the period of one of those compared; may be repeated.")
@click.option("--sold", multiple=True, metavar="PART",
              help="Id of a part of the boundary that was sold: taken out of every year; may be repeated.")
@click.option("--option", "choices", multiple=True, metavar="NAME=VALUE",
              help="Set an option of the accounting, such as grid_area=national; may be repeated.")
@click.option("--factor-set", "factor_sets", multiple=True, metavar="ROLE=ID",
              help="Use another factor set for a role, such as gwp=ipcc-ar5; may be repeated.")
@click.option("--known-on", type=click.DateTime(["%Y-%m-%d"]),
              help="Compute as it could have been known on that day: factors published later are not used.")
@click.option("--then-option", "then_choices", multiple=True, metavar="NAME=VALUE",
              help="Option under which the earlier years were reported, when it was another one; may be repeated.")
@click.option("--then-factor-set", "then_sets", multiple=True, metavar="ROLE=ID",
              help="Factor set with which the earlier years were reported, when it was another one; may be repeated.")
@click.option("--factors", "folders", multiple=True, type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Further folder with factor sets (ID/VERSION/factors.yaml); may be repeated.")
@click.option("--threshold", metavar="PERCENT",
              help="Effect on the base year from which the organisation recalculates it, in percent; without it as the "
                   "statement or the latest dossier that states one.")
@click.option("--against", type=click.Choice(["all", "scopes_1_2"]), default="all", show_default=True,
              help="Total of the base year that effects are held against: all scopes, or scopes 1 and 2.")
@click.option("--measure", metavar="ID",
              help="What the decomposition takes as activity, such as figure/industrial_value_added.")
@click.option("--annualise", is_flag=True, help="Scale a year that is not whole to twelve months, and say so.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Seed of the Monte Carlo simulation.")
@click.option("--draws", type=click.IntRange(100, 1_000_000), help="Draws of the Monte Carlo simulation.")
@common_options
def years(dossiers: tuple[Path, ...], out: Path | None, statement: Path | None, acquired: tuple[Path, ...],
          sold: tuple[str, ...], choices: tuple[str, ...], factor_sets: tuple[str, ...], known_on: object,
          then_choices: tuple[str, ...], then_sets: tuple[str, ...], folders: tuple[Path, ...],
          threshold: str | None, against: str, measure: str | None, annualise: bool, seed: int | None,
          draws: int | None, as_json: bool, lang: str) -> None:
    """Compare two or more DOSSIERs of one facility: trend, intensity, where the change comes from, base year.

    The oldest is the base year, the latest gives boundary, factors and method of the like-for-like view.
    """
    kind = _ending(out, lang)
    share = _percent(threshold)
    if kind in (".pdf", ".html"):
        from zerofactory_mappings.publishing.commands import require_installed

        require_installed(kind, lang, as_json)
    now, then = _options(choices, factor_sets, known_on, then_choices, then_sets)
    with reporting(lang, as_json), progress(str(out or ""), total=3) as advance:
        from zerofactory_mappings.years.check import check
        from zerofactory_mappings.years.inputs import Asked, load
        from zerofactory_mappings.years.write import issued_on, written

        _spare([*dossiers, *acquired, *([statement] if statement else [])], out)
        now.settled()
        loaded = load(Asked(dossiers, statement, acquired, sold, now, then, share, against, measure, annualise,
                            _settings(seed, draws), folders))
        advance(1)
        checks = check(loaded.comparison)
        data = None
        if out is not None:
            data = written(loaded.comparison, checks, kind, lang, issued_on(loaded.comparison, loaded.statement.date))
            advance(1)
            write_aside(out, data)
    problems = [*loaded.problems, *loaded.comparison.problems]
    if as_json:
        print_json(_told(loaded.comparison, checks, problems, out, data))
        return
    _tell(loaded.comparison, checks, out, data, lang)
    print_problems(problems, lang)


def _ending(out: Path | None, lang: str) -> str:
    if out is None:
        return ""
    from zerofactory_engine.messages import render
    from zerofactory_mappings.years.write import FORMATS

    kind = out.suffix.lower()
    if kind not in FORMATS:
        raise click.BadParameter(render("disclosure.unknown-ending", lang, {"endings": ", ".join(FORMATS)}),
                                 param_hint="--out")
    return kind


def _percent(text: str | None) -> Decimal | None:
    """A percentage above zero and up to 100, exactly as written."""
    if text is None:
        return None
    from decimal import Decimal

    from zerofactory_mappings.publishing.numbers import decimal_of

    value = decimal_of(text.strip().removesuffix("%").strip())
    if value is None or not Decimal(0) <= value <= Decimal(100):
        raise click.BadParameter("0 … 100", param_hint="--threshold")
    return value


def _options(choices: tuple[str, ...], factor_sets: tuple[str, ...], known_on: object, then_choices: tuple[str, ...],
             then_sets: tuple[str, ...]) -> tuple[Options, Options | None]:
    """Options of today, and those of the earlier years when any of them was another one."""
    from dataclasses import replace

    from zerofactory_engine.accounting.options import Options

    now = Options(_pairs(factor_sets, "--factor-set"), _pairs(choices, "--option"),
                  known_on.date() if hasattr(known_on, "date") else None)
    if not then_choices and not then_sets:
        return now, None
    return now, replace(now, factor_sets={**now.factor_sets, **_pairs(then_sets, "--then-factor-set")},
                        options={**now.options, **_pairs(then_choices, "--then-option")})


def _pairs(given: tuple[str, ...], what: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not (name.strip() and sign and value.strip()):
            raise click.BadParameter(f"{text!r}: NAME=VALUE", param_hint=what)
        out[name.strip()] = value.strip()
    return out


def _settings(seed: int | None, draws: int | None) -> Any:
    from zerofactory_mappings.uncertainty import Settings

    usual = Settings()
    return Settings(usual.seed if seed is None else seed, usual.draws if draws is None else draws)


def _spare(inputs: Sequence[Path], out: Path | None) -> None:
    """Never replace an input by the output."""
    from zerofactory_engine.problems import Place, Problem, ProblemsError

    if out is not None and any(out.exists() and out.samefile(path) for path in inputs):
        raise ProblemsError([Problem("years.out-is-input", Place(file=str(out)))])


def _told(comparison: Comparison, checks: Sequence[Check], problems: Sequence[Problem], out: Path | None,
          data: bytes | None) -> dict[str, Any]:
    """The whole comparison; beside a file that was written, what it is and how the checks ended."""
    from zerofactory_mappings.years.present import comparison_json, triggered_json

    if data is None:
        return {**comparison_json(comparison, checks), "problems": list(problems)}
    from zerofactory_engine.canonical import sha256

    return {"file": str(out), "bytes": len(data), "sha256": sha256(data),
            "triggered": triggered_json(comparison.recalculation), "checks": [c.as_json() for c in checks],
            "problems": list(problems)}


def _tell(comparison: Comparison, checks: Sequence[Check], out: Path | None, data: bytes | None, lang: str) -> None:
    """A short text, and the file that was written."""
    from zerofactory_engine.canonical import sha256
    from zerofactory_mappings.years.told import lines_of

    for line in lines_of(comparison, checks, lang):
        click.echo(line)
    if out is not None and data is not None:
        click.echo(f"{out}  {len(data):,} B  {sha256(data)}")
