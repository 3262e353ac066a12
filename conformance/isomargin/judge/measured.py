"""Numbers that are known only so far, and what follows from them.

An engine prints a figure with so many decimals, or rounded by its profile, so the
figure behind it is less than a *slack* away. Laws are judged on figures with their
slack: sums and products carry it along, and two numbers that their slack cannot
tell apart count as equal. So an equality holds between printed figures, an order
that is met by a hair is met, and one that is strict is missed by a hair as well;
what is truly wrong is wrong by more than was rounded away.

The slack of an observed figure is one quantum of its profile's rounding; without
one, a unit of its last decimal (1e-8 to 1e-18, as in `grade`). A subject of binary
arithmetic has 1e-9 of the figure besides, and never less than 1e-8. Figures that
the case gives have none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from isomargin.judge.grade import Owner, Precision, unit_of
from isomargin.judge.observed import NotObserved

__all__ = ["Measured", "slack_of"]

_BINARY_RELATIVE = Fraction(1, 10**9)
_BINARY_LEAST = Fraction(1, 10**8)
_NONE = Fraction(0)


def slack_of(
    precision: Precision, name: str, text: str, value: Fraction, owner: Owner
) -> Fraction:
    """Return how far the figure behind a printed one may be from it.

    Args:
        precision: the profile's rounding and the subject's arithmetic.
        name: the quantity.
        text: the figure as it was printed.
        value: the same as a number.
        owner: the position the figure is one of.
    """
    rounding = precision.rounding_of(name, owner)
    slack = rounding.quantum if rounding else unit_of(text)
    if precision.binary:
        slack = max(slack, abs(value) * _BINARY_RELATIVE, _BINARY_LEAST)
    return slack


@dataclass(frozen=True, eq=False)
class Measured:
    """A number, and how far from it the true one may be.

    Attributes:
        value: the number.
        slack: the true one is less than this away; zero when it is exact.
    """

    value: Fraction
    slack: Fraction

    # What is equal within its slack is so to many, which no hash can follow.
    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: object) -> "Measured":
        return _joined(self, other, _sum)

    def __radd__(self, other: object) -> "Measured":
        return _joined(other, self, _sum)

    def __sub__(self, other: object) -> "Measured":
        return _joined(self, other, _difference)

    def __rsub__(self, other: object) -> "Measured":
        return _joined(other, self, _difference)

    def __mul__(self, other: object) -> "Measured":
        return _joined(self, other, _product)

    def __rmul__(self, other: object) -> "Measured":
        return _joined(other, self, _product)

    def __truediv__(self, other: object) -> "Measured":
        return _joined(self, other, _quotient)

    def __rtruediv__(self, other: object) -> "Measured":
        return _joined(other, self, _quotient)

    def __neg__(self) -> "Measured":
        return Measured(-self.value, self.slack)

    def __abs__(self) -> "Measured":
        return Measured(abs(self.value), self.slack)

    def __bool__(self) -> bool:
        return self.value != 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Measured, Fraction)):
            return NotImplemented
        number = _measured(other)
        distance = abs(self.value - number.value)
        return distance == 0 or distance < self.slack + number.slack

    def __lt__(self, other: object) -> bool:
        return self != other and self.value < _measured(other).value

    def __le__(self, other: object) -> bool:
        return self == other or self.value < _measured(other).value

    def __gt__(self, other: object) -> bool:
        return self != other and self.value > _measured(other).value

    def __ge__(self, other: object) -> bool:
        return self == other or self.value > _measured(other).value


def _joined(
    left: object, right: object, join: Callable[[Measured, Measured], Measured]
) -> Measured:
    return join(_measured(left), _measured(right))


def _measured(number: Any) -> Measured:
    return number if isinstance(number, Measured) else Measured(number, _NONE)


def _sum(left: Measured, right: Measured) -> Measured:
    return Measured(left.value + right.value, left.slack + right.slack)


def _difference(left: Measured, right: Measured) -> Measured:
    return Measured(left.value - right.value, left.slack + right.slack)


def _product(left: Measured, right: Measured) -> Measured:
    most = abs(right.value) + right.slack
    slack = abs(left.value) * right.slack + most * left.slack
    return Measured(left.value * right.value, slack)


def _quotient(left: Measured, right: Measured) -> Measured:
    nearest_to_zero = abs(right.value) - right.slack
    if nearest_to_zero <= 0:
        raise NotObserved("a divisor that can be told from zero")
    value = left.value / right.value
    return Measured(value, (left.slack + abs(value) * right.slack) / nearest_to_zero)
