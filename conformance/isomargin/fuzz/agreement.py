"""Whether two engines answer alike, so that the formulas need not be asked.

Working an expectation out costs many times what an engine takes to answer. Where the
subject answers as an engine does that keeps the rules, nothing need be worked out.
"""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

from isomargin.drive import Outcome, Quantities, Trace
from isomargin.drive.outcomes import Step
from isomargin.judge.grade import number_of
from isomargin.rulebook.events import names_of

__all__ = ["alike"]

_HAIR = Fraction(1, 10**9)
_RELATIVE = Fraction(1, 10**13)


def alike(own: Outcome, other: Outcome, decisive: Mapping[str, bool]) -> bool:
    """Say whether all that one answer shows, another shows too.

    Args:
        own: the subject's answer; what it leaves out is not asked for.
        other: the answer of an engine that keeps the rules.
        decisive: event to whether it is decisive; others may be left out throughout.
    """
    if own == other:
        return isinstance(own, (Quantities, Trace))
    if isinstance(own, Quantities) and isinstance(other, Quantities):
        return _figures_alike(own.values, other.values)
    if isinstance(own, Trace) and isinstance(other, Trace):
        ever = {name for step in own.steps for name in names_of(step.events)}
        judged = {name for name in decisive if decisive[name] or name in ever}
        return len(own.steps) == len(other.steps) and all(
            _steps_alike(mine, theirs, judged)
            for mine, theirs in zip(own.steps, other.steps, strict=True)
        )
    return False


def _steps_alike(own: Step, other: Step, judged: Collection[str]) -> bool:
    return (
        (own.outcome, own.reason) == (other.outcome, other.reason)
        and _events_alike(own, other, judged)
        and _states_alike(own.state, other.state)
    )


def _events_alike(own: Step, other: Step, judged: Collection[str]) -> bool:
    if own.events == other.events:
        return True
    mine, theirs = (
        [event for event in step.events if event["event"] in judged]
        for step in (own, other)
    )
    return names_of(mine) == names_of(theirs) and all(
        _details_alike(one, another) for one, another in zip(mine, theirs, strict=True)
    )


def _details_alike(own: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(_near(own[name], other[name]) for name in own.keys() & other.keys())


def _states_alike(own: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if own == other:
        return True
    balances = other.get("balances", {})
    return all(
        _figures_alike(figures, balances.get(asset, {}))
        for asset, figures in own.get("balances", {}).items()
    ) and _positions_alike(own.get("positions"), other.get("positions", ()))


def _positions_alike(
    own: Sequence[Mapping[str, Any]] | None, other: Sequence[Mapping[str, Any]]
) -> bool:
    if own is None:
        return True
    mine, theirs = _by_key(own), _by_key(other)
    return (
        len(own) == len(other)
        and mine.keys() == theirs.keys()
        and all(_figures_alike(mine[key], theirs[key]) for key in mine)
    )


def _by_key(positions: Sequence[Mapping[str, Any]]) -> dict[Any, Mapping[str, Any]]:
    return {(one.get("instrument"), one.get("side")): one for one in positions}


def _figures_alike(own: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(
        name in other and _near(figure, other[name]) for name, figure in own.items()
    )


def _near(one: object, other: object) -> bool:
    if one == other:
        return True
    mine, theirs = number_of(one), number_of(other)
    if mine is None or theirs is None:
        return False
    return abs(mine - theirs) <= max(_HAIR, abs(theirs) * _RELATIVE)
