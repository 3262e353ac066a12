"""What fractal-defi's perpetual does, seen through its adapter."""

from collections.abc import Callable
from typing import Any

import pytest

Json = dict[str, Any]
Asked = Callable[..., Json]

TIER = {
    "notional_floor": "0",
    "maintenance_margin_rate": "0.004",
    "maintenance_amount": "0",
}
INSTRUMENT = {
    "symbol": "BTC-USDT",
    "contract": "linear",
    "contract_size": "1",
    "settle": "USDT",
    "tick_size": "0.1",
    "fees": {"maker": "0", "taker": "0"},
    "tiers": [TIER],
}
PROFILE = {"id": "textbook/linear", "parameters": {}}
POSITION = {
    "side": "long",
    "quantity": "0.1",
    "entry_price": "10000",
    "leverage": "10",
    "margin_mode": "isolated",
    "isolated_margin": "100",
}
ISOLATED = {"do": "set_margin_mode", "with": {"margin_mode": "isolated"}}
OPENED: list[Json] = [
    ISOLATED,
    {"do": "set_leverage", "with": {"leverage": "10"}},
    {
        "do": "trade",
        "with": {
            "side": "buy",
            "quantity": "0.1",
            "price": "10000",
            "isolated_margin": "100",
        },
    },
]


def step(action: str, **arguments: str) -> Json:
    return {"do": action, "with": arguments}


def sold(quantity: str, price: str, **more: str) -> Json:
    return step("trade", side="sell", quantity=quantity, price=price, **more)


@pytest.fixture
def answer(converse: Asked) -> Asked:
    """Return a function that asks one question."""

    def asked(message: Json, **instrument: object) -> Json:
        shape = INSTRUMENT | instrument
        if message["t"] == "quote":
            message["instrument"] = shape
        else:
            for one in message["steps"]:
                one["with"].setdefault("instrument", shape["symbol"])
            message |= {"instruments": [shape], "balances": {"USDT": "1000"}}
        return converse("fractal", message | {"seq": 1, "profile": PROFILE})

    return asked


@pytest.fixture
def quote(answer: Asked) -> Asked:
    def asked(*want: str, instrument: Json | None = None, **position: str) -> Json:
        asked_of = POSITION | position
        message = {"t": "quote", "position": asked_of, "want": list(want)}
        return answer(message, **(instrument or {}))

    return asked


@pytest.fixture
def run(answer: Asked) -> Asked:
    def driven(*steps: Json, **instrument: object) -> Json:
        copies = [{"do": one["do"], "with": dict(one["with"])} for one in steps]
        return answer({"t": "run", "steps": copies}, **instrument)

    return driven


@pytest.fixture
def last(run: Asked) -> Asked:
    def driven(*steps: Json, **instrument: object) -> Json:
        step: Json = run(*steps, **instrument)["steps"][-1]
        return step

    return driven


@pytest.mark.parametrize(
    ("position", "price"),
    [
        ({"side": "long"}, "9036.144578313253"),
        ({"side": "short"}, "10956.175298804781"),
        ({"isolated_margin": "150"}, "8534.136546184738"),
    ],
)
def test_a_liquidation_price_meets_maintenance_at_the_price_itself(
    quote: Asked, position: dict[str, str], price: str
) -> None:
    values = quote("liquidation_price", **position)["values"]
    assert values == {"liquidation_price": price}


def test_an_over_collateralised_long_has_no_liquidation_price(quote: Asked) -> None:
    values = quote("liquidation_price", isolated_margin="1000")["values"]
    assert values == {"liquidation_price": None}


def test_figures_follow_the_mark_price(quote: Asked) -> None:
    want = ("unrealised_pnl", "position_equity", "maintenance_margin")
    values = quote(*want, mark_price="9500")["values"]
    assert values == {
        "unrealised_pnl": "-50",
        "position_equity": "50",
        "maintenance_margin": "3.8",
    }


