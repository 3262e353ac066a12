"""The verbs, grouped by what a person is doing; each is read when it is used."""

from importlib import import_module

import click

from isomargin import __version__

__all__ = ["SECTIONS", "verbs"]

SECTIONS = {
    "Check an engine": {
        "run": "isomargin.command.run",
        "smoke": "isomargin.command.smoke",
        "fuzz": "isomargin.command.fuzz",
        "live": "isomargin.command.live",
        "report": "isomargin.command.logs",
        "diff": "isomargin.command.compare",
        "verify": "isomargin.command.logs",
    },
    "Read the rulebook": {
        "list": "isomargin.command.reading",
        "show": "isomargin.command.reading",
        "explain": "isomargin.command.explain",
        "calculate": "isomargin.command.calculate",
        "compare": "isomargin.command.compare",
    },
    "Work on the rulebook": {
        "check": "isomargin.command.work",
        "coverage": "isomargin.command.work",
        "power": "isomargin.command.power",
        "prove": "isomargin.command.prove",
        "schema": "isomargin.command.work",
    },
    "Adapters": {"adapter": "isomargin.command.adapter"},
}
"""Heading to verbs, and the module each verb is in."""

_MODULES = {
    verb: module for verbs in SECTIONS.values() for verb, module in verbs.items()
}


class _Verbs(click.Group):
    """A group that reads the module of a verb when the verb is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's shape
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's shape
        if cmd_name not in _MODULES:
            return None
        commands: dict[str, click.Command] = import_module(_MODULES[cmd_name]).COMMANDS
        return commands[cmd_name]

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        for heading, verbs in SECTIONS.items():
            commands = [(verb, self.get_command(ctx, verb)) for verb in verbs]
            rows = [
                (verb, command.get_short_help_str(limit=100))
                for verb, command in commands
                if command
            ]
            with formatter.section(heading):
                formatter.write_dl(rows)


@click.group(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="A verb's own help: isomargin VERB --help.",
)
@click.version_option(__version__, message="isomargin %(version)s")
def verbs() -> None:
    """Say whether an engine keeps the rules of isolated margin, and why."""
