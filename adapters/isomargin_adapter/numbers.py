"""Numbers on the wire are decimal strings; this is where they are written."""

import re
from decimal import Decimal
from fractions import Fraction

__all__ = ["NotANumber", "decimal_string"]

_GRAMMAR = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


class NotANumber(ValueError):
    """The engine gave something that no decimal string can say."""


def decimal_string(value: object) -> str | None:
    """Return a number of the engine's as the wire writes it.

    Args:
        value: an `int`, `Decimal`, `Fraction` with a finite decimal, a binary
            floating-point number, a string, or `None` for a quantity that does
            not exist.

    Returns:
        A decimal string without exponent, or `None`.

    Raises:
        NotANumber: for NaN, infinities, booleans and text that is no number.
    """
    if value is None:
        return None
    if isinstance(value, Decimal):
        return _written(value)
    text = _plain(value)
    if not _GRAMMAR.fullmatch(text):
        raise NotANumber(f"{value!r} is not a decimal number")
    return text


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        raise NotANumber(f"{value!r} is a flag, not a number")
    if isinstance(value, Fraction):
        return _finite_decimal(value)
    if isinstance(value, int):
        return _written(Decimal(value))
    # What is left is the engine's own number type; its shortest form that reads
    # back to the same number is the figure the engine means.
    try:
        return _written(Decimal(repr(getattr(value, "item", lambda: value)())))
    except ArithmeticError as error:
        raise NotANumber(f"{value!r} is not a number") from error


def _written(value: Decimal) -> str:
    if not value.is_finite():
        raise NotANumber(f"{value} is not a finite number")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _finite_decimal(value: Fraction) -> str:
    denominator, places = value.denominator, 0
    while 10**places % denominator:
        places += 1
        if places > denominator.bit_length():
            raise NotANumber(f"{value} has no finite decimal")
    # Decimal arithmetic would round to the context's precision; digits do not.
    digits = f"{abs(value.numerator) * (10**places // denominator):0{places + 1}d}"
    whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :]
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"
