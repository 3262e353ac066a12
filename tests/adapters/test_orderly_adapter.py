"""What Orderly's published arithmetic says, seen through its adapter."""

from collections.abc import Callable
from typing import Any

import pytest

INSTRUMENT = {
    "symbol": "BTC-USDC",
    "contract": "linear",
    "contract_size": "1",
    "settle": "USDC",
    "fees": {"maker": "0", "taker": "0.0005"},
    "tiers": [{"notional_floor": "0", "maintenance_margin_rate": "0.004"}],
}
POSITION = {
    "side": "long",
    "quantity": "0.1",
    "entry_price": "10000",
    "leverage": "10",
    "margin_mode": "isolated",
}

Json = dict[str, Any]
Asked = Callable[..., Json]


@pytest.fixture
def ask(converse: Asked) -> Asked:
    """Return a function that asks one question and returns the whole answer."""

    def asked(*want: str, instrument: Json | None = None, **position: str) -> Json:
        return converse(
            "orderly",
            {
                "t": "quote",
                "seq": 1,
                "profile": {"id": "textbook/linear", "parameters": {}},
                "instrument": INSTRUMENT | (instrument or {}),
                "position": POSITION | position,
                "want": list(want),
            },
        )

    return asked


@pytest.fixture
def quote(ask: Asked) -> Asked:
    def asked(*want: str, **position: str) -> Json:
        values: Json = ask(*want, **position)["values"]
        return values

    return asked


@pytest.mark.parametrize(
    ("position", "price"),
    [
        ({"side": "long"}, "9036.144578313253"),
        ({"side": "short"}, "10956.175298804781"),
        ({"added_margin": "50"}, "8534.136546184738"),
        ({"side": "short", "added_margin": "50"}, "11454.18326693227"),
    ],
)
def test_a_liquidation_price_is_that_of_the_order_that_opened_it(
    quote: Asked, position: dict[str, str], price: str
) -> None:
    assert quote("liquidation_price", **position) == {"liquidation_price": price}


@pytest.mark.parametrize("side", ["long", "short"])
def test_a_position_held_and_one_ordered_have_one_liquidation_price(
    quote: Asked, side: str
) -> None:
    ordered = quote("liquidation_price", side=side, added_margin="50")
    assert quote("liquidation_price", side=side, isolated_margin="150") == ordered


def test_an_over_collateralised_long_has_no_liquidation_price(quote: Asked) -> None:
    price = quote("liquidation_price", isolated_margin="1000")
    assert price == {"liquidation_price": None}


def test_figures_of_a_short_are_positive_where_they_are_sizes(quote: Asked) -> None:
    want = ("notional_value", "initial_margin", "maintenance_margin", "closing_fee")
    assert quote(*want, side="short", mark_price="9500") == {
        "notional_value": "950",
        "initial_margin": "100",
        "maintenance_margin": "3.8",
        "closing_fee": "0.475",
    }


def test_return_is_counted_on_the_initial_margin_at_entry(quote: Asked) -> None:
    want = ("unrealised_pnl", "return_on_margin")
    assert quote(*want, mark_price="9500") == {
        "unrealised_pnl": "-50",
        "return_on_margin": "-0.5",
    }


def test_what_is_above_the_initial_margin_is_removable(quote: Asked) -> None:
    for side in ("long", "short"):
        values = quote("removable_margin", side=side, isolated_margin="150")
        assert values == {"removable_margin": "50"}


@pytest.mark.parametrize(
    ("want", "position", "instrument", "feature"),
    [
        ("liquidation_price", {"margin_mode": "cross"}, {}, "cross"),
        ("liquidation_price", {}, {"contract": "inverse"}, "inverse"),
        ("liquidation_price", {}, {"contract_size": "0.1"}, "contract_size"),
        ("liquidation_price", {}, {"tiers": [{}, {}]}, "tiers"),
        (
            "liquidation_price",
            {},
            {"tiers": [{"maintenance_margin_rate": "0.01", "maintenance_amount": "5"}]},
            "tiers",
        ),
        ("removable_margin", {}, {}, "removable_margin without isolated_margin"),
    ],
)
def test_what_the_functions_do_not_model_is_a_gap(
    ask: Asked, want: str, position: dict[str, str], instrument: Json, feature: str
) -> None:
    reply = ask(want, instrument=instrument, **position)
    assert reply == {"t": "unsupported", "seq": 1, "feature": feature}


@pytest.mark.parametrize(
    "parameter", ["maintenance_fee", "maintenance_margin_price", "initial_margin_price"]
)
def test_a_profile_that_chose_otherwise_is_a_gap(
    converse: Asked, parameter: str
) -> None:
    message = {
        "t": "quote",
        "seq": 1,
        "profile": {"id": "another", "parameters": {parameter: "other"}},
        "instrument": INSTRUMENT,
        "position": POSITION,
        "want": ["liquidation_price"],
    }
    assert converse("orderly", message)["feature"] == f"parameter {parameter}"


def test_a_fee_reserved_at_entry_is_the_buffer_of_the_package(
    converse: Asked,
) -> None:
    message = {
        "t": "quote",
        "seq": 1,
        "profile": {"id": "x", "parameters": {"initial_margin_closing_fee": "entry"}},
        "instrument": INSTRUMENT,
        "position": POSITION,
        "want": ["initial_margin"],
    }
    assert converse("orderly", message)["values"] == {"initial_margin": "100.5"}


def test_it_keeps_no_account(converse: Asked) -> None:
    answer = converse("orderly", {"t": "run", "seq": 9})
    assert answer == {"t": "unsupported", "seq": 9, "feature": "run"}


def test_finding_1_initial_margin_is_rounded_up_to_six_decimals(quote: Asked) -> None:
    values = quote("initial_margin", leverage="3")
    assert values == {"initial_margin": "333.333334"}


def test_finding_2_removable_margin_is_above_the_margin_at_the_mark_price(
    quote: Asked,
) -> None:
    position = {"side": "short", "isolated_margin": "150", "mark_price": "10100"}
    assert quote("removable_margin", **position) == {"removable_margin": "39"}


def test_finding_3_unrealised_profit_is_not_removable(quote: Asked) -> None:
    position = {"isolated_margin": "150", "mark_price": "11000"}
    assert quote("removable_margin", **position) == {"removable_margin": "40"}


def test_finding_4_profit_is_a_difference_of_binary_prices(quote: Asked) -> None:
    values = quote("unrealised_pnl", mark_price="10000.1")
    assert values == {"unrealised_pnl": "0.01000000000003638"}
