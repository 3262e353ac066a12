"""Leverage, and what its change does to an open position."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from isomargin_reference import ledger
from isomargin_reference.account import (
    available_balance,
    keys_of,
    position_at,
    would_be_liquidated,
)
from isomargin_reference.actions.arguments import (
    WHERE,
    Arguments,
    refuse_unless,
    symbol_of,
)
from isomargin_reference.errors import Reason
from isomargin_reference.inputs import number
from isomargin_reference.ledger import Key
from isomargin_reference.margin import initial_margin
from isomargin_reference.numbers import ZERO, total_of
from isomargin_reference.position import Position
from isomargin_reference.profile import Profile
from isomargin_reference.state import State
from isomargin_reference.tiers import tier_index

__all__ = ["leverage_is_admitted", "set_leverage"]


def set_leverage(state: State, arguments: Arguments) -> State:
    """Return the state with an instrument's leverage set.

    An open position's allocation follows as `leverage_decrease_with_position` and
    `leverage_increase_with_position` say. Both positions of a hedge move, or neither.

    Raises:
        Refused: INVALID_LEVERAGE below 1; LEVERAGE_TOO_HIGH; LEVERAGE_LOCKED;
            INSUFFICIENT_BALANCE; WOULD_LIQUIDATE.
    """
    symbol = symbol_of(state, arguments)
    leverage = number(arguments, "leverage", WHERE)
    refuse_unless(leverage >= 1, Reason.INVALID_LEVERAGE)
    before = state.setting(symbol)
    changed = state.set(symbol, before._replace(leverage=leverage))
    keys = keys_of(state, symbol)
    _refuse_too_high(changed, symbol, keys, leverage)
    if leverage == before.leverage or not keys:
        return changed
    if before.margin_mode == "cross":
        return _cross_changed(state, changed, keys)
    return _isolated_changed(
        state, changed, keys, _way(state.profile, before.leverage, leverage)
    )


def _refuse_too_high(
    state: State, symbol: str, keys: list[Key], leverage: Decimal
) -> None:
    highest = state.instrument(symbol).highest_leverage
    refuse_unless(highest is None or leverage <= highest, Reason.LEVERAGE_TOO_HIGH)
    admitted = all(
        leverage_is_admitted(state.profile, position_at(state, key)) for key in keys
    )
    refuse_unless(admitted, Reason.LEVERAGE_TOO_HIGH)


def leverage_is_admitted(profile: Profile, position: Position) -> bool:
    """Say whether the tier of value(E) admits the position's leverage."""
    tiers = position.instrument.tiers
    tier = tiers[tier_index(profile, position, position.entry_price)]
    return tier.max_leverage is None or position.leverage <= tier.max_leverage


def _cross_changed(before: State, after: State, keys: list[Key]) -> State:
    """Return the changed state, where a rise of initial margin is available.

    The account may fail at another price than the mark price, where the leverage
    raises what it must hold.
    """
    rise = total_of([_initial(after, key) - _initial(before, key) for key in keys])
    available = available_balance(before, before.settle(keys[0]))
    refuse_unless(rise <= max(ZERO, available), Reason.INSUFFICIENT_BALANCE)
    refuse_unless(not would_be_liquidated(after, keys[0]), Reason.WOULD_LIQUIDATE)
    return after


def _way(profile: Profile, before: Decimal, after: Decimal) -> str:
    if after < before:
        return profile.leverage_decrease_with_position
    return profile.leverage_increase_with_position


# What is added to the allocation, of: it, the old and the new initial margin.
_ADDED: Mapping[str, Callable[[Decimal, Decimal, Decimal], Decimal]] = {
    "pulls_margin": lambda _allocation, old, new: new - old,
    "releases_margin": lambda allocation, old, new: (
        -min(old - new, max(ZERO, allocation))
    ),
    "resets_margin": lambda allocation, _old, new: new - allocation,
    "keeps_margin": lambda _allocation, _old, _new: ZERO,
}


def _isolated_changed(before: State, after: State, keys: list[Key], way: str) -> State:
    """Return the changed state with each allocation following the leverage."""
    refuse_unless(way != "rejected", Reason.LEVERAGE_LOCKED)
    added = {
        key: _ADDED[way](
            before.isolated_margin(key), _initial(before, key), _initial(after, key)
        )
        for key in keys
    }
    available = available_balance(before, before.settle(keys[0]))
    needed = total_of(list(added.values()))
    refuse_unless(needed <= max(ZERO, available), Reason.INSUFFICIENT_BALANCE)
    for key, amount in added.items():
        after = _allocated(after, key, amount)
    safe = not any(would_be_liquidated(after, key) for key in keys)
    refuse_unless(safe, Reason.WOULD_LIQUIDATE)
    return after


def _initial(state: State, key: Key) -> Decimal:
    return initial_margin(state.profile, position_at(state, key))


def _allocated(state: State, key: Key, amount: Decimal) -> State:
    """Return the state with an amount moved to the allocation, or from it below 0."""
    asset = state.settle(key)
    free, margin = ledger.free_balance(asset), ledger.isolated_margin(asset, key)
    event = "margin_allocated" if amount > 0 else "margin_released"
    return state.moved(free, margin, amount).noted(event, key, amount=abs(amount))
