"""What a first look at an adapter says, and what it says to fix."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from isomargin.cache import cached_rulebook
from isomargin.command import main
from isomargin.drive import Limits, resolve
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import places
from isomargin.smoke import Check, exit_code_of_smoke, smoke
from isomargin.smoke_questions import SHAPES

ENGINE = Path(__file__).parent / "smoke_engine.py"

Look = Callable[[str], dict[str, Check]]


def subject(behaviour: str) -> str:
    return f"cmd:{sys.executable} {ENGINE} {behaviour}"


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return cached_rulebook(places())


@pytest.fixture
def look(rulebook: Rulebook) -> Look:
    def looked(behaviour: str) -> dict[str, Check]:
        command = resolve(subject(behaviour))
        checks = smoke(command, rulebook=rulebook, limits=Limits(settle=0.001))
        return {check.name: check for check in checks}

    return looked


def test_a_right_adapter_passes_every_check(look: Look) -> None:
    checks = look("right")
    assert {name: check.said for name, check in checks.items()} == {
        "introduction": "smoky 1 says that it answers quote and run",
        "names": "all that it declares is called as in the rulebook",
        "quote": "it answers all 2 quantities it declares",
        "scenario": "it takes 2 steps and tells each",
        "refusal": "step 2 trade of no quantity is rejected with INVALID_QUANTITY",
        "numbers": "10 numbers are decimal strings",
        "determinism": "it says the same when asked again",
    }
    assert {check.status for check in checks.values()} == {"passed"}
    assert exit_code_of_smoke(list(checks.values())) == 0


@pytest.mark.parametrize(
    ("behaviour", "name", "said"),
    [
        (
            "misnamed",
            "names",
            (
                "profiles names 'textbok/linear', which the rulebook does not know;"
                " did you mean textbook/linear?; actions names 'leap', which the rulebook"
                " does not know; quantities names 'initial_margn', which the rulebook"
                " does not know; did you mean initial_margin?"
            ),
        ),
        (
            "numeric",
            "quote",
            (
                "protocol: its answer values.liquidation_price is the JSON number 9036.1;"
                " it must be a decimal string or null"
            ),
        ),
        ("numeric", "numbers", "not every number is a decimal string"),
        (
            "exponent",
            "quote",
            (
                'protocol: its answer values.liquidation_price is "9e3";'
                " it must be a decimal string or null"
            ),
        ),
        (
            "binary",
            "numbers",
            '9036.144578313253 looks binary; declare "arithmetic":"binary" if it is',
        ),
        (
            "leaving_out",
            "quote",
            "values leaves out liquidation_price, which it declares in quantities",
        ),
        (
            "renaming",
            "quote",
            (
                "values has 'liquidation', which the rulebook does not know;"
                " did you mean liquidation_price?"
            ),
        ),
        (
            "crashing",
            "quote",
            (
                "crash: ended before it answered (it exited with status 1);"
                " it said: out of margin"
            ),
        ),
        ("failing", "quote", "the engine failed: no tier"),
        (
            "refusing",
            "scenario",
            (
                "step 1 set_margin_mode is rejected with MARGIN_MODE_LOCKED,"
                " and nothing speaks against it"
            ),
        ),
        ("flat", "scenario", "the state after step 2 trade shows no position"),
        (
            "odd_position",
            "scenario",
            (
                "the position after step 1 set_margin_mode has 'equity', which the"
                " rulebook does not know; did you mean position_equity?"
            ),
        ),
        (
            "odd_balance",
            "scenario",
            (
                "the balance of USDT after step 1 set_margin_mode has 'walet', which the"
                " rulebook does not know; did you mean wallet_balance?"
            ),
        ),
        (
            "own_reason",
            "refusal",
            (
                "step 2 trade of no quantity is rejected with 'BAD_QUANTITY', which the"
                " rulebook does not know; did you mean INVALID_QUANTITY?"
            ),
        ),
        ("short", "scenario", "protocol: gave 0 steps for a scenario of 2"),
        (
            "moody",
            "determinism",
            "it gives two answers to one question; no state may outlive a message",
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_was_sent(
    look: Look, behaviour: str, name: str, said: str
) -> None:
    checks = look(behaviour)
    assert (checks[name].status, checks[name].said) == ("failed", said)
    assert checks[name].sent or checks[name].shape
    assert exit_code_of_smoke(list(checks.values())) == 1


@pytest.mark.parametrize(
    ("behaviour", "name", "said"),
    [
        ("skipping", "quote", "it skips it: slow"),
        ("lacking", "scenario", "it says that everything is unsupported"),
        ("lacking", "numbers", "there were no numbers"),
        ("lacking", "determinism", "nothing was answered"),
        (
            "nothing",
            "quote",
            "it offers no quote, or declares no quantity that a quote asks for",
        ),
        (
            "idle",
            "scenario",
            "it offers no run, or declares no action that is taken here",
        ),
        ("idle", "refusal", "it offers no run, or does not declare the action trade"),
        (
            "accepting",
            "refusal",
            "step 2 trade of no quantity is accepted; the cases will judge that",
        ),
    ],
)
def test_what_an_adapter_does_not_show_is_no_failure(
    look: Look, behaviour: str, name: str, said: str
) -> None:
    checks = look(behaviour)
    assert (checks[name].status, checks[name].said) == ("not shown", said)
    assert exit_code_of_smoke(list(checks.values())) == 0


def test_a_question_that_is_a_gap_to_an_engine_is_shown_to_whoever_wonders_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["smoke", "--subject", subject("lacking"), "--format", "terminal"]
    assert main(words) == 0
    told = capsys.readouterr().out
    assert '\nscenario:\n  sent      {"t":"run","seq":1,' in told
    assert "expected" not in told


def test_a_wrong_number_is_shown_with_right_ones(look: Look) -> None:
    assert look("numeric")["quote"].shape == SHAPES["numbers"]


def test_a_scenario_of_another_contract_is_asked_in_it(look: Look) -> None:
    assert look("inverse")["quote"].status == "passed"


def test_an_adapter_of_any_profile_is_asked_by_the_textbook(look: Look) -> None:
    assert look("any")["names"].status == "passed"


def test_the_command_shows_what_was_sent_and_what_was_expected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["smoke", "--subject", subject("old"), "--format", "terminal"]
    assert main(words) == 3
    told = capsys.readouterr().out
    assert told.startswith("introduction  failed  gave no introduction: protocol: its")
    assert '\n  sent      {"t":"hello","protocol":1,' in told
    assert '\n  expected  {"t":"ready","protocol":1,' in told
    assert "next:" not in told


def test_the_command_says_what_is_next(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["smoke", "--subject", subject("right"), "--format", "terminal"]
    assert main(words) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f'next: isomargin run --subject "{subject("right")}"'


def test_the_command_gives_the_checks_as_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["smoke", "--subject", subject("binary"), "--format", "json"]) == 1
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)}
    assert checks["numbers"]["shape"]["arithmetic"] == "binary"


def test_a_question_is_shown_with_a_number_to_be_sent_by_hand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["smoke", "--subject", subject("failing"), "--format", "terminal"]
    assert main(words) == 1
    assert '\n  sent      {"t":"quote","seq":1,"position":' in capsys.readouterr().out
