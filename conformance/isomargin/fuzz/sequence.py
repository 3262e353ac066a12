"""A sequence: drawn from a seed, with what the formulas expect of every step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any, cast

from isomargin.formulas import Outcome, State, World, quote, run
from isomargin.formulas.observe import BALANCES, POSITION, observed, text
from isomargin.formulas.world import Rules
from isomargin.fuzz.actions import Step, next_steps, preparation
from isomargin.fuzz.emphasis import EMPHASES, Emphasis
from isomargin.fuzz.figures import Sight
from isomargin.fuzz.market import draw_market
from isomargin.fuzz.quotes import draw_quote
from isomargin.fuzz.scope import Scope
from isomargin.fuzz.variation import varied
from isomargin.rulebook.model import Case

__all__ = ["Sequences", "case_of", "parameters_of"]

_ISOLATED_ONLY = frozenset({"isolated_margin", "added_margin"})
_SEED_BASE = 1_000_003
_QUOTES = 0.25
_FAMILY = 8
_SHORT = (2, 6)
_LONG = (6, 16)


def parameters_of(case: Case, rules: Rules) -> dict[str, Any]:
    """Return the parameters a sequence runs under."""
    return {**rules.rulebook.profiles[case.profile].parameters, **case.overrides}


@dataclass(frozen=True, eq=False)
class Sequences:
    """Makes sequences, and works out what is expected of them.

    Attributes:
        rules: the rulebook's formulas.
        scope: what the subject can be asked.
    """

    rules: Rules
    scope: Scope

    def drawn(self, seed: int, index: int) -> Case:
        """Return the sequence of a seed and a number, with its expectations."""
        return self.expected(self.bare(seed, index))

    def bare(self, seed: int, index: int) -> Case:
        """Return the sequence of a seed and a number; nothing is expected of it.

        The first of a family is drawn step by step from the account as it stands; the
        others are variations of it.
        """
        family, member = divmod(index, _FAMILY)
        first = self.first(seed, family)
        if not member:
            return first
        name = _name(seed, index)
        random = Random(f"{seed} {index}")  # noqa: S311 - chance, not a secret
        return replace(varied(first, random, self.scope), id=name, where=name)

    @lru_cache(maxsize=8)  # noqa: B019 - a search has one of these, and ends with it
    def first(self, seed: int, family: int) -> Case:
        """Return the first of a family of sequences; nothing is expected of it."""
        random = Random(seed * _SEED_BASE + family)  # noqa: S311 - as above
        emphasis = _fitting(random.choice(EMPHASES), self.scope.lacking)
        market = draw_market(random, self.scope, emphasis)
        overrides = market.overrides
        if self._asks_quote(random):
            core: dict[str, Any] = {
                "quote": self._wanting(draw_quote(random, market, self.scope.lacking))
            }
        else:
            given = {
                "balances": dict(market.balances),
                "instruments": list(market.instruments),
            }
            core = {"given": given, "steps": []}
        name = _name(seed, family * _FAMILY)
        case = case_of(name, market.profile, overrides, core)
        if case.is_quote:
            return case
        walk = self._walk(case, _Dice(random, emphasis))
        steps = [walk.asked for _ in self._carried_out(case, walk)]
        return _with_core(case, {**core, "steps": steps})

    def expected(self, case: Case) -> Case:
        """Return a sequence with what the formulas expect of it now."""
        if case.is_quote:
            return _with_core(case, {"quote": self._quoted(case)})
        walk = self._walk(case, None)
        steps = [
            {**walk.asked, "expect": _expected(walk.world, outcome, walk.asked)}
            for outcome in self._carried_out(case, walk)
        ]
        return _with_core(case, {"given": case.core["given"], "steps": steps})

    def _asks_quote(self, random: Random) -> bool:
        operations = self.scope.operations
        return "run" not in operations or (
            "quote" in operations and random.random() < _QUOTES
        )

    def _wanting(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return a quote with the quantities it is to be asked for, not yet known."""
        isolated = asked["position"]["margin_mode"] == "isolated"
        want = [
            name
            for name in POSITION
            if name in self.scope.quantities
            and name not in _GIVEN
            and (isolated or name not in _ISOLATED_ONLY)
        ]
        return {**asked, "expect": dict.fromkeys(want)}

    def _quoted(self, case: Case) -> dict[str, Any]:
        asked = self._wanting(case.core["quote"])
        question = {**asked, "want": list(asked["expect"])}
        del question["expect"]
        values = quote(self.rules, question, parameters_of(case, self.rules))
        return {
            **asked,
            "expect": {name: text(value) for name, value in values.items()},
        }

    def _walk(self, case: Case, dice: "_Dice | None") -> "_Walk":
        given = case.core["given"]
        parameters = parameters_of(case, self.rules)
        world = World(self.rules, parameters, given["instruments"])
        return _Walk(world, self.scope, case.core["steps"], dice)

    def _carried_out(self, case: Case, walk: "_Walk") -> Iterator[Outcome]:
        """Yield the outcome of each step of a walk, by the formulas."""
        balances = case.core["given"]["balances"]
        steps = cast("Sequence[Step]", walk.steps())
        for outcome in run(walk.world, balances, steps):
            if walk.sight:
                walk.sight.state = outcome.state
            yield outcome


