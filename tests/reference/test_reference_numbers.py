"""Figures are exact, and rounded only where they are said to be."""

from decimal import ROUND_HALF_EVEN, Decimal, DivisionByZero, Inexact
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isomargin_reference.numbers import (
    ROUNDING_MODES,
    divided,
    exactly,
    integral,
    kept,
    rounded,
)

D = Decimal
FIGURES = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9
)


def test_a_quotient_is_kept_to_eighteen_decimals_half_even() -> None:
    with exactly():
        assert divided(D(2), D(3)) == D("0.666666666666666667")
        assert divided(D(-2), D(3)) == D("-0.666666666666666667")
        assert divided(D("0.000000000000000001"), D(2)) == 0
        assert divided(D("0.000000000000000003"), D(2)) == D("0.000000000000000002")


def test_a_product_is_kept_to_eighteen_decimals_half_even() -> None:
    with exactly():
        assert kept(D("0.0000000000000000005")) == 0
        assert kept(D("0.0000000000000000015")) == D("0.000000000000000002")


def test_a_division_by_zero_is_never_silent() -> None:
    with exactly(), pytest.raises(DivisionByZero, match=r"^the divisor is zero$"):
        divided(D(1), D(0))


def test_arithmetic_that_would_lose_a_digit_is_trapped() -> None:
    with exactly(), pytest.raises(Inexact):
        D(1) / D(3)


@given(FIGURES, FIGURES.filter(bool))
def test_a_quotient_is_within_half_a_unit_of_the_eighteenth_decimal(
    numerator: Decimal, denominator: Decimal
) -> None:
    with exactly():
        error = Fraction(divided(numerator, denominator)) - Fraction(
            numerator
        ) / Fraction(denominator)
    assert abs(error) <= Fraction(1, 2 * 10**18)


@given(FIGURES, st.sampled_from(["0.1", "0.5", "1", "25"]))
def test_rounding_half_even_agrees_with_the_standard_library(
    value: Decimal, quantum: str
) -> None:
    with exactly():
        steps = (Fraction(value) / Fraction(D(quantum))).__round__()
        assert Fraction(rounded(value, D(quantum), "half_even")) == steps * Fraction(
            D(quantum)
        )


@pytest.mark.parametrize(
    ("mode", "of_25", "of_minus_25", "of_21"),
    [
        ("half_up", 3, -3, 2),
        ("half_even", 2, -2, 2),
        ("up", 3, -3, 3),
        ("down", 2, -2, 2),
        ("ceiling", 3, -2, 3),
        ("floor", 2, -3, 2),
    ],
)
def test_each_rounding_mode_goes_its_way(
    mode: str, of_25: int, of_minus_25: int, of_21: int
) -> None:
    with exactly():
        assert integral(D(25), D(10), mode) == of_25
        assert integral(D(-25), D(10), mode) == of_minus_25
        assert integral(D(21), D(10), mode) == of_21


@pytest.mark.parametrize("mode", ROUNDING_MODES)
def test_a_whole_number_is_left_alone_by_every_mode(mode: str) -> None:
    with exactly():
        assert integral(D(30), D(10), mode) == 3


def test_the_context_rounds_half_even_where_it_may() -> None:
    with exactly() as context:
        assert context.rounding == ROUND_HALF_EVEN
