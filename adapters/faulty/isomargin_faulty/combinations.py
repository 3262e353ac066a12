"""Faults that show where several things meet: sides, modes, assets, prices, kinds."""

from collections.abc import Mapping
from decimal import Decimal
from operator import ge, gt
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_faulty.turns import altered, shifted, under
from isomargin_reference.account import available_balance, keys_of
from isomargin_reference.equity import trigger_price
from isomargin_reference.errors import Reason, Refused
from isomargin_reference.instrument import Instrument, Tier
from isomargin_reference.ledger import Key
from isomargin_reference.margin import requirement, unrealised_pnl
from isomargin_reference.numbers import ONE, ZERO
from isomargin_reference.position import OPPOSITE, Position
from isomargin_reference.profile import Profile
from isomargin_reference.state import State

__all__ = ["CHANGES"]

Arguments = Mapping[str, Any]

_LITTLE = ONE.scaleb(-8)
_MUCH = Decimal(10) ** 15
_USUAL_LIMIT = Decimal(125)


# Another price


def _of_settlement(_real: Any, position: Position, _price: Decimal) -> Decimal:
    return position.gain_price


def _before_it_is_kept(
    _real: Any, profile: Profile, position: Position, price: Decimal
) -> int:
    value = position.value(price)
    reaches = gt if profile.tier_boundary == "upper_inclusive" else ge
    floors = [tier.notional_floor for tier in position.instrument.tiers[1:]]
    return sum(reaches(value.numerator, each * value.denominator) for each in floors)


def _others_at_mark(
    real: Any, profile: Profile, positions: tuple[Position, ...], free: Decimal
) -> bool:
    first = positions[0].instrument.symbol if positions else ""
    seen = [
        each
        if each.instrument.symbol == first
        else each._replace(index_price=None, last_price=None)
        for each in positions
    ]
    return bool(real(profile, tuple(seen), free))


def _steps_at_trigger(
    real: Any, profile: Profile, position: Position, price: Decimal
) -> int:
    # Never the higher of the two: there would be nothing to close, for ever.
    at_trigger = real(profile, position, trigger_price(profile, position))
    return int(min(at_trigger, real(profile, position, price)))


def _index_of_isolated(real: Any, position: Position) -> Decimal:
    price: Decimal = position.mark_price
    return real(position) if position.is_isolated else price


def _index_of_any(real: Any, state: State, key: Key) -> Position:
    position: Position = real(state, key)
    published = [each.index for each in state.prices.values() if each.index]
    return position._replace(
        index_price=position.index_price or next(iter(published), None)
    )


def _held_at_entry(
    real: Any, profile: Profile, position: Position, *rest: Any
) -> Decimal | None:
    price: Decimal | None = real(profile, position, *rest)
    if price is None or profile.liquidation_price_shift == "none":
        return price
    nearer = min if position.sign > 0 else max
    return nearer(price, position.entry_price)


def _removable_at_last(real: Any, profile: Profile, position: Position) -> Decimal:
    last = position.last_price or position.mark_price
    figure: Decimal = real(profile, position._replace(mark_price=last))
    return figure


def _on_ticks_alone(real: Any, state: State, given: Arguments) -> Any:
    order = real(state, given)
    tick = state.instrument(order.symbol).tick_size
    if tick is not None and order.price % tick:
        raise Refused(Reason.INVALID_PRICE)
    return order


def _mark_in_one_asset(real: Any, state: State, order: Any) -> State:
    settle = state.instrument(order.symbol).settle
    held_elsewhere = any(state.settle(key) != settle for key in state.holdings)
    after: State = state if held_elsewhere else real(state, order)
    return after


# When a position fails


def _never_in_gain(real: Any, profile: Profile, position: Position) -> bool:
    gain = unrealised_pnl(position, trigger_price(profile, position))
    saved = gain > 0 and position.isolated_margin > 0
    return not saved and bool(real(profile, position))


def _never_at_nothing(real: Any, profile: Profile, position: Position) -> bool:
    price = trigger_price(profile, position)
    equity = position.isolated_margin + unrealised_pnl(position, price)
    spared = equity == 0 and requirement(profile, position, price) == 0
    return not spared and bool(real(profile, position))


def _saved_by_the_other_side(real: Any, state: State, key: Key) -> bool:
    hedged = (key[0], OPPOSITE[key[1]]) in state.holdings
    return not hedged and bool(real(state, key))


def _two_assets(real: Any, state: State) -> list[str]:
    found: list[str] = real(state)
    return found[:2]


def _to_fund_after_steps(real: Any, state: State, key: Key) -> State:
    if state.profile.liquidation_process == "full":
        after: State = real(state, key)
        return after
    after = real(under(state, liquidation_leftover="insurance_fund"), key)
    return after._replace(venue=state.venue)


def _orders_of_both_sides(real: Any, state: State, key: Key) -> State:
    after: State = real(state, key)
    other = (key[0], OPPOSITE[key[1]])
    if other not in after.holdings:
        return after
    held = after.holdings[other]
    return after.holding(other, held._replace(stop_loss=None, take_profit=None))


# Cash