_GIVEN = frozenset({"quantity", "entry_price", "leverage", "mark_price"})


def _fitting(emphasis: Emphasis, lacking: frozenset[str]) -> Emphasis:
    """Return an emphasis on what a subject can do."""
    if "cross" not in lacking:
        return emphasis
    weights = {**emphasis.weights, "set_margin_mode": 0}
    return replace(emphasis, isolated=1, weights=weights)


def _within(step: Step, sight: Sight, lacking: frozenset[str]) -> Step:
    """Return a step with the arguments that a subject takes and needs."""
    action, given = step["do"], step["with"]
    if not lacking:
        return step
    if action == "trade" and "leverage" in lacking:
        # What is not worked out by a leverage has to be said.
        amount = sight.amount(given["instrument"], ("available_balance",))
        given = {"isolated_margin": amount, **given}
    taken = {
        k: part for k, part in given.items() if f"{action} with {k}" not in lacking
    }
    return {"do": action, "with": taken}


@dataclass(frozen=True)
class _Dice:
    """What steps are drawn by."""

    random: Random
    emphasis: Emphasis


class _Walk:
    """The steps of a sequence, each drawn from the account the one before left."""

    def __init__(
        self,
        world: World,
        scope: Scope,
        fixed: Sequence[Step],
        dice: "_Dice | None",
    ) -> None:
        self.world = world
        self.scope = scope
        self.fixed = fixed
        self.emphasis = dice.emphasis if dice else Emphasis()
        self.sight = Sight(dice.random, world, State()) if dice else None
        self.asked: Step = {}

    def steps(self) -> Iterator[Step]:
        drawn = self.sight and self.drawn(self.sight, self.emphasis)
        for step in drawn or self.fixed:
            self.asked = {"do": step["do"], "with": step["with"]}
            yield self.asked

    def drawn(self, sight: Sight, emphasis: Emphasis) -> Iterator[Step]:
        random, actions = sight.random, self.scope.actions
        yield from preparation(sight, actions, emphasis)
        for _ in range(random.randint(*random.choice((_SHORT, _LONG)))):
            for step in next_steps(sight, actions, emphasis):
                yield _within(step, sight, self.scope.lacking)


def _expected(world: World, outcome: Outcome, asked: Step) -> dict[str, Any]:
    """Return everything there is to expect of a step."""
    if not outcome.accepted:
        return {"outcome": "rejected", "reason": outcome.reason}
    events = [
        {name: text(value) for name, value in event.items()} for event in outcome.events
    ]
    expected: dict[str, Any] = {"events": events}
    state = observed(world, outcome.state)
    expected["positions"] = state["positions"]
    if _is_closed(outcome.state, world, asked):
        expected["position"] = None
    balances = state["balances"]
    expected["accounts"] = {
        asset: {name: figures[name] for name in BALANCES}
        for asset, figures in balances.items()
    }
    return expected


def _is_closed(state: State, world: World, asked: Step) -> bool:
    """Say whether the position that a step is about is open no more."""
    symbol = asked["with"].get("instrument")
    side = asked["with"].get("position_side")
    if symbol not in world.instruments or (state.position_mode == "hedge" and not side):
        return False
    wanted = {None: (1, -1), "long": (1,), "short": (-1,)}[side]
    return not any((symbol, each) in state.positions for each in wanted)


def case_of(
    name: str, profile: str, overrides: Mapping[str, Any], core: Mapping[str, Any]
) -> Case:
    """Return a sequence of which nothing is expected yet."""
    return Case(
        id=name,
        family="fuzz",
        is_example=False,
        profile=profile,
        overrides=overrides,
        rules=(),
        claims=(),
        why="Found by searching.",
        origin="derived",
        core=core,
        where=name,
    )


def _name(seed: int, index: int) -> str:
    return f"fuzz.seed_{seed}.n_{index}"


def _with_core(case: Case, core: Mapping[str, Any]) -> Case:
    return replace(case, core=core)
