"""What a figure is worked out from, as an exchange tells it, and what it leaves out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from isomargin.formulas.numbers import decimal_text, exact

__all__ = ["Question", "Sources"]

Question = Mapping[str, Any]

_INDISPENSABLE = ("quantity", "entry_price")
_ROUNDED = ("entry_price", "mark_price", "settlement_price", "isolated_margin")
_PRICES = frozenset({"entry_price", "mark_price", "settlement_price"})
_FINEST = Fraction(1, 10**8)
_TIER = {"notional_floor": "0", "maintenance_amount": "0"}


@dataclass(frozen=True)
class Sources:
    """An instrument and a position, as the bridge tells of them.

    Attributes:
        instrument: the instrument.
        position: the position.
        none_added: whether a position whose margin is not told has had none added.
    """

    instrument: Mapping[str, Any]
    position: Mapping[str, Any]
    none_added: bool = False

    @property
    def symbol(self) -> str:
        """The instrument's name."""
        return str(self.instrument["symbol"])

    @property
    def side(self) -> str:
        """Long or short."""
        return str(self.position["side"])

    @property
    def given(self) -> Mapping[str, str]:
        """The position's own inputs that are told."""
        given: Mapping[str, str] = self.position["given"]
        return given

    @property
    def indispensable(self) -> tuple[str, ...]:
        """What is not told and without which nothing can be worked out."""
        return tuple(name for name in _INDISPENSABLE if name not in self.given)

    def question(self) -> Question:
        """Return the question, the first stand-in wherever an input is missing."""
        return self._question({})

    def stand_ins(self) -> Iterator[tuple[str, Question]]:
        """Yield each missing input, and the question with its other stand-in."""
        for name in self._missing():
            yield name, self._question({name: 1})

    def nudged(self) -> Iterator[Question]:
        """Yield the question with each input moved by a unit of its last decimal."""
        for name in _ROUNDED:
            if name in self.given:
                unit = self._unit_of(name)
                moved = decimal_text(exact(self.given[name]) + unit)
                question = self.question()
                yield {**question, "position": {**question["position"], name: moved}}

    def unit(self, text: str) -> Fraction:
        """Return one unit of a printed figure's last decimal.

        A whole number is taken as one whose zeros were left out, and a figure is known
        to eight decimals at the best.
        """
        decimals = len(text.partition(".")[2])
        return max(Fraction(1, 10**decimals), _FINEST) if decimals else _FINEST

    def _unit_of(self, name: str) -> Fraction:
        unit = self.unit(self.given[name])
        tick = self.instrument.get("tick_size")
        return min(unit, exact(tick)) if name in _PRICES and tick else unit

    def _missing(self) -> list[str]:
        fees, tiers = self.instrument.get("fees", {}), self.instrument.get("tiers")
        amounts = all("maintenance_amount" in tier for tier in tiers or ())
        told = {
            "leverage": "leverage" in self.given,
            "mark_price": "mark_price" in self.given,
            "settlement_price": "settlement_price" in self.given,
            "predicted_funding_rate": "predicted_funding_rate" in self.given,
            "isolated_margin": "isolated_margin" in self.given or self.none_added,
            "tick_size": "tick_size" in self.instrument,
            "taker_fee_rate": "taker" in fees,
            "liquidation_fee_rate": "liquidation" in fees,
            "tiers": bool(tiers),
            "maintenance_amount": amounts,
        }
        return [name for name, is_told in told.items() if not is_told]

    def _question(self, chosen: Mapping[str, int]) -> Question:
        """Return the question; `chosen` says where the second stand-in is taken."""
        missing = self._missing()
        instrument = {**self.instrument, "fees": dict(self.instrument.get("fees", {}))}
        mode = self.position["margin_mode"] or "isolated"
        position = {"side": self.side, "margin_mode": mode, **self.given}
        for name in missing:
            values = self._stand_in(name)
            _SET[name](instrument, position, values[chosen.get(name, 0)])
        return {"instrument": instrument, "position": position}

    def _stand_in(self, name: str) -> tuple[Any, Any]:
        entry = self.given["entry_price"]
        higher = decimal_text(exact(entry) * Fraction(101, 100))
        stand_ins: Mapping[str, tuple[Any, Any]] = {
            "leverage": ("3", "7"),
            "mark_price": (entry, higher),
            "settlement_price": (entry, higher),
            "predicted_funding_rate": ("0", "0.0001"),
            "isolated_margin": ("0", "1"),
            "tick_size": ("0.1", "0.5"),
            "taker_fee_rate": ("0", "0.001"),
            "liquidation_fee_rate": ("0", "0.001"),
            "tiers": (
                [{**_TIER, "maintenance_margin_rate": "0.004"}],
                [{**_TIER, "maintenance_margin_rate": "0.01"}],
            ),
            "maintenance_amount": ("0", "1"),
        }
        return stand_ins[name]


def _in_position(name: str) -> Any:
    def set_it(_: dict[str, Any], position: dict[str, Any], value: Any) -> None:
        position[name] = value

    return set_it


def _fee(name: str) -> Any:
    def set_it(instrument: dict[str, Any], _: dict[str, Any], value: Any) -> None:
        instrument["fees"][name] = value

    return set_it


def _in_instrument(name: str) -> Any:
    def set_it(instrument: dict[str, Any], _: dict[str, Any], value: Any) -> None:
        instrument[name] = value

    return set_it


def _amounts(instrument: dict[str, Any], _: dict[str, Any], value: Any) -> None:
    instrument["tiers"] = [
        {"maintenance_amount": value, **tier} for tier in instrument["tiers"]
    ]


_SET: Mapping[str, Any] = {
    "leverage": _in_position("leverage"),
    "mark_price": _in_position("mark_price"),
    "settlement_price": _in_position("settlement_price"),
    "predicted_funding_rate": _in_position("predicted_funding_rate"),
    "isolated_margin": _in_position("added_margin"),
    "tick_size": _in_instrument("tick_size"),
    "taker_fee_rate": _fee("taker"),
    "liquidation_fee_rate": _fee("liquidation"),
    "tiers": _in_instrument("tiers"),
    "maintenance_amount": _amounts,
}
