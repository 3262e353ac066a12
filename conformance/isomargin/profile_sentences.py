"""A profile told in sentences, made from its values and what each rests on."""

from collections.abc import Iterator, Mapping
from typing import Any

from isomargin.rulebook.model import Choice, Profile, Rulebook
from isomargin.text import Catalogue, Figure

__all__ = ["choice_label", "profile_sentences"]


def profile_sentences(
    profile: Profile, rulebook: Rulebook, catalogue: Catalogue
) -> Iterator[str]:
    """Yield a sentence for each choice of a profile, and what the choice rests on.

    Args:
        profile: the profile.
        rulebook: knows the pages that are cited.
        catalogue: the texts of a language.
    """
    since = {"profile": profile.id, "date": profile.effective_from}
    yield catalogue.message("profile.since", **since)
    for name, choice in profile.choices.items():
        unit = catalogue.units[f"labels/parameter/{name}"]
        yield catalogue.message(
            "profile.choice",
            question=unit.fields["definition"].rstrip("."),
            choice=choice_label(name, choice.value, catalogue),
            basis=_basis(choice, rulebook, catalogue),
        )


def choice_label(parameter: str, value: Any, catalogue: Catalogue) -> str:
    """Return what a value of a parameter is called in a language."""
    unit = catalogue.units.get(f"labels/parameter_value/{parameter}.{value}")
    if unit:
        return unit.fields["label"]
    if isinstance(value, Mapping):
        rounded = [_rounding(name, rule, catalogue) for name, rule in value.items()]
        return "; ".join(rounded) or catalogue.message("profile.not_rounded")
    return catalogue.shown(Figure(kind="count", value=str(value), field=parameter))


def _rounding(name: str, rule: Mapping[str, Any], catalogue: Catalogue) -> str:
    tick = rule["quantum"] == "tick"
    step = catalogue.message("rounding.tick") if tick else rule["quantum"]
    told = catalogue.message(
        "rounding.rounded",
        quantity=catalogue.label("quantity", name),
        step=step,
        mode=catalogue.message(f"rounding.{rule['mode']}"),
    )
    if "short" not in rule:
        return told
    mode = catalogue.message(f"rounding.{rule['short']['mode']}")
    return f"{told}, {catalogue.message('rounding.short', mode=mode)}"


def _basis(choice: Choice, rulebook: Rulebook, catalogue: Catalogue) -> str:
    if choice.unknown:
        return catalogue.message("profile.unknown")
    if choice.assumed:
        return catalogue.message("profile.assumed")
    pages = [_page(name, rulebook, catalogue) for name in choice.citations]
    sources = "; ".join([*choice.claims, *pages])
    return catalogue.message("profile.rests_on", sources=sources)


def _page(name: str, rulebook: Rulebook, catalogue: Catalogue) -> str:
    page = rulebook.citations[name]
    hand = "official" if page["official"] else "second_hand"
    return catalogue.message(
        f"profile.page_{hand}", title=page["title"], url=page["url"]
    )
