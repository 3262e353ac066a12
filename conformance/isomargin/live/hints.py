"""Why an exchange's figures are not its profile's: what would make them agree."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from isomargin.editions import editions_of, product_of
from isomargin.judge import Edition
from isomargin.judge.grade import PASSING
from isomargin.live.figures import LiveFigure
from isomargin.live.positions import Held, Judging
from isomargin.other_edition import rests_on_a_choice
from isomargin.rulebook.model import Choice, Profile

__all__ = ["fitting_choice", "fitting_edition"]

_Figures = Sequence[LiveFigure]


def fitting_edition(judging: Judging, readings: Sequence[Held]) -> Edition | None:
    """Return the newest other edition by which every figure agrees, or None."""
    rules = judging.rules
    found = judging.judged(readings)
    here = {rule for one in found for rule in one.rules}
    product = product_of(judging.profile.id)
    for profile in reversed(editions_of(product, rules.rulebook)):
        there = judging.by(profile).judged(readings)
        if profile.id != judging.profile.id and _agree(there, found):
            new = dict.fromkeys(rule for one in there for rule in one.rules)
            moved = (rule for rule in new if rule not in here)
            return Edition(
                profile.id,
                profile.effective_from,
                tuple(rule for rule in moved if rests_on_a_choice(rule, rules)),
                tuple(_otherwise(profile, judging.profile)),
                "figures",
            )
    return None


def _otherwise(profile: Profile, other: Profile) -> Iterator[str]:
    """Yield the parameters that two profiles choose differently."""
    values = other.parameters
    for name, value in profile.parameters.items():
        if value != values[name]:
            yield name


def fitting_choice(
    judging: Judging, readings: Sequence[Held]
) -> tuple[str, str] | None:
    """Return the one choice, and its value, with which every figure would agree.

    None where there is no such choice, or more than one: then it would be a guess.
    """
    found = judging.judged(readings)
    wrong = [one for one in found if one.grade == "off"]
    names = dict.fromkeys(name for one in wrong for name in one.choices)
    fitting = [
        (name, value)
        for name in names
        for value, profile in _others(judging, name)
        if _agree(judging.by(profile).judged(readings), found)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _others(judging: Judging, name: str) -> Iterator[tuple[str, Profile]]:
    """Yield each other value of a choice, and the profile that would make it."""
    values = judging.rules.rulebook.parameters[name]
    profile = judging.profile
    for value in values if isinstance(values, list) else ():
        if value != profile.choices[name].value:
            choices = {**profile.choices, name: Choice(value)}
            yield value, replace(profile, choices=choices)


def _agree(there: _Figures, here: _Figures) -> bool:
    """Say whether every figure that was judged here is judged there, and agrees."""
    agreeing = {(one.quantity, one.field) for one in there if one.grade in PASSING}
    return all((one.quantity, one.field) in agreeing for one in here if one.grade)
