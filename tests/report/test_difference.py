"""Two runs side by side."""

import json
from typing import Any

import pytest

from isomargin.log import LogFile
from isomargin.report.difference import (
    difference,
    difference_data,
    difference_lines,
    difference_markdown,
    is_worse,
)
from isomargin.report.screen import Screen

FIXED = {"status": "passed", "kind": "", "detail": "", "findings": [], "broken": []}
BROKEN = {"status": "failed", "kind": "value", "detail": "x is 2, expected 1 (off)"}
QUOTE, SCENARIO, GOOD = (
    "contracts.inverse.long_tiers_490",
    "glossary.alice",
    "margin.initial.long_10",
)


def moved_to(log: LogFile, actual: str) -> dict[str, Any]:
    [line] = [one for one in log.cases if one["id"] == QUOTE]
    return {"findings": [{**one, "actual": actual} for one in line["findings"]]}


def ids(changes: Any) -> list[str]:
    return [change.case for change in changes]


def test_a_run_does_not_differ_from_itself(log: LogFile) -> None:
    found = difference(log, log)
    assert list(difference_lines(found, Screen())) == [
        "acme 7.2 (python) → acme 7.2 (python)",
        "",
        "nothing is otherwise",
    ]
    assert not any(is_worse(found, gate) for gate in ("new", "lost", "any"))


def test_what_fails_that_did_not_is_newly_failing(log: LogFile, changed: Any) -> None:
    found = difference(log, changed({GOOD: BROKEN}))
    assert ids(found.newly_failing) == [GOOD]
    assert not found.newly_passing
    assert is_worse(found, "new")


def test_what_passes_that_did_not_is_newly_passing(log: LogFile, changed: Any) -> None:
    found = difference(log, changed({SCENARIO: FIXED}))
    assert ids(found.newly_passing) == [SCENARIO]
    assert not is_worse(found, "new")
    assert is_worse(found, "any")


def test_a_crash_in_place_of_a_failure_is_not_new(log: LogFile, changed: Any) -> None:
    changes = {"status": "errored", "kind": "crash", "detail": "died", "findings": []}
    assert not difference(log, changed({QUOTE: changes})).newly_failing


@pytest.mark.parametrize("status", ["unsupported", "skipped"])
def test_what_is_not_judged_any_more_is_lost(
    log: LogFile, changed: Any, status: str
) -> None:
    found = difference(log, changed({GOOD: {**FIXED, "status": status}}))
    assert ids(found.lost) == [GOOD]
    assert not is_worse(found, "new")
    assert is_worse(found, "lost")


def test_a_case_that_is_gone_is_lost(log: LogFile) -> None:
    shorter = LogFile(log.header, log.cases[:-1], log.footer)
    [change] = difference(log, shorter).lost
    assert (change.case, change.before, change.after) == (GOOD, "passed", "missing")


def test_a_case_that_is_new_and_fails_is_newly_failing(log: LogFile) -> None:
    shorter = LogFile(log.header, log.cases[1:], log.footer)
    [change] = difference(shorter, log).newly_failing
    assert (change.case, change.before, change.after) == (QUOTE, "missing", "failed")


def test_a_figure_that_moves_is_told_though_it_was_wrong_before(
    log: LogFile, changed: Any
) -> None:
    found = difference(log, changed({QUOTE: moved_to(log, "9130")}))
    [change] = found.moved
    [moved] = change.moved
    assert (moved.path, moved.before, moved.after) == (
        "liquidation_price",
        "9136.363636363636363636",
        "9130",
    )
    assert not is_worse(found, "lost")
    assert is_worse(found, "any")


@pytest.mark.parametrize("name", ["rulebook", "cases", "profiles"])
def test_runs_of_another_rulebook_are_told_apart(
    log: LogFile, changed: Any, name: str
) -> None:
    found = difference(log, changed(header={name: ["other"]}))
    assert found.other == (name,)
    assert f"the two runs are not of the same {name}" in list(
        difference_lines(found, Screen())
    )
    assert f"the two runs are not of the same {name}" in list(
        difference_markdown(found)
    )


