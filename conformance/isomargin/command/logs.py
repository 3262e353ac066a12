"""The verbs that work from logs alone: report and verify."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from isomargin.command.options import Desk, desk_options
from isomargin.errors import LogUnverifiable, UsageError
from isomargin.findings import (
    EngineFindings,
    findings_data,
    findings_of,
    findings_table,
    write_findings,
)
from isomargin.log import read
from isomargin.log import verify as whole
from isomargin.report.difference import (
    Difference,
    difference,
    difference_data,
    difference_lines,
    difference_markdown,
    is_worse,
)
from isomargin.report.formats import FORMATS
from isomargin.report.forms import FORMS, report_lines
from isomargin.report.library import Library
from isomargin.report.screen import plain
from isomargin.report.summary import summary_of
from isomargin.text.catalogue import load_catalogues
from isomargin.text.subjects import kinds_of
from isomargin.verification import verified

__all__ = ["COMMANDS", "log_difference"]

_LOG = click.argument("log", type=click.Path(path_type=Path), metavar="LOG")


_LOGS = click.argument(
    "logs", type=click.Path(path_type=Path), metavar="LOG…", nargs=-1, required=True
)


@click.command()
@_LOGS
@click.option(
    "--engines", is_flag=True, help="One table of the engines of several runs."
)
@click.option(
    "--page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the table of engines between its two marks in a page.",
)
@desk_options(*FORMS, *FORMATS)
def report(
    desk: Desk, logs: tuple[Path, ...], *, engines: bool, page: Path | None
) -> int:
    """Write the report of a run from its log, or a table of engines.

    Exit code 6: a run was cut short, or a log is not as it was written.
    """
    if engines:
        _tell_engines(desk, findings_of(logs), page)
        return 0
    if page is not None:
        raise UsageError("only the table of engines has a page", None, "add --engines")
    if len(logs) > 1:
        what = "a report is of one run"
        raise UsageError(what, None, "name one log, or add --engines")
    return _report(desk, logs[0])


def _tell_engines(
    desk: Desk, findings: Sequence[EngineFindings], page: Path | None
) -> None:
    """Write the table of engines into its page, or as it is asked for."""
    if page is not None:
        changed = write_findings(page, findings)
        said = f"{page}: {'written' if changed else 'as it was'}"
        click.echo(f"{said}, {len(findings)} engines", err=True)
        return
    if desk.format not in FORMS:
        what = f"the table of engines is not written as {desk.format}"
        raise UsageError(what, "--format", f"use one of {', '.join(FORMS)}")
    desk.tell(lambda: findings_data(findings), lambda: [findings_table(findings)])


def _report(desk: Desk, log: Path) -> int:
    held = read(log)
    if held.complete:
        held = whole(log)
    if desk.format in FORMATS:
        click.echo(FORMATS[desk.format](held, _library(desk)), nl=False)
    else:
        for line in report_lines(held, desk.format, desk.screen):
            click.echo(line, color=desk.screen.colours)
    return 0 if held.complete else LogUnverifiable.exit_code


def _library(desk: Desk) -> Library:
    catalogues = load_catalogues(desk.places.spec, kinds_of(desk.rulebook))
    return Library(
        rulebook=desk.rulebook, catalogues=catalogues, language=desk.language
    )


def log_difference(
    desk: Desk, before: Path, after: Path, *, fail_on: str | None
) -> int:
    """Tell what came out otherwise in the second of two runs; return an exit code."""
    found = difference(read(before), read(after))
    if desk.format == "json":
        click.echo(json.dumps(difference_data(found), ensure_ascii=False, indent=2))
    else:
        for line in _difference(found, desk):
            click.echo(line, color=desk.screen.colours)
    return 1 if fail_on and is_worse(found, fail_on) else 0


def _difference(found: Difference, desk: Desk) -> Iterator[str]:
    if desk.format == "markdown":
        return difference_markdown(found)
    return difference_lines(found, desk.screen)


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
