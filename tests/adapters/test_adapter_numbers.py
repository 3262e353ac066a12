from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isomargin_adapter import NotANumber, decimal_string


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (0, "0"),
        (-7, "-7"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.00"), "0"),
        (Decimal("0.10"), "0.1"),
        (Fraction(1, 8), "0.125"),
        (Fraction(-3, 2), "-1.5"),
        (Fraction(-1, 1000), "-0.001"),
        (Fraction(12, 1), "12"),
        (1e-7, "0.0000001"),
        (0.1, "0.1"),
        ("5.10", "5.10"),
        (Fraction(10**60 + 1, 10**30), f"1{'0' * 30}.{'0' * 29}1"),
        (Decimal(10**60 + 1), str(10**60 + 1)),
    ],
)
def test_a_number_is_written_as_the_digits_it_is(
    value: object, text: str | None
) -> None:
    assert decimal_string(value) == text


@pytest.mark.parametrize(
    "value",
    [
        *("1e5", "１", "", "01", ".5", "5.", "+1", "1\n", "NaN", True, Fraction(1, 3)),
        *(float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity"), object()),
    ],
)
def test_what_no_decimal_string_can_say_is_refused(value: object) -> None:
    with pytest.raises(NotANumber):
        decimal_string(value)


@given(st.integers(), st.integers(min_value=0, max_value=60))
def test_every_finite_decimal_comes_back_exactly(numerator: int, places: int) -> None:
    value = Fraction(numerator, 10**places)
    assert Fraction(decimal_string(value) or "") == value
