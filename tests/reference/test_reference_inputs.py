"""A question that cannot be read is answered by one clear line."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from isomargin_reference import BooksOutOfBalance, InvalidInput, after, quote
from isomargin_reference.ledger import (
    Ledger,
    Posting,
    audited,
    external,
    free_balance,
    isolated_margin,
    posted,
)
from isomargin_reference.numbers import ONE

Make = Callable[..., Any]
Quoted = Callable[..., Any]

NOT_A_NUMBER = (
    " is not a decimal number; write a string of digits such as '0.5', "
    "without exponent, leading zeros or sign +"
)


def _says(text: str) -> str:
    return f"^{re.escape(text)}$"


@pytest.mark.parametrize(
    "text",
    ["1e3", "+1", "01", ".5", "5.", "", " 1", "1\n", "NaN", "1,5", "１", "--1", 1, 1.5],
)
def test_a_figure_outside_the_grammar_is_refused_by_name(
    quoted: Quoted, text: object
) -> None:
    message = f"position.quantity: {text!r}{NOT_A_NUMBER}"
    with pytest.raises(InvalidInput, match=_says(message)):
        quoted("notional_value", position={"quantity": text})


@pytest.mark.parametrize(
    ("position", "message"),
    [
        ({"quantity": "0"}, "position.quantity: 0 must be above zero"),
        ({"entry_price": "-1"}, "position.entry_price: -1 must be above zero"),
        ({"leverage": "0"}, "position.leverage: 0 must be above zero"),
        ({"mark_price": "0"}, "position.mark_price: 0 must be above zero"),
        ({"side": "up"}, "position.side: 'up' is none of long, short"),
        (
            {"margin_mode": "both"},
            "position.margin_mode: 'both' is none of isolated, cross",
        ),
        (
            {"quantity": "1" * 61},
            "position.quantity: a number of 61 characters; give at most 60",
        ),
        (
            {"margin_mode": "cross"},
            (
                "wallet_balance is missing; a cross position is quoted with the "
                "balance it shares"
            ),
        ),
    ],
)
def test_a_malformed_position_is_refused_by_name(
    quoted: Quoted, position: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidInput, match=_says(message)):
        quoted("notional_value", position=position)


@pytest.mark.parametrize(
    ("instrument", "message"),
    [
        (
            {"contract": "option"},
            "instrument BTC-USDT.contract: 'option' is none of linear, quanto, inverse",
        ),
        (
            {"contract_size": "0"},
            "instrument BTC-USDT.contract_size: 0 must be above zero",
        ),
        (
            {"tiers": [{"notional_floor": "0"}]},
            "instrument BTC-USDT.tiers[0].maintenance_margin_rate is missing",
        ),
        (
            {"tiers": [{"notional_floor": "5", "maintenance_margin_rate": "0"}] * 2},
            (
                "instrument BTC-USDT.tiers: each tier needs its own notional_floor, "
                "not below zero"
            ),
        ),
        (
            {"tiers": [{"notional_floor": "-5", "maintenance_margin_rate": "0"}]},
            (
                "instrument BTC-USDT.tiers: each tier needs its own notional_floor, "
                "not below zero"
            ),
        ),
    ],
)
def test_a_malformed_instrument_is_refused_by_name(
    quoted: Quoted, instrument: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=_says(message)):
        quoted("notional_value", instrument=instrument)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"trigger_price": "moon"},
            "profile.trigger_price: 'moon' is none of mark, index, last",
        ),
        (
            {"rounding": {"liquidation_price": {"quantum": "1", "mode": "best"}}},
            (
                "profile.rounding.liquidation_price.mode: 'best' is none of half_up, "
                "half_even, up, down, ceiling, floor, any"
            ),
        ),
        (
            {"rounding": {"liquidation_price": {"quantum": "1"}}},
            "profile.rounding.liquidation_price.mode is missing",
        ),
        (
            {"rounding": {"liquidation_price": {"quantum": "0", "mode": "up"}}},
            "profile.rounding.liquidation_price.quantum: 0 must be above zero",
        ),
    ],
)
def test_a_malformed_profile_is_refused_by_name(
    quoted: Quoted, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=_says(message)):
        quoted("notional_value", parameters=parameters)


def test_a_figure_of_sixty_characters_is_still_exact(quoted: Quoted) -> None:
    quantity = "1" * 30 + "." + "1" * 29
    value = quoted("notional_value", position={"quantity": quantity})
    assert format(value, "f") == "1" * 30 + "1111.111111111111111111"


def test_an_unknown_parameter_is_refused_by_name(quoted: Quoted) -> None:
    with pytest.raises(InvalidInput, match=r"^profile parameter: 'moon' is none of "):
        quoted("notional_value", parameters={"moon": "full"})


def test_an_unknown_quantity_is_refused_by_name(quoted: Quoted) -> None:
    message = r"^want: 'margin' is no quantity of a position; the quantities are .*"
    with pytest.raises(InvalidInput, match=message):
        quoted("margin")


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InvalidInput, match=_says("instrument.symbol is missing")):
        quote({}, {}, {}, ["notional_value"])


def test_an_unknown_action_is_refused_by_name(account: Make) -> None:
    with pytest.raises(InvalidInput, match=r"^do: 'borrow' is none of deposit, .*"):
        after(account().state, "borrow", {})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"side": "hold"}, "with.side: 'hold' is none of buy, sell"),
        ({"side": "buy", "quantity": "1"}, "with.price is missing"),
        (
            {"side": "buy", "quantity": "1", "price": "1", "reduce_only": "maybe"},
            "with.reduce_only: 'maybe' is none of true, yes, false, no",
        ),
    ],
)
def test_a_malformed_argument_is_refused_by_name(
    account: Make, arguments: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidInput, match=_says(message)):
        account().do("trade", **arguments)


def test_books_that_do_not_sum_to_zero_are_found_out() -> None:
    message = "the buckets sum to 1, not to zero"
    with pytest.raises(BooksOutOfBalance, match=_says(message)):
        audited(Ledger({free_balance("USDT"): ONE}), [])


def test_margin_left_with_a_closed_position_is_found_out() -> None:
    bucket = isolated_margin("USDT", ("BTC", "long"))
    books = posted(Ledger(), Posting(external("USDT"), bucket, ONE))
    assert audited(books, [("BTC", "long")]) == books
    message = f"1 is left in {bucket}, which is not open"
    with pytest.raises(BooksOutOfBalance, match=_says(message)):
        audited(books, [])
