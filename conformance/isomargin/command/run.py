"""The verb `run`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

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
from isomargin.errors import SubjectUnusable, UsageError
from isomargin.expectations import DEFAULT_FILE, no_expectations, read_expectations
from isomargin.log import LogFile
from isomargin.plan import Plan
from isomargin.report.forms import FORMS, exit_code_of, report_lines
from isomargin.rulebook.model import Case
from isomargin.run import carried_out, gone_on_with

__all__ = ["COMMANDS"]

_last: list[object] = []
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FILE_TO_BE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("case_files", nargs=-1, type=_FILE, metavar="CASE_FILE…")
@subject_option(required=False)
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
@click.option(
    "--resume", type=_FILE, metavar="LOG", help="Go on with a run that was cut short."
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
@click.option(
    "--expectations",
    metavar="FILE",
    type=_FILE_TO_BE,
    help=f"The known failures. [default: {DEFAULT_FILE}, where there is one]",
)
@click.option(
    "--update-expectations",
    "update",
    is_flag=True,
    help="Write the failures of this run into that file.",
)
@desk_options(*FORMS)
def run(desk: Desk, **given: Any) -> int:
    """Ask an engine the cases and judge its answers.

    All cases, or those of the files named. Exit codes: 0 conformant as scoped, or
    what failed is known, 1 nonconformant, 2 usage, 3 engine unusable, 4 rulebook or
    cases invalid, 5 stale expectations, 6 the log cannot be resumed, 7 nothing
    selected or nothing passed.
    """
    with Progress.on_terminal() as progress:
        plan, result = _result(desk, given, progress)
    # What is still held when the process ends is not freed object by object.
    _last[:] = plan, result
    for line in report_lines(result, desk.format, desk.screen):
        click.echo(line, color=desk.screen.colours)
    if given["update"]:
        _update(plan, result)
    return exit_code_of(result)


def _result(
    desk: Desk, given: Mapping[str, Any], progress: Progress
) -> tuple[Plan, LogFile]:
    if given["resume"] is None:
        plan = _plan(desk, **given)
        return plan, carried_out(plan, log=given["log"], watch=progress.show)
    _refuse_besides_resume()
    # The cases of a rulebook come from the cache, and YAML is slow to import.
    from isomargin.resume import plan_of  # noqa: PLC0415

    log, jobs = given["resume"], given["jobs"]
    plan = plan_of(log, rulebook=desk.rulebook, places=desk.places, jobs=jobs)
    return plan, gone_on_with(plan, log=log, watch=progress.show)


def _refuse_besides_resume() -> None:
    context = click.get_current_context()
    for name in ("subject", "profiles", "pattern", "log", "seed", "timeout", "update"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(one for one in context.command.params if one.name == name)
            what = f"{option.opts[0]} is given with --resume"
            raise UsageError(what, None, "leave it out: the log says how to go on")


def _plan(
    desk: Desk,
    *,
    case_files: Sequence[Path],
    subject: str | None,
    profiles: Sequence[str],
    pattern: str | None,
    jobs: int,
    seed: int,
    timeout: float | None,
    expectations: Path | None,
    update: bool,
    **_: Any,
) -> Plan:
    if subject is None:
        raise click.MissingParameter(param_hint="'--subject'", param_type="option")
    rulebook = desk.rulebook
    chosen = [
        (case, str(path)) for path in case_files for case in _cases_of(desk, path)
    ]
    own = list(rulebook.cases.values())
    known = expectations or Path(DEFAULT_FILE)
    # A file that is to be written need not be there; one that is named else must be.
    there = known.exists() or (expectations is not None and not update)
    return Plan(
        rulebook=rulebook,
        cases=[case for case, _ in chosen] if case_files else own,
        command=drive.resolve(subject, adapters=[desk.places.adapters]),
        profiles=tuple(profiles),
        pattern=pattern or "*",
        jobs=jobs,
        seed=seed,
        limits=limits_of(timeout),
        files={case.id: path for case, path in chosen},
        expectations=read_expectations(known) if there else no_expectations,
        expectations_file=str(known) if there or update else None,
    )


def _cases_of(desk: Desk, path: Path) -> list[Case]:
    from isomargin.rulebook.load import load_cases  # noqa: PLC0415 - as above

    return load_cases(desk.places, [path])


def _update(plan: Plan, result: LogFile) -> None:
    """Write what a run showed into the file of expectations, and say so."""
    path = Path(plan.expectations_file or DEFAULT_FILE)
    footer = result.footer or {}
    if footer["aborted"]:
        what = "the run did not come to its end, so no expectations are written"
        raise SubjectUnusable(what, str(path), "mend the engine or its adapter first")
    from isomargin.expectations_update import update_expectations  # noqa: PLC0415 - seldom

    added, changed = update_expectations(
        path, lines=result.cases, cases=plan.selectable, today=plan.today
    )
    said = f"{path}: known failures: {added} added, {changed} taken out or narrowed"
    click.echo(said, err=True)


COMMANDS = {"run": run}
