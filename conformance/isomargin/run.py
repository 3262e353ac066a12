"""A run: cases are chosen, asked of a subject, judged, and written down.

The result is a log, in a file or not: a header, a line for each case in the order
of the rulebook, and a footer. Every report is made from it. A run cut short is gone on
with from its log: the cases it holds are not asked again.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from isomargin import __version__, drive
from isomargin.asking import Judging, answered
from isomargin.drive import Fault, Subject
from isomargin.errors import LogUnverifiable
from isomargin.expectations import stale
from isomargin.gate import conclusion, known_failure
from isomargin.judge import STATUSES, Gap, Verdict
from isomargin.log import FORMAT, LogFile, RunLog, resume
from isomargin.plan import Plan, check_plan, header, selected
from isomargin.rulebook.model import Case, Rulebook

__all__ = ["carried_out", "gone_on_with"]

_ASKED_TWICE = 8

Watch = Callable[[Mapping[str, int], int], None]


@dataclass(frozen=True)
class _Begun:
    """A log that lines are added to: its header, its lines, its file if any."""

    header: Mapping[str, Any]
    lines: list[Mapping[str, Any]]
    kept: RunLog | None


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

    def begun(head: Mapping[str, Any]) -> _Begun:
        kept = RunLog.create(log, head) if log else None
        return _Begun({"t": "header", "format": FORMAT, **head}, [], kept)

    return _run(plan, begun, watch)


def gone_on_with(
    plan: Plan, *, log: Path, watch: Watch = lambda _, __: None
) -> LogFile:
    """Carry the rest of a run out that was cut short, and return its whole log.

    Args:
        plan: what the run was to be; see `isomargin.resume`.
        log: the file that holds the first part and will hold all of it.
        watch: called after each case with the counts so far and the number of cases.

    Raises:
        LogUnverifiable: the log is not as it was written, or the rulebook, the cases,
            the adapter or the engine are not what they were.
        IsomarginError: as `carried_out`.
    """

    def begun(head: Mapping[str, Any]) -> _Begun:
        kept, found = resume(log)
        try:
            _check_same(found.header, head, log)
        except LogUnverifiable:
            kept.close()
            raise
        return _Begun(found.header, list(found.cases), kept)

    return _run(plan, begun, watch)


def _check_same(before: Mapping[str, Any], now: Mapping[str, Any], log: Path) -> None:
    # A log holds what JSON makes of it.
    for name, value in json.loads(json.dumps(now)).items():
        if name != "started" and before.get(name) != value:
            what = f"the run was begun with another {_SAID.get(name, name)}"
            raise LogUnverifiable(what, f"{log}:1", "start a new run")


_SAID = {
    "cases": "set of cases",
    "subject": "engine (it introduces itself otherwise)",
    "expectations": "file of expectations",
    "selected": "set of cases",
}


def _run(
    plan: Plan, begin: Callable[[Mapping[str, Any]], _Begun], watch: Watch
) -> LogFile:
    check_plan(plan)
    with drive.open_subjects(
        plan.command, suite_version=__version__, jobs=plan.jobs, limits=plan.limits
    ) as subjects:
        introduction = subjects[0].ready
        cases = selected(plan, introduction)
        begun = begin(header(plan, introduction, cases))
        with begun.kept or nullcontext():
            return _recorded(plan, subjects, cases, begun, watch)


def _recorded(
    plan: Plan,
    subjects: Sequence[Subject],
    cases: Sequence[Case],
    begun: _Begun,
    watch: Watch,
) -> LogFile:
    """Ask and judge every case, and write each down as soon as it is judged."""
    start = time.monotonic()
    judging = Judging(plan.rulebook, subjects[0].ready)
    counts = dict.fromkeys(STATUSES, 0) | Counter(one["status"] for one in begun.lines)
    done = {line["id"] for line in begun.lines}
    left = [case for case in cases if case.id not in done]
    families = _families(plan.rulebook)
    for case, outcome in answered(subjects, left, judging):
        verdict = judging.verdict(case, outcome)
        counts[verdict.status] += 1
        line = _line(case, verdict, plan, families)
        line.update(_broken_down(subjects))
        begun.lines.append(line)
        if begun.kept:
            begun.kept.append(line)
        watch(counts, len(cases))
    footer = _footer(plan, subjects, judging, begun.lines, counts)
    footer["seconds"] = f"{time.monotonic() - start:.1f}"
    if begun.kept:
        begun.kept.close(footer)
    return LogFile(begun.header, tuple(begun.lines), footer)


def _line(
    case: Case,
    verdict: Verdict,
    plan: Plan,
    families: Callable[[tuple[str, ...]], Sequence[str]],
) -> dict[str, Any]:
    """Return what the log keeps of a case; of laws, those that were broken."""
    return {
        "id": case.id,
        "profile": case.profile,
        "families": list(families(case.rules)),
        "status": verdict.status,
        "kind": verdict.kind,
        "detail": verdict.detail,
        "about": list(case.rules),
        "executed": list(verdict.rules),
        # Every case has several, and a literal is made in half the time of `_asdict`.
        "findings": [
            {
                "step": step,
                "path": path,
                "expected": expected,
                "actual": actual,
                "grade": grade,
                "note": note,
            }
            for step, path, expected, actual, grade, note in verdict.findings
        ],
        "broken": [
            {
                "rule": law.rule,
                "step": law.step,
                "figures": dict(law.figures),
            }
            for law in verdict.laws
            if law.held is False
        ],
        "edition": asdict(verdict.edition) if verdict.edition else None,
        "known": known_failure(plan, case.id, case.profile, verdict.status),
        "issue": verdict.issue,
        "where": case.where,
        "file": plan.files.get(case.id),
    }


def _families(rulebook: Rulebook) -> Callable[[tuple[str, ...]], Sequence[str]]:
    """Return what tells the families of rules, each once; few groups of rules recur."""
    family = {name: rule.family for name, rule in rulebook.rules.items()}

    @cache
    def families(rules: tuple[str, ...]) -> Sequence[str]:
        return tuple(dict.fromkeys(family[one] for one in rules if one in family))

    return families


def _footer(
    plan: Plan,
    subjects: Sequence[Subject],
    judging: Judging,
    lines: Sequence[Mapping[str, Any]],
    counts: Mapping[str, int],
) -> dict[str, Any]:
    aborted = next((one.aborted for one in subjects if one.aborted), None)
    unstable = [] if aborted else _unstable(plan, subjects[0], judging, lines)
    # Those of the first part of a run that was cut short stand in its lines.
    told = [*lines, _broken_down(subjects)]
    breakdowns = [each for one in told for each in one.get("breakdowns", ())]
    known = sum(line["known"] is not None for line in lines)
    no_more = stale(
        plan.expectations.entries, lines=lines, cases=plan.selectable, today=plan.today
    )
    verdict, code = conclusion(
        counts,
        unusable=aborted is not None,
        known=known,
        unstable=unstable,
        breakdowns=breakdowns,
        stale=no_more,
    )
    return {
        "counts": dict(counts),
        "known": known,
        "verdict": verdict,
        "exit_code": code,
        "aborted": str(aborted) if aborted else None,
        "unstable": unstable,
        "breakdowns": breakdowns,
        "stale": no_more,
    }


def _broken_down(subjects: Sequence[Subject]) -> dict[str, list[dict[str, str]]]:
    """Return what to tell of breakdowns not told before; nothing where there are none.

    They are told in the next line, so that a run cut short does not lose them.
    """
    broken = [one for one in subjects if one.unexplained]
    faults = [fault for one in broken for fault in one.newly_unexplained()]
    return {"breakdowns": [_told(fault) for fault in faults]} if faults else {}


def _told(fault: Fault) -> dict[str, str]:
    return {"kind": fault.kind, "detail": str(fault)}


def _unstable(
    plan: Plan,
    subject: Subject,
    judging: Judging,
    lines: Sequence[Mapping[str, Any]],
) -> list[str]:
    """Ask a few cases twice more; return those answered differently each time.

    What is known to be flaky is not asked.
    """
    judged = {line["id"] for line in lines if line["status"] in {"passed", "failed"}}
    cases = [case for case in plan.cases if case.id in judged]
    if plan.expectations.entries:
        flaky = plan.expectations.is_flaky
        cases = [case for case in cases if not flaky(case.id, case.profile)]
    chooser = random.Random(plan.seed)  # noqa: S311 - a sample, not a secret
    sample = chooser.sample(cases, min(_ASKED_TWICE, len(cases)))
    asked = [judging.question(case) for case in sample]
    questions = [one for one in asked if not isinstance(one, Gap)]
    return sorted(one.id for one, _ in drive.probe_determinism(subject, questions))
