"""OctoBot-Trading's simulated futures account behind protocol 1.

A position of OctoBot's changes itself and the portfolio it belongs to. This program
hands it filled orders, prices and funding rates and reads both back; it works out no
figure of margin. What a position asks of the bot around it is answered by a mock.
"""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from decimal import Decimal
from importlib.metadata import version
from typing import Any
from unittest.mock import AsyncMock, MagicMock

from octobot_trading import personal_data
from octobot_trading.enums import FutureContractType, MarginType
from octobot_trading.errors import InvalidLeverageValue, PortfolioNegativeValueError
from octobot_trading.exchange_data import FutureContract
from octobot_trading.exchanges import Trader

from isomargin_adapter import Ready, Run, gaps, refused, serve, terms

# The choices that OctoBot has made; any other is a gap.
CHOICES = {
    **gaps.PLAIN,
    **gaps.COURSE,
    "maintenance_fee": "none",
    "funding_source": "isolated_margin",
    "margin_mode_change_with_position": "rejected",
}
KINDS = {
    "linear": (personal_data.LinearPosition, FutureContractType.LINEAR_PERPETUAL),
    "inverse": (personal_data.InversePosition, FutureContractType.INVERSE_PERPETUAL),
}
REFUSALS: Mapping[type[Exception] | str, str] = {
    PortfolioNegativeValueError: "INSUFFICIENT_BALANCE",
    InvalidLeverageValue: "INVALID_LEVERAGE",
}
# What it calls the parts of an asset and of a position.
FREE = ("free_balance", "available_balance")
CASH = {"wallet_balance": "wallet_balance"} | dict.fromkeys(FREE, "available")
TERMS = {
    "instrument": "symbol",
    "side": "side.value",
    "margin_mode": "symbol_contract.margin_type.value",
    "entry_price": "entry_price",
    "leverage": "symbol_contract.current_leverage",
    "isolated_margin": "initial_margin",
    "unrealised_pnl": "unrealized_pnl",
}
LOOP = asyncio.new_event_loop()


def done(work: Coroutine[Any, Any, Any]) -> None:
    """Carry a coroutine of the engine's out."""
    with refused(REFUSALS):
        LOOP.run_until_complete(work)


def trader_of(portfolio: Any, positions: Mapping[str, Any]) -> Any:
    """Return a simulating trader of a bot around both, without a network."""
    bot = MagicMock(is_simulated=True, exchange_name="isomargin")
    bot.exchange.get_exchange_current_time.return_value = 1
    bot.exchange.get_uniformized_timestamp.return_value = 1
    bot.exchange.get_pair_future_contract = lambda name: positions[name].symbol_contract
    bot.exchange.get_fees = lambda name: {"taker": positions[name].taker_fee}
    data = bot.exchange_personal_data
    data.portfolio_manager.portfolio = portfolio
    held = data.positions_manager
    held.is_exclusively_using_exchange_position_details = False
    held.get_order_position = lambda order, **_: positions[order.symbol]
    data.orders_manager.get_open_orders.return_value = []
    data.handle_position_update_notification = AsyncMock()
    trader = Trader({}, bot)
    trader.simulate = trader.is_enabled = True
    return trader


def position_of(trader: Any, instrument: Mapping[str, Any]) -> Any:
    """Return an idle position in an instrument, in cross mode with leverage 1."""
    gaps.whole_contract(instrument)
    kind, contract_type = KINDS[instrument["contract"]]
    rate = Decimal(gaps.single_tier(instrument)["maintenance_margin_rate"])
    limits = {"maximum_leverage": Decimal(1000), "maintenance_margin_rate": rate}
    named = instrument["symbol"], MarginType.CROSS
    position = kind(trader, FutureContract(*named, contract_type, **limits))
    position.symbol, settle = instrument["symbol"], instrument["settle"]
    position.currency = position.market = settle
    position.taker_fee, position.instrument = terms.taker_fee(instrument), instrument
    return position


