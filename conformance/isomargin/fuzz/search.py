"""The search: sequences are drawn, asked and judged until one is answered wrongly."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import tee

from isomargin.drive import Fault, Outcome, Subject
from isomargin.errors import RulebookError
from isomargin.formulas.world import Rules
from isomargin.fuzz.agreement import alike
from isomargin.fuzz.asker import Asker
from isomargin.fuzz.blame import blamed
from isomargin.fuzz.case_file import case_text, narrowed
from isomargin.fuzz.relations import BrokenRelation, broken_relations
from isomargin.fuzz.report import Found, FuzzReport
from isomargin.fuzz.retreat import learned
from isomargin.fuzz.scope import scope_of
from isomargin.fuzz.sequence import Sequences
from isomargin.fuzz.shrink import Shrinking, shrunk
from isomargin.fuzz.symptom import Symptom
from isomargin.rulebook.model import Case, Rulebook

__all__ = ["Watch", "fuzz"]

Watch = Callable[[int, int], None]

_PROBED = 16
_RELATED = 40
_USUAL = 1000
_JUDGED_ANYWAY = 32
_BREAKDOWNS = frozenset({"timeout", "crash", "unusable", "protocol"})


def fuzz(
    subject: Subject,
    rulebook: Rulebook,
    *,
    profile: str | None = None,
    sequences: int | None = None,
    seconds: int | None = None,
    seed: int = 0,
    most: int = 1,
    second: Subject | None = None,
    watch: Watch = lambda _, __: None,
) -> FuzzReport:
    """Search for sequences of actions that a subject answers wrongly.

    Args:
        subject: who is asked.
        rulebook: what it is judged by.
        profile: the profile to judge by; None for one that it declares, and where it
            reads parameters itself for every choice there is.
        sequences: how many to ask at the most; 1000 where no time is given either.
        seconds: how long to go on drawing new ones at the most.
        seed: what sequences are drawn from; the same seed draws the same.
        most: how many different symptoms to find before it is enough.
        second: another engine that keeps the rules. Where both answer alike the
            formulas are not asked, but for a sample, which makes it many times
            faster; what both answer in the same wrong way is set aside as disputed,
            for then the formulas are in doubt.
        watch: called now and then with how many were asked and how many are wrong.

    Returns:
        What was asked and found; each finding is as small as it gets.

    Raises:
        UsageError: there is no such profile, or the subject does not declare it.
        NothingSelected: nothing can be asked of the subject.
    """
    rules = Rules(rulebook)
    drawing = Sequences(rules, scope_of(rulebook, subject.ready, profile))
    drawing = learned(Asker(subject, rules), drawing, seed)
    search = _Search(subject, drawing, seed, most, watch, second)
    search.probe()
    limit = sequences or (None if seconds else _USUAL)
    search.go(limit, seconds)
    search.relate()
    return search.report()


@dataclass
class _Search:
    """One search under way."""

    subject: Subject
    drawing: Sequences
    seed: int
    most: int
    watch: Watch
    second: Subject | None
    began: float = field(default_factory=time.monotonic)
    wrong: dict[tuple[str, str, str], tuple[Case, Symptom]] = field(
        default_factory=dict
    )
    unstable: tuple[str, ...] = ()
    relations: tuple[BrokenRelation, ...] = ()
    disputed: list[str] = field(default_factory=list)
    count: int = 0
    judged: int = 0

    def __post_init__(self) -> None:
        rules = self.drawing.rules
        self.asker = Asker(self.subject, rules)
        self.other = Asker(self.second, rules) if self.second else None
        self.decisive = rules.rulebook.machine.events

    def probe(self) -> None:
        """Ask a few sequences twice: what differs is no matter of rules.

        What breaks the subject down, asked alone, is a finding.
        """
        drawn = [self.drawing.first(self.seed, family) for family in range(_PROBED)]
        once, again = self.asked_alone(drawn), self.asked_alone(drawn)
        self.unstable = tuple(name for name in once if again.get(name) != once[name])

    def asked_alone(self, cases: list[Case]) -> dict[str, Outcome]:
        """Return the answer to each sequence by name, none once one is a breakdown."""
        answers: dict[str, Outcome] = {}
        for case in cases if not self.wrong else ():
            outcome = self.asker.answer(case)
            if isinstance(outcome, Fault):
                self.note(*self.judged_by_formulas(case, outcome), None)
                return {}
            if outcome is not None:
                answers[case.id] = outcome
        return answers

    def cases(self, limit: int | None, seconds: int | None) -> Iterator[Case]:
        """Yield sequences until there are enough or time is up."""
        until = self.began + seconds if seconds else None
        index = 0
        while limit is None or index < limit:
            if (until and time.monotonic() > until) or len(self.wrong) >= self.most:
                return
            yield self.drawing.bare(self.seed, index)
            index += 1

    def go(self, limit: int | None, seconds: int | None) -> None:
        """Ask until enough symptoms are found, sequences are asked or time is up."""
        if self.unstable:
            return
        for case, outcome, other in self.asked(self.cases(limit, seconds)):
            self.count += 1
            sampled = self.count % _JUDGED_ANYWAY == 1
            if not sampled and self.agree(outcome, other):
                continue
            ready, found = self.judged_by_formulas(case, outcome)
            if found and len(self.wrong) < self.most:
                self.note(ready, found, other)
            self.watch(self.count, len(self.wrong))

    def asked(
        self, cases: Iterator[Case]
    ) -> Iterator[tuple[Case, Outcome, Outcome | None]]:
        """Yield each sequence with the subject's answer, and the other engine's."""
        if self.other is None:
            yield from ((case, own, None) for case, own in self.asker.answers(cases))
            return
        mine, theirs = tee(case for case in cases if self.asker.can_be_asked(case))
        pairs = zip(self.asker.answers(mine), self.other.answers(theirs), strict=True)
        yield from ((case, own, other) for (case, own), (_, other) in pairs)

    def agree(self, outcome: Outcome, other: Outcome | None) -> bool:
        """Say whether an answer need not be judged, for another engine's is alike."""
        return other is not None and alike(outcome, other, self.decisive)

    def judged_by_formulas(
        self, case: Case, outcome: Outcome
    ) -> tuple[Case, list[Symptom]]:
        """Return a sequence with its expectations, and what is wrong with an answer."""
        self.judged += 1
        try:
            ready = self.drawing.expected(case)
        except RulebookError:
            # What the formulas cannot work out is no sequence anybody could ask.
            return case, []
        return ready, self.asker.symptoms(ready, outcome)

    def relate(self) -> None:
        """Ask for what needs no expected figure, where nothing else was wrong.

        What breaks a relation is judged like any sequence, to be told as a case.
        """
        if self.unstable or self.wrong:
            return
        found = broken_relations(self.asker, self.drawing, self.seed, _RELATED)
        self.relations = tuple(found)
        for case in (
            each for one in self.relations for each in (one.first, one.second)
        ):
            if len(self.wrong) < self.most:
                self.judge_again(case)

    def judge_again(self, case: Case) -> None:
        """Judge a sequence by the formulas, and keep what is wrong."""
        ready, found = self.tried(case)
        if found:
            self.wrong.setdefault(found[0].key, (ready, found[0]))

    def note(self, case: Case, found: list[Symptom], other: Outcome | None) -> None:
        """Keep the first symptom that is not disputed."""
        own = self.undisputed(case, found, other)
        if own:
            self.wrong.setdefault(own[0].key, (case, own[0]))
        else:
            self.disputed.append(case.id)

    def undisputed(
        self, case: Case, found: list[Symptom], other: Outcome | None
    ) -> list[Symptom]:
        """Return the symptoms that the second subject does not show."""
        if not found or self.other is None or other is None:
            return found
        shown = {each.key for each in self.other.symptoms(case, other)}
        return [each for each in found if each.key not in shown]

    def tried(self, case: Case) -> tuple[Case, list[Symptom]]:
        """Return a sequence with its expectations and what is wrong beyond dispute."""
        outcome = self.asker.answer(case)
        other = self.other.answer(case) if self.other else None
        if outcome is None or self.agree(outcome, other):
            return case, []
        ready, found = self.judged_by_formulas(case, outcome)
        return ready, self.undisputed(ready, found, other)

    def report(self) -> FuzzReport:
        """Return what came of it, every finding shrunk."""
        found = tuple(self.found(case, each) for case, each in self.wrong.values())
        ready = self.subject.ready
        return FuzzReport(
            subject=ready.name,
            profile=self.drawing.scope.profile,
            seed=self.seed,
            sequences=self.count,
            judged=self.judged,
            questions=self.asker.asked,
            seconds=f"{time.monotonic() - self.began:.1f}",
            unstable=self.unstable,
            disputed=tuple(self.disputed),
            relations=self.relations,
            found=found,
            gaps=self.asker.gaps,
        )

    def found(self, case: Case, symptom: Symptom) -> Found:
        """Return a finding, shrunk and written as a case."""
        shrinking = Shrinking(self.tried)
        if symptom.kind in _BREAKDOWNS:
            # Each of these costs a child and all the patience there is.
            shrinking.budget = 0
        small, kept = shrunk(case, symptom, shrinking)
        rules = blamed(small, kept, self.drawing.rules)
        name = f"fuzz.{self.subject.ready.name}.{_slug(kept)}"
        told = narrowed(small, kept, rules, _legal(name), self.decisive)
        return Found(
            symptom=kept,
            case=told,
            text=case_text(told),
            steps=len(told.core.get("steps", ())),
            drawn=case.id,
            drawn_steps=len(case.core.get("steps", ())),
        )


def _slug(symptom: Symptom) -> str:
    return symptom.name.rpartition(".")[2]


def _legal(name: str) -> str:
    return "".join(
        letter if letter.isalnum() or letter == "." else "_" for letter in name
    ).lower()
