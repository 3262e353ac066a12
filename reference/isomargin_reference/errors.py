"""Everything that can go wrong, and whose fault it is.

- `InvalidInput`: the question is malformed (the asker's fault).
- `Refused`: the machine declines an action, for a `Reason` (nobody's fault).
- `BooksOutOfBalance`: cash appeared or vanished (this engine's fault).
"""

from enum import StrEnum

__all__ = ["BooksOutOfBalance", "InvalidInput", "Reason", "Refused"]


class InvalidInput(ValueError):
    """A question that cannot be read; the message says which field and why."""


class Reason(StrEnum):
    """The closed list of reasons for which an action is refused."""

    AUTO_ADD_MARGIN_NOT_OFFERED = "AUTO_ADD_MARGIN_NOT_OFFERED"
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    INVALID_AMOUNT = "INVALID_AMOUNT"
    INVALID_LEVERAGE = "INVALID_LEVERAGE"
    INVALID_POSITION_SIDE = "INVALID_POSITION_SIDE"
    INVALID_PRICE = "INVALID_PRICE"
    INVALID_QUANTITY = "INVALID_QUANTITY"
    LEVERAGE_LOCKED = "LEVERAGE_LOCKED"
    LEVERAGE_TOO_HIGH = "LEVERAGE_TOO_HIGH"
    MARGIN_MODE_LOCKED = "MARGIN_MODE_LOCKED"
    MARGIN_MODE_NOT_OFFERED = "MARGIN_MODE_NOT_OFFERED"
    MARGIN_NOT_REMOVABLE = "MARGIN_NOT_REMOVABLE"
    NOT_ISOLATED = "NOT_ISOLATED"
    POSITION_MODE_LOCKED = "POSITION_MODE_LOCKED"
    POSITION_NOT_FOUND = "POSITION_NOT_FOUND"
    REDUCE_ONLY_WOULD_INCREASE = "REDUCE_ONLY_WOULD_INCREASE"
    UNKNOWN_INSTRUMENT = "UNKNOWN_INSTRUMENT"
    WOULD_LIQUIDATE = "WOULD_LIQUIDATE"


class Refused(Exception):
    """An action the machine declines; the state before it stands unchanged."""

    def __init__(self, reason: Reason) -> None:
        """Give the `reason`."""
        super().__init__(reason.value)
        self.reason = reason


class BooksOutOfBalance(Exception):
    """The buckets of a ledger do not sum to zero, or money was left behind."""
