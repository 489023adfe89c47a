"""The command ``zerofactory``: a group filled from entry points ``zerofactory.commands``, each loaded when needed."""

from __future__ import annotations

import sys
from importlib import metadata

import click

from zerofactory_engine import __version__
from zerofactory_engine.console import ExitCode

GROUP = "zerofactory.commands"


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
        click.echo(f"internal error: {type(error).__name__}: {error}\n"
                   "Please report it with the command that you ran and `zerofactory --version`.", err=True)
        sys.exit(int(ExitCode.INTERNAL))


if __name__ == "__main__":
    main()
