"""Faults of margin transfers, funding, prices, orders and their events."""

from decimal import Decimal
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_faulty.turns import (
    DUST,
    accepted_for,
    altered,
    forced_in,
    holding,
    shifted,
    unmoved,
    waived,
)
from isomargin_reference import triggers
from isomargin_reference.account import (
    available_balance,
    keys_of,
    position_at,
    would_be_liquidated,
)
from isomargin_reference.engine import Step
from isomargin_reference.errors import Reason
from isomargin_reference.inputs import number, optional_number
from isomargin_reference.ledger import Key
from isomargin_reference.margin import initial_margin, unrealised_pnl
from isomargin_reference.numbers import ZERO, divided
from isomargin_reference.position import OPPOSITE, Position
from isomargin_reference.state import Fill, Holding, Prices, State

__all__ = ["CHANGES"]

_ADD = "actions.margin:add_margin"
_REMOVE = "actions.margin:remove_margin"
_AUTO = "actions.margin:set_auto_add_margin"
_FUND = "actions.market:apply_funding"
_FUNDED = "actions.market:_funded"
_PUBLISH = "actions.market:set_mark_price"

Arguments = dict[str, Any]


def _key(state: State, arguments: Arguments) -> Key:
    side = arguments.get("position_side")
    keys = keys_of(state, arguments["instrument"])
    return next(key for key in keys if side in (None, key[1]))


# Adding and removing margin


