"""A profile told in sentences, made from its values and what each rests on."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from isomargin.rulebook.model import Choice, Profile, Rulebook, Unreproduced
from isomargin.text import Catalogue, Figure

__all__ = [
    "choice_label",
    "choice_of",
    "not_known",
    "nothing_seen",
    "profile_sentences",
]


def profile_sentences(
    profile: Profile, rulebook: Rulebook, catalogue: Catalogue
) -> Iterator[str]:
    """Yield a sentence for each choice of a profile, and what the choice rests on.

    After the choices come the recorded positions whose figures it does not give.

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
            choice=_chosen(name, choice, catalogue),
            basis=_basis(choice, rulebook, catalogue),
        )
    for record in profile.unreproduced:
        yield _not_reproduced(record, rulebook, catalogue)


def not_known(catalogue: Catalogue) -> str:
    """Return what stands in place of what a profile says nothing of."""
    return catalogue.message("figure.not_known")


def nothing_seen(choices: Iterable[str], catalogue: Catalogue) -> str:
    """Return why a figure is not known: nothing was seen of these choices."""
    names = ", ".join(catalogue.label("parameter", name) for name in choices)
    return catalogue.message("compare.not_known", parameters=names)


def choice_of(profile: Profile, parameter: str, catalogue: Catalogue) -> str:
    """Return what a profile's value of a parameter is called; not known, where so."""
    return _chosen(parameter, profile.choices[parameter], catalogue)


def _chosen(parameter: str, choice: Choice, catalogue: Catalogue) -> str:
    if choice.unknown:
        return not_known(catalogue)
    return choice_label(parameter, choice.value, catalogue)


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
        mode=_mode(rule, catalogue),
    )
    if "short" not in rule:
        return told
    mode = _mode(rule["short"], catalogue)
    return f"{told}, {catalogue.message('rounding.short', mode=mode)}"


def _mode(rule: Mapping[str, Any], catalogue: Catalogue) -> str:
    mode = catalogue.message(f"rounding.{rule['mode']}")
    if "highest" not in rule:
        return mode
    highest = catalogue.shown(
        Figure(kind="price", value=rule["highest"], field="highest")
    )
    return f"{mode}, {catalogue.message('rounding.highest', highest=highest)}"


def _basis(choice: Choice, rulebook: Rulebook, catalogue: Catalogue) -> str:
    if choice.unknown:
        return catalogue.message("profile.unknown")
    if choice.assumed:
        return catalogue.message("profile.assumed")
    pages = [_page(name, rulebook, catalogue) for name in choice.citations]
    sources = "; ".join([*choice.claims, *pages])
    return catalogue.message("profile.rests_on", sources=sources)


def _not_reproduced(
    record: Unreproduced, rulebook: Rulebook, catalogue: Catalogue
) -> str:
    printed = [
        f"{catalogue.label('quantity', name)} {_price(name, value, catalogue)}"
        for name, value in record.printed.items()
    ]
    pages = [_page(name, rulebook, catalogue) for name in record.citations]
    return catalogue.message(
        "profile.unreproduced",
        printed=", ".join(printed),
        margin_mode=catalogue.label("margin_mode", record.margin_mode),
        side=catalogue.label("side", record.side),
        symbol=record.symbol,
        entry_price=_price("entry_price", record.entry_price, catalogue),
        why=catalogue.label("unreproduced", record.why),
        sources="; ".join(pages),
    )


def _price(name: str, value: str, catalogue: Catalogue) -> str:
    kind = catalogue.kinds[name]
    return catalogue.shown(Figure(kind=kind, value=value, field=name))


def _page(name: str, rulebook: Rulebook, catalogue: Catalogue) -> str:
    page = rulebook.citations[name]
    hand = "official" if page["official"] else "second_hand"
    return catalogue.message(
        f"profile.page_{hand}", title=page["title"], url=page["url"]
    )
