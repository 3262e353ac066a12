"""A question, and the one outcome every question has.

Outcome
├── Quantities    the numbers of a quote
├── Trace         the steps of a scenario
├── Unsupported   a gap the subject declares
├── Skip          the adapter will not run it, and says why
├── Failure       the subject's own error, told by itself
└── Fault         the subject broke the protocol, its time or itself
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from json import JSONEncoder
from typing import Any, Literal

__all__ = [
    "Failure",
    "Fault",
    "FaultKind",
    "Outcome",
    "Quantities",
    "Question",
    "Skip",
    "Step",
    "Trace",
    "Unsupported",
]

FaultKind = Literal["protocol", "timeout", "crash", "unusable", "nondeterminism"]

_ENCODE = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SHARED_LIMIT = 1024
_shared: dict[int, tuple[Any, str]] = {}


def _written_once(part: Any) -> str:
    """Return a part as JSON, written once for all messages that share the object.

    Most of a message is its profile and its instruments, which it has from the
    rulebook and has in common with thousands of others. The table holds the object,
    so that its identity is no other's.
    """
    held = _shared.get(id(part))
    if held is None:
        if len(_shared) >= _SHARED_LIMIT:
            _shared.clear()
        held = _shared[id(part)] = (part, _ENCODE(part))
    return held[1]


def _profile(profile: Mapping[str, Any]) -> str:
    if profile.keys() != {"id", "parameters"}:
        return _ENCODE(profile)
    parameters = _written_once(profile["parameters"])
    return f'{{"id":{_word(profile["id"])},"parameters":{parameters}}}'


@lru_cache(maxsize=_SHARED_LIMIT)
def _word(text: str) -> str:
    return _ENCODE(text)


def _instruments(instruments: Sequence[Any]) -> str:
    return f"[{','.join(map(_written_once, instruments))}]"


# The fields that messages have in common, and how they are written.
_WRITTEN: Mapping[str, Callable[[Any], str]] = {
    "profile": _profile,
    "instrument": _written_once,
    "instruments": _instruments,
}


@dataclass(frozen=True)
class Question:
    """One message to a subject, without its sequence number.

    Attributes:
        id: the case's id; it is never sent.
        message: the message as protocol 1 writes it, `t` being quote or run.
    """

    id: str
    message: Mapping[str, Any]

    @property
    def operation(self) -> str:
        """Return what is asked for: quote or run."""
        return str(self.message["t"])

    @cached_property
    def step_count(self) -> int:
        """Return how many steps a scenario has; 0 for a quote."""
        return len(self.message.get("steps", ()))

    def line(self, seq: int) -> bytes:
        """Return the message as its line on the wire, numbered `seq`."""
        written = [
            f'"{name}":{write(self.message[name])}'
            for name, write in _WRITTEN.items()
            if name in self.message
        ]
        rest = {k: part for k, part in self.message.items() if k not in _WRITTEN}
        numbered = {"t": rest.pop("t"), "seq": seq, **rest}
        return f"{_ENCODE(numbered)[:-1]},{','.join(written)}}}\n".encode()


@dataclass(frozen=True)
class Quantities:
    """The answer to a quote.

    Attributes:
        values: quantity to decimal string; None where it does not exist.
        steps: intermediate values by name, where the subject gives them.
    """

    values: Mapping[str, str | None]
    steps: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What one action did.

    Attributes:
        outcome: accepted or rejected.
        reason: why it was rejected.
        events: what happened, in order.
        state: what the subject exposes of balances and positions afterwards.
    """

    outcome: Literal["accepted", "rejected"]
    reason: str | None
    events: tuple[Mapping[str, Any], ...]
    state: Mapping[str, Any]


@dataclass(frozen=True)
class Trace:
    """The answer to a scenario: a step for each of its steps."""

    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Unsupported:
    """The subject has no such feature, and says which."""

    feature: str


@dataclass(frozen=True)
class Skip:
    """The adapter will not run the question; `issue` is where this is tracked."""

    reason: str
    issue: str | None = None


@dataclass(frozen=True)
class Failure:
    """The subject failed and told so itself."""

    message: str


@dataclass(frozen=True)
class Fault:
    """The subject gave no answer that counts.

    Attributes:
        kind: protocol (it broke the wire's rules), timeout, crash, unusable (it
            was given up), nondeterminism (it answers differently each time).
        what: the fault, as a clause; the same for the same misbehaviour.
        detail: what it wrote or how it ended; on one line.
        stderr: the end of what it wrote to its standard error.
    """

    kind: FaultKind
    what: str
    detail: str = ""
    stderr: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Return the fault on one line."""
        line = f"{self.kind}: {self.what}"
        return f"{line} ({self.detail})" if self.detail else line


Outcome = Quantities | Trace | Unsupported | Skip | Failure | Fault
