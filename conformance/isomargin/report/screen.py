"""The terminal a person looks at: how wide it is, and whether it shows colours.

Colours only repeat what the words say. Whatever came from a file or a subject is
made fit for one line before it is painted.
"""

import os
import shutil
import sys
from dataclasses import dataclass

from isomargin.drive.printable import printable

__all__ = ["Screen", "plain", "screen"]

_PAINTS = {
    "good": "32",
    "bad": "31",
    "doubtful": "33",
    "quiet": "2",
    "strong": "1",
}
_WIDEST = 100
_LONGEST_ESCAPE = 6
_NARROWEST = 40


@dataclass(frozen=True)
class Screen:
    """Where text is shown.

    Attributes:
        width: characters in a line.
        colours: whether paint shows.
    """

    width: int = 80
    colours: bool = False

    def painted(self, text: str, paint: str) -> str:
        """Return text in a paint: good, bad, doubtful, quiet or strong."""
        if not self.colours or not paint:
            return text
        return f"\x1b[{_PAINTS[paint]}m{text}\x1b[0m"


def screen() -> Screen:
    """Return the screen that standard output goes to."""
    width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    return Screen(width, sys.stdout.isatty() and not os.environ.get("NO_COLOR"))


def plain(text: object) -> str:
    """Return anything as text for one line, whole, control characters escaped."""
    words = str(text)
    return printable(words, limit=_LONGEST_ESCAPE * len(words) + 1)
