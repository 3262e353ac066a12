"""The forms a report of a run comes in.

A report is a projection of a log: a function from its summary to lines, in the table
`FORMS`. A further form is one more function.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from isomargin.log import LogFile
from isomargin.report.screen import Screen
from isomargin.report.summary import Summary, exit_code_of, summary_data, summary_of
from isomargin.report.terminal import terminal_lines

__all__ = ["FORMS", "exit_code_of", "report_lines"]


def _json_lines(summary: Summary, _: Screen) -> Iterator[str]:
    yield json.dumps(summary_data(summary), ensure_ascii=False, indent=2)


def _markdown_lines(summary: Summary, screen: Screen) -> Iterable[str]:
    # HTML's names of characters are slow to import.
    from isomargin.report.markdown import markdown_lines  # noqa: PLC0415

    return markdown_lines(summary, screen)


FORMS: Mapping[str, Callable[[Summary, Screen], Iterable[str]]] = {
    "terminal": terminal_lines,
    "json": _json_lines,
    "markdown": _markdown_lines,
}
"""Form to the function that writes it."""


def report_lines(log: LogFile, form: str, screen: Screen) -> Iterable[str]:
    """Return a run as lines in one of the forms."""
    return FORMS[form](summary_of(log), screen)
