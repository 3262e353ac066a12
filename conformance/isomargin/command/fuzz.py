"""The verb `fuzz`."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from isomargin import __version__, drive
from isomargin.cache import cache_folder
from isomargin.command.options import (
    Desk,
    desk_options,
    limits_of,
    subject_option,
    timeout_option,
)
from isomargin.fuzz import Found, FuzzReport, fuzz

__all__ = ["COMMANDS"]

_REFERENCE = "reference"
_FOLDER = click.Path(file_okay=False, path_type=Path)


class _Time(click.ParamType[int]):
    """A time as people write it: 90, 90s, 2m or 1h."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the seconds of a text, or refuse it."""
        if isinstance(value, int):
            return value
        said = _WRITTEN_TIME.fullmatch(value)
        if said is None:
            self.fail(f"{value!r} is no time such as 60s, 2m or 1h", param, ctx)
        return int(said[1]) * _UNITS[said[2]]


_WRITTEN_TIME = re.compile("([1-9][0-9]{0,5})([smh]?)", re.ASCII)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


@click.command("fuzz")
@subject_option(required=True)
@click.option("--profile", metavar="ID", help="Judge by this profile.")
@click.option(
    "--time", "seconds", type=_Time(), metavar="TIME", help="Search this long, such as"
    " 60s or 2m. [default: until 1000 sequences are asked]",
)  # fmt: skip
@click.option(
    "--sequences", type=click.IntRange(min=1), metavar="N", help="Ask so many."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Draws sequences.")
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Find so many different faults.",
)
@click.option(
    "--against",
    metavar="SUBJECT",
    default=_REFERENCE,
    show_default=True,
    help="An engine that keeps the rules: what both answer alike is not worked out.",
)
@click.option(
    "--into",
    type=_FOLDER,
    default=Path(),
    metavar="DIR",
    help="Where case files are written. [default: here]",
)
@timeout_option
@desk_options()
def fuzz_verb(desk: Desk, **given: Any) -> int:
    """Search for sequences of actions that an engine answers wrongly.

    What is found is made as small as it gets and written as a case file. Exit codes:
    0 nothing found, 1 something found, 2 usage, 3 engine unusable, 7 nothing to ask.
    """
    # What Hypothesis keeps between runs has no place in the folder one works in.
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_folder()))
    report = _searched(desk, **given)
    files = [_written(found, given["into"]) for found in report.found]
    desk.tell(
        lambda: {**asdict(report), "files": [str(path) for path in files]},
        lambda: _lines(report, files, given["subject"]),
    )
    return 0 if report.passed else 1


def _searched(
    desk: Desk,
    *,
    subject: str,
    profile: str | None,
    seconds: int | None,
    sequences: int | None,
    seed: int,
    most: int,
    against: str,
    timeout: float | None,
    **_: Any,
) -> FuzzReport:
    with ExitStack() as opened:

        def engine(name: str) -> drive.Subject:
            command = drive.resolve(name, adapters=[desk.places.adapters])
            limits = limits_of(timeout)
            return opened.enter_context(
                drive.Subject.open(command, suite_version=__version__, limits=limits)
            )

        return fuzz(
            engine(subject),
            desk.rulebook,
            profile=profile,
            seconds=seconds,
            sequences=sequences,
            seed=seed,
            most=most,
            # Beside itself an engine would agree with all it does wrong.
            second=None if against == subject else engine(against),
        )


def _written(found: Found, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{found.case.id.replace('.', '_')}.yaml"
    path.write_text(found.text, encoding="utf-8")
    return path


def _lines(report: FuzzReport, files: list[Path], subject: str) -> Iterator[str]:
    yield (
        f"{report.subject}: {report.sequences} sequences by {report.profile}"
        f" in {report.seconds} s, seed {report.seed}"
    )
    for name in report.unstable:
        yield f"{name}: answered differently each time; nothing else was looked for"
    if report.disputed:
        yield f"{len(report.disputed)} set aside: the other engine answers alike"
    for each in report.relations:
        answers = " and ".join(map(str, each.answers))
        yield f"relation {each.relation}: {each.quantity} is {answers}"
    for found, path in zip(report.found, files, strict=True):
        yield f"{found.case.why} ({found.steps} steps, from {found.drawn_steps})"
        yield f"  isomargin run {path} --subject {subject} --profile all"
    if report.passed:
        yield "nothing is wrong"


COMMANDS = {"fuzz": fuzz_verb}
