"""Where bytes to and from a subject go: a child process, or a web address.

A link has two file descriptors that never block, an account of how it ended,
and a way to end it for certain. What the bytes mean is not its concern.
"""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
import weakref
from pathlib import Path
from typing import Protocol

from isomargin.drive.leftovers import kill_marked, marked
from isomargin.drive.transport import Command
from isomargin.errors import SubjectUnusable

__all__ = ["Link", "ProcessLink"]

_STDERR_KEPT = 64 * 1024
_CHUNK = 64 * 1024
_BLINK = 0.005


class Link(Protocol):
    """A way to a subject.

    Attributes:
        writing: the descriptor that questions are written to.
        reading: the descriptor that answers are read from.
    """

    writing: int
    reading: int

    def has_ended(self) -> bool:
        """Return whether the far side is gone."""

    def ending(self) -> str:
        """Return how the far side ended, as a clause; empty while it lives."""

    def errors(self) -> str:
        """Return the end of what the far side said outside the protocol."""

    def interrupt(self) -> None:
        """Make the far side end at once; safe from another thread."""

    def close(self, *, grace: float, farewell: bytes = b"") -> None:
        """End the far side and all it started, and free the descriptors.

        Args:
            grace: seconds it is given to end by itself.
            farewell: what is written to it first; without one it is only killed.
        """


class ProcessLink:
    """A child in a process group of its own, so that all it starts dies with it.

    What leaves the group is found by a mark in its environment.
    """

    def __init__(self, command: Command, *, cwd: Path | None = None) -> None:
        """Start the child.

        Args:
            command: what to run.
            cwd: where, if the command does not say it itself.

        Raises:
            SubjectUnusable: it cannot be started.
        """
        mark = marked()
        try:
            self._process = subprocess.Popen(
                command.argv,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=command.cwd or cwd,
                env={**os.environ, **command.environment, **mark},
                start_new_session=True,
            )
        except OSError as error:
            reason = error.strerror or str(error)
            raise SubjectUnusable(
                f"cannot start {command.argv[0]}: {reason}",
                command.given,
                "check that the program exists and may be executed",
            ) from error
        self._finalizer = weakref.finalize(self, _kill_all, self._process.pid, mark)
        pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._pipes = tuple(pipe for pipe in pipes if pipe)
        self.writing, self.reading, stderr = (pipe.fileno() for pipe in self._pipes)
        os.set_blocking(self.writing, False)
        os.set_blocking(self.reading, False)
        self._drain = _Drain(stderr)

    @property
    def pid(self) -> int:
        """Return the child's process id, which is also its group's."""
        return self._process.pid

    def has_ended(self) -> bool:
        """Return whether the child is gone.

        The child is not reaped, so that its id and its group's stay taken until
        the group is killed.
        """
        return self._exit() is not None

    def ending(self) -> str:
        """Return how the child ended, as a clause; empty while it lives."""
        status = self._exit()
        if status is None:
            return ""
        if status.si_code == os.CLD_EXITED:
            return f"it exited with status {status.si_status}"
        return f"it was killed by {signal.Signals(status.si_status).name}"

    def _exit(self) -> os.waitid_result | None:
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, flags)

    def errors(self) -> str:
        """Return the end of the child's standard error."""
        return self._drain.tail()

    def interrupt(self) -> None:
        """Kill the child and its group; safe from another thread."""
        if self._finalizer.alive:
            _kill_group(self._process.pid)

    def close(self, *, grace: float, farewell: bytes = b"") -> None:
        """End the child: farewell, SIGTERM, then SIGKILL to the whole group."""
        if not self._finalizer.alive:
            return
        try:
            self._part(grace, farewell)
        finally:
            self._finalizer()
            self._process.wait()
            self._drain.stop()
            for pipe in self._pipes:
                pipe.close()

    def _part(self, grace: float, farewell: bytes) -> None:
        """Give the child its chances to end by itself."""
        with contextlib.suppress(OSError):
            os.write(self.writing, farewell)
        self._pipes[0].close()
        if farewell:
            self._await_exit(grace)
        if not self.has_ended():
            _signal_group(self._process.pid, signal.SIGTERM)
            self._await_exit(grace)

    def _await_exit(self, seconds: float) -> None:
        until, pause = time.monotonic() + seconds, _BLINK / 16
        while not self.has_ended() and time.monotonic() < until:
            # A child that is blocked on a full pipe could not end by itself.
            _discard(self.reading)
            time.sleep(pause)
            pause = min(2 * pause, _BLINK)


def _discard(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.read(descriptor, _CHUNK)


def _signal_group(group: int, number: signal.Signals) -> None:
    # PermissionError is what macOS says of a group that holds only zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _kill_group(group: int) -> None:
    _signal_group(group, signal.SIGKILL)


def _kill_all(group: int, mark: dict[str, str]) -> None:
    _kill_group(group)
    kill_marked(mark)


class _Drain:
    """A thread that empties standard error and keeps its end."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._kept = bytearray()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        while not self._stopped.is_set():
            # The wait is short because a process that nobody finds may hold the
            # pipe open after everything else has gone.
            if not poll.poll(100):
                continue
            chunk = os.read(self._descriptor, _CHUNK)
            if not chunk:
                return
            self._kept += chunk
            del self._kept[:-_STDERR_KEPT]

    def tail(self) -> str:
        return bytes(self._kept).decode("utf-8", errors="backslashreplace")

    def stop(self) -> None:
        # What the child wrote before it died is still in the pipe; its end is
        # reached at once unless somebody else holds it.
        self._thread.join(0.2)
        self._stopped.set()
        self._thread.join()
