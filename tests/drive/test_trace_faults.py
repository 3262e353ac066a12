"""Whatever an account shows of a scenario, the right case has the right verdict."""

import csv
import json
import re
import shlex
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from isomargin.command import main

ENGINE = shlex.join([sys.executable, str(Path(__file__).parent / "hostile_account.py")])

Verdict = tuple[str, str, str]


def broken(detail: str) -> Verdict:
    return "errored", "protocol", detail


def wrong(kind: str, detail: str) -> Verdict:
    return "failed", kind, detail


PASSED: Verdict = ("passed", "", "")

VERDICTS: dict[str, Verdict] = {
    "balance_number": broken(
        "its answer steps.2.state.balances.USD.free_balance is the JSON number 1900; it must be a decimal string or null"
    ),
    "balance_nan": broken(
        "its answer steps.2.state.balances.USD.free_balance is the JSON number NaN; it must be a decimal string or null"
    ),
    "balance_infinite": broken(
        "its answer steps.2.state.balances.USD.free_balance is the JSON number Infinity; it must be a decimal string or null"
    ),
    "balance_flag": wrong(
        "value", "step 3 trade: account.free_balance is true, expected 1900 (off)"
    ),
    "balance_null": wrong(
        "value",
        "step 3 trade: account.free_balance is null, expected 1900 (off: it exists)",
    ),
    "balance_list": wrong(
        "value", "step 3 trade: account.free_balance is [1900], expected 1900 (off)"
    ),
    "balance_full_width": broken(
        'its answer steps.2.state.balances.USD.free_balance is "１９００"; it must be a decimal string or null'
    ),
    "balance_exponent": broken(
        'its answer steps.2.state.balances.USD.free_balance is "1.9e3"; it must be a decimal string or null'
    ),
    "balance_digits": broken(
        "its answer steps.2.state.balances.USD.free_balance is a number of more than 200 characters"
    ),
    "balance_escapes": broken(
        "its answer steps.2.state.balances.USD.free_balance is \"=cmd|'/C calc'!A0 <script>alert(1)</script> \\u202e | `x`\"; it must be a decimal string or null"
    ),
    "balance_nested": broken(
        "its answer steps.2.state.balances.USD.more.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a is nested deeper than 32"
    ),
    "state_missing": wrong(
        "value", "step 3 trade: position.initial_margin was not observed, expected 100"
    ),
    "state_null": broken(
        "its answer steps.2.state is missing or null; it must be an object"
    ),
    "state_list": broken(
        "its answer steps.2.state is a list of 0; it must be an object"
    ),
    "balances_missing": ("unsupported", "", "quantity free_balance"),
    "balances_list": broken(
        "its answer steps.2.state.balances is no object of objects"
    ),
    "balances_null": broken(
        "its answer steps.2.state.balances is no object of objects"
    ),
    "positions_missing": wrong(
        "value", "step 3 trade: position.initial_margin was not observed, expected 100"
    ),
    "positions_mapping": broken(
        "its answer steps.2.state.positions is no list of objects"
    ),
    "positions_none": wrong(
        "value",
        "step 3 trade: position is null, expected {initial_margin 100, isolated_margin 100} (off: none is open in BTC-USD.positions_none)",
    ),
    "positions_many": wrong(
        "value",
        "step 3 trade: position is null, expected {initial_margin 100, isolated_margin 100} (off: none is open in BTC-USD.positions_many)",
    ),
    "positions_too_many": broken(
        "its answer steps.2.state.positions has more than 10000 members"
    ),
    "position_word": broken("its answer steps.2.state.positions is no list of objects"),
    "position_twice": wrong(
        "value",
        "step 3 trade: position is [{instrument BTC-USD.position_twice, side long, initial_margin 100, isolated_margin 100}, {instrument BTC-USD.position_twice, side long, initial_margin 100, isolated_margin 100}], expected {initial_margin 100, isolated_margin 100} (off: 2 positions are open in BTC-USD.position_twice)",
    ),
    "position_elsewhere": wrong(
        "law",
        "step 4 set_margin_mode breaks rejection.changes_nothing: after.positions is [BTC-USD.position_elsewhere long], before.positions is [BTC-USD.position_elsewhere long, NO-SUCH long]",
    ),
    "position_no_side": broken(
        "its answer steps.2.state.positions.0.side is missing or null; it must be long or short"
    ),
    "position_no_margin": wrong(
        "value", "step 3 trade: position.isolated_margin was not observed, expected 100"
    ),
    "position_unknown_field": PASSED,
    "position_mode_list": broken(
        "its answer steps.2.state.positions.0.margin_mode is a list of 1; it must be a printable word or null"
    ),
    "step_number": broken(
        "its answer steps.2 is the JSON number 5; it must be an object"
    ),
    "step_list": broken("its answer steps.2 is a list of 0; it must be an object"),
    "steps_mapping": broken("its answer steps is an object; it must be a list"),
    "steps_reversed": wrong(
        "outcome",
        "step 2 set_leverage: outcome is rejected, expected accepted (off: the reason given is MARGIN_MODE_LOCKED)",
    ),
    "steps_more": broken("gave 6 steps for a scenario of 5"),
    "steps_fewer": broken("gave 4 steps for a scenario of 5"),
    "outcome_other": broken(
        'its answer steps.2.outcome is "filled"; it must be accepted or rejected'
    ),
    "outcome_missing": broken(
        "its answer steps.2.outcome is missing or null; it must be accepted or rejected"
    ),
    "reason_missing": broken(
        "its answer steps.3.reason is missing or null; it must be a printable word"
    ),
    "reason_null": broken(
        "its answer steps.3.reason is missing or null; it must be a printable word"
    ),
    "reason_unknown": wrong(
        "reason",
        "step 4 set_margin_mode: reason is NO_LUCK, expected MARGIN_MODE_LOCKED (off)",
    ),
    "reason_escapes": wrong(
        "reason",
        "step 4 set_margin_mode: reason is =cmd|'/C calc'!A0 <script>alert(1)</script> \u202e | `x`, expected MARGIN_MODE_LOCKED (off)",
    ),
    "reason_control": broken(
        'its answer steps.3.reason is "\\x1b[2J"; it must be a printable word'
    ),
    "reason_when_accepted": broken(
        "its answer steps.2.reason is given for an accepted step"
    ),
    "accepted_instead": wrong(
        "outcome",
        "step 4 set_margin_mode: outcome is accepted, expected rejected (off)",
    ),
    "rejected_instead": wrong(
        "outcome",
        "step 3 trade: outcome is rejected, expected accepted (off: the reason given is NO_LUCK)",
    ),
    "rejected_and_changed": wrong(
        "law",
        "step 4 set_margin_mode breaks rejection.changes_nothing: after.USD.available_balance is 2000, after.USD.free_balance is 2000, after.positions is [], before.USD.available_balance is 1900, before.USD.free_balance is 1900, before.positions is [BTC-USD.rejected_and_changed long]",
    ),
    "event_word": broken("its answer steps.4.events.0 is no object with an event"),
    "event_unknown": PASSED,
    "event_escapes": PASSED,
    "event_instrument_list": broken(
        "its answer steps.2.events.1.instrument is a list of 1; it must be a printable word or null"
    ),
    "event_elsewhere": PASSED,
    "event_no_amount": PASSED,
    "event_amount_null": PASSED,
    "event_amount_flag": PASSED,
    "event_amount_list": PASSED,
    "event_asset_other": PASSED,
    "events_none": wrong(
        "event", "step 5 set_mark_price: events is [], expected [liquidation] (off)"
    ),
    "events_null": broken(
        "its answer steps.2.events is missing or null; it must be a list of at most 10000"
    ),
    "events_twice": PASSED,
    "events_many": PASSED,
    "events_too_many": broken(
        "its answer steps.2.events is a list of 100001; it must be a list of at most 10000"
    ),
    "unsteady": PASSED,
    "key_twice": broken('its answer has the key "balances" twice'),
}


