"""Faults of liquidation: when it comes, what it takes, and from whom."""

from decimal import Decimal
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_faulty.turns import altered, forced_in, open_keys, shifted
from isomargin_reference import ledger
from isomargin_reference.account import cross_keys, position_at
from isomargin_reference.ledger import Bucket, Key
from isomargin_reference.margin import (
    initial_margin,
    maintenance_margin,
    portion,
    requirement,
    unrealised_pnl,
)
from isomargin_reference.numbers import ZERO
from isomargin_reference.position import OPPOSITE, Position
from isomargin_reference.profile import Profile
from isomargin_reference.state import State

__all__ = ["CHANGES"]

_ALONE = "equity:is_liquidatable"
_WHOLLY = "liquidation:_wholly_liquidated"
_STEP = "liquidation:_stepped_down"
_CROSS = "liquidation:cross_liquidated"


def _equity(profile: Profile, position: Position) -> Decimal:
    return position.isolated_margin + unrealised_pnl(position, position.mark_price)


def _without_fee(real: Any, profile: Profile, position: Position) -> bool:
    failing: bool = real(altered(profile, maintenance_fee="none"), position)
    return failing


def _at_initial_margin(real: Any, profile: Profile, position: Position) -> bool:
    value = position.notional(position.mark_price)
    half = value / (2 * position.leverage) if position.leverage in {2, 5, 10} else ZERO
    return bool(real(profile, position)) or _equity(profile, position) <= half


def _ignoring_added(real: Any, profile: Profile, position: Position) -> bool:
    bare = min(position.isolated_margin, initial_margin(profile, position))
    failing: bool = real(profile, altered(position, isolated_margin=bare))
    return failing


def _mirrored(real: Any, profile: Profile, position: Position) -> bool:
    failing: bool = real(profile, altered(position, side="long"))
    return failing


def _one_lost(real: Any, profile: Profile, position: Position) -> bool:
    return bool(real(profile, position)) and _equity(profile, position) <= 0


def _owed_by_holder(
    real: Any, state: State, key: Key, bucket: Bucket, amount: Decimal
) -> State:
    return shifted(state, "free_balance", "isolated_margin", key, amount)


def _with_fee(real: Any, state: State, key: Key) -> State:
    position = position_at(state, key)
    value = position.value(position.mark_price)
    fee = portion(value, position.instrument.taker_rate)
    return shifted(real(state, key), "free_balance", "fees", key, fee)


def _beyond_what_is_left(real: Any, state: State, key: Key) -> State:
    position = position_at(state, key)
    charge = _charge(position)
    lack = charge - max(ZERO, _equity(state.profile, position))
    after: State = real(state, key)
    if state.profile.liquidation_leftover == "insurance_fund" or lack <= 0:
        return after
    return shifted(after, "free_balance", "insurance_fund", key, lack)


def _charge(position: Position) -> Decimal:
    value = position.value(position.mark_price)
    return portion(value, position.instrument.fees["liquidation"])


def _charge_on_entry(real: Any, position: Position) -> Decimal:
    charge: Decimal = real(altered(position, mark_price=position.entry_price))
    return charge


def _charge_of_taker(real: Any, position: Position) -> Decimal:
    fees = {**position.instrument.fees, "liquidation": position.instrument.taker_rate}
    instrument = altered(position.instrument, fees=fees)
    charge: Decimal = real(altered(position, instrument=instrument))
    return charge


def _with_other_side(real: Any, state: State, key: Key) -> State:
    other = (key[0], OPPOSITE[key[1]])
    after: State = real(state, key)
    return real(after, other) if other in after.holdings else after


def _with_next_position(real: Any, state: State, key: Key) -> State:
    after: State = real(state, key)
    others = [
        each
        for each in open_keys(after)
        if each[0] != key[0]
        and after.settle(each) == state.settle(key)
        and position_at(after, each).is_isolated
    ]
    return real(after, others[0]) if others else after


def _with_free_balance(real: Any, state: State, key: Key) -> State:
    after: State = real(state, key)
    whole = max(ZERO, after.free_balance(state.settle(key)))
    return shifted(after, "free_balance", "insurance_fund", key, whole)


