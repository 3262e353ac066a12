"""A question, and the one outcome every question has.

Outcome
├── Quantities    the numbers of a quote
├── Trace         the steps of a scenario
├── Unsupported   a gap the subject declares
├── Skip          the adapter will not run it, and says why
├── Failure       the subject's own error, told by itself
└── Fault         the subject broke the protocol, its time or itself
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Self

from isomargin.drive.writing import members

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


class Question(NamedTuple):
    """One message to a subject, written but for its sequence number.

    Attributes:
        id: the case's id; it is never sent.
        operation: what is asked for, quote or run.
        text: the members of the message after `t` and `seq`, as JSON.
        step_count: how many steps a scenario has; 0 for a quote.
    """

    id: str
    operation: str
    text: str
    step_count: int = 0

    @classmethod
    def of(cls, name: str, message: Mapping[str, Any]) -> Self:
        """Return a message as protocol 1 has it, `t` being quote or run.

        Args:
            name: the case's id.
            message: the message, without its sequence number.
        """
        rest = {key: part for key, part in message.items() if key != "t"}
        steps = len(message.get("steps", ()))
        return cls(name, message["t"], members(rest), steps)

    @property
    def message(self) -> Mapping[str, Any]:
        """Return the message, without its sequence number."""
        message: dict[str, Any] = json.loads(f"{{{self.text}}}")
        return {"t": self.operation, **message}

    def line(self, seq: int) -> bytes:
        """Return the message as its line on the wire, numbered `seq`."""
        return f'{{"t":"{self.operation}","seq":{seq},{self.text}}}\n'.encode()


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
