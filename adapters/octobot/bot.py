"""What OctoBot positions and portfolios need around them, and are made of."""  # noqa: INP001 - beside a program

from collections.abc import Callable, Mapping
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

from isomargin_adapter import Run, Unsupported

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
    choices = run.profile.parameters
    for name, choice in CONVENTIONS.items():
        if choices.get(name, choice) != choice:
            raise Unsupported(f"parameter {name}")
    at_entry: bool = choices.get("maintenance_margin_price") == "entry"
    if not at_entry and any(step["do"] in MOVES for step in run.steps):
        raise Unsupported("parameter maintenance_margin_price")
    return at_entry


def rate_of(instrument: Mapping[str, Any]) -> Decimal:
    """Return the one rate that a contract has."""
    [tier, *more] = instrument["tiers"]
    if more or float(tier.get("maintenance_amount", "0")) or "max_leverage" in tier:
        raise Unsupported("tiers")
    if Decimal(instrument["contract_size"]) != 1:
        raise Unsupported("contract_size")
    return Decimal(tier["maintenance_margin_rate"])


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
    kind, contract_type = KINDS[instrument["contract"]]
    contract = FutureContract(
        instrument["symbol"],
        enums.MarginType.CROSS,
        contract_type,
        maximum_leverage=NO_LIMIT,
        maintenance_margin_rate=rate_of(instrument),
    )
    position = kind(trader, contract)
    position.symbol, settle = instrument["symbol"], instrument["settle"]
    position.currency = position.market = settle
    position.taker_fee = (instrument.get("fees") or {}).get("taker", "0")
    position.quantity_step = Decimal(instrument.get("quantity_step", "0"))
    return position


def order_of(position: Any, side: str, terms: Mapping[str, Any]) -> MagicMock:
    """Return a filled order; its fee is the one that the position says."""
    isolated = position.symbol_contract.is_isolated()
    quantity, price = Decimal(terms["quantity"]), Decimal(terms["price"])
    step = position.quantity_step
    gaps = {
        "cross": not isolated,
        "trade": bool(set(terms) - {"quantity", "price"}) or min(quantity, price) <= 0,
        "quantity_step": bool(step) and bool(quantity % step),
    }
    for feature in filter(gaps.get, gaps):
        raise Unsupported(feature)
    fee = position.get_fee_to_open(quantity, price, position.symbol)
    filled = {"filled_quantity": quantity, "filled_price": price, "origin_price": price}
    kind = {"close_position": False, "reduce_only": False, "symbol": position.symbol}
    asks: dict[str, Callable[..., Any]] = {
        "is_long": lambda: side == "buy",
        "is_short": lambda: side == "sell",
        "get_locked_quantity": lambda: quantity,
        "get_total_fees": lambda _: fee,
    }
    order = MagicMock(**filled, **kind, **asks)
    order.exchange_manager = position.exchange_manager
    order.currency, order.market = position.currency, position.market
    return order
