"""Turns that many changes share: a check waived, a choice forced, cash conjured up."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from isomargin_reference import ledger
from isomargin_reference.errors import Reason, Refused
from isomargin_reference.ledger import Key
from isomargin_reference.numbers import ONE
from isomargin_reference.position import SIDES, Position
from isomargin_reference.state import Holding, State

__all__ = [
    "CENTS",
    "DUST",
    "UNLIMITED",
    "accepted_for",
    "altered",
    "contract_with",
    "cut",
    "forced",
    "forced_in",
    "free",
    "holding",
    "margin",
    "open_keys",
    "richer",
    "shifted",
    "under",
    "unmoved",
    "waived",
    "with_margin",
]

UNLIMITED = Decimal(10) ** 30
DUST = ONE.scaleb(-18)
CENTS = Decimal("0.01")

Body = Callable[..., Any]
Thing = TypeVar("Thing")


def altered(thing: Thing, **fields: Any) -> Thing:
    """Return a frozen object of the engine with some fields changed."""
    # The engine keeps some as named tuples and some as dataclasses.
    altering: Body = getattr(thing, "_replace", partial(replace, thing))  # type: ignore[type-var]
    changed: Thing = altering(**fields)
    return changed


def open_keys(state: State) -> list[Key]:
    """Return the open positions in the order of the instruments, long before short."""
    keys = [(symbol, side) for symbol in state.venue.instruments for side in SIDES]
    return [key for key in keys if key in state.holdings]


def waived(reason: Reason) -> Body:
    """Return a `refuse_unless` that never refuses for one reason."""

    def refuse_unless(real: Body, holds: Any, why: Reason) -> None:
        if why is not reason:
            real(holds, why)

    return refuse_unless


def accepted_for(*reasons: Reason) -> Body:
    """Return an action that does nothing where it should refuse for a reason."""

    def action(real: Body, state: State, *rest: Any) -> Any:
        try:
            return real(state, *rest)
        except Refused as refusal:
            if refusal.reason in reasons:
                return state
            raise

    return action


def forced(**choices: str) -> Body:
    """Return a formula of a profile that takes some choices for granted."""
    return lambda real, profile, *rest: real(altered(profile, **choices), *rest)


def forced_in(**choices: str) -> Body:
    """Return an action or settlement that takes some choices for granted."""

    def act(real: Body, state: State, *rest: Any, **named: Any) -> State:
        lent = under(state, **choices)
        after: State = real(lent, *rest, **named)
        # A state that nothing acted on is known by being the same.
        return state if after is lent else after._replace(venue=state.venue)

    return act


def contract_with(kinds: tuple[str, ...], **fields: Body) -> Body:
    """Return an `instrument_from` whose contracts have other formulas.

    Args:
        kinds: the kinds of contract that have them.
        fields: a formula of `Contract` to what stands for it, called with it first.
    """

    def instrument_from(real: Body, source: Mapping[str, Any], *rest: Any) -> Any:
        instrument = real(source, *rest)
        if source["contract"] not in kinds:
            return instrument
        formulas = {
            name: partial(formula, getattr(instrument.contract, name))
            for name, formula in fields.items()
        }
        changed: Any = altered(instrument.contract, **formulas)
        return altered(instrument, contract=changed)

    return instrument_from


def under(state: State, **choices: str) -> State:
    """Return the state under a profile some choices of which are forced."""
    profile = altered(state.profile, **choices)
    return state._replace(venue=altered(state.venue, profile=profile))


def cut(figure: Decimal, quantum: Decimal = CENTS) -> Decimal:
    """Return a figure cut off to a multiple of a quantum, towards zero."""
    return figure - figure % quantum


def unmoved(real: Body, state: State, *rest: Any, **named: Any) -> State:
    """Stand for an action or settlement, and do nothing."""
    return state


def free(state: State, key: Key) -> ledger.Bucket:
    """Return the bucket of the free balance that a position settles in."""
    return ledger.free_balance(state.settle(key))


def margin(state: State, key: Key) -> ledger.Bucket:
    """Return the bucket of a position's allocation."""
    return ledger.isolated_margin(state.settle(key), key)


def shifted(state: State, source: str, target: str, key: Key, amount: Decimal) -> State:
    """Return the state with an amount moved between two buckets named."""
    buckets = {
        "free_balance": free(state, key),
        "isolated_margin": margin(state, key),
        "insurance_fund": ledger.insurance_fund(state.settle(key)),
        "counterparty": ledger.counterparty(state.settle(key)),
        "fees": ledger.fees(state.settle(key)),
        "external": ledger.external(state.settle(key)),
    }
    return state.moved(buckets[source], buckets[target], amount)


def richer(amount: Callable[..., Decimal]) -> Body:
    """Return an opening that is checked as if the free balance held an amount more."""

    def opened(real: Body, state: State, key: Key, *rest: Any, **named: Any) -> State:
        more = amount(state, key, *rest, **named)
        lent = shifted(state, "external", "free_balance", key, more)
        after: State = real(lent, key, *rest, **named)
        return shifted(after, "free_balance", "external", key, more)

    return opened


def with_margin(position: Position, amount: Decimal) -> Position:
    """Return an isolated position with another allocation."""
    return (
        altered(position, isolated_margin=amount) if position.is_isolated else position
    )


def holding(state: State, key: Key, **fields: Any) -> State:
    """Return the state with something else held in an open position."""
    held: Holding = altered(state.holdings[key], **fields)
    return state.holding(key, held)
