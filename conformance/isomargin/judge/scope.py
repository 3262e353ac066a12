"""The names of a law, and what was observed under them.

Nothing is worked out: a figure that the subject does not show is not observed, also
where a rule defines it. What the account holder did is known: the actions, and from
them `position_mode` and, where the state leaves it out, `auto_add_margin`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from isomargin.errors import RulebookError
from isomargin.formulas.numbers import exact
from isomargin.formulas.scope import BUILT_IN
from isomargin.formulas.world import Rules
from isomargin.judge.changes import changes
from isomargin.judge.focus import Focus
from isomargin.judge.grade import Owner, Precision, number_of
from isomargin.judge.measured import Measured, slack_of
from isomargin.judge.moment import Market, Moment
from isomargin.judge.observed import ABSENT, NotObserved, Observed

__all__ = ["LawScope", "Sight"]

_SIDES = {"long": Fraction(1), "short": Fraction(-1)}
_BUILT_IN = {name: BUILT_IN[name] for name in ("kept", "round_half_up")}
_PLAIN: Mapping[str | None, type] = {"flag": bool, "word": str, "side": str}
_NUMERIC = ("rate", "amount")
_EVENT_KINDS = {"event": "word", "side": "side"}


@dataclass(frozen=True)
class Sight:
    """What a law is judged by, beside what was observed.

    Attributes:
        rules: the rulebook, for kinds and functions.
        core: the case's own data.
        parameters: the parameters in force.
        precision: what an observed figure may be off by.
        unknown: the parameters of which the profile says nothing; a law that asks for
            one is not judged.
    """

    rules: Rules
    core: Mapping[str, Any]
    parameters: Mapping[str, Any]
    precision: Precision
    unknown: frozenset[str] = frozenset()

    @cached_property
    def market(self) -> Market:
        """Return the scenario's instruments and assets."""
        return Market.of(self.core["given"])

    def kind(self, of: str, name: str) -> str | None:
        """Return the kind of a name of the vocabulary."""
        quantity = self.rules.rulebook.quantities.get((of, name))
        return quantity.kind if quantity else None


@dataclass
class LawScope:
    """What the names of a law stand for in one step, seen from one focus.

    Attributes:
        sight: the rulebook, the market and the precision.
        moment: the step.
        focus: the asset and position it is seen from.
        figures: every figure looked at so far, as it was written, by name.
    """

    sight: Sight
    moment: Moment
    focus: Focus
    figures: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """Return what a dotted name stands for.

        Raises:
            NotObserved: the subject does not show it.
            RulebookError: there is no such name in a law.
        """
        head, _, rest = name.partition(".")
        method = _HEADS.get(head)
        if method is not None:
            return method(self, name, rest)
        return _SIDES[name] if name in _SIDES else self._of_instrument(name)

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Return the value of a function of the rulebook."""
        if name in _BUILT_IN:
            return _BUILT_IN[name](*arguments)
        rules = self.sight.rules
        for rule in rules.defining.get(name, ()):
            if rules.work(rule.when)(self):
                given = dict(zip(rule.parameters or (), arguments, strict=True))
                return rules.work(rule.formula)(_Bound(self, given))
        raise RulebookError(f"no rule defines {name}() here", "spec/rules")

    def bound(self, name: str, item: Any) -> "_Bound":
        """Return this scope with a comprehension's variable bound to an item."""
        return _Bound(self, {name: item})

    def position(self, observed: Observed, label: str) -> "_Position | None":
        """Return the position in focus, None where it is not open."""
        if self.focus.instrument is None:
            return None
        found = observed.matching(self.focus.instrument, self.focus.side)
        if len(found) > 1:
            raise NotObserved(f"{label}.position")
        if not found:
            self.figures[f"{label}.position"] = None
            return None
        return _Position(self, observed, found[0], f"{label}.position")

    def read(
        self, observed: Observed, name: str, raw: object, kind: str | None, owner: Owner
    ) -> Any:
        """Return a raw figure as an expression takes it."""
        if raw is None:
            return None
        if kind in _PLAIN:
            return _plain(name, raw, kind)
        number = number_of(raw)
        if number is None:
            raise NotObserved(name)
        if observed.given:
            return number
        slack = slack_of(self.sight.precision, name, str(raw), number, owner)
        return Measured(number, slack)

    def _state(self, name: str, rest: str) -> Any:
        label = name.partition(".")[0]
        observed = self.moment.before if label == "before" else self.moment.after
        what, _, figure = rest.partition(".")
        if what == "positions":
            return self._positions(observed, label)
        if what == "position":
            position = self.position(observed, label)
            return position.value(figure) if figure and position else position
        return self._account(observed, name, rest)

    def _positions(self, observed: Observed, label: str) -> list["_Position"]:
        """Return the open positions of the focus's asset."""
        if observed.positions is None:
            raise NotObserved(f"{label}.positions")
        return [
            _Position(self, observed, each, f"{label}.{_named(each)}")
            for each in observed.positions
            if self.sight.market.settle(each["instrument"]) == self.focus.asset
        ]

    def _account(self, observed: Observed, name: str, rest: str) -> Any:
        raw = observed.account(self.focus.asset or "", rest)
        if raw is ABSENT:
            raise NotObserved(name)
        self.figures[name] = raw
        kind = self.sight.kind("account", rest)
        return self.read(observed, rest, raw, kind, (None, None))

    def _others(self, _name: str, _rest: str) -> list["_Other"]:
        """Return the positions that are not in focus, before and after."""
        before, after = (
            {_key(one): one for one in self._shown(observed, label)}
            for label, observed in (
                ("before", self.moment.before),
                ("after", self.moment.after),
            )
        )
        keys = dict.fromkeys([*before, *after])
        return [
            _Other(self, before.get(key), after.get(key))
            for key in keys
            if not self._in_focus(key)
        ]

    def _shown(self, observed: Observed, label: str) -> Any:
        if observed.positions is None:
            raise NotObserved(f"{label}.positions")
        return observed.positions

    def _in_focus(self, key: tuple[str, str]) -> bool:
        symbol, side = self.focus.instrument, self.focus.side
        return key[0] == symbol and side in {None, key[1]}

    def _action(self, _name: str, rest: str) -> Any:
        if rest == "name":
            return self.moment.action
        return self._given("argument", rest, self.moment.given.get(rest))

    def _event(self, name: str, rest: str) -> Any:
        raw = self.focus.event.get(rest, ABSENT)
        if raw is ABSENT:
            raise NotObserved(name)
        self.figures[name] = raw
        kind = _EVENT_KINDS.get(rest) or self.sight.kind("argument", rest)
        owner = self.focus.instrument, self.focus.side
        return self.read(self.moment.after, rest, raw, kind, owner)

    def _given(self, of: str, name: str, raw: Any) -> Any:
        """Return a figure that the case gives, which is exact."""
        kind = self.sight.kind(of, name)
        if kind == "flag":
            return bool(raw)
        if raw is None or kind == "word":
            return raw
        self.figures[f"action.{name}"] = raw
        return _SIDES[raw] if kind == "side" else exact(raw)

    def _profile(self, name: str, rest: str) -> Any:
        if rest in self.sight.unknown:
            raise NotObserved(name)
        value = self.sight.parameters.get(rest)
        kind = self.sight.rules.rulebook.parameters.get(rest)
        return exact(value) if value is not None and kind in _NUMERIC else value

    def _outcome(self, _name: str, _rest: str) -> str:
        return self.moment.step.outcome

    def _reason(self, _name: str, _rest: str) -> str | None:
        return self.moment.step.reason

    def _mode(self, _name: str, _rest: str) -> str:
        return self.moment.settings.position_mode

    def _changed(self, _name: str, _rest: str) -> bool:
        changed = changes(self.moment.before, self.moment.after)
        self.figures.update(changed)
        return bool(changed)

    def _tiers(self, name: str, _rest: str) -> Any:
        """Return the tiers of the instrument in focus, as the case gives them."""
        instrument = self.sight.market.instruments.get(self.focus.instrument or "")
        if instrument is None:
            raise NotObserved(name)
        return instrument.tiers

    def _of_instrument(self, name: str) -> Any:
        if self.sight.kind("instrument", name) is None:
            raise RulebookError(f"a law has no name {name!r}", "spec/rules")
        instrument = self.sight.market.instruments.get(self.focus.instrument or "")
        if instrument is None:
            raise NotObserved(name)
        return instrument.values[name]


