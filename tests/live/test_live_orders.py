"""An account driven with the smallest order is judged by the laws, and always closed."""

import os
import signal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from local_market import LocalMarket

from isomargin.live import driving

SYMBOL = "BTC/USDT:USDT"
SCRIPT = [
    ("read", "accepted"),
    ("set_margin_mode", "accepted"),
    ("set_leverage", "accepted"),
    ("trade", "accepted"),
    ("add_margin", "accepted"),
    ("set_margin_mode", "rejected"),
    ("trade", "accepted"),
    ("trade", "accepted"),
]


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driving, "PAUSE", 0.02)
    monkeypatch.setattr(driving, "SETTLED_WITHIN", 0.3)


def broken(said: Any) -> set[str]:
    return {law["rule"] for law in said.data["laws"] if law["held"] is False}


def kept(said: Any) -> set[str]:
    return {law["rule"] for law in said.data["laws"] if law["held"]}


@pytest.mark.parametrize("side", ["long", "short"])
def test_an_account_is_opened_changed_and_closed(venue: Any, side: str) -> None:
    said = venue.drive("--side", side)
    assert said.code == 0, said.out + said.err
    assert [(one["do"], one["outcome"]) for one in said.data["steps"]] == SCRIPT
    assert said.data["steps"][5]["reason"] == "MARGIN_MODE_LOCKED"
    assert said.data["stopped"] == ""
    assert venue.market.position is None
    assert broken(said) == set()
    assert {"transfer.keeps_the_wallet", "rejection.changes_nothing"} <= kept(said)
    assert {
        "fee.independent_of_margin_mode",
        "leverage.change_keeps_the_wallet",
    } <= kept(said)


def test_the_order_is_the_smallest_that_can_be_halved(venue: Any) -> None:
    steps = venue.drive().data["steps"]
    trades = [one["with"]["quantity"] for one in steps if one["do"] == "trade"]
    assert trades == ["0.002", "0.001", "0.001"]


def test_figures_are_judged_on_the_way(venue: Any) -> None:
    venue.trouble.misreported["liquidation_price"] = lambda price: price + 100
    said = venue.drive()
    assert said.code == 1
    off = {
        x["quantity"]
        for one in said.data["steps"]
        for x in one["figures"]
        if x["verdict"] == "off"
    }
    assert off == {"liquidation_price"}


def test_a_margin_mode_that_changes_under_a_position_breaks_the_law(
    opened: Any,
) -> None:
    venue = opened("binance")
    venue.trouble.mode_change_is_accepted = True
    said = venue.drive()
    assert said.code == 1
    assert "margin_mode.unchanged_while_open" in broken(said)
    assert venue.market.position is None
    shown = venue.drive("--format", "terminal").out
    assert "Step 5 was accepted, and the profile has it refused." in shown


def test_what_nothing_was_seen_of_is_not_held_against_a_venue(opened: Any) -> None:
    venue = opened("bybit")
    venue.trouble.mode_change_is_accepted = True
    said = venue.drive()
    assert "margin_mode.unchanged_while_open" not in broken(said) | kept(said)
    assert said.data["steps"][5]["expected"] == ""


def test_margin_that_is_lost_on_its_way_breaks_the_law(venue: Any) -> None:
    venue.trouble.margin_is_lost = True
    said = venue.drive()
    assert said.code == 1
    assert "transfer.keeps_the_wallet" in broken(said)
    assert venue.market.position is None


def test_a_partial_fill_is_traded_as_far_as_it_went(venue: Any) -> None:
    venue.trouble.filled = Decimal("0.5")
    said = venue.drive()
    trades = [
        one["with"]["quantity"] for one in said.data["steps"] if one["do"] == "trade"
    ]
    assert trades[0] == "0.001"
    assert venue.market.position is None
    assert broken(said) == set()
    cancelled = [
        one
        for one in venue.market.requests
        if "llOpenOrders" in one or "cancel-all" in one
    ]
    assert cancelled


