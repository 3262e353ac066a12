"""Adding and removing margin, by hand and automatically."""

from isomargin_reference import ledger
from isomargin_reference.account import (
    available_balance,
    position_at,
    would_be_liquidated,
)
from isomargin_reference.actions.arguments import (
    WHERE,
    Arguments,
    above_zero,
    isolated_key,
    position_side,
    refuse_unless,
    symbol_of,
)
from isomargin_reference.errors import Reason
from isomargin_reference.gauges import removable_margin
from isomargin_reference.inputs import flag, number, required
from isomargin_reference.state import State

__all__ = ["add_margin", "remove_margin", "set_auto_add_margin"]


def add_margin(state: State, arguments: Arguments) -> State:
    """Return the state with an amount moved from the free balance to the allocation.

    Raises:
        Refused: POSITION_NOT_FOUND, NOT_ISOLATED, INVALID_AMOUNT; over the available
            balance INSUFFICIENT_BALANCE.
    """
    key = isolated_key(state, arguments)
    amount = above_zero(number(arguments, "amount", WHERE), Reason.INVALID_AMOUNT)
    asset = state.settle(key)
    affordable = amount <= available_balance(state, asset)
    refuse_unless(affordable, Reason.INSUFFICIENT_BALANCE)
    free, margin = ledger.free_balance(asset), ledger.isolated_margin(asset, key)
    return state.moved(free, margin, amount).noted("margin_added", key, amount=amount)


def remove_margin(state: State, arguments: Arguments) -> State:
    """Return the state with an amount moved from the allocation to the free balance.

    Raises:
        Refused: POSITION_NOT_FOUND, NOT_ISOLATED, INVALID_AMOUNT; over the removable
            margin MARGIN_NOT_REMOVABLE; WOULD_LIQUIDATE.
    """
    key = isolated_key(state, arguments)
    amount = above_zero(number(arguments, "amount", WHERE), Reason.INVALID_AMOUNT)
    removable = removable_margin(state.profile, position_at(state, key))
    refuse_unless(amount <= removable, Reason.MARGIN_NOT_REMOVABLE)
    asset = state.settle(key)
    margin, free = ledger.isolated_margin(asset, key), ledger.free_balance(asset)
    state = state.moved(margin, free, amount)
    refuse_unless(not would_be_liquidated(state, key), Reason.WOULD_LIQUIDATE)
    return state.noted("margin_removed", key, amount=amount)


def set_auto_add_margin(state: State, arguments: Arguments) -> State:
    """Return the state with auto-add switched on or off for an isolated position.

    Raises:
        Refused: AUTO_ADD_MARGIN_NOT_OFFERED, POSITION_NOT_FOUND, NOT_ISOLATED.
    """
    symbol_of(state, arguments)
    position_side(state, arguments)
    offered = state.profile.auto_add_margin != "none"
    refuse_unless(offered, Reason.AUTO_ADD_MARGIN_NOT_OFFERED)
    key = isolated_key(state, arguments)
    enabled = flag(required(arguments, "enabled", WHERE), f"{WHERE}.enabled")
    return state.holding(key, state.holdings[key]._replace(auto_add_margin=enabled))
