"""The `isomargin` command."""

import sys
from collections.abc import Sequence

from isomargin import __version__

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line and return its exit code.

    Args:
        arguments: the words after the program's name; the command line's when absent.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words == ["--version"]:
        # Answered before anything else is read: programs ask this often.
        sys.stdout.write(f"isomargin {__version__}\n")
        return 0
    from isomargin.command.program import program  # noqa: PLC0415 - as above

    return program(words)
