"""The reference with three faults, for reports that have something to tell.

It looks its tiers up without their maintenance amounts, fails on inverse shorts,
and keeps a position open that should have been liquidated.
"""

from typing import Any

from isomargin_adapter import Quote, Ready, Rejected, Run, serve
from isomargin_reference import (
    ACTIONS,
    QUANTITIES,
    after,
    opening_state,
    quote,
    report,
)


def without_amounts(instrument: Any) -> dict[str, Any]:
    """Return an instrument whose tiers deduct nothing."""
    tiers = [{**tier, "maintenance_amount": "0"} for tier in instrument["tiers"]]
    return {**instrument, "tiers": tiers}


def answer(question: Quote) -> dict[str, Any]:
    """Answer without amounts, and not at all where it hurts."""
    position = question.position
    if question.instrument["contract"] == "inverse" and position["side"] == "short":
        raise ValueError("no <inverse> short & no luck")
    return quote(
        question.profile.parameters,
        without_amounts(question.instrument),
        position,
        question.want,
        wallet_balance=question.message.get("wallet_balance"),
        cross_positions=question.message.get("cross_positions", ()),
    )


class Account:
    """An account that ignores a mark price at which it would be liquidated."""

    def __init__(self, run: Run) -> None:
        """Open the account that a scenario begins with."""
        self._state = opening_state(
            run.profile.parameters, run.instruments, run.balances
        )
        self.events: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        """Return the action of a name."""
        if name not in ACTIONS:
            raise AttributeError(name)
        return lambda **arguments: self._act(name, arguments)

    def _act(self, name: str, arguments: dict[str, Any]) -> None:
        step = after(self._state, name, arguments)
        if step.reason is not None:
            raise Rejected(step.reason.value)
        events = [event.as_mapping() for event in step.events]
        if any(event["event"] == "liquidation" for event in events):
            return
        self._state = step.state
        self.events.extend(events)

    def state(self) -> dict[str, Any]:
        """Return the account after the latest action."""
        return report(self._state)


if __name__ == "__main__":
    serve(
        Ready(
            name="acme",
            version="7.2",
            contracts=("linear", "inverse"),
            actions=tuple(ACTIONS),
            quantities=tuple(QUANTITIES),
        ),
        quote=answer,
        engine=Account,
    )
