"""An engine that is wrong in the way its argument says, and otherwise the reference."""

import os
import sys
import time
from collections.abc import Mapping
from decimal import Decimal
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

WRONG = sys.argv[1]
SHOWN = ("wallet_balance", "free_balance", "available_balance", "quantity")
OTHER = {"long": "short", "short": "long"}


class Account:
    """An account whose states are falsified before they are shown."""

    def __init__(self, run: Run) -> None:
        misbehave()
        self._state = opening_state(
            run.profile.parameters, run.instruments, run.balances
        )
        self._liquidations = 0
        self.events: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        if name not in ACTIONS:
            raise AttributeError(name)
        return lambda **arguments: self._act(name, arguments)

    def _act(self, name: str, arguments: dict[str, Any]) -> None:
        step = after(self._state, name, arguments)
        if step.reason is not None:
            raise Rejected(step.reason.value)
        self._state = step.state
        self.events.extend(event.as_mapping() for event in step.events)
        self._liquidations += sum(one["event"] == "liquidation" for one in self.events)

    def state(self) -> dict[str, Any]:
        shown = report(self._state)
        if self._liquidations:
            FALSIFIED.get(WRONG, lambda state: state)(shown)
        return shown


def loses_more(state: dict[str, Any]) -> None:
    """Take four times the margin out of the free balance at a liquidation."""
    for balances in state["balances"].values():
        for name in ("wallet_balance", "free_balance", "available_balance"):
            balances[name] = Decimal(balances[name]) - 400


def leaks(state: dict[str, Any]) -> None:
    """Take the loss out of another position's margin."""
    for position in state["positions"]:
        if "isolated_margin" in position:
            position["isolated_margin"] = Decimal(position["isolated_margin"]) - 5


FALSIFIED = {"loses_more": loses_more, "leaks": leaks}


def misbehave() -> None:
    """Hang, print garbage or die, where that is what is wrong."""
    if WRONG == "hangs":
        time.sleep(600)
    if WRONG == "garbage":
        sys.stdout.write("this is not JSON\n")
        sys.stdout.flush()
        time.sleep(600)
    if WRONG == "dies":
        os._exit(7)


def answer(question: Quote) -> Mapping[str, Decimal | None]:
    """Answer as the reference does, for the other side where that is what is wrong."""
    misbehave()
    position = dict(question.position)
    if WRONG == "other_side":
        position["side"] = OTHER[position["side"]]
    return quote(
        question.profile.parameters,
        question.instrument,
        position,
        question.want,
        wallet_balance=question.message.get("wallet_balance"),
        cross_positions=question.message.get("cross_positions", ()),
    )


serve(
    Ready(
        name="wrong",
        version="1",
        contracts=("linear", "inverse", "quanto"),
        actions=tuple(ACTIONS),
        quantities=(*QUANTITIES, *SHOWN),
    ),
    quote=answer,
    engine=Account,
)
