"""What the rulebook holds, once read: frozen data and nothing else."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from isomargin.expression import Expression
from isomargin.rulebook.asked import asked

__all__ = [
    "Case",
    "Choice",
    "Definition",
    "Event",
    "Law",
    "Machine",
    "Move",
    "Part",
    "Profile",
    "Quantity",
    "Rule",
    "Rulebook",
    "Transition",
    "Trigger",
    "Unreproduced",
]


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Quantity:
    """A name of the vocabulary.

    Attributes:
        name: the name.
        of: what it belongs to: position, instrument, tier, account, argument.
        kind: price, amount, quantity, rate, ratio, leverage, count, side, flag, word.
        unit: what one of it is.
        held: whether the state stores it; otherwise rules define it.
        exact: whether it is not kept to 18 decimals, as all others are.
    """

    name: str
    of: str
    kind: str
    unit: str
    held: bool = False
    exact: bool = False


@dataclass(frozen=True)
class Rule:
    """What every rule has, whatever it says.

    Attributes:
        id: the stable id.
        family: the file it stands in.
        level: must, should or may.
        claims: ids of the source documents' claims it encodes.
        citations: keys of the public pages it rests on.
        where: file and line.
    """

    id: str
    family: str
    level: str
    claims: tuple[str, ...]
    citations: tuple[str, ...]
    where: str


@dataclass(frozen=True)
class Definition(Rule):
    """How a quantity, or a function of the rulebook, is worked out.

    Attributes:
        defines: the quantity or function.
        parameters: a function's parameters and their kinds; None for a quantity.
        when: where it applies; None for everywhere.
        formula: the value.
        solves: the equation that the value solves, where it is an inversion.
    """

    defines: str
    parameters: Mapping[str, str] | None
    when: Expression | None
    formula: Expression
    solves: str | None


@dataclass(frozen=True)
class Event:
    """What a rule reports: a name and the figures that go with it.

    Attributes:
        name: the event's name.
        figures: the details it tells, by name.
        of: `account` where it concerns no one position of it; otherwise None.
    """

    name: str
    figures: Mapping[str, Expression]
    of: str | None = None


@dataclass(frozen=True)
class Move:
    """A posting: an amount of cash from one bucket to another.

    Attributes:
        source: the bucket it comes from.
        target: the bucket it goes to.
        amount: how much.
        event: what is reported of it, beside its amount.
    """

    source: str
    target: str
    amount: Expression
    event: Event | None


@dataclass(frozen=True)
class Transition(Rule):
    """What an action or a trigger does, or why it is refused.

    Attributes:
        actions: the actions or procedures it belongs to.
        trigger: the trigger it belongs to, if any.
        stage: before or after the effects; only refusals have `after`.
        when: where it applies; None for everywhere.
        outcome: accepted or rejected.
        reason: why it is refused.
        moves: the postings.
        sets: what becomes of the position.
        settings: what becomes of the instrument's settings.
        account: what becomes of the account's settings.
        event: what is reported.
    """

    actions: tuple[str, ...]
    trigger: str | None
    stage: str
    when: Expression | None
    outcome: str
    reason: str | None
    moves: tuple[Move, ...]
    sets: Mapping[str, Expression]
    settings: Mapping[str, Expression]
    account: Mapping[str, Expression]
    event: Event | None


@dataclass(frozen=True)
class Law(Rule):
    """What holds between the state before and the state after.

    Attributes:
        after: the actions or events it is looked at after, `each step` or
            `each position`.
        when: where it applies; None for everywhere.
        holds: what must be true.
    """

    after: tuple[str, ...]
    when: Expression | None
    holds: Expression


@dataclass(frozen=True)
class Part:
    """A step of an action or trigger: a procedure on a position, with its arguments."""

    procedure: str
    position: str
    when: Expression
    arguments: Mapping[str, Expression]


@dataclass(frozen=True)
class Trigger:
    """What acts by itself: its name, its condition, and the parts it is made of."""

    name: str
    when: Expression
    then: tuple[Part, ...]


@dataclass(frozen=True)
class Machine:
    """The actions, triggers, reasons and events there are.

    Attributes:
        required: an action's required arguments.
        optional: an action's optional arguments.
        each_position: actions looked at once for each open position.
        then: the procedures an action is made of.
        triggers: what acts by itself, in order.
        buckets: where cash can lie.
        reasons: why an action may be refused, and the quantity that an account must
            know for the refusal to mean anything, if any.
        events: event name to whether it is decisive.
    """

    required: Mapping[str, tuple[str, ...]]
    optional: Mapping[str, tuple[str, ...]]
    each_position: frozenset[str]
    then: Mapping[str, tuple[Part, ...]]
    triggers: tuple[Trigger, ...]
    buckets: tuple[str, ...]
    reasons: Mapping[str, str | None]
    events: Mapping[str, bool]


@dataclass(frozen=True)
class Choice:
    """A profile's value of one parameter and what it rests on.

    Attributes:
        value: the value.
        claims: claims of the source documents.
        citations: keys of public pages.
        assumed: nothing was written anywhere; the value fits every figure seen.
        unknown: nothing was seen at all; no rule is judged by the value.
    """

    value: Any
    claims: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    assumed: bool = False
    unknown: bool = False


@dataclass(frozen=True)
class Unreproduced:
    """A recorded position that prints figures which no case reproduces.

    Attributes:
        symbol: the instrument.
        side: long or short.
        margin_mode: isolated or cross.
        entry_price: the entry price printed.
        printed: quantity to the figure printed.
        why: what is missing or wrong, as a label of the texts.
        citations: keys of the pages that hold the record.
    """

    symbol: str
    side: str
    margin_mode: str
    entry_price: str
    printed: Mapping[str, str]
    why: str
    citations: tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    """A dated set of choices.

    Attributes:
        id: such as textbook/linear.
        contract: the contract kind it is for.
        effective_from: the date it holds from.
        choices: parameter to choice.
        where: file and line.
        unreproduced: recorded positions whose figures it does not give.
    """

    id: str
    contract: str
    effective_from: str
    choices: Mapping[str, Choice]
    where: str
    unreproduced: tuple[Unreproduced, ...] = ()

    @property
    def parameters(self) -> dict[str, Any]:
        """Return parameter to value, as the wire carries it."""
        return {name: choice.value for name, choice in self.choices.items()}

    @cached_property
    def unknown(self) -> Mapping[str, Any]:
        """The choices of which nothing was seen, and the value that stands for each."""
        held = self.choices.items()
        return {name: choice.value for name, choice in held if choice.unknown}


@dataclass(frozen=True)
class Case:
    """A case or worked example.

    Attributes:
        id: the stable id.
        family: the folder it stands in.
        is_example: whether it is a worked example, with a story in each language.
        profile: the profile it is judged by.
        overrides: parameters that it sets itself.
        rules: ids of the rules it is there for.
        claims: claims it illustrates.
        why: the fault it is there to catch.
        origin: published, hand or derived.
        core: instruments, balances and steps, or instrument, position and expect.
        where: file and line.
        lines: path inside the core to file and line.
    """

    id: str
    family: str
    is_example: bool
    profile: str
    overrides: Mapping[str, Any]
    rules: tuple[str, ...]
    claims: tuple[str, ...]
    why: str
    origin: str
    core: Mapping[str, Any]
    where: str
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict)

    @property
    def is_quote(self) -> bool:
        """Say whether the case asks about one position, not a scenario."""
        return "quote" in self.core

    @cached_property
    def asked(self) -> str:
        """What is asked, as members of a message on the wire; see `asked`."""
        return _ENCODE(asked(self.core))[1:-1]

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """The quantities that a quote expects, or an alternative of it, each once."""
        if not self.is_quote:
            return ()
        quote = self.core["quote"]
        parts = (quote["expect"], *quote.get("any_of", ()))
        names = dict.fromkeys(name for part in parts for name in part)
        return tuple(name for name in names if name != "rule")

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """What a subject must offer to be asked it, such as `action trade`, each once.

        The operation comes first, then the contracts, then the actions in order.
        """
        contracts = [f"contract {one['contract']}" for one in self._instruments()]
        actions = [f"action {step['do']}" for step in self.core.get("steps", ())]
        operation = f"operation {'quote' if self.is_quote else 'run'}"
        return tuple(dict.fromkeys((operation, *contracts, *actions)))

    def _instruments(self) -> list[Mapping[str, Any]]:
        """Return each instrument named; a position in cross margin may name its own."""
        if not self.is_quote:
            return list(self.core["given"]["instruments"])
        quote = self.core["quote"]
        others = (one.get("instrument") for one in quote.get("cross_positions", ()))
        return [quote["instrument"], *filter(None, others)]

    @cached_property
    def digest(self) -> bytes:
        """A digest of what is asked and expected."""
        content = (self.id, self.profile, self.overrides, self.rules, self.core)
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()


@dataclass(frozen=True)
class Rulebook:
    """Everything the rulebook says.

    Attributes:
        quantities: (of, name) to quantity.
        parameters: parameter to the values it may take.
        machine: actions, triggers, reasons, events.
        definitions: rules that define, in order.
        transitions: rules that say what happens, in order.
        laws: rules that hold.
        profiles: id to profile.
        citations: key to page.
        claims: claim id to what the ledger says of it.
        cases: examples and cases, by id.
        digest: of every file of the rulebook.
        cases_digest: of every file of cases.
    """

    quantities: Mapping[tuple[str, str], Quantity]
    parameters: Mapping[str, Any]
    machine: Machine
    definitions: tuple[Definition, ...]
    transitions: tuple[Transition, ...]
    laws: tuple[Law, ...]
    profiles: Mapping[str, Profile]
    citations: Mapping[str, Any]
    claims: Mapping[str, Any]
    cases: Mapping[str, Case]
    digest: str
    cases_digest: str

    @property
    def rules(self) -> dict[str, Rule]:
        """Return every rule by its id."""
        every = (*self.definitions, *self.transitions, *self.laws)
        return {rule.id: rule for rule in every}
