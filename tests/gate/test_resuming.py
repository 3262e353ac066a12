"""A run that was killed goes on from its log as if nothing had happened."""

import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
Engine = Callable[..., str]

CASES = 60
KILLS = 12
AGAIN = "start a new run"


def timeless(log: Path) -> str:
    """Return a log without its times."""
    text = log.read_text("utf-8")
    return re.sub('"(started|seconds)":"[^"]*"', r'"\1":"…"', text)


@pytest.fixture
def many(home: Path) -> Path:
    """Give a file of many cases, the first two again and again."""
    head, *cases = re.split(
        r"^(?=  - id)", (home / "gate.yaml").read_text(), flags=re.MULTILINE
    )
    path = home / "many.yaml"
    texts = [
        re.sub(r"gate\.(\w+)", rf"gate.\1.{number:03}", cases[number % 2])
        for number in range(CASES)
    ]
    path.write_text(head + "".join(texts))
    return path


_made: dict[str, bytes] = {}


@pytest.fixture
def whole(call: Call, engine: Engine, many: Path) -> Path:
    """Give the log of a run that was not interrupted; it is run once for all."""
    path = many.with_name("whole.jsonl")
    if not _made:
        words = ("--subject", engine("slow", "notional_value"), "--log", path.name)
        assert call("run", many.name, *words).code == 1
        _made["whole"] = path.read_bytes()
    path.write_bytes(_made["whole"])
    return path


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_run_killed_at_any_moment_is_finished_as_if_it_had_not_been(
    call: Call, engine: Engine, whole: Path, frozen: str, seed: int
) -> None:
    program = Path(sys.executable).with_name("isomargin")
    subject = engine("slow", "notional_value")
    words = ("--subject", subject, "--log", "cut.jsonl", "--spec", frozen)
    cut = whole.with_name("cut.jsonl")
    with subprocess.Popen([program, "run", "many.yaml", *words], stdout=-3) as runner:
        while not (cut.exists() and cut.stat().st_size):
            time.sleep(0.005)
        time.sleep(random.Random(seed).uniform(0, 0.5))  # noqa: S311 - a moment
        runner.send_signal(signal.SIGKILL)
    if b'"t":"footer"' not in cut.read_bytes():
        assert call("run", "--resume", "cut.jsonl").code == 1
    assert timeless(cut) == timeless(whole)


@pytest.mark.parametrize("kept", [0, 1, 30, CASES])
@pytest.mark.parametrize("half", [0, 40])
def test_only_what_was_not_written_is_asked_again(
    call: Call, whole: Path, kept: int, half: int
) -> None:
    lines = whole.read_bytes().splitlines(keepends=True)
    cut = whole.with_name("cut.jsonl")
    cut.write_bytes(b"".join(lines[: kept + 1]) + lines[kept + 1][:half])
    assert call("run", "--resume", "cut.jsonl").code == 1
    assert timeless(cut) == timeless(whole)


@pytest.mark.parametrize("jobs", ["2", "3"])
def test_the_log_does_not_depend_on_the_number_of_jobs(
    call: Call, engine: Engine, whole: Path, many: Path, jobs: str
) -> None:
    words = ("--subject", engine("slow", "notional_value"), "--log", "jobs.jsonl")
    assert call("run", many.name, *words, "--jobs", jobs).code == 1
    assert timeless(many.with_name("jobs.jsonl")) == timeless(whole)
    cut = whole.with_name("cut.jsonl")
    cut.write_bytes(b"".join(whole.read_bytes().splitlines(keepends=True)[:20]))
    assert call("run", "--resume", "cut.jsonl", "--jobs", jobs).code == 1
    assert timeless(cut) == timeless(whole)


def test_a_breakdown_before_the_cut_is_told_at_the_end(
    call: Call, engine: Engine, home: Path
) -> None:
    words = ("--subject", engine("dies_once"), "--log", "whole.jsonl")
    assert call("run", "gate.yaml", *words).code == 1
    whole, cut = home / "whole.jsonl", home / "cut.jsonl"
    cut.write_bytes(b"".join(whole.read_bytes().splitlines(keepends=True)[:2]))
    said = call("run", "--resume", cut.name)
    assert (said.code, said.data["sentence"]) == (
        1,
        (
            "nonconformant: 0 failed, 0 errored, 2 passed; broke down, and not again:"
            " crash: ended before it answered (it exited with status 9)"
        ),
    )
    assert timeless(cut) == timeless(whole)


