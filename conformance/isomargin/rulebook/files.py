"""The files a rulebook is read from, and one digest of them.

They are looked through at every start, so that names stay texts until a path is needed:
a thousand are found and read in half the time that `Path` takes for it.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from isomargin.rulebook.places import Places

__all__ = ["case_files", "digest_of", "files_under", "rulebook_files"]


def rulebook_files(places: Places) -> list[str]:
    """Return every file of the rulebook, in order."""
    return files_under(places.spec, ".yaml", ".json")


def case_files(places: Places) -> list[str]:
    """Return every file of cases beyond the worked examples, in order."""
    return files_under(places.cases, ".yaml")


def files_under(folder: Path, *suffixes: str) -> list[str]:
    """Return the files in a folder, at any depth, whose names end in one of these.

    They are in the order of paths: part by part.
    """
    found = (
        os.path.join(parent, name)  # noqa: PTH118 - no path is needed yet
        for parent, _, names in os.walk(folder)
        for name in names
        if name.endswith(suffixes)
    )
    # An editor's lock may be a link that leads nowhere.
    files = filter(os.path.isfile, found)
    return sorted(files, key=lambda file: file.replace(os.sep, "\0"))


def digest_of(files: Iterable[str], root: Path) -> str:
    """Return a digest of the contents of files and of their names below a folder."""
    digest = hashlib.sha256()
    for file in files:
        with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - as above
            content = hashlib.sha256(opened.read()).digest()
        name = file.removeprefix(f"{root}{os.sep}").replace(os.sep, "/")
        digest.update(name.encode() + b"\0" + content)
    return f"sha256:{digest.hexdigest()}"
