"""Judge one mutant of the reference by the conformance cases, over the wire.

    mutant.py keep FILE          ask the engine of this checkout, and keep what it says
    mutant.py judge FILE TREE    ask the engine of TREE; exit code 1: a case tells it

What a mutant answers to the letter as the engine does is not judged again, and it is
told by its first case that does not pass.
"""

import pickle
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from isomargin.cache import cached_rulebook
from isomargin.drive import Introduction, Question
from isomargin.errors import SubjectUnusable
from isomargin.formulas.world import Rules
from isomargin.judge import Gap, judge, question
from isomargin.power.bench import Said, introduction_of, outcome_of, said_by
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import places

SUBJECT = "reference"
# Most mutants are told by some of the cases, in a fraction of the time of all.
_SOME = 12


def keep(file: Path) -> int:
    """Keep the questions of some cases and of all, and what the engine says to them."""
    where = places()
    ready = introduction_of(said_by(where, SUBJECT, ()))
    asked = list(_questions(cached_rulebook(where), ready))
    rounds = [(part, said_by(where, SUBJECT, part)) for part in (asked[::_SOME], asked)]
    file.write_bytes(pickle.dumps((ready, rounds)))
    return 0


def _questions(rulebook: Rulebook, ready: Introduction) -> Iterator[Question]:
    for case in rulebook.cases.values():
        message = question(case, ready, rulebook.profiles[case.profile].parameters)
        if not isinstance(message, Gap):
            yield message


def told_by(file: Path, tree: Path) -> str | None:
    """Return the first case that a mutant does not pass, None where it passes all."""
    ready, rounds = pickle.loads(file.read_bytes())  # noqa: S301 - written by `keep`
    where = replace(places(), adapters=tree / "adapters")
    for asked, usual in rounds:
        try:
            said = said_by(where, SUBJECT, asked)
        except SubjectUnusable:
            return "the introduction"
        if told := _first_told(ready, asked, usual, said):
            return told
    return None


def _first_told(
    ready: Introduction, asked: list[Question], usual: Said, said: Said
) -> str | None:
    rulebook = cached_rulebook(places())
    rules = Rules(rulebook)
    for number, each in enumerate(asked):
        if said.answers[number : number + 1] == usual.answers[number : number + 1]:
            continue
        case = rulebook.cases[each.id]
        parameters = rulebook.profiles[case.profile].parameters
        verdict = judge(case, outcome_of(said, number), ready, rules, parameters)
        if verdict.status != "passed":
            return each.id
    return None


def main(words: list[str]) -> int:
    """Keep or judge; return an exit code."""
    if words[0] == "keep":
        return keep(Path(words[1]))
    told = told_by(Path(words[1]), Path(words[2]))
    sys.stdout.write(f"told by {told}\n" if told else "told by no case\n")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
