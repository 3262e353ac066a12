"""What an engine has not got, said in one line each.

Most engines keep one kind of contract in one tier, and have made the choices that a
profile leaves open. An adapter says so before it asks its engine anything; whatever
lies beyond is answered as unsupported.
"""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from isomargin_adapter.exchange import Profile, Run, Unsupported

__all__ = [
    "COURSE",
    "PLAIN",
    "follows",
    "isolated",
    "maintenance_at_entry",
    "only",
    "single_tier",
    "supported",
    "unlimited_leverage",
    "whole_contract",
    "whole_steps",
]

# The choices of an engine whose margin is the value by the leverage, and whose
# maintenance margin the value by a rate: no fee or funding in either, nothing rounded.
PLAIN: Mapping[str, object] = MappingProxyType(
    {
        "initial_margin_price": "entry",
        "initial_margin_closing_fee": "none",
        "maintenance_rate_form": "rate",
        "maintenance_funding": "none",
        "contract_value_rounding": "none",
        "rounding": {},
    }
)
# The choices of an engine that gives a closed part's share of the margin back, and
# liquidates the whole position at the mark price, what is left going to a fund.
COURSE: Mapping[str, object] = MappingProxyType(
    {
        "reduce_release": "proportional",
        "trigger_price": "mark",
        "trigger_comparison": "at_or_below",
        "liquidation_process": "full",
        "liquidation_leftover": "insurance_fund",
    }
)
Value = TypeVar("Value")
# What moves a price, or shows where maintenance margin stands.
_MOVES = frozenset({"set_mark_price", "apply_funding"})


def supported(condition: object, feature: str) -> None:
    """Say that the engine has no such feature, unless the condition holds.

    Args:
        condition: what has to hold.
        feature: what is missing where it does not, as the rulebook names it.

    Raises:
        Unsupported: the condition does not hold.
    """
    if not condition:
        raise Unsupported(feature)


def only(values: Iterable[Value], feature: str) -> Value:
    """Return the one value there is, of what an engine has one of.

    Args:
        values: what a scenario has; the same twice is one.
        feature: what is missing where there are more, as the rulebook names it.

    Raises:
        Unsupported: there are several, or none.
    """
    different = set(values)
    supported(len(different) == 1, feature)
    return different.pop()


def follows(profile: Profile, choices: Mapping[str, object]) -> None:
    """Say that the engine has chosen otherwise than a profile asks.

    Args:
        profile: the profile asked about; a parameter that it leaves out is as the
            engine has it.
        choices: parameter to the engine's choice; to a tuple of them where the
            engine does the same for each.

    Raises:
        Unsupported: the profile asks for another choice.
    """
    for name, choice in choices.items():
        known: Collection[object] = choice if isinstance(choice, tuple) else (choice,)
        asked = profile.parameters.get(name)
        supported(asked is None or asked in known, f"parameter {name}")


def maintenance_at_entry(run: Run) -> bool:
    """Return whether a profile keeps maintenance margin at entry, as the engine does.

    At the mark price it is the same until a price moves, so a scenario without a move
    is none the worse for it; a liquidation price is not.

    Raises:
        Unsupported: the profile keeps it at the mark price, and the scenario moves a
            price or shows where maintenance stands.
    """
    at_entry = run.profile.parameters.get("maintenance_margin_price") == "entry"
    still = all(step["do"] not in _MOVES for step in run.steps)
    supported(at_entry or still, "parameter maintenance_margin_price")
    return at_entry


def isolated(position: Mapping[str, Any]) -> None:
    """Say that the engine has no cross positions, where one is asked about.

    Raises:
        Unsupported: the position is not isolated.
    """
    supported(position.get("margin_mode", "isolated") == "isolated", "cross")


def whole_contract(instrument: Mapping[str, Any]) -> None:
    """Say that the engine counts in the base asset alone, without a contract size.

    Raises:
        Unsupported: the instrument's contract size is not 1.
    """
    supported(Decimal(instrument.get("contract_size", "1")) == 1, "contract_size")


def single_tier(instrument: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the one tier of an instrument whose engine has a rate and no tiers.

    Returns:
        The tier, whose maintenance amount is zero.

    Raises:
        Unsupported: there are more tiers, or the tier deducts an amount.
    """
    tier: Mapping[str, str]
    tier, *more = instrument.get("tiers") or [{"maintenance_margin_rate": "0"}]
    supported(not more and not Decimal(tier.get("maintenance_amount", "0")), "tiers")
    return tier


def unlimited_leverage(run: Run) -> None:
    """Say that the engine knows no limit of leverage of an instrument's tiers.

    Raises:
        Unsupported: a tier of the scenario has one.
    """
    tiers = [tier for one in run.instruments for tier in one["tiers"]]
    supported(not any("max_leverage" in tier for tier in tiers), "max_leverage")


def whole_steps(instrument: Mapping[str, Any], quantity: str) -> None:
    """Say that the engine refuses no quantity, and rounds it to its step or keeps it.

    Raises:
        Unsupported: the quantity is not above zero, or no multiple of the
            instrument's step.
    """
    step = Decimal(instrument.get("quantity_step") or "0")
    supported(Decimal(quantity) > 0, "INVALID_QUANTITY")
    supported(not step or not Decimal(quantity) % step, "quantity_step")
