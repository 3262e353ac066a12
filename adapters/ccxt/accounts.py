"""An account as it stands: instruments, positions and balances, nothing worked out."""  # noqa: INP001 - beside a program

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from faults import fault_of, tried
from venues import Figure, Venue, told, venue_of

from isomargin_adapter import NotANumber, decimal_string

EXPONENT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")
AMOUNTS = ("cum", "mmDeduction", "maintenanceAmount", "maintAmount")


def account(
    exchange: Any, symbols: list[str] | None, *, to_trade: bool
) -> dict[str, Any]:
    """Return the open positions, the instruments named or held, and the balances.

    Args:
        exchange: the exchange.
        symbols: the instruments to look at; None for every one with a position.
        to_trade: whether price and number of open orders are told as well.
    """
    tried(exchange, exchange.load_markets, again=True)
    found = positions(exchange, symbols)
    held = dict.fromkeys([*(symbols or ()), *(one["instrument"] for one in found)])
    missing: list[str] = []
    instruments = [instrument(exchange, symbol, missing) for symbol in held]
    if to_trade:
        instruments = [one | _market(exchange, one, missing) for one in instruments]
    return {
        "positions": found,
        "instruments": instruments,
        "balances": balances(exchange, missing),
        "missing": missing,
    }


def positions(exchange: Any, symbols: list[str] | None) -> list[dict[str, Any]]:
    """Return the open positions, as the venue tells of them."""
    groups = [[symbol] for symbol in symbols] if symbols else [None]
    open_ones = [
        one
        for group in groups
        for one in tried(
            exchange, lambda g=group: exchange.fetch_positions(g), again=True
        )
        if one.get("side") and Decimal(one.get("contracts") or 0)
    ]
    return [_position(exchange, one) for one in open_ones]


def _position(exchange: Any, position: Mapping[str, Any]) -> dict[str, Any]:
    venue, symbol = venue_of(exchange.id), position["symbol"]
    answer = told(venue, position)
    given = {name: figure(answer.get(one)) for name, one in venue.given.items()}
    # Some venues write a short position as a negative one.
    given["quantity"] = _size(given.get("quantity") or "0")
    if given.get("leverage") is None:
        given["leverage"] = figure(_leverage(exchange, symbol, position))
    return {
        "instrument": symbol,
        "side": position["side"],
        "margin_mode": _margin_mode(exchange, position),
        "given": {name: one for name, one in given.items() if one is not None},
        "reported": list(_reported(venue, answer)),
    }


