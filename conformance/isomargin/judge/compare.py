"""What comes of a comparison, and the choice between permitted alternatives."""

from collections.abc import Sequence
from typing import NamedTuple

from isomargin.judge.grade import PASSING
from isomargin.judge.verdict import Finding

__all__ = ["Compared", "nearest"]


class Compared(NamedTuple):
    """Findings, and the rules of the alternatives they were compared with.

    Attributes:
        findings: every comparison made.
        rules: the rule of each alternative that holds, besides those of the case.
    """

    findings: tuple[Finding, ...]
    rules: tuple[str, ...] = ()

    @property
    def failing(self) -> int:
        """Return how many comparisons failed."""
        return sum(finding.grade not in PASSING for finding in self.findings)


def nearest(alternatives: Sequence[Compared]) -> Compared:
    """Return the alternative with the fewest failures, the first of equals.

    Where none holds, what fails says that the others do not hold either.
    """
    if len(alternatives) == 1:
        return alternatives[0]
    best = min(alternatives, key=lambda each: each.failing)
    if not best.failing:
        return best
    return Compared(tuple(map(_without_alternative, best.findings)))


def _without_alternative(finding: Finding) -> Finding:
    if finding.grade in PASSING:
        return finding
    note = "; ".join(filter(None, [finding.note, "no permitted alternative holds"]))
    return finding._replace(note=note)
