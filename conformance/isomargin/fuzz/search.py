"""The search: sequences are drawn, asked and judged until one is answered wrongly."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from isomargin.drive import Fault, Outcome, Question, Subject
from isomargin.formulas.world import Rules
from isomargin.fuzz.asker import Asker
from isomargin.fuzz.blame import blamed
from isomargin.fuzz.case_file import case_text, narrowed
from isomargin.fuzz.relations import BrokenRelation, broken_relations
from isomargin.fuzz.report import Found, FuzzReport
from isomargin.fuzz.scope import scope_of
from isomargin.fuzz.sequence import Sequences
from isomargin.fuzz.shrink import Shrinking, shrunk
from isomargin.fuzz.symptom import Symptom
from isomargin.rulebook.model import Case, Rulebook

__all__ = ["Watch", "fuzz"]

Watch = Callable[[int, int], None]

_ASKED_TWICE = 16
_RELATED = 60
_USUAL = 1000
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
        second: another engine that keeps the rules; what it answers in the same wrong
            way is set aside as disputed, for then the formulas are in doubt.
        watch: called now and then with how many were asked and how many are wrong.

    Returns:
        What was asked and found; each finding is as small as it gets.

    Raises:
        UsageError: there is no such profile, or the subject does not declare it.
        NothingSelected: nothing can be asked of the subject.
    """
    rules = Rules(rulebook)
    drawing = Sequences(rules, scope_of(rulebook, subject.ready, profile))
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

    def __post_init__(self) -> None:
        rules = self.drawing.rules
        self.asker = Asker(self.subject, rules)
        self.other = Asker(self.second, rules) if self.second else None

    def probe(self) -> None:
        """Ask a few sequences twice: what differs is no matter of rules."""
        cases = islice(self.cases(None, None), _ASKED_TWICE)
        questions = [self.asker.question(case) for case in cases]
        asked: list[Question] = [each for each in questions if each]
        # One that breaks down each time in another way is wrong, not unsteady.
        unlike = (
            once[0].id
            for once, again in zip(
                self.answers(asked), self.answers(asked), strict=True
            )
            if once != again
            and not any(isinstance(each[1], Fault) for each in (once, again))
        )
        self.unstable = tuple(unlike)
        self.count = 0

    def answers(self, asked: list[Question]) -> list[tuple[Question, Outcome]]:
        """Return what comes of asking some questions."""
        return list(self.subject.ask_all(asked))

    def cases(self, limit: int | None, seconds: int | None) -> Iterator[Case]:
        """Yield sequences until there are enough or time is up."""
        until = self.began + seconds if seconds else None
        index = 0
        while limit is None or index < limit:
            if (until and time.monotonic() > until) or len(self.wrong) >= self.most:
                return
            yield self.drawing.drawn(self.seed, index)
            index += 1

    def go(self, limit: int | None, seconds: int | None) -> None:
        """Ask until enough symptoms are found, sequences are asked or time is up."""
        if self.unstable:
            return
        for case, found in self.asker.answers(self.cases(limit, seconds)):
            self.count += 1
            if found and len(self.wrong) < self.most:
                self.note(case, found)
            self.watch(self.count, len(self.wrong))

    def relate(self) -> None:
        """Ask for what needs no expected figure, where nothing else was wrong."""
        scope = self.drawing.scope
        parameters = self.drawing.rules.rulebook.profiles[scope.profile].parameters
        # Rates that fall with leverage put prices further away with more of it.
        usual = parameters["maintenance_rate_form"] == "rate"
        if self.unstable or self.wrong or not usual:
            return
        drawn = (self.drawing.drawn(self.seed, index) for index in range(_RELATED))
        cases = [replace(case, overrides={}) for case in drawn if case.is_quote]
        self.relations = tuple(broken_relations(self.subject, parameters, cases))

    def note(self, case: Case, found: list[Symptom]) -> None:
        """Keep the first symptom that is not disputed."""
        own = self.undisputed(case, found)
        if own:
            self.wrong.setdefault(own[0].key, (case, own[0]))
        else:
            self.disputed.append(case.id)

    def undisputed(self, case: Case, found: list[Symptom]) -> list[Symptom]:
        """Return the symptoms that the second subject does not show."""
        if not found or self.other is None:
            return found
        shown = {each.key for each in self.other.symptoms(case)}
        return [each for each in found if each.key not in shown]

    def symptoms(self, case: Case) -> list[Symptom]:
        """Return what is wrong with the answer to one sequence, beyond dispute."""
        return self.undisputed(case, self.asker.symptoms(case))

    def report(self) -> FuzzReport:
        """Return what came of it, every finding shrunk."""
        found = tuple(self.found(case, each) for case, each in self.wrong.values())
        ready = self.subject.ready
        return FuzzReport(
            subject=ready.name,
            profile=self.drawing.scope.profile,
            seed=self.seed,
            sequences=self.count,
            judged=self.asker.judged,
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
        shrinking = Shrinking(self.drawing.expected, self.symptoms)
        if symptom.kind in _BREAKDOWNS:
            # Each of these costs a child and all the patience there is.
            shrinking.budget = 0
        small, kept = shrunk(case, symptom, shrinking)
        rules = blamed(small, kept, self.drawing.rules)
        name = f"fuzz.{self.subject.ready.name}.{_slug(kept)}"
        told = narrowed(small, kept, rules, _legal(name))
        return Found(
            symptom=kept,
            case=told,
            text=case_text(told),
            steps=len(told.core.get("steps", ())),
            drawn=int(case.id.rpartition("_")[2]),
            drawn_steps=len(case.core.get("steps", ())),
        )


def _slug(symptom: Symptom) -> str:
    return symptom.name.rpartition(".")[2]


def _legal(name: str) -> str:
    return "".join(
        letter if letter.isalnum() or letter == "." else "_" for letter in name
    ).lower()
