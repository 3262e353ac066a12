"""Two runs side by side: what fails that did not, what passes, what moved.

Cases are matched by id. Of the first run's verdicts only what the second one makes
of them counts: a case that passed and is not judged any more has been lost, and a
figure that moved is told even where both are right or both are wrong.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isomargin.judge import STATUSES
from isomargin.log import LogFile
from isomargin.report.markdown import code, heading, row
from isomargin.report.safe import cleaned, code_span
from isomargin.report.screen import Screen, plain
from isomargin.report.summary import summary_of
from isomargin.report.table import paragraph
from isomargin.report.value import value_text

__all__ = [
    "FAIL_ON",
    "Change",
    "Difference",
    "Moved",
    "difference",
    "difference_data",
    "difference_lines",
    "difference_markdown",
    "is_worse",
]

_WRONG = frozenset({"failed", "errored"})
_MISSING = "missing"
_HEADINGS = {
    "newly_failing": "Newly failing",
    "newly_passing": "Newly passing",
    "lost": "No longer judged",
    "moved": "Moved",
}
_PAINTS = {"newly_failing": "bad", "newly_passing": "good", "lost": "doubtful"}

FAIL_ON: Mapping[str, tuple[str, ...]] = {
    "new": ("newly_failing",),
    "lost": ("newly_failing", "lost"),
    "any": tuple(_HEADINGS),
}
"""What to gate on, and the sorts of change that then count."""


@dataclass(frozen=True)
class Moved:
    """An observed value that is another than before.

    Attributes:
        step: the step's number, counted from one; None in a quote.
        path: what was looked at.
        expected: the value expected in the second run.
        before: the value observed in the first run.
        after: the value observed in the second.
    """

    step: int | None
    path: str
    expected: Any
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """A case that came out otherwise.

    Attributes:
        case: its id.
        before: its verdict in the first run; `missing` where it was not in it.
        after: its verdict in the second, likewise.
        detail: what the second run says of it.
        rules: the rules it is about.
        moved: the figures that moved.
    """

    case: str
    before: str
    after: str
    detail: str
    rules: tuple[str, ...]
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Two runs side by side.

    Attributes:
        before: the subject of the first run.
        after: the subject of the second.
        counts: verdict to the number of cases in the first and in the second.
        other: what the two runs do not share: rulebook, cases, profiles.
        newly_failing: cases that fail or break the subject, and did not.
        newly_passing: cases that pass, and did not.
        lost: cases that were judged and are not any more.
        moved: other cases in which a figure is another.
    """

    before: str
    after: str
    counts: Mapping[str, tuple[int, int]]
    other: tuple[str, ...]
    newly_failing: tuple[Change, ...]
    newly_passing: tuple[Change, ...]
    lost: tuple[Change, ...]
    moved: tuple[Change, ...]


def difference(before: LogFile, after: LogFile) -> Difference:
    """Return what came out otherwise in the second of two runs.

    Args:
        before: the log of the first run.
        after: the log of the second.
    """
    before, after = cleaned(before), cleaned(after)
    sorts: dict[str, list[Change]] = {sort: [] for sort in _HEADINGS}
    for change in _changes(before, after):
        sort = _sort(change)
        if sort:
            sorts[sort].append(change)
    first, second = summary_of(before), summary_of(after)
    return Difference(
        before=first.subject_line,
        after=second.subject_line,
        counts={one: (first.counts[one], second.counts[one]) for one in STATUSES},
        other=tuple(
            name
            for name in ("rulebook", "cases", "profiles")
            if before.header[name] != after.header[name]
        ),
        **{sort: tuple(changes) for sort, changes in sorts.items()},
    )


def is_worse(found: Difference, fail_on: str) -> bool:
    """Say whether a difference fails a gate.

    Args:
        found: the difference.
        fail_on: a key of FAIL_ON.
    """
    return any(getattr(found, sort) for sort in FAIL_ON[fail_on])


def _changes(before: LogFile, after: LogFile) -> Iterator[Change]:
    """Yield every case of the two runs, in the order of the second."""
    old = {line["id"]: line for line in before.cases}
    new = {line["id"]: line for line in after.cases}
    for name in (*new, *(name for name in old if name not in new)):
        yield _change(name, old.get(name), new.get(name))


