"""One life of a subject: from its start and its introduction to its end."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from isomargin.drive.channel import Broken, Channel
from isomargin.drive.limits import Limits
from isomargin.drive.link import Link, ProcessLink
from isomargin.drive.outcomes import Fault, Outcome, Quantities, Question, Trace
from isomargin.drive.printable import printable
from isomargin.drive.protocol import (
    PROTOCOL,
    Introduction,
    Malformed,
    claimed_seq,
    read_answer,
    read_introduction,
)
from isomargin.drive.transport import Command

__all__ = ["Session", "Ticket"]

_BYE = b'{"t":"bye"}\n'
_NUMBERED = re.compile(r'("seq"\s*:\s*)[0-9]+')
_ANSWERED_BY: Mapping[type, str] = {Quantities: "quote", Trace: "run"}


@dataclass(slots=True, eq=False)
class Ticket:
    """A question on its way, and its outcome once it is known."""

    question: Question
    outcome: Outcome | None = None


@dataclass
class Session:
    """A conversation with one child.

    Attributes:
        link: the way to the child.
        limits: how patient to be with it.
        waiting: tickets without an answer by sequence number, oldest first.
        asked: how many questions this child has been sent.
    """

    link: Link
    limits: Limits
    waiting: dict[int, Ticket] = field(default_factory=dict)
    asked: int = 0
    _oldest: int = -1
    _since: float = 0.0

    def __post_init__(self) -> None:
        """Open the channel over the link."""
        self._channel = Channel(self.link)

    @classmethod
    def start(cls, command: Command, limits: Limits, cwd: Path | None) -> "Session":
        """Start a child.

        Raises:
            SubjectUnusable: it cannot be started.
        """
        patience = max(limits.hello, command.start_seconds)
        limits = replace(limits, hello=patience)
        if command.url:
            from isomargin.drive.web import WebLink  # noqa: PLC0415 - slow to import

            return cls(WebLink(command.url, timeout=limits.hello), limits)
        return cls(ProcessLink(command, cwd=cwd), limits)

    def introduction(self, suite: str) -> Introduction:
        """Return the child's introduction.

        Args:
            suite: the name and version by which the suite introduces itself.

        Raises:
            Broken: it gave none that counts.
        """
        hello = {"t": "hello", "protocol": PROTOCOL, "suite": suite}
        self._channel.send(json.dumps(hello).encode() + b"\n")
        lines = self._channel.lines(until=time.monotonic() + self.limits.hello)
        if len(lines) > 1:
            raise Broken(
                "protocol", "wrote more after its introduction", _shown(lines[1])
            )
        try:
            return read_introduction(lines[0])
        except Malformed as complaint:
            what = f"its introduction {complaint}"
            raise Broken("protocol", what, _shown(lines[0])) from complaint

    def send(self, tickets: Mapping[int, Ticket]) -> None:
        """Send questions by sequence number, in one write."""
        if not tickets:
            return
        self.waiting.update(tickets)
        self.asked += len(tickets)
        lines = [ticket.question.line(seq) for seq, ticket in tickets.items()]
        self._restart_clock()
        self._channel.send(b"".join(lines))

    def receive(self) -> Ticket:
        """Take in what has come, at least one line; return the ticket last answered.

        Raises:
            Broken: what came is no answer, or nothing came in time.
        """
        last = None
        for line in self._channel.lines(until=self._deadline()):
            last = self._take(line)
        self._restart_clock()
        if last is None:
            raise AssertionError("a channel returns at least one line")
        return last

    def forgive(self, seconds: float) -> None:
        """Do not count time that passed on our side against the child."""
        self._since += seconds

    def ask_alone(self, seq: int, question: Question, *, settle: float) -> Outcome:
        """Ask one question with nothing else on its way, and watch what follows.

        Raises:
            Broken: the child did anything but answer it.
        """
        ticket = Ticket(question)
        self.send({seq: ticket})
        line, *more = self._channel.lines(until=self._deadline())
        self._take(line)
        if more := more or self._channel.overheard(settle):
            raise Broken("protocol", "wrote more after its answer", _shown(more[0]))
        if ticket.outcome is None:
            raise AssertionError("the only line taken in was the answer")
        return ticket.outcome

    def close(self, *, friendly: bool = True) -> None:
        """End the child and all it started; say goodbye to it when `friendly`."""
        self.link.close(grace=self.limits.grace, farewell=_BYE if friendly else b"")

    def _take(self, line: bytes) -> Ticket:
        try:
            seq, outcome = read_answer(line)
        except Malformed as complaint:
            seq, outcome = self._blamed(line, complaint)
        ticket = self.waiting.pop(seq, None)
        if ticket is None:
            what = "answered a question that was not waiting"
            raise Broken("protocol", what, self._stray(seq))
        ticket.outcome = _fitting(ticket.question, outcome)
        return ticket

    def _blamed(self, line: bytes, complaint: Malformed) -> tuple[int, Fault]:
        """Return whose answer a bad line was meant to be, and the fault."""
        seq = claimed_seq(line)
        if seq not in self.waiting or seq is None:
            raise Broken(
                "protocol", f"its line {complaint}", _shown(line)
            ) from complaint
        return seq, Fault("protocol", f"its answer {complaint}")

    def _stray(self, seq: int) -> str:
        """Return how a sequence number is wrong, in words that every run shares."""
        if not self.waiting:
            return "it was answered before"
        return f"its seq is {seq - next(iter(self.waiting)):+} from the one awaited"

    def _restart_clock(self) -> None:
        """Start the clock of the oldest question when another becomes the oldest."""
        oldest = next(iter(self.waiting), -1)
        if oldest != self._oldest:
            self._oldest = oldest
            self._since = time.monotonic()

    def _deadline(self) -> float:
        question = self.waiting[self._oldest].question
        return self._since + self.limits.answer(question.operation)


def _fitting(question: Question, outcome: Outcome) -> Outcome:
    """Return the outcome, or a fault when it answers some other question."""
    operation = _ANSWERED_BY.get(type(outcome))
    if operation and operation != question.operation:
        return Fault("protocol", f"answered a {question.operation} as if a {operation}")
    if isinstance(outcome, Trace) and len(outcome.steps) != question.step_count:
        given, expected = len(outcome.steps), question.step_count
        return Fault("protocol", f"gave {given} steps for a scenario of {expected}")
    return outcome


def _shown(line: bytes) -> str:
    """Return a line as a fault shows it: without its number, which is by chance."""
    text = line[:600].decode("utf-8", errors="backslashreplace")
    return printable(_NUMBERED.sub(r"\1…", text))
