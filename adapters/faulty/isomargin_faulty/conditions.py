"""Faults that show under a condition only: a rebate, a debt, another position."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_reference.account import position_at
from isomargin_reference.ledger import Key, free_balance, insurance_fund
from isomargin_reference.numbers import ZERO, Ratio
from isomargin_reference.position import Position
from isomargin_reference.profile import Profile
from isomargin_reference.state import State

__all__ = ["CHANGES"]

_USUAL_FLOOR = Decimal("0.1")


def _never_a_rebate(real: Any, value: Ratio, rate: Decimal) -> Decimal:
    fee: Decimal = real(value, rate)
    return max(ZERO, fee)


def _all_that_is_free(_real: Any, state: State, asset: str) -> Decimal:
    return max(ZERO, state.free_balance(asset))


def _isolated_alone(real: Any, state: State, key: Key) -> bool:
    return position_at(state, key).is_isolated and bool(real(state, key))


def _unsigned_prediction(real: Any, *given: Any) -> Position:
    position: Position = real(*given)
    return position._replace(
        predicted_funding_rate=abs(position.predicted_funding_rate)
    )


def _without_orders(real: Any, state: State, key: Key) -> State | None:
    stepped: State | None = real(state, key)
    if stepped is None:
        return None
    held = stepped.holdings[key]
    return stepped.holding(key, held._replace(stop_loss=None, take_profit=None))


def _cut_at_zero(real: Any, *given: Any) -> Decimal | None:
    ratio: Decimal | None = real(*given)
    return None if ratio is None else max(ZERO, ratio)


def _at_usual_floor(real: Any, profile: Profile, *rest: Any) -> Decimal:
    usual = replace(profile, removable_margin_floor=_USUAL_FLOOR)
    figure: Decimal = real(usual, *rest)
    return figure


def _absorbed_at_once(real: Any, state: State, asset: str) -> State:
    lack = -state.free_balance(asset)
    if lack > 0 and state.profile.negative_balance == "absorbed":
        state = state.moved(insurance_fund(asset), free_balance(asset), lack)
    after: State = real(state, asset)
    return after


def _when_below(real: Any, profile: Profile, *rest: Any) -> bool:
    return bool(real(replace(profile, trigger_comparison="below"), *rest))


def _never_short(real: Any, profile: Profile, position: Position) -> Decimal:
    added: Decimal = real(profile, position)
    return max(ZERO, added)


def _of_mark_price(real: Any, profile: Profile, position: Position) -> bool:
    at_mark = position._replace(entry_price=position.mark_price)
    return bool(real(profile, at_mark))


CHANGES = (
    Change(
        "rebate-not-paid", "actions.opening:portion", _never_a_rebate, only_here=True
    ),
    Change("rebate-not-paid", "settlement:portion", _never_a_rebate, only_here=True),
    Change(
        "opening-spends-what-cross-needs",
        "actions.opening:available_balance",
        _all_that_is_free,
        only_here=True,
    ),
    Change(
        "cross-opening-may-fail-at-once",
        "actions.opening:would_be_liquidated",
        _isolated_alone,
        only_here=True,
    ),
    Change(
        "predicted-funding-unsigned", "position:position_from", _unsigned_prediction
    ),
    Change(
        "orders-dropped-by-partial-liquidation",
        "liquidation:_stepped_down",
        _without_orders,
    ),
    Change("ratio-cut-at-zero", "gauges:margin_ratio", _cut_at_zero),
    Change(
        "removable-floor-of-another-venue",
        "gauges:_REMOVABLE[above_initial_and_floor]",
        _at_usual_floor,
    ),
    Change("debt-forgiven-early", "liquidation:absorbed", _absorbed_at_once),
    Change("cross-equality-spared", "equity:cross_is_liquidatable", _when_below),
    Change(
        "reserve-ignores-lacking-margin",
        "margin:added_margin",
        _never_short,
        only_here=True,
    ),
    Change(
        "leverage-cap-by-mark-price",
        "actions.leverage:leverage_is_admitted",
        _of_mark_price,
    ),
)
