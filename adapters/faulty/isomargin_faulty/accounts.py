"""Faults of the account: balances, margin mode, leverage, refusals that change it."""

from decimal import Decimal
from typing import Any

from isomargin_faulty.bench import Change
from isomargin_faulty.turns import (
    UNLIMITED,
    altered,
    forced_in,
    open_keys,
    shifted,
    unmoved,
    waived,
)
from isomargin_reference import ledger
from isomargin_reference.account import (
    available_balance,
    cross_keys,
    keys_of,
    position_at,
    wallet_balance,
)
from isomargin_reference.engine import Step
from isomargin_reference.errors import Reason
from isomargin_reference.inputs import number
from isomargin_reference.ledger import Key
from isomargin_reference.margin import initial_margin, unrealised_pnl
from isomargin_reference.numbers import ZERO
from isomargin_reference.position import Position
from isomargin_reference.state import Holding, Prices, State

__all__ = ["CHANGES"]

_AVAILABLE = "account:available_balance"
_MODE = "actions.mode:set_margin_mode"
_LEVERAGE = "actions.leverage:set_leverage"
_AFTER = "engine:after"

Arguments = dict[str, Any]


def _gains(state: State, asset: str, keys: Any) -> Decimal:
    positions = [position_at(state, key) for key in keys if state.settle(key) == asset]
    return sum((unrealised_pnl(each, each.mark_price) for each in positions), ZERO)


def _isolated_keys(state: State) -> list[Key]:
    return [key for key in open_keys(state) if position_at(state, key).is_isolated]


def _tied(state: State, asset: str) -> Decimal:
    keys = cross_keys(state, asset)
    return sum(
        (initial_margin(state.profile, position_at(state, key)) for key in keys), ZERO
    )


# Balances


def _with_gains(real: Any, state: State, asset: str) -> Decimal:
    wallet: Decimal = real(state, asset)
    return wallet + _gains(state, asset, open_keys(state))


def _across_assets(real: Any, state: State, asset: str) -> Decimal:
    return state.free_balance(asset) + sum(
        (state.isolated_margin(key) for key in state.holdings), ZERO
    )


def _less_isolated_losses(real: Any, state: State, asset: str) -> Decimal:
    available: Decimal = real(state, asset)
    losses = min(ZERO, _gains(state, asset, _isolated_keys(state)))
    return max(ZERO, available + losses)


def _without_cross_losses(real: Any, state: State, asset: str) -> Decimal:
    return max(ZERO, state.free_balance(asset) - _tied(state, asset))


def _with_cross_profits(real: Any, state: State, asset: str) -> Decimal:
    gains = _gains(state, asset, cross_keys(state, asset))
    return max(ZERO, state.free_balance(asset) + gains - _tied(state, asset))


def _without_cross_margin(real: Any, state: State, asset: str) -> Decimal:
    gains = min(ZERO, _gains(state, asset, cross_keys(state, asset)))
    return max(ZERO, state.free_balance(asset) + gains)


def _below_zero(real: Any, state: State, asset: str) -> Decimal:
    gains = min(ZERO, _gains(state, asset, cross_keys(state, asset)))
    return state.free_balance(asset) + gains - _tied(state, asset)


def _shown_with_gains(real: Any, state: State, asset: str) -> dict[str, Decimal]:
    balances: dict[str, Decimal] = real(state, asset)
    gains = _gains(state, asset, _isolated_keys(state))
    return {**balances, "free_balance": balances["free_balance"] + gains}


