"""What a person names as the subject, and how that is started or reached."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from isomargin.errors import SubjectUnusable, UsageError

__all__ = ["Command", "resolve"]

_FORMS = (
    "give cmd:PROGRAM, py:PACKAGE.MODULE:FACTORY, http://HOST:PORT/ "
    "or the name of an adapter"
)


@dataclass(frozen=True, kw_only=True)
class Command:
    """How a subject is started, or where it is reached.

    Attributes:
        given: the subject as it was named.
        argv: the program and its arguments; empty when there is a `url`.
        url: where it is reached over HTTP.
        cwd: where the program is started; the caller's choice when None.
        environment: what is added to the environment.
        start_seconds: how long it may take to introduce itself, at the least.
    """

    given: str
    argv: tuple[str, ...] = ()
    url: str | None = None
    cwd: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    start_seconds: int = 0


def resolve(subject: str, *, adapters: Sequence[Path] = ()) -> Command:
    """Return how to start the subject that a person named.

    Args:
        subject: `cmd:./engine --flag`, a program that speaks the protocol;
            `py:package.module:factory`, a Python callable whose result is the
            keyword arguments of `isomargin_adapter.serve`, always in a child;
            `http://host:port/`, a server of the protocol; or an adapter's name,
            after a colon followed by the one argument its program is given.
        adapters: folders of adapters, the first that has the name wins.

    Raises:
        UsageError: the text names no subject.
        SubjectUnusable: it names one that cannot be started here.
    """
    scheme, colon, rest = subject.partition(":")
    form = _SCHEMES.get(scheme) if colon else None
    if form:
        return form(subject, rest)
    return _adapter(subject, adapters)


def _program(given: str, words: str) -> Command:
    try:
        argv = tuple(shlex.split(words))
    except ValueError as error:
        raise UsageError(
            f"the command cannot be read: {str(error).lower()}", given, "quote it whole"
        ) from error
    if not argv:
        raise UsageError("the command is empty", given, "write cmd:PROGRAM ARGUMENTS")
    if "/" not in argv[0] and not shutil.which(argv[0]):
        raise SubjectUnusable(
            f"there is no program {argv[0]}", given, "install it or give its path"
        )
    return Command(given=given, argv=argv)


def _python(given: str, target: str) -> Command:
    module, colon, factory = target.partition(":")
    names = [*module.split("."), *factory.split(".")]
    if not colon or not all(name.isidentifier() for name in names):
        raise UsageError(
            "it names no Python callable", given, "write py:PACKAGE.MODULE:FACTORY"
        )
    argv = (sys.executable, "-m", "isomargin.drive.python_host", target)
    return Command(given=given, argv=argv)


def _server(given: str, rest: str) -> Command:  # noqa: ARG001 - one shape for all forms
    try:
        parts = urlsplit(given)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError("it is no address", given, "write http://HOST:PORT/")
    return Command(given=given, url=given)


_SCHEMES: Mapping[str, Callable[[str, str], Command]] = {
    "cmd": _program,
    "py": _python,
    "http": _server,
    "https": _server,
}


def _adapter(given: str, roots: Sequence[Path]) -> Command:
    name, colon, argument = given.partition(":")
    folder = next((root / name for root in roots if (root / name).is_dir()), None)
    if folder is None or not name:
        raise UsageError(
            "there is no such subject", given or "''", _nearest(name, roots)
        )
    if not (folder / "adapter.yaml").is_file():
        raise SubjectUnusable(
            "the folder has no adapter.yaml", str(folder), "write one or name another"
        )
    # Only named adapters need YAML, which is slow to import.
    from isomargin.drive.manifest import read_manifest  # noqa: PLC0415

    manifest = read_manifest(folder)
    environment = dict(manifest.additions)
    if inherited := os.environ.get("PYTHONPATH"):
        for key in environment.keys() & {"PYTHONPATH"}:
            environment[key] += os.pathsep + inherited
    return Command(
        given=given,
        argv=(*manifest.argv(), *([argument] if colon else ())),
        cwd=folder.resolve(),
        environment=environment,
        start_seconds=int(manifest.start_seconds),
    )


def _nearest(name: str, roots: Sequence[Path]) -> str:
    known = {
        path.parent.relative_to(root).as_posix()
        for root in roots
        for pattern in ("*/adapter.yaml", "*/*/adapter.yaml")
        for path in root.glob(pattern)
    }
    import difflib  # noqa: PLC0415 - only a wrong name needs it

    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else _FORMS
