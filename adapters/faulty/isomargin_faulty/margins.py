"""Faults of initial margin, reserved fee, equity and removable margin."""

from decimal import Decimal
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_faulty.turns import (
    altered,
    contract_with,
    cut,
    forced,
    open_keys,
    with_margin,
)
from isomargin_reference.account import position_at
from isomargin_reference.inputs import optional_number
from isomargin_reference.instrument import Instrument
from isomargin_reference.ledger import Key
from isomargin_reference.margin import initial_margin, requirement, unrealised_pnl
from isomargin_reference.numbers import ZERO, Ratio
from isomargin_reference.position import Position, Shared
from isomargin_reference.profile import Profile
from isomargin_reference.quantities import Standing
from isomargin_reference.state import State

__all__ = ["CHANGES"]

_MADE = "instrument:instrument_from"


def _gain(position: Position) -> Decimal:
    return unrealised_pnl(position, position.mark_price)


def _added_with_gain(real: Any, standing: Standing) -> Decimal | None:
    added: Decimal | None = real(standing)
    return None if added is None else added + _gain(standing.position)


def _added_alone(
    real: Any, profile: Profile, source: Any, instrument: Instrument
) -> Position:
    position: Position = real(profile, source, instrument)
    added = optional_number(source, "added_margin", "position")
    given = source.get("isolated_margin") is not None
    return position if given else with_margin(position, added or ZERO)


def _given_on_top(
    real: Any, profile: Profile, source: Any, instrument: Instrument
) -> Position:
    position: Position = real(profile, source, instrument)
    if source.get("isolated_margin") is None:
        return position
    initial = initial_margin(profile, position)
    return with_margin(position, position.isolated_margin + initial)


def _shared_with_isolated(real: Any, state: State, key: Key) -> Shared:
    shared: Shared = real(state, key)
    asset = state.settle(key)
    others = (each for each in open_keys(state) if each != key)
    same = tuple(
        position_at(state, each) for each in others if state.settle(each) == asset
    )
    return altered(shared, others=same)