def _booked_twice(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(real(state, arguments), arguments)
    return after


# Margin mode


def _mode(mode: str) -> Any:
    return lambda real, state, arguments: real(
        state, {**arguments, "margin_mode": mode}
    )


def _mode_only(real: Any, state: State, arguments: Arguments) -> State:
    symbol = arguments["instrument"]
    if not keys_of(state, symbol):
        after: State = real(state, arguments)
        return after
    setting = state.setting(symbol)
    return state.set(symbol, altered(setting, margin_mode=arguments["margin_mode"]))


def _for_every_instrument(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    setting = after.setting(arguments["instrument"])
    for symbol in state.venue.instruments:
        if not keys_of(after, symbol):
            after = after.set(symbol, setting)
    return after


def _still_cross(real: Any, state: State, asset: str) -> Decimal:
    for key in _isolated_keys(state):
        if not state.isolated_margin(key):
            crossed = altered(state.setting(key[0]), margin_mode="cross")
            state = state.set(key[0], crossed)
    available: Decimal = real(state, asset)
    return available


def _all_available(real: Any, state: State, keys: list[Key]) -> State:
    after: State = real(state, keys)
    rest = available_balance(after, after.settle(keys[0]))
    return shifted(after, "free_balance", "isolated_margin", keys[0], rest)


def _initial_released(real: Any, state: State, keys: list[Key]) -> State:
    after: State = real(state, keys)
    for key in keys:
        initial = initial_margin(state.profile, position_at(state, key))
        kept = max(ZERO, state.isolated_margin(key) - initial)
        after = shifted(after, "free_balance", "insurance_fund", key, kept)
    return after


def _position_mode(real: Any, state: State, arguments: Arguments) -> State:
    return altered(state, position_mode=arguments["position_mode"])


# Leverage


def _clamped(real: Any, state: State, arguments: Arguments) -> State:
    highest = state.instrument(arguments["instrument"]).highest_leverage
    given = number(arguments, "leverage", "with")
    leverage = given if highest is None else min(given, highest)
    after: State = real(state, {**arguments, "leverage": format(leverage, "f")})
    return after


def _by_first_tier(real: Any, profile: Any, position: Position) -> bool:
    instrument = altered(position.instrument, tiers=position.instrument.tiers[:1])
    admitted: bool = real(profile, altered(position, instrument=instrument))
    return admitted


def _unlocked(real: Any, profile: Any, before: Decimal, after: Decimal) -> str:
    way: str = real(profile, before, after)
    return "keeps_margin" if way == "rejected" else way


def _not_stored(real: Any, state: State, arguments: Arguments) -> State:
    after: State = real(state, arguments)
    symbol = arguments["instrument"]
    if not keys_of(state, symbol):
        return after
    return after.set(symbol, state.setting(symbol))


def _one_side(
    real: Any, before: State, after: State, keys: list[Key], way: str
) -> State:
    changed: State = real(before, after, keys[:1], way)
    return changed


def _vanishing(real: Any, state: State, key: Key, amount: Decimal) -> State:
    if amount <= 0:
        after: State = real(state, key, amount)
        return after
    return shifted(state, "free_balance", "counterparty", key, amount)


# Refusals that change something


def _spoiled(action: str, spoil: Any) -> Any:
    """Return an `after` whose refusals of an action leave something behind."""

    def after(real: Any, state: State, name: str, arguments: Arguments) -> Step:
        step: Step = real(state, name, arguments)
        if step.reason is None or name != action:
            return step
        return altered(step, state=spoil(real, state, arguments, step.reason))

    return after


def _marked(real: Any, state: State, arguments: Arguments, reason: Reason) -> State:
    symbol = arguments["instrument"]
    unknown = symbol not in state.venue.instruments or reason is Reason.INVALID_PRICE
    if unknown or state.published(symbol).mark is not None:
        return state
    return state.priced(symbol, Prices(mark=number(arguments, "price", "with")))


def _closed(real: Any, state: State, arguments: Arguments, reason: Reason) -> State:
    """Return the state in which the part that closes has closed."""
    against = {**arguments, "reduce_only": True}
    step: Step = real(state, "trade", against)
    return state if step.reason else step.state


def _leveraged(real: Any, state: State, arguments: Arguments, reason: Reason) -> State:
    symbol = arguments["instrument"]
    leverage = number(arguments, "leverage", "with")
    if symbol not in state.venue.instruments or leverage < 1:
        return state
    return state.set(symbol, altered(state.setting(symbol), leverage=leverage))


def _moded(real: Any, state: State, arguments: Arguments, reason: Reason) -> State:
    symbol, mode = arguments["instrument"], arguments["margin_mode"]
    if symbol not in state.venue.instruments:
        return state
    return state.set(symbol, altered(state.setting(symbol), margin_mode=mode))


def _drained(real: Any, state: State, arguments: Arguments, reason: Reason) -> State:
    """Return the state in which all that is available was added."""
    available = available_balance(state, _asset(state, arguments))
    if reason is not Reason.INSUFFICIENT_BALANCE or not available:
        return state
    step: Step = real(
        state, "add_margin", {**arguments, "amount": format(available, "f")}
    )
    return step.state


def _emptied(real: Any, state: State, arguments: Arguments, reason: Reason) -> State:
    available = available_balance(state, arguments["asset"])
    if reason is not Reason.INSUFFICIENT_BALANCE or not available:
        return state
    step: Step = real(
        state, "withdraw", {**arguments, "amount": format(available, "f")}
    )
    return step.state


def _removed(real: Any, state: State, arguments: Arguments, reason: Reason) -> State:
    if reason not in {Reason.MARGIN_NOT_REMOVABLE, Reason.WOULD_LIQUIDATE}:
        return state
    key = keys_of(state, arguments["instrument"])[0]
    amount = min(number(arguments, "amount", "with"), state.isolated_margin(key))
    return shifted(state, "isolated_margin", "free_balance", key, amount)


def _charged(real: Any, state: State, arguments: Arguments, reason: Reason) -> State:
    if reason is not Reason.INSUFFICIENT_BALANCE:
        return state
    asset = _asset(state, arguments)
    fee = min(Decimal(1), max(ZERO, state.free_balance(asset)))
    return state.moved(ledger.free_balance(asset), ledger.fees(asset), fee)


def _asset(state: State, arguments: Arguments) -> str:
    return state.instrument(arguments["instrument"]).settle


# What outlives a position


def _forgetting(**fields: Any) -> Any:
    """Return a `without` after which an instrument's setting is partly as at first."""

    def without(real: Any, state: State, key: Key) -> State:
        after: State = real(state, key)
        return after.set(key[0], altered(after.setting(key[0]), **fields))

    return without


_LEFT: dict[Key, Holding] = {}


def _remembered(real: Any, state: State, key: Key) -> State:
    _LEFT[key] = state.holdings[key]
    after: State = real(state, key)
    return after


def _recalled(real: Any, state: State, key: Key, holding: Holding) -> State:
    old = _LEFT.pop(key, None) if key not in state.holdings else None
    if old is not None:
        holding = altered(
            holding,
            stop_loss=old.stop_loss,
            take_profit=old.take_profit,
            auto_add_margin=old.auto_add_margin,
        )
    after: State = real(state, key, holding)
    return after


def _forgotten(real: Any, *given: Any) -> State:
    _LEFT.clear()
    state: State = real(*given)
    return state


def _with_phantoms(real: Any, state: State) -> dict[str, Any]:
    told: dict[str, Any] = real(state)
    gone = [
        bucket.owner
        for bucket in state.ledger.totals
        if bucket.owner is not None and bucket.owner not in state.holdings
    ]
    phantoms = [
        {
            "instrument": symbol,
            "side": side,
            "margin_mode": state.setting(symbol).margin_mode,
            "quantity": Decimal("0.001"),
            "isolated_margin": ZERO,
        }
        for symbol, side in gone
    ]
    return {**told, "positions": [*told["positions"], *phantoms]}


CHANGES = (
    Change(
        "deposit-below-zero-accepted",
        "actions.cash:above_zero",
        lambda real, amount, reason: amount,
        only_here=True,
    ),
    Change("deposit-booked-twice", "actions.cash:deposit", _booked_twice),
    Change(
        "withdrawal-not-booked",
        "actions.cash:withdraw",
        lambda real, state, arguments: (real(state, arguments), state)[1],
    ),
    Change(
        "withdrawal-unlimited",
        "actions.cash:available_balance",
        lambda real, state, asset: UNLIMITED,
        only_here=True,
    ),
    Change(
        "withdrawal-up-to-free-balance",
        "actions.cash:available_balance",
        lambda real, state, asset: state.free_balance(asset),
        only_here=True,
    ),
    Change(
        "withdrawal-up-to-wallet",
        "actions.cash:available_balance",
        lambda real, state, asset: wallet_balance(state, asset),
        only_here=True,
    ),
    Change(
        "wallet-without-allocations",
        "account:wallet_balance",
        lambda real, state, asset: state.free_balance(asset),
    ),
    Change("wallet-with-gains", "account:wallet_balance", _with_gains),
    Change("wallet-across-assets", "account:wallet_balance", _across_assets),
    Change(
        "free-balance-moves-with-isolated-gains", "engine:_balances", _shown_with_gains
    ),
    Change("available-less-isolated-losses", _AVAILABLE, _less_isolated_losses),
    Change("available-ignores-cross-losses", _AVAILABLE, _without_cross_losses),
    Change("available-counts-cross-profits", _AVAILABLE, _with_cross_profits),
    Change("available-ignores-cross-margin", _AVAILABLE, _without_cross_margin),
    Change("available-below-zero", _AVAILABLE, _below_zero),
    Change(
        "unknown-instrument-has-no-position",
        "actions.arguments:refuse_unless",
        lambda real, holds, reason: real(
            holds,
            Reason.POSITION_NOT_FOUND
            if reason is Reason.UNKNOWN_INSTRUMENT
            else reason,
        ),
        only_here=True,
    ),
    Change(
        "mode-change-with-position",
        _MODE,
        forced_in(margin_mode_change_with_position="allowed"),
    ),
    Change("mode-change-leaves-the-margin", _MODE, _mode_only),
    Change(
        "mode-locked-though-allowed",
        _MODE,
        forced_in(margin_mode_change_with_position="rejected"),
    ),
    Change("mode-always-isolated", _MODE, _mode("isolated")),
    Change("mode-always-cross", _MODE, _mode("cross")),
    Change("mode-set-for-every-instrument", _MODE, _for_every_instrument),
    Change("isolating-allocates-nothing", "actions.mode:_isolated", unmoved),
    Change("isolating-allocates-everything", "actions.mode:_isolated", _all_available),
    Change(
        "isolating-without-balance-check",
        "actions.mode:available_balance",
        lambda real, state, asset: UNLIMITED,
        only_here=True,
    ),
    Change(
        "isolating-blocked-by-its-own-margin",
        "actions.mode:available_balance",
        _still_cross,
        only_here=True,
    ),
    Change("crossing-loses-added-margin", "actions.mode:_crossed", _initial_released),
    Change(
        "mode-change-into-liquidation",
        "actions.mode:would_be_liquidated",
        lambda real, state, key: False,
        only_here=True,
    ),
    Change(
        "position-mode-change-with-position",
        "actions.mode:set_position_mode",
        _position_mode,
    ),
    Change(
        "position-mode-ignored",
        "actions.mode:set_position_mode",
        lambda real, state, arguments: (real(state, arguments), state)[1],
    ),
    Change(
        "leverage-below-one-accepted",
        "actions.leverage:refuse_unless",
        waived(Reason.INVALID_LEVERAGE),
        only_here=True,
    ),
    Change("leverage-silently-clamped", _LEVERAGE, _clamped),
    Change(
        "leverage-cap-not-enforced",
        "actions.leverage:refuse_unless",
        waived(Reason.LEVERAGE_TOO_HIGH),
        only_here=True,
    ),
    Change(
        "leverage-cap-of-first-tier",
        "actions.leverage:leverage_is_admitted",
        _by_first_tier,
    ),
    Change("locked-leverage-changed", "actions.leverage:_way", _unlocked),
    Change(
        "leverage-changed-without-balance",
        "actions.leverage:refuse_unless",
        waived(Reason.INSUFFICIENT_BALANCE),
        only_here=True,
    ),
    Change(
        "leverage-change-into-liquidation",
        "actions.leverage:refuse_unless",
        waived(Reason.WOULD_LIQUIDATE),
        only_here=True,
    ),
    Change(
        "lower-leverage-pulls-nothing",
        "actions.leverage:_ADDED[pulls_margin]",
        lambda real, allocation, old, new: ZERO,
    ),
    Change(
        "lower-leverage-uses-up-added-margin",
        "actions.leverage:_ADDED[pulls_margin]",
        lambda real, allocation, old, new: new - allocation,
    ),
    Change(
        "higher-leverage-releases-nothing",
        "actions.leverage:_ADDED[releases_margin]",
        lambda real, allocation, old, new: ZERO,
    ),
    Change(
        "higher-leverage-releases-added-margin",
        "actions.leverage:_ADDED[releases_margin]",
        lambda real, allocation, old, new: new - allocation,
    ),
    Change(
        "higher-leverage-releases-more-than-there-is",
        "actions.leverage:_ADDED[releases_margin]",
        lambda real, allocation, old, new: new - old,
    ),
    Change(
        "reset-keeps-added-margin",
        "actions.leverage:_ADDED[resets_margin]",
        lambda real, allocation, old, new: new - old,
    ),
    Change(
        "kept-margin-moves",
        "actions.leverage:_ADDED[keeps_margin]",
        lambda real, allocation, old, new: new - old,
    ),
    Change("leverage-not-stored", _LEVERAGE, _not_stored),
    Change("leverage-set-for-every-instrument", _LEVERAGE, _for_every_instrument),
    Change(
        "leverage-change-of-one-side", "actions.leverage:_isolated_changed", _one_side
    ),
    Change("leverage-margin-vanishes", "actions.leverage:_allocated", _vanishing),
    Change(
        "leverage-change-at-mark",
        "actions.leverage:_initial",
        lambda real, state, key: initial_margin(
            altered(state.profile, initial_margin_price="mark"), position_at(state, key)
        ),
    ),
    Change("refused-trade-sets-mark-price", _AFTER, _spoiled("trade", _marked)),
    Change("refused-flip-still-closes", _AFTER, _spoiled("trade", _closed)),
    Change("refused-trade-still-costs", _AFTER, _spoiled("trade", _charged)),
    Change("refused-leverage-sticks", _AFTER, _spoiled("set_leverage", _leveraged)),
    Change("refused-mode-sticks", _AFTER, _spoiled("set_margin_mode", _moded)),
    Change(
        "refused-addition-takes-what-there-is", _AFTER, _spoiled("add_margin", _drained)
    ),
    Change(
        "refused-withdrawal-takes-what-there-is", _AFTER, _spoiled("withdraw", _emptied)
    ),
    Change("refused-removal-still-moves", _AFTER, _spoiled("remove_margin", _removed)),
    Change(
        "leverage-forgotten-after-close",
        "state:State.without",
        _forgetting(leverage=Decimal(1)),
    ),
    Change(
        "mode-forgotten-after-close",
        "state:State.without",
        _forgetting(margin_mode="cross"),
    ),
    Change("orders-outlive-the-position", "state:State.without", _remembered),
    Change("orders-outlive-the-position", "state:State.holding", _recalled),
    Change("orders-outlive-the-position", "engine:opening_state", _forgotten),
    Change("closed-position-still-shown", "engine:report", _with_phantoms),
)
