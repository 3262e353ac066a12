"""Stamps translations with the digest of the English they were made from.

    python -m isomargin.text.stamp nb                       units not stamped yet
    python -m isomargin.text.stamp nb rules/funding.payment  these, compared again
    python -m isomargin.text.stamp nb --all                  every unit

A unit that is stamped already is stamped again only by name, or with --all: the
stamp says that somebody has compared the two texts.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from isomargin.errors import IsomarginError, UsageError
from isomargin.text.catalogue import LANGUAGE_OF_RECORD, Catalogue, load_catalogue

__all__ = ["digests", "main", "written_digests"]

_HEADING = (
    "# Written by isomargin.text.stamp: unit, and digest of the English it renders."
)


def digests(
    translation: Catalogue, record: Catalogue, compared: Iterable[str]
) -> dict[str, str]:
    """Return the digests that a translation's units carry after stamping.

    Args:
        translation: the catalogue to stamp.
        record: the catalogue in the language of record.
        compared: the keys of the units that were compared again.

    Raises:
        UsageError: a key is of no unit that both have.
    """
    known = {
        key: record.units[key].digest
        for key in translation.units
        if key in record.units
    }
    for key in compared:
        if key not in known:
            raise UsageError(
                f"no unit {key!r} in both languages",
                None,
                "write its key as check names it, such as rules/funding.payment",
            )
    fresh = {key: known[key] for key in compared}
    old = {key: x for key, x in translation.source_digests.items() if key in known}
    return dict(sorted((known | old | fresh).items()))


def written_digests(stamps: Mapping[str, str]) -> str:
    """Return the text of a file of source digests."""
    return "\n".join([_HEADING, *(f"{k}: '{v}'" for k, v in stamps.items()), ""])


@click.command(help="Stamp a translation with the digests of the English it renders.")
@click.argument("language")
@click.argument("units", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Stamp every unit again.")
@click.option(
    "--spec",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("spec"),
    help="The rulebook's folder.",
)
def main(language: str, units: tuple[str, ...], *, every: bool, spec: Path) -> None:
    """Stamp a translation with the digests of the English it renders."""
    try:
        translation = load_catalogue(spec, language, {})
        record = load_catalogue(spec, LANGUAGE_OF_RECORD, {})
        compared = record.units.keys() & translation.units.keys() if every else units
        stamps = digests(translation, record, compared)
    except IsomarginError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    path = spec / "text" / language / "source_digests.yaml"
    path.write_text(written_digests(stamps), encoding="utf-8")
    click.echo(f"{len(stamps)} units of {language} are stamped")


if __name__ == "__main__":
    main()
