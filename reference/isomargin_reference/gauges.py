"""How a position stands: its ratio, its return, its loss at most, its spare margin."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from isomargin_reference.equity import position_equity
from isomargin_reference.margin import (
    initial_margin,
    maintenance_margin,
    portion,
    requirement,
    unrealised_pnl,
)
from isomargin_reference.numbers import ZERO, Ratio, divided
from isomargin_reference.position import Position, Shared
from isomargin_reference.profile import Profile

__all__ = ["margin_ratio", "maximum_loss", "removable_margin", "return_on_margin"]


def margin_ratio(
    profile: Profile, position: Position, shared: Shared
) -> Decimal | None:
    """Return the live gauge of how near liquidation is, a ratio.

    With R = maintenance_margin + maintenance_fee at the mark price: R / equity,
    equity / R or equity / value(M), as `margin_ratio_form` says. None where the
    divisor is zero, and for R / equity where equity is not above zero.
    """
    equity = position_equity(position, shared)
    demanded = requirement(profile, position, position.mark_price)
    if profile.margin_ratio_form == "maintenance_over_equity":
        return divided(demanded, equity) if equity > 0 else None
    if profile.margin_ratio_form == "equity_over_maintenance":
        return divided(equity, demanded) if demanded else None
    value = position.value(position.mark_price)
    if not value.numerator:
        return None
    return divided(equity * value.denominator, value.numerator)


def return_on_margin(profile: Profile, position: Position) -> Decimal | None:
    """Return unrealised_pnl over the margin it was made with, a ratio.

    The margin is value(E) / L, value(M) / L or isolated_margin, as `return_basis`
    says. None where it is zero.
    """
    gain = unrealised_pnl(position, position.mark_price)
    basis = _RETURN_BASIS[profile.return_basis](position)
    if not basis.numerator:
        return None
    return divided(gain * basis.denominator, basis.numerator)


_RETURN_BASIS: Mapping[str, Callable[[Position], Ratio]] = {
    "entry_initial_margin": lambda position: _bare_initial_margin(
        position, position.entry_price
    ),
    "mark_initial_margin": lambda position: _bare_initial_margin(
        position, position.mark_price
    ),
    "isolated_margin": lambda position: Ratio(position.isolated_margin),
}


def _bare_initial_margin(position: Position, price: Decimal) -> Ratio:
    """Return value(price) / L, undivided."""
    return position.value(price).over(position.leverage)


def maximum_loss(position: Position, shared: Shared) -> Decimal:
    """Return the most the position can cost: isolated_margin, or the free balance."""
    return position.isolated_margin if position.is_isolated else shared.free_balance


def removable_margin(profile: Profile, position: Position) -> Decimal:
    """Return what may be taken out of the allocation, settle asset, not below zero.

    - above_initial: min(isolated_margin, equity − initial_margin)
    - added_only: min(isolated_margin, equity) − initial_margin
    - above_initial_and_floor: min(isolated_margin, equity − max(initial_margin,
      value(M) × removable_margin_floor))
    - above_initial_at_mark: min(isolated_margin − maintenance_margin,
      equity − value(M) / L)
    - none, or a cross position: 0
    """
    if not position.is_isolated:
        return ZERO
    equity = position_equity(position, Shared())
    return max(ZERO, _REMOVABLE[profile.removable_margin](profile, position, equity))


def _above_initial(profile: Profile, position: Position, equity: Decimal) -> Decimal:
    return min(position.isolated_margin, equity - initial_margin(profile, position))


def _added_only(profile: Profile, position: Position, equity: Decimal) -> Decimal:
    return min(position.isolated_margin, equity) - initial_margin(profile, position)


def _above_floor(profile: Profile, position: Position, equity: Decimal) -> Decimal:
    value = position.value(position.mark_price)
    floor = portion(value, profile.removable_margin_floor)
    held_back = max(initial_margin(profile, position), floor)
    return min(position.isolated_margin, equity - held_back)


def _above_initial_at_mark(
    profile: Profile, position: Position, equity: Decimal
) -> Decimal:
    mark_price = position.mark_price
    initial, divisor = _bare_initial_margin(position, mark_price)
    return min(
        position.isolated_margin - maintenance_margin(profile, position, mark_price),
        divided(equity * divisor - initial, divisor),
    )


_REMOVABLE: Mapping[str, Callable[[Profile, Position, Decimal], Decimal]] = {
    "above_initial": _above_initial,
    "added_only": _added_only,
    "above_initial_and_floor": _above_floor,
    "above_initial_at_mark": _above_initial_at_mark,
    "none": lambda _profile, _position, _equity: ZERO,
}
