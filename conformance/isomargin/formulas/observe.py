"""A state of the formulas written as the wire writes one."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from isomargin.formulas.numbers import decimal_text
from isomargin.formulas.quote import reported
from isomargin.formulas.scope import Derived, PositionScope
from isomargin.formulas.state import Key, State
from isomargin.formulas.world import World

__all__ = ["BALANCES", "POSITION", "observed", "text"]

BALANCES = ("wallet_balance", "free_balance", "available_balance")
POSITION = (
    "quantity",
    "entry_price",
    "leverage",
    "mark_price",
    "isolated_margin",
    "notional_value",
    "initial_margin",
    "added_margin",
    "maintenance_margin",
    "maintenance_margin_rate",
    "maintenance_amount",
    "maintenance_fee",
    "maintenance_requirement",
    "closing_fee",
    "reserved_closing_fee",
    "unrealised_pnl",
    "position_equity",
    "liquidation_price",
    "bankruptcy_price",
    "margin_ratio",
    "return_on_margin",
    "maximum_loss",
    "removable_margin",
)
_ISOLATED_ONLY = frozenset({"isolated_margin", "added_margin"})


def text(value: Any) -> Any:
    """Return a value as the wire writes it."""
    return decimal_text(value) if isinstance(value, Fraction) else value


def observed(
    world: World,
    state: State,
    names: Iterable[str] = POSITION,
    trail: list[Derived] | None = None,
) -> dict[str, Any]:
    """Return balances, positions and the insurance fund of a state.

    Args:
        world: the rules, the profile and the instruments.
        state: the state.
        names: the quantities of each position to report.
        trail: where to note the definitions worked out.
    """
    assets = sorted({asset for asset, _ in state.buckets})
    order = list(world.instruments)
    keys = sorted(state.positions, key=lambda key: (order.index(key[0]), -key[1]))
    names = tuple(names)
    return {
        "balances": {asset: _balances(world, state, asset, trail) for asset in assets},
        "positions": [_position(world, state, key, names, trail) for key in keys],
        "insurance_fund": {
            asset: text(state.bucket(asset, "insurance_fund")) for asset in assets
        },
    }


def _balances(
    world: World, state: State, asset: str, trail: list[Derived] | None
) -> dict[str, Any]:
    scope = PositionScope(world, state, None, asset=asset, trail=trail)
    return {name: text(scope.value(name)) for name in BALANCES}


def _position(
    world: World,
    state: State,
    key: Key,
    names: tuple[str, ...],
    trail: list[Derived] | None,
) -> dict[str, Any]:
    scope = PositionScope(world, state, key, trail=trail)
    mode = scope.value("margin_mode")
    chosen = [
        name for name in names if mode == "isolated" or name not in _ISOLATED_ONLY
    ]
    return {
        "instrument": key[0],
        "side": "long" if key[1] > 0 else "short",
        "margin_mode": mode,
        **{name: text(reported(scope, name)) for name in chosen},
    }
