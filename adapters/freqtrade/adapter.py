"""freqtrade behind protocol 1.

freqtrade works out a liquidation price with the class of its venue, keeps margin in
a `LocalTrade`, balances in `Wallets`, and leaves a position by the rules of its
backtesting. This program fills orders and reads back; it works out no figure of margin.
"""

from decimal import Decimal
from importlib.metadata import version
from typing import Any

from freqtrade.enums import ExitType
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.persistence import LocalTrade, disable_database_use
from freqtrade.strategy import IStrategy
from freqtrade.wallets import Wallets
from venues import (
    NOW,
    OUT_OF_REACH,
    config_of,
    exchange_of,
    fill,
    gap,
    set_liquidation_price,
    trade_of,
)

from isomargin_adapter import Quote, Ready, Run, serve


class Patient(IStrategy):  # type: ignore[misc] # the engine has no types
    """A strategy that never trades, and whose stop-loss no price reaches."""

    stoploss = OUT_OF_REACH
    timeframe = "1h"

    def populate_indicators(self, dataframe: Any, metadata: Any) -> Any:  # noqa: ARG002 - the engine's
        """Return the candles as they are."""
        return dataframe


def quote(question: Quote) -> dict[str, float | None]:
    """Fill the order that opens the position and read the trade."""
    position, instrument = question.position, question.instrument
    if position.get("margin_mode", "isolated") != "isolated":
        gap("cross")
    if set(question.want) != {"liquidation_price"}:
        gap(f"quantity {question.want[0]}")
    exchange = exchange_of(question.profile, [instrument])
    entry = position["entry_price"]
    symbol, leverage = instrument["symbol"], position["leverage"]
    trade = trade_of(symbol, position["side"], leverage, entry, 0.0)
    fill(trade, trade.entry_side, float(position["quantity"]), float(entry))
    added = float(position.get("added_margin", "0"))
    margin = position.get("isolated_margin", trade.stake_amount + added)
    set_liquidation_price(exchange, trade, float(margin))
    return {"liquidation_price": trade.liquidation_price}


class Account:
    """A backtest's wallets and one trade an instrument."""

    def __init__(self, run: Run) -> None:
        if len(run.balances) > 1 or run.instruments[0]["contract"] != "linear":
            gap("assets")
        if not run.profile.id.startswith("textbook/"):
            gap(f"profile {run.profile.id}")  # its backtest is the same for every venue
        if any(
            "max_leverage" in tier for one in run.instruments for tier in one["tiers"]
        ):
            gap("max_leverage")  # freqtrade lowers a leverage that is too high
        [(self._asset, cash)] = run.balances.items()
        self.events: list[dict[str, str]] = []
        self._exchange = exchange_of(run.profile, run.instruments)
        self._leverages: dict[str, str] = {}
        self._trades: dict[str, Any] = {}
        self._isolated: set[str] = set()
        steps = ((one["symbol"], one.get("quantity_step")) for one in run.instruments)
        self._steps = {symbol: Decimal(step) for symbol, step in steps if step}
        LocalTrade.reset_trades()
        config = config_of("binance", self._asset, cash)
        self._wallets = Wallets(config, self._exchange, is_backtest=True)
        self._strategy = Patient(config)

    def set_margin_mode(self, instrument: str, margin_mode: str) -> None:
        """Accept isolated, the backtest's mode, while there is no position."""
        known = instrument in self._exchange.markets
        if margin_mode != "isolated" or instrument in self._trades or not known:
            gap("margin_mode")
        self._isolated.add(instrument)

    def set_leverage(self, instrument: str, leverage: str) -> None:
        """Keep it for the next trade; an open trade's leverage stays as it is."""
        if instrument in self._trades or float(leverage) < 1:
            gap("leverage")
        self._leverages[instrument] = leverage

    def trade(self, instrument: str, side: str, quantity: str, **terms: Any) -> None:
        """Fill an order of the instrument's trade, new or open."""
        if instrument not in self._isolated or set(terms) != {"price"}:
            gap("cross")
        amount, price = float(quantity), float(terms["price"])
        if self._steps.get(instrument) and Decimal(quantity) % self._steps[instrument]:
            gap("quantity_step")  # freqtrade rounds it
        trade = self._trades.get(instrument)
        trade = trade or self._opened(instrument, side, terms["price"])
        closes = side != trade.entry_side
        if min(amount, price) <= 0 or (closes and amount > trade.amount):
            gap("flip")
        if closes and amount == trade.amount:
            self._close(trade, price)
            return
        fill(trade, side, amount, price)
        set_liquidation_price(self._exchange, trade, trade.stake_amount)
        self._wallets.update()
        if self._wallets.get_free(self._asset) < 0:
            gap("INSUFFICIENT_BALANCE")  # freqtrade makes such an order smaller

    def set_mark_price(self, instrument: str, price: str, **_: str) -> None:
        """Show the trade a candle at the price, and leave it if backtesting does."""
        if not (trade := self._trades.get(instrument)):
            return
        if (at := float(price)) <= 0:
            gap("INVALID_PRICE")
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
        positions = [self._shown(trade) for trade in self._trades.values()]
        return {"balances": {self._asset: cash}, "positions": positions}

    def _shown(self, trade: Any) -> dict[str, Any]:
        return {
            "instrument": trade.pair,
            "side": trade.trade_direction,
            "margin_mode": "isolated",
            "quantity": trade.amount,
            "entry_price": trade.open_rate,
            "leverage": trade.leverage,
            "isolated_margin": trade.stake_amount,
            "liquidation_price": trade.liquidation_price,
        }

    def _opened(self, instrument: str, side: str, price: str) -> Any:
        way = "long" if side == "buy" else "short"
        taker = self._exchange.markets[instrument]["taker"]
        trade = trade_of(
            instrument, way, self._leverages.get(instrument, "1"), price, taker
        )
        LocalTrade.add_bt_trade(trade)
        return self._trades.setdefault(instrument, trade)

    def _close(self, trade: Any, rate: float) -> None:
        fill(trade, trade.exit_side, trade.amount, rate)
        trade.close(rate, show_msg=False)
        LocalTrade.close_bt_trade(trade)
        del self._trades[trade.pair]


if __name__ == "__main__":
    disable_database_use("1h")
    held = ("quantity", "entry_price", "leverage", "isolated_margin")
    figures = (*held, "liquidation_price", "wallet_balance", "free_balance")
    ready = Ready(
        name="freqtrade",
        version=version("freqtrade"),
        contracts=("linear", "inverse"),
        quantities=figures,
        arithmetic="binary",
    )
    serve(ready, quote=quote, engine=Account)
