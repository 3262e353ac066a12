"""Exact decimal arithmetic, and the few places where a figure is rounded.

Addition and multiplication never round: the context has room for every digit and
traps a result that would lose one. A figure is rounded in `kept` and `divided`, to
the 18 decimals of a named quantity, and in `rounded`, to a profile's quantum.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from typing import NamedTuple

__all__ = [
    "ONE",
    "ROUNDING_MODES",
    "ZERO",
    "Ratio",
    "divided",
    "exactly",
    "integral",
    "kept",
    "rounded",
    "total_of",
]

ZERO = Decimal(0)
ONE = Decimal(1)

_DECIMALS = 18
_QUANTUM = ONE.scaleb(-_DECIMALS)
_PRECISION = 1000
_EXACT = Context(
    prec=_PRECISION,
    rounding=ROUND_HALF_EVEN,
    traps=[Inexact, InvalidOperation, DivisionByZero, Overflow],
)
_KEEPING = Context(
    prec=_PRECISION, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, Overflow]
)


class Ratio(NamedTuple):
    """An exact quotient that has not been divided yet; the denominator is positive."""

    numerator: Decimal
    denominator: Decimal = ONE

    def times(self, factor: Decimal) -> "Ratio":
        """Return the quotient times a factor."""
        return Ratio(self.numerator * factor, self.denominator)

    def over(self, divisor: Decimal) -> "Ratio":
        """Return the quotient over a divisor above zero."""
        return Ratio(self.numerator, self.denominator * divisor)

    def plus(self, other: "Ratio") -> "Ratio":
        """Return the sum of two quotients."""
        return Ratio(
            self.numerator * other.denominator + other.numerator * self.denominator,
            self.denominator * other.denominator,
        )


def exactly() -> AbstractContextManager[Context]:
    """Return the context in which every figure of this package is worked out."""
    return localcontext(_EXACT)


def kept(value: Decimal) -> Decimal:
    """Return a figure rounded half-even to the 18 decimals of a named quantity."""
    return value.quantize(_QUANTUM, context=_KEEPING)


def divided(numerator: Decimal, denominator: Decimal) -> Decimal:
    """Return the exact quotient rounded half-even to 18 decimals, once.

    Raises:
        decimal.DivisionByZero: where the denominator is zero.
    """
    if denominator == ONE:
        return kept(numerator)
    return integral(numerator.scaleb(_DECIMALS), denominator, "half_even").scaleb(
        -_DECIMALS
    )


def total_of(figures: Iterable[Decimal]) -> Decimal:
    """Return the exact sum of figures in one unit, zero of none."""
    return sum(figures, ZERO)


# Whether a magnitude cut off after its whole units goes one unit further from zero.
# A mode is asked with: which half of the unit the rest lies in (-1 below the middle,
# 0 on it, 1 above), whether the whole units are odd, and whether the figure is
# negative.
ROUNDING_MODES: Mapping[str, Callable[[int, bool, bool], bool]] = {
    "half_up": lambda half, _odd, _negative: half >= 0,
    "half_even": lambda half, odd, _negative: half > 0 or (half == 0 and odd),
    "up": lambda _half, _odd, _negative: True,
    "down": lambda _half, _odd, _negative: False,
    "ceiling": lambda _half, _odd, negative: not negative,
    "floor": lambda _half, _odd, negative: negative,
}


def integral(numerator: Decimal, denominator: Decimal, mode: str) -> Decimal:
    """Return a quotient as a whole number, rounded once by a mode of `ROUNDING_MODES`.

    Raises:
        decimal.DivisionByZero: where the denominator is zero.
    """
    if not denominator:
        raise DivisionByZero("the divisor is zero")
    whole, rest = divmod(abs(numerator), abs(denominator))
    negative = (numerator < 0) != (denominator < 0)
    if rest:
        half = int((rest * 2).compare(abs(denominator)))
        whole += ROUNDING_MODES[mode](half, bool(whole % 2), negative)
    return -whole if negative else whole


def rounded(value: Decimal, quantum: Decimal, mode: str) -> Decimal:
    """Return a figure as the multiple of a quantum that a rounding mode chooses."""
    return integral(value, quantum, mode) * quantum
