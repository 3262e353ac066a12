"""The options that are the same everywhere, and what every verb works with."""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any

import click

from isomargin.cache import cached_rulebook
from isomargin.drive import Limits
from isomargin.errors import UsageError
from isomargin.report.screen import Screen, screen
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import Places, places

if TYPE_CHECKING:
    from isomargin.text import Catalogue

__all__ = [
    "Desk",
    "desk_options",
    "jobs_option",
    "limits_of",
    "pattern_option",
    "subject_option",
    "timeout_option",
]

FORMATS = ("terminal", "json")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What every verb works with: the rulebook, a language, and a form of output.

    Attributes:
        spec: another rulebook's folder; None for the project's own.
        language: the language of texts and numbers.
        format: terminal, json, or one that the verb offers besides.
    """

    spec: str | None
    language: str
    format: str

    @cached_property
    def places(self) -> Places:
        """The folders in use."""
        return places(self.spec)

    @cached_property
    def rulebook(self) -> Rulebook:
        """The rulebook, from the cache where it can be."""
        return cached_rulebook(self.places)

    @cached_property
    def catalogue(self) -> "Catalogue":
        """The texts of the language."""
        # Only what shows texts reads them, and YAML is slow to import.
        from isomargin.text import load_catalogue  # noqa: PLC0415
        from isomargin.text.subjects import kinds_of  # noqa: PLC0415

        folder = self.places.spec / "text"
        known = sorted(path.name for path in folder.glob("*") if path.is_dir())
        if self.language not in known:
            what = f"there are no texts in {self.language!r}"
            raise UsageError(what, "--lang", f"use one of {', '.join(known)}")
        spec, kinds = self.places.spec, kinds_of(self.rulebook)
        return load_catalogue(spec, self.language, kinds)

    @cached_property
    def screen(self) -> Screen:
        """The screen that lines are written for."""
        return screen()

    def tell(self, data: Callable[[], Any], lines: Callable[[], Iterable[str]]) -> None:
        """Write a result: as JSON, or as lines for a person.

        Args:
            data: makes the JSON.
            lines: makes the lines.
        """
        if self.format == "json":
            text = json.dumps(data(), ensure_ascii=False, indent=2)
            click.echo(text)
        else:
            for line in lines():
                click.echo(line, color=self.screen.colours)


def desk_options(
    *formats: str,
    texts: bool = True,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds `--spec`, `--lang`, `--format` and `--debug`.

    The decorated function is called with a `Desk` first.

    Args:
        formats: the forms of output; terminal and json when none is named.
        texts: whether the verb shows texts, and so takes `--lang`.
    """
    options = _options(formats or FORMATS)[0 if texts else 1 :]

    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def called(
            *,
            spec: str | None,
            form: str | None,
            lang: str = "en",
            **given: Any,
        ) -> Any:
            usual = "terminal" if sys.stdout.isatty() else "json"
            desk = Desk(spec=spec, language=lang, format=form or usual)
            return function(desk, **given)

        for option in reversed(options):
            option(called)
        return called

    return decorated


def _options(choices: tuple[str, ...]) -> list[Callable[..., Any]]:
    said = "How the result is written. [default: terminal, json when piped]"
    return [
        click.option(
            "--lang", default="en", show_default=True, help="Language: en, nb, …"
        ),
        click.option("--format", "form", type=click.Choice(choices), help=said),
        click.option("--spec", metavar="DIR", help="Another rulebook to use."),
        click.option(
            "--debug",
            is_flag=True,
            expose_value=False,
            help="Show the traceback of an error.",
        ),
    ]


def subject_option(*, required: bool) -> Callable[..., Any]:
    """Return the option that names the engine."""
    return click.option(
        "--subject",
        required=required,
        metavar="SUBJECT",
        help="The engine: an adapter's name, cmd:PROGRAM, py:MODULE:FACTORY"
        " or http://HOST:PORT/.",
    )


pattern_option = click.option(
    "-k", "pattern", metavar="GLOB", help="Only ids that match, such as '*.tier.*'."
)
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many copies of the engine are asked at once.",
)
timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Patience for one answer. [default: 2 a quote, 10 a scenario]",
)


def limits_of(timeout: float | None) -> Limits:
    """Return the patience of a run; a timeout counts for every answer."""
    return Limits() if timeout is None else Limits(quote=timeout, run=timeout)