def test_two_runs_of_one_engine_differ_in_their_times_alone(
    call: Call, engine: Engine, whole: Path, many: Path
) -> None:
    words = ("--subject", engine("slow", "notional_value"), "--log", "again.jsonl")
    assert call("run", many.name, *words).code == 1
    assert timeless(many.with_name("again.jsonl")) == timeless(whole)


# What must be as it was


def cut_short(whole: Path) -> Path:
    cut = whole.with_name("cut.jsonl")
    cut.write_bytes(b"".join(whole.read_bytes().splitlines(keepends=True)[:9]))
    return cut


def engine_changed(home: Path) -> str:
    program = home / "gate_engine.py"
    program.write_text(program.read_text() + "# better\n")
    return "the run was begun with another adapter"


def version_changed(home: Path) -> str:
    program = home / "gate_engine.py"
    program.write_text(program.read_text().replace('version="1"', 'version="2"'))
    return "the run was begun with another adapter"


def cases_changed(home: Path) -> str:
    path = home / "many.yaml"
    path.write_text(path.read_text().replace('"-200"', '"-201"', 1))
    return "the run was begun with another set of cases"


CHANGES = [engine_changed, version_changed, cases_changed]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_run_goes_on_only_with_what_it_was_begun_with(
    call: Call, whole: Path, home: Path, change: Callable[[Path], str]
) -> None:
    cut = cut_short(whole)
    before = cut.read_bytes()
    what = change(home)
    said = call("run", "--resume", "cut.jsonl")
    assert (said.code, said.err) == (6, f"isomargin: cut.jsonl:1: {what}; {AGAIN}\n")
    assert cut.read_bytes() == before


def test_an_edited_log_is_not_gone_on_with(call: Call, whole: Path) -> None:
    cut = cut_short(whole)
    cut.write_bytes(cut.read_bytes().replace(b'"failed"', b'"passed"', 1))
    said = call("run", "--resume", "cut.jsonl")
    assert (said.code, said.err) == (
        6,
        (
            "isomargin: cut.jsonl:2: the line, or one before it, was edited, moved, added"
            " or taken out; do not rely on it: run again\n"
        ),
    )


def test_a_log_that_does_not_say_what_was_run_is_refused(
    call: Call, whole: Path
) -> None:
    cut = cut_short(whole)
    cut.write_bytes(cut.read_bytes().replace(b'"options"', b'"optoins"', 1))
    said = call("run", "--resume", "cut.jsonl")
    assert (said.code, said.err) == (
        6,
        (
            "isomargin: cut.jsonl:1: the header does not say what was to be run;"
            f" {AGAIN}\n"
        ),
    )


def test_a_complete_log_is_not_gone_on_with(call: Call, whole: Path) -> None:
    said = call("run", "--resume", whole.name)
    assert (said.code, said.err) == (
        2,
        f"isomargin: {whole.name}: the log is complete; {AGAIN}\n",
    )


@pytest.mark.parametrize(
    "option", [["--subject", "x"], ["-k", "*"], ["--log", "y"], ["--profile", "all"]]
)
def test_the_log_alone_says_how_to_go_on(
    call: Call, whole: Path, option: list[str]
) -> None:
    said = call("run", "--resume", cut_short(whole).name, *option)
    assert (said.code, said.err) == (
        2,
        (
            f"isomargin: {option[0]} is given with --resume; leave it out:"
            " the log says how to go on\n"
        ),
    )


# Verifying


@pytest.fixture
def kept(call: Call, engine: Engine, home: Path) -> Path:
    """Give the log of a short run."""
    words = ("--subject", engine("notional_value"), "--log", "kept.jsonl")
    assert call("run", "gate.yaml", *words).code == 1
    return home / "kept.jsonl"


