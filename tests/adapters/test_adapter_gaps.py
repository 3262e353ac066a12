"""What an adapter says its engine has not got becomes `unsupported`."""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from isomargin_adapter import Profile, Ready, Run, Settings, Unsupported, gaps, serve

PLAIN = {"symbol": "BTC-USD", "tiers": [{"maintenance_margin_rate": "0.004"}]}


def run_of(*instruments: Mapping[str, Any]) -> Run:
    return Run(
        profile=Profile("textbook/linear"),
        instruments=instruments or [PLAIN],
        balances={"USD": "1000"},
        steps=[],
        message={},
    )


def feature(action: Callable[[], object]) -> str:
    with pytest.raises(Unsupported) as caught:
        action()
    return caught.value.feature


def test_a_choice_that_the_engine_has_made_is_followed() -> None:
    profile = Profile("a/b", {"one": "x", "two": "y", "rounding": {}})
    gaps.follows(profile, {"one": "x", "two": ("x", "y"), "rounding": {}, "left": "z"})


@pytest.mark.parametrize("known", ["y", ("y", "z")])
def test_another_choice_is_a_gap(known: object) -> None:
    profile = Profile("a/b", {"one": "x"})
    assert feature(lambda: gaps.follows(profile, {"one": known})) == "parameter one"


def test_a_cross_position_is_a_gap_and_an_isolated_one_is_none() -> None:
    gaps.isolated({})
    gaps.isolated({"margin_mode": "isolated"})
    assert feature(lambda: gaps.isolated({"margin_mode": "cross"})) == "cross"


def test_a_contract_size_other_than_1_is_a_gap() -> None:
    gaps.whole_contract({})
    gaps.whole_contract({"contract_size": "1.0"})
    assert (
        feature(lambda: gaps.whole_contract({"contract_size": "0.1"}))
        == "contract_size"
    )


def test_one_tier_without_a_deduction_is_returned() -> None:
    assert gaps.single_tier(PLAIN) == PLAIN["tiers"][0]
    assert gaps.single_tier({}) == {"maintenance_margin_rate": "0"}


@pytest.mark.parametrize("tiers", [[{}, {}], [{"maintenance_amount": "1"}]])
def test_more_tiers_or_a_deduction_are_a_gap(tiers: list[Any]) -> None:
    assert feature(lambda: gaps.single_tier({"tiers": tiers})) == "tiers"


def test_a_tiers_limit_of_leverage_is_a_gap() -> None:
    gaps.unlimited_leverage(run_of())
    limited = {"symbol": "A", "tiers": [{"max_leverage": "50"}]}
    said = feature(lambda: gaps.unlimited_leverage(run_of(PLAIN, limited)))
    assert said == "max_leverage"


@pytest.mark.parametrize(
    ("step", "quantity", "said"),
    [
        ("0.1", "0.15", "quantity_step"),
        ("0.1", "0", "INVALID_QUANTITY"),
        (None, "-1", "INVALID_QUANTITY"),
    ],
)
def test_a_quantity_off_its_step_is_a_gap(
    step: str | None, quantity: str, said: str
) -> None:
    instrument = {} if step is None else {"quantity_step": step}
    gaps.whole_steps(instrument, "0.3")
    assert feature(lambda: gaps.whole_steps(instrument, quantity)) == said


def test_settings_are_kept_until_the_trade_that_opens() -> None:
    settings = Settings(run_of(), set[str]().__contains__)
    settings.set_margin_mode("BTC-USD", "isolated")
    assert settings.leverage("BTC-USD") == "1"
    settings.set_leverage("BTC-USD", "10")
    assert settings.leverage("BTC-USD") == "10"


def test_settings_that_the_engine_has_no_say_in_are_gaps() -> None:
    held: set[str] = set()
    settings = Settings(run_of(), held.__contains__)
    assert feature(lambda: settings.leverage("BTC-USD")) == "cross"
    assert feature(lambda: settings.set_margin_mode("BTC-USD", "cross")) == "cross"
    assert feature(lambda: settings.set_leverage("BTC-USD", "0.5")) == "leverage"
    assert feature(lambda: settings.leverage("X")) == "UNKNOWN_INSTRUMENT"
    held.add("BTC-USD")
    assert feature(lambda: settings.set_leverage("BTC-USD", "5")) == "leverage"
    assert feature(lambda: settings.set_margin_mode("BTC-USD", "isolated")) == "cross"


class Engine:
    """It knows a trade by quantity, and takes anything for a mark price."""

    def __init__(self, run: Run) -> None:
        self._seen: dict[str, Any] = {"positions": [], **run.balances}

    def trade(self, quantity: str) -> None:
        self._seen["quantity"] = quantity

    def set_mark_price(self, **terms: str) -> None:
        self._seen |= terms

    def state(self) -> dict[str, Any]:
        return dict(self._seen)


def answered(action: str, **arguments: object) -> dict[str, Any]:
    message = {
        "t": "run",
        "seq": 1,
        "profile": {"id": "textbook/linear"},
        "instruments": [],
        "balances": {},
        "steps": [{"do": action, "with": arguments}],
    }
    output = io.StringIO()
    ready = Ready(name="a", version="1")
    serve(ready, engine=Engine, lines=[json.dumps(message)], output=output)
    answer: dict[str, Any] = json.loads(output.getvalue())
    return answer


def test_an_argument_that_an_action_does_not_take_is_a_gap() -> None:
    answer = answered("trade", quantity="1", position_side="long", liquidity="maker")
    assert (answer["t"], answer["feature"]) == ("unsupported", "trade with liquidity")


def test_what_goes_without_saying_is_no_gap() -> None:
    answer = answered("trade", quantity="1", liquidity="taker", reduce_only=False)
    assert answer["steps"][0]["state"]["quantity"] == "1"


def test_an_action_that_takes_any_argument_is_given_all() -> None:
    answer = answered("set_mark_price", price="1", index_price="2")
    assert answer["steps"][0]["state"]["index_price"] == "2"
