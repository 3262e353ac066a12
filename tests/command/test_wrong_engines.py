"""Engines that are wrong on purpose: the right verdict and the right exit code."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ENGINE = Path(__file__).parent / "wrong_engine.py"


def run_against(wrong: str, cases: str, *more: str) -> tuple[int, dict[str, Any]]:
    command = [
        sys.executable,
        "-m",
        "isomargin",
        "run",
        "--format",
        "json",
        "-k",
        cases,
    ]
    subject = ["--subject", f"cmd:{sys.executable} {ENGINE} {wrong}"]
    ended = subprocess.run(
        [*command, *subject, *more], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in ended.stderr
    return ended.returncode, json.loads(ended.stdout)


def failed(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in report["failures"]}


def test_the_engine_is_right_when_nothing_is_wrong_with_it() -> None:
    code, report = run_against("nothing", "liquidation.*")
    assert (code, report["failures"]) == (0, [])


def test_losing_more_than_the_allocation_fails_and_names_the_law() -> None:
    code, report = run_against("loses_more", "liquidation.gap.*")
    assert code == 1
    shown = failed(report)["liquidation.gap.long_5000"]
    assert shown["status"] == "failed"
    assert "wallet_balance is 1500, expected 1900" in shown["detail"]


def test_answering_with_the_other_side_fails_every_price() -> None:
    code, report = run_against("other_side", "liquidation_price.plain.long_10")
    assert code == 1
    detail = failed(report)["liquidation_price.plain.long_10"]["detail"]
    assert "liquidation_price is 10956.175298804780876494" in detail


def test_leaking_a_loss_to_another_position_fails() -> None:
    code, report = run_against("leaks", "liquidation.others.*_second_survives")
    assert code == 1
    assert set(failed(report)) == {
        "liquidation.others.long_second_survives",
        "liquidation.others.short_second_survives",
    }


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [("hangs", "timeout"), ("garbage", "protocol"), ("dies", "crash")],
)
def test_an_engine_that_does_not_answer_is_errored_and_never_passed(
    wrong: str, kind: str
) -> None:
    code, report = run_against(
        wrong, "liquidation_price.plain.long_10", "--timeout", "0.5"
    )
    assert code == 1
    shown = failed(report)["liquidation_price.plain.long_10"]
    assert (shown["status"], shown["kind"]) == ("errored", kind)
    assert report["counts"]["passed"] == 0


def test_an_engine_that_is_not_there_is_unusable() -> None:
    command = [sys.executable, "-m", "isomargin", "run", "--subject", "cmd:./no-such"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 3
    assert len(ended.stderr.strip().splitlines()) == 1
