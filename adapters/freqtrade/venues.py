"""freqtrade's exchange classes and trades, as a question describes them."""  # noqa: INP001 - beside a program

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from freqtrade.enums import RunMode, TradingMode
from freqtrade.exceptions import OperationalException
from freqtrade.persistence import LocalTrade, Order
from freqtrade.resolvers import ExchangeResolver

from isomargin_adapter import Unsupported

# freqtrade's name of a profile's venue.
VENUES = {"kraken": "krakenfutures"} | {
    name: name
    for name in [
        "binance",
        "bybit",
        "okx",
        "gate",
        "bitget",
        "kucoin",
        "hyperliquid",
        "htx",
    ]
}
# The class that follows the textbook with a choice of where maintenance stands and of
# the fee in it; other choices of the textbook's are gaps.
TEXTBOOK = {
    ("mark", "none"): "binance",
    ("entry", "none"): "bybit",
    ("mark", "additive_taker"): "okx",
}
CHOICES = {
    "maintenance_margin_price": "mark",
    "maintenance_fee": "none",
    "maintenance_rate_form": "rate",
    "maintenance_funding": "none",
    "liquidation_price_shift": "none",
    "unrealised_pnl_price": "entry",
    "trigger_price": "mark",
    "trigger_comparison": "at_or_below",
    "reduce_release": "proportional",
    "liquidation_price_form": "solved",
    "added_margin_fee_scaling": "no",
    "initial_margin_price": "entry",
    "initial_margin_closing_fee": "none",
    "liquidation_process": "full",
    "liquidation_leftover": "insurance_fund",
    "contract_value_rounding": "none",
    "rounding": {},
}
OUT_OF_REACH = -100.0
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DONE = {"status": "closed", "type": "market", "remaining": 0.0, "id": ""}


def config_of(name: str, asset: str, balance: str = "0") -> dict[str, Any]:
    """Return the options of a backtest on a venue, without a safety buffer."""
    amounts = {"dry_run_wallet": {asset: float(balance)}, "liquidation_buffer": 0.0}
    modes = {"margin_mode": "isolated", "trading_mode": "futures", "dry_run": True}
    venue = {"exchange": {"name": name}, "stake_currency": asset}
    return {**amounts, **modes, **venue, "runmode": RunMode.BACKTEST}


@cache
def exchange_class(name: str, asset: str) -> Any:
    """Return freqtrade's exchange of a name; nothing of it calls the venue."""
    return ExchangeResolver.load_exchange(config_of(name, asset), validate=False)


def venue_of(profile: Any) -> str:
    """Return the venue of a profile, or the one whose class follows the textbook's."""
    name = profile.id.partition("/")[0]
    if name != "textbook":
        return VENUES.get(name) or gap(f"profile {profile.id}")
    choices = CHOICES | dict(profile.parameters)
    asked = choices["maintenance_margin_price"], choices["maintenance_fee"]
    for choice in list(CHOICES)[2:]:
        if choices[choice] != CHOICES[choice]:
            gap(f"parameter {choice}")
    return TEXTBOOK.get(asked) or gap("parameter maintenance_fee")


def gap(feature: str) -> Any:
    """Say that freqtrade has no such feature."""
    raise Unsupported(feature)


def exchange_of(profile: Any, instruments: Any) -> Any:
    """Return the venue's class, which knows the instruments; or raise a gap."""
    venue = venue_of(profile)
    exchange = exchange_class(venue, instruments[0]["settle"])
    if venue == "hyperliquid" and "max_leverage" not in instruments[0]["tiers"][0]:
        gap("max_leverage")  # its rate is half of what this leaves
    exchange._markets = {one["symbol"]: market_of(one) for one in instruments}  # noqa: SLF001 - as its own tests do
    exchange._leverage_tiers = {one["symbol"]: tiers_of(one) for one in instruments}  # noqa: SLF001 - as above
    return exchange


def market_of(instrument: Mapping[str, Any]) -> dict[str, Any]:
    """Return an instrument as ccxt describes a market."""
    if float(instrument.get("contract_size", "1")) != 1:
        gap("contract_size")
    top = max(float(one.get("max_leverage", "0")) for one in instrument["tiers"])
    taker = float((instrument.get("fees") or {}).get("taker", "0"))
    inverse = instrument.get("contract") == "inverse"
    return {"taker": taker, "inverse": inverse, "limits": {"leverage": {"max": top}}}


def tiers_of(instrument: Mapping[str, Any]) -> list[dict[str, float]]:
    """Return the tiers as freqtrade keeps them, lowest first."""
    names = ("notional_floor", "maintenance_margin_rate", "maintenance_amount")
    kept = ("minNotional", "maintenanceMarginRate", "maintAmt")
    rows = [
        [float(tier.get(one, "0")) for one in names] for tier in instrument["tiers"]
    ]
    return [dict(zip(kept, row, strict=True)) for row in rows]


def trade_of(symbol: str, side: str, leverage: str, price: str, taker: float) -> Any:
    """Return a trade with no order in it, and a stop-loss that no price reaches."""
    terms = {"pair": symbol, "is_short": side == "short", "leverage": float(leverage)}
    fees = {"fee_open": taker, "fee_close": taker, "trading_mode": TradingMode.FUTURES}
    trade = LocalTrade(**terms, **fees, open_date=NOW, open_rate=float(price))
    trade.adjust_stop_loss(trade.open_rate, OUT_OF_REACH, initial=True)
    return trade


def fill(trade: Any, side: str, quantity: float, price: float) -> None:
    """Let an order of a trade be filled, as backtesting does."""
    filled = DONE | {"side": side, "amount": quantity, "filled": quantity}
    filled |= {"price": price, "average": price, "cost": quantity * price}
    order = Order.parse_from_ccxt_object(filled, trade.pair, side, quantity, price)
    order.ft_is_open, order.order_filled_date, order._trade_bt = False, NOW, trade  # noqa: SLF001 - as backtesting does
    trade.orders.append(order)
    trade.recalc_trade_from_orders()


def set_liquidation_price(exchange: Any, trade: Any, margin: float) -> None:
    """Let the venue's class work it out, by the margin behind the trade."""
    terms = {"pair": trade.pair, "is_short": trade.is_short, "leverage": trade.leverage}
    size = {"open_rate": trade.open_rate, "amount": trade.amount}
    try:
        price = exchange.get_liquidation_price(
            **terms, **size, stake_amount=margin, wallet_balance=margin
        )
    except OperationalException as refusal:
        raise Unsupported(str(refusal)) from refusal
    trade.set_liquidation_price(price)
