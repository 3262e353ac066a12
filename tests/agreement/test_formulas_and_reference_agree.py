"""The formulas and the reference, written apart, come to the same figures.

Neither imports the other; this is where they meet.
"""

import sys
from pathlib import Path
from typing import Any

import pytest

import isomargin_reference as reference
from isomargin.derive import derive, parameters_of
from isomargin.formulas import World, quote, run
from isomargin.formulas.observe import POSITION, observed, text
from isomargin.formulas.world import Rules
from isomargin.rulebook.load import load
from isomargin.rulebook.places import places
from isomargin_adapter import decimal_string

sys.path.insert(0, str(Path(__file__).parent))

from sequences import question, scenario

RULEBOOK = load(places())
RULES = Rules(RULEBOOK)
USUAL = RULEBOOK.profiles["textbook/linear"].parameters
QUOTABLE = [
    name
    for name in POSITION
    if name not in {"quantity", "entry_price", "leverage", "mark_price"}
]
ISOLATED_ONLY = {"isolated_margin", "added_margin"}
CASES = [case for case in RULEBOOK.cases.values() if not case.is_quote]
QUOTES = [case for case in RULEBOOK.cases.values() if case.is_quote]


def as_wire(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_wire(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_wire(part) for part in value]
    return (
        value
        if value is None or isinstance(value, (str, bool))
        else decimal_string(value)
    )


def compared(world: World, formulas: Any, step: Any) -> None:
    """Compare one step: reason, every event whole, balances, every quantity."""
    assert (step.reason.value if step.reason else None) == formulas.reason
    told = [{name: text(part) for name, part in one.items()} for one in formulas.events]
    assert as_wire([event.as_mapping() for event in step.events]) == told
    state, report = (
        observed(world, formulas.state),
        as_wire(reference.report(step.state)),
    )
    for asset, balances in state["balances"].items():
        assert report["balances"].get(asset) == balances
    assert len(report["positions"]) == len(state["positions"])
    for mine, other in zip(state["positions"], report["positions"], strict=True):
        assert {name: other.get(name, "absent") for name in mine} == mine


def compared_run(parameters: Any, instruments: Any, balances: Any, steps: Any) -> None:
    world = World(RULES, parameters, instruments)
    state = reference.opening_state(parameters, instruments, balances)
    for given, outcome in zip(steps, run(world, balances, steps), strict=True):
        step = reference.after(state, given["do"], given["with"])
        state = step.state
        compared(world, outcome, step)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_scenario_comes_to_the_same_states(case: Any) -> None:
    given = case.core["given"]
    parameters = parameters_of(case, RULES)
    compared_run(
        parameters, given["instruments"], given["balances"], case.core["steps"]
    )


@pytest.mark.parametrize("case", QUOTES, ids=lambda case: case.id)
def test_a_quote_comes_to_the_same_quantities(case: Any) -> None:
    asked = {key: value for key, value in case.core["quote"].items() if key != "expect"}
    answer = reference.quote(
        parameters_of(case, RULES),
        asked.pop("instrument"),
        asked.pop("position"),
        tuple(case.core["quote"]["expect"]),
        **asked,
    )
    assert as_wire(dict(answer)) == derive(case, RULES).answer


@pytest.mark.parametrize("seed", range(250))
def test_a_random_scenario_comes_to_the_same_states(seed: int) -> None:
    drawn = scenario(seed, USUAL, RULEBOOK.parameters)
    compared_run(drawn.parameters, drawn.instruments, drawn.balances, drawn.steps)


@pytest.mark.parametrize("seed", range(250))
def test_a_random_quote_comes_to_the_same_quantities(seed: int) -> None:
    parameters, asked = question(seed, USUAL, RULEBOOK.parameters)
    mode = asked["position"]["margin_mode"]
    isolated = mode == "isolated"
    want = [name for name in QUOTABLE if isolated or name not in ISOLATED_ONLY]
    ours = quote(RULES, {**asked, "want": want}, parameters)
    theirs = reference.quote(
        parameters,
        asked["instrument"],
        asked["position"],
        want,
        wallet_balance=asked.get("wallet_balance"),
        cross_positions=asked.get("cross_positions", ()),
    )
    assert as_wire(dict(theirs)) == {name: text(value) for name, value in ours.items()}
