"""What is wrong with an answer, without its figures.

Two answers have the same symptom when the same quantity is off in the same direction,
or the same law is broken, or the subject breaks down in the same way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from isomargin.formulas.world import Rules
from isomargin.judge import Finding, Verdict
from isomargin.judge.events import quantity_of
from isomargin.judge.grade import PASSING, number_of
from isomargin.judge.verdict import kind_of

__all__ = ["Symptom", "symptoms"]


@dataclass(frozen=True)
class Symptom:
    """One thing that is wrong.

    Attributes:
        kind: value, outcome, reason, event, law, or how the subject broke down.
        name: the quantity, the law, or what was expected.
        direction: above, below, or what was there instead.
        step: the step's index; it is no part of what makes two symptoms the same.
    """

    kind: str
    name: str
    direction: str
    step: int | None

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what makes two symptoms the same."""
        return self.kind, self.name, self.direction


_HAIR = Fraction(2, 10**9)
_RELATIVE_HAIR = Fraction(1, 10**13)


def symptoms(verdict: Verdict, rules: Rules) -> list[Symptom]:
    """Return everything wrong with an answer, in the order of the steps."""
    if verdict.status == "errored":
        return [Symptom(verdict.kind, "answer", verdict.detail[:40], None)]
    if verdict.status != "failed":
        return []
    levels = {law.id: law.level for law in rules.rulebook.laws}
    found = [_of_finding(each) for each in verdict.findings if _is_wrong(each)]
    found += [
        Symptom("law", law.rule, "broken", law.step)
        for law in verdict.laws
        if law.held is False and levels[law.rule] == "must"
    ]
    return sorted(found, key=lambda each: each.step or 0)


def _is_wrong(finding: Finding) -> bool:
    if finding.grade in PASSING or finding.grade in {"not observed", "not judged"}:
        return False
    expected, actual = number_of(finding.expected), number_of(finding.actual)
    if expected is None or actual is None:
        return True
    # A search meets figures no case would be written about; whose last digits of many
    # differ for having been rounded on the way is no fault worth a person's time.
    hair = max(_HAIR, abs(expected) * _RELATIVE_HAIR)
    return abs(actual - expected) > hair


def _of_finding(finding: Finding) -> Symptom:
    kind = kind_of(finding.path)
    return Symptom(kind, _named(finding), _direction(finding), finding.step)


def _named(finding: Finding) -> str:
    if finding.path.startswith("events["):
        return quantity_of(finding)
    if kind_of(finding.path) != "value":
        return f"{finding.path} {_words(finding.expected)}"
    # Which instrument and side it was seen at does not matter.
    return finding.path.rpartition(".")[2]


def _direction(finding: Finding) -> str:
    expected, actual = number_of(finding.expected), number_of(finding.actual)
    if expected is not None and actual is not None:
        return "above" if actual > expected else "below"
    return f"{_existence(finding.expected)}, is {_words(finding.actual)}"


def _existence(expected: Any) -> str:
    return "should not exist" if expected is None else "should exist"


def _words(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(_words(each) for each in _distinct(value)) or "nothing"
    if isinstance(value, dict):
        return "a position"
    return "a number" if number_of(value) is not None else str(value)


def _distinct(values: Any) -> Iterator[Any]:
    seen = []
    for value in values:
        if value not in seen:
            seen.append(value)
            yield value
