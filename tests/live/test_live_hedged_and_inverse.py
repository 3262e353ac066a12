"""Hedge mode and inverse contracts, read and driven at both exchanges."""

from collections.abc import Callable
from typing import Any

import pytest
from local_market import COIN_MARGINED, INVERSE

from isomargin.live import driving

Opened = Callable[..., Any]
SCRIPT = ["set_margin_mode", "set_leverage", "trade", "add_margin", "set_margin_mode", "trade", "trade"]  # fmt: skip
# The exchange, its profile, its instrument, ccxt's name of that, and the orders' sizes.
INVERSES = [
    ("binance", "binance/coinm", COIN_MARGINED),
    ("bybit", "bybit/inverse", INVERSE),
]
# Two contracts of a hundred dollars, as they were recorded (conformance/cases/venues).
RECORDED_LONG = {
    "symbol": "BTCUSD_PERP",
    "positionAmt": "2",
    "entryPrice": "37643.10000021",
    "markPrice": "38103.05510455",
    "unRealizedProfit": "0.00006413",
    "liquidationPrice": "25119.97445760",
    "leverage": "2",
    "maxQty": "1500",
    "marginType": "isolated",
    "isolatedMargin": "0.00274471",
    "isAutoAddMargin": "false",
    "positionSide": "BOTH",
    "notionalValue": "0.00524892",
    "isolatedWallet": "0.00268058",
}


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driving, "PAUSE", 0.02)
    monkeypatch.setattr(driving, "SETTLED_WITHIN", 0.3)


@pytest.fixture(params=INVERSES, ids=[name for name, *_ in INVERSES])
def inverse(request: pytest.FixtureRequest, opened: Opened) -> Any:
    """Give each exchange in turn, with an inverse contract."""
    name, profile, instrument = request.param
    return opened(name, profile=profile, instrument=instrument)


def broken(said: Any) -> set[str]:
    return {law["rule"] for law in said.data["laws"] if law["held"] is False}


def verdicts(position: Any) -> dict[str, str]:
    return {one["field"]: one["verdict"] for one in position["figures"]}


