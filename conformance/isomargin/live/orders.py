"""The smallest orders that an exchange takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from isomargin.errors import SubjectUnusable
from isomargin.formulas.numbers import decimal_text, exact

__all__ = ["Plan", "plan_for", "portion"]

# The least value is required at the price of the moment, which moves.
_ROOM = Fraction(11, 10)
_STEP = "0.00000001"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be traded.

    Attributes:
        symbol: the instrument.
        side: buy or sell, to open.
        leverage: the leverage.
        position_mode: the position mode to set; empty to leave it as it is,
            which has to be one-way.
        half: the least that may be traded.
        quantity: twice that, so that it can be reduced by half.
        price: a price near the market's.
    """

    symbol: str
    side: str
    leverage: str
    position_mode: str
    half: str
    quantity: str
    price: str

    def aim(self, position_side: str) -> Mapping[str, str]:
        """Return what names a position: in hedge mode its side, otherwise nothing."""
        is_hedged = self.position_mode == "hedge"
        return {"position_side": position_side} if is_hedged else {}


def plan_for(
    instrument: Mapping[str, Any], *, leverage: str, side: str, position_mode: str = ""
) -> Plan:
    """Return the smallest plan for an instrument.

    Raises:
        SubjectUnusable: the exchange tells no price of it.
    """
    symbol, price = instrument["symbol"], instrument.get("price")
    if price is None:
        what = f"the exchange tells no price of {symbol}"
        raise SubjectUnusable(what, None, "name another instrument")
    least = _least(instrument, exact(price))
    return Plan(
        symbol=symbol,
        side=side,
        leverage=leverage,
        position_mode=position_mode,
        half=decimal_text(least),
        quantity=decimal_text(2 * least),
        price=price,
    )


def _least(instrument: Mapping[str, Any], price: Fraction) -> Fraction:
    """Return the least quantity that may be traded on its own."""
    step = exact(instrument.get("quantity_step", _STEP))
    least = exact(instrument.get("least_quantity", "0"))
    value = exact(instrument.get("least_value", "0"))
    if instrument["contract"] == "linear":
        least = max(least, value * _ROOM / price / exact(instrument["contract_size"]))
    return max(ceil(least / step), 1) * step


def portion(amount: str) -> str:
    """Return about half of an amount, in two digits."""
    half = exact(amount) / 2
    digit = Fraction(1)
    while half and half / digit >= 100:  # noqa: PLR2004 - two digits
        digit *= 10
    while half and half / digit < 10:  # noqa: PLR2004 - as above
        digit /= 10
    return decimal_text(floor(half / digit) * digit)
