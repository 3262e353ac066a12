"""The verb `adapter`: the engines there are adapters for, and their environments."""

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from isomargin import environments
from isomargin.command.options import Desk, desk_options
from isomargin.errors import UsageError
from isomargin.report.table import table
from isomargin.rulebook.strict_yaml import load_file
from isomargin.starters import STARTERS, Starter, write_starter

__all__ = ["COMMANDS"]

_FIELDS = ("name", "title", "version", "language", "licence")
_STARTED = f"The language of the adapter: {', '.join(STARTERS)}."


@click.group(name="adapter")
def adapter() -> None:
    """The engines that come with an adapter, and starters for others."""


@adapter.command(name="list")
@desk_options()
def list_(desk: Desk) -> None:
    """List the adapters, and whether each can be started."""
    found = [_described(folder) for folder in _folders(desk.places.adapters)]
    headings = ("ADAPTER", "ENVIRONMENT", "VERSION", "ENGINE")
    rows = [
        (x["name"], x["environment"], x["version"] or "", x["title"]) for x in found
    ]
    desk.tell(lambda: found, lambda: table(rows, desk.screen, headings=headings))


@adapter.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@desk_options()
def setup(desk: Desk, names: Sequence[str]) -> None:
    """Build the environments that engines run in."""
    known = {folder.name: folder for folder in _folders(desk.places.adapters)}
    for name in names:
        if name not in known:
            remedy = f"use one of {', '.join(known)}"
            raise UsageError(f"there is no adapter {name!r}", None, remedy)
    for name in names:
        # An installer may take minutes: what it does is said at once.
        environments.setup(known[name], say=lambda line: click.echo(line, err=True))


@adapter.command()
@click.option("--lang", "language", required=True, metavar="LANGUAGE", help=_STARTED)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@desk_options(texts=False)
def init(desk: Desk, language: str, folder: Path) -> None:
    """Write a working adapter around a toy engine into a new folder."""
    templates = desk.places.adapters / "templates"
    files = write_starter(language, folder, templates=templates)
    starter = STARTERS[language]
    written = [path.relative_to(folder).as_posix() for path in files]
    told = {"folder": str(folder), "files": written, **asdict(starter)}
    desk.tell(lambda: told, lambda: _next_steps(starter, folder))


def _next_steps(starter: Starter, folder: Path) -> list[str]:
    """Return what to do next, as commands to copy."""
    smoke = f'isomargin smoke --subject "cmd:{starter.command}"'
    return [f"cd {shlex.quote(str(folder))}", *starter.build, smoke]


def _folders(adapters: Path) -> list[Path]:
    return sorted(manifest.parent for manifest in adapters.glob("*/adapter.yaml"))


def _described(folder: Path) -> dict[str, Any]:
    manifest = load_file(folder / "adapter.yaml")
    fields = {name: manifest.get(name) for name in _FIELDS}
    return {**fields, "environment": environments.state(folder)}


COMMANDS = {"adapter": adapter}
