"""The forms that a run is handed on in: files for people, pipelines and services.

Each is a function from the log of a run, and the library that explains it, to the
text of a file.
"""

from collections.abc import Callable, Mapping

from isomargin.log import LogFile
from isomargin.report.badge import badge, shields
from isomargin.report.junit import junit
from isomargin.report.library import Library
from isomargin.report.sarif import sarif
from isomargin.report.sheet import sheet

__all__ = ["FORMATS", "Format"]

Format = Callable[[LogFile, Library], str]


def _html(log: LogFile, library: Library) -> str:
    # Read when it is used: nothing else needs the templates' engine.
    from isomargin.report.html import html  # noqa: PLC0415 - as said

    return html(log, library)


FORMATS: Mapping[str, Format] = {
    "html": _html,
    "junit": junit,
    "sarif": sarif,
    "badge": badge,
    "shields": shields,
    "csv": sheet,
}
"""Form to the function that writes it."""
