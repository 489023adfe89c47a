"""``zerofactory cbam prefill|request|disclosed``: input from a dossier, requests to suppliers, disclosures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


@click.command()
@click.argument("dossier", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="CBAM input file to write (YAML).")
@click.option("--answers", type=click.Path(path_type=Path, dir_okay=False),
              help="Answers to the questions, in the format zerofactory/cbam-answers/1.")
@click.option("--questions", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the open questions to a file to fill in and give back as --answers.")
@click.option("--year", type=click.IntRange(1950, 2100),
              help="Calendar year; without it that of the last day of the dossier's period.")
@click.option("--straddling", type=click.Choice(["ask", "days"]), default="ask", show_default=True,
              help="Bills across an end of the year: ask about them and leave them out, or apportion them by days.")
@common_options
def prefill(dossier: Path, out: Path, answers: Path | None, questions: Path | None, year: int | None, straddling: str,
            as_json: bool, lang: str) -> None:
    """Make CBAM input of DOSSIER: what may leave the boundary is asked, what is missing is listed, all rows counted.

    Exit code 5 when questions are open or something is missing: the input is written and says that it is incomplete.
    """
    from zerofactory_engine.dossier.read import read_dossier
    from zerofactory_mappings.cbam.exchange.answers import read_answers
    from zerofactory_mappings.cbam.exchange.prefill import prefill as make
    from zerofactory_mappings.cbam.exchange.write import input_yaml, questions_yaml, report_text
    from zerofactory_mappings.cbam.input.outputs import spare_inputs

    with reporting(lang, as_json), progress(str(dossier), total=3) as advance:
        spare_inputs([out, questions], [dossier, answers])
        read = read_dossier(dossier).dossier
        wanted = read.period.end.year if year is None else year
        advance(1)
        given = () if answers is None else read_answers(_bytes(answers), answers.name, read.id, wanted)
        found = make(read, year=wanted, answers=given, straddling_by_days=straddling == "days", language=lang)
        advance(1)
        files = {out: input_yaml(found, lang)}
        if questions is not None:
            files[questions] = questions_yaml(found, lang)
        for path, data in files.items():
            write_aside(path, data)
        advance(1)
    if as_json:
        print_json(found.as_json())
    else:
        from zerofactory_engine.messages import render

        print_problems(found.problems, lang)
        click.echo(report_text(found, lang))
        click.echo("")
        counts = {"questions": len(found.open), "missing": len(found.missing)}
        click.echo(render("cbam-exchange.report-incomplete" if any(counts.values()) else
                          "cbam-exchange.report-complete", lang, counts))
        for path in files:
            click.echo(render("cbam-exchange.report-written", lang, {"file": path}))
    if found.open or found.missing:
        raise SystemExit(int(ExitCode.INDETERMINATE))


@click.command()
@click.argument("given", metavar="[INPUT]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--supplier", "precursors", multiple=True, metavar="PRECURSOR_ID",
              help="Precursor of INPUT to ask about; may be repeated. Without it all that were not made in the EU or "
              "an exempt country.")
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="Folder for letters and forms; with --reply the new input file.")
@click.option("--deadline", type=click.DateTime(["%Y-%m-%d"]), help="Day by which the reply is asked for.")
@click.option("--reply", type=click.Path(path_type=Path, dir_okay=False),
              help="Filled form (YAML, JSON or workbook) to read back.")
@click.option("--into", type=click.Path(path_type=Path, dir_okay=False),
              help="With --reply: the input whose precursor is filled.")
@common_options
def request(given: Path | None, precursors: tuple[str, ...], out: Path, deadline: object, reply: Path | None,
            into: Path | None, as_json: bool, lang: str) -> None:
    """Write a request pack for suppliers of precursors of INPUT, or read a reply back with --reply FILE --into INPUT.

    For each precursor a letter in Chinese and in English and a form as YAML and as workbook; the buyer's quantities and
    prices appear in none of them.
    """
    if (reply is None) != (into is None) or (reply is None) == (given is None):
        raise click.UsageError("INPUT, or --reply together with --into")
    with reporting(lang, as_json):
        if reply is not None and into is not None:
            _reply(reply, into, out, as_json, lang)
        elif given is not None:
            _pack(given, precursors, out, deadline, as_json, lang)


def _pack(given: Path, precursors: tuple[str, ...], out: Path, deadline: object, as_json: bool, lang: str) -> None:
    """Letters and forms, each written aside."""
    from zerofactory_engine.messages import render
    from zerofactory_mappings.cbam.exchange.pack import pack, to_ask
    from zerofactory_mappings.cbam.read import read_installation

    installation = read_installation(given)
    day = deadline.date() if hasattr(deadline, "date") else None
    files = pack(installation, precursors or to_ask(installation), day)
    out.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        write_aside(out / name, data)
    if as_json:
        print_json({"written": [str(out / name) for name in files]})
        return
    for name in files:
        click.echo(render("cbam-exchange.report-written", lang, {"file": out / name}))


def _reply(reply: Path, into: Path, out: Path, as_json: bool, lang: str) -> None:
    """The input with a precursor filled from a reply."""
    from zerofactory_engine.messages import render
    from zerofactory_mappings.cbam.exchange.reply import fill
    from zerofactory_mappings.cbam.input.outputs import spare_inputs
    from zerofactory_mappings.cbam.input.write import installation_yaml
    from zerofactory_mappings.cbam.read import read_installation

    spare_inputs([out], [reply])
    filled = fill(read_installation(into), _bytes(reply), reply.name)
    write_aside(out, installation_yaml(filled.installation))
    if as_json:
        print_json({"precursor": filled.precursor, "written": str(out), "problems": filled.problems})
        return
    print_problems(filled.problems, lang)
    click.echo(render("cbam-exchange.reply-filled", lang, {"precursor": filled.precursor}))
    click.echo(render("cbam-exchange.report-written", lang, {"file": out}))


@click.command()
@click.argument("ledger", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--add", "adding", is_flag=True, help="Record a disclosure; needs --to, --file, --goods, --figure, --on "
              "and --period.")
@click.option("--to", "recipient", help="Recipient.")
@click.option("--file", "sent", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="The file that was sent; its name and SHA-256 are recorded, not its content.")
@click.option("--goods", multiple=True, metavar="CN", help="CN code of 8 digits; may be repeated.")
@click.option("--figure", "figures", multiple=True, metavar="NAME",
              help="Name of a figure in the file, such as see_direct; may be repeated.")
@click.option("--basis", type=click.Choice(["transitional", "definitive"]), default="definitive", show_default=True,
              help="Whose law the figures follow.")
@click.option("--period", metavar="START..END", help="Reporting period of the figures, such as 2026-01-01..2026-12-31.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day on which it was sent.")
@click.option("--corrects", type=click.IntRange(1), metavar="NUMBER",
              help="Entry whose figures this file corrects; who received them is listed.")
@click.option("--holders", type=click.IntRange(1), metavar="NUMBER",
              help="List who received a figure of that entry, and who has its correction.")
@click.option("--verify", "verifying", is_flag=True, help="Check the chain of hashes.")
@click.option("--head", metavar="SHA256", help="With --verify: the hash of the last entry as it was kept elsewhere.")
@common_options
def disclosed(ledger: Path, adding: bool, recipient: str | None, sent: Path | None, goods: tuple[str, ...],
              figures: tuple[str, ...], basis: str, period: str | None, day: object, corrects: int | None,
              holders: int | None, verifying: bool, head: str | None, as_json: bool, lang: str) -> None:
    """Record what was disclosed to whom in LEDGER, without quantities; without an option the entries are listed.

    Exit code 6 when --verify finds that the ledger is not what was written.
    """
    from zerofactory_mappings.cbam.exchange.ledger_show import show_entries, show_holders

    if sum((adding, verifying, holders is not None)) > 1:
        raise click.UsageError("one of --add, --verify, --holders")
    with reporting(lang, as_json):
        from zerofactory_mappings.cbam.exchange.disclosed import add, read_ledger, verify

        if adding:
            entry = _disclosure(recipient, sent, goods, figures, basis, period, day, corrects)
            data, found = add(_bytes(ledger) if ledger.exists() else None, entry, ledger.name)
            write_aside(ledger, data)
            if as_json:
                print_json({"entry": found.entries[-1], "head": found.head,
                            "holders": () if corrects is None else found.holders(corrects)})
                return
            show_entries(found, found.entries[-1:], lang)
            if corrects is not None:
                show_holders(found, corrects, lang)
            return
        found = read_ledger(_bytes(ledger), ledger.name)
        problems = verify(found, head)
        if holders is not None:
            _known_entry(found, holders)
            if as_json:
                print_json({"holders": found.holders(holders), "problems": problems})
            else:
                show_holders(found, holders, lang)
                print_problems(problems, lang)
        elif as_json:
            print_json({"entries": found.entries, "head": found.head, "intact": not problems, "problems": problems})
        else:
            if not verifying:
                show_entries(found, found.entries, lang)
            print_problems(problems, lang)
            if verifying and not problems:
                from zerofactory_engine.messages import render

                click.echo(render("cbam-exchange.ledger-intact", lang, {"entries": len(found.entries),
                                                                        "head": found.head or "–"}))
    if problems:
        raise SystemExit(int(ExitCode.DIFFERS))


def _known_entry(ledger: Any, number: int) -> None:
    from zerofactory_engine.problems import Problem, ProblemsError

    if number > len(ledger.entries):
        raise ProblemsError([Problem("cbam-exchange.ledger-no-entry", found=str(number),
                                     accepted=f"1 … {len(ledger.entries)}")])


def _disclosure(recipient: str | None, sent: Path | None, goods: tuple[str, ...], figures: tuple[str, ...], basis: str,
                period: str | None, day: object, corrects: int | None) -> Any:
    """The entry that the options describe; what is missing is a usage error."""
    from datetime import date

    from zerofactory_engine.canonical import sha256
    from zerofactory_mappings.cbam.exchange.disclosed import Disclosure
    from zerofactory_mappings.cbam.model import Basis

    missing = [name for name, value in (("--to", recipient), ("--file", sent), ("--goods", goods),
                                        ("--figure", figures), ("--on", day), ("--period", period)) if not value]
    if missing:
        raise click.UsageError(f"--add needs {', '.join(missing)}")
    start, _, end = str(period).partition("..")
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError:
        raise click.BadParameter(f"{period!r} is not START..END", param_hint="--period") from None
    assert sent is not None
    assert hasattr(day, "date")
    codes = tuple(g.replace(" ", "") for g in goods)
    return Disclosure(day.date(), str(recipient), codes, figures, Basis(basis), first, last, sent.name,
                      sha256(sent.read_bytes()), corrects)


#: Largest answers, reply or ledger that is read, in bytes.
_FILE_BYTES = 5_000_000


def _bytes(path: Path) -> bytes:
    """The content of a file that somebody else may have made; bounded."""
    from zerofactory_engine.problems import Place, Problem, ProblemsError

    size = path.stat().st_size
    if size > _FILE_BYTES:
        raise ProblemsError([Problem("text.too-large", Place(file=path.name), found=f"{size:,} bytes",
                                     accepted=f"{_FILE_BYTES:,} bytes")])
    return path.read_bytes()
