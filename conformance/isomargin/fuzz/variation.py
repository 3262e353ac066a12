"""Variations of a sequence: what is nearly the same, and costs next to nothing to draw.

To draw a step from the account as it stands the formulas carry out all that went
before. A variation leaves most steps as they are, so that what was drawn to the edge
stays near it, and is drawn without looking at the account.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from isomargin.formulas import exact
from isomargin.fuzz.figures import plain
from isomargin.fuzz.scope import Scope
from isomargin.rulebook.model import Case

__all__ = ["varied"]

Step = Mapping[str, Any]
Core = Mapping[str, Any]

_MOST = 3
_WORDS: Mapping[str, tuple[Any, ...]] = {
    "side": ("buy", "sell"),
    "margin_mode": ("isolated", "cross"),
    "position_mode": ("one_way", "hedge"),
    "position_side": ("long", "short"),
    "liquidity": ("maker", "taker"),
    "reduce_only": (True, False),
    "enabled": (True, False),
}
_FACTORS = ("2", "0.5", "3", "1.1", "0.9", "10", "-1")
_NUDGES = ("0.1", "-0.1", "0.0001", "-0.0001")
_MOVES = ("0.5", "0.8", "0.95", "1.05", "1.25", "2")
_RATES = ("0.001", "-0.001", "0.1", "-0.1")
_SIDES = {"long": "short", "short": "long"}


@dataclass(frozen=True)
class _Draw:
    """A sequence to vary, and what to vary it by."""

    random: Random
    scope: Scope
    case: Case

    @property
    def steps(self) -> list[Step]:
        return list(self.case.core["steps"])

    def with_steps(self, steps: list[Step]) -> Case:
        return replace(self.case, core={**self.case.core, "steps": steps})

    def place(self) -> int:
        return self.random.randrange(len(self.steps))


def varied(case: Case, random: Random, scope: Scope) -> Case:
    """Return a variation of a sequence that is without expectations.

    Args:
        case: the sequence.
        random: where chance comes from.
        scope: what the subject can be asked.
    """
    changes = _OF_QUOTE if case.is_quote else _OF_SCENARIO
    for _ in range(random.randint(1, _MOST)):
        if case.is_quote or case.core["steps"]:
            case = random.choice(changes)(_Draw(random, scope, case))
    return case


# Of a scenario


def _cut_short(draw: _Draw) -> Case:
    return draw.with_steps(draw.steps[: draw.place() + 1])


def _less_a_step(draw: _Draw) -> Case:
    steps = draw.steps
    if len(steps) > 1:
        del steps[draw.place()]
    return draw.with_steps(steps)


def _with_a_step_again(draw: _Draw) -> Case:
    steps = draw.steps
    steps.insert(draw.place() + 1, steps[draw.place()])
    return draw.with_steps(steps)


def _with_two_swapped(draw: _Draw) -> Case:
    steps, place = draw.steps, draw.place()
    steps[place - 1], steps[place] = steps[place], steps[place - 1]
    return draw.with_steps(steps)


def _with_a_move(draw: _Draw) -> Case:
    """Return it with a move of a price, or a funding, put in."""
    steps = draw.steps
    priced = [step["with"] for step in steps if step["with"].get("price")]
    if not priced:
        return draw.case
    near = draw.random.choice(priced)
    price = _times(near["price"], draw.random.choice(_MOVES))
    made = {
        "set_mark_price": {"price": price},
        "apply_funding": {"funding_rate": draw.random.choice(_RATES)},
    }
    name = draw.random.choice(("set_mark_price", "set_mark_price", "apply_funding"))
    if name in draw.scope.actions:
        given = {"instrument": near["instrument"], **made[name]}
        steps.insert(draw.place() + 1, {"do": name, "with": given})
    return draw.with_steps(steps)


def _with_another_figure(draw: _Draw) -> Case:
    return _with_argument(draw, _is_figure, _another_figure)


def _with_another_word(draw: _Draw) -> Case:
    return _with_argument(draw, lambda name, _: name in _WORDS, _another_word)


def _with_argument(
    draw: _Draw,
    fits: Callable[[str, Any], bool],
    another: Callable[[Random, str, Any], Any],
) -> Case:
    """Return it with one argument of one step another."""
    steps, place = draw.steps, draw.place()
    given = steps[place]["with"]
    names = [name for name, value in given.items() if fits(name, value)]
    if not names:
        return draw.case
    name = draw.random.choice(names)
    changed = {**given, name: another(draw.random, name, given[name])}
    steps[place] = {**steps[place], "with": changed}
    return draw.with_steps(steps)


def _with_another_balance(draw: _Draw) -> Case:
    given = draw.case.core["given"]
    asset = draw.random.choice(list(given["balances"]))
    factor = draw.random.choice(("0.5", "0.1", "3"))
    balances = {**given["balances"], asset: _times(given["balances"][asset], factor)}
    core = {**draw.case.core, "given": {**given, "balances": balances}}
    return replace(draw.case, core=core)


def _with_another_parameter(draw: _Draw) -> Case:
    """Return it under a profile with another choice, where the subject reads them."""
    if not draw.scope.reads_parameters:
        return draw.case
    scope = draw.scope
    free = [name for name in scope.choices if name not in scope.held]
    if not free:
        return draw.case
    name = draw.random.choice(free)
    value = draw.random.choice(list(scope.choices[name]))
    return replace(draw.case, overrides={**draw.case.overrides, name: value})


# Of a quote


def _of_another_figure(draw: _Draw) -> Case:
    quote = draw.case.core["quote"]
    position = quote["position"]
    names = [name for name, value in position.items() if _is_figure(name, value)]
    name = draw.random.choice(names)
    factor = draw.random.choice([one for one in _FACTORS if one != "-1"])
    changed = {**position, name: _times(position[name], factor)}
    # A position has more than nothing, and leverage is no less than one.
    least = Fraction(1) if name == "leverage" else Fraction(1, 10_000)
    if exact(changed[name]) < least and name != "predicted_funding_rate":
        return draw.case
    return replace(draw.case, core={"quote": {**quote, "position": changed}})


def _of_the_other_side(draw: _Draw) -> Case:
    quote = draw.case.core["quote"]
    position = {**quote["position"], "side": _SIDES[quote["position"]["side"]]}
    return replace(draw.case, core={"quote": {**quote, "position": position}})


_OF_SCENARIO = (
    _cut_short,
    _less_a_step,
    _with_a_step_again,
    _with_two_swapped,
    _with_a_move,
    _with_a_move,
    _with_another_figure,
    _with_another_figure,
    _with_another_word,
    _with_another_balance,
    _with_another_parameter,
)
_OF_QUOTE = (_of_another_figure, _of_the_other_side, _with_another_parameter)


def _is_figure(_name: str, value: Any) -> bool:
    return isinstance(value, str) and value[-1:].isdigit()


def _another_figure(random: Random, _name: str, text: str) -> str:
    if random.random() < 0.5:  # noqa: PLR2004 - even chances
        return _times(text, random.choice(_FACTORS))
    return plain(exact(text) + Fraction(random.choice(_NUDGES)))


def _another_word(random: Random, name: str, _value: Any) -> Any:
    return random.choice(_WORDS[name])


def _times(text: str, factor: str) -> str:
    return plain(exact(text) * Fraction(factor))
