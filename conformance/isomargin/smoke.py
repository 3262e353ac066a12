"""A few questions that any adapter can answer, asked before the cases are.

The cases judge an engine; this looks at its adapter: whether it introduces itself,
answers a quote, a scenario and a refusal in the shape the protocol gives them, names
things as the rulebook does, writes numbers as decimal strings, and says the same
twice. Each check says what is wrong and shows the shape expected.
"""

import difflib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from isomargin import __version__, drive
from isomargin.drive import (
    Command,
    Failure,
    Fault,
    Introduction,
    Limits,
    Outcome,
    Quantities,
    Question,
    Skip,
    Step,
    Subject,
    Trace,
    Unsupported,
)
from isomargin.errors import SubjectUnusable
from isomargin.rulebook.events import event_quantities
from isomargin.rulebook.model import Rulebook
from isomargin.smoke_questions import (
    HELLO,
    SHAPES,
    plain_quote,
    plain_scenario,
    refused_scenario,
)

__all__ = ["Check", "exit_code_of_smoke", "smoke"]

_NOT_A_DECIMAL = "must be a decimal string"
# What the shortest form of a binary floating-point number comes to. A figure with as
# many decimals as the machine keeps may have as many digits by itself.
_BINARY_DIGITS = (16, 17)
_MOST_DECIMALS = 15
_NOT_OFFERED = {
    "quote": "it offers no quote, or declares no quantity that a quote asks for",
    "scenario": "it offers no run, or declares no action that is taken here",
    "refusal": "it offers no run, or does not declare the action trade",
}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at.

    Attributes:
        name: what is looked at.
        status: passed, failed, or not shown where the adapter offers nothing to see.
        said: what was seen, as a sentence.
        sent: the message that was sent, where the check failed on its answer, or it was
            not answered as one that the engine has not got.
        shape: an answer of the right shape, where the check failed.
    """

    name: str
    status: Literal["passed", "failed", "not shown"]
    said: str
    sent: Mapping[str, Any] | None = None
    shape: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class _Asked:
    """A question and what came of it; neither where the adapter does not offer it."""

    name: str
    question: Question | None = None
    outcome: Outcome | None = None

    def check(
        self, status: Literal["passed", "failed", "not shown"], said: str
    ) -> Check:
        if status != "failed":
            return Check(name=self.name, status=status, said=said)
        shape = SHAPES["numbers" if _NOT_A_DECIMAL in said else self.name]
        return replace(self.gap(said), status=status, shape=shape)

    def gap(self, said: str) -> Check:
        """Return the check of a question that the engine cannot answer."""
        sent = self.question.message if self.question else None
        return Check(name=self.name, status="not shown", said=said, sent=sent)


def smoke(
    command: Command, *, rulebook: Rulebook, limits: Limits | None = None
) -> list[Check]:
    """Return what a first look at an adapter shows, in the order looked at.

    Args:
        command: how the subject is started or reached.
        rulebook: whose names the adapter is held to.
        limits: how patient to be.
    """
    try:
        subject = Subject.open(command, suite_version=__version__, limits=limits)
    except SubjectUnusable as error:
        shape = SHAPES["introduction"]
        said = error.what
        name = "introduction"
        return [Check(name=name, status="failed", said=said, sent=HELLO, shape=shape)]
    with subject:
        return list(_checks(subject, rulebook))


def exit_code_of_smoke(checks: Sequence[Check]) -> int:
    """Return 0 when nothing failed, 3 when nothing could be asked, else 1."""
    failed = [check.name for check in checks if check.status == "failed"]
    if "introduction" in failed:
        return SubjectUnusable.exit_code
    return 1 if failed else 0


def _checks(subject: Subject, rulebook: Rulebook) -> Iterator[Check]:
    ready = subject.ready
    name = f"{ready.name} {ready.version} says that it answers"
    offered = " and ".join(ready.operations)
    yield Check(name="introduction", status="passed", said=f"{name} {offered}")
    yield _names(ready, rulebook)
    makers = {
        "quote": ("quote", plain_quote),
        "scenario": ("run", plain_scenario),
        "refusal": ("run", refused_scenario),
    }
    asked = [
        _ask(subject, name, operation, partial(maker, ready, rulebook))
        for name, (operation, maker) in makers.items()
    ]
    judged = {"quote": _quote, "scenario": _scenario, "refusal": _refusal}
    for one in asked:
        yield _unanswered(one) or judged[one.name](one, rulebook)
    yield _numbers(ready, asked)
    yield _determinism(subject, asked)


def _ask(
    subject: Subject,
    name: str,
    operation: str,
    message: Callable[[], Mapping[str, Any] | None],
) -> _Asked:
    sent = message() if operation in subject.ready.operations else None
    if sent is None:
        return _Asked(name)
    question = Question.of(f"smoke.{name}", sent)
    return _Asked(name, question, subject.ask(question))


# What is looked at


def _names(ready: Introduction, rulebook: Rulebook) -> Check:
    """Look whether all that is declared is called what the rulebook calls it."""
    known: Mapping[str, Collection[str]] = {
        "profiles": rulebook.profiles.keys(),
        "contracts": ("linear", "inverse", "quanto"),
        "actions": rulebook.machine.required.keys(),
        "quantities": [
            *_figures(rulebook, "position", "account"),
            *event_quantities(rulebook.machine.events),
        ],
    }
    declared = vars(ready) | ({"profiles": ()} if ready.profiles == "any" else {})
    wrong = [
        f"{field} names {unknown}"
        for field, names in known.items()
        for unknown in _unknown(declared[field], names)
    ]
    if wrong:
        shape, said = SHAPES["introduction"], "; ".join(wrong)
        return Check(name="names", status="failed", said=said, sent=HELLO, shape=shape)
    said = "all that it declares is called as in the rulebook"
    return Check(name="names", status="passed", said=said)


def _unanswered(asked: _Asked) -> Check | None:
    """Return the check of an outcome that is no answer, whatever was asked."""
    match asked.outcome:
        case None:
            return asked.check("not shown", _NOT_OFFERED[asked.name])
        case Unsupported(feature):
            return asked.gap(f"it says that {feature} is unsupported")
        case Skip(reason):
            return asked.gap(f"it skips it: {reason}")
        case Failure(message):
            return asked.check("failed", f"the engine failed: {message}")
        case Fault() as fault:
            return asked.check("failed", _broken(fault))
    return None


def _broken(fault: Fault) -> str:
    last = fault.stderr.strip().rpartition("\n")[2]
    return f"{fault}; it said: {last}" if last else str(fault)


def _quote(asked: _Asked, rulebook: Rulebook) -> Check:
    values = asked.outcome.values if isinstance(asked.outcome, Quantities) else {}
    want: list[str] = list(asked.question.message["want"]) if asked.question else []
    missing = [name for name in want if name not in values]
    strange = _unknown(values, _figures(rulebook, "position"))
    if strange:
        return asked.check("failed", f"values has {strange[0]}")
    if missing:
        said = f"values leaves out {', '.join(missing)}, which it declares"
        return asked.check("failed", f"{said} in quantities")
    return asked.check("passed", f"it answers all {len(want)} quantities it declares")


def _scenario(asked: _Asked, rulebook: Rulebook) -> Check:
    faults = [
        fault
        for action, step, number in _steps(asked)
        for fault in _step_faults(action, step, number, rulebook)
    ]
    if faults:
        return asked.check("failed", faults[0])
    return asked.check("passed", f"it takes {len(_steps(asked))} steps and tells each")


def _step_faults(
    action: str, step: Step, number: int, rulebook: Rulebook
) -> Iterator[str]:
    where = f"step {number} {action}"
    positions = step.state.get("positions", ())
    if step.outcome == "rejected":
        yield f"{where} is rejected with {step.reason}, and nothing speaks against it"
    if action == "trade" and not positions:
        yield f"the state after {where} shows no position"
    for position in positions:
        known = (*_figures(rulebook, "position"), "instrument")
        for unknown in _unknown(position, known):
            yield f"the position after {where} has {unknown}"
    for asset, balance in step.state.get("balances", {}).items():
        for unknown in _unknown(balance, _figures(rulebook, "account")):
            yield f"the balance of {asset} after {where} has {unknown}"


def _refusal(asked: _Asked, rulebook: Rulebook) -> Check:
    action, step, number = _steps(asked)[-1]
    what = f"step {number} {action} of no quantity"
    if step.reason is None:
        return asked.check(
            "not shown", f"{what} is accepted; the cases will judge that"
        )
    unknown = _unknown([step.reason], rulebook.machine.reasons.keys())
    if unknown:
        return asked.check("failed", f"{what} is rejected with {unknown[0]}")
    return asked.check("passed", f"{what} is rejected with {step.reason}")


def _steps(asked: _Asked) -> list[tuple[str, Step, int]]:
    """Return each action of a scenario, what came of it, and its number."""
    if not isinstance(asked.outcome, Trace) or asked.question is None:
        return []
    actions = [step["do"] for step in asked.question.message["steps"]]
    pairs = zip(actions, asked.outcome.steps, strict=True)
    return [(action, step, number) for number, (action, step) in enumerate(pairs, 1)]


def _numbers(ready: Introduction, asked: Sequence[_Asked]) -> Check:
    """Look at how numbers are written; what is no number was a fault before."""
    figures = [figure for one in asked for figure in _written(one)]
    binary = [figure for figure in figures if _looks_binary(figure)]
    shape = SHAPES["numbers"]
    if any(_NOT_A_DECIMAL in str(one.outcome) for one in asked):
        said = "not every number is a decimal string"
        return Check(name="numbers", status="failed", said=said, shape=shape)
    if ready.arithmetic == "decimal" and binary:
        said = f'{binary[0]} looks binary; declare "arithmetic":"binary" if it is'
        shape = {**SHAPES["introduction"], "arithmetic": "binary"}
        return Check(name="numbers", status="failed", said=said, shape=shape)
    if not figures:
        return Check(name="numbers", status="not shown", said="there were no numbers")
    said = f"{len(figures)} numbers are decimal strings"
    return Check(name="numbers", status="passed", said=said)


def _written(asked: _Asked) -> Iterator[str]:
    """Yield every figure of an answer as it is written."""
    states: list[Any] = [step.state for _, step, _ in _steps(asked)]
    if isinstance(asked.outcome, Quantities):
        states = [asked.outcome.values]
    yield from re.findall(r'"(-?[0-9][0-9.]*)"', json.dumps(states))


def _looks_binary(figure: str) -> bool:
    digits = figure.lstrip("-").replace(".", "").lstrip("0")
    decimals = len(figure.partition(".")[2])
    return 0 < decimals <= _MOST_DECIMALS and len(digits) in _BINARY_DIGITS


def _determinism(subject: Subject, asked: Sequence[_Asked]) -> Check:
    answered = (Quantities, Trace)
    again = [
        one.question
        for one in asked
        if one.question and isinstance(one.outcome, answered)
    ]
    name = "determinism"
    differing = [q for q, _ in drive.probe_determinism(subject, again)]
    if differing:
        said = "it gives two answers to one question; no state may outlive a message"
        sent = differing[0].message
        return Check(name=name, status="failed", said=said, sent=sent)
    if not again:
        return Check(name=name, status="not shown", said="nothing was answered")
    said = "it says the same when asked again"
    return Check(name=name, status="passed", said=said)


# Names


def _figures(rulebook: Rulebook, *owners: str) -> list[str]:
    return [name for of, name in rulebook.quantities if of in owners]


def _unknown(names: Collection[str], known: Collection[str]) -> list[str]:
    """Return each name that is not known, with the name that may be meant."""
    return [_with_nearest(name, known) for name in names if name not in known]


def _with_nearest(name: str, known: Collection[str]) -> str:
    # Most strange names are short for the rulebook's: equity for position_equity.
    longer = [one for one in known if name in one]
    near = longer or difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{name!r}, which the rulebook does not know{hint}"
