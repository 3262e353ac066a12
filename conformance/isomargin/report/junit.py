"""A run as JUnit XML, the form that CI servers show tests in.

A suite is a family of rules, a test a case; what was not judged is skipped, with
the reason. The document fits the schema of Jenkins' xUnit plugin, in which a test
has no properties: the rules a suite is about are the suite's own, and those of a
case stand in its output, with the command that reproduces it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from isomargin.log import LogFile
from isomargin.report.library import Library
from isomargin.report.safe import cleaned, xml_text
from isomargin.report.summary import Failure, Summary, summary_of
from isomargin.report.value import value_text

__all__ = ["junit"]

Line = Mapping[str, Any]

_ELEMENTS = {
    "failed": "failure",
    "errored": "error",
    "unsupported": "skipped",
    "skipped": "skipped",
    "unjudged": "skipped",
}
_NO_FAMILY = "cases"
_WHOLE = "the run as a whole"


def junit(log: LogFile, _: Library) -> str:
    """Return a run as JUnit XML.

    Args:
        log: the log of the run.
    """
    log = cleaned(log)
    summary = summary_of(log)
    root = _element(None, "testsuites", name=summary.subject_line)
    alone = _wrong_as_a_whole(log, summary)
    for name, count in _totals([*log.cases, *alone]).items():
        if name != "skipped":
            root.set(name, count)
    if summary.seconds:
        root.set("time", summary.seconds)
    if alone:
        suite = _suite(root, log, _WHOLE, alone)
        _case(suite, _WHOLE, alone[0], None)
    failures = {one.id: one for one in (*summary.failures, *summary.known)}
    for family, lines in _families(log.cases).items():
        suite = _suite(root, log, family, lines)
        for line in lines:
            _case(suite, family, line, failures.get(line["id"]))
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: Element, log: LogFile, name: str, lines: Sequence[Line]) -> Element:
    suite = _element(root, "testsuite", name=name, **_totals(lines))
    suite.set("timestamp", log.header["started"].partition("+")[0])
    _properties(suite, log, lines)
    return suite


def _wrong_as_a_whole(log: LogFile, summary: Summary) -> list[Line]:
    """Return a line for a run that is wrong though none of its cases is, else none.

    A server that reads this form alone would take it for a good one.
    """
    outcomes = {_outcome(line) for line in log.cases}
    if summary.exit_code == 0 or outcomes & {"failure", "error"}:
        return []
    empty = {"about": (), "findings": (), "issue": None, "profile": "", "where": ""}
    told = {"status": "errored", "kind": summary.verdict, "detail": summary.sentence}
    return [{"id": _WHOLE, "known": None, **told, **empty}]


def _families(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Return the cases by the first family of rules that each is about."""
    families: dict[str, list[Line]] = {}
    for line in lines:
        family = next(iter(line["families"]), _NO_FAMILY)
        families.setdefault(family, []).append(line)
    return families


def _totals(lines: Iterable[Line]) -> dict[str, str]:
    elements = [_outcome(line) for line in lines]
    return {
        "tests": str(len(elements)),
        "failures": str(elements.count("failure")),
        "errors": str(elements.count("error")),
        "skipped": str(elements.count("skipped")),
    }


def _properties(suite: Element, log: LogFile, lines: Iterable[Line]) -> None:
    """Say what the suite was judged by, and how each of its rules fared."""
    rules: dict[str, list[str]] = {}
    for line in lines:
        for rule in line["about"]:
            rules.setdefault(rule, []).append(line["status"])
    facts = {
        "suite": log.header["suite"],
        "rulebook": log.header["rulebook"],
        "profiles": ", ".join(log.header["profiles"]),
        **{f"rule:{rule}": _fared(rules[rule]) for rule in sorted(rules)},
    }
    properties = _element(suite, "properties")
    for name, value in facts.items():
        _element(properties, "property", name=name, value=value)


def _fared(statuses: Iterable[str]) -> str:
    counted: dict[str, int] = {}
    for status in statuses:
        counted[status] = counted.get(status, 0) + 1
    return ", ".join(f"{count} {status}" for status, count in counted.items())


def _outcome(line: Line) -> str:
    """Return the element that says how a case ended; none for one that passed."""
    return "skipped" if line.get("known") else _ELEMENTS.get(line["status"], "")


def _case(suite: Element, family: str, line: Line, failure: Failure | None) -> None:
    case = _element(suite, "testcase", name=line["id"], classname=family)
    name = _outcome(line)
    if name:
        said = _unjudged(line) if name == "skipped" else line["detail"]
        kind = line["kind"] or line["status"]
        _element(case, name, type=kind, message=said).text = xml_text(_compared(line))
    _element(case, "system-out").text = xml_text("\n".join(_output(line, failure)))


def _unjudged(line: Line) -> str:
    """Return why a case counts as skipped: a known failure does, too."""
    known = line.get("known") or {}
    issue = known.get("issue") or line["issue"]
    reason = f"known failure: {known['reason']}: " if known else f"{line['status']}: "
    return f"{reason}{line['detail']}" + (f" ({issue})" if issue else "")


def _compared(line: Line) -> str:
    wrong = ("off", "not observed")
    return "\n".join(
        f"{one['path']}: expected {value_text(one['expected'])},"
        f" actual {value_text(one['actual'])} ({one['grade']})"
        for one in line["findings"]
        if one["grade"] in wrong
    )


def _output(line: Line, failure: Failure | None) -> Iterable[str]:
    yield f"rules: {', '.join(line['about'])}"
    yield f"profile: {line['profile']}"
    yield f"written in: {line['where']}"
    yield from (f"$ {one}" for one in (failure.commands if failure else ()))


def _element(parent: Element | None, tag: str, /, **attributes: str) -> Element:
    fit = {key: xml_text(value) for key, value in attributes.items()}
    return Element(tag, fit) if parent is None else SubElement(parent, tag, fit)
