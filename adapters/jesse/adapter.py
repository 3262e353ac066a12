"""jesse's simulated futures exchange behind protocol 1.

jesse keeps one wallet, one leverage and a position a symbol, and liquidates on a
candle. This program submits orders and lays candles as its backtest does, without
candles of a market or a database, and reads back; it works out no figure of margin.
"""

import os
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

# jesse makes a folder wherever it is started.
os.chdir(".environment")

import numpy as np
from jesse.config import config
from jesse.enums import order_types, sides
from jesse.exceptions import InsufficientMargin
from jesse.modes import backtest_mode
from jesse.routes import router
from jesse.services import exchange_service, order_service, position_service
from jesse.store import store
from jesse.strategies import Strategy

from isomargin_adapter import Quote, Ready, Rejected, Run, Settings, gaps, serve

EXCHANGE = "isomargin"
# The choices that jesse has made; any other is a gap.
CONVENTIONS = {
    "initial_margin_price": "entry",
    "initial_margin_closing_fee": "none",
    "maintenance_fee": "none",
    "maintenance_rate_form": "rate",
    "maintenance_funding": "none",
    "unrealised_pnl_price": "entry",
    "reduce_release": "proportional",
    "trigger_price": "mark",
    "trigger_comparison": "at_or_below",
    "liquidation_process": "full",
    "liquidation_leftover": "insurance_fund",
    "contract_value_rounding": "none",
    "rounding": {},
}
# The one maintenance margin rate there is.
RATE = "0.004"
SIDES = {"buy": sides.BUY, "sell": sides.SELL}
FIGURES: Mapping[str, Callable[[Any], float]] = {
    "notional_value": lambda position: position.value,
    "initial_margin": lambda position: position.total_cost,
    "unrealised_pnl": lambda position: position.pnl,
    "bankruptcy_price": lambda position: position.bankruptcy_price,
}


class Patient(Strategy):  # type: ignore[misc] # the engine has no types
    """A strategy that never trades."""

    def should_long(self) -> bool:
        """Return that it should not."""
        return False

    def go_long(self) -> None:
        """Do nothing."""


def check_instrument(instrument: Mapping[str, Any]) -> None:
    """Raise a gap for what jesse has not got."""
    gaps.supported(instrument["contract"] == "linear", instrument["contract"])
    gaps.whole_contract(instrument)
    rate = gaps.single_tier(instrument)["maintenance_margin_rate"]
    gaps.supported(rate == RATE, "maintenance_margin_rate")
    _, _, quoted = instrument["symbol"].rpartition("-")
    gaps.supported(quoted == instrument["settle"], "settle")


def begin(instruments: Any, balances: Mapping[str, str]) -> Any:
    """Return jesse's exchange with a wallet and an idle position a symbol."""
    for one in instruments:
        check_instrument(one)
    fees = {(one.get("fees") or {}).get("taker", "0") for one in instruments}
    gaps.supported(len(fees) == 1, "fees of each instrument")
    [taker], [cash] = fees, balances.values()
    config["app"]["trading_mode"] = "backtest"
    config["env"]["exchanges"][EXCHANGE] = {
        "balance": float(cash),
        "fee": float(taker),
        "type": "futures",
        "futures_leverage": 1,
        "futures_leverage_mode": "isolated",
    }
    routed = {"exchange": EXCHANGE, "timeframe": "1m", "strategy": Patient}
    router.initiate([routed | {"symbol": one["symbol"]} for one in instruments])
    store.reset()
    exchange_service.initialize_exchanges_state()
    order_service.initialize_orders_state()
    position_service.initialize_positions_state()
    for position in store.positions.storage.values():
        position.strategy = Patient()
        position.strategy.position = position
        position.strategy._on_updated_position = lambda _: None  # noqa: SLF001 - it never acts
    return store.exchanges.get_exchange(EXCHANGE)


def quote(question: Quote) -> dict[str, float]:
    """Put the position into the exchange as it stands and read its figures."""
    position = question.position
    gaps.isolated(position)
    given = {"isolated_margin", "added_margin"} & position.keys()
    gaps.supported(not given, "isolated_margin")  # a position has its leverage alone
    gaps.follows(question.profile, CONVENTIONS)
    exchange = begin([question.instrument], {question.instrument["settle"]: "0"})
    set_leverage(exchange, position["leverage"])
    [held] = store.positions.storage.values()
    quantity = float(position["quantity"])
    held.qty = quantity if position["side"] == "long" else -quantity
    held.entry_price = float(position["entry_price"])
    held.current_price = float(position.get("mark_price", position["entry_price"]))
    return {name: FIGURES[name](held) for name in question.want if name in FIGURES}


