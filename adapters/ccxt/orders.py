"""What an account can be told to do, one action at a time."""  # noqa: INP001 - beside a program

import re
from collections.abc import Callable, Mapping
from typing import Any

from faults import Fault, fault_of, tried
from venues import venue_of

import ccxt

REFUSALS = (
    ccxt.InsufficientFunds,
    ccxt.InvalidOrder,
    ccxt.BadRequest,
    ccxt.OperationRejected,
)
UNMOVED = (ccxt.NoChange, ccxt.MarginModeAlreadySet)
# A code that ccxt takes for a refusal: Binance, of a position mode that is set already.
UNMOVED_CODES = frozenset({"-4059"})
# In hedge mode, how a venue is told which of the two positions is meant.
POSITION_SIDES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "binance": {side: {"positionSide": side.upper()} for side in ("long", "short")},
    "bybit": {"long": {"positionIdx": 1}, "short": {"positionIdx": 2}},
}
ONE_WAY = {"bybit": {"positionIdx": 0}}
CODE = re.compile(r'"(?:code|retCode|sCode)"\s*:\s*"?(-?[0-9]+)')


def done(exchange: Any, action: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Do one action and return what came of it: accepted, or rejected and why.

    Raises:
        Fault: nobody can say what came of it, or it was not the venue that refused.
    """
    act = ACTIONS[action]
    try:
        tried(exchange, lambda: act(exchange, given), again=False)
    except UNMOVED:
        return {"outcome": "accepted"}
    except ccxt.BaseError as error:
        code = CODE.search(str(error))
        if code and code[1] in UNMOVED_CODES:
            return {"outcome": "accepted"}
        reason = _reason(exchange, error)
        if reason is None and not isinstance(error, REFUSALS):
            raise fault_of(error) from error
        return {"outcome": "rejected", "reason": reason, "message": str(error)}
    return {"outcome": "accepted"}


def _reason(exchange: Any, error: Exception) -> str | None:
    """Return the rulebook's reason for a refusal; None where its code is not known."""
    code = CODE.search(str(error))
    reason = venue_of(exchange.id).refusals.get(code[1]) if code else None
    if reason:
        return reason
    return "INSUFFICIENT_BALANCE" if isinstance(error, ccxt.InsufficientFunds) else None


def _set_margin_mode(exchange: Any, given: Mapping[str, Any]) -> None:
    exchange.set_margin_mode(given["margin_mode"], given["instrument"])


def _set_leverage(exchange: Any, given: Mapping[str, Any]) -> None:
    exchange.set_leverage(int(given["leverage"]), given["instrument"])


def _set_position_mode(exchange: Any, given: Mapping[str, Any]) -> None:
    is_hedged, symbol = given["position_mode"] == "hedge", given["instrument"]
    if is_hedged and venue_of(exchange.id).profile not in POSITION_SIDES:
        known = " and ".join(POSITION_SIDES)
        raise Fault("not_supported", f"hedge mode is driven at {known} only")
    exchange.set_position_mode(is_hedged, symbol)


def _aimed(exchange: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what tells the venue which position is meant."""
    venue, side = venue_of(exchange.id).profile, given.get("position_side")
    return POSITION_SIDES[venue][side] if side else ONE_WAY.get(venue, {})


def _trade(exchange: Any, given: Mapping[str, Any]) -> None:
    reduces = {"reduceOnly": True} if given.get("reduce_only") else {}
    parameters = {**_aimed(exchange, given), **reduces}
    quantity = given["quantity"]
    exchange.create_order(
        given["instrument"], "market", given["side"], quantity, None, parameters
    )


def _add_margin(exchange: Any, given: Mapping[str, Any]) -> None:
    own = MARGIN.get(venue_of(exchange.id).profile)
    if own:
        aim = _aimed(exchange, given)
        own(exchange, exchange.market(given["instrument"]), given["amount"], aim)
    else:
        exchange.add_margin(given["instrument"], given["amount"])


def _cancel_orders(exchange: Any, given: Mapping[str, Any]) -> None:
    exchange.cancel_all_orders(given["instrument"])


def _add_margin_at_binance(
    exchange: Any, market: Any, amount: str, aim: Mapping[str, Any]
) -> None:
    # ccxt's own method would round the amount as if it were a quantity.
    request = {"symbol": market["id"], "amount": amount, "type": 1, **aim}
    where = "dapi" if market["inverse"] else "fapi"
    getattr(exchange, f"{where}PrivatePostPositionMargin")(request)


def _add_margin_at_bybit(
    exchange: Any, market: Any, amount: str, aim: Mapping[str, Any]
) -> None:
    category = "inverse" if market["inverse"] else "linear"
    request = {"category": category, "symbol": market["id"], "margin": amount}
    exchange.privatePostV5PositionAddMargin({**request, **aim})


# What ccxt has no method of its own for, or one that does something else.
MARGIN: Mapping[str, Callable[[Any, Any, str, Mapping[str, Any]], None]] = {
    "binance": _add_margin_at_binance,
    "bybit": _add_margin_at_bybit,
}
ACTIONS: Mapping[str, Callable[[Any, Mapping[str, Any]], None]] = {
    "set_position_mode": _set_position_mode,
    "set_margin_mode": _set_margin_mode,
    "set_leverage": _set_leverage,
    "trade": _trade,
    "add_margin": _add_margin,
    "cancel_orders": _cancel_orders,
}
