"""Carrying a scenario out by the rulebook's transitions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from isomargin.errors import RulebookError
from isomargin.formulas.numbers import exact, kept
from isomargin.formulas.scope import Derived, PositionScope
from isomargin.formulas.state import Key, State
from isomargin.formulas.world import World
from isomargin.rulebook.model import Event, Part, Transition, Trigger

__all__ = ["Outcome", "run"]

_DIRECTION = {"buy": 1, "sell": -1, "long": 1, "short": -1}
_LIMIT_TRIGGERS = 10_000


@dataclass
class Outcome:
    """What came of one action.

    Attributes:
        accepted: whether it was carried out.
        reason: why it was refused.
        events: what was reported, in order.
        state: the state after it.
        rules: ids of the transitions that applied.
        trail: the definitions worked out on the way.
    """

    accepted: bool
    reason: str | None
    events: list[dict[str, Any]]
    state: State
    rules: list[str] = field(default_factory=list)
    trail: list[Derived] = field(default_factory=list)


class _Refused(Exception):
    def __init__(self, rule: Transition) -> None:
        super().__init__(rule.id)
        self.rule = rule


def run(
    world: World, balances: Mapping[str, str], steps: Sequence[Mapping[str, Any]]
) -> Iterator[Outcome]:
    """Carry the steps of a scenario out, one after the other.

    Args:
        world: the rules, the profile and the instruments.
        balances: asset to opening balance.
        steps: objects with `do` and `with`.

    Yields:
        The outcome of each step.
    """
    state = State()
    for asset, amount in balances.items():
        state.move(asset, "external", "free_balance", exact(amount), ("", 0))
    for step in steps:
        outcome = _Step(world, state, step["do"], step["with"]).outcome()
        state = outcome.state
        yield outcome


class _Step:
    """One action on a copy of the state, which is thrown away when it is refused."""

    def __init__(
        self, world: World, state: State, name: str, given: Mapping[str, Any]
    ) -> None:
        self.world = world
        self.before = state
        self.state = state.copy()
        self.name = name
        self.action = _arguments(world, name, given)
        self.events: list[dict[str, Any]] = []
        self.rules: list[str] = []
        self.trail: list[Derived] = []
        self.triggers = world.rules.rulebook.machine.triggers

    def outcome(self) -> Outcome:
        try:
            self.act()
        except _Refused as refusal:
            rule = refusal.rule
            used = [*self.rules, rule.id]
            return Outcome(False, rule.reason, [], self.before, used, self.trail)  # noqa: FBT003
        return Outcome(True, None, self.events, self.state, self.rules, self.trail)  # noqa: FBT003

    def act(self) -> None:
        transitions = self.world.rules.of_action.get(self.name, [])
        foci = list(self.foci())
        settings: dict[str, Any] = {}
        for key in foci:
            self.refuse(transitions, self.scope(key), "before")
            self.apply(transitions, self.scope(key), key, settings)
        if settings and foci[0]:
            self.state.change_settings(foci[0][0], settings)
        for part in self.world.rules.rulebook.machine.then.get(self.name, ()):
            self.perform(part, self.before, foci[0], self.action)
        for key in foci:
            self.refuse(transitions, self.scope(key), "after")
        self.state.drop_closed()
        self.pull_triggers()

    def foci(self) -> Iterator[Key | None]:
        """Yield the positions an action is looked at from."""
        symbol = self.action.get("instrument")
        machine = self.world.rules.rulebook.machine
        if symbol is None:
            yield None
        elif self.name in machine.each_position:
            open_keys = [key for key in self.state.positions if key[0] == symbol]
            yield from sorted(open_keys, reverse=True) or [(symbol, 1)]
        elif machine.then.get(self.name):
            yield symbol, -self.action["direction"]
        else:
            yield self.chosen(symbol)

    def chosen(self, symbol: str) -> Key:
        side = self.action.get("position_side")
        if side is not None:
            return symbol, int(side)
        open_keys = [key for key in self.state.positions if key[0] == symbol]
        return open_keys[0] if open_keys else (symbol, 1)

    def scope(
        self, key: Key | None, action: Mapping[str, Any] | None = None
    ) -> PositionScope:
        given = self.action if action is None else action
        asset = None if key else self.action.get("asset")
        return PositionScope(
            self.world, self.state, key, given, asset=asset, trail=self.trail
        )

    def refuse(
        self, transitions: Sequence[Transition], scope: PositionScope, stage: str
    ) -> None:
        for rule in transitions:
            applies = rule.outcome == "rejected" and rule.stage == stage
            if applies and self.world.rules.work(rule.when)(scope):
                raise _Refused(rule)

    def apply(
        self,
        transitions: Sequence[Transition],
        scope: PositionScope,
        key: Key | None,
        settings: dict[str, Any],
    ) -> None:
        """Work out every effect on the state as it is, then carry them out."""
        work = self.world.rules.work
        chosen = [
            rule
            for rule in transitions
            if rule.outcome == "accepted" and work(rule.when)(scope)
        ]
        moves = [
            (move, kept(work(move.amount)(scope)))
            for rule in chosen
            for move in rule.moves
        ]
        changes = {
            name: kept(work(formula)(scope))
            for rule in chosen
            for name, formula in rule.sets.items()
        }
        for rule in chosen:
            self.rules.append(rule.id)
            if rule.event:
                self.report(rule.event, scope, key, {})
            for name, formula in rule.settings.items():
                settings[name] = kept(work(formula)(scope))
            for formula in rule.account.values():
                self.state.position_mode = work(formula)(scope)
        for move, amount in moves:
            self.post(move.source, move.target, amount, scope, key)
            if move.event and amount:
                self.report(move.event, scope, key, {"amount": amount})
        if changes and key:
            self.state.change_position(key, changes)

    def post(
        self,
        source: str,
        target: str,
        amount: Fraction,
        scope: PositionScope,
        key: Key | None,
    ) -> None:
        if amount is None:
            raise RulebookError("a move of an amount that does not exist", "spec/rules")
        if amount:
            self.state.move(scope.asset or "", source, target, amount, key or ("", 0))

    def report(
        self,
        event: Event,
        scope: PositionScope,
        key: Key | None,
        moved: Mapping[str, Any],
    ) -> None:
        """Note an event; one that is not decisive and moves nothing is none."""
        work = self.world.rules.work
        told = {name: kept(work(part)(scope)) for name, part in event.figures.items()}
        figures = {**moved, **told}
        decisive = self.world.rules.rulebook.machine.events[event.name]
        if decisive or figures["amount"]:
            whose = _named(None if event.of else key)
            cash = {"asset": scope.asset} if "amount" in figures else {}
            self.events.append({"event": event.name, **whose, **cash, **figures})

    def perform(
        self, part: Part, before: State, focus: Key | None, action: Mapping[str, Any]
    ) -> None:
        """Carry out a procedure on the positions it is for."""
        work = self.world.rules.work
        # What a part is given was decided when the action was made.
        asked = PositionScope(self.world, before, focus, action, trail=self.trail)
        for key in self.part_foci(part, focus):
            judged = asked if part.position in {"same", "opposite"} else self.scope(key)
            if not work(part.when)(judged):
                continue
            given = {
                name: work(value)(judged) for name, value in part.arguments.items()
            }
            transitions = self.world.rules.of_action.get(part.procedure, [])
            self.refuse(transitions, self.scope(key, given), "before")
            self.apply(transitions, self.scope(key, given), key, {})
            self.refuse(transitions, self.scope(key, given), "after")
            if part.position != "every_cross":
                self.state.drop_closed()

    def part_foci(self, part: Part, focus: Key | None) -> list[Key]:
        if focus is None:
            raise RulebookError(
                f"{part.procedure} needs a position", "spec/machine.yaml"
            )
        if part.position == "same":
            return [(focus[0], -focus[1])]
        if part.position == "every_cross":
            return [key for key in self.ordered_positions() if self.shares(key, focus)]
        return [focus]

    def shares(self, key: Key, focus: Key) -> bool:
        """Say whether a position is a cross position in the focus's settle asset."""
        scope, other = self.scope(key), self.scope(focus)
        return scope.value("margin_mode") == "cross" and scope.asset == other.asset

    def ordered_positions(self) -> list[Key]:
        order = list(self.world.instruments)
        return sorted(
            self.state.positions, key=lambda key: (order.index(key[0]), -key[1])
        )

    def pull_triggers(self) -> None:
        """Let what acts by itself act, one at a time, until nothing does."""
        for _ in range(_LIMIT_TRIGGERS):
            if not any(map(self.pull, self.ordered_positions())) and not any(
                map(self.pull_cross, self.ordered_positions())
            ):
                return
        raise RulebookError("triggers that never come to rest", "spec/machine.yaml")

    def pull(self, key: Key) -> bool:
        """Let the first trigger of one position act whose time has come."""
        return self.pull_first(
            key, [one for one in self.triggers if not _is_shared(one)]
        )

    def pull_cross(self, key: Key) -> bool:
        """Let the first trigger act that concerns every cross position of an asset."""
        shared = [one for one in self.triggers if _is_shared(one)]
        return self.pull_first(key, shared)

    def pull_first(self, key: Key, triggers: Sequence[Trigger]) -> bool:
        scope = self.scope(key, {})
        work = self.world.rules.work
        acting = next((one for one in triggers if work(one.when)(scope)), None)
        if acting is None:
            return False
        transitions = self.world.rules.of_trigger.get(acting.name, [])
        self.apply(transitions, scope, key, {})
        for part in acting.then:
            self.perform(part, self.state, key, {})
        self.state.drop_closed()
        return True


def _named(key: Key | None) -> dict[str, Any]:
    """Return what names a position; nothing where none is meant."""
    if key is None:
        return {}
    return {"instrument": key[0], "side": "long" if key[1] > 0 else "short"}


def _is_shared(trigger: Trigger) -> bool:
    return any(part.position == "every_cross" for part in trigger.then)


def _arguments(world: World, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return an action's arguments as formulas see them."""
    quantities = world.rules.rulebook.quantities
    arguments: dict[str, Any] = {"name": name}
    for key, value in given.items():
        quantity = quantities.get(("argument", key))
        if quantity is None:
            raise RulebookError(f"unknown argument {key!r}", name)
        arguments[key] = _argument(quantity.kind, value)
    if "side" in arguments:
        arguments["direction"] = Fraction(_DIRECTION[arguments["side"]])
    if name == "trade":
        arguments["reduce_only"] = bool(arguments.get("reduce_only", False))
    return arguments


def _argument(kind: str, value: Any) -> Any:
    if value is None or kind in {"word", "flag"}:
        return value
    if kind == "side":
        return Fraction(_DIRECTION[value])
    return exact(value)
