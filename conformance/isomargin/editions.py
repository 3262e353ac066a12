"""Which edition of a profile was in force on a day: `bybit/linear@2024-06-01`."""

import re

from isomargin.errors import UsageError
from isomargin.rulebook.model import Profile, Rulebook

__all__ = ["edition", "editions_of", "product_of"]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SEE = "see: isomargin list profiles"


def product_of(name: str) -> str:
    """Return the product of a profile's name, without the day of an edition."""
    return name.partition("@")[0]


def editions_of(product: str, rulebook: Rulebook) -> list[Profile]:
    """Return every edition of a product, the oldest first."""
    every = rulebook.profiles.values()
    found = [profile for profile in every if product_of(profile.id) == product]
    return sorted(found, key=lambda profile: profile.effective_from)


def edition(name: str, rulebook: Rulebook) -> Profile:
    """Return the edition that a name means.

    Args:
        name: a profile's id, or a product and a day, `product@day`, for the edition
            in force on that day.
        rulebook: the rulebook.

    Raises:
        UsageError: there is no such product, the day is none, or no edition is as old
            as that.
    """
    if name in rulebook.profiles:
        return rulebook.profiles[name]
    product, _, day = name.partition("@")
    known = editions_of(product, rulebook)
    if not known or not day:
        raise UsageError(f"there is no profile {name!r}", "profile", _SEE)
    if not _DAY.fullmatch(day):
        remedy = f"write it as {known[0].effective_from}"
        raise UsageError(f"{day!r} is no day", "profile", remedy)
    in_force = [profile for profile in known if profile.effective_from <= day]
    if not in_force:
        oldest = known[0]
        what = f"there is no edition of {product} as old as {day}"
        remedy = f"the oldest is of {oldest.effective_from}"
        raise UsageError(what, "profile", remedy)
    return in_force[-1]
