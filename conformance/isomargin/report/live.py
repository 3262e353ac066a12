"""What a live exchange shows beside what its rules give."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from isomargin.judge.grade import PASSING
from isomargin.live import Account, Driven, JudgedPosition, LiveFigure
from isomargin.other_edition import edition_sentence
from isomargin.report.screen import Screen, plain
from isomargin.report.table import paragraph, table
from isomargin.text import Catalogue
from isomargin.working import Writer

__all__ = ["account_data", "account_lines", "driven_data", "driven_lines"]

_HEADINGS = ("QUANTITY", "FIELD", "REPORTED", "DERIVED", "VERDICT", "RULE")
_NUMBERS = (2, 3)
_NOT_JUDGED = "not judged"


def account_data(account: Account) -> dict[str, Any]:
    """Return a judged account as JSON data."""
    return {
        "profiles": list(account.profiles),
        "counts": dict(account.counts),
        "missing": list(account.missing),
        "positions": [_position_data(one) for one in account.positions],
    }


def account_lines(
    account: Account, catalogue: Catalogue, screen: Screen
) -> Iterator[str]:
    """Yield a judged account as lines: each position, and what can be said of it."""
    if not account.positions:
        yield catalogue.message("live.nothing_open")
    for position in account.positions:
        yield from _position(position, catalogue, screen)
        yield ""
    for what in account.missing:
        told = catalogue.message("live.not_told", what=plain(what))
        yield from paragraph(told, screen)


def driven_data(done: Driven) -> dict[str, Any]:
    """Return what came of driving an account as JSON data."""
    return {
        "profiles": [done.profile],
        "instrument": done.symbol,
        "stopped": done.stopped,
        "steps": [
            {
                "do": step.action,
                "with": dict(step.given),
                "outcome": step.outcome,
                "expected": step.expected,
                "reason": step.reason,
                "message": step.message,
                "state": dict(step.state),
                "figures": [_figure_data(one) for one in step.figures],
            }
            for step in done.steps
        ],
        "laws": [
            {
                "rule": law.rule,
                "step": law.step,
                "held": law.held,
                "figures": dict(law.figures),
            }
            for law in done.laws
        ],
    }


def driven_lines(done: Driven, catalogue: Catalogue, screen: Screen) -> Iterator[str]:
    """Yield what came of driving an account: steps, broken laws, figures off."""
    yield screen.painted(f"{plain(done.symbol)} · {done.profile}", "strong")
    rows = [
        (
            str(number),
            step.action,
            step.outcome,
            step.message or (step.expected if step.surprise else ""),
        )
        for number, step in enumerate(done.steps)
    ]
    yield from table(rows, screen, headings=("STEP", "ACTION", "OUTCOME", ""))
    yield ""
    yield from _laws(done, catalogue, screen)
    for number, step in enumerate(done.steps):
        wrong = [one for one in step.figures if one.grade == "off"]
        if wrong:
            yield ""
            yield screen.painted(f"{number} {step.action}", "strong")
            yield from _figures(wrong, catalogue, screen)
        if step.surprise:
            what = catalogue.message("live.accepted_what_is_refused", step=str(number))
            yield screen.painted(what, "bad")
    if done.stopped:
        told = catalogue.message("live.stopped", why=plain(done.stopped))
        yield from paragraph(told, screen)


def _laws(done: Driven, catalogue: Catalogue, screen: Screen) -> Iterator[str]:
    kept = {law.rule for law in done.laws if law.held}
    broken = [law for law in done.laws if law.held is False]
    unseen = {law.rule for law in done.laws if law.held is None}
    unseen -= kept | {law.rule for law in broken}
    rows = [
        (law.rule, f"{law.step} {done.steps[law.step].action}", _told(law.figures))
        for law in broken
    ]
    if rows:
        yield from table(rows, screen, headings=("BROKEN LAW", "STEP", "SEEN"))
    for message, rules in (("live.laws_kept", kept), ("live.laws_unseen", unseen)):
        if rules:
            told = catalogue.message(message, rules=", ".join(sorted(rules)))
            yield from paragraph(told, screen)


def _told(figures: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items())


def _position(
    position: JudgedPosition, catalogue: Catalogue, screen: Screen
) -> Iterator[str]:
    told, given = position.held.told, position.held.given
    mode = told["margin_mode"] or "?"
    inputs = ", ".join(
        f"{Writer(catalogue).name(name)} {value}" for name, value in given.items()
    )
    head = f"{told['instrument']} {told['side']} {mode}"
    yield screen.painted(plain(head), "strong")
    yield from paragraph(inputs, screen, indent="  ")
    if position.unjudged:
        yield catalogue.message(f"live.{position.unjudged}")
        return
    yield from _figures(position.figures, catalogue, screen)
    if position.edition:
        said = edition_sentence(position.edition, catalogue)
        yield from paragraph(said, screen)
    if position.choice:
        name, value = position.choice
        parameter = Writer(catalogue).name(f"profile.{name}")
        said = catalogue.message("live.choice", parameter=parameter, value=value)
        yield from paragraph(said, screen)


def _figures(
    figures: Sequence[LiveFigure], catalogue: Catalogue, screen: Screen
) -> Iterator[str]:
    writer = Writer(catalogue)
    rows = [
        (
            writer.name(one.quantity),
            one.field,
            one.reported or "–",
            _derived(one),
            one.grade or _NOT_JUDGED,
            _reason(one, catalogue),
        )
        for one in figures
    ]
    lines = table(rows, screen, headings=_HEADINGS, numbers=_NUMBERS)
    wrong = {f" {one.grade} " for one in figures if one.grade not in PASSING} - {"  "}
    for line in lines:
        bad = any(word in line for word in wrong)
        yield screen.painted(line, "bad" if bad else "")


def _derived(figure: LiveFigure) -> str:
    return (figure.derived or "–") if figure.grade else ""


def _reason(figure: LiveFigure, catalogue: Catalogue) -> str:
    """Return the rule of a figure, or why it was not judged."""
    if figure.rule:
        documented = ", ".join(
            f"{name}: {one}" for name, one in figure.parameters.items()
        )
        return f"{figure.rule} ({documented})" if documented else figure.rule
    if figure.missing:
        return catalogue.message("live.needs", inputs=", ".join(figure.missing))
    return catalogue.message("live.not_known", choices=", ".join(figure.unknown))


def _position_data(position: JudgedPosition) -> dict[str, Any]:
    told = position.held.told
    return {
        **{name: told[name] for name in ("instrument", "side", "margin_mode")},
        "given": dict(position.held.given),
        "status": position.status,
        "unjudged": position.unjudged or None,
        "figures": [_figure_data(one) for one in position.figures],
        "edition": position.edition.profile if position.edition else None,
        "choice": dict([position.choice]) if position.choice else None,
    }


def _figure_data(figure: LiveFigure) -> dict[str, Any]:
    return {
        "quantity": figure.quantity,
        "field": figure.field,
        "reported": figure.reported,
        "derived": figure.derived,
        "verdict": figure.grade or _NOT_JUDGED,
        "slack": figure.slack,
        "rule": figure.rule,
        "missing": list(figure.missing),
        "unknown": list(figure.unknown),
        "parameters": dict(figure.parameters),
    }
