"""The messages of protocol 1, as an adapter's author sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "PROTOCOL",
    "Profile",
    "Quote",
    "Ready",
    "Rejected",
    "Run",
    "Skipped",
    "Unsupported",
]

PROTOCOL = 1


class Unsupported(Exception):
    """The engine has no such feature: a declared gap, never a pass."""

    def __init__(self, feature: str) -> None:
        """Name the missing `feature` as the rulebook does."""
        super().__init__(feature)
        self.feature = feature


class Skipped(Exception):
    """The adapter will not run this one, and says why."""

    def __init__(self, reason: str, issue: str | None = None) -> None:
        """Give the `reason` and, where there is one, the address of an `issue`."""
        super().__init__(reason)
        self.reason = reason
        self.issue = issue


class Rejected(Exception):
    """The engine refused an action; `reason` is one of the rulebook's list."""

    def __init__(self, reason: str) -> None:
        """Give the `reason` as the rulebook spells it, such as MARGIN_MODE_LOCKED."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Ready:
    """What the adapter says of its engine in the handshake.

    Attributes:
        name: the engine's name.
        version: the engine's version.
        language: what the engine is written in.
        profiles: ids of the profiles it implements, or "any" when it reads the
            parameters itself.
        contracts: linear, inverse, quanto.
        actions: the actions it can do; None takes them from the engine's methods.
        quantities: what it exposes; nothing else is asked of it.
        arithmetic: "decimal" or "binary".
        window: how many messages it may be sent before it answers the first.
    """

    name: str
    version: str
    language: str = "python"
    profiles: tuple[str, ...] | str = "any"
    contracts: tuple[str, ...] = ("linear",)
    actions: tuple[str, ...] | None = None
    quantities: tuple[str, ...] = ()
    arithmetic: str = "decimal"
    window: int = 32


@dataclass(frozen=True)
class Profile:
    """The profile a message is to be answered by: its id and its parameters."""

    id: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Quote:
    """One position in, quantities out. Numbers are decimal strings.

    Attributes:
        profile: the profile asked about.
        instrument: symbol, contract, contract_size, settle, tick_size, fees, tiers.
        position: side, quantity, entry_price, leverage, margin_mode, mark_price
            and isolated_margin or added_margin.
        want: names of the quantities asked for.
        message: the whole message, for what else it carries.
    """

    profile: Profile
    instrument: Mapping[str, Any]
    position: Mapping[str, Any]
    want: tuple[str, ...]
    message: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One scenario: instruments, balances, and the actions to take in turn.

    Attributes:
        profile: the profile the scenario runs under.
        instruments: the instruments that exist, as in a quote.
        balances: asset to opening balance.
        steps: objects with `do`, the action, and `with`, its arguments.
        message: the whole message.
    """

    profile: Profile
    instruments: Sequence[Mapping[str, Any]]
    balances: Mapping[str, str]
    steps: Sequence[Mapping[str, Any]]
    message: Mapping[str, Any]
