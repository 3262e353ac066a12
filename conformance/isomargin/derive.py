"""What the formulas say of a case, in the shape the wire gives an answer in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isomargin.errors import RulebookError
from isomargin.formulas import World, quote_scope, run
from isomargin.formulas.observe import observed, text
from isomargin.formulas.quote import reported
from isomargin.formulas.scope import Derived
from isomargin.formulas.world import Rules
from isomargin.rulebook.events import details_of, has_details, names_of
from isomargin.rulebook.model import Case

__all__ = [
    "MISSING",
    "Derivation",
    "Expectation",
    "derive",
    "expectations",
    "found",
    "parameters_of",
]

Path = tuple[str | int, ...]

MISSING = object()
"""Stands for what an answer does not tell."""


@dataclass(frozen=True)
class Derivation:
    """What the formulas say of a case.

    Attributes:
        answer: values of a quote, or the steps of a trace, as on the wire.
        rules: ids of every rule applied, in the order of their first use.
        trails: the definitions worked out, for a quote once, for a trace per step.
        choices: the parameters of the profile that were looked at.
    """

    answer: Any
    rules: tuple[str, ...]
    trails: tuple[Sequence[Derived], ...]
    choices: frozenset[str]


@dataclass(frozen=True)
class Expectation:
    """One expected value of a case.

    Attributes:
        path: where it stands in the case's core.
        expected: the value written there.
        step: the step's index; None in a quote.
        place: `outcome`, `reason`, `events` (the names of those listed), `all events`
            (likewise, where details are stated), `event` (a detail of one), `position`,
            `account` or `value`.
        key: the instrument and side, the asset, or the event's place and name.
        name: the quantity, or the detail.
    """

    path: Path
    expected: Any
    step: int | None
    place: str
    key: tuple[str, ...] = ()
    name: str = ""


def parameters_of(case: Case, rules: Rules) -> dict[str, Any]:
    """Return the parameters a case runs under: the profile's, and its own.

    Raises:
        RulebookError: the case names a profile that does not exist.
    """
    profile = rules.rulebook.profiles.get(case.profile)
    if profile is None:
        raise RulebookError(f"unknown profile {case.profile!r}", case.where)
    return {**profile.parameters, **case.overrides}


def derive(case: Case, rules: Rules) -> Derivation:
    """Work a case out by the formulas alone.

    Raises:
        RulebookError: the case or a rule cannot be worked out.
    """
    parameters = parameters_of(case, rules)
    if case.is_quote:
        return _quote(case, rules, parameters)
    return _scenario(case, rules, parameters)


def _quote(case: Case, rules: Rules, parameters: Mapping[str, Any]) -> Derivation:
    trail: list[Derived] = []
    scope = quote_scope(rules, case.core["quote"], parameters, trail)
    names = dict.fromkeys(one.name for one in expectations(case, alternatives=True))
    values = {name: text(reported(scope, name)) for name in names}
    used = _distinct(one.rule.id for one in trail)
    choices = frozenset(scope.world.choices_used)
    return Derivation(values, used, (trail,), choices)


def _scenario(case: Case, rules: Rules, parameters: Mapping[str, Any]) -> Derivation:
    given = case.core["given"]
    world = World(rules, parameters, given["instruments"])
    every = expectations(case, alternatives=True)
    wanted = tuple({one.name for one in every if one.place == "position" and one.name})
    steps, used, trails = [], [], []
    for outcome in run(world, given["balances"], case.core["steps"]):
        names = tuple(name for name in wanted if name not in _WORDS)
        state = observed(world, outcome.state, names, outcome.trail)
        steps.append(
            {
                "outcome": "accepted" if outcome.accepted else "rejected",
                "reason": outcome.reason,
                "events": [_written(event) for event in outcome.events],
                "state": state,
            }
        )
        used += [*outcome.rules, *(one.rule.id for one in outcome.trail)]
        trails.append(outcome.trail)
    choices = frozenset(world.choices_used)
    return Derivation(steps, _distinct(used), tuple(trails), choices)


_WORDS = frozenset({"instrument", "side", "margin_mode"})


def _written(event: Mapping[str, Any]) -> dict[str, Any]:
    return {name: text(value) for name, value in event.items()}


def _distinct(ids: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


def expectations(case: Case, *, alternatives: bool = False) -> Iterator[Expectation]:
    """Yield every expected value of a case.

    Args:
        case: the case.
        alternatives: whether those of permitted alternatives are among them.
    """
    if case.is_quote:
        quote = case.core["quote"]
        yield from _of_quote(("quote", "expect"), quote["expect"])
        for at, expect in _any_of(("quote",), quote, when=alternatives):
            yield from _of_quote(at, expect)
        return
    for index, step in enumerate(case.core["steps"]):
        of_step, expect = ("steps", index, "expect"), step.get("expect", {})
        yield from _of_step(case, of_step, step, expect)
        for at, one in _any_of(of_step, expect, when=alternatives):
            yield from _of_step(case, at, step, one)


def _any_of(
    at: Path, holder: Mapping[str, Any], *, when: bool
) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the permitted alternatives, each with where it stands."""
    for number, one in enumerate(holder.get("any_of", ()) if when else ()):
        expect = {name: value for name, value in one.items() if name != "rule"}
        yield (*at, "any_of", number), expect


