"""Reading the rulebook: every file strictly, every expression parsed, one digest."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from isomargin.errors import RulebookError
from isomargin.expression import Expression, parse
from isomargin.rulebook.files import case_files, digest_of, rulebook_files
from isomargin.rulebook.model import (
    Case,
    Choice,
    Definition,
    Event,
    Law,
    Machine,
    Move,
    Part,
    Profile,
    Quantity,
    Rulebook,
    Transition,
    Trigger,
    Unreproduced,
)
from isomargin.rulebook.places import Places
from isomargin.rulebook.schema import check
from isomargin.rulebook.strict_yaml import Document, load_document

__all__ = ["load", "load_cases"]

Lines = Mapping[tuple[str | int, ...], int]


def load(places: Places) -> Rulebook:
    """Read the rulebook and the cases.

    Raises:
        RulebookError: the first fault found, with its file and line.
    """
    return _Reader(places).rulebook()


def load_cases(places: Places, files: Iterable[Path]) -> list[Case]:
    """Read case files that are not the project's own.

    Raises:
        RulebookError: a file is wrong.
    """
    reader = _Reader(places)
    instruments = reader.instruments()
    return [case for file in files for case in reader.cases_of(file, instruments)]


class _Reader:
    """Turns the files of a rulebook into its model."""

    def __init__(self, places: Places) -> None:
        self.places = places

    def document(self, path: Path, schema: str | None = None) -> Document:
        document = load_document(path, name=self.places.named(path))
        if schema:
            check(document, self.places.spec / "schema", schema)
        return document

    def file(self, name: str, schema: str) -> Document:
        return self.document(self.places.spec / f"{name}.yaml", schema)

    def rulebook(self) -> Rulebook:
        places = self.places
        rules = [rule for path in self.families() for rule in self.rules_of(path)]
        _once((rule.id, rule.where) for rule in rules)
        cases = list(self.cases())
        _once((case.id, case.where) for case in cases)
        profiles = [self.profile(path) for path in self.under("profiles")]
        claims = self.places.spec / "sources" / "claims.yaml"
        return Rulebook(
            quantities=self.quantities(),
            parameters=self.file("parameters", "parameters").data,
            machine=self.machine(),
            definitions=tuple(rule for rule in rules if isinstance(rule, Definition)),
            transitions=tuple(rule for rule in rules if isinstance(rule, Transition)),
            laws=tuple(rule for rule in rules if isinstance(rule, Law)),
            profiles={profile.id: profile for profile in profiles},
            citations=self.file("citations", "citations").data,
            claims=self.claims(claims),
            cases={case.id: case for case in cases},
            digest=digest_of(rulebook_files(places), places.spec),
            cases_digest=digest_of(case_files(places), places.cases),
        )

    def under(self, folder: str) -> list[Path]:
        return sorted((self.places.spec / folder).rglob("*.yaml"))

    def families(self) -> list[Path]:
        """Return the files of rules, in the order the machine gives them."""
        document = self.file("machine", "machine")
        named = [
            self.places.spec / "rules" / f"{name}.yaml"
            for name in document.data["families"]
        ]
        for path in sorted({*named} ^ {*self.under("rules")}):
            what = "the families and the files of rules/ differ"
            raise RulebookError(f"{what}: {path.stem}", document.where("families"))
        return named

    def claims(self, path: Path) -> dict[str, Any]:
        if not path.exists():
            return {}
        return {claim["id"]: claim for claim in self.document(path).data["claims"]}

    def quantities(self) -> dict[tuple[str, str], Quantity]:
        data = self.file("quantities", "quantities").data
        return {
            (group, name): Quantity(
                name,
                group,
                entry["kind"],
                entry["unit"],
                "held" in entry,
                "exact" in entry,
            )
            for group, entries in data.items()
            for name, entry in entries.items()
        }

    def machine(self) -> Machine:
        document = self.file("machine", "machine")
        data, actions = document.data, document.data["actions"]
        parts = {
            name: self.parts(document, ("actions", name), action.get("then", ()))
            for name, action in actions.items()
        }
        return Machine(
            required={name: tuple(one["arguments"]) for name, one in actions.items()},
            optional={
                name: tuple(one.get("optional", ())) for name, one in actions.items()
            },
            each_position=frozenset(
                name for name, one in actions.items() if "each_position" in one
            ),
            then={name: then for name, then in parts.items() if then},
            triggers=tuple(
                Trigger(
                    one["name"],
                    parse(one["when"], document.where("triggers", index, "when")),
                    self.parts(document, ("triggers", index), one.get("then", ())),
                )
                for index, one in enumerate(data["triggers"])
            ),
            buckets=tuple(data["buckets"]),
            reasons={name: one.get("needs") for name, one in data["reasons"].items()},
            events={name: one["decisive"] for name, one in data["events"].items()},
        )

    def parts(
        self, document: Document, path: tuple[str | int, ...], parts: Iterable[Any]
    ) -> tuple[Part, ...]:
        return tuple(
            Part(
                part["procedure"],
                part["position"],
                parse(part["when"], document.where(*path, "then", index, "when")),
                {
                    name: parse(
                        text, document.where(*path, "then", index, "with", name)
                    )
                    for name, text in part["with"].items()
                },
            )
            for index, part in enumerate(parts)
        )

    def rules_of(self, path: Path) -> Iterator[Any]:
        document = self.document(path, "rules")
        for index, entry in enumerate(document.data):
            yield _Entry(document, index, entry, path.stem).rule()

    def profile(self, path: Path) -> Profile:
        document = self.document(path, "profile")
        choices = {
            name: Choice(
                choice["value"],
                tuple(choice.get("claims", ())),
                tuple(choice.get("citations", ())),
                "assumed" in choice,
                "unknown" in choice,
            )
            for name, choice in document.data["parameters"].items()
        }
        data = document.data
        return Profile(
            data["id"],
            data["contract"],
            data["effective_from"],
            choices,
            document.where(),
            tuple(map(_unreproduced, data.get("unreproduced", ()))),
        )

    def instruments(self) -> Mapping[str, Any]:
        data: dict[str, Any] = self.file("instruments", "instruments").data
        return data

    def cases(self) -> Iterator[Case]:
        instruments = self.instruments()
        for path in (*self.under("examples"), *map(Path, case_files(self.places))):
            yield from self.cases_of(path, instruments)

    def cases_of(self, path: Path, instruments: Mapping[str, Any]) -> Iterator[Case]:
        document = self.document(path, "case")
        data = document.data
        if "cases" not in data:
            entry = _filled(data, instruments, document, ())
            yield self.case(path, document.where(), document.lines, entry)
            return
        lines = _lines_of_entries(document)
        for index, listed in enumerate(data["cases"]):
            at = ("cases", index)
            entry = _filled(listed, instruments, document, at)
            yield self.case(path, document.where(*at), lines[index], entry)

    def case(self, path: Path, where: str, lines: Lines, entry: Any) -> Case:
        return Case(
            id=entry["id"],
            family=path.parent.name,
            is_example=path.is_relative_to(self.places.spec),
            profile=entry["profile"],
            overrides=entry.get("parameters", {}),
            rules=tuple(entry["rules"]),
            claims=tuple(entry.get("claims", ())),
            why=entry["why"],
            origin=entry["origin"],
            core={key: entry[key] for key in _CORE if key in entry}
            | {"citations": entry.get("citations", [])},
            where=where,
            lines=lines,
        )


def _lines_of_entries(document: Document) -> Mapping[str | int, Lines]:
    """Return the lines inside each entry of a file of cases, by its index."""
    found: dict[str | int, dict[tuple[str | int, ...], int]] = defaultdict(dict)
    for path, line in document.lines.items():
        if len(path) > 1:
            found[path[1]][path[2:]] = line
    return found


def _unreproduced(entry: Mapping[str, Any]) -> Unreproduced:
    return Unreproduced(**{**entry, "citations": tuple(entry["citations"])})


_CORE = (
    "given",
    "steps",
    "quote",
    "figures",
    "working",
    "discrepancy",
    "printed",
    "note",
    "alike",
)


def _once(ids: Iterable[tuple[str, str]]) -> None:
    seen: dict[str, str] = {}
    for name, where in ids:
        if name in seen:
            raise RulebookError(f"duplicate id {name!r}, first at {seen[name]}", where)
        seen[name] = where


# An engine is asked about tiers in every message, also where nothing is required.
_NO_TIERS = [{"notional_floor": "0", "maintenance_margin_rate": "0"}]


def _filled(
    entry: Any,
    instruments: Mapping[str, Any],
    document: Document,
    at: tuple[str | int, ...],
) -> Any:
    """Return a case with the instruments it names written out."""

    def found(name: Any, *path: str | int) -> Any:
        if not isinstance(name, str):
            return name if "tiers" in name else {**name, "tiers": _NO_TIERS}
        if name not in instruments:
            where = document.where(*at, *path)
            raise RulebookError(
                f"unknown instrument {name!r}", where, "see instruments.yaml"
            )
        return instruments[name]

    if "quote" not in entry:
        listed = [
            found(name, "given", "instruments", index)
            for index, name in enumerate(entry["given"]["instruments"])
        ]
        return {**entry, "given": {**entry["given"], "instruments": listed}}
    quote = {**entry["quote"]}
    quote["instrument"] = found(quote["instrument"], "quote", "instrument")
    if "cross_positions" in quote:
        quote["cross_positions"] = [
            {**one, "instrument": found(one["instrument"], "quote", "cross_positions")}
            if "instrument" in one
            else one
            for one in quote["cross_positions"]
        ]
    return {**entry, "quote": quote}


class _Entry:
    """One entry of a file of rules."""

    def __init__(self, document: Document, index: int, entry: Any, family: str) -> None:
        self.document = document
        self.index = index
        self.entry = entry
        self.head: dict[str, Any] = {
            "id": entry["id"],
            "family": family,
            "level": entry["level"],
            "claims": tuple(entry.get("claims", ())),
            "citations": tuple(entry.get("citations", ())),
            "where": document.where(index),
        }

    def rule(self) -> Definition | Transition | Law:
        rule: Definition | Transition | Law = getattr(self, self.entry["kind"])()
        return rule

    def parsed(self, *path: str | int) -> Expression | None:
        text: Any = self.entry
        for part in path:
            if isinstance(text, dict) and part not in text:
                return None
            text = text[part]
        return parse(text, self.document.where(self.index, *path))

    def needed(self, *path: str | int) -> Expression:
        expression = self.parsed(*path)
        if expression is None:
            raise RulebookError(f"missing {path[-1]}", self.document.where(self.index))
        return expression

    def mapping(self, key: str) -> dict[str, Expression]:
        return {name: self.needed(key, name) for name in self.entry.get(key, ())}

    def listed(self, key: str) -> tuple[str, ...]:
        value = self.entry.get(key, ())
        return (value,) if isinstance(value, str) else tuple(value)

    def definition(self) -> Definition:
        return Definition(
            **self.head,
            defines=self.entry["defines"],
            parameters=self.entry.get("of"),
            when=self.parsed("when"),
            formula=self.needed("formula"),
            solves=self.entry.get("solves"),
        )

    def transition(self) -> Transition:
        moves = tuple(
            Move(
                one["from"],
                one["to"],
                self.needed("moves", index, "amount"),
                self.event("moves", index),
            )
            for index, one in enumerate(self.entry.get("moves", ()))
        )
        return Transition(
            **self.head,
            actions=self.listed("action"),
            trigger=self.entry.get("trigger"),
            stage=self.entry.get("stage", "before"),
            when=self.parsed("when"),
            outcome=self.entry["outcome"],
            reason=self.entry.get("reason"),
            moves=moves,
            sets=self.mapping("sets"),
            settings=self.mapping("settings"),
            account=self.mapping("account"),
            event=self.event(),
        )

    def event(self, *holder: str | int) -> Event | None:
        """Return what the rule, or a part of it, reports: a name, or with details."""
        at: Any = self.entry
        for key in holder:
            at = at[key]
        event = at.get("event")
        if event is None or isinstance(event, str):
            return Event(event, {}) if event else None
        figures = {
            name: self.needed(*holder, "event", name)
            for name in event
            if name not in {"name", "of"}
        }
        return Event(event["name"], figures, of=event.get("of"))

    def law(self) -> Law:
        return Law(
            **self.head,
            after=self.listed("after"),
            when=self.parsed("when"),
            holds=self.needed("holds"),
        )
