"""One thing of the rulebook, told in full: its text, its core, what it rests on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import yaml

from isomargin.expression import Expression, written
from isomargin.profile_sentences import profile_sentences
from isomargin.rulebook.model import Case, Event, Profile, Quantity, Rule, Rulebook
from isomargin.text import Catalogue

__all__ = ["DESCRIBED", "Description"]

Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Description:
    """What there is to tell of one thing.

    Attributes:
        heading: its id and what it is called.
        data: all of it, for programs.
        paragraphs: its text.
        tables: its fields; each a list of names and values.
        core: what stands in its file, as YAML.
    """

    heading: str
    data: Mapping[str, Any]
    paragraphs: list[str] = field(default_factory=list)
    tables: list[Rows] = field(default_factory=list)
    core: str = ""


def _rule(rule: Rule, rulebook: Rulebook, catalogue: Catalogue) -> Description:
    text = catalogue.rule(rule.id)
    core = _core_of_rule(rule)
    cases = [case.id for case in rulebook.cases.values() if rule.id in case.rules]
    data = {
        "id": rule.id,
        "title": text.title,
        "statement": text.statement,
        "rationale": text.rationale,
        **core,
        "claims": {name: catalogue.claim(name) for name in rule.claims},
        "citations": {name: rulebook.citations.get(name) for name in rule.citations},
        "cases": cases,
        "where": rule.where,
    }
    return Description(
        f"{rule.id}: {text.title}",
        data,
        [text.statement, text.rationale],
        [_rows(core), [*_rests_on(rule, rulebook, catalogue), *_listed("case", cases)]],
    )


def _core_of_rule(rule: Rule) -> dict[str, Any]:
    """Return what a rule says besides its texts and sources, in ordinary notation."""
    apart = {"id", "claims", "citations", "where"}
    fields = {
        name: _plain(value) for name, value in vars(rule).items() if name not in apart
    }
    return {
        name: value for name, value in fields.items() if value not in (None, [], {})
    }


def _plain(value: Any) -> Any:
    """Return a part of a rule as data, every expression in ordinary notation."""
    if isinstance(value, Expression):
        return written(value)
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Event):
        return _event(value)
    return value if isinstance(value, str | None) else _plain(vars(value))


def _event(event: Event) -> Any:
    """Return what is reported as rules write it: a name, or name and details."""
    of = {"of": event.of} if event.of else {}
    details = {**of, **_plain(event.figures)}
    return {"name": event.name, **details} if details else event.name


def _rows(fields: Mapping[str, Any]) -> Rows:
    """Return fields as rows, what lies inside one named with dots."""
    rows: Rows = []
    for name, value in fields.items():
        if isinstance(value, Mapping):
            rows += _rows({f"{name}.{key}": part for key, part in value.items()})
        elif isinstance(value, list) and any(
            isinstance(part, Mapping) for part in value
        ):
            rows += [(name, _in_words(part)) for part in value]
        elif isinstance(value, list):
            rows.append((name, ", ".join(map(str, value))))
        else:
            rows.append((name, "" if value is None else str(value)))
    return rows


def _in_words(part: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {_in_brackets(value)}" for name, value in part.items() if value
    )


def _in_brackets(value: Any) -> str:
    return f"({_in_words(value)})" if isinstance(value, Mapping) else str(value)


def _rests_on(rule: Any, rulebook: Rulebook, catalogue: Catalogue) -> Rows:
    claims = [(f"claim {name}", catalogue.claim(name)) for name in rule.claims]
    return claims + _cited(getattr(rule, "citations", ()), rulebook)


def _cited(names: Iterable[str], rulebook: Rulebook) -> Rows:
    rows: Rows = []
    for name in names:
        page = rulebook.citations.get(name, {})
        hand = "official" if page.get("official") else "second-hand"
        seen = f"{hand}, seen {page.get('seen')}"
        said = f"{page.get('title', name)}, {seen}: {page.get('url')}"
        rows.append((f"page {name}", said))
    return rows


def _listed(name: str, values: Iterable[str]) -> Rows:
    return [(name, value) for value in values]


def _case(case: Case, rulebook: Rulebook, catalogue: Catalogue) -> Description:
    told = f"examples/{case.id}" in catalogue.units
    text = catalogue.example(case.id, case.core) if told else None
    fields = {
        "profile": case.profile,
        "parameters": dict(case.overrides),
        "rules": list(case.rules),
        "why": case.why,
        "origin": case.origin,
        "where": case.where,
    }
    data = {
        "id": case.id,
        "title": text.title if text else None,
        "story": text.story if text else None,
        **fields,
        "claims": {name: catalogue.claim(name) for name in case.claims},
        "core": case.core,
    }
    return Description(
        f"{case.id}: {text.title}" if text else case.id,
        data,
        [text.story] if text else [],
        [
            _rows({name: value for name, value in fields.items() if value}),
            _rests_on(case, rulebook, catalogue)
            + _cited(case.core.get("citations", ()), rulebook),
        ],
        _yaml({key: part for key, part in case.core.items() if part}),
    )


def _yaml(data: Mapping[str, Any]) -> str:
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": 78}
    text: str = yaml.safe_dump(dict(data), default_flow_style=None, **options)
    return text


def _profile(profile: Profile, rulebook: Rulebook, catalogue: Catalogue) -> Description:
    choices = {
        name: {
            "value": choice.value,
            "claims": list(choice.claims),
            "citations": list(choice.citations),
            "assumed": choice.assumed,
            "unknown": choice.unknown,
        }
        for name, choice in profile.choices.items()
    }
    fields = {
        "contract": profile.contract,
        "effective_from": profile.effective_from,
        "where": profile.where,
    }
    sentences = list(profile_sentences(profile, rulebook, catalogue))
    cited = [choice.citations for choice in profile.choices.values()]
    cited += [record.citations for record in profile.unreproduced]
    pages = {name for names in cited for name in names}
    data = {
        "id": profile.id,
        **fields,
        "parameters": choices,
        "unreproduced": [asdict(record) for record in profile.unreproduced],
        "sentences": sentences,
    }
    return Description(
        profile.id,
        data,
        sentences,
        [_rows(fields), _cited(sorted(pages), rulebook)],
    )


def _quantity(
    quantity: Quantity, rulebook: Rulebook, catalogue: Catalogue
) -> Description:
    rules = [rule.id for rule in rulebook.definitions if rule.defines == quantity.name]
    fields = {"of": quantity.of, "kind": quantity.kind, "unit": quantity.unit}
    label = catalogue.label("quantity", quantity.name)
    definition = catalogue.definition(quantity.name)
    data = {
        "id": quantity.name,
        "label": label,
        "definition": definition,
        **fields,
        "held": quantity.held,
        "rules": rules,
    }
    return Description(
        f"{quantity.name}: {label}",
        data,
        [definition],
        [_rows(fields) + _listed("defined by", rules)],
    )


def _claim(claim: Mapping[str, Any], _: Rulebook, catalogue: Catalogue) -> Description:
    statement = catalogue.claim(claim["id"])
    became = [
        (kind, str(name)) for one in claim["becomes"] for kind, name in one.items()
    ]
    return Description(
        claim["id"],
        {**claim, "statement": statement},
        [statement],
        [[("stated in", ", ".join(claim["stated_in"])), *became]],
    )


DESCRIBED: Mapping[str, Callable[[Any, Rulebook, Catalogue], Description]] = {
    "cases": _case,
    "rules": _rule,
    "profiles": _profile,
    "quantities": _quantity,
    "claims": _claim,
}
