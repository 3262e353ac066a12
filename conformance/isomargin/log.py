"""The log of a run: one line of JSON for the start, each case and the end.

    {"t":"header","format":1,…,"started":"2025-01-01T00:00:00Z"}
    {"t":"case","id":"…",…,"seal":"…"}
    {"t":"footer",…,"cases":1,"seconds":"0.3","digest":"…"}

A line is only ever added, and in one write, so that a run cut short leaves a log
that is whole up to its last line. Every case carries a seal made of itself and
of all before it, and the footer a digest of everything: a line that is edited,
moved or taken out is found by its number. Seals and digest leave out the fields
that tell the time, so that two runs of one subject differ in those alone.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from isomargin.bounded import content_within
from isomargin.errors import LogUnverifiable, UsageError

__all__ = ["FORMAT", "LogFile", "RunLog", "read", "resume", "verify"]

FORMAT = 1

_CLOCK_FIELDS = frozenset({"started", "seconds"})
_SEAL_LENGTH = 16
# A line is a few kilobytes, so that this is a hundred thousand cases and more.
_LIMIT_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class LogFile:
    """A log that has been read.

    Attributes:
        header: what was run, against what.
        cases: the lines of the cases, in order.
        footer: the end of the run; None when it was cut short.
    """

    header: Mapping[str, Any]
    cases: tuple[Mapping[str, Any], ...]
    footer: Mapping[str, Any] | None

    @property
    def complete(self) -> bool:
        """Return whether the run came to its end."""
        return self.footer is not None


class RunLog:
    """A log being written; a context manager that lets go of the file.

    Attributes:
        path: the file.
        done: the ids of the cases it holds.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        """Write to a file that is open; `create` and `resume` open one."""
        self.path = path
        self.done: set[str] = set()
        self._descriptor = descriptor
        self._chain = _Chain()

    @classmethod
    def create(cls, path: Path, header: Mapping[str, Any]) -> Self:
        """Start a log, in place of what the file held.

        Args:
            path: the file.
            header: suite, rulebook and cases (digests), subject, command,
                profiles, seed, and `started`, the time.

        Raises:
            UsageError: the file cannot be written.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        log = cls(path, _opened(path, flags))
        log._write({"t": "header", "format": FORMAT, **header})
        return log

    def append(self, case: Mapping[str, Any]) -> None:
        """Add the line of a case, sealed.

        Args:
            case: whatever is to be kept; `id` is required and used once.

        Raises:
            ValueError: there is no id, or the log has it.
            UsageError: the file cannot be written.
        """
        identity = case.get("id")
        if not isinstance(identity, str) or identity in self.done:
            raise ValueError(f"a case needs an id of its own, not {identity!r}")
        self.done.add(identity)
        data = _encoded({"t": "case", **case})
        seal = self._chain.seal(data).encode()
        # The seal comes last; the rest is not encoded a second time for it.
        self._put(data[:-1] + b',"seal":"' + seal + b'"}')

    def close(self, footer: Mapping[str, Any] | None = None) -> None:
        """End the log.

        Args:
            footer: counts, verdict, exit_code, and `seconds`, the time taken.
                Without one the log stays incomplete and can be resumed.
        """
        if footer is not None:
            line = {"t": "footer", **footer, "cases": len(self.done)}
            line["digest"] = self._chain.digest(line)
            self._put(_encoded(line))
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, line: dict[str, Any]) -> None:
        self._chain.add(line)
        self._put(_encoded(line))

    def _put(self, data: bytes) -> None:
        data += b"\n"
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            raise _trouble(self.path, error) from error


def read(path: Path) -> LogFile:
    """Return what a log holds; an unfinished last line is left out.

    Raises:
        LogUnverifiable: it is no log, or a line of it cannot be read.
    """
    return _checked(path).log


def verify(path: Path) -> LogFile:
    """Return what a log holds, if it is whole and as it was written.

    Raises:
        LogUnverifiable: it was cut short, or a line was edited, moved, added or
            taken out; the message names the first such line.
    """
    checked = _checked(path, sealed=True)
    if checked.log.footer is None:
        where = f"{path}:{len(checked.log.cases) + 2}"
        raise LogUnverifiable(
            "the log has no footer: the run was cut short", where, "resume the run"
        )
    return checked.log


def resume(path: Path) -> tuple[RunLog, LogFile]:
    """Open a log that was cut short, to go on with it.

    Returns:
        The log, whose `done` names the cases it has, and what it holds so far.

    Raises:
        UsageError: the log is complete.
        LogUnverifiable: it is no log, or not as it was written.
    """
    checked = _checked(path, sealed=True)
    if checked.log.complete:
        raise UsageError("the log is complete", str(path), "start a new run")
    log = RunLog(path, _opened(path, os.O_WRONLY | os.O_APPEND))
    # What was being written when the run was cut short is written again.
    os.ftruncate(log._descriptor, checked.size)  # noqa: SLF001 - one module
    log._chain = checked.chain  # noqa: SLF001 - as above
    log.done = {case["id"] for case in checked.log.cases}
    return log, checked.log


class _Chain:
    """A running hash over the lines of a log, without their times."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, line: Mapping[str, Any]) -> None:
        timeless = {key: line[key] for key in line if key not in _CLOCK_FIELDS}
        self._hash.update(_encoded(timeless) + b"\n")

    def seal(self, data: bytes) -> str:
        """Add a case's line as it is encoded, without its seal; return the seal."""
        self._hash.update(data + b"\n")
        return self._hash.hexdigest()[:_SEAL_LENGTH]

    def sealed(self, line: dict[str, Any]) -> str:
        """Add a case's line, without its seal, and return the seal."""
        return self.seal(_encoded(line))

    def digest(self, line: Mapping[str, Any]) -> str:
        self.add(line)
        return self._hash.hexdigest()


