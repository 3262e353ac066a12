"""Each figure that an exchange shows of a position, beside the one its rules give.

What a figure is worked out from was printed too, and so rounded. How far that lets the
derived figure be off is found by trying: each input is moved by a unit of its last
decimal, and what the figure moves by is its slack. In the same way it is found out what
a figure needs: an input that is not told is stood in for by two values, and where the
figure differs, it cannot be judged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from isomargin.formulas import Derived, PositionScope, quote_scope
from isomargin.formulas.numbers import decimal_text, exact, rounded
from isomargin.formulas.observe import text
from isomargin.formulas.world import Rules
from isomargin.judge.grade import Precision, Rounding
from isomargin.live.sources import Question, Sources
from isomargin.rulebook.model import Profile
from isomargin.unknowns import resting

__all__ = ["LiveFigure", "figures"]


@dataclass(frozen=True, kw_only=True)
class LiveFigure:
    """One figure that an exchange shows.

    Attributes:
        quantity: what the rulebook calls it.
        field: what the exchange calls it.
        reported: what is shown; None where it shows that there is none.
        derived: what the profile gives; None where there is none.
        grade: exact, rounded or off; empty where it was not judged.
        slack: how far the derived figure may be off, as its inputs were rounded.
        rule: the rule that gives it; None where it was not judged.
        rules: ids of every rule applied on the way.
        missing: the inputs it needs and that were not told.
        unknown: the choices it rests on and of which nothing was seen.
        choices: the choices that were looked at for it.
        parameters: what the venue documents of this field alone.
    """

    quantity: str
    field: str
    reported: str | None
    derived: str | None = None
    grade: str = ""
    slack: str = "0"
    rule: str | None = None
    rules: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    parameters: Mapping[str, str]


def figures(sources: Sources, profile: Profile, rules: Rules) -> tuple[LiveFigure, ...]:
    """Return every figure that is reported of a position, judged where it can be.

    Args:
        sources: the instrument and the position as they are told.
        profile: the venue's choices.
        rules: the rulebook's formulas.
    """
    return tuple(
        _Derivation(sources, profile, rules, told).figure()
        for told in sources.position["reported"]
    )


class _Derivation:
    """One figure, worked out as often as it takes to judge it."""

    def __init__(
        self, sources: Sources, profile: Profile, rules: Rules, told: Mapping[str, Any]
    ) -> None:
        self.sources, self.profile, self.rules = sources, profile, rules
        self.told = told
        self.parameters = {**profile.parameters, **told["parameters"]}

    def figure(self) -> LiveFigure:
        missing = self.sources.indispensable or tuple(self._needed())
        if missing:
            return LiveFigure(**self._said, missing=missing)
        unknown = self._rests_on_unknown()
        if unknown:
            return LiveFigure(**self._said, unknown=unknown)
        return self._judged()

    @property
    def _said(self) -> dict[str, Any]:
        names = ("quantity", "field", "parameters")
        return {name: self.told[name] for name in names} | {
            "reported": self.told["value"]
        }

    @property
    def _name(self) -> str:
        return str(self.told["quantity"])

    def _needed(self) -> Iterator[str]:
        """Yield every input that is missing and that the figure depends on."""
        here = self._value(self.sources.question())
        for name, other in self.sources.stand_ins():
            if self._value(other) != here:
                yield name

    def _rests_on_unknown(self) -> tuple[str, ...]:
        """Return the choices that nothing was seen of and that move the figure."""
        question, own = self.sources.question(), self.told["parameters"]
        held = self.profile.unknown
        unknown = {name: held[name] for name in held if name not in own}

        def work(changes: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
            scope = self._scope(question, changes)
            return {self._name: scope.value(self._name)}, scope.world.choices_used

        moved = resting(work, unknown, self.rules.rulebook.parameters)
        return moved.get(self._name, ())

    def _judged(self) -> LiveFigure:
        trail: list[Derived] = []
        scope = self._scope(self.sources.question(), trail=trail)
        rule = scope.rule_for(self._name)
        value, slack = scope.value(self._name), self._slack()
        return LiveFigure(
            **self._said,
            derived=text(self._as_printed(value)),
            grade=self._grade(value, slack),
            slack=decimal_text(slack),
            rule=rule.id if rule else None,
            rules=tuple(dict.fromkeys(one.rule.id for one in trail)),
            choices=tuple(sorted(scope.world.choices_used)),
        )

    def _as_printed(self, value: Fraction | None) -> Fraction | None:
        rounding = self._rounding()
        if value is None or rounding is None or rounding.mode == "any":
            return value
        return rounded(value, rounding.quantum, rounding.mode)

    def _grade(self, value: Fraction | None, slack: Fraction) -> str:
        shown = self.told["value"]
        if value is None or shown is None:
            return "exact" if value is shown else "off"
        given, unit = exact(shown), self.sources.unit(shown)
        rounding = self._rounding()
        if given == value:
            return "exact"
        if rounding is None or rounding.mode == "any" or unit > rounding.quantum:
            quantum = max(unit, rounding.quantum) if rounding else unit
            return "rounded" if abs(given - value) < quantum + slack else "off"
        least, most = (
            rounded(end, rounding.quantum, rounding.mode)
            for end in (value - slack, value + slack)
        )
        return "rounded" if least <= given <= most else "off"

    def _rounding(self) -> Rounding | None:
        symbol, tick = self.sources.symbol, self.sources.instrument.get("tick_size")
        rules = self.parameters.get("rounding") or {}
        precision = Precision(binary=False, rounding=rules, ticks={symbol: tick})
        return precision.rounding_of(self._name, (symbol, self.sources.side))

    def _slack(self) -> Fraction:
        """Return how far the figure moves when its inputs move by what they may."""
        here = self._value(self.sources.question())
        moved = [self._value(other) for other in self.sources.nudged()]
        if here is None:
            return Fraction(0)
        return sum(
            (abs(value - here) for value in moved if value is not None), Fraction(0)
        )

    def _value(
        self, question: Question, changed: Mapping[str, Any] | None = None
    ) -> Any:
        return self._scope(question, changed).value(self._name)

    def _scope(
        self,
        question: Question,
        changed: Mapping[str, Any] | None = None,
        *,
        trail: list[Derived] | None = None,
    ) -> PositionScope:
        parameters = {**self.parameters, **(changed or {})}
        return quote_scope(self.rules, question, parameters, trail)
