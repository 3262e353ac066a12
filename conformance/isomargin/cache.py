"""The rulebook from the cache: read once, then taken up again in a moment.

A cached rulebook is taken only when every file it was read from, and every file of
this package, is as it was; anything else is noticed and read anew. Only the
rulebook's own classes are ever made from what the cache holds.
"""

import contextlib
import gc
import hashlib
import io
import os
import pickle
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import isomargin
from isomargin.expression import Expression
from isomargin.rulebook import model
from isomargin.rulebook.files import (
    case_files,
    digest_of,
    files_under,
    rulebook_files,
)
from isomargin.rulebook.model import Case, Rulebook
from isomargin.rulebook.places import Places

__all__ = ["cache_folder", "cached_rulebook"]

_DIGEST_BYTES = hashlib.sha256().digest_size
# What a case works out when it is asked for is kept with it.
_WORKED_OUT = ("digest", "asked", "wanted", "needs")
_PACKAGE = Path(isomargin.__file__).parent


def cache_folder() -> Path:
    """Return the folder the cache lies in: `isomargin` in the person's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "isomargin"


def cached_rulebook(places: Places, *, folder: Path | None = None) -> Rulebook:
    """Return the rulebook, from the cache where nothing has changed since.

    Its cases do not know the lines that their figures stand in.

    Args:
        places: the folders the rulebook and the cases lie in.
        folder: the cache; the person's own when absent.

    Raises:
        RulebookError: a file of the rulebook or of the cases is wrong.
    """
    with _uncollected():
        return _cached(places, folder)


def _cached(places: Places, folder: Path | None) -> Rulebook:
    path = (folder or cache_folder()) / f"rulebook-{_name(places)}.pickle"
    key = _key(places)
    held = _held(path, key)
    if held is not None:
        return held
    # YAML and its schemas are slow to import, and not needed for what is kept.
    from isomargin.rulebook.load import load  # noqa: PLC0415

    rulebook = _kept(load(places))
    # A cache that cannot be written costs time and nothing else.
    with contextlib.suppress(OSError):
        _keep(path, key, rulebook)
    return rulebook


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Make objects that are there to stay, without a search for garbage among them.

    While hundreds of thousands of them are made, the collector would look through them
    again and again, which takes longer than making them; and afterwards at every turn.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
        gc.freeze()


def _name(places: Places) -> str:
    folders = f"{places.spec}\0{places.cases}"
    return hashlib.sha256(folders.encode()).hexdigest()[:16]


def _key(places: Places) -> bytes:
    """Return the digest of all that a rulebook is made from, this code included."""
    ingredients = (
        isomargin.__version__,
        digest_of(rulebook_files(places), places.spec),
        digest_of(case_files(places), places.cases),
        *(
            f"{file}:{os.stat(file).st_mtime_ns}"  # noqa: PTH116 - there are hundreds
            for file in files_under(_PACKAGE, ".py")
        ),
    )
    return hashlib.sha256("\0".join(ingredients).encode()).digest()


def _held(path: Path, key: bytes) -> Rulebook | None:
    """Return the rulebook in a file of the cache; None when it is not to be used."""
    try:
        with path.open("rb") as file:
            # What somebody else has put there is not even looked into.
            if os.fstat(file.fileno()).st_uid != os.geteuid():
                return None
            seal, payload = file.read(_DIGEST_BYTES), file.read()
    except OSError:
        return None
    if seal != _seal(key, payload):
        return None
    try:
        held: tuple[Rulebook, dict[str, Any]] = _Reader(io.BytesIO(payload)).load()
        rulebook, columns = held
        return replace(rulebook, cases=_cases(columns))
    except Exception:  # noqa: BLE001 - sealed, and yet not what we write: it may do anything
        return None


def _keep(path: Path, key: bytes, rulebook: Rulebook) -> None:
    """Write the rulebook so that a reader finds all of it or the one before it."""
    import tempfile  # noqa: PLC0415 - seldom needed

    kept = replace(rulebook, cases={}), _columns(rulebook.cases.values())
    payload = pickle.dumps(kept, protocol=pickle.HIGHEST_PROTOCOL)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        unfinished = Path(file.name)
        try:
            file.write(_seal(key, payload) + payload)
            file.flush()
            unfinished.replace(path)
        except OSError:
            unfinished.unlink()
            raise


def _kept(rulebook: Rulebook) -> Rulebook:
    """Return the rulebook without what only a reader of its files asks for."""
    # The line of every figure is more than half of all that is known of a case.
    cases = {name: replace(case, lines={}) for name, case in rulebook.cases.items()}
    return replace(rulebook, cases=cases)


def _columns(cases: Collection[Case]) -> dict[str, list[Any]]:
    """Return what is known of cases: each attribute with a value a case.

    Lists of values are read in three quarters of the time of a list of cases.
    """
    names = (*(field.name for field in fields(Case)), *_WORKED_OUT)
    return {name: _shared([getattr(case, name) for case in cases]) for name in names}


def _shared(values: list[Any]) -> list[Any]:
    """Return values, equal tuples being one object: it is written and read once."""
    seen: dict[Any, Any] = {}
    return [
        seen.setdefault(value, value) if isinstance(value, tuple) else value
        for value in values
    ]


def _cases(columns: Mapping[str, Sequence[Any]]) -> dict[str, Case]:
    """Return cases by id, of what `_columns` returned."""
    cases = {}
    for values in zip(*columns.values(), strict=True):
        case = object.__new__(Case)
        vars(case).update(zip(columns, values, strict=True))
        cases[case.id] = case
    return cases


def _seal(key: bytes, payload: bytes) -> bytes:
    digest = hashlib.sha256(key)
    digest.update(payload)
    return digest.digest()


class _Reader(pickle.Unpickler):
    """Makes the rulebook's classes, expressions and fractions, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        # A name with dots, or of what a module imports, would lead to anything at all.
        if (module, name) not in _CLASSES:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a rulebook")
        return super().find_class(module, name)


_OWN = [one for one in vars(model).values() if isinstance(one, type)]
_CLASSES = frozenset(
    (module, one.__name__)
    for one, modules in (
        *((one, (one.__module__,)) for one in _OWN if one.__module__ == model.__name__),
        (Expression, (Expression.__module__,)),
        (Fraction, (Fraction.__module__,)),
    )
    for module in modules
)
