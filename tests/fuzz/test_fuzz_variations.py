"""Variations of a sequence are other sequences that can be carried out."""

import sys
from pathlib import Path

import pytest

from isomargin.drive import Subject
from isomargin.formulas.world import Rules
from isomargin.fuzz.scope import scope_of
from isomargin.fuzz.sequence import Sequences
from isomargin.rulebook.model import Rulebook

sys.path.insert(0, str(Path(__file__).parent))

from conftest import engine


@pytest.fixture(scope="module")
def sequences(rulebook: Rulebook) -> Sequences:
    with Subject.open(engine("right"), suite_version="1") as subject:
        return Sequences(Rules(rulebook), scope_of(rulebook, subject.ready, None))


def test_a_number_always_draws_the_same(sequences: Sequences) -> None:
    forwards = [sequences.bare(3, index) for index in range(40)]
    backwards = [sequences.bare(3, index) for index in reversed(range(40))]
    assert forwards == backwards[::-1]


def test_most_variations_differ_from_the_first_of_their_family(
    sequences: Sequences,
) -> None:
    families = [[sequences.bare(5, 8 * n + m) for m in range(8)] for n in range(12)]
    unlike = [
        (one.core, one.overrides) != (first.core, first.overrides)
        for first, *others in families
        for one in others
    ]
    assert sum(unlike) > len(unlike) * 0.8


def test_every_variation_can_be_worked_out(sequences: Sequences) -> None:
    ready = [sequences.drawn(7, index) for index in range(48)]
    assert {one.is_quote for one in ready} == {True, False}
    for case in ready:
        told = [case.core["quote"]] if case.is_quote else case.core["steps"]
        assert all("expect" in each for each in told)


def test_a_variation_leaves_the_instruments_as_they_are(sequences: Sequences) -> None:
    for family in range(12):
        first, *others = [sequences.bare(9, 8 * family + n) for n in range(8)]
        part, name = (
            ("quote", "instrument") if first.is_quote else ("given", "instruments")
        )
        assert all(one.core[part][name] == first.core[part][name] for one in others)
