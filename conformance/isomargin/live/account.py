"""An account read twice and judged once: each figure of every open position."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from isomargin.formulas.world import Rules
from isomargin.live.bridge import Bridge
from isomargin.live.hints import fitting_choice, fitting_edition
from isomargin.live.positions import CROSS, MOVED, Held, JudgedPosition, Judging
from isomargin.rulebook.model import Profile

__all__ = ["APART", "Account", "held_by_key", "judged_account"]

APART = 1.0
"""Seconds between the two readings of an account."""

Choose = Callable[[str], Profile]


@dataclass(frozen=True, kw_only=True)
class Account:
    """What an account shows, judged.

    Attributes:
        profiles: the profiles it was judged by.
        positions: every position seen.
        missing: what the exchange would not tell.
    """

    profiles: tuple[str, ...]
    positions: tuple[JudgedPosition, ...]
    missing: tuple[str, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many positions have which status."""
        statuses = [one.status for one in self.positions]
        return {status: statuses.count(status) for status in dict.fromkeys(statuses)}


def judged_account(
    bridge: Bridge,
    choose: Choose,
    rules: Rules,
    *,
    symbols: Sequence[str] | None = None,
    none_added: bool = False,
) -> Account:
    """Return an account's positions, judged.

    It is read twice. A position that is not the same both times was traded between the
    two, so that nobody can say what its figures are of: it is not judged.

    Args:
        bridge: the way to the exchange.
        choose: gives the profile for a kind of contract.
        rules: the rulebook's formulas.
        symbols: the instruments to look at; None for every one with a position.
        none_added: whether a position whose margin is not told has had none added.
    """
    first = bridge.read(symbols)
    time.sleep(APART)
    second = bridge.look(symbols)
    instruments = {one["symbol"]: one for one in first["instruments"]}
    before, after = held_by_key(first), held_by_key(second)
    judged = []
    for key in dict.fromkeys([*before, *after]):
        contract = instruments.get(key[0], {}).get("contract", "linear")
        judging = Judging(
            profile=choose(contract),
            rules=rules,
            instruments=instruments,
            none_added=none_added,
        )
        judged.append(_position(judging, before.get(key), after.get(key)))
    contracts = dict.fromkeys(one["contract"] for one in first["instruments"])
    profiles = dict.fromkeys(choose(contract).id for contract in contracts)
    return Account(
        profiles=tuple(profiles),
        positions=tuple(judged),
        missing=tuple(first["missing"]),
    )


def held_by_key(told: Mapping[str, Any]) -> dict[tuple[str, str], Held]:
    """Return the positions of a bridge's answer, by instrument and side."""
    return {held.key: held for held in map(Held, told["positions"])}


def _position(
    judging: Judging, before: Held | None, after: Held | None
) -> JudgedPosition:
    if before is None or after is None or not after.is_as(before):
        return JudgedPosition(held=after or before or Held({}), unjudged=MOVED)
    if not after.is_isolated:
        return JudgedPosition(held=after, unjudged=CROSS)
    readings = (before, after)
    figures, profile = judging.judged(readings), judging.profile.id
    judged = JudgedPosition(held=after, figures=figures, profile=profile)
    if judged.status != "failed":
        return judged
    edition = fitting_edition(judging, readings)
    choice = None if edition else fitting_choice(judging, readings)
    return replace(judged, edition=edition, choice=choice)
