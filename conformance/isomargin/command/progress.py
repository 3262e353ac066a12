"""A line of progress, for a person who would otherwise wait for a second or more."""

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self, TextIO

__all__ = ["Progress"]

_PATIENCE = 1.0
_PAUSE = 0.1
_CLEAR = "\r\x1b[K"


class Progress:
    """A line on a terminal that is written over, and wiped away at the end."""

    def __init__(self, stream: TextIO | None) -> None:
        """Write to a stream; to nothing when it is None."""
        self._stream = stream
        self._due = time.monotonic() + _PATIENCE
        self._shown = False

    @classmethod
    def on_terminal(cls) -> Self:
        """Return progress on standard error, shown only where that is a terminal."""
        return cls(sys.stderr if sys.stderr.isatty() else None)

    def show(self, counts: Mapping[str, int], total: int) -> None:
        """Show how far a run is, now and then.

        Args:
            counts: status to number of cases so far.
            total: how many cases there are.
        """
        if self._stream is None or (now := time.monotonic()) < self._due:
            return
        self._due, self._shown = now + _PAUSE, True
        done = sum(counts.values())
        wrong = counts.get("failed", 0) + counts.get("errored", 0)
        self._stream.write(f"{_CLEAR}{done} of {total} cases, {wrong} failed")
        self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream and self._shown:
            self._stream.write(_CLEAR)
            self._stream.flush()
