"""What click finds wrong with a command line, as problems: so that it is said in zh too, and as JSON when asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from zerofactory_engine.console import ExitCode, default_language, print_json, print_problems
from zerofactory_engine.problems import Problem

_QUOTED = re.compile(r"'(.*)'", re.DOTALL)
#: Ends of click's own sentences about files and folders.
_FILES = {"does not exist.": "not-there", "is a directory.": "is-folder", "is a file.": "is-file",
          "is not readable.": "not-allowed", "is not writable.": "not-allowed"}


def wanted(arguments: Sequence[str]) -> tuple[str, bool]:
    """Language and whether JSON is asked for, of a command line that may be wrong elsewhere."""
    lang = default_language()
    for i, text in enumerate(arguments):
        following = arguments[i + 1] if i + 1 < len(arguments) else ""
        value = text.removeprefix("--lang=") if text.startswith("--lang=") else following if text == "--lang" else ""
        if value in ("zh", "en"):
            lang = value
    return lang, "--json" in arguments


def tell_usage(error: click.ClickException, arguments: Sequence[str]) -> None:
    """Say what is wrong with *arguments*: in English as click does, in Chinese in our words, or as JSON."""
    lang, as_json = wanted(arguments)
    if as_json:
        print_json({"problems": [usage_problem(error)], "exit_code": error.exit_code})
    elif lang == "en" or isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
    else:
        from zerofactory_engine.messages import render

        context = getattr(error, "ctx", None)
        if context is not None:
            usage = " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
            click.echo(render("usage.line", lang, {"usage": usage}), err=True)
            click.echo(render("usage.help", lang, {"command": context.command_path}), err=True)
        print_problems([usage_problem(error)], lang)


def usage_problem(error: click.ClickException) -> Problem:
    """One of click's exceptions as a problem ``usage.…``."""
    if isinstance(error, click.MissingParameter):
        kind = "argument" if error.param is not None and error.param.param_type_name == "argument" else "option"
        return Problem(f"usage.missing-{kind}", args={"name": _name(error)}, accepted=_accepted(error.param))
    if isinstance(error, click.NoSuchOption):
        near = ", ".join(error.possibilities or ()) or None
        return Problem("usage.no-such-option", accepted=near, args={"name": error.option_name})
    if isinstance(error, click.BadOptionUsage):
        return Problem("usage.no-value", args={"name": error.option_name})
    if isinstance(error, click.BadParameter):
        return _bad_value(error)
    quoted = _QUOTED.search(error.message)
    if error.message.startswith("No such command") and quoted:
        return Problem("usage.no-such-command", args={"name": quoted[1]})
    if error.message.startswith("Got unexpected extra argument"):
        return Problem("usage.extra-argument", found=error.message.partition("(")[2].rstrip(").") or None)
    return Problem("usage.other", found=error.message)


def _bad_value(error: click.BadParameter) -> Problem:
    kind = next((k for end, k in _FILES.items() if error.message.endswith(end)), "bad-value")
    quoted = _QUOTED.match(error.message) if kind == "bad-value" else _QUOTED.search(error.message)
    accepted = _accepted(error.param)
    value = quoted[1].split("'")[0] if quoted else None
    if kind != "bad-value":
        return Problem(f"usage.{kind}", found=value, args={"name": _name(error)})
    return Problem("usage.bad-value", found=value if value is not None and accepted else error.message,
                   accepted=accepted, args={"name": _name(error)})


def _name(error: click.BadParameter) -> str:
    if error.param is not None:
        return error.param.opts[0] if error.param.param_type_name == "option" else error.param.human_readable_name
    hint = error.param_hint
    return "" if hint is None else hint if isinstance(hint, str) else ", ".join(hint)


def _accepted(parameter: click.Parameter | None) -> str | None:
    kind = None if parameter is None else parameter.type
    if isinstance(kind, click.Choice):
        return ", ".join(map(str, kind.choices))
    if isinstance(kind, click.DateTime):
        return "YYYY-MM-DD"
    return f"{kind.min}–{kind.max}" if isinstance(kind, click.IntRange) else None


def tell_internal(error: Exception, arguments: Sequence[str]) -> int:
    """Say that the program made a mistake, in one sentence or one JSON object; gives the exit code."""
    lang, as_json = wanted(arguments)
    problem = Problem("internal.error", found=f"{type(error).__name__}: {error}"[:500])
    if as_json:
        print_json({"problems": [problem], "exit_code": int(ExitCode.INTERNAL)})
    else:
        print_problems([problem], lang)
    return int(ExitCode.INTERNAL)
