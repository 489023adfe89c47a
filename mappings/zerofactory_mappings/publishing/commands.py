"""``zerofactory report BUNDLE --out FILE.(pdf|html)``: the assessment report of a bundle, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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

#: What each ending needs beside the base install, and the commands that bring it.
INSTALL = "pip install 'zerofactory[report]'"
SYSTEM = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-cjk"


@click.command()
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="File to write; its ending says what: .pdf or .html.")
@click.option("--style", "style_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Name, form number, logo and texts of a body (zerofactory/report-style/1).")
@click.option("--public", is_flag=True,
              help="Leave out operands, production, prices and suppliers, and attach the public extract.")
@common_options
def report(bundle: Path, out: Path, style_file: Path | None, public: bool, as_json: bool, lang: str) -> None:
    """Write the assessment report of BUNDLE (made by `zerofactory evaluate --bundle`) in the language of --lang.

    A PDF is PDF/A-3a and PDF/UA-1 at once and carries the bundle; `zerofactory verify` recomputes it from there.
    """
    kind = out.suffix.lower()
    if kind not in {".pdf", ".html"}:
        from zerofactory_engine.messages import render

        raise click.BadParameter(render("report.unknown-ending", lang), param_hint="--out")
    require_installed(kind, lang, as_json)
    with reporting(lang, as_json), _differing(lang, as_json), progress(str(out), total=3) as advance:
        from zerofactory_mappings.publishing.reading import read_case
        from zerofactory_mappings.publishing.style import read_style

        case = read_case(bundle, public=public)
        style = read_style(style_file) if style_file else None
        advance(1)
        from zerofactory_mappings.publishing.document import render_html, render_pdf

        data = render_pdf(case, lang, style) if kind == ".pdf" else render_html(case, lang, style).encode("utf-8")
        advance(1)
        write_aside(out, data)
    from zerofactory_engine.canonical import sha256

    made = {"file": str(out), "bytes": len(data), "sha256": sha256(data), "assessment": case.assessment["id"],
            "attached": case.attachment_name if kind == ".pdf" else None,
            "attached_sha256": case.attachment_hash if kind == ".pdf" else None, "public": case.public}
    if as_json:
        print_json(made)
    else:
        click.echo(f"{out}  {len(data):,} B  {made['sha256']}")


@contextmanager
def _differing(lang: str, as_json: bool) -> Iterator[None]:
    """A bundle that does not give its own assessment back ends with the exit code of a verification that differs."""
    from zerofactory_engine.problems import ProblemsError

    try:
        yield
    except ProblemsError as error:
        if all(p.code != "report.differs" for p in error.problems):
            raise
        if as_json:
            print_json({"problems": error.problems, "exit_code": int(ExitCode.DIFFERS)})
        else:
            print_problems(error.problems, lang)
        raise SystemExit(int(ExitCode.DIFFERS)) from None


def require_installed(kind: str, lang: str, as_json: bool) -> None:
    """Say in one sentence what is not installed and the commands that install it."""
    missing, commands = _absent(kind)
    if not missing:
        return
    from zerofactory_engine.messages import render_problem
    from zerofactory_engine.problems import Problem

    problem = Problem("report.not-installed", args={"missing": ", ".join(missing), "command": " && ".join(commands)})
    if as_json:
        print_json({"problems": [problem], "exit_code": int(ExitCode.USAGE)})
    else:
        click.echo(render_problem(problem, lang), err=True)
    raise SystemExit(int(ExitCode.USAGE))


def _absent(kind: str) -> tuple[list[str], list[str]]:
    """What is not there, and the commands that bring it."""
    import importlib.util

    wanted = ["jinja2", *(["weasyprint", "pikepdf", "fontTools"] if kind == ".pdf" else [])]
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    commands = [INSTALL] if missing else []
    if kind == ".pdf" and "weasyprint" not in missing:
        try:
            import weasyprint  # noqa: F401 - loads the system libraries
        except OSError as error:
            missing.append(str(error).split("\n")[0][:80])
            commands.append(SYSTEM)
    return missing, commands
