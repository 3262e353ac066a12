"""Quantities of a position, by the formulas or by an engine.

A question is an object: `profile` (an id, or `id` and `parameters`), `instrument`,
`position`, `want`, and for a cross position `wallet_balance` and `cross_positions`.
"""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from isomargin import drive
from isomargin.errors import IsomarginError, UsageError
from isomargin.formulas import PositionScope, quote_scope
from isomargin.formulas.observe import text
from isomargin.formulas.quote import reported
from isomargin.formulas.world import Rules
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.schema import schema
from isomargin.unknowns import resting

__all__ = ["Answer", "Calculator", "answered_by", "answers"]

Answer = dict[str, Any]

_KEYS = {
    "profile",
    "instrument",
    "position",
    "want",
    "wallet_balance",
    "cross_positions",
}
_NEEDED = {
    (): ("profile", "instrument", "position", "want"),
    ("position",): ("side", "quantity", "entry_price"),
    ("instrument",): ("symbol",),
}
_USUAL: Mapping[str, Mapping[str, str]] = {
    "instrument": {"contract": "linear", "settle": "USD"},
    "position": {"leverage": "1"},
}
_SHAPES: Mapping[str, type] = {"instrument": dict, "position": dict, "want": list}


@dataclass(frozen=True)
class Calculator:
    """Answers questions by the rulebook's formulas.

    Attributes:
        rulebook: the rulebook.
        schemas: the folder of JSON Schemas.
    """

    rulebook: Rulebook
    schemas: Path

    @cached_property
    def rules(self) -> Rules:
        """The rulebook's formulas, ready to be worked out."""
        return Rules(self.rulebook)

    @cached_property
    def quotable(self) -> frozenset[str]:
        """The quantities that can be asked for."""
        names = self.rulebook.quantities
        return frozenset(name for group, name in names if group == "position")

    def question(self, given: object) -> dict[str, Any]:
        """Return a question with its profile written out.

        Raises:
            UsageError: it is no question, or names what does not exist.
        """
        if not isinstance(given, dict):
            raise UsageError("it is no object", None, "see: isomargin calculate --help")
        _check_shape(given)
        for name in given["want"]:
            if name not in self.quotable:
                raise UsageError(
                    f"unknown quantity {name!r}",
                    "want",
                    "see: isomargin list quantities",
                )
        return {**given, "profile": self._profile(given["profile"])}

    def scope(self, question: Mapping[str, Any]) -> PositionScope:
        """Return the position of a question, its figures ready to be worked out.

        Raises:
            UsageError: the question is not as the protocol has it.
            RulebookError: a choice of the profile is unknown.
        """
        parameters = question["profile"]["parameters"]
        try:
            return quote_scope(self.rules, question, parameters)
        except Exception as error:
            # Whose fault it is, is looked up only when there is one: it is slow.
            fault = self._fault(question)
            if fault is None:
                raise
            remedy = "see: isomargin schema protocol"
            raise UsageError(fault, None, remedy) from error

    def answer(self, given: object) -> Answer:
        """Return the quantities wanted, as reported; None where one does not exist.

        Returns:
            `values`, and `not_known` where some rest on a choice of which the profile
            says nothing: each such quantity with those choices, and no value.

        Raises:
            UsageError: it is no question, or names what does not exist.
        """
        question = self.question(given)
        unknown = self._unknown(given)

        def work(changes: Mapping[str, Any]) -> tuple[Answer, set[str]]:
            parameters = {**question["profile"]["parameters"], **changes}
            profile = {**question["profile"], "parameters": parameters}
            scope = self.scope({**question, "profile": profile})
            values = {name: text(reported(scope, name)) for name in question["want"]}
            return values, scope.world.choices_used

        values = work({})[0]
        rests = resting(work, unknown, self.rulebook.parameters) if unknown else {}
        known = {name: values[name] for name in values if name not in rests}
        not_known = {name: list(choices) for name, choices in rests.items()}
        return {"values": known} | ({"not_known": not_known} if rests else {})

    def _unknown(self, given: Any) -> Mapping[str, Any]:
        """Return the unknown choices of a question that it does not make itself."""
        named = given["profile"] if isinstance(given["profile"], dict) else {}
        own = named.get("parameters", {})
        held = self.rulebook.profiles[named.get("id", given["profile"])].unknown
        return {name: value for name, value in held.items() if name not in own}

    def _fault(self, question: Mapping[str, Any]) -> str | None:
        """Return what is wrong with a question by the protocol's schema."""
        # Imported here: it is needed for a message only.
        from jsonschema import Draft202012Validator  # noqa: PLC0415
        from jsonschema.exceptions import best_match  # noqa: PLC0415

        filled = {"t": "quote", "seq": 0, **question}
        for part, usual in _USUAL.items():
            filled[part] = {**usual, **filled[part]}
        definitions = schema(self.schemas, "protocol")["$defs"]
        quote = {"$ref": "#/$defs/quote", "$defs": definitions}
        fault = best_match(Draft202012Validator(quote).iter_errors(filled))
        return None if fault is None else _complaint(fault)

    def _profile(self, given: object) -> dict[str, Any]:
        named: dict[str, Any] = given if isinstance(given, dict) else {"id": given}
        profile = self.rulebook.profiles.get(str(named.get("id")))
        if profile is None:
            known = ", ".join(self.rulebook.profiles)
            what = f"unknown profile {named.get('id')!r}"
            raise UsageError(what, "profile", f"use one of {known}")
        own = named.get("parameters", {})
        return {"id": profile.id, "parameters": {**profile.parameters, **own}}


