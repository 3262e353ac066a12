"""An explanation as lines for a person, and as data for a program."""

from collections.abc import Iterator
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from isomargin.explain import Explanation, Stage
from isomargin.report.screen import Screen, plain
from isomargin.report.table import paragraph, table
from isomargin.working import Working, WorkingLine

__all__ = ["explanation_data", "explanation_lines"]

_LONG_NAME = 30
_LONG_FORMULA = 240
_DEEP = 9


def explanation_data(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON data."""
    return asdict(explanation)


def explanation_lines(explanation: Explanation, screen: Screen) -> Iterator[str]:
    """Yield an explanation line by line."""
    yield screen.painted(plain(explanation.title), "strong")
    yield screen.painted(plain(f"{explanation.case}, {explanation.profile}"), "quiet")
    yield ""
    yield from paragraph(explanation.story, screen)
    for stage in explanation.stages:
        yield ""
        yield from _stage(stage, screen)
    for edition in explanation.editions:
        yield ""
        yield from paragraph(edition, screen)


def _stage(stage: Stage, screen: Screen) -> Iterator[str]:
    heading = [line.strip() for line in paragraph(stage.heading, screen)]
    yield from (screen.painted(line, "strong") for line in heading)
    if stage.outcome:
        yield f"  {plain(stage.outcome)}"
    inner = Screen(screen.width - 4, screen.colours)
    blocks = (
        table(stage.rules, inner),
        table([posting.text for posting in stage.postings], inner, numbers=(1,)),
        [line for event in stage.events for line in _event(event, inner)],
    )
    for block in blocks:
        yield from (f"    {line}" for line in block)
    for working in stage.workings:
        yield from _working(working, screen)


def _event(event: str, screen: Screen) -> list[str]:
    return wrap(plain(event), screen.width, subsequent_indent="  ")


def _working(working: Working, screen: Screen) -> Iterator[str]:
    for line in working.lines:
        yield from _line(line, screen)
    yield from wrap(
        f"→ {plain(working.conclusion)}",
        screen.width,
        initial_indent="  ",
        subsequent_indent="    ",
    )


def _line(line: WorkingLine, screen: Screen) -> Iterator[str]:
    """Yield a rule applied: in names, in figures, and what came out."""
    yield "    " + screen.painted(plain(line.rule), "quiet")
    name = plain(line.name)
    forms = dict.fromkeys((line.formula, line.figures, line.value))
    first, *others = map(plain, forms)
    room = screen.width - _DEEP - len(name)
    deep = len(first) <= _LONG_FORMULA and max(map(len, first.split())) <= room
    start = 6 + (len(name) if deep and len(name) <= _LONG_NAME else 2)
    yield from _hanging(f"{name} = {first}", 6, start, screen)
    for form in others:
        yield from _hanging(f"= {form}", start + 1, start, screen)


def _hanging(text: str, first: int, start: int, screen: Screen) -> list[str]:
    return wrap(
        text,
        screen.width,
        initial_indent=" " * first,
        subsequent_indent=" " * (start + 3),
        break_long_words=False,
        break_on_hyphens=False,
    )
