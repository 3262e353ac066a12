"""What a run came to, taken from its log alone."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isomargin.errors import LogUnverifiable
from isomargin.judge import STATUSES
from isomargin.log import LogFile

__all__ = ["Failure", "Summary", "exit_code_of", "summary_data", "summary_of"]

_WRONG = frozenset({"failed", "errored"})
_NOT_WRONG = frozenset({"exact", "rounded", "float", "not judged"})
_INCOMPLETE = "incomplete"
_STALE = "stale expectations"
_UNJUDGED = "unjudged"
_CUT_SHORT: Mapping[str, Any] = {
    "verdict": _INCOMPLETE,
    "exit_code": LogUnverifiable.exit_code,
}


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A case that failed, or broke the subject.

    Attributes:
        id: the case.
        status: failed or errored.
        kind: value, outcome, reason, event, law; crash, timeout, protocol, …
        detail: the first thing wrong, in a sentence.
        rules: ids of the rules at fault: the laws broken, or those the case is for.
        commands: what to run to see the case explained, and to ask it again alone.
        findings: the expected values that were not met.
        where: the case's file and line.
    """

    id: str
    status: str
    kind: str
    detail: str
    rules: tuple[str, ...]
    commands: tuple[str, ...]
    findings: tuple[Mapping[str, Any], ...]
    where: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a run came to.

    Attributes:
        suite: the suite and its version.
        subject: how the subject introduced itself.
        command: the subject as it was named.
        profiles: the profiles it was judged by.
        counts: status to number of cases.
        families: family of rules to status to number of cases; a case counts in
            every family that it is for.
        gaps: what was not looked at, and in how many cases.
        skips: why the adapter would not run a case, and in how many cases.
        unjudged: of which choice a profile says nothing, and in how many cases.
        failures: the cases that failed or broke the subject, and are not known to.
        known: the known failures that failed, likewise.
        stale: the expectations that no longer hold, and what to do about each.
        unstable: the cases answered differently when asked again.
        breakdowns: the breakdowns that no case is guilty of, as none did it again.
        aborted: why the subject was given up; None when it was not.
        verdict: conformant, nonconformant, known failures, stale expectations,
            unusable, nothing passed, incomplete.
        exit_code: the exit code of the run.
        seconds: how long it took; None for a run cut short.
    """

    suite: str
    subject: Mapping[str, Any]
    command: str
    profiles: tuple[str, ...]
    counts: Mapping[str, int]
    families: Mapping[str, Mapping[str, int]]
    gaps: Mapping[str, int]
    skips: Mapping[str, int]
    unjudged: Mapping[str, int]
    failures: tuple[Failure, ...]
    known: tuple[Failure, ...]
    stale: tuple[str, ...]
    unstable: tuple[str, ...]
    breakdowns: tuple[str, ...]
    aborted: str | None
    verdict: str
    exit_code: int
    seconds: str | None

    @property
    def subject_line(self) -> str:
        """The subject's name, version and language."""
        language = self.subject.get("language")
        named = f"{self.subject['name']} {self.subject['version']}"
        return f"{named} ({language})" if language else named

    @property
    def sentence(self) -> str:
        """The verdict in a sentence."""
        numbers = {**self.counts, "known": len(self.known)}
        text: str = _SENTENCES[self.verdict].format(**numbers)
        if self.verdict == "conformant":
            text = ", ".join((text, *self._beyond_scope()))
        if self.breakdowns:
            text = f"{text}; broke down, and not again: {', '.join(self.breakdowns)}"
        if self.unstable:
            return f"{text}; other answers when asked again: {', '.join(self.unstable)}"
        if self.verdict == _STALE:
            return f"{text}: {'; '.join(self.stale)}"
        return f"{text}: {self.aborted}" if self.aborted else text

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses to show: how many were not judged only where some were."""
        return tuple(one for one in STATUSES if one != _UNJUDGED or self.unjudged)

    def _beyond_scope(self) -> Iterator[str]:
        """Yield how many cases the claim of conformance leaves out, and why."""
        for status, said in (("unsupported", "unsupported"), (_UNJUDGED, "not judged")):
            if self.counts.get(status):
                yield f"{self.counts[status]} {said}"


_SENTENCES = {
    "conformant": "conformant as scoped: {passed} passed",
    "nonconformant": (
        "nonconformant: {failed} failed, {errored} errored, {passed} passed"
    ),
    "known failures": "nothing new failed: {known} known to fail, {passed} passed",
    _STALE: "stale expectations",
    "nothing passed": "not conformant: no case passed, so nothing was shown",
    "unusable": "the subject could not be used to the end",
    _INCOMPLETE: "incomplete: the run was cut short",
}


def summary_of(log: LogFile) -> Summary:
    """Return what a run came to."""
    footer = log.footer or _CUT_SHORT
    counted = Counter(case["status"] for case in log.cases)
    return Summary(
        suite=log.header["suite"],
        subject=log.header["subject"],
        command=log.header["command"],
        profiles=tuple(log.header["profiles"]),
        counts={status: counted[status] for status in STATUSES},
        families=_families(log.cases),
        gaps=_details(log.cases, "unsupported"),
        skips=_details(log.cases, "skipped"),
        unjudged=_details(log.cases, "unjudged"),
        failures=_failures(log, known=False),
        known=_failures(log, known=True),
        stale=tuple(footer.get("stale", ())),
        unstable=tuple(footer.get("unstable", ())),
        breakdowns=_distinct(footer.get("breakdowns", ())),
        aborted=footer.get("aborted"),
        verdict=footer["verdict"],
        exit_code=footer["exit_code"],
        seconds=footer.get("seconds"),
    )


def exit_code_of(log: LogFile) -> int:
    """Return the exit code of a run; 6 when it was cut short."""
    return int((log.footer or _CUT_SHORT)["exit_code"])


def summary_data(summary: Summary) -> dict[str, Any]:
    """Return a summary as JSON data."""
    return {
        **vars(summary),
        "sentence": summary.sentence,
        "failures": [vars(failure) for failure in summary.failures],
        "known": [vars(failure) for failure in summary.known],
    }


def _distinct(breakdowns: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one["detail"] for one in breakdowns))


def _families(cases: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        for family in case["families"]:
            found[family][case["status"]] += 1
    return {
        family: {status: found[family][status] for status in STATUSES}
        for family in sorted(found)
    }


def _details(cases: Iterable[Mapping[str, Any]], status: str) -> dict[str, int]:
    """Return why cases have a status, the most frequent reason first."""
    found = Counter(
        f"{case['detail']}, see {case['issue']}" if case["issue"] else case["detail"]
        for case in cases
        if case["status"] == status
    )
    return dict(found.most_common())


def _failures(log: LogFile, *, known: bool) -> tuple[Failure, ...]:
    return tuple(
        _failure(case, log.header["command"])
        for case in log.cases
        if case["status"] in _WRONG and (case.get("known") is not None) is known
    )


def _failure(case: Mapping[str, Any], command: str) -> Failure:
    broken = dict.fromkeys(law["rule"] for law in case["broken"])
    return Failure(
        id=case["id"],
        status=case["status"],
        kind=case["kind"],
        detail=case["detail"],
        rules=tuple(broken if case["kind"] == "law" else case["about"]),
        commands=_commands(case, command),
        findings=tuple(
            one for one in case["findings"] if one["grade"] not in _NOT_WRONG
        ),
        where=case["where"],
    )


def _commands(case: Mapping[str, Any], command: str) -> tuple[str, ...]:
    if "again" in case:
        return (case["again"],)
    subject, identity = shlex.quote(command), shlex.quote(case["id"])
    again = f"--subject {subject} -k {identity}"
    if case["file"]:
        return (f"isomargin run {shlex.quote(case['file'])} {again}",)
    return f"isomargin explain {identity}", f"isomargin run {again}"
