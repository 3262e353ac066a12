"""What can go wrong at an exchange, and what is tried again."""  # noqa: INP001 - beside a program

import time
from collections.abc import Callable
from typing import Any

import ccxt

# The first that an error is one of says what kind it is.
KINDS = (
    (ccxt.InvalidNonce, "clock"),
    (ccxt.AuthenticationError, "credentials"),
    (ccxt.RateLimitExceeded, "rate_limit"),
    (ccxt.DDoSProtection, "rate_limit"),
    (ccxt.OnMaintenance, "maintenance"),
    (ccxt.ExchangeNotAvailable, "unavailable"),
    (ccxt.RequestTimeout, "network"),
    (ccxt.NetworkError, "network"),
    (ccxt.BadSymbol, "symbol"),
    (ccxt.NotSupported, "not_supported"),
    (ccxt.ExchangeError, "exchange"),
    (ccxt.BaseError, "answer"),
)
PAUSE = 1.0
LONGEST_PAUSE = 20.0
ATTEMPTS = 4


class Fault(Exception):
    """Something that the bridge answers as an error.

    Attributes:
        kind: the kind of the fault.
        message: what the exchange or ccxt says of it.
    """

    def __init__(self, kind: str, message: str) -> None:
        """Say what kind of fault it is, and what is told of it."""
        super().__init__(message)
        self.kind = kind
        self.message = message


def fault_of(error: Exception) -> Fault:
    """Return an error as a fault; of one that is not ccxt's, only its type is told."""
    if isinstance(error, Fault):
        return error
    for kind, name in KINDS:
        if isinstance(error, kind):
            return Fault(name, str(error))
    return Fault("defect", type(error).__name__)


def tried(exchange: Any, call: Callable[[], Any], *, again: bool) -> Any:
    """Return what a call gives, having waited or set the clock where that helps.

    A request refused for its time or for too many of its kind did not act, so that it
    may be sent again. One that got no answer may have acted.

    Args:
        exchange: the exchange.
        call: makes the request.
        again: whether to repeat it also when there was no answer.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return call()
        except ccxt.NetworkError as error:
            kind = fault_of(error).kind
            if attempt == ATTEMPTS or (kind == "network" and not again):
                raise
            if kind not in REMEDIES:
                raise
            REMEDIES[kind](exchange)
    raise AssertionError("the last attempt returns or raises")


def _wait(exchange: Any) -> None:
    headers = exchange.last_response_headers or {}
    asked = str(headers.get("Retry-After", ""))
    time.sleep(min(float(asked), LONGEST_PAUSE) if asked.isdecimal() else PAUSE)


def _set_clock(exchange: Any) -> None:
    exchange.load_time_difference()


REMEDIES = {"clock": _set_clock, "rate_limit": _wait, "network": lambda _: None}
