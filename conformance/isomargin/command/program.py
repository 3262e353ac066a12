"""From a command line to an exit code: whatever goes wrong is one clear line.

0 …7  what the verb says, or the exit code of the error (see isomargin.errors)
70    a defect of isomargin itself
130   interrupted
141   whoever read the output stopped reading
"""

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TextIO

import click

from isomargin.command.verbs import verbs
from isomargin.errors import IsomarginError, UsageError
from isomargin.report.screen import plain

__all__ = ["DEFECT", "INTERRUPTED", "NOBODY_READS", "program"]

DEFECT = 70
INTERRUPTED = 130
NOBODY_READS = 141
_OBJECTS_BEFORE_A_COLLECTION = 100_000


def program(words: Sequence[str]) -> int:
    """Carry out a command line and return its exit code.

    Args:
        words: the words after the program's name.
    """
    # Most of what a command makes is there to stay until its end; to look for garbage
    # among it takes a twentieth of the time of a run.
    gc.set_threshold(_OBJECTS_BEFORE_A_COLLECTION)
    for stream in (sys.stdout, sys.stderr):
        _write_utf8(stream)
    try:
        code = _carried_out(words)
        sys.stdout.flush()
    except BrokenPipeError:
        _read_no_more()
        return NOBODY_READS
    return code


def _carried_out(words: Sequence[str]) -> int:
    try:
        return _invoked(words)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        return _complain(_usage(error), UsageError.exit_code)
    except IsomarginError as error:
        if "--debug" in words:
            traceback.print_exc()
        return _complain(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - a defect of ours is told in one line too
        if "--debug" in words:
            traceback.print_exc()
        what = f"a defect of isomargin: {type(error).__name__}: {error}"
        return _complain(f"{what}; run again with --debug and report it", DEFECT)


def _invoked(words: Sequence[str]) -> int:
    with verbs.make_context("isomargin", list(words)) as context:
        code = verbs.invoke(context)
    return code if isinstance(code, int) else 0


def _usage(error: click.ClickException) -> str:
    """Return what click says of a command line, as one line with what to do."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "isomargin"
    what = error.format_message().rstrip(".")
    return f"{what[:1].lower()}{what[1:]}; see: {path} --help"


def _complain(line: str, code: int) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"isomargin: {plain(line)}\n")
    return code


def _write_utf8(stream: TextIO) -> None:
    # Half a surrogate pair cannot be written; it is shown and ends nothing.
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(encoding="utf-8", errors="backslashreplace")


def _read_no_more() -> None:
    """Let what is left in the buffer go nowhere, so that leaving is quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
