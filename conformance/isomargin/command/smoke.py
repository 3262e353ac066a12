"""The verb `smoke`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from isomargin import drive
from isomargin.command.options import (
    Desk,
    desk_options,
    limits_of,
    subject_option,
    timeout_option,
)
from isomargin.report.screen import Screen, plain
from isomargin.report.table import table
from isomargin.smoke import Check, exit_code_of_smoke, smoke

__all__ = ["COMMANDS"]

_PAINTS = {"passed": "good", "failed": "bad", "not shown": "doubtful"}


@click.command(name="smoke")
@subject_option(required=True)
@timeout_option
@desk_options()
def smoke_(desk: Desk, subject: str, timeout: float | None) -> int:
    """Look at an adapter in seconds, and say what to fix.

    Exit codes: 0 nothing failed, 1 something did, 2 usage, 3 engine unusable.
    """
    command = drive.resolve(subject, adapters=[desk.places.adapters])
    checks = smoke(command, rulebook=desk.rulebook, limits=limits_of(timeout))
    desk.tell(
        lambda: [asdict(check) for check in checks],
        lambda: _lines(checks, subject, desk.screen),
    )
    return exit_code_of_smoke(checks)


def _lines(checks: Sequence[Check], subject: str, screen: Screen) -> Iterator[str]:
    rows = [(check.name, check.status, check.said) for check in checks]
    for line in table(rows, screen):
        paint = next((_PAINTS[word] for word in _PAINTS if f" {word} " in line), "")
        yield screen.painted(line, paint)
    for check in checks:
        if check.sent or check.shape:
            yield from _remedy(check)
    if exit_code_of_smoke(checks) == 0:
        yield ""
        yield f"next: isomargin run --subject {plain(_quoted(subject))}"


def _remedy(check: Check) -> Iterator[str]:
    yield ""
    yield f"{check.name}:"
    if check.sent:
        yield f"  sent      {_json(_numbered(check.sent))}"
    if check.shape:
        yield f"  expected  {_json(check.shape)}"


def _numbered(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a question with a number, as it goes over the wire; hello has none."""
    if message["t"] == "hello":
        return message
    return {"t": message["t"], "seq": 1, **message}


def _json(message: Mapping[str, Any]) -> str:
    # Whole and on one line, so that it can be copied.
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def _quoted(subject: str) -> str:
    return f'"{subject}"' if " " in subject else subject


COMMANDS = {"smoke": smoke_}
