"""freqtrade behind protocol 1.

freqtrade works out a liquidation price with the class of its venue, keeps margin in a
`LocalTrade`, balances in `Wallets`, and leaves a position as its backtesting does.
"""

import json
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from freqtrade.exchange import contracts_to_amount
from freqtrade.leverage.liquidation_price import update_liquidation_prices
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.resolvers import ExchangeResolver
from freqtrade.strategy import IStrategy

from freqtrade import exceptions, persistence, wallets
from isomargin_adapter import Quote, Ready, Run, Settings, gaps, serve, terms

# Classes by profile, choices made, options of a backtest, and freqtrade's own names.
TABLES = json.loads(Path("tables.json").read_text("utf-8"))
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Patient(IStrategy):  # type: ignore[misc] # the engine has no types
    """A strategy that never trades, and whose stop-loss no price reaches."""

    stoploss = -100.0
    populate_indicators = None  # it is asked for none


@cache
def exchange_class(name: str, asset: str) -> Any:
    """Return freqtrade's exchange of a name; nothing of it calls the venue."""
    config = TABLES["options"] | {"stake_currency": asset, "exchange": {"name": name}}
    return ExchangeResolver.load_exchange(config, validate=False)


def venue_of(profile: Any) -> str:
    """Return the venue of a profile, or the one whose class follows the textbook's."""
    name, choices = profile.id.partition("/")[0], profile.parameters
    if name == "textbook":
        gaps.follows(profile, TABLES["choices"])
        at = choices.get("maintenance_margin_price", "mark")
        name = f"textbook {at} {choices.get('maintenance_fee')}"
    gaps.supported(name in TABLES["profiles"], f"profile {name}")
    return str(TABLES["profiles"][name])


def exchange_of(profile: Any, instruments: Any) -> Any:
    """Return the venue's class, which knows the instruments; or raise a gap."""
    venue = venue_of(profile)
    # Its class halves the rate that the limit of a leverage leaves.
    limited = "max_leverage" in instruments[0]["tiers"][0]
    gaps.supported(limited or venue != "hyperliquid", "max_leverage")
    exchange = exchange_class(venue, instruments[0]["settle"])
    exchange._markets = {one["symbol"]: market_of(one) for one in instruments}  # noqa: SLF001 - as its own tests do
    exchange._leverage_tiers = {  # noqa: SLF001 - as above
        one["symbol"]: [tier_of(tier) for tier in one["tiers"]] for one in instruments
    }
    return exchange


def market_of(instrument: Any) -> dict[str, Any]:
    """Return an instrument as ccxt describes a market."""
    gaps.whole_contract(instrument)
    top = max(float(one.get("max_leverage", "0")) for one in instrument["tiers"])
    taker = float(terms.taker_fee(instrument))
    inverse = instrument.get("contract") == "inverse"
    return {"taker": taker, "inverse": inverse, "limits": {"leverage": {"max": top}}}


def tier_of(tier: Any) -> dict[str, float]:
    """Return a tier as freqtrade keeps it."""
    return {kept: float(tier.get(name, "0")) for kept, name in TABLES["tier"].items()}


def trade_of(symbol: str, side: str, leverage: str, price: str, taker: float) -> Any:
    """Return a trade with no order in it, and a stop-loss that no price reaches."""
    held = {"pair": symbol, "is_short": side in {"short", "sell"}}
    opened = {"leverage": float(leverage), "open_rate": float(price)}
    fees = {"fee_open": taker, "fee_close": taker, "trading_mode": "futures"}
    trade = persistence.LocalTrade(**held, **opened, **fees)
    trade.adjust_stop_loss(trade.open_rate, Patient.stoploss, initial=True)
    return trade


def fill(trade: Any, side: str, quantity: float, price: float) -> None:
    """Let an order of a trade be filled, as backtesting does."""
    named = {"ft_pair": trade.pair, "ft_order_side": side, "side": side}
    order = persistence.Order(**named, price=price, average=price, amount=quantity)
    order.close_bt_order(NOW, trade)
    trade.orders.append(order)
    trade.recalc_trade_from_orders()


def set_liquidation_price(exchange: Any, trade: Any) -> None:
    """Let freqtrade ask the venue's class, whose refusals it logs and passes over."""
    try:
        update_liquidation_prices(trade, exchange=exchange, **TABLES["in cross mode"])
    except exceptions.OperationalException as refusal:
        gaps.supported(None, str(refusal))


