"""The table of forms, and Markdown for a pull request."""

import re
import subprocess
import sys
from typing import Any

import pytest

from isomargin.errors import UsageError
from isomargin.log import LogFile
from isomargin.report.formats import FORMATS
from isomargin.report.library import Library
from isomargin.report.markdown import markdown_lines
from isomargin.report.screen import Screen
from isomargin.report.summary import summary_of

# Code: from a run of backticks up to one of just as many, or an element.
CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|<code>[^<]*</code>")


def markdown(log: LogFile) -> list[str]:
    return list(markdown_lines(summary_of(log), Screen()))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["log", "attack"])
def test_every_form_is_one_text_that_a_file_can_hold(
    request: pytest.FixtureRequest, library: Library, form: str, name: str
) -> None:
    text = FORMATS[form](request.getfixturevalue(name), library)
    assert text.encode("utf-8")
    assert not set(text) & set("\x00\x1b\x07\u202e\ufffe\uffff")
    assert text.endswith(("\n", "</html>"))


def test_only_the_page_needs_the_engine_of_its_templates() -> None:
    code = "import isomargin.report.formats, sys; print('jinja2' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert said.stdout == "False\n"


def test_a_page_without_its_templates_engine_says_what_to_install(
    log: LogFile, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "isomargin.report.html", raising=False)
    with pytest.raises(UsageError) as fault:
        FORMATS["html"](log, library)
    assert str(fault.value) == (
        "--format html: the page needs jinja2, which is not installed;"
        " install isomargin[report]"
    )


def test_a_pull_request_reads_the_figures_beside_each_other(log: LogFile) -> None:
    lines = markdown(log)
    assert lines[0] == "# `acme 7.2 (python)`: nonconformant"
    assert (
        "|  | `liquidation_price` | `9127.896200185356811863` |"
        " `9136.363636363636363636` | `off` |"
    ) in lines
    assert "| 4 | `events` | `[liquidation]` | `[]` | `off` |" in lines


def test_known_failures_stand_apart_in_a_pull_request(changed: Any) -> None:
    known = {"status": "fail", "reason": "r", "issue": None, "until": "2030-01-01"}
    lines = markdown(changed({"glossary.alice": {"known": known}}))
    assert lines.index("## Failures (2)") < lines.index("## Known failures (1)")


def test_a_pull_request_holds_no_more_than_it_can(log: LogFile) -> None:
    cases = tuple({**log.cases[0], "id": f"case.{index}"} for index in range(60))
    lines = markdown(LogFile(log.header, cases, log.footer))
    assert sum(line.startswith("<details>") for line in lines) == 50
    assert "10 more are in the log." in lines


def test_what_an_engine_says_in_a_pull_request_is_code(attack: LogFile) -> None:
    for line in markdown(attack):
        assert not set(line) & set("\x00\x1b\x07\t\u202e\ud800")
        words = CODE.sub("", line) if not line.startswith("isomargin ") else ""
        for sign in ("<script", "<img", "@team", "](http", "#1"):
            assert sign not in words
