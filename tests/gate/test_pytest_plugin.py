"""The cases as items of somebody's own test suite."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

Engine = Callable[..., str]
Pytest = Callable[..., tuple[int, str]]

OWN = "def test_own():\n    pass\n"
CASES = "guide.*"
KNOWN = """\
[[known]]
cases = "gate.value"
status = "fail"
reason = "it is being mended"
until = {until}
"""


@pytest.fixture
def own_suite(home: Path, frozen: str) -> Pytest:
    """Give a function that runs pytest in a folder with a test of its own.

    Two cases of the stand-in engine's are in the rulebook.
    """
    (home / "test_own.py").write_text(OWN)
    shutil.copytree(frozen, home / "spec")
    (home / "spec" / "examples" / "gate").mkdir()
    (home / "gate.yaml").rename(home / "spec" / "examples" / "gate" / "gate.yaml")

    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-p",
                "isomargin.pytest_plugin",
                "-p",
                "no:cacheprovider",
                "--isomargin-spec",
                "spec",
                *words,
            ],
            capture_output=True,
            encoding="utf-8",
            check=False,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "200"},
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_cases_stand_beside_ones_own_tests(own_suite: Pytest) -> None:
    words = ("--isomargin", "reference", "--isomargin-cases", CASES)
    code, said = own_suite(*words, "-v")
    assert code == 0, said
    assert "test_own.py::test_own PASSED" in said
    assert "isomargin::guide.gap PASSED" in said
    assert " failed" not in said


def test_nothing_is_added_without_the_option(own_suite: Pytest) -> None:
    code, said = own_suite("-q")
    assert (code, "1 passed" in said) == (0, True)


def test_the_plugin_alone_imports_nothing_of_the_rest() -> None:
    script = (
        "import sys, pytest; before = set(sys.modules)\n"
        "import isomargin.pytest_plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["isomargin", "isomargin.pytest_plugin"]


def test_it_is_found_without_being_named() -> None:
    file = Path(__file__).parents[2] / "pyproject.toml"
    project = tomllib.loads(file.read_text("utf-8"))
    found = project["project"]["entry-points"]["pytest11"]
    assert found == {"isomargin": "isomargin.pytest_plugin"}


def test_pytests_own_selection_decides_what_is_asked(own_suite: Pytest) -> None:
    words = ("--isomargin", "reference", "-k", "guide and gap")
    code, said = own_suite(*words, "-v")
    assert code == 0, said
    assert "isomargin::guide.gap PASSED" in said
    assert "1 passed" in said


def test_items_are_collected_without_starting_the_engine(
    own_suite: Pytest, home: Path
) -> None:
    engine = home / "engine"
    engine.write_text("#!/bin/sh\ntouch started\n")
    engine.chmod(0o755)
    words = ("--isomargin", "cmd:./engine", "--isomargin-cases", CASES)
    code, said = own_suite(*words, "--collect-only", "-q")
    assert (code, (home / "started").exists()) == (0, False)
    assert "isomargin::guide.gap\n" in said


@pytest.fixture
def gate(own_suite: Pytest, engine: Engine) -> Pytest:
    """Give a function that runs the two cases against the engine, wrong in some."""

    def run(*wrong: str) -> tuple[int, str]:
        words = ("--isomargin", engine(*wrong), "--isomargin-cases", "gate.*")
        return own_suite(*words, "-rA", "-q")

    return run


def test_a_failure_is_told_in_its_own_words(gate: Pytest) -> None:
    code, said = gate("notional_value")
    assert code == 1
    assert "notional_value is 1, expected 1200 (off)\n" in said
    assert "rules: notional_value.at_mark\n$ isomargin explain gate.value\n" in said
    assert "PASSED isomargin::gate.pnl" in said
    assert "FAILED isomargin::gate.value" in said
    assert "Traceback" not in said
    assert "pytest_plugin.py" not in said


def test_a_run_that_does_not_conform_fails_though_its_cases_pass(
    own_suite: Pytest, engine: Engine
) -> None:
    words = ("--isomargin", engine("dies_once"), "--isomargin-cases", "gate.*")
    code, said = own_suite(*words)
    assert code == 1
    assert "3 passed" in said
    assert (
        "isomargin: nonconformant: 0 failed, 0 errored, 2 passed; broke down, and not"
        " again: crash: ended before it answered (it exited with status 9)\n"
    ) in said


def test_what_the_engine_does_not_support_is_skipped(
    own_suite: Pytest, engine: Engine
) -> None:
    words = ("--isomargin", engine(), "--isomargin-cases", "guide.gap", "-rs")
    code, said = own_suite(*words)
    assert code == 0
    assert "unsupported: operation run" in said


LATER = KNOWN.format(until="2999-12-31")
PAST = KNOWN.format(until="2020-01-01")
GATE = {
    "XFAIL isomargin::gate.value - it is being mended": (LATER, ["notional_value"], 0),
    "isomargin.toml:1: gate.value should fail and passed": (LATER, [], 1),
    "FAILED isomargin::gate.value": (PAST, ["notional_value"], 1),
    "PASSED isomargin::gate.value": (LATER.replace('"fail"', '"flaky"'), [], 0),
}


@pytest.mark.parametrize("line", GATE)
def test_a_known_failure_is_expected_to_fail(
    gate: Pytest, home: Path, line: str
) -> None:
    expected, wrong, code = GATE[line]
    (home / "isomargin.toml").write_text(expected)
    found, said = gate(*wrong)
    assert (found, line in said) == (code, True), said


def test_an_engine_that_cannot_be_used_is_told_once_started(
    own_suite: Pytest, home: Path
) -> None:
    engine = home / "engine"
    engine.write_text("#!/bin/sh\necho started >> started\n")
    engine.chmod(0o755)
    words = ("--isomargin", "cmd:./engine", "--isomargin-cases", "gate.*", "-q")
    code, said = own_suite(*words)
    assert code == 1
    assert (home / "started").read_text() == "started\n"
    # Once in each case's section, once in its line of the summary.
    told = "cmd:./engine: gave no introduction: crash: ended before it answered"
    assert said.count(f"{told} (it exited with status 0); check that it") == 2 * 2


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ("--isomargin", "nobody"),
            "ERROR: isomargin: nobody: there is no such subject; give cmd:PROGRAM,",
        ),
        (
            ("--isomargin", "reference", "--isomargin-profile", "no/such"),
            "ERROR: isomargin: --isomargin-profile: there is no profile 'no/such'; use one of",
        ),
        (
            ("--isomargin", "reference", "--isomargin-cases", "none*"),
            "ERROR: isomargin: no case matches 'none*'; see: isomargin list cases",
        ),
    ],
)
def test_what_cannot_be_collected_is_an_error_of_use(
    own_suite: Pytest, words: tuple[str, ...], line: str
) -> None:
    code, said = own_suite(*words)
    assert (code, line in said) == (4, True), said


def test_a_mark_on_a_case_counts_as_on_any_test(gate: Pytest, home: Path) -> None:
    (home / "conftest.py").write_text(
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items:\n"
        "        if item.name == 'gate.value':\n"
        "            item.add_marker(pytest.mark.skip('not today'))\n"
    )
    code, said = gate("notional_value")
    assert code == 0, said
    assert "not today" in said
    assert "2 passed, 1 skipped" in said


def test_what_ones_own_tests_share_is_still_torn_down(gate: Pytest, home: Path) -> None:
    (home / "test_own.py").write_text(
        "import pytest\n"
        "@pytest.fixture(scope='session', autouse=True)\n"
        "def shared():\n"
        "    yield\n"
        "    open('torn_down', 'w').close()\n"
        "def test_own():\n"
        "    pass\n"
    )
    assert gate()[0] == 0
    assert (home / "torn_down").exists()


def test_a_report_for_a_server_names_every_case(
    own_suite: Pytest, engine: Engine, home: Path
) -> None:
    words = ("--isomargin", engine("notional_value"), "--isomargin-cases", "gate.*")
    own_suite(*words, "-p", "junitxml", "--junitxml", "report.xml")
    root = ET.parse(home / "report.xml").getroot()  # noqa: S314 - our own file
    found = {one.get("name"): len(one) for one in root.iter("testcase")}
    assert found == {"test_own": 0, "gate.value": 1, "gate.pnl": 0}