def set_leverage(exchange: Any, leverage: str) -> None:
    """Give the exchange its one leverage, a whole number."""
    gaps.supported(float(leverage).is_integer(), "leverage")
    exchange.futures_leverage = int(float(leverage))


class Account:
    """jesse's exchange, one leverage for all its positions."""

    def __init__(self, run: Run) -> None:
        gaps.follows(run.profile, CONVENTIONS)
        gaps.unlimited_leverage(run)
        gaps.supported(len(run.balances) == 1, "assets")
        self._at_entry = (
            run.profile.parameters.get("maintenance_margin_price") == "entry"
        )
        still = all(step["do"] != "set_mark_price" for step in run.steps)
        gaps.supported(self._at_entry or still, "parameter maintenance_margin_price")
        [self._asset] = run.balances
        self.events: list[dict[str, str]] = []
        self._exchange = begin(run.instruments, run.balances)
        self._instruments = {one["symbol"]: one for one in run.instruments}
        self._settings = Settings(run, lambda name: position_of(name).is_open)
        self.set_margin_mode = self._settings.set_margin_mode
        self.set_leverage = self._settings.set_leverage

    def trade(
        self,
        instrument: str,
        side: str,
        quantity: str,
        price: str,
        reduce_only: bool = False,  # noqa: FBT001, FBT002 - as the wire has it
    ) -> None:
        """Submit a market order and let it be executed at the price."""
        leverage = self._settings.leverage(instrument)
        gaps.whole_steps(self._instruments[instrument], quantity)
        gaps.supported(float(price) > 0, "INVALID_PRICE")
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
        at = float(price)
        gaps.supported(at > 0, "INVALID_PRICE")
        position = position_of(instrument)
        gone = {"instrument": instrument, "side": position.type}
        before, position.current_price = position.current_price, at
        candle = np.array([0.0, at, at, at, at, 0.0])
        backtest_mode._check_for_liquidations(  # noqa: SLF001 - it decides
            candle, EXCHANGE, instrument, position, before
        )
        if gone["side"] != position.type:
            self.events.append({"event": "liquidation", **gone})

    def state(self) -> dict[str, Any]:
        """Return the exchange's wallet and the open positions."""
        margin = self._exchange.available_margin
        cash = {"free_balance": margin, "available_balance": margin}
        wallet = {"wallet_balance": self._exchange.wallet_balance, **cash}
        held = [one for one in store.positions.storage.values() if one.is_open]
        positions = [self._shown(one) for one in held]
        return {"balances": {self._asset: wallet}, "positions": positions}

    def _shown(self, position: Any) -> dict[str, Any]:
        shown = {
            "instrument": position.symbol,
            "side": position.type,
            "margin_mode": "isolated",
            "quantity": abs(position.qty),
            "entry_price": position.entry_price,
            "leverage": position.leverage,
            "isolated_margin": position.total_cost,
        }
        shown |= {name: figure(position) for name, figure in FIGURES.items()}
        price = {"liquidation_price": position.liquidation_price}
        return shown | price if self._at_entry else shown


def position_of(symbol: str) -> Any:
    """Return jesse's position in a symbol."""
    return store.positions.get_position(EXCHANGE, symbol)


def submit(symbol: str, side: str, amount: float, price: float, leaves: bool) -> None:  # noqa: FBT001 - an order's field
    """Submit an order and execute it, as a backtest does."""
    terms = {"symbol": symbol, "exchange": EXCHANGE, "side": SIDES[side]}
    order = {"type": order_types.MARKET, "qty": amount, "price": price}
    try:
        order_service.create_order(terms | order | {"reduce_only": leaves})
    except InsufficientMargin as refusal:
        raise Rejected("INSUFFICIENT_BALANCE") from refusal
    order_service.execute_simulated_market_orders()


if __name__ == "__main__":
    held = ("quantity", "entry_price", "leverage", "isolated_margin")
    cash = ("wallet_balance", "free_balance", "available_balance")
    ready = Ready(
        name="jesse",
        version=version("jesse"),
        # and liquidation_price in a scenario where maintenance stands at entry
        quantities=(*held, *FIGURES, *cash),
        actions=("set_leverage", "set_margin_mode", "set_mark_price", "trade"),
        arithmetic="binary",
    )
    serve(ready, quote=quote, engine=Account)
