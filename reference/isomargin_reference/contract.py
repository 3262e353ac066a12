"""The kinds of contract: how a price becomes value and gain, and back.

`s` is +1 for a long and −1 for a short; a size is quantity × contract_size. Values
and gains are those of one contract, a `Ratio`, undivided, so that a rule divides once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from isomargin_reference.numbers import ONE, Ratio, integral

__all__ = ["CONTRACTS", "Contract", "Line"]


@dataclass(frozen=True)
class Line:
    """`constant + slope × price`: zero where equity and requirement are equal.

    It has the sign of equity − requirement at every price above zero: below zero the
    position is liquidatable.
    """

    constant: Decimal
    slope: Decimal


@dataclass(frozen=True)
class Contract:
    """One kind of contract, as formulas.

    Attributes:
        value_rises: whether value rises with price.
        value: (contract_size, price) → value in the settle asset.
        exact_value: (contract_size, price) → value that is never rounded.
        gain_value: (contract_size, price) → the value whose change is the gain.
        gain: (s, contract_size, from price, to price) → gain of the holder.
        price_of_value: (value, size) → the price at which size has that value.
        mean_price: (size, price, added size, its price) → entry price of both.
        bankruptcy_value: (s, contract_size, entry price, leverage) → value at the
            price at which the initial margin of an entry is lost.
        scaling: (s, fee rate) → by what a unit of added margin is divided.
        line: (s, size, its gain value at the start, cushion, rate) → the line of
            cushion + gain − rate × value.
    """

    value_rises: bool
    value: Callable[[Decimal, Decimal], Ratio]
    exact_value: Callable[[Decimal, Decimal], Ratio]
    gain_value: Callable[[Decimal, Decimal], Ratio]
    gain: Callable[[Decimal, Decimal, Decimal, Decimal], Ratio]
    price_of_value: Callable[[Decimal, Decimal], Ratio]
    mean_price: Callable[[Decimal, Decimal, Decimal, Decimal], Ratio]
    bankruptcy_value: Callable[[Decimal, Decimal, Decimal, Decimal], Ratio]
    scaling: Callable[[Decimal, Decimal], Decimal]
    line: Callable[[Decimal, Decimal, Ratio, Ratio, Ratio], Line]


def _linear_line(
    s: Decimal, size: Decimal, start: Ratio, cushion: Ratio, rate: Ratio
) -> Line:
    """Return cushion − s·start + (s − rate)·size·P, times every denominator."""
    constant = cushion.plus(start.times(-s))
    slope = Ratio(s).plus(rate.times(-ONE)).times(size)
    return Line(
        constant=constant.numerator * slope.denominator,
        slope=slope.numerator * constant.denominator,
    )


def _inverse_line(
    s: Decimal, size: Decimal, start: Ratio, cushion: Ratio, rate: Ratio
) -> Line:
    """Return −(s + rate)·size + (cushion + s·start)·P, times every denominator.

    Multiplying equity − requirement by the price keeps its sign and makes it a line.
    """
    constant = Ratio(s).plus(rate).times(-size)
    slope = cushion.plus(start.times(s))
    return Line(
        constant=constant.numerator * slope.denominator,
        slope=slope.numerator * constant.denominator,
    )


def _valued(value: Ratio, quantum: Decimal | None) -> Ratio:
    """Return a contract's value as the nearest multiple of a quantum, if there is one.

    Half a quantum goes away from zero.
    """
    if quantum is None:
        return value
    units = integral(value.numerator, value.denominator * quantum, "half_up")
    return Ratio(units * quantum)


@cache
def _linear(quantum: Decimal | None) -> Contract:
    """Return the formulas of size × price; the gain is never rounded."""
    return Contract(
        value_rises=True,
        value=lambda size, price: _valued(Ratio(size * price), quantum),
        exact_value=lambda size, price: Ratio(size * price),
        gain_value=lambda size, price: Ratio(size * price),
        gain=lambda s, size, entry, price: Ratio(s * size * (price - entry)),
        price_of_value=Ratio,
        mean_price=lambda size, entry, added, price: Ratio(
            size * entry + added * price, size + added
        ),
        bankruptcy_value=lambda s, size, entry, leverage: _valued(
            Ratio(size * entry * (leverage - s), leverage), quantum
        ),
        scaling=lambda s, rate: 1 - s * rate,
        line=_linear_line,
    )


@cache
def _inverse(quantum: Decimal | None) -> Contract:
    """Return the formulas of size / price; the gain is what the value loses."""

    def value(size: Decimal, price: Decimal) -> Ratio:
        return _valued(Ratio(size, price), quantum)

    def gain(s: Decimal, size: Decimal, entry: Decimal, price: Decimal) -> Ratio:
        return value(size, entry).plus(value(size, price).times(-ONE)).times(s)

    def bankruptcy_value(
        s: Decimal, size: Decimal, entry: Decimal, leverage: Decimal
    ) -> Ratio:
        return value(size, entry).times(leverage + s).over(leverage)

    return Contract(
        value_rises=False,
        value=value,
        exact_value=Ratio,
        gain_value=value,
        gain=gain,
        price_of_value=lambda value, size: Ratio(size, value),
        mean_price=lambda size, entry, added, price: Ratio(
            (size + added) * entry * price, size * price + added * entry
        ),
        bankruptcy_value=bankruptcy_value,
        scaling=lambda s, rate: 1 + s * rate,
        line=_inverse_line,
    )


CONTRACTS: Mapping[str, Callable[[Decimal | None], Contract]] = {
    "linear": _linear,
    "quanto": _linear,
    "inverse": _inverse,
}
"""By kind: what a contract's value is rounded to, if anything → its formulas."""
