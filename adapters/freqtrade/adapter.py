"""freqtrade behind protocol 1.

freqtrade works out a liquidation price with the class of its venue, keeps margin in
a `LocalTrade`, balances in `Wallets`, and leaves a position by the rules of its
backtesting. This program fills orders and reads back; it works out no figure of margin.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from freqtrade.enums import ExitType, TradingMode
from freqtrade.exceptions import OperationalException
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.resolvers import ExchangeResolver
from freqtrade.strategy import IStrategy
from freqtrade.wallets import Wallets

from freqtrade import persistence
from isomargin_adapter import Quote, Ready, Run, Settings, Unsupported, gaps, serve

# Classes by profile, choices made, options of a backtest, and what freqtrade calls
# the parts of a tier and of a position.
TABLES = json.loads(Path("tables.json").read_text("utf-8"))
OUT_OF_REACH = -100.0
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Patient(IStrategy):  # type: ignore[misc] # the engine has no types
    """A strategy that never trades, and whose stop-loss no price reaches."""

    stoploss = OUT_OF_REACH
    timeframe = "1h"

    def populate_indicators(self, dataframe: Any, metadata: Any) -> Any:  # noqa: ARG002 - the engine's
        """Return the candles as they are."""
        return dataframe


def config_of(name: str, asset: str, balance: str = "0") -> dict[str, Any]:
    """Return the options of a backtest on a venue, without a safety buffer."""
    cash = {"dry_run_wallet": {asset: float(balance)}, "stake_currency": asset}
    return TABLES["options"] | cash | {"exchange": {"name": name}}


@cache
def exchange_class(name: str, asset: str) -> Any:
    """Return freqtrade's exchange of a name; nothing of it calls the venue."""
    return ExchangeResolver.load_exchange(config_of(name, asset), validate=False)


def venue_of(profile: Any) -> str:
    """Return the venue of a profile, or the one whose class follows the textbook's."""
    name, choices = profile.id.partition("/")[0], profile.parameters
    classes, asked = TABLES["profiles"], name
    if name == "textbook":
        gaps.follows(profile, TABLES["choices"])
        at = choices.get("maintenance_margin_price", "mark")
        classes, asked = TABLES["textbook"], f"{at} {choices.get('maintenance_fee')}"
    gaps.supported(asked in classes, f"profile {profile.id}, {asked}")
    return str(classes[asked])


def exchange_of(profile: Any, instruments: Any) -> Any:
    """Return the venue's class, which knows the instruments; or raise a gap."""
    venue = venue_of(profile)
    # Its class halves the rate that the limit of a leverage leaves.
    limited = "max_leverage" in instruments[0]["tiers"][0]
    gaps.supported(limited or venue != "hyperliquid", "max_leverage")
    exchange = exchange_class(venue, instruments[0]["settle"])
    exchange._markets = {one["symbol"]: market_of(one) for one in instruments}  # noqa: SLF001 - as its own tests do
    exchange._leverage_tiers = {one["symbol"]: tiers_of(one) for one in instruments}  # noqa: SLF001 - as above
    return exchange


def market_of(instrument: Mapping[str, Any]) -> dict[str, Any]:
    """Return an instrument as ccxt describes a market."""
    gaps.whole_contract(instrument)
    top = max(float(one.get("max_leverage", "0")) for one in instrument["tiers"])
    taker = float((instrument.get("fees") or {}).get("taker", "0"))
    inverse = instrument.get("contract") == "inverse"
    return {"taker": taker, "inverse": inverse, "limits": {"leverage": {"max": top}}}


def tiers_of(instrument: Mapping[str, Any]) -> list[dict[str, float]]:
    """Return the tiers as freqtrade keeps them, lowest first."""
    names = TABLES["tier"].items()
    tiers = instrument["tiers"]
    return [{kept: float(one.get(name, "0")) for kept, name in names} for one in tiers]


def trade_of(symbol: str, side: str, leverage: str, price: str, taker: float) -> Any:
    """Return a trade with no order in it, and a stop-loss that no price reaches."""
    terms = {"pair": symbol, "is_short": side == "short", "leverage": float(leverage)}
    fees = {"fee_open": taker, "fee_close": taker, "trading_mode": TradingMode.FUTURES}
    opened = {"open_date": NOW, "open_rate": float(price)}
    trade = persistence.LocalTrade(**terms, **fees, **opened)
    trade.adjust_stop_loss(trade.open_rate, OUT_OF_REACH, initial=True)
    return trade


def fill(trade: Any, side: str, quantity: float, price: float) -> None:
    """Let an order of a trade be filled, as backtesting does."""
    terms = {"ft_pair": trade.pair, "ft_order_side": side, "side": side}
    order = persistence.Order(**terms, price=price, average=price, amount=quantity)
    order._trade_bt = trade  # noqa: SLF001 - as backtesting does
    order.close_bt_order(NOW, trade)
    trade.orders.append(order)
    trade.recalc_trade_from_orders()


def set_liquidation_price(exchange: Any, trade: Any, margin: float) -> None:
    """Let the venue's class work it out, by the margin behind the trade."""
    terms = {"pair": trade.pair, "is_short": trade.is_short, "leverage": trade.leverage}
    size = {"open_rate": trade.open_rate, "amount": trade.amount}
    behind = {"stake_amount": margin, "wallet_balance": margin}
    try:
        price = exchange.get_liquidation_price(**terms, **size, **behind)
    except OperationalException as refusal:
        raise Unsupported(str(refusal)) from refusal
    trade.set_liquidation_price(price)


