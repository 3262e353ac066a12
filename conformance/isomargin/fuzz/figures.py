"""Figures worth trying: on an edge, just beside it, and anywhere else."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from isomargin.formulas import PositionScope, State, World, decimal_text
from isomargin.formulas.state import Key

__all__ = ["Sight", "plain"]

_START = {"A": Fraction(10_000), "B": Fraction(8_000)}
_TICK = Fraction(1, 10)
_FINEST = 10_000
_GAPS = ("0.5", "0.7", "0.9", "0.97", "0.995", "1.005", "1.03", "1.1", "1.4", "2.5")


def plain(value: Fraction, *, decimals: int = 4) -> str:
    """Return a number as a decimal string of a few decimals."""
    scale = 10**decimals
    return decimal_text(Fraction(round(value * scale), scale))


@dataclass
class Sight:
    """What the next action is drawn from: the account as the formulas have it.

    Attributes:
        random: where chance comes from.
        world: the rules, the profile, the instruments.
        state: the account, as the latest action left it.
    """

    random: Random
    world: World
    state: State

    def chance(self, share: float) -> bool:
        """Return true in a share of all cases."""
        return self.random.random() < share

    def keys(self, symbol: str) -> list[Key]:
        """Return the open positions of an instrument."""
        return [key for key in self.state.positions if key[0] == symbol]

    def scope(self, key: Key) -> PositionScope:
        """Return the names of formulas, seen from a position."""
        return PositionScope(self.world, self.state, key)

    def mark(self, symbol: str) -> Fraction:
        """Return an instrument's mark price, or the one it usually starts from."""
        mark: Fraction | None = self.state.setting(symbol)["mark_price"]
        return mark if mark is not None else _START.get(symbol, Fraction(1))

    def price(self, symbol: str) -> str:
        """Return a price to trade at."""
        mark = self.mark(symbol)
        near = mark * Fraction(self.random.randint(990, 1010), 1000)
        return plain(self.random.choice((mark, mark, near)), decimals=1)

    def mark_price(self, symbol: str) -> str:
        """Return a price to move to: an edge, a tick beside one, or a jump."""
        edges = [edge for key in self.keys(symbol) for edge in self._edges(key)]
        if edges and self.chance(0.5):
            edge = self.random.choice(edges)
            beside = edge + self.random.choice((-1, 0, 0, 1)) * _TICK
            if beside > 0:
                return _on_grid(beside)
        factor = Fraction(self.random.choice(_GAPS))
        return plain(self.mark(symbol) * factor, decimals=1)

    def _edges(self, key: Key) -> Iterator[Fraction]:
        scope = self.scope(key)
        for name in _EDGES:
            value = scope.value(name)
            if value is not None:
                yield value
        for tier in scope.value("tiers")[1:]:
            yield _price_of(scope, tier["notional_floor"])

    def amount(self, symbol: str, names: tuple[str, ...]) -> str:
        """Return an amount: an edge, a hair beside it, or anything else."""
        scope = self.scope(next(iter(self.keys(symbol)), (symbol, 1)))
        small = scope.instrument is not None and scope.asset == "BTC"
        usual = Fraction(1, 100) if small else Fraction(50)
        hair = Fraction(1, 10_000)
        # Where no position is open, only the account has figures.
        there = [one for one in names if self.keys(symbol) or one in _OF_ACCOUNT]
        found = [scope.value(name) for name in there] if self.chance(0.6) else []
        edges = [edge for edge in found if edge]
        if edges:
            beside = (
                self.random.choice(edges) + self.random.choice((0, 0, 1, -1)) * hair
            )
            return plain(beside, decimals=4)
        return plain(usual * self.random.choice((1, 1, 3, 20, 1, 0, -1)))

    def quantity(self, symbol: str) -> str:
        """Return a quantity: what is open, a part, more; or a new one."""
        held = [self.state.position(key)["quantity"] for key in self.keys(symbol)]
        values = self.world.instruments[symbol].values
        if held and self.chance(0.6):
            part = self.random.choice(_PARTS)
            return plain(self.random.choice(held) * part)
        worth = self.random.choice((100, 500, 1000, 1000, 3000, 6000, 20_000))
        if values["contract"] == "inverse":
            return plain(Fraction(worth) / values["contract_size"], decimals=0)
        size = Fraction(worth, 10_000) / values["contract_size"]
        return plain(size, decimals=3)

    def margin_to_edge(self, key: Key) -> tuple[str, str] | None:
        """Return a price, and what must be added to be liquidated at it exactly."""
        scope = self.scope(key)
        mark = self.mark(key[0])
        away = Fraction(self.random.choice(("0.05", "0.1", "0.2", "0.4")))
        price = Fraction(plain(mark * (1 - key[1] * away), decimals=1))
        lacking = -_equity_over_requirement(scope, price)
        if lacking <= 0 or (lacking * _FINEST).denominator != 1:
            return None
        return plain(price), plain(lacking)


_OF_ACCOUNT = frozenset({"available_balance", "free_balance"})
_EDGES = (
    "liquidation_price",
    "liquidation_price",
    "bankruptcy_price",
    "stop_loss_price",
    "take_profit_price",
    "entry_price",
)
_PARTS = tuple(map(Fraction, ("1", "1", "0.5", "0.3", "2", "1.5", "4")))
_PRICE_OF: Mapping[bool, Callable[[Any, Any], Any]] = {
    True: lambda size, floor: size / floor,
    False: lambda size, floor: floor / size,
}


def _price_of(scope: PositionScope, floor: Fraction) -> Fraction:
    """Return the price at which a position's value is a tier's floor."""
    inverse = scope.value("contract") == "inverse"
    price: Fraction = _PRICE_OF[inverse](scope.value("size"), floor)
    return price


def _on_grid(price: Fraction) -> str:
    """Return a price as it is where a few decimals say it, otherwise on the tick."""
    exact = (price * _FINEST).denominator == 1
    return plain(price, decimals=4 if exact else 1)


def _equity_over_requirement(scope: PositionScope, price: Fraction) -> Fraction:
    at = (price,)
    equity: Fraction = scope.call("position_equity_at", at)
    margin: Fraction = scope.call("maintenance_margin_at", at)
    fee: Fraction = scope.call("maintenance_fee_at", at)
    return equity - margin - fee
