"""A run: cases are chosen, asked of a subject, judged, and written down.

The result is a log, in a file or not: a header, a line for each case in the order
of the rulebook, and a footer. Every report is made from it.
"""

import hashlib
import json
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from isomargin import __version__, drive
from isomargin.derive import parameters_of
from isomargin.drive import Command, Introduction, Limits, Outcome, Subject
from isomargin.errors import NothingSelected, RulebookError, UsageError
from isomargin.formulas.world import Rules
from isomargin.judge import STATUSES, Gap, Verdict, judge, question
from isomargin.log import FORMAT, LogFile, RunLog
from isomargin.rulebook.model import Case, Rulebook

__all__ = ["ALL_PROFILES", "Plan", "carried_out", "conclusion"]

ALL_PROFILES = "all"

_ASKED_TWICE = 8

Watch = Callable[[Counter[str], int], None]


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


def carried_out(
    plan: Plan, *, log: Path | None = None, watch: Watch = lambda _, __: None
) -> LogFile:
    """Carry a run out and return its log.

    Args:
        plan: what is to be run.
        log: the file that keeps the log.
        watch: called after each case with the counts so far and the number of cases.

    Raises:
        UsageError: a profile is not in the rulebook, or the log cannot be written.
        SubjectUnusable: the subject cannot be started.
        RulebookError: a case is wrong.
        NothingSelected: no case is left.
    """
    _check(plan)
    with drive.open_subjects(
        plan.command, suite_version=__version__, jobs=plan.jobs, limits=plan.limits
    ) as subjects:
        introduction = subjects[0].ready
        cases = _selected(plan, introduction)
        header = _header(plan, introduction, cases)
        kept = RunLog.create(log, header) if log else None
        with kept or nullcontext():
            return _recorded(
                plan, subjects, cases, header=header, kept=kept, watch=watch
            )


def conclusion(counts: Mapping[str, int], *, unusable: bool) -> tuple[str, int]:
    """Return the verdict of a run and its exit code.

    A case that the subject does not support takes nothing from its conformance, but
    a subject of which nothing was seen to pass is not called conformant.

    Args:
        counts: status to number of cases.
        unusable: the subject was given up before the end.
    """
    if unusable:
        return "unusable", 3
    if counts.get("failed") or counts.get("errored"):
        return "nonconformant", 1
    return ("conformant", 0) if counts.get("passed") else ("nothing passed", 7)


def _check(plan: Plan) -> None:
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


def _selected(plan: Plan, introduction: Introduction) -> list[Case]:
    profiles = plan.profiles or introduction.profiles
    every = profiles == "any" or ALL_PROFILES in profiles
    cases = [
        case
        for case in plan.cases
        if fnmatchcase(case.id, plan.pattern) and (every or case.profile in profiles)
    ]
    if not cases:
        of = "" if every else f" of {', '.join(profiles)}"
        what = f"no case{of} matches {plan.pattern!r}"
        raise NothingSelected(what, None, "see: isomargin list cases")
    return cases


