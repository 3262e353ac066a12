"""Quotes: each quantity the case expects beside the one the subject gave."""

from collections.abc import Callable, Mapping
from typing import Any

from isomargin.judge.compare import Compared, nearest
from isomargin.judge.grade import Precision, grade
from isomargin.judge.observed import ABSENT
from isomargin.judge.verdict import Finding
from isomargin.rulebook.model import Case

__all__ = ["compare_quote"]


def compare_quote(
    case: Case, values: Mapping[str, str | None], precision: Callable[[], Precision]
) -> Compared:
    """Return what came of comparing a quote.

    Args:
        case: the case.
        values: the quantities the subject gave.
        precision: returns what may lie between an expected and an observed figure;
            most figures are written as they are expected, and do not ask for it.
    """
    quote = case.core["quote"]
    owner = (quote["instrument"]["symbol"], quote["position"]["side"])
    expected = _findings(quote["expect"], values, precision, owner)
    if "any_of" not in quote:
        return Compared(expected)
    return nearest(
        [
            Compared(expected + _findings(figures, values, precision, owner), (rule,))
            for rule, figures in map(_alternative, quote["any_of"])
        ]
    )


def _alternative(expected: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the rule that permits an alternative, and its figures."""
    figures = dict(expected)
    return figures.pop("rule"), figures


def _findings(
    expected: Mapping[str, Any],
    values: Mapping[str, str | None],
    precision: Callable[[], Precision],
    owner: tuple[str, str],
) -> tuple[Finding, ...]:
    found = []
    for name, value in expected.items():
        actual = values.get(name, ABSENT)
        if value == actual:
            found.append(Finding(None, name, value, value, "exact", ""))
        else:
            found.append(_finding(name, value, actual, precision(), owner))
    return tuple(found)


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
