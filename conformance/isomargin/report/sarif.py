"""A run as SARIF 2.1.0, the form that code-scanning services read.

A rule of the rulebook is a rule of the tool, told in English and, as translations,
in every other language; a case is one result, under the first rule at fault.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from isomargin.log import LogFile
from isomargin.report.library import Library
from isomargin.report.safe import cleaned
from isomargin.report.summary import Summary, summary_of
from isomargin.rulebook.model import Rule
from isomargin.text import LANGUAGE_OF_RECORD, Catalogue

__all__ = ["sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_KINDS = {
    "passed": "pass",
    "failed": "fail",
    "errored": "fail",
    "unsupported": "notApplicable",
    "skipped": "review",
    "unjudged": "open",
}
_LEVELS = {"must": "error", "should": "warning", "may": "note"}
_ERRORED = "errored"


def sarif(log: LogFile, library: Library) -> str:
    """Return a run as SARIF.

    Args:
        log: the log of the run.
        library: the rulebook and its texts.
    """
    log = cleaned(log)
    summary = summary_of(log)
    rules = [*library.rulebook.rules.values()]
    run = {
        "tool": {"driver": _driver(log, rules, library.catalogues)},
        "translations": [
            _translation(rules, texts)
            for language, texts in sorted(library.catalogues.items())
            if language != LANGUAGE_OF_RECORD
        ],
        "language": LANGUAGE_OF_RECORD,
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": f"isomargin/{_name(summary)}/"},
        "invocations": [_invocation(log, summary)],
        "results": [*_results(log, summary, {rule.id: rule for rule in rules})],
        "properties": {
            "subject": summary.subject_line,
            "rulebook": log.header["rulebook"],
            "cases": log.header["cases"],
            "verdict": summary.verdict,
            "counts": dict(summary.counts),
        },
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _name(summary: Summary) -> str:
    return quote(str(summary.subject["name"]), safe="")


def _driver(
    log: LogFile, rules: list[Rule], catalogues: Mapping[str, Catalogue]
) -> dict[str, Any]:
    name, _, version = log.header["suite"].partition("/")
    texts = catalogues[LANGUAGE_OF_RECORD]
    described = [
        {
            **_described(rule, texts),
            "defaultConfiguration": {"level": _LEVELS[rule.level]},
            "properties": {"family": rule.family, "level": rule.level},
        }
        for rule in rules
    ]
    return {
        "name": name,
        "version": version,
        "language": LANGUAGE_OF_RECORD,
        "rules": described,
    }


def _translation(rules: list[Rule], texts: Catalogue) -> dict[str, Any]:
    return {
        "name": f"isomargin.{texts.language}",
        "language": texts.language,
        "contents": ["localizedData"],
        "translationMetadata": {"name": texts.message("report.language")},
        "rules": [_described(rule, texts) for rule in rules],
    }


def _described(rule: Rule, texts: Catalogue) -> dict[str, Any]:
    text = texts.rule(rule.id)
    return {
        "id": rule.id,
        "shortDescription": {"text": text.title},
        "fullDescription": {"text": text.statement},
        "help": {"text": text.rationale},
    }


def _invocation(log: LogFile, summary: Summary) -> dict[str, Any]:
    broken = [line for line in log.cases if line["status"] == _ERRORED]
    return {
        "commandLine": f"isomargin run --subject {summary.command}",
        "startTimeUtc": log.header["started"].replace("+00:00", "Z"),
        "executionSuccessful": log.complete and summary.aborted is None,
        "exitCode": summary.exit_code,
        "exitCodeDescription": summary.sentence,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": {"text": f"{line['id']}: {line['kind']}: {line['detail']}"},
            }
            for line in broken
        ],
    }


def _results(
    log: LogFile, summary: Summary, rules: Mapping[str, Rule]
) -> Iterator[dict[str, Any]]:
    order = {rule: index for index, rule in enumerate(rules)}
    failures = (*summary.failures, *summary.known)
    commands = {one.id: list(one.commands) for one in failures}
    for line in log.cases:
        broken = [law["rule"] for law in line["broken"]]
        about = [*dict.fromkeys((*broken, *line["about"]))]
        first = next(iter(about), "")
        result = _result(line, about, unstable=line["id"] in summary.unstable)
        result["properties"]["commands"] = commands.get(line["id"], [])
        if first in rules:
            result |= {"ruleId": first, "ruleIndex": order[first]}
            if result["kind"] == "fail":
                result["level"] = _level(line, rules[first])
        yield result


def _level(line: Mapping[str, Any], rule: Rule) -> str:
    return "error" if line["status"] == _ERRORED else _LEVELS[rule.level]


def _result(
    line: Mapping[str, Any], about: list[str], *, unstable: bool
) -> dict[str, Any]:
    kind = "review" if unstable else _KINDS[line["status"]]
    said = line["detail"] or line["status"]
    known = line.get("known")
    return {
        "kind": kind,
        "level": "error" if kind == "fail" else "none",
        "message": {"text": f"{line['id']}: {said}"},
        "locations": [_location(line)],
        "partialFingerprints": {"case/v1": f"{line['profile']}:{line['id']}"},
        "properties": {
            "case": line["id"],
            "profile": line["profile"],
            "verdict": line["status"],
            "rules": about,
        },
        **({"suppressions": [_suppression(known)]} if known else {}),
    }


def _suppression(known: Mapping[str, Any]) -> dict[str, Any]:
    """Return a known failure as what it is: looked at, and let be for a while."""
    issue = f" ({known['issue']})" if known.get("issue") else ""
    justification = f"{known['reason']}{issue}, until {known['until']}"
    return {"kind": "external", "status": "accepted", "justification": justification}


def _location(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return the file and the line a case is written on."""
    name, _, number = line["where"].rpartition(":")
    place: dict[str, Any] = {
        "artifactLocation": {"uri": quote(line["file"] or name or line["where"])}
    }
    if number.isdecimal() and int(number) > 0:
        place["region"] = {"startLine": int(number)}
    return {"physicalLocation": place}
