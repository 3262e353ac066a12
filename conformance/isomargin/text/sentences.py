"""The sentences of a source document, so that a ledger of it can be complete."""

import hashlib
import re
import unicodedata

__all__ = ["opening_of", "sentence_digest", "sentences"]

_OPENING_WORDS = 4
# Marks of lists, headings, tables and front matter say nothing of their own.
_MARKS = re.compile(r"^[\s\-•*#|👉\U0001F449]+|[\s|]+$")
# A sentence ends at a full stop, an exclamation or a question mark before a space
# and a capital; "vs." and the number of a numbered heading end nothing.
_END = re.compile(r"(?<=[.!?])(?<!\bvs\.)(?<!^\d\.)\s+(?=[A-ZÆØÅ\"'(])")


def sentences(document: str) -> tuple[str, ...]:
    """Return the sentences of a document, in order.

    A line is never joined to the next. A line without a letter is no sentence.
    Each sentence is in Unicode's composed form with single spaces, without the
    marks of lists, headings and tables around it.
    """
    return tuple(
        sentence
        for line in unicodedata.normalize("NFC", document).splitlines()
        for sentence in _of_line(" ".join(line.split()))
    )


def sentence_digest(sentence: str) -> str:
    """Return the first sixteen hexadecimal digits of a sentence's SHA-256."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:16]


def opening_of(sentence: str) -> str:
    """Return the few words by which a reader finds a sentence again."""
    return " ".join(sentence.split()[:_OPENING_WORDS])


def _of_line(line: str) -> list[str]:
    parts = (_MARKS.sub("", part) for part in _END.split(_MARKS.sub("", line)))
    return [part for part in parts if any(map(str.isalpha, part))]