@pytest.fixture
def both(log: LogFile, changed: Any) -> Any:
    changes = {
        GOOD: BROKEN,
        SCENARIO: FIXED,
        QUOTE: moved_to(log, "9130"),
        "contracts.inverse.short_1": {**FIXED, "status": "unsupported"},
    }
    return difference(log, changed(changes, header={"rulebook": "sha256:0"}))


def test_the_terminal_tells_what_is_worse_first(both: Any) -> None:
    assert list(difference_lines(both, Screen())) == [
        "acme 7.2 (python) → acme 7.2 (python)",
        "the two runs are not of the same rulebook",
        "",
        "Newly failing (1)",
        "  margin.initial.long_10  passed → failed",
        "    x is 2, expected 1 (off)",
        "",
        "Newly passing (1)",
        "  glossary.alice  failed → passed",
        "",
        "No longer judged (1)",
        "  contracts.inverse.short_1  errored → unsupported",
        "",
        "Moved (1)",
        "  contracts.inverse.long_tiers_490  failed → failed",
        "    liquidation_price is 9136.363636363636363636, expected",
        "    9127.896200185356811863 (off)",
        "    liquidation_price 9136.363636363636363636 → 9130, expected",
        "    9127.896200185356811863",
        "",
        "1 newly failing, 1 newly passing, 1 no longer judged, 1 moved",
    ]


def test_markdown_tells_the_same(both: Any) -> None:
    assert list(difference_markdown(both)) == [
        "# `acme 7.2 (python)` → `acme 7.2 (python)`",
        "",
        "1 newly failing, 1 newly passing, 1 no longer judged, 1 moved",
        "",
        "the two runs are not of the same rulebook",
        "",
        "|  | passed | failed | errored | unsupported | skipped |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        "| before | 1 | 2 | 1 | 1 | 0 |",
        "| after | 1 | 2 | 0 | 2 | 0 |",
        "",
        "## Newly failing (1)",
        "",
        "- `margin.initial.long_10` passed → failed: `x is 2, expected 1 (off)`",
        "",
        "## Newly passing (1)",
        "",
        "- `glossary.alice` failed → passed",
        "",
        "## No longer judged (1)",
        "",
        "- `contracts.inverse.short_1` errored → unsupported",
        "",
        "## Moved (1)",
        "",
        (
            "- `contracts.inverse.long_tiers_490` failed → failed: `liquidation_price is"
            " 9136.363636363636363636, expected 9127.896200185356811863 (off)`"
        ),
        (
            "  - `liquidation_price 9136.363636363636363636 → 9130, expected"
            " 9127.896200185356811863`"
        ),
    ]


def test_data_holds_every_change(both: Any) -> None:
    data = json.loads(json.dumps(difference_data(both)))
    assert [one["case"] for one in data["newly_failing"]] == [GOOD]
    assert data["moved"][0]["moved"] == [
        {
            "step": None,
            "path": "liquidation_price",
            "expected": "9127.896200185356811863",
            "before": "9136.363636363636363636",
            "after": "9130",
        }
    ]
    assert data["counts"]["failed"] == [2, 2]


def test_a_step_that_moved_is_named(log: LogFile, changed: Any) -> None:
    [line] = [one for one in log.cases if one["id"] == SCENARIO]
    findings = [{**one, "actual": "1"} for one in line["findings"]]
    found = difference(log, changed({SCENARIO: {"findings": findings}}))
    assert {one.step for one in found.moved[0].moved} == {1, 2, 3, 4}


def test_what_an_engine_says_stays_text(log: LogFile, attack: LogFile) -> None:
    found = difference(log, attack)
    for lines in (difference_lines(found, Screen()), difference_markdown(found)):
        assert not [line for line in lines if not line.isprintable()]
