"""What the judge says: of a quantity, of a law, of a case."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = [
    "GRADES",
    "STATUSES",
    "Edition",
    "Finding",
    "LawFinding",
    "Verdict",
    "kind_of",
]

GRADES = ("exact", "rounded", "float", "off", "not observed", "not judged")
"""How near an observed value is; `off` and `not observed` never pass.

What rests on a choice of which the profile says nothing is `not judged`.
"""

STATUSES = ("passed", "failed", "errored", "unsupported", "skipped", "unjudged")
"""How a case ends; one is unjudged where nothing is wrong with what can be judged,
but something that it expects cannot, as its profile says nothing of a choice."""


class Finding(NamedTuple):
    """One expected value beside the observed one.

    Attributes:
        step: the step's index in a scenario; None in a quote.
        path: what was looked at, such as `position.liquidation_price`, `reason` or
            `events[0].amount`.
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


def kind_of(path: str) -> str:
    """Return what a finding is about: outcome, reason, event or value."""
    return _KINDS.get(path.partition("[")[0], "value")


_KINDS = {"outcome": "outcome", "reason": "reason", "events": "event"}


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
class Edition:
    """Another edition of a case's profile that explains why the case failed.

    Attributes:
        profile: the edition's id.
        since: the day it came into force.
        moved: ids of the rules that a choice of it brings in and that do not act here.
        choices: the parameters looked at that it chooses otherwise.
        of: what is of that edition: the `case`, the `answer` of the engine, or the
            `figures` of a live exchange.
    """

    profile: str
    since: str
    moved: tuple[str, ...]
    choices: tuple[str, ...]
    of: str


class Verdict(NamedTuple):
    """What the judge says of one case.

    Attributes:
        case: the case's id.
        status: one of STATUSES.
        kind: for `failed`: value, outcome, reason, event, law; for `errored`: crash,
            timeout, protocol, error, unusable; otherwise empty.
        detail: one sentence: the first thing wrong, the missing feature, the reason,
            or the choice of which nothing is known.
        findings: every comparison made.
        laws: every law looked at.
        rules: ids of the rules that were executed: those the case is for, when what it
            expects of them was observed, and the laws that were judged.
        issue: the address of an issue, where a skip gave one.
        edition: the edition that explains a failure, where one was looked for.
    """

    case: str
    status: str
    kind: str
    detail: str
    findings: tuple[Finding, ...] = ()
    laws: tuple[LawFinding, ...] = ()
    rules: tuple[str, ...] = ()
    issue: str | None = None
    edition: Edition | None = None
