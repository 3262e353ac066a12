"""`isomargin run`: what is seen, what is kept, and the exit code."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Said = Any
Call = Callable[..., Said]
Engine = Callable[[str], str]

EXIT_CODES = {
    "right": 0,
    "wrong": 1,
    "gap": 0,
    "nothing": 7,
    "skipping": 7,
    "failing": 1,
    "dying": 1,
    "fickle": 1,
}


@pytest.fixture
def ran(call: Call, engine: Engine, case_file: Path) -> Call:
    """Give a function that runs the small cases against the stand-in engine."""

    def run(behaviour: str, *options: str) -> Said:
        return call("run", str(case_file), "--subject", engine(behaviour), *options)

    return run


@pytest.mark.parametrize(("behaviour", "code"), EXIT_CODES.items())
def test_the_exit_code_says_what_a_run_came_to(
    ran: Call, behaviour: str, code: int
) -> None:
    said = ran(behaviour)
    assert (said.code, said.err) == (code, "")
    assert said.data["exit_code"] == code


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
@pytest.mark.parametrize("behaviour", ["wrong", "gap"])
def test_a_run_is_reported_whole(
    request: pytest.FixtureRequest, ran: Call, behaviour: str, form: str
) -> None:
    engine, case_file, golden = map(
        request.getfixturevalue, ("engine", "case_file", "golden")
    )
    text = ran(behaviour, "--format", form).out
    text = text.replace(engine(behaviour), "ENGINE")
    text = text.replace(str(case_file), "small.yaml")
    text = re.sub('"seconds": "[0-9.]+"', '"seconds": "0.0"', text)
    golden(f"run_{behaviour}.{form}.txt", text)


@pytest.mark.parametrize(
    ("behaviour", "line"),
    [
        ("nothing", "not supported: quotes of any kind (2)"),
        ("skipping", "skipped: under repair, see https://example.org/7 (2)"),
        ("rude", r"not supported: tiers\x1b[31m\x07\x0ared (2)"),
        ("failing", r"  RuntimeError: no\x1b]0;title\x07 market data"),
        ("dying", "  ended before it answered (it exited with status 9)"),
        ("fickle", "small.pnl, small.value"),
    ],
)
def test_a_person_is_told_why(ran: Call, behaviour: str, line: str) -> None:
    assert line in ran(behaviour, "--format", "terminal").out.splitlines()


@pytest.mark.parametrize("behaviour", ["rude", "failing"])
@pytest.mark.parametrize("form", ["terminal", "markdown"])
def test_nothing_an_engine_says_reaches_the_terminal_as_control(
    ran: Call, behaviour: str, form: str
) -> None:
    said = ran(behaviour, "--format", form)
    assert all(mark.isprintable() or mark == "\n" for mark in said.out + said.err)


def test_a_timeout_is_the_engines_fault_and_is_kept_short(ran: Call) -> None:
    begun = time.monotonic()
    said = ran("silent", "--timeout", "0.2", "-k", "small.pnl")
    assert (said.code, said.data["failures"][0]["kind"]) == (1, "timeout")
    assert time.monotonic() - begun < 10


def test_a_pattern_selects_by_id(ran: Call) -> None:
    assert ran("wrong", "-k", "*.pnl").data["counts"]["passed"] == 1


def test_several_copies_of_an_engine_give_the_same_report(ran: Call) -> None:
    assert ran("wrong", "--jobs", "2").data["counts"] == ran("wrong").data["counts"]


def test_a_case_of_an_unknown_profile_is_the_files_fault(
    call: Call, engine: Engine, case_file: Path
) -> None:
    other = case_file.read_text("utf-8").replace("textbook/linear", "nobody/knows")
    case_file.write_text(other, "utf-8")
    words = ("run", str(case_file), "--subject", engine("right"), "--profile", "all")
    said = call(*words)
    assert (said.code, said.err) == (
        4,
        f"isomargin: {case_file}:2: unknown profile 'nobody/knows'\n",
    )


def test_one_id_in_two_files_is_refused(
    call: Call, engine: Engine, case_file: Path, tmp_path: Path
) -> None:
    twin = tmp_path / "twin.yaml"
    twin.write_text(case_file.read_text("utf-8"), "utf-8")
    said = call("run", str(case_file), str(twin), "--subject", engine("right"))
    assert said.code == 4
    assert said.err == f"isomargin: {twin}:2: duplicate id 'small.value'\n"


def test_the_reference_passes_a_worked_example(call: Call) -> None:
    said = call("run", "--subject", "reference", "-k", "glossary.alice")
    assert said.code == 0
    assert said.data["counts"]["passed"] == 1
    assert said.data["sentence"] == "conformant as scoped: 1 passed"


def test_two_runs_leave_the_same_log_but_for_the_time(
    ran: Call, tmp_path: Path
) -> None:
    kept = []
    for name in ("one", "two"):
        ran("wrong", "--log", str(tmp_path / name))
        lines = (tmp_path / name).read_text("utf-8").splitlines()
        objects = [json.loads(line) for line in lines]
        for one in objects:
            one.pop("started", None)
            one.pop("seconds", None)
        kept.append(objects)
    assert kept[0] == kept[1]
    assert [one["t"] for one in kept[0]] == ["header", "case", "case", "footer"]


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
def test_a_report_from_the_log_is_the_report_of_the_run(
    ran: Call, call: Call, tmp_path: Path, form: str
) -> None:
    log = str(tmp_path / "log")
    said = ran("wrong", "--log", log, "--format", form)
    assert call("report", log, "--format", form).out == said.out


def test_the_engines_of_several_runs_make_one_table(
    ran: Call, call: Call, tmp_path: Path
) -> None:
    logs = [str(tmp_path / name) for name in ("right", "wrong")]
    for log in logs:
        ran(Path(log).name, "--log", log)
    page = tmp_path / "page.md"
    page.write_text("<!-- engines: begin -->\n<!-- engines: end -->\n", "utf-8")
    said = call("report", "--engines", "--page", str(page), *logs)
    assert (said.code, said.err) == (0, f"{page}: written, 2 engines\n")
    table = call("report", "--engines", "--format", "markdown", *logs).out
    assert page.read_text("utf-8").splitlines()[1:-1] == table.splitlines()
    again = call("report", "--engines", "--page", str(page), *logs)
    assert again.err == f"{page}: as it was, 2 engines\n"
    data = call("report", "--engines", "--format", "json", *logs).data
    assert [one["telling"] is None for one in data].count(True) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a", "b"], "a report is of one run; name one log, or add --engines"),
        (["a", "--page", "p"], "only the table of engines has a page; add --engines"),
    ],
)
def test_a_report_of_one_run_takes_one_log_and_no_page(
    call: Call, words: list[str], said: str
) -> None:
    answer = call("report", *words)
    assert (answer.code, answer.err) == (2, f"isomargin: {said}\n")


def test_the_table_of_engines_has_no_form_of_a_pipeline(
    ran: Call, call: Call, tmp_path: Path
) -> None:
    log = str(tmp_path / "log")
    ran("right", "--log", log)
    answer = call("report", "--engines", log, "--format", "junit")
    assert answer.code == 2
    assert answer.err == (
        "isomargin: --format: the table of engines is not written as junit;"
        " use one of terminal, json, markdown\n"
    )


def test_a_log_that_was_cut_short_is_reported_as_incomplete(
    ran: Call, call: Call, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    ran("right", "--log", str(log))
    log.write_text("\n".join(log.read_text("utf-8").splitlines()[:2]) + "\n", "utf-8")
    said = call("report", str(log), "--format", "terminal")
    assert said.code == 6
    assert said.out.splitlines()[-1] == "incomplete: the run was cut short"
    assert call("verify", str(log)).err == (
        f"isomargin: {log}:3: the log has no footer: the run was cut short;"
        " resume the run\n"
    )


def test_an_edited_log_is_neither_verified_nor_reported(
    ran: Call, call: Call, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    ran("wrong", "--log", str(log))
    log.write_text(log.read_text("utf-8").replace('"failed"', '"passed"'), "utf-8")
    for verb in ("verify", "report"):
        said = call(verb, str(log))
        assert (said.code, said.out) == (6, "")
        assert "was edited, moved, added or taken out" in said.err


def test_a_whole_log_is_verified(ran: Call, call: Call, tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    ran("right", "--log", log)
    said = call("verify", log, "--format", "terminal")
    assert (said.code, said.out) == (
        0,
        f"{log}: whole and as it was written: conformant as scoped: 2 passed\n",
    )
    assert call("verify", log).data["verdict"] == "conformant"


@pytest.mark.parametrize(
    ("number", "end"),
    [
        (signal.SIGINT, (130, "", "isomargin: interrupted\n")),
        (signal.SIGTERM, (143, "", "isomargin: ended by SIGTERM\n")),
        (signal.SIGHUP, (129, "", "isomargin: ended by SIGHUP\n")),
    ],
)
def test_an_interrupted_run_leaves_quietly_and_leaves_no_engine(
    engine: Engine,
    case_file: Path,
    tmp_path: Path,
    number: signal.Signals,
    end: tuple[int, str, str],
) -> None:
    program = str(Path(sys.executable).with_name("isomargin"))
    mark = str(tmp_path / "this-run")
    words = ["run", str(case_file), "--subject", f"{engine('silent')} {mark}"]
    child = subprocess.Popen(
        [program, *words, "--timeout", "60"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    wait_for(lambda: len(processes_with(mark)) == 2)
    child.send_signal(number)
    out, err = child.communicate(timeout=20)
    assert (child.returncode, out, err) == end
    assert processes_with(mark) == []


def processes_with(mark: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue  # It ended while we looked.
        if mark.encode() in words:
            found.append(process.name)
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
