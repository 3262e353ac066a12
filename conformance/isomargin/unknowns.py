"""What rests on a choice of which a profile says nothing, and so is not judged.

Where nothing was seen for a choice, the profile says so and holds the textbook's
value, so that it can be worked out at all. A figure rests on such a choice where
another value of it would make the figure another one: that is found out by trying.
Each choice is tried in the world in which it first comes into view, the others as
they stand there; two that move a figure only together, though each is in view from
the start, are not found out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from isomargin.derive import MISSING, Derivation, Expectation, derive, expectations
from isomargin.derive import found as found_in
from isomargin.formulas.world import Rules
from isomargin.rulebook.model import Case

__all__ = [
    "Place",
    "Resting",
    "not_judged",
    "place_of",
    "resting",
    "resting_of_case",
]

Place = tuple[int | None, str]
"""A step's index, None in a quote, and what is looked at there, as a finding has it."""

Resting = Mapping[Place, tuple[str, ...]]
"""What rests on unknown choices, and on which."""

Work = Callable[[Mapping[str, Any]], tuple[Mapping[Any, Any], AbstractSet[str]]]


def not_judged(profile: str, choices: Sequence[str]) -> str:
    """Return why something is not judged: which profile says nothing of what."""
    return f"{profile} says nothing of {', '.join(choices)}"


def resting(
    work: Work, unknown: Mapping[str, Any], parameters: Mapping[str, Any]
) -> dict[Any, tuple[str, ...]]:
    """Return what rests on unknown choices, and on which.

    Args:
        work: returns figures and the choices looked at for them, under changes.
        unknown: the unknown choices and the values that stand for them.
        parameters: parameter to the values it may take.
    """
    found: dict[Any, dict[str, None]] = {}
    tried: set[str] = set()
    worlds: list[tuple[Mapping[str, Any], Mapping[Any, Any], AbstractSet[str]]]
    worlds = [({}, *work({}))]
    while worlds:
        changes, figures, looked_at = worlds.pop()
        for name in sorted((looked_at & unknown.keys()) - tried):
            tried.add(name)
            for value in _others(parameters[name], unknown[name]):
                world = {**changes, name: value}
                moved, seen = work(world)
                worlds.append((world, moved, seen))
                for place in figures:
                    if moved.get(place, MISSING) != figures[place]:
                        found.setdefault(place, {})[name] = None
    return {place: tuple(names) for place, names in found.items()}


def resting_of_case(case: Case, rules: Rules) -> Resting:
    """Return what a case looks at that rests on choices its profile says nothing of.

    Args:
        case: the case; what it sets itself is known.
        rules: the rulebook's formulas.

    Raises:
        RulebookError: the case cannot be worked out.
    """
    held = rules.rulebook.profiles[case.profile].unknown
    if not held:
        return {}
    unknown = {name: held[name] for name in held.keys() - case.overrides.keys()}
    if not unknown:
        return {}

    def work(
        changes: Mapping[str, Any],
    ) -> tuple[Mapping[Place, Any], AbstractSet[str]]:
        own = {**case.overrides, **changes}
        derivation = derive(replace(case, overrides=own), rules)
        return dict(_figures(case, derivation, rules)), derivation.choices

    return resting(work, unknown, rules.rulebook.parameters)


def _others(allowed: Any, value: Any) -> list[Any]:
    """Return the other values of a parameter; a number has none that could be tried."""
    return [one for one in allowed if one != value] if isinstance(allowed, list) else []


def _figures(
    case: Case, derivation: Derivation, rules: Rules
) -> Iterator[tuple[Place, Any]]:
    """Yield all that may be compared with an answer, and what the formulas say."""
    every = list(expectations(case, alternatives=True))
    if not case.is_quote:
        listed = [one for one in every if one.place in {"events", "all events"}]
        expected = {name for one in listed for name in one.expected}
        decisive = {
            name for name, is_so in rules.rulebook.machine.events.items() if is_so
        }
        yield from _conduct(derivation.answer, decisive | expected)
    for one in every:
        if one.place == "position":
            bare = replace(one, name="")
            yield place_of(bare), found_in(bare, derivation.answer) is None
        if one.name:
            yield place_of(one), found_in(one, derivation.answer)


def _conduct(
    steps: Sequence[Mapping[str, Any]], telling: AbstractSet[str]
) -> Iterator[tuple[Place, Any]]:
    """Yield what is looked at in each step, whether or not a case says so."""
    for index, step in enumerate(steps):
        events = [one["event"] for one in step["events"] if one["event"] in telling]
        yield (index, "outcome"), step["outcome"]
        yield (index, "reason"), step["reason"]
        yield (index, "events"), events
        yield (index, "positions"), not step["state"]["positions"]


def place_of(one: Expectation) -> Place:
    """Return where a finding would stand that is about an expectation."""
    if one.place == "event":
        return one.step, f"events[{one.key[0]}].{one.name}"
    holder = next((str(part) for part in one.path if part in _HOLDERS), "")
    named = one.key if holder in {"positions", "accounts"} else ()
    conduct = "" if holder or one.place == "value" else one.place.removeprefix("all ")
    return one.step, ".".join(filter(None, (holder, *named, conduct, one.name)))


_HOLDERS = ("position", "positions", "account", "accounts")
