"""An adapter's manifest: how the engine in a folder is started."""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import isomargin_adapter
from isomargin.errors import RulebookError, SubjectUnusable
from isomargin.rulebook.strict_yaml import load_file

__all__ = ["Manifest", "read_manifest"]

_TEXTS = ("name", "title", "version", "language", "licence", "homepage")
_FIELDS = {*_TEXTS, "command", "environment", "quantities", "notes", "start_seconds"}
_BUILT: Mapping[str, tuple[str, ...]] = {
    "python": (".environment/bin/python",),
    "node": (".environment/node_modules", "node_modules"),
    "rust": (".environment/bin",),
}
_INTERFACE = ".environment/interface"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What `adapter.yaml` says.

    Attributes:
        folder: where it lies.
        name: the adapter's name.
        title: the engine's name as people write it.
        command: the words of the command; `{python}` and `{node}` stand for
            the interpreters.
        environment: of python, node and rust, the one that the engine needs an
            environment of its own for, with the file that pins it; and the
            python_version it needs, where that is another.
        version: the engine's version.
        language: what the engine is written in.
        licence: the engine's licence.
        homepage: where the engine comes from.
        quantities: quantity to who computes it, engine or adapter.
        notes: what a reader of the results should know.
        start_seconds: how long the engine may take to introduce itself, where that
            is longer than usual.
    """

    folder: Path
    name: str
    title: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    version: str | None = None
    language: str | None = None
    licence: str | None = None
    homepage: str | None = None
    quantities: Mapping[str, str] = field(default_factory=dict)
    notes: Any = None
    start_seconds: str = "0"

    def argv(self) -> tuple[str, ...]:
        """Return the command with its interpreters filled in.

        Raises:
            SubjectUnusable: an interpreter or the environment is missing.
        """
        for kind in self.environment.keys() & _BUILT.keys():
            self._require(kind)
        words = {"{python}": self._python, "{node}": self._node}
        return tuple(words[w]() if w in words else w for w in self.command)

    @property
    def additions(self) -> Mapping[str, str]:
        """Return what the program finds added to its environment variables.

        An environment of its own does not have the adapter interface installed;
        it finds a folder that holds the interface and nothing else, so that
        nothing of ours can stand before the engine's pinned requirements.
        """
        interface = self.folder.resolve() / _INTERFACE
        if "python" not in self.environment or not interface.parent.is_dir():
            return {}
        _link_interface(interface)
        return {"PYTHONPATH": str(interface)}

    def _python(self) -> str:
        if "python" not in self.environment:
            return sys.executable
        return str(self.folder.resolve() / _BUILT["python"][0])

    def _node(self) -> str:
        node = shutil.which("node")
        if not node:
            raise SubjectUnusable(
                "there is no program node", self.name, "install Node.js"
            )
        return node

    def _require(self, kind: str) -> None:
        if not any((self.folder / built).exists() for built in _BUILT[kind]):
            raise SubjectUnusable(
                f"its {kind} environment is not set up",
                self.name,
                f"run: isomargin adapter setup {self.name}",
            )


def _link_interface(folder: Path) -> None:
    package = Path(isomargin_adapter.__file__).resolve().parent
    link = folder / package.name
    if link.is_symlink() and link.readlink() == package:
        return
    folder.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(package, target_is_directory=True)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest in a folder.

    Raises:
        RulebookError: `adapter.yaml` is not what it should be.
    """
    path = folder / "adapter.yaml"
    data = load_file(path)
    if not isinstance(data, dict):
        raise RulebookError("the manifest is no mapping", str(path))
    _check(data, str(path))
    given = {key: value for key, value in data.items() if key in _FIELDS}
    given["command"] = tuple(data["command"])
    return Manifest(folder=folder, **given)


def _check(data: Mapping[str, Any], where: str) -> None:
    unknown = sorted(data.keys() - _FIELDS)
    if unknown:
        known = ", ".join(sorted(_FIELDS))
        raise RulebookError(f"unknown field {unknown[0]}", where, f"use one of {known}")
    for key in ("name", "title", "command"):
        if key not in data:
            raise RulebookError(f"the field {key} is missing", where, "add it")
    for key in _TEXTS:
        if not isinstance(data.get(key, ""), str):
            raise RulebookError(f"{key} is no text", where, "write it as one")
    if not str(data.get("start_seconds", "0")).isdecimal():
        raise RulebookError("start_seconds is no whole number", where, "write 60")
    _check_command(data["command"], where)
    _check_environment(data.get("environment", {}), where)


def _check_command(command: object, where: str) -> None:
    words = command if isinstance(command, list) else []
    if not words or not all(isinstance(word, str) and word for word in words):
        remedy = 'write it like ["{python}", adapter.py]'
        raise RulebookError("command is no list of words", where, remedy)
    for word in words:
        if word.startswith("{") and word not in ("{python}", "{node}"):
            raise RulebookError(
                f"unknown placeholder {word}", where, "use {python} or {node}"
            )


def _check_environment(environment: object, where: str) -> None:
    known = {*_BUILT, "python_version"}
    if not isinstance(environment, dict) or environment.keys() - known:
        raise RulebookError(
            "environment names something else than python, node and rust",
            where,
            "write it like {python: requirements.txt}",
        )
