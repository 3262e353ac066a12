"""Reading what a subject says: one line in, one answer or one complaint out.

The checks are written by hand because every answer passes through them; the
schema `spec/schema/protocol.json` says the same and a test holds the two
together. What a schema cannot say (encoding, duplicate keys, numbers that are
not strings, sizes) is checked here alone.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from json import JSONDecoder
from typing import Any, NoReturn

from isomargin.drive.outcomes import (
    Failure,
    Outcome,
    Quantities,
    Skip,
    Step,
    Trace,
    Unsupported,
)
from isomargin.drive.printable import printable

__all__ = [
    "LINE_LIMIT",
    "PROTOCOL",
    "Introduction",
    "Malformed",
    "claimed_seq",
    "read_answer",
    "read_introduction",
]

PROTOCOL = 1
LINE_LIMIT = 4 * 1024 * 1024

_DEPTH_LIMIT = 32
_LIST_LIMIT = 10_000
_NUMBER_LIMIT = 200
_WINDOW_LIMIT = 1024
_SEQ_LIMIT = 2**53

_decimal = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?").fullmatch
_is_short_number = re.compile(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?").fullmatch
_name = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}").fullmatch
_word = re.compile("[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}").fullmatch

# The fields of states and events that hold words; all others hold figures.
_WORDS = frozenset(
    {
        "asset",
        "event",
        "instrument",
        "margin_mode",
        "position_mode",
        "position_side",
        "reason",
        "settle",
        "side",
    }
)


class Malformed(ValueError):
    """A line that is no message of the protocol.

    Attributes:
        what: the complaint, as a clause.
        path: the part of the message that it is about.
    """

    def __init__(self, what: str, *path: str) -> None:
        super().__init__(what)
        self.what = what
        self.path = list(path)

    def __str__(self) -> str:
        """Return where in the message, and what."""
        return f"{'.'.join(self.path)} {self.what}" if self.path else self.what


@dataclass(frozen=True)
class Introduction:
    """What a subject says of itself in the handshake.

    Attributes:
        name: the engine's name.
        version: the engine's version.
        language: what it is written in; empty when not said.
        operations: of quote and run, those it answers.
        profiles: ids of the profiles it keeps, or "any".
        contracts: linear, inverse, quanto.
        actions: the actions of a scenario it can do.
        quantities: the quantities it exposes.
        arithmetic: decimal or binary.
        window: how many questions it may be sent before it answers the first.
    """

    name: str
    version: str
    language: str
    operations: tuple[str, ...]
    profiles: tuple[str, ...] | str
    contracts: tuple[str, ...]
    actions: tuple[str, ...]
    quantities: tuple[str, ...]
    arithmetic: str
    window: int

    @cached_property
    def exposes(self) -> frozenset[str]:
        """The quantities, to look one up."""
        return frozenset(self.quantities)

    @cached_property
    def offers(self) -> frozenset[str]:
        """What cases may need of it, such as `action trade`."""
        return frozenset(
            f"{kind} {name}"
            for kind, names in (
                ("operation", self.operations),
                ("contract", self.contracts),
                ("action", self.actions),
            )
            for name in names
        )


def read_answer(line: bytes) -> tuple[int, Outcome]:
    """Return the sequence number and the outcome that a line carries.

    Raises:
        Malformed: the line is no answer.
    """
    message = _message(line)
    kind = message.get("t")
    reader = _ANSWERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise Malformed(f"is {_shown(kind)}; it must be {_ANSWER_KINDS}", "t")
    return _seq(message), reader(message)


def read_introduction(line: bytes) -> Introduction:
    """Return what the `ready` message of a handshake says.

    Raises:
        Malformed: the line is no such message, or of another protocol.
    """
    message = _message(line)
    _member(message, "t", ("ready",))
    protocol = message.get("protocol")
    if type(protocol) is not int or protocol != PROTOCOL:
        raise Malformed(f"is {_shown(protocol)}; it must be {PROTOCOL}", "protocol")
    subject = _part(message, "subject")
    return Introduction(
        name=_text(subject, "name", "subject"),
        version=_text(subject, "version", "subject"),
        language=_text(subject, "language", "subject", optional=True),
        operations=_operations(message),
        profiles="any"
        if message.get("profiles") == "any"
        else _list(message, "profiles"),
        contracts=_list(message, "contracts"),
        actions=_list(message, "actions"),
        quantities=_list(message, "quantities"),
        arithmetic=_member(message, "arithmetic", ("decimal", "binary")),
        window=_window(message.get("window", 1)),
    )


def claimed_seq(line: bytes) -> int | None:
    """Return the one sequence number a bad line claims, if it claims one.

    A complaint can then be laid at one question's door although the line as a
    whole is not acceptable.
    """
    try:
        pairs = _PAIRS.decode(line.decode("utf-8", errors="replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(pairs, _Pairs):
        return None
    claims = [value for key, value in pairs if key == "seq"]
    return claims[0] if len(claims) == 1 and type(claims[0]) is int else None


# Lines to objects


@dataclass(frozen=True)
class _Bare:
    """A JSON number that is no integer: never acceptable, but worth showing."""

    written: str


class _Pairs(list[tuple[str, Any]]):
    """An object as its pairs, to tell it from an array."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Malformed(f"has the key {_shown(twice)} twice")
    return result


