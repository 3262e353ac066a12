"""Several children of one subject, asked at the same time."""

import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from isomargin.drive.limits import Limits
from isomargin.drive.outcomes import Fault, Outcome, Question
from isomargin.drive.subject import Subject
from isomargin.drive.transport import Command

__all__ = ["ask_all", "open_subjects"]

_AHEAD = 1024

_Answered = tuple[int, Question, Outcome]


@contextmanager
def open_subjects(
    command: Command,
    *,
    suite_version: str,
    jobs: int = 1,
    limits: Limits | None = None,
    cwd: Path | None = None,
) -> Iterator[tuple[Subject, ...]]:
    """Open the same subject `jobs` times, and close all of them at the end.

    Their breakdowns count together: how often a run starts a subject again does not
    depend on how many copies of it there are.

    Raises:
        SubjectUnusable: one of them gives no introduction.
    """
    toll: list[Fault] = []
    with ExitStack() as opened:
        yield tuple(
            opened.enter_context(
                Subject.open(
                    command,
                    suite_version=suite_version,
                    limits=limits,
                    cwd=cwd,
                    toll=toll,
                )
            )
            for _ in range(jobs)
        )


def ask_all(
    subjects: Sequence[Subject], questions: Iterable[Question]
) -> Iterator[tuple[Question, Outcome]]:
    """Yield every question with its outcome, in the order asked.

    Args:
        subjects: who is asked; each question goes to whoever has room for it.
        questions: what is asked.
    """
    if len(subjects) == 1:
        yield from subjects[0].ask_all(questions)
        return
    crew = _Crew(subjects, questions)
    try:
        yield from _ordered(crew.answers())
    finally:
        crew.dismiss()


def _ordered(answers: Iterator[_Answered]) -> Iterator[tuple[Question, Outcome]]:
    early: dict[int, tuple[Question, Outcome]] = {}
    due = 0
    for index, question, outcome in answers:
        early[index] = question, outcome
        while due in early:
            yield early.pop(due)
            due += 1


class _Crew:
    """A thread a subject, all taking from one list of questions."""

    def __init__(
        self, subjects: Sequence[Subject], questions: Iterable[Question]
    ) -> None:
        self._subjects = subjects
        self._source = enumerate(questions)
        self._taking = threading.Lock()
        self._dismissed = threading.Event()
        self._done: queue.Queue[_Answered | BaseException | None] = queue.Queue(_AHEAD)
        self._threads = [
            threading.Thread(target=self._work, args=(subject,), daemon=True)
            for subject in subjects
        ]
        for thread in self._threads:
            thread.start()

    def answers(self) -> Iterator[_Answered]:
        working = len(self._threads)
        while working:
            item = self._done.get()
            if item is None:
                working -= 1
            elif isinstance(item, BaseException):
                raise item
            else:
                yield item

    def dismiss(self) -> None:
        """Stop everybody, also those in the middle of a question."""
        if any(thread.is_alive() for thread in self._threads):
            self._dismissed.set()
        for thread, subject in zip(self._threads, self._subjects, strict=True):
            while thread.is_alive():
                if self._dismissed.is_set():
                    subject.interrupt()
                self._empty()
                thread.join(0.02)

    def _empty(self) -> None:
        while not self._done.empty():
            self._done.get()

    def _work(self, subject: Subject) -> None:
        indexes: list[int] = []
        try:
            outcomes = subject.ask_all(self._mine(indexes))
            for count, (question, outcome) in enumerate(outcomes):
                self._done.put((indexes[count], question, outcome))
        except BaseException as error:  # noqa: BLE001 - it is raised where it is awaited
            self._done.put(error)
        finally:
            self._done.put(None)

    def _mine(self, indexes: list[int]) -> Iterator[Question]:
        while not self._dismissed.is_set():
            with self._taking:
                taken = next(self._source, None)
            if taken is None:
                return
            indexes.append(taken[0])
            yield taken[1]
