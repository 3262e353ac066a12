"""Starters: a working adapter around a toy engine, written into a person's folder.

Each language has its template under `adapters/templates/`. A starter builds and
passes cases as it is written, so that its owner replaces one thing at a time and
sees at once which replacement broke what.
"""

import difflib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from isomargin.errors import UsageError

__all__ = ["STARTERS", "Starter", "write_starter"]

# What a build leaves behind in a checkout is no part of a template.
_BUILT = ("__pycache__", "dist", "node_modules", "out", "target", "toy-adapter")
_BUILT_FILES = ("*.pyc", "Cargo.lock", "package-lock.json")


@dataclass(frozen=True)
class Starter:
    """A template, and how what is written from it is built and started.

    Attributes:
        language: its language, which is also the name of its folder.
        build: the commands that build it, to be given in its folder.
        command: the program that is then the subject, seen from its folder.
    """

    language: str
    build: tuple[str, ...]
    command: str


STARTERS: Mapping[str, Starter] = {
    starter.language: starter
    for starter in (
        Starter("python", (), "python adapter.py"),
        Starter("typescript", ("npm install", "npm run build"), "node dist/main.js"),
        Starter("rust", ("cargo build --release",), "target/release/toy-adapter"),
        Starter("go", ("go build",), "./toy-adapter"),
        Starter("java", ("javac -d out src/*.java",), "java -cp out Main"),
        Starter("c++", ("make",), "./toy-adapter"),
    )
}


def write_starter(language: str, folder: Path, *, templates: Path) -> list[Path]:
    """Write the starter of a language into a folder and return its files.

    Args:
        language: one of `STARTERS`.
        folder: where to; it is created, or empty.
        templates: the folder that holds a template for each language.

    Raises:
        UsageError: there is no such starter, or the folder holds something.
    """
    if language not in STARTERS:
        near = difflib.get_close_matches(language, STARTERS, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"use one of {_languages()}"
        raise UsageError(f"there is no starter for {language!r}", "--lang", remedy)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        remedy = "name a folder that is new or empty"
        raise UsageError("something is there already", str(folder), remedy)
    ignored = shutil.ignore_patterns(*_BUILT, *_BUILT_FILES)
    template = templates / language
    try:
        shutil.copytree(template, folder, ignore=ignored, dirs_exist_ok=True)
    except OSError as error:
        reason = error.strerror or "not all of it can be written"
        remedy = "name a folder that can be written"
        raise UsageError(reason.lower(), str(folder), remedy) from error
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _languages() -> str:
    return ", ".join(STARTERS)
