"""Going on with a run that was cut short: its plan, taken from its log."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isomargin import drive
from isomargin.drive import Limits
from isomargin.errors import LogUnverifiable
from isomargin.expectations import no_expectations, read_expectations
from isomargin.log import read
from isomargin.plan import Plan
from isomargin.rulebook.load import load_cases
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import Places

__all__ = ["plan_of"]


def plan_of(log: Path, *, rulebook: Rulebook, places: Places, jobs: int) -> Plan:
    """Return what a run was to be.

    The plan names the program that the log names: it is started when it is gone on
    with, so a log from somebody else is to be read before.

    Args:
        log: the file of a run that was cut short.
        rulebook: the rulebook it was judged by; another one is noticed later.
        places: the folders in use.
        jobs: how many copies of the subject are asked at once, which is not in a log.

    Raises:
        LogUnverifiable: the file is no log, or does not say what was run.
        UsageError: a file that it names is not there any more.
    """
    header = read(log).header
    try:
        return _plan(header, rulebook, places, jobs)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = "the header does not say what was to be run"
        raise LogUnverifiable(what, f"{log}:1", "start a new run") from error


def _plan(
    header: Mapping[str, Any], rulebook: Rulebook, places: Places, jobs: int
) -> Plan:
    options = header["options"]
    files = {
        case.id: (case, str(path))
        for path in options["files"]
        for case in load_cases(places, [Path(path)])
    }
    own = rulebook.cases.values()
    known = options["expectations"]
    return Plan(
        rulebook=rulebook,
        cases=[case for case, _ in files.values()] if files else list(own),
        command=drive.resolve(header["command"], adapters=[places.adapters]),
        profiles=tuple(options["profiles"]),
        pattern=options["pattern"],
        jobs=jobs,
        seed=int(header["seed"]),
        limits=_limits(options["limits"]),
        files={name: path for name, (_, path) in files.items()},
        expectations=read_expectations(Path(known)) if known else no_expectations,
        expectations_file=known,
    )


def _limits(given: Mapping[str, str]) -> Limits:
    kinds = {name: type(value) for name, value in vars(Limits()).items()}
    return Limits(**{name: kinds[name](value) for name, value in given.items()})
