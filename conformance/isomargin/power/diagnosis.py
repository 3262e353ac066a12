"""Diagnosis: which faults of the corpus a failing engine behaves like."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from isomargin.log import LogFile
from isomargin.power.keeping import kept_matrix
from isomargin.power.matrix import BROKEN, Matrix, Row, sign
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import Places

__all__ = ["Likeness", "Symptoms", "diagnose", "likenesses", "symptoms_of"]

_NOT_WRONG = frozenset({"exact", "rounded", "float", "not judged"})
_JUDGED = frozenset({"passed", "failed"})

# What is asked of a likeness: how many of the fault's symptoms are there, and in how
# many of those cases the same wrong figure was given. An engine that gets everything
# wrong has every symptom, and yet resembles none.
_SHOWN = 0.8
_SAME_FIGURES = 0.5


@dataclass(frozen=True)
class Symptoms:
    """How a run of a subject went wrong.

    Attributes:
        judged: ids of the cases that came to a judgement.
        wrong: id of each case that failed, to the signs of what was wrong.
    """

    judged: frozenset[str]
    wrong: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Likeness:
    """A fault that a subject behaves like.

    Attributes:
        fault: the fault's name.
        shown: how many of the fault's symptoms the subject shows.
        of: how many of them the run could have shown.
        explains: how many failed cases it explains that no likeness before it does.
        failures: how many cases failed.
    """

    fault: str
    shown: int
    of: int
    explains: int
    failures: int

    @property
    def sentence(self) -> str:
        """The likeness in a sentence."""
        return f"behaves like {self.fault} ({self.shown} of {self.of} symptoms)"


def symptoms_of(log: LogFile) -> Symptoms:
    """Return how a run went wrong, from its log."""
    judged = [case for case in log.cases if case["status"] in _JUDGED]
    return Symptoms(
        frozenset(case["id"] for case in judged),
        {case["id"]: _signs(case) for case in judged if case["status"] == "failed"},
    )


def _signs(case: Mapping[str, Any]) -> frozenset[str]:
    wrong = [each for each in case["findings"] if each["grade"] not in _NOT_WRONG]
    signs = [sign(each["step"], each["path"], each["actual"]) for each in wrong]
    laws = [sign(law["step"], law["rule"], BROKEN) for law in case["broken"]]
    return frozenset([*signs, *laws])


def diagnose(
    symptoms: Symptoms, matrix: Matrix, *, most: int = 3
) -> tuple[Likeness, ...]:
    """Return the faults that a subject behaves like, the most telling first.

    A subject may have several faults: each likeness explains failures that those
    before it do not. There are none where nothing fits.

    Args:
        symptoms: how the subject went wrong.
        matrix: what the cases saw of the corpus.
        most: how many likenesses are returned at the most.
    """
    candidates = {
        name: visible
        for name, row in matrix.rows.items()
        if _fits(visible := _visible(row, symptoms), symptoms)
    }
    found: list[Likeness] = []
    left = set(symptoms.wrong)
    while len(found) < most and candidates:
        ranks = {name: _rank(row, symptoms, left) for name, row in candidates.items()}
        best = max(ranks, key=ranks.__getitem__)
        likeness = _likeness(best, candidates.pop(best), symptoms, left)
        if not likeness.explains:
            break
        found.append(likeness)
        left -= matrix.rows[best].keys()
    return tuple(found)


def _visible(row: Row, symptoms: Symptoms) -> Row:
    """Return the part of a row that the run could have shown."""
    return {case: catch for case, catch in row.items() if case in symptoms.judged}


def _fits(row: Row, symptoms: Symptoms) -> bool:
    shown = row.keys() & symptoms.wrong.keys()
    if not shown or len(shown) < _SHOWN * len(row):
        return False
    return _same(row, symptoms, shown) >= _SAME_FIGURES * len(shown)


def _same(row: Row, symptoms: Symptoms, cases: AbstractSet[str]) -> int:
    """Return in how many cases subject and fault give the same wrong figure."""
    return sum(bool(row[case].signs & symptoms.wrong[case]) for case in cases)


def _rank(row: Row, symptoms: Symptoms, left: set[str]) -> tuple[float, int]:
    """Return how well a fault explains what is left: rather more, rather exactly."""
    explained = row.keys() & left
    both = len(row) + len(left)
    return 2 * len(explained) / both, _same(row, symptoms, explained)


def _likeness(name: str, row: Row, symptoms: Symptoms, left: set[str]) -> Likeness:
    return Likeness(
        fault=name,
        shown=len(row.keys() & symptoms.wrong.keys()),
        of=len(row),
        explains=len(row.keys() & left),
        failures=len(symptoms.wrong),
    )


def likenesses(
    log: LogFile, rulebook: Rulebook, places: Places
) -> tuple[Likeness, ...] | None:
    """Return the faults that the subject of a run behaves like.

    Args:
        log: the run.
        rulebook: the rules and the cases it was judged by.
        places: where the adapters lie.

    Returns:
        The likenesses, none where nothing fits; None where no matrix is kept, for
        which `isomargin power` has to be run once.
    """
    matrix = kept_matrix(rulebook, places)
    return None if matrix is None else diagnose(symptoms_of(log), matrix)
