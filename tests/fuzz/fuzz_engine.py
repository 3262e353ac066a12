"""The reference engine with one thing wrong, as its argument says."""

import sys
from decimal import Decimal
from itertools import count
from typing import Any

from isomargin_adapter import Quote, Ready, Rejected, Run, gaps, serve
from isomargin_reference import (
    ACTIONS,
    QUANTITIES,
    after,
    opening_state,
    quote,
    report,
)

FAULT = sys.argv[1]
_turns = count()


class Account:
    def __init__(self, run: Run) -> None:
        if FAULT == "narrow":
            refuse_what_is_not_plain(run)
        self._parameters = run.profile.parameters
        self._state = opening_state(self._parameters, run.instruments, run.balances)
        self.events: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        if name not in ACTIONS:
            raise AttributeError(name)
        return lambda **given: self._act(name, given)

    def _act(self, name: str, given: dict[str, Any]) -> None:
        if FAULT in {"funding-reversed", "narrow"} and name == "apply_funding":
            rate = Decimal(given["funding_rate"])
            given = {**given, "funding_rate": format(-rate, "f")}
        if FAULT == "dies" and name == "apply_funding":
            sys.exit(3)
        step = after(self._state, name, given)
        if step.reason is not None:
            if FAULT == "refusal-sticks" and name == "remove_margin":
                sticks = after(self._state, "deposit", {"asset": "USD", "amount": "1"})
                self._state = sticks.state
            raise Rejected(step.reason.value)
        self._state = step.state
        self._aside(name, given)
        self.events.extend(event.as_mapping() for event in step.events)

    def _aside(self, name: str, given: dict[str, Any]) -> None:
        if FAULT == "charges-by-the-fill" and name == "trade":
            asset = next(iter(report(self._state)["balances"]))
            taken = {"asset": asset, "amount": "0.00001"}
            self._state = after(self._state, "withdraw", taken).state
        if FAULT == "leaks" and given.get("instrument") == "B":
            moved = {"instrument": "A", "amount": "0.00001"}
            self._state = after(self._state, "add_margin", moved).state

    def state(self) -> dict[str, Any]:
        shown = report(self._state)
        if FAULT == "fickle":
            for figures in shown["balances"].values():
                figures["free_balance"] = str(next(_turns))
        return dict(shown)


def refuse_what_is_not_plain(run: Run) -> None:
    """Answer as most engines do that were made for something else."""
    gaps.supported(all(i["contract"] == "linear" for i in run.instruments), "contract")
    for instrument in run.instruments:
        gaps.whole_contract(instrument)
        gaps.single_tier(instrument)
    gaps.unlimited_leverage(run)
    # Not the textbook's choice, so that another has to be come upon.
    gaps.follows(run.profile, {"reduce_release": "none", "trigger_price": "mark"})
    for step in run.steps:
        gaps.supported(step["with"].get("margin_mode") != "cross", "cross")
        gaps.supported("liquidity" not in step["with"], "trade with liquidity")
        gaps.supported(step["do"] != "set_auto_add_margin", "set_auto_add_margin")


def answer(question: Quote) -> dict[str, Decimal | None]:
    return quote(
        question.profile.parameters,
        question.instrument,
        question.position,
        question.want,
        wallet_balance=question.message.get("wallet_balance"),
        cross_positions=question.message.get("cross_positions", ()),
    )


def one_sided(question: Quote) -> dict[str, Decimal | None]:
    values = answer(question)
    gain = values.get("unrealised_pnl")
    return {**values, "unrealised_pnl": gain and abs(gain)}


def bankrupt(question: Quote) -> dict[str, Decimal | None]:
    values = answer(question)
    return {**values, "liquidation_price": values.get("bankruptcy_price")}


ENGINES = {"bankruptcy": bankrupt, "calculator": answer, "one-sided": one_sided}


def main() -> None:
    textbook = FAULT in ENGINES
    ready = Ready(
        name=FAULT,
        version="1",
        profiles=("textbook/linear",) if textbook else "any",
        contracts=("linear",)
        if textbook or FAULT == "narrow"
        else ("linear", "inverse", "quanto"),
        actions=tuple(ACTIONS),
        quantities=(
            ("liquidation_price", "bankruptcy_price", "unrealised_pnl")
            if textbook
            else tuple(QUANTITIES)
        ),
    )
    if textbook:
        serve(ready, quote=ENGINES[FAULT])
    else:
        serve(ready, quote=None if FAULT == "narrow" else answer, engine=Account)


main()
