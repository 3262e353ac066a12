"""Reading a file that may be without end, such as a device somebody linked to."""

from pathlib import Path

__all__ = ["content_within"]


def content_within(path: Path, limit: int) -> bytes | None:
    """Return what a file holds; None where that is more than a number of bytes.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(limit + 1)
    return content if len(content) <= limit else None
