"""The reference engine as a subject: protocol 1 over standard input and output."""

import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

# In a checkout the two packages lie beside this folder, and nothing need be installed.
_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT / "reference"), str(_ROOT / "adapters")]

from isomargin_adapter import Quote, Ready, Rejected, Run, serve
from isomargin_reference import (
    ACTIONS,
    EVENTS,
    QUANTITIES,
    Event,
    after,
    opening_state,
    quote,
    report,
)

# Each event, and each detail of one, that it tells wherever there is one to tell.
_TOLD = tuple(f"event.{name}" for name in (*EVENTS, *Event._fields[1:]))


class Account:
    """One scenario's account; every action of the engine is a method of it."""

    def __init__(self, run: Run) -> None:
        """Open the account that a scenario begins with."""
        self._state = opening_state(
            run.profile.parameters, run.instruments, run.balances
        )
        self.events: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Return the action of a name."""
        if name not in ACTIONS:
            raise AttributeError(name)
        return lambda **arguments: self._act(name, arguments)

    def _act(self, name: str, arguments: dict[str, Any]) -> None:
        step = after(self._state, name, arguments)
        if step.reason is not None:
            raise Rejected(step.reason.value)
        self._state = step.state
        self.events.extend(event.as_mapping() for event in step.events)

    def state(self) -> dict[str, Any]:
        """Return the account after the latest action."""
        return report(self._state)


def answer(question: Quote) -> dict[str, Decimal | None]:
    """Return the quantities a quote asks for."""
    return quote(
        question.profile.parameters,
        question.instrument,
        question.position,
        question.want,
        wallet_balance=question.message.get("wallet_balance"),
        cross_positions=question.message.get("cross_positions", ()),
    )


if __name__ == "__main__":
    serve(
        Ready(
            name="reference",
            version="1.0.0",
            contracts=("linear", "inverse", "quanto"),
            actions=tuple(ACTIONS),
            quantities=(*QUANTITIES, *_TOLD),
        ),
        quote=answer,
        engine=Account,
    )
