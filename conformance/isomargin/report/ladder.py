"""The price ladder of a case: entry, mark, liquidation, bankruptcy, drawn to scale.

Heights are whole numbers, worked out from exact prices.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from isomargin.derive import parameters_of
from isomargin.formulas import PositionScope, World, quote_scope, run
from isomargin.formulas.numbers import NotCanonical, decimal_text, exact
from isomargin.formulas.quote import reported
from isomargin.formulas.world import Rules
from isomargin.rulebook.model import Case

__all__ = ["HEIGHT", "Ladder", "Rung", "ladder"]

HEIGHT = 260
_TOP, _BOTTOM = 26, 234
_LEAST_GAP = 34
_SHARED = ("entry_price", "mark_price")
_OWN = ("liquidation_price", "bankruptcy_price")


@dataclass(frozen=True)
class Rung:
    """One price.

    Attributes:
        name: the quantity.
        price: a decimal string.
        height: where its line lies, in units from the top.
        label: where its words stand, apart from their neighbours'.
        differs: the engine's and the rulebook's are not the same.
    """

    name: str
    price: str
    height: int
    label: int
    differs: bool = False


@dataclass(frozen=True)
class Ladder:
    """The prices that matter to a position.

    Attributes:
        side: long or short.
        ours: the rulebook's prices; entry and mark are the case's own.
        theirs: the engine's, as far as it showed them.
    """

    side: str
    ours: tuple[Rung, ...]
    theirs: tuple[Rung, ...]

    def height(self, name: str) -> int | None:
        """Return where one of the rulebook's prices lies; None without it."""
        return next((rung.height for rung in self.ours if rung.name == name), None)


def ladder(
    case: Case, rules: Rules, step: int | None, findings: Iterable[Mapping[str, Any]]
) -> Ladder | None:
    """Return the ladder of a case at a step.

    Args:
        case: the case.
        rules: the rulebook's formulas.
        step: index of the step of a scenario; None for a quote.
        findings: what the judge compared in the case.

    Returns:
        None where no position is open, or its prices would be a single line.
    """
    side, ours = _of_quote(case, rules) if step is None else _at(case, rules, step)
    theirs = _observed(findings, step)
    prices = {*ours.values(), *theirs.values()}
    if len(prices) < 2:  # noqa: PLR2004 - a scale needs two
        return None
    scale = _Scale(min(prices), max(prices))
    return Ladder(side, scale.rungs(ours, theirs), scale.rungs(theirs, ours))


class _Scale:
    """Where a price lies between the lowest and the highest."""

    def __init__(self, lowest: Fraction, highest: Fraction) -> None:
        self.highest = highest
        self.unit = (_BOTTOM - _TOP) / (highest - lowest)

    def height(self, price: Fraction) -> int:
        return _TOP + round((self.highest - price) * self.unit)

    def rungs(
        self, prices: Mapping[str, Fraction], others: Mapping[str, Fraction]
    ) -> tuple[Rung, ...]:
        names = sorted(prices, key=lambda name: -prices[name])
        heights = [self.height(prices[name]) for name in names]
        labels = _apart(heights)
        return tuple(
            Rung(
                name,
                decimal_text(prices[name]),
                height,
                label,
                others.get(name, prices[name]) != prices[name],
            )
            for name, height, label in zip(names, heights, labels, strict=True)
        )


def _apart(heights: Sequence[int]) -> list[int]:
    """Return heights, from the top down, moved until no two are too near."""
    labels = list(heights)
    for above, below in pairwise(range(len(labels))):
        labels[below] = max(labels[below], labels[above] + _LEAST_GAP)
    if labels and labels[-1] > _BOTTOM:
        labels[-1] = _BOTTOM
        for above, below in reversed(list(pairwise(range(len(labels))))):
            labels[above] = min(labels[above], labels[below] - _LEAST_GAP)
    return labels


def _of_quote(case: Case, rules: Rules) -> tuple[str, dict[str, Fraction]]:
    scope = quote_scope(rules, case.core["quote"], parameters_of(case, rules))
    side: str = case.core["quote"]["position"]["side"]
    return side, _prices(scope, (*_SHARED, *_OWN))


def _at(case: Case, rules: Rules, step: int) -> tuple[str, dict[str, Fraction]]:
    """Return the prices after a step or, where it closed the position, before."""
    given, steps = case.core["given"], case.core["steps"][: step + 1]
    world = World(rules, parameters_of(case, rules), given["instruments"])
    states = [outcome.state for outcome in run(world, given["balances"], steps)]
    for state in reversed(states[-2:]):
        for key in state.positions:
            if key[0] == steps[-1]["with"].get("instrument", key[0]):
                prices = _prices(PositionScope(world, state, key), (*_SHARED, *_OWN))
                mark = states[-1].setting(key[0])["mark_price"]
                return "long" if key[1] > 0 else "short", {**prices, "mark_price": mark}
    return "", {}


def _prices(scope: PositionScope, names: Iterable[str]) -> dict[str, Fraction]:
    found = {name: reported(scope, name) for name in names}
    return {name: price for name, price in found.items() if price is not None}


def _observed(
    findings: Iterable[Mapping[str, Any]], step: int | None
) -> dict[str, Fraction]:
    """Return the engine's prices, shown by themselves or with a whole position."""
    prices = {}
    for finding in findings:
        path, actual = finding["path"], finding["actual"]
        shown = actual if isinstance(actual, Mapping) else {path: actual}
        for name, price in shown.items() if finding["step"] == step else ():
            with suppress(NotCanonical):
                prices[name.rpartition(".")[2]] = exact(price)
    return {name: price for name, price in prices.items() if name in _OWN}
