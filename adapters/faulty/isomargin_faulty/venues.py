"""Faults of the choices in which venues differ most: one taken for the other."""

from decimal import Decimal
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_faulty.turns import altered, forced, waived
from isomargin_reference.errors import Reason
from isomargin_reference.instrument import Tier
from isomargin_reference.margin import maintenance_margin, reserved_closing_fee
from isomargin_reference.numbers import ZERO, Ratio
from isomargin_reference.position import Position, Shared
from isomargin_reference.profile import Profile

__all__ = ["CHANGES"]

_PRICE = "liquidation_price:liquidation_price"
_BANKRUPTCY = "liquidation_price:bankruptcy_price"
_READ = "position:position_from"
_EIGHTH_DECIMAL = Decimal("0.00000001")
_NO_TIERS = (Tier(ZERO, ZERO, ZERO, None),)
_OTHER_WAY = {"ceiling": "floor", "floor": "ceiling"}


def _shifted_outward(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Decimal | None:
    price: Decimal | None = real(profile, position, shared)
    tick = position.instrument.tick_size
    if price is None or tick is None or profile.liquidation_price_shift == "none":
        return price
    return price - 2 * position.sign * tick


def _shifted_in_cross_as_well(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Decimal | None:
    if profile.liquidation_price_shift == "one_tick_inward_in_isolated":
        profile = altered(profile, liquidation_price_shift="one_tick_inward")
    price: Decimal | None = real(profile, position, shared)
    return price


def _without_highest(
    real: Any, standing: Any, name: str, value: Decimal | None
) -> Decimal | None:
    rules = standing.profile.rounding.items()
    endless = {key: altered(rule, highest=None) for key, rule in rules}
    profile = altered(standing.profile, rounding=endless)
    shown: Decimal | None = real(altered(standing, profile=profile), name, value)
    return shown


def _always_of_whole_value(
    real: Any, profile: Profile, position: Position, price: Decimal | None
) -> Decimal | None:
    everywhere = altered(
        profile,
        contract_value_rounding="per_contract_and_price",
        contract_value_quantum=_EIGHTH_DECIMAL,
    )
    price_of_whole_value: Decimal | None = real(everywhere, position, price)
    return price_of_whole_value


def _read_as(**choices: str) -> Any:
    """Return a `position_from` under a profile some choices of which are forced."""
    return lambda real, source, instrument, profile, where: real(
        source, instrument, altered(profile, **choices), where
    )


def _valued_to(quantum: Decimal | None) -> Any:
    def profile_from(real: Any, parameters: Any) -> Profile:
        profile: Profile = real(parameters)
        return altered(profile, contract_value_quantum=quantum)

    return profile_from


CHANGES = (
    Change(
        "funding-on-mark-instead-of-index",
        "actions.market:_FUNDING_PRICE[index]",
        lambda real, position: position.mark_price,
    ),
    Change(
        "liquidation-price-solved-though-held",
        "liquidation_price:_FORMS[maintenance_held]",
        lambda real, *given: real.__globals__["_solved"](*given),
    ),
    Change(
        "liquidation-price-held-though-solved",
        "liquidation_price:_FORMS[solved]",
        lambda real, *given: real.__globals__["_with_requirement_held"](*given),
    ),
    Change(
        "liquidation-price-never-shifted",
        _PRICE,
        forced(liquidation_price_shift="none"),
    ),
    Change(
        "liquidation-price-always-shifted",
        _PRICE,
        forced(liquidation_price_shift="one_tick_inward"),
    ),
    Change("cross-liquidation-price-shifted", _PRICE, _shifted_in_cross_as_well),
    Change(
        "cross-liquidation-price-solved-though-held",
        "liquidation_price:_FORMS[maintenance_held_in_cross]",
        lambda real, *given: real.__globals__["_solved"](*given),
    ),
    Change(
        "cross-initial-margin-at-entry",
        "margin:_PRICES[mark_in_cross]",
        lambda real, position: position.entry_price,
    ),
    Change("highest-price-passed-over", "quantities:reported", _without_highest),
    Change("liquidation-price-shifted-outward", _PRICE, _shifted_outward),
    Change("bankruptcy-fee-left-out", _BANKRUPTCY, forced(bankruptcy_fee="none")),
    Change("bankruptcy-fee-always-taken", _BANKRUPTCY, forced(bankruptcy_fee="taker")),
    Change(
        "bankruptcy-fee-always-reserved", _BANKRUPTCY, forced(bankruptcy_fee="reserved")
    ),
    Change("predicted-funding-left-out", _READ, _read_as(maintenance_funding="none")),
    Change(
        "predicted-funding-demanded-unasked",
        _READ,
        _read_as(maintenance_funding="predicted"),
    ),
    Change(
        "rate-on-margin-taken-on-value",
        "tiers:_ON_VALUE[share_of_initial_margin]",
        lambda real, tier, position: Ratio(tier.maintenance_margin_rate),
    ),
    Change(
        "rate-on-value-taken-on-margin",
        "tiers:_ON_VALUE[rate]",
        lambda real, tier, position: Ratio(
            tier.maintenance_margin_rate, position.leverage
        ),
    ),
    Change(
        "reserved-maintenance-fee-demanded-twice",
        "margin:_FEE_RATE[reserved]",
        lambda real, fees, rate: Ratio(fees["taker"]),
    ),
    Change(
        "reserved-maintenance-fee-left-out",
        "margin:fixed_maintenance_fee",
        lambda real, profile, position: ZERO,
    ),
    Change(
        "reserved-maintenance-fee-demanded-unasked",
        "margin:fixed_maintenance_fee",
        lambda real, profile, position: reserved_closing_fee(profile, position),
    ),
    Change(
        "requirement-shown-without-fee",
        "quantities:QUANTITIES[maintenance_requirement]",
        lambda real, standing: maintenance_margin(
            standing.profile, standing.position, standing.position.mark_price
        ),
    ),
    Change(
        "reserved-fee-on-entry-without-margin",
        "margin:_RESERVED_ON[entry_and_margin]",
        lambda real, position: position.value(position.entry_price),
    ),
    Change(
        "reserved-fee-not-on-added-margin",
        "margin:reserved_closing_fee",
        lambda real, profile, position: real.__globals__["initial_closing_fee"](
            profile, position
        ),
    ),
    Change(
        "removable-at-entry-instead-of-mark",
        "gauges:_REMOVABLE[above_initial_at_mark]",
        lambda real, *given: real.__globals__["_above_initial"](*given),
    ),
    Change(
        "removable-at-mark-without-maintenance",
        "gauges:_REMOVABLE[above_initial_at_mark]",
        lambda real, profile, position, equity: real(
            altered(profile, maintenance_margin_price="mark"),
            altered(position, instrument=altered(position.instrument, tiers=_NO_TIERS)),
            equity,
        ),
    ),
    Change(
        "isolated-though-not-offered",
        "actions.mode:refuse_unless",
        waived(Reason.MARGIN_MODE_NOT_OFFERED),
        only_here=True,
    ),
    Change(
        "contract-value-always-rounded",
        "profile:profile_from",
        _valued_to(_EIGHTH_DECIMAL),
    ),
    Change("contract-value-never-rounded", "profile:profile_from", _valued_to(None)),
    Change(
        "contract-value-cut-off",
        "contract:integral",
        lambda real, numerator, denominator, mode: real(numerator, denominator, "down"),
        only_here=True,
    ),
    Change(
        "price-not-of-contract-value",
        "liquidation_price:_of_whole_value",
        lambda real, profile, position, price: price,
    ),
    Change(
        "price-of-contract-value-outward",
        "liquidation_price:integral",
        lambda real, numerator, denominator, mode: real(
            numerator, denominator, _OTHER_WAY[mode]
        ),
        only_here=True,
    ),
    Change(
        "price-always-of-contract-value",
        "liquidation_price:_of_whole_value",
        _always_of_whole_value,
    ),
    Change(
        "gain-from-entry-despite-settlement",
        "position:Position.gain_price",
        lambda real, position: position.entry_price,
    ),
    Change(
        "gain-from-settlement-unasked",
        _READ,
        _read_as(unrealised_pnl_price="settlement"),
    ),
)
