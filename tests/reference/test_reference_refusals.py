"""Each reason for which an action is refused; a refused action changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from isomargin_reference import Reason, report

Make = Callable[..., Any]

TIERS = [
    {
        "notional_floor": "0",
        "maintenance_margin_rate": "0.004",
        "max_leverage": "100",
    },
    {
        "notional_floor": "1500",
        "maintenance_margin_rate": "0.02",
        "maintenance_amount": "24",
        "max_leverage": "20",
    },
]
ALLOWED = {"margin_mode_change_with_position": "allowed"}
BUY = {"side": "buy", "quantity": "0.1", "price": "10000"}
SELL = {**BUY, "side": "sell"}
LONG = {**BUY, "position_side": "long"}


def _refused(holder: Any, reason: str, action: str, **arguments: Any) -> None:
    before = report(holder.state)
    step = holder.do(action, **arguments)
    assert (step.outcome, step.reason) == ("rejected", Reason(reason))
    assert (step.events, step.postings) == ((), ())
    assert report(holder.state) == before


@pytest.mark.parametrize(
    ("reason", "action", "arguments"),
    [
        ("INVALID_AMOUNT", "deposit", {"asset": "USDT", "amount": "0"}),
        ("INVALID_AMOUNT", "withdraw", {"asset": "USDT", "amount": "-1"}),
        ("INSUFFICIENT_BALANCE", "withdraw", {"asset": "USDT", "amount": "1000.01"}),
        ("INSUFFICIENT_BALANCE", "withdraw", {"asset": "EUR", "amount": "1"}),
        ("UNKNOWN_INSTRUMENT", "trade", {"instrument": "DOGE", **BUY}),
        ("UNKNOWN_INSTRUMENT", "set_mark_price", {"instrument": "X", "price": "1"}),
        ("INVALID_LEVERAGE", "set_leverage", {"leverage": "0.5"}),
        ("INVALID_QUANTITY", "trade", {**BUY, "quantity": "0"}),
        ("INVALID_QUANTITY", "trade", {**BUY, "quantity": "0.0015"}),
        ("INVALID_PRICE", "trade", {**BUY, "price": "0"}),
        ("INVALID_PRICE", "set_mark_price", {"price": "0"}),
        ("INVALID_PRICE", "set_mark_price", {"price": "1", "index_price": "0"}),
        ("INVALID_PRICE", "set_mark_price", {"price": "1", "last_price": "-1"}),
        ("INVALID_POSITION_SIDE", "trade", LONG),
        ("POSITION_NOT_FOUND", "trade", {**SELL, "reduce_only": True}),
        ("LEVERAGE_TOO_HIGH", "trade", {**BUY, "isolated_margin": "99"}),
        ("INSUFFICIENT_BALANCE", "trade", {**BUY, "quantity": "1.001"}),
        ("INSUFFICIENT_BALANCE", "trade", {**BUY, "isolated_margin": "1001"}),
        ("POSITION_NOT_FOUND", "add_margin", {"amount": "1"}),
        (
            "INVALID_POSITION_SIDE",
            "add_margin",
            {"amount": "1", "position_side": "long"},
        ),
        ("POSITION_NOT_FOUND", "remove_margin", {"amount": "1"}),
        ("AUTO_ADD_MARGIN_NOT_OFFERED", "set_auto_add_margin", {"enabled": True}),
        ("POSITION_NOT_FOUND", "set_stop_loss", {"price": "1"}),
        ("POSITION_NOT_FOUND", "set_take_profit", {"price": "1"}),
    ],
)
def test_an_account_without_positions_refuses(
    account: Make, reason: str, action: str, arguments: dict[str, Any]
) -> None:
    _refused(account(), reason, action, **arguments)


@pytest.mark.parametrize(
    ("reason", "action", "arguments"),
    [
        ("MARGIN_MODE_LOCKED", "set_margin_mode", {"margin_mode": "cross"}),
        ("MARGIN_MODE_LOCKED", "set_margin_mode", {"margin_mode": "isolated"}),
        ("POSITION_MODE_LOCKED", "set_position_mode", {"position_mode": "hedge"}),
        ("REDUCE_ONLY_WOULD_INCREASE", "trade", {**BUY, "reduce_only": "yes"}),
        ("INVALID_AMOUNT", "add_margin", {"amount": "0"}),
        ("INSUFFICIENT_BALANCE", "add_margin", {"amount": "900.01"}),
        ("INVALID_AMOUNT", "remove_margin", {"amount": "0"}),
        ("MARGIN_NOT_REMOVABLE", "remove_margin", {"amount": "0.01"}),
        ("INVALID_PRICE", "set_stop_loss", {"price": "0"}),
        ("INVALID_PRICE", "set_stop_loss", {"price": "10000"}),
        ("INVALID_PRICE", "set_take_profit", {"price": "10000"}),
        ("INSUFFICIENT_BALANCE", "trade", {**SELL, "quantity": "1.2"}),
    ],
)
def test_an_account_with_an_isolated_long_refuses(
    opened: Make, reason: str, action: str, arguments: dict[str, Any]
) -> None:
    _refused(opened(), reason, action, **arguments)


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("add_margin", {"amount": "1"}),
        ("remove_margin", {"amount": "1"}),
        ("set_auto_add_margin", {"enabled": True}),
    ],
)
def test_a_cross_position_has_no_margin_of_its_own_to_change(
    opened: Make, action: str, arguments: dict[str, Any]
) -> None:
    holder = opened(margin_mode="cross", parameters={"auto_add_margin": "available"})
    _refused(holder, "NOT_ISOLATED", action, **arguments)


def test_auto_add_needs_a_position(account: Make) -> None:
    holder = account(parameters={"auto_add_margin": "available"})
    _refused(holder, "POSITION_NOT_FOUND", "set_auto_add_margin", enabled=True)


@pytest.mark.parametrize(
    ("reason", "action", "arguments"),
    [
        ("INVALID_POSITION_SIDE", "trade", BUY),
        ("INVALID_POSITION_SIDE", "add_margin", {"amount": "1"}),
        ("POSITION_NOT_FOUND", "trade", {**BUY, "position_side": "short"}),
        ("POSITION_NOT_FOUND", "add_margin", {"amount": "1", "position_side": "short"}),
        ("INVALID_QUANTITY", "trade", {**LONG, "side": "sell", "quantity": "0.2"}),
        ("REDUCE_ONLY_WOULD_INCREASE", "trade", {**LONG, "reduce_only": True}),
        (
            "POSITION_NOT_FOUND",
            "trade",
            {**SELL, "position_side": "short", "reduce_only": True},
        ),
    ],
)
def test_a_hedge_refuses_what_names_no_open_position(
    account: Make, reason: str, action: str, arguments: dict[str, Any]
) -> None:
    holder = account()
    holder.done("set_position_mode", position_mode="hedge")
    holder.done("trade", **LONG)
    _refused(holder, reason, action, **arguments)


def test_the_fee_of_an_opening_must_be_available_too(
    account: Make, btc: dict[str, Any]
) -> None:
    holder = account(instruments=[{**btc, "fees": {"taker": "0.0001"}}])
    _refused(holder, "INSUFFICIENT_BALANCE", "trade", **{**BUY, "quantity": "1"})
    holder.done("deposit", asset="USDT", amount="1")
    holder.done("trade", **{**BUY, "quantity": "1"})


def test_leverage_is_limited_by_the_tiers(account: Make, btc: dict[str, Any]) -> None:
    holder = account(instruments=[{**btc, "tiers": TIERS}])
    _refused(holder, "LEVERAGE_TOO_HIGH", "set_leverage", leverage="100.1")
    holder.done("set_leverage", leverage="100")
    holder.done("trade", **BUY)
    _refused(holder, "LEVERAGE_TOO_HIGH", "trade", **BUY)
    holder.done("set_leverage", leverage="20")
    holder.done("trade", **BUY)
    _refused(holder, "LEVERAGE_TOO_HIGH", "set_leverage", leverage="21")


@pytest.mark.parametrize(
    ("parameter", "leverage"),
    [
        ("leverage_decrease_with_position", "5"),
        ("leverage_increase_with_position", "20"),
    ],
)
def test_a_profile_may_lock_leverage(
    opened: Make, parameter: str, leverage: str
) -> None:
    holder = opened(parameters={parameter: "rejected"})
    _refused(holder, "LEVERAGE_LOCKED", "set_leverage", leverage=leverage)


@pytest.mark.parametrize("margin_mode", ["isolated", "cross"])
@pytest.mark.parametrize("choice", ["pulls_margin", "resets_margin"])
def test_lower_leverage_needs_the_balance_for_it(
    opened: Make, choice: str, margin_mode: str
) -> None:
    holder = opened(
        parameters={"leverage_decrease_with_position": choice},
        margin_mode=margin_mode,
        quantity="0.5",
    )
    _refused(holder, "INSUFFICIENT_BALANCE", "set_leverage", leverage="4")


@pytest.mark.parametrize("choice", ["releases_margin", "resets_margin"])
def test_higher_leverage_is_refused_where_it_would_liquidate(
    opened: Make, choice: str
) -> None:
    holder = opened(parameters={"leverage_increase_with_position": choice})
    holder.done("set_mark_price", price="9400")
    _refused(holder, "WOULD_LIQUIDATE", "set_leverage", leverage="20")


@pytest.mark.parametrize("margin_mode", ["isolated", "cross"])
def test_a_position_that_would_fail_at_once_is_not_opened(
    account: Make, margin_mode: str
) -> None:
    holder = account(margin_mode=margin_mode, balances={"USDT": "100"})
    holder.done("set_mark_price", price="9000")
    _refused(holder, "WOULD_LIQUIDATE", "trade", **BUY)


def test_margin_whose_loss_would_liquidate_is_not_removed(opened: Make) -> None:
    # The index has fallen; the mark, on which the removable margin rests, has not.
    holder = opened(parameters={"trigger_price": "index"})
    holder.done("add_margin", amount="100")
    holder.done("set_mark_price", price="10000", index_price="8500")
    _refused(holder, "WOULD_LIQUIDATE", "remove_margin", amount="100")


def test_a_cross_position_is_not_isolated_where_that_would_liquidate_it(
    opened: Make,
) -> None:
    holder = opened(parameters=ALLOWED, margin_mode="cross")
    holder.done("set_mark_price", price="2000")
    _refused(holder, "WOULD_LIQUIDATE", "set_margin_mode", margin_mode="isolated")


def test_a_cross_position_is_not_isolated_without_the_balance_for_it(
    opened: Make,
) -> None:
    holder = opened(parameters=ALLOWED, margin_mode="cross")
    holder.done("withdraw", asset="USDT", amount="900")
    holder.done("apply_funding", funding_rate="0.001")
    _refused(holder, "INSUFFICIENT_BALANCE", "set_margin_mode", margin_mode="isolated")
