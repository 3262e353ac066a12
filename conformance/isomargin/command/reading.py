"""The verbs `list` and `show`."""

from collections.abc import Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import click

from isomargin.command.description import DESCRIBED, Description
from isomargin.command.entries import KINDS, entries_of, named
from isomargin.command.options import Desk, desk_options, pattern_option
from isomargin.errors import NothingSelected, UsageError
from isomargin.report.screen import Screen, plain
from isomargin.report.table import paragraph, table

__all__ = ["COMMANDS"]


@click.command(name="list")
@click.argument(
    "kind",
    type=click.Choice(list(KINDS)),
    default="cases",
    metavar="KIND",
)
@pattern_option
@click.option("--profile", metavar="ID", help="Only cases judged by this profile.")
@desk_options()
def list_(desk: Desk, kind: str, pattern: str | None, profile: str | None) -> None:
    """List cases, rules, profiles, quantities or claims.

    KIND is one of these; cases when it is left out.
    """
    found = [
        entry
        for entry in entries_of(kind, desk.rulebook, desk.catalogue)
        if fnmatchcase(entry["id"], pattern or "*")
        and (profile is None or entry.get("profile") == profile)
    ]
    if not found:
        raise NothingSelected(f"no {kind} are left", None, "widen -k or --profile")
    columns = KINDS[kind].headings
    rows = [[entry[name] for name in columns] for entry in found]
    headings = [name.upper().replace("_", " ") for name in columns]
    desk.tell(lambda: found, lambda: table(rows, desk.screen, headings=headings))


@click.command()
@click.argument("identity", metavar="ID")
@desk_options()
def show(desk: Desk, identity: str) -> None:
    """Show one of them: its text, its core, and its sources."""
    found = [
        DESCRIBED[kind](thing, desk.rulebook, desk.catalogue)
        for kind, thing in named(identity, desk.rulebook)
    ]
    if not found:
        raise UsageError(
            f"there is nothing called {identity!r}", None, _near(desk, identity)
        )
    desk.tell(
        lambda: [one.data for one in found] if len(found) > 1 else found[0].data,
        lambda: _lines(found, desk.screen),
    )


def _near(desk: Desk, identity: str) -> str:
    known = [
        entry["id"]
        for kind in KINDS
        for entry in entries_of(kind, desk.rulebook, desk.catalogue)
    ]
    near = get_close_matches(identity, known, n=1)
    return f"did you mean {near[0]}?" if near else "see: isomargin list rules"


def _lines(found: Iterable[Description], screen: Screen) -> Iterable[str]:
    for place, one in enumerate(found):
        if place:
            yield ""
        yield screen.painted(plain(one.heading), "strong")
        for text in one.paragraphs:
            yield from ("", *paragraph(text, screen))
        for rows in one.tables:
            yield from ("", *table(rows, screen))
        if one.core:
            yield from ("", *(plain(line) for line in one.core.splitlines()))


COMMANDS: dict[str, Any] = {"list": list_, "show": show}