def scenario(number: int, fault: str) -> dict[str, Any]:
    """Return a case whose instrument names the fault."""
    symbol = f"BTC-USD.{fault}" if fault else "BTC-USD"
    tier = {"notional_floor": "0", "maintenance_margin_rate": "0.004"}
    instrument = {
        "symbol": symbol,
        "contract": "linear",
        "contract_size": "1",
        "settle": "USD",
        "tick_size": "0.01",
        "tiers": [tier],
    }
    return {
        "id": f"hostile.{fault}" if fault else f"honest.number_{number}",
        "profile": "textbook/linear",
        "rules": ["open.allocates_margin"],
        "why": "The account is falsified.",
        "origin": "hand",
        "working": ["0.02 * 50000 / 10 = 100", "2000 - 100 = 1900"],
        "given": {"balances": {"USD": "2000"}, "instruments": [instrument]},
        "steps": [
            {"do": action, "with": {"instrument": symbol, **given}, "expect": expect}
            for action, given, expect in STEPS
        ],
    }


STEPS: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("set_margin_mode", {"margin_mode": "isolated"}, {"outcome": "accepted"}),
    ("set_leverage", {"leverage": "10"}, {"outcome": "accepted"}),
    (
        "trade",
        {"side": "buy", "quantity": "0.02", "price": "50000"},
        {
            "position": {"initial_margin": "100", "isolated_margin": "100"},
            "account": {"free_balance": "1900", "wallet_balance": "2000"},
        },
    ),
    (
        "set_margin_mode",
        {"margin_mode": "cross"},
        {"outcome": "rejected", "reason": "MARGIN_MODE_LOCKED"},
    ),
    (
        "set_mark_price",
        {"price": "30000"},
        {"events": ["liquidation"], "position": None},
    ),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("traces")


