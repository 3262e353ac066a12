"""Measuring: faulty engines are asked over the wire, and what came of it is kept."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from isomargin.errors import RulebookError, SubjectUnusable
from isomargin.power import Corpus, Matrix, kept_matrix, measured
from isomargin.power.bench import introduction_of, outcome_of, said_by
from isomargin.power.keeping import keep
from isomargin.rulebook.model import Case, Rulebook
from isomargin.rulebook.places import Places

FEW = ("leverage-ignored", "funding-sign-reversed", "never-liquidated")
FUNDING = "funding.isolated.long_positive"
NOTHING = Matrix((), {}, {})
TINY = ("funding.isolated.long_positive", "trade.flip.long", "glossary.alice")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "isomargin"


@pytest.fixture
def few(corpus: Corpus) -> Corpus:
    return {name: corpus[name] for name in FEW}


@pytest.fixture
def small(rulebook: Rulebook) -> Rulebook:
    return replace(rulebook, cases={name: rulebook.cases[name] for name in TINY})


def test_each_fault_is_caught_where_its_change_shows(
    few: Corpus, small: Rulebook, where: Places
) -> None:
    seen: list[tuple[int, int]] = []
    matrix = measured(
        few, small, where, jobs=2, watch=lambda *counts: seen.append(counts)
    )
    assert matrix.cases == TINY
    assert matrix.control == {}
    assert set(matrix.rows["leverage-ignored"]) == set(TINY)
    assert set(matrix.rows["funding-sign-reversed"]) == {FUNDING}
    assert set(matrix.rows["never-liquidated"]) == {"glossary.alice"}
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_what_a_case_saw_is_kept_with_the_laws_that_were_broken(
    few: Corpus, small: Rulebook, where: Places
) -> None:
    catch = measured(few, small, where).rows["never-liquidated"]["glossary.alice"]
    assert catch.status == "failed"
    assert "liquidation.happens_when_the_trigger_is_met" in catch.laws
    assert catch.signs


def test_a_matrix_is_measured_once(
    few: Corpus,
    small: Rulebook,
    where: Places,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = measured(few, small, where)
    monkeypatch.setattr("isomargin.power.measuring.said_by", None)
    assert measured(few, small, where) == first
    assert kept_matrix(small, where) == first


def test_a_matrix_of_other_cases_or_rules_is_not_taken_for_this_one(
    small: Rulebook, where: Places
) -> None:
    keep(NOTHING, small, where)
    assert kept_matrix(small, where) == NOTHING
    assert kept_matrix(replace(small, digest="other"), where) is None
    assert kept_matrix(replace(small, cases_digest="other"), where) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"key": "x"}', "\udc80"])
def test_what_is_no_matrix_is_not_taken_for_one(
    text: str, small: Rulebook, where: Places, cache: Path
) -> None:
    keep(NOTHING, small, where)
    [path] = cache.glob("power-*.json")
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    assert kept_matrix(small, where) is None


def test_a_cache_that_cannot_be_written_keeps_nothing(
    small: Rulebook,
    where: Places,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (tmp_path / "file").touch()
    keep(NOTHING, small, where)
    assert kept_matrix(small, where) is None


def test_a_case_that_the_reference_engine_fails_tells_nothing(
    few: Corpus, small: Rulebook, where: Places
) -> None:
    case = small.cases["glossary.alice"]
    steps = [
        {**step, "expect": {"outcome": "rejected"}} if "expect" in step else step
        for step in case.core["steps"]
    ]
    wrong: Case = replace(case, core={**case.core, "steps": steps})
    cases = {**small.cases, "glossary.alice": wrong}
    with pytest.raises(RulebookError) as error:
        measured(few, replace(small, cases=cases), where)
    assert error.value.what.startswith("glossary.alice tells nothing of faults: step ")
    assert error.value.remedy == "let the reference engine pass it"


ENGINE = """
import json, sys
ready = {"t": "ready", "protocol": 1, "subject": {"name": "x", "version": "1"},
         "operations": ["quote"], "profiles": "any", "contracts": [], "actions": [],
         "quantities": [], "arithmetic": "decimal"}
"""
ANSWERS = {
    "ends": ("", "crash", "broke down, or fell silent"),
    "babbles": ("print('babble')", "protocol", "its answer is not JSON"),
    "misnumbers": (
        "print(json.dumps({'t': 'skip', 'seq': 7, 'reason': 'x'}))",
        "protocol",
        "answered another question",
    ),
}


@pytest.fixture
def engines(tmp_path: Path, where: Places) -> Places:
    for name, (code, _, _) in ANSWERS.items():
        folder = tmp_path / "adapters" / name
        folder.mkdir(parents=True)
        program = f"{ENGINE}print(json.dumps(ready))\n{code}\n"
        (folder / "engine.py").write_text(program)
        command = json.dumps([sys.executable, "engine.py"])
        (folder / "adapter.yaml").write_text(
            f"name: {name}\ntitle: {name}\ncommand: {command}\n"
        )
    return replace(where, adapters=tmp_path / "adapters")


@pytest.mark.parametrize("name", ANSWERS)
def test_an_engine_that_breaks_down_answers_with_a_fault(
    name: str, engines: Places
) -> None:
    said = said_by(engines, name, ())
    assert introduction_of(said).name == "x"
    outcome = outcome_of(said, 0)
    assert (outcome.kind, outcome.what) == ANSWERS[name][1:]  # type: ignore[union-attr]


def test_an_engine_that_does_not_start_is_told_with_what_it_said(
    where: Places,
) -> None:
    with pytest.raises(SubjectUnusable) as error:
        said_by(where, "faulty:no-such-fault", ())
    assert str(error.value).startswith(
        "faulty:no-such-fault: gave no introduction; it said: there is no fault"
    )


def test_an_engine_that_hangs_is_given_up(
    where: Places, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "adapters" / "sleeps"
    folder.mkdir(parents=True)
    (folder / "engine.py").write_text("import time\ntime.sleep(60)\n")
    command = json.dumps([sys.executable, "engine.py"])
    (folder / "adapter.yaml").write_text(
        f"name: sleeps\ntitle: sleeps\ncommand: {command}\n"
    )
    monkeypatch.setattr("isomargin.power.bench._PATIENCE", 0.5)
    with pytest.raises(SubjectUnusable, match="gave no introduction"):
        said_by(replace(where, adapters=tmp_path / "adapters"), "sleeps", ())
