"""What the matrix says of the cases and the rules."""

from collections.abc import Mapping
from dataclasses import dataclass

from isomargin.log import LogFile
from isomargin.power.corpus import Corpus, Fault
from isomargin.power.matrix import Matrix
from isomargin.rulebook.model import Rulebook

__all__ = ["Power", "assess", "unseen"]

_JUDGED = frozenset({"passed", "failed"})


@dataclass(frozen=True, kw_only=True)
class Power:
    """The power of the cases.

    Attributes:
        faults: how many faults there are.
        equivalent: those marked as no different from no fault.
        survivors: faults that no case catches and that are not so marked.
        astray: faults that are caught, but by no case of a rule they declare.
        not_equivalent: faults that are so marked and yet caught.
        rules: rule to the faults it tells: those that declare it, and that a case for
            it catches or, a law, that break it.
        untold: rules of level must that tell no fault.
        killing_set: cases enough to catch every fault that is caught.
        idle: cases that catch nothing and illustrate nothing.
        control: cases that the engine without a fault fails.
    """

    faults: int
    equivalent: tuple[str, ...]
    survivors: tuple[str, ...]
    astray: tuple[str, ...]
    not_equivalent: tuple[str, ...]
    rules: Mapping[str, tuple[str, ...]]
    untold: tuple[str, ...]
    killing_set: tuple[str, ...]
    idle: tuple[str, ...]
    control: tuple[str, ...]

    @property
    def caught(self) -> int:
        """How many faults are caught."""
        return self.faults - len(self.survivors) - len(self.equivalent)

    @property
    def suffices(self) -> bool:
        """Whether every fault is caught by a case of a rule of its, and by no luck."""
        wanting = (
            self.survivors,
            self.astray,
            self.not_equivalent,
            self.untold,
            self.control,
        )
        return not any(wanting)


def assess(corpus: Corpus, matrix: Matrix, rulebook: Rulebook) -> Power:
    """Return the power of the cases.

    Args:
        corpus: the faults.
        matrix: what the cases saw of them.
        rulebook: the rules and the cases.
    """
    rules = _rules(corpus, matrix, rulebook)
    told = {fault for faults in rules.values() for fault in faults}
    caught = [name for name in corpus if matrix.rows[name]]
    marked = [name for name, fault in corpus.items() if fault.equivalent]
    return Power(
        faults=len(corpus),
        equivalent=tuple(name for name in marked if name not in caught),
        survivors=tuple(
            name for name in corpus if name not in caught and name not in marked
        ),
        astray=tuple(name for name in caught if name not in told),
        not_equivalent=tuple(name for name in marked if name in caught),
        rules=rules,
        untold=tuple(
            rule.id
            for rule in rulebook.rules.values()
            if rule.level == "must" and not rules[rule.id]
        ),
        killing_set=_killing_set(matrix),
        idle=_idle(matrix, rulebook),
        control=tuple(matrix.control),
    )


def unseen(matrix: Matrix, log: LogFile) -> tuple[str, ...]:
    """Return the faults that a run could not have seen.

    They are those that only cases catch which the run left out, or on which it came to
    no judgement: because of a filter, a gap or a skip, or because the subject broke.
    """
    judged = {case["id"] for case in log.cases if case["status"] in _JUDGED}
    return tuple(
        name for name, row in matrix.rows.items() if row and not judged & row.keys()
    )


def _rules(
    corpus: Corpus, matrix: Matrix, rulebook: Rulebook
) -> dict[str, tuple[str, ...]]:
    return {
        rule: tuple(
            name
            for name, fault in corpus.items()
            if rule in fault.rules and _tells(rule, fault, matrix, rulebook)
        )
        for rule in rulebook.rules
    }


def _tells(rule: str, fault: Fault, matrix: Matrix, rulebook: Rulebook) -> bool:
    return any(
        rule in rulebook.cases[case].rules or rule in catch.laws
        for case, catch in matrix.rows[fault.name].items()
        if case in rulebook.cases
    )


def _killing_set(matrix: Matrix) -> tuple[str, ...]:
    """Return few cases that catch all that is caught: the best first, greedily."""
    left = {name for name, row in matrix.rows.items() if row}
    catches = {
        case: {name for name, row in matrix.rows.items() if case in row}
        for case in matrix.cases
    }
    chosen: list[str] = []
    while left:
        best = max(matrix.cases, key=lambda case: len(catches[case] & left))
        chosen.append(best)
        left -= catches[best]
    return tuple(chosen)


def _idle(matrix: Matrix, rulebook: Rulebook) -> tuple[str, ...]:
    catching = {case for row in matrix.rows.values() for case in row}
    return tuple(
        case
        for case in matrix.cases
        if case not in catching and not rulebook.cases[case].is_example
    )
