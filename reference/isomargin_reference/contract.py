"""The kinds of contract: how a price becomes value and gain, and back.

Sizes are quantity × contract_size; `s` is +1 for a long and −1 for a short. Figures
come as a `Ratio`, undivided, so that a rule divides once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from isomargin_reference.numbers import Ratio

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
        name: linear, inverse or quanto.
        value_rises: whether value rises with price.
        value: (size, price) → value in the settle asset.
        price_of_value: (value, size) → the price at which size has that value.
        gain: (s, size, from price, to price) → gain of the holder.
        mean_price: (size, price, added size, its price) → entry price of both.
        bankruptcy_value: (s, size, entry price, leverage) → value at the price at
            which the initial margin of an entry is lost.
        scaling: (s, fee rate) → by what a unit of added margin is divided.
        line: (s, size, entry price, cushion, rate) → the line of
            cushion + gain − rate × value.
    """

    name: str
    value_rises: bool
    value: Callable[[Decimal, Decimal], Ratio]
    price_of_value: Callable[[Decimal, Decimal], Ratio]
    gain: Callable[[Decimal, Decimal, Decimal, Decimal], Ratio]
    mean_price: Callable[[Decimal, Decimal, Decimal, Decimal], Ratio]
    bankruptcy_value: Callable[[Decimal, Decimal, Decimal, Decimal], Ratio]
    scaling: Callable[[Decimal, Decimal], Decimal]
    line: Callable[[Decimal, Decimal, Decimal, Ratio, Decimal], Line]


def _linear_line(
    s: Decimal, size: Decimal, entry: Decimal, cushion: Ratio, rate: Decimal
) -> Line:
    """Return cushion − s·size·E + (s·size − size·rate)·P, times the denominator."""
    amount, denominator = cushion
    return Line(
        constant=amount - s * size * entry * denominator,
        slope=(s - rate) * size * denominator,
    )


def _inverse_line(
    s: Decimal, size: Decimal, entry: Decimal, cushion: Ratio, rate: Decimal
) -> Line:
    """Return −size·(s + rate) + (cushion + s·size/E)·P, times E and denominator.

    Multiplying equity − requirement by the price keeps its sign and makes it a line.
    """
    amount, denominator = cushion
    return Line(
        constant=-(s + rate) * size * entry * denominator,
        slope=amount * entry + s * size * denominator,
    )


def _linear(name: str) -> Contract:
    return Contract(
        name=name,
        value_rises=True,
        value=lambda size, price: Ratio(size * price),
        price_of_value=Ratio,
        gain=lambda s, size, entry, price: Ratio(s * size * (price - entry)),
        mean_price=lambda size, entry, added, price: Ratio(
            size * entry + added * price, size + added
        ),
        bankruptcy_value=lambda s, size, entry, leverage: Ratio(
            size * entry * (leverage - s), leverage
        ),
        scaling=lambda s, rate: 1 - s * rate,
        line=_linear_line,
    )


_INVERSE = Contract(
    name="inverse",
    value_rises=False,
    value=Ratio,
    price_of_value=lambda value, size: Ratio(size, value),
    gain=lambda s, size, entry, price: Ratio(s * size * (price - entry), entry * price),
    mean_price=lambda size, entry, added, price: Ratio(
        (size + added) * entry * price, size * price + added * entry
    ),
    bankruptcy_value=lambda s, size, entry, leverage: Ratio(
        size * (leverage + s), entry * leverage
    ),
    scaling=lambda s, rate: 1 + s * rate,
    line=_inverse_line,
)

CONTRACTS: Mapping[str, Contract] = {
    "linear": _linear("linear"),
    "quanto": _linear("quanto"),
    "inverse": _INVERSE,
}
