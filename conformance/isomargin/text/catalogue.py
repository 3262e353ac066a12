"""The texts of one language, by the id of what they tell about.

    spec/text/<language>/labels.yaml        words: quantities, actions, reasons, …
                         rules.yaml         rule id: title, statement, rationale
                         examples.yaml      example id: title, story
                         claims.yaml        claim id: statement
                         discrepancies.yaml discrepancy id: question, a field a reading
                         messages.yaml      what the command says
                         glossary.yaml      words read, and words never written
                         source_digests.yaml  what each translation was made from

There is no fallback between languages: a text that is missing is a fault, found by
`isomargin.text.check` before anybody reads.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isomargin.errors import RulebookError
from isomargin.rulebook.strict_yaml import Document
from isomargin.text.figures import Figure, figure_at, view_of
from isomargin.text.files import checked_document
from isomargin.text.numbers import NumberForm, load_number_forms, written
from isomargin.text.placeholders import Placeholder, parse

__all__ = [
    "LANGUAGE_OF_RECORD",
    "Catalogue",
    "ExampleText",
    "RuleText",
    "Unit",
    "load_catalogue",
    "load_catalogues",
]

LANGUAGE_OF_RECORD = "en"

# File: how many keys lead to a unit.
_DEPTHS = {
    "labels": 2,
    "rules": 1,
    "examples": 1,
    "claims": 1,
    "discrepancies": 1,
    "messages": 1,
}


@dataclass(frozen=True)
class Unit:
    """What one language says about one thing.

    Attributes:
        key: file, section and id: `rules/…`, `labels/quantity/…`.
        fields: templates by the name of what they say: title, statement, …
        path: the keys that lead to the unit in its file.
    """

    key: str
    fields: Mapping[str, str]
    path: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The first twelve hexadecimal digits of the SHA-256 of the unit's texts."""
        text = "\n".join(f"{name}: {text}" for name, text in self.fields.items())
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class RuleText:
    """A rule in words."""

    title: str
    statement: str
    rationale: str


@dataclass(frozen=True)
class ExampleText:
    """An example in words."""

    title: str
    story: str


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The texts of one language.

    Attributes:
        language: BCP 47 tag.
        form: how the language writes numbers.
        units: everything it says, by key.
        documents: the files read, by name: labels, rules, …, glossary.
        source_digests: the digest of the unit of record each unit was made from.
        glossary: by label key: words also read, and words to avoid.
        kinds: the kind of each quantity, for figures.
    """

    language: str
    form: NumberForm
    units: Mapping[str, Unit]
    documents: Mapping[str, Document] = field(default_factory=dict)
    source_digests: Mapping[str, str] = field(default_factory=dict)
    glossary: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

    def label(self, section: str, name: str) -> str:
        """Return the word for `name`: a quantity, an action, a reason."""
        return self._field(f"labels/{section}/{name}", "label")

    def definition(self, quantity: str) -> str:
        """Return what a quantity is, in a sentence."""
        return self._field(f"labels/quantity/{quantity}", "definition")

    def rule(self, rule_id: str) -> RuleText:
        """Return a rule's title, statement and rationale."""
        key = f"rules/{rule_id}"
        names = ("title", "statement", "rationale")
        return RuleText(*(self._field(key, name) for name in names))

    def example(self, example_id: str, core: Mapping[str, Any]) -> ExampleText:
        """Return an example's title and story, with the figures of its core."""
        key = f"examples/{example_id}"
        texts = (parse(self._field(key, name)) for name in ("title", "story"))
        return ExampleText(
            *(text.filled(lambda place: self._shown(place, core)) for text in texts)
        )

    def claim(self, claim_id: str) -> str:
        """Return what a claim of the sources states."""
        return self._field(f"claims/{claim_id}", "statement")

    def message(self, message_id: str, **figures: Figure | str) -> str:
        """Return a sentence of the command's.

        Args:
            message_id: its id.
            figures: what its placeholders stand for; a string is shown as it is.

        Raises:
            RulebookError: the sentence names a figure that was not given.
        """
        template = parse(self._field(f"messages/{message_id}", "text"))
        return template.filled(lambda place: self._given(place, figures))

    def shown(self, figure: Figure, view: str | None = None) -> str:
        """Return a figure as the language writes it, in a view of its kind."""
        view = view_of(figure, Placeholder((figure.field,), view))
        if view == "label":
            return self._word(figure)
        if figure.kind == "name":
            return figure.value
        return written(figure.value, self.form, view, asset=figure.asset)

    def _shown(self, place: Placeholder, core: Mapping[str, Any]) -> str:
        return self.shown(figure_at(core, place.path, self.kinds), place.view)

    def _given(self, place: Placeholder, figures: Mapping[str, Figure | str]) -> str:
        name = ".".join(place.path)
        if name not in figures:
            raise RulebookError(f"no figure was given for {place}")
        figure = figures[name]
        return figure if isinstance(figure, str) else self.shown(figure, place.view)

    def _word(self, figure: Figure) -> str:
        section = {"do": "action", "position_side": "side"}.get(figure.field)
        return self.label(section or figure.field, figure.value)

    def _field(self, key: str, name: str) -> str:
        unit = self.units.get(key)
        if unit is None or name not in unit.fields:
            room = key.partition("/")[0]
            raise RulebookError(
                f"no {name} of {key} in {self.language}",
                None,
                f"write it in spec/text/{self.language}/{room}.yaml",
            )
        return unit.fields[name]


