"""How many sequences a search looks at, in this process and through children."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from isomargin import drive
from isomargin.formulas.world import Rules
from isomargin.fuzz import Tally, fuzz, in_process
from isomargin.fuzz.asker import Asker
from isomargin.fuzz.scope import scope_of
from isomargin.fuzz.sequence import Sequences
from isomargin.fuzz.shrink import Shrinking, shrunk
from isomargin.fuzz.symptom import Symptom
from isomargin.rulebook.load import load
from isomargin.rulebook.model import Case
from isomargin.rulebook.places import places

__all__ = ["fuzz_in_process", "fuzz_shrinking", "fuzz_through_children"]

OF_ONE = 300


def fuzz_in_process(_: Path, size: int) -> Callable[[], object]:
    """Return the fast tier of the search, the reference in this process."""
    rulebook = load(places())
    sys.path.insert(0, str(places().adapters / "reference"))
    import adapter  # noqa: PLC0415 - found only now

    with _reference() as subject:
        scope = scope_of(rulebook, subject.ready, None)
    # Quotes are no sequences that could be gone on with.
    drawing = Sequences(Rules(rulebook), replace(scope, operations=frozenset({"run"})))

    def search() -> None:
        *broken, tally = in_process(
            adapter.Account, drawing, seed=1, families=size // OF_ONE, each=OF_ONE
        )
        if broken or not isinstance(tally, Tally) or tally.sequences < size:
            raise RuntimeError(f"{len(broken)} broken laws, {tally}")

    return search


def fuzz_through_children(_: Path, size: int) -> Callable[[], object]:
    """Return the search of a child, with the same engine in another beside it."""
    rulebook = load(places())

    def search() -> None:
        with _reference() as subject, _reference() as second:
            report = fuzz(subject, rulebook, sequences=size, second=second)
        if not report.passed or report.sequences < size:
            raise RuntimeError(f"{report.sequences} asked, {report.found} found")

    return search


def fuzz_shrinking(_: Path, size: int) -> Callable[[], object]:
    """Return Hypothesis making sequences small through a child.

    What is looked for is no fault, but what every search comes to: a liquidation. Each
    sequence tried is asked of the child, and where it is there what is expected worked
    out, as a search does where its two engines differ.
    """
    rules = Rules(load(places()))
    liquidated = Symptom("event", "liquidation", "is there", None)

    def search() -> None:
        with _reference() as subject:
            drawing = Sequences(rules, scope_of(rules.rulebook, subject.ready, None))
            asker = Asker(subject, rules)

            def tried(case: Case) -> tuple[Case, list[Symptom]]:
                steps = getattr(asker.answer(case), "steps", ())
                told = {each["event"] for step in steps for each in step.events}
                if "liquidation" not in told:
                    return case, []
                return drawing.expected(case), [liquidated]

            number = 0
            while asker.asked < size:
                shrinking = Shrinking(tried, budget=size - asker.asked)
                shrunk(drawing.bare(0, number), liquidated, shrinking)
                number += 1

    return search


def _reference() -> drive.Subject:
    command = drive.resolve("reference", adapters=[places().adapters])
    return drive.Subject.open(command, suite_version="bench")
