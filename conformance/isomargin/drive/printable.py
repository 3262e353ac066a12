"""What a subject wrote, made fit for one line of a terminal or a log."""

import re

__all__ = ["printable"]

# Control characters, separators and marks of direction that would rewrite the
# line they stand on, and halves of surrogate pairs, which no file can hold.
_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_UNFIT_BUT_NEWLINE = re.compile(
    _UNFIT.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f")
)


def printable(text: str, *, limit: int = 500, newlines: bool = False) -> str:
    r"""Return text with every unfit character escaped, cut to a length.

    Args:
        text: anything a subject wrote.
        limit: how many characters are kept; a cut is marked with an ellipsis.
        newlines: keep line feeds as they are, for text of several lines.
    """
    unfit = _UNFIT_BUT_NEWLINE if newlines else _UNFIT
    # Cutting first keeps the work in proportion to what is kept.
    safe = unfit.sub(lambda hit: _escape(hit.group()), text[: limit + 1])
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"  # noqa: PLR2004 - one byte
