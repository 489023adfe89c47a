"""What every command shares: exit codes, language, JSON, problems, progress. Imports only click at the top."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from zerofactory_engine.problems import Problem

F = TypeVar("F", bound=Callable[..., Any])

#: Setting: language of what is printed, ``zh`` or ``en``; without it the terminal's locale decides.
LANGUAGE_SETTING = "ZEROFACTORY_LANG"


class ExitCode(IntEnum):
    """Exit codes, frozen. Where several apply: 4 before 3 before 1 before 5."""

    MET = 0              # done; every asked level is met
    NOT_MET = 1
    USAGE = 2
    DOSSIER = 3          # the dossier or another input cannot be used
    PACK = 4             # the rule pack, an overlay or a factor set cannot be used
    INDETERMINATE = 5
    DIFFERS = 6          # verification: recomputed result or hash differs
    INTERNAL = 10


#: Areas (first part of a problem's code) whose errors mean that the pack, not the dossier, has to change.
PACK_AREAS = frozenset({"pack", "feel", "unit", "factors", "overlay"})


#: Beginnings of codes that say that the command asked for something that is not there.
USAGE_CODES = ("evaluation.level-", "evaluation.reading-", "evaluation.readings-", "evaluation.alternative-",
               "evaluation.quantity-", "usage.")


def exit_code_of(problems: Iterable[Problem]) -> ExitCode:
    """The exit code for problems that stop a command."""
    errors = [p.code for p in problems if p.severity == "error"]
    if {code.split(".", 1)[0] for code in errors} & PACK_AREAS:
        return ExitCode.PACK
    if errors and all(code.startswith(USAGE_CODES) for code in errors):
        return ExitCode.USAGE
    return ExitCode.DOSSIER


def default_language() -> str:
    """``zh`` or ``en``: the setting, else the terminal's locale, else en."""
    for name in (LANGUAGE_SETTING, "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def common_options(function: F) -> F:
    """Add ``--json`` and ``--lang`` (parameters ``as_json`` and ``lang``)."""
    function = click.option("--lang", type=click.Choice(["zh", "en"]), default=default_language, show_default="locale",
                            help="Language of messages.")(function)
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")(function)


def print_json(value: Any) -> None:
    """Print *value* as indented JSON; decimals as strings in plain notation."""
    from zerofactory_engine.canonical import jsonable

    click.echo(json.dumps(jsonable(value), ensure_ascii=False, indent=1))


def print_problems(problems: Iterable[Problem], lang: str) -> None:
    """Print each problem on a line of standard error, errors first."""
    from zerofactory_engine.messages import render_problem
    from zerofactory_engine.problems import Severity

    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    labels = {"zh": {0: "错误", 1: "警告", 2: "提示"}, "en": {0: "error", 1: "warning", 2: "note"}}
    for problem in sorted(problems, key=lambda p: order[p.severity]):
        label = labels[lang][order[problem.severity]]
        click.echo(f"{label}: {render_problem(problem, lang)}  [{problem.code}]", err=True)


def stop(problems: Sequence[Problem], lang: str, as_json: bool) -> NoReturn:
    """Print every problem (as JSON on standard output when asked) and exit with the code that fits."""
    code = exit_code_of(problems)
    if as_json:
        print_json({"problems": problems, "exit_code": int(code)})
    else:
        print_problems(problems, lang)
    raise SystemExit(int(code))


@contextmanager
def reporting(lang: str, as_json: bool) -> Iterator[None]:
    """Turn a :class:`ProblemsError`, or a file that cannot be read or written, into problems and the exit code."""
    from zerofactory_engine.problems import ProblemsError, system_problem

    try:
        yield
    except ProblemsError as error:
        stop(error.problems, lang, as_json)
    except BrokenPipeError:  # nobody reads any more: nothing to report, and nobody to report it to
        raise
    except OSError as error:
        stop([system_problem(error)], lang, as_json)


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error when that is a terminal; the body calls the given function to advance it."""
    if not sys.stderr.isatty():
        yield lambda steps: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda steps: bar.advance(task, steps)


def write_aside(path: Path, data: bytes) -> None:
    """Write *data* beside *path* and rename, so that nothing half-written is ever found there."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(data)
        os.replace(aside, path)
    except OSError as error:  # the reader knows the file by the name that was asked for
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
