"""What went wrong in a case, for a reader of each language."""

from typing import Any

import pytest

from isomargin.errors import RulebookError
from isomargin.log import LogFile
from isomargin.report.diagnosis import Diagnosis, Shown, diagnosed
from isomargin.report.library import Library
from isomargin.report.summary import summary_of

QUOTE, SCENARIO = "contracts.inverse.long_tiers_490", "glossary.alice"


def diagnosis(
    log: LogFile, library: Library, name: str, *, deep: bool = True
) -> Diagnosis:
    [failure] = [one for one in summary_of(log).failures if one.id == name]
    [line] = [one for one in log.cases if one["id"] == name]
    return diagnosed(failure, line, library, deep=deep)


def with_finding(changed: Any, **fields: Any) -> LogFile:
    finding = {
        "step": None,
        "path": "liquidation_price",
        "expected": "1000.5",
        "actual": "1000.25",
        "grade": "off",
        "note": "",
        **fields,
    }
    log: LogFile = changed({QUOTE: {"findings": [finding]}})
    return log


def test_figures_are_cut_where_they_part(changed: Any, library: Library) -> None:
    [row] = diagnosis(with_finding(changed), library, QUOTE).rows
    assert row.expected == {"en": Shown("1,000.", "5"), "nb": Shown("1\u00a0000,", "5")}
    assert row.actual["en"] == Shown("1,000.", "25")
    assert row.difference is not None
    assert row.difference["en"] == "-0.25"
    assert row.name == {"en": "liquidation price", "nb": "likvidasjonspris"}


@pytest.mark.parametrize(
    ("expected", "actual", "shown"),
    [
        (None, "1", ("does not exist", "1")),
        ("1", None, ("1", "does not exist")),
        (["liquidation"], [], ("liquidation", "nothing")),
        ("accepted", "rejected", ("accepted", "rejected")),
        (
            "INSUFFICIENT_BALANCE",
            "=cmd",
            ("the available balance is not enough", "=cmd"),
        ),
        (
            None,
            {"side": "long", "quantity": "1"},
            ("does not exist", "side long, quantity 1"),
        ),
    ],
)
def test_words_are_wholly_apart_and_have_no_difference(
    changed: Any, library: Library, expected: Any, actual: Any, shown: tuple[str, str]
) -> None:
    log = with_finding(changed, expected=expected, actual=actual)
    [row] = diagnosis(log, library, QUOTE).rows
    assert (row.expected["en"], row.actual["en"]) == tuple(
        Shown("", text) for text in shown
    )
    assert row.difference is None


def test_of_a_whole_position_what_tells_it_apart_is_shown(
    changed: Any, library: Library
) -> None:
    position = {"side": "long", "leverage": "10", "quantity": "0.02"}
    log = with_finding(changed, path="position", expected=None, actual=position)
    [row] = diagnosis(log, library, QUOTE).rows
    assert row.actual["en"].apart == "side long, quantity 0.02, …"


def test_a_case_that_cannot_be_worked_out_is_reported_without_its_figures(
    log: LogFile, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: Any) -> None:
        raise RulebookError("wrong")

    for name in ("explanation", "ladder"):
        monkeypatch.setattr(f"isomargin.report.diagnosis.{name}", wrong)
    found = diagnosis(log, library, SCENARIO)
    assert (found.scenes, found.ladder) == ((), None)
    assert found.rows


def test_of_a_scenario_wrong_at_no_step_the_end_is_drawn(
    changed: Any, library: Library
) -> None:
    finding = {"step": None, "path": "x", "expected": "1", "actual": "2"}
    findings = [{**finding, "grade": "off", "note": ""}]
    changes = {SCENARIO: {"findings": findings, "broken": []}}
    found = diagnosis(changed(changes), library, SCENARIO)
    assert found.ladder is not None
    assert {rung.price for rung in found.ladder.ours} >= {"50000", "30000"}


def test_what_was_not_observed_does_not_read_as_not_existing(
    changed: Any, library: Library
) -> None:
    log = with_finding(changed, actual=None, grade="not observed")
    [row] = diagnosis(log, library, QUOTE).rows
    assert row.actual["en"].apart == "not observed"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("account.wallet_balance", "wallet balance"),
        ("events", "events"),
        ("positions.BTC-USD.long", "long"),
    ],
)
def test_a_path_is_named_by_what_it_ends_in(
    changed: Any, library: Library, path: str, name: str
) -> None:
    [row] = diagnosis(with_finding(changed, path=path), library, QUOTE).rows
    assert row.name["en"] == name


def test_a_difference_keeps_every_digit(changed: Any, library: Library) -> None:
    log = with_finding(changed, expected="0." + "3" * 40, actual="0." + "3" * 39 + "4")
    [row] = diagnosis(log, library, QUOTE).rows
    assert row.difference is not None
    assert row.difference["en"] == "+0." + "0" * 39 + "1"


def test_a_scenario_is_followed_up_to_where_it_differs(
    log: LogFile, library: Library
) -> None:
    found = diagnosis(log, library, SCENARIO)
    assert found.step == 4
    assert [scene.state for scene in found.scenes] == ["agrees"] * 3 + ["first"]
    assert found.scenes[3].told["nb"].heading.startswith("Steg 4: ")
    assert found.why.startswith("The whole balance is lost")
    assert found.ladder is not None


def test_what_follows_the_first_difference_is_told_apart(
    changed: Any, library: Library, log: LogFile
) -> None:
    [line] = [one for one in log.cases if one["id"] == SCENARIO]
    wrong = {"grade": "off"}
    findings = [
        {**one, **(wrong if one["step"] in {1, 3} else {"grade": "exact"})}
        for one in line["findings"]
        if one["step"] != 2
    ]
    changes = {SCENARIO: {"findings": findings, "broken": []}}
    found = diagnosis(changed(changes), library, SCENARIO)
    states = [scene.state for scene in found.scenes]
    assert states == ["agrees", "first", "unseen", "differs"]


def test_a_broken_law_alone_is_a_first_difference(
    changed: Any, library: Library
) -> None:
    law = {"rule": "a.law", "step": 2, "figures": {"x": "1"}}
    changes = {SCENARIO: {"findings": [], "broken": [law]}}
    found = diagnosis(changed(changes), library, SCENARIO)
    assert found.step == 3
    assert found.laws == (law,)


def test_what_gave_no_answer_is_not_held_against_figures(
    log: LogFile, library: Library
) -> None:
    found = diagnosis(log, library, "contracts.inverse.short_1")
    assert (found.scenes, found.ladder, found.rows) == ((), None, ())
    assert found.why


@pytest.mark.parametrize("name", [QUOTE, SCENARIO])
def test_a_shallow_look_derives_nothing(
    log: LogFile, library: Library, name: str
) -> None:
    found = diagnosis(log, library, name, deep=False)
    assert (found.scenes, found.ladder, found.why) == ((), None, "")
    assert found.rows


def test_a_case_of_another_profile_is_not_this_one(
    changed: Any, library: Library
) -> None:
    found = diagnosis(changed({QUOTE: {"profile": "other"}}), library, QUOTE)
    assert found.scenes == ()
