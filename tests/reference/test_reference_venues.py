"""The choices that venues make beyond the textbook's, worked out by hand.

Unless told otherwise the position is 0.1 BTC at 10000, leverage 10, rate 0.4 %.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

D = Decimal
Quoted = Callable[..., Any]
Make = Callable[..., Any]

FEES = {"fees": {"maker": "0.0002", "taker": "0.0005", "liquidation": "0.01"}}
INVERSE = {**FEES, "contract": "inverse", "settle": "BTC"}
COIN = {"quantity": "1000"}
SHORT = {"side": "short"}
RESERVING = {"initial_margin_closing_fee": "bankruptcy", "maintenance_fee": "reserved"}
BYBIT = {**RESERVING, "added_margin_fee_scaling": "yes"}
BYBIT_2024 = {**RESERVING, "maintenance_margin_price": "entry"}


def _rated(rate: str, **instrument: Any) -> dict[str, Any]:
    tiers = [{"notional_floor": "0", "maintenance_margin_rate": rate}]
    return {**instrument, "tiers": tiers}


def _taken_at(rate: str) -> dict[str, Any]:
    return {"fees": {"taker": rate}}


# A closing fee reserved in the initial margin


@pytest.mark.parametrize(
    ("instrument", "position", "expected"),
    [
        # value(E) × (1 + 1/10) × 0.05 %, whichever the side and the contract.
        (FEES, {}, "0.55"),
        (FEES, SHORT, "0.55"),
        (INVERSE, COIN, "0.000055"),
        (INVERSE, {**COIN, **SHORT}, "0.000055"),
    ],
)
def test_a_fee_on_entry_and_margin_is_the_same_on_both_sides(
    quoted: Quoted,
    instrument: dict[str, Any],
    position: dict[str, str],
    expected: str,
) -> None:
    values = quoted(
        "reserved_closing_fee",
        "initial_margin",
        parameters={"initial_margin_closing_fee": "entry_and_margin"},
        instrument=instrument,
        position=position,
    )
    bare = D("100") if instrument is FEES else D("0.01")
    assert values["reserved_closing_fee"] == D(expected)
    assert values["initial_margin"] == bare + D(expected)


@pytest.mark.parametrize(
    ("margin", "reserved", "added"),
    [
        ({"added_margin": "50"}, "0.575", "50"),
        ({"isolated_margin": "90.55"}, "0.545", "-10"),
        ({"margin_mode": "cross"}, "0.55", None),
    ],
)
def test_a_fee_on_margin_is_set_aside_on_added_margin_as_well(
    quoted: Quoted, margin: dict[str, str], reserved: str, added: str | None
) -> None:
    values = quoted(
        "reserved_closing_fee",
        "initial_margin",
        "added_margin",
        "maintenance_fee",
        parameters={
            "initial_margin_closing_fee": "entry_and_margin",
            "maintenance_fee": "reserved",
        },
        instrument=FEES,
        position=margin,
        wallet_balance="500",
    )
    assert values == {
        "reserved_closing_fee": D(reserved),
        "initial_margin": D("100.55"),
        "added_margin": None if added is None else D(added),
        "maintenance_fee": D(reserved),
    }


@pytest.mark.parametrize("mark_price", ["10000", "9500", "12000"])
@pytest.mark.parametrize(
    ("instrument", "position", "expected"),
    [
        (FEES, {}, "0.45"),
        (FEES, SHORT, "0.55"),
        (INVERSE, COIN, "0.000055"),
        (INVERSE, {**COIN, **SHORT}, "0.000045"),
        ({**FEES, "contract": "quanto"}, {}, "0.45"),
    ],
)
def test_a_reserved_fee_is_demanded_unchanged_at_any_price(
    quoted: Quoted,
    instrument: dict[str, Any],
    position: dict[str, str],
    expected: str,
    mark_price: str,
) -> None:
    values = quoted(
        "maintenance_fee",
        "maintenance_margin",
        "maintenance_requirement",
        parameters=RESERVING,
        instrument=instrument,
        position={**position, "mark_price": mark_price},
    )
    fee = D(expected)
    assert values["maintenance_fee"] == fee
    required = values["maintenance_margin"] + fee
    assert values["maintenance_requirement"] == required


@pytest.mark.parametrize(
    ("instrument", "position", "expected"),
    [
        (FEES, {}, "9036.144578313253012048"),
        (FEES, SHORT, "10956.175298804780876494"),
        (INVERSE, COIN, "9127.272727272727272727"),
        (INVERSE, {**COIN, **SHORT}, "11066.666666666666666667"),
    ],
)
def test_a_fee_on_both_sides_of_the_trigger_cancels(
    quoted: Quoted,
    instrument: dict[str, Any],
    position: dict[str, str],
    expected: str,
) -> None:
    price = quoted(
        "liquidation_price",
        parameters=RESERVING,
        instrument=instrument,
        position=position,
    )
    assert price == D(expected)


def test_a_fee_reserved_for_nothing_demands_nothing(quoted: Quoted) -> None:
    parameters = {"maintenance_fee": "reserved"}
    assert quoted("maintenance_fee", parameters=parameters, instrument=FEES) == 0


@pytest.mark.parametrize(("price", "liquidations"), [("9036.2", 0), ("9036.1", 1)])
def test_the_trigger_holds_the_reserved_fee_against_the_equity(
    opened: Make, btc: dict[str, Any], price: str, liquidations: int
) -> None:
    holder = opened(parameters=RESERVING, instruments=[{**btc, **FEES}])
    assert holder.position["isolated_margin"] == D("100.45")
    happened = holder.done("set_mark_price", price=price)
    assert happened.count("liquidation") == liquidations


def test_an_added_margin_beside_a_reserved_fee_is_scaled_alone(quoted: Quoted) -> None:
    # Bybit's page: 21.56 to close, 821.56 to open, 3000 added: 36380.25.
    values = quoted(
        "reserved_closing_fee",
        "initial_margin",
        "maintenance_requirement",
        "liquidation_price",
        parameters=BYBIT,
        instrument=_rated("0.005", **_taken_at("0.00055")),
        position={
            "quantity": "1",
            "entry_price": "40000",
            "leverage": "50",
            "added_margin": "3000",
        },
    )
    assert values == {
        "reserved_closing_fee": D("21.56"),
        "initial_margin": D("821.56"),
        "maintenance_requirement": D("221.56"),
        "liquidation_price": D("36380.250343719196311740"),
    }


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        # 1000 × 1.005 over 0.1 + 0.01 + 0.005/1.00055; and its mirror.
        ("long", "8739.339304105231595552"),
        ("short", "11706.261293341416471945"),
    ],
)
def test_an_inverse_added_margin_beside_a_reserved_fee_is_scaled_alone(
    quoted: Quoted, side: str, expected: str
) -> None:
    price = quoted(
        "liquidation_price",
        parameters=BYBIT,
        instrument={**INVERSE, **_rated("0.005", **_taken_at("0.00055"))},
        position={**COIN, "side": side, "added_margin": "0.005"},
    )
    assert price == D(expected)


@pytest.mark.parametrize(
    ("parameters", "side", "expected"),
    [
        (BYBIT_2024, "long", "7240"),
        (BYBIT_2024, "short", "8760"),
        (BYBIT, "long", "7236.180904522613065327"),
        (BYBIT, "short", "8756.218905472636815920"),
    ],
)
def test_maintenance_moved_from_entry_to_mark_moves_the_liquidation_price(
    quoted: Quoted, parameters: dict[str, str], side: str, expected: str
) -> None:
    price = quoted(
        "liquidation_price",
        parameters=parameters,
        instrument=_rated("0.005", **_taken_at("0.00055")),
        position={"side": side, "entry_price": "8000", "quantity": "5"},
    )
    assert price == D(expected)


# Positions as venues reported them, to the digit printed


def test_a_bybit_long_of_2022_is_reproduced(quoted: Quoted) -> None:
    # ccxt/ccxt python/ccxt/bybit.py, fetch_positions: liqPrice, bustPrice.
    tick = {"quantum": "tick", "mode": "ceiling"}
    values = quoted(
        "liquidation_price",
        "bankruptcy_price",
        parameters={
            **BYBIT_2024,
            "bankruptcy_fee": "reserved",
            "rounding": {"liquidation_price": tick, "bankruptcy_price": tick},
        },
        instrument=_rated("0.005", **_taken_at("0.0006"), tick_size="0.05"),
        position={"entry_price": "1198.45", "leverage": "4.2"},
    )
    assert values == {
        "liquidation_price": D("919.10"),
        "bankruptcy_price": D("913.15"),
    }


def test_a_bybit_short_of_2025_is_reproduced(quoted: Quoted) -> None:
    # A socket message of 2025-05-06: positionIM, positionMM, liqPrice.
    down = {"quantum": "0.000001", "mode": "floor"}
    values = quoted(
        "initial_margin",
        "maintenance_requirement",
        "liquidation_price",
        parameters={**BYBIT_2024, "rounding": {"liquidation_price": down}},
        instrument=_rated("0.02", **_taken_at("0.00055")),
        position={
            "side": "short",
            "quantity": "2000",
            "entry_price": "0.008866",
            "leverage": "1",
        },
    )
    assert values == {
        "initial_margin": D("17.7515052"),
        "maintenance_requirement": D("0.3741452"),
        "liquidation_price": D("0.017554"),
    }


def test_a_kucoin_long_of_2021_is_reproduced(quoted: Quoted) -> None:
    # ccxt/ccxt python/ccxt/kucoin.py, fetch_positions: posMargin, posComm, posMaint,
    # liquidationPrice, bankruptPrice; a next funding rate of 0.0428 % fits posMaint.
    coins = {"quantum": "0.00000001", "mode": "half_even"}
    values = quoted(
        "isolated_margin",
        "reserved_closing_fee",
        "maintenance_requirement",
        "liquidation_price",
        "bankruptcy_price",
        parameters={
            "initial_margin_closing_fee": "entry_and_margin",
            "maintenance_margin_price": "entry",
            "maintenance_fee": "reserved",
            "maintenance_funding": "predicted",
            "bankruptcy_fee": "reserved",
            "rounding": {
                "isolated_margin": coins,
                "reserved_closing_fee": coins,
                "maintenance_requirement": coins,
                "liquidation_price": {"quantum": "tick", "mode": "ceiling"},
                "bankruptcy_price": {"quantum": "tick", "mode": "floor"},
            },
        },
        instrument=_rated(
            "0.005", **_taken_at("0.0006"), contract_size="0.01", tick_size="0.05"
        ),
        position={
            "quantity": "2",
            "entry_price": "4182.10",
            "leverage": "23",
            "predicted_funding_rate": "0.000428",
        },
    )
    assert values == {
        "isolated_margin": D("3.68897586"),
        "reserved_closing_fee": D("0.05236717"),
        "maintenance_requirement": D("0.50637594"),
        "liquidation_price": D("4023.00"),
        "bankruptcy_price": D("4000.25"),
    }


def test_a_kucoin_long_of_2025_that_margin_was_added_to_is_reproduced(
    quoted: Quoted,
) -> None:
    # Kucoin/kucoin-universal-sdk sdk/node api_futures.test.ts: posComm, posMaint,
    # liquidationPrice.
    tenths = {"quantum": "0.0000001", "mode": "half_even"}
    values = quoted(
        "reserved_closing_fee",
        "maintenance_requirement",
        "liquidation_price",
        parameters={
            "initial_margin_closing_fee": "entry_and_margin",
            "maintenance_margin_price": "entry",
            "maintenance_fee": "reserved",
            "rounding": {
                "reserved_closing_fee": tenths,
                "maintenance_requirement": tenths,
                "liquidation_price": {"quantum": "0.01", "mode": "ceiling"},
            },
        },
        instrument=_rated("0.004", **_taken_at("0.0006"), contract_size="0.001"),
        position={
            "quantity": "1",
            "entry_price": "97302.00",
            "leverage": "3",
            "isolated_margin": "53.5118415966",
        },
    )
    assert values == {
        "reserved_closing_fee": D("0.0904416"),
        "maintenance_requirement": D("0.4796496"),
        "liquidation_price": D("44269.81"),
    }


def test_an_okx_long_of_2024_is_reproduced(quoted: Quoted) -> None:
    # A recorded position of 2024-08-11: liqPx 9.180497851849454, binary arithmetic.
    price = quoted(
        "liquidation_price",
        parameters={
            "maintenance_fee": "additive_taker",
            "liquidation_price_shift": "one_tick_inward",
        },
        instrument={**FEES, "contract_size": "0.001"},
        position={
            "quantity": "16.5",
            "entry_price": "60346.5",
            "leverage": "1",
            "isolated_margin": "995.5680960124100264",
        },
    )
    assert price == D("9.180497851846862396")


@pytest.mark.parametrize(
    ("entry_price", "isolated_margin", "bankruptcy_price", "liquidation_price"),
    [
        # ccxt/ccxt python/ccxt/delta.py, fetch_position and fetch_positions.
        ("29926.8", "4.99268", "24934.12", "25083.754"),
        ("94948.1", "6.32987333", "88618.22667", "89092.96717"),
    ],
)
def test_delta_longs_are_reproduced(
    quoted: Quoted,
    entry_price: str,
    isolated_margin: str,
    bankruptcy_price: str,
    liquidation_price: str,
) -> None:
    values = quoted(
        "bankruptcy_price",
        "liquidation_price",
        parameters={"maintenance_margin_price": "entry"},
        instrument=_rated("0.005", contract_size="0.001"),
        position={
            "quantity": "1",
            "entry_price": entry_price,
            "isolated_margin": isolated_margin,
        },
    )
    assert values == {
        "bankruptcy_price": D(bankruptcy_price),
        "liquidation_price": D(liquidation_price),
    }


def test_a_coinex_long_is_reproduced(quoted: Quoted) -> None:
    # ccxt/ccxt ts/src/test/static/response/coinex.json: liq_price_imply, 45.2666….
    values = quoted(
        "liquidation_price",
        "bankruptcy_price",
        instrument=_rated("0.01"),
        position={"entry_price": "73.78", "isolated_margin": "2.8966"},
    )
    assert values == {
        "liquidation_price": D("45.266666666666666667"),
        "bankruptcy_price": D("44.814"),
    }


# What equity must still be worth at the bankruptcy price


@pytest.mark.parametrize(
    ("choice", "instrument", "position", "expected"),
    [
        # 100.45 or 100.55 allocated, of which 0.45 or 0.55 are the fee.
        ("none", FEES, {}, "8995.5"),
        ("none", FEES, SHORT, "11005.5"),
        ("reserved", FEES, {}, "9000"),
        ("reserved", FEES, SHORT, "11000"),
        ("taker", FEES, {}, "9000"),
        ("taker", FEES, SHORT, "11000"),
        ("taker", FEES, {"isolated_margin": "120"}, "8804.402201100550275138"),
        ("none", INVERSE, COIN, "9086.365907955113352415"),
        ("none", INVERSE, {**COIN, **SHORT}, "11116.669445834028125174"),
        ("reserved", INVERSE, COIN, "9090.909090909090909091"),
        ("reserved", INVERSE, {**COIN, **SHORT}, "11111.111111111111111111"),
        ("taker", INVERSE, COIN, "9090.909090909090909091"),
        ("taker", INVERSE, {**COIN, **SHORT}, "11111.111111111111111111"),
        ("taker", FEES, {"isolated_margin": "1001"}, None),
    ],
)
def test_the_bankruptcy_price_leaves_the_fee_that_the_profile_names(
    quoted: Quoted,
    choice: str,
    instrument: dict[str, Any],
    position: dict[str, str],
    expected: str | None,
) -> None:
    price = quoted(
        "bankruptcy_price",
        parameters={**RESERVING, "bankruptcy_fee": choice},
        instrument=instrument,
        position=position,
    )
    assert price == (None if expected is None else D(expected))


# A rate that depends on the leverage, or on funding


@pytest.mark.parametrize(
    ("leverage", "rate", "maintenance_margin", "prices"),
    [
        # 120 allocated, since the last settlement at 9800.
        ("10", "0.005", "5", ("8643.216080402010050251", "10945.273631840796019900")),
        # The rate is reported to 18 decimals, and is a sixtieth in every other figure.
        (
            "3",
            "0.016666666666666667",
            "16.666666666666666667",
            ("8745.762711864406779661", "10819.672131147540983607"),
        ),
    ],
)
def test_a_rate_on_the_initial_margin_is_divided_by_the_leverage(
    quoted: Quoted,
    leverage: str,
    rate: str,
    maintenance_margin: str,
    prices: tuple[str, str],
) -> None:
    for side, expected in zip(("long", "short"), prices, strict=True):
        values = quoted(
            "maintenance_margin_rate",
            "maintenance_margin",
            "liquidation_price",
            parameters={
                "maintenance_rate_form": "share_of_initial_margin",
                "unrealised_pnl_price": "settlement",
            },
            instrument=_rated("0.05"),
            position={
                "side": side,
                "leverage": leverage,
                "settlement_price": "9800",
                "isolated_margin": "120",
            },
        )
        assert values == {
            "maintenance_margin_rate": D(rate),
            "maintenance_margin": D(maintenance_margin),
            "liquidation_price": D(expected),
        }


def test_a_fee_on_a_divided_rate_takes_it_undivided(quoted: Quoted) -> None:
    # A third of 5 %: 1000 × 0.0005 × (1 + 1/60), and the price likewise.
    values = quoted(
        "maintenance_fee",
        "liquidation_price",
        parameters={
            "maintenance_rate_form": "share_of_initial_margin",
            "maintenance_fee": "multiplicative_taker",
        },
        instrument=_rated("0.05", **FEES),
        position={"leverage": "3", "isolated_margin": "100"},
    )
    assert values == {
        "maintenance_fee": D("0.508333333333333333"),
        "liquidation_price": D("9157.276219062396662682"),
    }


def test_more_leverage_lowers_a_rate_on_the_initial_margin(
    opened: Make, btc: dict[str, Any]
) -> None:
    holder = opened(
        parameters={
            "maintenance_rate_form": "share_of_initial_margin",
            "leverage_increase_with_position": "keeps_margin",
        },
        instruments=[{**btc, **_rated("0.05")}],
    )
    assert holder.position["maintenance_margin"] == 5
    holder.done("set_leverage", leverage="20")
    assert holder.position["maintenance_margin"] == D("2.5")


@pytest.mark.parametrize(
    ("choice", "given", "rate", "expected"),
    [
        ("none", "0.0001", "0.004", "9036.144578313253012048"),
        ("predicted", "0.0001", "0.0041", "9037.051912842654885029"),
        ("predicted", "-0.0001", "0.0039", "9035.237425961248870595"),
        ("predicted", None, "0.004", "9036.144578313253012048"),
    ],
)
def test_a_predicted_funding_rate_is_added_to_the_rate_in_force(
    quoted: Quoted, choice: str, given: str | None, rate: str, expected: str
) -> None:
    values = quoted(
        "maintenance_margin_rate",
        "maintenance_margin",
        "liquidation_price",
        parameters={"maintenance_funding": choice},
        position={"predicted_funding_rate": given},
    )
    assert values == {
        "maintenance_margin_rate": D(rate),
        "maintenance_margin": D(rate) * 1000,
        "liquidation_price": D(expected),
    }


def test_predicted_funding_is_added_after_the_division_by_the_leverage(
    quoted: Quoted,
) -> None:
    values = quoted(
        "maintenance_margin_rate",
        "maintenance_fee",
        parameters={
            "maintenance_rate_form": "share_of_initial_margin",
            "maintenance_funding": "predicted",
            "maintenance_fee": "multiplicative_taker",
        },
        instrument=FEES,
        position={"predicted_funding_rate": "0.0001"},
    )
    # 0.004 / 10 + 0.0001; 1000 × 0.0005 × 1.0005.
    assert values["maintenance_margin_rate"] == D("0.0005")
    assert values["maintenance_fee"] == D("0.50025")


def test_another_cross_position_pays_its_own_predicted_funding(quoted: Quoted) -> None:
    other = {
        "side": "long",
        "quantity": "0.1",
        "entry_price": "10000",
        "leverage": "10",
        "predicted_funding_rate": "0.001",
    }
    # 200 free, the other requires 1000 × 0.005: 195 are left.
    price = quoted(
        "bankruptcy_price",
        parameters={"maintenance_funding": "predicted"},
        position={"margin_mode": "cross"},
        wallet_balance="200",
        cross_positions=[{"position": other}],
    )
    assert price == 8050


# The liquidation price as it is shown


@pytest.mark.parametrize(
    ("instrument", "position", "parameters", "expected"),
    [
        # Equity 100 + 30 against 950 × 0.4 % = 3.8 or 1050 × 0.4 % = 4.2, held.
        ({}, {"mark_price": "9500", "isolated_margin": "130"}, {}, "8738"),
        (
            {},
            {**SHORT, "mark_price": "10500", "isolated_margin": "130"},
            {},
            "11258",
        ),
        # Inverse, 0.0005 held at 8000: 1000 over 0.1 + 0.01 − 0.0005.
        (INVERSE, {**COIN, "mark_price": "8000"}, {}, "9132.420091324200913242"),
        (
            INVERSE,
            {**COIN, **SHORT, "mark_price": "8000"},
            {},
            "11049.723756906077348066",
        ),
        # The fee is part of what is held: 4 + 0.5; and added margin is scaled.
        (FEES, {}, {"maintenance_fee": "additive_taker"}, "9045"),
        (
            FEES,
            {"added_margin": "50"},
            {"added_margin_fee_scaling": "yes"},
            "8539.749874937468734367",
        ),
        ({}, {"isolated_margin": "1004"}, {}, None),
        (INVERSE, {**COIN, **SHORT, "isolated_margin": "0.1004"}, {}, None),
    ],
)
def test_a_price_with_the_requirement_held_takes_it_at_the_mark_price(
    quoted: Quoted,
    instrument: dict[str, Any],
    position: dict[str, str],
    parameters: dict[str, str],
    expected: str | None,
) -> None:
    price = quoted(
        "liquidation_price",
        parameters={"liquidation_price_form": "maintenance_held", **parameters},
        instrument=instrument,
        position=position,
    )
    assert price == (None if expected is None else D(expected))


@pytest.mark.parametrize(
    ("instrument", "position", "expected"),
    [
        ({}, {}, "9036.244578313253012048"),
        ({}, SHORT, "10956.075298804780876494"),
        ({"contract": "quanto"}, SHORT, "10956.075298804780876494"),
        (INVERSE, COIN, "9127.372727272727272727"),
        (INVERSE, {**COIN, **SHORT}, "11066.566666666666666667"),
        ({"tick_size": None}, {}, "9036.144578313253012048"),
        ({}, {"isolated_margin": "1001"}, None),
    ],
)
def test_a_liquidation_price_is_shown_one_tick_nearer_to_entry(
    quoted: Quoted,
    instrument: dict[str, Any],
    position: dict[str, str],
    expected: str | None,
) -> None:
    price = quoted(
        "liquidation_price",
        parameters={"liquidation_price_shift": "one_tick_inward"},
        instrument=instrument,
        position=position,
    )
    assert price == (None if expected is None else D(expected))


def test_a_price_is_shifted_before_it_is_rounded(quoted: Quoted) -> None:
    # 9036.1445… + 0.36 = 9036.5045…
    price = quoted(
        "liquidation_price",
        parameters={
            "liquidation_price_shift": "one_tick_inward",
            "rounding": {"liquidation_price": {"quantum": "1", "mode": "half_up"}},
        },
        instrument={"tick_size": "0.36"},
    )
    assert price == 9037


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        # Not above 10000 for a short; the price solved for is 10955.97….
        (SHORT, "10000"),
        ({}, "9036.1"),
        # A long that no fall liquidates has no price, and the long has no highest.
        ({"isolated_margin": "1001"}, None),
    ],
)
def test_the_highest_value_is_shown_for_what_lies_above_it(
    quoted: Quoted, position: dict[str, str], expected: str | None
) -> None:
    rule = {"quantum": "0.1", "mode": "down"}
    capped = {**rule, "short": {"mode": "down", "highest": "10000"}}
    price = quoted(
        "liquidation_price",
        parameters={"rounding": {"liquidation_price": capped}},
        position=position,
    )
    assert price == (None if expected is None else D(expected))


def test_the_highest_value_is_shown_for_what_does_not_exist(quoted: Quoted) -> None:
    capped = {"quantum": "tick", "mode": "any", "highest": "1000000"}
    price = quoted(
        "liquidation_price",
        parameters={"rounding": {"liquidation_price": capped}},
        instrument=INVERSE,
        position={**COIN, **SHORT, "isolated_margin": "1"},
    )
    assert price == 1000000


@pytest.mark.parametrize(
    "parameters",
    [
        {"liquidation_price_shift": "one_tick_inward"},
        {"liquidation_price_form": "maintenance_held"},
    ],
)
def test_how_the_price_is_shown_triggers_nothing(
    opened: Make, parameters: dict[str, str]
) -> None:
    # Shown at 9036.24 or, at entry, 9040; liquidated at 9036.14.
    holder = opened(parameters=parameters)
    assert holder.position["liquidation_price"] > D("9036.2")
    assert holder.done("set_mark_price", price="9036.2") == []
    assert "liquidation" in holder.done("set_mark_price", price="9036.1")


# Gain counted from the last settlement


@pytest.mark.parametrize(
    ("instrument", "position", "expected"),
    [
        # 0.1 × (9400 − 9500); 130 allocated, rate 1 %.
        (
            {},
            {"isolated_margin": "130"},
            ("-10", "120", "8282.828282828282828283", "8200"),
        ),
        (
            {},
            {**SHORT, "isolated_margin": "130"},
            ("10", "140", "10693.069306930693069307", "10800"),
        ),
        (
            {"contract": "inverse"},
            {**COIN, "isolated_margin": "0.02"},
            (
                "-0.001119820828667413",
                "0.018880179171332587",
                "8063.025210084033613445",
                "7983.193277310924369748",
            ),
        ),
        (
            {"contract": "inverse"},
            {**COIN, **SHORT, "isolated_margin": "0.02"},
            (
                "0.001119820828667413",
                "0.021119820828667413",
                "11611.111111111111111111",
                "11728.395061728395061728",
            ),
        ),
    ],
)
def test_a_settlement_price_stands_for_the_entry_price_in_gain_and_what_follows(
    quoted: Quoted,
    instrument: dict[str, str],
    position: dict[str, str],
    expected: tuple[str, ...],
) -> None:
    values = quoted(
        "unrealised_pnl",
        "position_equity",
        "liquidation_price",
        "bankruptcy_price",
        parameters={"unrealised_pnl_price": "settlement"},
        instrument=_rated("0.01", **instrument),
        position={**position, "settlement_price": "9500", "mark_price": "9400"},
    )
    assert tuple(values.values()) == tuple(map(D, expected))


def test_margins_stay_at_the_entry_price_when_gain_does_not(quoted: Quoted) -> None:
    values = quoted(
        "initial_margin",
        "maintenance_margin",
        "reserved_closing_fee",
        "liquidation_price",
        "return_on_margin",
        parameters={
            "unrealised_pnl_price": "settlement",
            "maintenance_margin_price": "entry",
            "initial_margin_closing_fee": "entry",
        },
        instrument=FEES,
        position={"settlement_price": "9500", "mark_price": "9400"},
    )
    # 0.1 × (9500 − P) is 100.5 − 4 at 8535.
    assert values == {
        "initial_margin": D("100.5"),
        "maintenance_margin": D(4),
        "reserved_closing_fee": D("0.5"),
        "liquidation_price": D(8535),
        "return_on_margin": D("-0.1"),
    }


@pytest.mark.parametrize(
    ("parameters", "settlement_price"),
    [({}, "9500"), ({"unrealised_pnl_price": "settlement"}, None)],
)
def test_without_a_settlement_gain_counts_from_entry(
    quoted: Quoted, parameters: dict[str, str], settlement_price: str | None
) -> None:
    gain = quoted(
        "unrealised_pnl",
        parameters=parameters,
        position={"settlement_price": settlement_price, "mark_price": "9400"},
    )
    assert gain == -60


# The value of one contract, rounded

PER_CONTRACT = {"contract_value_rounding": "per_contract"}


@pytest.mark.parametrize(
    ("parameters", "contract_size", "quantity", "expected"),
    [
        # A liquidated BitMEX long of 1800 dollars marked at 34734.8: 5182128 satoshi,
        # as lots of 100 or to a hundredth of a satoshi (mmitkevich/roq-rencap #48).
        (PER_CONTRACT, "100", "18", "0.05182128"),
        (
            {**PER_CONTRACT, "contract_value_quantum": "0.0000000001"},
            "1",
            "1800",
            "0.05182128",
        ),
        (PER_CONTRACT, "1", "1800", "0.051822"),
        ({"contract_value_quantum": "0.1"}, "1", "1800", "0.051821228278268480"),
    ],
)
def test_the_value_of_one_contract_is_rounded_before_it_is_multiplied(
    quoted: Quoted,
    parameters: dict[str, str],
    contract_size: str,
    quantity: str,
    expected: str,
) -> None:
    value = quoted(
        "notional_value",
        parameters=parameters,
        instrument={**INVERSE, "contract_size": contract_size},
        position={"quantity": quantity, "mark_price": "34734.8"},
    )
    assert value == D(expected)


def test_half_a_quantum_of_a_contracts_value_goes_up(quoted: Quoted) -> None:
    # 0.000001 × 500.465 = 0.000500465, the even neighbour being 0.00050046.
    value = quoted(
        "notional_value",
        parameters=PER_CONTRACT,
        instrument={"contract": "quanto", "contract_size": "0.000001"},
        position={"quantity": "1000", "mark_price": "500.465"},
    )
    assert value == D("0.50047")


def test_a_rounded_inverse_contract_is_rounded_throughout(quoted: Quoted) -> None:
    # 1/7300 is 0.00013699, 1/7400 is 0.00013514: short 1000 contracts.
    values = quoted(
        "initial_margin",
        "reserved_closing_fee",
        "notional_value",
        "maintenance_margin",
        "closing_fee",
        "unrealised_pnl",
        "liquidation_price",
        "bankruptcy_price",
        parameters={**PER_CONTRACT, "initial_margin_closing_fee": "bankruptcy"},
        instrument={**INVERSE, **_rated("0.005"), **_taken_at("0.0005")},
        position={
            "side": "short",
            "quantity": "1000",
            "entry_price": "7300",
            "leverage": "25",
            "mark_price": "7400",
            "isolated_margin": "0.005",
        },
    )
    assert values == {
        "initial_margin": D("0.0055453552"),
        "reserved_closing_fee": D("0.0000657552"),
        "notional_value": D("0.13514"),
        "maintenance_margin": D("0.0006757"),
        "closing_fee": D("0.00006757"),
        "unrealised_pnl": D("-0.00185"),
        "liquidation_price": D("7538.449882566861125843"),
        "bankruptcy_price": D("7576.331540268202136525"),
    }


def test_a_rounded_linear_contract_keeps_its_gain_exact(quoted: Quoted) -> None:
    # One contract is worth 0.000333333… at entry: 0.0003 to the quantum given.
    values = quoted(
        "initial_margin",
        "reserved_closing_fee",
        "unrealised_pnl",
        "bankruptcy_price",
        parameters={
            **PER_CONTRACT,
            "contract_value_quantum": "0.0001",
            "initial_margin_closing_fee": "bankruptcy",
        },
        instrument={**FEES, "contract": "quanto", "contract_size": "0.000001"},
        position={
            "quantity": "1000",
            "entry_price": "333.4",
            "leverage": "2",
            "mark_price": "343.4",
            "isolated_margin": "0.1",
        },
    )
    # At the price of bankruptcy, 166.7, a contract is worth 0.0002.
    assert values == {
        "initial_margin": D("0.1501"),
        "reserved_closing_fee": D("0.0001"),
        "unrealised_pnl": D("0.01"),
        "bankruptcy_price": D("233.4"),
    }


@pytest.mark.parametrize(("mark_price", "rate"), [("1004", "0.004"), ("1006", "0.02")])
def test_the_tier_is_that_of_the_rounded_value(
    quoted: Quoted, mark_price: str, rate: str
) -> None:
    figure = quoted(
        "maintenance_margin_rate",
        parameters={**PER_CONTRACT, "contract_value_quantum": "10"},
        instrument={
            "tiers": [
                {"notional_floor": "0", "maintenance_margin_rate": "0.004"},
                {"notional_floor": "1000", "maintenance_margin_rate": "0.02"},
            ]
        },
        position={"quantity": "1", "mark_price": mark_price},
    )
    assert figure == D(rate)


def test_a_contract_whose_value_rounds_to_nothing_has_no_ratio_to_it(
    quoted: Quoted,
) -> None:
    values = quoted(
        "notional_value",
        "margin_ratio",
        "return_on_margin",
        parameters={
            **PER_CONTRACT,
            "margin_ratio_form": "equity_over_notional",
            "return_basis": "mark_initial_margin",
        },
        instrument=INVERSE,
        position={**COIN, "mark_price": "1000000000"},
    )
    assert values == {
        "notional_value": D(0),
        "margin_ratio": None,
        "return_on_margin": None,
    }


@pytest.mark.parametrize(
    ("contract", "side", "expected"),
    [
        # Without the margin one contract is worth 90 or 110: in whole 7s 91 or 105.
        ("linear", "long", "91"),
        ("linear", "short", "105"),
        # 0.009 at entry; 0.013 or 0.005 without the margin: in whole steps 0.012, 0.006.
        ("inverse", "long", "83.333333333333333333"),
        ("inverse", "short", "166.666666666666666667"),
    ],
)
def test_a_price_is_read_off_a_whole_value_towards_entry(
    quoted: Quoted, contract: str, side: str, expected: str
) -> None:
    linear = contract == "linear"
    price = quoted(
        "bankruptcy_price",
        parameters={
            "contract_value_rounding": "per_contract_and_price",
            "contract_value_quantum": "7" if linear else "0.003",
        },
        instrument={"contract": contract, "contract_size": "1"},
        position={
            "side": side,
            "quantity": "2",
            "entry_price": "100",
            "isolated_margin": "20" if linear else "0.008",
        },
    )
    assert price == D(expected)


def test_no_price_is_read_off_a_contract_worth_less_than_a_unit(
    quoted: Quoted,
) -> None:
    price = quoted(
        "bankruptcy_price",
        parameters={
            "contract_value_rounding": "per_contract_and_price",
            "contract_value_quantum": "3",
        },
        instrument={"contract": "inverse", "contract_size": "10"},
        position={"quantity": "3", "entry_price": "8", "isolated_margin": "0.5"},
    )
    assert price is None


def test_a_step_down_closes_by_the_rounded_value(
    opened: Make, btc: dict[str, Any]
) -> None:
    # A contract at 1039 is worth 1040: 10 of them 10400, of which 10000 may stay.
    holder = opened(
        parameters={
            **PER_CONTRACT,
            "contract_value_quantum": "10",
            "liquidation_process": "tier_step_down",
        },
        instruments=[
            {
                **btc,
                "tiers": [
                    {"notional_floor": "0", "maintenance_margin_rate": "0.004"},
                    {"notional_floor": "10000", "maintenance_margin_rate": "0.2"},
                ],
            }
        ],
        balances={"USDT": "10000"},
        quantity="10",
        price="999",
    )
    holder.done("set_mark_price", price="1039")
    assert holder.position["quantity"] == D("9.615")


# Funding, removal, isolation


@pytest.mark.parametrize(
    ("choice", "index_price", "instrument", "expected"),
    [
        ("mark", "11000", {}, "90"),
        ("index", "11000", {}, "89"),
        ("index", None, {}, "90"),
        ("index", "11000", {"contract": "quanto"}, "89"),
        # 100000 over 12500 instead of over 10000.
        ("mark", "12500", {"contract": "inverse"}, "0.9"),
        ("index", "12500", {"contract": "inverse"}, "0.92"),
    ],
)
def test_funding_is_worked_out_on_the_price_the_profile_names(
    make_holder: Make, choice: str, index_price: str | None, expected: str
) -> None:
    holder = make_holder(parameters={"funding_price": choice})
    holder.done("set_mark_price", price="10000", index_price=index_price)
    holder.done("apply_funding", funding_rate="0.01")
    assert holder.position["isolated_margin"] == D(expected)


@pytest.fixture
def make_holder(opened: Make, btc: dict[str, Any], instrument: dict[str, str]) -> Make:
    quantity = "100000" if instrument.get("contract") == "inverse" else "0.1"
    return partial(opened, instruments=[{**btc, **instrument}], quantity=quantity)


@pytest.mark.parametrize(
    ("instrument", "position", "expected"),
    [
        # min(130 − 4.2, 130 + 50 − 105), min(130 − 4.2, 130 − 50 − 105).
        ({}, {"isolated_margin": "130", "mark_price": "10500"}, "75"),
        ({}, {**SHORT, "isolated_margin": "130", "mark_price": "10500"}, "0"),
        # min(20 − 4.8, 20 + 200 − 120).
        ({}, {"isolated_margin": "20", "mark_price": "12000"}, "15.2"),
        # min(0.02 − 0.00032, 0.02 + 0.02 − 0.008).
        (
            INVERSE,
            {**COIN, "isolated_margin": "0.02", "mark_price": "12500"},
            "0.01968",
        ),
        # A seventh of 1000 stays, the reserved fee does not.
        (FEES, {"leverage": "7", "isolated_margin": "150"}, "7.142857142857142857"),
    ],
)
def test_margin_above_the_initial_margin_at_mark_is_removable(
    quoted: Quoted,
    instrument: dict[str, Any],
    position: dict[str, str],
    expected: str,
) -> None:
    figure = quoted(
        "removable_margin",
        parameters={
            "removable_margin": "above_initial_at_mark",
            "initial_margin_closing_fee": "entry",
        },
        instrument=instrument,
        position=position,
    )
    assert figure == D(expected)


def test_the_account_of_one_market_has_the_figures_of_the_position(
    quoted: Quoted,
) -> None:
    want = ("liquidation_price", "bankruptcy_price", "maximum_loss")
    assert quoted(*want, parameters={"isolation": "subaccount"}) == quoted(*want)


def test_a_venue_without_isolation_refuses_it_before_anything_else(
    opened: Make,
) -> None:
    holder = opened(
        parameters={"isolation": "none"},
        margin_mode="cross",
        balances={"USDT": "1000"},
    )
    refusal = holder.refusal("set_margin_mode", margin_mode="isolated")
    assert refusal == "MARGIN_MODE_NOT_OFFERED"
    refusal = holder.refusal("set_margin_mode", margin_mode="cross")
    assert refusal == "MARGIN_MODE_LOCKED"
    refusal = holder.refusal("set_margin_mode", instrument="X", margin_mode="isolated")
    assert refusal == "UNKNOWN_INSTRUMENT"
