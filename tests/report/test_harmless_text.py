"""Text of a subject, made harmless for each form."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isomargin.log import LogFile
from isomargin.report.safe import cleaned, code_span, spreadsheet_cell, xml_text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"),
        ("  =1+1", "'  =1+1"),
        ("+1+1", "'+1+1"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        ("-12.5", "-12.5"),
        ("1000", "1000"),
        ("step 4: x is 1, expected 2", "step 4: x is 1, expected 2"),
        ("", ""),
    ],
)
def test_a_cell_is_never_a_formula(text: str, cell: str) -> None:
    assert spreadsheet_cell(text) == cell


@given(st.text())
def test_any_text_fits_into_xml(text: str) -> None:
    element = ET.Element("a", {"b": xml_text(text)})
    element.text = xml_text(text)
    read = ET.fromstring(ET.tostring(element, encoding="unicode"))  # noqa: S314 - our own
    # Of line ends XML makes one sort; a reader of it, spaces of those in attributes.
    assert (read.text or "") == xml_text(text).replace("\r\n", "\n").replace("\r", "\n")
    assert len(read.attrib["b"]) > 0 or not text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("plain", "`plain`"),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        ("a```b", "````a```b````"),
        ("", "`  `"),
        ("<b> @team", "`<b> @team`"),
    ],
)
def test_code_is_fenced_by_more_than_it_holds(text: str, code: str) -> None:
    assert code_span(text) == code


def test_code_in_a_table_does_not_end_its_cell() -> None:
    assert code_span("a|b", in_table=True) == r"`a\|b`"


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []


def test_every_string_of_a_log_is_made_printable_and_bearable(attack: LogFile) -> None:
    log = cleaned(attack)
    every = strings([log.header, *log.cases, log.footer])
    assert every
    for text in every:
        assert not set(text) & set("\x00\x1b\x07\t\u202e\ud800")
        assert len(text) <= 2000


def test_a_log_without_a_footer_keeps_none(log: LogFile) -> None:
    assert cleaned(LogFile(log.header, log.cases, None)).footer is None
