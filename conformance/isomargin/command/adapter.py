"""The verb `adapter`: the engines there are adapters for, and their environments."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from isomargin import environments
from isomargin.command.options import Desk, desk_options
from isomargin.errors import UsageError
from isomargin.report.table import table
from isomargin.rulebook.strict_yaml import load_file

__all__ = ["COMMANDS"]

_FIELDS = ("name", "title", "version", "language", "licence")


@click.group(name="adapter")
def adapter() -> None:
    """The engines that come with an adapter."""


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


def _folders(adapters: Path) -> list[Path]:
    return sorted(manifest.parent for manifest in adapters.glob("*/adapter.yaml"))


def _described(folder: Path) -> dict[str, Any]:
    manifest = load_file(folder / "adapter.yaml")
    fields = {name: manifest.get(name) for name in _FIELDS}
    return {**fields, "environment": environments.state(folder)}


COMMANDS = {"adapter": adapter}
