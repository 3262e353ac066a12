"""Reading what was asked: decimal strings, words from closed lists, flags."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from isomargin_reference.errors import InvalidInput

__all__ = [
    "choice",
    "flag",
    "number",
    "optional_number",
    "optional_positive",
    "positive",
    "required",
]

_GRAMMAR = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)

# Longer figures could outgrow the precision in which nothing is ever rounded.
_LONGEST = 60

_FLAGS = {"true": True, "yes": True, "false": False, "no": False}


def required(source: Mapping[str, Any], name: str, where: str) -> Any:
    """Return a field that must be there.

    Raises:
        InvalidInput: where it is missing.
    """
    if name not in source:
        raise InvalidInput(f"{where}.{name} is missing")
    return source[name]


def number(source: Mapping[str, Any], name: str, where: str) -> Decimal:
    """Return the decimal string in a field as a number.

    Raises:
        InvalidInput: where it is missing, no string, or not in the canonical grammar.
    """
    text = required(source, name, where)
    if not isinstance(text, str) or not _GRAMMAR.fullmatch(text):
        raise InvalidInput(
            f"{where}.{name}: {text!r} is not a decimal number; "
            "write a string of digits such as '0.5', without exponent, "
            "leading zeros or sign +"
        )
    if len(text) > _LONGEST:
        raise InvalidInput(
            f"{where}.{name}: a number of {len(text)} characters; "
            f"give at most {_LONGEST}"
        )
    return Decimal(text)


def optional_number(source: Mapping[str, Any], name: str, where: str) -> Decimal | None:
    """Return the number in a field, or None where it is absent or null."""
    return None if source.get(name) is None else number(source, name, where)


def positive(source: Mapping[str, Any], name: str, where: str) -> Decimal:
    """Return a number that must lie above zero.

    Raises:
        InvalidInput: as `number`, and where it is zero or below.
    """
    value = number(source, name, where)
    if value <= 0:
        raise InvalidInput(f"{where}.{name}: {value} must be above zero")
    return value


def optional_positive(
    source: Mapping[str, Any], name: str, where: str
) -> Decimal | None:
    """Return a number that must lie above zero, or None where it is absent or null."""
    return None if source.get(name) is None else positive(source, name, where)


def choice(value: object, choices: Collection[str], where: str) -> str:
    """Return a word of a closed list.

    Raises:
        InvalidInput: where the value is none of the choices.
    """
    if isinstance(value, str) and value in choices:
        return value
    raise InvalidInput(f"{where}: {value!r} is none of {', '.join(choices)}")


def flag(value: object, where: str) -> bool:
    """Return a flag given as a JSON boolean or as true, yes, false, no.

    Raises:
        InvalidInput: where it is neither.
    """
    if isinstance(value, bool):
        return value
    return _FLAGS[choice(value, _FLAGS, where)]
