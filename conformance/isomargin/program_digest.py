"""A digest of the program that a run asked, so that a log says what it is about.

It covers what is the subject's own: the files of an adapter's folder, the files that
a command names by a path, the files of a Python package. The interpreter found by
name, the environment that pins build, and what is behind a web address are not in it.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from isomargin.drive import Command

__all__ = ["program_digest"]

_BUILT = frozenset({".environment", "__pycache__", "node_modules", "target", "build"})
_CHUNK = 1024 * 1024


def program_digest(command: Command) -> str | None:
    """Return the digest of a subject's program.

    Args:
        command: how it is started.

    Returns:
        `sha256:` and 64 digits; None for a subject behind an address.
    """
    if command.url:
        return None
    digest = hashlib.sha256()
    for name, path in sorted(set(_files(command))):
        digest.update(name.encode() + b"\0" + _content(path))
    return f"sha256:{digest.hexdigest()}"


def _content(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.digest()


def _files(command: Command) -> Iterator[tuple[str, Path]]:
    """Yield each file with the name it counts under, the same on every machine."""
    if command.given.startswith("py:"):
        yield from _package(command.given.removeprefix("py:").partition(":")[0])
    elif command.given.startswith("cmd:"):
        yield from _named(command)
    elif command.cwd:
        yield from _folder(command.cwd)


def _named(command: Command) -> Iterator[tuple[str, Path]]:
    program, *words = command.argv
    for word in [program] * ("/" in program) + words:
        path = (command.cwd or Path.cwd()) / word
        # Unlike the method of a path, it takes a word too long for a name.
        if os.path.isfile(path):  # noqa: PTH113 - as above
            yield path.name, path


def _package(module: str) -> Iterator[tuple[str, Path]]:
    top = module.partition(".")[0]
    spec = PathFinder.find_spec(top, [str(Path.cwd()), *sys.path])
    origin = Path(spec.origin) if spec and spec.origin else None
    if origin and origin.name == "__init__.py":
        yield from _folder(origin.parent)
    elif origin and origin.is_file():
        yield origin.name, origin


def _folder(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file() and _BUILT.isdisjoint(parts):
            yield "/".join(parts), path
