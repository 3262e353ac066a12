"""Closing a position, wholly or in part: its share, its gain and the fee settle."""

from decimal import Decimal
from typing import NamedTuple

from isomargin_reference import ledger
from isomargin_reference.account import position_at
from isomargin_reference.ledger import Bucket, Key
from isomargin_reference.margin import portion, unrealised_pnl
from isomargin_reference.numbers import ZERO, divided
from isomargin_reference.position import Position
from isomargin_reference.state import Fill, State

__all__ = ["closed", "fee_paid", "gain_realised", "insured", "reduced"]


class _Close(NamedTuple):
    """A part of a position on its way out."""

    key: Key
    quantity: Decimal
    price: Decimal
    gain: Decimal
    fee: Decimal
    is_whole: bool


def closed(state: State, key: Key, fill: Fill) -> State:
    """Return the state after a quantity of a position is closed at a price.

    The gain is pnl(E → price) of the part, the fee value(price) × the fee rate. The
    way they settle depends on margin mode and `reduce_release`.
    """
    position = position_at(state, key)
    close = _close(position, key, fill)
    if not position.is_isolated:
        state = _settled(state, close, ledger.free_balance(state.settle(key)))
    elif close.is_whole or state.profile.reduce_release == "proportional":
        state = _settled_with_share(state, close)
    else:
        state = _settled_in_margin(state, close)
    return reduced(state, key, fill.quantity)


def _close(position: Position, key: Key, fill: Fill) -> _Close:
    part = position._replace(quantity=fill.quantity)
    return _Close(
        key=key,
        quantity=fill.quantity,
        price=fill.price,
        gain=unrealised_pnl(part, fill.price),
        fee=portion(part.value(fill.price), part.instrument.fees[fill.liquidity]),
        is_whole=fill.quantity == position.quantity,
    )


def _settled(state: State, close: _Close, bucket: Bucket) -> State:
    """Return the state with gain and fee settled in a bucket: pnl − fee."""
    state = gain_realised(
        state, close.key, bucket, close.gain, price=close.price, quantity=close.quantity
    )
    return fee_paid(state, close.key, bucket, close.fee)


def _settled_with_share(state: State, close: _Close) -> State:
    """Return the state with share + pnl − fee in the free balance.

    share = isolated_margin × q/Q. What the proceeds lack is taken from the margin
    that remains, then from the insurance fund, so that the position never costs more
    than its allocation.
    """
    asset = state.settle(close.key)
    free, margin = ledger.free_balance(asset), ledger.isolated_margin(asset, close.key)
    share = _share(state, close)
    state = state.moved(margin, free, share)
    state = state.noted("margin_released", close.key, amount=share)
    state = _settled(state, close, free)
    lack = max(ZERO, close.fee - share - close.gain)
    remaining = max(ZERO, state.isolated_margin(close.key))
    state = state.moved(margin, free, min(lack, remaining))
    return insured(state, close.key, free, max(ZERO, lack - remaining))


def _share(state: State, close: _Close) -> Decimal:
    """Return the closed part's share of the allocation, the whole when all closes."""
    allocation = state.isolated_margin(close.key)
    if close.is_whole:
        return allocation
    return divided(allocation * close.quantity, state.holdings[close.key].quantity)


def _settled_in_margin(state: State, close: _Close) -> State:
    """Return the state with pnl − fee in the isolated margin, not below zero."""
    margin = ledger.isolated_margin(state.settle(close.key), close.key)
    state = _settled(state, close, margin)
    return insured(
        state, close.key, margin, max(ZERO, -state.isolated_margin(close.key))
    )


def gain_realised(
    state: State,
    key: Key,
    bucket: Bucket,
    gain: Decimal,
    *,
    price: Decimal,
    quantity: Decimal,
) -> State:
    """Return the state with a gain, or a loss below zero, settled in a bucket."""
    state = state.moved(ledger.counterparty(bucket.asset), bucket, gain)
    return state.noted("realised_pnl", key, amount=gain, price=price, quantity=quantity)


def fee_paid(state: State, key: Key, bucket: Bucket, fee: Decimal) -> State:
    """Return the state with a fee taken from a bucket."""
    state = state.moved(bucket, ledger.fees(bucket.asset), fee)
    return state.noted("fee", key, amount=fee)


def insured(state: State, key: Key, bucket: Bucket, amount: Decimal) -> State:
    """Return the state with the insurance fund paying an amount into a bucket."""
    state = state.moved(ledger.insurance_fund(bucket.asset), bucket, amount)
    return state.noted("insurance_fund_paid", key, amount=amount)


def reduced(state: State, key: Key, quantity: Decimal) -> State:
    """Return the state with a quantity gone, and the position when nothing is left.

    With the position go its stop-loss, take-profit and auto-add.
    """
    held = state.holdings[key]
    if quantity == held.quantity:
        return state.without(key)
    return state.holding(key, held._replace(quantity=held.quantity - quantity))