_JSON_SPACE = " \t\n\r"
_DECODER = JSONDecoder(
    object_pairs_hook=_unique, parse_float=_Bare, parse_constant=_Bare
)
_PAIRS = JSONDecoder(object_pairs_hook=_Pairs, parse_float=_Bare, parse_constant=_Bare)


def _message(line: bytes) -> Mapping[str, Any]:
    if len(line) > LINE_LIMIT:
        raise Malformed(f"is longer than {LINE_LIMIT} bytes")
    try:
        text = line.decode("utf-8").strip(_JSON_SPACE)
        message, end = _DECODER.raw_decode(text)
    except Malformed:
        raise
    except RecursionError as error:
        raise Malformed(f"is nested deeper than {_DEPTH_LIMIT}") from error
    except UnicodeDecodeError as error:
        raise Malformed(f"is not UTF-8: byte 0x{line[error.start]:02x}") from error
    except ValueError as error:
        raise Malformed("is not JSON") from error
    if end != len(text):
        raise Malformed("is not JSON")
    if not isinstance(message, dict):
        raise Malformed("is not a JSON object")
    return message


# Answers


def _seq(message: Mapping[str, Any]) -> int:
    seq = message.get("seq")
    if type(seq) is not int or not 0 <= seq <= _SEQ_LIMIT:
        raise Malformed(f"is {_shown(seq)}; it must be a whole number", "seq")
    return seq


def _quantities(message: Mapping[str, Any]) -> Outcome:
    values = _part(message, "values")
    for name, value in values.items():
        # Most values are short numbers; they are let through without a call.
        if value.__class__ is str and _is_short_number(value) and _is_name(name):
            continue
        if value is not None and not (isinstance(value, str) and _is_number(value)):
            _refuse_number(value, "values", name)
        _check_name(name, "values")
    if message.get("steps") is None:
        return Quantities(values)
    steps = _part(message, "steps")
    _check_inside(steps, "steps")
    return Quantities(values, steps)


def _trace(message: Mapping[str, Any]) -> Outcome:
    steps = message.get("steps")
    if not isinstance(steps, list):
        raise Malformed(f"is {_shown(steps)}; it must be a list", "steps")
    return Trace(tuple(_step(step, index) for index, step in enumerate(steps)))


def _step(step: object, index: int) -> Step:
    try:
        return _read_step(step)
    except Malformed as complaint:
        complaint.path[:0] = ["steps", str(index)]
        raise


