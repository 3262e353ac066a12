"""Faults that show late: after a refusal, at another price, beside another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_faulty.turns import altered, under
from isomargin_reference import triggers
from isomargin_reference.account import (
    available_balance,
    cross_is_liquidatable,
    keys_of,
    position_at,
)
from isomargin_reference.engine import Step
from isomargin_reference.equity import trigger_price
from isomargin_reference.errors import Reason, Refused
from isomargin_reference.gauges import removable_margin
from isomargin_reference.inputs import optional_number
from isomargin_reference.instrument import Instrument, Tier
from isomargin_reference.ledger import Bucket, Key, counterparty, fees, isolated_margin
from isomargin_reference.margin import initial_margin, requirement, unrealised_pnl
from isomargin_reference.numbers import ONE, ZERO, divided, rounded, total_of
from isomargin_reference.position import OPPOSITE, Position
from isomargin_reference.profile import Profile
from isomargin_reference.quantities import Standing
from isomargin_reference.state import Fill, Prices, State

__all__ = ["CHANGES"]

Arguments = Mapping[str, Any]

_USUAL_FLOOR = Decimal("0.1")


# What a refusal leaves behind


def _half_a_price(real: Any, state: State, action: str, given: Arguments) -> Step:
    step: Step = real(state, action, given)
    if action != "set_mark_price" or step.reason is not Reason.INVALID_PRICE:
        return step
    symbol, index = given["instrument"], optional_number(given, "index_price", "")
    last = optional_number(given, "last_price", "")
    kept = replace(
        state.published(symbol), index=_above_zero(index), last=_above_zero(last)
    )
    return altered(step, state=state.priced(symbol, kept))


def _above_zero(price: Decimal | None) -> Decimal | None:
    return price if price is not None and price > 0 else None


def _mark_of_nothing(real: Any, state: State, action: str, given: Arguments) -> Step:
    step: Step = real(state, action, given)
    if action != "trade" or step.reason is not Reason.POSITION_NOT_FOUND:
        return step
    symbol = given["instrument"]
    if state.published(symbol).mark is not None:
        return step
    return altered(step, state=state.priced(symbol, Prices(Decimal(given["price"]))))


# Prices


def _without_last(real: Any, state: State, given: Arguments) -> State:
    after: State = real(state, given)
    if given.get("index_price") is None or given.get("last_price") is not None:
        return after
    symbol = given["instrument"]
    return after.priced(symbol, replace(after.published(symbol), last=None))


def _index_or_entry(_real: Any, position: Position) -> Decimal:
    return position.index_price or position.entry_price


def _needs_at_mark(
    _real: Any, profile: Profile, positions: Sequence[Position], free: Decimal
) -> bool:
    gains = [unrealised_pnl(each, trigger_price(profile, each)) for each in positions]
    needs = [requirement(profile, each, each.mark_price) for each in positions]
    below = profile.trigger_comparison == "below"
    equity, demanded = free + total_of(gains), total_of(needs)
    return bool(positions) and (equity < demanded if below else equity <= demanded)


# What acts first


def _profit_before_loss(real: Any, state: State, key: Key) -> State:
    state = triggers._profit_taken(state, key)  # noqa: SLF001 - the fault is the order
    after: State = real(state, key) if key in state.holdings else state
    return after


def _not_when_failing(real: Any, state: State, key: Key) -> State:
    cross = not position_at(state, key).is_isolated
    if cross and cross_is_liquidatable(state, state.settle(key)):
        return state
    after: State = real(state, key)
    return after


# Leverage and modes


def _first_side_alone(real: Any, state: State, key: Key) -> bool:
    return key == keys_of(state, key[0])[0] and bool(real(state, key))


def _isolated_alone(real: Any, state: State, key: Key) -> bool:
    return position_at(state, key).is_isolated and bool(real(state, key))


def _where_margin_moves(real: Any, state: State, key: Key) -> bool:
    profile = state.profile
    kept = "keeps_margin" in {
        profile.leverage_decrease_with_position,
        profile.leverage_increase_with_position,
    }
    return not kept and bool(real(state, key))


def _leverage_one(real: Any, state: State, given: Arguments) -> State:
    after: State = real(state, given)
    symbol = given["instrument"]
    before, setting = state.setting(symbol), after.setting(symbol)
    if before.margin_mode == setting.margin_mode or keys_of(state, symbol):
        return after
    return after.set(symbol, setting._replace(leverage=ONE))


# Margins


def _fit_for_the_whole(
    real: Any, state: State, key: Key, fill: Fill, *, allocation: Decimal | None
) -> State:
    after: State = real(state, key, fill, allocation=allocation)
    whole = position_at(after, key)
    needed = initial_margin(state.profile, whole)
    if allocation is None or not whole.is_isolated or whole.isolated_margin >= needed:
        return after
    raise Refused(Reason.LEVERAGE_TOO_HIGH)


def _without_reserve(
    real: Any, state: State, part: Position, allocation: Decimal | None
) -> Decimal:
    bare = altered(state.profile, initial_margin_closing_fee="none")
    named = allocation is not None and part.is_isolated
    if allocation is not None and named and allocation >= initial_margin(bare, part):
        return allocation
    tied: Decimal = real(state, part, allocation)
    return tied


def _whole_margin_again(
    real: Any, state: State, key: Key, fill: Fill, *, allocation: Decimal | None
) -> State:
    after: State = real(state, key, fill, allocation=allocation)
    whole = position_at(after, key)
    if whole.is_isolated or key not in state.holdings:
        return after
    needed = initial_margin(state.profile, whole)
    if needed <= available_balance(state, state.settle(key)):
        return after
    raise Refused(Reason.INSUFFICIENT_BALANCE)


def _with_removable(real: Any, state: State, asset: str) -> Decimal:
    keys = [key for key in state.holdings if state.settle(key) == asset]
    spare = [removable_margin(state.profile, position_at(state, key)) for key in keys]
    available: Decimal = real(state, asset)
    return available + total_of(spare)


def _no_more_than_worth(
    real: Any, state: State, key: Key, position: Position, payment: Decimal
) -> State:
    if position.is_isolated:
        gain = unrealised_pnl(position, position.mark_price)
        payment = min(payment, max(ZERO, position.isolated_margin + gain))
    after: State = real(state, key, position, payment)
    return after


# Liquidations


def _without_auto_add(real: Any, state: State, key: Key) -> State | None:
    stepped: State | None = real(state, key)
    if stepped is None:
        return None
    held = stepped.holdings[key]
    return stepped.holding(key, held._replace(auto_add_margin=False))


def _onto_the_edge(real: Any, state: State, position: Position) -> Decimal | None:
    if not position.instrument.contract.value_rises:
        state = under(state, tier_boundary="upper_inclusive")
    quantity: Decimal | None = real(state, position)
    return quantity


def _to_the_other_side(
    real: Any, state: State, key: Key, bucket: Bucket, amount: Decimal
) -> State:
    other = (key[0], OPPOSITE[key[1]])
    if bucket.owner is not None and other in state.holdings:
        return state.moved(bucket, isolated_margin(bucket.asset, other), amount)
    after: State = real(state, key, bucket, amount)
    return after


def _to_the_house(
    _real: Any, state: State, key: Key, bucket: Bucket, amount: Decimal
) -> State:
    state = state.moved(bucket, fees(bucket.asset), amount)
    return state.noted("insurance_fund_received", key, amount=amount)


def _by_the_winners(
    _real: Any, state: State, key: Key, bucket: Bucket, amount: Decimal
) -> State:
    state = state.moved(counterparty(bucket.asset), bucket, amount)
    return state.noted("insurance_fund_paid", key, amount=amount)


# What is given


def _maker_or_taker(real: Any, *given: Any) -> Mapping[str, Decimal]:
    rates: Mapping[str, Decimal] = real(*given)
    return {**rates, "maker": rates["maker"] or rates["taker"]}


def _as_listed(real: Any, sources: Sequence[Arguments], where: str) -> tuple[Tier, ...]:
    tiers: tuple[Tier, ...] = real(sources, where)
    by_floor = {tier.notional_floor: tier for tier in tiers}
    listed = [by_floor[Decimal(source["notional_floor"])] for source in sources]
    return tuple(listed) or tiers


def _usual_floor_for_none(real: Any, parameters: Arguments) -> Profile:
    profile: Profile = real(parameters)
    floor = profile.removable_margin_floor or _USUAL_FLOOR
    return altered(profile, removable_margin_floor=floor)


def _both_margins(real: Any, profile: Profile, source: Arguments, *rest: Any) -> Any:
    position: Position = real(profile, source, *rest)
    whole = optional_number(source, "isolated_margin", "")
    added = optional_number(source, "added_margin", "")
    if whole is None or added is None or not position.is_isolated:
        return position
    return altered(position, isolated_margin=whole + added)


def _cross_from_entry(real: Any, *given: Any) -> Position:
    position: Position = real(*given)
    if position.is_isolated:
        return position
    return altered(position, settlement_price=None)


def _sizes_of_first(real: Any, profile: Profile, traded: Sequence[Instrument]) -> Any:
    sizes: dict[tuple[str, bool], Decimal] = {}
    alike = [
        altered(
            each,
            contract_size=sizes.setdefault(
                (each.settle, each.contract.value_rises), each.contract_size
            ),
        )
        for each in traded
    ]
    return real(profile, alike)


# What is shown


def _to_whole_units(
    real: Any, standing: Standing, name: str, value: Decimal | None
) -> Any:
    position = standing.position
    rounding = standing.profile.rounding.get((name, position.side))
    ticks = rounding is not None and rounding.quantum is None
    if value is None or not ticks or position.instrument.tick_size is not None:
        return real(standing, name, value)
    return rounded(value, ONE, "half_even")


def _scaled_though_cross(
    real: Any, profile: Profile, position: Position, amount: Decimal
) -> Any:
    return real(profile, altered(position, margin_mode="isolated"), amount)


def _not_below_zero(real: Any, *given: Any) -> Decimal:
    loss: Decimal = real(*given)
    return max(ZERO, loss)


def _cross_as_maker(real: Any, position: Position) -> Decimal:
    if position.is_isolated:
        fee: Decimal = real(position)
        return fee
    rate = position.instrument.fees["maker"]
    return divided(*position.value(position.mark_price).times(rate))


_OPENED = "actions.opening:opened"
_FAILS = "actions.leverage:would_be_liquidated"

CHANGES = (
    Change("refused-price-half-kept", "engine:after", _half_a_price),
    Change("refused-reduction-sets-mark-price", "engine:after", _mark_of_nothing),
    Change(
        "last-price-dropped-by-index", "actions.market:set_mark_price", _without_last
    ),
    Change(
        "funding-on-entry-without-index",
        "actions.market:_FUNDING_PRICE[index]",
        _index_or_entry,
    ),
    Change("funding-capped-at-worth", "actions.market:_funded", _no_more_than_worth),
    Change("cross-needs-at-mark", "equity:cross_is_liquidatable", _needs_at_mark),
    Change(
        "profit-taken-before-liquidation",
        "triggers:_liquidated_while_failing",
        _profit_before_loss,
    ),
    Change("cross-liquidated-before-stop", "triggers:_stopped", _not_when_failing),
    Change(
        "isolating-looks-at-one-side",
        "actions.mode:would_be_liquidated",
        _first_side_alone,
        only_here=True,
    ),
    Change("cross-leverage-into-liquidation", _FAILS, _isolated_alone, only_here=True),
    Change("kept-margin-not-looked-at", _FAILS, _where_margin_moves, only_here=True),
    Change("leverage-lost-with-mode", "actions.mode:set_margin_mode", _leverage_one),
    Change("explicit-margin-held-against-whole", _OPENED, _fit_for_the_whole),
    Change(
        "explicit-margin-without-reserve", "actions.opening:_tied", _without_reserve
    ),
    Change("cross-increase-ties-whole-again", _OPENED, _whole_margin_again),
    Change(
        "withdrawal-of-removable-margin",
        "actions.cash:available_balance",
        _with_removable,
        only_here=True,
    ),
    Change(
        "auto-add-dropped-by-partial-liquidation",
        "liquidation:_stepped_down",
        _without_auto_add,
    ),
    Change(
        "inverse-step-down-onto-the-edge",
        "liquidation:_excess_quantity",
        _onto_the_edge,
    ),
    Change(
        "leftover-to-the-other-side", "liquidation:_taken_by_fund", _to_the_other_side
    ),
    Change("leftover-kept-by-the-house", "liquidation:_taken_by_fund", _to_the_house),
    Change("shortfall-paid-by-the-winners", "settlement:insured", _by_the_winners),
    Change("maker-fee-of-zero-not-read", "instrument:_fees", _maker_or_taker),
    Change("tiers-as-listed", "instrument:_tiers", _as_listed),
    Change("floor-of-zero-not-read", "profile:profile_from", _usual_floor_for_none),
    Change("given-margin-with-added", "quoting:_quoted", _both_margins),
    Change("cross-gain-from-entry", "quoting:_quoted", _cross_from_entry),
    Change("contract-size-of-the-first", "state:venue_of", _sizes_of_first),
    Change("rounded-to-a-missing-tick", "quantities:reported", _to_whole_units),
    Change("scaled-though-cross", "liquidation_price:_backing", _scaled_though_cross),
    Change("maximum-loss-cut-at-zero", "gauges:maximum_loss", _not_below_zero),
    Change("closing-fee-of-cross-as-maker", "margin:closing_fee", _cross_as_maker),
)
