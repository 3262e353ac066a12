"""What the core has that texts must tell about, and claims may have become."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from isomargin.errors import RulebookError
from isomargin.rulebook.model import Rulebook
from isomargin.text import check, ledger
from isomargin.text.catalogue import load_catalogues
from isomargin.text.ledger import Ledger, load_ledger

__all__ = ["kinds_of", "subjects_of", "targets_of", "text_problems"]

# Words that reports and derivations use and no file of the core lists.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "side": ("long", "short", "buy", "sell"),
    "margin_mode": ("isolated", "cross"),
    "position_mode": ("one_way", "hedge"),
    "contract": ("linear", "inverse", "quanto"),
    "liquidity": ("maker", "taker"),
    "outcome": ("accepted", "rejected"),
    "verdict": (
        "passed",
        "failed",
        "errored",
        "unsupported",
        "skipped",
        "unjudged",
    ),
    "judgement": ("exact", "rounded", "float", "off", "not_observed", "not_judged"),
    "rule_kind": ("definition", "transition", "law"),
    "level": ("must", "should", "may"),
    "origin": ("published", "hand", "derived"),
}


def text_problems(spec: Path, rulebook: Rulebook) -> list[RulebookError]:
    """Return every problem of the texts and of the ledger of sources.

    Args:
        spec: the rulebook's folder.
        rulebook: what was read from it.

    Raises:
        RulebookError: a file cannot be read at all.
    """
    book = load_ledger(spec)
    catalogues = load_catalogues(spec, kinds_of(rulebook))
    return [
        *ledger.problems(book, targets_of(rulebook)),
        *check.problems(catalogues, subjects_of(rulebook, book)),
    ]


def kinds_of(rulebook: Rulebook) -> dict[str, str]:
    """Return the kind of each quantity of the vocabulary, by name."""
    return {name: quantity.kind for (_, name), quantity in rulebook.quantities.items()}


def subjects_of(rulebook: Rulebook, book: Ledger) -> check.Subjects:
    """Return what the texts must tell about."""
    examples = {name: case for name, case in rulebook.cases.items() if case.is_example}
    labels = {
        f"labels/{section}/{name}"
        for section, names in _labels(rulebook).items()
        for name in names
    }
    told: dict[str, Iterable[str]] = {
        "rules": rulebook.rules,
        "examples": examples,
        "claims": [claim["id"] for claim in book.claims.data["claims"]],
        "discrepancies": [x["id"] for x in book.discrepancies.data["discrepancies"]],
    }
    keys = {f"{room}/{name}" for room, names in told.items() for name in names}
    return check.Subjects(
        keys=frozenset(keys | labels),
        examples={name: case.core for name, case in examples.items()},
    )


def targets_of(rulebook: Rulebook) -> dict[str, frozenset[str]]:
    """Return what a claim of the sources may have become, by sort."""
    return {
        "rule": frozenset(rulebook.rules),
        "example": frozenset(
            x for x, case in rulebook.cases.items() if case.is_example
        ),
        "term": frozenset(name for _, name in rulebook.quantities),
        "parameter": frozenset(rulebook.parameters),
    }


def _labels(rulebook: Rulebook) -> dict[str, Any]:
    machine = rulebook.machine
    parts = [part for then in machine.then.values() for part in then]
    parts += [part for trigger in machine.triggers for part in trigger.then]
    return {
        **_WORDS,
        "quantity": [name for _, name in rulebook.quantities],
        "kind": [quantity.kind for quantity in rulebook.quantities.values()],
        "action": machine.required,
        "procedure": [part.procedure for part in parts],
        "trigger": [trigger.name for trigger in machine.triggers],
        "bucket": machine.buckets,
        "reason": machine.reasons,
        "event": machine.events,
        "unreproduced": [
            record.why
            for profile in rulebook.profiles.values()
            for record in profile.unreproduced
        ],
        "parameter": rulebook.parameters,
        "parameter_value": [
            f"{parameter}.{value}"
            for parameter, values in rulebook.parameters.items()
            if isinstance(values, list)
            for value in values
        ],
    }
