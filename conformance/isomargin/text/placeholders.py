"""Templates: the texts of the rulebook, in which every figure is a placeholder.

`{steps.1.with.price}` stands for the figure at that path, `{...:plain}` for a view
of it. A brace has no other use, and a digit no other place.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from isomargin.errors import RulebookError

__all__ = ["Placeholder", "Template", "bidi_controls", "digits_outside", "parse"]

_PIECES = re.compile(r"\{([^{}]*)\}|([^{}]+)|([{}])")
_INSIDE = re.compile(r"([\w-]+(?:\.[\w-]+)*)(?::([a-z_]+))?")
_BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


@dataclass(frozen=True)
class Placeholder:
    """A figure's place: the path to its value, and how it is to be shown.

    Attributes:
        path: keys and, for lists, indexes from zero.
        view: one of the views of the value's kind; None is the kind's own.
    """

    path: tuple[str, ...]
    view: str | None = None

    def __str__(self) -> str:
        """Return the placeholder as it is written."""
        return "{" + ".".join(self.path) + (f":{self.view}" * bool(self.view)) + "}"


@dataclass(frozen=True)
class Template:
    """A text in pieces: words, and the placeholders between them."""

    pieces: tuple[str | Placeholder, ...]

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """The placeholders, in order."""
        return tuple(x for x in self.pieces if isinstance(x, Placeholder))

    @property
    def words(self) -> tuple[str, ...]:
        """The pieces between the placeholders."""
        return tuple(x for x in self.pieces if isinstance(x, str))

    def filled(self, shown: Callable[[Placeholder], str]) -> str:
        """Return the text with what `shown` gives for each placeholder."""
        return "".join(x if isinstance(x, str) else shown(x) for x in self.pieces)


def parse(text: str) -> Template:
    """Return the template that a text is.

    Raises:
        RulebookError: a brace has no partner, or what is inside is no path.
    """
    return Template(tuple(_piece(match) for match in _PIECES.finditer(text)))


def digits_outside(template: Template) -> str:
    """Return the digits of any script that stand outside placeholders."""
    return "".join(
        mark
        for words in template.words
        for mark in words
        if unicodedata.category(mark).startswith("N")
    )


def bidi_controls(text: str) -> tuple[str, ...]:
    """Return the names of the bidirectional controls in a text.

    They can make a source file read otherwise than it is.
    """
    return tuple(unicodedata.name(x) for x in text if x in _BIDI_CONTROLS)


def _piece(match: re.Match[str]) -> str | Placeholder:
    inside, words, brace = match.groups()
    if brace:
        raise RulebookError(
            f"a brace {brace!r} without its partner",
            None,
            "write {path} or {path:view}",
        )
    if words:
        return str(words)
    placeholder = _INSIDE.fullmatch(inside)
    if not placeholder:
        raise RulebookError(
            f"{{{inside}}} is no placeholder", None, "write {path} or {path:view}"
        )
    return Placeholder(tuple(placeholder[1].split(".")), placeholder[2])
