"""Faults of trading: opening, increasing, reducing, closing, turning; their fees."""

from decimal import Decimal
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_faulty.turns import (
    CENTS,
    DUST,
    UNLIMITED,
    accepted_for,
    altered,
    cut,
    forced_in,
    free,
    holding,
    margin,
    richer,
    shifted,
    under,
    unmoved,
    waived,
)
from isomargin_reference.account import available_balance, position_at, wallet_balance
from isomargin_reference.actions.trade import _Order, _Plan
from isomargin_reference.errors import Reason, Refused
from isomargin_reference.inputs import number
from isomargin_reference.ledger import Bucket, Key, external
from isomargin_reference.margin import initial_margin, portion, unrealised_pnl
from isomargin_reference.numbers import ZERO, divided, integral, rounded
from isomargin_reference.position import OPPOSITE, Position
from isomargin_reference.state import Fill, Holding, Prices, State

__all__ = ["CHANGES"]

_TRADE = "actions.trade:trade"
_PLAN = "actions.trade:_plan"
_OPENED = "actions.opening:opened"
_CLOSED = "settlement:closed"
_CLOSE = "settlement:_close"

Arguments = dict[str, Any]


# What is asked for


def _off_step(real: Any, state: State, symbol: str, arguments: Arguments) -> Decimal:
    quantity = number(arguments, "quantity", "with")
    figure: Decimal = quantity if quantity > 0 else real(state, symbol, arguments)
    return figure


def _to_step(real: Any, state: State, symbol: str, arguments: Arguments) -> Decimal:
    quantity = number(arguments, "quantity", "with")
    step = state.instrument(symbol).quantity_step
    if step is not None and quantity >= step:
        return integral(quantity, step, "floor") * step
    figure: Decimal = real(state, symbol, arguments)
    return figure


def _unsigned(real: Any, state: State, symbol: str, arguments: Arguments) -> Decimal:
    quantity = str(arguments["quantity"]).removeprefix("-")
    figure: Decimal = real(state, symbol, {**arguments, "quantity": quantity})
    return figure


def _any_price(real: Any, amount: Decimal, reason: Reason) -> Decimal:
    figure: Decimal = amount if reason is Reason.INVALID_PRICE else real(amount, reason)
    return figure


def _side_as_it_comes(real: Any, state: State, arguments: Arguments) -> str | None:
    side = arguments.get("position_side")
    if state.position_mode == "one_way":
        return None
    return "long" if side is None else str(side)


def _made(liquidity: str) -> Any:
    return lambda real, state, arguments: altered(
        real(state, arguments), liquidity=liquidity
    )


# How an order is split


def _opening_when_nothing_closes(real: Any, state: State, order: _Order) -> _Plan:
    key = (order.symbol, str(order.position_side))
    if key not in state.holdings and order.direction != order.position_side:
        return _Plan(key, ZERO, (order.symbol, order.direction), order.quantity)
    plan: _Plan = real(state, order)
    return plan


def _closing_too_much(real: Any, state: State, order: _Order) -> _Plan:
    plan: _Plan = real(state, altered(order, reduce_only=True))
    rest = ZERO if order.direction == order.position_side else order.quantity
    other = (order.symbol, order.direction)
    if rest and not order.reduce_only:
        return altered(plan, opens=other, opening=rest - plan.closing)
    usual: _Plan = real(state, order)
    return usual


def _netted(real: Any, state: State, order: _Order) -> _Plan:
    from_one_way = real.__globals__["_one_way"]
    plan: _Plan = from_one_way(state, order)
    return plan


def _reduce_only_refused(real: Any, state: State, order: _Order) -> _Plan:
    plan: _Plan = real(state, order)
    if order.reduce_only and plan.closing < order.quantity:
        raise Refused(Reason.INVALID_QUANTITY)
    return plan


def _on_old_side(real: Any, state: State, order: _Order) -> _Plan:
    plan: _Plan = real(state, order)
    return altered(plan, opens=plan.closes) if plan.closing else plan


def _no_rest(real: Any, state: State, order: _Order) -> _Plan:
    plan: _Plan = real(state, order)
    return altered(plan, opening=ZERO) if plan.closing else plan


def _no_turn(real: Any, state: State, order: _Order) -> _Plan:
    plan: _Plan = real(state, order)
    if plan.closing and plan.opening:
        raise Refused(Reason.INSUFFICIENT_BALANCE)
    return plan


# Turning


def _turned(
    before: State, after: State, arguments: Arguments
) -> tuple[Key, Key] | None:
    """Return the old and the new position of a turn, None where it is none."""
    for side, other in OPPOSITE.items():
        old, new = (arguments["instrument"], side), (arguments["instrument"], other)
        turned = old in before.holdings and new not in before.holdings
        if turned and new in after.holdings and old not in after.holdings:
            return old, new
    return None


