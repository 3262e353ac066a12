"""Relations between scenarios, which need no expected figure.

Each draws a short life of a position or two in isolated mode, with more balance than it
can use, asks it in two ways that must come to the same, and says what differs. They
hold by any profile but for the choices they name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from isomargin.drive import Trace
from isomargin.formulas import decimal_text, exact
from isomargin.fuzz.endings import (
    HAIR,
    accepted,
    equal,
    figures_of,
    figures_of_instrument,
    final_state,
    is_liquidated,
    unlike,
)
from isomargin.fuzz.scene import (
    AMPLE,
    DEEDS,
    Core,
    Scene,
    Step,
    opened,
    price_near,
    short_life,
    step_of,
)
from isomargin.judge.grade import number_of

__all__ = ["SCENARIO_RELATIONS", "Difference", "ScenarioRelation"]

_SCALE = 3
_TICK = Fraction(1, 10)
_EXACT_DECIMALS = 6


@dataclass(frozen=True)
class Difference:
    """Two scenarios between which a relation does not hold.

    Attributes:
        figure: for what it does not.
        first: one scenario.
        second: the other.
        answers: the figure in each.
    """

    figure: str
    first: Core
    second: Core
    answers: tuple[Any, Any]


@dataclass(frozen=True)
class ScenarioRelation:
    """A relation between scenarios.

    Attributes:
        name: its name.
        says: the relation, in words.
        differences: asks for it in a scene, and yields what does not hold.
    """

    name: str
    says: str
    differences: Callable[[Scene], Iterator[Difference]]


def _split_fills(scene: Scene) -> Iterator[Difference]:
    """Yield what differs between one fill and the same in two halves."""
    if not scene.takes(contract_value_rounding="none", rounding=({},)):
        return
    instrument = scene.instruments[0]
    *before, fill = opened(scene, instrument)
    if scene.random.random() < 0.5:  # noqa: PLR2004 - even chances
        before, fill = [*before, fill], _back(fill)
    quantity = exact(fill["with"]["quantity"]) / 2
    half = {"do": "trade", "with": {**fill["with"], "quantity": decimal_text(quantity)}}
    yield from _same_end(scene, [*before, fill], [*before, half, half])


def _back(trade: Step, **changes: str) -> Step:
    """Return a trade the other way."""
    side = {"buy": "sell", "sell": "buy"}[trade["with"]["side"]]
    return {"do": "trade", "with": {**trade["with"], "side": side, **changes}}


def _same_end(
    scene: Scene, first: Sequence[Step], second: Sequence[Step]
) -> Iterator[Difference]:
    """Yield what differs between the ends of two ways, where all is accepted."""
    one, other = scene.core(first), scene.core(second)
    ours, theirs = scene.ask(one), scene.ask(other)
    if ours and theirs and accepted(ours, theirs):
        yield from _differences(one, other, _figures(ours), _figures(theirs))


def _figures(trace: Trace) -> dict[str, Any]:
    return figures_of(final_state(trace))


def _differences(
    first: Core, second: Core, ours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[Difference]:
    for name, one, other in unlike(ours, theirs):
        yield Difference(name, first, second, (one, other))


def _order(scene: Scene) -> Iterator[Difference]:
    """Yield what differs by the order in which two instruments are acted upon."""
    one, other = (short_life(scene, each) for each in scene.instruments)
    mixed = [step for pair in zip(one, other, strict=True) for step in pair]
    first, second = scene.core([*one, *other]), scene.core(mixed)
    ours, theirs = scene.ask(first), scene.ask(second)
    if ours and theirs:
        yield from _differences(first, second, _figures(ours), _figures(theirs))


def _isolation(scene: Scene) -> Iterator[Difference]:
    """Yield what differs of a position by what is done with another instrument."""
    if not scene.takes(isolation="position"):
        return
    one, other = (short_life(scene, each) for each in scene.instruments)
    first, second = scene.core(one), scene.core([*one, *other])
    ours, theirs = scene.ask(first), scene.ask(second)
    if ours and theirs:
        symbol = scene.instruments[0]["symbol"]
        alone, beside = (
            figures_of_instrument(final_state(each), symbol) for each in (ours, theirs)
        )
        yield from _differences(first, second, alone, beside)


def _round_trip(scene: Scene) -> Iterator[Difference]:
    """Yield what a trip without fees at one price leaves otherwise than it was."""
    instrument = {**scene.instruments[0], "fees": {}}
    life = opened(scene, instrument)
    deeds = ("add_margin", "remove_margin", "set_leverage")
    between = [DEEDS[name](scene.random, instrument) for name in deeds]
    core = scene.core([*life, *between, _back(life[-1])], [instrument])
    trace = scene.ask(core)
    if trace and accepted(trace) and not is_liquidated(trace):
        settle = instrument["settle"]
        figures = _figures(trace)
        for name in ("wallet_balance", "free_balance", "available_balance"):
            left = figures.get(f"{settle}.{name}", AMPLE)
            if not equal(left, AMPLE):
                yield Difference(name, core, core, (AMPLE, left))


def _zero_sum(scene: Scene) -> Iterator[Difference]:
    """Yield what a long wins otherwise than the short beside it loses."""
    instrument = {**scene.instruments[0], "fees": {}}
    life = opened(scene, instrument)
    symbol = instrument["symbol"]
    price = price_near(scene.random, instrument, "0.97", "1.02")
    moved = step_of("set_mark_price", symbol, price=price)
    worth: list[Fraction] = []
    cores: list[Core] = []
    for opening in (life[-1], _back(life[-1])):
        closing = _back(opening, price=price)
        cores.append(scene.core([*life[:-1], opening, moved, closing], [instrument]))
        trace = scene.ask(cores[-1])
        undisturbed = trace and accepted(trace) and not is_liquidated(trace)
        figure = _wallet(trace, instrument["settle"]) if undisturbed else None
        if figure is None:
            return
        worth.append(figure - exact(AMPLE))
    if abs(worth[0] + worth[1]) > HAIR:
        answers = (decimal_text(worth[0]), decimal_text(worth[1]))
        yield Difference("wallet_balance", cores[0], cores[1], answers)


def _wallet(trace: Trace | None, asset: str) -> Fraction | None:
    figures = _figures(trace) if trace else {}
    return number_of(figures.get(f"{asset}.wallet_balance"))


def _scaling(scene: Scene) -> Iterator[Difference]:
    """Yield what is not as much larger as everything that is put in."""
    if not scene.takes(contract_value_rounding="none", rounding=({},)):
        return
    small, steps = scene.instruments[0], short_life(scene, scene.instruments[0])
    first = scene.core(steps, [small])
    larger = scene.core([_larger(step) for step in steps], [_with_larger_tiers(small)])
    balances = {small["settle"]: _larger_text(AMPLE)}
    second = {**larger, "given": {**larger["given"], "balances": balances}}
    ours, theirs = scene.ask(first), scene.ask(second)
    if not ours or not theirs:
        return
    scaled = {
        name: _larger_text(figure) if _is_sized(name, figure) else figure
        for name, figure in _figures(ours).items()
    }
    yield from _differences(first, second, scaled, _figures(theirs))


_SIZED_ARGUMENTS = frozenset({"quantity", "amount"})
_UNSIZED = frozenset(
    {
        "entry_price",
        "leverage",
        "mark_price",
        "maintenance_margin_rate",
        "liquidation_price",
        "bankruptcy_price",
        "margin_ratio",
        "return_on_margin",
    }
)


def _is_sized(name: str, figure: Any) -> bool:
    last = name.rpartition(".")[2]
    return number_of(figure) is not None and last not in _UNSIZED


def _larger_text(text: str) -> str:
    return decimal_text(exact(text) * _SCALE)


def _larger(step: Step) -> Step:
    given = {
        name: _larger_text(value) if name in _SIZED_ARGUMENTS else value
        for name, value in step["with"].items()
    }
    return {"do": step["do"], "with": given}


def _with_larger_tiers(instrument: Mapping[str, Any]) -> dict[str, Any]:
    sized = {"notional_floor", "maintenance_amount"}
    tiers = [
        {
            name: _larger_text(text) if name in sized else text
            for name, text in one.items()
        }
        for one in instrument["tiers"]
    ]
    return {**instrument, "tiers": tiers}


def _beside_the_trigger(scene: Scene) -> Iterator[Difference]:
    """Yield where a liquidation price is not the price at which it is liquidated."""
    if not scene.takes(**_TRIGGER_CHOICES):
        return
    opening = opened(scene, scene.instruments[0])
    trace = scene.ask(scene.core(opening))
    listed = final_state(trace).get("positions") if trace else None
    price = number_of(listed[0].get("liquidation_price")) if listed else None
    if not listed or price is None or not accepted(trace):
        return
    position = listed[0]
    inward = _TICK if position["side"] == "long" else -_TICK
    on_tick = Fraction(round(price / _TICK)) * _TICK
    tried = [(on_tick - 2 * inward, True), (on_tick + 2 * inward, False)]
    is_exact = (price * 10**_EXACT_DECIMALS).denominator == 1
    if is_exact and scene.takes(trigger_comparison="at_or_below"):
        tried.append((price, True))
    symbol = scene.instruments[0]["symbol"]
    for beside, liquidated in tried:
        if beside <= 0:
            continue
        moved = step_of("set_mark_price", symbol, price=decimal_text(beside))
        core = scene.core([*opening, moved])
        after = scene.ask(core)
        if after and is_liquidated(after) is not liquidated:
            shown = position["liquidation_price"]
            yield Difference("liquidation_price", core, core, (shown, str(liquidated)))


_TRIGGER_CHOICES: Mapping[str, Any] = {
    "liquidation_price_form": "solved",
    "liquidation_price_shift": "none",
    "trigger_price": "mark",
    "added_margin_fee_scaling": "no",
    "maintenance_rate_form": "rate",
    "maintenance_funding": "none",
    "unrealised_pnl_price": "entry",
    "tier_price": ("liquidation", "entry"),
    "maintenance_fee": (
        "none",
        "additive_taker",
        "multiplicative_taker",
        "liquidation_fee",
    ),
    "contract_value_rounding": "none",
    "rounding": ({},),
}

SCENARIO_RELATIONS = (
    ScenarioRelation(
        "split_fills", "one fill comes to what its two halves come to", _split_fills
    ),
    ScenarioRelation(
        "beside_the_trigger",
        "a mark price beyond the liquidation price liquidates, and one before it does"
        " not",
        _beside_the_trigger,
    ),
    ScenarioRelation(
        "order", "the order of actions in two instruments makes no difference", _order
    ),
    ScenarioRelation(
        "isolation",
        "what is done with one instrument leaves a position in another as it is",
        _isolation,
    ),
    ScenarioRelation(
        "round_trip",
        "a position opened and closed at one price without fees leaves every balance"
        " as it was",
        _round_trip,
    ),
    ScenarioRelation(
        "zero_sum", "a long wins what a short loses, without fees", _zero_sum
    ),
    ScenarioRelation(
        "scaled_life",
        "with everything larger by one factor, so are amounts, and prices stay",
        _scaling,
    ),
)
"""Every relation between scenarios."""
