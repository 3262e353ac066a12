"""An instrument as a venue tells of it: contract, steps, fees and tiers."""  # noqa: INP001 - beside a program

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from faults import fault_of, tried
from figures import figure

# What venues call a tier's deduction.
AMOUNTS = ("cum", "mmDeduction", "maintenanceAmount", "maintAmount")


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


def _tiers(exchange: Any, symbol: str, missing: list[str]) -> list[dict[str, str]]:
    if exchange.has.get("fetchMarketLeverageTiers") is True:
        found = looked_up(
            exchange, "fetch_market_leverage_tiers", symbol, missing, "tiers"
        )
    else:
        every = looked_up(exchange, "fetch_leverage_tiers", [symbol], missing, "tiers")
        found = (every or {}).get(symbol)
    return [_tier(one) for one in found or ()]


def looked_up(
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
