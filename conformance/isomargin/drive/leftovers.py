"""Processes that a subject started and that left its group.

A daemon leaves the group and the session of whoever started it, and nothing leads back
from it; but it inherits the environment. So every subject is started with a mark in its
environment, and whatever carries the mark at the end is killed. A process that wiped
its environment is not found, nor is any where the system has no `/proc`.
"""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

__all__ = ["kill_marked", "marked"]

_NAME = "ISOMARGIN_SUBJECT"
_PROCESSES = Path("/proc")
# A process may start another while it is being looked for; not for ever, though.
_ROUNDS = 10


def marked() -> dict[str, str]:
    """Return a variable for the environment of a subject, unlike any other's."""
    # A subject that is itself driven by us keeps the mark of who drives it.
    inherited = os.environ.get(_NAME, "")
    return {_NAME: f"{inherited}/{os.urandom(16).hex()}"}


def kill_marked(mark: dict[str, str]) -> None:
    """Kill every process that carries a mark."""
    needle = mark[_NAME].rpartition("/")[2].encode()
    for _ in range(_ROUNDS):
        found = list(_carrying(needle))
        if not found:
            return
        for process in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _carrying(needle: bytes) -> Iterator[int]:
    for folder in _PROCESSES.glob("[0-9]*"):
        # It may be somebody else's, or be gone by now.
        with contextlib.suppress(OSError):
            if needle in (folder / "environ").read_bytes():
                yield int(folder.name)
