"""A subject behind an address: the same lines, posted."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from isomargin.drive.printable import printable

__all__ = ["WebLink"]

_CHUNK = 64 * 1024
_HEADERS = {"Content-Type": "application/x-ndjson", "Accept": "application/x-ndjson"}


class _Refused(Exception):
    """The server answered a post with something else than success."""


class WebLink:
    """A thread that posts what is written to it and hands back what is answered.

    All lines written at once travel in one body; a server that wants them one
    by one declares a window of 1.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        """Reach the server at `url`, waiting `timeout` seconds for a connection."""
        self._ours, self._theirs = socket.socketpair()
        self._ours.settimeout(0)
        # Reading and writing are watched apart, which takes two descriptors.
        self._voice = self._ours.dup()
        self.writing, self.reading = self._voice.fileno(), self._ours.fileno()
        self._wire: socket.socket | None = None
        self._address = urlsplit(url)
        self._connection = _connection(self._address, timeout)
        self._ending = ""
        self._closed = False
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def has_ended(self) -> bool:
        """Return whether the connection is gone."""
        return not self._thread.is_alive()

    def ending(self) -> str:
        """Return how the connection ended; empty while it lives."""
        return self._ending if self.has_ended() else ""

    def errors(self) -> str:
        """Return nothing: a server has no standard error here."""
        return ""

    def interrupt(self) -> None:
        """End the connection at once."""
        for end in (self._wire, self._theirs):
            with contextlib.suppress(OSError):
                if end:
                    end.shutdown(socket.SHUT_RDWR)

    def close(self, *, grace: float, farewell: bytes = b"") -> None:  # noqa: ARG002 - the connection's end is the goodbye
        """End the connection and free the descriptors."""
        if self._closed:
            return
        self._closed = True
        self.interrupt()
        self._voice.close()
        self._ours.close()
        self._thread.join(grace)

    def _carry(self) -> None:
        try:
            for body in self._bodies():
                self._post(body)
        except _Refused as refusal:
            self._ending = str(refusal)
        except (OSError, http.client.HTTPException) as error:
            self._ending = f"the connection failed: {_told(error)}"
        finally:
            self._connection.close()
            self._theirs.close()

    def _bodies(self) -> Iterator[bytes]:
        body = bytearray()
        while chunk := self._theirs.recv(_CHUNK):
            body += chunk
            if chunk.endswith(b"\n"):
                yield bytes(body)
                body.clear()

    def _post(self, body: bytes) -> None:
        with self._response(body) as response:
            self._relay(response)

    def _relay(self, response: http.client.HTTPResponse) -> None:
        if response.status != http.HTTPStatus.OK:
            said = printable(response.read(200).decode(errors="replace"))
            status = f"the server answered {response.status} {response.reason}"
            raise _Refused(f"{status}: {said}" if said else status)
        end = b"\n"
        while chunk := response.read1(_CHUNK):
            self._theirs.sendall(chunk)
            end = chunk[-1:]
        if end != b"\n":
            self._theirs.sendall(b"\n")

    def _response(self, body: bytes) -> http.client.HTTPResponse:
        reused = self._connection.sock is not None
        try:
            return self._attempt(body)
        except (http.client.RemoteDisconnected, ConnectionError):
            # A server may close a connection it kept; the first use tells.
            if not reused or self._closed:
                raise
        self._connection.close()
        return self._attempt(body)

    def _attempt(self, body: bytes) -> http.client.HTTPResponse:
        path = self._address.path or "/"
        query = f"?{self._address.query}" if self._address.query else ""
        self._connection.request("POST", path + query, body, _HEADERS)
        # From here the patience of the run decides, not that of one receipt.
        self._wire = self._connection.sock
        self._wire.settimeout(None)
        return self._connection.getresponse()


def _connection(address: SplitResult, timeout: float) -> http.client.HTTPConnection:
    secure = address.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    return kind(address.hostname or "", address.port, timeout=timeout)


def _told(error: Exception) -> str:
    return printable(getattr(error, "strerror", None) or str(error) or "it was closed")
