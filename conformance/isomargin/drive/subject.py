"""A subject: asked many questions, it gives each exactly one outcome.

Questions travel in a window, so that the subject is never idle. When it breaks
down (it ends, is silent too long, or writes what is no answer) nobody can tell
which question did it. The child is then killed with all it started, a new one
takes its place, and every question not yet handed back is asked again alone.
A question is guilty when it breaks a child that was asked nothing before it.
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from isomargin.drive.channel import Broken
from isomargin.drive.limits import Limits
from isomargin.drive.outcomes import Fault, Outcome, Question, Unsupported
from isomargin.drive.printable import printable
from isomargin.drive.protocol import Introduction
from isomargin.drive.session import Session, Ticket
from isomargin.drive.transport import Command
from isomargin.errors import SubjectUnusable

__all__ = ["Subject"]

# How much longer the question answered last before a breakdown is watched: it
# is the likeliest cause of what followed it.
_LONGER = 12
# No escape is longer than six characters, so that nothing kept is cut again.
_STDERR_SHOWN = 6 * 64 * 1024


class Subject:
    """An engine under test; a context manager that leaves no process behind.

    Attributes:
        command: how it is started.
        ready: how it introduced itself.
        incidents: every breakdown of the run, in order.
        unexplained: those that no question is guilty of, as they did not happen again.
        aborted: the fault for which it was given up; None while it is not.
    """

    def __init__(
        self,
        command: Command,
        *,
        suite: str,
        limits: Limits,
        cwd: Path | None,
        toll: list[Fault],
    ) -> None:
        """Prepare a subject; `open` is the way to get one."""
        self.command = command
        self.incidents: list[Fault] = []
        self.unexplained: list[Fault] = []
        self.aborted: Fault | None = None
        self._told = 0
        self._toll = toll
        self._suite = suite
        self._limits = limits
        self._cwd = cwd
        self._session: Session | None = None
        self._seq = 0
        self._interrupted = False
        self.ready = self._first_introduction()

    @classmethod
    def open(
        cls,
        command: Command,
        *,
        suite_version: str,
        limits: Limits | None = None,
        cwd: Path | None = None,
        toll: list[Fault] | None = None,
    ) -> Self:
        """Start a subject and hear its introduction.

        Args:
            command: how to start it, as `resolve` returns it.
            suite_version: the version of the suite, which the subject is told.
            limits: how patient to be.
            cwd: where to start it, if the command does not say.
            toll: the breakdowns of all copies of the subject in a run, which count
                together; those of this one are added to it.

        Raises:
            SubjectUnusable: it cannot be started or gives no introduction.
        """
        suite = f"isomargin/{suite_version}"
        return cls(
            command,
            suite=suite,
            limits=limits or Limits(),
            cwd=cwd,
            toll=[] if toll is None else toll,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the subject and all it started."""
        session, self._session = self._session, None
        if session:
            # With answers still on their way nobody listens to a goodbye.
            session.close(friendly=not session.waiting)

    def newly_unexplained(self) -> list[Fault]:
        """Return the breakdowns nobody is guilty of that were not returned before."""
        new = self.unexplained[self._told :]
        self._told += len(new)
        return new

    def interrupt(self) -> None:
        """Make the subject end at once and not come back; for other threads."""
        self._interrupted = True
        session = self._session
        if session:
            session.link.interrupt()

    def ask(self, question: Question) -> Outcome:
        """Return the outcome of one question."""
        [(_, outcome)] = self.ask_all((question,))
        return outcome

    def ask_all(
        self, questions: Iterable[Question]
    ) -> Iterator[tuple[Question, Outcome]]:
        """Yield every question with its outcome, in the order asked.

        Outcomes come a little behind: the question answered last is held until
        the next answer shows that nothing untoward followed it.
        """
        source = iter(questions)
        hand: deque[Ticket] = deque()
        try:
            while True:
                try:
                    yield from self._pipelined(source, hand)
                    break
                except Broken as breakdown:
                    self._bury(breakdown)
                self._ask_again(hand)
        finally:
            self._forget()
        for question in source:
            yield question, self._given_up()

    def _pipelined(
        self, source: Iterator[Question], hand: deque[Ticket]
    ) -> Iterator[tuple[Question, Outcome]]:
        """Yield outcomes until the source is dry or the subject is given up."""
        last = None
        while session := self._living():
            dry = self._top_up(session, source, hand)
            busy = bool(session.waiting)
            yield from self._resolved(hand, last if busy else None)
            if busy:
                last = session.receive()
            elif dry:
                return
        yield from self._resolved(hand, None)

    def _top_up(
        self, session: Session, source: Iterator[Question], hand: deque[Ticket]
    ) -> bool:
        """Fill the window; return whether the source is dry."""
        while (room := self._room(session, hand)) > 0:
            tickets = [Ticket(q, self._gap(q)) for q in islice(source, room)]
            hand.extend(tickets)
            session.send({self._next_seq(): t for t in tickets if t.outcome is None})
            if len(tickets) < room:
                return True
        return False

    def _room(self, session: Session, hand: deque[Ticket]) -> int:
        window = min(self.ready.window, self._limits.window)
        # What piles up behind one slow answer is bounded. In lock-step one answer is
        # held back and one about to be judged while the next is on its way.
        most = max(2 * window, 3)
        return min(window - len(session.waiting), most - len(hand))

    def _resolved(
        self, hand: deque[Ticket], held: Ticket | None
    ) -> Iterator[tuple[Question, Outcome]]:
        paused = time.monotonic()
        while hand and hand[0] is not held:
            if (outcome := hand[0].outcome) is None:
                break
            yield hand.popleft().question, outcome
        if self._session:
            self._session.forgive(time.monotonic() - paused)

    def _ask_again(self, hand: deque[Ticket]) -> None:
        """Ask everything in hand again, alone, the unanswered first.

        The breakdown that led here, and those on the way, are explained when one of
        the questions does it again in a child of its own.
        """
        since = len(self.incidents) - 1
        answered = [ticket for ticket in hand if ticket.outcome is not None]
        suspects = [ticket for ticket in hand if ticket.outcome is None] + answered
        for ticket in suspects:
            gap = self._gap(ticket.question)
            settle = self._limits.settle * (_LONGER if ticket in answered[-1:] else 1)
            ticket.outcome = gap or self._alone(ticket.question, settle)
        incidents = self.incidents[since:]
        blamed = [fault for fault in incidents for one in hand if one.outcome is fault]
        if not blamed and not self.aborted:
            self.unexplained += incidents

    def _alone(self, question: Question, settle: float) -> Outcome:
        while session := self._living():
            first = session.asked == 0
            try:
                return session.ask_alone(self._next_seq(), question, settle=settle)
            except Broken as breakdown:
                fault = self._bury(breakdown)
            if first:
                return fault
        return self._given_up()

    def _gap(self, question: Question) -> Outcome | None:
        """Return the gap a subject declared by not offering the operation."""
        if question.operation in self.ready.operations:
            return None
        return Unsupported(question.operation)

    def _next_seq(self) -> int:
        # Numbers are never used again, so that no answer can be taken for one
        # to a question of an earlier child.
        self._seq += 1
        return self._seq

    # Lives and deaths

    def _first_introduction(self) -> Introduction:
        session = Session.start(self.command, self._limits, self._cwd)
        try:
            ready = session.introduction(self._suite)
        except Broken as breakdown:
            fault = _buried(session, breakdown)
            raise _unusable(self.command, fault) from breakdown
        except BaseException:
            session.close(friendly=False)
            raise
        self._session = session
        return ready

    def _living(self) -> Session | None:
        """Return the session, a new one if need be, or None when given up."""
        if self._session is None and not self.aborted:
            self._revive()
        return self._session

    def _revive(self) -> None:
        if self._interrupted:
            self.aborted = Fault("unusable", "the run was interrupted")
        elif len(self._toll) > self._limits.restarts:
            restarts = self._limits.restarts
            self.aborted = Fault("unusable", f"was given up after {restarts} restarts")
        else:
            self._restart()

    def _restart(self) -> None:
        what = "did not come back after a restart"
        try:
            self._session = Session.start(self.command, self._limits, self._cwd)
            ready = self._session.introduction(self._suite)
        except SubjectUnusable as error:
            self.aborted = Fault("unusable", what, printable(error.what))
            return
        except Broken as breakdown:
            fault = self._bury(breakdown)
            self.aborted = Fault("unusable", what, str(fault), fault.stderr)
            return
        if ready != self.ready:
            detail = _differences(self.ready, ready)
            self._bury(Broken("protocol", "introduced itself differently", detail))
            what = "introduced itself differently after a restart"
            self.aborted = Fault("unusable", what, detail)

    def _bury(self, breakdown: Broken) -> Fault:
        session, self._session = self._session, None
        if session is None:
            raise AssertionError("only a living child breaks down")
        fault = _buried(session, breakdown)
        self.incidents.append(fault)
        self._toll.append(fault)
        return fault

    def _forget(self) -> None:
        """End a child whose answers nobody awaits any more."""
        if self._session and self._session.waiting:
            session, self._session = self._session, None
            session.close(friendly=False)

    def _given_up(self) -> Fault:
        if self.aborted is None:
            raise AssertionError("questions are left only when a subject is given up")
        return self.aborted


def _buried(session: Session, breakdown: Broken) -> Fault:
    session.close(friendly=False)
    stderr = printable(session.link.errors(), limit=_STDERR_SHOWN, newlines=True)
    return Fault(breakdown.kind, breakdown.what, printable(breakdown.detail), stderr)


def _unusable(command: Command, fault: Fault) -> SubjectUnusable:
    said = fault.stderr.strip().rpartition("\n")[2]
    what = f"gave no introduction: {fault}"
    if said:
        what += f"; it said: {printable(said, limit=200)}"
    return SubjectUnusable(
        what, command.given, "check that it answers the hello message of protocol 1"
    )


def _differences(before: Introduction, after: Introduction) -> str:
    told, now = asdict(before), asdict(after)
    return ", ".join(
        f"{name} was {told[name]} and is {now[name]}"
        for name in told
        if told[name] != now[name]
    )
