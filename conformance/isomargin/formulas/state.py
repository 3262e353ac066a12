"""The state of an account: balances, positions, settings, buckets."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from isomargin.errors import RulebookError

__all__ = ["Key", "Position", "Settings", "State"]

Key = tuple[str, int]
"""A position's instrument and side, +1 long or −1 short."""

Position = dict[str, Any]
Settings = dict[str, Any]

_NEW_POSITION: Position = {
    "quantity": Fraction(0),
    "entry_price": None,
    "isolated_margin": Fraction(0),
    "settlement_price": None,
    "predicted_funding_rate": None,
    "stop_loss_price": None,
    "take_profit_price": None,
    "auto_add_margin": False,
}
_NEW_SETTINGS: Settings = {
    "leverage": Fraction(1),
    "margin_mode": "cross",
    "mark_price": None,
    "index_price": None,
    "last_price": None,
}


@dataclass
class State:
    """What an account holds at one moment.

    Attributes:
        position_mode: one_way or hedge.
        positions: the open positions.
        settings: per instrument: leverage, margin mode, prices.
        buckets: (asset, bucket) to the cash in it; a position's own margin is in it.
    """

    position_mode: str = "one_way"
    positions: dict[Key, Position] = field(default_factory=dict)
    settings: dict[str, Settings] = field(default_factory=dict)
    buckets: dict[tuple[str, str], Fraction] = field(default_factory=dict)

    def copy(self) -> "State":
        """Return a state that can be changed without changing this one."""
        return State(
            self.position_mode,
            {key: dict(position) for key, position in self.positions.items()},
            {symbol: dict(settings) for symbol, settings in self.settings.items()},
            dict(self.buckets),
        )

    def position(self, key: Key) -> Position:
        """Return the position under a key; one without quantity when none is open."""
        return self.positions.get(key, _NEW_POSITION)

    def setting(self, symbol: str) -> Settings:
        """Return an instrument's settings; the usual ones when none were made."""
        return self.settings.get(symbol, _NEW_SETTINGS)

    def bucket(self, asset: str, name: str) -> Fraction:
        """Return the cash of an asset in a bucket."""
        return self.buckets.get((asset, name), Fraction(0))

    def change_position(self, key: Key, changes: dict[str, Any]) -> None:
        """Set fields of a position, opening it when it is new."""
        self.positions[key] = {**self.position(key), **changes}

    def change_settings(self, symbol: str, changes: dict[str, Any]) -> None:
        """Set an instrument's settings."""
        self.settings[symbol] = {**self.setting(symbol), **changes}

    def move(
        self, asset: str, source: str, target: str, amount: Fraction, key: Key
    ) -> None:
        """Post an amount from one bucket to another; `key` owns `isolated_margin`."""
        for bucket, change in ((source, -amount), (target, amount)):
            held = self.buckets.get((asset, bucket), Fraction(0))
            self.buckets[asset, bucket] = held + change
            if bucket == "isolated_margin":
                margin = self.position(key)["isolated_margin"]
                self.change_position(key, {"isolated_margin": margin + change})

    def drop_closed(self) -> None:
        """Forget positions without quantity.

        Raises:
            RulebookError: a closed position still has margin; a rule lost cash.
        """
        for key, position in list(self.positions.items()):
            if position["quantity"] == 0:
                if position["isolated_margin"] != 0:
                    what = f"a closed position in {key[0]} still has margin"
                    raise RulebookError(what, "spec/rules")
                del self.positions[key]
