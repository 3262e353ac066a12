"""An engine's own environment, built in `.environment` beside its adapter.

Engines pin packages that clash with each other and with isomargin, so that each
lives in an environment of its own: a virtual environment of Python, a folder of
Node.js packages, a program that Cargo has built. What one is built of stands in the
adapter's manifest:

    environment: {python: requirements.txt}
    environment: {python: requirements.txt, python_version: "3.12"}
    environment: {node: package.json}
    environment: {rust: Cargo.toml}

A file of requirements lists every package, those that others depend on too, and
nothing else is installed: an engine's own list is often many times what the part
under test imports.

A build ends by writing a stamp, the digest of all it was built from. Without the
stamp the environment is not set up, however much of it is there.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import isomargin_adapter
from isomargin.errors import SubjectUnusable
from isomargin.interpreters import interpreter
from isomargin.rulebook.strict_yaml import load_file

__all__ = ["NOT_SET_UP", "READY", "STALE", "setup", "state"]

READY = "ready"
NOT_SET_UP = "not set up"
STALE = "stale"

Say = Callable[[str], None]
Environment = Mapping[str, Any]

_INTERFACE = Path(isomargin_adapter.__file__).parent
_THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
_LINES_SHOWN = 12


def state(adapter_folder: Path) -> str:
    """Return how an adapter's environment stands.

    Args:
        adapter_folder: the folder of the adapter, which holds `adapter.yaml`.

    Returns:
        `ready`, also when the adapter needs no environment; `not set up`; `stale`
        when what it was built from has changed; `needs npm`, `needs cargo` or
        `needs python3.12` when the tool that would build it is not installed.

    Raises:
        SubjectUnusable: the folder holds no manifest.
        RulebookError: the manifest cannot be read.
    """
    environment = _declared(adapter_folder)
    if environment is None:
        return READY
    stamp = _stamp_file(adapter_folder)
    built_from = stamp.read_text("utf-8") if stamp.is_file() else None
    if built_from == _stamp(adapter_folder, environment):
        return READY
    if _tool(environment) is None:
        return f"needs {_tool_name(environment)}"
    return STALE if built_from else NOT_SET_UP


def setup(adapter_folder: Path, *, say: Say) -> None:
    """Build an adapter's environment, unless it is ready as it stands.

    Args:
        adapter_folder: the folder of the adapter, which holds `adapter.yaml`.
        say: called with each line of progress, and with the last lines of an
            installer that failed.

    Raises:
        SubjectUnusable: there is no manifest, the tool that would build it is not
            installed, or the installer failed.
        RulebookError: the manifest cannot be read.
    """
    # Installers are started in the folder, where a relative path would mislead.
    folder = adapter_folder.resolve()
    environment = _declared(folder)
    if environment is None:
        say(f"{folder.name}: needs no environment")
        return
    if state(folder) != READY:
        _rebuild(folder, environment, say)
    say(f"{folder.name}: ready")


def _rebuild(folder: Path, environment: Environment, say: Say) -> None:
    tool = _tool(environment)
    if tool is None:
        raise SubjectUnusable(
            f"{_tool_name(environment)} is not installed",
            f"adapter {folder.name}",
            f"install it, then run: isomargin adapter setup {folder.name}",
        )
    stamp = _stamp(folder, environment)
    say(f"{folder.name}: building its environment")
    place = folder / ".environment"
    if place.exists():
        shutil.rmtree(place)
    _BUILDERS[_kind(environment)](folder, environment, tool, say)
    _stamp_file(folder).write_text(stamp, "utf-8")


def _build_python(folder: Path, environment: Environment, tool: str, say: Say) -> None:
    place = folder / ".environment"
    _run([tool, "-m", "venv", str(place)], folder, folder, say)
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--no-deps"]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    _run([*pip, *quiet, "--requirement", environment["python"]], folder, folder, say)
    # A link and not a search path: the engine must see the interface, and none of
    # the packages that happen to lie beside it.
    packages = next(place.glob("lib/python*/site-packages"))
    (packages / _INTERFACE.name).symlink_to(_INTERFACE, target_is_directory=True)


def _build_node(folder: Path, environment: Environment, tool: str, say: Say) -> None:
    place = folder / ".environment"
    place.mkdir()
    for file in _files(folder, environment):
        shutil.copy(file, place)
    locked = (place / "package-lock.json").is_file()
    verb = ["ci"] if locked else ["install", "--no-package-lock"]
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    _run([tool, *verb, "--ignore-scripts", *quiet], place, folder, say)


def _build_rust(folder: Path, environment: Environment, tool: str, say: Say) -> None:
    place = folder / ".environment"
    parts = place / "target"
    package = (folder / environment["rust"]).parent
    where = ["--path", str(package), "--root", str(place), "--target-dir", str(parts)]
    _run([tool, "install", "--quiet", "--locked", *where], folder, folder, say)
    # Many times the size of the program, and of no use once it is linked.
    shutil.rmtree(parts, ignore_errors=True)


_BUILDERS = {"python": _build_python, "node": _build_node, "rust": _build_rust}
# Of each kind but Python: what builds it, what pins it, and what becomes part of it.
_TOOLS = {"node": "npm", "rust": "cargo"}
_LOCKS = {"node": "package-lock.json", "rust": "Cargo.lock"}
_SOURCES = {"rust": ("src/**/*.rs", "../isomargin_adapter_rust/src/*.rs")}


def _run(command: Sequence[str], where: Path, folder: Path, say: Say) -> None:
    """Run an installer; when it fails, say its last lines and raise."""
    done = subprocess.run(
        command,
        cwd=where,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        for line in done.stdout.splitlines()[-_LINES_SHOWN:]:
            say(f"  {line}")
        raise SubjectUnusable(
            f"`{' '.join([Path(command[0]).name, *command[1:]])}` failed"
            f" with exit code {done.returncode}",
            f"adapter {folder.name}",
            f"mend it, then run: isomargin adapter setup {folder.name}",
        )


def _declared(folder: Path) -> Environment | None:
    manifest = folder / "adapter.yaml"
    if not manifest.is_file():
        raise SubjectUnusable(
            "there is no adapter.yaml",
            str(folder),
            "run: isomargin adapter list, to see the adapters there are",
        )
    environment: Environment | None = load_file(manifest).get("environment")
    return environment


def _kind(environment: Environment) -> str:
    return next(kind for kind in _BUILDERS if kind in environment)


def _tool_name(environment: Environment) -> str:
    python = f"python{environment.get('python_version', _THIS_PYTHON)}"
    return _TOOLS.get(_kind(environment), python)


def _tool(environment: Environment) -> str | None:
    if tool := _TOOLS.get(_kind(environment)):
        return shutil.which(tool)
    return interpreter(environment.get("python_version", _THIS_PYTHON))


def _files(folder: Path, environment: Environment) -> list[Path]:
    """Return the files an environment is built from; a lock only where there is one."""
    kind = _kind(environment)
    named = [folder / environment[kind]]
    locks = [folder / _LOCKS[kind]] if kind in _LOCKS else []
    sources = (sorted(folder.glob(form)) for form in _SOURCES.get(kind, ()))
    return [*named, *(lock for lock in locks if lock.is_file()), *chain(*sources)]


def _stamp_file(folder: Path) -> Path:
    return folder / ".environment" / "stamp"


def _stamp(folder: Path, environment: Environment) -> str:
    """Return the digest of all that the environment is to be built from."""
    ingredients = [
        json.dumps(environment, sort_keys=True),
        _tool_name(environment),
        *([str(_INTERFACE)] if _kind(environment) == "python" else []),
        *(_content(folder, file) for file in _files(folder, environment)),
    ]
    return hashlib.sha256(json.dumps(ingredients).encode()).hexdigest()


def _content(folder: Path, file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise SubjectUnusable(
            f"{file.name} cannot be read: {error.strerror}",
            f"adapter {folder.name}",
            "add the file, or take it out of the manifest's environment",
        ) from error
