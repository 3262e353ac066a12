"""What an adapter says its engine has not got becomes `unsupported`."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from isomargin.cache import cached_rulebook
from isomargin.rulebook.places import places
from isomargin_adapter import (
    Profile,
    Ready,
    Rejected,
    Run,
    Settings,
    Unsupported,
    gaps,
    refused,
    serve,
    terms,
)

PLAIN = {"symbol": "BTC-USD", "tiers": [{"maintenance_margin_rate": "0.004"}]}


def run_of(
    *instruments: Mapping[str, Any],
    steps: Sequence[Mapping[str, Any]] = (),
    **choices: object,
) -> Run:
    return Run(
        profile=Profile("textbook/linear", choices),
        instruments=instruments or [PLAIN],
        balances={"USD": "1000"},
        steps=steps,
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


def test_plain_choices_and_those_of_a_course_are_parameters_of_profiles() -> None:
    parameters = cached_rulebook(places(None)).profiles["textbook/linear"].parameters
    for name, choice in {**gaps.PLAIN, **gaps.COURSE}.items():
        assert parameters[name] == choice
    gaps.follows(Profile("textbook/linear", parameters), gaps.PLAIN)
    gaps.follows(Profile("textbook/linear", parameters), gaps.COURSE)


@pytest.mark.parametrize(
    ("price", "action"), [("entry", "set_mark_price"), ("mark", "trade")]
)
def test_maintenance_at_entry_is_kept_or_does_not_show(price: str, action: str) -> None:
    run = run_of(steps=[{"do": action}], maintenance_margin_price=price)
    assert gaps.maintenance_at_entry(run) is (price == "entry")


@pytest.mark.parametrize("action", ["set_mark_price", "apply_funding"])
def test_maintenance_at_the_mark_price_shows_when_a_price_moves(action: str) -> None:
    run = run_of(steps=[{"do": action}], maintenance_margin_price="mark")
    said = feature(lambda: gaps.maintenance_at_entry(run))
    assert said == "parameter maintenance_margin_price"


def test_what_an_engine_has_one_of_is_the_same_for_all() -> None:
    assert gaps.only(iter(["0.1", "0.1"]), "fees") == "0.1"
    assert feature(lambda: gaps.only(["0.1", "0.2"], "fees")) == "fees"
    assert feature(lambda: gaps.only([], "assets")) == "assets"


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


@pytest.mark.parametrize(
    ("quantity", "price", "said"),
    [("0", "100", "INVALID_QUANTITY"), ("1", "0", "INVALID_PRICE")],
)
def test_an_order_that_an_engine_would_have_to_refuse_is_a_gap(
    quantity: str, price: str, said: str
) -> None:
    settings = Settings(run_of(), set[str]().__contains__)
    settings.set_margin_mode("BTC-USD", "isolated")
    assert settings.order("BTC-USD", "0.1", "100") == "1"
    assert feature(lambda: settings.order("BTC-USD", quantity, price)) == said


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (KeyError("any"), "MARGIN_MODE_LOCKED"),
        (ValueError("a leverage too high"), "LEVERAGE_TOO_HIGH"),
    ],
)
def test_an_engine_refuses_by_the_class_or_the_words_of_an_exception(
    raised: Exception, reason: str
) -> None:
    known = {KeyError: "MARGIN_MODE_LOCKED", "too high": "LEVERAGE_TOO_HIGH"}
    with pytest.raises(Rejected) as caught, refused(known):
        raise raised
    assert caught.value.reason == reason


def test_what_no_refusal_is_known_for_stays_a_fault() -> None:
    with pytest.raises(ValueError, match=r"^broken$"), refused({KeyError: "X"}):
        raise ValueError("broken")


def test_a_position_is_told_by_the_names_of_the_wire() -> None:
    position = SimpleNamespace(qty=1, contract=SimpleNamespace(leverage=10))
    names = {"quantity": "qty", "leverage": "contract.leverage"}
    assert terms.told(position, names) == {"quantity": 1, "leverage": 10}


@pytest.mark.parametrize("instrument", [{}, {"fees": None}, {"fees": {"maker": "1"}}])
def test_an_instrument_that_names_no_takers_fee_has_none(instrument: Any) -> None:
    assert terms.taker_fee(instrument) == "0"
    assert terms.taker_fee({"fees": {"taker": "0.0005"}}) == "0.0005"


class Engine:
    """It knows a trade by quantity, and takes anything for a mark price."""

    def __init__(self, run: Run) -> None:
        self._seen: dict[str, Any] = {"positions": [], **run.balances}
        self.settings = Settings(run, set[str]().__contains__)

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
        "instruments": [PLAIN],
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


def test_an_argument_that_an_action_cannot_do_without_is_a_gap() -> None:
    answer = answered("trade")
    assert (answer["t"], answer["feature"]) == ("unsupported", "trade without quantity")


def test_settings_do_the_actions_that_an_engine_has_no_method_for() -> None:
    answer = answered("set_leverage", instrument="BTC-USD", leverage="5")
    assert answer["steps"][0]["outcome"] == "accepted"
    answer = answered("set_leverage", instrument="ETH-USD", leverage="5")
    assert answer["feature"] == "UNKNOWN_INSTRUMENT"
    assert answered("withdraw")["feature"] == "withdraw"
