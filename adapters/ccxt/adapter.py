"""The bridge between isomargin and the exchanges that ccxt knows.

It reads one JSON object a line and answers each with one (spec/schema/bridge.json). It
holds the keys, and everything it says goes through one place that takes them out.
"""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from accounts import account, positions
from client import credentials, opened
from faults import Fault, fault_of
from orders import ACTIONS, done
from redaction import Redaction
from venues import folder_of

import ccxt

Message = Mapping[str, Any]
BRIDGE = 1


class Bridge:
    """One exchange, opened by a greeting and asked after that."""

    def __init__(self, hello: Message, secrets: Mapping[str, str]) -> None:
        """Open the exchange that a greeting names."""
        if hello.get("bridge") != BRIDGE:
            raise Fault("greeting", "this is a bridge; run: isomargin live --help")
        self._exchange = opened(hello, secrets)
        self._orders = bool(hello.get("orders"))
        self.introduction = {
            "t": "ready",
            "bridge": BRIDGE,
            "exchange": self._exchange.id,
            "venue": folder_of(self._exchange.id),
            "library": f"ccxt {ccxt.__version__}",
        }

    def read(self, message: Message) -> dict[str, Any]:
        """Return the account, its instruments and balances too."""
        symbols = message.get("symbols")
        return {
            "t": "account",
            **account(self._exchange, symbols, to_trade=self._orders),
        }

    def look(self, message: Message) -> dict[str, Any]:
        """Return the positions only."""
        found = positions(self._exchange, message.get("symbols"))
        return {"t": "positions", "positions": found}

    def do(self, message: Message) -> dict[str, Any]:
        """Do an action, where orders were allowed in the greeting."""
        if not self._orders:
            raise Fault("orders", "orders were not allowed")
        if message["do"] not in ACTIONS:
            raise Fault("orders", f"there is no action {message['do']}")
        return {"t": "done", **done(self._exchange, message["do"], message["with"])}


ASKED: Mapping[str, Callable[[Bridge, Message], dict[str, Any]]] = {
    "read": Bridge.read,
    "look": Bridge.look,
    "do": Bridge.do,
}


def main() -> None:
    """Answer lines until the input ends or a `bye` arrives."""
    hello = json.loads(sys.stdin.readline() or "{}")
    secrets = credentials(str(hello.get("exchange", "")))
    redaction = Redaction(secrets.values())

    def say(message: Message) -> None:
        sys.stdout.write(json.dumps(redaction.cleaned(message)) + "\n")
        sys.stdout.flush()

    try:
        bridge = Bridge(hello, secrets)
    except Exception as error:  # noqa: BLE001 - an error's own text may hold keys
        say(_told(error))
        return
    say(bridge.introduction)
    for line in sys.stdin:
        message = json.loads(line)
        if message["t"] == "bye":
            return
        say({**_answer(bridge, message), "seq": message["seq"]})


def _answer(bridge: Bridge, message: Message) -> dict[str, Any]:
    try:
        return ASKED[message["t"]](bridge, message)
    except Exception as error:  # noqa: BLE001 - as above
        return _told(error)


def _told(error: Exception) -> dict[str, Any]:
    fault = fault_of(error)
    return {"t": "error", "kind": fault.kind, "message": fault.message}


if __name__ == "__main__":
    main()
