"""What a matrix of faults by cases says, worked out on a small one."""

from dataclasses import replace
from typing import Any

import pytest

from isomargin.log import LogFile
from isomargin.power import Catch, Corpus, Fault, Matrix, Power, assess, unseen
from isomargin.rulebook.model import Rulebook

SEEN = Catch("failed", (), frozenset({"a"}))
LAW = Catch("failed", ("rejection.changes_nothing",), frozenset({"b"}))
PLAIN, OTHER = "trade.flip.long", "funding.isolated.long_positive"


def fault(name: str, *rules: str, **fields: Any) -> Fault:
    return Fault(name=name, rules=rules, cost={"en": "", "nb": ""}, **fields)


def corpus_of(*faults: Fault) -> Corpus:
    return {each.name: each for each in faults}


def assessed(rulebook: Rulebook, corpus: Corpus, **rows: dict[str, Catch]) -> Power:
    named = {name.replace("_", "-"): row for name, row in rows.items()}
    every: dict[str, dict[str, Catch]] = {name: {} for name in corpus}
    matrix = Matrix(tuple(rulebook.cases), {**every, **named}, {})
    return assess(corpus, matrix, rulebook)


def test_a_fault_that_no_case_catches_survives(rulebook: Rulebook) -> None:
    power = assessed(rulebook, corpus_of(fault("quiet", "funding.payment")))
    assert (power.survivors, power.caught, power.suffices) == (("quiet",), 0, False)


def test_a_fault_marked_equivalent_does_not_count_as_surviving(
    rulebook: Rulebook,
) -> None:
    marked = fault("quiet", "funding.payment", equivalent="it rounds zero")
    power = assessed(rulebook, corpus_of(marked))
    assert (power.survivors, power.equivalent) == ((), ("quiet",))


def test_a_fault_marked_equivalent_that_is_caught_is_told(rulebook: Rulebook) -> None:
    marked = fault("loud", "funding.payment", equivalent="it rounds zero")
    power = assessed(rulebook, corpus_of(marked), loud={OTHER: SEEN})
    assert (power.not_equivalent, power.equivalent) == (("loud",), ())


def test_a_fault_caught_by_a_case_of_another_rule_alone_is_astray(
    rulebook: Rulebook,
) -> None:
    power = assessed(
        rulebook, corpus_of(fault("loud", "funding.payment")), loud={PLAIN: SEEN}
    )
    assert (power.survivors, power.astray) == ((), ("loud",))


def test_a_rule_tells_the_faults_that_declare_it_and_that_a_case_for_it_catches(
    rulebook: Rulebook,
) -> None:
    corpus = corpus_of(
        fault("one", "funding.payment"),
        fault("two", "funding.payment"),
        fault("three", "open.fee"),
    )
    power = assessed(
        rulebook, corpus, one={OTHER: SEEN}, two={PLAIN: SEEN}, three={OTHER: SEEN}
    )
    assert power.rules["funding.payment"] == ("one",)
    assert "funding.payment" not in power.untold
    assert "open.fee" in power.untold


def test_a_law_tells_a_fault_by_which_it_is_broken(rulebook: Rulebook) -> None:
    corpus = corpus_of(fault("loud", "rejection.changes_nothing"))
    power = assessed(rulebook, corpus, loud={OTHER: LAW})
    assert power.rules["rejection.changes_nothing"] == ("loud",)
    assert power.astray == ()


def test_few_cases_that_catch_everything_are_found(rulebook: Rulebook) -> None:
    corpus = corpus_of(*(fault(name, "open.fee") for name in "abc"))
    power = assessed(
        rulebook,
        corpus,
        a={PLAIN: SEEN},
        b={PLAIN: SEEN, OTHER: SEEN},
        c={OTHER: SEEN},
    )
    assert set(power.killing_set) == {PLAIN, OTHER}


def test_a_case_that_catches_nothing_is_idle_unless_it_illustrates(
    rulebook: Rulebook,
) -> None:
    power = assessed(rulebook, corpus_of(fault("loud", "open.fee")), loud={PLAIN: SEEN})
    assert PLAIN not in power.idle
    assert OTHER in power.idle
    assert "glossary.alice" not in power.idle


def test_an_engine_without_a_fault_that_fails_is_told(rulebook: Rulebook) -> None:
    matrix = Matrix(tuple(rulebook.cases), {}, {PLAIN: SEEN})
    power = assess({}, matrix, rulebook)
    assert (power.control, power.suffices) == ((PLAIN,), False)


@pytest.mark.parametrize(
    ("status", "blind"),
    [
        ("passed", ()),
        ("failed", ()),
        ("skipped", ("loud",)),
        ("unsupported", ("loud",)),
        ("errored", ("loud",)),
    ],
)
def test_a_run_could_not_have_seen_what_only_cases_tell_that_it_left_out(
    rulebook: Rulebook, status: str, blind: tuple[str, ...]
) -> None:
    rows = {"loud": {PLAIN: SEEN}, "quiet": {}}
    matrix = Matrix(tuple(rulebook.cases), rows, {})
    log = LogFile({}, ({"id": PLAIN, "status": status},), None)
    assert unseen(matrix, log) == blind
    assert unseen(matrix, replace(log, cases=())) == ("loud",)


def test_a_matrix_comes_back_from_its_data_as_it_was() -> None:
    rows = {"loud": {PLAIN: LAW, OTHER: SEEN}, "quiet": {}}
    matrix = Matrix((PLAIN, OTHER), rows, {PLAIN: SEEN})
    assert Matrix.of_data(matrix.data()) == matrix
