"""What stands behind a position: its equity, its collateral, and the trigger.

All figures are amounts of the settle asset.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import le, lt

from isomargin_reference.margin import requirement, unrealised_pnl
from isomargin_reference.numbers import total_of
from isomargin_reference.position import Position, Shared
from isomargin_reference.profile import Profile

__all__ = [
    "collateral",
    "cross_is_liquidatable",
    "is_liquidatable",
    "position_equity",
    "trigger_price",
]

_TRIGGER_PRICE: Mapping[str, Callable[[Position], Decimal | None]] = {
    "mark": lambda position: position.mark_price,
    "index": lambda position: position.index_price,
    "last": lambda position: position.last_price,
}

_MEETS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "at_or_below": le,
    "below": lt,
}


def trigger_price(profile: Profile, position: Position) -> Decimal:
    """Return the price liquidation looks at; the mark price where it is unpublished."""
    return _TRIGGER_PRICE[profile.trigger_price](position) or position.mark_price


def position_equity(position: Position, shared: Shared) -> Decimal:
    """Return what the position is worth to its holder at the mark price.

    Isolated: isolated_margin + unrealised_pnl. Cross: the account's,
    free_balance + Σ unrealised_pnl over the cross positions of the asset.
    """
    if position.is_isolated:
        return position.isolated_margin + unrealised_pnl(position, position.mark_price)
    gains = [
        unrealised_pnl(each, each.mark_price) for each in (position, *shared.others)
    ]
    return shared.free_balance + total_of(gains)


def collateral(profile: Profile, position: Position, shared: Shared) -> Decimal:
    """Return the cash that stands behind the position, W.

    Isolated: isolated_margin. Cross: free_balance + Σ unrealised_pnl −
    Σ (maintenance_margin + maintenance_fee) of the other cross positions.
    """
    if position.is_isolated:
        return position.isolated_margin
    surpluses = [
        unrealised_pnl(other, other.mark_price)
        - requirement(profile, other, other.mark_price)
        for other in shared.others
    ]
    return shared.free_balance + total_of(surpluses)


def is_liquidatable(profile: Profile, position: Position) -> bool:
    """Say whether an isolated position's equity meets its requirement.

    Both at the trigger price; `trigger_comparison` says whether equality counts.
    """
    price = trigger_price(profile, position)
    equity = position.isolated_margin + unrealised_pnl(position, price)
    meets = _MEETS[profile.trigger_comparison]
    return meets(equity, requirement(profile, position, price))


def cross_is_liquidatable(
    profile: Profile, positions: tuple[Position, ...], free_balance: Decimal
) -> bool:
    """Say whether the cross positions of an asset fail together.

    Their equity, free_balance + Σ unrealised_pnl, is held against the sum of their
    requirements, each at its trigger price.
    """
    if not positions:
        return False
    prices = [trigger_price(profile, position) for position in positions]
    priced = list(zip(positions, prices, strict=True))
    equity = free_balance + total_of([unrealised_pnl(*each) for each in priced])
    demanded = total_of([requirement(profile, *each) for each in priced])
    return _MEETS[profile.trigger_comparison](equity, demanded)
