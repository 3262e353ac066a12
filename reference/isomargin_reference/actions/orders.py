"""Stop-loss and take-profit: orders that close a position by themselves."""

from decimal import Decimal

from isomargin_reference.actions.arguments import (
    WHERE,
    Arguments,
    meant_key,
    refuse_unless,
)
from isomargin_reference.errors import Reason
from isomargin_reference.inputs import number, required
from isomargin_reference.ledger import Key
from isomargin_reference.state import State
from isomargin_reference.triggers import acts_at_once

__all__ = ["set_stop_loss", "set_take_profit"]


def set_stop_loss(state: State, arguments: Arguments) -> State:
    """Return the state with a position's stop-loss set, or cleared by a null price.

    Raises:
        Refused: POSITION_NOT_FOUND; INVALID_PRICE for one not above zero, or at which
            it would act at once.
    """
    key = meant_key(state, arguments)
    price = _order_price(state, arguments, key, "stop_loss")
    return state.holding(key, state.holdings[key]._replace(stop_loss=price))


def set_take_profit(state: State, arguments: Arguments) -> State:
    """Return the state with a position's take-profit set, or cleared by a null price.

    Raises:
        Refused: as `set_stop_loss`.
    """
    key = meant_key(state, arguments)
    price = _order_price(state, arguments, key, "take_profit")
    return state.holding(key, state.holdings[key]._replace(take_profit=price))


def _order_price(
    state: State, arguments: Arguments, key: Key, order: str
) -> Decimal | None:
    if required(arguments, "price", WHERE) is None:
        return None
    price = number(arguments, "price", WHERE)
    waits = price > 0 and not acts_at_once(state, key, order, price)
    refuse_unless(waits, Reason.INVALID_PRICE)
    return price
