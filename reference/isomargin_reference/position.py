"""A position as the formulas see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from isomargin_reference.inputs import (
    choice,
    optional_number,
    optional_positive,
    positive,
    required,
)
from isomargin_reference.instrument import Instrument
from isomargin_reference.numbers import ONE, ZERO, Ratio, divided
from isomargin_reference.profile import Profile

__all__ = [
    "MARGIN_MODES",
    "OPPOSITE",
    "SIDES",
    "SIGN",
    "Position",
    "Shared",
    "position_from",
]

MARGIN_MODES = ("isolated", "cross")
SIDES = ("long", "short")
SIGN: Mapping[str, Decimal] = {"long": ONE, "short": -ONE}
OPPOSITE: Mapping[str, str] = {"long": "short", "short": "long"}


class Position(NamedTuple):
    """An open position, its prices, and the cash allocated to it.

    Attributes:
        instrument: what it is a position in.
        side: long or short.
        quantity: above zero, in units of quantity.
        entry_price: its mean price of entry.
        leverage: the leverage in force.
        margin_mode: isolated or cross.
        mark_price: what its value and gain are measured at.
        index_price: None where never published.
        last_price: None where never published.
        settlement_price: what gain is counted from; None where it is the entry price.
        predicted_funding_rate: what it is expected to pay next, a rate on its value,
            where that is part of the maintenance margin rate; otherwise zero.
        isolated_margin: cash allocated, settle asset; zero for a cross position.
    """

    instrument: Instrument
    side: str
    quantity: Decimal
    entry_price: Decimal
    leverage: Decimal
    margin_mode: str
    mark_price: Decimal
    index_price: Decimal | None = None
    last_price: Decimal | None = None
    settlement_price: Decimal | None = None
    predicted_funding_rate: Decimal = ZERO
    isolated_margin: Decimal = ZERO

    @property
    def sign(self) -> Decimal:
        """+1 for a long, −1 for a short."""
        return SIGN[self.side]

    @property
    def size(self) -> Decimal:
        """Quantity × contract_size."""
        return self.quantity * self.instrument.contract_size

    @property
    def is_isolated(self) -> bool:
        """Whether it stands on an allocation of its own."""
        return self.margin_mode == "isolated"

    @property
    def gain_price(self) -> Decimal:
        """The price gain is counted from: of the last settlement, else of entry."""
        return self.settlement_price or self.entry_price

    def value(self, price: Decimal) -> Ratio:
        """Return the position's value at a price, settle asset, undivided."""
        instrument = self.instrument
        each = instrument.contract.value(instrument.contract_size, price)
        return each.times(self.quantity)

    def notional(self, price: Decimal) -> Decimal:
        """Return the position's value at a price, settle asset, kept."""
        return divided(*self.value(price))


@dataclass(frozen=True)
class Shared:
    """What a cross position shares with others of its settle asset.

    Attributes:
        free_balance: cash allocated to no isolated position.
        others: the other cross positions of the asset.
    """

    free_balance: Decimal = ZERO
    others: tuple[Position, ...] = ()


def position_from(
    source: Mapping[str, Any], instrument: Instrument, profile: Profile, where: str
) -> Position:
    """Return the position a mapping of decimal strings describes, without margin.

    Its leverage is 1 where none is given, as an instrument's before any is set. A
    `settlement_price` counts only where `unrealised_pnl_price` is settlement, a
    `predicted_funding_rate` only where `maintenance_funding` is predicted.

    Raises:
        InvalidInput: naming the field that is missing or malformed.
    """
    entry_price = positive(source, "entry_price", where)
    settlement_price = optional_positive(source, "settlement_price", where)
    settles = profile.unrealised_pnl_price == "settlement"
    funding_rate = optional_number(source, "predicted_funding_rate", where) or ZERO
    predicts = profile.maintenance_funding == "predicted"
    return Position(
        instrument=instrument,
        side=choice(required(source, "side", where), SIDES, f"{where}.side"),
        quantity=positive(source, "quantity", where),
        entry_price=entry_price,
        leverage=optional_positive(source, "leverage", where) or ONE,
        margin_mode=choice(
            source.get("margin_mode", "isolated"), MARGIN_MODES, f"{where}.margin_mode"
        ),
        mark_price=optional_positive(source, "mark_price", where) or entry_price,
        index_price=optional_number(source, "index_price", where),
        last_price=optional_number(source, "last_price", where),
        settlement_price=settlement_price if settles else None,
        predicted_funding_rate=funding_rate if predicts else ZERO,
    )
