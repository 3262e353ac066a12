"""Relations between answers, which need no expected figure.

Whatever an engine's conventions are, two positions that are alike in a known way have
figures that are alike in a known way. Each relation asks one position and a twin of it
and says what must hold between the answers. They are asked of positions in isolated
mode, by one profile, and figures are taken to be equal within a hair.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random
from typing import Any

from isomargin.drive import Quantities, Trace
from isomargin.formulas import decimal_text, exact
from isomargin.fuzz.asker import Asker
from isomargin.fuzz.emphasis import Emphasis
from isomargin.fuzz.figures import plain
from isomargin.fuzz.market import draw_market
from isomargin.fuzz.scenario_relations import SCENARIO_RELATIONS
from isomargin.fuzz.scene import Scene
from isomargin.fuzz.scope import Scope
from isomargin.fuzz.sequence import Sequences, case_of, parameters_of
from isomargin.rulebook.model import Case

__all__ = ["RELATIONS", "BrokenRelation", "Relation", "broken_relations"]

Quote = Mapping[str, Any]
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
# Rates that fall with leverage put prices further away with more of it.
_USUAL = {"maintenance_rate_form": "rate"}
_TWO = Emphasis(instruments=2)


@dataclass(frozen=True)
class Relation:
    """Two positions that are alike, and what holds between their figures.

    Attributes:
        name: its name.
        says: the relation, in words.
        pair: makes two quotes of a position's quote; None where it has none.
        faults: yields the figures for which it does not hold.
        needs: the choices of a profile by which it holds.
    """

    name: str
    says: str
    pair: Callable[[Quote], tuple[Quote, Quote] | None]
    faults: Callable[[str, Values, Values], Iterator[str]]
    needs: Mapping[str, str] = field(default_factory=lambda: _USUAL)


@dataclass(frozen=True)
class BrokenRelation:
    """A relation that does not hold.

    Attributes:
        relation: its name.
        quantity: the figure for which it does not.
        first: a quote or a scenario.
        second: the other of the pair.
        answers: the figure of each.
    """

    relation: str
    quantity: str
    first: Case
    second: Case
    answers: tuple[Any, Any]


def broken_relations(
    asker: Asker, drawing: Sequences, seed: int, count: int
) -> Iterator[BrokenRelation]:
    """Yield every relation that does not hold between answers of a subject.

    Args:
        asker: who is asked.
        drawing: what quotes are drawn by.
        seed: what is drawn from.
        count: how many positions, and how many scenarios, each is tried on.
    """
    scope = drawing.scope
    if "quote" in scope.operations:
        for family in range(count):
            yield from _between_quotes(asker, drawing.first(seed, family))
    if "run" in scope.operations and scope.actions >= _NEEDED:
        for number in range(count):
            yield from _between_scenarios(asker, scope, f"{seed} {number}")


_NEEDED = frozenset({"set_margin_mode", "set_leverage", "trade", "set_mark_price"})


def _between_scenarios(
    asker: Asker, scope: Scope, seed: str
) -> Iterator[BrokenRelation]:
    for relation in SCENARIO_RELATIONS:
        random = Random(f"{seed} {relation.name}")  # noqa: S311 - chance, not a secret
        market = draw_market(random, scope, _TWO)
        case = case_of("fuzz.relation", market.profile, market.overrides, {})

        def traced(core: Mapping[str, Any], case: Case = case) -> Trace | None:
            answer = asker.answer(replace(case, core=core))
            return answer if isinstance(answer, Trace) else None

        parameters = parameters_of(case, asker.rules)
        scene = Scene(random, market.instruments, parameters, traced)
        for each in relation.differences(scene):
            one, other = (
                replace(case, core=core) for core in (each.first, each.second)
            )
            yield BrokenRelation(relation.name, each.figure, one, other, each.answers)


def _between_quotes(asker: Asker, case: Case) -> Iterator[BrokenRelation]:
    quote = case.core.get("quote")
    if quote is None or quote["position"]["margin_mode"] != "isolated":
        return
    parameters = parameters_of(case, asker.rules)
    for relation in RELATIONS:
        pair = relation.pair(quote)
        if pair is None or not relation.needs.items() <= parameters.items():
            continue
        first, second = (replace(case, core={"quote": each}) for each in pair)
        answers = [_values(asker, each) for each in (first, second)]
        if any(each is None for each in answers):
            continue
        ours, theirs = (_numbers(each or {}) for each in answers)
        for name in relation.faults(quote["position"]["side"], ours, theirs):
            one, other = ((each or {}).get(name) for each in answers)
            yield BrokenRelation(relation.name, name, first, second, (one, other))


def _values(asker: Asker, case: Case) -> Mapping[str, str | None] | None:
    answer = asker.answer(case)
    return answer.values if isinstance(answer, Quantities) else None


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


# Pairs


def _with(quote: Quote, **changes: str) -> Quote:
    return {**quote, "position": {**quote["position"], **changes}}


def _mirrored(quote: Quote) -> tuple[Quote, Quote]:
    other = {"long": "short", "short": "long"}[quote["position"]["side"]]
    return quote, _with(quote, side=other)


def _scaled(quote: Quote) -> tuple[Quote, Quote]:
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
    grown = {**_with(quote, **larger), "instrument": {**instrument, "tiers": tiers}}
    return quote, grown


def _times(text: str) -> str:
    return decimal_text(exact(text) * _SCALE)


_SCALE = 3


def _with_more_margin(quote: Quote) -> tuple[Quote, Quote] | None:
    position = quote["position"]
    given = next((n for n in ("isolated_margin", "added_margin") if n in position), "")
    return (quote, _with(quote, **{given: _times(position[given])})) if given else None


def _with_more_leverage(quote: Quote) -> tuple[Quote, Quote] | None:
    position = quote["position"]
    if "isolated_margin" in position:
        return None
    return quote, _with(quote, leverage=_times(position["leverage"]))


def _about_an_edge(quote: Quote) -> tuple[Quote, Quote] | None:
    """Return the position at the edge of a tier that joins its lower, and beyond."""
    instrument = quote["instrument"]
    edges = [each for each in instrument["tiers"][1:] if "maintenance_amount" in each]
    if not edges:
        return None
    size = exact(quote["position"]["quantity"]) * exact(instrument["contract_size"])
    floor = exact(edges[0]["notional_floor"])
    inverse = instrument["contract"] == "inverse"
    edge = size / floor if inverse else floor / size
    price = exact(plain(edge, decimals=4))
    beyond = price - _STEP if inverse else price + _STEP
    if min(price, beyond) <= 0:
        return None
    moved = (_with(quote, mark_price=decimal_text(each)) for each in (price, beyond))
    return next(moved), next(moved)


_STEP = Fraction(1, 100)


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


def _edge_faults(_side: str, first: Values, second: Values) -> Iterator[str]:
    """Yield the maintenance margin where it grows by more than the value does."""
    figures = [
        each.get(name)
        for name in ("notional_value", "maintenance_margin")
        for each in (first, second)
    ]
    known = [figure for figure in figures if figure is not None]
    if len(known) == len(figures):
        value, larger_value, margin, larger_margin = known
        if abs(larger_margin - margin) > abs(larger_value - value) + _HAIR:
            yield "maintenance_margin"


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
    Relation(
        "tier_continuity",
        "over the edge of a tier the maintenance margin does not jump",
        _about_an_edge,
        _edge_faults,
        needs={
            **_USUAL,
            "maintenance_margin_price": "mark",
            "contract_value_rounding": "none",
        },
    ),
)
"""Every relation."""
