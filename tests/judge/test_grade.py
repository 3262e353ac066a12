from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isomargin.formulas import decimal_text
from isomargin.judge.grade import Owner, Precision, grade, number_of, unit_of
from isomargin.judge.observed import ABSENT

LONG: Owner = ("BTC-USD", "long")
TICK = {"quantum": "tick", "mode": "up"}
ANY = {"quantum": "0.1", "mode": "any"}
SIDED = {"quantum": "tick", "mode": "up", "short": {"mode": "down"}}

whole = st.integers(-(10**24), 10**24)
decimals = whole.map(lambda units: decimal_text(Fraction(units, 10**18)))


def precision(
    rounding: Any = None, *, binary: bool = False, tick: str | None = "0.1"
) -> Precision:
    rules = {"liquidation_price": rounding} if rounding else {}
    return Precision(binary, rules, {"BTC-USD": tick})


def graded(
    expected: Any, actual: Any, owner: Owner = LONG, **options: Any
) -> tuple[str, str]:
    rules = precision(options.pop("rounding", None), **options)
    return grade(rules, "liquidation_price", expected, actual, owner)


@pytest.mark.parametrize(
    ("expected", "actual", "near"),
    [
        ("100", "100", "exact"),
        ("100", "100.00", "exact"),
        ("100", "99.9999999999999999999999999", "exact"),
        ("0.333333333333333333", "0.33333333333333333333333333", "exact"),
        ("0.333333333333333333", "0.3333333333333333334", "exact"),
        ("0.333333333333333333", "0.33333333", "rounded"),
        ("0.333333333333333333", "0.33333334", "rounded"),
        ("0.333333333333333333", "0.33333332", "off"),
        ("0.333333333333333333", "0.3333333", "off"),
        ("9036.144578304", "9036.1445783", "rounded"),
        ("9036.144578313253012048", "9036.1", "off"),
        ("9036.144578313253012048", "9036.144578313253", "rounded"),
        ("9036.144578313253012048", "9036.144578313254", "rounded"),
        ("9036.144578313253012048", "9036.144578313255", "off"),
        ("0.333333333333333333", "0.3333333333333333339", "rounded"),
        ("0.333333333333333333", "0.3333333333333333341", "off"),
        ("100", "100.00000001", "off"),
        ("isolated", "isolated", "exact"),
        ("isolated", "cross", "off"),
        ("isolated", "100", "off"),
        ("100", "isolated", "off"),
        (True, True, "exact"),
        (True, False, "off"),
        (False, "0", "off"),
    ],
)
def test_two_values_without_a_rounding_have_this_grade(
    expected: Any, actual: Any, near: str
) -> None:
    assert graded(expected, actual) == (near, "")


def test_what_does_not_exist_and_what_was_not_observed_are_two_things() -> None:
    assert graded(None, None) == ("exact", "")
    assert graded(None, "9036") == ("off", "it does not exist")
    assert graded("9036", None) == ("off", "it exists")
    assert graded(None, ABSENT) == ("not observed", "")
    assert graded("9036", ABSENT) == ("not observed", "")


@pytest.mark.parametrize(
    ("rounding", "owner", "actual", "near"),
    [
        (TICK, LONG, "9036.2", "rounded"),
        (TICK, LONG, "9036.1", "off"),
        (TICK, LONG, "9036.144578313253012048", "exact"),
        (TICK, LONG, "9036.14457831", "off"),
        (SIDED, LONG, "9036.2", "rounded"),
        (SIDED, ("BTC-USD", "short"), "9036.1", "rounded"),
        (SIDED, ("BTC-USD", "short"), "9036.2", "off"),
        (ANY, LONG, "9036.1", "rounded"),
        (ANY, LONG, "9036.2", "rounded"),
        (ANY, LONG, "9036.05", "rounded"),
        (ANY, LONG, "9036.04", "off"),
        (ANY, LONG, "9036.25", "off"),
        ({"quantum": "1", "mode": "half_even"}, LONG, "9036", "rounded"),
    ],
)
def test_a_profile_decides_how_a_quantity_is_rounded(
    rounding: Any, owner: Owner, actual: str, near: str
) -> None:
    expected = "9036.144578313253012048"
    assert graded(expected, actual, owner, rounding=rounding)[0] == near


