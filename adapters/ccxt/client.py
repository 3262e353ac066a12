"""The exchange as ccxt speaks to it: where it is, with whose keys, in exact figures."""  # noqa: INP001 - beside a program

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from faults import Fault
from venues import venue_of

import ccxt

# What ccxt calls a credential, and how its variable of the environment ends.
CREDENTIALS = {
    "apiKey": "API_KEY",
    "secret": "SECRET",
    "password": "PASSWORD",
    "uid": "UID",
    "login": "LOGIN",
    "twofa": "TWOFA",
    "privateKey": "PRIVATE_KEY",
    "walletAddress": "WALLET_ADDRESS",
    "token": "TOKEN",
}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
PATIENCE = 10_000
CLOSED = frozenset({502, 503, 504})
LONGEST_BODY = 300


def variable(exchange: str, credential: str) -> str:
    """Return the variable of the environment that holds a credential."""
    return f"{exchange.upper()}_{CREDENTIALS[credential]}"


def credentials(exchange: str) -> dict[str, str]:
    """Return the credentials that the environment holds, and take them out of it."""
    names = {one: variable(exchange, one) for one in CREDENTIALS}
    found = {one: os.environ.pop(name, "") for one, name in names.items()}
    return {one: value for one, value in found.items() if value}


def opened(hello: Mapping[str, Any], secrets: Mapping[str, str]) -> Any:
    """Return the exchange that a greeting names.

    Raises:
        Fault: ccxt does not know it, it has no sandbox, a key is missing, or its
            address may not be used.
    """
    logging.disable()  # at debug level ccxt logs requests, keys and all
    name = hello["exchange"]
    if name not in ccxt.exchanges:
        raise Fault("exchange_unknown", f"ccxt {ccxt.__version__} knows no {name}")
    exchange = getattr(ccxt, name)(_settings(hello, secrets))
    # Figures stay the texts they are; a binary number would round them.
    exchange.number = str
    exchange.on_json_response = _exactly_read
    exchange.handle_errors = _closed_first(exchange)
    # What else an account holds is none of our business, and asking needs more rights.
    exchange.has["fetchCurrencies"] = False
    if hello.get("sandbox"):
        _enter_sandbox(exchange)
    if hello.get("url"):
        exchange.urls["api"] = _moved(exchange.urls["api"], hello["url"])
    # ccxt spaces requests as the venue asks, and nobody asks for that on loopback.
    exchange.enableRateLimit = not _is_here(exchange)
    _check_place(exchange, hello)
    _check_credentials(exchange)
    return exchange


def _settings(hello: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    contract = hello["contract"]
    options = {
        "defaultType": "swap",
        "defaultSubType": contract,
        "warnOnFetchOpenOrdersWithoutSymbol": False,
    }
    if kind := venue_of(hello["exchange"]).markets:
        types = [contract if kind == "contract" else kind]
        options["fetchMarkets"] = {"types": types}
    usual = {"timeout": PATIENCE, "options": options}
    return {**secrets, **usual}


def _exactly_read(text: str) -> Any:
    return json.loads(text, parse_float=str)


def _closed_first(exchange: Any) -> Callable[..., Any]:
    """Return how answers are looked at: first whether the venue is open at all.

    ccxt looks at the code in the answer before it looks at the status, and takes one
    that it does not know there for a refusal.
    """
    looked_at = exchange.handle_errors

    def handle_errors(status: int, reason: str, *rest: Any) -> Any:
        if status in CLOSED:
            body = rest[3]
            maintained = "maintenance" in body.lower()
            kind = ccxt.OnMaintenance if maintained else ccxt.ExchangeNotAvailable
            raise kind(f"{exchange.id} {status} {reason} {body[:LONGEST_BODY]}")
        return looked_at(status, reason, *rest)

    return handle_errors


def _enter_sandbox(exchange: Any) -> None:
    """Go to the place for practice: the demo where there is one, or the test net."""
    try:
        if "demo" in exchange.urls:
            exchange.enable_demo_trading(True)  # noqa: FBT003 - ccxt's
        else:
            exchange.set_sandbox_mode(True)
    except ccxt.NotSupported as error:
        raise Fault("no_sandbox", f"{exchange.id} has no sandbox in ccxt") from error


def _moved(addresses: Any, base: str) -> Any:
    """Return addresses with another scheme and host."""
    if isinstance(addresses, Mapping):
        return {name: _moved(one, base) for name, one in addresses.items()}
    to, path = urlsplit(base), urlsplit(addresses).path
    return urlunsplit((to.scheme, to.netloc, to.path.rstrip("/") + path, "", ""))


def _check_place(exchange: Any, hello: Mapping[str, Any]) -> None:
    """Refuse to show keys in the clear, and orders where money may be real."""
    apart = _is_here(exchange)
    if not apart and any(one.scheme != "https" for one in _places(exchange)):
        raise Fault("address", "keys go to another machine over https only")
    practice = apart or (hello.get("sandbox") and not hello.get("url"))
    if hello.get("orders") and not practice and not hello.get("real_money"):
        raise Fault("real_money", "orders go to a sandbox unless real money is meant")


def _is_here(exchange: Any) -> bool:
    return all(one.hostname in LOOPBACK for one in _places(exchange))


def _places(exchange: Any) -> list[SplitResult]:
    return [urlsplit(one) for one in _flat(exchange.urls["api"])]


def _flat(addresses: Any) -> Iterator[str]:
    if isinstance(addresses, Mapping):
        for one in addresses.values():
            yield from _flat(one)
    elif addresses:
        yield addresses


def _check_credentials(exchange: Any) -> None:
    needed = [name for name, asked in exchange.requiredCredentials.items() if asked]
    missing = [
        variable(exchange.id, one) for one in needed if not getattr(exchange, one)
    ]
    if missing:
        raise Fault("no_credentials", f"not in the environment: {', '.join(missing)}")
