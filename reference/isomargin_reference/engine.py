"""Scenarios: a state is opened, acted upon, and reported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from isomargin_reference.account import (
    assets,
    available_balance,
    position_at,
    shared_with,
    wallet_balance,
)
from isomargin_reference.actions import ACTIONS
from isomargin_reference.errors import Reason, Refused
from isomargin_reference.events import Event
from isomargin_reference.inputs import choice, number
from isomargin_reference.instrument import instrument_from
from isomargin_reference.ledger import (
    Key,
    Ledger,
    Posting,
    audited,
    external,
    free_balance,
    insurance_fund,
    posted,
)
from isomargin_reference.numbers import exactly
from isomargin_reference.profile import profile_from
from isomargin_reference.quantities import QUANTITIES, Standing, reported, values_of
from isomargin_reference.state import State, venue_of
from isomargin_reference.triggers import triggered

__all__ = ["Step", "after", "opening_state", "report"]


@dataclass(frozen=True)
class Step:
    """What came of one action.

    Attributes:
        reason: why it was refused, None where it was accepted.
        events: what happened, in order.
        postings: how cash moved, in order.
        state: the state afterwards; the one before where it was refused.
    """

    reason: Reason | None
    events: tuple[Event, ...]
    postings: tuple[Posting, ...]
    state: State

    @property
    def outcome(self) -> str:
        """Accepted or rejected."""
        return "rejected" if self.reason else "accepted"


def opening_state(
    profile: Mapping[str, Any],
    instruments: Sequence[Mapping[str, Any]],
    balances: Mapping[str, str],
) -> State:
    """Return the state in which a scenario begins.

    Args:
        profile: the profile's parameters; absent ones are the textbook's.
        instruments: the instruments that exist, in order.
        balances: asset to opening balance, decimal strings.

    Raises:
        InvalidInput: naming the field that is missing or malformed.
    """
    with exactly():
        choices = profile_from(profile)
        traded = [instrument_from(each, choices) for each in instruments]
        venue = venue_of(choices, traded)
        state = State(venue=venue)
        for asset in balances:
            amount = number(balances, asset, "balances")
            deposit = Posting(external(asset), free_balance(asset), amount)
            state = state._replace(ledger=posted(state.ledger, deposit))
        return _at_rest(state)


def after(state: State, action: str, arguments: Mapping[str, Any]) -> Step:
    """Return what comes of an action, and of all that it triggers.

    Args:
        state: the state before.
        action: a name of `ACTIONS`.
        arguments: the action's arguments, numbers as decimal strings.

    Raises:
        InvalidInput: for an unknown action, or naming the argument at fault.
    """
    act = ACTIONS[choice(action, ACTIONS, "do")]
    with exactly():
        try:
            changed = triggered(act(state, arguments))
        except Refused as refusal:
            return Step(refusal.reason, (), (), state)
        postings = audited(changed.ledger, changed.holdings).postings
        return Step(None, changed.events, postings, _at_rest(changed))


def _at_rest(state: State) -> State:
    """Return the state with nothing under way: no events, no postings to read."""
    if not state.events and not state.ledger.postings:
        return state
    return state._replace(events=(), ledger=Ledger(state.ledger.totals))


def report(state: State) -> dict[str, Any]:
    """Return a state as the wire writes it, with every quantity of every position."""
    with exactly():
        return {
            "balances": {asset: _balances(state, asset) for asset in assets(state)},
            "positions": [_position(state, key) for key in state.holdings],
            "insurance_fund": {
                asset: state.ledger.total(insurance_fund(asset))
                for asset in assets(state)
            },
        }


def _balances(state: State, asset: str) -> dict[str, Decimal]:
    return {
        "wallet_balance": wallet_balance(state, asset),
        "free_balance": state.free_balance(asset),
        "available_balance": available_balance(state, asset),
    }


def _position(state: State, key: Key) -> dict[str, Any]:
    position = position_at(state, key)
    standing = Standing(state.profile, position, shared_with(state, key))
    own = ("quantity", "entry_price", "leverage", "mark_price")
    figures = {name: reported(standing, name, getattr(position, name)) for name in own}
    values = values_of(standing, QUANTITIES)
    if not position.is_isolated:
        del values["isolated_margin"]
    return {
        "instrument": key[0],
        "side": position.side,
        "margin_mode": position.margin_mode,
        **figures,
        **values,
    }
