"""The actions, by the name they have on the wire.

Each takes a state and its arguments and returns another state, or raises `Refused`.
"""

from collections.abc import Mapping

from isomargin_reference.actions.arguments import Action
from isomargin_reference.actions.cash import deposit, withdraw
from isomargin_reference.actions.leverage import set_leverage
from isomargin_reference.actions.margin import (
    add_margin,
    remove_margin,
    set_auto_add_margin,
)
from isomargin_reference.actions.market import apply_funding, set_mark_price
from isomargin_reference.actions.mode import set_margin_mode, set_position_mode
from isomargin_reference.actions.orders import set_stop_loss, set_take_profit
from isomargin_reference.actions.trade import trade

__all__ = ["ACTIONS"]

ACTIONS: Mapping[str, Action] = {
    action.__name__: action
    for action in (
        deposit,
        withdraw,
        set_margin_mode,
        set_position_mode,
        set_leverage,
        trade,
        add_margin,
        remove_margin,
        set_auto_add_margin,
        set_stop_loss,
        set_take_profit,
        set_mark_price,
        apply_funding,
    )
}
