"""jesse's simulated futures exchange behind protocol 1.

jesse keeps one wallet, one leverage and a position a symbol, and liquidates on a
candle. This program submits orders and lays candles as its backtest does, without
candles of a market or a database, and reads back; it works out no figure of margin.
"""

import os
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

# jesse makes a folder wherever it is started.
os.chdir(".environment")

import numpy as np
from jesse.config import config
from jesse.enums import order_types
from jesse.exceptions import InsufficientMargin
from jesse.modes import backtest_mode
from jesse.routes import router
from jesse.services import exchange_service, order_service, position_service
from jesse.store import store
from jesse.strategies.TestEmptyStrategy import TestEmptyStrategy

from isomargin_adapter import Quote, Ready, Run, Settings, gaps, refused, serve, terms

EXCHANGE = "isomargin"
# The choices that jesse has made; any other is a gap.
CHOICES = {
    **gaps.PLAIN,
    **gaps.COURSE,
    "maintenance_fee": "none",
    "unrealised_pnl_price": "entry",
}
# The one maintenance margin rate there is.
RATE = "0.004"
FUTURES = {"type": "futures", "futures_leverage_mode": "isolated"}
# What it calls the parts of the exchange and of a position.
FREE = ("free_balance", "available_balance")
CASH = {"wallet_balance": "wallet_balance"} | dict.fromkeys(FREE, "available_margin")
FIGURES = {
    "notional_value": "value",
    "initial_margin": "total_cost",
    "unrealised_pnl": "pnl",
    "bankruptcy_price": "bankruptcy_price",
}
TERMS = {
    "instrument": "symbol",
    "side": "type",
    "entry_price": "entry_price",
    "leverage": "leverage",
    "isolated_margin": "total_cost",
}


def check_instrument(instrument: Mapping[str, Any]) -> None:
    """Raise a gap for what jesse has not got."""
    gaps.whole_contract(instrument)
    rate = gaps.single_tier(instrument)["maintenance_margin_rate"]
    gaps.supported(rate == RATE, "maintenance_margin_rate")
    _, _, quoted = instrument["symbol"].rpartition("-")
    gaps.supported(quoted == instrument["settle"], "settle")


def begin(instruments: Any, balances: Mapping[str, str]) -> Any:
    """Return jesse's exchange with a wallet and an idle position a symbol."""
    for one in instruments:
        check_instrument(one)
    taker = gaps.only(map(terms.taker_fee, instruments), "fees of each instrument")
    [cash] = balances.values()
    config["app"]["trading_mode"] = "backtest"
    opened = {"balance": float(cash), "fee": float(taker), "futures_leverage": 1}
    config["env"]["exchanges"][EXCHANGE] = FUTURES | opened
    routed = {"exchange": EXCHANGE, "timeframe": "1m", "strategy": TestEmptyStrategy}
    router.initiate([routed | {"symbol": one["symbol"]} for one in instruments])
    store.reset()
    exchange_service.initialize_exchanges_state()
    order_service.initialize_orders_state()
    position_service.initialize_positions_state()
    for position in store.positions.storage.values():
        position.strategy = TestEmptyStrategy()
        position.strategy.position = position
        position.strategy._on_updated_position = lambda _: None  # noqa: SLF001 - it never acts
    return store.exchanges.get_exchange(EXCHANGE)


def quote(question: Quote) -> dict[str, float]:
    """Put the position into the exchange as it stands and read its figures."""
    position = question.position
    gaps.isolated(position)
    given = {"isolated_margin", "added_margin"} & position.keys()
    gaps.supported(not given, "isolated_margin")  # a position has its leverage alone
    gaps.follows(question.profile, CHOICES)
    exchange = begin([question.instrument], {question.instrument["settle"]: "0"})
    set_leverage(exchange, position["leverage"])
    [held] = store.positions.storage.values()
    quantity = float(position["quantity"])
    held.qty = quantity if position["side"] == "long" else -quantity
    held.entry_price = float(position["entry_price"])
    held.current_price = float(position.get("mark_price", position["entry_price"]))
    return terms.told(held, FIGURES)


