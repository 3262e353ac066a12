"""The reference engine behind protocol 1, each function of it looked up when called."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from isomargin_adapter import Quote, Rejected, Run
from isomargin_reference import ACTIONS, engine, quoting

__all__ = ["Account", "answer"]


class Account:
    """One scenario's account; every action of the engine is a method of it."""

    def __init__(self, run: Run) -> None:
        """Open the account that a scenario begins with."""
        parameters = run.profile.parameters
        self._state = engine.opening_state(parameters, run.instruments, run.balances)
        self.events: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Return the action of a name."""
        if name not in ACTIONS:
            raise AttributeError(name)
        return lambda **arguments: self._act(name, arguments)

    def _act(self, name: str, arguments: dict[str, Any]) -> None:
        step = engine.after(self._state, name, arguments)
        self._state = step.state
        if step.reason is not None:
            raise Rejected(step.reason.value)
        self.events.extend(event.as_mapping() for event in step.events)

    def state(self) -> dict[str, Any]:
        """Return the account after the latest action."""
        return engine.report(self._state)


def answer(question: Quote) -> dict[str, Decimal | None]:
    """Return the quantities a quote asks for."""
    return quoting.quote(
        question.profile.parameters,
        question.instrument,
        question.position,
        question.want,
        wallet_balance=question.message.get("wallet_balance"),
        cross_positions=question.message.get("cross_positions", ()),
    )
