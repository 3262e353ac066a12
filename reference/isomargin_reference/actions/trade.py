"""Trade: opening, increasing, reducing, closing and flipping a position."""

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from isomargin_reference.actions.arguments import (
    WHERE,
    Arguments,
    above_zero,
    position_side,
    refuse_unless,
    symbol_of,
)
from isomargin_reference.actions.opening import opened
from isomargin_reference.errors import Reason, Refused
from isomargin_reference.inputs import (
    choice,
    flag,
    number,
    optional_number,
    required,
)
from isomargin_reference.ledger import Key
from isomargin_reference.numbers import ZERO
from isomargin_reference.position import OPPOSITE
from isomargin_reference.settlement import closed
from isomargin_reference.state import Fill, State

__all__ = ["trade"]

_DIRECTION = {"buy": "long", "sell": "short"}
_LIQUIDITIES = ("taker", "maker")


class _Order(NamedTuple):
    """What is to be traded; `position_side` is None in one-way mode."""

    symbol: str
    direction: str
    quantity: Decimal
    price: Decimal
    liquidity: str
    reduce_only: bool
    position_side: str | None
    isolated_margin: Decimal | None

    def fill(self, quantity: Decimal) -> Fill:
        """Return the fill of a part of the order."""
        return Fill(quantity, self.price, self.liquidity)


class _Plan(NamedTuple):
    """An order split: how much of which position closes, how much of which opens."""

    closes: Key
    closing: Decimal
    opens: Key
    opening: Decimal


def trade(state: State, arguments: Arguments) -> State:
    """Return the state after a trade.

    One-way: an order against the open position closes up to its quantity and opens
    the rest the other way. Hedge: buy long and sell short open, the others close.

    Raises:
        Refused: INVALID_QUANTITY, INVALID_PRICE, INVALID_POSITION_SIDE,
            POSITION_NOT_FOUND, REDUCE_ONLY_WOULD_INCREASE, LEVERAGE_TOO_HIGH,
            INSUFFICIENT_BALANCE, WOULD_LIQUIDATE.
    """
    order = _order(state, arguments)
    state = _first_marked(state, order)
    plan = _plan(state, order)
    if plan.closing:
        state = closed(state, plan.closes, order.fill(plan.closing))
    if plan.opening:
        fill = order.fill(plan.opening)
        state = opened(state, plan.opens, fill, allocation=order.isolated_margin)
    return state


def _order(state: State, arguments: Arguments) -> _Order:
    symbol = symbol_of(state, arguments)
    side = choice(required(arguments, "side", WHERE), _DIRECTION, f"{WHERE}.side")
    quantity = _quantity(state, symbol, arguments)
    price = above_zero(number(arguments, "price", WHERE), Reason.INVALID_PRICE)
    return _Order(
        symbol=symbol,
        direction=_DIRECTION[side],
        quantity=quantity,
        price=price,
        liquidity=choice(
            arguments.get("liquidity") or "taker", _LIQUIDITIES, f"{WHERE}.liquidity"
        ),
        reduce_only=flag(arguments.get("reduce_only") or False, f"{WHERE}.reduce_only"),
        position_side=position_side(state, arguments),
        isolated_margin=optional_number(arguments, "isolated_margin", WHERE),
    )


def _quantity(state: State, symbol: str, arguments: Arguments) -> Decimal:
    """Return the quantity, refusing one not above zero or off the quantity step."""
    given = number(arguments, "quantity", WHERE)
    quantity = above_zero(given, Reason.INVALID_QUANTITY)
    step = state.instrument(symbol).quantity_step
    refuse_unless(step is None or not quantity % step, Reason.INVALID_QUANTITY)
    return quantity


def _first_marked(state: State, order: _Order) -> State:
    """Return the state in which an instrument without a mark price takes this one."""
    prices = state.published(order.symbol)
    if prices.mark is not None:
        return state
    return state.priced(order.symbol, replace(prices, mark=order.price))


def _plan(state: State, order: _Order) -> _Plan:
    plan = (
        _one_way(state, order) if order.position_side is None else _hedge(state, order)
    )
    if not order.reduce_only:
        return plan
    meant = {plan.closes, plan.opens} & state.holdings.keys()
    refuse_unless(bool(meant), Reason.POSITION_NOT_FOUND)
    refuse_unless(plan.closing > 0, Reason.REDUCE_ONLY_WOULD_INCREASE)
    return plan._replace(opening=ZERO)


def _one_way(state: State, order: _Order) -> _Plan:
    against = (order.symbol, OPPOSITE[order.direction])
    held = state.holdings.get(against)
    closing = min(order.quantity, held.quantity) if held else ZERO
    along = (order.symbol, order.direction)
    return _Plan(against, closing, along, order.quantity - closing)


def _hedge(state: State, order: _Order) -> _Plan:
    key = (order.symbol, str(order.position_side))
    if order.direction == order.position_side:
        return _Plan(key, ZERO, key, order.quantity)
    held = state.holdings.get(key)
    if held is None:
        raise Refused(Reason.POSITION_NOT_FOUND)
    fits = order.quantity <= held.quantity or order.reduce_only
    refuse_unless(fits, Reason.INVALID_QUANTITY)
    return _Plan(key, min(order.quantity, held.quantity), key, ZERO)