def quote(question: Quote) -> dict[str, float | None]:
    """Fill the order that opens the position and read the trade."""
    position, instrument = question.position, dict(question.instrument)
    gaps.isolated(position)
    gaps.supported(question.want == ("liquidation_price",), "quantity")
    entry, side = position["entry_price"], position["side"]
    trade = trade_of(instrument["symbol"], side, position["leverage"], entry, 0.0)
    linear = instrument["contract"] == "linear"  # whose base asset freqtrade counts in
    size = float(instrument.pop("contract_size", "1") if linear else "1")
    amount = contracts_to_amount(float(position["quantity"]), size)
    fill(trade, trade.entry_side, amount, float(entry))
    margin = trade.stake_amount + float(position.get("added_margin", "0"))
    trade.stake_amount = float(position.get("isolated_margin", margin))
    set_liquidation_price(exchange_of(question.profile, [instrument]), trade)
    return {"liquidation_price": trade.liquidation_price}


class Account:
    """A backtest's wallets, as of any venue, and one trade an instrument."""

    def __init__(self, run: Run) -> None:
        gaps.supported(run.instruments[0]["contract"] == "linear", "contract")
        gaps.supported(run.profile.id.startswith("textbook/"), "profile")
        gaps.unlimited_leverage(run)
        self._asset, cash = gaps.only(run.balances.items(), "assets")
        self.events: list[dict[str, str]] = []
        self._exchange = exchange_of(run.profile, run.instruments)
        self._trades: dict[str, Any] = {}
        self.settings = Settings(run, self._trades.__contains__)
        persistence.LocalTrade.reset_trades()
        opened = {"dry_run_wallet": {self._asset: float(cash)}}
        config = self._exchange._config | opened  # noqa: SLF001 - as its own tests do
        self._wallets = wallets.Wallets(config, self._exchange, is_backtest=True)
        self._strategy = Patient(config)

    def trade(self, instrument: str, side: str, quantity: str, price: str) -> None:
        """Fill an order of the instrument's trade; what it makes smaller is a gap."""
        amount, rate = float(quantity), float(price)
        leverage = self.settings.order(instrument, quantity, price)
        if instrument not in self._trades:
            opened = leverage, price, self._exchange.markets[instrument]["taker"]
            self._trades[instrument] = trade_of(instrument, side, *opened)
            persistence.LocalTrade.add_bt_trade(self._trades[instrument])
        trade = self._trades[instrument]
        closes = side != trade.entry_side
        gaps.supported(not closes or amount <= trade.amount, "flip")
        if closes and amount == trade.amount:
            self._close(trade, rate)
            return
        fill(trade, side, amount, rate)
        set_liquidation_price(self._exchange, trade)
        self._wallets.update()
        gaps.supported(self._wallets.get_free(self._asset) >= 0, "INSUFFICIENT_BALANCE")

    def set_mark_price(self, instrument: str, price: str, **_: str) -> None:
        """Show the trade a candle at the price, and leave it if backtesting does."""
        trade, at = self._trades.get(instrument), float(price)
        if trade is None:
            return
        gaps.supported(at > 0, "INVALID_PRICE")
        profit = trade.calc_profit_ratio(at)
        leaving = self._strategy.ft_stoploss_reached(at, trade, NOW, profit, 0, at, at)
        if leaving.exit_flag:
            close_rate = Backtesting._get_close_rate_for_stoploss  # noqa: SLF001 - it decides
            self._close(trade, close_rate(None, (NOW, *[at] * 4), trade, leaving, 1))
            self.events.append(terms.liquidation(instrument, trade.trade_direction))

    def state(self) -> dict[str, Any]:
        """Return the wallets and the open trades."""
        self._wallets.update()
        cash = terms.told(self._wallets.get_all_balances()[self._asset], TABLES["cash"])
        shown = [terms.told(one, TABLES["position"]) for one in self._trades.values()]
        positions = [one | {"margin_mode": "isolated"} for one in shown]
        return {"balances": {self._asset: cash}, "positions": positions}

    def _close(self, trade: Any, rate: float) -> None:
        fill(trade, trade.exit_side, trade.amount, rate)
        trade.close(rate, show_msg=False)
        persistence.LocalTrade.close_bt_trade(trade)
        del self._trades[trade.pair]


if __name__ == "__main__":
    persistence.disable_database_use("1h")
    ready = Ready(
        name="freqtrade",
        version=version("freqtrade"),
        contracts=("linear", "inverse"),
        quantities=(*list(TABLES["position"])[2:], *TABLES["cash"]),
        actions=("set_leverage", "set_margin_mode", "set_mark_price", "trade"),
        arithmetic="binary",
    )
    serve(ready, quote=quote, engine=Account)
