"""What there is to say of how a venue tells of a position."""  # noqa: INP001 - beside a program

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Figure", "Venue"]


@dataclass(frozen=True)
class Figure:
    """A figure that a venue reports.

    Attributes:
        quantity: what the rulebook calls it.
        field: what the venue calls it.
        parameters: choices that the venue documents of this one field, where they are
            other than its profile's.
        none: what stands there when the figure does not exist.
    """

    quantity: str
    field: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    none: tuple[str, ...] = ()


@dataclass(frozen=True)
class Venue:
    """How a venue tells of a position.

    Attributes:
        profile: the venue's folder among the profiles.
        given: what a position is worked out from: the rulebook's name to the field.
        reported: the figures that are judged.
        unified: whether fields are those of ccxt's own form and not the venue's.
        wallet: the fields of an asset's balance: rulebook's name to the field.
        assets: the field of the answer that lists the assets, and that of their names.
        refusals: what a refusal's code means, by the rulebook's reasons.
        markets: what ccxt calls the kind of markets to load, "contract" where it is
            linear or inverse; all of them where it is empty.
        tiers: what else the venue's tiers are asked for with.
        tiers_by_quantity: whether tiers are bounded by contracts and not by value.
    """

    profile: str
    given: Mapping[str, str]
    reported: tuple[Figure, ...]
    unified: bool = False
    wallet: Mapping[str, str] = field(default_factory=dict)
    assets: tuple[tuple[str, ...], str] = ((), "")
    refusals: Mapping[str, str] = field(default_factory=dict)
    markets: str = ""
    tiers: Mapping[str, str] = field(default_factory=dict)
    tiers_by_quantity: bool = False
