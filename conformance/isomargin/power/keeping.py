"""The matrix measured last is kept until anything it is made from changes."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import isomargin
import isomargin_adapter
from isomargin.cache import cache_folder
from isomargin.power.corpus import ADAPTER
from isomargin.power.matrix import Matrix
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import Places

__all__ = ["keep", "kept_matrix"]


def kept_matrix(rulebook: Rulebook, places: Places) -> Matrix | None:
    """Return the matrix measured last, None where something has changed since."""
    try:
        data = json.loads(_path(places).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(data, dict) or data.get("key") != _key(rulebook, places):
        return None
    return Matrix.of_data(data)


def keep(matrix: Matrix, rulebook: Rulebook, places: Places) -> None:
    """Write a matrix so that a reader finds all of it or the one before it."""
    path = _path(places)
    text = json.dumps({"key": _key(rulebook, places), **matrix.data()})
    # A cache that cannot be written costs time and nothing else.
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = path.with_suffix(f".{os.getpid()}")
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(path)


def _path(places: Places) -> Path:
    folders = f"{places.spec}\0{places.cases}"
    name = hashlib.sha256(folders.encode()).hexdigest()[:16]
    return cache_folder() / f"power-{name}.json"


def _key(rulebook: Rulebook, places: Places) -> str:
    """Return the digest of all that the matrix is made from, code included."""
    digest = hashlib.sha256()
    for digested in (rulebook.digest, rulebook.cases_digest):
        digest.update(digested.encode())
    for folder in _folders(places):
        for path in sorted(folder.rglob("*.py")):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _folders(places: Places) -> Iterator[Path]:
    """Yield the folders of all code that has a part in the matrix."""
    for package in (isomargin, isomargin_adapter):
        yield Path(str(package.__file__)).parent
    yield places.adapters / ADAPTER
    # The engine the faulty ones are made of is looked for and never imported.
    reference = find_spec("isomargin_reference")
    if reference is not None and reference.origin is not None:
        yield Path(reference.origin).parent
