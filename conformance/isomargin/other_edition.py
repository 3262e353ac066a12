"""Whether another edition of a profile gives the figures that this one does not."""

from dataclasses import dataclass, replace
from typing import Any

from isomargin.derive import Derivation, derive, expectations, found
from isomargin.editions import editions_of, product_of
from isomargin.formulas.numbers import NotCanonical, exact
from isomargin.formulas.world import Rules
from isomargin.rulebook.model import Case, Profile
from isomargin.text import Catalogue

__all__ = ["OtherEdition", "edition_sentence", "other_edition", "rests_on_a_choice"]


@dataclass(frozen=True)
class OtherEdition:
    """The edition that a case's figures are really of.

    Attributes:
        profile: the edition.
        moved: ids of the rules that a choice of the edition brings in and that do not
            act here.
    """

    profile: Profile
    moved: tuple[str, ...]


def other_edition(case: Case, rules: Rules) -> OtherEdition | None:
    """Return the newest other edition whose rules give all that a case expects.

    Args:
        case: a case, such as a recorded position, judged by one edition.
        rules: the rulebook's formulas.

    Returns:
        The edition; None where the case's own gives the figures, or no other does.

    Raises:
        RulebookError: the case cannot be worked out.
    """
    here = derive(case, rules)
    if _gives(case, here):
        return None
    for profile in reversed(editions_of(product_of(case.profile), rules.rulebook)):
        there = derive(replace(case, profile=profile.id), rules)
        if _gives(case, there):
            new = [rule for rule in there.rules if rule not in here.rules]
            moved = [rule for rule in new if rests_on_a_choice(rule, rules)]
            return OtherEdition(profile, tuple(moved))
    return None


def edition_sentence(edition: OtherEdition, catalogue: Catalogue) -> str:
    """Return in words which edition the figures are of, and which rules moved."""
    titles = [f"{catalogue.rule(rule).title} ({rule})" for rule in edition.moved]
    return catalogue.message(
        "edition.fits",
        profile=edition.profile.id,
        date=edition.profile.effective_from,
        rules="; ".join(titles),
    )


def rests_on_a_choice(rule_id: str, rules: Rules) -> bool:
    """Say whether a rule applies by a choice of the profile."""
    when = getattr(rules.rulebook.rules[rule_id], "when", None)
    return when is not None and "profile." in when.source


def _gives(case: Case, derivation: Derivation) -> bool:
    """Say whether a derivation comes to everything that a case expects."""
    return all(
        _same(one.expected, found(one, derivation.answer)) for one in expectations(case)
    )


def _same(expected: Any, value: Any) -> bool:
    if not isinstance(expected, str) or not isinstance(value, str):
        return bool(expected == value)
    try:
        return exact(expected) == exact(value)
    except NotCanonical:
        return expected == value
