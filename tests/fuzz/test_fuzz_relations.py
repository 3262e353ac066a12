"""Relations between answers show a fault without any expected figure."""

import sys
from pathlib import Path

from isomargin.drive import Subject
from isomargin.formulas.world import Rules
from isomargin.fuzz.relations import RELATIONS, broken_relations
from isomargin.fuzz.scope import scope_of
from isomargin.fuzz.sequence import Sequences
from isomargin.rulebook.model import Rulebook

sys.path.insert(0, str(Path(__file__).parent))

from conftest import engine


def broken(rulebook: Rulebook, fault: str) -> set[tuple[str, str]]:
    """Return the relations broken by an engine, with the quantity."""
    with Subject.open(engine(fault), suite_version="1") as subject:
        scope = scope_of(rulebook, subject.ready, "textbook/linear")
        sequences = Sequences(Rules(rulebook), scope)
        cases = [sequences.drawn(1, index) for index in range(40)]
        parameters = rulebook.profiles["textbook/linear"].parameters
        found = list(broken_relations(subject, parameters, cases))
    return {(each.relation, each.quantity) for each in found}


def test_an_engine_that_is_right_breaks_no_relation(rulebook: Rulebook) -> None:
    assert broken(rulebook, "calculator") == set()


def test_gains_that_have_no_side_are_no_mirror(rulebook: Rulebook) -> None:
    assert broken(rulebook, "one-sided") == {("mirror", "unrealised_pnl")}


def test_each_relation_says_what_it_is() -> None:
    assert len({relation.name for relation in RELATIONS}) == len(RELATIONS)
    assert all(relation.says for relation in RELATIONS)
