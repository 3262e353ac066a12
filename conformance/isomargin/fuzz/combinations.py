"""Cases in which circumstances meet: `python -m isomargin.fuzz.combinations FOLDER`.

Very many sequences are drawn, as for a search. Of those a few are chosen, each for the
most circumstances that meet, three at a time in one step, in no other case and in none
chosen before. They are written as cases that expect everything there is to expect, if
the formulas and the reference engine agree on all of it. What the folder held before is
chosen anew.
"""

import argparse
import heapq
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations
from pathlib import Path
from typing import Any

from isomargin import __version__
from isomargin.cache import cached_rulebook
from isomargin.drive import Subject, resolve
from isomargin.errors import IsomarginError, RulebookError
from isomargin.formulas.world import Rules
from isomargin.fuzz.asker import Asker
from isomargin.fuzz.case_file import case_text
from isomargin.fuzz.circumstances import circumstances
from isomargin.fuzz.scope import scope_of
from isomargin.fuzz.sequence import Sequences
from isomargin.rulebook.events import names_of
from isomargin.rulebook.model import Case
from isomargin.rulebook.places import Places, places

__all__ = ["Meetings", "Size", "chosen", "combined", "usual"]

_FAMILY = "combinations"
_SEED = 1
_TOGETHER = 3
# What holds in most steps tells none of them from another.
_USUAL = 0.5
_BITS = 16
_LOWEST = (1 << _BITS) - 1

Step = Mapping[str, Any]


@dataclass
class Meetings:
    """Which circumstances meet, three at a time, each meeting as a number.

    Attributes:
        rules: the rulebook's formulas.
        usual: the circumstances that are left out.
    """

    rules: Rules
    usual: Collection[str] = ()
    _numbers: dict[str, int] = field(default_factory=dict)

    def of(self, case: Case) -> set[int]:
        """Return what meets in the steps of a scenario."""
        return {
            (one << 2 * _BITS) + (two << _BITS) + three
            for step in circumstances(case, self.rules)
            for one, two, three in combinations(self._numbered(step), _TOGETHER)
        }

    def words(self, meeting: int) -> list[str]:
        """Return the circumstances of a meeting."""
        names = list(self._numbers)
        parts = (meeting >> 2 * _BITS, meeting >> _BITS & _LOWEST, meeting & _LOWEST)
        return sorted(names[part] for part in parts)

    def _numbered(self, step: Collection[str]) -> list[int]:
        numbers = self._numbers
        kept = (name for name in step if name not in self.usual)
        return sorted(numbers.setdefault(name, len(numbers)) for name in kept)


@dataclass(frozen=True)
class Size:
    """How many sequences are drawn, and how many of them are chosen at the most."""

    drawn: int
    chosen: int


def usual(cases: Iterable[Case], rules: Rules) -> frozenset[str]:
    """Return the circumstances that hold in most steps of the cases."""
    steps = [step for case in cases for step in circumstances(case, rules)]
    counts = Counter(chain.from_iterable(steps))
    return frozenset(one for one, n in counts.items() if n > _USUAL * len(steps))


def chosen(
    new: Sequence[set[int]], met: set[int], count: int
) -> Iterator[tuple[int, set[int]]]:
    """Yield the place of a sequence and what meets in none before it, the most first.

    Args:
        new: what meets in each sequence.
        met: what has met before; what meets in those chosen is added.
        count: how many are chosen at the most.
    """
    # What a sequence adds only ever becomes less, so that one whose gain is still the
    # greatest when it is looked at again need not be compared with the others.
    heap = [(-len(meetings), place) for place, meetings in enumerate(new)]
    heapq.heapify(heap)
    while heap and count:
        gain, place = heapq.heappop(heap)
        left = new[place] - met
        if len(left) < -gain:
            heapq.heappush(heap, (-len(left), place))
        elif left:
            met |= left
            count -= 1
            yield place, left


def combined(
    meetings: Meetings, met: set[int], sequences: Sequences, size: Size
) -> Iterator[Case]:
    """Yield cases in which circumstances meet that have not met before.

    Args:
        meetings: what tells them.
        met: what has met before; what meets in the cases is added.
        sequences: what sequences are drawn by.
        size: how many are drawn, and how many chosen.
    """
    bare = (sequences.bare(_SEED, index) for index in range(size.drawn))
    candidates = [case for case in bare if not case.is_quote]
    new = [meetings.of(case) - met for case in candidates]
    for place, left in chosen(new, met, size.chosen):
        yield _told(sequences.expected(candidates[place]), left, meetings)


