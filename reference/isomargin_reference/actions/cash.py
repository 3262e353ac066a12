"""Deposit and withdraw: cash enters and leaves the account."""

from isomargin_reference.account import available_balance
from isomargin_reference.actions.arguments import (
    WHERE,
    Arguments,
    above_zero,
    refuse_unless,
)
from isomargin_reference.errors import Reason
from isomargin_reference.inputs import number, required
from isomargin_reference.ledger import external, free_balance
from isomargin_reference.state import State

__all__ = ["deposit", "withdraw"]


def deposit(state: State, arguments: Arguments) -> State:
    """Return the state with an amount of an asset added to the free balance.

    Raises:
        Refused: INVALID_AMOUNT for one not above zero.
    """
    asset = str(required(arguments, "asset", WHERE))
    amount = above_zero(number(arguments, "amount", WHERE), Reason.INVALID_AMOUNT)
    return state.moved(external(asset), free_balance(asset), amount)


def withdraw(state: State, arguments: Arguments) -> State:
    """Return the state with an amount of an asset taken from the free balance.

    Raises:
        Refused: INVALID_AMOUNT; INSUFFICIENT_BALANCE over the available balance.
    """
    asset = str(required(arguments, "asset", WHERE))
    amount = above_zero(number(arguments, "amount", WHERE), Reason.INVALID_AMOUNT)
    affordable = amount <= available_balance(state, asset)
    refuse_unless(affordable, Reason.INSUFFICIENT_BALANCE)
    return state.moved(free_balance(asset), external(asset), amount)