def set_leverage(exchange: Any, leverage: str) -> None:
    """Give the exchange its one leverage, a whole number."""
    gaps.supported(float(leverage).is_integer(), "leverage")
    exchange.futures_leverage = int(float(leverage))


class Account:
    """jesse's exchange, one leverage for all its positions."""

    def __init__(self, run: Run) -> None:
        gaps.follows(run.profile, CHOICES)
        gaps.unlimited_leverage(run)
        self._at_entry = gaps.maintenance_at_entry(run)
        self._asset = gaps.only(run.balances, "assets")
        self.events: list[dict[str, str]] = []
        self._exchange = begin(run.instruments, run.balances)
        self._instruments = {one["symbol"]: one for one in run.instruments}
        self.settings = Settings(run, lambda name: position_of(name).is_open)

    def trade(
        self,
        instrument: str,
        side: str,
        quantity: str,
        price: str,
        reduce_only: bool = False,  # noqa: FBT001, FBT002 - as the wire has it
    ) -> None:
        """Submit a market order and let it be executed at the price."""
        leverage = self.settings.order(instrument, quantity, price)
        position = position_of(instrument)
        if not store.positions.count_open_positions():
            set_leverage(self._exchange, leverage)
        same = float(leverage) == self._exchange.futures_leverage
        gaps.supported(same, "leverage of each instrument")
        gaps.supported(not reduce_only or position.is_open, "POSITION_NOT_FOUND")
        amount = float(quantity) if side == "buy" else -float(quantity)
        # Its strategies leave a position with orders that only reduce it.
        closes = {"buy": position.is_short, "sell": position.is_long}[side]
        leaves = closes and abs(amount) <= abs(position.qty)
        submit(instrument, side, amount, float(price), leaves or reduce_only)
        if position.current_price is None:
            position.current_price = float(price)

    def set_mark_price(self, instrument: str, price: str) -> None:
        """Lay a candle at the price after the one before."""
        gaps.supported(instrument in self._instruments, "UNKNOWN_INSTRUMENT")
        position, at = position_of(instrument), float(price)
        gaps.supported(at > 0, "INVALID_PRICE")
        gone = terms.liquidation(instrument, position.type)
        before, position.current_price = position.current_price, at
        candle = np.array([0.0, at, at, at, at, 0.0])
        check = backtest_mode._check_for_liquidations  # noqa: SLF001 - it decides
        check(candle, EXCHANGE, instrument, position, before)
        self.events.extend([gone] if gone["side"] != position.type else [])

    def state(self) -> dict[str, Any]:
        """Return the exchange's wallet and the open positions."""
        balances = {self._asset: terms.told(self._exchange, CASH)}
        held = [one for one in store.positions.storage.values() if one.is_open]
        return {"balances": balances, "positions": [self._shown(one) for one in held]}

    def _shown(self, position: Any) -> dict[str, Any]:
        price = {"liquidation_price": "liquidation_price"} if self._at_entry else {}
        shown = terms.told(position, TERMS | FIGURES | price)
        return shown | {"margin_mode": "isolated", "quantity": abs(position.qty)}


def position_of(symbol: str) -> Any:
    """Return jesse's position in a symbol."""
    return store.positions.get_position(EXCHANGE, symbol)


def submit(symbol: str, side: str, amount: float, price: float, leaves: bool) -> None:  # noqa: FBT001 - an order's field
    """Submit an order and execute it, as a backtest does."""
    order = {"symbol": symbol, "exchange": EXCHANGE, "side": side}
    order |= {"type": order_types.MARKET, "qty": amount, "price": price}
    with refused({InsufficientMargin: "INSUFFICIENT_BALANCE"}):
        order_service.create_order(order | {"reduce_only": leaves})
    order_service.execute_simulated_market_orders()


if __name__ == "__main__":
    _, _, *held = TERMS
    ready = Ready(
        name="jesse",
        version=version("jesse"),
        # and liquidation_price in a scenario where maintenance stands at entry
        quantities=("quantity", *held, *FIGURES, *CASH),
        actions=("set_leverage", "set_margin_mode", "set_mark_price", "trade"),
        arithmetic="binary",
    )
    serve(ready, quote=quote, engine=Account)
