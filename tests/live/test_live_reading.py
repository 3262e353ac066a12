"""What a live exchange shows is held against what its own rulebook gives."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from local_market import LocalMarket

Json = Any
LIQUIDATION_RULE = "liquidation_price.exists"


def verdicts(said: Any) -> dict[str, str]:
    [position] = said.positions
    return {one["quantity"]: one["verdict"] for one in position["figures"]}


def test_an_exchange_that_keeps_its_rules_agrees_in_every_figure(holding: Any) -> None:
    said = holding.live()
    assert said.code == 0
    assert set(verdicts(said).values()) <= {"exact", "rounded"}
    assert len(verdicts(said)) == 6


def test_each_figure_tells_field_reported_derived_verdict_and_rule(
    holding: Any,
) -> None:
    fields = {"binance": "liquidationPrice", "bybit": "liqPrice"}
    prices = {"binance": "54216.86746988", "bybit": "54216.9"}
    price = prices[holding.name]
    figure = holding.live().figure("liquidation_price")
    assert 0 < Decimal(figure.pop("slack")) < Decimal("0.2")
    assert figure == {
        "quantity": "liquidation_price",
        "field": fields[holding.name],
        "reported": price,
        "derived": price,
        "verdict": "rounded",
        "rule": LIQUIDATION_RULE,
        "missing": [],
        "unknown": [],
        "parameters": {},
    }


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_shorts_and_top_ups_are_judged_too(venue: Any, side: str) -> None:
    venue.market.hold(side, "1.5", leverage="20", price="60000")
    venue.market.act("add_margin", amount="250.5")
    venue.market.move("60321.7")
    said = venue.live()
    assert said.code == 0, said.out


def test_a_wrong_liquidation_price_is_told_beside_the_right_one(holding: Any) -> None:
    holding.trouble.misreported["liquidation_price"] = lambda price: price + 100
    said = holding.live()
    assert said.code == 1
    figure = said.figure("liquidation_price")
    assert figure["verdict"] == "off"
    assert Decimal(figure["reported"]) - Decimal(figure["derived"]) >= 99
    others = {
        name: one for name, one in verdicts(said).items() if name != "liquidation_price"
    }
    assert set(others.values()) <= {"exact", "rounded"}


def test_a_figure_that_is_off_by_a_hair_is_off(holding: Any) -> None:
    name = {"binance": "maintenance_margin", "bybit": "maintenance_requirement"}
    quantity = name[holding.name]
    holding.trouble.misreported[quantity] = lambda amount: amount + Decimal("0.001")
    said = holding.live()
    assert said.code == 1
    assert said.figure(quantity)["verdict"] == "off"


def test_what_is_late_in_one_reading_is_not_wrong(holding: Any) -> None:
    holding.trouble.misreported["liquidation_price"] = lambda price: price + 100

    def catches_up(market: LocalMarket) -> None:
        market.trouble.misreported.clear()

    holding.trouble.between_reads = catches_up
    assert holding.live().code == 0


def test_figures_of_another_edition_are_told_to_be_of_it(
    opened: Callable[..., Any],
) -> None:
    venue = opened("bybit", profile="bybit/linear@2024-03-14")
    venue.market.hold("buy", "0.1", leverage="10", price="60000")
    venue.market.move("59000.5")
    said = venue.live()
    assert said.code == 1
    assert said.positions[0]["edition"] == "bybit/linear@2024-03-14"
    shown = venue.live("--format", "terminal").out
    assert "These are the figures of bybit/linear@2024-03-14" in " ".join(shown.split())


def test_the_one_choice_that_makes_all_agree_is_told(
    opened: Callable[..., Any],
) -> None:
    venue = opened("binance", maintenance_fee="additive_taker")
    venue.market.hold("buy", "0.1", leverage="10", price="60000")
    said = venue.live()
    assert said.code == 1
    assert said.positions[0]["edition"] is None
    assert said.positions[0]["choice"] == {"maintenance_fee": "additive_taker"}


def test_another_profile_can_be_named(holding: Any) -> None:
    said = holding.live("--profile", "textbook/linear")
    assert said.data["profiles"] == ["textbook/linear"]


@pytest.mark.parametrize(
    "between",
    [
        lambda market: market.act("add_margin", amount="10"),
        lambda market: market.order("sell", "0.05", reduce_only=True),
        lambda market: market.order("sell", "0.1", reduce_only=True),
    ],
    ids=["topped up", "reduced", "closed"],
)
def test_a_position_that_moved_between_two_reads_is_not_judged(
    holding: Any, between: Callable[[LocalMarket], Any]
) -> None:
    holding.trouble.between_reads = between
    said = holding.live()
    assert said.code == 7
    assert [one["unjudged"] for one in said.positions] == ["moved"]
    assert said.positions[0]["figures"] == []


def test_a_market_that_moved_between_two_reads_hinders_nothing(holding: Any) -> None:
    holding.trouble.between_reads = lambda market: market.move("58500")
    assert holding.live().code == 0


def test_what_needs_an_input_that_is_not_told_says_which(holding: Any) -> None:
    holding.trouble.hidden = frozenset({"isolated_margin", "mark_price"})
    figure = holding.live().figure("liquidation_price")
    assert figure["verdict"] == "not judged"
    assert figure["missing"] == ["isolated_margin"]
    assert holding.live().figure("unrealised_pnl")["missing"] == ["mark_price"]


def test_where_no_margin_was_added_a_margin_that_is_not_told_is_the_initial_one(
    holding: Any,
) -> None:
    holding.trouble.hidden = frozenset({"isolated_margin"})
    figure = holding.live("--no-added-margin").figure("liquidation_price")
    assert figure["verdict"] == "rounded"


def test_a_cross_position_is_shown_and_not_judged(venue: Any) -> None:
    venue.market.act("set_leverage", leverage="10")
    venue.market.act("trade", side="buy", quantity="0.1", price="60000")
    said = venue.live()
    assert said.code == 7
    assert [one["unjudged"] for one in said.positions] == ["cross"]


def test_an_account_without_positions_is_not_a_pass(venue: Any) -> None:
    said = venue.live("--format", "terminal")
    assert said.code == 7
    assert said.out == "No position is open, so nothing was judged.\n"


def test_a_person_sees_a_position_its_inputs_and_a_row_for_each_figure(
    opened: Callable[..., Any],
) -> None:
    venue = opened("bybit")
    venue.market.hold("buy", "0.1", leverage="10", price="60000")
    venue.trouble.misreported["bankruptcy_price"] = lambda price: price - 1000
    lines = venue.live("--format", "terminal").out.splitlines()
    assert lines[0] == "BTC/USDT:USDT long isolated"
    assert lines[1].startswith("  quantity 0.1, entry price 60000.00000000, mark price")
    row = next(line.split() for line in lines if line.startswith("bankruptcy price"))
    assert row == [
        "bankruptcy", "price", "bustPrice", "53000.0", "54000", "off", "bankruptcy_price.exists",
    ]  # fmt: skip
