"""Circumstances: what holds where a step of a scenario is carried out, each in a word.

A fault that acts only where several circumstances meet is told by no case in which they
do not; so what must be known of a set of cases is which circumstances meet in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from isomargin.derive import parameters_of
from isomargin.formulas import Outcome, State, World, run
from isomargin.formulas.state import Key
from isomargin.formulas.world import Rules
from isomargin.rulebook.model import Case

__all__ = ["circumstances"]

_TOLD = ("reduce_only", "isolated_margin", "liquidity")
_LASTING = (
    "add_margin",
    "remove_margin",
    "apply_funding",
    "set_leverage",
    "set_margin_mode",
)
_ORDERS = ("stop_loss_price", "take_profit_price", "auto_add_margin")

_BESIDE = {
    "isolated": "beside an isolated position",
    "cross": "beside a cross position",
}

Step = Mapping[str, Any]


def circumstances(case: Case, rules: Rules) -> Iterator[frozenset[str]]:
    """Yield the circumstances of each step of a scenario.

    Args:
        case: the scenario.
        rules: the rulebook's formulas.

    Raises:
        RulebookError: the case or a rule cannot be worked out.
    """
    given, steps = case.core["given"], case.core["steps"]
    world = World(rules, parameters_of(case, rules), given["instruments"])
    before, past = State(), _Past()
    for step, outcome in zip(steps, run(world, given["balances"], steps), strict=True):
        view = _View(world, before, past, step)
        yield frozenset((*_asked(step), *view.held(), *_done(outcome)))
        past.went_on(step, before, outcome)
        before = outcome.state


def _asked(step: Step) -> Iterator[str]:
    yield step["do"]
    for name in _TOLD:
        if name in step["with"]:
            value = step["with"][name]
            yield f"{name} {value}" if name == "liquidity" else name


def _done(outcome: Outcome) -> Iterator[str]:
    """Yield what came of a step, and the rules that were applied in it."""
    if not outcome.accepted:
        yield f"refused for {outcome.reason}"
    for event in outcome.events:
        yield f"event {event['event']}"
    yield from outcome.rules
    for derived in outcome.trail:
        yield derived.rule.id


@dataclass
class _Past:
    """What was done to each position before; of one that was closed, that it was."""

    deeds: dict[Key, set[str]] = field(default_factory=dict)

    def went_on(self, step: Step, before: State, outcome: Outcome) -> None:
        """Take note of what a step did."""
        after = outcome.state
        for key in before.positions.keys() - after.positions.keys():
            self.deeds[key] = {"closing"}
        for key in after.positions.keys() & before.positions.keys():
            deeds = self.deeds.setdefault(key, set())
            deeds.update(_change(before, after, key))
            touched = step["with"].get("instrument") == key[0]
            if outcome.accepted and touched and step["do"] in _LASTING:
                deeds.add(step["do"])


def _change(before: State, after: State, key: Key) -> Iterator[str]:
    held, left = before.position(key)["quantity"], after.position(key)["quantity"]
    if held != left:
        yield "increase" if left > held else "reduction"


@dataclass(frozen=True)
class _View:
    """An account as a step finds it.

    Attributes:
        world: the rules, the profile and the instruments.
        state: the account.
        past: what was done to its positions before.
        step: the step.
    """

    world: World
    state: State
    past: _Past
    step: Step

    def held(self) -> Iterator[str]:
        """Yield what the account holds, in the step's instrument and beside it."""
        symbol = self.step["with"].get("instrument")
        if self.state.position_mode == "hedge":
            yield "hedge mode"
        if symbol in self.world.instruments:
            yield f"{self.world.instruments[symbol].values['contract']} contract"
        for key in self.state.positions:
            yield from self.position(key) if key[0] == symbol else self.beside(key)

    def position(self, key: Key) -> Iterator[str]:
        """Yield what is so of a position in the step's instrument."""
        position, setting = self.state.position(key), self.state.setting(key[0])
        yield "long" if key[1] > 0 else "short"
        yield str(setting["margin_mode"])
        mark, entry = setting["mark_price"], position["entry_price"]
        if mark is not None and mark != entry:
            yield "in profit" if (mark - entry) * key[1] > 0 else "in loss"
        yield from (name for name in _ORDERS if position[name])
        yield from (f"after {deed}" for deed in self.past.deeds.get(key, ()))

    def beside(self, key: Key) -> Iterator[str]:
        """Yield what is so of a position in another instrument."""
        yield _BESIDE[self.state.setting(key[0])["margin_mode"]]
        symbol = self.step["with"].get("instrument")
        own = self.world.instruments.get(symbol)
        settle = self.world.instruments[key[0]].values["settle"]
        if own and own.values["settle"] != settle:
            yield "beside another asset"
