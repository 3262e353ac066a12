"""A fault is asked only where it could be seen, and nothing is missed by that."""

import importlib
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from types import ModuleType

import pytest

from isomargin.drive import Introduction
from isomargin.power import Corpus, measuring
from isomargin.power.bench import Said, introduction_of, said_by
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import Places

# One fault that remembers, one that acts in an order, one that breaks the tables, …
FAULTS = (
    "orders-outlive-the-position",
    "stop-before-liquidation",
    "leverage-cut-to-whole-numbers",
    "cross-priced-as-isolated",
    "refused-trade-sets-mark-price",
    "shortfall-paid-by-the-winners",
)
_EVERY_SIXTIETH = slice(None, None, 60)


@pytest.fixture
def ready(where: Places) -> Introduction:
    return introduction_of(said_by(where, "reference", ()))


def _unlike(one: Said, other: Said) -> set[int]:
    pairs = zip(one.answers, other.answers, strict=True)
    return {number for number, (a, b) in enumerate(pairs) if a != b}


def _told(corpus: Corpus, answers: Sequence[bytes], name: str) -> set[int]:
    return set(measuring._reached(corpus, [answers], len(answers))[name])


def test_every_answer_that_a_fault_changes_is_to_a_question_that_reaches_it(
    corpus: Corpus, rulebook: Rulebook, where: Places, ready: Introduction
) -> None:
    some = dict(list(rulebook.cases.items())[::6])
    questions = list(measuring._questions(replace(rulebook, cases=some), ready))
    usual = said_by(where, "reference", questions)
    told = said_by(where, "faulty:reach", questions).answers
    for name in (*FAULTS, *list(corpus)[_EVERY_SIXTIETH]):
        changed = _unlike(usual, said_by(where, f"faulty:{name}", questions))
        assert changed <= _told(corpus, told, name), name


def test_a_fault_is_seen_where_another_changes_what_one_module_calls(
    rulebook: Rulebook, corpus: Corpus, where: Places, ready: Introduction
) -> None:
    name = "account.insurance_fund.pays_what_is_lacking.linear_long"
    case = {name: rulebook.cases[name]}
    questions = list(measuring._questions(replace(rulebook, cases=case), ready))
    told = said_by(where, "faulty:reach", questions).answers
    assert _told(corpus, told, "shortfall-paid-by-the-winners") == {0}


def test_a_question_that_was_not_come_to_may_reach_every_fault(corpus: Corpus) -> None:
    reached = measuring._reached(corpus, [[b'{"t":"skip","reason":""}'], []], 3)
    assert set(reached) == set(corpus)
    assert all(numbers == [1, 2] for numbers in reached.values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal(1), 1),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ((1, (2, 3)), (1, (2, 4))),
        ([1], [1, 2]),
        (ValueError("a"), ValueError("b")),
        (ValueError("a"), TypeError("a")),
        (iter("a"), iter("a")),
    ],
)
def test_results_that_could_be_told_apart_are_not_the_same(
    one: object, other: object, faulty: ModuleType
) -> None:
    assert not importlib.import_module(f"{faulty.__name__}.reach").same(one, other)


def test_results_that_nobody_could_tell_apart_are_the_same(faulty: ModuleType) -> None:
    same = importlib.import_module(f"{faulty.__name__}.reach").same
    assert same(({"a": [Decimal("1.0")]}, None), ({"a": [Decimal(1)]}, None))
    assert same(ValueError("a"), ValueError("a"))
