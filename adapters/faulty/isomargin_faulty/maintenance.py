"""Faults of tiers, maintenance margin, its fee, and the margin ratio."""

from decimal import Decimal
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_faulty.turns import altered, forced
from isomargin_reference.instrument import Instrument, Tier
from isomargin_reference.margin import maintenance_margin, unrealised_pnl
from isomargin_reference.numbers import ZERO, Ratio, divided
from isomargin_reference.position import Position, Shared
from isomargin_reference.profile import Profile

__all__ = ["CHANGES"]


def _by_collateral(
    real: Any, profile: Profile, position: Position, price: Decimal
) -> int:
    size = divided(position.quantity, position.leverage)
    index: int = real(profile, altered(position, quantity=size), price)
    return index


def _by_quantity(
    real: Any, profile: Profile, position: Position, price: Decimal
) -> int:
    floors = [tier.notional_floor for tier in position.instrument.tiers[1:]]
    return sum(position.quantity > floor for floor in floors)


def _with_amounts(
    real: Any, profile: Profile, position: Position, price: Decimal
) -> Decimal:
    amounts = [
        altered(tier, maintenance_amount=-tier.maintenance_amount)
        for tier in position.instrument.tiers
    ]
    instrument = altered(position.instrument, tiers=tuple(amounts))
    figure: Decimal = real(profile, altered(position, instrument=instrument), price)
    return figure


def _of_margin(
    real: Any, profile: Profile, position: Position, price: Decimal
) -> Decimal:
    figure: Decimal = real(profile, position, price)
    value = position.notional(price)
    return divided(figure * position.isolated_margin, value) if value else figure


def _without_amount(real: Any, source: Any, where: str) -> Tier:
    tier: Tier = real(source, where)
    return altered(tier, maintenance_amount=ZERO)


def _unsigned(real: Any, profile: Profile, position: Position, price: Decimal) -> int:
    index: int = real(profile, position, price)
    return 0 if position.side == "short" else index


def _ratio_without_gain(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Decimal | None:
    if position.is_isolated and profile.margin_ratio_form == "maintenance_over_equity":
        demanded = real.__globals__["requirement"](
            profile, position, position.mark_price
        )
        margin = position.isolated_margin
        return divided(demanded, margin) if margin > 0 else None
    ratio: Decimal | None = real(profile, position, shared)
    return ratio


def _ratio_inverted(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Decimal | None:
    ratio: Decimal | None = real(profile, position, shared)
    return divided(Decimal(1), ratio) if ratio else ratio


def _ratio_over_entry(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Decimal | None:
    ratio: Decimal | None = real(profile, position, shared)
    if ratio is None or profile.margin_ratio_form != "equity_over_notional":
        return ratio
    equity = position.isolated_margin + unrealised_pnl(position, position.mark_price)
    return divided(equity, position.notional(position.entry_price))


def _ratio_below_zero(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Decimal | None:
    ratio: Decimal | None = real(profile, position, shared)
    return Decimal(0) if ratio is None else ratio


def _takers_as_makers(instrument: Instrument) -> Instrument:
    return altered(
        instrument, fees={**instrument.fees, "taker": instrument.fees["maker"]}
    )


CHANGES = (
    Change("tier-by-collateral", "tiers:tier_index", _by_collateral),
    Change("tier-by-quantity", "tiers:tier_index", _by_quantity),
    Change("tier-of-shorts-always-first", "tiers:tier_index", _unsigned),
    Change(
        "tier-always-the-last",
        "tiers:tier_index",
        lambda real, profile, position, price: len(position.instrument.tiers) - 1,
    ),
    Change(
        "tier-always-the-first",
        "tiers:tier_index",
        lambda real, profile, position, price: 0,
    ),
    Change(
        "tier-edge-in-the-upper-tier",
        "tiers:_REACHES[upper_inclusive]",
        lambda real, value, floor: value >= floor,
    ),
    Change(
        "tier-edge-in-the-lower-tier",
        "tiers:_REACHES[upper_exclusive]",
        lambda real, value, floor: value > floor,
    ),
    Change(
        "tier-at-entry-instead-of-price",
        "tiers:_LOOKED_UP_AT[liquidation]",
        lambda real, position, price: position.entry_price,
    ),
    Change(
        "tier-at-mark-instead-of-entry",
        "tiers:_LOOKED_UP_AT[entry]",
        lambda real, position, price: position.mark_price,
    ),
    Change(
        "tier-at-entry-instead-of-mark",
        "tiers:_LOOKED_UP_AT[mark]",
        lambda real, position, price: position.entry_price,
    ),
    Change("maintenance-amount-omitted", "instrument:_tier", _without_amount),
    Change("maintenance-amount-added", "margin:maintenance_margin", _with_amounts),
    Change(
        "maintenance-always-at-entry",
        "margin:maintenance_margin",
        forced(maintenance_margin_price="entry"),
    ),
    Change(
        "maintenance-always-at-mark",
        "margin:maintenance_margin",
        forced(maintenance_margin_price="mark"),
    ),
    Change(
        "maintenance-divided-by-leverage",
        "margin:maintenance_margin",
        lambda real, profile, position, price: divided(
            real(profile, position, price), position.leverage
        ),
    ),
    Change(
        "maintenance-negative-for-shorts",
        "margin:maintenance_margin",
        lambda real, profile, position, price: (
            position.sign * real(profile, position, price)
        ),
    ),
    Change(
        "maintenance-on-margin-instead-of-value",
        "margin:maintenance_margin",
        _of_margin,
    ),
    Change(
        "maintenance-fee-never-demanded",
        "margin:_FEE_RATE[*]",
        lambda real, fees, rate: Ratio(ZERO),
    ),
    Change(
        "maintenance-fee-at-maker-rate",
        "margin:_FEE_RATE[additive_taker]",
        lambda real, fees, rate: Ratio(fees["maker"]),
    ),
    Change(
        "maintenance-fee-not-multiplied",
        "margin:_FEE_RATE[multiplicative_taker]",
        lambda real, fees, rate: Ratio(fees["taker"]),
    ),
    Change(
        "maintenance-fee-taker-instead-of-liquidation",
        "margin:_FEE_RATE[liquidation_fee]",
        lambda real, fees, rate: Ratio(fees["taker"]),
    ),
    Change(
        "maintenance-fee-demanded-unasked",
        "margin:_FEE_RATE[none]",
        lambda real, fees, rate: Ratio(fees["taker"]),
    ),
    Change(
        "maintenance-fee-at-entry",
        "margin:maintenance_fee",
        lambda real, profile, position, price: real(
            profile, position, position.entry_price
        ),
    ),
    Change(
        "closing-fee-shown-at-entry",
        "margin:closing_fee",
        lambda real, position: real(altered(position, mark_price=position.entry_price)),
    ),
    Change(
        "closing-fee-shown-at-maker-rate",
        "margin:closing_fee",
        lambda real, position: real(
            altered(position, instrument=_takers_as_makers(position.instrument))
        ),
    ),
    Change("ratio-ignores-gain", "gauges:margin_ratio", _ratio_without_gain),
    Change("ratio-upside-down", "gauges:margin_ratio", _ratio_inverted),
    Change("ratio-over-entry-value", "gauges:margin_ratio", _ratio_over_entry),
    Change("ratio-zero-without-equity", "gauges:margin_ratio", _ratio_below_zero),
    Change(
        "ratio-without-fee",
        "gauges:requirement",
        lambda real, profile, position, price: maintenance_margin(
            profile, position, price
        ),
        only_here=True,
    ),
)