def test_a_log_is_verified_against_all_it_names(call: Call, kept: Path) -> None:
    said = call("verify", kept.name, "--format", "terminal")
    assert (said.code, said.out) == (
        0,
        (
            "kept.jsonl: whole and as it was written: nonconformant: 1 failed, 0 errored,"
            " 1 passed\n"
        ),
    )


def adapter_edited(kept: Path) -> str:
    program = kept.with_name("gate_engine.py")
    program.write_text(program.read_text() + "# better\n")
    return "kept.jsonl: the adapter is not as it was when it was run; run again"


def adapter_gone(kept: Path) -> str:
    kept.with_name("gate_engine.py").unlink()
    return "kept.jsonl: the adapter is not as it was when it was run; run again"


def case_edited(kept: Path) -> str:
    path = kept.with_name("gate.yaml")
    path.write_text(path.read_text().replace('"-200"', '"-201"'))
    return "kept.jsonl: the log is of other cases; run again"


def case_gone(kept: Path) -> str:
    path = kept.with_name("gate.yaml")
    path.write_text(path.read_text().replace("gate.pnl", "gate.loss"))
    return "kept.jsonl: the case gate.pnl is not there any more; run again"


def cases_gone(kept: Path) -> str:
    kept.with_name("gate.yaml").unlink()
    return (
        "gate.yaml: the cases of the log cannot be read: No such file or directory;"
        " run again"
    )


def truncated(kept: Path) -> str:
    kept.write_bytes(b"".join(kept.read_bytes().splitlines(keepends=True)[:-1]))
    return "kept.jsonl:4: the log has no footer: the run was cut short; resume the run"


def edited(kept: Path) -> str:
    kept.write_bytes(kept.read_bytes().replace(b'"failed"', b'"passed"', 1))
    return (
        "kept.jsonl:2: the line, or one before it, was edited, moved, added or taken"
        " out; do not rely on it: run again"
    )


FORGERIES = [
    adapter_edited,
    adapter_gone,
    case_edited,
    case_gone,
    cases_gone,
    truncated,
    edited,
]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_log_that_something_disagrees_with_is_refused(
    call: Call, kept: Path, forge: Callable[[Path], str]
) -> None:
    what = forge(kept)
    said = call("verify", kept.name)
    assert (said.code, said.err) == (6, f"isomargin: {what}\n")


def test_a_verdict_that_its_cases_do_not_come_to_is_refused(
    call: Call, kept: Path
) -> None:
    from isomargin.log import RunLog, read  # noqa: PLC0415 - the forger's tools

    log = read(kept)
    header = {k: v for k, v in log.header.items() if k not in {"t", "format"}}
    with RunLog.create(kept, header) as forged:
        for line in log.cases:
            forged.append({k: v for k, v in line.items() if k not in {"t", "seal"}})
        footer = {
            k: v
            for k, v in (log.footer or {}).items()
            if k not in {"t", "cases", "digest"}
        }
        forged.close({**footer, "verdict": "conformant", "exit_code": 0})
    said = call("verify", kept.name)
    assert (said.code, said.err) == (
        6,
        (
            "isomargin: kept.jsonl:4: the verdict is not what the cases come to;"
            " do not rely on it\n"
        ),
    )


def test_a_log_of_another_rulebook_is_refused(
    call: Call, kept: Path, frozen: str
) -> None:
    other = kept.with_name("other")
    shutil.copytree(frozen, other)
    rules = other / "rules" / "value.yaml"
    rules.write_text(rules.read_text() + "# another\n")
    said = call("verify", kept.name, "--spec", "other")
    assert (said.code, said.err) == (
        6,
        (
            "isomargin: kept.jsonl: the log is of another rulebook;"
            " name that rulebook with --spec, or run again\n"
        ),
    )


def test_where_the_adapter_is_not_the_rest_can_be_verified(
    call: Call, engine: Engine, home: Path
) -> None:
    program = home / "engine"
    program.write_text(f"#!/bin/sh\nexec {engine().removeprefix('cmd:')}\n")
    program.chmod(0o755)
    words = ("--subject", "cmd:./engine", "--log", "kept.jsonl")
    assert call("run", "gate.yaml", *words).code == 0
    program.unlink()
    assert call("verify", "kept.jsonl").code == 6
    assert call("verify", "kept.jsonl", "--no-adapter").code == 0
