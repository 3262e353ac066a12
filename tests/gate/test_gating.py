"""The exit code of a run that knows some of its failures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
Engine = Callable[..., str]

LATER = "2999-12-31"


def known(cases: str, status: str = "fail", until: str = LATER) -> str:
    return (
        f'[[known]]\ncases = "{cases}"\nstatus = "{status}"\n'
        f'reason = "it is being mended"\nuntil = {until}\n'
    )


@pytest.fixture
def gated(call: Call, engine: Engine, home: Path) -> Call:
    """Give a function that runs the engine, wrong in something, against the gate."""

    def run(expected: str, *wrong: str, options: tuple[str, ...] = ()) -> Any:
        (home / "isomargin.toml").write_text(expected)
        return call("run", "gate.yaml", "--subject", engine(*wrong), *options)

    return run


# What fails, what is known of it, the exit code, the sentence.
GATE = [
    ((), "", 0, "conformant as scoped: 2 passed"),
    (
        ("notional_value",),
        "",
        1,
        "nonconformant: 1 failed, 0 errored, 1 passed",
    ),
    (
        ("notional_value",),
        known("gate.value"),
        0,
        "nothing new failed: 1 known to fail, 1 passed",
    ),
    (
        ("notional_value", "unrealised_pnl"),
        known("gate.value"),
        1,
        "nonconformant: 2 failed, 0 errored, 0 passed",
    ),
    (
        ("notional_value", "unrealised_pnl"),
        known("gate.*"),
        0,
        "nothing new failed: 2 known to fail, 0 passed",
    ),
    (
        (),
        known("gate.value"),
        5,
        (
            "stale expectations: isomargin.toml:1: gate.value should fail and passed;"
            " take it out of the expectations"
        ),
    ),
    (
        (),
        known("gone"),
        5,
        (
            "stale expectations: isomargin.toml:1: no case matches 'gone';"
            " correct it or remove it"
        ),
    ),
    (
        ("notional_value",),
        known("gate.value", until="2020-01-01"),
        5,
        (
            "stale expectations: isomargin.toml:1: expired on 2020-01-01;"
            " look again, then renew it or remove it"
        ),
    ),
    ((), known("gate.value", "flaky"), 0, "conformant as scoped: 2 passed"),
    (
        ("notional_value",),
        known("gate.value", "flaky"),
        0,
        "nothing new failed: 1 known to fail, 1 passed",
    ),
    (
        ("fickle",),
        known("gate.pnl"),
        1,
        (
            "nonconformant: 1 failed, 0 errored, 1 passed;"
            " other answers when asked again: gate.pnl"
        ),
    ),
    (
        ("fickle",),
        known("gate.pnl", "flaky"),
        0,
        "nothing new failed: 1 known to fail, 1 passed",
    ),
    (
        ("dies_once",),
        "",
        1,
        (
            "nonconformant: 0 failed, 0 errored, 2 passed; broke down, and not again:"
            " crash: ended before it answered (it exited with status 9)"
        ),
    ),
    (
        ("hangs_once",),
        "",
        0,
        (
            "conformant as scoped: 2 passed; broke down, and not again:"
            " timeout: gave no answer in time"
        ),
    ),
]


@pytest.mark.parametrize(("wrong", "expected", "code", "sentence"), GATE)
def test_the_gate_says_what_a_run_came_to(
    gated: Call, wrong: tuple[str, ...], expected: str, code: int, sentence: str
) -> None:
    said = gated(expected, *wrong)
    assert (said.code, said.data["exit_code"]) == (code, code)
    assert said.data["sentence"] == sentence


def test_a_new_failure_goes_before_a_stale_expectation(gated: Call) -> None:
    said = gated(known("gone"), "notional_value")
    assert (said.code, len(said.data["stale"])) == (1, 1)


def test_a_known_failure_is_kept_in_the_log_with_its_reason(
    gated: Call, home: Path
) -> None:
    said = gated(known("gate.value"), "notional_value", options=("--log", "run.jsonl"))
    assert [one["id"] for one in said.data["known"]] == ["gate.value"]
    assert said.data["failures"] == []
    reason = '"known":{"status":"fail","reason":"it is being mended","issue":null,'
    assert reason in (home / "run.jsonl").read_text()


def test_a_selection_makes_no_expectation_outside_it_stale(gated: Call) -> None:
    said = gated(known("gate.value"), "notional_value", options=("-k", "*.pnl"))
    assert said.code == 0


def test_another_file_of_expectations_can_be_named(gated: Call, home: Path) -> None:
    (home / "other.toml").write_text(known("gate.value"))
    said = gated("", "notional_value", options=("--expectations", "other.toml"))
    assert said.code == 0


def test_a_wrong_file_of_expectations_is_an_error_of_use(gated: Call) -> None:
    said = gated("[[known]]\n")
    assert (said.code, said.err) == (
        2,
        "isomargin: isomargin.toml:1: the field cases is missing; add it\n",
    )


def test_an_update_makes_the_next_run_pass(gated: Call, home: Path) -> None:
    said = gated("", "notional_value", options=("--update-expectations",))
    assert (said.code, said.err) == (
        1,
        "isomargin.toml: known failures: 1 added, 0 taken out or narrowed\n",
    )
    assert gated((home / "isomargin.toml").read_text(), "notional_value").code == 0


def test_an_update_writes_the_file_that_is_named(gated: Call, home: Path) -> None:
    named = ("--expectations", "new.toml")
    said = gated("", "notional_value", options=(*named, "--update-expectations"))
    assert said.err == "new.toml: known failures: 1 added, 0 taken out or narrowed\n"
    assert (home / "isomargin.toml").read_text() == ""
    assert gated("", "notional_value", options=named).code == 0


def test_a_file_of_expectations_that_is_not_there_is_an_error_of_use(
    gated: Call,
) -> None:
    said = gated("", options=("--expectations", "none.toml"))
    assert (said.code, said.err) == (
        2,
        "isomargin: none.toml: No such file or directory; name another file\n",
    )


def test_an_update_takes_out_what_passes(gated: Call, home: Path) -> None:
    said = gated(known("gate.value"), options=("--update-expectations",))
    assert (said.code, said.err) == (
        5,
        "isomargin.toml: known failures: 0 added, 1 taken out or narrowed\n",
    )
    assert gated((home / "isomargin.toml").read_text()).code == 0
