"""Margin mode and position mode."""

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
from isomargin_reference.inputs import choice, required
from isomargin_reference.ledger import Key
from isomargin_reference.margin import initial_margin
from isomargin_reference.numbers import total_of
from isomargin_reference.position import MARGIN_MODES
from isomargin_reference.state import State

__all__ = ["set_margin_mode", "set_position_mode"]

_POSITION_MODES = ("one_way", "hedge")


def set_margin_mode(state: State, arguments: Arguments) -> State:
    """Return the state with an instrument's margin mode set.

    There is no isolated mode where `isolation` is none. An open position locks it
    where `margin_mode_change_with_position` is rejected. Where that is allowed, to
    cross returns the allocation to the free balance, to isolated allocates the initial
    margin.

    Raises:
        Refused: MARGIN_MODE_NOT_OFFERED, MARGIN_MODE_LOCKED, INSUFFICIENT_BALANCE,
            WOULD_LIQUIDATE.
    """
    symbol = symbol_of(state, arguments)
    given = required(arguments, "margin_mode", WHERE)
    mode = choice(given, MARGIN_MODES, f"{WHERE}.margin_mode")
    offered = mode == "cross" or state.profile.isolation != "none"
    refuse_unless(offered, Reason.MARGIN_MODE_NOT_OFFERED)
    keys = keys_of(state, symbol)
    locked = state.profile.margin_mode_change_with_position == "rejected"
    refuse_unless(not (keys and locked), Reason.MARGIN_MODE_LOCKED)
    setting = state.setting(symbol)
    changed = state.set(symbol, setting._replace(margin_mode=mode))
    if mode == setting.margin_mode or not keys:
        return changed
    moved = _isolated(changed, keys) if mode == "isolated" else _crossed(changed, keys)
    safe = not any(would_be_liquidated(moved, key) for key in keys)
    refuse_unless(safe, Reason.WOULD_LIQUIDATE)
    return moved


def _crossed(state: State, keys: list[Key]) -> State:
    """Return the state with each allocation back in the free balance."""
    for key in keys:
        asset, amount = state.settle(key), state.isolated_margin(key)
        margin, free = ledger.isolated_margin(asset, key), ledger.free_balance(asset)
        state = state.moved(margin, free, amount)
        state = state.noted("margin_released", key, amount=amount)
    return state


def _isolated(state: State, keys: list[Key]) -> State:
    """Return the state with each position's initial margin allocated."""
    asset = state.settle(keys[0])
    costs = {
        key: initial_margin(state.profile, position_at(state, key)) for key in keys
    }
    affordable = total_of(list(costs.values())) <= available_balance(state, asset)
    refuse_unless(affordable, Reason.INSUFFICIENT_BALANCE)
    for key, amount in costs.items():
        free, margin = ledger.free_balance(asset), ledger.isolated_margin(asset, key)
        state = state.moved(free, margin, amount)
        state = state.noted("margin_allocated", key, amount=amount)
    return state


def set_position_mode(state: State, arguments: Arguments) -> State:
    """Return the state with the account in one-way or hedge mode.

    Raises:
        Refused: POSITION_MODE_LOCKED with any open position.
    """
    given = required(arguments, "position_mode", WHERE)
    mode = choice(given, _POSITION_MODES, f"{WHERE}.position_mode")
    refuse_unless(not state.holdings, Reason.POSITION_MODE_LOCKED)
    return state._replace(position_mode=mode)
