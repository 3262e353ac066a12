"""The verb `run`."""

from collections.abc import Sequence
from pathlib import Path

import click

from isomargin import drive
from isomargin.command.options import (
    Desk,
    desk_options,
    jobs_option,
    limits_of,
    pattern_option,
    subject_option,
    timeout_option,
)
from isomargin.command.progress import Progress
from isomargin.report.forms import FORMS, exit_code_of, report_lines
from isomargin.rulebook.load import load_cases
from isomargin.run import Plan, carried_out

__all__ = ["COMMANDS"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("case_files", nargs=-1, type=_FILE, metavar="CASE_FILE…")
@subject_option(required=True)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="ID",
    help="Judge by this profile; may be repeated; 'all' for every case."
    " [default: every profile the engine declares]",
)
@pattern_option
@click.option(
    "--log", metavar="FILE", type=click.Path(path_type=Path), help="Keep a log."
)
@jobs_option
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Chooses what is asked twice.",
)
@timeout_option
@desk_options(*FORMS)
def run(
    desk: Desk,
    *,
    case_files: Sequence[Path],
    subject: str,
    profiles: Sequence[str],
    pattern: str | None,
    log: Path | None,
    jobs: int,
    seed: int,
    timeout: float | None,
) -> int:
    """Ask an engine the cases and judge its answers.

    All cases, or those of the files named. Exit codes: 0 conformant as scoped,
    1 nonconformant, 2 usage, 3 engine unusable, 4 rulebook or cases invalid,
    7 nothing selected or nothing passed.
    """
    rulebook = desk.rulebook
    given = [
        (case, str(path))
        for path in case_files
        for case in load_cases(desk.places, [path])
    ]
    own = list(rulebook.cases.values())
    plan = Plan(
        rulebook=rulebook,
        cases=[case for case, _ in given] if case_files else own,
        command=drive.resolve(subject, adapters=[desk.places.adapters]),
        profiles=tuple(profiles),
        pattern=pattern or "*",
        jobs=jobs,
        seed=seed,
        limits=limits_of(timeout),
        files={case.id: path for case, path in given},
    )
    with Progress.on_terminal() as progress:
        result = carried_out(plan, log=log, watch=progress.show)
    for line in report_lines(result, desk.format, desk.screen):
        click.echo(line, color=desk.screen.colours)
    return exit_code_of(result)


COMMANDS = {"run": run}
