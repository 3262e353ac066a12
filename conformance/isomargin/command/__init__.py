"""The `isomargin` command: a process, and its end whatever befalls its output."""

import atexit
import errno
import gc
import io
import os
import signal
import sys
from collections.abc import Sequence

from isomargin import __version__

__all__ = ["NOBODY_READS", "UNWRITABLE", "command", "is_about_output", "main"]

UNWRITABLE = 74
NOBODY_READS = 141
_SIGNALLED = 128
_ENDING = (signal.SIGTERM, signal.SIGHUP)
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
_OBJECTS_BEFORE_A_COLLECTION = 100_000


def command() -> None:
    """Carry out the command line, then end the process with its exit code.

    Most of what it makes is there to stay: garbage is looked for less often, and at the
    end a rulebook and a run are not freed object by object, which takes longer than to
    report on them.
    """
    gc.set_threshold(_OBJECTS_BEFORE_A_COLLECTION)
    # A stream that was closed before the start is None, which nobody expects.
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    for number in _ENDING:
        # Whoever started the command may have it ignore one.
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _end)
    code = _code()
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    atexit._run_exitfuncs()  # noqa: SLF001 - what an end of the usual kind does first
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line and return its exit code.

    Args:
        arguments: the words after the program's name; the command line's when absent.

    Raises:
        OSError: the output cannot be written; see `is_about_output`.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words == ["--version"]:
        # Answered before anything else is read: programs ask this often.
        sys.stdout.write(f"isomargin {__version__}\n")
        return 0
    from isomargin.command.program import program  # noqa: PLC0415 - as above

    return program(words)


def is_about_output(error: OSError) -> bool:
    """Say whether an error is that a disk is full or fails, or that nobody reads."""
    return isinstance(error, BrokenPipeError) or error.errno in _UNWRITABLE


def _end(number: int, _: object) -> None:
    """End as an interruption does, so that no engine is left behind."""
    # Once is enough: the way out is not to be cut short.
    signal.signal(number, signal.SIG_IGN)
    raise _Ended(signal.Signals(number))


class _Ended(BaseException):
    """Somebody else ends the command."""


def _code() -> int:
    try:
        code = main()
        sys.stdout.flush()
    except _Ended as ended:
        [number] = ended.args
        return _told(f"ended by {number.name}", _SIGNALLED + number)
    except BrokenPipeError:
        return NOBODY_READS
    except OSError as error:
        return _told(f"the output is cut: {error.strerror}", UNWRITABLE)
    return code


def _told(what: str, code: int) -> int:
    try:  # noqa: SIM105 - what is imported here is imported at every start
        sys.stderr.write(f"isomargin: {what}\n")
    except OSError:
        pass
    return code


def _nowhere() -> io.TextIOWrapper:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - a path is slow to import
