"""The command ``zerofactory``: a group filled from entry points ``zerofactory.commands``, each loaded when needed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Any

import click

from zerofactory_engine import __version__

GROUP = "zerofactory.commands"

#: Exit code after an interruption from the keyboard, as shells have it.
INTERRUPTED = 130


class Commands(click.Group):
    """Commands by the name of their entry point; nothing is imported before it is asked for."""

    def _points(self) -> dict[str, metadata.EntryPoint]:
        return {point.name: point for point in metadata.entry_points(group=GROUP)}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in alphabetical order."""
        return sorted(self._points())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command; one whose extra is not installed explains itself when it runs."""
        point = self._points().get(cmd_name)
        if point is None:
            return None
        command = point.load()
        assert isinstance(command, click.Command)
        return command

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, complete_var: str | None = None,
             standalone_mode: bool = True, **extra: Any) -> Any:
        """Run and exit; a wrong command line is said in the language and form that it asks for."""
        given = list(sys.argv[1:] if args is None else args)
        if not standalone_mode:
            return super().main(given, prog_name, complete_var, standalone_mode=False, **extra)
        try:
            code = super().main(given, prog_name, complete_var, standalone_mode=False, **extra)
        except click.ClickException as error:
            from zerofactory_engine.usage import tell_usage

            tell_usage(error, given)
            sys.exit(error.exit_code)
        except click.Abort:
            sys.exit(INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="zerofactory")
def group() -> None:
    """Decide zero-carbon factory claims from evidence, and prove it.

    \b
    Exit codes: 0 met or done · 1 not met · 2 usage · 3 dossier problem · 4 pack problem · 5 indeterminate
                6 verification differs · 10 internal error
    """


def main() -> None:
    """Run the command line; a mistake of the program is said in one sentence, never as a traceback."""
    try:
        group.main(prog_name="zerofactory", standalone_mode=True)
    except Exception as error:  # the last resort of the program
        from zerofactory_engine.usage import tell_internal

        sys.exit(tell_internal(error, sys.argv[1:]))


if __name__ == "__main__":
    main()