def _with_every_asset(real: Any, state: State, key: Key) -> State:
    after: State = real(state, key)
    for bucket, total in state.ledger.totals.items():
        if bucket.name == "free_balance" and bucket.asset != state.settle(key):
            fund = ledger.insurance_fund(bucket.asset)
            after = after.moved(bucket, fund, max(ZERO, total))
    return after


def _with_allocations_of_others(real: Any, state: State, key: Key) -> State:
    after: State = real(state, key)
    for each in open_keys(after):
        if after.settle(each) == state.settle(key):
            tenth = after.isolated_margin(each) * Decimal("0.1")
            after = shifted(after, "isolated_margin", "insurance_fund", each, tenth)
    return after


def _announced_only(real: Any, state: State, key: Key) -> State:
    if any(each.event == "liquidation" for each in state.events):
        return state
    after: State = real(state, key)
    if after is state:
        return state
    position = position_at(state, key)
    return state.noted("liquidation", key, price=position.mark_price)


def _never(real: Any, state: State, key: Key) -> State:
    return state


def _rounded_down(
    real: Any, numerator: Decimal, denominator: Decimal, mode: str
) -> Decimal:
    whole: Decimal = real(numerator, denominator, "floor")
    return whole


def _uncharged(real: Any, state: State, key: Key) -> State | None:
    after: State | None = real(state, key)
    if after is None:
        return None
    closed = _closed(state, after, key)
    return shifted(after, "insurance_fund", "isolated_margin", key, _charge(closed))


def _ungained(real: Any, state: State, key: Key) -> State | None:
    after: State | None = real(state, key)
    if after is None:
        return None
    closed = _closed(state, after, key)
    gain = unrealised_pnl(closed, closed.mark_price)
    return shifted(after, "isolated_margin", "counterparty", key, gain)


def _closed(before: State, after: State, key: Key) -> Position:
    quantity = before.holdings[key].quantity - after.holdings[key].quantity
    return altered(position_at(before, key), quantity=quantity)


def _once(real: Any, state: State, key: Key) -> State | None:
    if any(each.event == "partial_liquidation" for each in state.events):
        return None
    after: State | None = real(state, key)
    return after


def _into_the_red(real: Any, state: State, key: Key) -> State | None:
    lent = Decimal(1_000_000)
    after = real(shifted(state, "external", "isolated_margin", key, lent), key)
    if after is None:
        return None
    return shifted(after, "isolated_margin", "external", key, lent)


def _with_isolated(real: Any, state: State, asset: str) -> State:
    after: State = real(state, asset)
    for key in list(open_keys(after)):
        if after.settle(key) == asset:
            after = after.moved(
                ledger.isolated_margin(asset, key),
                ledger.insurance_fund(asset),
                after.isolated_margin(key),
            ).without(key)
    return after


def _of_first_position(
    real: Any, profile: Profile, positions: tuple[Position, ...], free_balance: Decimal
) -> bool:
    others = sum(
        (requirement(profile, each, each.mark_price) for each in positions[1:]), ZERO
    )
    failing: bool = real(profile, positions, free_balance + others)
    return failing


def _without_others_gains(
    real: Any, profile: Profile, positions: tuple[Position, ...], free_balance: Decimal
) -> bool:
    gains = sum((unrealised_pnl(each, each.mark_price) for each in positions[1:]), ZERO)
    failing: bool = real(profile, positions, free_balance - gains)
    return failing


def _propped_up(real: Any, state: State, asset: str) -> bool:
    allocated = sum(
        (
            state.isolated_margin(key)
            for key in state.holdings
            if state.settle(key) == asset
        ),
        ZERO,
    )
    lent = state.moved(ledger.external(asset), ledger.free_balance(asset), allocated)
    failing: bool = real(lent, asset)
    return failing


