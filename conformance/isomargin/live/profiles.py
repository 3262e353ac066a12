"""Which profile an exchange's positions are judged by."""

from isomargin.editions import edition, editions_of, product_of
from isomargin.errors import UsageError
from isomargin.rulebook.model import Profile, Rulebook

__all__ = ["profile_for"]


def profile_for(
    rulebook: Rulebook, *, venue: str, contract: str, day: str, named: str | None = None
) -> Profile:
    """Return the profile that positions at a venue are judged by.

    Args:
        rulebook: the rulebook.
        venue: the folder that the venue's profiles lie in.
        contract: linear or inverse.
        day: the day whose edition it is to be.
        named: a profile, or a product and a day, that a person names instead.

    Raises:
        UsageError: there is none, or none of that name.
    """
    if named:
        return edition(named, rulebook)
    products = [
        product_of(profile.id)
        for profile in rulebook.profiles.values()
        if profile.id.partition("/")[0] == venue and profile.contract == contract
    ]
    if not products:
        what = f"there is no profile of {contract} contracts at {venue}"
        remedy = "name the one to judge by; see: isomargin list profiles"
        raise UsageError(what, "--profile", remedy)
    oldest, *_ = editions_of(products[0], rulebook)
    return edition(f"{products[0]}@{max(day, oldest.effective_from)}", rulebook)
