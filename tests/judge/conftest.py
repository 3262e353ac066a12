"""A rulebook, cases, subjects and answers to judge, each made in one line."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from isomargin.drive import Introduction, Outcome, Quantities, Step, Trace
from isomargin.expression import parse
from isomargin.formulas.world import Rules
from isomargin.judge import Gap, Verdict, judge, question
from isomargin.rulebook.load import load
from isomargin.rulebook.model import Case, Law
from isomargin.rulebook.places import places

BTC = {
    "symbol": "BTC-USD",
    "contract": "linear",
    "contract_size": "1",
    "settle": "USD",
    "tick_size": "0.1",
    "tiers": [{"notional_floor": "0", "maintenance_margin_rate": "0.004"}],
}
ETH = {**BTC, "symbol": "ETH-USD"}
EUR = {**BTC, "symbol": "BTC-EUR", "settle": "EUR"}
ACTIONS = (
    "deposit",
    "set_margin_mode",
    "set_position_mode",
    "set_leverage",
    "trade",
    "add_margin",
    "set_auto_add_margin",
    "set_mark_price",
    "apply_funding",
)
QUANTITIES = ("liquidation_price", "initial_margin", "isolated_margin", "quantity")


@pytest.fixture(scope="session")
def rules() -> Rules:
    return Rules(load(places()))


@pytest.fixture(scope="session")
def textbook(rules: Rules) -> dict[str, Any]:
    return rules.rulebook.profiles["textbook/linear"].parameters


@pytest.fixture(scope="session")
def subject() -> Introduction:
    return Introduction(
        name="acme",
        version="7.2",
        language="rust",
        operations=("quote", "run"),
        profiles="any",
        contracts=("linear", "inverse"),
        actions=ACTIONS,
        quantities=QUANTITIES,
        arithmetic="decimal",
        window=1,
    )


def case_of(core: Mapping[str, Any], changes: Mapping[str, Any]) -> Case:
    usual: dict[str, Any] = {
        "id": "family.case",
        "family": "family",
        "is_example": False,
        "profile": "textbook/linear",
        "overrides": {},
        "rules": ("liquidation_price.isolated",),
        "claims": (),
        "why": "a fault",
        "origin": "hand",
        "core": core,
        "where": "cases/family.yaml:1",
    }
    return Case(**{**usual, **changes})


def scenario(
    *steps: tuple[Any, ...],
    instruments: Sequence[Mapping[str, Any]] = (BTC, ETH),
    balances: Mapping[str, str] | None = None,
    **changes: Any,
) -> Case:
    """Make a scenario of (action, arguments, expected) on instruments and balances."""
    keys = ("do", "with", "expect")
    listed = [dict(zip(keys, step, strict=False)) for step in steps]
    given = {"balances": balances or {"USD": "2000"}, "instruments": [*instruments]}
    return case_of({"given": given, "steps": listed}, changes)


def quoted(
    expect: Mapping[str, Any],
    *,
    quote: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Case:
    """Make a quote that expects these quantities."""
    held = {"side": "long", "quantity": "0.1", "entry_price": "10000"}
    usual = {"instrument": BTC, "position": held, "expect": expect}
    return case_of({"quote": {**usual, **(quote or {})}}, changes)


def position(**figures: Any) -> dict[str, Any]:
    """Make a position as a state shows it."""
    return {
        "instrument": "BTC-USD",
        "side": "long",
        "margin_mode": "isolated",
        "quantity": "0.02",
        "entry_price": "50000",
        "isolated_margin": "100",
        "leverage": "10",
        "liquidation_price": "45180",
        **figures,
    }


def state(
    free: str, *positions: Mapping[str, Any], wallet: str, asset: str = "USD"
) -> dict[str, Any]:
    """Make a state of positions and the balances of one asset."""
    figures = {"wallet_balance": wallet, "free_balance": free}
    return {"balances": {asset: figures}, "positions": list(positions)}


def step(shown: Mapping[str, Any], *events: Any, reason: str | None = None) -> Step:
    """Make a step: accepted unless a reason is given, with events by name."""
    noted = [{"event": one} if isinstance(one, str) else one for one in events]
    return Step("rejected" if reason else "accepted", reason, tuple(noted), shown)


def law(
    holds: str, *, after: str = "trade", when: str | None = None, level: str = "must"
) -> Law:
    """Make a law."""
    where = "rules/a.yaml:1"
    condition = parse(when, where) if when else None
    described = ("a.law", "a", level, (), (), where)
    return Law(*described, (after,), condition, parse(holds, where))


@pytest.fixture(scope="session")
def new(rules: Rules) -> SimpleNamespace:
    """Give what makes cases, states, steps, laws, and rulebooks of these laws alone."""
    return SimpleNamespace(
        scenario=scenario,
        quoted=quoted,
        position=position,
        state=state,
        step=step,
        law=law,
        ruled=lambda *laws: Rules(replace(rules.rulebook, laws=laws)),
    )


@pytest.fixture(scope="session")
def judged(
    rules: Rules, textbook: Mapping[str, Any], subject: Introduction
) -> Callable[..., Verdict]:
    """Judge a case by an outcome, by the steps of one, or by values."""

    def made(
        case: Case,
        *outcome: Any,
        by: Rules | None = None,
        parameters: Mapping[str, Any] | None = None,
        **declared: Any,
    ) -> Verdict:
        return judge(
            case,
            _outcome(outcome),
            replace(subject, **declared),
            by or rules,
            {**textbook, **(parameters or {})},
        )

    return made


def _outcome(given: tuple[Any, ...]) -> Outcome | Gap:
    if not given or isinstance(given[0], Step):
        return Trace(given)
    outcome: Outcome | Gap = given[0]
    return Quantities(outcome) if isinstance(outcome, dict) else outcome


@pytest.fixture(scope="session")
def asked(
    textbook: Mapping[str, Any], subject: Introduction
) -> Callable[..., dict[str, Any] | Gap]:
    """Return the message for a case, as it is read from its line, or the gap."""

    def message(case: Case, **declared: Any) -> dict[str, Any] | Gap:
        found = question(case, replace(subject, **declared), textbook)
        if isinstance(found, Gap):
            return found
        sent: dict[str, Any] = json.loads(found.line(7))
        assert sent.pop("seq") == 7
        assert found.message == sent
        assert found.step_count == len(sent.get("steps", ()))
        return sent

    return message
