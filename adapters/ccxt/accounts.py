"""An account as it stands: positions and balances, nothing worked out."""  # noqa: INP001 - beside a program

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from faults import tried
from figures import figure
from instruments import instrument, looked_up, traded_now
from venues import Figure, Venue, told, venue_of


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
    sizes = {
        symbol: [
            one["given"]["quantity"] for one in found if one["instrument"] == symbol
        ]
        for symbol in held
    }
    instruments = [instrument(exchange, *one, missing) for one in sizes.items()]
    if to_trade:
        instruments = [one | traded_now(exchange, one, missing) for one in instruments]
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


def balances(exchange: Any, missing: list[str]) -> dict[str, dict[str, str]]:
    """Return each asset's balances that mean what the rulebook's mean."""
    venue = venue_of(exchange.id)
    if not venue.wallet:
        return {}
    told_of = looked_up(exchange, "fetch_balance", {}, missing, "balances") or {}
    path, name = venue.assets
    rows = told_of.get("info", {})
    for step in path:
        rows = rows[int(step)] if isinstance(rows, list) else rows.get(step, [])
    kept = {
        str(row[name]): {one: figure(row.get(at)) for one, at in venue.wallet.items()}
        for row in rows
    }
    return {asset: held for asset, held in kept.items() if all(held.values())}
