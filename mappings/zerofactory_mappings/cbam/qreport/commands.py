"""``zerofactory cbam qreport``: write the XML of the transitional registry, check one, read one back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerofactory_engine.console import (
    ExitCode,
    common_options,
    exit_code_of,
    print_json,
    print_problems,
    progress,
    reporting,
    stop,
)

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.qreport.check import Checked
    from zerofactory_mappings.cbam.qreport.official import Official
    from zerofactory_mappings.cbam.qreport.write import Written

#: Which law every result of this command follows.
BASIS = "transitional"


@click.command()
@click.argument("file", metavar="[INPUT]", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write: the XML, or the YAML with --to.")
@click.option("--check", is_flag=True, help="Write nothing; say whether INPUT is valid. An XML is only checked anyway.")
@click.option("--to", "target", type=click.Choice(["yaml"]),
              help="Read an XML back into the form of an input; without --out it is printed.")
@click.option("--xsd", type=click.Path(path_type=Path),
              help="QReport_ver23.00.xsd of the Commission, or its folder: check against it too. Without it the "
                   "setting ZEROFACTORY_CBAM_XSD says where it is.")
@click.option("--columns", is_flag=True,
              help="Print the columns that a CSV file of goods may have (without INPUT).")
@common_options
def qreport(file: Path | None, out: Path | None, check: bool, target: str | None, xsd: Path | None, columns: bool,
            as_json: bool, lang: str) -> None:
    """Write the quarterly report of the CBAM transitional registry (QReport XML v23.00), or check one.

    INPUT is a YAML or JSON file (format zerofactory/cbam-qreport/1) that may name a CSV or JSON-lines file of up to
    99,999 goods. An XML is checked, or read back with --to. What is written is always checked against our own table of
    the registry's elements, and against the Commission's schema when you have it. Exit code 3 when INPUT is not valid.
    """
    with reporting(lang, as_json):
        from zerofactory_mappings.cbam.qreport.official import find_official

        if columns:
            _columns(as_json)
            return
        if file is None:
            context = click.get_current_context()
            raise click.MissingParameter(ctx=context, param=next(p for p in context.command.params if p.name == "file"))
        from zerofactory_mappings.cbam.input.outputs import spare_inputs

        spare_inputs([out], [file, xsd])
        is_xml = _is_xml(file)
        _usable(file, is_xml, out, check, target, lang, as_json)
        official = find_official(xsd)
        if target is not None:
            _express(file, out, lang, as_json)
        elif is_xml:
            _check(file, official, lang, as_json)
        else:
            _write(file, None if check else out, official, lang, as_json)


def _columns(as_json: bool) -> None:
    """Print what a table of goods may state."""
    from zerofactory_mappings.cbam.qreport.columns import column_list

    rows = column_list()
    if as_json:
        print_json({"columns": rows})
        return
    for row in rows:
        click.echo("  ".join(row.values()))


def _is_xml(file: Path) -> bool:
    """Whether a file is an XML, by its ending or its first character."""
    suffix = file.suffix.lower()
    if suffix in (".yaml", ".yml", ".json"):
        return False
    if suffix == ".xml":
        return True
    with file.open("rb") as stream:
        return stream.read(256).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00").startswith(b"<")


def _usable(file: Path, is_xml: bool, out: Path | None, check: bool, target: str | None, lang: str,
            as_json: bool) -> None:
    """Stop when the options do not go with the file or with each other."""
    from zerofactory_engine.problems import Place, Problem

    if check and (out is not None or target is not None):
        stop([Problem("usage.qreport-check-alone")], lang, as_json)
    if target is not None and not is_xml:
        stop([Problem("usage.qreport-not-xml", Place(file=str(file)), accepted=".xml")], lang, as_json)
    if is_xml and out is not None and target is None:
        stop([Problem("usage.qreport-xml", Place(file=str(file)), accepted="--check, --to yaml")], lang, as_json)
    if not is_xml and not check and out is None:
        stop([Problem("usage.qreport-no-out", accepted="--out, --check")], lang, as_json)


def _write(file: Path, out: Path | None, official: Official | None, lang: str, as_json: bool) -> None:
    """Write the XML of an input, or only check the input."""
    from zerofactory_mappings.cbam.qreport.inputs import read_input
    from zerofactory_mappings.cbam.qreport.write import write_report

    given = read_input(file)
    with progress(str(out or file)) as advance:
        written = write_report(given.head, out, given.goods, official=official, places=given.goods.place_of,
                               advance=advance)
    if as_json:
        print_json(_written_json(file, out, written))
        return
    from zerofactory_engine.messages import render

    print_problems(written.problems, lang)
    args = {"file": out or file, "goods": f"{written.goods:,}", "elements": f"{written.checked.elements:,}",
            "bytes": f"{written.bytes:,}", "sha256": written.sha256}
    click.echo(render("qreport.written" if out is not None else "qreport.input-valid", lang, args))
    click.echo(_against(official, lang))
    click.echo(render("qreport.basis", lang))


def _written_json(file: Path, out: Path | None, written: Written) -> dict[str, Any]:
    return {"basis": BASIS, "input": str(file), "written": str(out) if out is not None else None, "valid": True,
            "goods": written.goods, "elements": written.checked.elements, "bytes": written.bytes,
            "sha256": written.sha256, "rounded": written.rounded,
            "official_schema": written.official.as_json() if written.official is not None else None,
            "problems": written.problems, "exit_code": int(ExitCode.MET)}


def _check(file: Path, official: Official | None, lang: str, as_json: bool) -> None:
    """Say whether an XML is valid; exit code 3 when it is not."""
    from zerofactory_engine.messages import render
    from zerofactory_mappings.cbam.qreport.check import check_file
    from zerofactory_mappings.cbam.qreport.official import official_problems

    checked = check_file(file)
    refused = official_problems(file, official) if official is not None and checked.valid else ()
    problems = (*refused, *checked.problems)
    code = exit_code_of(problems) if refused or not checked.valid else ExitCode.MET
    if as_json:
        print_json({"basis": BASIS, "file": str(file), "valid": code is ExitCode.MET, "goods": checked.goods,
                    "elements": checked.elements, "errors": checked.findings.error_count + len(refused),
                    "remarks": checked.findings.remark_count,
                    "official_schema": official.as_json() if official is not None else None,
                    "problems": problems, "exit_code": int(code)})
    else:
        print_problems(problems, lang)
        click.echo(_verdict(file, checked, code is ExitCode.MET, lang))
        click.echo(_against(official, lang))
        click.echo(render("qreport.basis", lang))
    if code is not ExitCode.MET:
        raise SystemExit(int(code))


def _verdict(file: Path, checked: Checked, valid: bool, lang: str) -> str:
    from zerofactory_engine.messages import render

    return render("qreport.valid" if valid else "qreport.invalid", lang, {
        "file": file, "goods": f"{checked.goods:,}", "elements": f"{checked.elements:,}",
        "errors": f"{checked.findings.error_count:,}", "remarks": f"{checked.findings.remark_count:,}"})


def _against(official: Official | None, lang: str) -> str:
    """Which checks were made."""
    from zerofactory_engine.messages import render

    if official is None:
        return render("qreport.own-check", lang)
    return render("qreport.both-checks", lang, {"file": official.path, "sha256": official.sha256})


def _express(file: Path, out: Path | None, lang: str, as_json: bool) -> None:
    """Read an XML back into the form of an input."""
    from zerofactory_engine.messages import render
    from zerofactory_mappings.cbam.qreport.express import express

    text, written = express(file, out)
    if as_json:
        print_json({"basis": BASIS, "file": str(file), "written": [str(path) for path in written],
                    "text": text if out is None else None, "exit_code": int(ExitCode.MET)})
    elif out is None:
        click.echo(text, nl=False)
    else:
        for path in written:
            click.echo(render("qreport.expressed", lang, {"file": path}))
