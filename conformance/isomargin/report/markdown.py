"""A run as Markdown, for a pull request or a wiki."""

from collections.abc import Iterable, Iterator, Mapping

from isomargin.judge import STATUSES
from isomargin.report.screen import Screen, plain
from isomargin.report.summary import Failure, Summary

__all__ = ["markdown_lines"]

_SPECIAL = "\\`*_{}[]<>()#+!|~"


def markdown_lines(summary: Summary, _: Screen) -> Iterator[str]:
    """Yield the report of a run as lines of Markdown."""
    yield f"# {_safe(summary.subject_line)}: {_safe(summary.sentence)}"
    yield ""
    judged = ", ".join(map(_code, summary.profiles))
    yield f"Judged by {judged} with {_safe(summary.suite)}."
    yield ""
    yield from _table(summary)
    if summary.failures:
        yield from ("", "## Failures")
    for failure in summary.failures:
        yield from _failure(failure)
    yield from _counted("Not supported", summary.gaps)
    yield from _counted("Skipped", summary.skips)


def _table(summary: Summary) -> Iterator[str]:
    yield _row(("Rules on", *STATUSES))
    yield _row(("---", *("---:" for _ in STATUSES)))
    for family, counts in (*summary.families.items(), ("all cases", summary.counts)):
        yield _row((_safe(family), *(str(counts[status]) for status in STATUSES)))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _failure(failure: Failure) -> Iterator[str]:
    kind = f", {failure.kind}" if failure.kind else ""
    yield from ("", f"### {_safe(failure.id)} ({_safe(failure.status + kind)})", "")
    yield _safe(failure.detail)
    yield ""
    yield f"Rules: {', '.join(map(_code, failure.rules))}"
    yield ""
    yield from (f"    {plain(command)}" for command in failure.commands)


def _counted(heading: str, reasons: Mapping[str, int]) -> Iterator[str]:
    if reasons:
        yield from ("", f"## {heading}", "")
    yield from (f"- {_safe(reason)}: {count}" for reason, count in reasons.items())


def _safe(text: str) -> str:
    """Return text that Markdown and HTML show as it is."""
    return "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in plain(text))


def _code(text: str) -> str:
    return f"`{plain(text).replace('`', chr(39))}`"
