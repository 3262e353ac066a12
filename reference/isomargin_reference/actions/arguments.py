"""Reading an action's arguments, and the refusals all actions share."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from isomargin_reference.account import keys_of
from isomargin_reference.errors import Reason, Refused
from isomargin_reference.inputs import choice, required
from isomargin_reference.ledger import Key
from isomargin_reference.position import SIDES
from isomargin_reference.state import State

__all__ = [
    "WHERE",
    "Action",
    "Arguments",
    "above_zero",
    "isolated_key",
    "meant_key",
    "position_side",
    "refuse_unless",
    "symbol_of",
]

Arguments = Mapping[str, Any]
Action = Callable[[State, Arguments], State]

WHERE = "with"
"""Where arguments stand in a step, for messages."""


def refuse_unless(holds: bool, reason: Reason) -> None:  # noqa: FBT001 - it is the claim
    """Refuse the action unless a claim holds.

    Raises:
        Refused: where it does not.
    """
    if not holds:
        raise Refused(reason)


def symbol_of(state: State, arguments: Arguments) -> str:
    """Return the instrument an action is about.

    Raises:
        Refused: UNKNOWN_INSTRUMENT.
    """
    symbol = required(arguments, "instrument", WHERE)
    refuse_unless(symbol in state.venue.instruments, Reason.UNKNOWN_INSTRUMENT)
    return str(symbol)


def position_side(state: State, arguments: Arguments) -> str | None:
    """Return the side meant: given in hedge mode, None in one-way mode.

    Raises:
        Refused: INVALID_POSITION_SIDE where it is missing or out of place.
    """
    side = arguments.get("position_side")
    hedging = state.position_mode == "hedge"
    refuse_unless((side is not None) == hedging, Reason.INVALID_POSITION_SIDE)
    return None if side is None else choice(side, SIDES, f"{WHERE}.position_side")


def meant_key(state: State, arguments: Arguments) -> Key:
    """Return the open position an action is about.

    Raises:
        Refused: UNKNOWN_INSTRUMENT, INVALID_POSITION_SIDE or POSITION_NOT_FOUND.
    """
    symbol = symbol_of(state, arguments)
    side = position_side(state, arguments)
    keys = [key for key in keys_of(state, symbol) if side in (None, key[1])]
    refuse_unless(bool(keys), Reason.POSITION_NOT_FOUND)
    return keys[0]


def isolated_key(state: State, arguments: Arguments) -> Key:
    """Return the open isolated position an action is about.

    Raises:
        Refused: as `meant_key`, and NOT_ISOLATED.
    """
    key = meant_key(state, arguments)
    isolated = state.setting(key[0]).margin_mode == "isolated"
    refuse_unless(isolated, Reason.NOT_ISOLATED)
    return key


def above_zero(amount: Decimal, reason: Reason) -> Decimal:
    """Return a figure, refusing one that is not above zero.

    Raises:
        Refused: for the reason given.
    """
    refuse_unless(amount > 0, reason)
    return amount
