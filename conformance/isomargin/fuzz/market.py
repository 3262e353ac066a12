"""Drawing what a sequence starts from: parameters, instruments, balances.

Figures are drawn so that tiers, refusals and liquidations are within a few steps, and
so that both round results and divisions without a finite decimal occur.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from isomargin.formulas import decimal_text, exact
from isomargin.fuzz.emphasis import Emphasis
from isomargin.fuzz.scope import Scope

__all__ = ["Market", "draw_market", "instrument"]

_SETTLE = {"linear": "USD", "quanto": "USD", "inverse": "BTC"}
_BALANCES = {
    "USD": ("2000", "1000", "100000", "350"),
    "BTC": ("1", "0.2", "10", "0.05"),
}
_SIZES = {
    "linear": ("1", "1", "10", "0.001"),
    "quanto": ("1", "0.5"),
    "inverse": ("1", "100"),
}
_FLOORS = {
    "USD": (("1000", "5000"), ("2000", "10000"), ("500", "50000")),
    "BTC": (("0.1", "0.5"), ("0.2", "1"), ("0.05", "5")),
}
_RATES = (
    ("0.004", "0.01", "0.025"),
    ("0.01", "0.02", "0.05"),
    ("0.005", "0.1", "0.2"),
    ("0.2", "0.25", "0.5"),
    ("0", "0.01", "0.015"),
)
_LEVERAGES = ("50", "20", "5")
_TAKERS = ("0", "0.0005", "0.001", "0.01")
_LIQUIDATIONS = ("0", "0.005", "0.0125")
_REDRAWN = 0.3
_STEPPED = 0.3
_JOINED = 0.8
_LIMITED = 0.5


@dataclass(frozen=True)
class Market:
    """What a sequence starts from.

    Attributes:
        profile: the profile's id.
        overrides: the parameters that differ from the profile's.
        instruments: as on the wire.
        balances: asset to opening balance.
    """

    profile: str
    overrides: Mapping[str, Any]
    instruments: Sequence[Mapping[str, Any]]
    balances: Mapping[str, str]


def draw_market(random: Random, scope: Scope, emphasis: Emphasis) -> Market:
    """Return a market to dwell on something in, as far as the subject goes."""
    contracts = scope.contracts
    count = emphasis.instruments or random.choice((1, 1, 2))
    drawn = [
        instrument(random, symbol, random.choice(contracts)) for symbol in "AB"[:count]
    ]
    listed = [_plain(each, scope.lacking) for each in drawn]
    settles = dict.fromkeys(each["settle"] for each in listed)
    balances = {asset: random.choice(_BALANCES[asset]) for asset in settles}
    return Market(scope.profile, _overrides(random, scope, emphasis), listed, balances)


def _overrides(random: Random, scope: Scope, emphasis: Emphasis) -> dict[str, Any]:
    """Return some parameters redrawn, where the subject reads parameters itself."""
    if not scope.reads_parameters:
        return {}
    drawn = {
        name: random.choice(values)
        for name, values in scope.choices.items()
        if random.random() < _REDRAWN
    }
    return {**drawn, **emphasis.choices, **scope.held}


def _plain(drawn: dict[str, Any], lacking: frozenset[str]) -> dict[str, Any]:
    """Return an instrument without what a subject has not got."""
    count = 1 if "tiers" in lacking else len(drawn["tiers"])
    absent = _OF_TIER if "tiers" in lacking else lacking & _OF_TIER
    tiers = [_without(tier, absent) for tier in drawn["tiers"][:count]]
    plain = _without(drawn, lacking & _OF_INSTRUMENT)
    return {**plain, "contract_size": plain.get("contract_size", "1"), "tiers": tiers}


def _without(part: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in names}


_OF_TIER = frozenset({"max_leverage", "maintenance_amount"})
_OF_INSTRUMENT = frozenset({"contract_size", "quantity_step", "fees"})


def instrument(random: Random, symbol: str, contract: str) -> dict[str, Any]:
    """Return an instrument of a contract kind."""
    settle = _SETTLE[contract]
    drawn: dict[str, Any] = {
        "symbol": symbol,
        "contract": contract,
        "contract_size": random.choice(_SIZES[contract]),
        "settle": settle,
        "tick_size": "0.1",
        "fees": {
            "maker": random.choice(("0", "0.0002", "-0.0001")),
            "taker": random.choice(_TAKERS),
            "liquidation": random.choice(_LIQUIDATIONS),
        },
        "tiers": _tiers(random, settle),
    }
    if random.random() < _STEPPED:
        drawn["quantity_step"] = "1" if contract == "inverse" else "0.001"
    return drawn


def _tiers(random: Random, settle: str) -> list[dict[str, str]]:
    """Return one to three tiers, most often with amounts that join them."""
    rates = random.choice(_RATES)
    floors = ("0", *random.choice(_FLOORS[settle]))
    count = random.choice((1, 2, 3, 3))
    joined, limited = random.random() < _JOINED, random.random() < _LIMITED
    tiers: list[dict[str, str]] = []
    for index in range(count):
        tier = {
            "notional_floor": floors[index],
            "maintenance_margin_rate": rates[index],
        }
        if joined:
            tier["maintenance_amount"] = _amount(floors, rates, index)
        if limited:
            tier["max_leverage"] = _LEVERAGES[index]
        tiers.append(tier)
    return tiers


def _amount(floors: Sequence[str], rates: Sequence[str], index: int) -> str:
    """Return the amount that keeps the maintenance margin without a jump."""
    steps = range(1, index + 1)
    parts = (
        exact(floors[step]) * (exact(rates[step]) - exact(rates[step - 1]))
        for step in steps
    )
    return decimal_text(sum(parts, exact("0")))
