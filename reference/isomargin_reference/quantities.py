"""Every quantity of a position by its name, and how a profile reports it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from isomargin_reference.equity import position_equity
from isomargin_reference.errors import InvalidInput
from isomargin_reference.gauges import (
    margin_ratio,
    maximum_loss,
    removable_margin,
    return_on_margin,
)
from isomargin_reference.liquidation_price import bankruptcy_price, liquidation_price
from isomargin_reference.margin import (
    added_margin,
    closing_fee,
    initial_margin,
    maintenance_fee,
    maintenance_margin,
    notional_value,
    requirement,
    reserved_closing_fee,
    unrealised_pnl,
)
from isomargin_reference.numbers import divided, rounded
from isomargin_reference.position import Position, Shared
from isomargin_reference.profile import Profile, Rounding
from isomargin_reference.tiers import TierInForce, tier_at

__all__ = ["QUANTITIES", "Standing", "reported", "values_of"]


@dataclass(frozen=True)
class Standing:
    """A position under a profile, with what it shares as a cross position."""

    profile: Profile
    position: Position
    shared: Shared


Quantity = Callable[[Standing], Decimal | None]


def _isolated_margin(standing: Standing) -> Decimal | None:
    position = standing.position
    return position.isolated_margin if position.is_isolated else None


def _added_margin(standing: Standing) -> Decimal | None:
    position = standing.position
    if not position.is_isolated:
        return None
    return added_margin(standing.profile, position)


def _tier(standing: Standing) -> TierInForce:
    position = standing.position
    return tier_at(standing.profile, position, position.mark_price)


def _at_mark(formula: Callable[[Profile, Position, Decimal], Decimal]) -> Quantity:
    return lambda each: formula(each.profile, each.position, each.position.mark_price)


def _shared(formula: Callable[[Profile, Position, Shared], Decimal | None]) -> Quantity:
    return lambda each: formula(each.profile, each.position, each.shared)


QUANTITIES: Mapping[str, Quantity] = {
    "notional_value": lambda each: notional_value(each.position),
    "initial_margin": lambda each: initial_margin(each.profile, each.position),
    "added_margin": _added_margin,
    "isolated_margin": _isolated_margin,
    "maintenance_margin": _at_mark(maintenance_margin),
    "maintenance_margin_rate": lambda each: divided(*_tier(each).rate),
    "maintenance_amount": lambda each: _tier(each).amount,
    "maintenance_fee": _at_mark(maintenance_fee),
    "maintenance_requirement": _at_mark(requirement),
    "closing_fee": lambda each: closing_fee(each.position),
    "reserved_closing_fee": lambda each: reserved_closing_fee(
        each.profile, each.position
    ),
    "unrealised_pnl": lambda each: unrealised_pnl(
        each.position, each.position.mark_price
    ),
    "position_equity": lambda each: position_equity(each.position, each.shared),
    "liquidation_price": _shared(liquidation_price),
    "bankruptcy_price": _shared(bankruptcy_price),
    "margin_ratio": _shared(margin_ratio),
    "return_on_margin": lambda each: return_on_margin(each.profile, each.position),
    "maximum_loss": lambda each: maximum_loss(each.position, each.shared),
    "removable_margin": lambda each: removable_margin(each.profile, each.position),
}


def values_of(standing: Standing, want: Iterable[str]) -> dict[str, Decimal | None]:
    """Return the quantities wanted, as the profile reports them.

    Raises:
        InvalidInput: for a name that is no quantity of a position.
    """
    return {name: reported(standing, name, _quantity(name)(standing)) for name in want}


def _quantity(name: str) -> Quantity:
    if name not in QUANTITIES:
        raise InvalidInput(
            f"want: {name!r} is no quantity of a position; "
            f"the quantities are {', '.join(QUANTITIES)}"
        )
    return QUANTITIES[name]


def reported(standing: Standing, name: str, value: Decimal | None) -> Decimal | None:
    """Return a value rounded as the profile reports it.

    Mode "any" permits every value within the quantum: the exact one is reported. So
    it is where the quantum is a tick and the instrument has none. Where there is a
    highest value, it is shown for what lies above it, and for what does not exist.
    """
    rounding = standing.profile.rounding.get((name, standing.position.side))
    if rounding is None:
        return value
    shown = _rounded(standing, rounding, value)
    if rounding.highest is None:
        return shown
    return rounding.highest if shown is None else min(shown, rounding.highest)


def _rounded(
    standing: Standing, rounding: Rounding, value: Decimal | None
) -> Decimal | None:
    quantum = rounding.quantum or standing.position.instrument.tick_size
    if value is None or quantum is None or rounding.mode == "any":
        return value
    return rounded(value, quantum, rounding.mode)
