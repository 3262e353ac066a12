"""A run as Markdown, for a pull request or a wiki.

What an engine said stands in code, where it is no tag, no link, and calls nobody.
"""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from isomargin.report.safe import code_span
from isomargin.report.screen import Screen, plain
from isomargin.report.summary import Failure, Summary
from isomargin.report.value import value_text

__all__ = ["code", "heading", "markdown_lines", "row"]

_MOST_FAILURES = 50
"""A comment on a pull request holds no more."""


def markdown_lines(summary: Summary, _: Screen) -> Iterator[str]:
    """Yield the report of a run as lines of Markdown."""
    yield f"# {code(summary.subject_line)}: {plain(summary.verdict)}"
    yield ""
    yield code(summary.sentence)
    yield ""
    judged = ", ".join(map(code, summary.profiles))
    yield f"Judged by {judged} with {code(summary.suite)}."
    yield ""
    yield from _table(summary)
    yield from _failures("Failures", summary.failures)
    yield from _failures("Known failures", summary.known)
    for title, details in (
        ("Not supported", summary.gaps),
        ("Skipped", summary.skips),
        ("Not judged", summary.unjudged),
    ):
        if details:
            yield from ("", f"## {title}", "")
            yield from (f"- {code(one)}: {count}" for one, count in details.items())


def code(text: object) -> str:
    """Return text as code, on one line."""
    return code_span(plain(text))


def heading(title: str, count: int) -> Iterator[str]:
    """Yield a heading of the second level with a count."""
    yield from ("", f"## {title} ({count})", "")


def row(cells: Iterable[object]) -> str:
    """Return a row of a table; what is no word of ours is code."""
    return f"| {' | '.join(map(str, cells))} |"


def _table(summary: Summary) -> Iterator[str]:
    yield row(("Rules on", *summary.statuses))
    yield row(("---", *("---:" for _ in summary.statuses)))
    for family, counts in (*summary.families.items(), ("all cases", summary.counts)):
        name = code_span(plain(family), in_table=True)
        yield row((name, *(counts[status] for status in summary.statuses)))


def _failures(title: str, failures: tuple[Failure, ...]) -> Iterator[str]:
    if not failures:
        return
    yield from heading(title, len(failures))
    for failure in failures[:_MOST_FAILURES]:
        yield from _failure(failure)
    more = len(failures) - _MOST_FAILURES
    if more > 0:
        yield f"{more} more are in the log."


def _failure(failure: Failure) -> Iterator[str]:
    kind = f", {failure.kind}" if failure.kind else ""
    name = escape(plain(failure.id))
    said = escape(plain(failure.status + kind))
    yield f"<details><summary><code>{name}</code> <code>{said}</code></summary>"
    yield from ("", code(failure.detail), "")
    if failure.findings:
        yield from _compared(failure.findings)
        yield ""
    yield f"Rules: {', '.join(map(code, failure.rules))}"
    yield from ("", "```sh", *map(plain, failure.commands), "```", "", "</details>")


def _compared(findings: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield row(("Step", "What", "Expected", "Actual", "Grade"))
    yield row(("---:", "---", "---", "---", "---"))
    for one in findings:
        step = "" if one["step"] is None else one["step"] + 1
        figures = (value_text(one[side]) for side in ("expected", "actual"))
        cells = map(plain, (one["path"], *figures, one["grade"]))
        yield row((step, *(code_span(cell, in_table=True) for cell in cells)))