def _read_step(step: object) -> Step:
    if not isinstance(step, dict):
        raise Malformed(f"is {_shown(step)}; it must be an object")
    outcome: Any = _member(step, "outcome", ("accepted", "rejected"))
    events = step.get("events", [])
    if events != []:
        _check_events(events)
    state = step.get("state", {})
    _check_state(state)
    return Step(outcome, _reason(step, outcome), tuple(events), state)


def _reason(step: Mapping[str, Any], outcome: str) -> str | None:
    reason = step.get("reason")
    if outcome == "rejected":
        return _text(step, "reason")
    if reason is not None:
        raise Malformed("is given for an accepted step", "reason")
    return None


def _check_events(events: Any) -> None:
    if not isinstance(events, list) or len(events) > _LIST_LIMIT:
        raise Malformed(
            f"is {_shown(events)}; it must be a list of at most {_LIST_LIMIT}", "events"
        )
    for index, event in enumerate(events):
        if not isinstance(event, dict) or not isinstance(event.get("event"), str):
            raise Malformed("is no object with an event", "events", str(index))
        _check_inside(event, "events", str(index))


def _check_state(state: Any) -> None:
    if not isinstance(state, dict):
        raise Malformed(f"is {_shown(state)}; it must be an object", "state")
    balances = state.get("balances", {})
    if not isinstance(balances, dict) or not _all_objects(balances.values()):
        raise Malformed("is no object of objects", "state", "balances")
    positions = state.get("positions", [])
    if not isinstance(positions, list) or not _all_objects(positions):
        raise Malformed("is no list of objects", "state", "positions")
    for index, position in enumerate(positions):
        _text(position, "instrument", "state", "positions", str(index))
        _member(position, "side", ("long", "short"), "state", "positions", str(index))
    _check_inside(state, "state")


def _all_objects(members: Iterable[object]) -> bool:
    return all(isinstance(member, dict) for member in members)


def _unsupported(message: Mapping[str, Any]) -> Outcome:
    return Unsupported(_prose(message, "feature"))


def _skip(message: Mapping[str, Any]) -> Outcome:
    issue = None if message.get("issue") is None else _prose(message, "issue")
    return Skip(_prose(message, "reason"), issue)


def _error(message: Mapping[str, Any]) -> Outcome:
    return Failure(_prose(message, "message"))


_ANSWERS: Mapping[str, Callable[[Mapping[str, Any]], Outcome]] = {
    "quantities": _quantities,
    "trace": _trace,
    "unsupported": _unsupported,
    "skip": _skip,
    "error": _error,
}
_ANSWER_KINDS = ", ".join(_ANSWERS)


# Figures: numbers, nulls, flags and words, in objects and lists


def _check_inside(parts: dict[str, Any], *path: str) -> None:
    try:
        _check_object(parts, _DEPTH_LIMIT)
    except Malformed as complaint:
        complaint.path[:0] = path
        raise


def _check_figure(name: str, value: object, depth: int) -> None:
    if name in _WORDS:
        if value is not None and not (isinstance(value, str) and _is_word(value)):
            _refuse_word(value)
    elif isinstance(value, str):
        if not _is_number(value):
            _refuse_number(value)
    elif isinstance(value, dict):
        _check_object(value, depth - 1)
    elif isinstance(value, list):
        _check_list(name, value, depth - 1)
    elif value is not None and not isinstance(value, bool):
        _refuse_number(value)


def _check_object(parts: dict[str, Any], depth: int) -> None:
    if not depth:
        raise Malformed(f"is nested deeper than {_DEPTH_LIMIT}")
    key = ""
    try:
        for key, part in parts.items():
            if not _is_word(key):
                _refuse_key()
            # Most figures are numbers; they are let through without a call.
            if part.__class__ is not str or key in _WORDS or not _is_short_number(part):
                _check_figure(key, part, depth)
    except Malformed as complaint:
        complaint.path.insert(0, printable(key, limit=60))
        raise


