"""Text that came from a subject, made harmless wherever a report puts it.

A subject may name itself `<script>`, refuse with `=cmd|…` and print escapes. So a
log is cleaned once, as a whole, before any form is written; what a form has
besides (markup, formulas, references) is dealt with by the function named for it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from isomargin.drive.printable import printable
from isomargin.log import LogFile

__all__ = ["cleaned", "code_span", "spreadsheet_cell", "xml_text"]

_LONGEST = 2000
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
# Signs a spreadsheet takes for the start of a formula, full-width ones included.
_STARTS_FORMULA = re.compile(r"\s*[=+\-@|%＝＋－＠]")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def cleaned(log: LogFile) -> LogFile:
    """Return a log in which every string is printable and of bearable length."""
    footer = None if log.footer is None else _clean(log.footer)
    return LogFile(_clean(log.header), tuple(map(_clean, log.cases)), footer)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        # Nearly all of a log is plain, and a log is long.
        if value.isascii() and value.isprintable() and len(value) <= _LONGEST:
            return value
        return xml_text(printable(value, limit=_LONGEST))
    if isinstance(value, Mapping):
        return {_clean(key): _clean(part) for key, part in value.items()}
    if isinstance(value, Sequence):
        return [_clean(part) for part in value]
    return value


def xml_text(text: str) -> str:
    """Return text with a replacement character for each that XML cannot hold."""
    return _NOT_IN_XML.sub("\ufffd", text)


def spreadsheet_cell(text: str) -> str:
    """Return text that a spreadsheet shows and does not work out.

    A number stays one; anything else that would start a formula is preceded by an
    apostrophe.
    """
    if _NUMBER.fullmatch(text) or not _STARTS_FORMULA.match(text):
        return text
    return f"'{text}"


def code_span(text: str, *, in_table: bool = False) -> str:
    """Return text as Markdown code, in which nothing is a link, mention or tag.

    Args:
        text: one line.
        in_table: it stands in a cell, which a bare `|` would end.
    """
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    inside = text.replace("|", r"\|") if in_table else text
    return f"{fence}{pad}{inside}{pad}{fence}"
