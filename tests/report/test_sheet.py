"""CSV: a row a case, and no cell that a spreadsheet would work out."""

import csv
from io import StringIO

from isomargin.log import LogFile
from isomargin.report.library import Library
from isomargin.report.sheet import sheet


def rows(log: LogFile, library: Library) -> list[list[str]]:
    return list(csv.reader(StringIO(sheet(log, library))))


def test_a_case_is_a_row(log: LogFile, library: Library) -> None:
    heading, *cases = rows(log, library)
    assert heading == ["id", "profile", "status", "kind", "detail", "about", "where"]
    assert [case[0] for case in cases] == [case["id"] for case in log.cases]
    assert cases[3][2:5] == [
        "failed",
        "event",
        "step 4 set_mark_price: events is [], expected [liquidation] (off)",
    ]


def test_no_cell_starts_a_formula(attack: LogFile, library: Library) -> None:
    cells = [cell for row in rows(attack, library) for cell in row]
    assert "'=cmd|'/C calc'!A0" in cells
    assert not [cell for cell in cells if cell.strip()[:1] in set("=+-@|%＝＋－＠")]
