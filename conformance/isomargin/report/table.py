"""Rows in columns, no wider than the screen."""

from collections.abc import Sequence
from textwrap import wrap

from isomargin.report.screen import Screen, plain

__all__ = ["paragraph", "table"]

_GAP = 2
_LEAST_LAST = 20


def table(
    rows: Sequence[Sequence[object]],
    screen: Screen,
    *,
    headings: Sequence[str] = (),
    numbers: Sequence[int] = (),
) -> list[str]:
    """Return rows as lines; what is too wide in the last column is wrapped.

    Args:
        rows: cells; each is shown on one line of its own column.
        screen: where it is shown.
        headings: a first row, painted.
        numbers: indexes of columns that stand to the right.
    """
    cells = [[plain(cell) for cell in row] for row in rows]
    every = [list(headings), *cells] if headings else cells
    if not every:
        return []
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    start = sum(widths[:-1]) + _GAP * (len(widths) - 1)
    widths[-1] = min(widths[-1], max(screen.width - start, _LEAST_LAST))
    lines = [line for row in every for line in _row(row, widths, numbers, start)]
    if headings:
        lines[0] = screen.painted(lines[0], "strong")
    return lines


def paragraph(text: str, screen: Screen, *, indent: str = "") -> list[str]:
    """Return a text as lines that fit, a blank line between its paragraphs."""
    lines: list[str] = []
    for part in text.strip().split("\n\n"):
        words = " ".join(plain(line) for line in part.split("\n"))
        wrapped = wrap(
            words,
            screen.width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
        lines += ["", *wrapped] if lines else wrapped
    return lines


def _row(
    row: Sequence[str], widths: Sequence[int], numbers: Sequence[int], start: int
) -> list[str]:
    pieces = wrap(
        row[-1], widths[-1], break_on_hyphens=False, break_long_words=False
    ) or [""]
    last = len(row) - 1
    if last in numbers:
        pieces = [piece.rjust(widths[-1]) for piece in pieces]
    head = [
        cell.rjust(width) if index in numbers else cell.ljust(width)
        for index, (cell, width) in enumerate(zip(row[:-1], widths, strict=False))
    ]
    first = (" " * _GAP).join([*head, pieces[0]]).rstrip()
    return [first, *(" " * start + piece for piece in pieces[1:])]
