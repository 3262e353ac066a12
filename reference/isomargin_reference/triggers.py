"""What acts by itself after every accepted action, until nothing acts any more.

For each position in the order of the instruments, long before short: auto-add,
liquidation, stop-loss, take-profit; then cross liquidation, asset by asset.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import ge, le

from isomargin_reference import ledger
from isomargin_reference.account import (
    assets,
    available_balance,
    cross_is_liquidatable,
    position_at,
)
from isomargin_reference.equity import is_liquidatable
from isomargin_reference.ledger import Key
from isomargin_reference.liquidation import absorbed, cross_liquidated, liquidated
from isomargin_reference.margin import initial_margin
from isomargin_reference.settlement import closed
from isomargin_reference.state import Fill, State

__all__ = ["acts_at_once", "triggered"]


def triggered(state: State) -> State:
    """Return the state once nothing acts any more."""
    while (after := _one_round(state)) is not state:
        state = after
    return state


def _one_round(state: State) -> State:
    for key in state.holdings:
        for act in (_auto_added, _liquidated_while_failing, _stopped, _profit_taken):
            if key in state.holdings:
                state = act(state, key)
    for asset in assets(state):
        if cross_is_liquidatable(state, asset):
            state = cross_liquidated(state, asset)
        state = absorbed(state, asset)
    return state


def _fails_alone(state: State, key: Key) -> bool:
    position = position_at(state, key)
    return position.is_isolated and is_liquidatable(state.profile, position)


def _auto_added(state: State, key: Key) -> State:
    """Return the state with margin added for as long as it is needed and available.

    Each time min(available_balance, initial_margin), or all that is available.
    """
    if not state.holdings[key].auto_add_margin:
        return state
    asset = state.settle(key)
    while _fails_alone(state, key) and (amount := _auto_amount(state, key)) > 0:
        free, margin = ledger.free_balance(asset), ledger.isolated_margin(asset, key)
        state = state.moved(free, margin, amount)
        state = state.noted("auto_margin_added", key, amount=amount)
    return state


def _auto_amount(state: State, key: Key) -> Decimal:
    available = available_balance(state, state.settle(key))
    if state.profile.auto_add_margin == "available":
        return available
    return min(available, initial_margin(state.profile, position_at(state, key)))


def _liquidated_while_failing(state: State, key: Key) -> State:
    while key in state.holdings and _fails_alone(state, key):
        state = liquidated(state, key)
    return state


# How the mark price must stand to an order's price for the order to act.
_STOP_LOSS = {"long": le, "short": ge}
_TAKE_PROFIT = {"long": ge, "short": le}
_ACTS: Mapping[str, Mapping[str, Callable[[Decimal, Decimal], bool]]] = {
    "stop_loss": _STOP_LOSS,
    "take_profit": _TAKE_PROFIT,
}


def acts_at_once(state: State, key: Key, order: str, price: Decimal) -> bool:
    """Say whether a stop_loss or take_profit at a price acts at the mark price.

    A long's stop-loss acts at a mark price at or below it, its take-profit at or
    above; a short mirrors it.
    """
    return _ACTS[order][key[1]](position_at(state, key).mark_price, price)


def _stopped(state: State, key: Key) -> State:
    return _ordered_close(state, key, "stop_loss", state.holdings[key].stop_loss)


def _profit_taken(state: State, key: Key) -> State:
    return _ordered_close(state, key, "take_profit", state.holdings[key].take_profit)


def _ordered_close(state: State, key: Key, order: str, price: Decimal | None) -> State:
    """Return the state with the whole position closed, where its order acts.

    It closes at the mark price as a taker.
    """
    if price is None or not acts_at_once(state, key, order, price):
        return state
    position = position_at(state, key)
    fill = Fill(position.quantity, position.mark_price, "taker")
    state = state.noted(order, key, price=fill.price, quantity=fill.quantity)
    return closed(state, key, fill)
