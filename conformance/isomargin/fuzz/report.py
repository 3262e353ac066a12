"""What a search came to."""

from collections.abc import Mapping
from dataclasses import dataclass

from isomargin.fuzz.relations import BrokenRelation
from isomargin.fuzz.symptom import Symptom
from isomargin.rulebook.model import Case

__all__ = ["Found", "FuzzReport"]


@dataclass(frozen=True)
class Found:
    """A sequence on which the subject is wrong, made as small as it gets.

    Attributes:
        symptom: what is wrong.
        case: the sequence, with what is expected.
        text: the case file.
        steps: how many steps it has; 0 for a quote.
        drawn: the name of the sequence it was shrunk from.
        drawn_steps: how many steps that one has.
    """

    symptom: Symptom
    case: Case
    text: str
    steps: int
    drawn: str
    drawn_steps: int


@dataclass(frozen=True)
class FuzzReport:
    """What a search came to.

    Attributes:
        subject: the subject's name.
        profile: the profile it was judged by.
        seed: what the sequences were drawn from.
        sequences: how many were asked.
        judged: how many answers could be judged.
        questions: how many questions were asked in all, shrinking included.
        seconds: how long it took.
        unstable: sequences that were answered differently each time.
        disputed: sequences that a second engine answered in the same way.
        relations: relations between answers that do not hold.
        found: what is wrong, one for each symptom.
        gaps: what the subject declares it has not, and how often it was met.
    """

    subject: str
    profile: str
    seed: int
    sequences: int
    judged: int
    questions: int
    seconds: str
    unstable: tuple[str, ...]
    disputed: tuple[str, ...]
    relations: tuple[BrokenRelation, ...]
    found: tuple[Found, ...]
    gaps: Mapping[str, int]

    @property
    def passed(self) -> bool:
        """Say whether nothing was found."""
        return not (self.found or self.unstable or self.relations)
