"""The verbs of somebody who works on the rulebook: check, coverage, schema."""

from pathlib import Path
from typing import Any

import click

from isomargin.check import problems
from isomargin.command.options import Desk, desk_options
from isomargin.coverage import covered, uncovered
from isomargin.errors import RulebookError, UsageError
from isomargin.log import verify
from isomargin.report.coverage import coverage_data, coverage_lines
from isomargin.report.screen import plain
from isomargin.report.table import table
from isomargin.rulebook.schema import schema as read

__all__ = ["COMMANDS"]


@click.command()
@desk_options()
def check(desk: Desk) -> int:
    """Look for faults in the rulebook, the cases and the texts.

    Exit code 4: there are some.
    """
    found = problems(desk.places)
    desk.tell(
        lambda: [_problem(error) for error in found],
        lambda: [*(plain(error) for error in found), _conclusion(len(found))],
    )
    return RulebookError.exit_code if found else 0


def _problem(error: RulebookError) -> dict[str, Any]:
    return {"where": error.where, "what": error.what, "remedy": error.remedy}


def _conclusion(count: int) -> str:
    return f"{count} problem{'s' * (count != 1)}" if count else "nothing is wrong"


@click.command()
@click.option("--log", "log", metavar="FILE", help="Count what this run executed, too.")
@desk_options()
def coverage(desk: Desk, log: str | None) -> int:
    """Say which rules the cases reach.

    Exit code 1: a rule of level must is not executed.
    """
    run = verify(Path(log)) if log else None
    rows = covered(desk.rulebook, run)
    desk.tell(lambda: coverage_data(rows), lambda: coverage_lines(rows, desk.screen))
    return 1 if uncovered(rows) else 0


@click.command()
@click.argument("name", required=False)
@desk_options()
def schema(desk: Desk, name: str | None) -> None:
    """List the JSON Schemas, or print the one named."""
    folder = desk.places.spec / "schema"
    known = sorted(path.stem for path in folder.glob("*.json"))
    if name is None:
        titles = {each: str(read(folder, each).get("title", "")) for each in known}
        rows = list(titles.items())
        headings = ("SCHEMA", "OF")
        desk.tell(lambda: titles, lambda: table(rows, desk.screen, headings=headings))
        return
    if name not in known:
        remedy = f"use one of {', '.join(known)}"
        raise UsageError(f"there is no schema {name!r}", None, remedy)
    click.echo((folder / f"{name}.json").read_text(encoding="utf-8").rstrip("\n"))


COMMANDS = {"check": check, "coverage": coverage, "schema": schema}
