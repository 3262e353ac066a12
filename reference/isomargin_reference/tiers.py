"""Which tier a position lies in, and at which prices it lies in a tier."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import ge, gt
from typing import NamedTuple

from isomargin_reference.instrument import Tier
from isomargin_reference.numbers import ZERO, Ratio, divided
from isomargin_reference.position import Position
from isomargin_reference.profile import Profile

__all__ = ["TierInForce", "TierPrices", "tier_at", "tier_index", "tier_ladder"]

# Whether a value has reached a tier whose floor it is compared with.
_REACHES: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "upper_inclusive": gt,
    "upper_exclusive": ge,
}

# The price a tier is looked up at, of the price a figure is asked for at.
_LOOKED_UP_AT: Mapping[str, Callable[[Position, Decimal], Decimal]] = {
    "liquidation": lambda _position, price: price,
    "mark": lambda position, _price: position.mark_price,
    "entry": lambda position, _price: position.entry_price,
}


def tier_index(profile: Profile, position: Position, price: Decimal) -> int:
    """Return the place in the ladder of the tier of the position's value at a price.

    A value on an edge belongs to the lower tier with `upper_inclusive`, to the upper
    with `upper_exclusive`; below the first floor it belongs to the first tier.
    """
    upper = position.instrument.tiers[1:]
    if not upper:
        return 0
    value = position.notional(price)
    reaches = _REACHES[profile.tier_boundary]
    return sum(reaches(value, tier.notional_floor) for tier in upper)


class TierInForce(NamedTuple):
    """A tier as it counts for one position.

    Attributes:
        rate: maintenance margin rate on value, undivided.
        amount: deduction, settle asset.
    """

    rate: Ratio
    amount: Decimal


def tier_at(profile: Profile, position: Position, price: Decimal) -> TierInForce:
    """Return the tier in force for a figure at a price.

    The tier is that of value(price), value(M) or value(E) as `tier_price` says.
    """
    looked_up_at = _LOOKED_UP_AT[profile.tier_price](position, price)
    index = tier_index(profile, position, looked_up_at)
    return _in_force(profile, position, position.instrument.tiers[index])


def _in_force(profile: Profile, position: Position, tier: Tier) -> TierInForce:
    """Return a tier with its rate on value.

    m or m / L, as `maintenance_rate_form` says, + predicted_funding_rate.
    """
    rate = _ON_VALUE[profile.maintenance_rate_form](tier, position)
    funding = position.predicted_funding_rate
    if funding:
        rate = rate.plus(Ratio(funding))
    return TierInForce(rate, tier.maintenance_amount)


_ON_VALUE: Mapping[str, Callable[[Tier, Position], Ratio]] = {
    "rate": lambda tier, _position: Ratio(tier.maintenance_margin_rate),
    "share_of_initial_margin": lambda tier, position: Ratio(
        tier.maintenance_margin_rate, position.leverage
    ),
}


@dataclass(frozen=True)
class TierPrices:
    """The prices at which a position lies in a tier.

    Attributes:
        tier: the tier.
        low: the lower edge, zero where there is none.
        high: the upper edge, None where there is none.
        includes_low: whether the lower edge lies in the tier; if not, the upper does.
    """

    tier: TierInForce
    low: Decimal
    high: Decimal | None
    includes_low: bool


def tier_ladder(profile: Profile, position: Position) -> tuple[TierPrices, ...]:
    """Return every tier with its prices; only the one where `tier_price` fixes it."""
    if profile.tier_price != "liquidation":
        fixed = tier_at(profile, position, position.mark_price)
        return (TierPrices(fixed, ZERO, None, includes_low=False),)
    contract = position.instrument.contract
    tiers = [_in_force(profile, position, each) for each in position.instrument.tiers]
    edges = [_edge(position, tier) for tier in position.instrument.tiers[1:]]
    lows, highs = [None, *edges], [*edges, None]
    if not contract.value_rises:
        lows, highs = highs, lows
    includes_low = contract.value_rises == (profile.tier_boundary == "upper_exclusive")
    return tuple(
        TierPrices(tier, low or ZERO, high, includes_low)
        for tier, low, high in zip(tiers, lows, highs, strict=True)
    )


def _edge(position: Position, tier: Tier) -> Decimal:
    """Return the price at which the position's value is the tier's floor."""
    contract = position.instrument.contract
    return divided(*contract.price_of_value(tier.notional_floor, position.size))
