"""The adapter: it puts what isomargin asks to an engine and says what came of it.

Replace the toy engine by yours here. An adapter translates names and units; it
computes no margin, and what the engine does not have it answers as unsupported.
"""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from engine import Account, Contract, Position, Refused

from isomargin_adapter import Quote, Ready, Rejected, Run, Unsupported, serve

READY = Ready(
    name="toy",
    version="1.0.0",
    language="python",
    profiles=("textbook/linear",),
    contracts=("linear",),
    quantities=(
        "initial_margin",
        "maximum_loss",
        "maintenance_margin",
        "unrealised_pnl",
        "position_equity",
        "liquidation_price",
        "bankruptcy_price",
    ),
)

SIGNS = {"long": 1, "short": -1, "buy": 1, "sell": -1}


def contract(instrument: Mapping[str, Any]) -> Contract:
    """Return an instrument as the engine names it, or say what it cannot be."""
    tier, *more = instrument["tiers"]
    if instrument["contract"] != "linear":
        raise Unsupported(instrument["contract"])
    if more or Fraction(tier.get("maintenance_amount", "0")):
        raise Unsupported("tiers")
    step, limit = instrument.get("quantity_step"), tier.get("max_leverage")
    fees = instrument.get("fees", {})
    return Contract(
        symbol=instrument["symbol"],
        settle=instrument["settle"],
        size=Fraction(instrument.get("contract_size", "1")),
        quantity_step=None if step is None else Fraction(step),
        maintenance_margin_rate=Fraction(tier["maintenance_margin_rate"]),
        max_leverage=None if limit is None else Fraction(limit),
        fee_rates={name: Fraction(fees.get(name, "0")) for name in ("maker", "taker")},
    )


def figures(position: Position, mark_price: Fraction) -> dict[str, Fraction | None]:
    """Return what the engine says of a position, under isomargin's names."""
    return {
        "initial_margin": position.initial_margin,
        "maximum_loss": position.maximum_loss,
        "maintenance_margin": position.maintenance_margin(mark_price),
        "unrealised_pnl": position.unrealised_pnl(mark_price),
        "position_equity": position.equity(mark_price),
        "liquidation_price": position.liquidation_price(),
        "bankruptcy_price": position.bankruptcy_price(),
    }


def quote(question: Quote) -> dict[str, Fraction | None]:
    """Answer a quote: one position in, the quantities it asks for out."""
    asked = question.position
    if asked["margin_mode"] == "cross":
        raise Unsupported("cross")
    position = Position(
        contract=contract(question.instrument),
        sign=SIGNS[asked["side"]],
        quantity=Fraction(asked["quantity"]),
        entry_price=Fraction(asked["entry_price"]),
        leverage=Fraction(asked["leverage"]),
    )
    # What is given is the whole margin, or what lies above the initial margin.
    usual = position.initial_margin + Fraction(asked.get("added_margin", "0"))
    margin = Fraction(asked.get("isolated_margin", usual))
    position = replace(position, isolated_margin=margin)
    known = figures(position, Fraction(asked["mark_price"]))
    return {name: known[name] for name in question.want}


class Scenario:
    """Answers a run: each action is the method of its name, `state` comes after."""

    def __init__(self, run: Run) -> None:
        """Open the account that a scenario begins with."""
        contracts = {one["symbol"]: contract(one) for one in run.instruments}
        balances = {asset: Fraction(amount) for asset, amount in run.balances.items()}
        self.account = Account(contracts, balances)
        self.isolated: set[str] = set()
        self.events: list[dict[str, str]] = []

    def set_margin_mode(self, instrument: str, margin_mode: str) -> None:
        """Isolated is all that the engine knows."""
        self._check(instrument)
        if instrument in self.account.positions:
            raise Rejected("MARGIN_MODE_LOCKED")
        if margin_mode != "isolated":
            raise Unsupported(margin_mode)
        self.isolated.add(instrument)

    def set_leverage(self, instrument: str, leverage: str) -> None:
        """Leverage is chosen before there is a position."""
        self._check(instrument)
        if instrument in self.account.positions:
            raise Unsupported("set_leverage with a position")
        self._ask("set_leverage", instrument, Fraction(leverage))

    def trade(
        self,
        instrument: str,
        side: str,
        quantity: str,
        price: str,
        liquidity: str = "taker",
        **more: object,
    ) -> None:
        """Open, add to, reduce or close a position."""
        self._check(instrument)
        self._check_trade(instrument, Fraction(quantity), Fraction(price), more)
        amount, held = Fraction(quantity), self.account.positions.get(instrument)
        arguments = (amount, Fraction(price), liquidity)
        if held is None or held.sign == SIGNS[side]:
            self._ask("open", instrument, SIGNS[side], *arguments)
        elif amount > held.quantity:
            raise Unsupported("flip")
        else:
            self._ask("close", instrument, *arguments)

    def add_margin(self, instrument: str, amount: str, **more: object) -> None:
        """Move margin to a position."""
        self._check(instrument)
        if more:
            raise Rejected("INVALID_POSITION_SIDE")
        self._ask("add_margin", instrument, Fraction(amount))

    def set_mark_price(self, instrument: str, price: str, **more: str) -> None:
        """Move the market; index and last prices act on nothing here."""
        self._check(instrument)
        if any(Fraction(one) <= 0 for one in (price, *more.values())):
            raise Rejected("INVALID_PRICE")
        self._ask("set_mark_price", instrument, Fraction(price))

    def state(self) -> dict[str, Any]:
        """Return balances and positions after the latest action."""
        account = self.account
        return {
            "balances": {
                asset: {
                    "wallet_balance": account.wallet_balance(asset),
                    "free_balance": free,
                    "available_balance": free,
                }
                for asset, free in account.free.items()
            },
            "positions": [
                {
                    "instrument": symbol,
                    "side": "long" if position.sign > 0 else "short",
                    "margin_mode": "isolated",
                    "quantity": position.quantity,
                    "entry_price": position.entry_price,
                    "leverage": position.leverage,
                    "mark_price": account.marks[symbol],
                    "isolated_margin": position.isolated_margin,
                    **figures(position, account.marks[symbol]),
                }
                for symbol, position in account.positions.items()
            ],
        }

    def _ask(self, action: str, symbol: str, *arguments: object) -> None:
        """Let the engine act; map its own refusals to isomargin's reasons here."""
        try:
            getattr(self.account, action)(symbol, *arguments)
        except Refused as refusal:
            raise Rejected(str(refusal)) from refusal
        for position in self.account.liquidate():
            self.events.append(
                {
                    "event": "liquidation",
                    "instrument": position.contract.symbol,
                    "side": "long" if position.sign > 0 else "short",
                }
            )

    def _check(self, symbol: str) -> None:
        if symbol not in self.account.contracts:
            raise Rejected("UNKNOWN_INSTRUMENT")

    def _check_trade(
        self,
        symbol: str,
        quantity: Fraction,
        price: Fraction,
        more: Mapping[str, object],
    ) -> None:
        step = self.account.contracts[symbol].quantity_step
        if quantity <= 0 or (step and quantity % step):
            raise Rejected("INVALID_QUANTITY")
        if price <= 0:
            raise Rejected("INVALID_PRICE")
        if "position_side" in more:
            raise Rejected("INVALID_POSITION_SIDE")
        if more:
            raise Unsupported(f"trade with {min(more)}")
        if symbol not in self.isolated:
            raise Unsupported("cross")


if __name__ == "__main__":
    serve(READY, quote=quote, engine=Scenario)