def _tied_by_requirement(real: Any, profile: Profile, position: Position) -> Decimal:
    initial: Decimal = real(profile, position)
    return max(initial, requirement(profile, position, position.mark_price))


def _all_free_in_hedge(real: Any, state: State, asset: str) -> Decimal:
    available: Decimal = real(state, asset)
    return state.free_balance(asset) if state.position_mode == "hedge" else available


def _rest_overdrawn(real: Any, state: State, close: Any) -> State:
    after: State = real(state, close)
    paid = sum(
        posting.amount
        for posting in after.ledger.postings[len(state.ledger.postings) :]
        if posting.source.name == "insurance_fund"
    )
    if close.is_whole or not paid:
        return after
    return shifted(after, "isolated_margin", "insurance_fund", close.key, paid)


def _fund_never_below_zero(
    real: Any, state: State, key: Key, bucket: Any, amount: Decimal
) -> State:
    asset = state.settle(key)
    held = [
        total
        for each, total in state.ledger.totals.items()
        if (each.name, each.asset) == ("insurance_fund", asset)
    ]
    lacking = amount - sum(held)
    lent = state
    if 0 < lacking < amount:
        lent = shifted(state, "counterparty", "insurance_fund", key, lacking)
    after: State = real(lent, key, bucket, amount)
    return after


def _other_way_in_cross(
    real: Any, state: State, key: Key, position: Position, payment: Decimal
) -> State:
    rises = position.instrument.contract.value_rises
    turned = not (rises or position.is_isolated) and position.side == "short"
    after: State = real(state, key, position, -payment if turned else payment)
    return after


def _by_float(real: Any, source: Arguments, *names: str) -> Decimal:
    amount: Decimal = real(source, *names)
    return Decimal(int(float(amount))) if amount > _MUCH else amount


def _dust_goes(real: Any, state: State, key: Key, quantity: Decimal) -> State:
    held = state.holdings[key].quantity
    left_alone = state.isolated_margin(key) == 0 and held - quantity < _LITTLE
    after: State = real(state, key, held if left_alone else quantity)
    return after


def _named_when_alone(
    real: Any, state: State, part: Position, named: Decimal | None
) -> Decimal:
    alone = state.position_mode == "one_way" or not state.holdings
    tied: Decimal = real(state, part, named if alone else None)
    return tied


# What is remembered


def _settings_forgotten(real: Any, state: State, given: Arguments) -> State:
    after: State = real(state, given)
    return after._replace(settings={})


def _leverage_forgotten(real: Any, state: State, key: Key, quantity: Decimal) -> State:
    after: State = real(state, key, quantity)
    if after.position_mode == "one_way" or keys_of(after, key[0]):
        return after
    return after.set(key[0], after.setting(key[0])._replace(leverage=ONE))


def _leverage_of_the_asset(real: Any, state: State, given: Arguments) -> State:
    after: State = real(state, given)
    symbol = given["instrument"]
    for other in after.venue.instruments:
        alike = after.settle((other, "long")) == after.settle((symbol, "long"))
        if alike and other not in after.settings:
            after = after.set(
                other, after.setting(symbol)._replace(margin_mode="cross")
            )
    return after


def _switched_off_unoffered(real: Any, state: State, given: Arguments) -> State:
    try:
        after: State = real(state, given)
    except Refused as refusal:
        unoffered = refusal.reason is Reason.AUTO_ADD_MARGIN_NOT_OFFERED
        if unoffered and given["enabled"] in (False, "no", "false"):
            return state
        raise
    return after


def _switched_over(real: Any, state: State, given: Arguments) -> State:
    after: State = real(state, given)
    for key, held in after.holdings.items():
        if held.auto_add_margin and state.holdings[key] == held:
            return after.holding(key, held._replace(auto_add_margin=False))
    return after


# What is read


def _first_fees(real: Any, state: State, key: Key) -> Position:
    position: Position = real(state, key)
    first: Instrument = next(iter(state.venue.instruments.values()))
    instrument = altered(position.instrument, fees=first.fees)
    return position._replace(instrument=instrument)


def _fees_of_the_quoted(
    real: Any, profile: Profile, source: Any, quoted: Instrument, where: str
) -> Position:
    other: Position = real(profile, source, quoted, where)
    return other._replace(instrument=altered(other.instrument, fees=quoted.fees))


def _never_settled(real: Any, *given: Any) -> Position:
    other: Position = real(*given)
    return other._replace(settlement_price=None)


def _nothing_is_absent(real: Any, source: Arguments, name: str, where: str) -> Any:
    figure = real(source, name, where)
    return None if name == "isolated_margin" and not figure else figure


def _liquidation_as_taker(real: Any, source: Arguments, where: str) -> Any:
    fees = real(source, where)
    return fees if "liquidation" in source else {**fees, "liquidation": fees["taker"]}


def _taker_always_pays(real: Any, source: Arguments, where: str) -> Any:
    fees = real(source, where)
    return {**fees, "taker": max(ZERO, fees["taker"])}


