"""The account's figures, all derived from the ledger and the open positions."""

from decimal import Decimal

from isomargin_reference import equity
from isomargin_reference.ledger import Key
from isomargin_reference.margin import initial_margin, unrealised_pnl
from isomargin_reference.numbers import ZERO, total_of
from isomargin_reference.position import SIDES, Position, Shared
from isomargin_reference.state import State

__all__ = [
    "assets",
    "available_balance",
    "cross_is_liquidatable",
    "cross_keys",
    "keys_of",
    "position_at",
    "shared_with",
    "wallet_balance",
    "would_be_liquidated",
]


def keys_of(state: State, symbol: str) -> list[Key]:
    """Return the open positions of an instrument, long before short."""
    return [(symbol, side) for side in SIDES if (symbol, side) in state.holdings]


def position_at(state: State, key: Key) -> Position:
    """Return an open position as the formulas see it."""
    symbol, side = key
    held, setting = state.holdings[key], state.setting(symbol)
    prices = state.published(symbol)
    return Position(
        instrument=state.instrument(symbol),
        side=side,
        quantity=held.quantity,
        entry_price=held.entry_price,
        leverage=setting.leverage,
        margin_mode=setting.margin_mode,
        mark_price=prices.mark or held.entry_price,
        index_price=prices.index,
        last_price=prices.last,
        isolated_margin=state.isolated_margin(key),
    )


def cross_keys(state: State, asset: str) -> list[Key]:
    """Return the open cross positions that settle in an asset."""
    return [
        key
        for key in state.holdings
        if state.settle(key) == asset and state.setting(key[0]).margin_mode == "cross"
    ]


def _cross_positions(state: State, asset: str) -> tuple[Position, ...]:
    return tuple(position_at(state, key) for key in cross_keys(state, asset))


def shared_with(state: State, key: Key) -> Shared:
    """Return the free balance and the other cross positions of a position's asset."""
    asset = state.settle(key)
    others = (each for each in cross_keys(state, asset) if each != key)
    return Shared(
        free_balance=state.free_balance(asset),
        others=tuple(position_at(state, each) for each in others),
    )


def wallet_balance(state: State, asset: str) -> Decimal:
    """Return all settled cash of an asset: free_balance + Σ isolated_margin."""
    allocated = [
        state.isolated_margin(key)
        for key in state.holdings
        if state.settle(key) == asset
    ]
    return state.free_balance(asset) + total_of(allocated)


def available_balance(state: State, asset: str) -> Decimal:
    """Return what a new position or a withdrawal may use, not below zero.

    free_balance + min(0, Σ cross unrealised_pnl) − Σ cross initial_margin.
    """
    positions = _cross_positions(state, asset)
    if not positions:
        return max(ZERO, state.free_balance(asset))
    gain = total_of([unrealised_pnl(each, each.mark_price) for each in positions])
    tied = total_of([initial_margin(state.profile, each) for each in positions])
    return max(ZERO, state.free_balance(asset) + min(ZERO, gain) - tied)


def cross_is_liquidatable(state: State, asset: str) -> bool:
    """Say whether the cross positions of an asset fail together."""
    return equity.cross_is_liquidatable(
        state.profile, _cross_positions(state, asset), state.free_balance(asset)
    )


def would_be_liquidated(state: State, key: Key) -> bool:
    """Say whether a position, or the cross account it is part of, fails as it is."""
    position = position_at(state, key)
    if position.is_isolated:
        return equity.is_liquidatable(state.profile, position)
    return cross_is_liquidatable(state, state.settle(key))


def assets(state: State) -> list[str]:
    """Return every asset the account knows, in the order of first mention."""
    settled = [each.settle for each in state.venue.instruments.values()]
    booked = [bucket.asset for bucket in state.ledger.totals]
    return list(dict.fromkeys([*booked, *settled]))