def _header(
    plan: Plan, introduction: Introduction, cases: Sequence[Case]
) -> dict[str, Any]:
    return {
        "suite": f"isomargin/{__version__}",
        "rulebook": plan.rulebook.digest,
        "cases": _digest(cases),
        "subject": asdict(introduction),
        "command": plan.command.given,
        "profiles": list(dict.fromkeys(case.profile for case in cases)),
        "selected": len(cases),
        "seed": plan.seed,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _digest(cases: Iterable[Case]) -> str:
    """Return a digest of what is asked and expected."""
    digest = hashlib.sha256()
    for case in cases:
        content = (case.id, case.profile, case.overrides, case.rules, case.core)
        digest.update(json.dumps(content, sort_keys=True).encode() + b"\n")
    return f"sha256:{digest.hexdigest()}"


def _recorded(
    plan: Plan,
    subjects: Sequence[Subject],
    cases: Sequence[Case],
    *,
    header: Mapping[str, Any],
    kept: RunLog | None,
    watch: Watch,
) -> LogFile:
    """Ask and judge every case, and write each down as soon as it is judged."""
    begun = time.monotonic()
    judging = _Judging(plan.rulebook, subjects[0].ready)
    counts: Counter[str] = Counter(dict.fromkeys(STATUSES, 0))
    lines: list[Mapping[str, Any]] = []
    for case, outcome in _answered(subjects, cases, judging):
        verdict = judging.verdict(case, outcome)
        counts[verdict.status] += 1
        lines.append(_line(case, verdict, plan))
        if kept:
            kept.append(lines[-1])
        watch(counts, len(cases))
    footer = _footer(plan, subjects, judging, lines, counts)
    footer["seconds"] = f"{time.monotonic() - begun:.1f}"
    if kept:
        kept.close(footer)
    return LogFile({"t": "header", "format": FORMAT, **header}, tuple(lines), footer)


class _Judging:
    """Asks and judges by one rulebook, what one subject declares in mind."""

    def __init__(self, rulebook: Rulebook, introduction: Introduction) -> None:
        self.rules = Rules(rulebook)
        self.introduction = introduction

    def question(self, case: Case) -> Mapping[str, Any] | Gap:
        # Named first: an unknown profile is the case's fault, with its line.
        parameters_of(case, self.rules)
        return question(case, self.introduction, self._parameters(case))

    def verdict(self, case: Case, outcome: Outcome | Gap) -> Verdict:
        parameters = self._parameters(case)
        return judge(case, outcome, self.introduction, self.rules, parameters)

    def _parameters(self, case: Case) -> Mapping[str, Any]:
        return self.rules.rulebook.profiles[case.profile].parameters


def _answered(
    subjects: Sequence[Subject], cases: Iterable[Case], judging: _Judging
) -> Iterator[tuple[Case, Outcome | Gap]]:
    """Yield every case with what came of it, in order; gaps are not asked."""
    waiting: deque[tuple[Case, Gap | None]] = deque()

    def questions() -> Iterator[drive.Question]:
        for case in cases:
            asked = judging.question(case)
            if isinstance(asked, Gap):
                waiting.append((case, asked))
            else:
                waiting.append((case, None))
                yield drive.Question(case.id, asked)

    for _, outcome in drive.ask_all(subjects, questions()):
        yield from _gaps(waiting)
        yield waiting.popleft()[0], outcome
    yield from _gaps(waiting)


def _gaps(
    waiting: deque[tuple[Case, Gap | None]],
) -> Iterator[tuple[Case, Gap]]:
    """Yield the cases at the head that were not asked."""
    while waiting:
        case, gap = waiting[0]
        if gap is None:
            return
        waiting.popleft()
        yield case, gap


def _line(case: Case, verdict: Verdict, plan: Plan) -> dict[str, Any]:
    """Return what the log keeps of a case; of laws, those that were broken."""
    rules = plan.rulebook.rules
    families = [rules[rule].family for rule in case.rules if rule in rules]
    return {
        "id": case.id,
        "profile": case.profile,
        "families": list(dict.fromkeys(families)),
        "status": verdict.status,
        "kind": verdict.kind,
        "detail": verdict.detail,
        "about": list(case.rules),
        "executed": list(verdict.rules),
        "findings": [asdict(finding) for finding in verdict.findings],
        "broken": [
            {
                "rule": law.rule,
                "step": law.step,
                "figures": dict(law.figures),
            }
            for law in verdict.laws
            if law.held is False
        ],
        "issue": verdict.issue,
        "where": case.where,
        "file": plan.files.get(case.id),
    }


def _footer(
    plan: Plan,
    subjects: Sequence[Subject],
    judging: _Judging,
    lines: Sequence[Mapping[str, Any]],
    counts: Mapping[str, int],
) -> dict[str, Any]:
    aborted = next((one.aborted for one in subjects if one.aborted), None)
    verdict, code = conclusion(counts, unusable=aborted is not None)
    unstable = [] if aborted else _unstable(plan, subjects[0], judging, lines)
    if unstable:
        verdict, code = "nonconformant", 1
    return {
        "counts": dict(counts),
        "verdict": verdict,
        "exit_code": code,
        "aborted": str(aborted) if aborted else None,
        "unstable": unstable,
    }


def _unstable(
    plan: Plan,
    subject: Subject,
    judging: _Judging,
    lines: Sequence[Mapping[str, Any]],
) -> list[str]:
    """Ask a few cases twice more; return those answered differently each time."""
    answered = {line["id"] for line in lines if line["status"] in {"passed", "failed"}}
    cases = [case for case in plan.cases if case.id in answered]
    chooser = random.Random(plan.seed)  # noqa: S311 - a sample, not a secret
    sample = chooser.sample(cases, min(_ASKED_TWICE, len(cases)))
    asked = [(case.id, judging.question(case)) for case in sample]
    questions = [
        drive.Question(name, message)
        for name, message in asked
        if not isinstance(message, Gap)
    ]
    return sorted(one.id for one, _ in drive.probe_determinism(subject, questions))