def _limited(real: Any, sources: Any, where: str) -> tuple[Tier, ...]:
    tiers: tuple[Tier, ...] = real(sources, where)
    if any(tier.maintenance_margin_rate or tier.max_leverage for tier in tiers):
        return tiers
    return (altered(tiers[0], max_leverage=_USUAL_LIMIT),)


def _paid_before_the_close(real: Any, state: State, given: Arguments) -> State:
    before = available_balance
    after: State = real(state, given)
    opened = [key for key in after.holdings if key not in state.holdings]
    gone = [key for key in state.holdings if key not in after.holdings]
    for key in opened if gone else ():
        asset = after.settle(key)
        returned = state.isolated_margin(gone[0])
        if after.isolated_margin(key) > before(state, asset) + returned:
            raise Refused(Reason.INSUFFICIENT_BALANCE)
    return after


CHANGES = (
    Change("tier-by-settlement-price", "tiers:_LOOKED_UP_AT[entry]", _of_settlement),
    Change("tier-edge-before-it-is-kept", "tiers:tier_index", _before_it_is_kept),
    Change("others-triggered-at-mark", "equity:cross_is_liquidatable", _others_at_mark),
    Change(
        "step-down-sized-at-trigger",
        "liquidation:tier_index",
        _steps_at_trigger,
        only_here=True,
    ),
    Change(
        "cross-funding-on-mark",
        "actions.market:_FUNDING_PRICE[index]",
        _index_of_isolated,
    ),
    Change(
        "funding-on-index-of-another",
        "actions.market:position_at",
        _index_of_any,
        only_here=True,
    ),
    Change(
        "shifted-price-held-at-entry",
        "liquidation_price:liquidation_price",
        _held_at_entry,
    ),
    Change(
        "removable-at-last-price",
        "actions.margin:removable_margin",
        _removable_at_last,
        only_here=True,
    ),
    Change("price-between-ticks-refused", "actions.trade:_order", _on_ticks_alone),
    Change(
        "first-mark-in-one-asset-alone",
        "actions.trade:_first_marked",
        _mark_in_one_asset,
    ),
    Change("never-liquidated-in-gain", "equity:is_liquidatable", _never_in_gain),
    Change("nothing-spared-at-nothing", "equity:is_liquidatable", _never_at_nothing),
    Change(
        "hedge-opened-into-liquidation",
        "actions.opening:would_be_liquidated",
        _saved_by_the_other_side,
        only_here=True,
    ),
    Change("third-asset-overlooked", "triggers:assets", _two_assets, only_here=True),
    Change(
        "leftover-taken-after-steps",
        "liquidation:_wholly_liquidated",
        _to_fund_after_steps,
    ),
    Change(
        "orders-of-both-sides-dropped",
        "liquidation:_wholly_liquidated",
        _orders_of_both_sides,
    ),
    Change(
        "available-less-requirement",
        "account:initial_margin",
        _tied_by_requirement,
        only_here=True,
    ),
    Change(
        "withdrawal-of-all-in-hedge",
        "actions.cash:available_balance",
        _all_free_in_hedge,
        only_here=True,
    ),
    Change(
        "rest-overdrawn-by-a-part", "settlement:_settled_with_share", _rest_overdrawn
    ),
    Change("fund-never-below-zero", "settlement:insured", _fund_never_below_zero),
    Change(
        "cross-funding-of-inverse-short-reversed",
        "actions.market:_funded",
        _other_way_in_cross,
    ),
    Change("great-amounts-by-float", "actions.cash:number", _by_float, only_here=True),
    Change("dust-closed-with-the-rest", "settlement:reduced", _dust_goes),
    Change(
        "explicit-margin-heeded-when-alone", "actions.opening:_tied", _named_when_alone
    ),
    Change(
        "settings-forgotten-with-position-mode",
        "actions.mode:set_position_mode",
        _settings_forgotten,
    ),
    Change(
        "leverage-forgotten-with-last-side", "settlement:reduced", _leverage_forgotten
    ),
    Change(
        "leverage-set-for-the-whole-asset",
        "actions.leverage:set_leverage",
        _leverage_of_the_asset,
    ),
    Change(
        "auto-add-off-though-not-offered",
        "actions.margin:set_auto_add_margin",
        _switched_off_unoffered,
    ),
    Change(
        "auto-add-switched-over", "actions.margin:set_auto_add_margin", _switched_over
    ),
    Change(
        "fees-of-the-first-instrument",
        "actions.opening:position_at",
        _first_fees,
        only_here=True,
    ),
    Change("others-by-the-fees-of-the-quoted", "quoting:_other", _fees_of_the_quoted),
    Change("others-never-settled", "quoting:_other", _never_settled),
    Change(
        "allocation-of-nothing-not-read",
        "quoting:optional_number",
        _nothing_is_absent,
        only_here=True,
    ),
    Change(
        "liquidation-fee-taken-as-taker-fee",
        "instrument:_fees",
        _liquidation_as_taker,
    ),
    Change("taker-rebate-not-read", "instrument:_fees", _taker_always_pays),
    Change("leverage-limited-by-nobody", "instrument:_tiers", _limited),
    Change("flip-paid-before-the-close", "actions.trade:trade", _paid_before_the_close),
)