def _complaint(fault: Any) -> str:
    path = ".".join(map(str, fault.absolute_path)) or "the question"
    if fault.validator == "pattern":
        return f"{path}: {fault.instance!r} is not a decimal number such as 12.5"
    return f"{path}: {fault.message}"


def answers(calculator: Calculator, lines: Iterable[str]) -> Iterator[Answer]:
    """Yield an answer to each line: `values`, or `error` where it is no question.

    What rests on a choice of which the profile says nothing is under `not_known`, with
    those choices.

    Args:
        calculator: who answers.
        lines: questions, each an object on a line of its own.
    """
    for line in lines:
        try:
            yield calculator.answer(_given(line))
        except IsomarginError as error:
            yield {"error": str(error)}


def answered_by(
    subjects: Sequence[drive.Subject], calculator: Calculator, lines: Iterable[str]
) -> Iterator[Answer]:
    """Yield an answer of an engine to each line, in order.

    Args:
        subjects: the engine, as many times as it is asked at once.
        calculator: knows the profiles that questions name.
        lines: questions, each an object on a line of its own.

    Yields:
        `values`, `unsupported` with the feature, `skipped` with the reason, or `error`.
    """
    waiting: deque[Answer | None] = deque()
    outcomes = drive.ask_all(subjects, _questions(calculator, lines, waiting))
    for _, outcome in outcomes:
        yield from _faulty(waiting)
        waiting.popleft()
        yield _told(outcome)
    yield from _faulty(waiting)


def _questions(
    calculator: Calculator, lines: Iterable[str], waiting: deque[Answer | None]
) -> Iterator[drive.Question]:
    """Yield the questions of lines; leave in `waiting` what each line will be told."""
    for number, line in enumerate(lines, 1):
        try:
            question = calculator.question(_given(line))
        except IsomarginError as error:
            waiting.append({"error": str(error)})
            continue
        waiting.append(None)
        yield drive.Question.of(f"line {number}", {"t": "quote", **question})


def _faulty(waiting: deque[Answer | None]) -> Iterator[Answer]:
    while waiting and (answer := waiting[0]) is not None:
        waiting.popleft()
        yield answer


def _told(outcome: drive.Outcome) -> Answer:
    match outcome:
        case drive.Quantities():
            return {"values": dict(outcome.values)}
        case drive.Unsupported():
            return {"unsupported": outcome.feature}
        case drive.Skip():
            return {"skipped": outcome.reason}
        case drive.Failure():
            return {"error": outcome.message}
    return {"error": str(outcome)}


def _given(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError("it is not JSON", None, "write one object a line") from error


def _check_shape(given: Mapping[str, Any]) -> None:
    for path, names in _NEEDED.items():
        part = given[path[0]] if path else given
        for name in names:
            if name not in part:
                where = ".".join((*path, name))
                raise UsageError(f"{where} is missing", None, "give it")
            if not isinstance(part[name], _SHAPES.get(name, object)):
                kind = "a list" if name == "want" else "an object"
                raise UsageError(f"{name} is not {kind}", None, "mend it")
    for name in given.keys() - _KEYS:
        known = ", ".join(sorted(_KEYS))
        raise UsageError(f"unknown key {name!r}", None, f"use {known}")
