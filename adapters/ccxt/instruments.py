"""An instrument as a venue tells of it: contract, steps, fees and tiers."""  # noqa: INP001 - beside a program

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from faults import fault_of, tried
from figures import figure
from venues import venue_of

# What venues call a tier's deduction.
AMOUNTS = ("cum", "mmDeduction", "maintenanceAmount", "maintAmount")


def instrument(
    exchange: Any, symbol: str, held: Collection[str], missing: list[str]
) -> dict[str, Any]:
    """Return an instrument: contract, steps, least order, fees and tiers.

    Args:
        exchange: the exchange.
        symbol: the instrument.
        held: the quantities of the positions in it.
        missing: where it is noted what the exchange does not tell.
    """
    market = exchange.market(symbol)
    told_of = {
        "symbol": symbol,
        "contract": _contract(market),
        "settle": market["settle"],
        "contract_size": figure(market.get("contractSize")) or "1",
        "tick_size": figure(market["precision"].get("price")),
        "quantity_step": figure(market["precision"].get("amount")),
        "fees": _fees(exchange, symbol, missing),
        "tiers": _tiers(exchange, symbol, held, missing),
        "least_quantity": figure(market["limits"]["amount"].get("min")),
        "least_value": figure(market["limits"]["cost"].get("min")),
    }
    return {name: one for name, one in told_of.items() if one}


def traded_now(exchange: Any, told_of: Any, missing: list[str]) -> dict[str, str]:
    """Return the price of an instrument and how many orders are open in it."""
    symbol = told_of["symbol"]
    ticker = looked_up(exchange, "fetch_ticker", symbol, missing, "price") or {}
    orders = looked_up(exchange, "fetch_open_orders", symbol, missing, "open orders")
    price = figure(ticker.get("last"))
    count = {} if orders is None else {"open_orders": str(len(orders))}
    return count | ({"price": price} if price else {})


def _contract(market: Mapping[str, Any]) -> str:
    if market.get("quanto"):
        return "quanto"
    return "inverse" if market.get("inverse") else "linear"


def _fees(exchange: Any, symbol: str, missing: list[str]) -> dict[str, str]:
    fees = looked_up(exchange, "fetch_trading_fee", symbol, missing, "fees")
    found = {name: figure((fees or {}).get(name)) for name in ("maker", "taker")}
    return {name: one for name, one in found.items() if one}


def _tiers(
    exchange: Any, symbol: str, held: Collection[str], missing: list[str]
) -> list[dict[str, str]]:
    venue = venue_of(exchange.id)
    if exchange.has.get("fetchMarketLeverageTiers") is True:
        asked = "fetch_market_leverage_tiers", symbol
        found = looked_up(exchange, *asked, missing, "tiers", **venue.tiers)
    else:
        every = looked_up(exchange, "fetch_leverage_tiers", [symbol], missing, "tiers")
        found = (every or {}).get(symbol)
    if venue.tiers_by_quantity and found:
        found = _of_quantity(found, held, missing)
    return [_tier(one) for one in found or ()]


def _of_quantity(
    tiers: Sequence[Mapping[str, Any]], held: Collection[str], missing: list[str]
) -> list[dict[str, Any]]:
    """Return the one tier of the positions held, whatever the price."""
    found = [
        next((one for one in tiers if _holds(one, quantity)), tiers[-1])
        for quantity in held
    ]
    rates = {one["maintenanceMarginRate"] for one in found}
    if len(rates) > 1:
        missing.append("tiers: positions of two tiers, which quantity decides")
    return [{**found[0], "minNotional": "0"}] if len(rates) == 1 else []


def _holds(tier: Mapping[str, Any], quantity: str) -> bool:
    return Decimal(quantity) <= Decimal(tier["maxNotional"])


def looked_up(
    exchange: Any, method: str, key: Any, missing: list[str], what: str, **more: str
) -> Any:
    """Return what a method tells; where the exchange refuses, note what is missing."""
    try:
        ask = getattr(exchange, method)
        return tried(exchange, lambda: ask(key, more) if more else ask(key), again=True)
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
