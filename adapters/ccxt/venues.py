"""What each venue calls the figures of a position, in its own answer."""  # noqa: INP001 - beside a program

from collections.abc import Mapping
from typing import Any

from venue import Figure, Venue

AT_MARK = {"initial_margin_price": "mark"}
NO_PRICE = ("0", "")
BINANCE = Venue(
    profile="binance",
    markets="contract",
    given={
        "quantity": "positionAmt",
        "entry_price": "entryPrice",
        "mark_price": "markPrice",
        "leverage": "leverage",
        "isolated_margin": "isolatedWallet",
    },
    reported=(
        Figure("notional_value", "notional"),
        Figure("notional_value", "notionalValue"),
        Figure("unrealised_pnl", "unRealizedProfit"),
        Figure("position_equity", "isolatedMargin"),
        Figure("initial_margin", "positionInitialMargin", AT_MARK),
        Figure("maintenance_margin", "maintMargin"),
        Figure("liquidation_price", "liquidationPrice", none=NO_PRICE),
    ),
    wallet={"wallet_balance": "walletBalance", "free_balance": "crossWalletBalance"},
    assets=(("assets",), "asset"),
    refusals={
        "-2018": "INSUFFICIENT_BALANCE",
        "-2019": "INSUFFICIENT_BALANCE",
        "-2027": "LEVERAGE_TOO_HIGH",
        "-2028": "LEVERAGE_TOO_HIGH",
        "-4028": "INVALID_LEVERAGE",
        "-4048": "MARGIN_MODE_LOCKED",
        "-4050": "INSUFFICIENT_BALANCE",
        "-4051": "INSUFFICIENT_BALANCE",
        "-4054": "POSITION_NOT_FOUND",
        "-4061": "INVALID_POSITION_SIDE",
        "-4068": "POSITION_MODE_LOCKED",
        "-4161": "LEVERAGE_LOCKED",
    },
)
BYBIT = Venue(
    profile="bybit",
    markets="contract",
    given={
        "quantity": "size",
        "entry_price": "avgPrice",
        "mark_price": "markPrice",
        "leverage": "leverage",
        "isolated_margin": "positionBalance",
    },
    reported=(
        Figure("entry_value", "positionValue"),
        Figure("unrealised_pnl", "unrealisedPnl"),
        Figure("initial_margin", "positionIM"),
        Figure("maintenance_requirement", "positionMM"),
        Figure("liquidation_price", "liqPrice", none=NO_PRICE),
        Figure("bankruptcy_price", "bustPrice"),
    ),
    wallet={"wallet_balance": "walletBalance"},
    assets=(("result", "list", "0", "coin"), "coin"),
    refusals={
        "110004": "INSUFFICIENT_BALANCE",
        "110007": "INSUFFICIENT_BALANCE",
        "110012": "INSUFFICIENT_BALANCE",
        "110013": "LEVERAGE_TOO_HIGH",
        "110017": "REDUCE_ONLY_WOULD_INCREASE",
        "110024": "MARGIN_MODE_LOCKED",
        "110034": "POSITION_NOT_FOUND",
    },
)
OKX = Venue(
    profile="okx",
    markets="swap",
    tiers={"marginMode": "isolated"},
    tiers_by_quantity=True,
    given={
        "quantity": "pos",
        "entry_price": "avgPx",
        "mark_price": "markPx",
        "leverage": "lever",
        "isolated_margin": "margin",
    },
    reported=(
        Figure("unrealised_pnl", "upl"),
        Figure("maintenance_margin", "mmr"),
        Figure("margin_ratio", "mgnRatio"),
        Figure("liquidation_price", "liqPx", none=NO_PRICE),
    ),
)
BITGET = Venue(
    profile="bitget",
    markets="swap",
    given={
        "quantity": "total",
        "entry_price": "openPriceAvg",
        "mark_price": "markPrice",
        "leverage": "leverage",
        "isolated_margin": "marginSize",
    },
    reported=(
        Figure("unrealised_pnl", "unrealizedPL"),
        Figure("margin_ratio", "marginRatio"),
        Figure("liquidation_price", "liquidationPrice", none=NO_PRICE),
    ),
)
GATE = Venue(
    profile="gate",
    markets="swap",
    given={
        "quantity": "size",
        "entry_price": "entry_price",
        "mark_price": "mark_price",
        "leverage": "leverage",
        "isolated_margin": "margin",
    },
    reported=(
        Figure("unrealised_pnl", "unrealised_pnl"),
        Figure("liquidation_price", "liq_price", none=NO_PRICE),
    ),
)
# Any other venue in ccxt's own form, in which no figure says what was allocated.
UNIFIED = Venue(
    profile="",
    given={
        "quantity": "contracts",
        "entry_price": "entryPrice",
        "mark_price": "markPrice",
        "leverage": "leverage",
    },
    reported=(
        Figure("notional_value", "notional"),
        Figure("unrealised_pnl", "unrealizedPnl"),
        Figure("maintenance_margin", "maintenanceMargin"),
        Figure("liquidation_price", "liquidationPrice", none=NO_PRICE),
    ),
    unified=True,
)
VENUES = {
    "binance": BINANCE,
    "binanceusdm": BINANCE,
    "binancecoinm": BINANCE,
    "bitget": BITGET,
    "bybit": BYBIT,
    "gate": GATE,
    "gateio": GATE,
    "okx": OKX,
    "myokx": OKX,
}
# ccxt's name of an exchange to the folder of its profiles, where they differ.
FOLDERS = {"kucoinfutures": "kucoin", "krakenfutures": "kraken", "huobi": "htx"}


def venue_of(exchange: str) -> Venue:
    """Return how an exchange tells of positions; in ccxt's form where it is unknown."""
    return VENUES.get(exchange, UNIFIED)


def folder_of(exchange: str) -> str:
    """Return the folder that the profiles of an exchange lie in."""
    return venue_of(exchange).profile or FOLDERS.get(exchange, exchange)


def told(venue: Venue, position: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the answer that a venue's fields are looked up in."""
    return position if venue.unified else position["info"]
