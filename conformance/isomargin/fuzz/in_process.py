"""The fast tier: very many short sequences of an engine in this process, by laws alone.

A scenario is begun once and carried out step by step; at each step the account is kept
as it stands. A sequence is one of these, gone on with by a few other actions and then
looked at. What it shares with others is so carried out once, nothing is written or read
on the way, and no expectation is worked out: what must hold at the end is what needs
none. A sequence that breaks a law is a scenario like any other, to be judged whole.
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from random import Random
from typing import Any

from isomargin.fuzz.sequence import Sequences, parameters_of
from isomargin.rulebook.model import Case
from isomargin_adapter import Profile, Rejected, Run

__all__ = ["Broken", "Tally", "in_process"]

Step = Mapping[str, Any]
Engine = Callable[[Run], Any]

_DIGITS = 60
_HAIR = Decimal(1).scaleb(-9)
_MOST_ACTIONS = 3
_FACTORS = (("1", 3), ("0.5", 1), ("2", 1), ("3", 1), ("0.9", 1), ("1.1", 1))


@dataclass(frozen=True)
class Broken:
    """A sequence after which a law does not hold.

    Attributes:
        law: the rule's id.
        case: the sequence, whole and without expectations.
    """

    law: str
    case: Case


@dataclass
class Tally:
    """How much was done.

    Attributes:
        sequences: how many sequences were looked at.
        actions: how many actions they have, the shared ones counted in each.
        carried_out: how many actions were carried out for them.
    """

    sequences: int = 0
    actions: int = 0
    carried_out: int = 0


def in_process(
    engine: Engine, drawing: Sequences, *, seed: int, families: int, each: int
) -> Iterator[Broken | Tally]:
    """Yield what breaks a law, and at the end how much was done.

    Args:
        engine: what an adapter in Python gives `serve`; the account it returns can
            be copied.
        drawing: what the scenarios are drawn by.
        seed: what is drawn from.
        families: how many scenarios to begin with.
        each: how many sequences to make of one.
    """
    tally = Tally()
    with localcontext(prec=_DIGITS):
        for family in range(families):
            case = drawing.first(seed, family)
            if not case.is_quote:
                random = Random(f"{seed} fast {family}")  # noqa: S311 - chance only
                kept = _Kept(engine, case, parameters_of(case, drawing.rules))
                yield from _gone_on_with(kept, random, each, tally)
    yield tally


class _Kept:
    """A scenario carried out, with the account kept as it stood before each step."""

    def __init__(
        self, engine: Engine, case: Case, parameters: Mapping[str, Any]
    ) -> None:
        given = case.core["given"]
        self.case = case
        self.steps: Sequence[Step] = case.core["steps"]
        run = Run(
            profile=Profile(case.profile, parameters),
            instruments=given["instruments"],
            balances=given["balances"],
            steps=self.steps,
            message={},
        )
        self.accounts = [engine(run)]
        for step in self.steps:
            account = copy.copy(self.accounts[-1])
            _acted(account, step)
            self.accounts.append(account)

    def sequence(self, place: int, more: Sequence[Step]) -> Case:
        """Return the sequence of the steps before a place and some more, whole."""
        steps = [*self.steps[:place], *more]
        return replace(self.case, core={**self.case.core, "steps": steps})


def _gone_on_with(
    kept: _Kept, random: Random, count: int, tally: Tally
) -> Iterator[Broken]:
    """Go on from where the scenario stood, this way and that."""
    if not kept.steps:
        return
    for _ in range(count):
        place = random.randrange(len(kept.steps))
        more = [_another(random, kept.steps) for _ in range(_actions(random))]
        account = copy.copy(kept.accounts[place])
        law = _broken_law(account, more)
        tally.sequences += 1
        tally.carried_out += len(more)
        tally.actions += place + len(more)
        if law:
            yield Broken(law, kept.sequence(place, more))


def _actions(random: Random) -> int:
    return 1 + int(random.random() * _MOST_ACTIONS)


def _another(random: Random, steps: Sequence[Step]) -> Step:
    """Return one of the steps, most often as it is, or with one figure another."""
    step = steps[int(random.random() * len(steps))]
    factor = random.choice(_DRAWN)
    if factor is None:
        return step
    given = step["with"]
    figures = [name for name in given if name in _FIGURES and given[name]]
    if not figures:
        return step
    name = random.choice(figures)
    changed = format(Decimal(given[name]) * factor, "f")
    return {"do": step["do"], "with": {**given, name: changed}}


_FIGURES = frozenset({"quantity", "price", "amount", "leverage", "funding_rate"})
_DRAWN = tuple(
    None if factor == "1" else Decimal(factor)
    for factor, weight in _FACTORS
    for _ in range(weight)
)


def _acted(account: Any, step: Step) -> bool:
    """Carry an action out, and say whether it was accepted."""
    try:
        getattr(account, step["do"])(**step["with"])
    except Rejected:
        return False
    finally:
        if account.events:
            # What accounts kept apart report must not run together.
            account.events = []
    return True


def _broken_law(account: Any, steps: Sequence[Step]) -> str | None:
    """Carry steps out, and return the law that does not hold after the last."""
    *before, last = steps
    for step in before:
        _acted(account, step)
    earlier = copy.copy(account)
    if not _acted(account, last):
        unchanged = earlier.state() == account.state()
        return None if unchanged else "rejection.changes_nothing"
    after = account.state()
    if not _adds_up(after):
        return "account.balances_add_up"
    if last["do"] in _MOVES_NOTHING and not _wallets_stay(earlier.state(), after):
        return _MOVES_NOTHING[last["do"]]
    return None


# What an action cannot change, where it sets nothing off.
_MOVES_NOTHING = {
    "set_leverage": "leverage.change_keeps_the_wallet",
    "add_margin": "transfer.keeps_the_wallet",
    "remove_margin": "transfer.keeps_the_wallet",
}


def _adds_up(state: Mapping[str, Any]) -> bool:
    """Say whether what is allocated and what is free make up each wallet.

    With one asset the allocations are its own; with more the sum over all is looked at.
    """
    balances = state["balances"].values()
    allocated = sum(
        (Decimal(one["isolated_margin"]) for one in state["positions"] if _is_own(one)),
        Decimal(0),
    )
    owned = sum((Decimal(one["wallet_balance"]) for one in balances), Decimal(0))
    free = sum((Decimal(one["free_balance"]) for one in balances), Decimal(0))
    return abs(owned - free - allocated) <= _HAIR


def _is_own(position: Mapping[str, Any]) -> bool:
    return bool(position["margin_mode"] == "isolated")


def _wallets_stay(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    earlier, later = before["balances"], after["balances"]
    return len(before["positions"]) != len(after["positions"]) or all(
        abs(
            Decimal(earlier[asset]["wallet_balance"])
            - Decimal(later[asset]["wallet_balance"])
        )
        <= _HAIR
        for asset in earlier
    )
