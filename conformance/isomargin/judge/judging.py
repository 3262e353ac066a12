"""The verdict on one case: what was expected, what the laws demand, what was seen."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache, partial
from typing import Any

from isomargin.drive.outcomes import (
    Failure,
    Fault,
    Outcome,
    Quantities,
    Skip,
    Step,
    Trace,
    Unsupported,
)
from isomargin.drive.protocol import Introduction
from isomargin.formulas.world import Rules
from isomargin.judge.compare import Compared
from isomargin.judge.events import quantities_told, quantity_of
from isomargin.judge.grade import PASSING, Precision
from isomargin.judge.laws import judge_laws
from isomargin.judge.question import Gap
from isomargin.judge.quote import compare_quote
from isomargin.judge.scope import Sight
from isomargin.judge.sentences import figure_sentence, law_sentence
from isomargin.judge.trace import compare_trace
from isomargin.judge.verdict import Finding, LawFinding, Verdict, kind_of
from isomargin.rulebook.events import event_quantities
from isomargin.rulebook.model import Case
from isomargin.unknowns import Resting, not_judged

__all__ = ["judge"]

_NOTHING: Resting = {}
_NOT_JUDGED = "not judged"
_UNSEEN = frozenset({"not observed", _NOT_JUDGED})


def judge(
    case: Case,
    outcome: Outcome | Gap,
    introduction: Introduction,
    rules: Rules,
    profile_parameters: Mapping[str, Any],
    *,
    resting: Resting = _NOTHING,
) -> Verdict:
    """Return the verdict on a case.

    Args:
        case: the case.
        outcome: what came of asking the subject, or why it was not asked.
        introduction: what the subject declares.
        rules: the rulebook's formulas.
        profile_parameters: the parameters of the case's profile; what the case sets
            itself goes before them.
        resting: what rests on a choice of which the profile says nothing; see
            `isomargin.unknowns`.

    Returns:
        `failed` where something expected was observed otherwise, or not at all though
        the subject declares it, or where a law of level must is broken; the first
        such thing, step by step, is the detail. `unsupported` where nothing else is
        wrong than that a quantity was not observed which the subject does not
        declare. `unjudged` where nothing is wrong or lacking, but something that is
        expected rests on an unknown choice.

    Raises:
        RulebookError: the case or a law is wrong.
    """
    unjudged = _UNJUDGED.get(type(outcome))
    if unjudged is not None:
        return unjudged(case, outcome)
    own = case.overrides
    parameters = {**profile_parameters, **own} if own else profile_parameters
    declared = introduction.exposes
    if isinstance(outcome, Quantities) and case.is_quote:
        precision = partial(_precision, case, introduction, parameters)
        compared = compare_quote(case, outcome.values, precision)
        compared = _judgeable(case, compared, resting)
        return _verdict(case, rules, compared, (), declared)
    if isinstance(outcome, Trace) and _fits(case, outcome):
        precise = _precision(case, introduction, parameters)
        sight = _sight(case, rules, parameters, precise)
        return _run_verdict(case, outcome, declared, sight, resting)
    return Verdict(case.id, "errored", "protocol", _misfit(case, outcome))


def _fits(case: Case, trace: Trace) -> bool:
    return not case.is_quote and len(trace.steps) == len(case.core["steps"])


def _precision(
    case: Case, introduction: Introduction, parameters: Mapping[str, Any]
) -> Precision:
    """Return what may lie between what the case expects and what was observed."""
    core = case.core
    instruments = (
        (core["quote"]["instrument"],)
        if case.is_quote
        else core["given"]["instruments"]
    )
    ticks = {item["symbol"]: item.get("tick_size") for item in instruments}
    rounding = parameters.get("rounding") or {}
    return Precision(introduction.arithmetic == "binary", rounding, ticks)


def _sight(
    case: Case, rules: Rules, parameters: Mapping[str, Any], precision: Precision
) -> Sight:
    """Return what the laws are judged by."""
    profile = rules.rulebook.profiles.get(case.profile)
    unknown = profile.unknown.keys() - case.overrides.keys() if profile else ()
    return Sight(rules, case.core, parameters, precision, frozenset(unknown))


def _run_verdict(
    case: Case,
    trace: Trace,
    declared: frozenset[str],
    sight: Sight,
    resting: Resting,
) -> Verdict:
    rules = sight.rules
    decisive = rules.rulebook.machine.events
    shown = {name for step in trace.steps for name in _shown(step.state)}
    steps, lacking = _meaningful(case, trace, rules, declared | shown)
    compared = compare_trace(case, steps, sight.precision, decisive)
    compared = _judgeable(case, compared, resting)
    laws = tuple(judge_laws(case, steps, sight))
    if any(finding.grade == "not observed" for finding in compared.findings):
        # What it has shown once it exposes, whatever it declares.
        declared |= shown
        declared |= {name for step in steps for name in quantities_told(step.events)}
    verdict = _verdict(case, rules, compared, laws, declared)
    if lacking and verdict.status == "passed":
        return verdict._replace(status="unsupported", detail=f"quantity {lacking}")
    return verdict


def _meaningful(
    case: Case, trace: Trace, rules: Rules, exposed: AbstractSet[str]
) -> tuple[Sequence[Step], str | None]:
    """Return the steps up to a refusal that means nothing to the subject.

    An account that does not know a balance cannot refuse for want of it: where it
    accepts, the quantity that is lacking is the gap, and what follows is not judged.
    """
    reasons = rules.rulebook.machine.reasons
    for index, (asked, step) in enumerate(
        zip(case.core["steps"], trace.steps, strict=True)
    ):
        lacking = reasons.get(asked.get("expect", {}).get("reason"))
        if lacking and lacking not in exposed and step.outcome == "accepted":
            return trace.steps[:index], lacking
    return trace.steps, None


def _shown(state: Mapping[str, Any]) -> Iterator[str]:
    """Yield the name of every figure a state shows."""
    yield from state
    for figures in (*state.get("balances", {}).values(), *state.get("positions", ())):
        yield from figures


# What was compared


def _judgeable(case: Case, compared: Compared, resting: Resting) -> Compared:
    """Return findings of which those are not judged that rest on an unknown choice."""
    if not resting:
        return compared
    findings = (_unjudged(case, each, resting) for each in compared.findings)
    return compared._replace(findings=tuple(findings))


def _unjudged(case: Case, finding: Finding, resting: Resting) -> Finding:
    choices = resting.get((finding.step, finding.path))
    if choices is None:
        return finding
    note = not_judged(case.profile, choices)
    return finding._replace(grade=_NOT_JUDGED, note=note)


def _verdict(
    case: Case,
    rules: Rules,
    compared: Compared,
    laws: tuple[LawFinding, ...],
    exposed: Collection[str],
) -> Verdict:
    missed = [each for each in compared.findings if each.grade not in PASSING]
    executed = _executed(case, compared.rules, missed, laws)
    if not missed and not laws:
        return Verdict(case.id, "passed", "", "", compared.findings, (), executed)
    unjudged = [each for each in missed if each.grade == _NOT_JUDGED]
    undeclared = _exposable(rules).difference(exposed) if missed else frozenset()
    gaps = [each for each in missed if _is_gap(each, undeclared)]
    wrong = [each for each in missed if each not in gaps and each not in unjudged]
    broken = [each for each in laws if each.held is False and each.rule in _must(rules)]
    status, kind, detail = _first_wrong(case, wrong, broken)
    if gaps and status == "passed":
        status, detail = "unsupported", f"quantity {_named(gaps[0])}"
    if unjudged and status == "passed":
        status, detail = "unjudged", unjudged[0].note
    return Verdict(case.id, status, kind, detail, compared.findings, laws, executed)


def _first_wrong(
    case: Case, wrong: Sequence[Finding], broken: Sequence[LawFinding]
) -> tuple[str, str, str]:
    """Return status, kind and detail by the first thing wrong, step by step."""
    if broken and (not wrong or broken[0].step < (wrong[0].step or 0)):
        return "failed", "law", law_sentence(case, broken[0])
    if wrong:
        kind = kind_of(wrong[0].path)
        return "failed", kind, figure_sentence(case, wrong[0])
    return "passed", "", ""


def _is_gap(finding: Finding, undeclared: AbstractSet[str]) -> bool:
    """Say whether a quantity is missing because the subject declares no such one."""
    return finding.grade == "not observed" and _named(finding) in undeclared


def _named(finding: Finding) -> str:
    if finding.path.startswith("events["):
        return quantity_of(finding)
    return finding.path.rpartition(".")[2]


@lru_cache(maxsize=8)
def _exposable(rules: Rules) -> frozenset[str]:
    """Return all that a subject may show or leave out, by the names of quantities."""
    events = event_quantities(rules.rulebook.machine.events)
    return events.union(rules.quantities)


@lru_cache(maxsize=8)
def _must(rules: Rules) -> frozenset[str]:
    return frozenset(law.id for law in rules.rulebook.laws if law.level == "must")


def _executed(
    case: Case,
    alternatives: tuple[str, ...],
    missed: Sequence[Finding],
    laws: tuple[LawFinding, ...],
) -> tuple[str, ...]:
    """Return the rules that were put to the test."""
    if not (missed or laws or alternatives):
        return case.rules
    unseen = any(finding.grade in _UNSEEN for finding in missed)
    own = () if unseen else (*case.rules, *alternatives)
    judged = (law.rule for law in laws if law.held is not None)
    return tuple(dict.fromkeys((*own, *judged)))


# What was not


def _errored(case: Case, outcome: Any) -> Verdict:
    if isinstance(outcome, Failure):
        return Verdict(case.id, "errored", "error", outcome.message)
    detail = f"{outcome.what} ({outcome.detail})" if outcome.detail else outcome.what
    return Verdict(case.id, "errored", outcome.kind, detail)


def _skipped(case: Case, skip: Any) -> Verdict:
    return Verdict(case.id, "skipped", "", skip.reason, issue=skip.issue)


def _unsupported(case: Case, gap: Any) -> Verdict:
    return Verdict(case.id, "unsupported", "", gap.feature)


_UNJUDGED: Mapping[type, Callable[[Case, Any], Verdict]] = {
    Fault: _errored,
    Failure: _errored,
    Skip: _skipped,
    Unsupported: _unsupported,
    Gap: _unsupported,
}


def _misfit(case: Case, outcome: object) -> str:
    """Return how an answer misses its question."""
    if isinstance(outcome, Trace) and not case.is_quote:
        given, asked = len(outcome.steps), len(case.core["steps"])
        return f"gave {given} steps for a scenario of {asked}"
    asked_for, given_as = ("quote", "run") if case.is_quote else ("run", "quote")
    return f"answered a {asked_for} as if a {given_as}"
