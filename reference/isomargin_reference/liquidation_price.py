"""The prices at which a position fails: liquidation and bankruptcy.

Both are the zero of a line: what stands behind the position, plus its gain, minus
what it must hold. Liquidation asks it tier by tier, because the tier that counts is
the one at the liquidation price itself.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from isomargin_reference.contract import Line
from isomargin_reference.equity import collateral
from isomargin_reference.margin import (
    fixed_maintenance_fee,
    initial_margin,
    maintenance_fee_rate,
    maintenance_margin_in,
    requirement,
    reserved_closing_fee,
)
from isomargin_reference.numbers import ONE, ZERO, Ratio, divided, integral
from isomargin_reference.position import Position, Shared
from isomargin_reference.profile import Profile
from isomargin_reference.tiers import TierInForce, TierPrices, tier_ladder

__all__ = ["bankruptcy_price", "liquidation_price"]


def liquidation_price(
    profile: Profile, position: Position, shared: Shared
) -> Decimal | None:
    """Return the price at which the position is liquidated as it is shown.

    None where no price above zero liquidates it. It is solved for, or worked out with
    the requirement held, as `liquidation_price_form` says. With `liquidation_price_
    shift` one_tick_inward it lies one tick nearer to the entry price: + tick for a
    long, − tick for a short; without a tick there is nothing to shift it by. Either
    may hold in one margin mode alone, and neither changes what triggers a liquidation.
    """
    backing = _backing(profile, position, collateral(profile, position, shared))
    solved = _FORMS[profile.liquidation_price_form](profile, position, backing)
    price = _of_whole_value(profile, position, solved)
    tick = position.instrument.tick_size
    shifted_in = _SHIFTED_IN[profile.liquidation_price_shift]
    if price is None or tick is None or position.margin_mode not in shifted_in:
        return price
    return price + position.sign * tick


# The margin modes in which a shift moves the price.
_SHIFTED_IN: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "one_tick_inward": ("isolated", "cross"),
    "one_tick_inward_in_isolated": ("isolated",),
}


def _solved(profile: Profile, position: Position, backing: Ratio) -> Decimal | None:
    """Return the price at which the position is first liquidated.

    Equity equals maintenance_margin + maintenance_fee there. Within a tier, with W
    behind the position, rate m and amount c, and f the maintenance fee's rate:

    - linear, quanto: (W + c − s·size·E) / (size·(m + f) − s·size)
    - inverse: s·size·(1 + s·(m + f)) / (s·size/E + W + c)

    With maintenance at the entry price, −MM(E) stands for c and f alone for m + f. A
    reserved maintenance fee counts against W. A long fails in a tier at and below its
    solution, a short at and above; of all tiers a long's price is the highest such, a
    short's the lowest.
    """
    of_tier = _OF_TIER[position.side]
    found = [
        price
        for prices in tier_ladder(profile, position)
        if (price := of_tier(_line(profile, position, backing, prices.tier), prices))
        is not None
    ]
    first = _FIRST_MET[position.side](found, default=ZERO)
    return first if first > 0 else None


def _with_requirement_held(
    profile: Profile, position: Position, backing: Ratio
) -> Decimal | None:
    """Return the price at which equity equals the requirement R of the mark price.

    Linear, quanto: E − s·(W − R)/size. Inverse: s·size / (s·value(E) + W − R).
    """
    demanded = requirement(profile, position, position.mark_price)
    cushion = backing.plus(Ratio(-demanded))
    return _price_of(_equity_above(position, cushion, Ratio(ZERO)))


def _held_in_cross(
    profile: Profile, position: Position, backing: Ratio
) -> Decimal | None:
    form = _solved if position.is_isolated else _with_requirement_held
    return form(profile, position, backing)


_FORMS: Mapping[str, Callable[[Profile, Position, Ratio], Decimal | None]] = {
    "solved": _solved,
    "maintenance_held": _with_requirement_held,
    "maintenance_held_in_cross": _held_in_cross,
}


def bankruptcy_price(
    profile: Profile, position: Position, shared: Shared
) -> Decimal | None:
    """Return the price at which equity is the closing fee, or nothing.

    None where no price above zero is. Without a fee, linear and quanto: E − s·W/size;
    inverse: s·size / (s·value(E) + W). With `bankruptcy_fee` reserved, W − R stands
    for W, R being the reserved_closing_fee. With taker the fee is value(P) × t at the
    price itself: (W − s·size·E) / (size·t − s·size), and
    s·size·(1 + s·t) / (s·value(E) + W).
    """
    behind = collateral(profile, position, shared)
    reserved, rate = _BANKRUPTCY_FEE[profile.bankruptcy_fee](profile, position)
    solved = _price_of(_equity_above(position, Ratio(behind - reserved), Ratio(rate)))
    return _of_whole_value(profile, position, solved)


# The closing fee at the bankruptcy price: an amount, and a rate on the value there.
_BANKRUPTCY_FEE: Mapping[
    str, Callable[[Profile, Position], tuple[Decimal, Decimal]]
] = {
    "none": lambda _profile, _position: (ZERO, ZERO),
    "reserved": lambda profile, position: (
        reserved_closing_fee(profile, position),
        ZERO,
    ),
    "taker": lambda _profile, position: (ZERO, position.instrument.taker_rate),
}


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


def _line(
    profile: Profile, position: Position, backing: Ratio, tier: TierInForce
) -> Line:
    """Return the line of equity − requirement under one tier's rate and amount."""
    fee_rate = maintenance_fee_rate(profile, position, tier)
    cushion = backing.plus(Ratio(-fixed_maintenance_fee(profile, position)))
    if profile.maintenance_margin_price == "mark":
        above = cushion.plus(Ratio(tier.amount))
        return _equity_above(position, above, tier.rate.plus(fee_rate))
    entry_value = Ratio(position.notional(position.entry_price))
    held = maintenance_margin_in(tier, entry_value)
    return _equity_above(position, cushion.plus(held.times(-ONE)), fee_rate)


def _equity_above(position: Position, cushion: Ratio, rate: Ratio) -> Line:
    """Return the line of cushion + gain − rate × value."""
    instrument = position.instrument
    each = instrument.contract.gain_value(instrument.contract_size, position.gain_price)
    start = each.times(position.quantity)
    return instrument.contract.line(position.sign, position.size, start, cushion, rate)


def _price_of(line: Line) -> Decimal | None:
    """Return the zero of a line, None where no price above zero is one."""
    if not line.slope:
        return None
    price = divided(-line.constant, line.slope)
    return price if price > 0 else None


def _of_whole_value(
    profile: Profile, position: Position, price: Decimal | None
) -> Decimal | None:
    """Return the next price, towards entry, at which a contract has a whole value.

    Only `contract_value_rounding` per_contract_and_price asks it: the value of one
    contract at the price is then a multiple of contract_value_quantum. None where
    that multiple is zero.
    """
    quantum = profile.contract_value_quantum
    if price is None or quantum is None:
        return price
    if profile.contract_value_rounding != "per_contract_and_price":
        return price
    contract, each = position.instrument.contract, position.instrument.contract_size
    # Kept, as the price was kept: what it lacks must not cost a whole unit.
    value = divided(*contract.exact_value(position.size, price))
    mode = "ceiling" if (position.sign > 0) == contract.value_rises else "floor"
    units = integral(value, position.quantity * quantum, mode)
    if not units:
        return None
    found = contract.price_of_value(units * quantum, each)
    return divided(found.numerator, found.denominator)


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
