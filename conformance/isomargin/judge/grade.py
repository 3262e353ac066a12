"""How near an observed figure is to the one expected.

Of two numbers, the first of these that applies is the grade:

- `exact`: they are equal; or the observed one, kept to 18 decimals as every
  quantity of the rulebook is, equals the expected one.
- `rounded`: the profile names a rounding of the quantity and the observed number
  is the expected one so rounded, or with the mode `any` less than a quantum from
  it. Where the profile names none, an engine may print as many decimals as it
  has, from eight on: the observed number is less than one unit of its own last
  decimal from the expected one, which is to say that it is the expected one
  rounded up, down or to the nearest there. Zeros at the end may be left out, so a
  number of fewer than eight decimals is taken as one of eight; and as no expected
  figure is known beyond its 18th decimal, none is finer than that.
- `float`: the subject's arithmetic is binary and they differ by 1e-12 of the
  expected number at the most.
- `off`: none of these.

What does not exist (null) and what was not observed are two things: a number for
what should not exist is `off`, and nothing at all is `not observed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from isomargin.formulas.numbers import NotCanonical, decimal_text, exact, kept, rounded
from isomargin.judge.observed import ABSENT

__all__ = ["PASSING", "Owner", "Precision", "Rounding", "grade", "number_of", "unit_of"]

PASSING = frozenset({"exact", "rounded", "float"})

Owner = tuple[str | None, str | None]
"""The instrument and side of the position that a figure is one of."""

_UNITS = {decimals: Fraction(1, 10**decimals) for decimals in range(8, 19)}
_RELATIVE = Fraction(1, 10**12)


@dataclass(frozen=True)
class Rounding:
    """How a profile reports a quantity: as a multiple of a quantum, by a mode."""

    quantum: Fraction
    mode: str


class Precision(NamedTuple):
    """What may lie between an expected and an observed figure.

    Attributes:
        binary: whether the subject's arithmetic is binary.
        rounding: the profile's rounding, by quantity.
        ticks: each instrument's tick size, by symbol; None where it has none.
    """

    binary: bool
    rounding: Mapping[str, Mapping[str, Any]]
    ticks: Mapping[str | None, str | None]

    def rounding_of(self, name: str, owner: Owner) -> Rounding | None:
        """Return the profile's rounding of a quantity of a position.

        None where the profile names none, or names a tick and the instrument has
        none: then the quantity is reported as it is.
        """
        rule = self.rounding.get(name)
        if rule is None:
            return None
        rule = {**rule, **rule.get(owner[1] or "", {})}
        quantum = rule["quantum"]
        if quantum == "tick":
            quantum = self.ticks.get(owner[0])
        return None if quantum is None else Rounding(exact(quantum), rule["mode"])


def grade(
    precision: Precision, name: str, expected: object, actual: object, owner: Owner
) -> tuple[str, str]:
    """Return the grade of an observed figure, and a note or an empty text.

    Args:
        precision: what may lie between the two.
        name: the quantity.
        expected: the value in the case; None for what does not exist.
        actual: the value observed; `ABSENT` where it was not.
        owner: the position the figure is one of.
    """
    if actual is ABSENT:
        return "not observed", ""
    if expected == actual:
        return "exact", ""
    wanted, given = number_of(expected), number_of(actual)
    if wanted is None or given is None:
        return "off", _existence(expected, actual)
    rounding = precision.rounding_of(name, owner)
    near = _near(wanted, given, unit_of(str(actual)), rounding, precision.binary)
    return near, _misrounded(wanted, given, rounding) if near == "off" else ""


def number_of(value: object) -> Fraction | None:
    """Return the number a text says, None where it says none."""
    return _number(value) if isinstance(value, str) else None


@lru_cache(maxsize=16_384)
def _number(text: str) -> Fraction | None:
    try:
        return exact(text)
    except NotCanonical:
        return None


def unit_of(text: str) -> Fraction:
    """Return one unit of a printed number's last decimal, between 1e-8 and 1e-18."""
    decimals = len(text.partition(".")[2])
    return _UNITS[min(max(decimals, 8), 18)]


def _existence(expected: object, actual: object) -> str:
    """Return what to say where one of two values does not exist."""
    if expected is None:
        return "it does not exist"
    return "it exists" if actual is None else ""


def _near(
    expected: Fraction,
    actual: Fraction,
    unit: Fraction,
    rounding: Rounding | None,
    binary: bool,  # noqa: FBT001 - private
) -> str:
    if expected in {actual, kept(actual)}:
        return "exact"
    if _is_rounded(expected, actual, unit, rounding):
        return "rounded"
    close = abs(actual - expected) <= abs(expected) * _RELATIVE
    return "float" if binary and close else "off"


def _is_rounded(
    expected: Fraction, actual: Fraction, unit: Fraction, rounding: Rounding | None
) -> bool:
    if rounding is None:
        return abs(actual - expected) < unit
    if rounding.mode == "any":
        return abs(actual - expected) < rounding.quantum
    return actual == rounded(expected, rounding.quantum, rounding.mode)


def _misrounded(expected: Fraction, actual: Fraction, rounding: Rounding | None) -> str:
    """Return what to say of a number that was rounded, but otherwise."""
    if rounding is None or abs(actual - expected) >= rounding.quantum:
        return ""
    quantum = decimal_text(rounding.quantum)
    return f"within {quantum}, but the profile's rounding is {rounding.mode}"
