"""Prices and funding: what the market does to the account."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from isomargin_reference import ledger
from isomargin_reference.account import available_balance, keys_of, position_at
from isomargin_reference.actions.arguments import (
    WHERE,
    Arguments,
    refuse_unless,
    symbol_of,
)
from isomargin_reference.errors import Reason
from isomargin_reference.inputs import number, optional_number
from isomargin_reference.ledger import Key
from isomargin_reference.margin import portion
from isomargin_reference.numbers import ZERO
from isomargin_reference.position import Position
from isomargin_reference.state import Prices, State

__all__ = ["apply_funding", "set_mark_price"]


def set_mark_price(state: State, arguments: Arguments) -> State:
    """Return the state with the mark price, and index and last price where given.

    Raises:
        Refused: INVALID_PRICE for one not above zero.
    """
    symbol = symbol_of(state, arguments)
    before = state.published(symbol)
    mark = number(arguments, "price", WHERE)
    index = optional_number(arguments, "index_price", WHERE)
    last = optional_number(arguments, "last_price", WHERE)
    given = [price for price in (mark, index, last) if price is not None]
    refuse_unless(all(price > 0 for price in given), Reason.INVALID_PRICE)
    return state.priced(
        symbol, Prices(mark, index or before.index, last or before.last)
    )


def apply_funding(state: State, arguments: Arguments) -> State:
    """Return the state with funding exchanged for each position of an instrument.

    payment = s × value(P) × funding_rate: a long pays a positive rate, a short
    receives it. P is the mark price, or the index price where `funding_price` says so
    and one was published. An isolated position pays from its allocation, which may
    fall below zero, or with `funding_source` free_balance_then_isolated from the
    available balance first; a receipt then goes to the free balance. A cross position
    settles in the free balance.
    """
    symbol = symbol_of(state, arguments)
    rate = number(arguments, "funding_rate", WHERE)
    funding_price = _FUNDING_PRICE[state.profile.funding_price]
    for key in keys_of(state, symbol):
        position = position_at(state, key)
        value = position.value(funding_price(position))
        state = _funded(state, key, position, portion(value, position.sign * rate))
    return state


_FUNDING_PRICE: Mapping[str, Callable[[Position], Decimal]] = {
    "mark": lambda position: position.mark_price,
    "index": lambda position: position.index_price or position.mark_price,
}


def _funded(state: State, key: Key, position: Position, payment: Decimal) -> State:
    """Return the state with a payment taken, or below zero received."""
    asset = state.settle(key)
    paid_free = _paid_from_free_balance(state, position, payment)
    others = ledger.counterparty(asset)
    state = state.moved(ledger.free_balance(asset), others, paid_free)
    margin = ledger.isolated_margin(asset, key)
    state = state.moved(margin, others, payment - paid_free)
    return state.noted("funding", key, amount=payment)


def _paid_from_free_balance(
    state: State, position: Position, payment: Decimal
) -> Decimal:
    if not position.is_isolated:
        return payment
    if state.profile.funding_source == "isolated_margin":
        return ZERO
    return min(payment, available_balance(state, position.instrument.settle))
