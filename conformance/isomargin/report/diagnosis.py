"""What went wrong in a case, worked out for a reader in every language.

Everything comes from the case's line of the log; the rulebook adds how the right
figures come about, and what the case is there to catch.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from itertools import takewhile
from typing import Any

from isomargin.errors import IsomarginError
from isomargin.explain import Stage, explanation, worked
from isomargin.formulas.numbers import exact
from isomargin.judge import Edition
from isomargin.other_edition import edition_sentence
from isomargin.report.ladder import Ladder, ladder
from isomargin.report.library import Library, Told
from isomargin.report.summary import Failure
from isomargin.rulebook.model import Case
from isomargin.text import Catalogue
from isomargin.text.numbers import written

__all__ = ["Diagnosis", "Row", "Scene", "Shown", "diagnosed", "shown_number"]

_CANONICAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_SECTIONS = ("outcome", "reason", "event", "side", "margin_mode")
_NOT_WRONG = frozenset({"exact", "rounded", "float", "not judged"})
_NOT_OBSERVED = "not observed"
# Of a whole position, what tells it from another; the log has it in full.
_TELLING = ("instrument", "side", "quantity", "entry_price", "isolated_margin")


@dataclass(frozen=True)
class Shown:
    """A value, cut where it parts from the one beside it.

    Attributes:
        same: its beginning, which both have.
        apart: the rest.
    """

    same: str
    apart: str


@dataclass(frozen=True)
class Row:
    """One expected value that was not met.

    Attributes:
        step: the step's number, counted from one; None in a quote.
        name: what it is of.
        path: where the case has it.
        expected: the value expected, per language.
        actual: the engine's, per language.
        difference: the engine's less the expected one; None where it is no number.
        grade: off or not observed, per language.
        note: what else there is to know.
    """

    step: int | None
    name: Told[str]
    path: str
    expected: Told[Shown]
    actual: Told[Shown]
    difference: Told[str] | None
    grade: Told[str]
    note: str


@dataclass(frozen=True)
class Scene:
    """A quote, or one step of a scenario, told in every language.

    Attributes:
        state: agrees, differs, first (to differ), unseen.
        told: the derivation by the rulebook.
    """

    state: str
    told: Told[Stage]


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """A failure with all that helps to understand it.

    Attributes:
        failure: the failure.
        profile: the profile judged by.
        why: the fault the case is there to catch; empty where it is not known.
        rows: the expected values not met.
        laws: the laws broken: rule, step and figures.
        step: number of the first step that differs; None in a quote.
        scenes: how the right figures come about; none where it is not known.
        ladder: the prices; None where there are none to draw.
        edition: the edition of the profile that explains it; None where none does.
    """

    failure: Failure
    profile: str
    why: str
    rows: tuple[Row, ...]
    laws: tuple[Mapping[str, Any], ...]
    step: int | None
    scenes: tuple[Scene, ...]
    ladder: Ladder | None
    edition: Told[str] | None


def diagnosed(
    failure: Failure, line: Mapping[str, Any], library: Library, *, deep: bool
) -> Diagnosis:
    """Return what went wrong in a case.

    Args:
        failure: the failure, as the summary has it.
        line: the case's line of the log.
        library: the rulebook and its texts.
        deep: derive the right figures and draw the prices.
    """
    case = library.case(failure.id, line["profile"]) if deep else None
    step = _first_step(line)
    # Where nothing was answered, there is nothing to hold against the figures.
    told = bool(line["findings"] or line["broken"])
    return Diagnosis(
        failure=failure,
        profile=line["profile"],
        why=case.why if case else "",
        rows=tuple(_row(finding, library) for finding in failure.findings),
        laws=tuple(line["broken"]),
        step=None if step is None else step + 1,
        scenes=_scenes(case, line, step, library) if case and told else (),
        ladder=_ladder(case, line, step, library) if case and told else None,
        edition=_edition(line, library),
    )


def _edition(line: Mapping[str, Any], library: Library) -> Told[str] | None:
    fits = line.get("edition")
    known = library.rulebook.rules
    if not fits or not known.keys() >= set(fits["moved"]):
        return None
    edition = Edition(
        fits["profile"],
        fits["since"],
        tuple(fits["moved"]),
        tuple(fits["choices"]),
        fits["of"],
    )
    return library.told(lambda texts: edition_sentence(edition, texts))


def _first_step(line: Mapping[str, Any]) -> int | None:
    """Return the index of the first step at which something is wrong."""
    wrong = [one["step"] for one in line["findings"] if one["grade"] not in _NOT_WRONG]
    broken = [law["step"] for law in line["broken"]]
    return min((step for step in (*wrong, *broken) if step is not None), default=None)


# The rulebook's side


def _scenes(
    case: Case, line: Mapping[str, Any], first: int | None, library: Library
) -> tuple[Scene, ...]:
    try:
        solution = worked(case, library.rules)
        stages = library.told(lambda texts: explanation(solution, texts).stages)
    except IsomarginError:
        # A derivation is an addition: a report is written without it, too.
        return ()
    count = len(next(iter(stages.values())))
    return tuple(
        Scene(
            _state(line, None if case.is_quote else index, first),
            {language: told[index] for language, told in stages.items()},
        )
        for index in range(count)
    )


def _state(line: Mapping[str, Any], step: int | None, first: int | None) -> str:
    if step == first and (line["findings"] or line["broken"]):
        return "first"
    grades = {one["grade"] for one in line["findings"] if one["step"] == step}
    if not grades:
        return "unseen"
    return "agrees" if grades <= _NOT_WRONG else "differs"


def _ladder(
    case: Case, line: Mapping[str, Any], step: int | None, library: Library
) -> Ladder | None:
    if step is None and not case.is_quote:
        step = len(case.core["steps"]) - 1
    try:
        return ladder(case, library.rules, step, line["findings"])
    except IsomarginError:
        return None


# The engine's side


def _row(finding: Mapping[str, Any], library: Library) -> Row:
    expected, actual = finding["expected"], finding["actual"]
    missing = finding["grade"] == _NOT_OBSERVED
    theirs = library.told(lambda texts: _value(actual, texts, missing=missing))
    ours = library.told(lambda texts: _value(expected, texts))
    return Row(
        step=None if finding["step"] is None else finding["step"] + 1,
        name=library.told(lambda texts: _name(finding["path"], texts)),
        path=finding["path"],
        expected=_apart(ours, theirs),
        actual=_apart(theirs, ours),
        difference=_difference(expected, actual, library),
        grade=library.told(
            lambda texts: texts.label("judgement", finding["grade"].replace(" ", "_"))
        ),
        note=finding["note"],
    )


def _apart(one: Told[str], other: Told[str]) -> dict[str, Shown]:
    return {language: _cut(text, other[language]) for language, text in one.items()}


def _cut(text: str, other: str) -> Shown:
    """Cut figures where they part; words are wholly apart."""
    if not _are_figures(text, other):
        return Shown("", text)
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False))
    length = len(list(alike))
    return Shown(text[:length], text[length:])


def _are_figures(*texts: str) -> bool:
    return all(text[-1:].isdigit() for text in texts)


def _difference(expected: Any, actual: Any, library: Library) -> Told[str] | None:
    if not (_is_number(expected) and _is_number(actual)):
        return None
    gap = exact(actual) - exact(expected)
    sign, text = "+" if gap > 0 else "", _in_full(gap)
    return library.told(lambda texts: sign + shown_number(text, texts))


def _in_full(number: Fraction) -> str:
    """Return a number that has a finite decimal, with all its digits."""
    # Wide enough for what the wire lets through, twice over.
    context = Context(prec=1000, traps=[Inexact])
    quotient = context.divide(Decimal(number.numerator), Decimal(number.denominator))
    return format(quotient, "f")


def shown_number(number: str, texts: Catalogue) -> str:
    """Return a number as a language writes it, with exactly its digits."""
    return written(number, texts.form)


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and bool(_CANONICAL.fullmatch(value))


def _value(value: Any, texts: Catalogue, *, missing: bool = False) -> str:
    if missing:
        return texts.label("judgement", "not_observed")
    if value is None:
        return texts.message("report.none")
    if isinstance(value, (list, tuple)):
        none = texts.message("report.nothing")
        return ", ".join(_value(one, texts) for one in value) or none
    if isinstance(value, Mapping):
        telling = {name: value[name] for name in _TELLING if name in value} or value
        rest = ", …" if len(telling) < len(value) else ""
        return ", ".join(_fields(telling, texts)) + rest
    if _is_number(value):
        return shown_number(value, texts)
    return _word(str(value), texts)


def _fields(value: Mapping[str, Any], texts: Catalogue) -> Iterable[str]:
    return (f"{_name(name, texts)} {_value(one, texts)}" for name, one in value.items())


def _word(word: str, texts: Catalogue) -> str:
    keys = (f"labels/{section}/{word}" for section in _SECTIONS)
    unit = next((texts.units[key] for key in keys if key in texts.units), None)
    return unit.fields["label"] if unit else word


def _name(path: str, texts: Catalogue) -> str:
    """Return what the last part of a path is called; of an event, also which it is."""
    event = _OF_EVENT.match(path)
    if event is None:
        return _called(path.rpartition(".")[2], texts)
    which = texts.message("report.path.event", number=str(int(event[1]) + 1))
    return f"{which}: {_called(event[2], texts)}" if event[2] else which


_OF_EVENT = re.compile(r"events\[(\d+)\]\.?(.*)")


def _called(name: str, texts: Catalogue) -> str:
    for key, field in (
        (f"labels/quantity/{name}", "label"),
        (f"messages/report.path.{name}", "text"),
    ):
        if key in texts.units:
            return texts.units[key].fields[field]
    return name
