"""Which faults a failing engine is said to behave like."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from isomargin.log import LogFile
from isomargin.power import (
    Catch,
    Matrix,
    Symptoms,
    diagnose,
    likenesses,
    symptoms_of,
)
from isomargin.power.keeping import keep
from isomargin.power.matrix import sign
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import Places

CASES = tuple(f"case.{number}" for number in range(20))


def signs(name: str, case: str) -> frozenset[str]:
    return frozenset({f"{name} in {case}"})


def row(name: str, cases: Iterable[str]) -> dict[str, Catch]:
    return {case: Catch("failed", (), signs(name, case)) for case in cases}


MATRIX = Matrix(
    CASES,
    {
        "wide": row("wide", CASES[:8]),
        "narrow": row("narrow", CASES[:2]),
        "apart": row("apart", CASES[10:14]),
    },
    {},
)


def symptoms(*shown: tuple[str, Iterable[str]]) -> Symptoms:
    wrong = {case: signs(name, case) for name, cases in shown for case in cases}
    return Symptoms(frozenset(CASES), wrong)


def test_an_engine_with_a_fault_of_the_corpus_behaves_like_it() -> None:
    [likeness] = diagnose(symptoms(("wide", CASES[:8])), MATRIX)
    assert likeness.sentence == "behaves like wide (8 of 8 symptoms)"
    assert (likeness.explains, likeness.failures) == (8, 8)


def test_only_symptoms_that_the_run_could_show_are_counted() -> None:
    wrong = {case: signs("wide", case) for case in CASES[:3]}
    seen = Symptoms(frozenset(CASES[:3]), wrong)
    assert diagnose(seen, MATRIX)[0].sentence == "behaves like wide (3 of 3 symptoms)"


def test_an_engine_with_two_faults_behaves_like_both() -> None:
    both = symptoms(("wide", CASES[:8]), ("apart", CASES[10:14]))
    found = diagnose(both, MATRIX)
    assert [(each.fault, each.explains) for each in found] == [
        ("wide", 8),
        ("apart", 4),
    ]


def test_no_more_likenesses_are_told_than_asked_for() -> None:
    both = symptoms(("wide", CASES[:8]), ("apart", CASES[10:14]))
    assert len(diagnose(both, MATRIX, most=1)) == 1


def test_an_engine_that_gets_everything_wrong_its_own_way_is_like_nothing() -> None:
    assert diagnose(symptoms(("babble", CASES)), MATRIX) == ()


def test_an_engine_that_shows_half_of_a_faults_symptoms_is_not_like_it() -> None:
    assert diagnose(symptoms(("apart", CASES[10:12])), MATRIX) == ()


def test_an_engine_that_passes_is_like_nothing() -> None:
    assert diagnose(symptoms(), MATRIX) == ()


@pytest.mark.parametrize("status", ["failed", "passed", "skipped"])
def test_symptoms_are_the_wrong_figures_and_broken_laws_of_a_log(status: str) -> None:
    right = {"step": 0, "path": "a", "actual": "1", "grade": "exact"}
    wrong = {"step": 1, "path": "b", "actual": "2", "grade": "off"}
    line = {
        "id": "case.0",
        "status": status,
        "findings": [right, wrong],
        "broken": [{"rule": "a.law", "step": 1}],
    }
    found = symptoms_of(LogFile({}, (line,), None))
    expected = {sign(1, "b", "2"), sign(1, "a.law", "broken")}
    assert found.judged == (frozenset() if status == "skipped" else {"case.0"})
    assert found.wrong == ({"case.0": expected} if status == "failed" else {})


def test_a_run_is_compared_with_the_matrix_kept_and_with_none_where_none_is(
    rulebook: Rulebook,
    where: Places,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    finding = {"step": 1, "path": "a", "actual": "2", "grade": "off"}
    line = {"id": "case.0", "status": "failed", "findings": [finding], "broken": []}
    log = LogFile({}, (line,), None)
    assert likenesses(log, rulebook, where) is None
    catch = Catch("failed", (), frozenset({sign(1, "a", "2")}))
    keep(Matrix(("case.0",), {"known": {"case.0": catch}}, {}), rulebook, where)
    found = likenesses(log, rulebook, where)
    assert found is not None
    assert [each.sentence for each in found] == ["behaves like known (1 of 1 symptoms)"]
