"""Arithmetic on symbols: the few operations a solver must offer, and z3's.

What may not exist is `Maybe`: a value, and the condition
under which there is one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import z3

__all__ = ["Algebra", "Maybe", "orders"]


@dataclass(frozen=True)
class Maybe:
    """A value that exists under a condition.

    Attributes:
        exists: True, or the condition.
        value: the value, meaningless where it does not exist.
    """

    exists: Any
    value: Any


@dataclass(frozen=True)
class Algebra:
    """The operations that a translation of expressions needs.

    Attributes:
        symbol: returns the symbol of a name.
        number: returns a rational.
        equal: returns the claim that two are equal.
        less: returns the claim that the first is less.
        both: returns the claim that all of some claims hold.
        either: returns the claim that one of some claims holds.
        contrary: returns the claim that a claim does not hold.
        choice: returns the second where a claim holds, else the third.
    """

    symbol: Callable[[str], Any]
    number: Callable[[Fraction], Any]
    equal: Callable[[Any, Any], Any]
    less: Callable[[Any, Any], Any]
    both: Callable[[Sequence[Any]], Any]
    either: Callable[[Sequence[Any]], Any]
    contrary: Callable[[Any], Any]
    choice: Callable[[Any, Any, Any], Any]

    def lifted(self, value: Any) -> Any:
        """Return a rational as a number of the algebra; anything else as it is."""
        return self.number(value) if isinstance(value, Fraction) else value


orders = Algebra(
    symbol=z3.Real,
    number=lambda value: z3.Q(value.numerator, value.denominator),
    equal=lambda left, right: left == right,
    less=lambda left, right: left < right,
    both=z3.And,
    either=z3.Or,
    contrary=z3.Not,
    choice=z3.If,
)
"""Real arithmetic in z3."""
