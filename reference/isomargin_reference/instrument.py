"""An instrument: its contract, steps, fees and tiers."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from isomargin_reference.contract import CONTRACTS, Contract
from isomargin_reference.errors import InvalidInput
from isomargin_reference.inputs import (
    choice,
    number,
    optional_number,
    optional_positive,
    required,
)
from isomargin_reference.numbers import ONE, ZERO
from isomargin_reference.profile import Profile

__all__ = ["Instrument", "Tier", "instrument_from"]


@dataclass(frozen=True)
class Tier:
    """One step of the ladder of maintenance margin.

    Attributes:
        notional_floor: notional value at which the tier begins, settle asset.
        maintenance_margin_rate: rate on the notional value.
        maintenance_amount: deduction, settle asset.
        max_leverage: highest leverage the tier admits; None where unlimited.
    """

    notional_floor: Decimal
    maintenance_margin_rate: Decimal
    maintenance_amount: Decimal
    max_leverage: Decimal | None


@dataclass(frozen=True)
class Instrument:
    """What is traded.

    Attributes:
        symbol: its name.
        contract: how quantity and price make value and gain.
        contract_size: size of one unit of quantity.
        settle: the asset of margin, fees and gain.
        tick_size: step of prices, None where there is none.
        quantity_step: step of quantities, None where there is none.
        fees: rates by "maker", "taker", "liquidation".
        tiers: in rising order, never empty.
    """

    symbol: str
    contract: Contract
    contract_size: Decimal
    settle: str
    tick_size: Decimal | None
    quantity_step: Decimal | None
    fees: Mapping[str, Decimal]
    tiers: tuple[Tier, ...]

    @property
    def taker_rate(self) -> Decimal:
        """The fee rate of taking, on the value traded."""
        return self.fees["taker"]

    @property
    def highest_leverage(self) -> Decimal | None:
        """The highest leverage of any tier, None where one is unlimited."""
        highest = ZERO
        for tier in self.tiers:
            if tier.max_leverage is None:
                return None
            highest = max(highest, tier.max_leverage)
        return highest


_FREE_OF_REQUIREMENT = Tier(ZERO, ZERO, ZERO, None)
_LIQUIDITIES = ("maker", "taker", "liquidation")


def instrument_from(source: Mapping[str, Any], profile: Profile) -> Instrument:
    """Return the instrument a mapping of decimal strings describes.

    Fees absent are zero; without tiers nothing is required and leverage unlimited.
    Its contract is valued as the profile says.

    Raises:
        InvalidInput: naming the field that is missing or malformed.
    """
    symbol = str(required(source, "symbol", "instrument"))
    where = f"instrument {symbol}"
    kind = choice(required(source, "contract", where), CONTRACTS, f"{where}.contract")
    return Instrument(
        symbol=symbol,
        contract=CONTRACTS[kind](profile.contract_value_quantum),
        contract_size=optional_positive(source, "contract_size", where) or ONE,
        settle=str(required(source, "settle", where)),
        tick_size=optional_positive(source, "tick_size", where),
        quantity_step=optional_positive(source, "quantity_step", where),
        fees=_fees(source.get("fees") or {}, f"{where}.fees"),
        tiers=_tiers(source.get("tiers") or (), where),
    )


def _fees(source: Mapping[str, Any], where: str) -> Mapping[str, Decimal]:
    return {name: optional_number(source, name, where) or ZERO for name in _LIQUIDITIES}


def _tiers(sources: tuple[Mapping[str, Any], ...], where: str) -> tuple[Tier, ...]:
    if not sources:
        return (_FREE_OF_REQUIREMENT,)
    tiers = tuple(
        _tier(source, f"{where}.tiers[{index}]") for index, source in enumerate(sources)
    )
    ladder = tuple(sorted(tiers, key=lambda tier: tier.notional_floor))
    if ladder[0].notional_floor < 0 or any(
        lower.notional_floor == upper.notional_floor
        for lower, upper in pairwise(ladder)
    ):
        raise InvalidInput(
            f"{where}.tiers: each tier needs its own notional_floor, not below zero"
        )
    return ladder


def _tier(source: Mapping[str, Any], where: str) -> Tier:
    return Tier(
        notional_floor=number(source, "notional_floor", where),
        maintenance_margin_rate=number(source, "maintenance_margin_rate", where),
        maintenance_amount=optional_number(source, "maintenance_amount", where) or ZERO,
        max_leverage=optional_number(source, "max_leverage", where),
    )
