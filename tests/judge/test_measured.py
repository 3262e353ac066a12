from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isomargin.judge.grade import Precision
from isomargin.judge.measured import Measured, slack_of
from isomargin.judge.observed import NotObserved

OWNER = ("BTC-USD", "long")

fractions = st.fractions(-1000, 1000, max_denominator=10**6)
slacks = st.fractions(0, 1, max_denominator=10**6)
measured = st.builds(Measured, fractions, slacks)


def about(value: Any, slack: Any = "0.01") -> Measured:
    return Measured(Fraction(value), Fraction(slack))


def slack(text: str, *, binary: bool = False, rounding: Any = None) -> Fraction:
    rules = {"liquidation_price": rounding} if rounding else {}
    precision = Precision(binary, rules, {"BTC-USD": "0.1"})
    return slack_of(precision, "liquidation_price", text, Fraction(text), OWNER)


def test_a_figure_is_known_to_the_last_decimal_it_is_printed_with() -> None:
    assert slack("1400") == Fraction(1, 10**8)
    assert slack("0.333333333333") == Fraction(1, 10**12)


def test_a_figure_that_a_profile_rounds_is_known_to_a_quantum() -> None:
    assert slack("9036.1", rounding={"quantum": "tick", "mode": "up"}) == Fraction(
        "0.1"
    )


def test_a_binary_figure_is_known_to_a_billionth_of_itself() -> None:
    assert slack("9036.144578313252", binary=True) == Fraction(
        "0.000009036144578313252"
    )
    assert slack("-9036", binary=True) == Fraction("0.000009036")
    assert slack("0.0000000000000001", binary=True) == Fraction(1, 10**8)
    tick = {"quantum": "tick", "mode": "up"}
    assert slack("9036", binary=True, rounding=tick) == Fraction("0.1")


def test_numbers_that_slack_cannot_tell_apart_are_equal_and_in_no_strict_order() -> (
    None
):
    near, far = about("10.015"), about("10.02")
    assert near == about("10")
    assert near <= about("10") <= near
    assert not near > about("10")
    assert not about("10") < near
    assert far != about("10")
    assert far > about("10") < far
    assert not far <= about("10")
    assert not about("10") >= far


def test_an_exact_number_equals_only_itself() -> None:
    assert about("10", 0) == Fraction(10)
    assert Fraction(10) == about("10", 0)
    assert about("10", 0) != Fraction("10.000000000000000001")
    assert Fraction("10.005") == about("10")
    assert Fraction("10.01") != about("10")


def test_a_number_equals_nothing_that_is_no_number() -> None:
    assert about("10") != "10"
    assert about("10") is not None


def test_a_measured_number_has_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable type: 'Measured'"):
        hash(about("10"))


def test_zero_alone_is_false() -> None:
    assert about("0.001")
    assert not about("0")


def test_dividing_by_what_may_be_zero_finds_nothing_out() -> None:
    with pytest.raises(NotObserved, match="a divisor that can be told from zero"):
        about("10") / about("0.01")


@given(measured, measured, slacks, slacks)
def test_the_true_result_lies_within_the_slack_of_the_measured_one(
    left: Measured, right: Measured, part: Fraction, other: Fraction
) -> None:
    # Whatever the true numbers are within their slack, so are their results.
    first = left.value + left.slack * part
    second = right.value - right.slack * other
    for found, true in (
        (left + right, first + second),
        (left - right, first - second),
        (left * right, first * second),
        (second + left, first + second),
        (second - left, second - first),
        (second * left, first * second),
        (-left, -first),
        (abs(left), abs(first)),
    ):
        assert abs(found.value - true) <= found.slack


@given(measured, measured, slacks)
def test_the_true_quotient_lies_within_the_slack_of_the_measured_one(
    left: Measured, right: Measured, part: Fraction
) -> None:
    if abs(right.value) > right.slack:
        true = left.value / (right.value + right.slack * part)
        for found in (left / right, left.value / right):
            assert abs(found.value - true) <= found.slack


@given(measured, measured)
def test_exactly_one_of_less_equal_and_greater_holds(
    left: Measured, right: Measured
) -> None:
    assert [left < right, left == right, left > right].count(True) == 1
    assert (left <= right) == (left < right or left == right)
    assert (left >= right) == (right <= left)
    assert (left == right) == (right == left)
