"""The fast tier finds what breaks a law in an engine of this process, and no more."""

import sys
from pathlib import Path
from typing import Any

import pytest

from isomargin.drive import Subject
from isomargin.formulas.world import Rules
from isomargin.fuzz import Broken, Tally, in_process
from isomargin.fuzz.scope import scope_of
from isomargin.fuzz.sequence import Sequences
from isomargin.rulebook.model import Rulebook
from isomargin_adapter import Rejected, Run
from isomargin_reference import after, opening_state, report

sys.path.insert(0, str(Path(__file__).parent))

from conftest import engine


class Account:
    """The reference engine; what it shows may be spoilt."""

    def __init__(self, run: Run) -> None:
        self._state = opening_state(
            run.profile.parameters, run.instruments, run.balances
        )
        self.events: list[Any] = []
        self.refused = self.charged = 0

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda **given: self._act(name, given)

    def _act(self, name: str, given: dict[str, Any]) -> None:
        step = after(self._state, name, given)
        self._state = step.state
        self.events.extend(step.events)
        self.charged += name == "add_margin"
        if step.reason:
            self.refused += 1
            raise Rejected(step.reason.value)

    def state(self) -> dict[str, Any]:
        shown = report(self._state)
        for figures in shown["balances"].values():
            self.spoil(figures)
        return shown

    def spoil(self, figures: dict[str, Any]) -> None:
        """Leave everything as it is."""


class CountsPositionsTwice(Account):
    def spoil(self, figures: dict[str, Any]) -> None:
        figures["wallet_balance"] += figures["wallet_balance"] - figures["free_balance"]


class ChargesForRefusals(Account):
    def spoil(self, figures: dict[str, Any]) -> None:
        for name in figures:
            figures[name] -= self.refused


class ChargesForAddingMargin(Account):
    def spoil(self, figures: dict[str, Any]) -> None:
        for name in figures:
            figures[name] -= self.charged


@pytest.fixture(scope="module")
def drawing(rulebook: Rulebook) -> Sequences:
    with Subject.open(engine("right"), suite_version="1") as subject:
        return Sequences(Rules(rulebook), scope_of(rulebook, subject.ready, None))


def searched(kind: type[Account], drawing: Sequences) -> tuple[list[Broken], Tally]:
    *broken, tally = in_process(kind, drawing, seed=2, families=10, each=60)
    assert isinstance(tally, Tally)
    return [each for each in broken if isinstance(each, Broken)], tally


def test_an_engine_that_is_right_breaks_no_law(drawing: Sequences) -> None:
    broken, tally = searched(Account, drawing)
    assert broken == []
    assert tally.sequences >= 300
    assert tally.carried_out <= tally.actions


@pytest.mark.parametrize(
    ("kind", "law"),
    [
        (CountsPositionsTwice, "account.balances_add_up"),
        (ChargesForRefusals, "rejection.changes_nothing"),
        (ChargesForAddingMargin, "transfer.keeps_the_wallet"),
    ],
)
def test_what_breaks_a_law_is_given_back_as_a_whole_sequence(
    kind: type[Account], law: str, drawing: Sequences, rulebook: Rulebook
) -> None:
    broken, _ = searched(kind, drawing)
    assert law in {each.law for each in broken}
    assert law in rulebook.rules
    assert all(drawing.expected(each.case).core["steps"] for each in broken[:3])


def test_the_same_seed_finds_the_same_in_process(drawing: Sequences) -> None:
    first, again = (searched(ChargesForRefusals, drawing) for _ in range(2))
    assert first == again
