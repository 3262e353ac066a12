"""The events that a case lists for a step: each a name, or a name with its details."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["Listed", "details_of", "event_quantities", "has_details", "names_of"]

Listed = str | Mapping[str, Any]
"""An event as a case lists it: its name, or an object with `event` and details."""


def names_of(events: Iterable[Listed]) -> list[str]:
    """Return the names of events, as a case lists them or an engine tells them."""
    return [one if isinstance(one, str) else one["event"] for one in events]


def details_of(event: Listed) -> Mapping[str, Any]:
    """Return what a case states of an event beside its name."""
    if isinstance(event, str):
        return {}
    return {name: value for name, value in event.items() if name != "event"}


def has_details(events: Sequence[Listed]) -> bool:
    """Say whether details are stated of any of the events, which then are all."""
    return not all(isinstance(one, str) for one in events)


def event_quantities(names: Iterable[str]) -> frozenset[str]:
    """Return what a subject declares that tells events, and what of them.

    Such as `event.fee`, `event.amount`: it may leave neither out.

    Args:
        names: the names of the events there are.
    """
    return frozenset(f"event.{name}" for name in (*_DETAILS, *names))


_DETAILS = ("instrument", "side", "asset", "amount", "price", "quantity")
