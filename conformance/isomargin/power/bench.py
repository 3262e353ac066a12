"""The bench: one engine is started and asked questions in a row, for what it says.

It speaks protocol 1 like any subject, but it is ours: it neither hangs for long nor
lies, so that the questions can be handed to it all at once. Its lines are kept as
they came; those that are another engine's to the letter need not be read.
"""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from isomargin import __version__, drive
from isomargin.drive import Introduction, Outcome, Question
from isomargin.drive.outcomes import Fault
from isomargin.drive.protocol import Malformed, read_answer, read_introduction
from isomargin.errors import SubjectUnusable
from isomargin.rulebook.places import Places

__all__ = ["Said", "introduction_of", "outcome_of", "said_by"]

_HELLO = f'{{"t":"hello","protocol":1,"suite":"isomargin/{__version__}"}}\n'
_PATIENCE = 300


@dataclass(frozen=True)
class Said:
    """What an engine said.

    Attributes:
        introduction: its first line.
        answers: a line a question, in order; fewer where it broke down.
    """

    introduction: bytes
    answers: tuple[bytes, ...]


def said_by(places: Places, name: str, questions: Sequence[Question]) -> Said:
    """Return what the engine of an adapter says to questions.

    Args:
        places: where the adapters lie.
        name: the adapter, and after a colon its argument.
        questions: what is asked; each is numbered by its place.

    Raises:
        SubjectUnusable: it does not even introduce itself.
    """
    command = drive.resolve(name, adapters=[places.adapters])
    lines = [each.line(number) for number, each in enumerate(questions)]
    child = subprocess.Popen(
        command.argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=command.cwd,
        env={**os.environ, **command.environment},
    )
    with child:
        try:
            given = _HELLO.encode() + b"".join(lines)
            output, errors = child.communicate(given, timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            output, errors = child.communicate()
    introduction, *answers = output.split(b"\n")[:-1] or [b""]
    if not introduction:
        said = errors.decode(errors="replace").strip().rpartition("\n")[2]
        remedy = "check that it answers the hello message of protocol 1"
        raise SubjectUnusable(f"gave no introduction; it said: {said}", name, remedy)
    return Said(introduction, tuple(answers))


def introduction_of(said: Said) -> Introduction:
    """Return how an engine introduced itself."""
    return read_introduction(said.introduction)


def outcome_of(said: Said, number: int) -> Outcome:
    """Return the outcome of the question of a number."""
    if number >= len(said.answers):
        return Fault("crash", "broke down, or fell silent")
    try:
        seq, outcome = read_answer(said.answers[number])
    except Malformed as complaint:
        return Fault("protocol", f"its answer {complaint}")
    if seq != number:
        return Fault("protocol", "answered another question")
    return outcome
