"""Faults of what events tell: the cash moves as it should, the account reads otherwise.

Every change but the last few is of one event at a time, at the place where the engine
notes it.
"""

from collections.abc import Callable
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_faulty.turns import altered
from isomargin_reference.account import position_at
from isomargin_reference.engine import Step
from isomargin_reference.events import Event
from isomargin_reference.margin import unrealised_pnl
from isomargin_reference.numbers import ZERO
from isomargin_reference.position import OPPOSITE
from isomargin_reference.state import State

__all__ = ["CHANGES"]

_TOLD = "state:State.told"
_AFTER = "engine:after"

Telling = Callable[[State, Event], Event]


def _of(*names: str, **details: Callable[[State, Event], Any]) -> Any:
    """Return a note of events of which those of these names tell other details."""

    def told(real: Any, state: State, event: Event) -> State:
        if event.event not in names:
            return real(state, event)  # type: ignore[no-any-return]
        changed = {name: detail(state, event) for name, detail in details.items()}
        return real(state, event._replace(**changed))  # type: ignore[no-any-return]

    return told


def _size(_: State, event: Event) -> Any:
    return abs(event.amount or ZERO)


def _reversed(_: State, event: Event) -> Any:
    return -(event.amount or ZERO)


def _held(state: State, event: Event) -> Any:
    return state.holdings[event.instrument or "", event.side or ""].quantity


def _remaining(state: State, event: Event) -> Any:
    return _held(state, event) - (event.quantity or ZERO)


def _mark_price(state: State, event: Event) -> Any:
    return state.published(event.instrument or "").mark


def _entry_price(state: State, event: Event) -> Any:
    return state.holdings[event.instrument or "", event.side or ""].entry_price


def _stop_price(state: State, event: Event) -> Any:
    return state.holdings[event.instrument or "", event.side or ""].stop_loss


def _quote_asset(_: State, event: Event) -> Any:
    """Return what an instrument is quoted in, as its symbol says."""
    return (event.instrument or "-").split("-")[1]


def _first_instrument(state: State, event: Event) -> Any:
    return next((symbol for symbol, _ in state.holdings), event.instrument)


def _loss(state: State, event: Event) -> Any:
    if event.amount is None:
        return None
    position = position_at(state, (event.instrument or "", event.side or ""))
    return -unrealised_pnl(position, position.mark_price)


def _margin(state: State, event: Event) -> Any:
    return state.isolated_margin((event.instrument or "", event.side or ""))


def _other_side(_: State, event: Event) -> Any:
    return OPPOSITE[event.side or ""]


def _less_its_fee(real: Any, state: State, close: Any, bucket: Any) -> State:
    after: State = real(state, close, bucket)
    return after._replace(
        events=tuple(
            each._replace(amount=(each.amount or ZERO) - close.fee)
            if each.event == "realised_pnl" and place >= len(state.events)
            else each
            for place, each in enumerate(after.events)
        )
    )


def _with_nothing(real: Any, state: State, key: Any, *rest: Any, **named: Any) -> State:
    after: State = real(state, key, *rest, **named)
    if after.events != state.events:
        return after
    return after.told(Event("realised_pnl", *key, state.settle(key), ZERO, **named))


def _in_halves(real: Any, state: State, event: Event) -> State:
    if event.event != "fee" or event.amount is None:
        return real(state, event)  # type: ignore[no-any-return]
    half = event._replace(amount=event.amount / 2)
    return real(real(state, half), half)  # type: ignore[no-any-return]


def _without(name: str) -> Any:
    def told(real: Any, state: State, event: Event) -> State:
        return state if event.event == name else real(state, event)

    return told


def _as_another(name: str, instead: str, sign: int) -> Any:
    """Return a note of one event as another, of the amount with a sign."""

    def told(real: Any, state: State, event: Event) -> State:
        if event.event != name or event.amount is None:
            return real(state, event)  # type: ignore[no-any-return]
        changed = event._replace(event=instead, amount=sign * event.amount)
        return real(state, changed)  # type: ignore[no-any-return]

    return told


def _retold(change: Callable[[tuple[Event, ...]], tuple[Event, ...]]) -> Any:
    """Return an action after which its events are told otherwise."""

    def after(real: Any, *given: Any) -> Step:
        step: Step = real(*given)
        return altered(step, events=change(step.events))

    return after


def _fees_first(events: tuple[Event, ...]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda each: each.event != "fee"))


def _on_the_last_side(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Return the events of a flip on the side that it opens."""
    if len({each.instrument for each in events}) != 1 or not events[-1].side:
        return events
    flips = any(each.event == "margin_allocated" for each in events)
    side = events[-1].side
    return tuple(each._replace(side=side) for each in events) if flips else events


def _netted(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Return the payments of a hedge as one."""
    paid = [each for each in events if each.event == "funding"]
    if len(paid) < 2:  # noqa: PLR2004 - a hedge has two
        return events
    net = sum((each.amount or ZERO for each in paid), ZERO)
    others = tuple(each for each in events if each not in paid)
    return (paid[0]._replace(amount=net), *others)


CHANGES = (
    Change("fee-told-as-received", _TOLD, _of("fee", amount=_reversed)),
    Change("funding-told-unsigned", _TOLD, _of("funding", amount=_size)),
    Change("gain-told-unsigned", _TOLD, _of("realised_pnl", amount=_size)),
    Change("gain-told-less-its-fee", "settlement:_settled", _less_its_fee),
    Change(
        "amounts-told-in-the-quote-asset",
        _TOLD,
        _of("fee", "realised_pnl", asset=_quote_asset),
    ),
    Change("gain-told-at-mark-price", _TOLD, _of("realised_pnl", price=_mark_price)),
    Change("gain-told-at-entry-price", _TOLD, _of("realised_pnl", price=_entry_price)),
    Change(
        "gain-told-of-what-remains", _TOLD, _of("realised_pnl", quantity=_remaining)
    ),
    Change("gain-told-of-all-there-was", _TOLD, _of("realised_pnl", quantity=_held)),
    Change(
        "event-told-of-the-first-instrument",
        _TOLD,
        _of("fee", "margin_allocated", "margin_released", instrument=_first_instrument),
    ),
    Change("funding-told-of-the-other-side", _TOLD, _of("funding", side=_other_side)),
    Change("flip-told-on-its-new-side", _AFTER, _retold(_on_the_last_side)),
    Change("fee-told-in-halves", _TOLD, _in_halves),
    Change("gain-of-nothing-told", "settlement:gain_realised", _with_nothing),
    Change("liquidation-tells-the-loss", _TOLD, _of("liquidation", amount=_loss)),
    Change(
        "part-liquidated-told-as-what-remains",
        _TOLD,
        _of("partial_liquidation", quantity=_remaining),
    ),
    Change("stop-told-at-its-price", _TOLD, _of("stop_loss", price=_stop_price)),
    Change("what-the-fund-gets-not-told", _TOLD, _without("insurance_fund_received")),
    Change(
        "what-the-fund-pays-told-as-received",
        _TOLD,
        _as_another("insurance_fund_paid", "insurance_fund_received", 1),
    ),
    Change(
        "release-told-as-allocation-below-zero",
        _TOLD,
        _as_another("margin_released", "margin_allocated", -1),
    ),
    Change(
        "margin-told-instead-of-what-was-added",
        _TOLD,
        _of("margin_added", "auto_margin_added", amount=_margin),
    ),
    Change("fees-told-first", _AFTER, _retold(_fees_first)),
    Change("payments-of-a-hedge-told-as-one", _AFTER, _retold(_netted)),
)
