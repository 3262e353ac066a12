"""What a live exchange showed, kept as the log of a run, so that every report is of it.

A position is a case, and so is an account that was driven. Neither is a case of the
rulebook: what is expected of it was worked out from what the exchange itself told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from isomargin import __version__
from isomargin.drive import Introduction
from isomargin.gate import conclusion
from isomargin.judge.sentences import figure_sentence, law_sentence
from isomargin.judge.verdict import Finding
from isomargin.live.account import Account
from isomargin.live.driving import Driven
from isomargin.live.figures import LiveFigure
from isomargin.live.positions import CROSS, JudgedPosition
from isomargin.live.trace import trace_case
from isomargin.log import RunLog
from isomargin.plan import digest_of_cases
from isomargin.rulebook.model import Rulebook

__all__ = ["account_cases", "driven_cases", "kept"]

_BRIDGE = "ccxt"
_REASONS = {CROSS: "cross", "moved": "the position moved while it was read"}


def kept(
    path: Path,
    cases: Sequence[Mapping[str, Any]],
    *,
    introduction: Mapping[str, Any],
    adapter: str | None,
    profiles: Sequence[str],
    rulebook: Rulebook,
) -> None:
    """Write a log.

    Args:
        path: the file.
        cases: the lines of its cases.
        introduction: what the bridge says of itself.
        adapter: the digest of the bridge's program.
        profiles: the profiles that were judged by.
        rulebook: the rulebook.

    Raises:
        UsageError: the file cannot be written.
    """
    statuses = [case["status"] for case in cases]
    counts = {status: statuses.count(status) for status in dict.fromkeys(statuses)}
    verdict, code = conclusion(counts, unusable=False)
    header = _header(introduction, adapter, profiles, rulebook, len(cases))
    with RunLog.create(path, header) as log:
        for case in cases:
            log.append(case)
        log.close(
            {
                "counts": counts,
                "known": 0,
                "verdict": verdict,
                "exit_code": code,
                "aborted": None,
                "unstable": [],
                "breakdowns": [],
                "stale": [],
                "seconds": "0",
            }
        )


def account_cases(
    account: Account, rulebook: Rulebook, *, exchange: str
) -> list[dict[str, Any]]:
    """Return a line for every position of an account."""
    return [
        _position_case(one, account, rulebook, exchange) for one in account.positions
    ]


def driven_cases(
    done: Driven, rulebook: Rulebook, *, exchange: str
) -> list[dict[str, Any]]:
    """Return the one line for an account that was driven."""
    findings = list(_driven_findings(done))
    broken = [law for law in done.laws if law.held is False]
    case = trace_case(done.steps, {}, rulebook.profiles[done.profile])
    wrong = [figure_sentence(case, one) for one in findings if one.grade == "off"]
    told = [*(law_sentence(case, law) for law in broken), *wrong]
    kind = "law" if broken else _kind(findings)
    judged = (law.rule for law in done.laws if law.held is not None)
    rules = dict.fromkeys([*judged, *_rules(done.figures)])
    status = "failed" if done.failed else "unsupported" if done.stopped else "passed"
    line = _line(f"live.driven.{done.symbol}", done.profile, status, rules, rulebook)
    return [
        line
        | {
            "kind": kind if done.failed else "",
            "detail": told[0] if told else done.stopped,
            "findings": [one._asdict() for one in findings],
            "broken": [
                {"rule": law.rule, "step": law.step, "figures": dict(law.figures)}
                for law in broken
            ],
            "again": f"isomargin live --exchange {exchange} --symbol {done.symbol}"
            " --allow-orders",
        }
    ]


def _header(
    introduction: Mapping[str, Any],
    adapter: str | None,
    profiles: Sequence[str],
    rulebook: Rulebook,
    selected: int,
) -> dict[str, Any]:
    subject = Introduction(
        name=introduction["exchange"],
        version=introduction["library"],
        language="",
        operations=(),
        profiles=tuple(profiles),
        contracts=tuple({rulebook.profiles[one].contract: "" for one in profiles}),
        actions=(),
        quantities=(),
        arithmetic="decimal",
        window=1,
    )
    return {
        "suite": f"isomargin/{__version__}",
        "rulebook": rulebook.digest,
        "cases": digest_of_cases(()),
        "adapter": adapter,
        "expectations": None,
        "subject": asdict(subject),
        "command": _BRIDGE,
        "profiles": list(profiles),
        "selected": selected,
        "options": {"live": True},
        "seed": None,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _position_case(
    position: JudgedPosition, account: Account, rulebook: Rulebook, exchange: str
) -> dict[str, Any]:
    symbol, side = position.held.key
    findings = [_finding(one) for one in position.figures if one.grade]
    wrong = [one for one in findings if one.grade == "off"]
    line = _line(
        f"live.{symbol}.{side}",
        position.profile or account.profiles[0],
        position.status,
        dict.fromkeys(_rules(position.figures)),
        rulebook,
    )
    return line | {
        "kind": "value" if wrong else "",
        "detail": _detail(position, wrong),
        "findings": [one._asdict() for one in findings],
        "again": f"isomargin live --exchange {exchange} --symbol {symbol}",
    }


def _detail(position: JudgedPosition, wrong: Sequence[Finding]) -> str:
    if position.unjudged:
        return _REASONS[position.unjudged]
    if wrong:
        return f"{wrong[0].path} is {wrong[0].actual}, expected {wrong[0].expected}"
    lacking = [what for one in position.figures for what in one.missing or one.unknown]
    return f"not told: {', '.join(dict.fromkeys(lacking))}" if lacking else ""


def _line(
    identity: str,
    profile: str,
    status: str,
    rules: Mapping[str, Any],
    rulebook: Rulebook,
) -> dict[str, Any]:
    families = dict.fromkeys(rulebook.rules[rule].family for rule in rules)
    return {
        "id": identity,
        "profile": profile,
        "families": list(families),
        "status": status,
        "about": list(rules),
        "executed": list(rules),
        "broken": [],
        "known": None,
        "issue": None,
        "where": "live",
        "file": None,
    }


def _rules(figures: Iterable[LiveFigure]) -> Iterator[str]:
    for one in figures:
        if one.rule:
            yield one.rule


def _finding(figure: LiveFigure, step: int | None = None) -> Finding:
    path = figure.quantity if step is None else f"position.{figure.quantity}"
    note = f"shown as {figure.field}"
    return Finding(step, path, figure.derived, figure.reported, figure.grade, note)


def _driven_findings(done: Driven) -> Iterator[Finding]:
    for number, step in enumerate(done.steps):
        if step.surprise:
            yield Finding(number, "outcome", step.expected, step.outcome, "off")
        for one in step.figures:
            if one.grade:
                yield _finding(one, number)


def _kind(findings: Sequence[Finding]) -> str:
    wrong = [one for one in findings if one.grade == "off"]
    return "outcome" if wrong and wrong[0].path == "outcome" else "value"
