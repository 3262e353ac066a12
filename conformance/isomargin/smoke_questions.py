"""What an adapter is asked at first, and answers of the shape expected."""

from collections.abc import Mapping, Sequence
from typing import Any

from isomargin import __version__
from isomargin.drive import PROTOCOL, Introduction
from isomargin.rulebook.model import Rulebook

__all__ = ["HELLO", "SHAPES", "plain_quote", "plain_scenario", "refused_scenario"]

Message = Mapping[str, Any]

HELLO: Message = {
    "t": "hello",
    "protocol": PROTOCOL,
    "suite": f"isomargin/{__version__}",
}

_POSITION = {
    "instrument": "BTC-USDT",
    "side": "long",
    "quantity": "0.1",
    "entry_price": "10000",
    "isolated_margin": "100",
}
_STATE = {
    "balances": {"USDT": {"wallet_balance": "2000", "free_balance": "1900"}},
    "positions": [_POSITION],
}

SHAPES: Mapping[str, Message] = {
    "introduction": {
        "t": "ready",
        "protocol": PROTOCOL,
        "subject": {"name": "acme", "version": "7.2", "language": "rust"},
        "operations": ["quote", "run"],
        "profiles": ["textbook/linear"],
        "contracts": ["linear"],
        "actions": ["trade", "set_mark_price"],
        "quantities": ["initial_margin", "liquidation_price"],
        "arithmetic": "decimal",
        "window": 32,
    },
    "quote": {
        "t": "quantities",
        "seq": 1,
        "values": {"initial_margin": "100", "liquidation_price": None},
    },
    "scenario": {
        "t": "trace",
        "seq": 1,
        "steps": [{"outcome": "accepted", "events": [], "state": _STATE}],
    },
    "refusal": {
        "t": "trace",
        "seq": 1,
        "steps": [
            {
                "outcome": "rejected",
                "reason": "INVALID_QUANTITY",
                "events": [],
                "state": _STATE,
            }
        ],
    },
    "numbers": {"liquidation_price": "9036.144578", "removable_margin": None},
}
"""An answer of the right shape to each question; its figures are any."""

_FIRST = {"instrument": "BTC-USDT"}
_ORDER = {**_FIRST, "side": "buy", "quantity": "0.1", "price": "10000"}
_LIFE = (
    ("set_margin_mode", {**_FIRST, "margin_mode": "isolated"}),
    ("set_leverage", {**_FIRST, "leverage": "10"}),
    ("trade", _ORDER),
    ("set_mark_price", {**_FIRST, "price": "9900"}),
    ("add_margin", {**_FIRST, "amount": "50"}),
)


def plain_quote(ready: Introduction, rulebook: Rulebook) -> Message | None:
    """Return a quote of one plain long, or None when none of its figures is declared.

    Args:
        ready: what the subject declares.
        rulebook: where it says what a quote may ask for.
    """
    quotes = (case.core["quote"] for case in rulebook.cases.values() if case.is_quote)
    asked = {name for quote in quotes for name in quote["expect"]}
    want = [name for name in ready.quantities if name in asked]
    if not want:
        return None
    position = {
        "side": "long",
        "quantity": "0.1",
        "entry_price": "10000",
        "leverage": "10",
        "margin_mode": "isolated",
        "isolated_margin": "150",
        "mark_price": "9900",
    }
    return {
        "t": "quote",
        "profile": _profile(ready, rulebook),
        "instrument": _instrument(ready),
        "position": position,
        "want": want,
    }


def plain_scenario(ready: Introduction, rulebook: Rulebook) -> Message | None:
    """Return the plain life of a long, as far as its actions are declared."""
    steps = [
        {"do": action, "with": arguments}
        for action, arguments in _LIFE
        if action in ready.actions
    ]
    return _run(ready, rulebook, steps) if steps else None


def refused_scenario(ready: Introduction, rulebook: Rulebook) -> Message | None:
    """Return a scenario that ends with an order of no quantity."""
    if "trade" not in ready.actions:
        return None
    steps = [
        {"do": action, "with": arguments}
        for action, arguments in _LIFE[:2]
        if action in ready.actions
    ]
    order = {"do": "trade", "with": {**_ORDER, "quantity": "0"}}
    return _run(ready, rulebook, [*steps, order])


def _run(ready: Introduction, rulebook: Rulebook, steps: Sequence[Message]) -> Message:
    instrument = _instrument(ready)
    return {
        "t": "run",
        "profile": _profile(ready, rulebook),
        "instruments": [instrument],
        "balances": {instrument["settle"]: "2000"},
        "steps": steps,
    }


def _profile(ready: Introduction, rulebook: Rulebook) -> Message:
    declared = () if ready.profiles == "any" else ready.profiles
    known = [name for name in declared if name in rulebook.profiles]
    profile = rulebook.profiles[known[0] if known else "textbook/linear"]
    return {"id": profile.id, "parameters": dict(profile.parameters)}


def _instrument(ready: Introduction) -> Message:
    inverse = bool(ready.contracts) and "linear" not in ready.contracts
    return {
        "symbol": "BTC-USDT",
        "contract": ready.contracts[0] if inverse else "linear",
        "contract_size": "1",
        "settle": "BTC" if inverse else "USDT",
        "tick_size": "0.01",
        "quantity_step": "0.001",
        "fees": {"maker": "0", "taker": "0", "liquidation": "0"},
        "tiers": [
            {
                "notional_floor": "0",
                "maintenance_margin_rate": "0.004",
                "maintenance_amount": "0",
                "max_leverage": "125",
            }
        ],
    }