def _as_quantity(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    position = position_at(state, _key(state, arguments))
    added = number(arguments, "amount", "with") * position.leverage
    more = divided(added, position.notional(position.entry_price))
    quantity = position.quantity * (1 + more)
    return holding(after, _key(state, arguments), quantity=quantity)


def _from_nowhere(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    amount = number(arguments, "amount", "with")
    return shifted(after, "external", "free_balance", _key(state, arguments), amount)


def _other_side(real: Any, state: State, arguments: Arguments) -> Key:
    key: Key = real(state, arguments)
    other = (key[0], OPPOSITE[key[1]])
    return other if other in state.holdings else key


def _from_another(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    key, amount = _key(state, arguments), number(arguments, "amount", "with")
    for other in state.holdings:
        same = other != key and state.settle(other) == state.settle(key)
        if same and state.isolated_margin(other) > amount:
            return shifted(after, "isolated_margin", "free_balance", other, amount)
    return after


def _entry_too(real: Any, state: State, arguments: Arguments) -> State:
    """Return the state in which added margin has bettered the entry price."""
    after: State = real(state, arguments)
    position = position_at(state, _key(state, arguments))
    amount = number(arguments, "amount", "with")
    share = divided(amount, position.notional(position.entry_price))
    entry = position.entry_price * (1 - position.sign * share)
    return holding(after, _key(state, arguments), entry_price=entry)


def _lost(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    amount = number(arguments, "amount", "with")
    key = _key(state, arguments)
    return shifted(after, "free_balance", "insurance_fund", key, amount)


# Funding


def _paid(change: Any) -> Any:
    """Return a `_funded` whose payment is worked out otherwise."""

    def funded(
        real: Any, state: State, key: Key, position: Position, payment: Decimal
    ) -> State:
        after: State = real(state, key, position, change(state, key, position, payment))
        return after

    return funded


def _value_at(price: Any) -> Any:
    def payment(
        state: State, key: Key, position: Position, payment: Decimal
    ) -> Decimal:
        value = position.notional(position.mark_price)
        other = position.notional(price(position) or position.mark_price)
        return divided(payment * other, value)

    return payment


def _one_side(real: Any, state: State, symbol: str) -> list[Key]:
    keys: list[Key] = real(state, symbol)
    return keys[:1]


def _netted(real: Any, state: State, arguments: Arguments) -> State:
    keys = keys_of(state, arguments["instrument"])
    after: State = real(state, arguments)
    if len(keys) <= 1:
        return after
    paid = state.isolated_margin(keys[1]) - after.isolated_margin(keys[1])
    back = shifted(after, "external", "isolated_margin", keys[1], paid)
    return shifted(back, "isolated_margin", "external", keys[0], paid)


def _everywhere(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    for symbol in state.venue.instruments:
        if symbol != arguments["instrument"]:
            after = real(after, {**arguments, "instrument": symbol})
    return after


def _from_free(
    real: Any, state: State, position: Position, payment: Decimal
) -> Decimal:
    return payment


def _from_free_untied(
    real: Any, state: State, position: Position, payment: Decimal
) -> Decimal:
    part: Decimal = real(state, position, payment)
    if not position.is_isolated or state.profile.funding_source == "isolated_margin":
        return part
    return min(payment, max(ZERO, state.free_balance(position.instrument.settle)))


def _receipt_to_margin(
    real: Any, state: State, position: Position, payment: Decimal
) -> Decimal:
    part: Decimal = real(state, position, payment)
    return max(ZERO, part) if position.is_isolated else part


def _cross_spared(
    real: Any, state: State, key: Key, position: Position, payment: Decimal
) -> State:
    after: State = (
        real(state, key, position, payment) if position.is_isolated else state
    )
    return after


def _untriggered(real: Any, state: State) -> State:
    if state.events and all(each.event == "funding" for each in state.events):
        return state
    after: State = real(state)
    return after


def _at_end_only(
    real: Any, state: State, key: Key, position: Position, payment: Decimal
) -> State:
    """Return the state in which funding is shown but never settled."""
    return state.noted("funding", key, amount=payment)


# Prices


def _as_last(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    last = optional_number(arguments, "last_price", "with")
    symbol = arguments["instrument"]
    if last is None:
        return after
    return after.priced(symbol, altered(after.published(symbol), mark=last))


def _index_dropped(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    symbol = arguments["instrument"]
    index = optional_number(arguments, "index_price", "with")
    last = optional_number(arguments, "last_price", "with")
    return after.priced(
        symbol, altered(after.published(symbol), index=index, last=last)
    )


def _marked_everywhere(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    mark = after.published(arguments["instrument"]).mark
    for symbol in state.venue.instruments:
        after = after.priced(symbol, altered(after.published(symbol), mark=mark))
    return after


def _settled_to_mark(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    for key in keys_of(after, arguments["instrument"]):
        position = position_at(after, key)
        if position.is_isolated and not would_be_liquidated(after, key):
            gain = unrealised_pnl(position, position.mark_price)
            after = shifted(after, "counterparty", "isolated_margin", key, gain)
            after = holding(after, key, entry_price=position.mark_price)
    return after


def _only_for_the_worse(real: Any, state: State, arguments: Arguments) -> State:
    """Return the state in which a move of more than a tenth was taken for an error."""
    symbol = arguments["instrument"]
    old = state.published(symbol).mark if symbol in state.venue.instruments else None
    after: State = real(state, arguments)
    new = after.published(symbol).mark
    if old is None or new is None or abs(new - old) * 10 <= old:
        return after
    return after.priced(symbol, altered(after.published(symbol), mark=old))


# Stop-loss, take-profit, auto-add


def _closed_at(real: Any, state: State, key: Key, order: str, price: Any) -> State:
    """Return the state after an order that is filled at its own price."""
    if price is None or not triggers.acts_at_once(state, key, order, price):
        return state
    prices: Prices = state.published(key[0])
    told: State = real(
        state.priced(key[0], altered(prices, mark=price)), key, order, price
    )
    return told.priced(key[0], prices)


def _stop_first(real: Any, state: State, key: Key) -> State:
    state = real.__globals__["_stopped"](state, key)
    after: State = real(state, key) if key in state.holdings else state
    return after


def _half(real: Any, state: State, key: Key, fill: Fill) -> State:
    half = Fill(fill.quantity * Decimal("0.5"), fill.price, fill.liquidity)
    after: State = real(state, key, half)
    return holding(after, key, stop_loss=None, take_profit=None)


def _as_maker(real: Any, state: State, key: Key, fill: Fill) -> State:
    after: State = real(state, key, altered(fill, liquidity="maker"))
    return after


def _not_cleared(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    return state if arguments["price"] is None else after


def _clearing(other: str) -> Any:
    def setting(real: Any, state: State, arguments: Arguments) -> State:
        after: State = real(state, arguments)
        return holding(after, _key(state, arguments), **{other: None})

    return setting


def _on_both_sides(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    held: Holding = after.holdings[_key(state, arguments)]
    for key in keys_of(after, arguments["instrument"]):
        after = holding(after, key, stop_loss=held.stop_loss)
    return after


def _added_once(real: Any, state: State, key: Key) -> State:
    if any(each.event == "auto_margin_added" for each in state.events):
        return state
    position = position_at(state, key)
    failing = position.is_isolated and would_be_liquidated(state, key)
    if not state.holdings[key].auto_add_margin or not failing:
        return state
    amount = real.__globals__["_auto_amount"](state, key)
    after = shifted(state, "free_balance", "isolated_margin", key, amount)
    return after.noted("auto_margin_added", key, amount=amount)


def _added_at_half(real: Any, state: State, key: Key) -> State:
    """Return the state in which margin was added before there was need."""
    position = position_at(state, key)
    equity = position.isolated_margin + unrealised_pnl(position, position.mark_price)
    held = state.holdings[key]
    early = held.auto_add_margin and 2 * equity < position.isolated_margin
    amount = min(
        available_balance(state, state.settle(key)),
        initial_margin(state.profile, position),
    )
    if not early or not amount:
        after: State = real(state, key)
        return after
    state = shifted(state, "free_balance", "isolated_margin", key, amount)
    return state.noted("auto_margin_added", key, amount=amount)


def _for_every_position(real: Any, state: State, key: Key) -> State:
    asked = holding(state, key, auto_add_margin=True)
    after: State = real(asked, key)
    # A state that nothing acted on is known by being the same.
    return state if after is asked else after


# Events


def _untold(*events: str) -> Any:
    """Return a `noted` that leaves some events out."""

    def noted(real: Any, state: State, event: str, *rest: Any, **named: Any) -> State:
        after: State = state if event in events else real(state, event, *rest, **named)
        return after

    return noted


def _told_as(**names: str) -> Any:
    """Return a `noted` that reports some events by the name of others."""

    def noted(real: Any, state: State, event: str, *rest: Any, **named: Any) -> State:
        after: State = real(state, names.get(event, event), *rest, **named)
        return after

    return noted


def _told_twice(real: Any, state: State, event: str, *rest: Any, **named: Any) -> State:
    after: State = real(state, event, *rest, **named)
    if event == "liquidation":
        after = real(after, event, *rest, **named)
    return after


def _told_backwards(real: Any, state: State, name: str, arguments: Arguments) -> Step:
    step: Step = real(state, name, arguments)
    return altered(step, events=tuple(reversed(step.events)))


_NOTED = "state:State.noted"

CHANGES = (
    Change(
        "margin-added-without-position", _ADD, accepted_for(Reason.POSITION_NOT_FOUND)
    ),
    Change("margin-added-to-cross", _ADD, accepted_for(Reason.NOT_ISOLATED)),
    Change(
        "negative-margin-moved",
        "actions.margin:above_zero",
        lambda real, amount, reason: amount,
        only_here=True,
    ),
    Change(
        "margin-added-beyond-balance",
        "actions.margin:refuse_unless",
        waived(Reason.INSUFFICIENT_BALANCE),
        only_here=True,
    ),
    Change("added-margin-becomes-quantity", _ADD, _as_quantity),
    Change("added-margin-betters-entry-price", _ADD, _entry_too),
    Change("added-margin-from-nowhere", _ADD, _from_nowhere),
    Change(
        "margin-moved-on-the-other-side",
        "actions.margin:isolated_key",
        _other_side,
        only_here=True,
    ),
    Change("added-margin-from-another-position", _ADD, _from_another),
    Change(
        "margin-removed-without-limit",
        "actions.margin:refuse_unless",
        waived(Reason.MARGIN_NOT_REMOVABLE),
        only_here=True,
    ),
    Change(
        "removal-up-to-the-limit-refused",
        "actions.margin:removable_margin",
        lambda real, profile, position: real(profile, position) - DUST,
        only_here=True,
    ),
    Change(
        "removal-into-liquidation",
        "actions.margin:refuse_unless",
        waived(Reason.WOULD_LIQUIDATE),
        only_here=True,
    ),
    Change("removed-margin-lost", _REMOVE, _lost),
    Change(
        "funding-sign-reversed",
        _FUNDED,
        _paid(lambda state, key, position, payment: -payment),
    ),
    Change(
        "funding-paid-by-shorts-too",
        _FUNDED,
        _paid(lambda state, key, position, payment: position.sign * payment),
    ),
    Change(
        "funding-on-entry-value",
        _FUNDED,
        _paid(_value_at(lambda position: position.entry_price)),
    ),
    Change(
        "funding-on-last-price",
        _FUNDED,
        _paid(_value_at(lambda position: position.last_price)),
    ),
    Change(
        "funding-on-index-price",
        _FUNDED,
        _paid(_value_at(lambda position: position.index_price)),
    ),
    Change(
        "funding-on-margin",
        _FUNDED,
        _paid(
            lambda state, key, position, payment: divided(payment, position.leverage)
        ),
    ),
    Change(
        "funding-never-received",
        _FUNDED,
        _paid(lambda state, key, position, payment: max(ZERO, payment)),
    ),
    Change(
        "funding-capped-at-margin",
        _FUNDED,
        _paid(
            lambda state, key, position, payment: (
                min(payment, position.isolated_margin)
                if position.is_isolated
                else payment
            )
        ),
    ),
    Change("funding-not-settled", _FUNDED, _at_end_only),
    Change("funding-of-one-side", "actions.market:keys_of", _one_side, only_here=True),
    Change("funding-of-a-hedge-on-one-margin", _FUND, _netted),
    Change("funding-of-every-instrument", _FUND, _everywhere),
    Change(
        "funding-from-free-balance",
        "actions.market:_paid_from_free_balance",
        _from_free,
    ),
    Change(
        "funding-always-from-margin", _FUND, forced_in(funding_source="isolated_margin")
    ),
    Change(
        "funding-from-what-is-tied",
        "actions.market:_paid_from_free_balance",
        _from_free_untied,
    ),
    Change(
        "funding-receipt-to-margin",
        "actions.market:_paid_from_free_balance",
        _receipt_to_margin,
    ),
    Change("cross-pays-no-funding", _FUNDED, _cross_spared),
    Change("funding-never-liquidates", "triggers:triggered", _untriggered),
    Change(
        "mark-price-below-zero-accepted",
        "actions.market:refuse_unless",
        waived(Reason.INVALID_PRICE),
        only_here=True,
    ),
    Change("last-price-taken-as-mark", _PUBLISH, _as_last),
    Change("index-price-forgotten", _PUBLISH, _index_dropped),
    Change("mark-price-of-every-instrument", _PUBLISH, _marked_everywhere),
    Change("gains-settled-to-mark", _PUBLISH, _settled_to_mark),
    Change("large-moves-ignored", _PUBLISH, _only_for_the_worse),
    Change(
        "stop-loss-waits-past-its-price",
        "triggers:_STOP_LOSS[*]",
        lambda real, mark, price: real(mark, price) and mark != price,
    ),
    Change(
        "take-profit-waits-past-its-price",
        "triggers:_TAKE_PROFIT[*]",
        lambda real, mark, price: real(mark, price) and mark != price,
    ),
    Change(
        "stop-loss-of-short-as-of-long",
        "triggers:_STOP_LOSS[short]",
        lambda real, mark, price: mark <= price,
    ),
    Change(
        "take-profit-of-short-as-of-long",
        "triggers:_TAKE_PROFIT[short]",
        lambda real, mark, price: mark >= price,
    ),
    Change("stop-loss-never-acts", "triggers:_stopped", unmoved),
    Change("take-profit-never-acts", "triggers:_profit_taken", unmoved),
    Change("stop-filled-at-its-own-price", "triggers:_ordered_close", _closed_at),
    Change(
        "stop-before-liquidation", "triggers:_liquidated_while_failing", _stop_first
    ),
    Change("stop-closes-half", "triggers:closed", _half, only_here=True),
    Change("stop-pays-maker-fee", "triggers:closed", _as_maker, only_here=True),
    Change(
        "order-at-once-accepted",
        "actions.orders:refuse_unless",
        waived(Reason.INVALID_PRICE),
        only_here=True,
    ),
    Change(
        "stop-without-position-accepted",
        "actions.orders:set_stop_loss",
        accepted_for(Reason.POSITION_NOT_FOUND),
    ),
    Change(
        "take-profit-without-position-accepted",
        "actions.orders:set_take_profit",
        accepted_for(Reason.POSITION_NOT_FOUND),
    ),
    Change(
        "stop-loss-not-kept",
        "actions.orders:set_stop_loss",
        lambda real, state, arguments: (real(state, arguments), state)[1],
    ),
    Change(
        "take-profit-not-kept",
        "actions.orders:set_take_profit",
        lambda real, state, arguments: (real(state, arguments), state)[1],
    ),
    Change("stop-loss-not-cleared", "actions.orders:set_stop_loss", _not_cleared),
    Change("take-profit-not-cleared", "actions.orders:set_take_profit", _not_cleared),
    Change(
        "take-profit-clears-stop-loss",
        "actions.orders:set_take_profit",
        _clearing("stop_loss"),
    ),
    Change(
        "stop-loss-clears-take-profit",
        "actions.orders:set_stop_loss",
        _clearing("take_profit"),
    ),
    Change("stop-loss-on-both-sides", "actions.orders:set_stop_loss", _on_both_sides),
    Change(
        "auto-add-though-not-offered",
        _AUTO,
        accepted_for(Reason.AUTO_ADD_MARGIN_NOT_OFFERED),
    ),
    Change("auto-add-without-position", _AUTO, accepted_for(Reason.POSITION_NOT_FOUND)),
    Change("auto-add-on-cross", _AUTO, accepted_for(Reason.NOT_ISOLATED)),
    Change(
        "auto-add-not-kept",
        _AUTO,
        lambda real, state, arguments: (real(state, arguments), state)[1],
    ),
    Change("auto-add-for-everybody", "triggers:_auto_added", _for_every_position),
    Change("auto-add-too-early", "triggers:_auto_added", _added_at_half),
    Change("auto-add-only-once", "triggers:_auto_added", _added_once),
    Change(
        "auto-add-of-everything",
        "triggers:_auto_amount",
        lambda real, state, key: available_balance(state, state.settle(key)),
    ),
    Change(
        "auto-add-of-initial-margin-only",
        "triggers:_auto_amount",
        lambda real, state, key: min(
            available_balance(state, state.settle(key)),
            initial_margin(state.profile, position_at(state, key)),
        ),
    ),
    Change(
        "auto-add-beyond-available",
        "triggers:_auto_amount",
        lambda real, state, key: (
            initial_margin(state.profile, position_at(state, key))
            if state.free_balance(state.settle(key)) > 0
            else ZERO
        ),
    ),
    Change("auto-add-too-late", "triggers:_auto_added", unmoved),
    Change("liquidation-not-told", _NOTED, _untold("liquidation")),
    Change(
        "partial-liquidation-told-as-liquidation",
        _NOTED,
        _told_as(partial_liquidation="liquidation"),
    ),
    Change("liquidation-told-twice", _NOTED, _told_twice),
    Change("stop-loss-told-as-liquidation", _NOTED, _told_as(stop_loss="liquidation")),
    Change("take-profit-told-as-stop-loss", _NOTED, _told_as(take_profit="stop_loss")),
    Change("stop-loss-not-told", _NOTED, _untold("stop_loss")),
    Change("auto-add-not-told", _NOTED, _untold("auto_margin_added")),
    Change("events-told-backwards", "engine:after", _told_backwards),
)
