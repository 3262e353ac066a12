"""Relations between answers, which need no expected figure.

Whatever an engine's conventions are, two positions that are alike in a known way have
figures that are alike in a known way. Each relation asks one position and a twin of it
and says what must hold between the answers. They are asked of positions in isolated
mode, by one profile, and figures are taken to be equal within a hair.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from isomargin.drive import Quantities, Question, Subject
from isomargin.formulas import decimal_text, exact
from isomargin.judge import Gap, question
from isomargin.rulebook.model import Case

__all__ = ["RELATIONS", "BrokenRelation", "Relation", "broken_relations"]

Values = Mapping[str, Fraction | None]
_HAIR = Fraction(1, 10**9)
_BEYOND = 10**9
_AMOUNTS = (
    "notional_value",
    "initial_margin",
    "maintenance_margin",
    "unrealised_pnl",
    "position_equity",
    "closing_fee",
)
_PRICES = ("liquidation_price", "bankruptcy_price")


@dataclass(frozen=True)
class Relation:
    """A position, its twin, and what holds between their figures.

    Attributes:
        name: its name.
        says: the relation, in words.
        twin: makes the twin's quote of a position's quote; None where it has none.
        faults: yields the figures for which it does not hold.
    """

    name: str
    says: str
    twin: Callable[[Mapping[str, Any]], dict[str, Any] | None]
    faults: Callable[[str, Values, Values], Iterator[str]]


@dataclass(frozen=True)
class BrokenRelation:
    """A relation that does not hold.

    Attributes:
        relation: its name.
        quantity: the figure for which it does not.
        quote: the position.
        twin: its twin.
        answers: the figure of each.
    """

    relation: str
    quantity: str
    quote: Mapping[str, Any]
    twin: Mapping[str, Any]
    answers: tuple[str | None, str | None]


def broken_relations(
    subject: Subject, parameters: Mapping[str, Any], cases: Sequence[Case]
) -> Iterator[BrokenRelation]:
    """Yield every relation that does not hold between answers of a subject.

    Args:
        subject: who is asked.
        parameters: the profile's.
        cases: quotes; others are passed over.
    """
    for case in cases:
        if (
            case.is_quote
            and case.core["quote"]["position"]["margin_mode"] == "isolated"
        ):
            yield from _broken(subject, parameters, case)


def _broken(
    subject: Subject, parameters: Mapping[str, Any], case: Case
) -> Iterator[BrokenRelation]:
    quote = case.core["quote"]
    for relation in RELATIONS:
        twin = relation.twin(quote)
        if twin is None:
            continue
        pair = [case, replace(case, core={"quote": twin})]
        answers = [_answer(subject, each, parameters) for each in pair]
        if None in answers:
            continue
        first, second = (_numbers(each or {}) for each in answers)
        side = quote["position"]["side"]
        for name in relation.faults(side, first, second):
            shown = tuple((each or {}).get(name) for each in answers)
            yield BrokenRelation(relation.name, name, quote, twin, shown)  # type: ignore[arg-type]


def _answer(
    subject: Subject, case: Case, parameters: Mapping[str, Any]
) -> Mapping[str, str | None] | None:
    asked = question(case, subject.ready, parameters)
    if isinstance(asked, Gap):
        return None
    outcome = subject.ask(Question(case.id, asked))
    return outcome.values if isinstance(outcome, Quantities) else None


def _numbers(values: Mapping[str, str | None]) -> Values:
    """Return the figures as numbers; a price beyond all bounds is none.

    Whether a divisor is zero or a hair beside it is decided by the last digit kept.
    """
    numbers = {
        name: None if text is None else exact(text) for name, text in values.items()
    }
    for name in _PRICES:
        price = numbers.get(name)
        if price is not None and price > _BEYOND:
            numbers[name] = None
    return numbers


# Twins


def _position(quote: Mapping[str, Any], **changes: str) -> dict[str, Any]:
    return {**quote, "position": {**quote["position"], **changes}}


def _mirrored(quote: Mapping[str, Any]) -> dict[str, Any]:
    other = {"long": "short", "short": "long"}[quote["position"]["side"]]
    return _position(quote, side=other)


def _scaled(quote: Mapping[str, Any]) -> dict[str, Any]:
    position, instrument = quote["position"], quote["instrument"]
    sized = ("quantity", "isolated_margin", "added_margin")
    larger = {name: _times(position[name]) for name in sized if name in position}
    tiers = [
        {
            name: _times(text)
            if name in {"notional_floor", "maintenance_amount"}
            else text
            for name, text in tier.items()
        }
        for tier in instrument["tiers"]
    ]
    return {**_position(quote, **larger), "instrument": {**instrument, "tiers": tiers}}


def _times(text: str) -> str:
    return decimal_text(exact(text) * _SCALE)


_SCALE = 3


def _with_more_margin(quote: Mapping[str, Any]) -> dict[str, Any] | None:
    position = quote["position"]
    given = next((n for n in ("isolated_margin", "added_margin") if n in position), "")
    return _position(quote, **{given: _times(position[given])}) if given else None


def _with_more_leverage(quote: Mapping[str, Any]) -> dict[str, Any] | None:
    position = quote["position"]
    if "isolated_margin" in position:
        return None
    return _position(quote, leverage=_times(position["leverage"]))


# What holds


def _same(first: Values, second: Values, name: str, factor: int = 1) -> bool:
    one, other = first.get(name), second.get(name)
    if one is None or other is None:
        return one == other or name not in first or name not in second
    return abs(one * factor - other) <= _HAIR * max(Fraction(1), abs(other))


def _mirror_faults(_side: str, first: Values, second: Values) -> Iterator[str]:
    for name in ("notional_value", "maintenance_margin", "closing_fee"):
        if not _same(first, second, name):
            yield name
    if not _same(first, second, "unrealised_pnl", factor=-1):
        yield "unrealised_pnl"


def _scale_faults(_side: str, first: Values, second: Values) -> Iterator[str]:
    yield from (name for name in _PRICES if not _same(first, second, name))
    yield from (name for name in _AMOUNTS if not _same(first, second, name, _SCALE))


def _nearer(side: str, price: Fraction | None, than: Fraction | None) -> bool:
    """Say whether a price is met sooner than another; none is met never."""
    if price is None or than is None:
        return price is not None and than is None
    return price > than + _HAIR if side == "long" else price < than - _HAIR


def _margin_faults(side: str, first: Values, second: Values) -> Iterator[str]:
    for name in _PRICES:
        if name in first and _nearer(side, second.get(name), first[name]):
            yield name


def _leverage_faults(side: str, first: Values, second: Values) -> Iterator[str]:
    one, other = first.get("initial_margin"), second.get("initial_margin")
    if one is not None and other is not None and other > one:
        yield "initial_margin"
    for name in _PRICES:
        if name in first and _nearer(side, first[name], second.get(name)):
            yield name


RELATIONS = (
    Relation(
        "mirror",
        "a short gains what a long loses, and both are worth the same",
        _mirrored,
        _mirror_faults,
    ),
    Relation(
        "scaling",
        "a position, its margin and the tiers, all larger by one factor: so are its"
        " amounts, and its prices stay",
        _scaled,
        _scale_faults,
    ),
    Relation(
        "more_margin",
        "with more margin no price of liquidation or bankruptcy is nearer",
        _with_more_margin,
        _margin_faults,
    ),
    Relation(
        "more_leverage",
        "with more leverage the initial margin is no larger and no price of liquidation"
        " or bankruptcy is further away",
        _with_more_leverage,
        _leverage_faults,
    ),
)
"""Every relation."""
