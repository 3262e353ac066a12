"""The corpus of faults: what each is, which rules it breaks, what it costs a user."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isomargin.errors import RulebookError
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import Places
from isomargin.rulebook.strict_yaml import load_file

__all__ = ["ADAPTER", "CONTROL", "REACH", "Corpus", "Fault", "read_corpus"]

ADAPTER = "faulty"
"""The adapter whose argument is a fault's name."""

CONTROL = "control"
"""The name of the engine that is written differently and has no fault."""

REACH = "reach"
"""The name of the engine that answers which faults a question reaches."""

_LANGUAGES = ("en", "nb")
_FIELDS = {"name", "rules", "cost", "seen", "equivalent"}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault that an engine can have.

    Attributes:
        name: its name.
        rules: ids of the rules it breaks.
        cost: by language, what it does to a user.
        seen: addresses of public pages where an engine had it.
        equivalent: why no case can tell it from no fault; None where one can.
    """

    name: str
    rules: tuple[str, ...]
    cost: Mapping[str, str]
    seen: tuple[str, ...] = ()
    equivalent: str | None = None


Corpus = Mapping[str, Fault]
"""Name to fault, in the order of the file."""


def read_corpus(places: Places, rulebook: Rulebook) -> Corpus:
    """Return the corpus of faults.

    Raises:
        RulebookError: the file of faults is not what it should be; the first thing
            wrong with it.
    """
    path = places.adapters / ADAPTER / "faults.yaml"
    where = places.named(path)
    entries = load_file(path)
    if not isinstance(entries, list):
        raise RulebookError("the faults are no list", where, "write one")
    for problem in _problems(entries, rulebook, where):
        raise problem
    return {entry["name"]: _fault(entry) for entry in entries}


def _fault(entry: Mapping[str, Any]) -> Fault:
    return Fault(
        name=entry["name"],
        rules=tuple(entry["rules"]),
        cost=entry["cost"],
        seen=tuple(entry.get("seen", ())),
        equivalent=entry.get("equivalent"),
    )


def _problems(
    entries: list[Any], rulebook: Rulebook, where: str
) -> Iterator[RulebookError]:
    seen: set[str] = set()
    for index, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            yield RulebookError(f"fault {index} has no name", where, "give it one")
            continue
        name = entry["name"]
        if name in seen:
            yield RulebookError(f"two faults are called {name}", where, "rename one")
        seen.add(name)
        yield from _faulty_fields(entry, rulebook, where)


def _faulty_fields(
    entry: Mapping[str, Any], rulebook: Rulebook, where: str
) -> Iterator[RulebookError]:
    name = entry["name"]
    for field in sorted(entry.keys() - _FIELDS):
        what, remedy = f"{name}: unknown field {field}", _listed(_FIELDS)
        yield RulebookError(what, where, remedy)
    rules = entry.get("rules")
    if not rules or not isinstance(rules, list):
        yield RulebookError(f"{name}: no rules", where, "name those it breaks")
        return
    for rule in (rule for rule in rules if rule not in rulebook.rules):
        what = f"{name}: there is no rule {rule}"
        yield RulebookError(what, where, "see: isomargin list rules")
    cost = entry.get("cost")
    if not isinstance(cost, dict) or set(cost) != set(_LANGUAGES):
        what = f"{name}: the cost is not told in {' and '.join(_LANGUAGES)}"
        yield RulebookError(what, where, "tell it in each")


def _listed(names: set[str]) -> str:
    return f"use one of {', '.join(sorted(names))}"
