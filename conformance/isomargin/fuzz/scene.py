"""What a relation between scenarios is tried on: a market, and short lives in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from isomargin.drive import Trace
from isomargin.formulas import exact
from isomargin.fuzz.figures import plain

__all__ = [
    "AMPLE",
    "DEEDS",
    "Core",
    "Scene",
    "Step",
    "opened",
    "price_near",
    "short_life",
    "step_of",
]

Step = dict[str, Any]
Core = Mapping[str, Any]
Ask = Callable[[Core], Trace | None]

AMPLE = "1000000"
_START = {"A": "10000", "B": "8000"}
_WORTH = (400, 2000, 8000, 24_000)


@dataclass(frozen=True)
class Scene:
    """What a relation is tried on.

    Attributes:
        random: where chance comes from.
        instruments: two, as on the wire.
        parameters: the profile's.
        ask: returns what the subject answers to a scenario; None where it cannot.
    """

    random: Random
    instruments: Sequence[Mapping[str, Any]]
    parameters: Mapping[str, Any]
    ask: Ask

    def core(
        self, steps: Sequence[Step], instruments: Sequence[Mapping[str, Any]] = ()
    ) -> Core:
        """Return a scenario of these steps that can afford everything."""
        listed = list(instruments or self.instruments)
        balances = {one["settle"]: AMPLE for one in listed}
        given = {"balances": balances, "instruments": listed}
        return {"given": given, "steps": list(steps)}

    def takes(self, **choices: Any) -> bool:
        """Say whether the profile's choices are these, each one or one of several."""
        return all(
            self.parameters.get(name)
            in (allowed if isinstance(allowed, tuple) else (allowed,))
            for name, allowed in choices.items()
        )


def opened(scene: Scene, instrument: Mapping[str, Any]) -> list[Step]:
    """Return how a position in isolated mode is opened."""
    symbol, choose = instrument["symbol"], scene.random.choice
    return [
        step_of("set_margin_mode", symbol, margin_mode="isolated"),
        step_of("set_leverage", symbol, leverage=choose(("2", "4", "5", "10"))),
        traded(instrument, choose(("buy", "sell")), choose(_WORTH), _START[symbol]),
    ]


def traded(instrument: Mapping[str, Any], side: str, worth: int, price: str) -> Step:
    size = exact(instrument["contract_size"])
    inverse = instrument["contract"] == "inverse"
    quantity = Fraction(worth) / size / (1 if inverse else 10_000)
    symbol = instrument["symbol"]
    return step_of(
        "trade", symbol, side=side, quantity=plain(quantity, decimals=6), price=price
    )


def step_of(name: str, symbol: str, **given: Any) -> Step:
    """Return an action in an instrument."""
    return {"do": name, "with": {"instrument": symbol, **given}}


def short_life(scene: Scene, instrument: Mapping[str, Any]) -> list[Step]:
    """Return a short life of a position: opened, and a few things done with it."""
    kinds = scene.random.choices(tuple(DEEDS), k=4)
    deeds = [DEEDS[kind](scene.random, instrument) for kind in kinds]
    return [*opened(scene, instrument), *deeds]


def price_near(random: Random, instrument: Mapping[str, Any], *factors: str) -> str:
    """Return one of some multiples of the price an instrument starts at."""
    start = exact(_START[instrument["symbol"]])
    return plain(start * exact(random.choice(factors)), decimals=1)


def _amount(random: Random, instrument: Mapping[str, Any]) -> str:
    small = instrument["contract"] == "inverse"
    return random.choice(("0.001", "0.01") if small else ("10", "150"))


Deed = Callable[[Random, Mapping[str, Any]], Step]
DEEDS: Mapping[str, Deed] = {
    "add_margin": lambda random, one: step_of(
        "add_margin", one["symbol"], amount=_amount(random, one)
    ),
    "remove_margin": lambda random, one: step_of(
        "remove_margin", one["symbol"], amount=_amount(random, one)
    ),
    "set_leverage": lambda random, one: step_of(
        "set_leverage", one["symbol"], leverage=random.choice(("3", "8"))
    ),
    "set_mark_price": lambda random, one: step_of(
        "set_mark_price",
        one["symbol"],
        price=price_near(random, one, "0.6", "0.97", "1.02", "1.5"),
    ),
    "apply_funding": lambda random, one: step_of(
        "apply_funding", one["symbol"], funding_rate=random.choice(("0.01", "-0.01"))
    ),
    "trade": lambda random, one: traded(
        one,
        random.choice(("buy", "sell")),
        random.choice(_WORTH),
        price_near(random, one, "1", "1", "0.995"),
    ),
}
