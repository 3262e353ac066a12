"""OctoBot-Trading's simulated futures account behind protocol 1.

A position of OctoBot's changes itself and the portfolio it belongs to. This program
hands it filled orders, prices and funding rates and reads both back; it works out no
figure of margin. What a position asks of the bot around it is answered by a mock.
"""

import asyncio
import logging
from collections.abc import Coroutine
from decimal import Decimal
from importlib.metadata import version
from typing import Any

from bot import bot_of, check_conventions, order_of, position_of, trader_of
from octobot_trading import enums, errors
from octobot_trading.personal_data.portfolios.types.future_portfolio import (
    FuturePortfolio,
)

from isomargin_adapter import Ready, Rejected, Run, gaps, serve

MODES = {"isolated": enums.MarginType.ISOLATED, "cross": enums.MarginType.CROSS}
LOOP = asyncio.new_event_loop()


def done(work: Coroutine[Any, Any, Any]) -> None:
    """Carry a coroutine of the engine's out."""
    LOOP.run_until_complete(work)


class Account:
    """A portfolio, and a position an instrument."""

    def __init__(self, run: Run) -> None:
        self._at_entry = check_conventions(run)
        gaps.unlimited_leverage(run)
        self.events: list[dict[str, str]] = []
        self._portfolio = FuturePortfolio("isomargin", is_simulated=True)
        for asset, cash in run.balances.items():
            made = self._portfolio.create_currency_asset(
                asset, available=Decimal(cash), total=Decimal(cash)
            )
            self._portfolio.portfolio[asset] = made
        self._positions: dict[str, Any] = {}
        self._trader = trader_of(bot_of(self._portfolio, self._positions))
        for one in run.instruments:
            self._positions[one["symbol"]] = position_of(self._trader, one)

    def set_margin_mode(self, instrument: str, margin_mode: str) -> None:
        """Set the contract's margin type."""
        self._open(instrument)
        mode = MODES[margin_mode]
        done(self._trader.set_margin_type(instrument, None, mode))

    def set_leverage(self, instrument: str, leverage: str) -> None:
        """Set the contract's leverage."""
        self._open(instrument)
        try:
            done(self._trader.set_leverage(instrument, None, Decimal(leverage)))
        except errors.InvalidLeverageValue as refusal:
            raise Rejected("INVALID_LEVERAGE") from refusal

    def trade(self, instrument: str, side: str, quantity: str, price: str) -> None:
        """Place an order and fill it."""
        position = self._open(instrument)
        order = order_of(position, side, quantity, price)
        try:
            self._portfolio.update_portfolio_available_from_order(order)
            done(position.update_from_order(order))
        except errors.PortfolioNegativeValueError as refusal:
            raise Rejected("INSUFFICIENT_BALANCE") from refusal

    def add_margin(self, instrument: str, amount: str) -> None:
        """Update the position by a margin."""
        position = self._open(instrument, held=True)
        try:
            done(position.update(update_margin=Decimal(amount)))
        except errors.PortfolioNegativeValueError as refusal:
            raise Rejected("INSUFFICIENT_BALANCE") from refusal

    def set_mark_price(self, instrument: str, price: str, **_: str) -> None:
        """Update the position by a mark price; one that is gone was liquidated."""
        position = self._open(instrument)
        usable = not position.is_idle() and Decimal(price) > 0
        gaps.supported(usable, "set_mark_price")
        gone = {"instrument": instrument, "side": position.side.value}
        done(position.update(mark_price=Decimal(price)))
        if position.is_idle():
            self.events.append({"event": "liquidation", **gone})

    def apply_funding(self, instrument: str, funding_rate: str) -> None:
        """Charge the funding of a position."""
        position = self._open(instrument, held=True)
        position.update_value()
        self._portfolio.update_portfolio_from_funding(position, Decimal(funding_rate))

    def state(self) -> dict[str, Any]:
        """Return the portfolio's assets and the positions that are not idle."""
        assets = self._portfolio.portfolio.items()
        balances = {name: cash_of(asset) for name, asset in assets}
        held = [one for one in self._positions.values() if not one.is_idle()]
        return {"balances": balances, "positions": [self._shown(one) for one in held]}

    def _shown(self, position: Any) -> dict[str, Any]:
        mode = "isolated" if position.symbol_contract.is_isolated() else "cross"
        shown = {
            "instrument": position.symbol,
            "side": position.side.value,
            "margin_mode": mode,
            "quantity": abs(position.size),
            "entry_price": position.entry_price,
            "leverage": position.symbol_contract.current_leverage,
            "isolated_margin": position.initial_margin,
            "unrealised_pnl": position.unrealized_pnl,
        }
        if self._at_entry:
            shown["maintenance_margin"] = position.calculate_maintenance_margin()
            shown["liquidation_price"] = position.liquidation_price
        return shown

    def _open(self, instrument: str, *, held: bool = False) -> Any:
        position = self._positions.get(instrument)
        usable = position is not None and not (held and position.is_idle())
        gaps.supported(usable, "POSITION_NOT_FOUND")
        return position


def cash_of(asset: Any) -> dict[str, Decimal]:
    """Return what a portfolio holds of an asset."""
    available = {"free_balance": asset.available, "available_balance": asset.available}
    return {"wallet_balance": asset.wallet_balance, **available}


if __name__ == "__main__":
    logging.disable()
    held = ("quantity", "entry_price", "leverage", "isolated_margin", "unrealised_pnl")
    cash = ("wallet_balance", "free_balance", "available_balance")
    ready = Ready(
        name="OctoBot-Trading",
        version=version("OctoBot-Trading"),
        contracts=("linear", "inverse"),
        # and maintenance_margin and liquidation_price where maintenance stands at entry
        quantities=(*held, *cash),
    )
    serve(ready, engine=Account)
