"""The search finds what is wrong, makes it small, and finds nothing in what is right."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from isomargin.command import main
from isomargin.drive import Subject, Trace
from isomargin.errors import UsageError
from isomargin.formulas.world import Rules
from isomargin.fuzz import FuzzReport, fuzz
from isomargin.fuzz.asker import Asker
from isomargin.fuzz.retreat import learned
from isomargin.fuzz.scope import scope_of
from isomargin.fuzz.sequence import Sequences, case_of
from isomargin.fuzz.shrink import Shrinking, shrunk
from isomargin.fuzz.symptom import Symptom
from isomargin.rulebook.load import load_cases
from isomargin.rulebook.model import Case, Rulebook
from isomargin.rulebook.places import places

sys.path.insert(0, str(Path(__file__).parent))

from conftest import engine

Search = Callable[..., FuzzReport]


def test_nothing_is_found_in_an_engine_that_is_right(search: Search) -> None:
    report = search("right", sequences=400)
    assert [found.text for found in report.found] == []
    assert (report.passed, report.sequences, report.unstable) == (True, 400, ())


def test_reversed_funding_shrinks_to_a_trade_and_a_funding(search: Search) -> None:
    report = search("funding-reversed", profile="textbook/linear")
    (found,) = report.found
    steps = [step["do"] for step in found.case.core["steps"]]
    assert steps[-1] == "apply_funding"
    assert "trade" in steps
    assert found.steps <= 5
    assert found.steps <= found.drawn_steps


def test_a_refusal_that_changes_something_is_found_as_a_broken_law(
    search: Search,
) -> None:
    (found,) = search("refusal-sticks", profile="textbook/linear").found
    assert found.symptom.key == ("law", "rejection.changes_nothing", "broken")
    assert found.case.rules == ("rejection.changes_nothing",)
    assert found.case.why == "The law rejection.changes_nothing is broken."
    assert found.steps == 1


def test_a_calculator_is_asked_for_quotes_alone(search: Search) -> None:
    assert search("calculator", sequences=60).passed
    (found,) = search("bankruptcy").found
    assert (found.symptom.name, found.steps) == ("liquidation_price", 0)
    assert found.case.rules == ("liquidation_price.exists",)


def test_what_an_engine_has_not_got_is_drawn_no_more(rulebook: Rulebook) -> None:
    with Subject.open(engine("narrow"), suite_version="1") as subject:
        drawing = Sequences(Rules(rulebook), scope_of(rulebook, subject.ready, None))
        asker = Asker(subject, drawing.rules)
        scope = learned(asker, drawing, 0).scope
        assert scope.lacking >= {"contract_size", "tiers", "set_auto_add_margin"}
        assert scope.lacking >= {"cross", "trade with liquidity"}
        assert scope.held == {"reduce_release": "none", "trigger_price": "mark"}
        asked = [drawing.first(0, family) for family in range(40)]
        fitted = replace(drawing, scope=scope)
        answers = [asker.answer(fitted.first(0, family)) for family in range(40)]
        usual = [asker.answer(case) for case in asked]
    assert sum(isinstance(one, Trace) for one in usual) <= 4
    assert sum(isinstance(one, Trace) for one in answers) >= 30


def test_a_fault_is_found_in_an_engine_that_has_little(search: Search) -> None:
    (found,) = search("narrow").found
    assert found.case.core["steps"][-1]["do"] == "apply_funding"


def test_an_engine_that_answers_otherwise_each_time_is_told_first(
    search: Search,
) -> None:
    report = search("fickle")
    assert report.unstable
    assert (report.sequences, report.found, report.passed) == (0, (), False)


def test_an_engine_that_dies_is_found_out(search: Search) -> None:
    (found,) = search("dies", profile="textbook/linear").found
    assert found.symptom.kind == "crash"
    assert [step["do"] for step in found.case.core["steps"]].count("apply_funding") >= 1


def test_the_same_seed_finds_the_same(search: Search) -> None:
    first, second = (search("bankruptcy", seed=4) for _ in range(2))
    assert [each.text for each in first.found] == [each.text for each in second.found]


def test_what_is_found_stays_wrong_as_a_case_and_right_for_the_right(
    search: Search, tmp_path: Path, rulebook: Rulebook
) -> None:
    (found,) = search("funding-reversed", profile="textbook/linear").found
    path = tmp_path / "found.yaml"
    path.write_text(found.text, encoding="utf-8")
    (case,) = load_cases(places(), [path])
    assert set(case.rules) <= rulebook.rules.keys()
    codes = [
        main(["run", str(path), "--subject", engine(name).given, "--profile", "all"])
        for name in ("funding-reversed", "right")
    ]
    assert codes == [1, 0]


def test_parameters_that_nothing_depends_on_are_left_out() -> None:
    symptom = Symptom("event", "trade", "is there", None)
    core = {"steps": [{"do": "trade", "with": {"price": "1"}}]}
    drawn = {"tier_price": "mark", "funding_price": "index"}
    case = case_of("drawn", "textbook/linear", drawn, core)
    shrinking = Shrinking(lambda each: (each, [symptom]))
    small, _ = shrunk(case, symptom, shrinking)
    assert (small.core, small.overrides) == (core, {})


def test_a_hedge_and_a_leverage_that_nothing_depends_on_are_done_without() -> None:
    symptom = Symptom("event", "trade", "is there", None)
    needed = {"trade", "add_margin", "set_mark_price", "apply_funding"}
    sided = {"position_side": "long"}
    steps = [
        {"do": "set_position_mode", "with": {"position_mode": "hedge"}},
        {"do": "set_leverage", "with": {"leverage": "10"}},
        {"do": "trade", "with": {"price": "1", **sided}},
        {"do": "add_margin", "with": {"amount": "1", **sided}},
        {"do": "set_mark_price", "with": {"price": "1"}},
        {"do": "apply_funding", "with": {"funding_rate": "1"}},
    ]

    def tried(case: Case) -> tuple[Case, list[Symptom]]:
        done = {step["do"] for step in case.core["steps"]}
        names = any("position_side" in step["with"] for step in case.core["steps"])
        affords = "set_leverage" in done or "1000000" in (
            case.core["given"]["balances"].values()
        )
        shows = needed <= done and affords and names == ("set_position_mode" in done)
        return case, [symptom] if shows else []

    core = {"given": {"balances": {"A": "10"}}, "steps": steps}
    case = case_of("drawn", "textbook/linear", {}, core)
    small, _ = shrunk(case, symptom, Shrinking(tried))
    assert {step["do"] for step in small.core["steps"]} == needed
    assert len(small.core["steps"]) == len(needed)


def test_what_another_engine_answers_alike_is_set_aside(rulebook: Rulebook) -> None:
    with (
        Subject.open(engine("bankruptcy"), suite_version="1") as subject,
        Subject.open(engine("bankruptcy"), suite_version="1") as second,
    ):
        report = fuzz(subject, rulebook, sequences=20, second=second)
    assert report.passed
    assert report.disputed


def test_what_another_engine_answers_alike_is_not_worked_out(
    rulebook: Rulebook,
) -> None:
    with (
        Subject.open(engine("right"), suite_version="1") as subject,
        Subject.open(engine("right"), suite_version="1") as second,
    ):
        report = fuzz(subject, rulebook, sequences=65, second=second)
    assert report.passed
    assert (report.sequences, report.judged) == (65, 3)


def test_what_differs_from_another_engine_is_found(rulebook: Rulebook) -> None:
    with (
        Subject.open(engine("funding-reversed"), suite_version="1") as subject,
        Subject.open(engine("right"), suite_version="1") as second,
    ):
        report = fuzz(subject, rulebook, sequences=300, second=second)
    (found,) = report.found
    assert [step["do"] for step in found.case.core["steps"]][-1] == "apply_funding"
    assert found.steps <= 5
    assert report.judged < report.questions


def test_a_profile_that_is_not_declared_cannot_be_judged_by(search: Search) -> None:
    with pytest.raises(UsageError) as caught:
        search("bankruptcy", profile="binance/usdm")
    assert str(caught.value) == (
        "--profile: the engine does not declare the profile binance/usdm;"
        " use one of textbook/linear"
    )


def test_the_verb_writes_a_case_file_and_says_how_to_run_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["fuzz", "--subject", engine("bankruptcy").given, "--into", str(tmp_path)]
    assert main([*words, "--format", "terminal"]) == 1
    said = capsys.readouterr().out.splitlines()
    path = tmp_path / "fuzz_bankruptcy_liquidation_price.yaml"
    assert said[-1] == (
        f"  isomargin run {path} --subject {engine('bankruptcy').given} --profile all"
    )
    (entry,) = yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]
    assert entry["rules"] == ["liquidation_price.exists"]


def test_a_time_may_be_written_with_its_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["fuzz", "--subject", engine("bankruptcy").given, "--time", "60s"]
    assert main(words) == 1
    assert [path.suffix for path in tmp_path.iterdir()] == [".yaml"]


@pytest.mark.parametrize("written", ["0s", "-1", "1.5m", "soon", "\u0661"])
def test_what_is_no_time_is_refused(
    written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["fuzz", "--subject", "reference", "--time", written]
    assert main(words) == 2
    assert capsys.readouterr().err == (
        f"isomargin: invalid value for '--time': {written!r} is no time such as 60s, 2m or 1h;"
        " see: isomargin fuzz --help\n"
    )
