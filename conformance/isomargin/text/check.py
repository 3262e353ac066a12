"""What is wrong with the texts: each problem one error, with its file and line.

The core decides what must be told and which figures there are; English is the
language of record; a translation says the same, made from the English that stands
there now.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from isomargin.errors import RulebookError
from isomargin.text.catalogue import LANGUAGE_OF_RECORD, Catalogue, Unit
from isomargin.text.figures import figure_at, view_of
from isomargin.text.numbers import UnreadableNumberError
from isomargin.text.placeholders import (
    Template,
    bidi_controls,
    digits_outside,
    parse,
)

__all__ = ["Subjects", "problems"]

# Letters of inflection that a word to avoid may carry and still be that word.
_INFLECTION = r"\w{0,3}\b"


@dataclass(frozen=True, kw_only=True)
class Subjects:
    """What the core has that texts must tell about.

    Attributes:
        keys: the key of every unit there must be, save those of messages.
        examples: each example's core, by id.
    """

    keys: frozenset[str]
    examples: Mapping[str, Mapping[str, Any]]


def problems(
    catalogues: Mapping[str, Catalogue], subjects: Subjects
) -> list[RulebookError]:
    """Return every problem of the texts, language by language.

    Args:
        catalogues: the catalogues by language, the language of record among them.
        subjects: what the core has to tell about.
    """
    record = catalogues[LANGUAGE_OF_RECORD]
    found = [*_against_core(record, subjects)]
    for language, catalogue in catalogues.items():
        if language != LANGUAGE_OF_RECORD:
            found += _against_record(catalogue, record)
        for unit in catalogue.units.values():
            found += _of_unit(unit, catalogue, subjects)
        found += _of_glossary(catalogue)
    return found


def _against_core(record: Catalogue, subjects: Subjects) -> Iterator[RulebookError]:
    for key in sorted(subjects.keys - record.units.keys()):
        yield _missing(record, key)
    for key, unit in record.units.items():
        if key not in subjects.keys and not key.startswith("messages/"):
            yield RulebookError(
                f"{key} tells about nothing in the rulebook",
                _where(record, unit),
                "remove it, or correct its id",
            )


def _against_record(catalogue: Catalogue, record: Catalogue) -> Iterator[RulebookError]:
    for key in sorted(record.units.keys() - catalogue.units.keys()):
        yield _missing(catalogue, key)
    for key, unit in catalogue.units.items():
        if key in record.units:
            yield from _translation(unit, record.units[key], catalogue)
        else:
            yield RulebookError(
                f"{key} is not in {record.language}",
                _where(catalogue, unit),
                "remove it, or correct its id",
            )


def _translation(
    unit: Unit, original: Unit, catalogue: Catalogue
) -> Iterator[RulebookError]:
    for name in sorted(original.fields.keys() ^ unit.fields.keys()):
        yield RulebookError(
            f"{unit.key} has {name} in only one of en and {catalogue.language}",
            _where(catalogue, unit),
            "write it in both or in neither",
        )
    for name in (name for name in unit.fields if name in original.fields):
        yield from _same_figures(unit, original, name, catalogue)
    yield from _freshness(unit, original, catalogue)


def _same_figures(
    unit: Unit, original: Unit, name: str, catalogue: Catalogue
) -> Iterator[RulebookError]:
    theirs, ours = (_figures(x.fields[name]) for x in (original, unit))
    for path in sorted((theirs - ours).keys()):
        yield RulebookError(
            f"{unit.key} lacks the figure {{{path}}} that en has",
            _where(catalogue, unit, name),
            "say it, or take it out of en",
        )
    for path in sorted((ours - theirs).keys()):
        yield RulebookError(
            f"{unit.key} has the figure {{{path}}} that en lacks",
            _where(catalogue, unit, name),
            "take it out, or say it in en",
        )


def _freshness(
    unit: Unit, original: Unit, catalogue: Catalogue
) -> Iterator[RulebookError]:
    stamped = catalogue.source_digests.get(unit.key)
    if stamped == original.digest:
        return
    yield RulebookError(
        f"{unit.key} is stale: en has changed since it was made"
        if stamped
        else f"{unit.key} does not say which en it was made from",
        _where(catalogue, unit),
        f"compare it with en, then: "
        f"python -m isomargin.text.stamp {catalogue.language} {unit.key}",
    )


def _of_unit(
    unit: Unit, catalogue: Catalogue, subjects: Subjects
) -> Iterator[RulebookError]:
    for name, text in unit.fields.items():
        where = _where(catalogue, unit, name)
        for control in bidi_controls(text):
            yield RulebookError(f"a hidden {control}", where, "take it out")
        for form, because in _avoided(catalogue):
            if re.search(rf"\b{re.escape(form)}{_INFLECTION}", text, re.IGNORECASE):
                yield RulebookError(f"{form!r} is not written here: {because}", where)
        try:
            template = parse(text)
        except RulebookError as error:
            yield replace(error, where=where)
            continue
        yield from _of_template(template, where, unit, catalogue, subjects)


def _of_template(
    template: Template,
    where: str,
    unit: Unit,
    catalogue: Catalogue,
    subjects: Subjects,
) -> Iterator[RulebookError]:
    digits = digits_outside(template)
    if digits:
        yield RulebookError(
            f"{digits!r} stands outside a placeholder",
            where,
            "name the figure by its path in the core",
        )
    room, _, name = unit.key.partition("/")
    if room == "examples":
        yield from _figures_of(template, where, subjects.examples.get(name), catalogue)
    elif room != "messages" and template.placeholders:
        yield RulebookError(
            f"{template.placeholders[0]} in a text without figures",
            where,
            "only examples and messages have figures",
        )


def _figures_of(
    template: Template,
    where: str,
    core: Mapping[str, Any] | None,
    catalogue: Catalogue,
) -> Iterator[RulebookError]:
    for placeholder in template.placeholders if core else ():
        try:
            figure = figure_at(core or {}, placeholder.path, catalogue.kinds)
            view = view_of(figure, placeholder)
            catalogue.shown(figure, view)
        except RulebookError as error:
            yield replace(error, where=where)
        except UnreadableNumberError as error:
            yield RulebookError(f"{placeholder}: {error}", where)


def _of_glossary(catalogue: Catalogue) -> Iterator[RulebookError]:
    for key in catalogue.glossary:
        if f"labels/{key}" not in catalogue.units:
            yield RulebookError(
                f"the glossary has {key}, which has no label",
                catalogue.documents["glossary"].where(key),
                "write it section/name as in labels.yaml",
            )


def _avoided(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    for term in catalogue.glossary.values():
        for entry in term.get("avoid", []):
            yield entry["form"], entry["because"]


def _figures(text: str) -> Counter[str]:
    try:
        return Counter(".".join(place.path) for place in parse(text).placeholders)
    except RulebookError:
        # A text that is no template is a problem of its own.
        return Counter()


def _missing(catalogue: Catalogue, key: str) -> RulebookError:
    room = key.partition("/")[0]
    document = catalogue.documents.get(room)
    where = document.path if document else f"spec/text/{catalogue.language}/{room}.yaml"
    return RulebookError(f"{key} is missing", where, "write it")


def _where(catalogue: Catalogue, unit: Unit, *path: str) -> str:
    return catalogue.documents[unit.key.partition("/")[0]].where(*unit.path, *path)
