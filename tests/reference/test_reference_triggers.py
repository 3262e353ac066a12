"""What acts by itself: liquidation, auto-add, stop-loss, take-profit."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

D = Decimal
Make = Callable[..., Any]

FEES = {"fees": {"maker": "0", "taker": "0.0005", "liquidation": "0.005"}}
TRADER = {"liquidation_leftover": "trader"}
STEPPING = {"liquidation_process": "tier_step_down"}
TIERS = [
    {"notional_floor": "0", "maintenance_margin_rate": "0.01"},
    {
        "notional_floor": "500",
        "maintenance_margin_rate": "0.05",
        "maintenance_amount": "20",
    },
]
INVERSE = {"contract": "inverse", "settle": "BTC", "quantity_step": "1"}


def _event(holder: Any, name: str, action: str, **arguments: Any) -> Any:
    happened = {each.event: each for each in holder.do(action, **arguments).events}
    return happened[name]


def test_liquidation_takes_the_allocation_and_leaves_the_rest(opened: Make) -> None:
    holder = opened()
    events = holder.done("set_mark_price", price="9036")
    assert events == ["liquidation", "realised_pnl", "insurance_fund_received"]
    assert holder.positions == []
    assert holder.balance("wallet_balance") == 900
    assert holder.fund() == D("3.6")


def test_a_gap_costs_the_insurance_fund_and_not_the_account(opened: Make) -> None:
    holder = opened()
    events = holder.done("set_mark_price", price="5000")
    assert events == ["liquidation", "realised_pnl", "insurance_fund_paid"]
    assert holder.balance("wallet_balance") == 900
    assert holder.fund() == -400


def test_a_liquidation_tells_what_was_lost_and_where(opened: Make) -> None:
    liquidation = _event(opened(), "liquidation", "set_mark_price", price="9000")
    assert liquidation.as_mapping() == {
        "event": "liquidation",
        "instrument": "BTC-USDT",
        "side": "long",
        "asset": "USDT",
        "amount": 100,
        "price": 9000,
        "quantity": D("0.1"),
    }


def test_the_account_trades_on_after_a_liquidation(opened: Make) -> None:
    holder = opened()
    holder.done("set_mark_price", price="5000")
    holder.done("trade", side="sell", quantity="0.1", price="5000")
    assert holder.position["side"] == "short"


@pytest.mark.parametrize(
    ("price", "free_balance", "fund"),
    [("9080", "903.46", "4.54"), ("9045", "900", "4.5"), ("8000", "900", "-100")],
)
def test_a_trader_may_keep_what_the_liquidation_fee_leaves(
    opened: Make, btc: dict[str, Any], price: str, free_balance: str, fund: str
) -> None:
    # Liquidation fees in the requirement, so that something is left to be had.
    holder = opened(
        parameters={**TRADER, "maintenance_fee": "liquidation_fee"},
        instruments=[{**btc, **FEES}],
        balances={"USDT": "1000.5"},
    )
    holder.done("set_mark_price", price=price)
    assert holder.balance() == D(free_balance)
    assert holder.fund() == D(fund)


def test_a_step_down_closes_what_lies_above_the_lower_tier(
    opened: Make, btc: dict[str, Any]
) -> None:
    # At 9300 the value of 930 requires 26.5 and 30 − 0 is left of 100; at 9200 the
    # value is 920, 420 too much: 0.046 of 9200 is 423.2.
    holder = opened(parameters=STEPPING, instruments=[{**btc, "tiers": TIERS}])
    assert holder.done("set_mark_price", price="9300") == []
    events = holder.done("set_mark_price", price="9200")
    assert events == ["partial_liquidation", "realised_pnl"]
    assert holder.position["quantity"] == D("0.054")
    assert holder.position["isolated_margin"] == D("63.2")
    assert holder.position["maintenance_margin_rate"] == D("0.01")
    assert holder.balance() == 900


def test_without_a_quantity_step_a_step_down_closes_to_the_last_decimal(
    opened: Make, btc: dict[str, Any]
) -> None:
    whole = {**btc, **FEES, "tiers": TIERS, "quantity_step": None}
    holder = opened(parameters=STEPPING, instruments=[whole])
    events = holder.done("set_mark_price", price="9200")
    assert events == ["partial_liquidation", "realised_pnl", "insurance_fund_received"]
    assert holder.position["quantity"] == D("0.054347826086956521")


@pytest.mark.parametrize(
    ("boundary", "quantity"),
    [("upper_inclusive", "0.05"), ("upper_exclusive", "0.049")],
)
def test_a_step_down_ends_in_the_lower_tier_whichever_way_its_edge_belongs(
    opened: Make, btc: dict[str, Any], boundary: str, quantity: str
) -> None:
    # At a mark of 10000 an edge of 500 is 0.05 exactly; the index is what falls.
    holder = opened(
        parameters={
            **STEPPING,
            "tier_boundary": boundary,
            "trigger_price": "index",
        },
        instruments=[{**btc, "tiers": TIERS}],
    )
    holder.done("set_mark_price", price="10000", index_price="9200")
    assert holder.position["quantity"] == D(quantity)


def test_an_inverse_position_steps_down_by_its_value_in_coin(
    account: Make, btc: dict[str, Any]
) -> None:
    tiers = [
        {"notional_floor": "0", "maintenance_margin_rate": "0.01"},
        {"notional_floor": "0.05", "maintenance_margin_rate": "0.05"},
    ]
    holder = account(
        parameters=STEPPING,
        instruments=[{**btc, **INVERSE, "tiers": tiers}],
        balances={"BTC": "1"},
    )
    holder.done("trade", side="buy", quantity="1000", price="10000")
    holder.done("set_mark_price", price="9500")
    assert holder.position["quantity"] == 475
    assert holder.position["notional_value"] == D("0.05")


@pytest.mark.parametrize("price", ["8900", "5000"])
def test_a_step_down_that_the_margin_cannot_bear_is_a_liquidation(
    opened: Make, btc: dict[str, Any], price: str
) -> None:
    dear = {"fees": {"liquidation": "0.2"}}
    holder = opened(parameters=STEPPING, instruments=[{**btc, **dear, "tiers": TIERS}])
    assert holder.done("set_mark_price", price=price)[0] == "liquidation"
    assert holder.positions == []


def test_a_step_down_may_leave_a_margin_of_nothing(
    opened: Make, btc: dict[str, Any]
) -> None:
    # 0.04 close at 8000: 80 are lost and 20 are the fee, the whole 100.
    costly = {"fees": {"liquidation": "0.0625"}, "quantity_step": "0.02"}
    holder = opened(
        parameters={**STEPPING, "trigger_price": "index"},
        instruments=[{**btc, **costly, "tiers": TIERS}],
    )
    events = holder.done("set_mark_price", price="8000", index_price="9200")
    assert events == [
        "partial_liquidation",
        "realised_pnl",
        "insurance_fund_received",
        "liquidation",
        "realised_pnl",
        "insurance_fund_paid",
    ]


def test_a_step_that_would_close_everything_is_a_liquidation(
    opened: Make, btc: dict[str, Any]
) -> None:
    coarse = {**btc, "tiers": TIERS, "quantity_step": "0.1"}
    holder = opened(parameters=STEPPING, instruments=[coarse])
    assert holder.done("set_mark_price", price="9200")[0] == "liquidation"


@pytest.mark.parametrize(
    ("choice", "price", "isolated_margin", "times"),
    [
        ("initial_margin", "9000", "200", 1),
        ("initial_margin", "7500", "300", 2),
        ("available", "9000", "1000", 1),
    ],
)
def test_auto_add_keeps_a_position_alive_while_balance_lasts(
    opened: Make, choice: str, price: str, isolated_margin: str, times: int
) -> None:
    holder = opened(parameters={"auto_add_margin": choice})
    holder.done("set_auto_add_margin", enabled=True)
    events = holder.done("set_mark_price", price=price)
    assert events == ["auto_margin_added"] * times
    assert holder.position["isolated_margin"] == D(isolated_margin)


def test_auto_add_takes_no_more_than_is_available(opened: Make) -> None:
    holder = opened(
        parameters={"auto_add_margin": "initial_margin"}, balances={"USDT": "150"}
    )
    holder.done("set_auto_add_margin", enabled="true")
    events = holder.done("set_mark_price", price="8000")
    assert events == [
        "auto_margin_added",
        "liquidation",
        "realised_pnl",
        "insurance_fund_paid",
    ]
    assert holder.balance("wallet_balance") == 0
    assert holder.fund() == -50


def test_auto_add_switched_off_adds_nothing(opened: Make) -> None:
    holder = opened(parameters={"auto_add_margin": "available"})
    holder.done("set_auto_add_margin", enabled=True)
    holder.done("set_auto_add_margin", enabled=False)
    assert holder.done("set_mark_price", price="9000")[0] == "liquidation"


@pytest.mark.parametrize(
    ("side", "order", "price", "mark", "free_balance"),
    [
        ("buy", "stop_loss", "9500", "9400", "940"),
        ("buy", "take_profit", "10500", "10600", "1060"),
        ("sell", "stop_loss", "10500", "10600", "940"),
        ("sell", "take_profit", "9500", "9400", "1060"),
    ],
)
def test_an_order_closes_the_whole_position_at_the_mark_price(  # noqa: PLR0917 - a row of the table
    opened: Make, side: str, order: str, price: str, mark: str, free_balance: str
) -> None:
    holder = opened(side=side)
    holder.done(f"set_{order}", price=price)
    events = holder.done("set_mark_price", price=mark)
    assert events == [order, "margin_released", "realised_pnl"]
    assert holder.balance() == D(free_balance)


def test_an_order_pays_the_takers_fee(opened: Make, btc: dict[str, Any]) -> None:
    holder = opened(instruments=[{**btc, **FEES}])
    holder.done("set_stop_loss", price="9500")
    holder.done("set_mark_price", price="9500")
    assert holder.balance() == D("949.025")


def test_liquidation_comes_before_a_stop_loss(opened: Make) -> None:
    holder = opened()
    holder.done("set_stop_loss", price="9500")
    assert holder.done("set_mark_price", price="9000")[0] == "liquidation"


@pytest.mark.parametrize("order", ["stop_loss", "take_profit"])
def test_a_null_price_clears_an_order(opened: Make, order: str) -> None:
    holder = opened()
    price, mark = {
        "stop_loss": ("9500", "9400"),
        "take_profit": ("10500", "10600"),
    }[order]
    holder.done(f"set_{order}", price=price)
    holder.done(f"set_{order}", price=None)
    assert holder.done("set_mark_price", price=mark) == []


def test_cross_liquidation_takes_every_cross_position_and_no_isolated_one(
    account: Make, btc: dict[str, Any], eth: dict[str, Any]
) -> None:
    sol = {**btc, "symbol": "SOL-USDT"}
    holder = account(instruments=[btc, eth, sol], margin_mode="cross")
    holder.done("set_margin_mode", instrument="SOL-USDT", margin_mode="isolated")
    holder.done("set_leverage", instrument="ETH-USDT", leverage="10")
    for symbol in ("BTC-USDT", "ETH-USDT", "SOL-USDT"):
        holder.done(
            "trade", instrument=symbol, side="buy", quantity="0.1", price="1000"
        )
    events = holder.done("set_mark_price", instrument="ETH-USDT", price="1")
    assert events == []
    holder.done("trade", side="buy", quantity="3", price="1000")
    events = holder.done("set_mark_price", price="742.5")
    closing = ["liquidation", "realised_pnl"]
    assert events == [*closing, *closing, "insurance_fund_received"]
    assert holder.position["instrument"] == "SOL-USDT"
    assert holder.balance("wallet_balance") == 100
    assert holder.fund() == D("1.85")


@pytest.mark.parametrize(
    ("choice", "free_balance", "fund"), [("absorbed", 0, -500), ("debt", -500, 0)]
)
@pytest.mark.parametrize("leftover", ["insurance_fund", "trader"])
def test_what_a_cross_liquidation_lacks_is_absorbed_or_owed(
    opened: Make, leftover: str, choice: str, free_balance: int, fund: int
) -> None:
    holder = opened(
        parameters={"negative_balance": choice, "liquidation_leftover": leftover},
        margin_mode="cross",
        balances={"USDT": "500"},
        quantity="0.2",
    )
    events = holder.done("set_mark_price", price="5000")
    assert events[0] == "liquidation"
    assert holder.balance() == free_balance
    assert holder.fund() == fund


def test_a_cross_trader_may_keep_what_the_liquidation_fee_leaves(
    opened: Make, btc: dict[str, Any]
) -> None:
    holder = opened(
        parameters={**TRADER, "maintenance_fee": "liquidation_fee"},
        instruments=[{**btc, **FEES}],
        margin_mode="cross",
        balances={"USDT": "200.5"},
    )
    holder.done("set_mark_price", price="8070")
    assert holder.balance() == D("2.965")
    assert holder.fund() == D("4.035")


def test_a_cross_liquidation_that_leaves_nothing_gives_the_fund_nothing(
    opened: Make,
) -> None:
    holder = opened(margin_mode="cross", balances={"USDT": "150"})
    events = holder.done("set_mark_price", price="8500")
    assert events == ["liquidation", "realised_pnl"]
    assert holder.fund() == 0


def test_a_loss_that_outruns_the_free_balance_is_absorbed(opened: Make) -> None:
    holder = opened(margin_mode="cross", balances={"USDT": "150"})
    events = holder.done("trade", side="sell", quantity="0.1", price="8000")
    assert events == ["realised_pnl", "insurance_fund_paid"]
    assert holder.balance() == 0
    assert holder.fund() == -50


def test_a_free_balance_below_zero_waits_while_a_cross_position_is_open(
    opened: Make,
) -> None:
    holder = opened(margin_mode="cross", balances={"USDT": "150"})
    holder.done("set_mark_price", price="12000")
    holder.done("trade", side="sell", quantity="0.05", price="6000")
    assert holder.balance() == -50
    assert holder.balance("available_balance") == 0


def test_a_liquidation_of_nothing_allocated_is_still_told(opened: Make) -> None:
    holder = opened()
    holder.done("set_mark_price", price="20000")
    holder.done("apply_funding", funding_rate="0.05")
    assert holder.position["isolated_margin"] == 0
    liquidation = _event(holder, "liquidation", "set_mark_price", price="10000")
    assert liquidation.amount == 0