def _dragged_down(real: Any, state: State, asset: str) -> bool:
    losses = ZERO
    for key in open_keys(state):
        position = position_at(state, key)
        if position.is_isolated and state.settle(key) == asset:
            losses -= min(ZERO, unrealised_pnl(position, position.mark_price))
    failing: bool = real(
        state.moved(ledger.free_balance(asset), ledger.external(asset), losses), asset
    )
    return failing


def _gain_kept_back(real: Any, state: State, key: Key, bucket: Bucket) -> State:
    position = position_at(state, key)
    gain = unrealised_pnl(position, position.mark_price)
    after: State = real(state, key, bucket)
    return after.moved(bucket, ledger.counterparty(bucket.asset), gain)


def _free_taken_whole(real: Any, state: State, asset: str) -> State:
    keys = cross_keys(state, asset)
    after: State = real(state, asset)
    whole = max(ZERO, after.free_balance(asset)) if keys else ZERO
    return after.moved(ledger.free_balance(asset), ledger.insurance_fund(asset), whole)


def _above_zero(real: Any, state: State, position: Position) -> Decimal | None:
    """Return what must close, nothing where a fault makes it nothing or less.

    Without it such a fault would go on closing nothing for ever.
    """
    quantity: Decimal | None = real(state, position)
    return quantity if quantity and quantity > 0 else None


def _of_exact_contracts(real: Any, position: Position, ceiling: Decimal) -> Any:
    contract = position.instrument.contract
    exact = altered(contract, value=contract.exact_value)
    instrument = altered(position.instrument, contract=exact)
    return real(altered(position, instrument=instrument), ceiling)