def _with_old_entry(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    keys = _turned(state, after, arguments)
    if keys is None:
        return after
    return holding(after, keys[1], entry_price=state.holdings[keys[0]].entry_price)


def _with_old_margin(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    keys = _turned(state, after, arguments)
    if keys is None:
        return after
    change = state.isolated_margin(keys[0]) - after.isolated_margin(keys[1])
    return shifted(after, "free_balance", "isolated_margin", keys[1], change)


def _with_old_orders(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    keys = _turned(state, after, arguments)
    if keys is None:
        return after
    old = state.holdings[keys[0]]
    return holding(
        after, keys[1], stop_loss=old.stop_loss, auto_add_margin=old.auto_add_margin
    )


def _before_the_loss(real: Any, state: State, asset: str) -> Decimal:
    realised = [
        each.amount
        for each in state.events
        if each.event == "realised_pnl" and each.amount and each.amount < 0
    ]
    available: Decimal = real(state, asset)
    return available - sum(realised, ZERO)


def _margin_not_yet_free(real: Any, state: State, asset: str) -> Decimal:
    released = [
        each.amount
        for each in state.events
        if each.event == "margin_released" and each.amount
    ]
    available: Decimal = real(state, asset)
    return available - sum(released, ZERO)


# Opening and increasing


def _fee(state: State, key: Key, fill: Fill, **_: Any) -> Decimal:
    instrument = state.instrument(key[0])
    each = instrument.contract.value(instrument.contract_size, fill.price)
    rate = instrument.fees[fill.liquidity]
    return divided(fill.quantity * each.numerator * rate, each.denominator)


def _allocated_elsewhere(state: State, key: Key, *_: Any, **__: Any) -> Decimal:
    asset = state.settle(key)
    return wallet_balance(state, asset) - available_balance(state, asset)


def _dust_missing(state: State, *_: Any, **__: Any) -> Decimal:
    return -DUST


def _initial_besides(
    state: State, key: Key, fill: Fill, *, allocation: Decimal | None
) -> Decimal:
    leverage = state.setting(key[0]).leverage
    instrument = state.instrument(key[0])
    each = instrument.contract.value(instrument.contract_size, fill.price)
    initial = divided(fill.quantity * each.numerator, each.denominator * leverage)
    return ZERO if allocation is None else -initial


def _fee_over_leverage(
    real: Any, state: State, key: Key, bucket: Bucket, fee: Decimal
) -> State:
    after: State = real(
        state, key, bucket, divided(fee, state.setting(key[0]).leverage)
    )
    return after


def _fee_twice(
    real: Any, state: State, key: Key, bucket: Bucket, fee: Decimal
) -> State:
    after: State = real(state, key, bucket, 2 * fee)
    return after


def _fee_cut(real: Any, state: State, key: Key, bucket: Bucket, fee: Decimal) -> State:
    after: State = real(state, key, bucket, cut(fee))
    return after


def _fee_from_margin(
    real: Any, state: State, key: Key, bucket: Bucket, fee: Decimal
) -> State:
    isolated = state.setting(key[0]).margin_mode == "isolated"
    after: State = real(state, key, margin(state, key) if isolated else bucket, fee)
    return after


def _fee_of_isolated(
    real: Any, state: State, key: Key, bucket: Bucket, fee: Decimal
) -> State:
    isolated = state.setting(key[0]).margin_mode == "isolated"
    after: State = real(state, key, bucket, 2 * fee if isolated else fee)
    return after


def _fee_from_another(
    real: Any, state: State, key: Key, bucket: Bucket, fee: Decimal
) -> State:
    others = [
        each
        for each in state.holdings
        if each != key
        and state.settle(each) == state.settle(key)
        and state.isolated_margin(each) > fee
    ]
    after: State = real(state, key, margin(state, others[0]) if others else bucket, fee)
    return after


def _grown_with(entry: Any) -> Any:
    """Return a `_grown` whose entry price after an increase is worked out otherwise."""

    def grown(real: Any, state: State, key: Key, fill: Fill) -> State:
        after: State = real(state, key, fill)
        held: Holding | None = state.holdings.get(key)
        if held is None:
            return after
        return holding(after, key, entry_price=entry(held, fill, after.holdings[key]))

    return grown


def _quantity_replaced(real: Any, state: State, key: Key, fill: Fill) -> State:
    after: State = real(state, key, fill)
    return holding(after, key, quantity=fill.quantity)


def _margin_replaced(
    real: Any, state: State, key: Key, fill: Fill, *, allocation: Decimal | None
) -> State:
    after: State = real(state, key, fill, allocation=allocation)
    old = state.isolated_margin(key)
    return shifted(after, "isolated_margin", "free_balance", key, old)


def _whole_margined(
    real: Any, state: State, key: Key, fill: Fill, *, allocation: Decimal | None
) -> State:
    after: State = real(state, key, fill, allocation=allocation)
    if key not in state.holdings or not position_at(after, key).is_isolated:
        return after
    initial = initial_margin(after.profile, position_at(after, key))
    change = initial - after.isolated_margin(key)
    return shifted(after, "free_balance", "isolated_margin", key, change)


def _never_given_back(
    real: Any, state: State, key: Key, fill: Fill, *, allocation: Decimal | None
) -> State:
    after: State = real(state, key, fill, allocation=allocation)
    change = after.isolated_margin(key) - state.isolated_margin(key)
    return shifted(after, "free_balance", "counterparty", key, change)


def _any_allocation(
    real: Any, state: State, part: Position, allocation: Decimal | None
) -> Decimal:
    tied: Decimal = real(state, part, None)
    given = allocation is not None and part.is_isolated
    return allocation if given and allocation is not None else tied


def _on_top(
    real: Any, state: State, part: Position, allocation: Decimal | None
) -> Decimal:
    tied: Decimal = real(state, part, None)
    return tied + (allocation or ZERO) if part.is_isolated else tied


def _at_old_leverage(real: Any, profile: Any, position: Position) -> bool:
    first = altered(position.instrument, tiers=position.instrument.tiers[:1])
    admitted: bool = real(profile, altered(position, instrument=first))
    return admitted


# Closing and reducing


def _close_with(**fields: Any) -> Any:
    """Return a `_close` some fields of which are worked out otherwise."""

    def close(real: Any, position: Position, key: Key, fill: Fill) -> Any:
        worked_out = {name: of(position, fill) for name, of in fields.items()}
        return altered(real(position, key, fill), **worked_out)

    return close


def _fee_on_entry(position: Position, fill: Fill) -> Decimal:
    part = altered(position, quantity=fill.quantity)
    rate = part.instrument.fees[fill.liquidity]
    return portion(part.value(part.entry_price), rate)


def _fee_on_whole(position: Position, fill: Fill) -> Decimal:
    rate = position.instrument.fees[fill.liquidity]
    return portion(position.value(fill.price), rate)


def _whole_gain(position: Position, fill: Fill) -> Decimal:
    return unrealised_pnl(position, fill.price)


def _gain_at_mark(position: Position, fill: Fill) -> Decimal:
    part = altered(position, quantity=fill.quantity)
    return unrealised_pnl(part, part.mark_price)


def _gain_reversed(position: Position, fill: Fill) -> Decimal:
    part = altered(position, quantity=fill.quantity)
    return position.sign * unrealised_pnl(part, fill.price)


def _share_of_initial(real: Any, state: State, close: Any) -> Decimal:
    share: Decimal = real(state, close)
    if close.is_whole:
        return share
    part = altered(position_at(state, close.key), quantity=close.quantity)
    return min(state.isolated_margin(close.key), initial_margin(state.profile, part))


def _share_unless_whole(share: Any) -> Any:
    def part(real: Any, state: State, close: Any) -> Decimal:
        usual: Decimal = real(state, close)
        return usual if close.is_whole else share(state, close)

    return part


def _entry_moved(real: Any, state: State, key: Key, fill: Fill) -> State:
    after: State = real(state, key, fill)
    if key not in after.holdings:
        return after
    held, left = state.holdings[key], after.holdings[key].quantity
    cost = held.quantity * held.entry_price - fill.quantity * fill.price
    entry = divided(cost, left)
    return holding(after, key, entry_price=entry) if entry > 0 else after


def _shortfall_insured_at_once(real: Any, state: State, close: Any) -> State:
    after: State = real(state, close)
    share = real.__globals__["_share"](state, close)
    taken = state.isolated_margin(close.key) - share - after.isolated_margin(close.key)
    return shifted(after, "insurance_fund", "isolated_margin", close.key, taken)


def _cross_profit_kept(real: Any, state: State, key: Key, fill: Fill) -> State:
    position = position_at(state, key)
    after: State = real(state, key, fill)
    if position.is_isolated:
        return after
    part = altered(position, quantity=fill.quantity)
    profit = max(ZERO, unrealised_pnl(part, fill.price))
    return shifted(after, "free_balance", "counterparty", key, profit)


def _quantity_kept(real: Any, state: State, key: Key, quantity: Decimal) -> State:
    if quantity < state.holdings[key].quantity:
        return state
    after: State = real(state, key, quantity)
    return after


def _into_free(real: Any, state: State, close: Any) -> State:
    settled = real.__globals__["_settled"]
    after: State = settled(state, close, free(state, close.key))
    return after


# Prices


def _always_marked(real: Any, state: State, order: _Order) -> State:
    prices: Prices = state.published(order.symbol)
    return state.priced(order.symbol, altered(prices, mark=order.price))


def _fee_spared(real: Any, state: State, key: Key, *rest: Any, **named: Any) -> State:
    more = _fee(state, key, *rest)
    bucket = external(state.settle(key))
    after: State = real(
        state.moved(bucket, free(state, key), more), key, *rest, **named
    )
    return after.moved(free(state, key), bucket, more)


CHANGES = (
    Change("negative-quantity-traded", "actions.trade:_quantity", _unsigned),
    Change("quantity-step-ignored", "actions.trade:_quantity", _off_step),
    Change("quantity-rounded-to-step", "actions.trade:_quantity", _to_step),
    Change(
        "price-below-zero-traded",
        "actions.trade:above_zero",
        _any_price,
        only_here=True,
    ),
    Change(
        "position-side-ignored", "actions.arguments:position_side", _side_as_it_comes
    ),
    Change("maker-pays-taker-fee", "actions.trade:_order", _made("taker")),
    Change("taker-pays-maker-fee", "actions.trade:_order", _made("maker")),
    Change("hedge-close-opens", "actions.trade:_hedge", _opening_when_nothing_closes),
    Change("hedge-close-flips", "actions.trade:_hedge", _closing_too_much),
    Change(
        "hedge-close-trimmed",
        "actions.trade:_hedge",
        lambda real, state, order: real(state, altered(order, reduce_only=True)),
    ),
    Change("hedge-sides-netted", "actions.trade:_hedge", _netted),
    Change(
        "reduce-only-ignored",
        _PLAN,
        lambda real, state, order: real(state, altered(order, reduce_only=False)),
    ),
    Change(
        "reduce-only-does-nothing-instead-of-refusing",
        _TRADE,
        accepted_for(Reason.REDUCE_ONLY_WOULD_INCREASE),
    ),
    Change(
        "reduce-only-without-position-accepted",
        _TRADE,
        accepted_for(Reason.POSITION_NOT_FOUND),
    ),
    Change("reduce-only-refused-when-larger", _PLAN, _reduce_only_refused),
    Change("flip-keeps-old-side", "actions.trade:_one_way", _on_old_side),
    Change("flip-drops-the-rest", "actions.trade:_one_way", _no_rest),
    Change("flip-refused", "actions.trade:_one_way", _no_turn),
    Change("flip-keeps-old-entry-price", _TRADE, _with_old_entry),
    Change("flip-keeps-old-margin", _TRADE, _with_old_margin),
    Change("flip-keeps-orders", _TRADE, _with_old_orders),
    Change(
        "flip-sized-before-the-loss",
        "actions.opening:available_balance",
        _before_the_loss,
        only_here=True,
    ),
    Change(
        "flip-sized-without-released-margin",
        "actions.opening:available_balance",
        _margin_not_yet_free,
        only_here=True,
    ),
    Change(
        "opening-fee-on-margin",
        "actions.opening:fee_paid",
        _fee_over_leverage,
        only_here=True,
    ),
    Change("opening-fee-missing", "actions.opening:fee_paid", unmoved, only_here=True),
    Change("opening-fee-twice", "actions.opening:fee_paid", _fee_twice, only_here=True),
    Change(
        "opening-fee-from-margin",
        "actions.opening:fee_paid",
        _fee_from_margin,
        only_here=True,
    ),
    Change(
        "opening-fee-higher-when-isolated",
        "actions.opening:fee_paid",
        _fee_of_isolated,
        only_here=True,
    ),
    Change(
        "opening-fee-from-another-position",
        "actions.opening:fee_paid",
        _fee_from_another,
        only_here=True,
    ),
    Change("fees-rounded-down-to-cents", "settlement:fee_paid", _fee_cut),
    Change("closing-fee-missing", "settlement:fee_paid", unmoved, only_here=True),
    Change("closing-fee-on-entry-value", _CLOSE, _close_with(fee=_fee_on_entry)),
    Change("closing-fee-on-whole-position", _CLOSE, _close_with(fee=_fee_on_whole)),
    Change("close-realises-the-whole-gain", _CLOSE, _close_with(gain=_whole_gain)),
    Change("close-gain-at-mark", _CLOSE, _close_with(gain=_gain_at_mark)),
    Change("close-gain-of-short-reversed", _CLOSE, _close_with(gain=_gain_reversed)),
    Change(
        "reduction-releases-everything",
        "settlement:_share",
        lambda real, state, close: state.isolated_margin(close.key),
    ),
    Change(
        "reduction-releases-nothing",
        "settlement:_share",
        _share_unless_whole(lambda state, close: ZERO),
    ),
    Change("reduction-keeps-added-margin", "settlement:_share", _share_of_initial),
    Change("reduction-moves-entry-price", _CLOSED, _entry_moved),
    Change("reduction-keeps-quantity", "settlement:reduced", _quantity_kept),
    Change(
        "reduction-releases-though-none-is",
        _CLOSED,
        forced_in(reduce_release="proportional"),
    ),
    Change(
        "reduction-settles-in-free-balance", "settlement:_settled_in_margin", _into_free
    ),
    Change(
        "close-costs-more-than-the-margin",
        "settlement:insured",
        unmoved,
        only_here=True,
    ),
    Change(
        "close-shortfall-spares-remaining-margin",
        "settlement:_settled_with_share",
        _shortfall_insured_at_once,
    ),
    Change("cross-profit-not-paid-out", _CLOSED, _cross_profit_kept),
    Change(
        "increase-keeps-entry-price",
        "actions.opening:_grown",
        _grown_with(lambda held, fill, after: held.entry_price),
    ),
    Change(
        "increase-takes-new-entry-price",
        "actions.opening:_grown",
        _grown_with(lambda held, fill, after: fill.price),
    ),
    Change(
        "increase-averages-without-weights",
        "actions.opening:_grown",
        _grown_with(
            lambda held, fill, after: (held.entry_price + fill.price) * Decimal("0.5")
        ),
    ),
    Change(
        "entry-price-rounded-each-time",
        "actions.opening:_grown",
        _grown_with(
            lambda held, fill, after: rounded(after.entry_price, CENTS, "half_even")
        ),
    ),
    Change("increase-replaces-quantity", "actions.opening:_grown", _quantity_replaced),
    Change("increase-replaces-margin", _OPENED, _margin_replaced),
    Change("increase-uses-up-added-margin", _OPENED, _whole_margined),
    Change("order-margin-never-given-back", _OPENED, _never_given_back),
    Change(
        "allocation-at-mark",
        "actions.opening:_tied",
        lambda real, state, part, allocation: real(
            under(state, initial_margin_price="mark"), part, allocation
        ),
    ),
    Change(
        "explicit-margin-ignored",
        "actions.opening:_tied",
        lambda real, state, part, allocation: real(state, part, None),
    ),
    Change(
        "explicit-margin-too-small-accepted", "actions.opening:_tied", _any_allocation
    ),
    Change("explicit-margin-on-top", "actions.opening:_tied", _on_top),
    Change("explicit-margin-needs-initial-besides", _OPENED, richer(_initial_besides)),
    Change(
        "leverage-cap-not-checked-on-trade",
        "actions.opening:leverage_is_admitted",
        lambda real, profile, position: True,
        only_here=True,
    ),
    Change(
        "leverage-cap-of-first-tier-on-trade",
        "actions.opening:leverage_is_admitted",
        _at_old_leverage,
        only_here=True,
    ),
    Change(
        "opening-without-balance-check",
        "actions.opening:available_balance",
        lambda real, state, asset: UNLIMITED,
        only_here=True,
    ),
    Change("opening-checked-without-fee", _OPENED, _fee_spared),
    Change("opening-checked-against-wallet", _OPENED, richer(_allocated_elsewhere)),
    Change("exactly-affordable-refused", _OPENED, richer(_dust_missing)),
    Change(
        "opening-into-liquidation",
        "actions.opening:would_be_liquidated",
        lambda real, state, key: False,
        only_here=True,
    ),
    Change("first-trade-sets-no-mark-price", "actions.trade:_first_marked", unmoved),
    Change(
        "every-trade-sets-mark-price", "actions.trade:_first_marked", _always_marked
    ),
    Change(
        "leverage-cap-refused-as-balance",
        "actions.opening:refuse_unless",
        lambda real, holds, reason: real(
            holds,
            Reason.INSUFFICIENT_BALANCE
            if reason is Reason.LEVERAGE_TOO_HIGH
            else reason,
        ),
        only_here=True,
    ),
    Change(
        "reduce-only-refusals-waived",
        "actions.trade:refuse_unless",
        waived(Reason.REDUCE_ONLY_WOULD_INCREASE),
        only_here=True,
    ),
)
