"""A profile: the choices in which venues differ, typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from isomargin_reference.inputs import (
    choice,
    optional_number,
    optional_positive,
    positive,
    required,
)
from isomargin_reference.numbers import ROUNDING_MODES

__all__ = ["CHOICES", "Profile", "Rounding", "profile_from"]

# Every parameter with the values it may take; the first is the textbook's.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "initial_margin_price": ("entry", "mark", "mark_in_cross"),
    "initial_margin_closing_fee": ("none", "bankruptcy", "entry", "entry_and_margin"),
    "maintenance_margin_price": ("mark", "entry"),
    "maintenance_fee": (
        "none",
        "additive_taker",
        "multiplicative_taker",
        "liquidation_fee",
        "reserved",
    ),
    "maintenance_rate_form": ("rate", "share_of_initial_margin"),
    "maintenance_funding": ("none", "predicted"),
    "bankruptcy_fee": ("none", "reserved", "taker"),
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
        "above_initial_at_mark",
        "none",
    ),
    "auto_add_margin": ("none", "initial_margin", "available"),
    "reduce_release": ("proportional", "none"),
    "liquidation_process": ("full", "tier_step_down"),
    "liquidation_leftover": ("insurance_fund", "trader"),
    "negative_balance": ("absorbed", "debt"),
    "return_basis": ("entry_initial_margin", "mark_initial_margin", "isolated_margin"),
    "liquidation_price_form": (
        "solved",
        "maintenance_held",
        "maintenance_held_in_cross",
    ),
    "liquidation_price_shift": (
        "none",
        "one_tick_inward",
        "one_tick_inward_in_isolated",
    ),
    "unrealised_pnl_price": ("entry", "settlement"),
    "contract_value_rounding": ("none", "per_contract", "per_contract_and_price"),
    "funding_price": ("mark", "index"),
    "isolation": ("position", "subaccount", "none"),
}

_TEXTBOOK = {name: values[0] for name, values in CHOICES.items()}
_REMOVABLE_MARGIN_FLOOR = Decimal("0.1")
_CONTRACT_VALUE_QUANTUM = Decimal("0.00000001")
_NOT_CHOICES = ("removable_margin_floor", "contract_value_quantum", "rounding")
_SIDES = ("long", "short")
_WHERE = "profile"


@dataclass(frozen=True)
class Rounding:
    """How a reported quantity is rounded.

    Attributes:
        quantum: the step its value is a multiple of; None is the instrument's tick.
        mode: a name of `ROUNDING_MODES`, or "any": any value within the quantum is
            permitted, so the exact one is reported.
        highest: the highest value that is shown, also of what does not exist; None
            where there is no such.
    """

    quantum: Decimal | None
    mode: str
    highest: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The choices of one venue's product, each a word of `CHOICES`.

    Attributes:
        isolation: whether a position, or a whole account of one market, or nothing
            stands alone.
        removable_margin_floor: rate of the notional value that must stay allocated
            where `removable_margin` is above_initial_and_floor.
        contract_value_quantum: what the value of one contract is rounded to, settle
            asset; None where `contract_value_rounding` is none.
        rounding: by quantity and side, how a reported value is rounded.
    """

    initial_margin_price: str
    initial_margin_closing_fee: str
    maintenance_margin_price: str
    maintenance_fee: str
    maintenance_rate_form: str
    maintenance_funding: str
    bankruptcy_fee: str
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
    liquidation_price_form: str
    liquidation_price_shift: str
    unrealised_pnl_price: str
    contract_value_rounding: str
    funding_price: str
    isolation: str
    removable_margin_floor: Decimal
    contract_value_quantum: Decimal | None
    rounding: Mapping[tuple[str, str], Rounding]


def profile_from(parameters: Mapping[str, Any]) -> Profile:
    """Return the profile that parameters describe; absent ones are the textbook's.

    Raises:
        InvalidInput: for a parameter, or a value of one, that does not exist.
    """
    names = (*CHOICES, *_NOT_CHOICES)
    given = {choice(name, names, f"{_WHERE} parameter") for name in parameters}
    chosen = {
        name: choice(parameters[name], CHOICES[name], f"{_WHERE}.{name}")
        for name in given.difference(_NOT_CHOICES)
    }
    floor = optional_number(parameters, "removable_margin_floor", _WHERE)
    return Profile(
        removable_margin_floor=_REMOVABLE_MARGIN_FLOOR if floor is None else floor,
        contract_value_quantum=_contract_value_quantum(parameters),
        rounding=_roundings(parameters.get("rounding") or {}),
        **{**_TEXTBOOK, **chosen},
    )


def _contract_value_quantum(parameters: Mapping[str, Any]) -> Decimal | None:
    given = optional_positive(parameters, "contract_value_quantum", _WHERE)
    if parameters.get("contract_value_rounding", "none") == "none":
        return None
    return given or _CONTRACT_VALUE_QUANTUM


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
    highest = optional_positive(source, "highest", where)
    if source.get("quantum") == "tick":
        return Rounding(None, mode, highest)
    return Rounding(positive(source, "quantum", where), mode, highest)
