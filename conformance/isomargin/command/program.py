"""From a command line to an exit code: whatever goes wrong is one clear line.

0 …7  what the verb says, or the exit code of the error (see isomargin.errors)
70    a defect of isomargin itself
74    the output cannot be written: a disk is full, or fails
130   interrupted
141   whoever read the output stopped reading
128 + the number of the signal by which it was ended, such as 143
"""

import sys
from collections.abc import Sequence
from typing import TextIO

import click

from isomargin.command import is_about_output
from isomargin.command.verbs import verbs
from isomargin.errors import IsomarginError, UsageError
from isomargin.report.screen import plain

__all__ = ["DEFECT", "INTERRUPTED", "program"]

DEFECT = 70
INTERRUPTED = 130


def program(words: Sequence[str]) -> int:
    """Carry out a command line and return its exit code.

    Args:
        words: the words after the program's name.

    Raises:
        OSError: the output cannot be written, or nobody reads it.
    """
    for stream in (sys.stdout, sys.stderr):
        _write_utf8(stream)
    try:
        return _invoked(words)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        return _complain(_usage(error), UsageError.exit_code)
    except IsomarginError as error:
        if "--debug" in words:
            _trace()
        return _complain(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted", INTERRUPTED)
    except Exception as error:
        if isinstance(error, OSError) and is_about_output(error):
            raise
        # A defect of ours is told in one line too.
        if "--debug" in words:
            _trace()
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


def _trace() -> None:
    import traceback  # noqa: PLC0415 - only who asks for it

    traceback.print_exc()
