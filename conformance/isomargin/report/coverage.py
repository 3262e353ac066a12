"""The reach of the cases, as lines and as data."""

from collections.abc import Iterator, Sequence
from typing import Any

from isomargin.coverage import Covered, uncovered
from isomargin.report.screen import Screen
from isomargin.report.table import paragraph, table

__all__ = ["coverage_data", "coverage_lines"]


def coverage_data(rules: Sequence[Covered]) -> dict[str, Any]:
    """Return the reach of the cases as JSON data."""
    return {
        "rules": [vars(rule) for rule in rules],
        "not_executed": [rule.rule for rule in uncovered(rules)],
    }


def coverage_lines(rules: Sequence[Covered], screen: Screen) -> Iterator[str]:
    """Yield a line a rule, then the rules that should have been executed."""
    with_run = any(rule.in_run is not None for rule in rules)
    headings = ("NAMED BY", "EXECUTED BY", *(("IN RUN",) if with_run else ()), "RULE")
    rows = [_row(rule, with_run=with_run) for rule in rules]
    numbers = range(len(headings) - 1)
    yield from table(rows, screen, headings=headings, numbers=numbers)
    yield ""
    missing = uncovered(rules)
    for rule in missing:
        yield screen.painted(f"not executed: {rule.rule}", "bad")
    said = f"{len(rules) - len(missing)} of {len(rules)} rules are executed"
    yield from paragraph(said, screen)


def _row(rule: Covered, *, with_run: bool) -> list[str]:
    counts = [rule.named, rule.executed, *([rule.in_run] if with_run else [])]
    return [*(str(count or "–") for count in counts), rule.rule]
