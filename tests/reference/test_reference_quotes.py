"""Quotes, against figures worked out by hand or published by venues."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

D = Decimal
Quoted = Callable[..., Any]

INVERSE = {"contract": "inverse", "settle": "BTC"}
TAKER = {"fees": {"taker": "0.0005"}}
TWO_TIERS = {
    "tiers": [
        {"notional_floor": "0", "maintenance_margin_rate": "0.004"},
        {
            "notional_floor": "600",
            "maintenance_margin_rate": "0.02",
            "maintenance_amount": "9.6",
        },
    ]
}


@pytest.mark.parametrize(
    ("position", "instrument", "parameters", "expected"),
    [
        ({}, {}, {}, "9036.144578313253012048"),
        ({"side": "short"}, {}, {}, "10956.175298804780876494"),
        ({"added_margin": "50"}, {}, {}, "8534.136546184738955823"),
        (
            {"side": "short", "added_margin": "50"},
            {},
            {},
            "11454.183266932270916335",
        ),
        ({"quantity": "1000"}, INVERSE, {}, "9127.272727272727272727"),
        (
            {"quantity": "1000", "side": "short"},
            INVERSE,
            {},
            "11066.666666666666666667",
        ),
        (
            {"quantity": "1000"},
            INVERSE,
            {"maintenance_margin_price": "entry"},
            "9124.087591240875912409",
        ),
        (
            {"quantity": "1000", "side": "short"},
            INVERSE,
            {"maintenance_margin_price": "entry"},
            "11061.946902654867256637",
        ),
        ({}, {}, {"maintenance_margin_price": "entry"}, "9040"),
        ({"side": "short"}, {}, {"maintenance_margin_price": "entry"}, "10960"),
        (
            {},
            TAKER,
            {"maintenance_fee": "additive_taker"},
            "9040.683073832245102963",
        ),
        (
            {"side": "short"},
            TAKER,
            {"maintenance_fee": "additive_taker"},
            "10950.721752115480338477",
        ),
        ({}, TWO_TIERS, {}, "9085.714285714285714286"),
        ({}, {"contract": "quanto"}, {}, "9036.144578313253012048"),
        # The allocation given whole: 150 is the initial margin and 50 more.
        ({"isolated_margin": "150"}, {}, {}, "8534.136546184738955823"),
    ],
)
def test_liquidation_price_is_the_one_worked_out_by_hand(
    quoted: Quoted,
    position: dict[str, str],
    instrument: dict[str, Any],
    parameters: dict[str, str],
    expected: str,
) -> None:
    price = quoted(
        "liquidation_price",
        position=position,
        instrument=instrument,
        parameters=parameters,
    )
    assert price == D(expected)


def test_every_other_quantity_of_the_long_is_the_one_worked_out_by_hand(
    quoted: Quoted,
) -> None:
    expected = {
        "notional_value": "950",
        "initial_margin": "100",
        "added_margin": "20",
        "isolated_margin": "120",
        "maintenance_margin": "3.8",
        "maintenance_margin_rate": "0.004",
        "maintenance_amount": "0",
        "maintenance_fee": "0",
        "closing_fee": "0.475",
        "reserved_closing_fee": "0",
        "unrealised_pnl": "-50",
        "position_equity": "70",
        "bankruptcy_price": "8800",
        "margin_ratio": "0.054285714285714286",
        "return_on_margin": "-0.5",
        "maximum_loss": "120",
        "removable_margin": "0",
    }
    values = quoted(
        *expected,
        instrument=TAKER,
        position={"mark_price": "9500", "added_margin": "20"},
    )
    assert values == {name: D(figure) for name, figure in expected.items()}


def test_an_inverse_long_is_margined_in_coin(quoted: Quoted) -> None:
    values = quoted(
        "initial_margin",
        "notional_value",
        "maintenance_margin",
        "unrealised_pnl",
        "bankruptcy_price",
        instrument=INVERSE,
        position={"quantity": "1000", "mark_price": "12500"},
    )
    assert values == {
        "initial_margin": D("0.01"),
        "notional_value": D("0.08"),
        "maintenance_margin": D("0.00032"),
        "unrealised_pnl": D("0.02"),
        "bankruptcy_price": D("9090.909090909090909091"),
    }


def test_contract_size_scales_everything(quoted: Quoted) -> None:
    small = {"contract_size": "0.001"}
    position = {"quantity": "100"}
    assert quoted("initial_margin", instrument=small, position=position) == 100
    assert quoted("notional_value", instrument=small, position=position) == 1000


@pytest.mark.parametrize(
    ("position", "instrument"),
    [
        ({"isolated_margin": "1000"}, {}),
        ({"isolated_margin": "5000"}, {}),
        ({"quantity": "1000", "side": "short", "isolated_margin": "0.2"}, INVERSE),
        ({"quantity": "1000", "side": "short", "isolated_margin": "0.1"}, INVERSE),
    ],
)
def test_a_position_that_no_price_can_fail_has_no_liquidation_price(
    quoted: Quoted, position: dict[str, str], instrument: dict[str, str]
) -> None:
    values = quoted(
        "liquidation_price",
        "bankruptcy_price",
        position=position,
        instrument=instrument,
    )
    assert values == {"liquidation_price": None, "bankruptcy_price": None}


@pytest.mark.parametrize("isolated_margin", ["-0.1", "-0.2"])
def test_an_inverse_long_whose_margin_is_deep_in_debt_has_no_liquidation_price(
    quoted: Quoted, isolated_margin: str
) -> None:
    position = {"quantity": "1000", "isolated_margin": isolated_margin}
    assert quoted("liquidation_price", instrument=INVERSE, position=position) is None


def test_fees_and_tiers_may_be_absent(quoted: Quoted) -> None:
    bare = {"fees": None, "tiers": None}
    assert quoted("liquidation_price", instrument=bare) == 9000
    assert quoted("closing_fee", instrument=bare) == 0


@pytest.mark.parametrize(
    ("side", "gain", "liquidation_price", "bankruptcy_price"),
    [
        ("long", "-50", "7568.273092369477911647", "7538"),
        ("short", "50", "6564.257028112449799197", "6538"),
    ],
)
def test_a_cross_long_lives_on_the_balance_and_the_other_cross_positions(
    quoted: Quoted,
    side: str,
    gain: str,
    liquidation_price: str,
    bankruptcy_price: str,
) -> None:
    # 300 free; the other gains −50 or 50 and holds back 3.8: W is 246.2 or 346.2.
    other = {"side": side, "quantity": "0.1", "entry_price": "10000", "leverage": "10"}
    values = quoted(
        "liquidation_price",
        "bankruptcy_price",
        "position_equity",
        "maximum_loss",
        "isolated_margin",
        "added_margin",
        "removable_margin",
        position={"margin_mode": "cross"},
        wallet_balance="300",
        cross_positions=[{"position": {**other, "mark_price": "9500"}}],
    )
    assert values["bankruptcy_price"] == D(bankruptcy_price)
    assert values["liquidation_price"] == D(liquidation_price)
    assert values["position_equity"] == 300 + D(gain)
    assert values["maximum_loss"] == 300
    assert values["isolated_margin"] is None
    assert values["added_margin"] is None
    assert values["removable_margin"] == 0


def test_a_cross_position_of_another_settle_asset_does_not_count(
    quoted: Quoted,
) -> None:
    other = {
        "instrument": {"symbol": "X", "contract": "linear", "settle": "USDC"},
        "position": {
            "side": "long",
            "quantity": "9",
            "entry_price": "10000",
            "mark_price": "9000",
            "leverage": "10",
        },
    }
    price = quoted(
        "bankruptcy_price",
        position={"margin_mode": "cross"},
        wallet_balance="100",
        cross_positions=[other],
    )
    assert price == 9000


def test_a_position_whose_leverage_is_not_given_has_leverage_1(quoted: Quoted) -> None:
    assert quoted("initial_margin", position={"leverage": None}) == 1000


def test_maintenance_is_demanded_of_the_value_as_it_is_kept(quoted: Quoted) -> None:
    # 50 / 99000 is kept as 0.000505050505050505, a tenth of it as …050 and a half.
    margin = quoted(
        "maintenance_margin",
        instrument={
            **INVERSE,
            "tiers": [{"notional_floor": "0", "maintenance_margin_rate": "0.1"}],
        },
        position={"quantity": "50", "entry_price": "99000"},
    )
    assert margin == D("0.000050505050505050")
