"""``zerofactory cbam …``: commands by name, each at home in its subpackage and loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

#: Name of a command → module and function that make it.
COMMANDS = {
    "compute": "zerofactory_mappings.cbam.compute_commands:compute",
    "new": "zerofactory_mappings.cbam.compute_commands:new",
    "audit": "zerofactory_mappings.cbam.communication.commands:audit",
    "template": "zerofactory_mappings.cbam.communication.commands:template",
    "import-defaults": "zerofactory_mappings.cbam.defaults.commands:import_defaults",
    "scope": "zerofactory_mappings.cbam.defaults.commands:scope",
    "qreport": "zerofactory_mappings.cbam.qreport.commands:qreport",
    "obligation": "zerofactory_mappings.cbam.obligation.commands:obligation",
    "report": "zerofactory_mappings.cbam.documents.commands:report",
    "plan": "zerofactory_mappings.cbam.documents.commands:plan",
    "prefill": "zerofactory_mappings.cbam.exchange.commands:prefill",
    "request": "zerofactory_mappings.cbam.exchange.commands:request",
    "disclosed": "zerofactory_mappings.cbam.exchange.commands:disclosed",
}


class LazyGroup(click.Group):
    """A group that imports a command only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), function)
        assert isinstance(command, click.Command)
        return command


@click.command(cls=LazyGroup)
def cbam() -> None:
    """Embedded emissions of goods under the EU CBAM: compute, audit, fill the Commission's template, report,
    obligation."""
