"""What happened within a step."""

from decimal import Decimal
from typing import NamedTuple

__all__ = ["ACTS", "EVENTS", "Event"]

EVENTS = (
    "fee",
    "funding",
    "realised_pnl",
    "margin_allocated",
    "margin_released",
    "margin_added",
    "margin_removed",
    "auto_margin_added",
    "partial_liquidation",
    "liquidation",
    "stop_loss",
    "take_profit",
    "insurance_fund_received",
    "insurance_fund_paid",
)

ACTS = frozenset({"liquidation", "partial_liquidation", "stop_loss", "take_profit"})
"""What acts on a position by itself, and is told also where it moves nothing."""


class Event(NamedTuple):
    """One thing that happened; a field that does not apply is None.

    Attributes:
        event: one of `EVENTS`.
        instrument: symbol of the instrument concerned.
        side: side of the position concerned.
        asset: the asset of the amount.
        amount: cash moved. A `fee`, `funding` or `insurance_fund_paid` above zero is
            paid by the account, the account and the fund; a `realised_pnl` above zero
            is a gain; the `liquidation` of an isolated position gives its allocation.
        price: the price that something closed at.
        quantity: how much closed.
    """

    event: str
    instrument: str | None = None
    side: str | None = None
    asset: str | None = None
    amount: Decimal | None = None
    price: Decimal | None = None
    quantity: Decimal | None = None

    def as_mapping(self) -> dict[str, str | Decimal]:
        """Return the fields that apply, by name."""
        values = self._asdict()
        return {name: value for name, value in values.items() if value is not None}
