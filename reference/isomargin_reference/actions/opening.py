"""Opening or increasing a position: its allocation and the fee."""

from decimal import Decimal

from isomargin_reference import ledger
from isomargin_reference.account import (
    available_balance,
    position_at,
    would_be_liquidated,
)
from isomargin_reference.actions.arguments import refuse_unless
from isomargin_reference.actions.leverage import leverage_is_admitted
from isomargin_reference.errors import Reason
from isomargin_reference.ledger import Key
from isomargin_reference.margin import initial_margin, portion
from isomargin_reference.numbers import ZERO, divided
from isomargin_reference.position import Position
from isomargin_reference.settlement import fee_paid
from isomargin_reference.state import Fill, Holding, State

__all__ = ["opened"]


def opened(state: State, key: Key, fill: Fill, *, allocation: Decimal | None) -> State:
    """Return the state after a quantity is opened at a price.

    cost = allocation + fee, from the free balance. The allocation is the opened
    part's initial margin at the trade price, or the explicit one, which may not be
    less. A cross position needs the same available, and allocates nothing. The fee is
    value(price) × the fee rate.

    Raises:
        Refused: LEVERAGE_TOO_HIGH, INSUFFICIENT_BALANCE, WOULD_LIQUIDATE.
    """
    grown = _grown(state, key, fill)
    whole = position_at(grown, key)
    part = whole._replace(quantity=fill.quantity, entry_price=fill.price)
    tied = _tied(state, part, allocation)
    admitted = leverage_is_admitted(state.profile, whole)
    refuse_unless(admitted, Reason.LEVERAGE_TOO_HIGH)
    fee = portion(part.value(fill.price), part.instrument.fees[fill.liquidity])
    affordable = tied + fee <= available_balance(state, state.settle(key))
    refuse_unless(affordable, Reason.INSUFFICIENT_BALANCE)
    paid = _paid(grown, key, tied if part.is_isolated else ZERO, fee)
    refuse_unless(not would_be_liquidated(paid, key), Reason.WOULD_LIQUIDATE)
    return paid


def _grown(state: State, key: Key, fill: Fill) -> State:
    """Return the state with the quantity added at the mean price of entry.

    The mean is arithmetic by size for linear, harmonic for inverse contracts.
    """
    held = state.holdings.get(key)
    if held is None:
        return state.holding(key, Holding(fill.quantity, fill.price))
    contract = state.instrument(key[0]).contract
    mean = contract.mean_price(
        held.quantity, held.entry_price, fill.quantity, fill.price
    )
    return state.holding(
        key,
        held._replace(
            quantity=held.quantity + fill.quantity, entry_price=divided(*mean)
        ),
    )


def _tied(state: State, part: Position, allocation: Decimal | None) -> Decimal:
    """Return what the opened part ties up, refusing an explicit margin too small."""
    initial = initial_margin(state.profile, part)
    if allocation is None or not part.is_isolated:
        return initial
    refuse_unless(allocation >= initial, Reason.LEVERAGE_TOO_HIGH)
    return allocation


def _paid(state: State, key: Key, allocation: Decimal, fee: Decimal) -> State:
    asset = state.settle(key)
    free, margin = ledger.free_balance(asset), ledger.isolated_margin(asset, key)
    state = state.moved(free, margin, allocation)
    state = state.noted("margin_allocated", key, amount=allocation)
    return fee_paid(state, key, free, fee)
