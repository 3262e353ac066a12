"""Asking a subject about cases, and judging what it answers."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from isomargin import drive
from isomargin.drive import (
    Introduction,
    Outcome,
    Quantities,
    Question,
    Subject,
    Trace,
)
from isomargin.errors import RulebookError
from isomargin.formulas.world import Rules
from isomargin.judge import Gap, Verdict, judge, question
from isomargin.rulebook.model import Case, Rulebook
from isomargin.unknowns import resting_of_case

__all__ = ["Judging", "answered"]


class Judging:
    """Asks and judges by one rulebook, what one subject declares in mind."""

    def __init__(self, rulebook: Rulebook, introduction: Introduction) -> None:
        self.rules = Rules(rulebook)
        self.introduction = introduction
        # A case takes microseconds; a profile is made into parameters only once.
        self._profiles = {
            name: profile.parameters for name, profile in rulebook.profiles.items()
        }

    def question(self, case: Case) -> Question | Gap:
        """Return the message for a case, or why it is not asked."""
        if case.profile not in self._profiles:
            what = f"unknown profile {case.profile!r}"
            raise RulebookError(what, case.where)
        return question(case, self.introduction, self._parameters(case))

    def verdict(self, case: Case, outcome: Outcome | Gap) -> Verdict:
        """Return the verdict on a case, of what came of asking it."""
        parameters = self._parameters(case)
        answer = isinstance(outcome, (Quantities, Trace))
        resting = resting_of_case(case, self.rules) if answer else {}
        verdict = judge(
            case,
            outcome,
            self.introduction,
            self.rules,
            parameters,
            resting=resting,
        )
        if verdict.status != "failed" or isinstance(outcome, Gap):
            return verdict
        return self._explained(verdict, case, outcome)

    def _explained(self, verdict: Verdict, case: Case, outcome: Outcome) -> Verdict:
        """Return a failure with the other edition of the profile that explains it."""
        # Only a failure is looked into.
        from isomargin.other_edition import edition_words, other_edition  # noqa: PLC0415

        edition = other_edition(case, self.rules, outcome, self.introduction)
        if edition is None:
            return verdict
        detail = f"{verdict.detail}; {edition_words(edition)}"
        return verdict._replace(detail=detail, edition=edition)

    def _parameters(self, case: Case) -> Mapping[str, Any]:
        return self._profiles[case.profile]


def answered(
    subjects: Sequence[Subject], cases: Iterable[Case], judging: Judging
) -> Iterator[tuple[Case, Outcome | Gap]]:
    """Yield every case with what came of it, in order; gaps are not asked."""
    # In the order of the cases, and with it a gap where one is not asked.
    waiting: deque[tuple[Case, Gap | None]] = deque()

    def questions() -> Iterator[Question]:
        for case in cases:
            asked = judging.question(case)
            if isinstance(asked, Gap):
                waiting.append((case, asked))
            else:
                waiting.append((case, None))
                yield asked

    for _, outcome in drive.ask_all(subjects, questions()):
        case, gap = waiting.popleft()
        while gap is not None:
            yield case, gap
            case, gap = waiting.popleft()
        yield case, outcome
    for case, gap in waiting:
        if gap is not None:
            yield case, gap
