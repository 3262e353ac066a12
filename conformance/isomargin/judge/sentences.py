"""One plain sentence about what is wrong, with the figures and the step."""

from collections.abc import Mapping
from typing import Any

from isomargin.judge.verdict import Finding, LawFinding
from isomargin.rulebook.model import Case

__all__ = ["figure_sentence", "law_sentence"]


def figure_sentence(case: Case, finding: Finding) -> str:
    """Return what was expected and what was observed; steps are counted from one.

    Such as: step 4 set_mark_price: account.wallet_balance is 1400, expected 1900 (off)
    """
    grade = f"{finding.grade}: {finding.note}" if finding.note else finding.grade
    expected = f"expected {_text(finding.expected)}"
    what = f"is {_text(finding.actual)}, {expected} ({grade})"
    if finding.grade == "not observed":
        note = f" ({finding.note})" if finding.note else ""
        what = f"was not observed, {expected}{note}"
    return f"{_step(case, finding.step)}{finding.path} {what}"


def law_sentence(case: Case, finding: LawFinding) -> str:
    """Return which law is broken by which figures; steps are counted from one.

    Such as: step 4 set_mark_price breaks liquidation.closes_the_position:
    after.position.quantity is 0.02
    """
    figures = ", ".join(
        f"{name} is {_text(value)}" for name, value in finding.figures.items()
    )
    where = _step(case, finding.step).removesuffix(": ")
    return f"{where} breaks {finding.rule}" + (f": {figures}" if figures else "")


def _step(case: Case, index: int | None) -> str:
    if index is None:
        return ""
    return f"step {index + 1} {case.core['steps'][index]['do']}: "


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    if isinstance(value, Mapping):
        inside = (f"{name} {_text(part)}" for name, part in value.items())
        return f"{{{', '.join(inside)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_text, value))}]"
    return str(value)
