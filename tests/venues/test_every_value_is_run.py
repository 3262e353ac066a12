"""Every value of every parameter is lived through by a scenario, not only quoted."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from isomargin.derive import Derivation, derive, expectations, found, parameters_of
from isomargin.formulas.world import Rules
from isomargin.rulebook.load import load
from isomargin.rulebook.model import Case
from isomargin.rulebook.places import places

RULEBOOK = load(places())
RULES = Rules(RULEBOOK)
SCENARIOS = [case for case in RULEBOOK.cases.values() if not case.is_quote]
NOT_IN_SCENARIOS = {
    "margin_mode_change_with_orders": "orders are not part of the machine",
    "maintenance_funding": "what is paid next is given with a quote, and with nothing",
    "unrealised_pnl_price": "a settlement price is given with a quote, and with nothing",
}
VALUES = [
    (name, value)
    for name, allowed in RULEBOOK.parameters.items()
    if isinstance(allowed, list) and name not in NOT_IN_SCENARIOS
    for value in allowed
]


def expected(case: Case, derivation: Derivation) -> list[Any]:
    return [found(one, derivation.answer) for one in expectations(case)]


def scenarios_of(name: str, value: str) -> Iterator[Case]:
    """Yield the scenarios under a value, those that are most likely about it first."""
    chosen = [case for case in SCENARIOS if parameters_of(case, RULES)[name] == value]
    yield from sorted(
        chosen, key=lambda case: (name not in case.overrides, name not in case.id)
    )


def tells_apart(case: Case, name: str, value: str) -> bool:
    """Say whether a scenario expects what no other value would give."""
    derivation = derive(case, RULES)
    if name not in derivation.choices:
        return False
    usual = expected(case, derivation)
    others = [one for one in RULEBOOK.parameters[name] if one != value]
    return any(
        expected(other, derive(other, RULES)) != usual
        for one in others
        for other in [replace(case, overrides={**case.overrides, name: one})]
    )


@pytest.mark.parametrize(("name", "value"), VALUES)
def test_a_scenario_tells_the_value_from_another(name: str, value: str) -> None:
    assert any(tells_apart(case, name, value) for case in scenarios_of(name, value))


@pytest.mark.parametrize("name", NOT_IN_SCENARIOS)
def test_what_no_scenario_tells_apart_changes_nothing_there(name: str) -> None:
    for value in RULEBOOK.parameters[name]:
        for case in list(scenarios_of(name, value))[:20]:
            assert not tells_apart(case, name, value), case.id


def test_no_action_gives_what_only_quotes_carry() -> None:
    machine = RULEBOOK.machine
    given = {
        name
        for named in (machine.required, machine.optional)
        for names in named.values()
        for name in names
    }
    assert not given & {"settlement_price", "predicted_funding_rate"}
