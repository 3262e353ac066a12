"""Asking a subject about sequences and judging what it answers."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from isomargin.drive import Question, Subject
from isomargin.formulas.world import Rules
from isomargin.fuzz.symptom import Symptom, symptoms
from isomargin.judge import Gap, Verdict, judge, question
from isomargin.rulebook.model import Case

__all__ = ["Asker"]


@dataclass
class Asker:
    """A subject and what it is judged by.

    Attributes:
        subject: who is asked.
        rules: the rulebook's formulas.
        asked: how many questions were put to the subject.
        judged: how many answers could be judged; the others are declared gaps.
    """

    subject: Subject
    rules: Rules
    asked: int = 0
    judged: int = 0
    gaps: dict[str, int] = field(default_factory=dict)

    def answers(self, cases: Iterable[Case]) -> Iterator[tuple[Case, list[Symptom]]]:
        """Yield each sequence that can be asked with what is wrong with its answer."""
        waiting: deque[Case] = deque()

        def questions() -> Iterator[Question]:
            for case in cases:
                asked = self.question(case)
                if asked is not None:
                    waiting.append(case)
                    yield asked

        for _, outcome in self.subject.ask_all(questions()):
            case = waiting.popleft()
            verdict = judge(
                case, outcome, self.subject.ready, self.rules, self._parameters(case)
            )
            yield case, self._found(verdict)

    def symptoms(self, case: Case) -> list[Symptom]:
        """Return what is wrong with the answer to one sequence."""
        return next((found for _, found in self.answers([case])), [])

    def question(self, case: Case) -> Question | None:
        """Return what is asked, or None where the subject declares a gap."""
        asked = question(case, self.subject.ready, self._parameters(case))
        if isinstance(asked, Gap):
            self._note(asked.feature)
            return None
        self.asked += 1
        return Question(case.id, asked)

    def _found(self, verdict: Verdict) -> list[Symptom]:
        if verdict.status in {"unsupported", "skipped"}:
            self._note(verdict.detail)
            return []
        self.judged += 1
        return symptoms(verdict, self.rules)

    def _note(self, feature: str) -> None:
        self.gaps[feature] = self.gaps.get(feature, 0) + 1

    def _parameters(self, case: Case) -> dict[str, object]:
        return self.rules.rulebook.profiles[case.profile].parameters
