"""What a formula's names stand for, seen from one position."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from isomargin.errors import RulebookError
from isomargin.formulas.numbers import DECIMALS, kept, rounded
from isomargin.formulas.state import Key, State
from isomargin.formulas.world import World
from isomargin.rulebook.model import Definition

__all__ = ["BUILT_IN", "Derived", "PositionScope"]

_SIDES = {"long": Fraction(1), "short": Fraction(-1)}
_HELD = (
    "quantity",
    "entry_price",
    "isolated_margin",
    "settlement_price",
    "predicted_funding_rate",
    "stop_loss_price",
    "take_profit_price",
    "auto_add_margin",
)
_SETTINGS = ("leverage", "margin_mode", "mark_price", "index_price", "last_price")
_MISSING = object()
_FINEST = Fraction(1, 10**DECIMALS)


@dataclass(frozen=True)
class Derived:
    """One step of a derivation.

    Attributes:
        rule: the definition applied.
        arguments: a function's arguments, by name; empty for a quantity.
        value: what came out.
        scope: where its names can be looked up again.
    """

    rule: Definition
    arguments: Mapping[str, Any]
    value: Any
    scope: Any


class PositionScope:
    """The names of formulas, seen from one position (which need not be open)."""

    def __init__(
        self,
        world: World,
        state: State,
        key: Key | None,
        action: Mapping[str, Any] | None = None,
        *,
        asset: str | None = None,
        trail: list[Derived] | None = None,
    ) -> None:
        """Look at `state` from the position under `key`, during `action`."""
        self.world = world
        self.state = state
        self.key = key
        self.action = action or {}
        self.trail = trail
        self.instrument = world.instruments.get(key[0]) if key else None
        self.asset = asset or (
            self.instrument.values["settle"] if self.instrument else None
        )
        self._known: dict[Any, Any] = {}
        self._pending: set[Any] = set()

    def value(self, name: str) -> Any:
        """Return what a dotted name stands for."""
        known = self._known.get(name, _MISSING)
        if known is _MISSING:
            known = self._known[name] = self._look_up(name)
        return known

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Return the value of a function of the rulebook."""
        if name in BUILT_IN:
            return BUILT_IN[name](*arguments)
        known = self._known.get((name, arguments), _MISSING)
        if known is _MISSING:
            known = self._known[name, arguments] = self._function(name, arguments)
        return known

    def bound(self, name: str, item: Any) -> "_Bound":
        """Return this scope with a variable of a comprehension bound to an item."""
        return _Bound(self, {name: item})

    def rule_for(self, name: str) -> Definition | None:
        """Return the definition of a name that applies here."""
        for rule in self.world.rules.defining.get(name, ()):
            if self.world.rules.work(rule.when)(self):
                return rule
        return None

    def _look_up(self, name: str) -> Any:
        head, _, rest = name.partition(".")
        if head == "action" and rest:
            return self.action.get(rest)
        if head == "profile" and rest:
            return self.world.choice(rest)
        held = self._held(name)
        return self._define(name) if held is _MISSING else held

    def _held(self, name: str) -> Any:
        """Return what the state, the account or the instrument holds under a name."""
        if name in _SIDES:
            return _SIDES[name]
        account = _OF_ACCOUNT.get(name)
        if account:
            return account(self)
        if self.key is None:
            return {"quantity": Fraction(0), "symbol": None}.get(name, _MISSING)
        return self._held_by_position(name, self.key)

    def _held_by_position(self, name: str, key: Key) -> Any:
        if name == "side":
            return Fraction(key[1])
        if name in _HELD:
            return self.state.position(key)[name]
        if name in _SETTINGS:
            return self.state.setting(key[0])[name]
        if self.instrument is None:
            return None if name == "symbol" else _MISSING
        if name == "tiers":
            return self.instrument.tiers
        return self.instrument.values.get(name, _MISSING)

    def all_positions(self, *, with_self: bool) -> Iterator["PositionScope"]:
        """Yield the open positions, each a scope of the action; this one as itself."""
        for key in self.state.positions:
            if key == self.key:
                if with_self:
                    yield self
            else:
                yield PositionScope(self.world, self.state, key, self.action)

    def _define(self, name: str) -> Any:
        rule = self.rule_for(name)
        if rule is None:
            raise RulebookError(f"no rule defines {name!r} here", "spec/rules")
        if name in self._pending:
            raise RulebookError(f"{name!r} is defined by itself", rule.where)
        self._pending.add(name)
        value = self.world.rules.work(rule.formula)(self)
        if name not in self.world.rules.exact:
            value = kept(value)
        self._pending.discard(name)
        self._note(rule, {}, value, self)
        return value

    def _function(self, name: str, arguments: tuple[Any, ...]) -> Any:
        rule = self.rule_for(name)
        if rule is None:
            raise RulebookError(f"no rule defines {name}() here", "spec/rules")
        given = dict(zip(rule.parameters or (), arguments, strict=True))
        scope = _Bound(self, given)
        value = self.world.rules.work(rule.formula)(scope)
        self._note(rule, given, value, scope)
        return value

    def _note(
        self, rule: Definition, given: Mapping[str, Any], value: object, scope: object
    ) -> None:
        if self.trail is not None:
            self.trail.append(Derived(rule, given, value, scope))


class _Bound:
    """A scope in which some names stand for given things."""

    def __init__(self, parent: Any, given: Mapping[str, Any]) -> None:
        self.parent = parent
        self.given = given

    def value(self, name: str) -> Any:
        head, _, rest = name.partition(".")
        if head not in self.given:
            return self.parent.value(name)
        item = self.given[head]
        if not rest:
            return item
        return item[rest] if isinstance(item, Mapping) else item.value(rest)

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        return self.parent.call(name, arguments)

    def bound(self, name: str, item: Any) -> "_Bound":
        return _Bound(self, {name: item})


def _is_whole(value: Fraction) -> bool:
    return value.denominator == 1


def _rounded_half_up(amount: Fraction | None, quantum: Fraction) -> Fraction | None:
    return None if amount is None else rounded(amount, quantum, "half_up")


def _rounded_floor(amount: Fraction | None, quantum: Fraction) -> Fraction | None:
    """Return the greatest multiple of a quantum that is no more than an amount."""
    return None if amount is None else floor(amount / quantum) * quantum


def _rounded_up(quantity: Fraction | None, step: Fraction | None) -> Fraction | None:
    if quantity is None:
        return None
    quantum = step or _FINEST
    return ceil(quantity / quantum) * quantum


def _just_below(amount: Fraction | None) -> Fraction | None:
    """Return the greatest amount that can be kept and is less than another."""
    return None if amount is None else amount - _FINEST


_OF_ACCOUNT: Mapping[str, Callable[[PositionScope], Any]] = {
    "positions": lambda scope: list(scope.all_positions(with_self=True)),
    "others": lambda scope: list(scope.all_positions(with_self=False)),
    "position_mode": lambda scope: scope.state.position_mode,
    "free_balance": lambda scope: scope.state.bucket(scope.asset or "", "free_balance"),
    "insurance_fund": lambda scope: scope.state.bucket(
        scope.asset or "", "insurance_fund"
    ),
    "settle": lambda scope: scope.asset,
}
BUILT_IN: Mapping[str, Callable[..., Any]] = {
    "is_whole": _is_whole,
    "just_below": _just_below,
    "kept": kept,
    "kept_price": kept,
    "round_floor": _rounded_floor,
    "round_half_up": _rounded_half_up,
    "round_up": _rounded_up,
}
