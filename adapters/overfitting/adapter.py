"""overfitting's backtesting `Broker` behind protocol 1.

The broker steps from bar to bar and trades at a bar's open. This program lays the
bars that an action stands for and reads the broker back; it works out no figure of
margin.
"""

from collections import defaultdict
from collections.abc import Mapping
from importlib.metadata import version
from math import nan
from types import SimpleNamespace
from typing import Any

from overfitting.broker import Broker  # type: ignore[import-untyped]
from overfitting.errors import LiquidationError  # type: ignore[import-untyped]

from isomargin_adapter import Ready, Run, gaps, refused, serve, terms

# The choices that the broker has made; any other is a gap.
CHOICES = {
    "initial_margin_price": "entry",
    "initial_margin_closing_fee": "none",
    "maintenance_fee": "none",
    "maintenance_rate_form": "rate",
    "leverage_decrease_with_position": ("pulls_margin", "resets_margin"),
    "leverage_increase_with_position": ("releases_margin", "resets_margin"),
    **gaps.COURSE,
}
PRICES = ("open", "high", "low", "close")
BROKEN_LIMIT = "Leverage must be between 1 and 100."


class Bars(dict[str, SimpleNamespace]):
    """The price data of a broker: bars by symbol, with their numbers as times."""

    index = range(1_000_000)

    def __missing__(self, symbol: str) -> SimpleNamespace:
        prices = {name: defaultdict(lambda: nan) for name in PRICES}
        return self.setdefault(symbol, SimpleNamespace(**prices))


def terms_of(instrument: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return what a broker is made with: commission, maintenance rate, deduction."""
    gaps.whole_contract(instrument)
    [tier, *more] = instrument["tiers"]
    gaps.supported(not more and "max_leverage" not in tier, "tiers")
    rate, amount = tier["maintenance_margin_rate"], tier.get("maintenance_amount", "0")
    return float(terms.taker_fee(instrument)), float(rate), float(amount)


class Account:
    """One broker with its bars; the symbols of a scenario share its cash."""

    def __init__(self, run: Run) -> None:
        gaps.follows(run.profile, CHOICES)
        self._at_entry = gaps.maintenance_at_entry(run)
        self.events: list[dict[str, str]] = []
        self._asset = gaps.only((one["settle"] for one in run.instruments), "assets")
        charged = gaps.only(map(terms_of, run.instruments), "tiers")
        self._symbols = [one["symbol"] for one in run.instruments]
        self._marks: dict[str, float] = {}
        self._isolated: set[str] = set()
        cash = float(gaps.only(run.balances.values(), "assets"))
        self._broker = Broker(Bars(), cash, *charged, None)

    def set_margin_mode(self, instrument: str, margin_mode: str) -> None:
        """Accept isolated, the broker's only mode, while there is no position."""
        flat = not self._position(instrument).qty
        gaps.supported(margin_mode == "isolated" and flat, "margin_mode")
        self._isolated.add(instrument)

    def set_leverage(self, instrument: str, leverage: str) -> None:
        """Set the leverage of a symbol, which the broker checks at the next bar."""
        self._position(instrument)
        self._lay_bars()
        limit = "LEVERAGE_TOO_HIGH" if float(leverage) > 1 else "INVALID_LEVERAGE"
        with refused({LiquidationError: "WOULD_LIQUIDATE", BROKEN_LIMIT: limit}):
            self._broker.set_leverage(instrument, float(leverage))

    def trade(self, instrument: str, side: str, quantity: str, price: str) -> None:
        """Order at the market and step over a bar that opens at the trade's price."""
        self._position(instrument)
        gaps.supported(instrument in self._isolated, "cross")
        amount, at = float(quantity), float(price)
        gaps.supported(min(amount, at) > 0, "no_amount")
        signed = amount if side == "buy" else -amount
        self._broker.order(instrument, signed, None, type="MARKET")
        self._marks.setdefault(instrument, at)
        self._lay_bars(**{instrument: at})
        self._broker.next()

    def set_mark_price(self, instrument: str, price: str) -> None:
        """Step over two bars at the price: a bar is looked at once it has passed."""
        before = self._broker.get_position(instrument).qty
        gaps.supported(float(price) > 0, "set_mark_price")
        self._marks[instrument] = float(price)
        for _ in range(2):
            self._lay_bars()
            self._broker.next()
        if before and not self._position(instrument).qty:
            side = "long" if before > 0 else "short"
            self.events.append(terms.liquidation(instrument, side))

    def state(self) -> dict[str, Any]:
        """Return the broker's cash and open positions."""
        held = [(name, self._position(name)) for name in self._symbols]
        return {
            "balances": {self._asset: {"wallet_balance": self._broker.cash}},
            "positions": [self._shown(name, one) for name, one in held if one.qty],
        }

    def _shown(self, name: str, position: Any) -> dict[str, Any]:
        shown = {
            "instrument": name,
            "side": "long" if position.qty > 0 else "short",
            "margin_mode": "isolated",
            "quantity": abs(position.qty),
            "entry_price": position.price,
            "leverage": position.leverage,
            "isolated_margin": position.margin,
        }
        return shown | (
            {"liquidation_price": position.liquid_price} if self._at_entry else {}
        )

    def _position(self, instrument: str) -> Any:
        gaps.supported(instrument in self._symbols, "UNKNOWN_INSTRUMENT")
        return self._broker.get_position(instrument)

    def _lay_bars(self, **opens: float) -> None:
        """Lay the next bar of each symbol at its mark price, but for its open."""
        for symbol in self._symbols:
            bars, mark = self._broker.data[symbol], self._marks.get(symbol, nan)
            for name in PRICES:
                getattr(bars, name)[self._broker._i] = mark  # noqa: SLF001 - the next bar
            bars.open[self._broker._i] = opens.get(symbol, mark)  # noqa: SLF001 - as above


if __name__ == "__main__":
    # It has a liquidation price too, and shows it where maintenance stands at entry.
    figures = ("quantity", "entry_price", "leverage", "isolated_margin")
    ready = Ready(
        name="overfitting",
        version=version("overfitting"),
        quantities=(*figures, "wallet_balance"),
        arithmetic="binary",
    )
    serve(ready, engine=Account)