def _is_other(case: Case) -> bool:
    return not case.is_quote and not case.id.startswith(f"{_FAMILY}.")


def _told(case: Case, met: set[int], meetings: Meetings) -> Case:
    """Return a case that says what it is for, and no figure twice."""
    words = [meetings.words(meeting) for meeting in met]
    # Rules have a point in their names; what is plain says more to a reader.
    plainest = min(words, key=lambda each: (sum("." in one for one in each), each))
    named = set(chain.from_iterable(words))
    acting = meetings.rules.rulebook.transitions
    about = tuple(sorted(rule.id for rule in acting if rule.id in named))
    why = f"Something is done otherwise where these meet: {', '.join(plainest)}."
    core = {**case.core, "steps": list(_changes(case.core["steps"]))}
    return replace(case, rules=about, why=why, core=core)


def _changes(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield steps that expect what they change, and the last one all there is."""
    seen: dict[str, Any] = {"positions": [], "accounts": {}}
    for step in steps:
        expect = step["expect"]
        kept = expect if step is steps[-1] else _changed(expect, seen)
        seen |= {name: expect[name] for name in seen if name in expect}
        yield {**step, "expect": kept}


def _changed(expect: Step, seen: Step) -> Step:
    """Return what is expected of a step without what was so before it."""
    if "accounts" not in expect:
        return expect
    kept = {name: expect[name] for name in expect if name not in seen}
    if not seen["positions"]:
        kept.pop("position", None)
    moved = [one for one in expect["positions"] if one not in seen["positions"]]
    # No position at all says that none is open.
    if moved or (seen["positions"] and not expect["positions"]):
        kept["positions"] = moved
    accounts = {
        asset: figures
        for asset, figures in expect["accounts"].items()
        if figures != seen["accounts"].get(asset)
    }
    return {**kept, "accounts": accounts} if accounts else kept


def _agreed(cases: Sequence[Case], subject: Subject, rules: Rules) -> None:
    """See that the reference engine answers as the formulas expect.

    Raises:
        RulebookError: it does not.
    """
    asker = Asker(subject, rules)
    for case, outcome in asker.answers(cases):
        if wrong := asker.symptoms(case, outcome):
            what = f"formulas and reference disagree: {wrong[0]}"
            raise RulebookError(what, case.id, "find out which of them is wrong")


def _written(folder: Path, where: Places, size: Size) -> Iterator[str]:
    rulebook = cached_rulebook(where)
    rules = Rules(rulebook)
    others = [case for case in rulebook.cases.values() if _is_other(case)]
    meetings = Meetings(rules, usual(others, rules))
    met = set().union(*(meetings.of(case) for case in others))
    folder.mkdir(parents=True, exist_ok=True)
    command = resolve("reference", adapters=[where.adapters])
    with Subject.open(command, suite_version=__version__) as subject:
        for part, profile in _PARTS.items():
            sequences = Sequences(rules, scope_of(rulebook, subject.ready, profile))
            cases = [
                replace(case, id=f"{_FAMILY}.{part}.n_{number}")
                for number, case in enumerate(
                    combined(meetings, met, sequences, size), 1
                )
            ]
            if profile:
                cases = [_without_details(case, rules) for case in cases]
            _agreed(cases, subject, rules)
            path = folder / f"{part}.yaml"
            path.write_text(case_text(*cases, dense=True), encoding="utf-8")
            yield f"{path}: {len(cases)} cases"


def _without_details(case: Case, rules: Rules) -> Case:
    """Return a case that asks no engine for more of events than it has to tell."""
    decisive = rules.rulebook.machine.events
    steps = []
    for step in case.core["steps"]:
        names = names_of(step["expect"].get("events", ()))
        told = {"events": [name for name in names if decisive[name]]}
        expect = step["expect"] | (told if "events" in step["expect"] else {})
        steps.append({**step, "expect": expect})
    return replace(case, core={**case.core, "steps": steps})


# By the choices of a textbook, which every engine can be asked, and by any.
_PARTS = {"textbook": "textbook/linear", "any_choices": None}


def main() -> int:
    """Write the cases; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the cases are written")
    parser.add_argument("--drawn", type=int, default=4000, help="sequences looked at")
    parser.add_argument("--chosen", type=int, default=100, help="cases of each kind")
    given = parser.parse_args()
    size = Size(given.drawn, given.chosen)
    try:
        for line in _written(given.folder, places(), size):
            sys.stdout.write(f"{line}\n")
    except IsomarginError as error:
        sys.stderr.write(f"isomargin.fuzz.combinations: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
