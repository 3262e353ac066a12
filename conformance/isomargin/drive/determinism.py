"""Asking twice: an engine that answers differently cannot be judged."""

from collections.abc import Iterator, Sequence

from isomargin.drive.outcomes import Fault, Question
from isomargin.drive.subject import Subject

__all__ = ["probe_determinism"]


def probe_determinism(
    subject: Subject, questions: Sequence[Question]
) -> Iterator[tuple[Question, Fault]]:
    """Ask a sample twice and yield every question that is answered differently.

    Args:
        subject: who is asked.
        questions: the sample; it is asked whole, then whole again.

    Yields:
        The question and a fault of kind nondeterminism. A difference in how it
        breaks down, such as a timeout after a crash, counts as well.
    """
    first = list(subject.ask_all(questions))
    second = subject.ask_all(questions)
    for (question, once), (_, again) in zip(first, second, strict=True):
        if once != again:
            what = "gave two answers to one question"
            yield question, Fault("nondeterminism", what, question.id)