_DISTRUST = "do not rely on it: run again"
_NAME_ANOTHER = "name a file that run --log wrote"


class _Checked:
    """A log as its lines are taken in, one by one.

    Attributes:
        chain: the hash of what was taken in.
        size: how many bytes of the file are whole lines.
    """

    def __init__(self) -> None:
        self.chain = _Chain()
        self.size = 0
        self._header: Mapping[str, Any] | None = None
        self._cases: dict[str, Mapping[str, Any]] = {}
        self._footer: Mapping[str, Any] | None = None

    def take(self, line: dict[str, Any], where: str) -> None:
        if self._footer is not None:
            raise LogUnverifiable("a line follows the footer", where, _DISTRUST)
        if self._header is None:
            self._header = _header(line, where)
        elif line.get("t") == "case":
            _add_case(self._cases, line, where)
        else:
            self._footer = _footer(line, len(self._cases), where)

    @property
    def log(self) -> LogFile:
        if self._header is None:
            raise AssertionError("a log is asked for when its header was taken in")
        return LogFile(self._header, tuple(self._cases.values()), self._footer)


def _checked(path: Path, *, sealed: bool = False) -> _Checked:
    with _file_trouble(path):
        content = content_within(path, _LIMIT_BYTES)
    if content is None:
        what = f"the file is larger than {_LIMIT_BYTES} bytes"
        raise LogUnverifiable(what, str(path), _NAME_ANOTHER)
    *lines, rest = content.split(b"\n")
    if not lines:
        raise LogUnverifiable("the file is no run log", str(path), _NAME_ANOTHER)
    checked = _Checked()
    checked.size = len(content) - len(rest)
    for number, raw in enumerate(lines, start=1):
        where = f"{path}:{number}"
        line = _line(raw, where)
        checked.take(line, where)
        if sealed:
            _check_seal(checked.chain, line, where, raw)
    if rest and checked.log.complete:
        where = f"{path}:{len(lines) + 1}"
        raise LogUnverifiable("a line follows the footer", where, _DISTRUST)
    return checked


def _line(raw: bytes, where: str) -> dict[str, Any]:
    try:
        line = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise LogUnverifiable("the line is not JSON", where, _DISTRUST) from error
    if not isinstance(line, dict):
        raise LogUnverifiable("the line is no object", where, _DISTRUST)
    return line


def _header(line: dict[str, Any], where: str) -> dict[str, Any]:
    if line.get("t") != "header":
        raise LogUnverifiable("the file is no run log", where, _NAME_ANOTHER)
    if line.get("format") != FORMAT:
        what = f"the log is of format {line.get('format')!r}, not {FORMAT}"
        raise LogUnverifiable(what, where, "read it with the version that wrote it")
    return line


def _add_case(
    cases: dict[str, Mapping[str, Any]], line: dict[str, Any], where: str
) -> None:
    identity = line.get("id")
    if not isinstance(identity, str):
        raise LogUnverifiable("the case has no id", where, _DISTRUST)
    if identity in cases:
        what = f"the case {identity} is there a second time"
        raise LogUnverifiable(what, where, _DISTRUST)
    cases[identity] = line


def _footer(line: dict[str, Any], cases: int, where: str) -> dict[str, Any]:
    if line.get("t") != "footer":
        what = "the line is neither a case nor the footer"
        raise LogUnverifiable(what, where, _DISTRUST)
    if line.get("cases") != cases:
        what = f"the footer counts {line.get('cases')} cases where there are {cases}"
        raise LogUnverifiable(what, where, _DISTRUST)
    return line


_SEALS = {"case": ("seal", _Chain.sealed), "footer": ("digest", _Chain.digest)}


def _check_seal(chain: _Chain, line: dict[str, Any], where: str, raw: bytes) -> None:
    field, sealing = _SEALS.get(line["t"], ("", None))
    bare = {key: line[key] for key in line if key != field}
    if sealing is None:
        chain.add(bare)
    elif line.get(field) != sealing(chain, bare):
        what = "the line, or one before it, was edited, moved, added or taken out"
        raise LogUnverifiable(what, where, _DISTRUST)
    if _encoded(line) != raw:
        what = "the line is not as it was written"
        raise LogUnverifiable(what, where, _DISTRUST)


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _encoded(line: dict[str, Any]) -> bytes:
    return _ENCODE(line).encode()


def _opened(path: Path, flags: int) -> int:
    with _file_trouble(path):
        return os.open(path, flags, 0o644)


@contextmanager
def _file_trouble(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _trouble(path, error) from error


def _trouble(path: Path, error: OSError) -> UsageError:
    return UsageError(error.strerror or str(error), str(path), "name another file")
