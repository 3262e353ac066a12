"""Which rules the cases reach: named by a case, executed when it is carried out.

A definition or transition is executed when the formulas apply it in carrying a case
out; a law when it can be judged on what came of that. A run's log says the same of
a subject.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from isomargin.derive import Derivation, derive
from isomargin.drive import Introduction, Quantities, Step, Trace
from isomargin.formulas.world import Rules
from isomargin.judge import judge
from isomargin.log import LogFile
from isomargin.rulebook.model import Case, Rulebook

__all__ = ["Covered", "covered", "uncovered"]


@dataclass(frozen=True)
class Covered:
    """How a rule is reached, each a number of cases.

    Attributes:
        rule: the rule's id.
        family: its family.
        level: must, should or may.
        named: cases that are for it.
        executed: cases that the formulas apply it in.
        in_run: cases of a run that put it to the test; None without a run.
    """

    rule: str
    family: str
    level: str
    named: int
    executed: int
    in_run: int | None


def covered(rulebook: Rulebook, run: LogFile | None = None) -> list[Covered]:
    """Return how each rule is reached, in the order of the rulebook.

    Args:
        rulebook: the rules and the cases.
        run: the log of a run, to count what it put to the test.

    Raises:
        RulebookError: a case cannot be carried out.
    """
    cases = rulebook.cases.values()
    named = Counter(rule for case in cases for rule in set(case.rules))
    executed = Counter(_executed(cases, rulebook))
    tested = Counter(
        rule for case in (run.cases if run else ()) for rule in case["executed"]
    )
    return [
        Covered(
            rule.id,
            rule.family,
            rule.level,
            named[rule.id],
            executed[rule.id],
            tested[rule.id] if run else None,
        )
        for rule in rulebook.rules.values()
    ]


def uncovered(rules: Iterable[Covered]) -> list[Covered]:
    """Return the rules of level must that no case, or no case of a run, executes."""
    return [
        rule
        for rule in rules
        if rule.level == "must" and (not rule.executed or rule.in_run == 0)
    ]


def _executed(cases: Iterable[Case], rulebook: Rulebook) -> Iterator[str]:
    """Yield the rules that each case executes, once a case."""
    rules = Rules(rulebook)
    everything = _everything(rulebook)
    for case in cases:
        derived = derive(case, rules)
        yield from derived.rules
        yield from _laws(case, derived, rules, everything)


def _laws(
    case: Case, derived: Derivation, rules: Rules, everything: Introduction
) -> Iterator[str]:
    """Yield the laws that can be judged on what the formulas say of a case."""
    profile = rules.rulebook.profiles[case.profile].parameters
    verdict = judge(case, _answer(case, derived), everything, rules, profile)
    yield from dict.fromkeys(law.rule for law in verdict.laws if law.held is not None)


def _answer(case: Case, derived: Derivation) -> Quantities | Trace:
    """Return what the formulas say as if a subject had said it."""
    if case.is_quote:
        return Quantities(derived.answer)
    steps = ({**step, "events": tuple(step["events"])} for step in derived.answer)
    return Trace(tuple(Step(**step) for step in steps))


def _everything(rulebook: Rulebook) -> Introduction:
    """Return the introduction of a subject that has no gaps."""
    return Introduction(
        name="formulas",
        version="",
        language="",
        operations=("quote", "run"),
        profiles="any",
        contracts=("linear", "inverse", "quanto"),
        actions=tuple(rulebook.machine.required),
        quantities=tuple(dict.fromkeys(name for _, name in rulebook.quantities)),
        arithmetic="decimal",
        window=1,
    )
