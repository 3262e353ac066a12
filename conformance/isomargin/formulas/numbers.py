"""Exact numbers: read from decimal strings, kept to 18 decimals, written again."""

import re
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any

__all__ = ["DECIMALS", "NotCanonical", "decimal_text", "exact", "kept", "rounded"]

DECIMALS = 18
_GRAMMAR = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_SCALE: int = 10**DECIMALS


class NotCanonical(ValueError):
    """A text that is no decimal string of the canonical grammar."""


def exact(text: str) -> Fraction:
    """Return the number a decimal string says.

    Raises:
        NotCanonical: the text is no canonical decimal string.
    """
    if not isinstance(text, str) or not _GRAMMAR.fullmatch(text):
        raise NotCanonical(f"{text!r} is not a decimal number such as 12.5")
    whole, _, decimals = text.partition(".")
    return Fraction(int(whole + decimals), 10 ** len(decimals))


def kept(value: Any) -> Any:
    """Return a number rounded half-even to 18 decimals; anything else as it is."""
    if not isinstance(value, Fraction) or _SCALE % value.denominator == 0:
        return value
    return Fraction(round(value * _SCALE), _SCALE)


def _half_up(value: Fraction) -> int:
    return floor(abs(value) + Fraction(1, 2)) * (1 if value > 0 else -1)


_WHOLE: dict[str, Callable[[Fraction], int]] = {
    "up": lambda value: ceil(value) if value > 0 else floor(value),
    "down": lambda value: floor(value) if value > 0 else ceil(value),
    "ceiling": ceil,
    "floor": floor,
    "half_even": round,
    "half_up": _half_up,
}


def rounded(value: Fraction, quantum: Fraction, mode: str) -> Fraction:
    """Return the multiple of a quantum that a rounding mode takes a value to.

    Args:
        value: the number.
        quantum: what the result is a multiple of.
        mode: up and down (from and towards zero), ceiling, floor, half_up, half_even.
    """
    return _WHOLE[mode](value / quantum) * quantum


def decimal_text(value: Fraction) -> str:
    """Return a number as a canonical decimal string, kept to 18 decimals."""
    scaled = round(value * _SCALE)
    sign = "-" if scaled < 0 else ""
    whole, decimals = divmod(abs(scaled), _SCALE)
    tail = f"{decimals:0{DECIMALS}d}".rstrip("0")
    return f"{sign}{whole}.{tail}" if tail else f"{sign}{whole}"