def test_a_number_rounded_the_other_way_is_told_so() -> None:
    note = "within 0.1, but the profile's rounding is up"
    assert graded("9036.14", "9036.1", rounding=TICK) == ("off", note)
    assert graded("9036.14", "9036", rounding=TICK) == ("off", "")


def test_a_tick_of_an_instrument_without_one_rounds_nothing() -> None:
    assert graded("9036.14", "9036.1", rounding=TICK, tick=None) == ("off", "")
    third = "0.333333333333333333"
    assert graded(third, "0.33333333", rounding=TICK, tick=None)[0] == "rounded"


def test_a_rounding_of_one_quantity_is_no_rounding_of_another() -> None:
    rules = precision(ANY)
    assert grade(rules, "initial_margin", "100", "100.05", LONG)[0] == "off"
    assert grade(rules, "liquidation_price", "100", "100.05", LONG)[0] == "rounded"


@pytest.mark.parametrize(
    ("expected", "actual", "binary", "near"),
    [
        ("9036.144578313253012048", "9036.144578313255", True, "float"),
        ("9036.144578313253012048", "9036.144578313255", False, "off"),
        ("9036.144578313253012048", "9036.144578323", True, "off"),
        ("-100", "-100.0000000001", True, "float"),
        ("-100", "-100.0000000002", True, "off"),
        ("0", "0.00000000000000005", True, "off"),
    ],
)
def test_only_a_binary_subject_may_be_a_trillionth_off(
    expected: str,
    actual: str,
    binary: bool,  # noqa: FBT001 - a table's column
    near: str,
) -> None:
    assert graded(expected, actual, binary=binary)[0] == near


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("1400", Fraction(1, 10**8)),
        ("0.1", Fraction(1, 10**8)),
        ("0.123456789", Fraction(1, 10**9)),
        ("0.12345678901234567890", Fraction(1, 10**18)),
    ],
)
def test_a_printed_number_is_known_to_its_last_decimal(
    text: str, unit: Fraction
) -> None:
    assert unit_of(text) == unit


def test_a_word_says_no_number() -> None:
    assert number_of("12.50") == Fraction(25, 2)
    for value in ("isolated", "1e3", "", None, True, ["1"]):
        assert number_of(value) is None


@given(decimals)
def test_a_number_is_exactly_itself(text: str) -> None:
    assert graded(text, text) == ("exact", "")
    assert graded(text, text + ("" if "." in text else ".0") + "00")[0] == "exact"


@given(decimals, st.integers(8, 18))
def test_a_number_printed_with_eight_decimals_or_more_passes_however_it_was_rounded(
    text: str, places: int
) -> None:
    quantum = Decimal(1).scaleb(-places)
    for mode in (ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_DOWN, ROUND_CEILING):
        printed = format(Decimal(text).quantize(quantum, mode), "f")
        assert graded(text, printed)[0] in {"exact", "rounded"}


@given(decimals, st.integers(10**10, 10**20))
def test_a_number_that_is_a_unit_of_the_eighth_decimal_off_never_passes(
    text: str, units: int
) -> None:
    off = decimal_text(Fraction(text) + Fraction(units, 10**18))
    assert graded(text, off) == graded(off, text) == ("off", "")


@given(decimals, decimals)
def test_whether_a_number_is_exact_does_not_depend_on_which_is_expected(
    one: str, other: str
) -> None:
    first, second = graded(one, other)[0], graded(other, one)[0]
    assert (first == "exact") == (second == "exact")
