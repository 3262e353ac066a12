"""What is to be run: the cases chosen, and the header that a log keeps of it."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from fnmatch import translate
from itertools import chain
from typing import Any

from isomargin import __version__
from isomargin.drive import Command, Introduction, Limits
from isomargin.errors import NothingSelected, RulebookError, UsageError
from isomargin.expectations import Expectations, no_expectations
from isomargin.program_digest import program_digest
from isomargin.rulebook.model import Case, Rulebook

__all__ = [
    "ALL_PROFILES",
    "Plan",
    "check_plan",
    "chosen",
    "digest_of_cases",
    "header",
    "selected",
]

ALL_PROFILES = "all"


def _today() -> date:
    return date.today()  # noqa: DTZ011 - the day where the person is


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be run.

    Attributes:
        rulebook: the rules to judge by.
        cases: the cases to choose from.
        command: how the subject is started.
        profiles: ids of the profiles to judge by; none for those that the subject
            declares, `all` for every case there is.
        pattern: what the ids of cases must match.
        jobs: how many copies of the subject are asked at once.
        seed: chooses the cases that are asked twice.
        limits: the patience.
        files: case id to file, for cases that are not the rulebook's own.
        expectations: the known failures.
        expectations_file: the file they stand in; None where there is none.
        today: the day by which they expire.
    """

    rulebook: Rulebook
    cases: Sequence[Case]
    command: Command
    profiles: tuple[str, ...] = ()
    pattern: str = "*"
    jobs: int = 1
    seed: int = 0
    limits: Limits = field(default_factory=Limits)
    files: Mapping[str, str] = field(default_factory=dict)
    expectations: Expectations = no_expectations
    expectations_file: str | None = None
    today: date = field(default_factory=_today)

    @property
    def selectable(self) -> Iterator[tuple[str, str]]:
        """Yield id and profile of every case that another selection could name."""
        for case in chain(self.cases, self.rulebook.cases.values()):
            yield case.id, case.profile


def check_plan(plan: Plan) -> None:
    """Refuse a plan that cannot be carried out.

    Raises:
        UsageError: a profile is not in the rulebook.
        RulebookError: two cases have one id.
    """
    known = (*plan.rulebook.profiles, ALL_PROFILES)
    for profile in plan.profiles:
        if profile not in known:
            what = f"there is no profile {profile!r}"
            raise UsageError(what, "--profile", f"use one of {', '.join(known)}")
    seen: set[str] = set()
    for case in plan.cases:
        if case.id in seen:
            raise RulebookError(f"duplicate id {case.id!r}", case.where)
        seen.add(case.id)


def selected(plan: Plan, introduction: Introduction) -> list[Case]:
    """Return the cases that a subject is judged by.

    Raises:
        NothingSelected: there is none.
    """
    return chosen(plan, plan.profiles or introduction.profiles)


def chosen(plan: Plan, profiles: Sequence[str]) -> list[Case]:
    """Return the cases of some profiles, or of "any" or `all`, that match the pattern.

    Raises:
        NothingSelected: there is none.
    """
    if not profiles:
        what = "the engine declares no profile"
        raise NothingSelected(what, None, "name the ones to judge it by with --profile")
    every = profiles == "any" or ALL_PROFILES in profiles
    matches = re.compile(translate(plan.pattern)).match
    cases = [
        case
        for case in plan.cases
        if matches(case.id) and (every or case.profile in profiles)
    ]
    if not cases:
        of = "" if every else f" of {', '.join(profiles)}"
        what = f"no case{of} matches {plan.pattern!r}"
        raise NothingSelected(what, None, "see: isomargin list cases")
    return cases


def header(
    plan: Plan, introduction: Introduction, cases: Sequence[Case]
) -> dict[str, Any]:
    """Return the header of a run's log; with it the run can be verified and resumed."""
    return {
        "suite": f"isomargin/{__version__}",
        "rulebook": plan.rulebook.digest,
        "cases": digest_of_cases(cases),
        "adapter": program_digest(plan.command),
        "expectations": plan.expectations.digest,
        "subject": asdict(introduction),
        "command": plan.command.given,
        "profiles": list(dict.fromkeys(case.profile for case in cases)),
        "selected": len(cases),
        "options": _options(plan),
        "seed": plan.seed,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _options(plan: Plan) -> dict[str, Any]:
    """Return what chose the cases and bounded the run; `jobs` changes no verdict."""
    return {
        "profiles": list(plan.profiles),
        "pattern": plan.pattern,
        "files": list(dict.fromkeys(plan.files.values())),
        "expectations": plan.expectations_file,
        "limits": {name: str(value) for name, value in asdict(plan.limits).items()},
    }


def digest_of_cases(cases: Iterable[Case]) -> str:
    """Return a digest of what is asked and expected."""
    digest = hashlib.sha256(b"".join(case.digest for case in cases))
    return f"sha256:{digest.hexdigest()}"
