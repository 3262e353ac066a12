"""Filling derived expected values into case files: `python -m isomargin.fill FILE…`.

A case is written with `"?"` where a value is to be derived. The value is filled in
only where the formulas and the reference engine, worked out apart from each other,
agree to the last digit; the reference is asked over the wire, like any engine.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from isomargin import __version__
from isomargin.derive import (
    MISSING,
    Expectation,
    derive,
    expectations,
    found,
    parameters_of,
)
from isomargin.drive import Outcome, Quantities, Question, Subject, Trace, resolve
from isomargin.errors import IsomarginError, RulebookError
from isomargin.formulas.world import Rules
from isomargin.rulebook.load import load, load_cases
from isomargin.rulebook.model import Case
from isomargin.rulebook.places import Places, places
from isomargin.unknowns import not_judged, place_of, resting_of_case

__all__ = ["UNFILLED", "answer_of", "fill", "question_of"]

UNFILLED = "?"


def question_of(case: Case, rules: Rules) -> Question:
    """Return what a case asks an engine, with nothing that it expects."""
    profile = {"id": case.profile, "parameters": parameters_of(case, rules)}
    if case.is_quote:
        quote = {
            key: value for key, value in case.core["quote"].items() if key != "expect"
        }
        body = {
            "t": "quote",
            "profile": profile,
            **quote,
            "want": list(case.core["quote"]["expect"]),
        }
    else:
        steps = [
            {"do": step["do"], "with": step["with"]} for step in case.core["steps"]
        ]
        body = {"t": "run", "profile": profile, **case.core["given"], "steps": steps}
    return Question.of(case.id, body)


def answer_of(outcome: Outcome, case: Case) -> Any:
    """Return an engine's answer in the shape that `derive` gives one in.

    Raises:
        RulebookError: the engine gave no answer.
    """
    if isinstance(outcome, Quantities):
        return outcome.values
    if isinstance(outcome, Trace):
        return [
            {
                "outcome": step.outcome,
                "reason": step.reason,
                "events": step.events,
                "state": step.state,
            }
            for step in outcome.steps
        ]
    raise RulebookError(f"the reference engine does not answer: {outcome}", case.where)


def fill(paths: Iterable[Path], where: Places) -> Iterator[str]:
    """Fill every `"?"` of case files in.

    Yields:
        One line for each file changed.

    Raises:
        RulebookError: formulas and reference disagree, or do not tell a value, or it
            rests on a choice of which the profile says nothing.
    """
    rulebook = load(where)
    rules = Rules(rulebook)
    command = resolve("reference", adapters=[where.adapters])
    with Subject.open(command, suite_version=__version__) as subject:
        for path in paths:
            cases = load_cases(where, [path.resolve()])
            changes = [
                change for case in cases for change in _changes(case, rules, subject)
            ]
            if changes:
                path.write_text(
                    _written(path.read_text(encoding="utf-8"), changes), "utf-8"
                )
                yield f"{path}: {len(changes)} values"


def _changes(case: Case, rules: Rules, subject: Subject) -> list[tuple[int, str, Any]]:
    wanted = [one for one in expectations(case) if one.expected == UNFILLED]
    if not wanted:
        return []
    if case.origin != "derived":
        what = f"{case.id}: a value to derive in a case whose origin is {case.origin}"
        raise RulebookError(what, case.where)
    ours = derive(case, rules).answer
    theirs = answer_of(subject.ask(question_of(case, rules)), case)
    _check_settled(wanted, case, rules)
    return [(case.lines[one.path], *_agreed(one, ours, theirs, case)) for one in wanted]


def _check_settled(wanted: Iterable[Expectation], case: Case, rules: Rules) -> None:
    """Refuse a value that rests on a choice of which the profile says nothing."""
    rests = resting_of_case(case, rules)
    for one in wanted:
        choices = rests.get(place_of(one))
        if choices is not None:
            why = not_judged(case.profile, choices)
            what = f"{case.id}: {one.name or one.place} cannot be derived: {why}"
            where = f"{case.where.rsplit(':', 1)[0]}:{case.lines[one.path]}"
            raise RulebookError(what, where, "leave it out, or set the choice")


def _agreed(one: Expectation, ours: Any, theirs: Any, case: Case) -> tuple[str, Any]:
    first, second = found(one, ours), found(one, theirs)
    where = f"{case.where.rsplit(':', 1)[0]}:{case.lines[one.path]}"
    if first is MISSING or second is MISSING:
        raise RulebookError(f"{case.id}: nothing tells {one.name or one.place}", where)
    if first != second:
        what = (
            f"{case.id}: {one.name}: the formulas say {first}, the reference {second}"
        )
        raise RulebookError(what, where, "find out which of them is wrong")
    return str(one.path[-1]), first


def _written(text: str, changes: list[tuple[int, str, Any]]) -> str:
    lines = text.split("\n")
    for line, key, value in changes:
        shown = "null" if value is None else f'"{value}"'
        pattern = rf'(\b{re.escape(key)}: )"\?"'
        lines[line - 1] = re.sub(pattern, rf"\g<1>{shown}", lines[line - 1], count=1)
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Fill the files named, or every file of cases; return an exit code."""
    where = places()
    named = [Path(argument) for argument in arguments]
    every = [*(where.spec / "examples").rglob("*.yaml"), *where.cases.rglob("*.yaml")]
    try:
        for line in fill(named or sorted(every), where):
            sys.stdout.write(line + "\n")
    except IsomarginError as error:
        sys.stderr.write(f"isomargin: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