def _change(
    name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Change:
    told = new or old or {}
    return Change(
        name,
        old["status"] if old else _MISSING,
        new["status"] if new else _MISSING,
        new["detail"] if new else "",
        tuple(told["about"]),
        tuple(_moved(old, new)) if old and new else (),
    )


def _sort(change: Change) -> str | None:
    """Return which sort of change a case is; None where nothing is otherwise."""
    judged = {*_WRONG, "passed"}
    if change.after in _WRONG and change.before not in _WRONG:
        return "newly_failing"
    if change.after == "passed" and change.before != "passed":
        return "newly_passing"
    if change.before in judged and change.after not in judged:
        return "lost"
    return "moved" if change.moved else None


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Moved]:
    """Yield each value that both runs observed, and otherwise."""
    seen = {(one["step"], one["path"]): one["actual"] for one in old["findings"]}
    for one in new["findings"]:
        place, actual = (one["step"], one["path"]), one["actual"]
        if place in seen and seen[place] != actual:
            step = None if one["step"] is None else one["step"] + 1
            yield Moved(step, one["path"], one["expected"], seen[place], actual)


# Data, Markdown, terminal


def difference_data(found: Difference) -> dict[str, Any]:
    """Return a difference as JSON data."""
    changes = {
        sort: [
            {**vars(change), "moved": [vars(one) for one in change.moved]}
            for change in getattr(found, sort)
        ]
        for sort in _HEADINGS
    }
    return {**vars(found), **changes}


def difference_markdown(found: Difference) -> Iterator[str]:
    """Yield a difference as lines of Markdown."""
    yield f"# {code(found.before)} → {code(found.after)}"
    yield from ("", _sentence(found), "")
    if found.other:
        yield from (_caution(found), "")
    statuses = [one for one in STATUSES if one != "unjudged" or any(found.counts[one])]
    yield row(("", *statuses))
    yield row(("---", *("---:" for _ in statuses)))
    for index, name in enumerate(("before", "after")):
        yield row((name, *(found.counts[one][index] for one in statuses)))
    for sort, title in _HEADINGS.items():
        changes: tuple[Change, ...] = getattr(found, sort)
        if changes:
            yield from heading(title, len(changes))
            for change in changes:
                yield from _item(change)


def difference_lines(found: Difference, screen: Screen) -> Iterator[str]:
    """Yield a difference line by line, what is worse first."""
    head = f"{found.before} → {found.after}"
    yield from (screen.painted(line, "strong") for line in paragraph(head, screen))
    if found.other:
        yield from paragraph(_caution(found), screen)
    for sort, title in _HEADINGS.items():
        changes: tuple[Change, ...] = getattr(found, sort)
        if changes:
            said = screen.painted(f"{title} ({len(changes)})", _PAINTS.get(sort, ""))
            yield from ("", said)
        for change in changes:
            yield from _change_lines(change, screen)
    yield from ("", _sentence(found))


def _sentence(found: Difference) -> str:
    counted = (
        f"{len(getattr(found, sort))} {title.lower()}"
        for sort, title in _HEADINGS.items()
        if getattr(found, sort)
    )
    return ", ".join(counted) or "nothing is otherwise"


def _caution(found: Difference) -> str:
    return f"the two runs are not of the same {', '.join(found.other)}"


def _item(change: Change) -> Iterator[str]:
    verdicts = f"{change.before} → {change.after}"
    detail = f": {code(change.detail)}" if change.detail else ""
    yield f"- {code(change.case)} {verdicts}{detail}"
    for one in change.moved:
        yield f"  - {code_span(plain(_told(one)))}"


def _change_lines(change: Change, screen: Screen) -> Iterator[str]:
    name = screen.painted(plain(change.case), "strong")
    yield f"  {name}  {change.before} → {change.after}"
    if change.detail:
        yield from paragraph(change.detail, screen, indent="    ")
    for one in change.moved:
        yield from paragraph(_told(one), screen, indent="    ")


def _told(one: Moved) -> str:
    step = "" if one.step is None else f"step {one.step}: "
    before, after = value_text(one.before), value_text(one.after)
    return f"{step}{one.path} {before} → {after}, expected {value_text(one.expected)}"
