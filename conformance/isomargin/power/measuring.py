"""Measuring the matrix: every faulty engine is asked what could tell it, over the wire.

A fault is asked the cases in which something that it changes comes to something else;
to the others it answers as the reference engine does. Of its answers those that are the
reference engine's to the letter are not judged again. What was measured is kept until a
rule, a case or a line of code changes.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

from isomargin.drive import Introduction, Question
from isomargin.errors import RulebookError
from isomargin.formulas.world import Rules
from isomargin.judge import Gap, Verdict, judge, question
from isomargin.power.bench import Said, introduction_of, outcome_of, said_by
from isomargin.power.corpus import ADAPTER, CONTROL, REACH, Corpus
from isomargin.power.keeping import keep, kept_matrix
from isomargin.power.matrix import Catch, Matrix, Row, catch_of
from isomargin.rulebook.model import Case, Rulebook
from isomargin.rulebook.places import Places

__all__ = ["measured"]

Watch = Callable[[int, int], None]

_REFERENCE = "reference"


def measured(
    corpus: Corpus,
    rulebook: Rulebook,
    places: Places,
    *,
    jobs: int | None = None,
    watch: Watch = lambda _, __: None,
) -> Matrix:
    """Return the matrix of faults by cases, kept or measured now.

    Args:
        corpus: the faults.
        rulebook: the rules and the cases.
        places: where the adapters lie.
        jobs: how many engines are asked at once; one a processor when None.
        watch: called with the number of faults measured so far, and of all.

    Raises:
        RulebookError: the reference engine fails a case, so that it tells nothing.
        SubjectUnusable: an engine cannot be started.
    """
    kept = kept_matrix(rulebook, places)
    if kept is not None and list(kept.rows) == list(corpus):
        return kept
    jobs = jobs or os.cpu_count() or 1
    rows: dict[str, Row] = {}
    with ThreadPoolExecutor(jobs) as pool:
        bench = _bench(corpus, rulebook, places, pool, parts=jobs)
        names = [CONTROL, *corpus]
        for name, row in zip(names, pool.map(bench.row, names), strict=True):
            rows[name] = row
            watch(len(rows) - 1, len(corpus))
    control = rows.pop(CONTROL)
    matrix = Matrix(tuple(each.id for each in bench.questions), rows, control)
    keep(matrix, rulebook, places)
    return matrix


@dataclass(frozen=True)
class _Bench:
    """What every faulty engine is measured with.

    Attributes:
        places: where the adapters lie.
        rules: the rulebook to judge by.
        ready: how the reference engine introduces itself.
        questions: what is asked.
        usual: what the reference engine answers, a line a question.
        reached: fault to the numbers of the questions that reach it.
    """

    places: Places
    rules: Rules
    ready: Introduction
    questions: Sequence[Question]
    usual: Said
    reached: Mapping[str, Sequence[int]]

    def row(self, name: str) -> Row:
        """Return what the cases see of a fault."""
        numbers = self.reached.get(name, range(len(self.questions)))
        asked = [self.questions[number] for number in numbers]
        said = said_by(self.places, f"{ADAPTER}:{name}", asked)
        return dict(self._catches(said, numbers))

    def _catches(
        self, said: Said, numbers: Sequence[int]
    ) -> Iterator[tuple[str, Catch]]:
        for place, number in enumerate(numbers):
            usual = _unnumbered(self.usual.answers[number])
            if place < len(said.answers) and _unnumbered(said.answers[place]) == usual:
                continue
            catch = catch_of(self.verdict(number, said, place))
            if catch is not None:
                yield self.questions[number].id, catch

    def verdict(self, number: int, said: Said, place: int) -> Verdict:
        """Return the verdict on an answer.

        Args:
            number: the question's number.
            said: what an engine said.
            place: where in it the answer stands.
        """
        case = self.rules.rulebook.cases[self.questions[number].id]
        parameters = self.rules.rulebook.profiles[case.profile].parameters
        outcome = outcome_of(said, place)
        return judge(case, outcome, self.ready, self.rules, parameters)


def _unnumbered(line: bytes) -> bytes:
    """Return an answer without the number of its question, which comes second."""
    kind, _, rest = line.partition(b',"seq":')
    return kind + rest.lstrip(b"0123456789")


def _bench(
    corpus: Corpus, rulebook: Rulebook, places: Places, pool: Executor, *, parts: int
) -> _Bench:
    ready = introduction_of(said_by(places, _REFERENCE, ()))
    questions = list(_questions(rulebook, ready))
    usual = said_by(places, _REFERENCE, questions)
    told = pool.map(
        lambda part: said_by(places, f"{ADAPTER}:{REACH}", questions[part::parts]),
        range(parts),
    )
    answers = [each.answers for each in told]
    reached = _reached(corpus, answers, len(questions))
    bench = _Bench(places, Rules(rulebook), ready, questions, usual, reached)
    for number, asked in enumerate(questions):
        verdict = bench.verdict(number, usual, number)
        if verdict.status != "passed":
            raise _tells_nothing(rulebook.cases[asked.id], verdict)
    return bench


def _questions(rulebook: Rulebook, ready: Introduction) -> Iterator[Question]:
    for case in rulebook.cases.values():
        parameters = rulebook.profiles[case.profile].parameters
        asked = question(case, ready, parameters)
        if not isinstance(asked, Gap):
            yield asked


def _reached(
    corpus: Corpus, told: Sequence[Sequence[bytes]], questions: int
) -> Mapping[str, Sequence[int]]:
    """Return the numbers of the questions that each fault is asked.

    Args:
        corpus: the faults.
        told: what was said to the questions, dealt out like cards: the first part has
            the first question, the second the second.
        questions: how many there are.
    """
    reached: dict[str, list[int]] = {name: [] for name in corpus}
    for number in range(questions):
        place, part = divmod(number, len(told))
        for name in _names_reached(corpus, told[part], place):
            reached[name].append(number)
    return reached


def _names_reached(
    corpus: Corpus, answers: Sequence[bytes], place: int
) -> AbstractSet[str]:
    """Return the faults that a question reaches: all, where nothing is known of it.

    The engine that is watched broke down over it, or had no time left to come to it.
    """
    answer = json.loads(answers[place]) if place < len(answers) else {"t": "error"}
    if answer["t"] != "skip":
        return corpus.keys()
    return corpus.keys() & set(answer["reason"].split())


def _tells_nothing(case: Case, verdict: Verdict) -> RulebookError:
    what = f"{case.id} tells nothing of faults: {verdict.detail}"
    return RulebookError(what, case.where, "let the reference engine pass it")
