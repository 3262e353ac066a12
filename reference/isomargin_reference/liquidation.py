"""Liquidation: what happens to a position that fails."""

from decimal import Decimal

from isomargin_reference import ledger
from isomargin_reference.account import cross_keys, position_at
from isomargin_reference.events import Event
from isomargin_reference.ledger import Bucket, Key
from isomargin_reference.margin import portion, unrealised_pnl
from isomargin_reference.numbers import ONE, ZERO, Ratio, integral
from isomargin_reference.position import Position
from isomargin_reference.settlement import gain_realised, insured, reduced
from isomargin_reference.state import State
from isomargin_reference.tiers import tier_index

__all__ = ["absorbed", "cross_liquidated", "liquidated"]

# The smallest difference between two amounts, or quantities, that are kept.
_SMALLEST = ONE.scaleb(-18)


def liquidated(state: State, key: Key) -> State:
    """Return the state after one liquidation of an isolated position.

    With `liquidation_process` tier_step_down only the part above the lower tier's
    ceiling closes, where there is a lower tier and the margin bears it; otherwise
    the whole position does.
    """
    if state.profile.liquidation_process == "tier_step_down":
        stepped = _stepped_down(state, key)
        if stepped is not None:
            return stepped
    return _wholly_liquidated(state, key)


def _wholly_liquidated(state: State, key: Key) -> State:
    """Return the state with the position closed at the mark price.

    pnl(E → M) settles against the allocation; whatever is left afterwards is gone,
    to the insurance fund or in part to the holder, as `liquidation_leftover` says;
    what is lacking comes from the insurance fund.
    """
    position = position_at(state, key)
    bucket = ledger.isolated_margin(state.settle(key), key)
    state = _announced(state, key, position, position.isolated_margin)
    state = _realised(state, key, bucket, position)
    left = state.isolated_margin(key)
    to_fund = max(ZERO, left)
    if state.profile.liquidation_leftover == "trader":
        to_fund = min(to_fund, _liquidation_fee(position))
    state = _taken_by_fund(state, key, bucket, to_fund)
    state = _returned(state, key, max(ZERO, left) - to_fund)
    return insured(state, key, bucket, max(ZERO, -left)).without(key)


def _returned(state: State, key: Key, amount: Decimal) -> State:
    """Return the state with what a liquidation left given back to the holder."""
    asset = state.settle(key)
    margin, free = ledger.isolated_margin(asset, key), ledger.free_balance(asset)
    return state.moved(margin, free, amount).noted(
        "margin_released", key, amount=amount
    )


def _liquidation_fee(position: Position) -> Decimal:
    """Return what the fund is owed for a liquidation: value(M) × fees.liquidation."""
    value = position.value(position.mark_price)
    return portion(value, position.instrument.fees["liquidation"])


def _stepped_down(state: State, key: Key) -> State | None:
    """Return the state with the part above the lower tier's ceiling closed.

    None where there is no lower tier, nothing would remain, or the margin would fall
    below zero by pnl and liquidation fee of the part.
    """
    position = position_at(state, key)
    quantity = _excess_quantity(state, position)
    if quantity is None or quantity >= position.quantity:
        return None
    part = position._replace(quantity=quantity)
    bucket = ledger.isolated_margin(state.settle(key), key)
    gain = unrealised_pnl(part, part.mark_price)
    fee = _liquidation_fee(part)
    if position.isolated_margin + gain - fee < 0:
        return None
    state = _announced(state, key, part, None)
    state = _realised(state, key, bucket, part)
    return reduced(_taken_by_fund(state, key, bucket, fee), key, quantity)


def _excess_quantity(state: State, position: Position) -> Decimal | None:
    """Return what must close for the position to lie in the next lower tier.

    (value(M) − floor) / the value of one contract at M, rounded up to the quantity
    step. None in the first tier.
    """
    index = tier_index(state.profile, position, position.mark_price)
    if index == 0:
        return None
    ceiling = position.instrument.tiers[index].notional_floor
    if state.profile.tier_boundary == "upper_exclusive":
        # The edge itself belongs to the upper tier, so the position must get below it.
        ceiling -= _SMALLEST
    excess = _excess(position, ceiling)
    step = position.instrument.quantity_step or _SMALLEST
    return integral(excess.numerator, excess.denominator * step, "ceiling") * step


def _excess(position: Position, ceiling: Decimal) -> Ratio:
    instrument = position.instrument
    each = instrument.contract.value(instrument.contract_size, position.mark_price)
    return Ratio(
        position.quantity * each.numerator - ceiling * each.denominator, each.numerator
    )


def cross_liquidated(state: State, asset: str) -> State:
    """Return the state with every cross position of an asset closed at its mark price.

    Their gains settle in the free balance. `liquidation_leftover` insurance_fund: what
    is left of the whole free balance goes to the fund; trader: only the liquidation
    fees do. A free balance below zero is dealt with as `negative_balance` says.
    """
    bucket = ledger.free_balance(asset)
    for key in cross_keys(state, asset):
        state = _cross_closed(state, key, bucket)
    left = state.free_balance(asset)
    if state.profile.liquidation_leftover == "insurance_fund" and left > 0:
        event = Event(event="insurance_fund_received", asset=asset, amount=left)
        state = state.moved(bucket, ledger.insurance_fund(asset), left).told(event)
    return absorbed(state, asset)


def _cross_closed(state: State, key: Key, bucket: Bucket) -> State:
    position = position_at(state, key)
    state = _announced(state, key, position, None)
    state = _realised(state, key, bucket, position)
    if state.profile.liquidation_leftover == "trader":
        state = _taken_by_fund(state, key, bucket, _liquidation_fee(position))
    return state.without(key)


def absorbed(state: State, asset: str) -> State:
    """Return the state with a free balance below zero made good, or left as a debt.

    Only once no cross position of the asset is left. `negative_balance` absorbed: the
    insurance fund pays; debt: it stays.
    """
    lack = -state.free_balance(asset)
    if lack <= 0 or state.profile.negative_balance == "debt":
        return state
    if cross_keys(state, asset):
        return state
    bucket = ledger.free_balance(asset)
    state = state.moved(ledger.insurance_fund(asset), bucket, lack)
    return state.told(Event(event="insurance_fund_paid", asset=asset, amount=lack))


def _realised(state: State, key: Key, bucket: Bucket, part: Position) -> State:
    """Return the state with a part's gain at the mark price settled in a bucket."""
    price = part.mark_price
    gain = unrealised_pnl(part, price)
    return gain_realised(state, key, bucket, gain, price=price, quantity=part.quantity)


def _taken_by_fund(state: State, key: Key, bucket: Bucket, amount: Decimal) -> State:
    state = state.moved(bucket, ledger.insurance_fund(bucket.asset), amount)
    return state.noted("insurance_fund_received", key, amount=amount)


def _announced(
    state: State, key: Key, position: Position, amount: Decimal | None
) -> State:
    """Return the state with the liquidation of a position, or of a part, noted."""
    partial = position.quantity < state.holdings[key].quantity
    return state.noted(
        "partial_liquidation" if partial else "liquidation",
        key,
        amount=amount,
        price=position.mark_price,
        quantity=position.quantity,
    )
