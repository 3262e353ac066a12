"""A position as the formulas see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from isomargin_reference.inputs import choice, optional_number, positive, required
from isomargin_reference.instrument import Instrument
from isomargin_reference.numbers import ONE, ZERO, Ratio, divided

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


@dataclass(frozen=True, kw_only=True)
class Position:
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

    def value(self, price: Decimal) -> Ratio:
        """Return the position's value at a price, settle asset, undivided."""
        return self.instrument.contract.value(self.size, price)

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
    source: Mapping[str, Any], instrument: Instrument, where: str
) -> Position:
    """Return the position a mapping of decimal strings describes, without margin.

    Raises:
        InvalidInput: naming the field that is missing or malformed.
    """
    entry_price = positive(source, "entry_price", where)
    marked = source.get("mark_price") is not None
    return Position(
        instrument=instrument,
        side=choice(required(source, "side", where), SIDES, f"{where}.side"),
        quantity=positive(source, "quantity", where),
        entry_price=entry_price,
        leverage=positive(source, "leverage", where),
        margin_mode=choice(
            source.get("margin_mode", "isolated"), MARGIN_MODES, f"{where}.margin_mode"
        ),
        mark_price=positive(source, "mark_price", where) if marked else entry_price,
        index_price=optional_number(source, "index_price", where),
        last_price=optional_number(source, "last_price", where),
    )
