"""Figures as a venue prints them."""  # noqa: INP001 - beside a program

import re
from decimal import Decimal

from isomargin_adapter import NotANumber, decimal_string

EXPONENT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")


def figure(raw: object) -> str | None:
    """Return a figure as a decimal string; None where there is none.

    The digits are kept as they are printed: how many there are says how far the
    figure was rounded.
    """
    text = "" if raw is None or isinstance(raw, bool) else str(raw).strip()
    if EXPONENT.fullmatch(text):
        text = format(Decimal(text), "f")
    try:
        return _unsigned(decimal_string(text)) if text else None
    except NotANumber:
        return None


def _unsigned(text: str | None) -> str | None:
    return "0" if text in ("-0", None) else text
