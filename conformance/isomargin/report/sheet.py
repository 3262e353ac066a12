"""A run as CSV, a row a case, for a spreadsheet."""

import csv
from io import StringIO

from isomargin.log import LogFile
from isomargin.report.library import Library
from isomargin.report.safe import cleaned, spreadsheet_cell

__all__ = ["sheet"]

_COLUMNS = ("id", "profile", "status", "kind", "detail", "about", "where")


def sheet(log: LogFile, _: Library) -> str:
    """Return a run as CSV; no cell of it is a formula.

    Args:
        log: the log of the run.
    """
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for line in cleaned(log).cases:
        cells = {**line, "about": " ".join(line["about"])}
        writer.writerow([spreadsheet_cell(str(cells[name])) for name in _COLUMNS])
    return out.getvalue()
