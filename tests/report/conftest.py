"""A run to report on: a real one of a faulty engine, and one made to attack."""

import json
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from isomargin import drive
from isomargin.log import LogFile
from isomargin.plan import Plan
from isomargin.report.library import Library
from isomargin.rulebook.load import load
from isomargin.rulebook.places import places
from isomargin.run import carried_out
from isomargin.text import load_catalogues
from isomargin.text.subjects import kinds_of

HERE = Path(__file__).parent

# What an engine may say to do harm where it is repeated.
ATTACKS = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "'><svg onload=document.title='owned'>",
    "</style></title></textarea><b>bold</b>",
    "javascript:document.title='owned'",
    "{{ 7*7 }}{% raw %}",
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "\t=1+1",
    "\x1b[2J\x1b]0;owned\x07",
    "\u202egnp.exe",
    "]]><x/>",
    "a\x00b\ufffe\uffff\ud800",
    "`code` ```fence``` | cell | [link](http://evil.example) @team #1 <b>",
    "x" * 100_000,
)

RUN = (
    "contracts.inverse.long_tiers_490",
    "contracts.inverse.short_1",
    "contracts.quanto.long",
    "glossary.alice",
    "margin.initial.long_10",
)


@pytest.fixture(scope="session")
def library() -> Library:
    spec = places()
    rulebook = load(spec)
    catalogues = load_catalogues(spec.spec, kinds_of(rulebook))
    return Library(rulebook=rulebook, catalogues=catalogues, language="en")


@pytest.fixture(scope="session")
def log(library: Library) -> LogFile:
    """Give the log of a run with a case of every sort."""
    program = shlex.join([sys.executable, str(HERE / "report_engine.py")])
    command = drive.resolve(f"cmd:{program}", adapters=[])
    cases = [library.rulebook.cases[name] for name in RUN]
    held = carried_out(Plan(rulebook=library.rulebook, cases=cases, command=command))
    # As it is read from a file, and the same wherever the engine lies.
    held = LogFile(*(json.loads(json.dumps(part)) for part in vars(held).values()))
    header = {**held.header, "command": "acme", "started": "2025-01-01T00:00:00+00:00"}
    return replace(held, header=header, footer={**(held.footer or {}), "seconds": "2"})


Changed = Callable[..., LogFile]


@pytest.fixture
def changed(log: LogFile) -> Changed:
    """Give a function that changes lines of the log by id, its header or footer."""

    def made(
        cases: dict[str, dict[str, Any]] | None = None,
        *,
        header: dict[str, Any] | None = None,
        footer: dict[str, Any] | None = None,
    ) -> LogFile:
        changes = cases or {}
        lines = tuple({**one, **changes.get(one["id"], {})} for one in log.cases)
        head, foot = {**log.header, **(header or {})}, {**(log.footer or {})}
        return LogFile(head, lines, {**foot, **(footer or {})})

    return made


@pytest.fixture(scope="session")
def attack(log: LogFile) -> LogFile:
    """Give a log in which an engine says every harmful thing wherever it can."""
    lines = [_attacking(index, words) for index, words in enumerate(ATTACKS)]
    every = " ".join(ATTACKS[:-1])
    subject = {
        **log.header["subject"],
        "name": every,
        "version": every,
        "language": every,
        "contracts": [every],
        "arithmetic": every,
    }
    header = {**log.header, "subject": subject, "command": every, "profiles": [every]}
    footer = {
        **(log.footer or {}),
        "aborted": every,
        "unstable": [every],
        "breakdowns": [{"kind": "crash", "detail": every}],
        "stale": [every],
    }
    unsupported = {**lines[0], "id": "gap", "status": "unsupported", "detail": every}
    skipped = {**unsupported, "id": "skip", "status": "skipped", "issue": every}
    known = {"reason": every, "issue": every, "until": every, "status": "fail"}
    expected = {**lines[0], "id": "known", "known": {**known, "where": every}}
    return LogFile(header, (*lines, unsupported, skipped, expected), footer)


def _attacking(index: int, words: str) -> dict[str, Any]:
    finding = {
        "step": index % 2 or None,
        "path": words,
        "expected": words,
        "actual": {words: words, "events": [words]},
        "grade": "off",
        "note": words,
    }
    return {
        "t": "case",
        "id": f"{words} {index}",
        "profile": words,
        "families": [words],
        "status": ("failed", "errored")[index % 2],
        "kind": words,
        "detail": words,
        "about": [words, "value.linear"],
        "executed": [],
        "findings": [finding],
        "broken": [{"rule": words, "step": 0, "figures": {words: words}}],
        "issue": words,
        "known": None,
        "where": f"{words}:1",
        "file": words,
    }
