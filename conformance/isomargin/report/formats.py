"""The forms that a run is handed on in: files for people, pipelines and services.

Each is a function from the log of a run, and the library that explains it, to the
text of a file.
"""

from collections.abc import Callable, Mapping

from isomargin.errors import UsageError
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
    try:
        from isomargin.report.html import html  # noqa: PLC0415 - as said
    except ModuleNotFoundError as error:
        what = f"the page needs {error.name}, which is not installed"
        remedy = "install isomargin[report]"
        raise UsageError(what, "--format html", remedy) from error
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
