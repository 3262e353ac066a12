"""An adapter that answers in one way or another: python smoke_engine.py BEHAVIOUR."""

import itertools
import json
import sys
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]

QUANTITIES = ["initial_margin", "liquidation_price"]
POSITION = {
    "instrument": "BTC-USDT",
    "side": "long",
    "isolated_margin": "100",
}
STATE = {"balances": {"USDT": {"free_balance": "1900"}}, "positions": [POSITION]}
READY = {
    "t": "ready",
    "protocol": 1,
    "subject": {"name": "smoky", "version": "1"},
    "operations": ["quote", "run"],
    "profiles": ["textbook/linear"],
    "contracts": ["linear"],
    "actions": ["set_margin_mode", "trade"],
    "quantities": QUANTITIES,
    "arithmetic": "decimal",
}
COUNT = itertools.count(1)

Answers = dict[str, Callable[[Message], Message]]


def right_quote(message: Message) -> Message:
    values = {"initial_margin": "100", "liquidation_price": "9036.144578"}
    return {"t": "quantities", "values": {x: values[x] for x in message["want"]}}


def right_run(message: Message) -> Message:
    steps: list[Message] = []
    for step in message["steps"]:
        refused = step["with"].get("quantity") == "0"
        told = {"outcome": "rejected", "reason": "INVALID_QUANTITY"}
        steps.append({**(told if refused else {"outcome": "accepted"}), "state": STATE})
    return {"t": "trace", "steps": steps}


def quote_of(values: Message) -> Answers:
    return {"quote": lambda _: {"t": "quantities", "values": values}}


def changed(**step: Any) -> Answers:
    """Answer a run with every step changed."""

    def answer(message: Message) -> Message:
        return {
            "t": "trace",
            "steps": [{**told, **step} for told in right_run(message)["steps"]],
        }

    return {"run": answer}


def reason(word: str) -> Answers:
    """Refuse for a reason of its own."""

    def answer(message: Message) -> Message:
        steps = right_run(message)["steps"]
        return {
            "t": "trace",
            "steps": [{**x, "reason": word} if "reason" in x else x for x in steps],
        }

    return {"run": answer}


def ready(**declared: Any) -> Answers:
    return {"hello": lambda _: READY | declared}


def never(word: str) -> Answers:
    told = {"t": "unsupported", "feature": word}
    return {"quote": lambda _: told, "run": lambda _: told}


def crash(_: Message) -> Message:
    sys.exit("out of margin")


FIGURE = {"initial_margin": "100"}
PRICE = "liquidation_price"
ACCEPTED = {"outcome": "accepted", "reason": None}

BEHAVIOURS: dict[str, Answers] = {
    "right": {},
    "old": ready(protocol=0),
    "misnamed": ready(
        profiles=["textbok/linear"], quantities=["initial_margn"], actions=["leap"]
    ),
    "any": ready(profiles="any"),
    "inverse": ready(profiles=["nix"], contracts=["inverse"]),
    "numeric": quote_of(FIGURE | {PRICE: 9036.1}),
    "exponent": quote_of(FIGURE | {PRICE: "9e3"}),
    "binary": quote_of(FIGURE | {PRICE: "9036.144578313253"}),
    "leaving_out": quote_of(FIGURE),
    "renaming": quote_of(FIGURE | {"liquidation": "1", PRICE: "1"}),
    "crashing": {"quote": crash},
    "failing": {"quote": lambda _: {"t": "error", "message": "no tier"}},
    "skipping": {"quote": lambda _: {"t": "skip", "reason": "slow"}},
    "lacking": never("everything"),
    "nothing": ready(operations=["quote"], quantities=[]),
    "idle": ready(actions=[]),
    "refusing": changed(outcome="rejected", reason="MARGIN_MODE_LOCKED"),
    "accepting": changed(**ACCEPTED),
    "flat": changed(state={}),
    "odd_position": changed(state={"positions": [POSITION | {"equity": "1"}]}),
    "odd_balance": changed(
        state={"positions": [POSITION], "balances": {"USDT": {"walet": "1"}}}
    ),
    "own_reason": reason("BAD_QUANTITY"),
    "short": {"run": lambda _: {"t": "trace", "steps": []}},
    "moody": {
        "quote": lambda _: {
            "t": "quantities",
            "values": FIGURE | {PRICE: str(next(COUNT))},
        }
    },
}


def main() -> None:
    usual: Answers = {
        "hello": lambda _: READY,
        "quote": right_quote,
        "run": right_run,
    }
    answers = usual | BEHAVIOURS[sys.argv[1]]
    for line in sys.stdin:
        message = json.loads(line)
        if message["t"] == "bye":
            return
        answer = answers[message["t"]](message)
        sys.stdout.write(json.dumps({**answer, "seq": message.get("seq")}) + "\n")
        sys.stdout.flush()


main()
