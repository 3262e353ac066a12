"""The prices at which a position fails: liquidation and bankruptcy.

Both are the zero of a line: what stands behind the position, plus its gain, minus
what it must hold. Liquidation asks it tier by tier, because the tier that counts is
the one at the liquidation price itself.
"""

from decimal import Decimal

from isomargin_reference.contract import Line
from isomargin_reference.equity import collateral
from isomargin_reference.instrument import Tier
from isomargin_reference.margin import initial_margin, maintenance_fee_rate
from isomargin_reference.numbers import ZERO, Ratio, divided
from isomargin_reference.position import Position, Shared
from isomargin_reference.profile import Profile
from isomargin_reference.tiers import TierPrices, tier_ladder

__all__ = ["bankruptcy_price", "liquidation_price"]


def liquidation_price(
    profile: Profile, position: Position, shared: Shared
) -> Decimal | None:
    """Return the price at which the position is first liquidated, None if never.

    Equity equals maintenance_margin + maintenance_fee there. Within a tier, with W
    behind the position, rate m and amount c, and f the maintenance fee's rate:

    - linear, quanto: (W + c − s·size·E) / (size·(m + f) − s·size)
    - inverse: s·size·(1 + s·(m + f)) / (s·size/E + W + c)

    With maintenance at the entry price, −MM(E) stands for c and f alone for m + f. A
    long fails in a tier at and below its solution, a short at and above; of all tiers
    a long's price is the highest such, a short's the lowest.
    """
    backing = _backing(profile, position, collateral(profile, position, shared))
    of_tier = _OF_TIER[position.side]
    found = [
        price
        for prices in tier_ladder(profile, position)
        if (price := of_tier(_line(profile, position, backing, prices.tier), prices))
        is not None
    ]
    first = _FIRST_MET[position.side](found, default=ZERO)
    return first if first > 0 else None


def bankruptcy_price(
    profile: Profile, position: Position, shared: Shared
) -> Decimal | None:
    """Return the price at which equity is zero, None where no price above zero is.

    Linear, quanto: E − s·W/size. Inverse: s·size / (s·size/E + W).
    """
    behind = Ratio(collateral(profile, position, shared))
    price = _zero_of(_equity_above(position, behind, ZERO))
    return price if price is not None and price > 0 else None


def _backing(profile: Profile, position: Position, amount: Decimal) -> Ratio:
    """Return W, with each unit of added margin counted as 1 / scaling units.

    Only `added_margin_fee_scaling` of an isolated position scales: by 1 − s·t for
    linear, 1 + s·t for inverse contracts.
    """
    if profile.added_margin_fee_scaling == "no" or not position.is_isolated:
        return Ratio(amount)
    initial = initial_margin(profile, position)
    contract = position.instrument.contract
    scaling = contract.scaling(position.sign, position.instrument.taker_rate)
    return Ratio(initial * scaling + amount - initial, scaling)


def _line(profile: Profile, position: Position, backing: Ratio, tier: Tier) -> Line:
    """Return the line of equity − requirement under one tier's rate and amount."""
    fee_rate = maintenance_fee_rate(profile, position, tier)
    rate, amount = tier.maintenance_margin_rate, tier.maintenance_amount
    if profile.maintenance_margin_price == "mark":
        return _equity_above(position, _sum(backing, Ratio(amount)), rate + fee_rate)
    value = position.value(position.entry_price)
    maintenance = Ratio(
        amount * value.denominator - value.numerator * rate, value.denominator
    )
    return _equity_above(position, _sum(backing, maintenance), fee_rate)


def _equity_above(position: Position, cushion: Ratio, rate: Decimal) -> Line:
    """Return the line of cushion + gain − rate × value."""
    return position.instrument.contract.line(
        position.sign, position.size, position.entry_price, cushion, rate
    )


def _sum(left: Ratio, right: Ratio) -> Ratio:
    return Ratio(
        left.numerator * right.denominator + right.numerator * left.denominator,
        left.denominator * right.denominator,
    )


def _zero_of(line: Line) -> Decimal | None:
    return divided(-line.constant, line.slope) if line.slope else None


def _long_in_tier(line: Line, prices: TierPrices) -> Decimal | None:
    """Return the highest price of the tier at or below the line's zero."""
    if line.slope <= 0:
        return None
    zero = divided(-line.constant, line.slope)
    highest = zero if prices.high is None else min(zero, prices.high)
    lies_in = highest > prices.low or (highest == prices.low and prices.includes_low)
    return highest if lies_in else None


def _short_in_tier(line: Line, prices: TierPrices) -> Decimal | None:
    """Return the lowest price of the tier at or above the line's zero."""
    if line.slope >= 0:
        return None
    lowest = max(divided(-line.constant, line.slope), prices.low)
    if prices.high is None or lowest < prices.high:
        return lowest
    return lowest if lowest == prices.high and not prices.includes_low else None


_OF_TIER = {"long": _long_in_tier, "short": _short_in_tier}
_FIRST_MET = {"long": max, "short": min}