def quote(question: Quote) -> dict[str, float | None]:
    """Fill the order that opens the position and read the trade."""
    position, instrument = question.position, question.instrument
    gaps.isolated(position)
    gaps.supported(question.want == ("liquidation_price",), "quantity")
    exchange = exchange_of(question.profile, [instrument])
    entry, side = position["entry_price"], position["side"]
    trade = trade_of(instrument["symbol"], side, position["leverage"], entry, 0.0)
    fill(trade, trade.entry_side, float(position["quantity"]), float(entry))
    added = float(position.get("added_margin", "0"))
    margin = float(position.get("isolated_margin", trade.stake_amount + added))
    set_liquidation_price(exchange, trade, margin)
    return {"liquidation_price": trade.liquidation_price}


class Account:
    """A backtest's wallets and one trade an instrument."""

    def __init__(self, run: Run) -> None:
        linear = run.instruments[0]["contract"] == "linear"
        gaps.supported(len(run.balances) == 1 and linear, "assets")
        # Its backtest is the same for every venue, and lowers a leverage too high.
        gaps.supported(run.profile.id.startswith("textbook/"), "profile")
        gaps.unlimited_leverage(run)
        [(self._asset, cash)] = run.balances.items()
        self.events: list[dict[str, str]] = []
        self._exchange = exchange_of(run.profile, run.instruments)
        self._instruments = {one["symbol"]: one for one in run.instruments}
        self._trades: dict[str, Any] = {}
        self._settings = Settings(run, self._trades.__contains__)
        self.set_margin_mode = self._settings.set_margin_mode
        self.set_leverage = self._settings.set_leverage
        persistence.LocalTrade.reset_trades()
        config = config_of("binance", self._asset, cash)
        self._wallets = Wallets(config, self._exchange, is_backtest=True)
        self._strategy = Patient(config)

    def trade(self, instrument: str, side: str, quantity: str, price: str) -> None:
        """Fill an order of the instrument's trade, new or open."""
        leverage = self._settings.leverage(instrument)
        gaps.whole_steps(self._instruments[instrument], quantity)
        amount, rate = float(quantity), float(price)
        gaps.supported(rate > 0, "INVALID_PRICE")
        if instrument not in self._trades:
            self._open(instrument, side, leverage, price)
        trade = self._trades[instrument]
        closes = side != trade.entry_side
        gaps.supported(not closes or amount <= trade.amount, "flip")
        if closes and amount == trade.amount:
            self._close(trade, rate)
            return
        fill(trade, side, amount, rate)
        set_liquidation_price(self._exchange, trade, trade.stake_amount)
        self._wallets.update()
        # freqtrade makes such an order smaller
        gaps.supported(self._wallets.get_free(self._asset) >= 0, "INSUFFICIENT_BALANCE")

    def set_mark_price(self, instrument: str, price: str, **_: str) -> None:
        """Show the trade a candle at the price, and leave it if backtesting does."""
        trade, at = self._trades.get(instrument), float(price)
        if trade is None:
            return
        gaps.supported(at > 0, "INVALID_PRICE")
        profit = trade.calc_profit_ratio(at)
        leaving = self._strategy.ft_stoploss_reached(at, trade, NOW, profit, 0, at, at)
        if leaving.exit_type != ExitType.NONE:
            close_rate = Backtesting._get_close_rate_for_stoploss  # noqa: SLF001 - it decides
            self._close(trade, close_rate(None, (NOW, *[at] * 4), trade, leaving, 1))
            gone = {"instrument": instrument, "side": trade.trade_direction}
            self.events.append({"event": "liquidation", **gone})

    def state(self) -> dict[str, Any]:
        """Return the wallets and the open trades."""
        self._wallets.update()
        total, free = self._wallets.get_total, self._wallets.get_free
        cash = {"wallet_balance": total(self._asset), "free_balance": free(self._asset)}
        positions = [shown(trade) for trade in self._trades.values()]
        return {"balances": {self._asset: cash}, "positions": positions}

    def _open(self, instrument: str, side: str, leverage: str, price: str) -> None:
        way = "long" if side == "buy" else "short"
        taker = self._exchange.markets[instrument]["taker"]
        self._trades[instrument] = trade_of(instrument, way, leverage, price, taker)
        persistence.LocalTrade.add_bt_trade(self._trades[instrument])

    def _close(self, trade: Any, rate: float) -> None:
        fill(trade, trade.exit_side, trade.amount, rate)
        trade.close(rate, show_msg=False)
        persistence.LocalTrade.close_bt_trade(trade)
        del self._trades[trade.pair]


def shown(trade: Any) -> dict[str, Any]:
    """Return an open trade as a position."""
    told = {name: getattr(trade, kept) for name, kept in TABLES["position"].items()}
    return told | {"margin_mode": "isolated"}


if __name__ == "__main__":
    persistence.disable_database_use("1h")
    _, _, *figures = TABLES["position"]
    ready = Ready(
        name="freqtrade",
        version=version("freqtrade"),
        contracts=("linear", "inverse"),
        quantities=(*figures, "wallet_balance", "free_balance"),
        actions=("set_leverage", "set_margin_mode", "set_mark_price", "trade"),
        arithmetic="binary",
    )
    serve(ready, quote=quote, engine=Account)
