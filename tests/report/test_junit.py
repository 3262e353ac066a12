"""JUnit XML: the schema CI servers use, and what stands where."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from isomargin.log import LogFile
from isomargin.report.junit import junit
from isomargin.report.library import Library

SCHEMA = Path(__file__).parent / "junit-10.xsd"


def tree(log: LogFile, library: Library) -> ET.Element:
    return ET.fromstring(junit(log, library))  # noqa: S314 - our own document


@pytest.mark.parametrize("name", ["log", "attack"])
def test_it_fits_the_schema_ci_servers_use(
    request: pytest.FixtureRequest, library: Library, name: str
) -> None:
    xmlschema = pytest.importorskip("xmlschema")
    text = junit(request.getfixturevalue(name), library)
    xmlschema.XMLSchema(str(SCHEMA)).validate(text)


def test_a_case_is_a_test_of_its_family(log: LogFile, library: Library) -> None:
    cases = tree(log, library).iter("testcase")
    assert [(case.get("classname"), case.get("name")) for case in cases] == [
        ("liquidation", "contracts.inverse.long_tiers_490"),
        ("value", "contracts.inverse.short_1"),
        ("value", "contracts.quanto.long"),
        ("margin", "glossary.alice"),
        ("margin", "margin.initial.long_10"),
    ]


def test_a_run_that_is_wrong_though_no_case_is_has_a_test_that_says_so(
    changed: Any, library: Library
) -> None:
    breakdown = {"kind": "crash", "detail": "crash: ended before it answered"}
    footer = {"breakdowns": [breakdown], "verdict": "nonconformant", "exit_code": 1}
    passed = {"status": "passed", "findings": [], "broken": [], "detail": ""}
    cases = dict.fromkeys(
        (
            "contracts.inverse.long_tiers_490",
            "contracts.inverse.short_1",
            "contracts.quanto.long",
            "glossary.alice",
            "margin.initial.long_10",
        ),
        passed,
    )
    root = tree(changed(cases, footer=footer), library)
    assert (root.get("tests"), root.get("errors")) == ("6", "1")
    [error] = root.iter("error")
    assert error.get("message") == (
        "nonconformant: 0 failed, 0 errored, 5 passed; broke down, and not again:"
        " crash: ended before it answered"
    )


def test_each_verdict_has_its_element(log: LogFile, library: Library) -> None:
    found = {
        case.get("name"): [part.tag for part in case if part.tag != "system-out"]
        for case in tree(log, library).iter("testcase")
    }
    assert found == {
        "contracts.inverse.long_tiers_490": ["failure"],
        "contracts.inverse.short_1": ["error"],
        "contracts.quanto.long": ["skipped"],
        "glossary.alice": ["failure"],
        "margin.initial.long_10": [],
    }


def test_the_totals_are_those_of_the_cases(log: LogFile, library: Library) -> None:
    root = tree(log, library)
    names = ("tests", "failures", "errors", "time")
    assert {name: root.get(name) for name in names} == {
        "tests": "5",
        "failures": "2",
        "errors": "1",
        "time": "2",
    }
    suites = [dict(suite.attrib) for suite in root.iter("testsuite")]
    assert sum(int(suite["tests"]) for suite in suites) == 5
    assert {suite["timestamp"] for suite in suites} == {"2025-01-01T00:00:00"}


def test_a_suite_says_how_each_of_its_rules_fared(
    log: LogFile, library: Library
) -> None:
    suite = next(tree(log, library).iter("testsuite"))
    properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert properties["profiles"] == "textbook/linear"
    for rule in log.cases[0]["about"]:
        assert properties[f"rule:{rule}"] == "1 failed"


def test_a_failure_tells_the_figures_and_how_to_see_them_again(
    log: LogFile, library: Library
) -> None:
    case = next(tree(log, library).iter("testcase"))
    failure, output = case.find("failure"), case.find("system-out")
    assert failure is not None
    assert output is not None
    assert failure.get("type") == "value"
    assert failure.text == (
        "liquidation_price: expected 9127.896200185356811863,"
        " actual 9136.363636363636363636 (off)"
    )
    lines = (output.text or "").splitlines()
    assert lines[-2:] == [
        "$ isomargin explain contracts.inverse.long_tiers_490",
        "$ isomargin run --subject acme -k contracts.inverse.long_tiers_490",
    ]
    assert lines[0].startswith("rules: ")


def test_a_known_failure_is_skipped_with_its_reason(
    changed: Any, library: Library
) -> None:
    known = {"reason": "rounds up", "issue": "https://x.example/1", "until": "2030"}
    log = changed({"glossary.alice": {"known": known}})
    skipped = [one.get("message") for one in tree(log, library).iter("skipped")]
    assert skipped[-1] == (
        "known failure: rounds up: step 4 set_mark_price: events is [], expected"
        " [liquidation] (off) (https://x.example/1)"
    )


def test_a_case_of_no_family_is_a_case_all_the_same(
    changed: Any, library: Library
) -> None:
    log = changed({"glossary.alice": {"families": []}})
    assert "cases" in {one.get("name") for one in tree(log, library).iter("testsuite")}


def test_a_run_cut_short_has_no_time(log: LogFile, library: Library) -> None:
    root = tree(LogFile(log.header, log.cases, None), library)
    assert root.get("time") is None


def test_what_an_engine_says_stays_text(attack: LogFile, library: Library) -> None:
    tags = {element.tag for element in tree(attack, library).iter()}
    known = {"testsuites", "testsuite", "testcase", "properties", "property"}
    assert tags == {*known, "failure", "error", "skipped", "system-out"}
