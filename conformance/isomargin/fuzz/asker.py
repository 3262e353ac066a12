"""Asking a subject about sequences and judging what it answers."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from isomargin.drive import Outcome, Question, Subject
from isomargin.formulas.world import Rules
from isomargin.fuzz.symptom import Symptom, symptoms
from isomargin.judge import Gap, Verdict, judge, question
from isomargin.rulebook.model import Case
from isomargin.unknowns import resting_of_case

__all__ = ["Asker"]


@dataclass
class Asker:
    """A subject and what it is judged by.

    Attributes:
        subject: who is asked.
        rules: the rulebook's formulas.
        asked: how many questions were put to the subject.
        gaps: what the subject has not, and how often it was met.
    """

    subject: Subject
    rules: Rules
    asked: int = 0
    gaps: dict[str, int] = field(default_factory=dict)

    def answers(self, cases: Iterable[Case]) -> Iterator[tuple[Case, Outcome]]:
        """Yield each sequence that can be asked with what the subject answers."""
        waiting: deque[Case] = deque()

        def questions() -> Iterator[Question]:
            for case in cases:
                asked = self.question(case)
                if asked is not None:
                    waiting.append(case)
                    yield asked

        for _, outcome in self.subject.ask_all(questions()):
            yield waiting.popleft(), outcome

    def answer(self, case: Case) -> Outcome | None:
        """Return the answer to one sequence, None where it cannot be asked."""
        return next((outcome for _, outcome in self.answers([case])), None)

    def symptoms(self, case: Case, outcome: Outcome) -> list[Symptom]:
        """Return what is wrong with an answer.

        Args:
            case: the sequence, with its expectations.
            outcome: what the subject answered.
        """
        verdict = self._verdict(case, outcome)
        if verdict.status in {"unsupported", "skipped", "unjudged"}:
            self._note(verdict.detail)
            return []
        return symptoms(verdict, self.rules)

    def _verdict(self, case: Case, outcome: Outcome) -> Verdict:
        """Return the verdict on an answer.

        What rests on an unknown choice is looked for only where something is wrong:
        it takes longer than all the rest.
        """
        asked = case, outcome, self.subject.ready, self.rules, self._parameters(case)
        verdict = judge(*asked)
        if verdict.status != "failed":
            return verdict
        return judge(*asked, resting=resting_of_case(case, self.rules))

    def question(self, case: Case) -> Question | None:
        """Return what is asked, or None where the subject declares a gap."""
        asked = question(case, self.subject.ready, self._parameters(case))
        if isinstance(asked, Gap):
            self._note(asked.feature)
            return None
        self.asked += 1
        return asked

    def can_be_asked(self, case: Case) -> bool:
        """Say whether the subject declares no gap in the way of a sequence."""
        gap = self.gap(case)
        if gap:
            self._note(gap.feature)
        return gap is None

    def gap(self, case: Case) -> Gap | None:
        """Return the gap that the subject declares in the way of a sequence."""
        asked = question(case, self.subject.ready, self._parameters(case))
        return asked if isinstance(asked, Gap) else None

    def _note(self, feature: str) -> None:
        self.gaps[feature] = self.gaps.get(feature, 0) + 1

    def _parameters(self, case: Case) -> dict[str, object]:
        return self.rules.rulebook.profiles[case.profile].parameters
