"""Lines to and from a link, none of them waited for longer than allowed."""

import os
import select
import time

from isomargin.drive.link import Link
from isomargin.drive.outcomes import FaultKind
from isomargin.drive.protocol import LINE_LIMIT

__all__ = ["Broken", "Channel"]

_CHUNK = 1024 * 1024
_SLICE = 0.05
_LAST_WORDS = 0.5


class Broken(Exception):
    """The conversation cannot go on.

    Attributes:
        kind: the kind of the fault.
        what: the fault, as a clause.
        detail: what was seen of it.
    """

    def __init__(self, kind: FaultKind, what: str, detail: str = "") -> None:
        super().__init__(what)
        self.kind: FaultKind = kind
        self.what = what
        self.detail = detail


class Channel:
    """One conversation over one link."""

    def __init__(self, link: Link) -> None:
        """Speak over `link`, which somebody else closes."""
        self._link = link
        self._outgoing = bytearray()
        self._partial = bytearray()
        self._deaf = False
        self._readable = select.poll()
        self._readable.register(link.reading, select.POLLIN)
        self._both = select.poll()
        self._both.register(link.reading, select.POLLIN)
        self._both.register(link.writing, select.POLLOUT)

    def send(self, data: bytes) -> None:
        """Send as much as is taken now; the rest goes while lines are awaited."""
        self._outgoing += data
        self._flush()

    def lines(self, *, until: float) -> list[bytes]:
        """Return the lines that have come, at least one, without their ends.

        Args:
            until: when to stop waiting, on the monotonic clock.

        Raises:
            Broken: the far side ended, is too slow, or writes an endless line.
        """
        while True:
            self._flush()
            chunk = self._read()
            if chunk:
                lines = self._split(chunk)
                if lines:
                    return lines
            elif chunk == b"" or self._deaf:
                raise self._ended()
            else:
                self._await(until)

    def overheard(self, seconds: float) -> list[bytes]:
        """Return what the far side writes in a time in which it must be quiet.

        Raises:
            Broken: it ended, or closed its standard input.
        """
        watch = select.poll()
        watch.register(self._link.reading, select.POLLIN)
        watch.register(self._link.writing, 0)
        if not self._partial and watch.poll(seconds * 1000):
            chunk = self._read()
            # Nothing to read, and yet something happened: the input was closed.
            self._deaf = self._deaf or chunk is None
            if not chunk:
                raise self._ended(when="after its answer")
            self._partial += chunk
        return [bytes(self._partial.split(b"\n")[0])] if self._partial else []

    def _flush(self) -> None:
        if not self._outgoing or self._deaf:
            return
        try:
            written = os.write(self._link.writing, self._outgoing)
        except BlockingIOError:
            return
        except OSError:
            # What was answered before may still be read.
            self._deaf = True
            return
        del self._outgoing[:written]

    def _read(self) -> bytes | None:
        """Return what has come, nothing at the end, or None when it is too early."""
        try:
            return os.read(self._link.reading, _CHUNK)
        except BlockingIOError:
            return None
        except ConnectionResetError:
            return b""

    def _split(self, chunk: bytes) -> list[bytes]:
        self._partial += chunk
        if b"\n" not in chunk:
            self._refuse_endless(self._partial)
            return []
        *lines, rest = self._partial.split(b"\n")
        self._partial = rest
        for line in lines:
            self._refuse_endless(line)
        return [bytes(line) for line in lines]

    def _refuse_endless(self, line: bytearray) -> None:
        if len(line) > LINE_LIMIT:
            raise Broken("protocol", f"wrote a line longer than {LINE_LIMIT} bytes")

    def _await(self, until: float) -> None:
        remaining = until - time.monotonic()
        if remaining <= 0:
            raise Broken("timeout", "gave no answer in time")
        poll = self._both if self._outgoing else self._readable
        # The pipe may be held open by something the child left behind, so its
        # end alone does not tell that the child is gone.
        waited = poll.poll(min(remaining, _SLICE) * 1000)
        if not waited and self._link.has_ended() and not self._readable.poll(0):
            raise self._ended()

    def _ended(self, when: str = "before it answered") -> Broken:
        until = time.monotonic() + _LAST_WORDS
        while not self._link.has_ended() and time.monotonic() < until:
            time.sleep(_SLICE / 10)
        how = self._link.ending()
        if how:
            half = " in the middle of a line" if self._partial else ""
            return Broken("crash", f"ended {when}{half}", how)
        pipe = "input" if self._deaf else "output"
        return Broken("crash", f"closed its standard {pipe} {when}", "it lives on")
