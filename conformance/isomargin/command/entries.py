"""What `list` and `show` tell of: cases, rules, profiles, quantities and claims."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isomargin.rulebook.model import (
    Case,
    Definition,
    Law,
    Profile,
    Quantity,
    Rule,
    Rulebook,
    Transition,
)
from isomargin.text import Catalogue

__all__ = ["KINDS", "Listing", "entries_of", "named"]

_KIND_OF_RULE: Mapping[type[Rule], str] = {
    Definition: "definition",
    Transition: "transition",
    Law: "law",
}


@dataclass(frozen=True)
class Listing:
    """How one kind of thing is listed.

    Attributes:
        headings: the columns.
        entries: id to what is listed of it, a value a column and any others.
    """

    headings: tuple[str, ...]
    entries: Callable[[Rulebook, Catalogue], Iterator[dict[str, Any]]]


def entries_of(
    kind: str, rulebook: Rulebook, catalogue: Catalogue
) -> list[dict[str, Any]]:
    """Return what there is of a kind, each as an object with its `id`."""
    return list(KINDS[kind].entries(rulebook, catalogue))


def named(identity: str, rulebook: Rulebook) -> Iterator[tuple[str, Any]]:
    """Yield everything that has an id, each with the kind it is of."""
    for kind, things in _things(rulebook).items():
        if identity in things:
            yield kind, things[identity]


def _things(rulebook: Rulebook) -> dict[str, Mapping[str, Any]]:
    """Return everything there is, by kind and id."""
    return {
        "cases": rulebook.cases,
        "rules": rulebook.rules,
        "profiles": rulebook.profiles,
        "quantities": {name: one for (_, name), one in rulebook.quantities.items()},
        "claims": rulebook.claims,
    }


def _text(catalogue: Catalogue, key: str, field: str) -> str:
    # A rulebook still being written may lack a text: `check` says so, this does not.
    unit = catalogue.units.get(key)
    return unit.fields.get(field, "") if unit else ""


def _cases(rulebook: Rulebook, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for case in rulebook.cases.values():
        yield {
            "id": case.id,
            "profile": case.profile,
            "form": "quote" if case.is_quote else "scenario",
            "title": _title(case, catalogue) or case.why,
            "family": case.family,
            "example": case.is_example,
            "origin": case.origin,
            "rules": list(case.rules),
            "claims": list(case.claims),
            "why": case.why,
        }


def _title(case: Case, catalogue: Catalogue) -> str:
    if f"examples/{case.id}" not in catalogue.units:
        return ""
    return catalogue.example(case.id, case.core).title


def _rules(rulebook: Rulebook, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for rule in rulebook.rules.values():
        yield {
            "id": rule.id,
            "kind": _KIND_OF_RULE[type(rule)],
            "level": rule.level,
            "title": _text(catalogue, f"rules/{rule.id}", "title"),
            "family": rule.family,
            "claims": list(rule.claims),
            "citations": list(rule.citations),
        }


def _profiles(rulebook: Rulebook, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for profile in rulebook.profiles.values():
        yield {
            "id": profile.id,
            "contract": catalogue.label("contract", profile.contract),
            "effective_from": profile.effective_from,
            "basis": _basis(profile),
        }


def _basis(profile: Profile) -> str:
    """Say how many of a profile's choices rest on something published."""
    choices = profile.choices.values()
    assumed = sum(choice.assumed for choice in choices)
    return f"{len(choices) - assumed} of {len(choices)} choices rest on a source"


def _quantities(rulebook: Rulebook, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for (_, name), quantity in rulebook.quantities.items():
        yield {
            "id": name,
            "of": quantity.of,
            "kind": quantity.kind,
            "label": _text(catalogue, f"labels/quantity/{name}", "label"),
            "unit": quantity.unit,
            "held": _is_held(quantity),
        }


def _is_held(quantity: Quantity) -> bool:
    return quantity.held or quantity.of == "argument"


def _claims(rulebook: Rulebook, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for identity, claim in rulebook.claims.items():
        yield {
            "id": identity,
            "statement": _text(catalogue, f"claims/{identity}", "statement"),
            "stated_in": claim.get("stated_in", []),
            "becomes": claim.get("becomes", []),
        }


KINDS: Mapping[str, Listing] = {
    "cases": Listing(("id", "profile", "title"), _cases),
    "rules": Listing(("id", "kind", "title"), _rules),
    "profiles": Listing(("id", "contract", "effective_from", "basis"), _profiles),
    "quantities": Listing(("id", "of", "kind", "label"), _quantities),
    "claims": Listing(("id", "statement"), _claims),
}
