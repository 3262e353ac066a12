"""A profile: the choices in which venues differ, typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from isomargin_reference.inputs import choice, optional_number, positive, required
from isomargin_reference.numbers import ROUNDING_MODES

__all__ = ["CHOICES", "Profile", "Rounding", "profile_from"]

# Every parameter with the values it may take; the first is the textbook's.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "initial_margin_price": ("entry", "mark"),
    "initial_margin_closing_fee": ("none", "bankruptcy", "entry"),
    "maintenance_margin_price": ("mark", "entry"),
    "maintenance_fee": (
        "none",
        "additive_taker",
        "multiplicative_taker",
        "liquidation_fee",
    ),
    "added_margin_fee_scaling": ("no", "yes"),
    "tier_price": ("liquidation", "entry", "mark"),
    "tier_boundary": ("upper_inclusive", "upper_exclusive"),
    "trigger_price": ("mark", "index", "last"),
    "trigger_comparison": ("at_or_below", "below"),
    "margin_ratio_form": (
        "maintenance_over_equity",
        "equity_over_maintenance",
        "equity_over_notional",
    ),
    "funding_source": ("isolated_margin", "free_balance_then_isolated"),
    "leverage_decrease_with_position": (
        "pulls_margin",
        "rejected",
        "resets_margin",
        "keeps_margin",
    ),
    "leverage_increase_with_position": (
        "releases_margin",
        "keeps_margin",
        "resets_margin",
        "rejected",
    ),
    "margin_mode_change_with_position": ("rejected", "allowed"),
    "margin_mode_change_with_orders": ("rejected", "allowed"),
    "removable_margin": (
        "above_initial",
        "added_only",
        "above_initial_and_floor",
        "none",
    ),
    "auto_add_margin": ("none", "initial_margin", "available"),
    "reduce_release": ("proportional", "none"),
    "liquidation_process": ("full", "tier_step_down"),
    "liquidation_leftover": ("insurance_fund", "trader"),
    "negative_balance": ("absorbed", "debt"),
    "return_basis": ("entry_initial_margin", "mark_initial_margin", "isolated_margin"),
}

_REMOVABLE_MARGIN_FLOOR = Decimal("0.1")
_NOT_CHOICES = ("removable_margin_floor", "rounding")
_SIDES = ("long", "short")
_WHERE = "profile"


@dataclass(frozen=True)
class Rounding:
    """How a reported quantity is rounded.

    Attributes:
        quantum: the step its value is a multiple of; None is the instrument's tick.
        mode: a name of `ROUNDING_MODES`, or "any": any value within the quantum is
            permitted, so the exact one is reported.
    """

    quantum: Decimal | None
    mode: str


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The choices of one venue's product, each a word of `CHOICES`.

    Attributes:
        removable_margin_floor: rate of the notional value that must stay allocated
            where `removable_margin` is above_initial_and_floor.
        rounding: by quantity and side, how a reported value is rounded.
    """

    initial_margin_price: str
    initial_margin_closing_fee: str
    maintenance_margin_price: str
    maintenance_fee: str
    added_margin_fee_scaling: str
    tier_price: str
    tier_boundary: str
    trigger_price: str
    trigger_comparison: str
    margin_ratio_form: str
    funding_source: str
    leverage_decrease_with_position: str
    leverage_increase_with_position: str
    margin_mode_change_with_position: str
    margin_mode_change_with_orders: str
    removable_margin: str
    auto_add_margin: str
    reduce_release: str
    liquidation_process: str
    liquidation_leftover: str
    negative_balance: str
    return_basis: str
    removable_margin_floor: Decimal
    rounding: Mapping[tuple[str, str], Rounding]


def profile_from(parameters: Mapping[str, Any]) -> Profile:
    """Return the profile that parameters describe; absent ones are the textbook's.

    Raises:
        InvalidInput: for a parameter, or a value of one, that does not exist.
    """
    for name in parameters:
        choice(name, (*CHOICES, *_NOT_CHOICES), f"{_WHERE} parameter")
    floor = optional_number(parameters, "removable_margin_floor", _WHERE)
    return Profile(
        removable_margin_floor=_REMOVABLE_MARGIN_FLOOR if floor is None else floor,
        rounding=_roundings(parameters.get("rounding") or {}),
        **{
            name: choice(parameters.get(name, values[0]), values, f"{_WHERE}.{name}")
            for name, values in CHOICES.items()
        },
    )


def _roundings(source: Mapping[str, Any]) -> Mapping[tuple[str, str], Rounding]:
    return {
        (quantity, side): _rounding(
            {**spec, **spec.get(side, {})}, f"{_WHERE}.rounding.{quantity}"
        )
        for quantity, spec in source.items()
        for side in _SIDES
    }


def _rounding(source: Mapping[str, Any], where: str) -> Rounding:
    mode = choice(
        required(source, "mode", where), (*ROUNDING_MODES, "any"), f"{where}.mode"
    )
    if source.get("quantum") == "tick":
        return Rounding(None, mode)
    return Rounding(positive(source, "quantum", where), mode)
