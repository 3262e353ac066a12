"""What a position must hold: initial margin, maintenance margin and fees.

All figures are amounts of the settle asset, kept to 18 decimals. `E` is the entry
price, `M` the mark price, `L` the leverage, `t` the taker rate, `m` and `c` the rate
and amount of the tier in force, `s` +1 for a long and −1 for a short.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from isomargin_reference.numbers import ONE, ZERO, Ratio, divided
from isomargin_reference.position import Position
from isomargin_reference.profile import Profile
from isomargin_reference.tiers import TierInForce, tier_at

__all__ = [
    "added_margin",
    "closing_fee",
    "fixed_maintenance_fee",
    "initial_closing_fee",
    "initial_margin",
    "maintenance_fee",
    "maintenance_fee_rate",
    "maintenance_margin",
    "maintenance_margin_in",
    "notional_value",
    "portion",
    "requirement",
    "reserved_closing_fee",
    "unrealised_pnl",
]


def portion(value: Ratio, rate: Decimal) -> Decimal:
    """Return value × rate."""
    return divided(*value.times(rate))


def notional_value(position: Position) -> Decimal:
    """Return what the position is worth at the mark price: value(M)."""
    return position.notional(position.mark_price)


def unrealised_pnl(position: Position, price: Decimal) -> Decimal:
    """Return the gain that closing at a price would realise: pnl(E → price).

    For E stands the last settlement's price where gain is counted from it.
    """
    instrument = position.instrument
    gain = instrument.contract.gain(
        position.sign, instrument.contract_size, position.gain_price, price
    )
    return divided(*gain.times(position.quantity))


def _bankruptcy_value(position: Position) -> Ratio:
    instrument = position.instrument
    each = instrument.contract.bankruptcy_value(
        position.sign,
        instrument.contract_size,
        position.entry_price,
        position.leverage,
    )
    return each.times(position.quantity)


def _value_and_margin(position: Position) -> Ratio:
    """Return value(E) × (1 + 1/L)."""
    value = position.value(position.entry_price)
    return value.times(position.leverage + 1).over(position.leverage)


_RESERVED_ON: Mapping[str, Callable[[Position], Ratio]] = {
    "none": lambda _position: Ratio(ZERO),
    "entry": lambda position: position.value(position.entry_price),
    "bankruptcy": _bankruptcy_value,
    "entry_and_margin": _value_and_margin,
}


def initial_closing_fee(profile: Profile, position: Position) -> Decimal:
    """Return the closing fee set aside within the initial margin.

    Nothing, value(E) × t, value(E) × (1 + 1/L) × t, or the fee at the price where the
    initial margin is lost: value(E(1 − s/L)) × t for linear, value(E) × (1 + s/L) × t
    for inverse contracts.
    """
    return portion(_reserved_on(profile, position), position.instrument.taker_rate)


def reserved_closing_fee(profile: Profile, position: Position) -> Decimal:
    """Return the closing fee set aside within the position's whole margin.

    That of the initial margin; with entry_and_margin an isolated position sets aside
    added_margin × t as well.
    """
    basis = _reserved_on(profile, position)
    on_margin = profile.initial_margin_closing_fee == "entry_and_margin"
    if on_margin and position.is_isolated:
        basis = basis.plus(Ratio(added_margin(profile, position)))
    return portion(basis, position.instrument.taker_rate)


def _reserved_on(profile: Profile, position: Position) -> Ratio:
    return _RESERVED_ON[profile.initial_margin_closing_fee](position)


_PRICES: Mapping[str, Callable[[Position], Decimal]] = {
    "entry": lambda position: position.entry_price,
    "mark": lambda position: position.mark_price,
    "mark_in_cross": lambda position: (
        position.entry_price if position.is_isolated else position.mark_price
    ),
}


def initial_margin(profile: Profile, position: Position) -> Decimal:
    """Return what opening the position takes: value(B) / L + initial_closing_fee.

    B is the entry or the mark price, as `initial_margin_price` says; with
    mark_in_cross it is the mark price of a cross position alone.
    """
    value = position.value(_PRICES[profile.initial_margin_price](position))
    part = divided(*value.over(position.leverage))
    return part + initial_closing_fee(profile, position)


def added_margin(profile: Profile, position: Position) -> Decimal:
    """Return what is allocated beyond the need: isolated_margin − initial_margin."""
    return position.isolated_margin - initial_margin(profile, position)


def maintenance_margin(profile: Profile, position: Position, price: Decimal) -> Decimal:
    """Return the least equity the tier demands: value(B) × m − c, of the kept value.

    B is the price asked about, or the entry price where `maintenance_margin_price`
    is entry.
    """
    tier = tier_at(profile, position, price)
    at_entry = profile.maintenance_margin_price == "entry"
    value = position.notional(position.entry_price if at_entry else price)
    return divided(*maintenance_margin_in(tier, Ratio(value)))


def maintenance_margin_in(tier: TierInForce, value: Ratio) -> Ratio:
    """Return what a tier demands of a value, undivided: value × m − c."""
    rate, amount = tier
    denominator = value.denominator * rate.denominator
    return Ratio(value.numerator * rate.numerator - amount * denominator, denominator)


def _with_margin_rate(fees: Mapping[str, Decimal], rate: Ratio) -> Ratio:
    return rate.plus(Ratio(ONE)).times(fees["taker"])


_FEE_RATE: Mapping[str, Callable[[Mapping[str, Decimal], Ratio], Ratio]] = {
    "none": lambda _fees, _rate: Ratio(ZERO),
    "additive_taker": lambda fees, _rate: Ratio(fees["taker"]),
    "multiplicative_taker": _with_margin_rate,
    "liquidation_fee": lambda fees, _rate: Ratio(fees["liquidation"]),
    "reserved": lambda _fees, _rate: Ratio(ZERO),
}

_WITHOUT_RATE = ("none", "reserved")


def maintenance_fee_rate(
    profile: Profile, position: Position, tier: TierInForce
) -> Ratio:
    """Return the rate of the closing fee demanded beside the maintenance margin.

    Zero, t, t × (1 + m), or the liquidation fee's rate. Zero for a fee that is an
    amount at any price.
    """
    return _FEE_RATE[profile.maintenance_fee](position.instrument.fees, tier.rate)


def fixed_maintenance_fee(profile: Profile, position: Position) -> Decimal:
    """Return the part of the maintenance fee that is the same at every price.

    With `maintenance_fee` reserved it is what the position reserves, so that it stands
    on both sides of the trigger; otherwise nothing.
    """
    if profile.maintenance_fee == "reserved":
        return reserved_closing_fee(profile, position)
    return ZERO


def maintenance_fee(profile: Profile, position: Position, price: Decimal) -> Decimal:
    """Return the closing fee demanded at a price, beside the maintenance margin.

    Nothing, value(price) × its rate, or the reserved_closing_fee.
    """
    if profile.maintenance_fee in _WITHOUT_RATE:
        return fixed_maintenance_fee(profile, position)
    tier = tier_at(profile, position, price)
    rate = maintenance_fee_rate(profile, position, tier)
    return divided(*position.value(price).times(rate.numerator).over(rate.denominator))


def requirement(profile: Profile, position: Position, price: Decimal) -> Decimal:
    """Return what equity must exceed: maintenance_margin + maintenance_fee."""
    return maintenance_margin(profile, position, price) + maintenance_fee(
        profile, position, price
    )


def closing_fee(position: Position) -> Decimal:
    """Return the fee of closing now as a taker: value(M) × t."""
    return portion(position.value(position.mark_price), position.instrument.taker_rate)
