"""fractal-defi's `SimplePerpEntity` behind protocol 1.

The entity is one isolated position and the cash that backs it: its collateral
is the allocation, its balance the position's equity. This program passes actions
on and reads properties back; it works out no figure of margin.
"""

from collections.abc import Mapping
from copy import deepcopy
from importlib.metadata import version
from typing import Any

from fractal.core.entities.simple import perp  # type: ignore[import-untyped]

from isomargin_adapter import Quote, Ready, Run, gaps, refused, serve, terms

# The engine refuses in words; these are the rulebook's.
REASONS: Mapping[type[Exception] | str, str] = {
    "below maintenance_margin": "WOULD_LIQUIDATE",
    "above max_leverage": "LEVERAGE_TOO_HIGH",
    "non-positive mark price": "INVALID_PRICE",
    "amount must be >= 0": "INVALID_AMOUNT",
    "insufficient balance": "MARGIN_NOT_REMOVABLE",
    "below maintenance margin": "MARGIN_NOT_REMOVABLE",
}


def figures(entity: perp.SimplePerpEntity) -> dict[str, float | None]:
    """Return what the entity says; a price not above zero is its way to say none."""
    price = entity.liquidation_price
    return {
        "quantity": abs(entity.size),
        "entry_price": entity.internal_state.entry_price,
        "isolated_margin": entity.internal_state.collateral,
        "unrealised_pnl": entity.pnl,
        "position_equity": entity.balance,
        "maintenance_margin": entity.maintenance_margin,
        "liquidation_price": price if price > 0 else None,
    }


def entity_of(instrument: Mapping[str, Any]) -> perp.SimplePerpEntity:
    """Return an empty entity; its one rate is set as 1 / max_leverage."""
    gaps.whole_contract(instrument)
    rate = float(gaps.single_tier(instrument)["maintenance_margin_rate"])
    return perp.SimplePerpEntity(
        trading_fee=float(terms.taker_fee(instrument)),
        max_leverage=1 / rate if rate else float("inf"),
    )


def signed(side: str, quantity: str) -> float:
    """Return a quantity the way the entity takes it: below zero is a short."""
    gaps.supported(float(quantity) > 0, "INVALID_QUANTITY")
    return float(quantity) if side in {"buy", "long"} else -float(quantity)


def side_of(entity: perp.SimplePerpEntity) -> str:
    """Return the side of the entity's position."""
    return "long" if entity.size > 0 else "short"


def quote(question: Quote) -> dict[str, float | None]:
    """Put the position into an entity as it stands and read the entity's figures."""
    position = question.position
    gaps.isolated(position)
    # The entity makes no allocation of a leverage.
    gaps.supported("isolated_margin" in position, "leverage")
    entity = entity_of(question.instrument)
    state = entity.internal_state
    state.size = signed(position["side"], position["quantity"])
    state.entry_price = float(position["entry_price"])
    state.collateral = float(position["isolated_margin"])
    mark_price = position.get("mark_price", position["entry_price"])
    entity.global_state.mark_price = float(mark_price)
    return {name: figures(entity)[name] for name in question.want}


class Account:
    """One entity an instrument. The entity has no wallet, and neither has this."""

    def __init__(self, run: Run) -> None:
        self.events: list[dict[str, str]] = []
        self._entities = {item["symbol"]: entity_of(item) for item in run.instruments}
        self._isolated: set[str] = set()
        # A scenario that names no allocation sets a leverage for the leverage's sake.
        self._allocates = any("isolated_margin" in step["with"] for step in run.steps)

    def set_margin_mode(self, instrument: str, margin_mode: str) -> None:
        """Accept isolated, the entity's only mode, while there is no position."""
        flat = not self._entity(instrument).size
        gaps.supported(margin_mode == "isolated" and flat, "margin_mode")
        self._isolated.add(instrument)

    def set_leverage(self, instrument: str, leverage: str) -> None:  # noqa: ARG002 - the entity has none
        """Let it stand beside trades that name their allocation themselves."""
        flat = not self._entity(instrument).size
        gaps.supported(self._allocates and flat, "leverage")

    def trade(
        self,
        instrument: str,
        side: str,
        quantity: str,
        price: str,
        isolated_margin: str | None = None,
    ) -> None:
        """Deposit the allocation named, then trade; both happen or neither."""
        entity = deepcopy(self._entity(instrument))
        gaps.supported(instrument in self._isolated, "cross")
        # The entity knows one price, and trades at it.
        at_mark = entity.global_state.mark_price in {0.0, float(price)}
        gaps.supported(at_mark, "trade_away_from_mark_price")
        entity.global_state.mark_price = float(price)
        order = signed(side, quantity)
        if order * entity.size >= 0 or abs(order) - abs(entity.size) > entity._EPS:  # noqa: SLF001 - the entity's own zero
            gaps.supported(isolated_margin is not None, "leverage")
            with refused(REASONS):
                entity.action_deposit(float(isolated_margin or 0))
        with refused(REASONS):
            entity.action_open_position(order)
        if not entity.size:  # what a close leaves goes to a wallet nobody observes
            entity.internal_state.collateral = 0.0
        self._entities[instrument] = entity

    def add_margin(self, instrument: str, amount: str) -> None:
        """Deposit into the position's entity."""
        with refused(REASONS):
            self._open_entity(instrument).action_deposit(float(amount))

    def remove_margin(self, instrument: str, amount: str) -> None:
        """Withdraw from the position's entity."""
        with refused(REASONS):
            self._open_entity(instrument).action_withdraw(float(amount))

    def set_mark_price(self, instrument: str, price: str, **_: str) -> None:
        """Step the entity to the price, without funding."""
        self._step(instrument, float(price), 0.0)

    def apply_funding(self, instrument: str, funding_rate: str) -> None:
        """Step the entity by a funding rate, at the price it has."""
        state = self._entity(instrument).global_state
        self._step(instrument, state.mark_price, float(funding_rate))

    def state(self) -> dict[str, Any]:
        """Return the open positions as their entities see them."""
        positions = [
            {"instrument": name, "side": side_of(entity), "margin_mode": "isolated"}
            | figures(entity)
            for name, entity in self._entities.items()
            if entity.size
        ]
        return {"positions": positions}

    def _entity(self, instrument: str) -> perp.SimplePerpEntity:
        gaps.supported(instrument in self._entities, "UNKNOWN_INSTRUMENT")
        return self._entities[instrument]

    def _open_entity(self, instrument: str) -> perp.SimplePerpEntity:
        entity = self._entity(instrument)
        gaps.supported(entity.size, "POSITION_NOT_FOUND")
        return entity

    def _step(self, instrument: str, mark_price: float, funding_rate: float) -> None:
        entity = self._entity(instrument)
        gone = terms.liquidation(instrument, side_of(entity))
        held = bool(entity.size)
        entity.update_state(perp.SimplePerpGlobalState(mark_price, funding_rate))
        if held and not entity.size:
            self.events.append(gone)


if __name__ == "__main__":
    ready = Ready(
        name="fractal-defi",
        version=version("fractal-defi"),
        profiles=("textbook/linear",),
        quantities=tuple(figures(perp.SimplePerpEntity())),
        arithmetic="binary",
    )
    serve(ready, quote=quote, engine=Account)
