"""What a subject can be asked, and by which profile it is judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from isomargin.drive import Introduction
from isomargin.errors import NothingSelected, UsageError
from isomargin.rulebook.model import Rulebook

__all__ = ["Scope", "scope_of"]

_USUAL = "textbook/linear"
_LINEAR = ("linear", "quanto")
# A refusal of every isolated position leaves nothing to look at.
_BARREN = {"isolation": ("position", "subaccount")}
# What is no choice of a list: values that venues have, and some that none has.
_FREE: Mapping[str, Sequence[Any]] = {
    "removable_margin_floor": ("0.1", "0.02", "0.3"),
    "contract_value_quantum": ("0.00000001", "0.0001"),
    "rounding": (
        {},
        {"liquidation_price": {"quantum": "tick", "mode": "up"}},
        {
            "liquidation_price": {
                "quantum": "tick",
                "mode": "up",
                "short": {"mode": "down"},
            },
            "bankruptcy_price": {
                "quantum": "0.01",
                "mode": "down",
                "short": {"mode": "up"},
            },
        },
    ),
}


@dataclass(frozen=True)
class Scope:
    """What sequences may be made of.

    Attributes:
        profile: the profile that is judged by.
        reads_parameters: whether parameters may differ from the profile's.
        choices: parameter to the values that may be drawn.
        contracts: the contract kinds.
        actions: the actions.
        quantities: the quantities of a position the subject shows.
        operations: quote, run or both.
        lacking: what the subject has named as missing when it was asked.
        held: parameter to the one value that it is drawn with.
    """

    profile: str
    reads_parameters: bool
    choices: Mapping[str, Sequence[Any]]
    contracts: Sequence[str]
    actions: frozenset[str]
    quantities: frozenset[str]
    operations: frozenset[str]
    lacking: frozenset[str] = frozenset()
    held: Mapping[str, Any] = field(default_factory=dict)


def scope_of(
    rulebook: Rulebook, introduction: Introduction, profile: str | None
) -> Scope:
    """Return what a subject can be asked.

    Args:
        rulebook: the rulebook.
        introduction: what the subject declares.
        profile: the profile to judge by; None for one that it declares, and, where it
            reads parameters itself, for every choice there is.

    Raises:
        UsageError: the rulebook has no such profile, or the subject does not declare
            it.
        NothingSelected: the subject declares nothing that the profile speaks of.
    """
    chosen = profile or _declared(rulebook, introduction)
    if chosen not in rulebook.profiles:
        remedy = "see: isomargin list profiles"
        raise UsageError(f"there is no profile {chosen!r}", "--profile", remedy)
    if introduction.profiles != "any" and chosen not in introduction.profiles:
        remedy = f"use one of {', '.join(introduction.profiles)}"
        what = f"the engine does not declare the profile {chosen}"
        raise UsageError(what, "--profile", remedy)
    free = profile is None and introduction.profiles == "any"
    contracts = _contracts(rulebook, introduction, chosen, free=free)
    if not contracts:
        what = f"the engine declares no contract of the profile {chosen}"
        raise NothingSelected(what, None, "name another with --profile")
    return Scope(
        profile=chosen,
        reads_parameters=free,
        choices=_choices(rulebook),
        contracts=contracts,
        actions=frozenset(introduction.actions),
        quantities=frozenset(introduction.quantities),
        operations=frozenset(introduction.operations),
    )


def _declared(rulebook: Rulebook, introduction: Introduction) -> str:
    if introduction.profiles == "any":
        return _USUAL
    known = [one for one in introduction.profiles if one in rulebook.profiles]
    if not known:
        what = "the engine declares no profile of the rulebook"
        raise NothingSelected(what, None, "see: isomargin list profiles")
    return known[0]


def _contracts(
    rulebook: Rulebook, introduction: Introduction, profile: str, *, free: bool
) -> list[str]:
    own = rulebook.profiles[profile].contract
    # A quanto contract's formulas are a linear one's.
    wanted = _LINEAR if own in _LINEAR else (own,)
    return [
        contract for contract in introduction.contracts if free or contract in wanted
    ]


def _choices(rulebook: Rulebook) -> dict[str, Sequence[Any]]:
    listed = {
        name: tuple(values)
        for name, values in rulebook.parameters.items()
        if isinstance(values, list)
    }
    return {**listed, **_BARREN, **_FREE}
