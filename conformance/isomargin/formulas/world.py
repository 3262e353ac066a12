"""What does not change while a scenario runs: rules, parameters, instruments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from isomargin.errors import RulebookError
from isomargin.expression import Expression, evaluator
from isomargin.formulas.numbers import exact
from isomargin.rulebook.model import Definition, Rulebook, Transition

__all__ = ["Instrument", "Rules", "World"]

Work = Any

_INSTRUMENT_NUMBERS = {"contract_size": "1", "tick_size": None, "quantity_step": None}
_FEES = ("maker", "taker", "liquidation")
_TIER_NUMBERS = {
    "notional_floor": "0",
    "maintenance_margin_rate": "0",
    "maintenance_amount": "0",
    "max_leverage": None,
}


_NO_TIER: Mapping[str, Any] = {
    "maintenance_margin_rate": Fraction(0),
    "maintenance_amount": Fraction(0),
}


@dataclass(frozen=True)
class Instrument:
    """An instrument as formulas see it.

    Attributes:
        values: symbol, contract, settle and the numbers, by the vocabulary's names.
        tiers: the tiers in order, each with its notional_ceiling.
    """

    values: Mapping[str, Any]
    tiers: tuple[Mapping[str, Fraction | None], ...]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Instrument":
        """Return the instrument that a case or a message describes."""
        values: dict[str, Any] = {
            "symbol": data["symbol"],
            "contract": data.get("contract", "linear"),
            "settle": data.get("settle", ""),
        }
        for name, default in _INSTRUMENT_NUMBERS.items():
            values[name] = _number(data.get(name, default))
        for fee in _FEES:
            values[f"{fee}_fee_rate"] = exact(data.get("fees", {}).get(fee, "0"))
        return cls(values, _tiers(data.get("tiers") or [{}]))


def _number(text: str | None) -> Fraction | None:
    return None if text is None else exact(text)


def _tiers(rows: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    tiers: list[dict[str, Any]] = sorted(
        (
            {
                name: _number(row.get(name, usual))
                for name, usual in _TIER_NUMBERS.items()
            }
            for row in rows
        ),
        key=lambda tier: tier["notional_floor"] or 0,
    )
    # A notional value below the first floor belongs to the first tier.
    tiers[0]["notional_floor"] = Fraction(0)
    for tier, following in zip(tiers, [*tiers[1:], None], strict=True):
        tier["notional_ceiling"] = following["notional_floor"] if following else None
    for tier, below in zip(tiers, [_NO_TIER, *tiers], strict=False):
        tier["rate_below"] = below["maintenance_margin_rate"]
        tier["amount_below"] = below["maintenance_amount"]
    return tuple(tiers)


class Rules:
    """The rulebook's formulas, ready to be worked out."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Compile every expression of the rulebook once."""
        self.rulebook = rulebook
        self.quantities = {name for _, name in rulebook.quantities}
        self.exact = {each.name for each in rulebook.quantities.values() if each.exact}
        self._work: dict[int, Work] = {}
        self.defining: dict[str, list[Definition]] = {}
        for rule in rulebook.definitions:
            self.defining.setdefault(rule.defines, []).append(rule)
        self.of_action: dict[str, list[Transition]] = {}
        self.of_trigger: dict[str, list[Transition]] = {}
        for transition in rulebook.transitions:
            for action in transition.actions:
                self.of_action.setdefault(action, []).append(transition)
            if transition.trigger:
                self.of_trigger.setdefault(transition.trigger, []).append(transition)

    def work(self, expression: Expression | None) -> Work:
        """Return the function that works an expression out; None is always true."""
        if expression is None:
            return lambda _: True
        key = id(expression)
        if key not in self._work:
            self._work[key] = evaluator(expression)
        return self._work[key]


class World:
    """A profile and its instruments, under the rulebook.

    Attributes:
        rules: the rulebook's formulas.
        parameters: the profile's parameters, as formulas see them.
        instruments: symbol to instrument.
        choices_used: the parameters that were looked at so far.
    """

    def __init__(
        self,
        rules: Rules,
        parameters: Mapping[str, Any],
        instruments: Iterable[Mapping[str, Any]],
    ) -> None:
        """Fix the rules, the profile's parameters and the instruments."""
        self.rules = rules
        self.parameters = {
            name: self._parameter(name, value) for name, value in parameters.items()
        }
        self.choices_used: set[str] = set()
        listed = [Instrument.read(data) for data in instruments]
        self.instruments = {item.values["symbol"]: item for item in listed}

    def choice(self, name: str) -> Any:
        """Return the value of a parameter, None for one there is not; it is noted."""
        self.choices_used.add(name)
        return self.parameters.get(name)

    def _parameter(self, name: str, value: Any) -> Any:
        allowed = self.rules.rulebook.parameters.get(name)
        if allowed is None:
            raise RulebookError(f"unknown parameter {name!r}", "profile")
        if allowed in ("rate", "amount"):
            return exact(value)
        if allowed != "rounding" and value not in allowed:
            what = f"{value!r} is no value of the parameter {name}"
            raise RulebookError(what, "profile", f"use one of {', '.join(allowed)}")
        return value
