"""Random scenarios and quotes on which formulas and reference must agree.

A seed fixes everything. Figures are drawn so that margins, tiers and liquidations are
reached often, and so that divisions without a finite decimal occur.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

__all__ = ["Scenario", "question", "scenario"]

PRICES = {"A": 10_000, "B": 8_000}
_MODES = ("half_up", "half_even", "up", "down", "floor", "ceiling")


@dataclass(frozen=True)
class Scenario:
    """What both derivations are given."""

    parameters: Mapping[str, Any]
    instruments: list[dict[str, Any]]
    balances: dict[str, str]
    steps: list[dict[str, Any]]


def scenario(
    seed: int, parameters: Mapping[str, Any], choices: Mapping[str, Any]
) -> Scenario:
    """Return the scenario of a seed, under parameters with some choices redrawn."""
    return _Draw(Random(seed)).scenario(parameters, choices)  # noqa: S311 - not secret


def question(
    seed: int, parameters: Mapping[str, Any], choices: Mapping[str, Any]
) -> Any:
    """Return the parameters and the quote of a seed."""
    return _Draw(Random(seed)).question(parameters, choices)  # noqa: S311 - not secret


class _Draw:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.pick = random.choice
        self.price: dict[str, float] = dict(PRICES)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def parameters(
        self, usual: Mapping[str, Any], choices: Mapping[str, Any]
    ) -> dict[str, Any]:
        drawn = {
            name: self.pick(values)
            for name, values in choices.items()
            if isinstance(values, list) and self.chance(0.35)
        }
        if self.chance(0.2):
            rule = {
                "quantum": "tick",
                "mode": self.pick(_MODES),
                "short": {"mode": "floor"},
            }
            drawn["rounding"] = {"liquidation_price": rule}
        return {**usual, **drawn}

    def instrument(self, symbol: str, contract: str) -> dict[str, Any]:
        inverse = contract == "inverse"
        tiers = [
            {
                "notional_floor": "0",
                "maintenance_margin_rate": self.pick(["0.004", "0.01"]),
            }
        ]
        if self.chance(0.6):
            floor, amount = ("0.2", "0.0032") if inverse else ("2000", "32")
            tiers.append({"notional_floor": floor, "maintenance_margin_rate": "0.02"})
            if self.chance(0.7):
                tiers[1]["maintenance_amount"] = amount
            if self.chance(0.6):
                tiers[1]["max_leverage"] = "20"
        if len(tiers) == 2 and self.chance(0.5):
            floor, amount = ("0.5", "0.0182") if inverse else ("9000", "302")
            third = {"notional_floor": floor, "maintenance_margin_rate": "0.05"}
            tiers.append({**third, "maintenance_amount": amount})
        instrument = {
            "symbol": symbol,
            "contract": contract,
            "contract_size": self.pick(["1", "100"] if inverse else ["1", "10"]),
            "settle": "BTC" if inverse else "USD",
            "tick_size": "0.1",
            "fees": {
                "maker": "0.0002",
                "taker": self.pick(["0", "0.0005"]),
                "liquidation": self.pick(["0", "0.005"]),
            },
            "tiers": tiers,
        }
        if self.chance(0.3):
            instrument["quantity_step"] = "1" if inverse else "0.01"
        return instrument

    def scenario(
        self, usual: Mapping[str, Any], choices: Mapping[str, Any]
    ) -> Scenario:
        parameters = self.parameters(usual, choices)
        first = self.instrument("A", self.pick(["linear", "quanto"]))
        second = self.instrument("B", self.pick(["linear", "inverse"]))
        self.hedge = self.chance(0.3)
        steps = list(self.preparation())
        count = self.random.randint(4, 16)
        steps += [self.step(self.pick([first, first, second])) for _ in range(count)]
        balances = {
            "USD": self.pick(["2000", "300", "100000"]),
            "BTC": self.pick(["1", "0.05"]),
        }
        return Scenario(parameters, [first, second], balances, steps)

    def preparation(self) -> Any:
        if self.hedge:
            yield _step("set_position_mode", position_mode="hedge")
        for symbol in "AB":
            if self.chance(0.75):
                yield _step(
                    "set_margin_mode", instrument=symbol, margin_mode="isolated"
                )
            leverage = self.pick(["3", "5", "7", "10", "20"])
            yield _step("set_leverage", instrument=symbol, leverage=leverage)

    def step(self, instrument: Mapping[str, Any]) -> dict[str, Any]:
        name = self.pick(["trade"] * 7 + ["set_mark_price"] * 5 + list(_OTHERS))
        symbol = str(instrument["symbol"])
        given: dict[str, Any] = {"instrument": symbol}
        if self.hedge != self.chance(0.02) and name in _OF_POSITION:
            given["position_side"] = self.pick(["long", "short"])
        if name == "trade":
            return _step(name, **given, **self.trade(instrument))
        if name == "set_mark_price":
            return _step(name, **given, **self.mark(symbol))
        return _step(name, **_OTHERS[name](self, given))

    def near(self, symbol: str, spread: float = 0.02) -> str:
        return str(
            round(self.price[symbol] * (1 + self.random.uniform(-spread, spread)), 1)
        )

    def trade(self, instrument: Mapping[str, Any]) -> dict[str, Any]:
        inverse = instrument["contract"] == "inverse"
        size = (1000 if inverse else 0.1) * self.pick([0.5, 1, 1, 2, 3, 0.7, 10])
        contracts = size / float(instrument["contract_size"])
        quantity = (
            str(max(1, round(contracts))) if inverse else f"{max(contracts, 0.01):.2f}"
        )
        trade: dict[str, Any] = {
            "side": self.pick(["buy", "sell"]),
            "quantity": self.pick([quantity] * 30 + ["-1"]),
            "price": self.pick([self.near(instrument["symbol"])] * 30 + ["0"]),
        }
        if self.chance(0.15):
            trade["reduce_only"] = True
        if self.chance(0.3):
            trade["liquidity"] = self.pick(["maker", "taker"])
        if self.chance(0.15):
            trade["isolated_margin"] = self.pick(
                ["0.05"] if inverse else ["100", "150", "500"]
            )
        return trade

    def mark(self, symbol: str) -> dict[str, Any]:
        spread = self.pick([0.01, 0.05, 0.1, 0.1, 0.4])
        self.price[symbol] = max(1, round(float(self.near(symbol, spread)), 1))
        given = {"price": str(self.price[symbol])}
        for other in ("index_price", "last_price"):
            if self.chance(0.15):
                given[other] = self.near(symbol, 0.1)
        return given

    def question(self, usual: Mapping[str, Any], choices: Mapping[str, Any]) -> Any:
        instrument = self.instrument("A", self.pick(["linear", "inverse", "quanto"]))
        inverse = instrument["contract"] == "inverse"
        position = {
            "side": self.pick(["long", "short"]),
            "quantity": self.pick(
                ["1000", "7", "30"] if inverse else ["0.1", "0.3", "1", "7"]
            ),
            "entry_price": self.pick(["10000", "9999.9", "7333"]),
            "leverage": self.pick(["1", "3", "7", "10", "50"]),
            "margin_mode": self.pick(["isolated", "isolated", "cross"]),
            "mark_price": self.pick(["10000", "9500", "10777.7"]),
        }
        if position["margin_mode"] == "isolated" and self.chance(0.5):
            key = self.pick(["isolated_margin", "added_margin"])
            position[key] = self.pick(
                ["0.02", "0.5"] if inverse else ["50", "333.3", "2000"]
            )
        asked: dict[str, Any] = {"instrument": instrument, "position": position}
        if position["margin_mode"] == "cross":
            asked["wallet_balance"] = "3" if inverse else "3000"
            other = {**position, "side": "short", "mark_price": "10100"}
            asked["cross_positions"] = [{"position": other}][
                : self.random.randint(0, 1)
            ]
        return self.parameters(usual, choices), asked


def _step(name: str, **given: Any) -> dict[str, Any]:
    return {"do": name, "with": given}


_OF_POSITION = frozenset(
    {"trade", "add_margin", "remove_margin", "set_stop_loss", "set_take_profit"}
    | {"set_auto_add_margin"}
)
_AMOUNTS = ["10", "50", "1000", "0.001", "0.01", "-1", "33.3"]
_OTHERS: Mapping[str, Any] = {
    "add_margin": lambda draw, given: {**given, "amount": draw.pick(_AMOUNTS)},
    "remove_margin": lambda draw, given: {**given, "amount": draw.pick(_AMOUNTS)},
    "set_leverage": lambda draw, given: {
        **given,
        "leverage": draw.pick(["1", "2", "3", "10", "25", "0.5", "200"]),
    },
    "set_margin_mode": lambda draw, given: {
        **given,
        "margin_mode": draw.pick(["isolated", "cross"]),
    },
    "apply_funding": lambda draw, given: {
        **given,
        "funding_rate": draw.pick(["0.0001", "-0.0001", "0.01", "-0.05", "0.2"]),
    },
    "set_stop_loss": lambda draw, given: {
        **given,
        "price": draw.pick([draw.near(given["instrument"], 0.05), None, "0"]),
    },
    "set_take_profit": lambda draw, given: {
        **given,
        "price": draw.pick([draw.near(given["instrument"], 0.05), None]),
    },
    "set_auto_add_margin": lambda draw, given: {**given, "enabled": draw.chance(0.8)},
    "deposit": lambda draw, _given: {"asset": "USD", "amount": draw.pick(["100", "0"])},
    "withdraw": lambda draw, _given: {
        "asset": draw.pick(["USD", "BTC"]),
        "amount": draw.pick(["100", "0.1", "5000"]),
    },
    "set_position_mode": lambda draw, _given: {
        "position_mode": draw.pick(["hedge", "one_way"]),
    },
}