# ruff: noqa: SLF001 - the table below names the scope's own methods
_HEADS: Mapping[str, Callable[[LawScope, str, str], Any]] = {
    "before": LawScope._state,
    "after": LawScope._state,
    "others": LawScope._others,
    "tiers": LawScope._tiers,
    "action": LawScope._action,
    "event": LawScope._event,
    "profile": LawScope._profile,
    "outcome": LawScope._outcome,
    "reason": LawScope._reason,
    "position_mode": LawScope._mode,
    "changed": LawScope._changed,
}


@dataclass(frozen=True)
class _Position:
    """An open position as a law looks at it; `label` is how figures are named."""

    scope: LawScope
    observed: Observed
    shown: Mapping[str, Any]
    label: str

    def value(self, name: str) -> Any:
        raw = self.shown.get(name, ABSENT)
        if raw is ABSENT and name == "auto_add_margin":
            raw = self.shown["instrument"] in self.scope.moment.settings.auto_add_margin
        if raw is ABSENT:
            raise NotObserved(f"{self.label}.{name}")
        self.scope.figures[f"{self.label}.{name}"] = raw
        kind = self.scope.sight.kind("position", name)
        return self.scope.read(self.observed, name, raw, kind, _key(self.shown))


@dataclass(frozen=True)
class _Other:
    """A position that is not in focus, before and after; None where it is not open."""

    scope: LawScope
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    def value(self, name: str) -> Any:
        label, _, figure = name.partition(".")
        shown = self.before if label == "before" else self.after
        if shown is None:
            return None
        moment = self.scope.moment
        observed = moment.before if label == "before" else moment.after
        position = _Position(self.scope, observed, shown, f"{label}.{_named(shown)}")
        return position.value(figure) if figure else position


@dataclass(frozen=True)
class _Bound:
    """A scope in which some names stand for given things."""

    parent: Any
    given: Mapping[str, Any]

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


def _plain(name: str, raw: object, kind: str | None) -> Any:
    """Return a flag, a word or a side."""
    value = _SIDES.get(str(raw)) if kind == "side" else raw
    if value is None or not isinstance(raw, _PLAIN[kind]):
        raise NotObserved(name)
    return value


def _key(position: Mapping[str, Any]) -> tuple[str, str]:
    return position["instrument"], position["side"]


def _named(position: Mapping[str, Any]) -> str:
    return f"position({' '.join(_key(position))})"
