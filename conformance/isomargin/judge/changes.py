"""Whether an account changed: every figure shown both before and after."""

from collections.abc import Iterator, Mapping
from typing import Any

from isomargin.judge.grade import number_of
from isomargin.judge.observed import NotObserved, Observed

__all__ = ["changes"]


def changes(before: Observed, after: Observed) -> dict[str, Any]:
    """Return every figure that differs, by name, as it was before and after.

    A figure that is shown only before or only after says nothing, except that a
    position opened or closed. Numbers are compared as they are printed, without
    slack: an engine that did nothing prints the same again.

    Raises:
        NotObserved: no balance and no list of positions is shown both times.
    """
    first, second = dict(_figures(before)), dict(_figures(after))
    if not first.keys() & second.keys():
        raise NotObserved("changed")
    found: dict[str, Any] = {}
    for name in first.keys() & second.keys():
        if not _same(first[name], second[name]):
            found |= {f"before.{name}": first[name], f"after.{name}": second[name]}
    return dict(sorted(found.items()))


def _same(first: object, second: object) -> bool:
    numbers = number_of(first), number_of(second)
    return first == second or (None not in numbers and numbers[0] == numbers[1])


def _figures(observed: Observed) -> Iterator[tuple[str, Any]]:
    for asset, figures in observed.state.get("balances", {}).items():
        yield from _flat(asset, figures)
    if observed.positions is not None:
        yield "positions", sorted(map(_name, observed.positions))
        for position in observed.positions:
            yield from _flat(_name(position), position)


def _flat(path: str, figures: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in figures.items():
        yield f"{path}.{name}", value


def _name(position: Mapping[str, Any]) -> str:
    return f"{position['instrument']} {position['side']}"