def load_catalogues(spec: Path, kinds: Mapping[str, str]) -> dict[str, Catalogue]:
    """Return the catalogue of every language under `spec/text`, by language.

    Args:
        spec: the rulebook's folder.
        kinds: the kind of each quantity of the vocabulary.

    Raises:
        RulebookError: a file is wrong.
    """
    folders = sorted(path for path in (spec / "text").iterdir() if path.is_dir())
    return {path.name: load_catalogue(spec, path.name, kinds) for path in folders}


def load_catalogue(spec: Path, language: str, kinds: Mapping[str, str]) -> Catalogue:
    """Return the catalogue of one language.

    Args:
        spec: the rulebook's folder.
        language: BCP 47 tag, the name of a folder of `spec/text`.
        kinds: the kind of each quantity of the vocabulary.

    Raises:
        RulebookError: a file is wrong, or the language is not there.
    """
    forms = load_number_forms(spec / "number_forms.yaml")
    documents = _documents(spec, language)
    if language not in forms or not documents:
        raise RulebookError(
            f"no texts in the language {language!r}", str(spec / "text")
        )
    return Catalogue(
        language=language,
        form=forms[language],
        units={x.key: x for name in _DEPTHS for x in _units(name, documents)},
        documents=documents,
        source_digests=_data(documents, "source_digests"),
        glossary=_data(documents, "glossary"),
        kinds=kinds,
    )


def _documents(spec: Path, language: str) -> dict[str, Document]:
    folder = spec / "text" / language
    names = (*_DEPTHS, "glossary", "source_digests")
    paths = {name: folder / f"{name}.yaml" for name in names}
    return {
        name: checked_document(path, spec=spec, schema="text", sort=name)
        for name, path in paths.items()
        if path.exists()
    }


def _data(documents: Mapping[str, Document], name: str) -> dict[str, Any]:
    return dict(documents[name].data) if name in documents else {}


def _units(name: str, documents: Mapping[str, Document]) -> list[Unit]:
    found: list[tuple[tuple[str, ...], Any]] = [((), _data(documents, name))]
    for _ in range(_DEPTHS[name]):
        found = [((*path, key), value[key]) for path, value in found for key in value]
    return [Unit("/".join((name, *path)), fields, path) for path, fields in found]