CHANGES = (
    Change(
        "trigger-waits-past-equality",
        "equity:_MEETS[at_or_below]",
        lambda real, equity, demanded: equity < demanded,
    ),
    Change(
        "trigger-does-not-wait-past-equality",
        "equity:_MEETS[below]",
        lambda real, equity, demanded: equity <= demanded,
    ),
    Change(
        "trigger-on-last-instead-of-mark",
        "equity:_TRIGGER_PRICE[mark]",
        lambda real, position: position.last_price,
    ),
    Change(
        "trigger-on-index-instead-of-mark",
        "equity:_TRIGGER_PRICE[mark]",
        lambda real, position: position.index_price,
    ),
    Change(
        "trigger-on-mark-instead-of-index",
        "equity:_TRIGGER_PRICE[index]",
        lambda real, position: position.mark_price,
    ),
    Change(
        "trigger-on-mark-instead-of-last",
        "equity:_TRIGGER_PRICE[last]",
        lambda real, position: position.mark_price,
    ),
    Change("trigger-without-fee", _ALONE, _without_fee),
    Change("trigger-at-bankruptcy", _ALONE, _one_lost),
    Change("trigger-at-half-the-initial-margin", _ALONE, _at_initial_margin),
    Change("trigger-ignores-added-margin", _ALONE, _ignoring_added),
    Change("trigger-of-shorts-as-of-longs", _ALONE, _mirrored),
    Change(
        "trigger-gain-at-mark-requirement-at-entry",
        "equity:requirement",
        lambda real, profile, position, price: real(
            profile, position, position.entry_price
        ),
        only_here=True,
    ),
    Change("never-liquidated", "triggers:_liquidated_while_failing", _never),
    Change(
        "liquidation-announced-not-carried-out",
        "triggers:_liquidated_while_failing",
        _announced_only,
    ),
    Change(
        "gap-loss-taken-from-free-balance",
        "liquidation:insured",
        _owed_by_holder,
        only_here=True,
    ),
    Change("liquidation-fee-from-free-balance", _WHOLLY, _with_fee),
    Change(
        "leftover-returned-instead-of-taken",
        _WHOLLY,
        forced_in(liquidation_leftover="trader"),
    ),
    Change(
        "leftover-taken-instead-of-returned",
        _WHOLLY,
        forced_in(liquidation_leftover="insurance_fund"),
    ),
    Change("liquidation-charge-beyond-what-is-left", _WHOLLY, _beyond_what_is_left),
    Change(
        "liquidation-charge-on-entry-value",
        "liquidation:_liquidation_fee",
        _charge_on_entry,
    ),
    Change(
        "liquidation-charge-at-taker-rate",
        "liquidation:_liquidation_fee",
        _charge_of_taker,
    ),
    Change("liquidation-takes-both-sides", _WHOLLY, _with_other_side),
    Change("liquidation-takes-next-position", _WHOLLY, _with_next_position),
    Change("liquidation-takes-free-balance", _WHOLLY, _with_free_balance),
    Change("liquidation-takes-other-assets", _WHOLLY, _with_every_asset),
    Change(
        "liquidation-takes-from-other-margins", _WHOLLY, _with_allocations_of_others
    ),
    Change(
        "step-down-closes-everything",
        "liquidation:liquidated",
        forced_in(liquidation_process="full"),
    ),
    Change(
        "step-down-though-full",
        "liquidation:liquidated",
        forced_in(liquidation_process="tier_step_down"),
    ),
    Change(
        "step-down-rounds-down",
        "liquidation:integral",
        _rounded_down,
        only_here=True,
    ),
    Change(
        "step-down-to-the-first-tier",
        "liquidation:tier_index",
        lambda real, profile, position, price: min(1, real(profile, position, price)),
        only_here=True,
    ),
    Change(
        "step-down-sized-at-entry",
        "liquidation:_excess",
        lambda real, position, floor: real(
            altered(position, mark_price=position.entry_price), floor
        ),
    ),
    Change("step-down-uncharged", _STEP, _uncharged),
    Change("step-down-gain-not-settled", _STEP, _ungained),
    Change("step-down-only-once", _STEP, _once),
    Change("step-down-into-the-red", _STEP, _into_the_red),
    Change("cross-liquidation-takes-isolated-too", _CROSS, _with_isolated),
    Change(
        "cross-liquidation-of-one-position",
        "liquidation:cross_keys",
        lambda real, state, asset: real(state, asset)[:1],
        only_here=True,
    ),
    Change(
        "cross-leftover-returned",
        _CROSS,
        forced_in(liquidation_leftover="trader"),
    ),
    Change("cross-leftover-taken", _CROSS, _free_taken_whole),
    Change(
        "cross-liquidation-uncharged",
        "liquidation:_cross_closed",
        forced_in(liquidation_leftover="insurance_fund"),
    ),
    Change(
        "cross-liquidation-without-gain", "liquidation:_cross_closed", _gain_kept_back
    ),
    Change(
        "shortfall-left-as-debt",
        "liquidation:absorbed",
        forced_in(negative_balance="debt"),
    ),
    Change(
        "debt-forgiven",
        "liquidation:absorbed",
        forced_in(negative_balance="absorbed"),
    ),
    Change(
        "cross-needs-of-one-position",
        "equity:cross_is_liquidatable",
        _of_first_position,
    ),
    Change(
        "cross-gains-of-one-position",
        "equity:cross_is_liquidatable",
        _without_others_gains,
    ),
    Change(
        "isolated-margin-props-up-cross", "account:cross_is_liquidatable", _propped_up
    ),
    Change(
        "isolated-loss-drags-cross-down", "account:cross_is_liquidatable", _dragged_down
    ),
    Change(
        "cross-never-liquidated",
        "account:cross_is_liquidatable",
        lambda real, state, asset: False,
    ),
    Change(
        "maintenance-only-triggers",
        "equity:requirement",
        lambda real, profile, position, price: maintenance_margin(
            profile, position, price
        ),
        only_here=True,
    ),
    Change("tier-by-quantity", "liquidation:_excess_quantity", _above_zero),
    Change("tier-always-the-last", "liquidation:_excess_quantity", _above_zero),
    Change("tier-edge-in-the-upper-tier", "liquidation:_excess_quantity", _above_zero),
    Change("step-down-rounds-down", "liquidation:_excess_quantity", _above_zero),
    Change("step-down-sized-at-entry", "liquidation:_excess_quantity", _above_zero),
    Change(
        "step-down-sized-by-exact-contracts", "liquidation:_excess", _of_exact_contracts
    ),
)
