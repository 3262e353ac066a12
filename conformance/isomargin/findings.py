"""What engines do with each family of rules: the verb `report --engines`.

The table is made from the logs of runs and from nothing else, and written between
two marks of a page, so that no figure of it is ever typed:

    <!-- engines: begin -->
    <!-- engines: end -->
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from isomargin.errors import UsageError
from isomargin.log import LogFile, verify
from isomargin.report.summary import summary_of

__all__ = [
    "BEGIN",
    "END",
    "EngineFindings",
    "engine_findings",
    "failure_sentence",
    "findings_data",
    "findings_of",
    "findings_table",
    "write_findings",
]

BEGIN = "<!-- engines: begin -->"
END = "<!-- engines: end -->"

_KINDS = ("law", "outcome", "event", "reason", "value")
_NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class EngineFindings:
    """What one run says of an engine.

    Attributes:
        engine: its name, version and language.
        counts: status to number of cases.
        families: family of rules to status to number of cases.
        telling: the most telling failure as a sentence; None where none failed.
        case: the case that shows it; None likewise.
    """

    engine: str
    counts: Mapping[str, int]
    families: Mapping[str, Mapping[str, int]]
    telling: str | None
    case: str | None


def engine_findings(log: LogFile) -> EngineFindings:
    """Return what a run says of its engine.

    The most telling failure is a liquidation that costs more than the isolated
    margin, the worst one first; then a broken law, an outcome, an event, a reason, a
    figure, and of figures the one furthest off.

    Args:
        log: the log of a run that came to its end, or of one cut short.
    """
    summary = summary_of(log)
    failed = [case for case in log.cases if case["status"] == "failed"]
    worst = max(failed, key=_weight, default=None)
    return EngineFindings(
        engine=summary.subject_line,
        counts=summary.counts,
        families=summary.families,
        telling=failure_sentence(worst) if worst else None,
        case=worst["id"] if worst else None,
    )


def findings_of(logs: Iterable[Path]) -> list[EngineFindings]:
    """Return what runs say of their engines, in the order of the engines' names.

    Raises:
        LogUnverifiable: a log was cut short, or is not as it was written.
        UsageError: a log cannot be read.
    """
    found = (engine_findings(verify(log)) for log in logs)
    return sorted(found, key=lambda one: one.engine.lower())


def findings_data(findings: Sequence[EngineFindings]) -> list[dict[str, Any]]:
    """Return the findings as JSON writes them."""
    return [asdict(one) for one in findings]


def findings_table(findings: Sequence[EngineFindings]) -> str:
    """Return the table engines × families in Markdown, and a line for each engine.

    A cell is passed / failed / unsupported, with what broke the engine counted as
    failed, and a dash where a family was not judged at all.
    """
    families = sorted({family for one in findings for family in one.families})
    rows = [["engine", *families], ["---", *("---:" for _ in families)]]
    rows += [
        [one.engine, *(_cell(one.families.get(family, {})) for family in families)]
        for one in findings
    ]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    legend = "Each cell: cases passed / failed / not supported."
    telling = [f"- **{one.engine}**: {_told(one)}" for one in findings]
    return "\n".join([*lines, "", legend, "", *telling])


def write_findings(page: Path, findings: Sequence[EngineFindings]) -> bool:
    """Write the table between the marks of a page; return whether it changed.

    Raises:
        UsageError: the page cannot be read, or has not both marks, once each and in
            order.
    """
    try:
        text = page.read_text("utf-8")
    except OSError as error:
        raise UsageError(
            error.strerror or str(error), str(page), "name another file"
        ) from error
    marks = (text.count(BEGIN), text.count(END))
    if marks != (1, 1) or text.index(BEGIN) > text.index(END):
        what = "the page has no place for the table"
        raise UsageError(what, str(page), f"write {BEGIN} and {END} on lines of it")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    new = f"{head}{BEGIN}\n{findings_table(findings)}\n{END}{tail}"
    if new != text:
        page.write_text(new, "utf-8")
    return new != text


def _cell(counts: Mapping[str, int]) -> str:
    passed = counts.get("passed", 0)
    failed = counts.get("failed", 0) + counts.get("errored", 0)
    if not passed + failed:
        return "–"
    return f"{passed} / {failed} / {counts.get('unsupported', 0)}"


def _told(one: EngineFindings) -> str:
    if one.telling is None:
        return f"nothing failed of {one.counts.get('passed', 0)} that were judged."
    return f"{one.telling} (`{one.case}`)."


# The most telling failure


def _weight(case: Mapping[str, Any]) -> tuple[Decimal, int, Decimal]:
    """Return how telling a failure is; the heaviest is told."""
    excess = max((_excess(law) for law in case["broken"]), default=_NOTHING)
    kind = case["kind"]
    rank = len(_KINDS) - _KINDS.index(kind) if kind in _KINDS else 0
    return excess, rank, max(map(_distance, case["findings"]), default=_NOTHING)


def _excess(law: Mapping[str, Any]) -> Decimal:
    """Return how many isolated margins a liquidation cost beyond the first."""
    if law["rule"] != "liquidation.loses_only_isolated_margin":
        return _NOTHING
    loss, margin = _loss(law["figures"])
    return loss / margin - 1 if margin > 0 else _NOTHING


def _loss(figures: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    before, after, margin = (
        _number(figures.get(name)) or _NOTHING
        for name in (
            "before.wallet_balance",
            "after.wallet_balance",
            "before.position.isolated_margin",
        )
    )
    return before - after, margin


def _distance(finding: Mapping[str, Any]) -> Decimal:
    """Return how far a figure is off, in parts of what was expected."""
    expected, actual = _number(finding["expected"]), _number(finding["actual"])
    if finding["grade"] != "off" or expected is None or actual is None:
        return _NOTHING
    return abs(actual - expected) / abs(expected) if expected else abs(actual)


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None


def failure_sentence(case: Mapping[str, Any]) -> str:
    """Return a failure as a sentence with its figures.

    Args:
        case: a failed case's line of a log.

    Returns:
        What a liquidation lost beyond the isolated margin, where it did; otherwise
        what the judge says of the case.
    """
    heaviest = max(case["broken"], key=_excess, default=None)
    if heaviest is None or _excess(heaviest) <= 0:
        detail: str = case["detail"]
        return detail
    loss, margin = _loss(heaviest["figures"])
    return (
        f"a liquidation loses {_plain(loss)} on an isolated margin of {_plain(margin)}"
    )


def _plain(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
