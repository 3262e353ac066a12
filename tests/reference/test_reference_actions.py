"""Accepted actions move what they say, and nothing else."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from isomargin_reference import report

D = Decimal
Make = Callable[..., Any]

TAKER = {"fees": {"maker": "0.0002", "taker": "0.0005", "liquidation": "0"}}


def test_an_account_begins_in_cross_mode_one_way_with_leverage_one(
    btc: dict[str, Any], account: Make
) -> None:
    holder = account(margin_mode="cross", leverage="1", instruments=[btc])
    holder.done("trade", side="buy", quantity="0.05", price="10000")
    assert holder.position["margin_mode"] == "cross"
    assert holder.position["leverage"] == 1
    assert holder.position["mark_price"] == 10000
    assert "isolated_margin" not in holder.position


def test_every_named_asset_has_balances(account: Make, btc: dict[str, Any]) -> None:
    coin = {**btc, "symbol": "BTC-USD", "settle": "BTC"}
    holder = account(instruments=[coin], balances={"USDT": "5", "EUR": "0"})
    assert report(holder.state)["balances"].keys() == {"USDT", "EUR", "BTC"}


def test_a_deposit_is_free_and_may_be_withdrawn(account: Make) -> None:
    holder = account()
    holder.done("deposit", asset="USDT", amount="500")
    assert holder.balance("wallet_balance") == 1500
    holder.done("withdraw", asset="USDT", amount="1500")
    assert holder.balance("wallet_balance") == 0


def test_opening_allocates_the_initial_margin_and_takes_the_fee(
    opened: Make, btc: dict[str, Any]
) -> None:
    holder = opened(instruments=[{**btc, **TAKER}])
    assert holder.balance("free_balance") == D("899.5")
    assert holder.balance("wallet_balance") == D("999.5")
    assert holder.position["isolated_margin"] == 100


def test_a_maker_pays_the_makers_fee(account: Make, btc: dict[str, Any]) -> None:
    holder = account(instruments=[{**btc, **TAKER}])
    events = holder.done(
        "trade", side="buy", quantity="0.1", price="10000", liquidity="maker"
    )
    assert holder.balance("free_balance") == D("899.8")
    assert events == ["margin_allocated", "fee"]


def test_increasing_averages_the_entry_price_by_size(opened: Make) -> None:
    holder = opened()
    holder.done("trade", side="buy", quantity="0.2", price="11000")
    assert holder.position["entry_price"] == D("10666.666666666666666667")
    assert holder.position["isolated_margin"] == 320


def test_increasing_an_inverse_position_averages_harmonically(
    account: Make, btc: dict[str, Any]
) -> None:
    inverse = {**btc, "contract": "inverse", "settle": "BTC"}
    holder = account(instruments=[inverse], balances={"BTC": "1"})
    holder.done("trade", side="buy", quantity="1000", price="10000")
    holder.done("set_mark_price", price="12500")
    holder.done("trade", side="buy", quantity="1000", price="12500")
    assert holder.position["entry_price"] == D("11111.111111111111111111")


def test_an_opening_at_the_mark_allocates_by_the_mark_price(opened: Make) -> None:
    holder = opened(parameters={"initial_margin_price": "mark"})
    holder.done("set_mark_price", price="10100")
    holder.done("trade", side="buy", quantity="0.1", price="10000")
    assert holder.position["isolated_margin"] == 201


def test_an_explicit_margin_is_allocated_whole(account: Make) -> None:
    holder = account()
    holder.done(
        "trade", side="buy", quantity="0.1", price="10000", isolated_margin="250"
    )
    assert holder.position["isolated_margin"] == 250
    assert holder.position["added_margin"] == 150


def test_the_least_explicit_margin_is_the_initial_margin(account: Make) -> None:
    holder = account()
    holder.done(
        "trade", side="buy", quantity="0.1", price="10000", isolated_margin="100"
    )
    assert holder.position["added_margin"] == 0


def test_all_that_is_available_may_be_used(account: Make) -> None:
    holder = account()
    holder.done("trade", side="buy", quantity="0.5", price="10000")
    holder.done("set_leverage", leverage="5")
    assert holder.balance("available_balance") == 0
    holder.done("deposit", asset="USDT", amount="70")
    holder.done("add_margin", amount="70")
    assert holder.position["isolated_margin"] == 1070


def test_an_explicit_margin_is_ignored_in_cross_mode_and_when_closing(
    account: Make,
) -> None:
    holder = account(margin_mode="cross")
    holder.done("trade", side="buy", quantity="0.1", price="10000", isolated_margin="1")
    holder.done(
        "trade", side="sell", quantity="0.1", price="10000", isolated_margin="1"
    )
    assert holder.positions == []
    assert holder.balance() == 1000


def test_a_partial_close_releases_its_share_and_the_gain(opened: Make) -> None:
    holder = opened(quantity="0.2")
    events = holder.done("trade", side="sell", quantity="0.05", price="10400")
    assert events == ["margin_released", "realised_pnl"]
    assert holder.position["isolated_margin"] == 150
    assert holder.position["entry_price"] == 10000
    assert holder.balance() == 870


def test_without_release_a_partial_close_settles_into_the_margin(opened: Make) -> None:
    holder = opened(parameters={"reduce_release": "none"}, quantity="0.2")
    holder.done("trade", side="sell", quantity="0.05", price="10400")
    assert holder.position["isolated_margin"] == 220
    assert holder.balance() == 800
    holder.done("trade", side="sell", quantity="0.15", price="10400")
    assert holder.balance() == 1080


def test_without_release_the_fund_keeps_the_margin_from_falling_below_zero(
    opened: Make,
) -> None:
    holder = opened(parameters={"reduce_release": "none"}, quantity="0.2")
    events = holder.done("trade", side="sell", quantity="0.1", price="7500")
    # What is left is at the mark price it was opened at: it realises nothing more.
    assert events == ["realised_pnl", "insurance_fund_paid", "liquidation"]
    assert holder.balance() == 800
    assert holder.fund() == -50


def test_a_close_costs_no_more_than_the_allocation(opened: Make) -> None:
    holder = opened()
    events = holder.done("trade", side="sell", quantity="0.1", price="8000")
    assert events == ["margin_released", "realised_pnl", "insurance_fund_paid"]
    assert holder.balance("wallet_balance") == 900
    assert holder.fund() == -100


def test_a_partial_close_at_a_loss_draws_on_the_margin_that_remains(
    opened: Make,
) -> None:
    # The share of 100 and 60 of the remaining 100 go; 40 still hold a gain of 0.
    holder = opened(quantity="0.2")
    events = holder.done("trade", side="sell", quantity="0.1", price="8400")
    assert events == ["margin_released", "realised_pnl"]
    assert holder.position["isolated_margin"] == 40
    assert holder.balance() == 800


def test_a_flip_closes_the_long_and_opens_the_rest_short(opened: Make) -> None:
    holder = opened()
    holder.done("set_stop_loss", price="9500")
    holder.done("trade", side="sell", quantity="0.3", price="10100")
    assert holder.position["side"] == "short"
    assert holder.position["quantity"] == D("0.2")
    assert holder.position["isolated_margin"] == 202
    assert holder.balance() == 808
    (held,) = holder.state.holdings.values()
    assert held.stop_loss is None


def test_reduce_only_trims_an_order_to_what_is_open(opened: Make) -> None:
    holder = opened()
    holder.done("trade", side="sell", quantity="5", price="10000", reduce_only=True)
    assert holder.positions == []
    assert holder.balance() == 1000


def test_a_hedge_holds_a_long_and_a_short_of_one_instrument(account: Make) -> None:
    holder = account()
    holder.done("set_position_mode", position_mode="hedge")
    for side, position_side in (("sell", "short"), ("buy", "long")):
        holder.done(
            "trade",
            side=side,
            position_side=position_side,
            quantity="0.1",
            price="10000",
        )
    assert [each["side"] for each in holder.positions] == ["long", "short"]
    holder.done("add_margin", position_side="short", amount="5")
    assert [each["isolated_margin"] for each in holder.positions] == [100, 105]
    holder.done(
        "trade",
        side="buy",
        position_side="short",
        quantity="9",
        price="10000",
        reduce_only="true",
    )
    assert [each["side"] for each in holder.positions] == ["long"]
    assert holder.balance() == 900
    holder.done(
        "trade", side="sell", position_side="long", quantity="0.1", price="10000"
    )
    assert holder.positions == []


def test_in_cross_mode_a_trade_settles_in_the_free_balance(account: Make) -> None:
    holder = account(margin_mode="cross")
    holder.done("trade", side="sell", quantity="0.1", price="10000")
    assert holder.balance("free_balance") == 1000
    assert holder.balance("available_balance") == 900
    holder.done("set_mark_price", price="10200")
    assert holder.balance("available_balance") == 880
    holder.done("set_mark_price", price="9000")
    assert holder.balance("available_balance") == 900
    holder.done("trade", side="buy", quantity="0.1", price="9000")
    assert holder.balance("free_balance") == 1100


def test_margin_added_may_be_removed(opened: Make) -> None:
    holder = opened()
    assert holder.done("add_margin", amount="50") == ["margin_added"]
    assert holder.position["isolated_margin"] == 150
    assert holder.balance() == 850
    assert holder.done("remove_margin", amount="50") == ["margin_removed"]
    assert holder.balance() == 900


@pytest.mark.parametrize(
    ("parameter", "leverage", "isolated_margin"),
    [
        ({"leverage_decrease_with_position": "pulls_margin"}, "5", 230),
        ({"leverage_decrease_with_position": "resets_margin"}, "5", 200),
        ({"leverage_decrease_with_position": "keeps_margin"}, "5", 130),
        ({"leverage_increase_with_position": "releases_margin"}, "20", 80),
        ({"leverage_increase_with_position": "resets_margin"}, "20", 50),
        ({"leverage_increase_with_position": "keeps_margin"}, "20", 130),
        ({"leverage_increase_with_position": "resets_margin"}, "10", 130),
    ],
)
def test_the_allocation_follows_the_leverage_as_the_profile_says(
    opened: Make, parameter: dict[str, str], leverage: str, isolated_margin: int
) -> None:
    holder = opened(parameters=parameter)
    holder.done("add_margin", amount="30")
    holder.done("set_leverage", leverage=leverage)
    assert holder.position["isolated_margin"] == isolated_margin
    assert holder.position["leverage"] == D(leverage)
    assert holder.balance() == 1000 - isolated_margin


def test_no_more_is_released_than_is_allocated(opened: Make) -> None:
    holder = opened()
    holder.done("set_mark_price", price="12000")
    holder.done("apply_funding", funding_rate="0.06")
    assert holder.position["isolated_margin"] == 28
    holder.done("set_leverage", leverage="20")
    assert holder.position["isolated_margin"] == 0


def test_both_positions_of_a_hedge_follow_the_leverage(account: Make) -> None:
    holder = account()
    holder.done("set_position_mode", position_mode="hedge")
    for side, position_side in (("buy", "long"), ("sell", "short")):
        holder.done(
            "trade",
            side=side,
            position_side=position_side,
            quantity="0.1",
            price="10000",
        )
    holder.done("set_leverage", leverage="4")
    assert [each["isolated_margin"] for each in holder.positions] == [250, 250]
    assert holder.refusal("set_leverage", leverage="1") == "INSUFFICIENT_BALANCE"
    assert [each["leverage"] for each in holder.positions] == [4, 4]


def test_an_open_cross_position_changes_leverage_within_what_is_available(
    opened: Make,
) -> None:
    holder = opened(margin_mode="cross")
    assert holder.done("set_leverage", leverage="1") == []
    assert holder.balance("available_balance") == 0
    assert holder.done("set_leverage", leverage="50") == []


def test_a_margin_mode_may_change_where_the_profile_allows_it(opened: Make) -> None:
    holder = opened(parameters={"margin_mode_change_with_position": "allowed"})
    assert holder.done("set_margin_mode", margin_mode="isolated") == []
    assert holder.done("set_margin_mode", margin_mode="cross") == ["margin_released"]
    assert holder.balance() == 1000
    holder.done("withdraw", asset="USDT", amount="900")
    events = holder.done("set_margin_mode", margin_mode="isolated")
    assert events == ["margin_allocated"]
    assert holder.position["isolated_margin"] == 100


@pytest.mark.parametrize(("side", "isolated_margin"), [("buy", 99), ("sell", 101)])
def test_a_long_pays_a_positive_funding_rate_and_a_short_receives_it(
    opened: Make, side: str, isolated_margin: int
) -> None:
    holder = opened(side=side)
    assert holder.done("apply_funding", funding_rate="0.001") == ["funding"]
    assert holder.position["isolated_margin"] == isolated_margin
    assert holder.balance() == 900


@pytest.mark.parametrize(
    ("side", "rate", "free_balance", "isolated_margin"),
    [
        ("buy", "0.001", "899", "100"),
        ("buy", "-0.001", "901", "100"),
        ("buy", "0.95", "0", "50"),
        ("sell", "0.001", "901", "100"),
    ],
)
def test_funding_may_be_taken_from_the_free_balance_first(
    opened: Make, side: str, rate: str, free_balance: str, isolated_margin: str
) -> None:
    holder = opened(
        parameters={"funding_source": "free_balance_then_isolated"}, side=side
    )
    holder.done("apply_funding", funding_rate=rate)
    assert holder.balance() == D(free_balance)
    assert holder.position["isolated_margin"] == D(isolated_margin)


def test_funding_of_a_cross_position_moves_the_free_balance(opened: Make) -> None:
    holder = opened(margin_mode="cross")
    holder.done("apply_funding", funding_rate="0.001")
    assert holder.balance() == 999


def test_funding_may_take_the_allocation_below_zero_while_equity_holds(
    opened: Make,
) -> None:
    holder = opened()
    holder.done("set_mark_price", price="20000")
    assert holder.done("apply_funding", funding_rate="0.06") == ["funding"]
    assert holder.position["isolated_margin"] == -20
    assert holder.position["position_equity"] == 980
    holder.done("trade", side="sell", quantity="0.1", price="20000")
    assert holder.balance() == 1880


def test_funding_without_a_position_changes_nothing(account: Make) -> None:
    holder = account()
    assert holder.done("apply_funding", funding_rate="0.01") == []


def test_two_instruments_keep_their_own_margin(
    account: Make, btc: dict[str, Any], eth: dict[str, Any]
) -> None:
    holder = account(instruments=[btc, eth])
    holder.done("set_margin_mode", instrument="ETH-USDT", margin_mode="isolated")
    holder.done("set_leverage", instrument="ETH-USDT", leverage="5")
    holder.done("trade", instrument="ETH-USDT", side="buy", quantity="1", price="1000")
    holder.done("trade", side="buy", quantity="0.1", price="10000")
    symbols = [each["instrument"] for each in holder.positions]
    assert symbols == ["BTC-USDT", "ETH-USDT"]
    holder.done("set_mark_price", price="5000")
    assert holder.position["instrument"] == "ETH-USDT"
    assert holder.position["isolated_margin"] == 200
    assert holder.balance() == 700


def test_each_cross_position_counts_the_others_and_itself_once(
    account: Make, btc: dict[str, Any], eth: dict[str, Any]
) -> None:
    holder = account(instruments=[btc, eth], margin_mode="cross")
    holder.done("trade", side="buy", quantity="0.1", price="10000")
    holder.done("set_leverage", instrument="ETH-USDT", leverage="10")
    holder.done("trade", instrument="ETH-USDT", side="sell", quantity="1", price="2000")
    holder.done("set_mark_price", price="10100")
    holder.done("set_mark_price", instrument="ETH-USDT", price="2050")
    # BTC stands on 1000 − 50 − 8.2, ETH on 1000 + 10 − 4.04.
    bankruptcies = [each["bankruptcy_price"] for each in holder.positions]
    assert bankruptcies == [D("582"), D("3005.96")]
    assert [each["position_equity"] for each in holder.positions] == [960, 960]


def test_a_state_reports_its_quantities_as_the_profile_rounds_them(
    opened: Make,
) -> None:
    rounding = {"liquidation_price": {"quantum": "tick", "mode": "half_up"}}
    holder = opened(parameters={"rounding": rounding})
    assert holder.position["liquidation_price"] == D("9036.1")
