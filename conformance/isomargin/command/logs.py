"""The verbs that work from a log alone: report and verify."""

from pathlib import Path

import click

from isomargin.command.options import Desk, desk_options
from isomargin.errors import LogUnverifiable
from isomargin.log import read
from isomargin.log import verify as whole
from isomargin.report.forms import FORMS, report_lines
from isomargin.report.screen import plain
from isomargin.report.summary import summary_of
from isomargin.verification import verified

__all__ = ["COMMANDS"]

_LOG = click.argument("log", type=click.Path(path_type=Path), metavar="LOG")


@click.command()
@_LOG
@desk_options(*FORMS)
def report(desk: Desk, log: Path) -> int:
    """Write the report of a run from its log.

    Exit code 6: the run was cut short, or the log is not as it was written.
    """
    held = read(log)
    if held.complete:
        held = whole(log)
    for line in report_lines(held, desk.format, desk.screen):
        click.echo(line, color=desk.screen.colours)
    return 0 if held.complete else LogUnverifiable.exit_code


@click.command()
@_LOG
@click.option("--no-adapter", is_flag=True, help="Do not look at the engine's program.")
@desk_options()
def verify(desk: Desk, log: Path, *, no_adapter: bool) -> None:
    """Say whether a log is whole, unedited and of these files.

    The digests of the log, the rulebook, the cases and the adapter are worked out
    anew; the engine is not started. Exit code 6: one of them is another.
    """
    held = verified(
        log, rulebook=desk.rulebook, places=desk.places, adapter=not no_adapter
    )
    summary = summary_of(held)
    said = f"{log}: whole and as it was written: {summary.sentence}"
    data = {
        "log": str(log),
        "cases": len(held.cases),
        "verdict": summary.verdict,
        "exit_code": summary.exit_code,
    }
    desk.tell(lambda: data, lambda: [plain(said)])


COMMANDS = {"report": report, "verify": verify}
