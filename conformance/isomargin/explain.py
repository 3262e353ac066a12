"""How a case comes to its figures: every step of it, by the rulebook's formulas.

An explanation is data. Every figure in it stands twice: exact, as a decimal string,
and as the language writes it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from isomargin.derive import Expectation, expectations, parameters_of
from isomargin.formulas import (
    Derived,
    Outcome,
    PositionScope,
    State,
    World,
    quote_scope,
    run,
)
from isomargin.formulas.state import Key
from isomargin.formulas.world import Rules
from isomargin.judge import Edition
from isomargin.other_edition import edition_would_be, other_figures
from isomargin.rulebook.model import Case
from isomargin.text import Catalogue
from isomargin.working import Solution, Working, Workings, Writer, solved

__all__ = [
    "Explanation",
    "Moment",
    "Posting",
    "Stage",
    "WorkedCase",
    "explanation",
    "worked",
]

_SIGNS = {"long": 1, "short": -1}
_WORDS = frozenset({"instrument", "side", "margin_mode"})


@dataclass(frozen=True)
class Posting:
    """Cash that went to a bucket, or left it.

    Attributes:
        asset: what it is in.
        bucket: free_balance, isolated_margin, fees, counterparty, …
        amount: how much, negative where it left; a decimal string.
        text: bucket and amount as the language writes them.
    """

    asset: str
    bucket: str
    amount: str
    text: tuple[str, str]


@dataclass(frozen=True)
class Stage:
    """A quote, or one step of a scenario.

    Attributes:
        heading: what is asked or done, in a sentence.
        outcome: accepted or rejected, in a sentence; empty for a quote.
        rules: ids of the rules that acted, each with its title.
        postings: the cash that moved.
        events: what was reported, in words.
        workings: how each figure that the case expects comes about.
    """

    heading: str
    outcome: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    postings: tuple[Posting, ...] = ()
    events: tuple[str, ...] = ()
    workings: tuple[Working, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """A case, told and worked out.

    Attributes:
        case: the case's id.
        profile: the profile it is worked out by.
        title: what it is called.
        story: what it tells, or the fault it is there to catch.
        stages: the quote, or the steps in order.
        editions: for each other edition of the profile that comes to other figures,
            which, and by which rules that moved.
    """

    case: str
    profile: str
    title: str
    story: str
    stages: tuple[Stage, ...]
    editions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moment:
    """A quote, or one step of a scenario, worked out in no language yet.

    Attributes:
        asset: what its amounts are in.
        solutions: the figures that the case expects of it.
        outcome: what the step did; None for a quote.
        before: the state before the step.
    """

    asset: str
    solutions: tuple[Solution, ...]
    outcome: Outcome | None = None
    before: State | None = None


@dataclass(frozen=True)
class WorkedCase:
    """A case worked out, to be told in any language.

    Attributes:
        case: the case.
        moments: the quote, or the steps in order.
        editions: the other editions of its profile that come to other figures, and
            these.
    """

    case: Case
    moments: tuple[Moment, ...]
    editions: tuple[tuple[Edition, Mapping[str, str | None]], ...] = ()


def worked(case: Case, rules: Rules) -> WorkedCase:
    """Return a case worked out by the rulebook's formulas.

    Raises:
        RulebookError: a formula is wrong.
    """
    moments = [_quoted(case, rules)] if case.is_quote else _carried_out(case, rules)
    return WorkedCase(case, tuple(moments), tuple(other_figures(case, rules)))


def _quoted(case: Case, rules: Rules) -> Moment:
    question = case.core["quote"]
    scope = quote_scope(rules, question, parameters_of(case, rules), [])
    asset = question["instrument"].get("settle", "")
    return Moment(
        asset, tuple(solved(scope, name, asset) for name in question["expect"])
    )


def _carried_out(case: Case, rules: Rules) -> Iterator[Moment]:
    given, steps = case.core["given"], case.core["steps"]
    world = World(rules, parameters_of(case, rules), given["instruments"])
    expected = tuple(expectations(case))
    before = _opening(given["balances"])
    outcomes = run(world, given["balances"], steps)
    for number, (step, outcome) in enumerate(zip(steps, outcomes, strict=True)):
        wanted = [one for one in expected if one.step == number]
        yield Moment(
            _asset(step["with"], world),
            tuple(_figures(wanted, outcome.state, world)),
            outcome,
            before,
        )
        before = outcome.state


def _figures(
    wanted: Iterable[Expectation], state: State, world: World
) -> Iterator[Solution]:
    """Yield how each figure comes about that the case expects of a step."""
    trail: list[Derived] = []
    # What one figure of a position needed is known to the next, and told once.
    scopes: dict[Sequence[str], PositionScope] = {}
    for one in wanted:
        if one.key not in scopes:
            scope = _scope(one, state, world, trail)
            scopes |= {one.key: scope} if scope else {}
        if one.name and one.name not in _WORDS and one.key in scopes:
            scope = scopes[one.key]
            yield solved(scope, one.name, scope.asset or "")


def _scope(
    one: Expectation, state: State, world: World, trail: list[Derived]
) -> PositionScope | None:
    """Return what an expected figure is seen from; None where it is of no position."""
    if one.place == "account":
        return PositionScope(world, state, None, asset=one.key[0], trail=trail)
    key = _position(one.key, state) if one.place == "position" else None
    return PositionScope(world, state, key, trail=trail) if key else None


def explanation(case: WorkedCase, catalogue: Catalogue) -> Explanation:
    """Return how a case comes to its figures, in a language.

    Args:
        case: the case, worked out.
        catalogue: the texts of the language it is told in.

    Raises:
        RulebookError: a text that it needs is missing.
    """
    teller, of = _Teller(case, catalogue), case.case
    told = f"examples/{of.id}" in catalogue.units
    text = catalogue.example(of.id, of.core) if told else None
    return Explanation(
        of.id,
        of.profile,
        text.title if text else of.id,
        text.story if text else of.why,
        tuple(teller.quote() if of.is_quote else teller.scenario()),
        tuple(teller.editions()),
    )


class _Teller:
    """Tells one case in one language."""

    def __init__(self, worked_case: WorkedCase, catalogue: Catalogue) -> None:
        self.case = worked_case.case
        self.moments = worked_case.moments
        self.of_editions = worked_case.editions
        self.catalogue = catalogue
        self.writer = Writer(catalogue)
        self.workings = Workings(self.writer)

    def quote(self) -> Iterator[Stage]:
        question = self.case.core["quote"]
        [moment] = self.moments
        given = {"contract": question["instrument"]["contract"], **question["position"]}
        yield Stage(
            self.writer.sentence(self.writer.fields(given, moment.asset)),
            workings=tuple(map(self.workings.working, moment.solutions)),
        )

    def editions(self) -> Iterator[str]:
        for edition, figures in self.of_editions:
            told = [
                self.catalogue.message(
                    "edition.figure",
                    quantity=self.writer.name(name),
                    value=self.writer.told(name, value),
                )
                for name, value in figures.items()
            ]
            yield edition_would_be(edition, "; ".join(told), self.catalogue)

    def scenario(self) -> Iterator[Stage]:
        steps = zip(self.case.core["steps"], self.moments, strict=True)
        for number, (step, moment) in enumerate(steps, 1):
            if moment.outcome and moment.before:
                yield self.stage(number, step, moment, moment.outcome, moment.before)

    def stage(
        self,
        number: int,
        step: Mapping[str, Any],
        moment: Moment,
        outcome: Outcome,
        before: State,
    ) -> Stage:
        return Stage(
            self.catalogue.message(
                "scenario.step",
                number=str(number),
                action=self.action(step, moment.asset),
            ),
            self.outcome(outcome),
            tuple((rule, self.title(rule)) for rule in dict.fromkeys(outcome.rules)),
            tuple(self.postings(before, outcome.state)),
            tuple(self.event(event) for event in outcome.events),
            tuple(map(self.workings.working, moment.solutions)),
        )

    def action(self, step: Mapping[str, Any], asset: str) -> str:
        label = self.catalogue.label("action", step["do"])
        return f"{label}: {self.writer.fields(step['with'], asset)}"

    def outcome(self, outcome: Outcome) -> str:
        if outcome.accepted:
            return self.catalogue.message("scenario.accepted")
        reason = self.catalogue.label("reason", outcome.reason or "")
        return self.catalogue.message("scenario.rejected", reason=reason)

    def title(self, rule: str) -> str:
        return self.catalogue.rule(rule).title

    def postings(self, before: State, after: State) -> Iterator[Posting]:
        for place in sorted(after.buckets):
            asset, bucket = place
            change = after.buckets[place] - before.buckets.get(place, Fraction(0))
            if change:
                label = self.catalogue.label("bucket", bucket)
                amount = self.writer.change(change, asset)
                yield Posting(asset, bucket, self.writer.exact(change), (label, amount))

    def event(self, event: Mapping[str, Any]) -> str:
        apart = ("event", "asset")
        figures = {name: value for name, value in event.items() if name not in apart}
        fields = self.writer.fields(figures, event.get("asset") or "")
        return f"{self.catalogue.label('event', event['event'])}: {fields}"


def _opening(balances: Mapping[str, str]) -> State:
    state = State()
    for asset, amount in balances.items():
        state.move(asset, "external", "free_balance", Fraction(amount), ("", 0))
    return state


def _asset(given: Mapping[str, Any], world: World) -> str:
    """Return the asset that a step's amounts are in."""
    instrument = world.instruments.get(given.get("instrument", ""))
    return str(instrument.values["settle"] if instrument else given.get("asset", ""))


def _position(key: Sequence[str], state: State) -> Key | None:
    """Return the open position that an instrument and perhaps a side name."""
    symbol, side = key
    for held in state.positions:
        if held[0] == symbol and (not side or held[1] == _SIGNS[side]):
            return held
    return None