def test_a_liquidatable_position_can_still_be_quoted(quote: Asked) -> None:
    values = quote("position_equity", mark_price="8000")["values"]
    assert values == {"position_equity": "-100"}


@pytest.mark.parametrize(
    ("position", "instrument", "feature"),
    [
        ({"margin_mode": "cross"}, {}, "cross"),
        ({"quantity": "0"}, {}, "INVALID_QUANTITY"),
        ({}, {"contract_size": "0.01"}, "contract_size"),
        ({}, {"tiers": [TIER, TIER]}, "tiers"),
        (
            {},
            {"tiers": [TIER | {"maintenance_amount": "5"}]},
            "tiers",
        ),
    ],
)
def test_a_quote_the_entity_cannot_hold_is_a_gap(
    quote: Asked, position: dict[str, str], instrument: Json, feature: str
) -> None:
    reply = quote("liquidation_price", instrument=instrument, **position)
    assert reply == {"t": "unsupported", "seq": 1, "feature": feature}


def test_an_allocation_that_only_a_leverage_names_is_a_gap(answer: Asked) -> None:
    position = {name: POSITION[name] for name in POSITION if name != "isolated_margin"}
    message = {"t": "quote", "position": position, "want": ["liquidation_price"]}
    assert answer(message)["feature"] == "leverage"


def test_an_opened_position_is_read_from_the_entity(last: Asked) -> None:
    assert last(*OPENED) == {
        "outcome": "accepted",
        "events": [],
        "state": {
            "positions": [
                {
                    "instrument": "BTC-USDT",
                    "side": "long",
                    "margin_mode": "isolated",
                    "quantity": "0.1",
                    "entry_price": "10000",
                    "isolated_margin": "100",
                    "unrealised_pnl": "0",
                    "position_equity": "100",
                    "maintenance_margin": "4",
                    "liquidation_price": "9036.144578313253",
                }
            ]
        },
    }


def test_a_gap_in_the_price_takes_the_position_and_no_more(last: Asked) -> None:
    assert last(*OPENED, step("set_mark_price", price="5000")) == {
        "outcome": "accepted",
        "events": [{"event": "liquidation", "instrument": "BTC-USDT", "side": "long"}],
        "state": {"positions": []},
    }


def test_funding_is_charged_to_the_allocation(last: Asked) -> None:
    (position,) = last(*OPENED, step("apply_funding", funding_rate="0.0001"))["state"][
        "positions"
    ]
    assert position["isolated_margin"] == "99.9"
    assert position["liquidation_price"] == "9037.14859437751"


def test_added_margin_moves_the_liquidation_price_away(last: Asked) -> None:
    (position,) = last(*OPENED, step("add_margin", amount="50"))["state"]["positions"]
    assert position["isolated_margin"] == "150"
    assert position["liquidation_price"] == "8534.136546184738"


def test_a_refused_removal_changes_nothing(run: Asked) -> None:
    *_, before, after = run(*OPENED, step("remove_margin", amount="97"))["steps"]
    assert (after["outcome"], after["reason"]) == ("rejected", "MARGIN_NOT_REMOVABLE")
    assert after["state"] == before["state"]


def test_a_refused_trade_leaves_no_deposit_behind(run: Asked) -> None:
    more = step("trade", side="buy", quantity="9", price="10000", isolated_margin="1")
    *_, before, after = run(*OPENED, more)["steps"]
    assert (after["outcome"], after["reason"]) == ("rejected", "WOULD_LIQUIDATE")
    assert after["state"] == before["state"]


def test_a_full_close_leaves_no_margin_for_the_next_position(last: Asked) -> None:
    again = step("trade", side="buy", quantity="0.1", price="10000")
    again["with"]["isolated_margin"] = "70"
    (position,) = last(*OPENED, sold("0.1", "10000"), again)["state"]["positions"]
    assert position["isolated_margin"] == "70"