def carried_out(home: Path, name: str, faults: list[str]) -> Path:
    """Run a scenario for each fault; return the log."""
    numbers = count()
    cases = [scenario(next(numbers), fault) for fault in faults]
    (home / f"{name}.yaml").write_text(json.dumps({"cases": cases}))
    log = home / f"{name}.jsonl"
    words = ["run", str(home / f"{name}.yaml"), "--subject", f"cmd:{ENGINE}"]
    assert main([*words, "--log", str(log), "--format", "json"]) == 1
    return log


@pytest.fixture(scope="module")
def log(home: Path) -> Path:
    """Give the log of one run of all the faults, an honest case after each fifth."""
    faults = []
    for number, fault in enumerate(VERDICTS):
        faults += [fault, ""] if number % 5 == 0 else [fault]
    started = time.monotonic()
    made = carried_out(home, "faults", faults)
    assert time.monotonic() - started < 60
    return made


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def verdicts(log: Path) -> dict[str, Verdict]:
    return {
        line["id"]: (line["status"], line["kind"], line["detail"])
        for line in lines(log)[1:-1]
    }


@pytest.mark.parametrize("fault", VERDICTS)
def test_a_falsified_account_has_the_verdict_of_what_it_shows(
    verdicts: dict[str, Verdict], fault: str
) -> None:
    assert verdicts[f"hostile.{fault}"] == VERDICTS[fault]


def test_every_honest_case_beside_them_passes(verdicts: dict[str, Verdict]) -> None:
    honest = {name: found for name, found in verdicts.items() if "honest." in name}
    assert len(honest) > 10
    assert set(honest.values()) == {PASSED}


def test_the_engine_is_never_started_again_for_them(log: Path) -> None:
    footer = lines(log)[-1]
    assert (footer["aborted"], footer["breakdowns"]) == (None, [])


def test_the_log_of_them_verifies(log: Path) -> None:
    assert main(["verify", str(log)]) == 0


def test_a_state_that_differs_from_one_asking_to_the_next_is_named(
    home: Path,
) -> None:
    log = carried_out(home, "unsteady", ["unsteady", ""])
    footer = lines(log)[-1]
    assert footer["unstable"] == ["hostile.unsteady"]
    assert footer["verdict"] == "nonconformant"


# What an account says reaches every report and does nothing there


def harmless_lines(text: str) -> None:
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def harmless_markdown(text: str) -> None:
    assert "<script>" not in re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)


def harmless_page(text: str) -> None:
    assert "<script>alert" not in text


def harmless_junit(text: str) -> None:
    assert not [one for one in ET.fromstring(text).iter() if one.tag == "script"]  # noqa: S314 - our own


def harmless_sarif(text: str) -> None:
    assert json.loads(text)["version"] == "2.1.0"


def harmless_sheet(text: str) -> None:
    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
    assert cells
    assert not [cell for cell in cells if re.match(r"\s*[=+@]", cell)]


REPORTS: dict[str, Callable[[str], None]] = {
    "terminal": harmless_lines,
    "markdown": harmless_markdown,
    "html": harmless_page,
    "junit": harmless_junit,
    "sarif": harmless_sarif,
    "csv": harmless_sheet,
}


@pytest.mark.parametrize("form", REPORTS)
def test_what_an_account_says_is_harmless_in_every_report(
    log: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    capsys.readouterr()
    assert main(["report", str(log), "--format", form]) in {0, 1}
    text = capsys.readouterr().out
    assert "reason_escapes" in text
    assert not set(text) & set("\x1b\u202e\x07\x00")
    REPORTS[form](text)