def _of_quote(at: Path, expect: Mapping[str, Any]) -> Iterator[Expectation]:
    for name, value in expect.items():
        yield Expectation((*at, name), value, None, "value", (), name)


def _of_step(
    case: Case, at: Path, step: Mapping[str, Any], expect: Mapping[str, Any]
) -> Iterator[Expectation]:
    index, given = int(at[1]), step["with"]
    for place in ("outcome", "reason"):
        if place in expect:
            yield Expectation((*at, place), expect[place], index, place)
    if "events" in expect:
        yield from _of_events((*at, "events"), expect["events"], index)
    key = (given.get("instrument", ""), given.get("position_side", ""))
    if "position" in expect:
        yield from _of_position((*at, "position"), expect["position"], index, key)
    for number, one in enumerate(expect.get("positions", ())):
        key = (one["instrument"], one.get("side", ""))
        rest = {
            name: value
            for name, value in one.items()
            if name not in {"instrument", "side"}
        }
        yield from _of_position((*at, "positions", number), rest, index, key)
    accounts = dict(expect.get("accounts", {}))
    for asset, values in accounts.items():
        for name, value in values.items():
            path = (*at, "accounts", asset, name)
            yield Expectation(path, value, index, "account", (asset,), name)
    for name, value in expect.get("account", {}).items():
        asset = given.get("asset") or _settle(case, given.get("instrument"))
        yield Expectation(
            (*at, "account", name), value, index, "account", (asset,), name
        )


def _of_events(at: Path, events: Sequence[Any], index: int) -> Iterator[Expectation]:
    place = "all events" if has_details(events) else "events"
    yield Expectation(at, names_of(events), index, place)
    for number, (name, event) in enumerate(zip(names_of(events), events, strict=True)):
        for detail, value in details_of(event).items():
            path, key = (*at, number, detail), (str(number), name)
            yield Expectation(path, value, index, "event", key, detail)


def _of_position(
    at: Path,
    values: Any,
    index: int,
    key: tuple[str, ...],
) -> Iterator[Expectation]:
    if values is None:
        yield Expectation(at, None, index, "position", key)
        return
    for name, value in values.items():
        yield Expectation((*at, name), value, index, "position", key, name)


def _settle(case: Case, symbol: str | None) -> str:
    instruments = case.core["given"]["instruments"]
    settles = {one["symbol"]: str(one["settle"]) for one in instruments}
    return settles.get(symbol or "", next(iter(settles.values())))


def found(expectation: Expectation, answer: Any) -> Any:
    """Return what an answer says where a case expects something, or MISSING.

    A position expected to be None is found as None when none is open, and as the
    position when one is.
    """
    if expectation.step is None:
        return answer.get(expectation.name, MISSING)
    step = answer[expectation.step]
    if expectation.place in {"events", "all events"}:
        return names_of(step["events"])
    if expectation.place == "event":
        return _in_events(expectation, step["events"])
    if expectation.place in {"outcome", "reason"}:
        return step.get(expectation.place)
    if expectation.place == "account":
        return _in_account(expectation, step["state"])
    return _in_position(expectation, step["state"].get("positions", ()))


def _in_events(expectation: Expectation, events: Sequence[Mapping[str, Any]]) -> Any:
    """Return a detail of the event at a place, where that is the event expected."""
    number, name = int(expectation.key[0]), expectation.key[1]
    told = events[number] if number < len(events) else {"event": None}
    return told.get(expectation.name, MISSING) if told["event"] == name else MISSING


def _in_account(expectation: Expectation, state: Mapping[str, Any]) -> Any:
    """Return a figure of an asset: among its balances, or under the figure's name."""
    (asset,), name = expectation.key, expectation.name
    balances = state.get("balances", {}).get(asset, {})
    return balances.get(name, state.get(name, {}).get(asset, MISSING))


def _in_position(
    expectation: Expectation, positions: Sequence[Mapping[str, Any]]
) -> Any:
    symbol, side = expectation.key
    matching = [
        one
        for one in positions
        if one["instrument"] == symbol and (not side or one["side"] == side)
    ]
    position = matching[0] if matching else None
    if not expectation.name:
        return position
    return MISSING if position is None else position.get(expectation.name, MISSING)
