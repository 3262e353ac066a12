"""The bridge to an exchange: a child that is asked a line at a time.

What it says is checked against `spec/schema/bridge.json` before anything is read from
it. What it writes outside its answers is never shown: it may hold keys.
"""

import json
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from isomargin.drive.channel import Broken, Channel
from isomargin.drive.link import ProcessLink
from isomargin.drive.transport import Command
from isomargin.errors import SubjectUnusable
from isomargin.rulebook.schema import schema

__all__ = ["Bridge", "ExchangeFault", "Greeting"]

_BRIDGE = 1
_START_SECONDS = 60.0
_GRACE = 2.0
_LONGEST = 400


@dataclass(frozen=True, kw_only=True)
class Greeting:
    """What the bridge is told before anything is asked.

    Attributes:
        exchange: the exchange, as ccxt names it.
        contract: linear or inverse.
        sandbox: whether to go where no money is real.
        orders: whether orders may be sent at all.
        real_money: whether they may be sent where money is real.
        url: another address to send requests to; None for the exchange's own.
    """

    exchange: str
    contract: str = "linear"
    sandbox: bool = False
    orders: bool = False
    real_money: bool = False
    url: str | None = None


class ExchangeFault(SubjectUnusable):
    """The exchange, or the way to it, gave no answer that can be judged.

    Attributes:
        kind: the kind of fault, as the bridge names it.
    """

    def __init__(self, kind: str, message: str, exchange: str) -> None:
        """Say what happened at `exchange`, and what to do about its `kind`."""
        what, remedy = _KINDS.get(kind, _OTHER)
        super().__init__(f"{what}: {message}" if message else what, exchange, remedy)
        self.kind = kind


_OTHER = ("the bridge failed", "report it")
# The kind of a fault: what is said of it, and what to do.
_KINDS: Mapping[str, tuple[str, str]] = {
    "exchange_unknown": ("it is no exchange", "use a name that ccxt has for one"),
    "no_sandbox": ("orders have nowhere to go", "name another exchange"),
    "no_credentials": ("a key is missing", "set it in the environment"),
    "address": ("the address is not used", "give one that begins with https://"),
    "real_money": ("money may be real there", "see: isomargin live --help"),
    "orders": ("the order was not sent", "see: isomargin live --help"),
    "credentials": ("the key is refused", "look at the key and at what it may do"),
    "clock": (
        "the clock here and the exchange's differ by too much",
        "set this machine's clock",
    ),
    "rate_limit": ("it gets too many requests", "wait a minute and run again"),
    "maintenance": ("it is under maintenance", "run again when it is back"),
    "unavailable": ("it cannot be used now", "run again later"),
    "network": ("it did not answer", "look at the connection and run again"),
    "symbol": ("there is no such instrument", "name one as BTC/USDT:USDT"),
    "not_supported": ("ccxt cannot do this there", "leave it out"),
    "exchange": ("it refused", "look up its message"),
    "answer": ("its answer makes no sense", "run again later"),
}


class Bridge:
    """A conversation with the bridge; a context manager that leaves no child behind.

    Attributes:
        introduction: what the bridge says of itself: exchange, venue, library.
    """

    def __init__(
        self, command: Command, greeting: Greeting, *, schemas: Path, patience: float
    ) -> None:
        """Start the bridge and greet it.

        Args:
            command: how it is started.
            greeting: which exchange, and what is allowed.
            schemas: the folder of JSON Schemas.
            patience: seconds for one answer.

        Raises:
            SubjectUnusable: it cannot be started, or the exchange not be opened.
        """
        self._exchange = greeting.exchange
        self._schemas = schemas
        self._patience = patience
        self._seq = 0
        self._lines: deque[bytes] = deque()
        self._link = ProcessLink(command)
        self._channel = Channel(self._link)
        try:
            hello = {"t": "hello", "bridge": _BRIDGE, **vars(greeting)}
            seconds = max(_START_SECONDS, command.start_seconds)
            self.introduction = self._sound(self._said(hello, seconds))
        except BaseException:
            self.close()
            raise

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
        """End the bridge."""
        self._link.close(grace=_GRACE, farewell=b'{"t":"bye"}\n')

    def read(self, symbols: Sequence[str] | None = None) -> Mapping[str, Any]:
        """Return the account: positions, instruments, balances, what is missing.

        Raises:
            ExchangeFault: the exchange gave no answer.
        """
        return self._asked({"t": "read", "symbols": symbols and list(symbols)})

    def look(self, symbols: Sequence[str] | None = None) -> Mapping[str, Any]:
        """Return the positions only.

        Raises:
            ExchangeFault: the exchange gave no answer.
        """
        return self._asked({"t": "look", "symbols": symbols and list(symbols)})

    def do(self, action: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do an action; return its outcome, and of a refusal reason and message.

        Raises:
            ExchangeFault: nobody can say what came of it.
        """
        done = self._asked({"t": "do", "do": action, "with": dict(given)})
        return {**done, "message": _short(done.get("message", ""))}

    def _asked(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        self._seq += 1
        answer = self._said({**message, "seq": self._seq}, self._patience)
        while answer.get("seq", 0) < self._seq:
            # It is the answer to a question that somebody stopped waiting for.
            answer = self._heard(self._patience)
        return self._sound(answer)

    def _said(self, message: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        self._channel.send(json.dumps(message).encode() + b"\n")
        return self._heard(seconds)

    def _heard(self, seconds: float) -> dict[str, Any]:
        """Return the next answer.

        Raises:
            SubjectUnusable: there is none, or it is none of a bridge's.
        """
        if not self._lines:
            until = time.monotonic() + seconds
            try:
                self._lines += self._channel.lines(until=until)
            except Broken as breakdown:
                raise self._broken(f"it {breakdown.what}") from breakdown
        return self._checked(self._lines.popleft())

    def _sound(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return an answer that is no error.

        Raises:
            ExchangeFault: it is one.
        """
        if answer["t"] == "error":
            told = _short(answer["message"])
            raise ExchangeFault(answer["kind"], told, self._exchange)
        return answer

    def _checked(self, line: bytes) -> dict[str, Any]:
        # Imported here: only a live exchange needs it.
        from jsonschema import Draft202012Validator  # noqa: PLC0415

        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError as error:
            raise self._broken("its answer is not JSON") from error
        form = schema(self._schemas, "bridge")
        answers = {"$ref": "#/$defs/answer", "$defs": form["$defs"]}
        if not Draft202012Validator(answers).is_valid(answer):
            raise self._broken("its answer is none of a bridge's")
        return answer

    def _broken(self, what: str) -> SubjectUnusable:
        where = f"the bridge to {self._exchange}"
        return SubjectUnusable(what, where, "run: isomargin adapter setup ccxt")


def _short(text: str) -> str:
    """Return an exchange's words, not all of them where it sends a whole page."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
