"""Which rules of the rulebook a symptom is about."""

from isomargin.formulas import PositionScope, World, quote_scope, run
from isomargin.formulas.scope import Derived
from isomargin.formulas.world import Rules
from isomargin.fuzz.sequence import parameters_of
from isomargin.fuzz.symptom import Symptom
from isomargin.rulebook.model import Case

__all__ = ["blamed"]


def blamed(case: Case, symptom: Symptom, rules: Rules) -> tuple[str, ...]:
    """Return the ids of the rules that say what should have been.

    The definition of the quantity that is off; otherwise what decided the step; at
    the least the rule that balances add up, so that a case has one.
    """
    if symptom.kind == "law":
        return (symptom.name,)
    chosen = _of_quote if case.is_quote else _of_scenario
    return chosen(case, symptom, rules) or ("account.balances_add_up",)


def _of_quote(case: Case, symptom: Symptom, rules: Rules) -> tuple[str, ...]:
    trail: list[Derived] = []
    scope = quote_scope(rules, case.core["quote"], parameters_of(case, rules), trail)
    scope.value(symptom.name)
    return _defining(trail, symptom.name)


def _of_scenario(case: Case, symptom: Symptom, rules: Rules) -> tuple[str, ...]:
    given = case.core["given"]
    world = World(rules, parameters_of(case, rules), given["instruments"])
    outcomes = list(run(world, given["balances"], case.core["steps"]))
    outcome = outcomes[symptom.step if symptom.step is not None else -1]
    for key in outcome.state.positions:
        scope = PositionScope(world, outcome.state, key)
        if symptom.kind == "value" and symptom.name in rules.defining:
            rule = scope.rule_for(symptom.name)
            return (rule.id,) if rule else ()
    return tuple(dict.fromkeys(outcome.rules))


def _defining(trail: list[Derived], name: str) -> tuple[str, ...]:
    ids = (each.rule.id for each in trail if each.rule.defines == name)
    return tuple(dict.fromkeys(ids))
