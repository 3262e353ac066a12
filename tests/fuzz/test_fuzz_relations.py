"""Relations between answers show a fault without any expected figure."""

import sys
from pathlib import Path

import pytest

from isomargin.drive import Subject
from isomargin.formulas.world import Rules
from isomargin.fuzz.asker import Asker
from isomargin.fuzz.relations import RELATIONS, BrokenRelation, broken_relations
from isomargin.fuzz.scenario_relations import SCENARIO_RELATIONS
from isomargin.fuzz.scope import scope_of
from isomargin.fuzz.sequence import Sequences
from isomargin.rulebook.model import Rulebook

sys.path.insert(0, str(Path(__file__).parent))

from conftest import Search, engine


def broken(rulebook: Rulebook, fault: str, count: int) -> list[BrokenRelation]:
    """Return the relations broken by an engine."""
    rules = Rules(rulebook)
    with Subject.open(engine(fault), suite_version="1") as subject:
        drawing = Sequences(rules, scope_of(rulebook, subject.ready, None))
        return list(broken_relations(Asker(subject, rules), drawing, 1, count))


@pytest.mark.parametrize("fault", ["calculator", "right"])
def test_an_engine_that_is_right_breaks_no_relation(
    rulebook: Rulebook, fault: str
) -> None:
    assert broken(rulebook, fault, 25) == []


def test_gains_that_have_no_side_are_no_mirror(rulebook: Rulebook) -> None:
    found = {
        (each.relation, each.quantity) for each in broken(rulebook, "one-sided", 9)
    }
    assert found == {("mirror", "unrealised_pnl")}


def test_a_charge_for_every_fill_makes_two_halves_dearer_than_the_whole(
    rulebook: Rulebook,
) -> None:
    found = {each.relation for each in broken(rulebook, "charges-by-the-fill", 9)}
    assert {"split_fills", "round_trip", "zero_sum"} <= found
    assert not found & {"mirror", "scaling", "order", "isolation"}


def test_what_reaches_from_one_instrument_into_another_is_no_isolation(
    rulebook: Rulebook,
) -> None:
    found = {each.relation for each in broken(rulebook, "leaks", 9)}
    assert "isolation" in found
    assert not found & {"mirror", "split_fills", "round_trip", "zero_sum"}


def test_a_broken_relation_is_told_as_a_case(search: Search) -> None:
    """So few sequences show nothing; the relations do, and a case is made of it."""
    report = search("leaks", sequences=1)
    (found,) = report.found
    assert {each.relation for each in report.relations} >= {"isolation"}
    assert found.drawn == "fuzz.relation"
    assert found.steps <= 5


def test_each_relation_says_what_it_is() -> None:
    listed = [*RELATIONS, *SCENARIO_RELATIONS]
    assert len({relation.name for relation in listed}) == len(listed)
    assert all(relation.says for relation in listed)
