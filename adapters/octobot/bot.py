"""What OctoBot positions and portfolios need around them, and are made of."""  # noqa: INP001 - beside a program

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from unittest.mock import AsyncMock, MagicMock

from octobot_trading import enums
from octobot_trading.exchange_data.contracts import FutureContract
from octobot_trading.exchanges.traders.trader import Trader
from octobot_trading.personal_data.positions.types.inverse_position import (
    InversePosition,
)
from octobot_trading.personal_data.positions.types.linear_position import LinearPosition

from isomargin_adapter import Run, gaps

# The choices that OctoBot has made; any other is a gap.
CONVENTIONS = {
    "initial_margin_price": "entry",
    "initial_margin_closing_fee": "none",
    "maintenance_fee": "none",
    "maintenance_rate_form": "rate",
    "maintenance_funding": "none",
    "funding_source": "isolated_margin",
    "margin_mode_change_with_position": "rejected",
    "reduce_release": "proportional",
    "trigger_price": "mark",
    "trigger_comparison": "at_or_below",
    "liquidation_process": "full",
    "liquidation_leftover": "insurance_fund",
    "contract_value_rounding": "none",
    "rounding": {},
}
# What moves a price, or shows where maintenance stands.
MOVES = {"set_mark_price", "apply_funding"}
KINDS = {
    "linear": (LinearPosition, enums.FutureContractType.LINEAR_PERPETUAL),
    "inverse": (InversePosition, enums.FutureContractType.INVERSE_PERPETUAL),
}
NO_LIMIT = Decimal(1000)


def check_conventions(run: Run) -> bool:
    """Return whether maintenance stands at entry; raise a gap for other choices."""
    gaps.follows(run.profile, CONVENTIONS)
    at_entry = run.profile.parameters.get("maintenance_margin_price") == "entry"
    still = all(step["do"] not in MOVES for step in run.steps)
    gaps.supported(at_entry or still, "parameter maintenance_margin_price")
    return at_entry


def bot_of(portfolio: Any, positions: Mapping[str, Any]) -> MagicMock:
    """Return the bot around a portfolio and its positions, without a network."""

    def of(symbol: str) -> Any:
        return positions[symbol]

    bot = MagicMock(is_simulated=True, exchange_name="isomargin")
    bot.exchange.get_exchange_current_time.return_value = 1
    bot.exchange.get_uniformized_timestamp.return_value = 1
    bot.exchange.get_pair_future_contract = lambda symbol: of(symbol).symbol_contract
    bot.exchange.get_fees = lambda symbol: {"taker": of(symbol).taker_fee}
    data = bot.exchange_personal_data
    data.portfolio_manager.portfolio = portfolio
    data.positions_manager.is_exclusively_using_exchange_position_details = False
    data.positions_manager.get_order_position = lambda order, **_: of(order.symbol)
    data.orders_manager.get_open_orders.return_value = []
    data.handle_position_update_notification = AsyncMock()
    return bot


def trader_of(bot: Any) -> Any:
    """Return a trader that simulates."""
    trader = Trader({}, bot)
    trader.simulate = trader.is_enabled = True
    return trader


def position_of(trader: Any, instrument: Mapping[str, Any]) -> Any:
    """Return an idle position in an instrument, in cross mode with leverage 1."""
    gaps.whole_contract(instrument)
    kind, contract_type = KINDS[instrument["contract"]]
    rate = Decimal(gaps.single_tier(instrument)["maintenance_margin_rate"])
    terms = {"maximum_leverage": NO_LIMIT, "maintenance_margin_rate": rate}
    mode = enums.MarginType.CROSS
    contract = FutureContract(instrument["symbol"], mode, contract_type, **terms)
    position = kind(trader, contract)
    position.symbol, settle = instrument["symbol"], instrument["settle"]
    position.currency = position.market = settle
    position.taker_fee = (instrument.get("fees") or {}).get("taker", "0")
    position.instrument = instrument
    return position


def order_of(position: Any, side: str, quantity: str, price: str) -> MagicMock:
    """Return a filled order; its fee is the one that the position says."""
    gaps.supported(position.symbol_contract.is_isolated(), "cross")
    gaps.whole_steps(position.instrument, quantity)
    amount, rate = Decimal(quantity), Decimal(price)
    gaps.supported(rate > 0, "INVALID_PRICE")
    fee = position.get_fee_to_open(amount, rate, position.symbol)
    filled = {"filled_quantity": amount, "filled_price": rate, "origin_price": rate}
    kind = {"close_position": False, "reduce_only": False, "symbol": position.symbol}
    order = MagicMock(**filled, **kind)
    order.is_long.return_value = side == "buy"
    order.is_short.return_value = side == "sell"
    order.get_locked_quantity.return_value = amount
    order.get_total_fees.return_value = fee
    order.exchange_manager = position.exchange_manager
    order.currency, order.market = position.currency, position.market
    return order