def _reported(venue: Venue, answer: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for one in venue.reported:
        raw = answer.get(one.field)
        value = None if _is_none(one, raw) else figure(raw)
        if one.field in answer and (value is not None or _is_none(one, raw)):
            yield {
                "quantity": one.quantity,
                "field": one.field,
                "value": value if one.quantity in SIGNED or not value else _size(value),
                "parameters": dict(one.parameters),
            }


SIGNED = frozenset({"unrealised_pnl", "position_equity"})


def _is_none(one: Figure, raw: object) -> bool:
    return bool(one.none) and (raw is None or figure(raw) in (None, *one.none))


def _size(text: str) -> str:
    return text.removeprefix("-")


def _leverage(exchange: Any, symbol: str, position: Mapping[str, Any]) -> object:
    if not exchange.has.get("fetchLeverage"):
        return position.get("leverage")
    told_of = tried(exchange, lambda: exchange.fetch_leverage(symbol), again=True)
    return told_of.get(
        "longLeverage" if position["side"] == "long" else "shortLeverage"
    )


def _margin_mode(exchange: Any, position: Mapping[str, Any]) -> str | None:
    """Return the margin mode; where it is the whole account's, that of the account."""
    info = position["info"]
    if venue_of(exchange.id).profile == "bybit":
        if str(info.get("tradeMode")) == "1":
            return "isolated"
        symbol = position["symbol"]
        mode = tried(exchange, lambda: exchange.fetch_margin_mode(symbol), again=True)
        return mode.get("marginMode")
    return position.get("marginMode")


def figure(raw: object) -> str | None:
    """Return a figure as a decimal string; None where there is none.

    The digits are kept as they are printed: how many there are says how far the
    figure was rounded.
    """
    text = "" if raw is None or isinstance(raw, bool) else str(raw).strip()
    if EXPONENT.fullmatch(text):
        text = format(Decimal(text), "f")
    try:
        return _unsigned(decimal_string(text)) if text else None
    except NotANumber:
        return None


def _unsigned(text: str | None) -> str | None:
    return "0" if text in ("-0", None) else text


def instrument(exchange: Any, symbol: str, missing: list[str]) -> dict[str, Any]:
    """Return an instrument: contract, steps, least order, fees and tiers."""
    market = exchange.market(symbol)
    told_of = {
        "symbol": symbol,
        "contract": _contract(market),
        "settle": market["settle"],
        "contract_size": figure(market.get("contractSize")) or "1",
        "tick_size": figure(market["precision"].get("price")),
        "quantity_step": figure(market["precision"].get("amount")),
        "fees": _fees(exchange, symbol, missing),
        "tiers": _tiers(exchange, symbol, missing),
        "least_quantity": figure(market["limits"]["amount"].get("min")),
        "least_value": figure(market["limits"]["cost"].get("min")),
    }
    return {name: one for name, one in told_of.items() if one}


def _market(exchange: Any, told_of: Any, missing: list[str]) -> dict[str, str]:
    symbol = told_of["symbol"]
    ticker = _looked_up(exchange, "fetch_ticker", symbol, missing, "price") or {}
    orders = _looked_up(exchange, "fetch_open_orders", symbol, missing, "open orders")
    price = figure(ticker.get("last"))
    count = {} if orders is None else {"open_orders": str(len(orders))}
    return count | ({"price": price} if price else {})


def _contract(market: Mapping[str, Any]) -> str:
    if market.get("quanto"):
        return "quanto"
    return "inverse" if market.get("inverse") else "linear"


def _fees(exchange: Any, symbol: str, missing: list[str]) -> dict[str, str]:
    fees = _looked_up(exchange, "fetch_trading_fee", symbol, missing, "fees")
    found = {name: figure((fees or {}).get(name)) for name in ("maker", "taker")}
    return {name: one for name, one in found.items() if one}


def _tiers(exchange: Any, symbol: str, missing: list[str]) -> list[dict[str, str]]:
    if exchange.has.get("fetchMarketLeverageTiers") is True:
        found = _looked_up(
            exchange, "fetch_market_leverage_tiers", symbol, missing, "tiers"
        )
    else:
        every = _looked_up(exchange, "fetch_leverage_tiers", [symbol], missing, "tiers")
        found = (every or {}).get(symbol)
    return [_tier(one) for one in found or ()]


def _looked_up(
    exchange: Any, method: str, key: Any, missing: list[str], what: str
) -> Any:
    """Return what a method tells; where the exchange refuses, note what is missing."""
    try:
        return tried(exchange, lambda: getattr(exchange, method)(key), again=True)
    except Exception as error:
        fault = fault_of(error)
        if fault.kind not in ("not_supported", "exchange", "answer"):
            raise
        missing.append(f"{what}: {fault.message}")
        return None


def _tier(tier: Mapping[str, Any]) -> dict[str, str]:
    amounts = [figure(tier["info"].get(name)) for name in AMOUNTS]
    floor = figure(tier.get("minNotional")) or "0"
    first = "0" if Decimal(floor) == 0 else None
    told_of = {
        "notional_floor": floor,
        "maintenance_margin_rate": figure(tier.get("maintenanceMarginRate")),
        "maintenance_amount": next(filter(None, amounts), first),
        "max_leverage": figure(tier.get("maxLeverage")),
    }
    return {name: one for name, one in told_of.items() if one}


def balances(exchange: Any, missing: list[str]) -> dict[str, dict[str, str]]:
    """Return each asset's balances that mean what the rulebook's mean."""
    venue = venue_of(exchange.id)
    if not venue.wallet:
        return {}
    told_of = _looked_up(exchange, "fetch_balance", {}, missing, "balances") or {}
    path, name = venue.assets
    rows = told_of.get("info", {})
    for step in path:
        rows = rows[int(step)] if isinstance(rows, list) else rows.get(step, [])
    kept = {
        str(row[name]): {one: figure(row.get(at)) for one, at in venue.wallet.items()}
        for row in rows
    }
    return {asset: held for asset, held in kept.items() if all(held.values())}