def test_a_recorded_coin_margined_position_agrees_in_every_figure(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue = opened("binance", profile="binance/coinm", instrument=COIN_MARGINED)
    shape = venue.shared.shape("binance")
    row = "GET /dapi/v1/positionRisk"
    monkeypatch.setitem(shape.private, row, lambda _: [RECORDED_LONG])
    said = venue.live("--contract", "inverse")
    assert said.code == 0, said.out + said.err
    assert said.data["profiles"] == ["binance/coinm"]
    [position] = said.positions
    assert position["instrument"] == "BTC/USD:BTC"
    assert verdicts(position) == {
        "notionalValue": "rounded",
        "unRealizedProfit": "rounded",
        "isolatedMargin": "rounded",
        "liquidationPrice": "rounded",
    }


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_an_inverse_position_is_judged_at_either_exchange(
    inverse: Any, side: str
) -> None:
    inverse.market.hold(side, "60", leverage="10", price="60000")
    inverse.market.move("59000.5")
    said = inverse.live("--contract", "inverse")
    assert said.code == 0, said.out + said.err
    [position] = said.positions
    assert set(verdicts(position).values()) <= {"exact", "rounded"}


def test_a_wrong_coin_margined_liquidation_price_is_off(opened: Opened) -> None:
    venue = opened("binance", profile="binance/coinm", instrument=COIN_MARGINED)
    venue.market.hold("buy", "60", leverage="10", price="60000")
    venue.trouble.misreported["liquidation_price"] = lambda price: price + 10
    said = venue.live("--contract", "inverse")
    assert said.code == 1
    assert said.figure("liquidation_price")["verdict"] == "off"


@pytest.mark.parametrize("side", ["long", "short"])
def test_an_inverse_account_is_opened_changed_and_closed(
    inverse: Any, side: str
) -> None:
    words = ("--contract", "inverse", "--side", side)
    said = inverse.drive(*words, symbol="BTC/USD:BTC")
    assert said.code == 0, said.out + said.err
    steps = said.data["steps"]
    assert [one["do"] for one in steps] == ["read", *SCRIPT]
    assert steps[5]["outcome"] == "rejected"
    trades = [one["with"]["quantity"] for one in steps if one["do"] == "trade"]
    assert trades == ["2", "1", "1"]
    assert inverse.market.position is None
    assert broken(said) == set()
    assert all(one["figures"] for one in steps[3:-1])


def test_coins_that_are_lost_on_their_way_break_the_law(inverse: Any) -> None:
    inverse.trouble.margin_is_lost = True
    said = inverse.drive("--contract", "inverse", symbol="BTC/USD:BTC")
    assert said.code == 1
    assert "transfer.keeps_the_wallet" in broken(said)
    assert inverse.market.position is None


@pytest.mark.parametrize("side", ["long", "short"])
def test_an_account_in_hedge_mode_is_opened_changed_and_closed(
    venue: Any, side: str
) -> None:
    said = venue.drive("--position-mode", "hedge", "--side", side)
    assert said.code == 0, said.out + said.err
    steps = said.data["steps"]
    assert [one["do"] for one in steps] == ["read", "set_position_mode", *SCRIPT]
    assert [one["outcome"] for one in steps].index("rejected") == 6
    aimed = [one for one in steps if one["do"] in ("trade", "add_margin")]
    assert {one["with"]["position_side"] for one in aimed} == {side}
    assert venue.market.is_hedged
    assert venue.market.position is None
    assert broken(said) == set()


def test_a_position_mode_that_is_set_already_is_no_refusal(venue: Any) -> None:
    venue.market.set_position_mode("hedge")
    said = venue.drive("--position-mode", "hedge")
    assert said.code == 0, said.out + said.err
    assert said.data["steps"][1]["outcome"] == "accepted"


def test_an_account_in_hedge_mode_can_be_set_to_one_way(venue: Any) -> None:
    venue.market.set_position_mode("hedge")
    said = venue.drive("--position-mode", "one_way")
    assert said.code == 0, said.out + said.err
    assert not venue.market.is_hedged


def test_an_order_that_names_no_side_is_refused_in_hedge_mode(venue: Any) -> None:
    venue.market.set_position_mode("hedge")
    said = venue.drive()
    assert said.code == 7
    assert said.data["stopped"].startswith("trade was refused: ")
    assert venue.market.position is None


def test_a_fault_on_the_way_closes_the_position_of_a_hedge(venue: Any) -> None:
    ends = {"binance": "positionMargin", "bybit": "add-margin"}
    venue.trouble.hangs_up_on = ends[venue.name]
    said = venue.drive("--position-mode", "hedge", "--side", "short")
    assert said.code == 3
    assert venue.market.position is None


def test_a_venue_whose_hedge_mode_is_not_driven_says_so(opened: Opened) -> None:
    venue = opened("gate")
    venue.show()
    said = venue.drive("--position-mode", "hedge", symbol="LTC/USDT:USDT")
    assert said.code == 3
    assert said.err.endswith(
        "hedge mode is driven at binance and bybit only; leave it out\n"
    )
    assert [one for one in venue.market.requests if "POST" in one] == []


def test_both_positions_of_a_hedge_at_binance_are_judged(opened: Opened) -> None:
    venue = opened("binance")
    venue.market.set_position_mode("hedge")
    venue.market.hold("buy", "0.1", leverage="10", price="60000", position_side="long")
    venue.market.hold(
        "sell", "0.05", leverage="10", price="60100", position_side="short"
    )
    venue.market.move("59000.5")
    said = venue.live()
    assert said.code == 0, said.out + said.err
    assert [one["side"] for one in said.positions] == ["long", "short"]
    for position in said.positions:
        assert set(verdicts(position).values()) <= {"exact", "rounded"}