def order_of(position: Any, side: str, quantity: str, price: str) -> MagicMock:
    """Return a filled order; its fee is the one that the position says."""
    gaps.supported(position.symbol_contract.is_isolated(), "cross")
    gaps.whole_steps(position.instrument, quantity)
    amount, rate = Decimal(quantity), Decimal(price)
    gaps.supported(rate > 0, "INVALID_PRICE")
    fee = position.get_fee_to_open(amount, rate, position.symbol)
    filled = {"filled_quantity": amount, "filled_price": rate, "origin_price": rate}
    order = MagicMock(**filled, close_position=False, reduce_only=False)
    order.is_long.return_value = side == "buy"
    order.is_short.return_value = side == "sell"
    order.get_locked_quantity.return_value = amount
    order.get_total_fees.return_value = fee
    for name in ("symbol", "exchange_manager", "currency", "market"):
        setattr(order, name, getattr(position, name))
    return order


class Account:
    """A portfolio, and a position an instrument."""

    def __init__(self, run: Run) -> None:
        gaps.follows(run.profile, CHOICES)
        self._at_entry = gaps.maintenance_at_entry(run)
        gaps.unlimited_leverage(run)
        self.events: list[dict[str, str]] = []
        self._portfolio = personal_data.FuturePortfolio("isomargin", is_simulated=True)
        for asset, balance in run.balances.items():
            cash = {"available": Decimal(balance), "total": Decimal(balance)}
            made = self._portfolio.create_currency_asset(asset, **cash)
            self._portfolio.portfolio[asset] = made
        self._positions: dict[str, Any] = {}
        self._trader = trader_of(self._portfolio, self._positions)
        for one in run.instruments:
            self._positions[one["symbol"]] = position_of(self._trader, one)

    def set_margin_mode(self, instrument: str, margin_mode: str) -> None:
        """Set the contract's margin type."""
        self._open(instrument)
        mode = MarginType(margin_mode)
        done(self._trader.set_margin_type(instrument, None, mode))

    def set_leverage(self, instrument: str, leverage: str) -> None:
        """Set the contract's leverage."""
        self._open(instrument)
        done(self._trader.set_leverage(instrument, None, Decimal(leverage)))

    def trade(self, instrument: str, side: str, quantity: str, price: str) -> None:
        """Place an order and fill it."""
        position = self._open(instrument)
        order = order_of(position, side, quantity, price)
        with refused(REFUSALS):
            self._portfolio.update_portfolio_available_from_order(order)
        done(position.update_from_order(order))

    def add_margin(self, instrument: str, amount: str) -> None:
        """Update the position by a margin."""
        position = self._open(instrument, held=True)
        done(position.update(update_margin=Decimal(amount)))

    def set_mark_price(self, instrument: str, price: str, **_: str) -> None:
        """Update the position by a mark price; one that is gone was liquidated."""
        position = self._open(instrument)
        usable = not position.is_idle() and Decimal(price) > 0
        gaps.supported(usable, "set_mark_price")
        gone = terms.liquidation(instrument, position.side.value)
        done(position.update(mark_price=Decimal(price)))
        self.events.extend([gone] if position.is_idle() else [])

    def apply_funding(self, instrument: str, funding_rate: str) -> None:
        """Charge the funding of a position."""
        position = self._open(instrument, held=True)
        position.update_value()
        self._portfolio.update_portfolio_from_funding(position, Decimal(funding_rate))

    def state(self) -> dict[str, Any]:
        """Return the portfolio's assets and the positions that are not idle."""
        assets = self._portfolio.portfolio.items()
        balances = {name: terms.told(asset, CASH) for name, asset in assets}
        held = [one for one in self._positions.values() if not one.is_idle()]
        return {"balances": balances, "positions": [self._shown(one) for one in held]}

    def _shown(self, position: Any) -> dict[str, Any]:
        shown = terms.told(position, TERMS) | {"quantity": abs(position.size)}
        if self._at_entry:
            shown["maintenance_margin"] = position.calculate_maintenance_margin()
            shown["liquidation_price"] = position.liquidation_price
        return shown

    def _open(self, instrument: str, *, held: bool = False) -> Any:
        position = self._positions.get(instrument)
        usable = position is not None and not (held and position.is_idle())
        gaps.supported(usable, "POSITION_NOT_FOUND")
        return position


if __name__ == "__main__":
    logging.disable()
    _, _, _, *figures = TERMS
    ready = Ready(
        name="OctoBot-Trading",
        version=version("OctoBot-Trading"),
        contracts=tuple(KINDS),
        # and maintenance_margin and liquidation_price where maintenance stands at entry
        quantities=("quantity", *figures, *CASH),
    )
    serve(ready, engine=Account)
