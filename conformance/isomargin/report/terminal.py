"""A run for somebody who looks at a terminal."""

from collections.abc import Iterator, Mapping

from isomargin.report.screen import Screen, plain
from isomargin.report.summary import Failure, Summary
from isomargin.report.table import paragraph, table

__all__ = ["terminal_lines"]

_PAINTS = {"conformant": "good", "incomplete": "doubtful"}
_REASONS_SHOWN = 6


def terminal_lines(summary: Summary, screen: Screen) -> Iterator[str]:
    """Yield the report of a run, the verdict last."""
    head = f"{summary.subject_line} judged by {', '.join(summary.profiles)}"
    yield from (screen.painted(line, "strong") for line in paragraph(head, screen))
    yield ""
    yield from table(
        _rows(summary),
        screen,
        headings=("RULES ON", *(status.upper() for status in summary.statuses)),
        numbers=range(1, len(summary.statuses) + 1),
    )
    for failure in summary.failures:
        yield ""
        yield from _failure(failure, screen)
    yield ""
    yield from _counted("not supported", summary.gaps, screen)
    yield from _counted("skipped", summary.skips, screen)
    yield from _counted("not judged", summary.unjudged, screen)
    yield from _verdict(summary, screen)


def _rows(summary: Summary) -> list[list[str]]:
    rows = [(name, counts) for name, counts in summary.families.items()]
    rows.append(("all cases", summary.counts))
    return [
        [name, *(str(counts[one] or "–") for one in summary.statuses)]
        for name, counts in rows
    ]


def _failure(failure: Failure, screen: Screen) -> Iterator[str]:
    kind = f" ({failure.kind})" if failure.kind else ""
    status = screen.painted(plain(failure.status), "bad")
    yield f"{status}  {screen.painted(plain(failure.id), 'strong')}{plain(kind)}"
    yield from paragraph(failure.detail, screen, indent="  ")
    rules = f"rules: {', '.join(failure.rules)}"
    yield from (
        screen.painted(line, "quiet") for line in paragraph(rules, screen, indent="  ")
    )
    # A command is never wrapped: it is there to be copied.
    yield from (f"  $ {plain(command)}" for command in failure.commands)


def _counted(heading: str, reasons: Mapping[str, int], screen: Screen) -> Iterator[str]:
    """Yield why cases were not judged, the most frequent reason first."""
    if not reasons:
        return
    named = [f"{reason} ({count})" for reason, count in reasons.items()]
    more = len(named) - _REASONS_SHOWN
    shown = named[:_REASONS_SHOWN] + ([f"{more} more"] if more > 0 else [])
    yield from paragraph(f"{heading}: {', '.join(shown)}", screen)


def _verdict(summary: Summary, screen: Screen) -> Iterator[str]:
    paint = _PAINTS.get(summary.verdict, "bad")
    for line in paragraph(summary.sentence, screen):
        yield screen.painted(line, paint)
