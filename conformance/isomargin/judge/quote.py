"""Quotes: each quantity the case expects beside the one the subject gave."""

from collections.abc import Mapping
from typing import Any

from isomargin.judge.compare import Compared, nearest
from isomargin.judge.grade import Precision, grade
from isomargin.judge.observed import ABSENT
from isomargin.judge.verdict import Finding
from isomargin.rulebook.model import Case

__all__ = ["compare_quote"]


def compare_quote(
    case: Case, values: Mapping[str, str | None], precision: Precision
) -> Compared:
    """Return what came of comparing a quote.

    Args:
        case: the case.
        values: the quantities the subject gave.
        precision: what may lie between an expected and an observed figure.
    """
    quote = case.core["quote"]
    owner = (quote["instrument"]["symbol"], quote["position"]["side"])

    def findings(expected: Mapping[str, Any]) -> tuple[Finding, ...]:
        return tuple(
            _finding(name, value, values.get(name, ABSENT), precision, owner)
            for name, value in expected.items()
            if name != "rule"
        )

    expected = findings(quote["expect"])
    return nearest(
        [
            Compared(expected + findings(alternative), (alternative["rule"],))
            for alternative in quote.get("any_of", ())
        ]
        or [Compared(expected)]
    )


def _finding(
    name: str,
    expected: object,
    actual: object,
    precision: Precision,
    owner: tuple[str, str],
) -> Finding:
    near, note = grade(precision, name, expected, actual, owner)
    shown = None if actual is ABSENT else actual
    return Finding(None, name, expected, shown, near, note)
