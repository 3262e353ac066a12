"""The verb that says which faults the cases catch: power."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from isomargin.command.options import Desk, desk_options
from isomargin.log import read
from isomargin.power import Power, assess, measured, read_corpus, unseen

__all__ = ["COMMANDS"]


@click.command()
@click.option(
    "--log",
    type=click.Path(path_type=Path),
    help="Also say which faults the run of this log could not have seen.",
)
@desk_options(texts=False)
def power(desk: Desk, log: Path | None) -> int:
    """Say which faults the cases catch, rule by rule.

    Every engine of the corpus of broken engines is asked every case. Exit code 1: a
    fault is caught by no case, or by none of a rule it breaks; a must-rule tells no
    fault.
    """
    corpus = read_corpus(desk.places, desk.rulebook)
    matrix = measured(corpus, desk.rulebook, desk.places)
    found = assess(corpus, matrix, desk.rulebook)
    blind = unseen(matrix, read(log)) if log else ()
    desk.tell(lambda: _data(found, blind), lambda: _lines(found, blind))
    weak = found.survivors or found.astray or found.not_equivalent or found.untold
    return 1 if weak else 0


def _data(found: Power, blind: tuple[str, ...]) -> dict[str, Any]:
    return {
        "faults": found.faults,
        "equivalent": list(found.equivalent),
        "survivors": list(found.survivors),
        "astray": list(found.astray),
        "not_equivalent": list(found.not_equivalent),
        "rules": {rule: list(faults) for rule, faults in found.rules.items()},
        "untold": list(found.untold),
        "killing_set": list(found.killing_set),
        "unseen": list(blind),
    }


def _lines(found: Power, blind: tuple[str, ...]) -> Iterator[str]:
    for name in found.survivors:
        yield f"caught by no case: {name}"
    for name in found.astray:
        yield f"caught by no case of a rule it breaks: {name}"
    for name in found.not_equivalent:
        yield f"marked equivalent, and yet caught: {name}"
    for rule in found.untold:
        yield f"tells no fault: {rule}"
    for name in blind:
        yield f"the run could not have seen: {name}"
    caught = found.faults - len(found.survivors) - len(found.equivalent)
    enough = len(found.killing_set)
    yield f"{caught} of {found.faults} faults are caught; {enough} cases are enough"


COMMANDS = {"power": power}
