"""nautilus_trader's backtest with its liquidation engine behind protocol 1.

A venue of nautilus has one margin account and no isolated mode. So a scenario is
answered whose one position takes the whole account: the account is then what the
position has, and the engine liquidates it. This program feeds orders and quotes and
reads back; it works out no figure of margin.
"""

from collections.abc import Mapping
from decimal import Decimal
from importlib.metadata import version
from itertools import count
from typing import Any

from nautilus_trader.core import nautilus_pyo3 as nautilus

from isomargin_adapter import Ready, Run, Settings, gaps, refused, serve, terms

backtest, common, model = nautilus.backtest, nautilus.common, nautilus.model
# The choices that the engine has made; any other is a gap.
CHOICES = {
    **gaps.PLAIN,
    "maintenance_margin_price": "entry",
    "maintenance_fee": "none",
    "unrealised_pnl_price": "entry",
    "trigger_price": "mark",
    "liquidation_process": "full",
    "liquidation_leftover": "trader",
}
# Prices and quantities have this many decimals.
TICK, PLACES = "0.00000001", 8
# As much as anybody could ask for stands behind every quote.
DEPTH = "1000000000.00000000"
REFUSALS = {"EXCEEDS_FREE_BALANCE": "INSUFFICIENT_BALANCE"}
INSTRUMENT = model.InstrumentId.from_str("INSTRUMENT.VENUE")
SIDES = {"buy": model.OrderSide.BUY, "sell": model.OrderSide.SELL}


def currency(code: str) -> Any:
    """Return a currency with all the decimals there can be."""
    return model.Currency(code, 16, 0, code, model.CurrencyType.CRYPTO)


def perpetual(instrument: Mapping[str, Any]) -> Any:
    """Return an instrument whose whole value is asked for as margin, by leverage."""
    gaps.whole_contract(instrument)
    rate = gaps.single_tier(instrument)["maintenance_margin_rate"]
    settle = currency("SETTLE")
    return model.CryptoPerpetual(
        instrument_id=INSTRUMENT,
        raw_symbol=model.Symbol("INSTRUMENT"),
        base_currency=currency("OTHER"),
        quote_currency=settle,
        settlement_currency=settle,
        is_inverse=False,
        price_precision=PLACES,
        size_precision=PLACES,
        price_increment=model.Price.from_str(TICK),
        size_increment=model.Quantity.from_str(TICK),
        margin_init=Decimal(1),
        margin_maint=Decimal(rate),
        maker_fee=Decimal(0),
        taker_fee=Decimal(terms.taker_fee(instrument)),
        ts_event=0,
        ts_init=0,
    )


class Orders(nautilus.trading.Strategy):  # type: ignore[misc] # the engine has no types
    """A strategy that submits the order it is given with the next quote."""

    def on_start(self) -> None:
        """Ask for the quotes."""
        self.subscribe_quotes(INSTRUMENT)

    def on_quote(self, _: Any) -> None:
        """Submit the order that waits."""
        if self.waiting:
            side, quantity = self.waiting
            self.waiting = None
            size = model.Quantity.from_str(fixed(quantity))
            market = self.order_factory.market(INSTRUMENT, SIDES[side], size)
            self.submit_order(market)

    def on_order_denied(self, event: Any) -> None:
        """Keep why an order was not sent."""
        self.refusals.append(event.reason)

    on_order_rejected = on_order_denied


def fixed(text: str) -> str:
    """Return a decimal with as many places as the instrument has."""
    value = Decimal(text)
    gaps.supported(value == value.quantize(Decimal(TICK)), "decimals")
    return f"{value:.{PLACES}f}"


class Account:
    """A venue's account and the one position that takes all of it."""

    def __init__(self, run: Run) -> None:
        gaps.follows(run.profile, CHOICES)
        gaps.unlimited_leverage(run)
        gaps.supported(len(run.instruments) == 1, "assets")
        [self._instrument] = run.instruments
        [(self._asset, self._cash)] = run.balances.items()
        self.events: list[dict[str, str]] = []
        self._times = count(1)
        self._engine: Any = None
        self.settings = Settings(run, lambda _: self._engine)

    def trade(
        self,
        instrument: str,
        side: str,
        quantity: str,
        price: str,
        isolated_margin: str,
    ) -> None:
        """Open with a market order that a quote at the price fills."""
        gaps.supported(self._engine is None, "trade again")
        self._begin(self.settings.order(instrument, quantity, price))
        self._orders.waiting = side, quantity
        self._quote(price)
        for refusal in self._orders.refusals:
            with refused(REFUSALS):
                gaps.supported(None, refusal)
        whole = self._total() == Decimal(isolated_margin)
        gaps.supported(whole, "isolated_margin of part of the balance")

    def set_mark_price(self, instrument: str, price: str) -> None:
        """Feed a quote at the price; a position that is gone was liquidated."""
        gaps.supported(self._engine, "set_mark_price")
        gone = [terms.liquidation(instrument, shown(x)["side"]) for x in self._open()]
        self._quote(price)
        self.events.extend([] if self._open() else gone)

    def state(self) -> dict[str, Any]:
        """Return the account and its position."""
        total = self._total() if self._engine else self._cash
        balances = {self._asset: {"wallet_balance": total}}
        held = {"instrument": self._instrument["symbol"], "isolated_margin": total}
        positions = [shown(position) | held for position in self._open()]
        return {"balances": balances, "positions": positions}

    def _begin(self, leverage: str) -> None:
        logging = common.LoggerConfig(bypass_logging=True)
        config = backtest.BacktestEngineConfig(bypass_logging=True, logging=logging)
        self._engine = backtest.BacktestEngine(config)
        instrument = perpetual(self._instrument)
        cash = model.Money.from_decimal(Decimal(self._cash), currency("SETTLE"))
        kinds = model.OmsType.NETTING, model.AccountType.MARGIN
        how = {"default_leverage": Decimal(leverage), "liquidation_enabled": True}
        settle = instrument.settlement_currency
        self._engine.add_venue(INSTRUMENT.venue, *kinds, [cash], settle, **how)
        self._engine.add_instrument(instrument)
        self._orders = Orders()
        self._orders.refusals = []
        self._engine.add_strategy(self._orders)

    def _quote(self, price: str) -> None:
        at, depth = model.Price.from_str(fixed(price)), model.Quantity.from_str(DEPTH)
        now = next(self._times)
        quote = model.QuoteTick(INSTRUMENT, at, at, depth, depth, now, now)
        self._engine.clear_data()
        self._engine.add_data([quote])
        self._engine.run(streaming=True)

    def _open(self) -> list[Any]:
        return list(self._engine.cache.positions_open()) if self._engine else []

    def _total(self) -> Decimal:
        account = self._engine.cache.account_for_venue(INSTRUMENT.venue)
        [balance] = account.balances().values()
        return balance.total.as_decimal()


def shown(position: Any) -> dict[str, Any]:
    """Return what a position says of itself."""
    return {
        "side": position.side.name.lower(),
        "margin_mode": "isolated",
        "quantity": position.quantity.as_decimal(),
        "entry_price": position.avg_px_open,
    }


if __name__ == "__main__":
    ready = Ready(
        name="nautilus_trader, liquidation engine",
        version=version("nautilus_trader"),
        language="rust",
        quantities=("quantity", "entry_price", "isolated_margin", "wallet_balance"),
        actions=("set_leverage", "set_margin_mode", "set_mark_price", "trade"),
        arithmetic="binary",
    )
    serve(ready, engine=Account)
