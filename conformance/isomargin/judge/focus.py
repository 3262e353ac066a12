"""What a law is looked at from: an asset, an action's position, an event's position.

- `each step`: every asset of the scenario.
- `each position`: every position open after the step.
- an action: the position in its instrument; in hedge mode the one on its
  `position_side`, or without one each that is open before or after.
- an event: the position it names. In hedge mode an event that names no side means
  the position open before, where there is only one.

A step in which several decisive events happen does not show what each of them did;
laws that come after one of them are not judged in it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from isomargin.judge.moment import Market, Moment
from isomargin.judge.observed import NotObserved

__all__ = ["Focus", "foci"]


@dataclass(frozen=True)
class Focus:
    """Where a law is looked at from.

    Attributes:
        asset: the asset of `before.wallet_balance` and its like.
        instrument: the symbol; None where no position is meant.
        side: long or short; None for whichever there is.
        event: the event's own figures.
        fault: why the position cannot be told, or an empty text.
    """

    asset: str | None
    instrument: str | None = None
    side: str | None = None
    event: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""


def foci(
    occasion: str, moment: Moment, market: Market, decisive: Mapping[str, bool]
) -> Iterator[Focus]:
    """Yield what a law is looked at from in one step.

    Args:
        occasion: why it is looked at, one of the law's `after`: the step's action,
            an event, `each step` or `each position`.
        moment: the step.
        market: the scenario's instruments and assets.
        decisive: event to whether it is decisive.
    """
    if occasion in _EACH:
        yield from _EACH[occasion](moment, market)
    elif occasion in decisive:
        yield from _of_events(occasion, moment, market, decisive)
    else:
        yield from _of_action(moment, market)


def _of_step(_moment: Moment, market: Market) -> Iterator[Focus]:
    return map(Focus, market.assets)


def _of_positions(moment: Moment, market: Market) -> Iterator[Focus]:
    for position in moment.after.positions or ():
        symbol = position["instrument"]
        yield Focus(market.settle(symbol), symbol, position["side"])


_EACH: Mapping[str, Callable[[Moment, Market], Iterator[Focus]]] = {
    "each step": _of_step,
    "each position": _of_positions,
}


def _of_action(moment: Moment, market: Market) -> Iterator[Focus]:
    symbol = moment.given.get("instrument")
    asset = moment.given.get("asset") or market.settle(symbol)
    if not moment.hedge:
        yield Focus(asset, symbol)
        return
    side = moment.given.get("position_side")
    sides = [side] if side else _open_sides(moment, symbol)
    for each in sides or [None]:
        yield Focus(asset, symbol, each)


def _open_sides(moment: Moment, symbol: str | None) -> list[str | None]:
    """Return the sides on which a position is open before or after, long first."""
    return sorted(
        {
            position["side"]
            for observed in (moment.before, moment.after)
            for position in observed.positions or ()
            if position["instrument"] == symbol
        }
    )


def _of_events(
    name: str, moment: Moment, market: Market, decisive: Mapping[str, bool]
) -> Iterator[Focus]:
    events = moment.step.events
    crowd = sum(bool(decisive.get(event["event"])) for event in events) > 1
    for event in events:
        if event["event"] == name:
            symbol = event.get("instrument") or moment.given.get("instrument")
            side, fault = _side(event, moment, symbol)
            if crowd and decisive[name]:
                fault = "which of several events did what"
            yield Focus(market.settle(symbol), symbol, side, event, fault)


def _side(
    event: Mapping[str, Any], moment: Moment, symbol: str | None
) -> tuple[str | None, str]:
    """Return the side an event is about, and why it cannot be told."""
    if not moment.hedge or event.get("side"):
        return (event.get("side") if moment.hedge else None), ""
    try:
        (position,) = moment.before.matching(symbol)
    except (ValueError, NotObserved):
        return None, "the side of an event"
    return position["side"], ""