def test_an_order_that_is_refused_ends_the_rest_and_says_why(opened: Any) -> None:
    venue = opened("binance")
    venue.market.act("withdraw", asset="USDT", amount="9999")
    said = venue.drive()
    assert said.code == 7
    assert said.data["stopped"] == (
        'trade was refused: binance {"code": -2019, "msg": "Margin is insufficient."}'
    )
    assert said.data["steps"][-1]["reason"] == "INSUFFICIENT_BALANCE"


def test_a_position_of_ones_own_is_left_alone(holding: Any) -> None:
    said = holding.drive()
    assert said.code == 2
    assert said.err == (
        f"isomargin: --symbol: a position is open in {SYMBOL};"
        " name an instrument in which there is none\n"
    )
    assert [one for one in holding.market.requests if "POST" in one] == []


def test_an_order_of_ones_own_is_left_alone(venue: Any) -> None:
    venue.trouble.open_orders = 2
    said = venue.drive()
    assert said.code == 2
    assert said.err == (
        f"isomargin: --symbol: 2 orders are open in {SYMBOL};"
        " name an instrument in which there is none\n"
    )
    assert [
        one for one in venue.market.requests if "POST" in one or "DELETE" in one
    ] == []


def test_nothing_is_cancelled_where_nothing_was_ordered(opened: Any) -> None:
    venue = opened("binance")
    venue.trouble.hangs_up_on = "marginType"
    assert venue.drive().code == 3
    assert [one for one in venue.market.requests if "DELETE" in one] == []


def interrupting(number: int) -> Callable[[LocalMarket], None]:
    return lambda _: os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_closes_the_position(venue: Any, number: int) -> None:
    venue.trouble.after_orders = interrupting(number)
    said = venue.drive()
    assert said.code == 130
    assert venue.market.position is None
    assert said.err.endswith("isomargin: interrupted\n")


def test_a_fault_on_the_way_closes_the_position(venue: Any) -> None:
    ends = {"binance": "positionMargin", "bybit": "add-margin"}
    venue.trouble.hangs_up_on = ends[venue.name]
    said = venue.drive()
    assert said.code == 3
    assert "it did not answer" in said.err
    assert venue.market.position is None


def test_an_order_without_an_answer_is_not_sent_again(venue: Any) -> None:
    ends = {"binance": "/v1/order", "bybit": "order/create"}
    venue.trouble.hangs_up_on = ends[venue.name]
    assert venue.drive().code == 3
    sent = [one for one in venue.market.requests if one.endswith(ends[venue.name])]
    assert len(sent) == 1


def test_a_position_that_cannot_be_closed_is_told_loudly(venue: Any) -> None:
    def breaks_down(market: LocalMarket) -> None:
        market.trouble.maintenance = True

    venue.trouble.after_orders = breaks_down
    said = venue.drive()
    assert said.code == 3
    last = said.err.splitlines()[-1]
    assert last.startswith(f"isomargin: a position may still be open in {SYMBOL}: ")
    assert last.endswith("; close it at the exchange, now")


def test_orders_need_one_instrument(venue: Any) -> None:
    said = venue.live("--allow-orders")
    assert said.code == 2
    assert said.err == (
        "isomargin: --symbol: orders need one instrument; name one, such as BTC/USDT:USDT\n"
    )


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["--i-know-this-is-real-money"],
            "--i-know-this-is-real-money: without --allow-orders no money is moved; leave it out",
        ),
        (
            [
                "--i-know-this-is-real-money",
                "--allow-orders",
                "--sandbox",
                "--symbol",
                SYMBOL,
            ],
            "--i-know-this-is-real-money: money is not real in a sandbox; leave one of them out",
        ),
    ],
)
def test_real_money_is_not_meant_by_half(
    call: Any, words: list[str], line: str
) -> None:
    said = call("live", "--exchange", "bybit", *words)
    assert (said.code, said.err) == (2, f"isomargin: {line}\n")


def test_an_address_that_may_be_real_takes_no_orders(opened: Any) -> None:
    venue = opened("bybit")
    venue.url, venue.fresh = "https://exchange.example", True
    said = venue.drive()
    assert said.code == 3
    assert said.err == (
        "isomargin: bybit: money may be real there: orders go to a sandbox unless real"
        " money is meant; see: isomargin live --help\n"
    )
