"""How a case comes to its figures: every step of it, by the rulebook's formulas.

An explanation is data. Every figure in it stands twice: exact, as a decimal string,
and as the language writes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from isomargin.derive import expectations, parameters_of
from isomargin.formulas import Outcome, PositionScope, State, World, quote_scope, run
from isomargin.formulas.state import Key
from isomargin.formulas.world import Rules
from isomargin.rulebook.model import Case, Rulebook
from isomargin.text import Catalogue
from isomargin.working import Working, Workings, Writer

__all__ = ["Explanation", "Posting", "Stage", "explanation"]

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
    """

    case: str
    profile: str
    title: str
    story: str
    stages: tuple[Stage, ...]


def explanation(case: Case, rulebook: Rulebook, catalogue: Catalogue) -> Explanation:
    """Return how a case comes to its figures.

    Args:
        case: a case of the rulebook.
        rulebook: the rules to work it out by.
        catalogue: the texts of the language it is told in.

    Raises:
        RulebookError: a text that it needs is missing, or a formula is wrong.
    """
    teller = _Teller(case, rulebook, catalogue)
    told = f"examples/{case.id}" in catalogue.units
    text = catalogue.example(case.id, case.core) if told else None
    return Explanation(
        case.id,
        case.profile,
        text.title if text else case.id,
        text.story if text else case.why,
        tuple(teller.quote() if case.is_quote else teller.scenario()),
    )


class _Teller:
    """Works one case out and tells it in one language."""

    def __init__(self, case: Case, rulebook: Rulebook, catalogue: Catalogue) -> None:
        self.case = case
        self.catalogue = catalogue
        self.rules = Rules(rulebook)
        self.parameters = parameters_of(case, self.rules)
        self.expected = tuple(expectations(case))
        self.writer = Writer(catalogue)
        self.workings = Workings(self.writer)

    def quote(self) -> Iterator[Stage]:
        question = self.case.core["quote"]
        trail = self.workings.trail
        scope = quote_scope(self.rules, question, self.parameters, trail)
        asset = question["instrument"].get("settle", "")
        given = {"contract": question["instrument"]["contract"], **question["position"]}
        yield Stage(
            self.writer.sentence(self.writer.fields(given, asset)),
            workings=tuple(
                self.workings.working(scope, name, asset) for name in question["expect"]
            ),
        )

    def scenario(self) -> Iterator[Stage]:
        given = self.case.core["given"]
        steps = self.case.core["steps"]
        world = World(self.rules, self.parameters, given["instruments"])
        before = _opening(given["balances"])
        outcomes = run(world, given["balances"], steps)
        for number, (step, outcome) in enumerate(zip(steps, outcomes, strict=True), 1):
            yield self.stage(number, step, outcome, before, world)
            before = outcome.state

    def stage(
        self,
        number: int,
        step: Mapping[str, Any],
        outcome: Outcome,
        before: State,
        world: World,
    ) -> Stage:
        asset = _asset(step["with"], world)
        return Stage(
            self.catalogue.message(
                "scenario.step", number=str(number), action=self.action(step, asset)
            ),
            self.outcome(outcome),
            tuple((rule, self.title(rule)) for rule in dict.fromkeys(outcome.rules)),
            tuple(self.postings(before, outcome.state)),
            tuple(self.event(event) for event in outcome.events),
            tuple(self.figures(number - 1, outcome.state, world)),
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

    def figures(self, step: int, state: State, world: World) -> Iterator[Working]:
        """Yield how each figure comes about that the case expects of a step."""
        trail = self.workings.trail
        for one in self.expected:
            if one.step != step or not one.name or one.name in _WORDS:
                continue
            if one.place == "account":
                asset = one.key[0]
                scope = PositionScope(world, state, None, asset=asset, trail=trail)
                yield self.workings.working(scope, one.name, asset)
            elif key := _position(one.key, state):
                scope = PositionScope(world, state, key, trail=trail)
                yield self.workings.working(scope, one.name, scope.asset or "")


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
