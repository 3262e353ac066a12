"""What scenarios came to, and where two of them came to something else."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from isomargin.drive import Trace
from isomargin.judge.grade import number_of

__all__ = [
    "HAIR",
    "accepted",
    "equal",
    "figures_of",
    "figures_of_instrument",
    "final_state",
    "is_liquidated",
    "unlike",
]

State = Mapping[str, Any]

HAIR = Fraction(1, 10**9)
_RELATIVE = Fraction(1, 10**14)
_LIQUIDATIONS = frozenset({"liquidation", "partial_liquidation"})


def accepted(*traces: Trace | None) -> bool:
    """Say whether every action of some scenarios was accepted."""
    return all(
        trace and all(step.outcome == "accepted" for step in trace.steps)
        for trace in traces
    )


def final_state(trace: Trace) -> State:
    """Return the state after the last action."""
    return trace.steps[-1].state


def figures_of(state: State) -> dict[str, Any]:
    """Return every figure of a state by the place it stands at."""
    found = {
        f"{asset}.{name}": figure
        for asset, figures in state.get("balances", {}).items()
        for name, figure in figures.items()
    }
    for position in state.get("positions", ()):
        found |= _of_position(position)
    return found


def _of_position(position: Mapping[str, Any]) -> dict[str, Any]:
    where = f"{position.get('instrument')}.{position.get('side')}"
    return {f"{where}.{name}": figure for name, figure in position.items()}


def figures_of_instrument(state: State, symbol: str) -> dict[str, Any]:
    """Return every figure of the positions in an instrument."""
    figures = figures_of(state)
    return {name: figures[name] for name in figures if name.startswith(f"{symbol}.")}


def unlike(
    first: Mapping[str, Any], second: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """Yield each figure that differs by more than a hair."""
    for name in {**first, **second}:
        one, other = first.get(name), second.get(name)
        if not equal(one, other):
            yield name, one, other


def equal(one: Any, other: Any) -> bool:
    """Say whether two figures differ by no more than a hair."""
    if one == other:
        return True
    mine, theirs = number_of(one), number_of(other)
    if mine is None or theirs is None:
        return False
    return abs(mine - theirs) <= max(HAIR, abs(theirs) * _RELATIVE)


def is_liquidated(trace: Trace) -> bool:
    """Say whether anything was liquidated on the way."""
    events = (event["event"] for step in trace.steps for event in step.events)
    return not _LIQUIDATIONS.isdisjoint(events)