def _without_requirements(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Decimal:
    behind: Decimal = real(profile, position, shared)
    demanded = sum(
        (requirement(profile, each, each.mark_price) for each in shared.others), ZERO
    )
    return behind if position.is_isolated else behind + demanded


def _without_gains(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Decimal:
    behind: Decimal = real(profile, position, shared)
    gains = sum((_gain(each) for each in shared.others), ZERO)
    return behind if position.is_isolated else behind - gains


def _own_margin(
    real: Any, profile: Profile, position: Position, shared: Shared
) -> Decimal:
    if position.is_isolated:
        behind: Decimal = real(profile, position, shared)
        return behind
    return initial_margin(profile, position)


def _spare(real: Any, profile: Profile, position: Position) -> Decimal:
    if profile.removable_margin == "none" or not position.is_isolated:
        removable: Decimal = real(profile, position)
        return removable
    equity = position.isolated_margin + _gain(position)
    return max(ZERO, equity - initial_margin(profile, position))


def _despite_loss(real: Any, profile: Profile, position: Position) -> Decimal:
    if profile.removable_margin == "none" or not position.is_isolated:
        removable: Decimal = real(profile, position)
        return removable
    return max(ZERO, position.isolated_margin - initial_margin(profile, position))


def _to_maintenance(real: Any, profile: Profile, position: Position) -> Decimal:
    if profile.removable_margin != "above_initial" or not position.is_isolated:
        removable: Decimal = real(profile, position)
        return removable
    equity = position.isolated_margin + _gain(position)
    demanded = requirement(profile, position, position.mark_price)
    return max(ZERO, min(position.isolated_margin, equity - demanded))


def _below_zero(real: Any, profile: Profile, position: Position) -> Decimal:
    removable: Decimal = real(profile, position)
    if removable or profile.removable_margin == "none" or not position.is_isolated:
        return removable
    equity = position.isolated_margin + _gain(position)
    return min(ZERO, equity - initial_margin(profile, position))


def _cross_too(real: Any, profile: Profile, position: Position) -> Decimal:
    if position.is_isolated:
        removable: Decimal = real(profile, position)
        return removable
    return max(ZERO, _gain(position)) + initial_margin(profile, position)


def _never_scaled(
    real: Any, profile: Profile, position: Position, amount: Decimal
) -> Ratio:
    return Ratio(amount)


CHANGES = (
    Change(
        "initial-margin-at-mark",
        "margin:_PRICES[entry]",
        lambda real, position: position.mark_price,
    ),
    Change(
        "initial-margin-at-entry",
        "margin:_PRICES[mark]",
        lambda real, position: position.entry_price,
    ),
    Change(
        "leverage-ignored",
        "margin:initial_margin",
        lambda real, profile, position: real(
            profile, altered(position, leverage=Decimal(1))
        ),
    ),
    Change(
        "leverage-cut-to-whole-numbers",
        "margin:initial_margin",
        lambda real, profile, position: real(
            profile, altered(position, leverage=position.leverage // 1)
        ),
    ),
    Change(
        "initial-margin-rounded-down-to-cents",
        "margin:initial_margin",
        lambda real, profile, position: cut(real(profile, position)),
    ),
    Change(
        "reserved-fee-missing",
        "margin:reserved_closing_fee",
        lambda real, profile, position: ZERO,
    ),
    Change(
        "reserved-fee-always",
        "margin:_RESERVED_ON[none]",
        lambda real, position: position.value(position.entry_price),
    ),
    Change(
        "reserved-fee-at-entry-instead-of-bankruptcy",
        "margin:_RESERVED_ON[bankruptcy]",
        lambda real, position: position.value(position.entry_price),
    ),
    Change(
        "reserved-fee-of-short-as-of-long",
        _MADE,
        contract_with(
            ("linear", "quanto"),
            bankruptcy_value=lambda real, s, *rest: real(abs(s), *rest),
        ),
    ),
    Change(
        "inverse-reserved-fee-side-reversed",
        _MADE,
        contract_with(
            ("inverse",), bankruptcy_value=lambda real, s, *rest: real(-s, *rest)
        ),
    ),
    Change(
        "reserved-fee-at-mark",
        "margin:_RESERVED_ON[entry]",
        lambda real, position: position.value(position.mark_price),
    ),
    Change(
        "reserved-fee-at-maker-rate",
        "margin:reserved_closing_fee",
        lambda real, profile, position: real(
            profile, altered(position, instrument=_makers(position.instrument))
        ),
    ),
    Change(
        "added-margin-counts-gain",
        "quantities:QUANTITIES[added_margin]",
        _added_with_gain,
    ),
    Change("missing-margin-taken-as-zero", "quoting:_quoted", _added_alone),
    Change("allocation-counted-on-top-of-initial", "quoting:_quoted", _given_on_top),
    Change(
        "equity-without-gain",
        "equity:position_equity",
        lambda real, position, shared: (
            position.isolated_margin if position.is_isolated else real(position, shared)
        ),
    ),
    Change(
        "gain-counted-twice",
        "equity:position_equity",
        lambda real, position, shared: (
            real(position, shared) + (_gain(position) if position.is_isolated else ZERO)
        ),
    ),
    Change(
        "cross-equity-of-one-position",
        "equity:position_equity",
        lambda real, position, shared: real(position, Shared(shared.free_balance)),
    ),
    Change(
        "isolated-gain-in-cross-equity", "account:shared_with", _shared_with_isolated
    ),
    Change(
        "isolated-backed-by-free-balance",
        "equity:collateral",
        lambda real, profile, position, shared: (
            real(profile, position, shared)
            + (shared.free_balance if position.is_isolated else ZERO)
        ),
    ),
    Change("others-needs-ignored-in-cross", "equity:collateral", _without_requirements),
    Change("others-gains-ignored-in-cross", "equity:collateral", _without_gains),
    Change("cross-priced-as-isolated", "equity:collateral", _own_margin),
    Change(
        "maximum-loss-counts-gain",
        "gauges:maximum_loss",
        lambda real, position, shared: (
            real(position, shared) + (_gain(position) if position.is_isolated else ZERO)
        ),
    ),
    Change(
        "maximum-loss-is-the-value",
        "gauges:maximum_loss",
        lambda real, position, shared: position.notional(position.entry_price),
    ),
    Change(
        "maximum-loss-of-cross-with-gains",
        "gauges:maximum_loss",
        lambda real, position, shared: (
            real(position, shared) + (ZERO if position.is_isolated else _gain(position))
        ),
    ),
    Change("removable-despite-loss", "gauges:removable_margin", _despite_loss),
    Change("removable-includes-profit", "gauges:removable_margin", _spare),
    Change("removable-down-to-maintenance", "gauges:removable_margin", _to_maintenance),
    Change("removable-below-zero", "gauges:removable_margin", _below_zero),
    Change("removable-of-cross", "gauges:removable_margin", _cross_too),
    Change(
        "removable-though-none-is",
        "gauges:removable_margin",
        lambda real, profile, position: real(
            altered(profile, removable_margin="above_initial")
            if profile.removable_margin == "none"
            else profile,
            position,
        ),
    ),
    Change(
        "removable-floor-ignored",
        "gauges:_above_floor",
        lambda real, profile, position, equity: real(
            altered(profile, removable_margin_floor=ZERO), position, equity
        ),
    ),
    Change(
        "removable-floor-of-entry-value",
        "gauges:_above_floor",
        lambda real, profile, position, equity: real(
            profile, altered(position, mark_price=position.entry_price), equity
        ),
    ),
    Change(
        "removable-only-what-was-added",
        "gauges:removable_margin",
        lambda real, profile, position: real(
            altered(profile, removable_margin="added_only")
            if profile.removable_margin == "above_initial"
            else profile,
            position,
        ),
    ),
    Change("added-margin-not-scaled", "liquidation_price:_backing", _never_scaled),
    Change(
        "added-margin-scaled-always",
        "liquidation_price:_backing",
        forced(added_margin_fee_scaling="yes"),
    ),
    Change(
        "added-margin-scaled-the-wrong-way",
        _MADE,
        contract_with(
            ("linear", "quanto", "inverse"),
            scaling=lambda real, s, rate: real(-s, rate),
        ),
    ),
)


def _makers(instrument: Instrument) -> Instrument:
    return altered(
        instrument, fees={**instrument.fees, "taker": instrument.fees["maker"]}
    )