@pytest.mark.parametrize(
    ("steps", "feature"),
    [
        ([step("set_margin_mode", margin_mode="cross")], "margin_mode"),
        ([*OPENED, ISOLATED], "margin_mode"),
        ([step("set_leverage", leverage="10")], "leverage"),
        ([*OPENED, step("set_leverage", leverage="5")], "leverage"),
        ([ISOLATED, sold("0.1", "10000")], "leverage"),
        ([sold("0.1", "10000", isolated_margin="100")], "cross"),
        ([*OPENED, sold("0.1", "9999")], "trade_away_from_mark_price"),
        ([*OPENED, sold("0.1", "10000", liquidity="maker")], "trade with liquidity"),
        (
            [*OPENED, sold("0.1", "10000", position_side="long")],
            "trade with position_side",
        ),
        ([ISOLATED, step("add_margin", amount="1")], "POSITION_NOT_FOUND"),
        ([step("set_mark_price", instrument="X", price="1")], "UNKNOWN_INSTRUMENT"),
        ([step("deposit", asset="USDT", amount="1")], "deposit"),
    ],
)
def test_what_the_entity_has_no_notion_of_is_a_gap(
    run: Asked, steps: list[Json], feature: str
) -> None:
    assert run(*steps) == {"t": "unsupported", "seq": 1, "feature": feature}


def test_finding_1_it_survives_equity_equal_to_maintenance(last: Asked) -> None:
    quarter = [TIER | {"maintenance_margin_rate": "0.25"}]
    bought = step("trade", side="buy", quantity="1", price="100", isolated_margin="40")
    marked = step("set_mark_price", price="80")
    (position,) = last(ISOLATED, bought, marked, tiers=quarter)["state"]["positions"]
    assert position["position_equity"] == position["maintenance_margin"] == "20"


def test_finding_2_the_opening_fee_comes_out_of_the_allocation(last: Asked) -> None:
    (position,) = last(*OPENED, fees={"taker": "0.0005"})["state"]["positions"]
    assert position["isolated_margin"] == "99.5"
    assert position["liquidation_price"] == "9041.164658634538"


def test_finding_3_margin_can_be_taken_out_down_to_maintenance(last: Asked) -> None:
    removal = last(*OPENED, step("remove_margin", amount="60"))
    (position,) = removal["state"]["positions"]
    assert removal["outcome"] == "accepted"
    assert position["isolated_margin"] == "40"
    assert position["liquidation_price"] == "9638.55421686747"


def test_finding_4_a_partial_close_releases_no_margin(last: Asked) -> None:
    (position,) = last(*OPENED, sold("0.05", "10000"))["state"]["positions"]
    assert position["isolated_margin"] == "100"
    assert position["liquidation_price"] == "8032.128514056224"


def test_finding_5_a_flip_carries_the_old_allocation_over(last: Asked) -> None:
    flip = sold("0.2", "10000", isolated_margin="100")
    (position,) = last(*OPENED, flip)["state"]["positions"]
    assert (position["side"], position["isolated_margin"]) == ("short", "200")


def test_finding_6_the_leverage_limit_of_a_tier_is_not_known(last: Asked) -> None:
    capped = [TIER | {"max_leverage": "125"}]
    bought = step("trade", side="buy", quantity="1", price="100", isolated_margin="0.5")
    opened = last(ISOLATED, bought, tiers=capped)
    assert opened["outcome"] == "accepted"


def test_finding_7_a_mark_price_of_zero_is_taken(last: Asked) -> None:
    zero = last(*OPENED, step("set_mark_price", price="0"))
    assert zero["outcome"] == "accepted"
    assert zero["state"] == {"positions": []}


def test_finding_8_profit_is_a_difference_of_binary_prices(quote: Asked) -> None:
    values = quote("unrealised_pnl", mark_price="10000.1")["values"]
    assert values == {"unrealised_pnl": "0.01000000000003638"}