def _check_list(name: str, parts: list[Any], depth: int) -> None:
    if not depth:
        raise Malformed(f"is nested deeper than {_DEPTH_LIMIT}")
    if len(parts) > _LIST_LIMIT:
        raise Malformed(f"has more than {_LIST_LIMIT} members")
    checked = 0
    try:
        for part in parts:
            _check_figure(name, part, depth)
            checked += 1
    except Malformed as complaint:
        complaint.path.insert(0, str(checked))
        raise


def _refuse_key() -> NoReturn:
    raise Malformed("is no printable name")


@lru_cache(maxsize=4096)
def _is_word(text: str) -> bool:
    return _word(text) is not None


def _is_number(text: str) -> bool:
    return _decimal(text) is not None and len(text) <= _NUMBER_LIMIT


def _refuse_word(value: object) -> NoReturn:
    raise Malformed(f"is {_shown(value)}; it must be a printable word or null")


def _refuse_number(value: object, *path: str) -> NoReturn:
    if isinstance(value, str) and len(value) > _NUMBER_LIMIT and _decimal(value):
        raise Malformed(f"is a number of more than {_NUMBER_LIMIT} characters", *path)
    raise Malformed(f"is {_shown(value)}; it must be a decimal string or null", *path)


# Fields


@lru_cache(maxsize=4096)
def _is_name(text: str) -> bool:
    return _name(text) is not None


def _check_name(name: str, *path: str) -> None:
    if not _is_name(name):
        raise Malformed(f"has {_shown(name)}, which is no name", *path)


def _part(message: Mapping[str, Any], key: str) -> dict[str, Any]:
    part = message.get(key)
    if not isinstance(part, dict):
        raise Malformed(f"is {_shown(part)}; it must be an object", key)
    return part


def _text(
    message: Mapping[str, Any], key: str, *path: str, optional: bool = False
) -> str:
    text = message.get(key, "" if optional else None)
    if optional and text == "":
        return ""
    if not isinstance(text, str) or not _is_word(text):
        raise Malformed(f"is {_shown(text)}; it must be a printable word", *path, key)
    return text


def _prose(message: Mapping[str, Any], key: str) -> str:
    text = message.get(key)
    if not isinstance(text, str) or not text:
        raise Malformed(f"is {_shown(text)}; it must be a text", key)
    return printable(text)


def _member(
    message: Mapping[str, Any], key: str, allowed: tuple[str, ...], *path: str
) -> str:
    value = message.get(key)
    if value not in allowed or not isinstance(value, str):
        options = " or ".join(allowed)
        raise Malformed(f"is {_shown(value)}; it must be {options}", *path, key)
    return value


def _list(message: Mapping[str, Any], key: str) -> tuple[str, ...]:
    members = message.get(key)
    if not isinstance(members, list) or len(members) > _LIST_LIMIT:
        what = f"is {_shown(members)}; it must be a list of words ([] for none)"
        raise Malformed(what, key)
    for member in members:
        if not isinstance(member, str) or not _is_word(member):
            raise Malformed(f"has {_shown(member)}, which is no printable word", key)
    return tuple(members)


def _operations(message: Mapping[str, Any]) -> tuple[str, ...]:
    operations = _list(message, "operations")
    if not operations or not set(operations) <= {"quote", "run"}:
        shown = _shown(message["operations"])
        raise Malformed(f"is {shown}; it must hold quote, run or both", "operations")
    return operations


def _window(window: object) -> int:
    if type(window) is not int or not 1 <= window <= _WINDOW_LIMIT:
        shown = f"is {_shown(window)}; it must be a whole number from 1 to"
        raise Malformed(f"{shown} {_WINDOW_LIMIT}", "window")
    return window


def _shown(value: object) -> str:
    """Return a value of JSON as a complaint shows it."""
    if value is None:
        return "missing or null"
    if isinstance(value, _Bare):
        return f"the JSON number {printable(value.written, limit=40)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"the JSON number {printable(str(value), limit=40)}"
    if isinstance(value, str):
        return f'"{printable(value, limit=60)}"'
    return "an object" if isinstance(value, dict) else f"a list of {len(value)}"  # type: ignore[arg-type]
