"""Faults of the liquidation price and the bankruptcy price."""

from decimal import Decimal
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_faulty.turns import altered, contract_with, forced, with_margin
from isomargin_reference.contract import CONTRACTS
from isomargin_reference.equity import is_liquidatable
from isomargin_reference.margin import initial_margin, unrealised_pnl
from isomargin_reference.numbers import ZERO, divided
from isomargin_reference.position import Position, Shared
from isomargin_reference.profile import Profile
from isomargin_reference.tiers import tier_at

__all__ = ["CHANGES"]

_LIQUIDATION = "liquidation_price:liquidation_price"
_BANKRUPTCY = "liquidation_price:bankruptcy_price"
_LINEAR = CONTRACTS["linear"](None)

Price = Decimal | None


def _of_leverage(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Price:
    """Return E(1 − s/L + s·m), which a venue used before it moved to the mark price."""
    if not position.is_isolated:
        price: Price = real(profile, position, shared)
        return price
    rate = divided(*tier_at(profile, position, position.mark_price).rate)
    share = position.sign * (rate - divided(Decimal(1), position.leverage))
    return position.entry_price * (1 + share)


def _without_added(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Price:
    bare = with_margin(position, initial_margin(profile, position))
    price: Price = real(profile, bare, shared)
    return price


def _with_gain(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Price:
    gain = unrealised_pnl(position, position.mark_price)
    price: Price = real(
        profile, with_margin(position, position.isolated_margin + gain), shared
    )
    return price


def _without_amounts(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Price:
    tiers = tuple(
        altered(tier, maintenance_amount=ZERO) for tier in position.instrument.tiers
    )
    instrument = altered(position.instrument, tiers=tiers)
    price: Price = real(profile, altered(position, instrument=instrument), shared)
    return price


def _as_linear(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Price:
    instrument = altered(position.instrument, contract=_LINEAR)
    price: Price = real(profile, altered(position, instrument=instrument), shared)
    return price


def _of_first_tier(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Price:
    tiers = position.instrument.tiers[:1]
    instrument = altered(position.instrument, tiers=tiers)
    price: Price = real(profile, altered(position, instrument=instrument), shared)
    return price


def _mark_when_late(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Price:
    if position.is_isolated and is_liquidatable(profile, position):
        return position.mark_price
    price: Price = real(profile, position, shared)
    return price


def _of_leverage_alone(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Price:
    if not position.is_isolated:
        price: Price = real(profile, position, shared)
        return price
    share = divided(position.sign, position.leverage)
    return position.entry_price * (1 - share) or None


def _after_fee(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Price:
    fee = position.notional(position.entry_price) * position.instrument.taker_rate
    price: Price = real(
        profile, with_margin(position, position.isolated_margin - fee), shared
    )
    return price


def _clamped(real: Any, profile: Profile, position: Position, shared: Shared) -> Price:
    price: Price = real(profile, position, shared)
    return ZERO if price is None else price


def _rounded_otherwise(
    real: Any, value: Decimal, quantum: Decimal, mode: str
) -> Decimal:
    turned = {"floor": "ceiling", "ceiling": "floor", "up": "down", "down": "up"}
    figure: Decimal = real(value, quantum, turned.get(mode, mode))
    return figure


def _sides_swapped(real: Any, standing: Any, name: str, value: Price) -> Price:
    swapped = {"long": "short", "short": "long"}[standing.position.side]
    turned = altered(standing, position=altered(standing.position, side=swapped))
    figure: Price = real(turned, name, value)
    return figure


CHANGES = (
    Change("liquidation-price-of-leverage", _LIQUIDATION, _of_leverage),
    Change("liquidation-price-ignores-added-margin", _LIQUIDATION, _without_added),
    Change("liquidation-price-counts-gain", _LIQUIDATION, _with_gain),
    Change(
        "liquidation-price-without-fee", _LIQUIDATION, forced(maintenance_fee="none")
    ),
    Change("liquidation-price-without-amounts", _LIQUIDATION, _without_amounts),
    Change(
        "liquidation-price-is-bankruptcy-price",
        "quantities:QUANTITIES[liquidation_price]",
        lambda real, standing: real.__globals__["bankruptcy_price"](
            standing.profile, standing.position, standing.shared
        ),
    ),
    Change("inverse-liquidation-price-as-linear", _LIQUIDATION, _as_linear),
    Change(
        "short-liquidation-price-as-long",
        _LIQUIDATION,
        lambda real, profile, position, shared: real(
            profile, altered(position, side="long"), shared
        ),
    ),
    Change("liquidation-price-zero-instead-of-none", _LIQUIDATION, _clamped),
    Change(
        "liquidation-price-of-tier-at-mark", _LIQUIDATION, forced(tier_price="mark")
    ),
    Change("liquidation-price-of-first-tier", _LIQUIDATION, _of_first_tier),
    Change(
        "liquidation-price-always-follows-tiers",
        _LIQUIDATION,
        forced(tier_price="liquidation"),
    ),
    Change(
        "liquidation-price-of-maintenance-at-mark",
        _LIQUIDATION,
        forced(maintenance_margin_price="mark"),
    ),
    Change(
        "liquidation-price-of-maintenance-at-entry",
        _LIQUIDATION,
        forced(maintenance_margin_price="entry"),
    ),
    Change(
        "long-liquidation-price-outside-its-tier",
        "liquidation_price:_OF_TIER[long]",
        lambda real, line, prices: real(line, altered(prices, high=None)),
    ),
    Change(
        "short-liquidation-price-outside-its-tier",
        "liquidation_price:_OF_TIER[short]",
        lambda real, line, prices: real(line, altered(prices, low=ZERO)),
    ),
    Change(
        "liquidation-price-met-last",
        "liquidation_price:_FIRST_MET[*]",
        lambda real, found, default: (min if real is max else max)(
            found, default=default
        ),
    ),
    Change("liquidation-price-is-mark-when-late", _LIQUIDATION, _mark_when_late),
    Change(
        "tier-edges-by-quantity",
        "tiers:_edge",
        lambda real, position, tier: divided(
            *position.instrument.contract.price_of_value(
                tier.notional_floor, position.quantity
            )
        ),
    ),
    Change(
        "inverse-tier-edges-as-linear",
        "instrument:instrument_from",
        contract_with(
            ("inverse",),
            price_of_value=lambda real, value, size: _LINEAR.price_of_value(
                value, size
            ),
        ),
    ),
    Change("bankruptcy-price-of-leverage", _BANKRUPTCY, _of_leverage_alone),
    Change("bankruptcy-price-after-fee", _BANKRUPTCY, _after_fee),
    Change("inverse-bankruptcy-price-as-linear", _BANKRUPTCY, _as_linear),
    Change("bankruptcy-price-zero-instead-of-none", _BANKRUPTCY, _clamped),
    Change("rounded-the-wrong-way", "quantities:rounded", _rounded_otherwise),
    Change(
        "rounded-always-to-the-nearest",
        "quantities:rounded",
        lambda real, value, quantum, mode: real(value, quantum, "half_up"),
    ),
    Change("rounded-as-for-the-other-side", "quantities:reported", _sides_swapped),
)
