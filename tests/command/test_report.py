"""Reports: tables, screens and what is painted on them."""

import io
from collections import Counter
from typing import Any

import pytest

from isomargin.command.progress import Progress
from isomargin.gate import conclusion
from isomargin.log import LogFile
from isomargin.report.forms import report_lines
from isomargin.report.screen import Screen, plain, screen
from isomargin.report.table import paragraph, table

HEADER = {
    "suite": "isomargin/1.0.0",
    "subject": {"name": "stand-in", "version": "1", "language": ""},
    "command": "cmd:./engine --fast",
    "profiles": ["textbook/linear"],
}
CASE = {
    "id": "a.case",
    "families": ["value"],
    "status": "failed",
    "kind": "law",
    "detail": "step 1 trade breaks a.law: x is 1",
    "about": ["value.linear"],
    "findings": [],
    "broken": [{"rule": "a.law", "step": 0, "figures": {"x": "1"}}],
    "issue": None,
    "where": "cases/a.yaml:1",
    "file": None,
}
FOOTER = {"verdict": "nonconformant", "exit_code": 1, "seconds": "0.1"}


def lines_of(form: str, screen: Screen, **changes: Any) -> list[str]:
    log = LogFile(HEADER, ({**CASE, **changes},), FOOTER)
    return list(report_lines(log, form, screen))


def test_what_is_too_wide_is_wrapped_under_its_column() -> None:
    rows = [("a", "one two three four five six"), ("bb", "")]
    assert table(rows, Screen(width=26)) == [
        "a   one two three four",
        "    five six",
        "bb",
    ]


def test_numbers_stand_to_the_right() -> None:
    rows = [("a", "1"), ("b", "100")]
    assert table(rows, Screen(), numbers=(1,)) == ["a    1", "b  100"]


def test_no_rows_make_no_lines() -> None:
    assert table([], Screen()) == []


def test_a_long_word_is_never_broken() -> None:
    address = "https://example.org/" + "x" * 90
    assert table([("page", address)], Screen()) == [f"page  {address}"]


def test_paragraphs_keep_their_blank_line() -> None:
    assert paragraph("one\ntwo\n\nthree", Screen(), indent="  ") == [
        "  one two",
        "",
        "  three",
    ]


@pytest.mark.parametrize("text", ["\x1b[2J", "a\rb", "\u202e", "x\x07", "\ud800"])
def test_control_characters_of_cells_are_escaped(text: str) -> None:
    [line] = table([(text, text)], Screen())
    assert line.isprintable()
    assert plain(text).isprintable()


def test_colours_repeat_what_the_words_say() -> None:
    painted = lines_of("terminal", Screen(colours=True))
    bare = lines_of("terminal", Screen())
    assert "\x1b[31mfailed\x1b[0m  \x1b[1ma.case\x1b[0m (law)" in painted
    assert "failed  a.case (law)" in bare
    assert not any("\x1b" in line for line in bare)
    assert len(painted) == len(bare)


@pytest.mark.parametrize(
    ("terminal", "no_color", "colours"),
    [(True, "", True), (True, "1", False), (False, "", False)],
)
def test_colours_are_for_terminals_that_want_them(
    monkeypatch: pytest.MonkeyPatch,
    *,
    terminal: bool,
    no_color: str,
    colours: bool,
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    assert screen().colours is colours


def test_a_broken_law_is_the_rule_at_fault() -> None:
    lines = lines_of("terminal", Screen())
    assert "  rules: a.law" in lines
    assert "  $ isomargin explain a.case" in lines
    assert "  $ isomargin run --subject 'cmd:./engine --fast' -k a.case" in lines


def test_a_crash_is_no_breach_of_the_rule_the_case_is_for() -> None:
    changes = {"status": "errored", "kind": "crash", "broken": []}
    lines = lines_of("terminal", Screen(), **changes)
    assert "errored  a.case (crash)" in lines
    assert "  rules: value.linear" in lines


def test_markdown_shows_what_an_engine_says_as_it_is() -> None:
    lines = lines_of("markdown", Screen(), detail="<b>x</b> | `y` [z](u)")
    assert "``<b>x</b> | `y` [z](u)``" in lines


@pytest.mark.parametrize(
    ("counts", "unusable", "expected"),
    [
        ({"passed": 1}, False, ("conformant", 0)),
        ({"passed": 1, "unsupported": 9, "skipped": 1}, False, ("conformant", 0)),
        ({"passed": 9, "failed": 1}, False, ("nonconformant", 1)),
        ({"passed": 9, "errored": 1}, False, ("nonconformant", 1)),
        ({"unsupported": 9}, False, ("nothing passed", 7)),
        ({"skipped": 9}, False, ("nothing passed", 7)),
        ({"passed": 9, "failed": 1}, True, ("unusable", 3)),
    ],
)
def test_a_run_comes_to_one_verdict(
    counts: dict[str, int],
    unusable: bool,  # noqa: FBT001 - a parameter of the test
    expected: tuple[str, int],
) -> None:
    assert conclusion(counts, unusable=unusable) == expected


def test_progress_is_shown_after_a_second_and_wiped_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter([0.0, 0.5, 1.5, 1.55, 1.7])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    stream = io.StringIO()
    with Progress(stream) as progress:
        for passed in range(1, 5):
            progress.show(Counter(passed=passed, failed=1), 9)
    assert stream.getvalue() == (
        "\r\x1b[K3 of 9 cases, 1 failed\r\x1b[K5 of 9 cases, 1 failed\r\x1b[K"
    )


def test_progress_of_a_short_run_is_never_shown() -> None:
    stream = io.StringIO()
    with Progress(stream) as progress:
        progress.show(Counter(passed=1), 2)
    assert stream.getvalue() == ""
