"""What the judge says: of a quantity, of a law, of a case."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["GRADES", "STATUSES", "Finding", "LawFinding", "Verdict"]

GRADES = ("exact", "rounded", "float", "off", "not observed")
"""How near an observed value is; `off` and `not observed` never pass."""

STATUSES = ("passed", "failed", "errored", "unsupported", "skipped")


class Finding(NamedTuple):
    """One expected value beside the observed one.

    Attributes:
        step: the step's index in a scenario; None in a quote.
        path: what was looked at, such as `position.liquidation_price` or `reason`.
        expected: the value in the case; None for a quantity that does not exist.
        actual: the value observed; None likewise, and also where it was not observed.
        grade: one of GRADES.
        note: what a reader needs beside the two values, or an empty text.
    """

    step: int | None
    path: str
    expected: Any
    actual: Any
    grade: str
    note: str = ""


@dataclass(frozen=True)
class LawFinding:
    """A law looked at in one step.

    Attributes:
        rule: the law's id.
        step: the step's index.
        held: True, False, or None where a figure it needs was not observed.
        figures: the figures it was judged on, by name, as they were written; where
            one was not observed it is named with the grade `not observed`.
    """

    rule: str
    step: int
    held: bool | None
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one case.

    Attributes:
        case: the case's id.
        status: one of STATUSES.
        kind: for `failed`: value, outcome, reason, event, law; for `errored`: crash,
            timeout, protocol, error, unusable; otherwise empty.
        detail: one sentence: the first thing wrong, the missing feature, the reason.
        findings: every comparison made.
        laws: every law looked at.
        rules: ids of the rules that were executed: those the case is for, when what it
            expects of them was observed, and the laws that were judged.
        issue: the address of an issue, where a skip gave one.
    """

    case: str
    status: str
    kind: str
    detail: str
    findings: tuple[Finding, ...] = ()
    laws: tuple[LawFinding, ...] = ()
    rules: tuple[str, ...] = ()
    issue: str | None = None
