"""The loop of an adapter: read a line, answer it, write a line."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from inspect import Parameter, signature
from typing import Any, TextIO

from isomargin_adapter.exchange import (
    PROTOCOL,
    Profile,
    Quote,
    Ready,
    Rejected,
    Run,
    Skipped,
    Unsupported,
)
from isomargin_adapter.numbers import decimal_string

__all__ = ["serve"]

Answer = Mapping[str, Any]

# What an argument that is left out means.
_USUAL = {"liquidity": "taker", "reduce_only": False}
_WORDS = frozenset({"instrument", "side", "margin_mode", "event", "asset", "reason"})


def serve(
    ready: Ready,
    *,
    quote: Callable[[Quote], Mapping[str, Any]] | None = None,
    engine: Callable[[Run], Any] | None = None,
    lines: Iterable[str] | None = None,
    output: TextIO | None = None,
) -> None:
    """Answer protocol 1 until the input ends or a `bye` arrives.

    Args:
        ready: what the handshake says of the engine.
        quote: answers one position with a mapping of quantity to number; numbers
            may be of any type that `decimal_string` takes, None says that the
            quantity does not exist.
        engine: called with each scenario. Every action is the method of its name,
            called with the action's arguments by keyword. Unsupported is an action
            without a method, an argument that the method cannot do without, and one
            that it does not take, unless that says what goes without saying (a
            taker's trade that is not reduce-only). `state()` gives balances and
            positions after each action; an attribute `events`, when there is one, is
            a list that is sent and emptied after each; an attribute `settings`, when
            there is one, does the actions that the engine has no method for.
        lines: the messages; standard input when absent.
        output: where answers go; standard output when absent.

    An action raises `Rejected(reason)` to refuse. Both kinds may raise
    `Unsupported` and `Skipped`; any other exception is answered as an error and
    the loop goes on.
    """
    stream = output or sys.stdout
    for line in lines if lines is not None else sys.stdin:
        message = json.loads(line)
        if message["t"] == "bye":
            return
        answer = _answer(message, ready, quote, engine)
        stream.write(json.dumps(answer, separators=(",", ":")) + "\n")
        stream.flush()


def _answer(
    message: Mapping[str, Any],
    ready: Ready,
    quote: Callable[[Quote], Mapping[str, Any]] | None,
    engine: Callable[[Run], Any] | None,
) -> Answer:
    if message["t"] == "hello":
        return _introduction(ready, quote, engine)
    seq = message["seq"]
    try:
        if message["t"] == "quote" and quote:
            return {"t": "quantities", "seq": seq, "values": _values(quote, message)}
        if message["t"] == "run" and engine:
            return {"t": "trace", "seq": seq, "steps": _trace(engine, message)}
        raise Unsupported(message["t"])  # noqa: TRY301 - answered like any other gap
    except Unsupported as gap:
        return {"t": "unsupported", "seq": seq, "feature": gap.feature}
    except Skipped as skip:
        return {"t": "skip", "seq": seq, "reason": skip.reason, "issue": skip.issue}
    except Exception as error:  # noqa: BLE001 - one bad case must not end the run
        return {"t": "error", "seq": seq, "message": f"{type(error).__name__}: {error}"}


def _introduction(ready: Ready, quote: object, engine: object) -> Answer:
    operations = [name for name, part in (("quote", quote), ("run", engine)) if part]
    actions = ready.actions
    if actions is None:
        actions = tuple(
            name
            for name in sorted(vars(engine) if isinstance(engine, type) else ())
            if not name.startswith("_") and name not in {"state", "events"}
        )
    return {
        "t": "ready",
        "protocol": PROTOCOL,
        "subject": {
            "name": ready.name,
            "version": ready.version,
            "language": ready.language,
        },
        "operations": operations,
        "profiles": ready.profiles if ready.profiles == "any" else list(ready.profiles),
        "contracts": list(ready.contracts),
        "actions": list(actions),
        "quantities": list(ready.quantities),
        "arithmetic": ready.arithmetic,
        "window": ready.window,
    }


def _profile(message: Mapping[str, Any]) -> Profile:
    return Profile(message["profile"]["id"], message["profile"].get("parameters", {}))


def _values(
    quote: Callable[[Quote], Mapping[str, Any]], message: Mapping[str, Any]
) -> Answer:
    question = Quote(
        profile=_profile(message),
        instrument=message["instrument"],
        position=message["position"],
        want=tuple(message["want"]),
        message=message,
    )
    return {name: decimal_string(value) for name, value in quote(question).items()}


def _trace(engine: Callable[[Run], Any], message: Mapping[str, Any]) -> list[Answer]:
    run = Run(
        profile=_profile(message),
        instruments=message["instruments"],
        balances=message["balances"],
        steps=message["steps"],
        message=message,
    )
    machine = engine(run)
    return [_step(machine, step["do"], step["with"]) for step in run.steps]


def _step(machine: Any, action: str, arguments: Mapping[str, Any]) -> Answer:
    settings = getattr(machine, "settings", None)
    method = getattr(machine, action, None) or getattr(settings, action, None)
    if method is None:
        raise Unsupported(action)
    taken = _taken(type(machine), action, arguments)
    result: dict[str, Any] = {"outcome": "accepted"}
    try:
        method(**taken)
    except Rejected as refusal:
        result = {"outcome": "rejected", "reason": refusal.reason}
    events = getattr(machine, "events", None) or []
    result["events"] = [_written(event) for event in events]
    if events:
        events.clear()
    result["state"] = _written(machine.state())
    return result


def _taken(kind: type, action: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments that an engine's action takes; what it lacks is a gap."""
    lacking = sorted(_needed(kind, action) - arguments.keys())
    if lacking:
        raise Unsupported(f"{action} without {lacking[0]}")
    names = _parameters(kind, action)
    if names is None or names >= arguments.keys():
        return arguments
    surplus = sorted(arguments.keys() - names)
    for name in surplus:
        if arguments[name] != _USUAL.get(name):
            raise Unsupported(f"{action} with {name}")
    return {name: arguments[name] for name in arguments if name in names}


@cache
def _parameters(kind: type, action: str) -> frozenset[str] | None:
    """Return the names of an action's arguments; None where it takes any."""
    method = getattr(kind, action, None)
    if method is None:
        return None
    found = signature(method).parameters
    if any(one.kind is Parameter.VAR_KEYWORD for one in found.values()):
        return None
    return frozenset(found)


@cache
def _needed(kind: type, action: str) -> frozenset[str]:
    """Return the arguments that an action cannot do without."""
    method = getattr(kind, action, None)
    if method is None:
        return frozenset()
    _, *taken = signature(method).parameters.values()
    named = (one for one in taken if one.kind is not Parameter.VAR_KEYWORD)
    return frozenset(one.name for one in named if one.default is Parameter.empty)


def _written(value: Any, name: str = "") -> Any:
    """Return a state or event with every number as a decimal string."""
    # Numbers come first: they are most of what is written.
    if isinstance(value, Decimal):
        return decimal_string(value)
    if isinstance(value, (dict, Mapping)):
        return {key: _written(part, key) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_written(part, name) for part in value]
    if name in _WORDS or isinstance(value, bool):
        return value
    return decimal_string(value)
